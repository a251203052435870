"""The claims shown are as small as they go, also where the solver gives up on the way to the smallest."""

from __future__ import annotations

import pytest

import compiler.verify.witness as witness
from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Refuted
from compiler.model import Model
from compiler.verify import verify
from compiler.verify.solve import Undecided
from tests.policies import POLICIES, model_of, one_benefit

LIMITED = one_benefit("pay 80%") + "\nrequire\n  always b < 7,000 or b > 8,000\n"


@pytest.mark.parametrize("gives_up", [False, True])
def test_no_amount_of_a_witness_can_be_a_unit_lower(monkeypatch: pytest.MonkeyPatch, gives_up: bool) -> None:
    """A solver that gives up leaves the amounts where it found them; they are then lowered by computing alone."""
    if gives_up:
        monkeypatch.setattr(witness, "ask", lambda *_: Undecided("too hard"))
    model = model_of(LIMITED)
    (finding,) = (one for one in verify(model) if isinstance(one, Refuted) and one.property.code == "TP302")
    (claim,) = map(dict, finding.witness.claims)
    cost = claim["cost"]
    assert isinstance(cost, int)
    paid = [_paid(model, "b", ({**claim, "cost": each},)) for each in (cost, cost - 1)]
    assert paid == [700_000, 699_999]


def test_no_part_of_a_split_bill_can_be_a_unit_smaller() -> None:
    """Fund and overspend together are beyond the solver on the way to the smallest bill."""
    model = model_of((POLICIES / "ningxia/overspend_sharing.policy").read_text("utf-8"))
    found = [one for one in verify(model) if isinstance(one, Refuted) and one.property.code == "TP205"]
    assert {one.property.subject for one in found} == {"insurer", "agency"}
    for finding in found:
        first, second = map(dict, finding.witness.claims)
        name = finding.property.subject
        assert _leap(model, name, first, second) > 1
        for smaller in ("first", "second"):
            part = first if smaller == "first" else second
            cost = part["overspend"]
            assert isinstance(cost, int)
            less: Claim = {**part, "overspend": cost - 1}
            assert cost == 1 or _leap(model, name, *((less, second) if part is first else (first, less))) <= 1


def _leap(model: Model, name: str, first: Claim, second: Claim) -> int:
    """How far what two parts are paid is from what the whole is paid, in minor units."""
    one, other = first["overspend"], second["overspend"]
    assert isinstance(one, int) and isinstance(other, int)
    return abs(_paid(model, name, (first, second)) - _paid(model, name, ({**first, "overspend": one + other},)))


def _paid(model: Model, name: str, claims: tuple[Claim, ...]) -> int:
    outcomes = settle_all(model, claims)
    assert all(isinstance(one, Settled) for one in outcomes)
    return sum(one.amounts[name] for one in outcomes if isinstance(one, Settled))
