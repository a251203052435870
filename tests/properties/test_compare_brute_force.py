"""Two random small policies, compared by trying every claim: each range and each extreme must agree."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.compare.compare import compare
from compiler.compare.domain import ruled
from compiler.compare.ratios import at_the, same_unknown
from compiler.compare.result import ALL_BENEFITS, Comparison, Found, Part, Subject
from compiler.evaluate import Claim, Settled, settle
from compiler.model import (
    OWN_SHARE,
    Accumulated,
    Amount,
    AmountValue,
    BandRatio,
    Benefit,
    ByCategory,
    Capped,
    CategoryFact,
    Cell,
    Constant,
    CountFact,
    DateArm,
    DatedFact,
    DateFact,
    Difference,
    Expression,
    Fact,
    FactInput,
    Manner,
    Model,
    MoneyFact,
    Role,
    Smallest,
    TotalSoFar,
)
from compiler.verify.unknown import distinct_ratios, has_unknown, with_shares
from dsl.money import RoundingMode
from tests.models import (
    DISCHARGED,
    PERSON,
    at,
    deductible,
    model,
    money,
    over_to,
    rounded,
    schedule,
    total_of,
)
from tests.properties.small_policies import BOUNDS, COST, KIND, SEASONS, WORDS, YEARS, Shape, draws, layer

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
PAIRS = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "60"))


@dataclass(frozen=True, slots=True)
class Two:
    """Two policies for the same claims, which show themselves without the places of their clauses."""

    old: Model
    new: Model

    def __repr__(self) -> str:
        return "\n".join(f"{one.facts}\n{one.amounts}" for one in (self.old, self.new))


ADMITTED = DateFact("admitted", at(4))


def entries(line: date) -> DatedFact:
    """What follows from the day of admission."""
    before = DateArm("early", date(2023, 1, 1), line - timedelta(1))
    return DatedFact("entry", "admitted", (before, DateArm("late", line, None)), at(7))


@draws
def pairs(draw: st.DrawFn) -> Two:
    """Two policies of one or two layers each, drawn independently, or one of them changed in a layer.

    Now and then rules go by a day of the claim, or by two.
    """
    by_season = draw(st.integers(0, 5)) == 0
    by_fund = 0 if by_season or draw(st.integers(0, 5)) else draw(st.integers(1, 3))
    top = draw(st.sampled_from((12, 30, 90))) if not by_fund else 8
    shape = Shape(top, draw(st.booleans()) and not by_fund, by_season, by_fund, draw(st.sampled_from(YEARS)))
    facts: list[Fact] = [PERSON, DISCHARGED, money("cost", top)]
    if by_fund:
        facts.append(CountFact("fund", 0, by_fund, at(5)))
    by_entry = draw(st.integers(0, 5)) == 0
    if by_entry:
        facts.append(ADMITTED)
    if shape.by_kind:
        facts.append(KIND)
    again = draw(st.booleans())
    first = draw(layer("first", COST, False, shape))
    found: list[Model] = []
    for _ in range(2):
        amounts, benefits = first if found and again else draw(layer("first", COST, False, shape))
        if draw(st.integers(0, 2)) == 0:
            of_left = draw(st.booleans())
            left = Difference(COST, AmountValue("first", at(20)), at(20))
            more, another = draw(layer("second", left if of_left else COST, of_left, shape))
            amounts, benefits = (*amounts, *more), (*benefits, *another)
        dated: tuple[DatedFact, ...] = (SEASONS,) if by_season else ()
        if by_entry:
            amounts = draw(later_bounded(amounts, top))
            dated = (*dated, entries(draw(st.sampled_from((date(2024, 1, 1), date(2024, 7, 1))))))
        one = model(tuple(facts), amounts, COST, benefits, name="small")
        found.append(replace(one, dated=dated))
    return Two(*found)


@draws
def later_bounded(draw: st.DrawFn, amounts: tuple[Amount, ...], top: int) -> tuple[Amount, ...]:
    """Bases of which those who were admitted late have so much at most."""
    found: list[Amount] = []
    for one in amounts:
        bounded = Smallest((one.expression, Constant(draw(st.integers(0, top)), at(8))), at(8))
        cells = Cell(("early",), one.expression, at(8)), Cell(("late",), bounded, at(8))
        by_entry = ByCategory(("entry",), cells, at(8))
        found.append(replace(one, expression=by_entry) if one.role is Role.BASE else one)
    return tuple(found)


@draws
def sound_pairs(draw: st.DrawFn) -> Two:
    """Two policies without holes: bands one behind the other, a cap, any rounding, perhaps a second layer."""
    added_up, second = draw(st.booleans()), draw(st.integers(0, 2)) == 0
    of_left = draw(st.booleans())
    facts = (PERSON, DISCHARGED, money("cost", 300), KIND)
    found: list[Model] = []
    for _ in range(2):
        amounts, benefits = draw(sound_layer("first", COST, False, added_up))
        if second:
            left = Difference(COST, AmountValue("first", at(20)), at(20))
            more, another = draw(sound_layer("second", left if of_left else COST, of_left, added_up))
            amounts, benefits = (*amounts, *more), (*benefits, *another)
        found.append(model(facts, amounts, COST, benefits, name="sound"))
    return Two(*found)


@draws
def sound_layer(
    draw: st.DrawFn, name: str, of: Expression, of_left: bool, added_up: bool
) -> tuple[tuple[Amount, ...], tuple[Benefit, ...]]:
    base = AmountValue(f"{name}.base", at(10))
    ends = sorted(draw(st.sets(st.integers(0, 120), min_size=2, max_size=4)))
    percent = st.sampled_from((0, 20, 25, 50, 51, 60, 65, 80, 100))
    columns = [(draw(percent), draw(percent)) for _ in ends]
    bands = over_to(ends, columns)
    if draw(st.integers(0, 2)) == 0:
        # Two ratios of the first band are not known, each for a word of its own.
        unknown = tuple(BandRatio(None, draw(st.sampled_from(BOUNDS)), at(15)) for _ in WORDS)
        bands = (replace(bands[0], ratios=unknown), *bands[1:])
    table = schedule(
        TotalSoFar(at(10)) if added_up else base,
        bands,
        opening=deductible(ends[0]),
        manner=draw(st.sampled_from(Manner)),
        categories=("kind",),
        columns=(("a",), ("b",)),
    )
    paid: Expression = table
    if draw(st.booleans()):
        paid = Capped(paid, Constant(draw(st.integers(0, 150)), at(22)), at(22))
    # Rounding never pays more than there is, so that what is left is never below 0.
    mode = RoundingMode.DOWN if draw(st.integers(0, 1)) else draw(st.sampled_from(RoundingMode))
    paid = rounded(paid, mode, draw(st.sampled_from((1, 1, 2, 5))) if mode is RoundingMode.DOWN else 1)
    if added_up:
        paid = Accumulated(total_of(base.name), paid, at(10))
    steps = (Amount(base.name, Role.BASE, of, name, at(10)), Amount(name, Role.BENEFIT, paid, name, at(9)))
    return steps, (Benefit(name, base.name, of_left, at(9)),)


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_every_claim_compares_as_it_is_said(two: Two) -> None:
    _compared_as_said(two)


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(sound_pairs())
def test_every_claim_of_sound_policies_compares_as_it_is_said(two: Two) -> None:
    _compared_as_said(two)


@draws
def one_way_pairs(draw: st.DrawFn) -> Two:
    """The same policy twice, with one ratio or two that are not known and the others higher in the second one."""
    ratios = [draw(st.tuples(st.integers(0, 5), st.integers(0, 5))) for _ in range(3)]
    unknown = {
        place: draw(st.sampled_from(BOUNDS)) for place in draw(st.sets(st.integers(0, 2), min_size=1, max_size=2))
    }
    cap, unit = Constant(draw(st.integers(20, 90)), at(22)), draw(st.sampled_from((1, 2, 5)))
    mode, manner = draw(st.sampled_from(RoundingMode)), draw(st.sampled_from(Manner))
    found: list[Model] = []
    for higher in (0, 1):
        percent = [(10 * (low + higher * more),) for low, more in ratios]
        bands = list(over_to((5, 40, 80), percent))
        for place, bounds in unknown.items():
            bands[place] = replace(bands[place], ratios=(BandRatio(None, bounds, at(15 + place)),))
        table = schedule(AmountValue("first.base", at(10)), tuple(bands), opening=deductible(5), manner=manner)
        steps = (
            Amount("first.base", Role.BASE, COST, "first", at(10)),
            Amount("first", Role.BENEFIT, rounded(Capped(table, cap, at(22)), mode, unit), "first", at(9)),
        )
        facts = (PERSON, DISCHARGED, money("cost", 150))
        found.append(model(facts, steps, COST, (Benefit("first", "first.base", False, at(9)),), name="one_way"))
    return Two(*found)


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(one_way_pairs(), st.lists(st.fractions(0, 1, max_denominator=7), min_size=3, max_size=3))
def test_ratios_that_rise_around_unknown_ones_never_pay_less(two: Two, shares: list[Fraction]) -> None:
    found = compare(two.old, two.new)
    assert found.worse_off is not Found.SOMEBODY
    # Open is at most whether anything differs at all, which a ratio between the ends may show though neither end does.
    assert not found.open or found.better_off is not Found.SOMEBODY
    old, new = (_with_shares(one, shares) for one in (two.old, two.new))
    for claim in _claims(two.old, found.parts[0]):
        was, now = _paid(old, claim), _paid(new, claim)
        assert was is not None and now is not None and now["first"] >= was["first"]


def _with_shares(policy: Model, shares: Sequence[Fraction]) -> Model:
    """The policy with each unknown ratio so far on the way from its least to its most."""
    ratios = distinct_ratios(policy)
    return with_shares(policy, ratios, tuple(shares[: len(ratios)]))


def _compared_as_said(two: Two) -> None:
    found = compare(two.old, two.new)
    dated = [*two.old.dated, *two.new.dated]
    met = {tuple(fact.word(part.on[fact.by]) for fact in dated) for part in found.parts}
    # The rules of all days are asked about: those of each row, and of all that differ in a date.
    days = {fact.by: {arm.first for one in dated if one.by == fact.by for arm in one.arms} for fact in dated}
    for row in product(*days.values()):
        on = dict(zip(days, row, strict=True))
        together = tuple(fact.word(on[fact.by]) for fact in dated)
        assert None in together or together in met
    for part in found.parts:
        old, new = (
            ruled(one, {fact.name: fact.word(part.on[fact.by]) or "" for fact in one.dated})
            for one in (two.old, two.new)
        )
        if (old.amounts, old.benefits) == (new.amounts, new.benefits):
            # Nothing was changed, whatever a ratio that is not known may be.
            assert part.ratio == "" and not any(one.gain or one.loss or one.open for one in part.subjects)
            continue
        both_most = "leave unknown is the most" in part.ratio
        same = "leave unknown" in part.ratio
        better = "old policy is the least" in part.ratio or "new policy is the most" in part.ratio
        old, new = at_the(old, both_most if same else not better), at_the(new, both_most if same else better)
        claims = [(claim, _paid(old, claim), _paid(new, claim)) for claim in _claims(two.old, part)]
        for subject in part.subjects:
            _as_said(found, subject, [(claim, *_of(subject, was, now)) for claim, was, now in claims])
            if any(was is None or now is None for _, was, now in claims):
                assert subject.open
        _nothing_lies_outside(two, found, part)


def _nothing_lies_outside(two: Two, found: Comparison, part: Part) -> None:
    """Whatever each of the unknown ratios is, nobody differs otherwise, or by more, than is said of their ends."""
    if not (has_unknown(two.old) or has_unknown(two.new)):
        return
    chance = random.Random(0)
    ends = [one for one in found.parts if one.on == part.on and part.cells[0] in one.cells]
    for _ in range(3):
        # One that both leave unknown is the same in both.
        known = dict.fromkeys([*distinct_ratios(two.old), *distinct_ratios(two.new)])
        shares = {ratio: Fraction(chance.randint(0, 6), 6) for ratio in known}
        old, new = (
            ruled(
                _with_shares(one, [shares[ratio] for ratio in distinct_ratios(one)]),
                {fact.name: fact.word(part.on[fact.by]) or "" for fact in one.dated},
            )
            for one in (two.old, two.new)
        )
        for claim in _claims(two.old, part):
            was, now = _paid(old, claim), _paid(new, claim)
            if was is None or now is None:
                continue
            for place, subject in enumerate(part.subjects):
                said = [one.subjects[place] for one in ends]
                before, after = _of(subject, was, now)
                if before is None or after is None or any(one.open for one in said):
                    continue
                gain = (after - before) * (-1 if subject.name == OWN_SHARE else 1)
                if same_unknown(two.old, two.new):
                    # Of one ratio that is the same in both only the direction is said of what lies between.
                    assert gain <= 0 or found.better_off is Found.SOMEBODY, (claim, shares)
                    assert gain >= 0 or found.worse_off is Found.SOMEBODY, (claim, shares)
                    continue
                assert gain <= max(one.gain.by if one.gain else 0 for one in said), (claim, shares)
                assert -gain <= max(one.loss.by if one.loss else 0 for one in said), (claim, shares)


def _as_said(found: Comparison, subject: Subject, claims: list[tuple[Claim, int | None, int | None]]) -> None:
    gains: dict[int, int] = {}
    most, least = 0, 0
    for claim, was, now in claims:
        if was is None or now is None:
            continue
        gain = (now - was) * (-1 if subject.name == OWN_SHARE else 1)
        most, least = max(most, gain), min(least, gain)
        if subject.ranges is not None and found.fact is not None:
            amount = claim[found.fact]
            assert isinstance(amount, int)
            gains[amount] = gain
    high = 0 if subject.gain is None else subject.gain.by
    low = 0 if subject.loss is None else -subject.loss.by
    if found.together:
        # Ranges go on to the top of the domain; only their beginning is tried.
        assert most <= high and least >= low
    else:
        assert (high, low) == (most, least)
    for amount, gain in gains.items():
        inside = [one for one in subject.ranges or () if one.first <= amount <= one.last]
        assert len(inside) <= 1
        if not inside:
            assert gain == 0
            continue
        (one,) = inside
        assert gain <= (one.gain.by if one.gain else 0)
        assert -gain <= (one.loss.by if one.loss else 0)
        if one.every:
            assert gain != 0
        for extreme, way in ((one.gain, 1), (one.loss, -1)):
            if extreme is not None and gain * way == extreme.by:
                reached = extreme.claim[found.fact or ""]
                assert isinstance(reached, int) and reached <= amount


def _claims(model: Model, part: Part) -> Iterator[Claim]:
    values: list[tuple[str, tuple[FactInput, ...]]] = []
    for fact in model.facts:
        match fact:
            case MoneyFact(name, lowest, highest) | CountFact(name, lowest, highest):
                values.append((name, tuple(range(lowest, highest + 1))))
            case CategoryFact(name):
                values.append((name, (part.cells[0].get(name, WORDS[0]),)))
            case DateFact(name):
                values.append((name, (part.on.get(name, part.day),)))
            case _:
                values.append((fact.name, ("A",)))
    for row in product(*(some for _, some in values)):
        yield {"claim": "1", **dict(zip((name for name, _ in values), row, strict=True))}


def _paid(model: Model, claim: Claim) -> Mapping[str, int] | None:
    outcome, _ = settle(model, claim, {})
    if not isinstance(outcome, Settled):
        return None
    benefits = {benefit.name: outcome.amounts[benefit.name] for benefit in model.benefits}
    return {**benefits, ALL_BENEFITS: sum(benefits.values()), OWN_SHARE: outcome.amounts[OWN_SHARE]}


def _of(
    subject: Subject, was: Mapping[str, int] | None, now: Mapping[str, int] | None
) -> tuple[int | None, int | None]:
    if was is None or now is None:
        return None, None
    return was.get(subject.name, 0), now.get(subject.name, 0)
