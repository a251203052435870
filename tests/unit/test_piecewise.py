"""Pieces: every expression of one amount as straight lines, the same as the reference at every whole amount."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler import evaluate
from compiler.model import (
    AmountValue,
    Band,
    BandRatio,
    Bound,
    ByCategory,
    Capped,
    Cell,
    Choice,
    Compare,
    Constant,
    Deductible,
    Difference,
    Expression,
    FactValue,
    IsOneOf,
    Largest,
    Manner,
    Measured,
    Opening,
    Relation,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    Threshold,
    TotalSoFar,
)
from compiler.piecewise import argument_of, merged, pieces
from compiler.schedule import NoValueError
from compiler.schedule_pieces import Piece, schedule_pieces
from dsl.money import RoundingMode
from tests.models import YUAN, at, deductible, ningxia, over_to, rounded, schedule

TOTAL = TotalSoFar(at())
TOP = 60
CELL = {"illness": "general"}


def constant(value: int) -> Constant:
    return Constant(value, at())


def reference(expression: Expression, total: int, cell: Mapping[str, str]) -> Fraction | None:
    """What the reference interpreter makes of it; None where the policy gives no value."""
    try:
        return evaluate.value_of(expression, dict(cell), {}, {}, total)
    except NoValueError:
        return None


def by_pieces(row: tuple[Piece, ...], argument: int) -> Fraction | None:
    containing = [piece for piece in row if piece.first <= argument <= piece.last]
    assert len(containing) <= 1, "pieces overlap"
    return containing[0].at(argument) if containing else None


def assert_same(expression: Expression, row: tuple[Piece, ...], top: int = TOP) -> None:
    for argument in range(top + 1):
        assert by_pieces(row, argument) == reference(expression, argument, CELL), f"at {argument}"


# By example -----------------------------------------------------------------------------------------


def test_a_deductible_and_two_bands_have_prefix_constants() -> None:
    table = schedule(TOTAL, over_to([10, 30], [(50,), (60,)]), opening=deductible(10))
    row = pieces(table, {}, 100)
    assert row is not None
    assert [(piece.first, piece.last, piece.slope, piece.intercept) for piece in row] == [
        (0, 10, Fraction(0), Fraction(0)),
        (11, 30, Fraction(1, 2), Fraction(-5)),
        (31, 100, Fraction(3, 5), Fraction(10 - 18)),
    ]
    assert [piece.span.line for piece in row] == [12, 15, 16]


def test_a_cap_cuts_where_it_is_reached() -> None:
    table = Capped(schedule(TOTAL, over_to([0], [(30,)])), constant(10), at())
    row = pieces(table, {}, 100)
    assert row is not None
    # 33 gives 9.9 and 34 gives 10.2.
    assert [(piece.first, piece.last, piece.at(piece.last)) for piece in row] == [
        (0, 0, 0),
        (1, 33, Fraction(99, 10)),
        (34, 100, 10),
    ]


def test_the_smaller_of_two_rounded_values_stays_rounded_once() -> None:
    capped = Smallest(
        (rounded(Scaled(Fraction(1, 3), TOTAL, at())), rounded(Scaled(Fraction(1, 2), TOTAL, at()))), at()
    )
    row = pieces(capped, {}, TOP)
    assert row is not None
    assert_same(capped, row)


def test_ningxia_has_nine_pieces_in_each_column() -> None:
    amount = ningxia().amount("critical_illness").expression
    assert not isinstance(amount, Rounded)
    (body,) = [node for node in (getattr(amount, "body", None),) if node is not None]
    for word, expected in (("general", 645_600), ("listed", 669_540)):
        row = pieces(body, {"illness": word}, 10**13)
        assert row is not None
        assert len(row) == 9
        assert row[-1].at(1_000_000 * YUAN) == expected * YUAN


def test_where_a_table_gives_no_value_there_is_no_piece() -> None:
    half = (BandRatio(Fraction(1, 2), None, at()),)
    gap = (
        Band(Bound(constant(0), False, at()), Bound(constant(10), True, at()), half, at()),
        Band(Bound(constant(12), True, at()), None, half, at()),
    )
    in_slices = pieces(schedule(TOTAL, gap), {}, 20)
    on_the_whole = pieces(schedule(TOTAL, gap, manner=Manner.ON_THE_WHOLE), {}, 20)
    assert in_slices is not None and on_the_whole is not None
    assert in_slices[-1].last == 10, "in slices nothing above the gap has a value"
    assert [piece.first for piece in on_the_whole] == [0, 1, 12]


def test_a_missing_cell_has_no_pieces() -> None:
    table = ByCategory(("illness",), (Cell(("listed",), constant(1), at()),), at())
    assert pieces(table, {"illness": "general"}, TOP) == ()
    assert pieces(table, {"illness": "listed"}, TOP) != ()


@pytest.mark.parametrize(
    "expression",
    [
        Sum((FactValue("cost", at()), AmountValue("paid", at())), at()),
        Difference(TOTAL, rounded(Scaled(Fraction(1, 3), TOTAL, at())), at()),
        Smallest((rounded(Scaled(Fraction(1, 3), TOTAL, at())), Scaled(Fraction(1, 3), TOTAL, at())), at()),
        Rounded(Rounded(Scaled(Fraction(1, 3), TOTAL, at()), RoundingMode.UP, 2, at()), RoundingMode.UP, 3, at()),
    ],
    ids=["two amounts", "less a rounded value", "rounded against exact", "rounded twice"],
)
def test_what_is_no_row_of_lines_is_said_to_be_none(expression: Expression) -> None:
    assert pieces(expression, {}, TOP) is None


def test_the_argument_is_the_one_amount_read() -> None:
    assert argument_of(Sum((FactValue("cost", at(1)), FactValue("cost", at(2))), at())) == FactValue("cost", at())
    assert argument_of(Sum((FactValue("cost", at()), FactValue("paid", at())), at())) is None
    assert argument_of(constant(3)) is None


def test_neighbours_are_merged_only_where_they_continue() -> None:
    one = Piece(0, 4, Fraction(1), Fraction(0), None, at())
    following = Piece(5, 9, Fraction(1), Fraction(0), None, at())
    apart = Piece(11, 12, Fraction(1), Fraction(0), None, at())
    assert merged([one, following, apart]) == (Piece(0, 9, Fraction(1), Fraction(0), None, at()), apart)


def test_ten_thousand_bands() -> None:
    ends = list(range(0, 10_000 * 7, 7))
    bands = over_to(ends, [(place % 100,) for place in range(10_000)])
    row = schedule_pieces(schedule(TOTAL, bands), {}, 10**13)
    assert len(row) == 10_001
    paid = Fraction(sum(place % 100 * 7 for place in range(9_999)), 100)
    assert row[-1].at(7 * 9_999 + 100) == paid + 99


# By enumeration -------------------------------------------------------------------------------------


ratios = st.fractions(0, 1, max_denominator=12)
amounts = st.integers(0, TOP)


@st.composite
def bands(draw: st.DrawFn, columns: int) -> tuple[Band, ...]:
    """Bands whose ends mostly meet, and sometimes leave a gap, overlap, or are given in disorder."""
    ends = sorted(draw(st.lists(amounts, min_size=1, max_size=4, unique=True)))
    found = []
    for place, lower in enumerate(ends):
        last = place == len(ends) - 1
        endless = draw(st.sampled_from([last, last, True]))
        upper = None if endless and draw(st.booleans()) else (lower + 20 if last else ends[place + 1])
        shift = draw(st.sampled_from([0, 0, 0, 0, 1, -1]))
        cells = tuple(BandRatio(draw(st.one_of(ratios, ratios, st.none())), None, at()) for _ in range(columns))
        found.append(
            Band(
                Bound(constant(max(lower + shift, 0)), draw(st.sampled_from([False, False, True])), at()),
                None if upper is None else Bound(constant(upper), draw(st.sampled_from([True, True, False])), at()),
                cells,
                at(),
            )
        )
    return tuple(draw(st.permutations(found)) if draw(st.booleans()) else found)


@st.composite
def openings(draw: st.DrawFn) -> Opening | None:
    amount = constant(draw(st.integers(0, 30)))
    return draw(
        st.sampled_from([None, Deductible(amount, at()), Threshold(amount, False, at()), Threshold(amount, True, at())])
    )


@st.composite
def schedules(draw: st.DrawFn, argument: Expression = TOTAL) -> Schedule:
    by_illness = draw(st.booleans())
    columns = ((("general",), ("listed",))) if by_illness else ((),)
    return Schedule(
        argument,
        draw(openings()),
        draw(st.sampled_from(Measured)),
        draw(st.sampled_from(Manner)),
        ("illness",) if by_illness else (),
        columns,
        draw(bands(len(columns))),
        at(),
    )


def expressions() -> st.SearchStrategy[Expression]:
    """Formulas over one running total, most of them rows of lines."""
    shifted = st.builds(lambda shift: Difference(TOTAL, constant(shift), at()), st.integers(-5, 30))
    leaves: st.SearchStrategy[Expression] = st.one_of(
        schedules(),
        st.just(TOTAL),
        st.builds(constant, st.integers(0, TOP)),
        shifted,
        shifted.flatmap(schedules),
        st.builds(lambda cap: Capped(TOTAL, constant(cap), at()), amounts).flatmap(schedules),
    )

    def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        pairs = st.tuples(inner, inner)
        compared = st.builds(lambda one, relation, other: Compare(one, relation, other, at()), inner, relations, inner)
        tested = st.one_of(compared, st.builds(lambda words: IsOneOf("illness", words, at()), words))
        return st.one_of(
            st.builds(lambda value, mode, unit: Rounded(value, mode, unit, at()), inner, modes, st.integers(1, 6)),
            st.builds(lambda pair: Capped(pair[0], pair[1], at()), pairs),
            st.builds(lambda pair: Smallest(pair, at()), pairs),
            st.builds(lambda pair: Largest(pair, at()), pairs),
            st.builds(lambda pair: Sum(pair, at()), pairs),
            st.builds(lambda pair: Difference(pair[0], pair[1], at()), pairs),
            st.builds(lambda ratio, value: Scaled(ratio, value, at()), ratios, inner),
            st.builds(lambda condition, pair: Choice(condition, pair[0], pair[1], at()), tested, pairs),
        )

    return st.recursive(leaves, larger, max_leaves=6)


relations = st.sampled_from(Relation)
modes = st.sampled_from(RoundingMode)
words = st.sampled_from([("general",), ("listed",), ("general", "listed")])


@settings(max_examples=300, deadline=None)
@given(schedules())
def test_schedules_are_those_of_the_reference(table: Schedule) -> None:
    row = pieces(table, CELL, TOP)
    assert row is not None, "every table of one total is a row of lines"
    assert_same(table, row)


@settings(max_examples=400, deadline=None)
@given(expressions())
def test_expressions_are_those_of_the_reference(expression: Expression) -> None:
    row = pieces(expression, CELL, TOP)
    if row is not None:
        assert_same(expression, row)
