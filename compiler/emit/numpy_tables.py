"""Ladders of straight lines as tables: the form in which arrays are settled fastest.

Every step of a function, in every cell of its categories, is a sum of floors of straight lines. Over one divisor for
all of them, a step is a row of constants: a value is looked up by its step and cell, and computed without a branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import lcm

from compiler.emit.code import (
    Add,
    Code,
    FloorDivide,
    Function,
    Ladder,
    Match,
    Multiply,
    Number,
    Subtract,
    Variable,
    categories_read,
)
from compiler.emit.width import INT64_HIGHEST, INT64_LOWEST

MOST_ROWS = 30_000
"""Rows of a table that is still worth it; a place in it fits 16 bits."""


@dataclass(frozen=True, slots=True)
class Lines:
    """One addend of a table: `sign * ((slope * argument + fixed) // divisor)`, slope and fixed by row."""

    sign: int
    divisor: int
    slopes: tuple[int, ...]
    fixed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A function as a table: the row is the number of `ends` that the argument lies above, plus cell times steps.

    facts  the categories whose words make a cell, in the order of the policy; the last one turns fastest
    ends   in rising order; a row more than these for every cell
    """

    facts: tuple[str, ...]
    ends: tuple[int, ...]
    lines: tuple[Lines, ...]


@dataclass(frozen=True, slots=True)
class _Floor:
    """`sign * ((slope * argument + fixed) // divisor)`."""

    sign: int
    slope: int
    fixed: int
    divisor: int


@dataclass(frozen=True, slots=True)
class _Value:
    """A straight line plus floors of straight lines."""

    slope: int
    fixed: int
    floors: tuple[_Floor, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A value and the arguments for which it is looked up; none of these where `first > last`."""

    value: _Value
    first: int
    last: int


def table_of(function: Function, words: Mapping[str, tuple[str, ...]]) -> Table | None:
    """The function as a table; None where it is no such thing, too large, or could leave 64 bits."""
    facts = tuple(name for name in words if name in categories_read(function.body))
    keys = list(product(*(words[name] for name in facts)))
    bodies = [_in_cell(function.body, dict(zip(facts, key, strict=True))) for key in keys]
    ladders = [body for body in bodies if isinstance(body, Ladder)]
    if any(ladder.argument.name != function.argument for ladder in ladders):
        return None
    ends = sorted({step.last for ladder in ladders for step in ladder.steps if step.last < function.highest})
    if len(keys) * (len(ends) + 1) > MOST_ROWS:
        return None
    rows: list[_Row] = []
    for body in bodies:
        firsts = [function.lowest, *(end + 1 for end in ends)]
        for first, last in zip(firsts, [*ends, function.highest], strict=True):
            value = _value(_at(body, last), function.argument)
            if value is None:
                return None
            rows.append(_Row(value, max(first, function.lowest), last))
    lines = _lines(rows)
    return None if lines is None else Table(facts, tuple(ends), lines)


def _in_cell(code: Code, cell: Mapping[str, str]) -> Code:
    while isinstance(code, Match):
        key = tuple(cell[fact] for fact in code.facts)
        code = next(arm.value for arm in code.arms if key in arm.keys)
    return code


def _at(code: Code, argument: int) -> Code:
    """The step of a ladder, or the code itself where it is none."""
    if not isinstance(code, Ladder):
        return code
    return next((step.value for step in code.steps if argument <= step.last), code.top)


def _value(code: Code, argument: str) -> _Value | None:
    match code:
        case Number(value):
            return _Value(0, value, ())
        case Variable(name):
            return _Value(1, 0, ()) if name == argument else None
        case Multiply(factor, inner):
            found = _value(inner, argument)
            return None if found is None else _times(factor, found)
        case Add(terms):
            return _sum([_value(term, argument) for term in terms])
        case Subtract(left, right):
            found = _value(right, argument)
            return None if found is None else _sum([_value(left, argument), _times(-1, found)])
        case FloorDivide(inner, divisor):
            found = _value(inner, argument)
            if found is None or found.floors:
                return None
            return _Value(0, 0, (_Floor(1, found.slope, found.fixed, divisor),))
        case _:
            return None


def _times(factor: int, value: _Value) -> _Value:
    floors = tuple(_Floor(factor * one.sign, one.slope, one.fixed, one.divisor) for one in value.floors)
    return _Value(factor * value.slope, factor * value.fixed, floors)


def _sum(values: list[_Value | None]) -> _Value | None:
    found = [value for value in values if value is not None]
    if len(found) < len(values):
        return None
    floors = tuple(floor for value in found for floor in value.floors)
    return _Value(sum(value.slope for value in found), sum(value.fixed for value in found), floors)


def _lines(rows: list[_Row]) -> tuple[Lines, ...] | None:
    """The rows as addends with one sign and one divisor each."""
    longest = max((row.value.floors for row in rows), key=len)
    signs = [floor.sign for floor in longest] or [1]
    addends = [_addends(row.value, signs) for row in rows]
    found = []
    for place, sign in enumerate(signs):
        floors = [None if row is None else row[place] for row in addends]
        divisor = lcm(*(floor.divisor for floor in floors if floor is not None))
        slopes, fixed = [], []
        for row, floor in zip(rows, floors, strict=True):
            if floor is None:
                return None
            times = divisor // floor.divisor
            slopes.append(times * floor.slope)
            fixed.append(times * floor.fixed)
            ends = [slopes[-1] * argument for argument in (row.first, row.last)] if row.first <= row.last else []
            sums = [end + fixed[-1] for end in ends]
            if not all(INT64_LOWEST <= one <= INT64_HIGHEST for one in (*ends, *sums, slopes[-1], fixed[-1])):
                return None
        found.append(Lines(sign, divisor, tuple(slopes), tuple(fixed)))
    return tuple(found)


def _addends(value: _Value, signs: list[int]) -> list[_Floor] | None:
    """A value as one floor for each sign; its straight line goes into the first."""
    floors = [*value.floors, *(_Floor(sign, 0, 0, 1) for sign in signs[len(value.floors) :])]
    if any(floor.sign != sign for floor, sign in zip(floors, signs, strict=True)):
        return None
    first, sign = floors[0], signs[0]
    if value.slope % sign or value.fixed % sign:
        return None
    slope, fixed = value.slope // sign * first.divisor, value.fixed // sign * first.divisor
    return [_Floor(sign, first.slope + slope, first.fixed + fixed, first.divisor), *floors[1:]]
