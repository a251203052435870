"""Random small policies: amounts of a few minor units, so that every claim can be tried."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from compiler.caps import counted
from compiler.model import (
    Accumulated,
    Always,
    Amount,
    AmountBound,
    AmountValue,
    Band,
    BandRatio,
    Benefit,
    Bound,
    ByCategory,
    Capped,
    CategoryFact,
    Cell,
    Choice,
    Compare,
    Constant,
    CountFact,
    DateArm,
    DatedFact,
    Deductible,
    Difference,
    Expression,
    Fact,
    FactValue,
    InForce,
    IsOneOf,
    Largest,
    Manner,
    Measured,
    Model,
    NeverBelow,
    NeverFalls,
    Opening,
    Period,
    PeriodBound,
    PeriodKind,
    Reaches,
    Relation,
    Requirement,
    Role,
    Rounded,
    Scaled,
    Schedule,
    Side,
    Smallest,
    Threshold,
    TotalSoFar,
)
from compiler.versions import matched, version_mistakes
from dsl.money import RoundingMode
from dsl.source import Span
from tests.models import DISCHARGED, PERSON, at, model, money, total_of

WORDS = ("a", "b")
KIND = CategoryFact("kind", WORDS, at(6))
COST = FactValue("cost", at(5))
FUND = FactValue("fund", at(5))
SEASONS = DatedFact(
    "season",
    "discharged",
    (DateArm("old", date(2023, 12, 1), date(2024, 1, 31)), DateArm("new", date(2024, 2, 1), None)),
    at(7),
)
YEARS = (
    Period(PeriodKind.CALENDAR_YEAR),
    Period(PeriodKind.CALENDAR_YEAR),
    Period(PeriodKind.MONTH),
    Period(PeriodKind.POLICY_YEAR, 2, 1),
    Period(PeriodKind.LIFETIME),
)
BOUNDS = tuple(
    (Fraction(*low), Fraction(*high)) for low, high in (((0, 1), (1, 1)), ((1, 2), (3, 4)), ((1, 3), (1, 2)))
)
FORCES = ((date(2024, 1, 1), date(2024, 1, 31)), (date(2024, 2, 1), None))
"""When each of two versions is in force: the second begins within a calendar year, with a month and a policy year."""
RATIOS = tuple(Fraction(*parts) for parts in ((0, 1), (1, 4), (1, 3), (1, 2), (1, 2), (2, 3), (3, 4), (1, 1)))

draws = st.composite


@dataclass(frozen=True, slots=True)
class Shape:
    """How large amounts get (`top`), and what the policy distinguishes.

    by_kind    two kinds
    by_season  a word that follows from the day
    by_fund    the largest value of a second fact, which ends of bands follow from; 0 where there is none
    period     over which running totals count
    """

    top: int
    by_kind: bool
    by_season: bool
    by_fund: int
    period: Period


@dataclass(frozen=True, slots=True)
class Small:
    """A policy that shows itself without the places of its clauses."""

    model: Model

    def __repr__(self) -> str:
        of_one_version = (
            replace(one, across=None) if isinstance(one, PeriodBound) else one for one in self.model.requirements
        )
        lines = [*self.model.facts, *self.model.amounts, *of_one_version]
        return "\n".join(re.sub(r", span=Span\([^)]*\)|Span\([^)]*\)", "", repr(line)) for line in lines)


@draws
def policies(draw: st.DrawFn) -> Small:
    """A policy of one or two layers with whatever can be right or wrong about it."""
    wide = draw(st.integers(0, 2)) > 0
    by_season = draw(st.integers(0, 3)) == 0
    by_fund = 0 if wide or by_season else draw(st.integers(1, 4))
    top = draw(st.integers(6, 16 if wide and not by_season else 8))
    by_kind = draw(st.booleans()) and by_fund <= 2
    shape = Shape(top, by_kind, by_season, by_fund, draw(st.sampled_from(YEARS)))
    facts: list[Fact] = [PERSON, DISCHARGED, money("cost", shape.top)]
    if shape.by_fund:
        funds: tuple[Fact, ...] = (
            money("fund", shape.by_fund),
            money("fund", shape.by_fund, at_most="cost"),
            CountFact("fund", 0, shape.by_fund, at(5)),
        )
        facts.append(draw(st.sampled_from(funds)))
    if shape.by_kind:
        facts.append(KIND)
    return Small(draw(policy_of(shape, tuple(facts))))


@draws
def policy_of(draw: st.DrawFn, shape: Shape, facts: tuple[Fact, ...]) -> Model:
    amounts, benefits = draw(layer("first", COST, False, shape))
    if draw(st.integers(0, 2)) == 0:
        left = Difference(COST, AmountValue("first", at(20)), at(20))
        of_left = draw(st.booleans())
        more, another = draw(layer("second", left if of_left else COST, of_left, shape))
        amounts, benefits = (*amounts, *more), (*benefits, *another)
        if not of_left and draw(st.booleans()):
            amounts = larger_of_two(amounts)
    found = model(facts, amounts, COST, benefits, name="small")
    dated = (SEASONS,) if shape.by_season else ()
    whole = replace(found, dated=dated, requirements=draw(requirements(shape)))
    return counted(whole) if draw(st.booleans()) else whole


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """Two versions of a policy, each as it is among the two; they show themselves without the places of clauses."""

    earlier: Model
    later: Model

    def __repr__(self) -> str:
        return f"{Small(self.earlier)!r}\n---\n{Small(self.later)!r}"


@draws
def versions(draw: st.DrawFn) -> TwoVersions:
    """Two versions with the same facts, the second of which begins within a year and with a month."""
    shape = Shape(draw(st.integers(3, 7)), draw(st.booleans()), False, 0, draw(st.sampled_from(YEARS)))
    facts: tuple[Fact, ...] = (PERSON, DISCHARGED, money("cost", shape.top), *((KIND,) if shape.by_kind else ()))
    other = replace(shape, period=draw(st.sampled_from((shape.period, *YEARS))))
    both = []
    for (first, last), of in zip(FORCES, (shape, other), strict=True):
        both.append(replace(draw(policy_of(of, facts)), in_force=InForce(first, last, "discharged", at(2))))
    assume(not version_mistakes(both))
    earlier, later = matched(both)
    return TwoVersions(earlier, later)


def larger_of_two(amounts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """What the two layers pay where only the larger counts."""
    due = {name: f"{name}.due" for name in ("first", "second")}
    steps = [replace(one, name=due[one.name], role=Role.DUE) if one.name in due else one for one in amounts]
    first, second = (AmountValue(name, at(30)) for name in due.values())
    as_much = Compare(first, Relation.AT_LEAST, second, at(30))
    nothing = Constant(0, at(30))
    pay = (Choice(as_much, first, nothing, at(30)), Choice(as_much, nothing, second, at(30)))
    paid = (Amount(name, Role.BENEFIT, one, name, at(30)) for name, one in zip(due, pay, strict=True))
    return (*steps, *paid)


@draws
def layer(
    draw: st.DrawFn, name: str, of: Expression, of_left: bool, shape: Shape
) -> tuple[tuple[Amount, ...], tuple[Benefit, ...]]:
    base = AmountValue(f"{name}.base", at(10))
    added_up = draw(st.booleans())
    argument: Expression = TotalSoFar(at(10)) if added_up else base
    if draw(st.integers(0, 5)) == 0:
        argument = Capped(argument, draw(most_looked_at(shape)), at(11))
    paid = draw(payment(argument, shape))
    unit = draw(st.sampled_from((1, 1, 1, 1, 2, 5)))
    if draw(st.integers(0, 3)) == 0:
        paid = Capped(paid, Constant(draw(st.integers(0, shape.top)), at(22)), at(22))
    paid = Rounded(paid, draw(st.sampled_from(RoundingMode)), unit, at(23))
    if added_up:
        paid = Accumulated(total_of(base.name, shape.period), paid, at(10))
    steps = [Amount(base.name, Role.BASE, draw(bases(of, shape)), name, at(10))]
    if draw(st.integers(0, 3)) == 0:
        before = AmountValue(f"{name}.before_cap", at(24))
        steps.append(Amount(before.name, Role.BEFORE_CAP, paid, name, at(24)))
        cap = Constant(unit * draw(st.integers(0, 6)), at(25))
        if added_up:
            paid = Capped(before, cap, at(25))
        else:
            paid = Accumulated(total_of(before.name, shape.period), Capped(TotalSoFar(at(25)), cap, at(25)), at(25))
    steps.append(Amount(name, Role.BENEFIT, paid, name, at(9)))
    return tuple(steps), (Benefit(name, base.name, of_left, at(9)),)


@draws
def most_looked_at(draw: st.DrawFn, shape: Shape) -> Expression:
    amounts = st.integers(1, shape.top).map(lambda amount: Constant(amount, at(11)))
    if shape.by_kind and draw(st.booleans()):
        return ByCategory(("kind",), tuple(Cell((word,), draw(amounts), at(11)) for word in WORDS), at(11))
    return draw(amounts)


@draws
def bases(draw: st.DrawFn, of: Expression, shape: Shape) -> Expression:
    match draw(st.integers(0, 9)):
        case 0 if shape.by_kind:
            return Choice(IsOneOf("kind", (draw(st.sampled_from(WORDS)),), at(8)), of, Constant(0, at(8)), at(8))
        case 1:
            less = Difference(of, Constant(draw(st.integers(1, 4)), at(8)), at(8))
            return Largest((Constant(0, at(8)), less), at(8)) if draw(st.booleans()) else less
        case 2:
            return Rounded(Scaled(Fraction(1, 2), of, at(8)), RoundingMode.DOWN, 1, at(8))
        case 3 if draw(st.booleans()):
            return Smallest((of, Constant(draw(st.integers(1, shape.top)), at(8))), at(8))
        case 4 if draw(st.booleans()):
            limit = Constant(draw(st.integers(1, shape.top)), at(8))
            enough = Compare(COST, draw(st.sampled_from((Relation.MORE, Relation.AT_MOST))), limit, at(8))
            return Choice(enough, of, Constant(0, at(8)), at(8))
        case _:
            return of


@draws
def payment(draw: st.DrawFn, argument: Expression, shape: Shape) -> Expression:
    if draw(st.integers(0, 7)) == 0:
        return Scaled(draw(st.sampled_from(RATIOS[1:])), argument, at(13))
    if shape.by_season and draw(st.booleans()):
        alone = replace(shape, by_season=False)
        cells = tuple(Cell((arm.word,), draw(payment(argument, alone)), at(13)) for arm in SEASONS.arms)
        return ByCategory((SEASONS.name,), cells, at(13))
    start = draw(st.integers(0, 5))
    opening = draw(openings(start, shape))
    by_kind = shape.by_kind and draw(st.booleans())
    columns: tuple[tuple[str, ...], ...] = (("a",), ("b",)) if by_kind else ((),)
    if by_kind and draw(st.integers(0, 11)) == 0:
        columns = columns[:1]
    bands = draw(band_lists(start if draw(st.integers(0, 3)) else 0, len(columns), shape))
    if shape.by_fund and draw(st.integers(0, 3)):
        bands = draw(moving(bands))
    return Schedule(
        argument,
        opening,
        draw(st.sampled_from((Measured.OF_THE_AMOUNT, Measured.OF_THE_AMOUNT, Measured.ABOVE_THE_DEDUCTIBLE)))
        if isinstance(opening, Deductible)
        else Measured.OF_THE_AMOUNT,
        draw(st.sampled_from((Manner.IN_SLICES, Manner.IN_SLICES, Manner.ON_THE_WHOLE))),
        ("kind",) if by_kind else (),
        columns,
        bands,
        at(13),
    )


@draws
def openings(draw: st.DrawFn, start: int, shape: Shape) -> Opening | None:
    amount: Expression = Constant(max(start + draw(st.sampled_from((0, 0, 0, -1, 1, 3))), 0), at(12))
    if shape.by_kind and draw(st.integers(0, 5)) == 0:
        cells = tuple(Cell((word,), Constant(draw(st.integers(0, 5)), at(12)), at(12)) for word in WORDS)
        amount = ByCategory(("kind",), cells[: draw(st.sampled_from((1, 2, 2, 2, 2)))], at(12))
    if shape.by_season and draw(st.integers(0, 2)) == 0:
        cells = tuple(Cell((arm.word,), Constant(draw(st.integers(0, 5)), at(12)), at(12)) for arm in SEASONS.arms)
        amount = ByCategory((SEASONS.name,), cells, at(12))
    if shape.by_fund and draw(st.integers(0, 2)) == 0:
        amount = Rounded(Scaled(draw(st.sampled_from(SHARES)), FUND, at(12)), RoundingMode.UP, 1, at(12))
    match draw(st.integers(0, 2)):
        case 0:
            return None
        case 1:
            return Deductible(amount, at(12))
        case _:
            return Threshold(amount, draw(st.booleans()), at(12))


@draws
def band_lists(draw: st.DrawFn, start: int, columns: int, shape: Shape) -> tuple[Band, ...]:
    """Bands that mostly meet; now and then one begins a little too late or too early."""
    found: list[Band] = []
    lower = Bound(Constant(start, at(14)), draw(st.booleans()), at(14))
    ratios = draw(st.lists(st.sampled_from(RATIOS), min_size=3 * columns, max_size=3 * columns))
    if draw(st.booleans()):
        ratios = sorted(ratios)
    count = draw(st.integers(1, 3))
    for index in range(count):
        last = index == count - 1 and draw(st.integers(0, 5)) > 0
        first = lower.constant if lower.included else lower.constant + 1
        end = Constant(first + draw(st.integers(1, 6)), at(15 + index))
        upper = Bound(end, draw(st.booleans()), at(15 + index))
        given = tuple(
            draw(ratios_like(ratio, at(15 + index))) for ratio in ratios[index * columns : (index + 1) * columns]
        )
        found.append(Band(lower, None if last else upper, given, at(15 + index)))
        slip = draw(st.sampled_from((0, 0, 0, 0, 0, 0, 0, 1, -1, 2)))
        # `to 20` is followed by `over 20`, or now and then by `from 21`.
        next_unit = upper.included and draw(st.integers(0, 3)) == 0
        end = Constant(upper.constant + slip + next_unit, at(16 + index))
        lower = Bound(end, next_unit or not upper.included, at(16 + index))
    return tuple(draw(st.permutations(found)) if draw(st.integers(0, 9)) == 0 else found)


@draws
def ratios_like(draw: st.DrawFn, ratio: Fraction, span: Span) -> BandRatio:
    """The ratio itself; now and then a missing one, or one that is not known."""
    match draw(st.integers(0, 40)):
        case 0:
            return BandRatio(None, None, span)
        case 1 | 2 | 3:
            return BandRatio(None, draw(st.sampled_from(BOUNDS)), span)
        case _:
            return BandRatio(ratio, None, span)


SHARES = (Fraction(1), Fraction(1, 2), Fraction(3, 2), Fraction(1, 3))


@draws
def moving(draw: st.DrawFn, bands: tuple[Band, ...]) -> tuple[Band, ...]:
    """The bands with ends that follow from the fund, mostly where one band meets the next."""
    found = list(bands)
    for index, band in enumerate(bands):
        if band.upper is not None and draw(st.booleans()):
            end = Scaled(draw(st.sampled_from(SHARES)), FUND, band.upper.span)
            found[index] = replace(found[index], upper=replace(band.upper, value=end))
            if index + 1 < len(bands) and draw(st.integers(0, 5)):
                found[index + 1] = replace(found[index + 1], lower=replace(bands[index + 1].lower, value=end))
    return tuple(found)


@draws
def requirements(draw: st.DrawFn, shape: Shape) -> tuple[Requirement, ...]:
    first = AmountValue("first", at(40))
    limit = Constant(draw(st.integers(0, shape.top)), at(40))
    limits: tuple[Expression, ...] = (limit, COST)
    found: list[Requirement] = [
        NeverFalls(draw(st.sampled_from(("first", "own_share"))), "cost", at(41)),
        AmountBound("first", draw(st.sampled_from(Side)), draw(st.sampled_from(limits)), at(42)),
        PeriodBound(
            total_of(
                draw(st.sampled_from(("first", "first", "own_share"))), draw(st.sampled_from((shape.period, *YEARS)))
            ),
            draw(st.integers(0, shape.top)),
            at(46),
        ),
        Always(Compare(first, draw(st.sampled_from(Relation)), limit, at(43)), at(43)),
        Reaches(Compare(first, draw(st.sampled_from(Relation)), limit, at(44)), at(44)),
    ]
    if shape.by_kind:
        found.append(NeverBelow("first", "kind", "b", "a", at(45)))
    return tuple(found)
