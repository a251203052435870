"""Which claims two policies are compared on, what one of them rejects, and the clauses that changed."""

from __future__ import annotations

from datetime import date

import pytest

from compiler.compare.clauses import changed_clauses
from compiler.compare.compare import DifferentDomain, compare
from compiler.compare.rejected import Rejected, rejected
from compiler.compare.result import Verdict
from compiler.model import Model
from dsl.source import Source
from tests.command import SMALL
from tests.compared import PLAN, TOP, plan, read, table

DATED = """\
policy dated
  currency CNY
  in force from {first}, by day
  round half up to 0.01

claim
  person identifier
  day    date
  cost   money

parameter line, by day
  from {first}  {line}
{more}
benefit care
  of cost
  deductible line
  pay 100%
"""


def test_rows_of_dates_are_compared_on_the_days_of_the_new_policy() -> None:
    old = read(DATED.format(first="2023-01-01", line="100", more="  from 2025-01-01  200\n"))
    new = read(DATED.format(first="2024-01-01", line="150", more=""))
    found = compare(old, new)
    days = {part.day.isoformat(): part.verdict for part in found.parts}
    assert days == {"2024-01-01": Verdict.NEVER_MORE, "2025-01-01": Verdict.NEVER_LESS}


TWO_DATES = """\
policy two_dates
  currency CNY
  in force 2023-01-01 to 2024-12-31, by discharged
  round half up to 0.01

claim
  person      identifier
  admitted    date
  discharged  date
  cost        money

parameter line, by admitted
  from 2022-01-01  300
  from 2023-01-01  100
  from 2024-01-01  200

parameter top, by discharged
  from 2023-01-01  100
  from 2024-01-01  200

benefit care
  of cost
  pay 100%
  cap {cap}
"""


def test_two_dates_of_a_claim_may_lie_in_the_rows_of_different_years() -> None:
    # Of a stay within one year line and top are the same.
    found = compare(read(TWO_DATES.format(cap="max(top - line, 0)")), read(TWO_DATES.format(cap="0")))
    assert found.verdict is Verdict.NEVER_MORE
    (part,) = (part for part in found.parts if part.verdict is not Verdict.EQUAL)
    assert part.on == {"admitted": date(2023, 1, 1), "discharged": date(2024, 1, 1)}
    assert table(part.subjects[0]) == [(1, TOP, "less", 100_00, 100_00)]


def test_who_came_before_the_policy_was_in_force_may_leave_under_it() -> None:
    found = compare(read(TWO_DATES.format(cap="max(line - top, 0)")), read(TWO_DATES.format(cap="max(100 - top, 0)")))
    gone = [part.on["admitted"].year for part in found.parts if part.verdict is Verdict.NEVER_MORE]
    assert gone == [2022, 2022, 2024]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  kind    a | b", "  kind    a | c", "kind has no longer the words b; kind has the new words c"),
        ("  kind    a | b\n", "", "the fact kind is in the old policy only"),
        ("  kind    a | b", "  kind    money", "the fact kind was a category and is an amount"),
        ("  currency  CNY", "  currency  EUR", "the currency was CNY and is EUR"),
        ("cost    money", "cost    money\n  paid    money", "the fact paid is in the new policy only"),
    ],
)
def test_policies_about_other_claims_are_not_compared(old: str, new: str, reason: str) -> None:
    text = PLAN.format(deductible="600", ratio="50%", cap="1,000", days="from 2024-01-01", bounds="")
    assert old in text
    with pytest.raises(DifferentDomain) as refused:
        compare(read(text), read(text.replace(old, new)))
    assert str(refused.value) == reason


def test_other_bounds_are_compared_as_far_as_both_reach() -> None:
    found = compare(plan(), plan(bounds=" up to 500"))
    assert found.notes == ("cost has other bounds; what both allow is compared",)


BOUNDS = """\
policy bounds
  currency  CNY
  in force  {days}, by day
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money{cost}
  part    money{part} at most cost
  nights  count up to {nights}

benefit care
  of part
  pay 50%
"""


def bounds(cost: str = " up to 500", part: str = "", nights: int = 30, days: str = "2023-01-01 to 2024-12-31") -> Model:
    return read(BOUNDS.format(cost=cost, part=part, nights=nights, days=days))


@pytest.mark.parametrize(
    ("new", "gone"),
    [
        (bounds(), []),
        (bounds(cost=" up to 600", nights=40, days="from 2022-01-01"), []),
        (bounds(cost=" from 10 up to 400"), [("cost", 0, 999), ("cost", 40_001, 50_000)]),
        # No part is more than the largest cost.
        (bounds(part=" up to 500"), []),
        (bounds(part=" up to 450"), [("part", 45_001, 50_000)]),
        (bounds(nights=20), [("nights", 21, 30)]),
        (bounds(days="2023-01-01 to 2023-12-31"), [("day", date(2024, 1, 1), date(2024, 12, 31))]),
        (bounds(days="from 2023-07-01"), [("day", date(2023, 1, 1), date(2023, 6, 30))]),
        # A version that follows on the other one leaves it its days.
        (bounds(days="from 2025-01-01"), []),
    ],
)
def test_claims_that_only_the_old_policy_settles(new: Model, gone: list[tuple[str, object, object]]) -> None:
    assert [(one.fact, one.first, one.last) for one in rejected(bounds(), new)] == gone


def test_days_without_a_row_of_a_dated_parameter_are_not_settled() -> None:
    old = read(DATED.format(first="2023-01-01", line="100", more=""))
    new = read(DATED.format(first="2024-01-01", line="100", more=""))
    assert rejected(old, new) == (Rejected("day", date(2023, 1, 1), date(2023, 12, 31)),)
    assert rejected(new, old) == ()


def test_the_clauses_that_changed() -> None:
    before = Source("old.policy", SMALL)
    after = Source("new.policy", "# a comment\n" + SMALL.replace("over 1,000          70%", "over 1,000          75%"))
    changes = changed_clauses(read(before.text, before.path), before, read(after.text, after.path), after)
    (change,) = changes
    assert change.old is not None and change.new is not None
    assert (change.old.path, change.old.line, change.old.text) == ("old.policy", 17, "over 1,000 70% 80%")
    assert (change.new.path, change.new.line, change.new.text) == ("new.policy", 18, "over 1,000 75% 80%")


def test_a_clause_that_was_added_or_taken_away() -> None:
    before = Source("old.policy", SMALL)
    after = Source("new.policy", SMALL + "  cap 5,000\n")
    old, new = read(before.text, before.path), read(after.text, after.path)
    (added,) = changed_clauses(old, before, new, after)
    assert added.old is None and added.new is not None and added.new.text == "cap 5,000"
    (gone,) = changed_clauses(new, after, old, before)
    assert gone.new is None
