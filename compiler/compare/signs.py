"""Where a stair is above, at and below zero, and its highest and lowest point: from one period, exactly.

With `f(x + period) = f(x) + rise` the numbers fall into classes, one for each place in the period, along which f only
rises or only falls. So the first number above zero, the last one below it and the like are the first and last of what
each class gives by one division; the highest point lies in the last period of a rising stair, the lowest in its first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from compiler.compare.stretch import Row, Stretch


@dataclass(frozen=True, slots=True)
class Zone:
    """Numbers `first` to `last` and what a function does there.

    gains, gains_at  its highest value above zero, and the first number that has it; 0 where none is above
    loses, loses_at  how far below zero its lowest value is, and the first number that has it; 0 where none is below
    pure             all values have the same sign; else some are zero, or they have both signs
    """

    first: int
    last: int
    gains: int
    gains_at: int
    loses: int
    loses_at: int
    pure: bool

    @property
    def same(self) -> bool:
        """Every value is zero."""
        return not self.gains and not self.loses


def zones(row: Row) -> tuple[Zone, ...]:
    """The zones of a row of whole-number stairs; neighbours of one kind are one zone."""
    found: list[Zone] = []
    for stretch in row:
        for zone in signs(stretch):
            if found and found[-1].last + 1 == zone.first and _kind(found[-1]) == _kind(zone):
                found[-1] = _joined(found[-1], zone)
            else:
                found.append(zone)
    return tuple(found)


def _kind(zone: Zone) -> tuple[bool, bool]:
    return zone.gains > 0, zone.loses > 0


def _joined(one: Zone, other: Zone) -> Zone:
    gains = (one.gains, one.gains_at) if one.gains >= other.gains else (other.gains, other.gains_at)
    loses = (one.loses, one.loses_at) if one.loses >= other.loses else (other.loses, other.loses_at)
    return Zone(one.first, other.last, *gains, *loses, one.pure and other.pure)


def mirrored(found: Iterable[Zone]) -> tuple[Zone, ...]:
    """The zones of the same function with the other sign."""
    return tuple(
        replace(one, gains=one.loses, gains_at=one.loses_at, loses=one.gains, loses_at=one.gains_at) for one in found
    )


def signs(one: Stretch) -> Iterator[Zone]:
    """The zones of one stretch, in rising order, without holes; zeros at the rim of a zone are a zone of their own.

    Raises Inexact where the period is too long to be tried.
    """
    first, last = one.first, one.last
    if one.rise < 0:
        falls = one.at
        yield from mirrored(signs(replace(one, rise=-one.rise, at=lambda x: -falls(x))))
        return
    at = cache(one.at)
    begins = [(x, at(x)) for x in range(first, first + one.tried)]
    ends = range(max(first, last - one.period + 1), last + 1)
    below = [x for x, value in begins if value < 0]
    above = [x for x in ends if at(x) > 0]
    edges = {first, last + 1}
    if below:
        edges |= {below[0], max(_last_at_most(one, x, at(x), -1) for x in below) + 1}
    if above:
        edges |= {min(_first_at_least(one, x, value, 1) for x, value in begins), above[-1] + 1}
    for begin, end in pairwise(sorted(edges)):
        yield _zone(replace(one, first=begin, last=end - 1, at=at))


def _last_at_most(one: Stretch, x: int, value: int, most: int) -> int:
    """The last number of the class of x whose value is at most that, x itself being one."""
    steps = (one.last - x) // one.period
    if one.rise:
        steps = min(steps, (most - value) // one.rise)
    return x + steps * one.period


def _first_at_least(one: Stretch, x: int, value: int, least: int) -> int:
    """The first number of the class of x whose value is at least that; behind the last where there is none."""
    if value >= least:
        return x
    if not one.rise:
        return one.last + 1
    return x + -((value - least) // one.rise) * one.period


def _zone(one: Stretch) -> Zone:
    size = one.tried
    head = [(one.at(x), x) for x in range(one.first, one.first + size)]
    tail = [(one.at(x), x) for x in range(one.last - size + 1, one.last + 1)]
    highest, highest_at = max(tail, key=lambda point: (point[0], -point[1]))
    lowest, lowest_at = min(head)
    if not one.rise:
        highest_at = next(x for value, x in head if value == highest)
    above, below = highest > 0, lowest < 0
    pure = lowest > 0 or highest < 0 or (not above and not below)
    return Zone(
        one.first,
        one.last,
        highest if above else 0,
        highest_at if above else one.first,
        -lowest if below else 0,
        lowest_at if below else one.first,
        pure,
    )
