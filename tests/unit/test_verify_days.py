"""The days that are tried: one on each side of every place where what follows from a date changes."""

from __future__ import annotations

from datetime import date

import pytest

from compiler.verify.days import days_of
from tests.policies import model_of

POLICY = """
policy p
  currency CNY
  in force from 2013-03-15, by day
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money
parameter line, by day
  from 2013-01-01  100
  from 2016-12-10  200
benefit b
  of cost, added up per person per {period}
  deductible line
  pay 50%
"""

FIRST, BEFORE, ROW = date(2013, 3, 15), date(2016, 12, 9), date(2016, 12, 10)
"""The first day in force; the last of the first row; the first of the second."""


@pytest.mark.parametrize(
    ("period", "more"),
    [
        ("lifetime", ()),
        # The next month after each, and the beginning of that in which the second row begins.
        ("month", (date(2013, 4, 1), date(2016, 12, 1), date(2017, 1, 1))),
        ("calendar year", (date(2014, 1, 1), date(2016, 1, 1), date(2017, 1, 1))),
        ("policy year from 07-01", (date(2013, 7, 1), date(2016, 7, 1), date(2017, 7, 1))),
        ("policy year from 12-10", (date(2013, 12, 10), date(2017, 12, 10))),
    ],
)
def test_a_day_stands_on_each_side_of_every_change(period: str, more: tuple[date, ...]) -> None:
    model = model_of(POLICY.replace("{period}", period))
    assert days_of(model)["day"] == tuple(sorted({FIRST, BEFORE, ROW, *more}))


def test_only_days_in_force_are_tried() -> None:
    model = model_of(POLICY.replace("{period}", "month").replace("from 2013-03-15,", "2013-03-15 to 2016-12-31,"))
    assert days_of(model)["day"] == (FIRST, date(2013, 4, 1), date(2016, 12, 1), BEFORE, ROW)


@pytest.mark.parametrize("period", ["month", "calendar year", "policy year from 07-01"])
def test_the_calendar_has_a_first_and_a_last_day(period: str) -> None:
    text = POLICY.replace("{period}", period)
    last, first = date(9999, 12, 31), date(1, 1, 1)
    assert days_of(model_of(text.replace("2013-03-15", "9999-12-31")))["day"] == (last,)
    assert (
        days_of(model_of(text.replace("2013-03-15", "0001-01-01").replace("2013-01-01", "0001-01-01")))["day"][0]
        == first
    )
