"""Exact pieces: an expression of one whole amount, in one category cell, as straight lines between breakpoints.

A deductible, bands in slices or on the whole amount, caps, the smaller and larger of two values, and choices by
amount all become one row of pieces with prefix constants. The calculators print those rows, and the verifier takes
its breakpoints from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import assert_never

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
    Not,
    Relation,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    walk,
)
from compiler.schedule_pieces import Piece, Pieces, Rounding, line, schedule_pieces
from dsl.money import RoundingMode, round_to_unit
from dsl.source import Span

Argument = FactValue | AmountValue | TotalSoFar
"""What an expression of one amount reads."""


class _NotPiecewiseError(Exception):
    """The expression is not a row of straight lines, each rounded at most once."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of arguments on which something holds, or does not."""

    first: int
    last: int
    holds: bool


def argument_of(expression: Expression) -> Argument | None:
    """The one amount, fact or running total that an expression reads; None where it reads none or several."""
    found = {node: None for node in walk(expression) if isinstance(node, FactValue | AmountValue | TotalSoFar)}
    return next(iter(found)) if len(found) == 1 else None


def pieces(expression: Expression, cell: Mapping[str, str], top: int) -> Pieces | None:
    """The pieces of an expression for its argument from 0 to `top`, the categories being those of `cell`.

    None where the expression reads more than one amount, or is no row of straight lines each rounded at most once.
    """
    reads = {node for node in walk(expression) if isinstance(node, FactValue | AmountValue | TotalSoFar)}
    if len(reads) > 1:
        return None
    try:
        return merged(_pieces(expression, cell, top))
    except _NotPiecewiseError:
        return None


def merged(row: Iterable[Piece]) -> Pieces:
    """The same function with neighbours that continue one another made one piece."""
    result: list[Piece] = []
    for piece in row:
        before = result[-1] if result else None
        if before is not None and before.last + 1 == piece.first and _continues(before, piece):
            result[-1] = replace(before, last=piece.last)
        else:
            result.append(piece)
    return tuple(result)


def _continues(before: Piece, piece: Piece) -> bool:
    if (before.slope, before.intercept, before.rounding) != (piece.slope, piece.intercept, piece.rounding):
        return False
    return before.slope == 0 or before.span == piece.span


# Expressions ----------------------------------------------------------------------------------------


def _pieces(expression: Expression, cell: Mapping[str, str], top: int) -> Pieces:
    def of(node: Expression) -> Pieces:
        return _pieces(node, cell, top)

    match expression:
        case Constant(value, span):
            return (line(0, top, Fraction(0), Fraction(value), span),)
        case FactValue(span=span) | AmountValue(span=span) | TotalSoFar(span=span):
            return (line(0, top, Fraction(1), Fraction(0), span),)
        case Sum(terms):
            return reduce(_sum, (of(term) for term in terms))
        case Difference(left, right):
            return _sum(of(left), _scaled(Fraction(-1), of(right)))
        case Scaled(ratio, value):
            return _scaled(ratio, of(value))
        case Smallest(terms):
            return reduce(_smaller, (of(term) for term in terms))
        case Largest(terms):
            return reduce(_larger, (of(term) for term in terms))
        case Capped(value, cap):
            return _smaller(of(value), of(cap))
        case Choice(condition, then, otherwise):
            runs = _runs(condition, cell, top)
            chosen = (*_where(runs, True, of(then)), *_where(runs, False, of(otherwise)))
            return tuple(sorted(chosen, key=lambda piece: piece.first))
        case ByCategory(facts, cells):
            key = tuple(cell[fact] for fact in facts)
            return next((of(one.value) for one in cells if one.key == key), ())
        case Rounded(value, mode, unit):
            return tuple(_rounded(piece, Rounding(mode, unit)) for piece in of(value))
        case Schedule():
            return _composed(expression, cell, of(expression.argument))
        case Accumulated():
            raise _NotPiecewiseError
        case _:
            assert_never(expression)


