"""Numbers made smaller: whatever they show, they still show it, and none can be a unit lower by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compiler.verify.lowered import lowered

SIZE = 6
PLACES = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE))


@given(st.sets(PLACES, min_size=1), st.tuples(st.integers(0, 2), st.integers(0, 2)), st.data())
def test_no_number_can_be_a_unit_lower(
    showing: set[tuple[int, int]], lowest: tuple[int, int], data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from(sorted(showing)))
    lowest = (min(lowest[0], start[0]), min(lowest[1], start[1]))
    one, other = lowered(start, lowest, lambda numbers: numbers in showing)
    assert (one, other) in showing
    assert lowest[0] <= one <= start[0] and lowest[1] <= other <= start[1]
    assert one == lowest[0] or (one - 1, other) not in showing
    assert other == lowest[1] or (one, other - 1) not in showing


def test_far_apart_takes_few_trials() -> None:
    tried: list[int] = []

    def shows(numbers: tuple[int, ...]) -> bool:
        tried.append(numbers[0])
        return numbers[0] >= 300_007

    assert lowered((10**13,), (0,), shows) == (300_007,)
    assert len(tried) < 60


def test_numbers_that_hold_each_other_up_do_not_take_for_ever() -> None:
    found = lowered((10**6, 10**6), (0, 0), lambda numbers: abs(numbers[0] - numbers[1]) <= 1)
    assert abs(found[0] - found[1]) <= 1
