"""The amounts of a first claim whose facts are one number, as rows of stairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from compiler.compare.rows import (
    Run,
    below,
    both,
    constant,
    itself,
    larger,
    rounded,
    scaled,
    smaller,
    sum_of,
    through,
    where,
)
from compiler.compare.stretch import Inexact, Row
from compiler.model import (
    Accumulated,
    AllOf,
    AmountValue,
    AnyOf,
    ByCategory,
    Capped,
    Choice,
    Compare,
    Condition,
    Constant,
    Difference,
    Expression,
    FactValue,
    IsOneOf,
    Largest,
    Model,
    Not,
    Relation,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
)
from compiler.schedule_pieces import schedule_pieces
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class _Place:
    """What the names in a formula stand for; `total` is what `TotalSoFar` does."""

    cell: Mapping[str, str]
    first: int
    last: int
    amounts: Mapping[str, Row]
    total: Row | None


def amount_rows(model: Model, wanted: frozenset[str], cell: Mapping[str, str], first: int, last: int) -> dict[str, Row]:
    """The wanted amounts of a claim that nothing was settled before, by name, whole numbers of minor units.

    Every money or count fact stands for the same number from `first` to `last`: the caller sees to it that they read
    one only. Raises Inexact where an amount is no row of stairs.
    """
    found: dict[str, Row] = {}
    for amount in model.amounts:
        if amount.name in wanted:
            found[amount.name] = _row(amount.expression, _Place(cell, first, last, found, None))
    return found


def cost_row(model: Model, amounts: Mapping[str, Row], cell: Mapping[str, str], first: int, last: int) -> Row:
    """The cost that the benefits share, of the same claim."""
    return _row(model.cost, _Place(cell, first, last, amounts, None))


def row_of_total(body: Expression, cell: Mapping[str, str], top: int) -> Row:
    """A formula that reads nothing but a running total, by that total from 0 to `top`."""
    return _row(body, _Place(cell, 0, top, {}, itself(0, top)))


def _row(node: Expression, place: _Place) -> Row:
    def of(inner: Expression) -> Row:
        return _row(inner, place)

    match node:
        case Constant(value):
            return constant(value, place.first, place.last)
        case FactValue():
            return itself(place.first, place.last)
        case AmountValue(name):
            return place.amounts[name]
        case TotalSoFar():
            assert place.total is not None
            return place.total
        case Sum(terms):
            return reduce(sum_of, map(of, terms))
        case Difference(left, right):
            return sum_of(of(left), of(right), -1)
        case Scaled(ratio, value):
            return scaled(of(value), ratio.numerator, ratio.denominator)
        case Smallest(terms):
            return reduce(smaller, map(of, terms))
        case Largest(terms):
            return reduce(larger, map(of, terms))
        case Capped(value, cap):
            return smaller(of(value), of(cap))
        case Choice(condition, then, otherwise):
            runs = _runs(condition, place)
            chosen = (*where(runs, of(then), True), *where(runs, of(otherwise), False))
            return tuple(sorted(chosen, key=lambda stretch: stretch.first))
        case ByCategory(facts, cells):
            key = tuple(place.cell[fact] for fact in facts)
            return next((of(one.value) for one in cells if one.key == key), ())
        case Rounded(value, mode, unit):
            return rounded(of(value), mode, unit)
        case Schedule():
            return _through_bands(node, place.cell, of(node.argument))
        case Accumulated(running, body):
            total = place.amounts[running.amount]
            if any(stretch.at(x) > DOMAIN_TOP for stretch in total for x in (stretch.first, stretch.last)):
                raise Inexact
            nothing = constant(0, place.first, place.last)
            after = _row(body, _Place(place.cell, place.first, place.last, place.amounts, total))
            before = _row(body, _Place(place.cell, place.first, place.last, place.amounts, nothing))
            return after if _is_nothing(before, place) else sum_of(after, before, -1)
        case _:
            assert_never(node)


def _is_nothing(row: Row, place: _Place) -> bool:
    """Whether a row is plainly 0 everywhere."""
    match row:
        case (one,):
            return (one.first, one.last, one.period, one.rise) == (place.first, place.last, 1, 0) and not one.at(
                one.first
            )
        case _:
            return False


def _through_bands(node: Schedule, cell: Mapping[str, str], argument: Row) -> Row:
    if not node.constant:
        raise Inexact
    top = max((stretch.at(stretch.last) for stretch in argument), default=0)
    row = schedule_pieces(node, cell, max(top, 0))
    return tuple(one for stretch in argument for one in through(row, stretch))


# Conditions -------------------------------------------------------------------------------------------


def _runs(condition: Condition, place: _Place) -> tuple[Run, ...]:
    """Where a condition holds and where it does not, in rising order."""
    match condition:
        case Compare(left, relation, right):
            return tuple(_compared(_row(left, place), relation, _row(right, place)))
        case IsOneOf(fact, words):
            return (Run(place.first, place.last, place.cell[fact] in words),)
        case AllOf(conditions):
            return _joined([_runs(inner, place) for inner in conditions], place, every=True)
        case AnyOf(conditions):
            return _joined([_runs(inner, place) for inner in conditions], place, every=False)
        case Not(inner):
            return tuple(Run(run.first, run.last, not run.holds) for run in _runs(inner, place))
        case _:
            assert_never(condition)


def _compared(left: Row, relation: Relation, right: Row) -> Iterator[Run]:
    for one, other in both(left, right):
        match relation:
            case Relation.LESS:
                yield from below(one, other)
            case Relation.AT_MOST:
                yield from below(one, other, or_equal=True)
            case Relation.AT_LEAST:
                yield from (Run(run.first, run.last, not run.holds) for run in below(one, other))
            case Relation.MORE:
                yield from (Run(run.first, run.last, not run.holds) for run in below(one, other, or_equal=True))
            case Relation.EQUAL:
                parts = [tuple(below(one, other, or_equal=True)), tuple(below(other, one, or_equal=True))]
                yield from _both_hold(*parts)
            case _:
                assert_never(relation)


def _both_hold(left: Iterable[Run], right: Iterable[Run]) -> Iterator[Run]:
    for one in left:
        for other in right:
            first, last = max(one.first, other.first), min(one.last, other.last)
            if first <= last:
                yield Run(first, last, one.holds and other.holds)


def _joined(parts: list[tuple[Run, ...]], place: _Place, every: bool) -> tuple[Run, ...]:
    """All of the conditions, or any of them: any holds where not all of the opposites do."""
    runs: tuple[Run, ...] = (Run(place.first, place.last, True),)
    for part in parts:
        turned = part if every else tuple(Run(run.first, run.last, not run.holds) for run in part)
        runs = tuple(_both_hold(runs, turned))
    return runs if every else tuple(Run(run.first, run.last, not run.holds) for run in runs)
