"""The exact facts about bands: which amounts need one, gaps, overlaps, and what a schedule gives piece by piece."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from compiler.evaluate import value_of
from compiler.model import Band, BandRatio, Bound, ByCategory, Cell, Constant, Deductible, Manner, Measured, Threshold
from compiler.verify.bands import Need, first_flaw, gaps, in_order, need_of, overlaps, pieces
from tests.models import at, schedule

ARGUMENT = Constant(0, at())


def band(lower: str, upper: str | None, percent: int | None = 50) -> Band:
    """`from 10`, `over 10`, `to 20`, `to under 20`."""
    word, low = lower.split()
    ends = None
    if upper is not None:
        *under, high = upper.removeprefix("to ").split()
        ends = Bound(Constant(int(high), at()), not under, at())
    ratio = None if percent is None else Fraction(percent, 100)
    return Band(Bound(Constant(int(low), at()), word == "from", at()), ends, (BandRatio(ratio, None, at()),), at())


def stretches(*bands: Band) -> list[tuple[int, int | None]]:
    return [(gap.first, gap.last) for gap in gaps(schedule(ARGUMENT, bands))]


def shared(*bands: Band) -> list[tuple[int, int | None]]:
    return [(both.first, both.last) for both in overlaps(schedule(ARGUMENT, bands))]


def test_bands_that_meet_leave_only_what_lies_below_them() -> None:
    assert stretches(band("over 10", "to 20"), band("over 20", "to under 30"), band("from 30", None)) == [(0, 10)]
    assert stretches(band("from 0", None)) == []


def test_a_gap_is_counted_in_whole_minor_units() -> None:
    assert stretches(band("from 0", "to 2000"), band("from 2100", None)) == [(2001, 2099)]
    assert stretches(band("from 0", "to 2000"), band("from 2001", None)) == []
    assert stretches(band("from 0", "to under 20"), band("over 20", None)) == [(20, 20)]


def test_the_order_in_the_policy_does_not_matter() -> None:
    assert stretches(band("over 20", None), band("from 0", "to 20")) == []
    assert [one.first for one in in_order(schedule(ARGUMENT, (band("over 20", None), band("from 0", "to 20"))))] == [
        0,
        21,
    ]


def test_what_lies_above_the_last_band_has_no_end() -> None:
    assert stretches(band("from 0", "to 20")) == [(21, None)]


def test_bands_that_share_an_end_overlap_in_it() -> None:
    assert shared(band("from 0", "to 20"), band("from 20", None)) == [(20, 20)]
    assert shared(band("from 0", "to 20"), band("over 20", None)) == []
    assert shared(band("from 0", None), band("from 30", None)) == [(30, None)]


def test_a_band_inside_another_is_compared_with_the_one_that_reaches_highest() -> None:
    wide, narrow, last = band("from 0", "to 100"), band("from 10", "to 20"), band("from 50", None)
    assert shared(wide, narrow, last) == [(10, 20), (50, 100)]


def test_a_band_without_amounts_is_none() -> None:
    assert stretches(band("from 0", "to 20"), band("over 20", "to 20"), band("over 20", None)) == []


def test_what_needs_a_band() -> None:
    bands = (band("over 10", None),)
    deducted = Deductible(Constant(10, at()), at())
    assert need_of(schedule(ARGUMENT, bands), {}) == Need(0, 1, 1)
    assert need_of(schedule(ARGUMENT, bands, opening=deducted), {}) == Need(10, 11, 11)
    above = schedule(ARGUMENT, bands, opening=deducted, measured=Measured.ABOVE_THE_DEDUCTIBLE)
    assert need_of(above, {}) == Need(0, 1, 1)


def test_a_threshold_opens_the_door_but_slices_need_their_bands_from_the_first_one_on() -> None:
    threshold = Threshold(Constant(30, at()), False, at())
    bands = (band("over 10", None),)
    assert need_of(schedule(ARGUMENT, bands, opening=threshold), {}) == Need(0, 11, 31)
    whole = schedule(ARGUMENT, bands, opening=threshold, manner=Manner.ON_THE_WHOLE)
    assert need_of(whole, {}) == Need(0, 31, 31)


def test_a_missing_cell_of_the_deductible_is_no_zero() -> None:
    only_a = ByCategory(("kind",), (Cell(("a",), Constant(5, at()), at()),), at())
    table = schedule(ARGUMENT, (band("over 5", None),), opening=Deductible(only_a, at()))
    assert need_of(table, {"kind": "a"}) == Need(5, 6, 6)
    assert need_of(table, {"kind": "b"}) is None


def test_in_slices_everything_above_the_first_flaw_has_no_value() -> None:
    broken = schedule(ARGUMENT, (band("from 0", "to 20"), band("from 23", "to 30", None), band("over 30", None)))
    need = Need(0, 1, 1)
    assert first_flaw(broken, need, None) == 21
    assert first_flaw(broken, Need(0, 25, 25), None) is None
    assert first_flaw(broken, Need(0, 25, 25), 0) == 25


def test_pieces_carry_what_the_bands_below_have_paid() -> None:
    table = schedule(ARGUMENT, (band("over 10", "to 20", 50), band("over 20", None, 100)))
    found = pieces(table, Need(10, 11, 11), 0)
    assert [(piece.last, piece.slope * 20 + piece.intercept) for piece in found] == [
        (20, Fraction(5)),
        (None, Fraction(5)),
    ]
    assert found[1].slope * 30 + found[1].intercept == 15


def test_a_slice_none_of_whose_amounts_needs_a_band_is_not_paid() -> None:
    """As the reference has it: `over 5 to under 11` holds 6 to 10, and the deductible of 10 takes all of them."""
    table = schedule(ARGUMENT, (band("over 5", "to under 11", 100), band("from 11", None, 50)))
    opened = replace(table, opening=Deductible(Constant(10, at()), at()))
    last = pieces(opened, Need(10, 11, 11), 0)[-1]
    at_fifteen = replace(opened, argument=Constant(15, at()))
    assert last.slope * 15 + last.intercept == value_of(at_fifteen, {}, {}, {}) == 2


def test_a_slice_begins_where_the_one_before_it_ends() -> None:
    """`to 20` then `from 21`: what lies between 20 and 21 belongs to the second slice."""
    table = schedule(ARGUMENT, (band("from 0", "to 20", 50), band("from 21", None, 100)))
    low, high = pieces(table, Need(0, 1, 1), 0)
    assert low.slope * 20 + low.intercept == 10
    assert high.slope * 21 + high.intercept == 11


def test_a_band_is_compared_with_the_one_that_reaches_highest() -> None:
    assert shared(band("from 0", "to 10"), band("over 10", "to 30"), band("from 20", "to 25")) == [(20, 25)]
    assert shared(band("from 0", "to 10"), band("from 5", None), band("from 20", "to 25")) == [(5, 10), (20, 25)]
