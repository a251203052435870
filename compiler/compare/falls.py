"""How far a sum of two rows of stairs goes down when the second is looked at no earlier than the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.compare.rows import both
from compiler.compare.stretch import Inexact, Row, Stretch
from dsl.money import DOMAIN_TOP

MOST_POINTS = 1_000_000
"""How many numbers may be looked at."""


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest value, and the first numbers that have it: `before` for the first row, `after` for the second."""

    value: int
    before: int
    after: int


def lowest(earlier: Row, later: Row, top: int = DOMAIN_TOP) -> Lowest:
    """The lowest of `earlier(P) + later(S)` for 0 <= P <= S <= top.

    With `P = x + i * p` and `S = y + j * p` in one stretch of period p the sum is linear in i and j, so it is lowest
    where both are in the first two periods, both in the last two, or one in each. Between two stretches it is lowest
    where each of the rows is. Raises Inexact where a row has no value somewhere, or periods are too long to be tried.
    """
    common = list(both(earlier, later))
    if sum(one.last - one.first + 1 for one, _ in common) != top + 1:
        raise Inexact
    if any(one.denominator != 1 for one, _ in common) or sum(4 * one.tried for one, _ in common) > MOST_POINTS:
        raise Inexact
    first, second = common[0]
    least, place = first.at(0), 0
    found = Lowest(least + second.at(0), 0, 0)
    for one, other in common:
        for x in _rims(one):
            value = one.at(x)
            if value < least:
                least, place = value, x
            together = least + other.at(x)
            if together < found.value:
                found = Lowest(together, place, x)
    return found


def _rims(one: Stretch) -> Iterator[int]:
    """The numbers of the first two periods and of the last two, in rising order."""
    size = 2 * one.tried
    head = min(one.first + size - 1, one.last)
    yield from range(one.first, head + 1)
    yield from range(max(one.last - size + 1, head + 1), one.last + 1)
