"""Random stairs, compared with looking at every number of theirs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from compiler.compare.rows import below
from compiler.compare.signs import zones
from compiler.compare.stretch import Stretch


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
