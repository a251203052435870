"""Numbers and rows that show something, made as small as they go by trying: no solver, each trial exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

ROUNDS = 20
"""How often all numbers are gone through. One round lets each be lowered after the others; numbers that can only be
lowered together, a unit at a time, would take for ever."""
FEW = 12
"""In rows of no more than this each item is left out by itself."""


def lowered(numbers: Sequence[int], lowest: Sequence[int], shows: Callable[[tuple[int, ...]], bool]) -> tuple[int, ...]:
    """Numbers that still show it, of which none can be a unit lower by itself.

    Each is lowered by halving, one after another, until a round changes nothing (or `ROUNDS` are over). `shows` must
    be true of the numbers given; none goes below its `lowest`.
    """
    found = tuple(numbers)
    for _ in range(ROUNDS):
        before = found
        for place, least in enumerate(lowest):
            found = _one(found, place, least, shows)
        if found == before:
            break
    return found


def _one(found: tuple[int, ...], place: int, least: int, shows: Callable[[tuple[int, ...]], bool]) -> tuple[int, ...]:
    def at(number: int) -> tuple[int, ...]:
        return (*found[:place], number, *found[place + 1 :])

    low, high = least - 1, found[place]
    middle = high - 1
    while high - low > 1:
        low, high = (low, middle) if shows(at(middle)) else (middle, high)
        middle = (low + high) // 2
    return at(high)


def fewest(row: Sequence[T], shows: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """Items of a row that still show it: the first half is left out, a quarter and so on; of a few each that can be.

    `shows` must be true of the row given.
    """
    found = tuple(row)
    size = len(found)
    while size > 0:
        while size <= len(found) and shows(found[size:]):
            found = found[size:]
        size //= 2
    place = 0
    while place < len(found) <= FEW:
        without = (*found[:place], *found[place + 1 :])
        found, place = (without, place) if shows(without) else (found, place + 1)
    return found
