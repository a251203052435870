"""Sound intervals: between which ends every value of a policy lies, for every claim of the domain.

The interval of a fact is what the policy declares, and of a running total 0 to DOMAIN_TOP, since claims outside are
rejected. The interval of an amount is computed from those it reads, and then narrowed by what the check TP203 proves
before anything is built: no amount of a settled claim is negative, and a benefit is at most its base. So the intervals
hold for policies that were proved; nothing here may be used to prove TP203 itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from compiler.model import (
    Accumulated,
    AmountValue,
    BandRatio,
    ByCategory,
    Capped,
    Choice,
    Constant,
    CountFact,
    Deductible,
    Difference,
    Expression,
    FactValue,
    Largest,
    Model,
    MoneyFact,
    Role,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
)
from dsl.money import DOMAIN_TOP, round_to_unit

Exact = int | Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """All values from `lowest` to `highest`, both included, in minor units."""

    lowest: Exact
    highest: Exact

    def __post_init__(self) -> None:
        assert self.lowest <= self.highest, f"empty range: {self.lowest} to {self.highest}"


TOTAL = Range(0, DOMAIN_TOP)
"""What a running total can be, before and after a claim that is settled."""


def amount_range(model: Model, expression: Expression) -> Range:
    """The interval of an expression over the facts and amounts of a proved policy."""
    return expression_range(expression, value_ranges(model), _never_more(model))


def value_ranges(model: Model) -> Mapping[str, Range]:
    """The interval of every money fact, every count and every amount of a proved policy, by name."""
    tops = _tops(model)
    ranges = {fact.name: Range(fact.lowest, tops[fact.name]) for fact in model.facts if isinstance(fact, MoneyFact)}
    ranges |= {fact.name: Range(fact.lowest, fact.highest) for fact in model.facts if isinstance(fact, CountFact)}
    never_more = _never_more(model)
    bases = {benefit.name: benefit.base for benefit in model.benefits}
    for amount in model.amounts:
        found = expression_range(amount.expression, ranges, never_more)
        base = ranges[bases[amount.name]] if amount.role is Role.BENEFIT and amount.name in bases else None
        ranges[amount.name] = _proved(found, base)
    return ranges


def _tops(model: Model) -> dict[str, int]:
    """The highest value of every money fact, brought down by the facts that it may be at most."""
    facts = [fact for fact in model.facts if isinstance(fact, MoneyFact)]
    tops = {fact.name: fact.highest for fact in facts}
    for _ in facts:
        for fact in facts:
            if fact.at_most is not None:
                tops[fact.name] = max(min(tops[fact.name], tops[fact.at_most]), fact.lowest)
    return tops


def _never_more(model: Model) -> frozenset[tuple[str, str]]:
    """The pairs of money facts of which the first is at most the second."""
    return frozenset(
        (fact.name, fact.at_most) for fact in model.facts if isinstance(fact, MoneyFact) and fact.at_most is not None
    )


def _proved(found: Range, base: Range | None) -> Range:
    """The interval of an amount: whole, and after what TP203 proves never negative, a benefit at most its base."""
    highest = max(floor(found.highest), 0)
    if base is not None:
        highest = min(highest, floor(base.highest))
    return Range(min(max(ceil(found.lowest), 0), highest), highest)


def expression_range(
    expression: Expression, values: Mapping[str, Range], never_more: frozenset[tuple[str, str]] = frozenset()
) -> Range:
    """The interval of an expression, given those of the facts and amounts it reads.

    never_more  pairs of facts of which the first is at most the second
    """

    def of(node: Expression) -> Range:
        return expression_range(node, values, never_more)

    match expression:
        case Constant(value):
            return Range(value, value)
        case FactValue(name) | AmountValue(name):
            return values[name]
        case TotalSoFar():
            return TOTAL
        case Sum(terms):
            found = [of(term) for term in terms]
            return Range(sum(one.lowest for one in found), sum(one.highest for one in found))
        case Difference(left, right):
            return _difference(left, right, of(left), of(right), never_more)
        case Scaled(ratio, value):
            ends = (ratio * of(value).lowest, ratio * of(value).highest)
            return Range(min(ends), max(ends))
        case Smallest(terms):
            found = [of(term) for term in terms]
            return Range(min(one.lowest for one in found), min(one.highest for one in found))
        case Largest(terms):
            found = [of(term) for term in terms]
            return Range(max(one.lowest for one in found), max(one.highest for one in found))
        case Choice(then=then, otherwise=otherwise):
            return _either(of(then), of(otherwise))
        case ByCategory(cells=cells):
            found = [of(cell.value) for cell in cells]
            return Range(min(one.lowest for one in found), max(one.highest for one in found))
        case Capped(value, cap):
            inner, limit = of(value), of(cap)
            return Range(min(inner.lowest, limit.lowest), min(inner.highest, limit.highest))
        case Rounded(value, mode, unit):
            inner = of(value)
            return Range(
                round_to_unit(Fraction(inner.lowest), mode, unit), round_to_unit(Fraction(inner.highest), mode, unit)
            )
        case Accumulated(body=body):
            inner = of(body)
            return Range(inner.lowest - inner.highest, inner.highest - inner.lowest)
        case Schedule():
            return _schedule(expression, of)
        case _:
            assert_never(expression)


def _either(one: Range, other: Range) -> Range:
    return Range(min(one.lowest, other.lowest), max(one.highest, other.highest))


def _difference(
    left: Expression, right: Expression, from_: Range, less: Range, never_more: frozenset[tuple[str, str]]
) -> Range:
    found = Range(from_.lowest - less.highest, from_.highest - less.lowest)
    match left, right:
        case FactValue(larger), FactValue(smaller) if (smaller, larger) in never_more:
            return Range(max(found.lowest, 0), max(found.highest, 0))
        case _:
            return found


def _schedule(schedule: Schedule, of: Callable[[Expression], Range]) -> Range:
    """At most the largest ratio of everything above the smallest deductible: slices never overlap."""
    start: Exact = 0
    if isinstance(schedule.opening, Deductible):
        start = max(of(schedule.opening.amount).lowest, 0)
    ratios = [_most(cell) for band in schedule.bands for cell in band.ratios]
    return Range(0, max(ratios, default=Fraction(0)) * max(of(schedule.argument).highest - start, 0))


def _most(cell: BandRatio) -> Fraction:
    if cell.unknown is not None:
        return cell.unknown[1]
    return Fraction(0) if cell.ratio is None else cell.ratio
