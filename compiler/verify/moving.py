"""Bands whose ends follow from the claim, as terms: where each begins and ends, and what lies in it.

The same meaning as in `bands.py`, for ends that are no constants: so nothing can be sorted or compared beforehand, and
every question about them goes to the solver. Ends are numerators over one common denominator, so that an end may be a
part of a minor unit; `first` and `last` are the smallest and largest whole amounts of a band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import z3

from compiler.model import Band, Manner, Schedule

TRUE = z3.BoolVal(True)


@dataclass(frozen=True, slots=True)
class Laid:
    """A band for one claim; `upper` and `last` are None for one without an end."""

    band: Band
    lower: z3.ArithRef
    upper: z3.ArithRef | None
    first: z3.ArithRef
    last: z3.ArithRef | None

    @property
    def some(self) -> z3.BoolRef:
        """An amount lies in the band."""
        return TRUE if self.last is None else self.first <= self.last

    def holds(self, amount: z3.ArithRef) -> z3.BoolRef:
        """The amount lies in the band."""
        return self.first <= amount if self.last is None else z3.And(self.first <= amount, amount <= self.last)


@dataclass(frozen=True, slots=True)
class Layout:
    """The bands of one schedule for one claim.

    seen         the amount that the bands see
    start        what is subtracted before a ratio applies
    first        the smallest amount that needs a band
    paid         the amount is paid at all
    denominator  of the ends and of `lengths`
    """

    bands: tuple[Laid, ...]
    manner: Manner
    seen: z3.ArithRef
    start: z3.ArithRef
    first: z3.ArithRef
    paid: z3.BoolRef
    denominator: int

    def uncovered(self, amount: z3.ArithRef) -> z3.BoolRef:
        """The amount lies in no band."""
        return z3.Not(_or([laid.holds(amount) for laid in self.bands]))

    @property
    def gap(self) -> z3.BoolRef:
        """An amount that must lie in a band lies in none."""
        if self.manner is Manner.ON_THE_WHOLE:
            return z3.And(self.paid, self.uncovered(self.seen))
        # The smallest such amount is the first that needs a band, or comes right after a band.
        places = [self.first, *(laid.last + 1 for laid in self.bands if laid.last is not None)]
        found = [z3.And(self.first <= at, at <= self.seen, self.uncovered(at)) for at in places]
        return z3.And(self.paid, _or(found))

    @property
    def gap_below(self) -> z3.BoolRef:
        """An amount that must lie in a band lies below all of them."""
        at = self.seen if self.manner is Manner.ON_THE_WHOLE else self.first
        below = z3.And(*(z3.Or(z3.Not(laid.some), at < laid.first) for laid in self.bands))
        return z3.And(self.paid, at <= self.seen, below)

    @property
    def overlap(self) -> z3.BoolRef:
        """An amount that must lie in one band lies in two."""
        found: list[z3.BoolRef] = []
        for index, one in enumerate(self.bands):
            for other in self.bands[index + 1 :]:
                if self.manner is Manner.ON_THE_WHOLE:
                    found.append(z3.And(one.holds(self.seen), other.holds(self.seen)))
                else:
                    starts = (one.first, other.first, self.first)
                    ends = [end for end in (one.last, other.last, self.seen) if end is not None]
                    found.append(z3.And(*(begin <= end for begin in starts for end in ends)))
        return z3.And(self.paid, _or(found))

    def applies(self, index: int) -> z3.BoolRef:
        """The band pays on a part of the amount."""
        return z3.And(self.paid, self.length(index) > 0)

    def length(self, index: int) -> z3.ArithRef:
        """The part of the amount that the band pays on, a numerator over `denominator`; what is not paid is 0."""
        laid, q = self.bands[index], self.denominator
        nothing = z3.IntVal(0)
        if self.manner is Manner.ON_THE_WHOLE:
            return z3.If(z3.And(self.paid, laid.holds(self.seen)), q * (self.seen - self.start), nothing)
        begins = laid.lower
        # What pays on an amount runs from the end of the band that comes right before.
        for other in reversed(self.bands):
            if other is not laid and other.last is not None and other.upper is not None:
                begins = z3.If(z3.And(other.some, other.last + 1 == laid.first), other.upper, begins)
        begins = z3.If(begins > q * self.start, begins, q * self.start)
        whole = q * self.seen
        ends = whole if laid.upper is None else z3.If(laid.upper < whole, laid.upper, whole)
        met = z3.And(self.paid, laid.some, ends > begins)
        if laid.last is not None:
            met = z3.And(met, laid.last >= self.first)
        return z3.If(met, ends - begins, nothing)


def laid(
    schedule: Schedule,
    lowers: Sequence[z3.ArithRef],
    uppers: Sequence[z3.ArithRef | None],
    denominator: int,
) -> tuple[Laid, ...]:
    """The bands of a schedule; their ends are numerators over the denominator."""
    found: list[Laid] = []
    for band, lower, upper in zip(schedule.bands, lowers, uppers, strict=True):
        first = _up(lower, denominator) if band.lower.included else _down(lower, denominator) + 1
        last = None
        if upper is not None and band.upper is not None:
            last = _down(upper, denominator) if band.upper.included else _up(upper, denominator) - 1
        found.append(Laid(band, lower, upper, first, last))
    return tuple(found)


def first_after(door: z3.ArithRef, bands: Sequence[Laid], manner: Manner) -> z3.ArithRef:
    """The smallest amount that needs a band where a threshold lets amounts from `door` on pass."""
    first = door
    if manner is Manner.IN_SLICES:
        for band in bands:
            first = z3.If(band.first < first, band.first, first)
    return z3.If(first > 1, first, z3.IntVal(1))


def _down(numerator: z3.ArithRef, denominator: int) -> z3.ArithRef:
    return numerator if denominator == 1 else numerator / denominator


def _up(numerator: z3.ArithRef, denominator: int) -> z3.ArithRef:
    return numerator if denominator == 1 else (numerator + (denominator - 1)) / denominator


def _or(conditions: Sequence[z3.BoolRef]) -> z3.BoolRef:
    return z3.Or(*conditions) if conditions else z3.BoolVal(False)
