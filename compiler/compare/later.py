"""Claims that others were settled before: when what is found of first claims holds of them too.

Where the benefit is `f(S) - f(P)` of a running total, a claim gains `g(S) - g(P)`: g is the new f less the old one, S
and P are the totals with and without it. If f depends on words or days that can change within a period, claims before
may have had others, and P may be anything up to S. So nobody loses in any claim if no g ever falls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from compiler.compare.amounts import amount_rows
from compiler.compare.rows import constant, never_falls, scaled, sum_of
from compiler.compare.stretch import Inexact, Row
from compiler.model import Accumulated, Model, words_read
from dsl.money import DOMAIN_TOP

LATER = "claims that others of their period were settled before: they may be paid more or less than a first one"
"""What is open where only first claims were compared."""


NEITHER = "nor is a claim that others of its period were settled before paid {}"
"""What a note says where the same is shown of later claims."""


def one_function(model: Model) -> bool:
    """Whether all claims of a period have the same f: what it reads besides its total changes between periods only."""
    dated = {fact.name: fact for fact in model.dated}
    wanted = {benefit.name for benefit in model.benefits}
    return all(
        name in dated and dated[name].same_within(amount.expression.total)
        for amount in model.amounts
        if amount.name in wanted and isinstance(amount.expression, Accumulated)
        for name in words_read(amount.expression)
    )


def directions(
    old: Model, new: Model, wanted: Sequence[frozenset[str]], cells: Sequence[Mapping[str, str]]
) -> tuple[bool, bool]:
    """Whether g never falls, and whether it never rises, in every cell, for all benefits together.

    Of policies in which every benefit adds up the one fact. What cannot be shown is said of neither.

    wanted  the amounts that count under the old policy, and under the new one
    """
    try:
        rows = [_gained(old, new, wanted, cell) for cell in cells]
    except Inexact:
        return False, False
    return all(_never_falls(row) for row in rows), all(_never_falls(scaled(row, -1, 1)) for row in rows)


def _gained(old: Model, new: Model, wanted: Sequence[frozenset[str]], cell: Mapping[str, str]) -> Row:
    """What is paid more in all, by the total. Raises Inexact where that is no row of stairs over the whole domain."""
    paid = [
        _paid(model, amount_rows(model, names, cell, 0, DOMAIN_TOP))
        for model, names in zip((old, new), wanted, strict=True)
    ]
    return sum_of(paid[1], paid[0], -1)


def _paid(model: Model, rows: Mapping[str, Row]) -> Row:
    together = constant(0, 0, DOMAIN_TOP)
    for benefit in model.benefits:
        together = sum_of(together, rows[benefit.name])
    return together


def _never_falls(row: Row) -> bool:
    try:
        return not any(_falls(row))
    except Inexact:
        return False


def _falls(row: Row) -> Iterator[bool]:
    """True for each place where a row has no value or falls."""
    if any(one.denominator != 1 for one in row):
        raise Inexact
    yield sum(one.last - one.first + 1 for one in row) != DOMAIN_TOP + 1
    yield from (one.at(one.last) > other.at(other.first) for one, other in pairwise(row))
    yield from (not never_falls(one) for one in row)
