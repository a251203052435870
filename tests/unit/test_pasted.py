"""The `example` block that comes with a flaw: pasted into the policy it is read, and says what happens now."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from compiler import driver
from compiler.commands.pasted import LONGEST_TITLE, MOST_CLAIMS, example_block
from compiler.driver import Verdict
from compiler.findings import Proved, Refuted, Witness
from dsl.catalogue import load_catalogue
from dsl.diagnostics import Severity
from dsl.source import Source
from tests.command import DRAFT, ROOT, SMALL, Capture, tierproof

POLICIES = sorted(
    [*(ROOT / "tests" / "cases").glob("*/bad/*.policy"), *(ROOT / "examples" / "drafts").glob("*.policy")]
)
FALLS = SMALL.replace("over 1,000          70%      80%", "over 1,000          100%     100%").replace(
    "pay in slices of the amount", "pay on the whole amount"
)


def checked(text: str, name: str = "a.policy") -> Verdict:
    """The verdict on a policy."""
    return driver.check(Source(name, text))


def blocks(verdict: Verdict) -> list[tuple[Refuted, str]]:
    """Every flaw that has a block, with it."""
    model = verdict.loaded.model
    if model is None:
        return []
    refuted = [finding for finding in verdict.findings if isinstance(finding, Refuted)]
    found = [(finding, example_block(model, finding, load_catalogue())) for finding in refuted]
    return [(finding, block) for finding, block in found if block is not None]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_a_pasted_block_is_read_and_says_what_happens_now(path: Path) -> None:
    text = path.read_text("utf-8")
    before = checked(text)
    found = blocks(before)
    pasted = "\n".join(block for _, block in found)
    loaded = driver.load(Source("a.policy", f"{text}\n\n{pasted}"))
    assert [one for one in loaded.diagnostics if one.severity is Severity.ERROR] == []
    assert (loaded.model is None) == (before.loaded.model is None)
    if not found or loaded.model is None or before.loaded.model is None:
        return
    read = loaded.model.examples[len(before.loaded.model.examples) :]
    assert len(read) == len(found)
    for (finding, _), example in zip(found, read, strict=True):
        for claim, witness in zip(example.claims, finding.witness.claims, strict=True):
            given = dict(claim.facts)
            assert {name: value for name, value in witness if name != "claim"} == {
                name: given[name] for name, _ in witness if name != "claim"
            }


def test_a_block_comes_out_until_the_flaw_is_mended() -> None:
    verdict = checked(FALLS)
    pasted = "\n".join(block for _, block in blocks(verdict))
    assert pasted.count("example") >= 2
    again = checked(f"{FALLS}\n\n{pasted}")
    answers = Counter(type(one) for one in again.findings if one.property.code == "TP301")
    assert answers == {Proved: pasted.count("example")}
    mended = checked(f"{SMALL}\n\n{pasted}")
    assert any(isinstance(one, Refuted) for one in mended.findings if one.property.code == "TP301")


def test_a_claim_without_a_value_says_that_somebody_must_decide() -> None:
    verdict = checked(DRAFT.read_text("utf-8"))
    gap = next(block for finding, block in blocks(verdict) if finding.property.code == "TP101")
    assert "# no value is defined for this claim: write what must be paid" in gap
    again = checked(f"{DRAFT.read_text('utf-8')}\n\n{gap}")
    (finding,) = (one for one in again.findings if one.property.subject.startswith("TP101"))
    assert isinstance(finding, Refuted) and finding.diagnostic.variant == "undefined"


def test_what_no_claim_shows_and_what_a_thousand_show_has_no_block() -> None:
    verdict = checked(FALLS)
    finding = next(one for one in verdict.findings if isinstance(one, Refuted) and one.witness.claims)
    model = verdict.loaded.model
    assert model is not None
    for number, has in ((0, False), (MOST_CLAIMS, True), (MOST_CLAIMS + 1, False)):
        claims = tuple((("claim", f"{place:04d}"), *finding.witness.claims[0][1:]) for place in range(number))
        block = example_block(model, replace(finding, witness=Witness(claims)), load_catalogue())
        assert (block is not None) == has


def test_a_title_ends_where_it_should() -> None:
    verdict = checked(FALLS)
    for finding, block in blocks(verdict):
        first = block.splitlines()[0]
        assert first.startswith(f'example "{finding.property.code}: ')
        assert first.count('"') == 2
        assert len(first) <= LONGEST_TITLE + len('example ""')


def test_json_always_has_the_block_and_text_when_there_is_room(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "falls.policy").write_text(FALLS, "utf-8")
    record = json.loads(tierproof(capsys, "check", tmp_path / "falls.policy", "--format", "json").out)
    refuted = [one for one in record["policies"][0]["findings"] if one["answer"] == "refuted"]
    assert refuted and all(one["example"].startswith("example ") for one in refuted)
    verbose = tierproof(capsys, "check", tmp_path / "falls.policy", "--verbose").out
    assert all(f"= to paste:\n{one['example']}" in verbose for one in refuted)
    assert "to paste" not in tierproof(capsys, "check", tmp_path / "falls.policy").out
