"""The verifier as a whole: what it answers about hand-built policies, and that it never answers more than it knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

import compiler.verify.prove as prove
from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import (
    Allowance,
    Allowed,
    Always,
    AmountBound,
    AmountValue,
    Capped,
    Compare,
    Constant,
    Manner,
    Model,
    NeverBelow,
    Reaches,
    Relation,
    Side,
)
from compiler.verify import verify
from compiler.verify.solve import Undecided
from compiler.verify.witness import WitnessDoesNotReplay
from dsl.catalogue import load_catalogue
from tests.models import (
    NINGXIA_ENDS,
    NINGXIA_PERCENT,
    YUAN,
    at,
    money,
    ningxia,
    over_to,
    stack,
    yearly_cap,
)
from tests.policies import model_of, one_benefit


def codes(findings: tuple[Finding, ...], kind: type[Finding]) -> Counter[str]:
    return Counter(finding.property.code for finding in findings if isinstance(finding, kind))


def refuted(findings: tuple[Finding, ...], code: str) -> list[Refuted]:
    return [finding for finding in findings if isinstance(finding, Refuted) and finding.property.code == code]


def whole_yuan() -> Model:
    """The table as it was printed: `from 6,000 to 20,000`, `from 20,001 to 50,000` ..."""
    found = over_to([end * YUAN for end in NINGXIA_ENDS], NINGXIA_PERCENT)
    first, *rest = (replace(band, lower=replace(band.lower, included=True)) for band in found)
    late = (replace(band, lower=replace(band.lower, value=Constant(band.lower.constant + YUAN, at()))) for band in rest)
    return ningxia(bands=(first, *late))


def test_the_table_of_ningxia_is_proved() -> None:
    findings = verify(ningxia())
    assert all(isinstance(finding, Proved) for finding in findings)
    methods = {finding.property.code: finding.method for finding in findings if isinstance(finding, Proved)}
    assert methods["TP101"] == "integer sweep, neighbours certified"
    assert methods["TP202"] == "layer contracts composed"


def test_the_table_as_printed_has_seven_gaps_and_nothing_else_wrong() -> None:
    findings = verify(whole_yuan())
    assert codes(findings, Refuted) == {"TP101": 7}
    first = refuted(findings, "TP101")[0]
    assert dict(first.diagnostic.params)["first"] == "20,000.01"
    assert first.diagnostic.claim == "borne 20,000.01, illness general  ->  no ratio is defined (99 amounts)"
    assert dict(first.witness.claims[0])["borne"] == 2_000_001
    assert {finding.reason for finding in findings if isinstance(finding, Unknown)} == {"waits for TP101"}


def test_a_witness_is_dated_in_force() -> None:
    first = refuted(verify(whole_yuan()), "TP101")[0]
    assert dict(first.witness.claims[0])["discharged"] == date(2013, 1, 1)


def test_a_stack_is_proved_by_the_contracts_of_its_layers() -> None:
    found = replace(stack(), requirements=(AmountBound("critical", Side.AT_MOST, Constant(30_000 * YUAN, at()), at()),))
    methods = {finding.property.code: finding for finding in verify(found) if isinstance(finding, Proved)}
    assert methods["TP302"].method == "layer contracts composed"
    assert methods["TP203"].method == "layer contracts composed"


def test_a_yearly_cap_on_single_claims_is_proved() -> None:
    limit = Constant(10_000 * YUAN, at())
    found = replace(yearly_cap(), requirements=(AmountBound("supplementary", Side.AT_MOST, limit, at(40)),))
    findings = verify(found)
    assert {finding.property.code for finding in findings if not isinstance(finding, Proved)} == {"TP205"}


def test_a_limit_that_takes_two_claims_to_pass_is_refuted_by_two() -> None:
    small = ningxia()
    facts = tuple(money("borne", 10_000 * YUAN) if fact.name == "borne" else fact for fact in small.facts)
    most = Constant(4_000 * YUAN, at())
    found = replace(small, facts=facts, requirements=(AmountBound("critical_illness", Side.AT_MOST, most, at(40)),))
    (finding,) = refuted(verify(found), "TP302")
    assert len(finding.witness.claims) == 2
    outcome = settle_all(found, [dict(claim) for claim in finding.witness.claims])[-1]
    assert isinstance(outcome, Settled) and outcome.amounts["critical_illness"] > 4_000 * YUAN


def test_the_witness_is_the_smallest() -> None:
    limit = Constant(7_000 * YUAN, at())
    found = replace(ningxia(), requirements=(AmountBound("critical_illness", Side.AT_MOST, limit, at(40)),))
    (finding,) = refuted(verify(found), "TP302")
    (claim,) = finding.witness.claims
    smaller = {**dict(claim), "borne": dict(claim)["borne"] - 1}  # type: ignore[operator]
    outcomes = settle_all(found, [dict(claim)]), settle_all(found, [smaller])
    paid = [one.amounts["critical_illness"] for (one,) in outcomes if isinstance(one, Settled)]
    assert paid == [7_000 * YUAN + 1, 7_000 * YUAN]


def test_the_better_word_both_ways() -> None:
    right = replace(ningxia(), requirements=(NeverBelow("critical_illness", "illness", "listed", "general", at(40)),))
    wrong = replace(ningxia(), requirements=(NeverBelow("critical_illness", "illness", "general", "listed", at(40)),))
    assert codes(verify(right), Proved)["TP302"] == 1
    (finding,) = refuted(verify(wrong), "TP302")
    assert dict(finding.diagnostic.params)["more"] > dict(finding.diagnostic.params)["less"]


def test_what_no_claim_reaches_is_refuted_without_a_claim() -> None:
    over = Compare(AmountValue("supplementary", at()), Relation.MORE, Constant(10_000 * YUAN, at()), at())
    up_to = replace(over, relation=Relation.EQUAL)
    found = replace(yearly_cap(), requirements=(Reaches(over, at(40)), Reaches(up_to, at(41))))
    asked = {finding.property.span.line: finding for finding in verify(found) if finding.property.code == "TP302"}
    assert isinstance(asked[40], Refuted) and asked[40].witness.claims == ()
    assert isinstance(asked[41], Proved) and "replayed" in asked[41].method


def test_a_leap_is_allowed_only_where_the_policy_says_so() -> None:
    leaping = ningxia(manner=Manner.ON_THE_WHOLE, added_up=False)
    allowed = Allowance(Allowed.OWN_SHARE_FALLS, "critical_illness", "so it was decided", at(50))
    elsewhere = replace(allowed, benefit="another")
    assert refuted(verify(leaping), "TP202")[0].allowance is None
    assert refuted(verify(replace(leaping, allowances=(allowed,))), "TP202")[0].allowance == allowed
    assert refuted(verify(replace(leaping, allowances=(elsewhere,))), "TP202")[0].allowance is None


def test_a_policy_without_any_claim_is_never_proved() -> None:
    below = money("borne", highest=5, lowest=6)
    facts = tuple(below if fact.name == "borne" else fact for fact in ningxia().facts)
    (finding,) = verify(replace(ningxia(), facts=facts))
    assert isinstance(finding, Refuted) and finding.diagnostic.key == "TP103.no_claim"


def test_in_force_for_no_day_at_all_is_never_proved() -> None:
    found = ningxia()
    assert found.in_force is not None
    backwards = replace(found.in_force, last=date(2012, 1, 1))
    (finding,) = verify(replace(found, in_force=backwards))
    assert isinstance(finding, Refuted) and finding.diagnostic.key == "TP103.no_claim"


def test_what_the_solver_leaves_open_is_unknown_and_never_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "ask", lambda *_: Undecided("too hard"))
    always = Always(Compare(AmountValue("critical_illness", at()), Relation.AT_LEAST, Constant(0, at()), at()), at(40))
    findings = verify(replace(ningxia(), requirements=(always,)))
    asked = [finding for finding in findings if finding.property.code in ("TP202", "TP203", "TP302")]
    assert asked and all(isinstance(finding, Unknown) for finding in asked)


@pytest.mark.parametrize("required", ["more at most cost", "some claim reaches more over 10"])
def test_what_is_computed_from_an_amount_with_a_gap_waits_as_the_amount_does(required: str) -> None:
    gap = one_benefit("pay in slices of the amount", "  over 0 to 10 50%", "  over 20 60%")
    findings = verify(model_of(f"{gap}amount bare = cost - b\namount more = bare + 5\nrequire\n  {required}\n"))
    (asked,) = [finding for finding in findings if finding.property.code == "TP302"]
    assert isinstance(asked, Unknown) and asked.reason == "waits for TP101"


def test_a_cap_is_called_idle_only_where_the_solver_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = model_of(one_benefit("pay 50%", "cap 1,000").replace("cost money", "cost money up to 100"))
    assert [type(finding) for finding in verify(idle) if finding.property.code == "TP204"] == [Refuted]
    monkeypatch.setattr(prove, "ask", lambda *_: Undecided("too hard"))
    assert [type(finding) for finding in verify(idle) if finding.property.code == "TP204"] == [Unknown]


def test_a_witness_that_does_not_replay_is_our_own_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def settles_something_else(model: Model, claims: object) -> tuple[object, ...]:
        return (Settled(dict.fromkeys((amount.name for amount in model.amounts), 0)),)

    monkeypatch.setattr("compiler.verify.witness.settle_all", settles_something_else)
    with pytest.raises(WitnessDoesNotReplay):
        verify(whole_yuan())


def test_a_cap_on_each_claim_of_a_year_keeps_the_contract() -> None:
    capped = stack()
    assert any(isinstance(amount.expression, Capped) for amount in capped.amounts)
    assert not refuted(verify(capped), "TP203")


def test_hundreds_of_bands_are_proved() -> None:
    ends = [6_000 * YUAN + step * 1_000 * YUAN for step in range(300)]
    percent = [(30 + step // 5, 31 + step // 5) for step in range(300)]
    assert all(isinstance(finding, Proved) for finding in verify(ningxia(bands=over_to(ends, percent))))


def test_a_word_without_a_deductible_and_a_band_without_a_ratio_are_two_flaws() -> None:
    """A claim of the word without a deductible has no value for that reason, so it shows nothing about the band."""
    model = model_of(one_benefit("deductible by ward plain 1", "pay in slices of the amount", "  over 0"))
    flaws = [one for one in verify(model) if one.property.code == "TP105" and isinstance(one, Refuted)]
    assert {dict(one.witness.claims[-1])["ward"] for one in flaws} == {"private", "plain"}


def test_one_property_has_one_answer() -> None:
    # b leaps above its base with a bill of 0.01, and never falls below 0: these are two things to say of it.
    text = one_benefit("pay 100%", "round down to 1").replace(
        "of cost", "of cost, added up per person per month by day"
    )
    answers = [finding for finding in verify(model_of(text)) if finding.property.code == "TP203"]
    assert len({finding.property for finding in answers}) == len(answers)
    assert codes(tuple(answers), Refuted) == Counter({"TP203": 1})
    said = {load_catalogue().proved("TP203", one.property.variant) for one in answers if one.property.subject == "b"}
    assert said == {"the benefit is never below 0", "the benefit is never more than what it is paid of"}