def _both(left: Pieces, right: Pieces) -> Iterator[tuple[Piece, Piece]]:
    """The two rows cut at each other's ends, where both have a value."""
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i].first, right[j].first), min(left[i].last, right[j].last)
        if first <= last:
            yield replace(left[i], first=first, last=last), replace(right[j], first=first, last=last)
        if left[i].last <= right[j].last:
            i += 1
        else:
            j += 1


def _sum(left: Pieces, right: Pieces) -> Pieces:
    return tuple(_added(one, other) for one, other in _both(left, right))


def _added(one: Piece, other: Piece) -> Piece:
    if one.rounding is not None and other.rounding is not None:
        raise _NotPiecewiseError
    if other.rounding is not None:
        one, other = other, one
    if one.rounding is not None and not _unmoved(other, one.rounding):
        raise _NotPiecewiseError
    span = one.span if one.slope != 0 or other.slope == 0 else other.span
    return replace(one, slope=one.slope + other.slope, intercept=one.intercept + other.intercept, span=span)


def _unmoved(line: Piece, rounding: Rounding) -> bool:
    """Whether rounding a value with this line added is rounding the value, and adding the line then."""
    step = rounding.unit * (2 if rounding.mode is RoundingMode.HALF_EVEN else 1)
    return line.slope % step == 0 and line.intercept % step == 0


def _scaled(ratio: Fraction, row: Pieces) -> Pieces:
    if ratio != 1 and any(piece.rounding is not None for piece in row):
        raise _NotPiecewiseError
    return tuple(replace(piece, slope=ratio * piece.slope, intercept=ratio * piece.intercept) for piece in row)


def _rounded(piece: Piece, rounding: Rounding) -> Piece:
    if piece.rounding is not None:
        if piece.rounding.unit % rounding.unit == 0:
            return piece
        raise _NotPiecewiseError
    if piece.slope % rounding.unit == 0 and piece.intercept % rounding.unit == 0:
        return piece
    if piece.slope == 0 or piece.first == piece.last:
        value = round_to_unit(piece.at(piece.first), rounding.mode, rounding.unit)
        return replace(piece, slope=Fraction(0), intercept=Fraction(value))
    return replace(piece, rounding=rounding)


# Comparing two rows ---------------------------------------------------------------------------------


def _signs(left: Piece, right: Piece) -> list[tuple[int, int, int]]:
    """Where the left value is below (-1), equal to (0) or above (1) the right one: first, last, sign."""
    if not _never_turns(left, right):
        raise _NotPiecewiseError

    def sign(argument: int) -> int:
        difference = left.at(argument) - right.at(argument)
        return (difference > 0) - (difference < 0)

    found = []
    first, last, end = left.first, left.last, sign(left.last)
    while first <= last:
        here = sign(first)
        until = last if here == end else _last_with(sign, here, first, last)
        found.append((first, until, here))
        first = until + 1
    return found


def _never_turns(left: Piece, right: Piece) -> bool:
    """Whether the difference only rises or only falls along the piece."""
    if left.rounding is None and right.rounding is None:
        return True
    return left.slope == 0 or right.slope == 0 or (left.slope > 0) != (right.slope > 0)


def _last_with(sign: Callable[[int], int], here: int, first: int, last: int) -> int:
    """The last argument whose sign is `here`: that of `first` but not of `last`, and no sign comes back."""
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if sign(middle) == here else (first, middle)
    return first


def _smaller(left: Pieces, right: Pieces) -> Pieces:
    return tuple(piece for one, other in _both(left, right) for piece in _chosen(one, other, -1))


def _larger(left: Pieces, right: Pieces) -> Pieces:
    return tuple(piece for one, other in _both(left, right) for piece in _chosen(one, other, 1))


def _chosen(one: Piece, other: Piece, wanted: int) -> Iterator[Piece]:
    """The first of two pieces where its sign against the second is the wanted one or none, else the second."""
    if one.rounding is not None and one.rounding == other.rounding:
        # Rounding never changes an order, so the smaller of two rounded values is the smaller one rounded.
        rounding = one.rounding
        for piece in _chosen(replace(one, rounding=None), replace(other, rounding=None), wanted):
            yield replace(piece, rounding=rounding)
        return
    for first, last, sign in _signs(one, other):
        yield replace(one if sign in (wanted, 0) else other, first=first, last=last)


