"""What is said of a policy is the same whatever was verified before it in the same process."""

from __future__ import annotations

from compiler.driver import load
from compiler.model import Model
from compiler.verify import verify, verify_on_record
from dsl.source import Source
from tests.policies import POLICIES, standards

STACKED = "jiangning/ncms_and_critical_illness.policy"
SHARED = "ningxia/overspend_sharing.policy"


def read(path: str) -> Model:
    loaded = load(Source(path, (POLICIES / path).read_text("utf-8")), standards())
    assert loaded.model is not None
    return loaded.model


def test_findings_and_questions_do_not_depend_on_what_was_verified_before() -> None:
    """With one memory of the solver for all policies, other claims were shown of this one after another."""
    alone = verify_on_record(read(SHARED))
    verify(read(STACKED))
    assert verify_on_record(read(SHARED)) == alone
    assert verify(read(SHARED)) == alone.findings
