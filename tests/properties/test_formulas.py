"""The terms that the solver sees mean what the reference interpreter computes: of random policies, claim by claim.

Every fact and every total of a term is set to what it is in a claim, and the term is computed without solving.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import z3
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.domain import Rejection
from compiler.evaluate import (
    Claim,
    Ledger,
    Settled,
    Undefined,
    ledger_key,
    settle,
    value_of,
    with_dated_words,
)
from compiler.model import CategoryFact, CountFact, Expression, Model, MoneyFact, Schedule, totals_in, walk
from compiler.schedule import Lack, paid_parts
from compiler.verify.claims import SymbolicClaim, facts_of, has_value, settled, slopes_of
from compiler.verify.days import days_of
from compiler.verify.encode import Visit
from compiler.verify.unknown import at_value, bounds_of, has_unknown, model_at
from tests.properties.small_policies import Small, policies

CLAIMS = 6
SHARE = Fraction(1, 3)
"""How far a ratio that is not known lies between its bounds."""

TOTALS = st.integers(0, 24)


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
OFTEN = settings(max_examples=100, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))


@OFTEN
@given(policies(), st.data())
def test_a_claim_as_terms_is_settled_like_the_claim(small: Small, data: st.DataObject) -> None:
    _settle_some(small.model, data)


@OFTEN
@given(policies().filter(lambda small: bool(_tables(small.model, moving=True))), st.data())
def test_so_is_one_whose_bands_end_where_a_fact_says(small: Small, data: st.DataObject) -> None:
    _settle_some(small.model, data)


@OFTEN
@given(policies().filter(lambda small: has_unknown(small.model)), st.data())
def test_so_is_one_whose_ratio_is_not_known(small: Small, data: st.DataObject) -> None:
    """What such a band pays is a number of its own: here the ratio times the length that the terms name."""
    _settle_some(small.model, data)


def _tables(model: Model, *, moving: bool) -> list[Schedule]:
    nodes = (node for amount in model.amounts for node in walk(amount.expression))
    return [node for node in nodes if isinstance(node, Schedule) and node.constant is not moving]


def _settle_some(written: Model, data: st.DataObject) -> None:
    """A few claims after a few totals, as terms and by the interpreter."""
    model = model_at(written, SHARE)
    facts = facts_of(written, "claim", {})
    before = {total.name: z3.Int(f"before.{total.name}") for total in model.running_totals}
    terms = settled(written, "claim", facts.setting, facts.constraints, before, {}, facts.days)
    for _ in range(CLAIMS):
        claim, values = _claim(model, data)
        totals = {name: data.draw(TOTALS) for name in before}
        known = [(z3.Int(name), z3.IntVal(value)) for name, value in values.items()]
        known += [(before[name], z3.IntVal(value)) for name, value in totals.items()]
        for slope in slopes_of([terms]):
            lowest, highest = bounds_of(slope.ratio)
            paid = (lowest + SHARE * (highest - lowest)) * _exact(slope.length, known)
            known.append((slope.paid, z3.Q(paid.numerator, paid.denominator)))
        ledger = {ledger_key(total, claim): totals[total.name] for total in model.running_totals}
        _compare(model, terms, known, claim, ledger)


def _claim(model: Model, data: st.DataObject) -> tuple[Claim, dict[str, int]]:
    """A claim, and what stands for its facts in a term."""
    claim: dict[str, int | str | date | None] = {"claim": "1", "person": "A"}
    values: dict[str, int] = {}
    for fact in model.facts:
        if isinstance(fact, MoneyFact | CountFact):
            claim[fact.name] = values[f"claim.{fact.name}"] = data.draw(st.integers(fact.lowest, fact.highest))
        elif isinstance(fact, CategoryFact):
            place = data.draw(st.integers(0, len(fact.values) - 1))
            claim[fact.name], values[f"claim.{fact.name}"] = fact.values[place], place
    days = days_of(model)["discharged"]
    place = data.draw(st.integers(0, len(days) - 1))
    claim["discharged"], values["claim.discharged"] = days[place], place
    return claim, values


Known = list[tuple[z3.ArithRef, z3.ArithRef]]


def _number(term: z3.ArithRef, known: Known) -> int:
    found = z3.simplify(z3.substitute(term, *known))
    assert isinstance(found, z3.IntNumRef), found
    return int(found.as_long())


def _exact(term: z3.ArithRef, known: Known) -> Fraction:
    found = z3.simplify(z3.substitute(term, *known))
    assert isinstance(found, z3.IntNumRef | z3.RatNumRef), found
    return Fraction(found.as_fraction()) if isinstance(found, z3.RatNumRef) else Fraction(found.as_long())


def _true(term: z3.BoolRef, known: Known) -> bool:
    found = z3.simplify(z3.substitute(term, *known))
    assert z3.is_true(found) or z3.is_false(found), found
    return bool(z3.is_true(found))


def _compare(model: Model, terms: SymbolicClaim, known: Known, claim: Claim, ledger: Ledger) -> None:
    outcome, after = settle(model, claim, ledger)
    assert _true(z3.And(*terms.constraints), known) is not isinstance(outcome, Rejection)
    if isinstance(outcome, Rejection):
        return
    assert _true(has_value(terms), known) is isinstance(outcome, Settled)
    moving = [(name, visit) for name, visit in terms.visits if visit.layout is not None and _true(visit.guard, known)]
    if isinstance(outcome, Undefined):
        layouts = [visit.layout for name, visit in moving if name == outcome.amount and visit.layout is not None]
        if layouts and outcome.lack is Lack.NO_BAND:
            assert any(_true(layout.gap, known) for layout in layouts)
        if layouts and outcome.lack is Lack.TWO_BANDS:
            assert any(_true(layout.overlap, known) for layout in layouts)
        return
    assert {name: _number(terms.setting.amounts[name], known) for name in outcome.amounts} == outcome.amounts
    totals = {total.name: after[ledger_key(total, claim)] for total in model.running_totals}
    assert {name: _number(terms.after[name], known) for name in totals} == totals
    told = with_dated_words(model, claim)
    for name, visit in moving:
        if not visit.past:
            total = next((totals[one.name] for one in totals_in(model.amount(name).expression)), None)
            _compare_bands(visit, known, told, outcome.amounts, total)


def _compare_bands(visit: Visit, known: Known, claim: Claim, amounts: Mapping[str, int], total: int | None) -> None:
    """Where ends follow from the claim: what each band pays on."""
    layout = visit.layout
    assert isinstance(visit.node, Schedule) and layout is not None
    schedule = at_value(visit.node, SHARE)
    assert isinstance(schedule, Schedule)

    def value(node: Expression) -> Fraction:
        return value_of(node, claim, amounts, {}, total)

    column = tuple(str(claim[fact]) for fact in schedule.categories)
    paid = {id(part.band): part.length for part in paid_parts(schedule, column, value)}
    for place, band in enumerate(schedule.bands):
        assert Fraction(_number(layout.length(place), known), layout.denominator) == paid.get(id(band), 0)
        assert _true(layout.applies(place), known) is (id(band) in paid)
    assert not _true(layout.gap, known)
    assert not _true(layout.overlap, known)
    assert not _true(layout.gap_below, known)