# Conditions -----------------------------------------------------------------------------------------


def _runs(condition: Condition, cell: Mapping[str, str], top: int) -> tuple[_Run, ...]:
    match condition:
        case Compare(left, relation, right):
            pairs = _both(_pieces(left, cell, top), _pieces(right, cell, top))
            return tuple(
                _Run(first, last, _related(sign, relation))
                for one, other in pairs
                for first, last, sign in _signs(one, other)
            )
        case IsOneOf(fact, values):
            return (_Run(0, top, cell[fact] in values),)
        case AllOf(conditions):
            return reduce(
                lambda left, right: _joined(left, right, lambda a, b: a and b),
                (_runs(inner, cell, top) for inner in conditions),
            )
        case AnyOf(conditions):
            return reduce(
                lambda left, right: _joined(left, right, lambda a, b: a or b),
                (_runs(inner, cell, top) for inner in conditions),
            )
        case Not(inner):
            return tuple(replace(run, holds=not run.holds) for run in _runs(inner, cell, top))
        case _:
            assert_never(condition)


def _related(sign: int, relation: Relation) -> bool:
    match relation:
        case Relation.LESS:
            return sign < 0
        case Relation.AT_MOST:
            return sign <= 0
        case Relation.EQUAL:
            return sign == 0
        case Relation.AT_LEAST:
            return sign >= 0
        case Relation.MORE:
            return sign > 0
        case _:
            assert_never(relation)


def _joined(left: tuple[_Run, ...], right: tuple[_Run, ...], join: Callable[[bool, bool], bool]) -> tuple[_Run, ...]:
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i].first, right[j].first), min(left[i].last, right[j].last)
        if first <= last:
            result.append(_Run(first, last, join(left[i].holds, right[j].holds)))
        if left[i].last <= right[j].last:
            i += 1
        else:
            j += 1
    return tuple(result)


def _where(runs: tuple[_Run, ...], holds: bool, row: Pieces) -> Iterator[Piece]:
    """The pieces of a row on the runs where the condition holds, or does not."""
    i = j = 0
    while i < len(runs) and j < len(row):
        first, last = max(runs[i].first, row[j].first), min(runs[i].last, row[j].last)
        if first <= last and runs[i].holds is holds:
            yield replace(row[j], first=first, last=last)
        if runs[i].last <= row[j].last:
            i += 1
        else:
            j += 1


# Schedules of an argument ---------------------------------------------------------------------------


def _composed(schedule: Schedule, cell: Mapping[str, str], argument: Pieces) -> Pieces:
    """The schedule of an argument that is itself a row of lines of slope 0 or 1."""
    if not schedule.constant:
        raise _NotPiecewiseError
    if not argument:
        return ()
    if any(piece.rounding is not None or piece.slope not in (0, 1) for piece in argument):
        raise _NotPiecewiseError
    if any(piece.intercept.denominator != 1 for piece in argument):
        raise _NotPiecewiseError
    highest = max(piece.at(piece.last).numerator for piece in argument)
    row = schedule_pieces(schedule, cell, max(highest, 0))
    return tuple(piece for outer in argument for piece in _through(row, outer, schedule.span))


def _through(row: Pieces, outer: Piece, span: Span) -> Iterator[Piece]:
    """The pieces of `row` taken at the values of `outer`, which has slope 0 or 1."""
    shift = outer.intercept.numerator
    if outer.slope == 0:
        at = max(shift, 0)
        for piece in row:
            if piece.first <= at <= piece.last:
                yield line(outer.first, outer.last, Fraction(0), piece.at(at), piece.span)
        return
    if outer.first + shift < 0:
        yield line(outer.first, min(outer.last, -shift - 1), Fraction(0), Fraction(0), span)
    for piece in row:
        first, last = max(piece.first - shift, outer.first), min(piece.last - shift, outer.last)
        if first <= last:
            yield line(first, last, piece.slope, piece.intercept + piece.slope * shift, piece.span)
