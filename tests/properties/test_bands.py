"""What is said of constant bands without a solver, against looking at every amount of random tables."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compiler.evaluate import value_of
from compiler.model import Band, Constant, Expression, Schedule, TotalSoFar
from compiler.schedule import NoValueError, Part, paid_parts
from compiler.verify.bands import Need, Stretch, first_flaw, first_paid, gaps, need_of, overlaps, pieces
from compiler.verify.unknown import at_value
from tests.models import at
from tests.properties.small_policies import YEARS, Shape, payment

AMOUNTS = range(60)
"""Beyond the last end of every table of the small policies."""

SHAPE = Shape(16, True, False, 0, YEARS[0])


@st.composite
def tables(draw: st.DrawFn) -> Schedule:
    found = draw(payment(TotalSoFar(at(10)), SHAPE))
    assume(isinstance(found, Schedule))
    known = at_value(found, Fraction(1, 3))
    assert isinstance(known, Schedule)
    return known


def holding(table: Schedule, amount: int) -> list[Band]:
    return [band for band in table.bands if band.first <= amount and (band.last is None or amount <= band.last)]


def amounts_in(stretches: tuple[Stretch, ...]) -> set[int]:
    return {x for x in AMOUNTS for each in stretches if each.first <= x and (each.last is None or x <= each.last)}


def parts(table: Schedule, kind: str, x: int) -> tuple[Part, ...] | NoValueError:
    asked = replace(table, argument=Constant(x, at(10)))
    try:
        return paid_parts(asked, (kind,) if table.categories else (), lambda node: _value(node, kind))
    except NoValueError as lacking:
        return lacking


def _value(node: Expression, kind: str) -> Fraction:
    return value_of(node, {"kind": kind}, {}, {})


@settings(deadline=None, max_examples=300)
@given(tables())
def test_gaps_and_overlaps_are_what_no_band_and_two_bands_hold(table: Schedule) -> None:
    assert amounts_in(gaps(table)) == {x for x in AMOUNTS if not holding(table, x)}
    assert amounts_in(overlaps(table)) == {x for x in AMOUNTS if len(holding(table, x)) > 1}


@settings(deadline=None, max_examples=200)
@given(tables(), st.sampled_from("ab"))
def test_what_a_table_gives_is_what_the_interpreter_pays(table: Schedule, kind: str) -> None:
    need = need_of(table, {"kind": kind})
    key = (kind,) if table.categories else ()
    assume(need is not None and key in table.columns)
    assert need is not None
    column = table.columns.index(key)
    seen = [(x, _seen(table, need, x, kind), parts(table, kind, x)) for x in AMOUNTS]
    flaw = first_flaw(table, need, column)
    rows = pieces(table, need, column)
    for x, y, paid in seen:
        if y < need.door or y <= need.start:
            assert paid == (), x
        elif table.manner.name == "IN_SLICES":
            assert isinstance(paid, NoValueError) == (flaw is not None and y >= flaw), x
        if isinstance(paid, tuple) and paid:
            row = next(row for row in rows if row.last is None or y <= row.last)
            assert row.slope * y + row.intercept == sum(part.gives for part in paid), x
    if flaw is None and table.manner.name == "IN_SLICES":
        for band in {
            id(part.band): part.band for _, _, paid in seen if isinstance(paid, tuple) for part in paid
        }.values():
            paying = [y for _, y, paid in seen if isinstance(paid, tuple) and any(part.band is band for part in paid)]
            first = first_paid(table, need, band)
            assert first is not None
            assert min(paying) == max(first, need.door)


def _seen(table: Schedule, need: Need, x: int, kind: str) -> int:
    """What the bands see of an amount: where they are measured above a deductible, what exceeds it."""
    if table.measured.name == "OF_THE_AMOUNT" or table.opening is None or need.start > 0:
        return x
    return max(x - int(_value(table.opening.amount, kind)), 0) if type(table.opening).__name__ == "Deductible" else x
