"""Amounts as functions of one whole number, exactly: stretches on which a function repeats itself, a step higher.

A ratio of an amount, rounded, is a stair: `round(2/3 * x)` gains 2 whenever x gains 3. Sums of stairs are stairs again,
and so is a stair of a stair, where nothing bends. So every amount of a claim whose facts are one number is a row of
stretches with `f(x + period) = f(x) + rise`, and what is true of one period is true of all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import gcd, lcm
from typing import assert_never

from compiler.compare.signs import signs
from compiler.compare.stretch import Inexact, Row, Stretch
from compiler.schedule_pieces import Pieces
from dsl.money import RoundingMode

MOST_POINTS = 2_000
"""How many amounts may be taken one by one, where two functions change places from each to the next."""


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers `first` to `last`, for which a condition holds or does not."""

    first: int
    last: int
    holds: bool


def constant(value: int, first: int, last: int) -> Row:
    """The same for every number."""
    return (Stretch(first, last, 1, 1, 0, lambda _: value),)


def itself(first: int, last: int) -> Row:
    """The number itself."""
    return (Stretch(first, last, 1, 1, 1, lambda x: x),)


def both(left: Row, right: Row) -> Iterator[tuple[Stretch, Stretch]]:
    """Two rows cut at each other's ends, where both have a value, over one denominator and with one period."""
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i].first, right[j].first), min(left[i].last, right[j].last)
        if first <= last:
            denominator = lcm(left[i].denominator, right[j].denominator)
            period = lcm(left[i].period, right[j].period)
            yield (
                _as(replace(left[i], first=first, last=last), denominator, period),
                _as(replace(right[j], first=first, last=last), denominator, period),
            )
        if left[i].last <= right[j].last:
            i += 1
        else:
            j += 1


def _as(one: Stretch, denominator: int, period: int) -> Stretch:
    factor, times = denominator // one.denominator, period // one.period
    at = one.at if factor == 1 else _times(one.at, factor)
    return replace(one, denominator=denominator, period=period, rise=one.rise * times * factor, at=at)


def _times(at: Callable[[int], int], factor: int) -> Callable[[int], int]:
    return lambda x: factor * at(x)


def sum_of(left: Row, right: Row, sign: int = 1) -> Row:
    """`left + right`, or `left - right` with the sign -1."""
    return tuple(_added(one, other, sign) for one, other in both(left, right))


def _added(one: Stretch, other: Stretch, sign: int) -> Stretch:
    left, right = one.at, other.at
    return replace(one, rise=one.rise + sign * other.rise, at=lambda x: left(x) + sign * right(x))


def scaled(row: Row, numerator: int, denominator: int) -> Row:
    """The fraction of a row."""
    return tuple(
        replace(one, denominator=one.denominator * denominator, rise=one.rise * numerator, at=_times(one.at, numerator))
        for one in row
    )


def rounded(row: Row, mode: RoundingMode, unit: int) -> Row:
    """A row rounded to a multiple of the unit."""
    return tuple(one if unit == 1 and one.denominator == 1 else _rounded(one, mode, unit) for one in row)


def _rounded(one: Stretch, mode: RoundingMode, unit: int) -> Stretch:
    step, at = one.denominator * unit, one.at
    repeats = step * (2 if mode is RoundingMode.HALF_EVEN else 1)
    times = repeats // gcd(one.rise, repeats)

    stair: Callable[[int], int]
    match mode:
        case RoundingMode.DOWN:
            stair = _floored(at, 1, 0, step, unit)
        case RoundingMode.UP:
            stair = _floored(at, 1, step - 1, step, unit)
        case RoundingMode.HALF_UP:
            stair = _floored(at, 2, step, 2 * step, unit)
        case RoundingMode.HALF_EVEN:
            stair = _to_even(at, step, unit)
        case _:
            assert_never(mode)
    return Stretch(one.first, one.last, 1, one.period * times, one.rise * times // one.denominator, stair)


def _floored(at: Callable[[int], int], factor: int, more: int, step: int, unit: int) -> Callable[[int], int]:
    return lambda x: (factor * at(x) + more) // step * unit


def _to_even(at: Callable[[int], int], step: int, unit: int) -> Callable[[int], int]:
    def stair(x: int) -> int:
        down, rest = divmod(at(x), step)
        return (down + (2 * rest > step or (2 * rest == step and down % 2 == 1))) * unit

    return stair


def through(row: Pieces, argument: Stretch) -> Iterator[Stretch]:
    """A row of straight pieces taken at the values of a stair. Raises Inexact for one that goes down again."""
    if argument.denominator != 1 or not never_falls(argument) or argument.at(argument.first) < 0:
        raise Inexact
    for piece in row:
        assert piece.rounding is None
        first = _first_with(argument, piece.first)
        last = _first_with(argument, piece.last + 1) - 1
        if first <= last:
            denominator = lcm(piece.slope.denominator, piece.intercept.denominator)
            slope, intercept = (piece.slope * denominator).numerator, (piece.intercept * denominator).numerator
            yield Stretch(
                first, last, denominator, argument.period, argument.rise * slope, _line(argument.at, slope, intercept)
            )


def _line(at: Callable[[int], int], slope: int, intercept: int) -> Callable[[int], int]:
    return lambda x: slope * at(x) + intercept


def never_falls(one: Stretch) -> bool:
    """Whether no number has a lower value than the one before: tried along one period, the step into the next one too.

    Raises Inexact where the period is too long to be tried.
    """
    steps = min(one.tried, one.last - one.first)
    return one.rise >= 0 and all(one.at(x) <= one.at(x + 1) for x in range(one.first, one.first + steps))


def _first_with(one: Stretch, least: int) -> int:
    """The first number whose value is at least that much; one behind the last where there is none."""
    low, high = one.first, one.last + 1
    while low < high:
        middle = (low + high) // 2
        if one.at(middle) >= least:
            high = middle
        else:
            low = middle + 1
    return low


# Two rows against each other --------------------------------------------------------------------------


def smaller(left: Row, right: Row) -> Row:
    """The smaller of two rows."""
    return tuple(_chosen(left, right, True))


def larger(left: Row, right: Row) -> Row:
    """The larger of two rows."""
    return tuple(_chosen(left, right, False))


def _chosen(left: Row, right: Row, smaller_one: bool) -> Iterator[Stretch]:
    for one, other in both(left, right):
        for run in below(one, other):
            yield replace(one if run.holds is smaller_one else other, first=run.first, last=run.last)


def below(one: Stretch, other: Stretch, or_equal: bool = False) -> Iterator[Run]:
    """Where the first of two stretches, over one denominator, is below the other, or not above it."""
    difference = _added(one, other, -1)
    at, aside = difference.at, -1 if or_equal else 1
    never_zero = replace(difference, rise=2 * difference.rise, at=lambda x: 2 * at(x) + aside)
    for zone in signs(never_zero):
        if zone.pure:
            yield Run(zone.first, zone.last, zone.loses > 0)
        elif zone.last - zone.first < MOST_POINTS:
            for x in range(zone.first, zone.last + 1):
                yield Run(x, x, never_zero.at(x) < 0)
        else:
            raise Inexact


def where(runs: tuple[Run, ...], row: Row, holds: bool) -> Iterator[Stretch]:
    """The parts of a row where a condition holds, or does not."""
    for run in runs:
        if run.holds is holds:
            for one in row:
                first, last = max(run.first, one.first), min(run.last, one.last)
                if first <= last:
                    yield replace(one, first=first, last=last)
