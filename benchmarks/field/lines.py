"""The table as straight lines, for tools whose tables hold one expression for each band."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.field.claims import ENDS, PERCENT

TOP = 10**11


def lines() -> list[tuple[str, int, int, int, int]]:
    """Every band: the illness, above which fen to which, and the hundredths of a fen: so many a fen, less so many."""
    found = []
    for word, percent in PERCENT.items():
        found.append((word, -1, ENDS[0] * 100, 0, 0))
        less = 0
        before = 0
        for (lower, upper), ratio in zip(pairwise((*ENDS, TOP)), percent, strict=True):
            less += (ratio - before) * lower * 100
            before = ratio
            found.append((word, lower * 100, upper * 100, ratio, less))
    return found
