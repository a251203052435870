"""What is found by settling claims: a claim for every band of a stack, its caps, bills that show a split."""

from __future__ import annotations

import pytest

from benchmarks.tables import stack
from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from compiler.verify import verify
from compiler.verify.cap_cuts import AT_ONCE
from compiler.verify.checks import splitting, unreachable
from compiler.verify.solve import Undecided
from compiler.verify.tried import moved
from tests.policies import model_of

THREE = stack(3, 4)


def of(findings: tuple[Finding, ...], code: str, subject: str) -> list[Finding]:
    return [one for one in findings if (one.property.code, one.property.subject) == (code, subject)]


def test_every_band_and_cap_of_a_stack_is_reached_by_a_claim() -> None:
    findings = verify(model_of(THREE))
    (bands,), (most,) = of(findings, "TP103", "layer3"), of(findings, "TP204", "layer3")
    assert isinstance(bands, Proved) and bands.method == unreachable.TRIED
    assert isinstance(most, Proved) and most.method == AT_ONCE


def test_a_band_and_a_cap_that_no_claim_reaches_are_still_found() -> None:
    """The first layer leaves at most 100, so the second one's bands above it are dead, and so is its cap."""
    text = """
policy p
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money up to 1,000
benefit first
  of cost
  pay 90%
benefit second
  of left
  pay in slices of the amount
    over 0 to 100  50%
    over 100       60%
  cap 5,000
stack of cost
  first, then second
"""
    findings = verify(model_of(text))
    (dead,) = of(findings, "TP103", "second")
    (most,) = of(findings, "TP204", "second")
    assert isinstance(dead, Refuted) and dead.property.span.line == 16
    assert isinstance(most, Refuted)


def test_a_claim_is_moved_until_an_amount_lies_where_it_is_wanted() -> None:
    model = model_of(THREE)
    claims = moved(model, "layer3.base", {})
    assert claims is not None
    at = claims.with_amount("layer3.base", 123_456, 123_456)
    assert at is not None
    (outcome,) = settle_all(model, [claims.at(at)])
    assert isinstance(outcome, Settled) and outcome.amounts["layer3.base"] == 123_456
    assert claims.with_amount("layer3.base", 10**12, None) is None


def test_a_stack_of_eight_with_tables_by_three_categories_leaves_nothing_open() -> None:
    """Layers that are settled claim by claim depend on how a bill is split, and those behind them: bills show it."""
    model = model_of(stack(8, 3, 3, 2))
    findings = verify(model)
    assert not any(isinstance(finding, Unknown | NotAsked) for finding in findings)
    split = [finding for finding in findings if isinstance(finding, Refuted)]
    assert {finding.property.code for finding in split} == {"TP205"}
    for one in split:
        outcomes = settle_all(model, [dict(claim) for claim in one.witness.claims])
        paid = [each.amounts[one.property.subject] for each in outcomes if isinstance(each, Settled)]
        assert len(paid) == 2
        assert f"{sum(paid) / 100:,.2f}" == dict(one.diagnostic.params)["together"]


def test_a_split_of_a_few_units_is_found_where_the_solver_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 0.02 and 0.03 stay within the deductible of each claim; together they exceed it."""
    text = """
policy p
  currency CNY
  round half up to 0.01
claim
  cost money up to 1,000
  fund money at most cost
benefit x
  of cost
  deductible {opening}
  pay 100%
"""
    monkeypatch.setattr(splitting, "ask", lambda *_: Undecided("its effort was used up"))
    (deductible,) = of(verify(model_of(text.format(opening="0.03"))), "TP205", "x")
    assert isinstance(deductible, Refuted)
    assert [dict(claim)["cost"] for claim in deductible.witness.claims] == [2, 3]
    (nothing,) = of(verify(model_of(text.format(opening="0"))), "TP205", "x")
    assert not isinstance(nothing, Refuted)


def test_a_cap_on_what_can_be_negative_waits_until_that_is_put_right() -> None:
    """After a claim of 0 the total is below 0, and the next claim is paid for more than it cost."""
    findings = verify(
        model_of("""
policy p
  currency CNY
  round up to 0.01
claim
  person identifier
  day date
  cost money up to 1,000
benefit x
  of cost - 1, added up per person per calendar year by day
  pay 50%
  cap 100
""")
    )
    (base,) = of(findings, "TP203", "x.base")
    assert isinstance(base, Refuted)
    (cap,) = of(findings, "TP204", "x")
    assert isinstance(cap, Unknown)
    assert cap.reason == "waits for TP203"
