"""Two random small policies and a person with several claims in a period: what is said of later claims is tried out.

Every history of two claims is settled under both policies, and some of three. Nobody may be worse off than is said,
no single claim paid less than is said, in both directions; and what is shown as an example must be one.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.caps import counted, is_counted, with_steps
from compiler.compare.compare import compare
from compiler.compare.result import Comparison, Found, History, Later
from compiler.evaluate import Claim, Ledger, Settled, settle
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Benefit,
    ByCategory,
    Capped,
    Cell,
    Constant,
    Difference,
    Expression,
    Manner,
    Model,
    Period,
    PeriodKind,
    Role,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    rebuilt,
)
from dsl.money import RoundingMode
from tests.models import DISCHARGED, PERSON, YEARLY, at, deductible, model, money, over_to, rounded, schedule, total_of
from tests.properties.small_policies import COST, KIND, SEASONS, WORDS, draws
from tests.properties.test_compare_brute_force import Two

DAYS = (date(2024, 1, 15), date(2024, 2, 15), date(2024, 4, 10), date(2025, 3, 1))
"""The same day most of the time; the next season, another month of it, and another year."""

MONTHLY = Period(PeriodKind.MONTH)
TOP = 12
"""The largest cost of a claim; bands reach to twice as much."""

LEFT = Difference(COST, Sum((AmountValue("first", at(20)),), at(20)), at(20))
"""What the first layer leaves."""

PAIRS = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "12"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@draws
def benefit(
    draw: st.DrawFn, name: str, of: Expression, of_left: bool, alone: bool, period: Period
) -> tuple[tuple[Amount, ...], tuple[Benefit, ...]]:
    """One layer: added up over the year, or claim by claim with a cap of the year, by kind or not."""
    base = AmountValue(f"{name}.base", at(10))
    ends = sorted(draw(st.sets(st.integers(0, 2 * TOP), min_size=2, max_size=3)))
    by_kind, percent = draw(st.booleans()), st.sampled_from((0, 25, 50, 60, 65, 80, 100))
    columns = [(draw(percent), draw(percent)) if by_kind else (draw(percent),) for _ in ends]
    table = schedule(
        base if alone else TotalSoFar(at(10)),
        over_to(ends, columns),
        opening=deductible(ends[0]),
        manner=draw(st.sampled_from((Manner.IN_SLICES, Manner.IN_SLICES, Manner.ON_THE_WHOLE))),
        categories=("kind",) if by_kind else (),
        columns=(("a",), ("b",)) if by_kind else ((),),
    )
    cap = Constant(draw(st.integers(3, 20)), at(22)) if draw(st.booleans()) else None
    inside: Expression = table if alone or cap is None else Capped(table, cap, at(22))
    # Rounded down it never pays more than there is, so that what is left is never below 0.
    paid: Expression = rounded(inside, RoundingMode.DOWN if of_left else draw(st.sampled_from(RoundingMode)))
    if of_left or alone:
        paid = Smallest((paid, base if alone else TotalSoFar(at(10))), at(10))
    steps = [Amount(base.name, Role.BASE, of, name, at(10))]
    if alone and cap is not None:
        due = AmountValue(f"{name}.due", at(11))
        steps.append(Amount(due.name, Role.DUE, paid, name, at(11)))
        paid = Accumulated(total_of(due.name, period), Capped(TotalSoFar(at(22)), cap, at(22)), at(22))
    elif not alone:
        paid = Accumulated(total_of(base.name, period), paid, at(10))
    steps.append(Amount(name, Role.BENEFIT, paid, name, at(9)))
    return tuple(steps), (Benefit(name, base.name, of_left, at(9)),)


@draws
def policies(draw: st.DrawFn) -> Two:
    """Two policies of one or two layers; of two, often one layer is the same in both."""
    alone = [draw(st.integers(0, 3)) == 0 for _ in range(2)]
    second, of_left = draw(st.booleans()), draw(st.booleans())
    left = LEFT if of_left else COST
    kept = draw(st.sampled_from((0, 0, 1, 2)))
    periods = [draw(st.sampled_from((YEARLY, YEARLY, MONTHLY))) for _ in range(2)]
    layers = [
        [
            draw(benefit("first", COST, False, alone[0], periods[0])),
            draw(benefit("second", left, of_left, alone[1], periods[1])),
        ]
        for _ in range(2)
    ]
    if kept:
        layers[1][kept - 1] = layers[0][kept - 1]
    found = [
        counted(
            model(
                (PERSON, DISCHARGED, money("cost", TOP), KIND),
                tuple(amount for amounts, _ in some[: 1 + second] for amount in amounts),
                COST,
                tuple(one for _, benefits in some[: 1 + second] for one in benefits),
                name="small",
            )
        )
        for some in layers
    ]
    steps = {one.name for policy in found for one in policy.amounts if is_counted(policy, one.name)}
    return Two(*(with_steps(policy, steps & {one.name for one in policy.amounts}) for policy in found))


@draws
def higher_policies(draw: st.DrawFn) -> Two:
    """A policy of one layer by kind or by season, and the same with higher ratios, or a higher cap, or a lower line."""
    ends = sorted(draw(st.sets(st.integers(1, 2 * TOP), min_size=2, max_size=3)))
    columns = [(draw(st.integers(1, 14)), draw(st.integers(1, 14))) for _ in ends]
    cap = draw(st.one_of(st.none(), st.integers(3, 20)))
    mode, alone = draw(st.sampled_from(RoundingMode)), draw(st.integers(0, 2)) == 0
    more = [tuple(min(20, one + draw(st.integers(0, 3))) for one in row) for row in columns]
    by, words = draw(st.sampled_from((("kind", WORDS), ("kind", WORDS), ("season", ("old", "new")))))
    line, raised = draw(st.integers(0, 1)), draw(st.integers(0, 3))
    found = []
    for rows, first, most in ((columns, ends[0], cap), (more, ends[0] - line, None if cap is None else cap + raised)):
        argument = AmountValue("first.base", at(10)) if alone else TotalSoFar(at(10))
        bands = [[tuple(5 * one for one in row[place : place + 1]) for row in rows] for place in range(2)]
        tables = [schedule(argument, over_to([first, *ends[1:]], one), opening=deductible(first)) for one in bands]
        cells = tuple(Cell((word,), one, at(13)) for word, one in zip(words, tables, strict=True))
        table = ByCategory((by,), cells, at(13))
        steps = [Amount("first.base", Role.BASE, COST, "first", at(10))]
        paid = rounded(table if alone or most is None else Capped(table, Constant(most, at(22)), at(22)), mode)
        if not alone:
            paid_in_turn: Expression = Accumulated(total_of("first.base"), paid, at(10))
        elif most is None:
            paid_in_turn = paid
        else:
            steps.append(Amount("first.due", Role.DUE, paid, "first", at(11)))
            capped = Capped(TotalSoFar(at(22)), Constant(most, at(22)), at(22))
            paid_in_turn = Accumulated(total_of("first.due"), capped, at(22))
        steps.append(Amount("first", Role.BENEFIT, paid_in_turn, "first", at(9)))
        facts = (PERSON, DISCHARGED, money("cost", TOP), KIND)
        benefits = (Benefit("first", "first.base", False, at(9)),)
        one = model(facts, tuple(steps), COST, benefits, name="small")
        found.append(counted(replace(one, dated=(SEASONS,) if by == "season" else ())))
    return Two(*found)


@draws
def one_word_changed(draw: st.DrawFn) -> Two:
    """A policy, and the same with another ratio of one band for one of the words."""
    two = draw(policies())
    place, at_band, percent = draw(st.integers(0, 1)), draw(st.integers(0, 2)), draw(st.integers(0, 20))

    def change(node: Expression) -> Expression:
        if not isinstance(node, Schedule) or len(node.columns) == 1:
            return node
        changed = at_band % len(node.bands)
        ratios = list(node.bands[changed].ratios)
        ratios[place] = replace(ratios[place], ratio=Fraction(percent, 20))
        bands = list(node.bands)
        bands[changed] = replace(bands[changed], ratios=tuple(ratios))
        return replace(node, bands=tuple(bands))

    amounts = tuple(replace(one, expression=rebuilt(one.expression, change)) for one in two.old.amounts)
    return Two(two.old, replace(two.old, amounts=amounts))


@draws
def lower_own_shares(draw: st.DrawFn) -> Two:
    """A layer above deductibles per claim or for the year, a maximum of what it leaves, and the same with lower ones.

    Both layers keep what is left from falling, so that whoever bears less of each claim bears less of the year.
    """
    alone = draw(st.booleans())
    bills: tuple[Expression, ...] = (COST, LEFT)
    lines = [draw(st.integers(0, TOP)), draw(st.integers(0, 2 * TOP))]
    percents = [draw(st.sampled_from((50, 65, 100))), draw(st.sampled_from((80, 100, 100)))]
    lower = [max(0, line - draw(st.integers(0, 3))) for line in lines]
    found = []
    for ends in (lines, lower):
        amounts: list[Amount] = []
        benefits: list[Benefit] = []
        for name, of, single, end, percent in zip(
            ("first", "second"), bills, (alone, False), ends, percents, strict=True
        ):
            base = AmountValue(f"{name}.base", at(10))
            argument = base if single else TotalSoFar(at(10))
            paid: Expression = rounded(schedule(argument, over_to([end], [(percent,)]), opening=deductible(end)))
            if not single:
                paid = Accumulated(total_of(base.name), paid, at(10))
            amounts += [
                Amount(base.name, Role.BASE, of, name, at(10)),
                Amount(name, Role.BENEFIT, paid, name, at(9)),
            ]
            benefits.append(Benefit(name, base.name, of is LEFT, at(9)))
        facts = (PERSON, DISCHARGED, money("cost", TOP), KIND)
        found.append(model(facts, tuple(amounts), COST, tuple(benefits), name="small"))
    return Two(*found)


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(lower_own_shares(), st.integers(0, 2**32))
def test_who_bears_less_of_each_claim_bears_less_of_the_year(two: Two, seed: int) -> None:
    found = compare(two.old, two.new)
    assert found.worse_off is Found.NOBODY, found
    _tried(two, found, random.Random(seed))
    _tried(Two(two.new, two.old), compare(two.new, two.old), random.Random(seed))


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(policies(), st.integers(0, 2**32))
def test_what_is_said_of_later_claims_holds_of_every_history(two: Two, seed: int) -> None:
    _tried(two, compare(two.old, two.new), random.Random(seed))


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(one_word_changed(), st.integers(0, 2**32))
def test_a_change_for_one_word_is_one_for_it_alone(two: Two, seed: int) -> None:
    found = compare(two.old, two.new)
    differing = [part for part in found.parts if any(one.gain or one.loss for one in part.subjects)]
    assert len({cell["kind"] for part in differing for cell in part.cells}) <= 1, differing
    _tried(two, found, random.Random(seed))


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(higher_policies(), st.integers(0, 2**32))
def test_who_is_never_worse_off_is_never_worse_off(two: Two, seed: int) -> None:
    found = compare(two.old, two.new)
    assert found.worse_off is Found.NOBODY, found
    _tried(two, found, random.Random(seed))
    back = compare(two.new, two.old)
    assert back.better_off is Found.NOBODY, back
    _tried(Two(two.new, two.old), back, random.Random(seed))


def _tried(two: Two, found: Comparison, chance: random.Random) -> None:
    claims = [(cost, kind) for cost in range(TOP + 1) for kind in WORDS]
    longer = [tuple(chance.choice(claims) for _ in range(chance.choice((2, 3, 4, 8)))) for _ in range(100)]
    dated = [(history, sorted(chance.choice(DAYS) for _ in history)) for history in longer]
    same_day = [(history, [DAYS[0]] * 2) for history in product(claims, repeat=2)]
    rows = [
        (len(history), tuple(new - old for old, new in zip(*both, strict=True)))
        for history, days in (*same_day, *dated)
        if (both := _paid(two, history, days)) is not None
    ]
    assert rows
    for way, said, some in ((1, found.less, found.worse_off), (-1, found.more, found.better_off)):
        if said is None:
            # Nothing is added up, or nothing differs: a claim is paid what a first one would be.
            assert all(way * gain >= 0 for _, row in rows for gain in row) or some is Found.SOMEBODY
            continue
        if said.slack is not None:
            assert all(way * sum(row) >= -said.slack * many for many, row in rows), (way, said)
        if said.each is not None:
            assert all(way * gain >= -said.each for _, row in rows for gain in row), (way, said)
        _is_an_example(two, said, way)


def _is_an_example(two: Two, said: Later, way: int) -> None:
    for history in (said.period, said.single):
        if history is not None:
            assert (history.old, history.new) == _settled(two, history)
            assert len(history.claims) > 1
    if said.period is not None:
        assert way * (sum(said.period.new) - sum(said.period.old)) < 0
    if said.single is not None:
        assert way * (said.single.old[-1] - said.single.new[-1]) == said.each


def _paid(
    two: Two, history: Sequence[tuple[int, str]], days: Sequence[date]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    claims: list[Claim] = [
        {"claim": str(number), "person": "A", "discharged": day, "cost": cost, "kind": kind}
        for number, ((cost, kind), day) in enumerate(zip(history, days, strict=True), 1)
    ]
    old, new = (tuple(_in_turn(one, claims)) for one in (two.old, two.new))
    return (old, new) if len(old) == len(new) == len(claims) else None


def _settled(two: Two, history: History) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(_in_turn(one, history.claims)) for one in (two.old, two.new))


def _in_turn(policy: Model, claims: Sequence[Claim]) -> Iterator[int]:
    ledger: Ledger = {}
    for claim in claims:
        outcome, ledger = settle(policy, claim, ledger)
        if not isinstance(outcome, Settled):
            return
        yield sum(outcome.amounts[one.name] for one in policy.benefits)
