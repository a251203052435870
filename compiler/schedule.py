"""What a band schedule gives for one argument: part of the reference meaning, for the interpreter and the explanation.

Exact, slow, obvious. `docs/semantics.md`, "Bands", in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from compiler.model import Band, Deductible, Expression, Manner, Measured, Schedule, Threshold
from dsl.source import Span


class Lack(Enum):
    """Why a formula has no value: each is a flaw of the policy, never of the claim."""

    NO_BAND = "no band"
    TWO_BANDS = "two bands"
    NO_RATIO = "no ratio"
    UNKNOWN_RATIO = "unknown ratio"
    NO_CELL = "no value for the category"


class NoValueError(Exception):
    """A formula has no value for a claim: why, at which whole amount (None for a missing cell), and in which clause."""

    def __init__(self, lack: Lack, at: int | None, span: Span) -> None:
        super().__init__(lack.value)
        self.lack = lack
        self.at = at
        self.span = span


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the argument that one band pays on, its ratio, and the exact minor units that gives."""

    band: Band
    length: Fraction
    ratio: Fraction

    @property
    def gives(self) -> Fraction:
        """What the band pays."""
        return self.ratio * self.length


@dataclass(frozen=True, slots=True)
class _Laid:
    """A band with its ends for one claim, and the smallest and largest whole amounts in it."""

    band: Band
    lower: Fraction
    upper: Fraction | None
    first: int
    last: int | None

    def holds(self, amount: int) -> bool:
        return self.first <= amount and (self.last is None or amount <= self.last)

    @property
    def empty(self) -> bool:
        return self.last is not None and self.last < self.first


def paid_parts(
    schedule: Schedule, column: tuple[str, ...], value: Callable[[Expression], Fraction]
) -> tuple[Part, ...]:
    """What each band pays on; nothing where the deductible or threshold keeps everything out.

    `value` gives the value of a formula for the claim. Raises NoValueError where an amount that can be paid lies in no
    band or in two, or its ratio is missing or unknown.
    """
    argument = value(schedule.argument)
    assert argument.denominator == 1, "a schedule reads whole amounts"
    amount, start, first_needing_a_band = argument.numerator, 0, 1
    bands = tuple(_laid(band, value) for band in schedule.bands)
    match schedule.opening:
        case Deductible(amount=deductible):
            start = _whole(value(deductible))
            first_needing_a_band = start + 1
        case Threshold(amount=threshold, included=included):
            first_passing = _whole(value(threshold)) + (not included)
            if amount < first_passing:
                return ()
            first_needing_a_band = max(min([first_passing, *(band.first for band in bands)]), 1)
        case None:
            pass
        case _:
            assert_never(schedule.opening)
    if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE:
        amount, start, first_needing_a_band = max(amount - start, 0), 0, 1
    if amount <= start:
        return ()
    if column not in schedule.columns:
        raise NoValueError(Lack.NO_CELL, None, schedule.span)
    place = schedule.columns.index(column)
    match schedule.manner:
        case Manner.ON_THE_WHOLE:
            band = _only_band_of(bands, amount, schedule.span).band
            return (Part(band, Fraction(amount - start), _ratio(schedule, band, place)),)
        case Manner.IN_SLICES:
            slices = _slices(bands, first_needing_a_band, amount, schedule.span)
            stretches = [
                (laid.band, min(ends, Fraction(amount)) - max(begins, Fraction(start))) for laid, begins, ends in slices
            ]
            return tuple(Part(band, length, _ratio(schedule, band, place)) for band, length in stretches if length > 0)
        case _:
            assert_never(schedule.manner)


def _whole(opening: Fraction) -> int:
    assert opening.denominator == 1 and opening >= 0, "a deductible is a whole amount"
    return opening.numerator


def _laid(band: Band, value: Callable[[Expression], Fraction]) -> _Laid:
    lower = value(band.lower.value)
    first = ceil(lower) if band.lower.included else floor(lower) + 1
    if band.upper is None:
        return _Laid(band, lower, None, first, None)
    upper = value(band.upper.value)
    return _Laid(band, lower, upper, first, floor(upper) if band.upper.included else ceil(upper) - 1)


def _slices(
    bands: tuple[_Laid, ...], first: int, amount: int, span: Span
) -> Iterator[tuple[_Laid, Fraction, Fraction]]:
    """The bands of the amounts `first` to `amount`, which need one each, with where their slices begin and end."""
    at, begins = first, None
    while at <= amount:
        band = _only_band_of(bands, at, span)
        if begins is None:
            before = [other.upper for other in bands if other.upper is not None and _joins(other, band)]
            begins = before[0] if before else band.lower
        ends = Fraction(amount) if band.upper is None else band.upper
        yield band, begins, ends
        until = amount if band.last is None else min(band.last, amount)
        others = [
            other.first for other in bands if other is not band and not other.empty and at <= other.first <= until
        ]
        if others:
            raise NoValueError(Lack.TWO_BANDS, min(others), span)
        if band.last is None:
            return
        at, begins = band.last + 1, band.upper


def _joins(other: _Laid, band: _Laid) -> bool:
    """Whether the last amount of `other` comes right before the first one of the band."""
    return other is not band and not other.empty and other.last is not None and other.last + 1 == band.first


def _only_band_of(bands: tuple[_Laid, ...], amount: int, span: Span) -> _Laid:
    containing = [band for band in bands if band.holds(amount)]
    match containing:
        case [band]:
            return band
        case []:
            raise NoValueError(Lack.NO_BAND, amount, span)
        case _:
            raise NoValueError(Lack.TWO_BANDS, amount, span)


def _ratio(schedule: Schedule, band: Band, place: int) -> Fraction:
    cell = band.ratios[place]
    if cell.ratio is None:
        raise NoValueError(Lack.NO_RATIO if cell.unknown is None else Lack.UNKNOWN_RATIO, None, schedule.span)
    return cell.ratio
