"""Exact facts about the bands of one schedule, in whole minor units and without the solver.

`Need` says which amounts must lie in a band; what remains is sorting and comparing ends. The amounts here are what the
bands see: the argument itself, or what exceeds the deductible where the schedule measures that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from compiler.model import (
    Band,
    BandRatio,
    ByCategory,
    Constant,
    Deductible,
    Expression,
    Manner,
    Measured,
    Schedule,
    Threshold,
)

Words = Mapping[str, str]
"""A category cell: the word of each category fact."""


@dataclass(frozen=True, slots=True)
class Need:
    """Which amounts need a band in one category cell.

    start  what is subtracted before a ratio applies (0 where nothing is, or where the bands see the rest)
    first  the smallest amount that needs a band; in slices an amount needs one for everything from `first` to itself
    door   the smallest amount of the argument that is paid at all
    """

    start: int
    first: int
    door: int


def constant_of(expression: Expression, words: Words) -> int | None:
    """The value of a constant, or of a table of constants in this cell; None where the cell is missing."""
    match expression:
        case Constant(value):
            return value
        case ByCategory(facts, cells):
            key = tuple(words[fact] for fact in facts)
            for cell in cells:
                if cell.key == key:
                    return constant_of(cell.value, words)
            return None
        case _:
            raise AssertionError("an opening is a constant or a table of constants")


def need_of(schedule: Schedule, words: Words) -> Need | None:
    """Which amounts need a band in this cell; None where only other cells have a deductible or threshold."""
    match schedule.opening:
        case None:
            return Need(0, 1, 1)
        case Deductible(amount):
            value = constant_of(amount, words)
            if value is None:
                return None
            if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE:
                return Need(0, 1, 1)
            return Need(value, value + 1, value + 1)
        case Threshold(amount, included):
            value = constant_of(amount, words)
            if value is None:
                return None
            door = max(value if included else value + 1, 1)
            if schedule.manner is Manner.ON_THE_WHOLE:
                return Need(0, door, door)
            if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE:
                return Need(0, 1, door)
            return Need(0, max(min([door, *(band.first for band in schedule.bands)]), 1), door)
        case _:
            assert_never(schedule.opening)


def in_order(schedule: Schedule) -> tuple[Band, ...]:
    """The bands from the lowest to the highest; those that contain no amount are left out."""
    bands = [band for band in schedule.bands if band.last is None or band.first <= band.last]
    return tuple(sorted(bands, key=lambda band: band.first))


@dataclass(frozen=True, slots=True)
class Stretch:
    """The amounts `first` to `last` (None: without end), and the bands beside or around them.

    For a gap: the band that ends before it and the one that begins after it. For an overlap: the two bands.
    """

    first: int
    last: int | None
    before: Band | None
    after: Band | None


def gaps(schedule: Schedule) -> tuple[Stretch, ...]:
    """Every stretch of amounts from 0 on that lies in no band, from the lowest to the highest."""
    found: list[Stretch] = []
    reached, ending = -1, None
    for band in in_order(schedule):
        if band.first > reached + 1:
            found.append(Stretch(reached + 1, band.first - 1, ending, band))
        if band.last is None:
            return tuple(found)
        if band.last > reached:
            reached, ending = band.last, band
    return (*found, Stretch(reached + 1, None, ending, None))


def overlaps(schedule: Schedule) -> tuple[Stretch, ...]:
    """What every band shares with the lower bands that reach into it, namely with the one that reaches highest."""
    found: list[Stretch] = []
    open_band: Band | None = None
    for band in in_order(schedule):
        if open_band is not None and (open_band.last is None or band.first <= open_band.last):
            found.append(Stretch(band.first, _lower(open_band.last, band.last), open_band, band))
        if open_band is None or _higher(band.last, open_band.last):
            open_band = band
    return tuple(found)


def _lower(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _higher(one: int | None, other: int | None) -> bool:
    return other is not None and (one is None or one > other)


def first_flaw(schedule: Schedule, need: Need, column: int | None) -> int | None:
    """The smallest amount from `need.first` on that lies in no band, in two, or in one without a ratio in the column.

    None where there is none. In slices every amount from there on has no value.
    """
    flaws = [
        max(stretch.first, need.first)
        for stretch in (*gaps(schedule), *overlaps(schedule))
        if stretch.last is None or stretch.last >= need.first
    ]
    if column is not None:
        flaws += [
            first
            for band in in_order(schedule)
            if is_missing(band.ratios[column]) and (first := first_paid(schedule, need, band)) is not None
        ]
    return min(flaws, default=None)


def is_missing(ratio: BandRatio) -> bool:
    """The policy leaves the cell empty; a ratio that it declares unknown is none of these."""
    return ratio.ratio is None and ratio.unknown is None


def first_paid(schedule: Schedule, need: Need, band: Band) -> int | None:
    """The smallest amount on a part of which the band pays in slices; None where it never does."""
    first = max(begins_of(schedule, band), need.start) + 1
    if band.upper is not None and band.upper.constant < first:
        return None
    return None if band.last is not None and band.last < need.first else max(first, need.first)


def begins_of(schedule: Schedule, band: Band) -> int:
    """Where the slice of a band that contains amounts begins."""
    return next(begins for other, begins in with_slices(schedule) if other is band)


@dataclass(frozen=True, slots=True)
class Piece:
    """Up to and including `last` (None: without end), the value is `slope * amount + intercept`, before rounding."""

    last: int | None
    slope: Fraction
    intercept: Fraction


def pieces(schedule: Schedule, need: Need, column: int) -> tuple[Piece, ...]:
    """What a schedule without flaws gives in one column, for amounts above `need.start` and from the door on.

    A ratio that is missing counts as 0 here: amounts that meet it have no value, and that is asked elsewhere.
    """
    found: list[Piece] = []
    paid = Fraction(0)
    for band, begins in with_slices(schedule):
        ratio = band.ratios[column].ratio or Fraction(0)
        match schedule.manner:
            case Manner.ON_THE_WHOLE:
                found.append(Piece(band.last, ratio, -ratio * need.start))
            case Manner.IN_SLICES:
                lower = max(begins, need.start)
                found.append(Piece(band.last, ratio, paid - ratio * lower))
                if band.upper is not None and needed(band, need):
                    paid += ratio * max(band.upper.constant - lower, 0)
            case _:
                assert_never(schedule.manner)
    return tuple(found)


def with_slices(schedule: Schedule) -> tuple[tuple[Band, int], ...]:
    """Every band in order, and where its slice begins: where that of a band right before it ends, else its own end."""
    bands = in_order(schedule)
    found: list[tuple[Band, int]] = []
    before: Band | None = None
    for band in bands:
        meets = before is not None and before.last is not None and before.last + 1 == band.first
        begins = before.upper if meets and before is not None and before.upper is not None else band.lower
        found.append((band, begins.constant))
        before = band
    return tuple(found)


def needed(band: Band, need: Need) -> bool:
    """Whether some amount of the band needs one; a slice without such an amount is not paid."""
    return band.last is None or band.last >= need.first
