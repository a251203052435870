"""A stretch of whole numbers on which a function is a stair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_TRIED = 100_000
"""The longest period that is tried number by number."""


class Inexact(Exception):
    """Not a row of stairs, or one whose stairs are too long to be tried."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The values `at(x) / denominator` for the numbers `first` to `last`, with `at(x + period) = at(x) + rise`."""

    first: int
    last: int
    denominator: int
    period: int
    rise: int
    at: Callable[[int], int]

    @property
    def tried(self) -> int:
        """How many numbers from the first on show everything. Raises Inexact where those are too many."""
        size = min(self.period, self.last - self.first + 1)
        if size > MOST_TRIED:
            raise Inexact
        return size


Row = tuple[Stretch, ...]
"""Stretches in rising order without overlap. Where there is none, the function has no value."""
