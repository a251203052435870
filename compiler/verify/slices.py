"""What the bands of one schedule pay in one category cell, as terms: one chain of comparisons with prefix constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

import z3

from compiler.model import Band, Deductible, Manner, Measured, Schedule
from compiler.verify.bands import (
    Need,
    begins_of,
    constant_of,
    first_flaw,
    gaps,
    in_order,
    is_missing,
    need_of,
    needed,
    overlaps,
    pieces,
)
from compiler.verify.slope import Slope
from compiler.verify.unknown import is_unknown

FALSE = z3.BoolVal(False)


@dataclass(frozen=True, slots=True)
class Payment:
    """What is paid in one cell.

    seen       the amount that the bands see
    numerator  the value, over a denominator that all cells share
    missing    there is no value
    slopes     what unknown ratios pay, which `numerator` contains
    """

    seen: z3.ArithRef
    numerator: z3.ArithRef
    missing: z3.BoolRef
    slopes: tuple[Slope, ...]


def paid_in_cell(node: Schedule, cell: Mapping[str, str], x: z3.ArithRef, denominator: int) -> Payment:
    """What a schedule with constant ends pays on `x` in one cell."""
    nothing = z3.IntVal(0)
    need = need_of(node, cell)
    if need is None:
        return Payment(x, nothing, z3.BoolVal(True), ())
    y = x
    if node.measured is Measured.ABOVE_THE_DEDUCTIBLE and isinstance(node.opening, Deductible):
        subtracted = constant_of(node.opening.amount, cell)
        assert subtracted is not None
        y = z3.If(x > subtracted, x - subtracted, nothing)
    door = z3.And(y > need.start, y >= need.door)
    key = tuple(cell[fact] for fact in node.categories)
    if key not in node.columns:
        return Payment(y, nothing, door, ())
    column = node.columns.index(key)
    chain: z3.ArithRef = nothing
    for piece in reversed(pieces(node, need, column)):
        here = _scaled(piece.slope, denominator) * y + _scaled(piece.intercept, denominator)
        chain = here if piece.last is None or chain is nothing else z3.If(y <= piece.last, here, chain)
    value = z3.If(door, chain, nothing)
    slopes = tuple(
        Slope(band.ratios[column], _length(node, need, band, y, door), z3.FreshReal("paid"))
        for band in in_order(node)
        if is_unknown(band.ratios[column])
    )
    for slope in slopes:
        value = value + denominator * slope.paid
    return Payment(y, value, z3.And(door, _no_value(node, need, column, y)), slopes)


def _length(node: Schedule, need: Need, band: Band, y: z3.ArithRef, door: z3.BoolRef) -> z3.ArithRef:
    """The part of an amount on which a band pays."""
    nothing = z3.IntVal(0)
    match node.manner:
        case Manner.ON_THE_WHOLE:
            return z3.If(z3.And(door, _within(y, band.first, band.last)), y - need.start, nothing)
        case Manner.IN_SLICES:
            if not needed(band, need):
                return nothing
            begins = max(begins_of(node, band), need.start)
            if band.upper is None:
                return z3.If(z3.And(door, y > begins), y - begins, nothing)
            ends = max(band.upper.constant, begins)
            return z3.If(z3.And(door, y > begins), z3.If(y < ends, y, z3.IntVal(ends)) - begins, nothing)
        case _:
            assert_never(node.manner)


def _scaled(value: Fraction, denominator: int) -> int:
    scaled = value * denominator
    assert scaled.denominator == 1
    return scaled.numerator


def _no_value(node: Schedule, need: Need, column: int, y: z3.ArithRef) -> z3.BoolRef:
    match node.manner:
        case Manner.IN_SLICES:
            flaw = first_flaw(node, need, column)
            return FALSE if flaw is None else y >= flaw
        case Manner.ON_THE_WHOLE:
            stretches = [(stretch.first, stretch.last) for stretch in (*gaps(node), *overlaps(node))]
            stretches += [(band.first, band.last) for band in node.bands if is_missing(band.ratios[column])]
            within = [_within(y, max(first, need.first), last) for first, last in stretches]
            return z3.Or(*within) if within else FALSE
        case _:
            assert_never(node.manner)


def _within(y: z3.ArithRef, first: int, last: int | None) -> z3.BoolRef:
    return y >= first if last is None else z3.And(y >= first, y <= last)
