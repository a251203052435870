"""Random stairs, compared with looking at every number of theirs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.compare.falls import lowest
from compiler.compare.rows import below
from compiler.compare.signs import zones
from compiler.compare.stretch import Inexact, Row, Stretch


@st.composite
def stairs(draw: st.DrawFn, first: int, last: int, period: int) -> Stretch:
    values = draw(st.lists(st.integers(-4, 4), min_size=period, max_size=period))
    rise = draw(st.integers(-6, 6))
    return Stretch(
        first, last, 1, period, rise, lambda x: values[(x - first) % period] + rise * ((x - first) // period)
    )


@st.composite
def alone(draw: st.DrawFn) -> Stretch:
    first = draw(st.integers(0, 5))
    return draw(stairs(first, first + draw(st.integers(0, 30)), draw(st.integers(1, 5))))


@st.composite
def two(draw: st.DrawFn) -> tuple[Stretch, Stretch]:
    first, period = draw(st.integers(0, 5)), draw(st.integers(1, 5))
    last = first + draw(st.integers(0, 30))
    return draw(stairs(first, last, period)), draw(stairs(first, last, period))


@given(alone())
def test_zones_say_what_every_number_says(stretch: Stretch) -> None:
    found = zones((stretch,))
    assert (found[0].first, found[-1].last) == (stretch.first, stretch.last)
    assert all(one.last + 1 == other.first for one, other in pairwise(found))
    assert all((one.gains > 0, one.loses > 0) != (other.gains > 0, other.loses > 0) for one, other in pairwise(found))
    for zone in found:
        values = {x: stretch.at(x) for x in range(zone.first, zone.last + 1)}
        assert zone.gains == max(0, *values.values())
        assert zone.loses == max(0, *(-value for value in values.values()))
        if zone.gains:
            assert zone.gains_at == min(x for x, value in values.items() if value == zone.gains)
        if zone.loses:
            assert zone.loses_at == min(x for x, value in values.items() if value == -zone.loses)
        assert zone.pure is (len({(value > 0) - (value < 0) for value in values.values()}) == 1)
    differing = [zone for zone in found if not zone.same]
    assert not differing or (stretch.at(differing[0].first) and stretch.at(differing[-1].last))


@given(two(), st.booleans())
def test_which_of_two_is_below_the_other(both: tuple[Stretch, Stretch], or_equal: bool) -> None:
    one, other = both
    said = {x: run.holds for run in below(one, other, or_equal) for x in range(run.first, run.last + 1)}
    numbers = range(one.first, one.last + 1)
    assert said == {x: one.at(x) < other.at(x) or (or_equal and one.at(x) == other.at(x)) for x in numbers}


@st.composite
def rows(draw: st.DrawFn) -> tuple[Row, Row, int]:
    """Two rows from 0 to the same number, each cut at places of its own."""
    top = draw(st.integers(3, 70))
    found = []
    for _ in range(2):
        ends = sorted(draw(st.sets(st.integers(0, top - 1), max_size=2)) | {top})
        firsts = [0, *(end + 1 for end in ends[:-1])]
        found.append(
            tuple(draw(stairs(first, end, draw(st.integers(1, 5)))) for first, end in zip(firsts, ends, strict=True))
        )
    return found[0], found[1], top


@given(rows())
def test_the_lowest_sum_of_an_earlier_and_a_later_number(drawn: tuple[Row, Row, int]) -> None:
    earlier, later, top = drawn
    values = [{x: one.at(x) for one in row for x in range(one.first, one.last + 1)} for row in (earlier, later)]
    found = lowest(earlier, later, top)
    assert found.before <= found.after
    assert found.value == values[0][found.before] + values[1][found.after]
    assert found.value == min(values[0][x] + values[1][y] for y in range(top + 1) for x in range(y + 1))


@given(rows())
def test_a_row_with_a_hole_has_no_lowest_sum(drawn: tuple[Row, Row, int]) -> None:
    earlier, later, top = drawn
    with pytest.raises(Inexact):
        lowest(earlier[:-1], later, top)
