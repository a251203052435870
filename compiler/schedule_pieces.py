"""The pieces of a table of bands: one straight line for each stretch of amounts, with prefix constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from compiler.model import (
    Band,
    ByCategory,
    Constant,
    Deductible,
    Expression,
    Manner,
    Measured,
    Schedule,
    Threshold,
)
from dsl.money import RoundingMode, round_to_unit
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounding to a multiple of `unit` minor units."""

    mode: RoundingMode
    unit: int


@dataclass(frozen=True, slots=True)
class Piece:
    """The value for the arguments `first` to `last`: `slope * argument + intercept`, then rounded where that is said.

    span  the clause that the piece comes from: a band, a cap, a constant
    """

    first: int
    last: int
    slope: Fraction
    intercept: Fraction
    rounding: Rounding | None
    span: Span

    def at(self, argument: int) -> Fraction:
        """The exact value at an argument of the piece, in minor units."""
        exact = self.slope * argument + self.intercept
        if self.rounding is None:
            return exact
        return Fraction(round_to_unit(exact, self.rounding.mode, self.rounding.unit))


Pieces = tuple[Piece, ...]
"""Pieces in rising order without overlap. Where there is none, the expression has no value (a gap, a missing cell)."""


def line(first: int, last: int, slope: Fraction, intercept: Fraction, span: Span) -> Piece:
    """A piece that is not rounded."""
    return Piece(first, last, slope, intercept, None, span)


def schedule_pieces(schedule: Schedule, cell: Mapping[str, str], top: int) -> Pieces:
    """The pieces of a `constant` schedule from 0 to `top`, in the column that `cell` chooses, unrounded.

    An amount that must lie in a band but lies in none, in two, or in one without a ratio, has no piece; in slices no
    amount above it has one either. Takes time in proportion to the bands, but for sorting them.
    """
    opened = _opening(schedule, cell)
    if opened is None:
        return ()
    start, zero_up_to, first = opened
    shift = 0
    if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE:
        shift, start, zero_up_to, first = start, 0, zero_up_to - start, 1
    inner_top = top - shift
    opening_span = schedule.span if schedule.opening is None else schedule.opening.span
    row = [line(0, min(zero_up_to + shift, top), Fraction(0), Fraction(0), opening_span)]
    key = tuple(cell[fact] for fact in schedule.categories)
    if key in schedule.columns and zero_up_to < inner_top:
        place = schedule.columns.index(key)
        match schedule.manner:
            case Manner.IN_SLICES:
                lines = _slices(schedule, place, start, first, inner_top)
            case Manner.ON_THE_WHOLE:
                lines = _on_the_whole(schedule, place, start, inner_top)
            case _:
                assert_never(schedule.manner)
        for one in lines:
            low = max(one.first, zero_up_to + 1)
            if low <= one.last:
                intercept = one.intercept - one.slope * shift
                row.append(line(low + shift, one.last + shift, one.slope, intercept, one.span))
    return tuple(row)


def _opening(schedule: Schedule, cell: Mapping[str, str]) -> tuple[int, int, int] | None:
    """What is taken off, the last amount for which nothing is paid, and the first one that needs a band.

    None where the deductible or threshold has no value for the categories.
    """
    match schedule.opening:
        case None:
            return 0, 0, 1
        case Deductible(amount):
            fixed = _fixed(amount, cell)
            return None if fixed is None else (fixed, fixed, fixed + 1)
        case Threshold(amount, included):
            fixed = _fixed(amount, cell)
            if fixed is None:
                return None
            passing = fixed if included else fixed + 1
            first = min([passing, *(band.first for band in schedule.bands)])
            return 0, max(passing - 1, 0), max(first, 1)
        case _:
            assert_never(schedule.opening)


def _fixed(amount: Expression, cell: Mapping[str, str]) -> int | None:
    """A constant, or the one in a table of constants; None where the table has none for the categories."""
    match amount:
        case Constant(value):
            return value
        case ByCategory(facts, cells):
            key = tuple(cell[fact] for fact in facts)
            return next((_fixed(one.value, cell) for one in cells if one.key == key), None)
        case _:
            raise AssertionError("a deductible is a constant, or a table of constants")


def _alone(schedule: Schedule, top: int) -> Iterator[tuple[int, int, Band]]:
    """The stretches of amounts that lie in exactly one band, in rising order: first, last, band."""
    events: list[tuple[int, int]] = []
    for index, band in enumerate(schedule.bands):
        last = top if band.last is None else min(band.last, top)
        if band.first <= last:
            events.append((band.first, index))
            events.append((last + 1, ~index))
    events.sort(key=lambda event: event[0])
    inside: dict[int, None] = {}
    before = 0
    for at, change in events:
        if len(inside) == 1 and before < at:
            (alone,) = inside
            yield before, at - 1, schedule.bands[alone]
        if change >= 0:
            inside[change] = None
        else:
            del inside[~change]
        before = at


def _slices(schedule: Schedule, place: int, start: int, first: int, top: int) -> Iterator[Piece]:
    """In slices: each band continues from what the bands below it came to."""
    ends_before: dict[int, int] = {}
    for band in schedule.bands:
        if band.upper is not None and band.last is not None and band.first <= band.last:
            ends_before.setdefault(band.last + 1, band.upper.constant)
    paid = Fraction(0)
    at = first
    begins: int | None = None
    for low, last, band in _alone(schedule, top):
        if last < at:
            continue
        ratio = band.ratios[place].ratio
        if low > at:
            return
        if begins is None:
            begins = ends_before.get(band.first, band.lower.constant)
        begins = max(begins, start)
        if ratio is None:
            # Where its slice has no length yet a band needs no ratio: `to under 100` leaves 100 itself nothing to pay.
            if begins < at:
                return
            yield line(at, at, Fraction(0), paid, band.span)
            if band.upper is None or band.upper.constant > begins:
                return
            ratio = Fraction(0)
        else:
            yield line(at, last, ratio, paid - ratio * begins, band.span)
        if band.upper is None or band.last is None or last < band.last:
            return
        paid += ratio * max(band.upper.constant - begins, 0)
        begins, at = band.upper.constant, last + 1


def _on_the_whole(schedule: Schedule, place: int, start: int, top: int) -> Iterator[Piece]:
    """On the whole amount: the ratio of the band around it, on everything above the deductible."""
    for low, last, band in _alone(schedule, top):
        ratio = band.ratios[place].ratio
        if ratio is not None:
            yield line(low, last, ratio, -ratio * start, band.span)
