"""Models built by hand, for tests of the stages behind `lower`.

Amounts are in minor units (fen). Every builder takes what its tests vary, and gives what a policy of that kind
becomes: base, payment, what is left, own share.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from compiler.model import (
    OWN_SHARE,
    Accumulated,
    Amount,
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
    Constant,
    DateFact,
    Deductible,
    Difference,
    Expression,
    Fact,
    FactValue,
    IdentifierFact,
    InForce,
    IsOneOf,
    Manner,
    Measured,
    Model,
    MoneyFact,
    Opening,
    Period,
    PeriodKind,
    Role,
    Rounded,
    RunningTotal,
    Schedule,
    Sum,
    TotalSoFar,
)
from dsl.money import CURRENCIES, DOMAIN_TOP, RoundingMode
from dsl.source import Span

YUAN = 100
"""Minor units of one yuan."""

YEARLY = Period(PeriodKind.CALENDAR_YEAR)
LIFELONG = Period(PeriodKind.LIFETIME)


def at(line: int = 1) -> Span:
    """A span on a line of a made-up policy file."""
    return Span("policies/test.policy", line, 1, line, 2)


# Facts ----------------------------------------------------------------------------------------------

PERSON = IdentifierFact("person", at(3))
DISCHARGED = DateFact("discharged", at(4))
ILLNESS = CategoryFact("illness", ("general", "listed"), at(6))
HOSPITAL = CategoryFact("hospital", ("township", "county", "above_county"), at(7))


def money(name: str, highest: int = DOMAIN_TOP, at_most: str | None = None, lowest: int = 0) -> MoneyFact:
    """A money fact, from `lowest` to `highest` minor units."""
    return MoneyFact(name, lowest, highest, at_most, at(5))


# Schedules ------------------------------------------------------------------------------------------

NINGXIA_ENDS = (6_000, 20_000, 50_000, 100_000, 200_000, 300_000, 400_000, 500_000)
NINGXIA_PERCENT = ((50, 51), (52, 53), (54, 55), (57, 59), (60, 62), (63, 65), (66, 68), (70, 73))


def over_to(ends: Sequence[int], percent: Sequence[Sequence[int]], first_line: int = 15) -> tuple[Band, ...]:
    """Bands `over <end> to <next end>`, the last without an end; ends in minor units, ratios in percent."""
    uppers: list[int | None] = [*ends[1:], None]
    return tuple(
        Band(
            Bound(Constant(lower, at(line)), False, at(line)),
            None if upper is None else Bound(Constant(upper, at(line)), True, at(line)),
            tuple(BandRatio(Fraction(ratio, 100), None, at(line)) for ratio in ratios),
            at(line),
        )
        for line, (lower, upper, ratios) in enumerate(zip(ends, uppers, percent, strict=True), first_line)
    )


def schedule(
    argument: Expression,
    bands: tuple[Band, ...],
    *,
    opening: Opening | None = None,
    measured: Measured = Measured.OF_THE_AMOUNT,
    manner: Manner = Manner.IN_SLICES,
    categories: tuple[str, ...] = (),
    columns: tuple[tuple[str, ...], ...] = ((),),
) -> Schedule:
    """A table of bands; one column unless said otherwise."""
    return Schedule(argument, opening, measured, manner, categories, columns, bands, at(13))


def deductible(amount: int) -> Deductible:
    """A deductible of that many minor units."""
    return Deductible(Constant(amount, at(12)), at(12))


def rounded(value: Expression, mode: RoundingMode = RoundingMode.HALF_UP, unit: int = 1) -> Rounded:
    """The value rounded to a multiple of `unit` minor units."""
    return Rounded(value, mode, unit, at(23))


# Policies -------------------------------------------------------------------------------------------


def model(
    facts: tuple[Fact, ...],
    amounts: tuple[Amount, ...],
    cost: Expression,
    benefits: tuple[Benefit, ...],
    *,
    name: str = "test_policy",
    in_force: InForce | None = None,
) -> Model:
    """A Model in CNY with an own share after the given amounts, and nothing required."""
    paid = Sum(tuple(AmountValue(benefit.name, benefit.span) for benefit in benefits), at(30))
    own_share = Amount(OWN_SHARE, Role.OWN_SHARE, Difference(cost, paid, at(30)), None, at(30))
    return Model(
        id=name,
        title="A policy of the tests",
        source="made up",
        currency=CURRENCIES["CNY"],
        draft=False,
        in_force=in_force,
        facts=facts,
        dated=(),
        amounts=(*amounts, own_share),
        cost=cost,
        benefits=benefits,
        requirements=(),
        conformities=(),
        allowances=(),
        examples=(),
        span=at(1),
    )


def total_of(amount: str, period: Period = YEARLY, key: str = "person") -> RunningTotal:
    """The running total of an amount per person and period."""
    return RunningTotal(f"{amount} per {key} per {period.label}", amount, key, period, "discharged", at(10))


def ningxia(
    *,
    mode: RoundingMode = RoundingMode.HALF_UP,
    unit: int = 1,
    manner: Manner = Manner.IN_SLICES,
    added_up: bool = True,
    bands: tuple[Band, ...] | None = None,
) -> Model:
    """The critical illness benefit of Ningxia: eight bands, two columns, added up per person per calendar year."""
    name = "critical_illness"
    base = AmountValue(f"{name}.base", at(10))
    table = schedule(
        TotalSoFar(at(10)) if added_up else base,
        over_to([end * YUAN for end in NINGXIA_ENDS], NINGXIA_PERCENT) if bands is None else bands,
        opening=deductible(6_000 * YUAN),
        manner=manner,
        categories=("illness",),
        columns=(("general",), ("listed",)),
    )
    paid = rounded(table, mode, unit)
    payment: Expression = Accumulated(total_of(base.name), paid, at(10)) if added_up else paid
    return model(
        (PERSON, DISCHARGED, money("borne"), ILLNESS),
        (
            Amount(base.name, Role.BASE, FactValue("borne", at(10)), name, at(10)),
            Amount(name, Role.BENEFIT, payment, name, at(9)),
        ),
        FactValue("borne", at(10)),
        (Benefit(name, base.name, False, at(9)),),
        name="ningxia_critical_illness",
        in_force=InForce(date(2013, 1, 1), date(2013, 12, 31), "discharged", at(2)),
    )


def yearly_cap(*, cap: int = 10_000 * YUAN, percent: tuple[int, int, int] = (60, 45, 30)) -> Model:
    """Settled claim by claim, deductible and ratio by hospital, and a yearly cap on what is paid."""
    name = "supplementary"
    base = AmountValue(f"{name}.base", at(10))
    before = AmountValue(f"{name}.before_cap", at(14))
    keys = tuple((word,) for word in HOSPITAL.values)
    opening = ByCategory(
        ("hospital",),
        tuple(
            Cell(key, Constant(amount, at(12)), at(12))
            for key, amount in zip(keys, (80_00, 200_00, 500_00), strict=True)
        ),
        at(12),
    )
    table = schedule(
        base,
        over_to([0], [percent], first_line=13),
        opening=Deductible(opening, at(12)),
        categories=("hospital",),
        columns=keys,
    )
    capped = Accumulated(total_of(before.name), Capped(TotalSoFar(at(14)), Constant(cap, at(14)), at(14)), at(14))
    return model(
        (PERSON, DISCHARGED, money("cost"), money("basic_paid", at_most="cost"), HOSPITAL),
        (
            Amount(
                base.name,
                Role.BASE,
                Difference(FactValue("cost", at(10)), FactValue("basic_paid", at(10)), at(10)),
                name,
                at(10),
            ),
            Amount(before.name, Role.BEFORE_CAP, rounded(table), name, at(13)),
            Amount(name, Role.BENEFIT, capped, name, at(9)),
        ),
        Difference(FactValue("cost", at(10)), FactValue("basic_paid", at(10)), at(10)),
        (Benefit(name, base.name, False, at(9)),),
        name="urumqi_supplementary",
    )


def stack(*, claim_cap: int = 30_000 * YUAN) -> Model:
    """Two layers: a basic one settled claim by claim, for two of three hospitals, and a critical one of what is left.

    The critical layer adds up per person and year, rounds half even, and has a cap per claim.
    """
    cost = FactValue("cost", at(10))
    zero = Constant(0, at(10))
    eligible = IsOneOf("hospital", ("township", "county"), at(11))
    basic_base = AmountValue("basic.base", at(10))
    critical_base = AmountValue("critical.base", at(20))
    critical_before = AmountValue("critical.before_cap", at(20))
    flat = schedule(
        basic_base,
        over_to([0, 1_000 * YUAN], [(70,), (65,)], first_line=13),
        opening=deductible(100 * YUAN),
        measured=Measured.ABOVE_THE_DEDUCTIBLE,
    )
    bands = schedule(
        TotalSoFar(at(20)),
        over_to([15_000 * YUAN, 30_000 * YUAN, 60_000 * YUAN], [(50,), (60,), (90,)], first_line=22),
        opening=deductible(15_000 * YUAN),
    )
    paid = Accumulated(total_of(critical_base.name), rounded(bands, RoundingMode.HALF_EVEN), at(20))
    return model(
        (PERSON, DISCHARGED, money("cost", 10**9), HOSPITAL),
        (
            Amount("basic.base", Role.BASE, Choice(eligible, cost, zero, at(11)), "basic", at(10)),
            Amount("basic", Role.BENEFIT, rounded(flat, RoundingMode.DOWN, 10), "basic", at(9)),
            Amount(
                "critical.base", Role.LEFT, Difference(cost, AmountValue("basic", at(20)), at(20)), "critical", at(20)
            ),
            Amount("critical.before_cap", Role.BEFORE_CAP, paid, "critical", at(20)),
            Amount(
                "critical",
                Role.BENEFIT,
                Capped(critical_before, Constant(claim_cap, at(26)), at(26)),
                "critical",
                at(19),
            ),
        ),
        cost,
        (Benefit("basic", "basic.base", False, at(9)), Benefit("critical", "critical.base", True, at(19))),
        name="two_layers",
    )
