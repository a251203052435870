"""The promises of a clause with many bands, without asking about all of its bands at once.

In a category cell most clauses are a row of straight lines `e(x) = slope * x + intercept`, each rounded to whole minor
units: `f(x) = R(e(x))`. Over a common denominator D every `D * e(x)` is a whole number n. The **lemma of the rounded
slope** says of whole numbers n and r: from `0 <= r <= D` follows `0 <= R((n + r) / D) - R(n / D) <= 1`. The solver
shows it for D and the manner of rounding in one small question. Along a line whose slope lies between 0 and 1, `r` is
`D * slope`, so f rises by 0 or 1 with every unit; from the end of one line to the beginning of the next the step is
computed as it is. That is every step there is, so:

- f never falls, if no step between two lines falls;
- f never rises faster than its argument, if no step between two lines does, and then `f(x) - x` never rises;
- f is lowest at the beginning of a line, and `f(x) - x` is highest there.

The work grows with the number of lines. Where a line is steeper, falls, or is rounded to more than one minor unit,
nothing is said here and the solver is asked about the whole clause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import lcm

import z3

from compiler.model import Expression
from compiler.piecewise import pieces
from compiler.schedule_pieces import Piece, Pieces, Rounding
from compiler.verify.encode import rounded
from compiler.verify.solve import Impossible, ask
from dsl.money import RoundingMode


@dataclass(frozen=True, slots=True)
class Stairs:
    """What is known of a row of lines, exactly: false where it is false.

    rises         it never falls
    slow          it never rises faster than its argument
    not_negative  it is never below 0
    within        it is never above its argument
    first, last   its value of 0 and of the largest argument
    mode          how it is rounded
    denominator   of its lines; all of this rests on the lemma for it
    """

    rises: bool
    slow: bool
    not_negative: bool
    within: bool
    first: int
    last: int
    mode: RoundingMode
    denominator: int


def stairs(node: Expression, cell: Mapping[str, str], top: int) -> Stairs | None:
    """What is known of a formula of one argument from 0 to `top`; None where it is no such row of lines."""
    row = pieces(node, cell, top)
    if row is None or not _covers(row, top):
        return None
    modes = {piece.rounding for piece in row if piece.rounding is not None}
    if len(modes) > 1 or not all(_is_step(piece) for piece in row):
        return None
    rounding = next(iter(modes), Rounding(RoundingMode.DOWN, 1))
    denominator = lcm(*(number.denominator for piece in row for number in (piece.slope, piece.intercept)))
    between = [_value(after, after.first) - _value(before, before.last) for before, after in pairwise(row)]
    begins = [(piece.first, _value(piece, piece.first)) for piece in row]
    return Stairs(
        all(step >= 0 for step in between),
        all(step <= 1 for step in between),
        all(value >= 0 for _, value in begins),
        all(value <= argument for argument, value in begins),
        _value(row[0], 0),
        _value(row[-1], top),
        rounding.mode,
        denominator,
    )


def _covers(row: Pieces, top: int) -> bool:
    meets = all(before.last + 1 == after.first for before, after in pairwise(row))
    return bool(row) and row[0].first == 0 and row[-1].last == top and meets


def _is_step(piece: Piece) -> bool:
    """A line of a slope from 0 to 1, rounded to whole minor units; one that is whole anyway need not be rounded."""
    if not 0 <= piece.slope <= 1:
        return False
    if piece.rounding is None:
        return piece.slope.denominator == 1 and piece.intercept.denominator == 1
    return piece.rounding.unit == 1


def _value(piece: Piece, argument: int) -> int:
    value = piece.at(argument)
    assert value.denominator == 1
    return value.numerator


def lemma(found: Sequence[Stairs]) -> bool:
    """Whether the solver confirms the lemma of the rounded slope for all of these, which are rounded alike.

    One question is enough: what is whole over one denominator is whole over a multiple of it.
    """
    modes = {one.mode for one in found if one.denominator > 1}
    if not modes:
        return True
    if len(modes) > 1:
        return False
    (mode,) = modes
    denominator = lcm(*(one.denominator for one in found))
    numerator, rise = z3.Ints("numerator rise")
    step = rounded(numerator + rise, denominator, mode, 1) - rounded(numerator, denominator, mode, 1)
    return isinstance(ask((rise >= 0, rise <= denominator, z3.Or(step < 0, step > 1))), Impossible)
