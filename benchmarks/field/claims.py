"""The table as its document prints it, and the claims that every candidate is given: a year's cost and the illness.

Only the standard library is used here: the environments of other tools have nothing else in common.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

ENDS = (6_000, 20_000, 50_000, 100_000, 200_000, 300_000, 400_000, 500_000)
"""Where the bands begin, in yuan; below the first nothing is paid."""

PERCENT = {"general": (50, 52, 54, 57, 60, 63, 66, 70), "listed": (51, 53, 55, 59, 62, 65, 68, 73)}
"""What each band pays of its slice, by illness; rounded half up to the fen in the end."""

WORDS = tuple(PERCENT)
HIGHEST = 1_000_000
"""The highest cost of a year, in yuan."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Costs in fen, and for each the place of its illness in WORDS."""

    totals: Sequence[int]
    illness: bytes

    @property
    def words(self) -> list[str]:
        """The illness of each in words."""
        return [WORDS[place] for place in self.illness]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that settles the claims again and again: `run` does it once, `in_fen` reads what came out, untimed."""

    run: Callable[[], Any]
    in_fen: Callable[[Any], Sequence[int]]


def drawn(count: int, seed: int = 2013) -> Claims:
    """Claims by chance: every band as likely as the next, so that no order of tests is favoured."""
    random = Random(seed)
    ends = [0, *(end * 100 for end in ENDS), HIGHEST * 100]
    bands = [random.randrange(len(ends) - 1) for _ in range(count)]
    totals = array("q", (random.randrange(ends[band], ends[band + 1]) for band in bands))
    return Claims(totals, bytes(random.randrange(2) for _ in range(count)))


def write(claims: Claims, folder: Path) -> None:
    """Lay the claims out for other processes: 64-bit numbers in this machine's order, and bytes."""
    (folder / "totals").write_bytes(array("q", claims.totals).tobytes())
    (folder / "illness").write_bytes(claims.illness)


def read(folder: Path, count: int) -> Claims:
    """The first claims that were laid out."""
    totals = array("q")
    totals.frombytes((folder / "totals").read_bytes()[: 8 * count])
    return Claims(totals, (folder / "illness").read_bytes()[:count])


def half_up(yuan: Sequence[float]) -> list[int]:
    """Binary fractions of a yuan as the fen that are nearest."""
    return [int(value * 100 + 0.5) for value in yuan]
