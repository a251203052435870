"""Caps that nothing reaches, and caps that are not called so where no claim that reaches them was found."""

from __future__ import annotations

import pytest

from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from compiler.verify import reach, verify
from compiler.verify.checks import cap
from compiler.verify.long_history import METHOD
from compiler.verify.prove import Open
from compiler.versions import matched
from tests.policies import model_of

YEAR = """
policy p
  currency CNY
  in force {force}, by day
  round half up to 0.01
claim
  person  identifier
  family  identifier
  day     date
  kind    general | listed
  cost    money up to 100,000
benefit x
  of cost, added up per person per calendar year by day
  pay 50%
  {caps}
"""
THREE_YEARS = "2023-01-01 to 2025-12-31"
OF_A_YEAR = "cap 20,000"


def answers(*caps: str, force: str = THREE_YEARS) -> list[Finding]:
    """What is said of each cap of a policy."""
    found = verify(model_of(YEAR.format(force=force, caps="\n  ".join(caps))))
    return [one for one in found if one.property.code == "TP204"]


@pytest.fixture
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """No claim is found, by settling some or by the solver, so that only what a period comes to is known."""
    monkeypatch.setattr(cap, "is_ever_reached", lambda _: False)
    monkeypatch.setattr(cap, "is_reached_at_once", lambda _: False)
    monkeypatch.setattr(reach, "decide", lambda *_, **__: Open("its effort was used up"))


@pytest.mark.parametrize(
    ("limit", "force", "answer"),
    [
        ("60,000", THREE_YEARS, Refuted),
        ("59,999.99", THREE_YEARS, Unknown),
        ("40,000", THREE_YEARS, Unknown),
        # Four calendar years are in force, the first and the last for a day.
        ("60,000", "2022-12-31 to 2025-01-01", Unknown),
        ("80,000", "2022-12-31 to 2025-01-01", Refuted),
        ("79,999.99", "2022-12-31 to 2025-01-01", Unknown),
    ],
)
@pytest.mark.usefixtures("nothing_found")
def test_a_lifetime_comes_to_no_more_than_its_years(limit: str, force: str, answer: type[Finding]) -> None:
    *_, lifetime = answers(OF_A_YEAR, f"cap {limit} per person per lifetime by day", force=force)
    assert isinstance(lifetime, answer)


@pytest.mark.parametrize("limit", ["59,999.99", "40,000"])
def test_a_lifetime_cap_below_what_its_years_come_to_is_reached(limit: str) -> None:
    *_, lifetime = answers(OF_A_YEAR, f"cap {limit} per person per lifetime by day")
    assert isinstance(lifetime, Proved)


@pytest.mark.usefixtures("nothing_found")
def test_what_a_person_comes_to_bounds_nobody_elses_sum() -> None:
    """A family has as many members as it likes."""
    *_, of_the_family = answers(OF_A_YEAR, "cap 1,000,000 per family per calendar year by day")
    assert isinstance(of_the_family, Unknown)
    *_, of_the_person = answers(OF_A_YEAR, "cap 20,000 per person per month by day")
    assert isinstance(of_the_person, Refuted)


@pytest.mark.usefixtures("nothing_found")
def test_what_a_month_comes_to_is_no_bound_of_a_year() -> None:
    """Twelve months of 2,000 come to more."""
    caps = ("cap 2,000 per person per month by day", "cap 20,000 per person per calendar year by day")
    text = YEAR.format(force=THREE_YEARS, caps="\n  ".join(caps)).replace(
        ", added up per person per calendar year by day", ""
    )
    of_the_month, of_the_year = (one for one in verify(model_of(text)) if one.property.code == "TP204")
    assert isinstance(of_the_month, Unknown) and isinstance(of_the_year, Unknown)


@pytest.mark.parametrize(
    ("caps", "answer"),
    [
        ("by kind general 20,000, listed 20,000", Refuted),
        ("by kind general 20,000, listed 30,000", Refuted),
        ("by kind general 19,999.99, listed 30,000", Unknown),
        ("by kind general 30,000, listed 19,999.99", Unknown),
        ("if kind is listed then cost else 30,000", Unknown),
    ],
)
@pytest.mark.usefixtures("nothing_found")
def test_of_caps_by_word_the_lowest_counts(caps: str, answer: type[Finding]) -> None:
    *_, of_a_month = answers(
        OF_A_YEAR,
        f"cap {caps} per person per month by day"
        if caps.startswith("if")
        else f"cap per person per month by day, {caps}",
    )
    assert isinstance(of_a_month, answer)


def test_where_the_solver_gives_up_a_history_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "decide", lambda *_, **__: Open("its effort was used up"))
    (reached,) = answers(OF_A_YEAR)
    assert isinstance(reached, Proved) and reached.method == METHOD


@pytest.mark.usefixtures("nothing_found")
def test_what_nothing_shows_is_unknown() -> None:
    (reached,) = answers(OF_A_YEAR)
    assert isinstance(reached, Unknown) and reached.reason == "its effort was used up"


def of_half_a_year(limit: str) -> list[Finding]:
    """What is said of the yearly cap of two versions, each of which is in force for half of a year."""
    halves = ("2023-01-01 to 2023-06-30", "2023-07-01 to 2023-12-31")
    models = matched([model_of(YEAR.format(force=force, caps=f"cap {limit}")) for force in halves])
    return [one for model in models for one in verify(model) if one.property.code == "TP204"]


@pytest.mark.usefixtures("nothing_found")
def test_a_cap_that_a_later_version_has_too_is_asked_of_that_one() -> None:
    earlier, later = of_half_a_year("20,000")
    assert isinstance(earlier, NotAsked) and earlier.reason == cap.LATER
    assert isinstance(later, Unknown)


def test_a_cap_that_claims_reach_before_is_proved_of_the_earlier_version_too() -> None:
    assert [type(one) for one in of_half_a_year("20,000")] == [Proved, Proved]


STACK = """
policy p
  currency EUR
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 1,000,000
benefit p
  of cost, added up per person per calendar year by day
  pay 80%
benefit m
  of left, added up per person per calendar year by day
  deductible 1,000
  pay 100%
benefit s
  of left{added_up}
{clauses}
stack of cost
  p, then m, then s
"""
YEARLY = ", added up per person per calendar year by day"
"""After a maximum of 1,000 a year is left, of which s has half."""


def of_the_stack(code: str, added_up: str, *clauses: str) -> Finding:
    text = STACK.format(added_up=added_up, clauses="\n".join(f"  {clause}" for clause in clauses))
    (found,) = (
        one
        for one in verify(model_of(text))
        if (one.property.code, one.property.subject) == (code, "s") and not one.property.variant
    )
    return found


def test_a_cap_above_what_is_left_in_a_period_is_never_reached() -> None:
    of_a_year = "per person per calendar year by day"
    for limit, answer in (("500", Refuted), ("499.99", Proved)):
        assert isinstance(of_the_stack("TP204", YEARLY, "pay 50%", f"cap {limit}"), answer)
    # What it pays of single claims is only known not to be more than it is paid of.
    for limit, answer in (("1,000", Refuted), ("450", Proved)):
        assert isinstance(of_the_stack("TP204", "", "pay 50%", f"cap {limit} {of_a_year}"), answer)


def test_a_band_above_what_is_left_in_a_period_is_dead() -> None:
    for deductible, answer in (("1,000", Refuted), ("999.99", Proved)):
        assert isinstance(of_the_stack("TP103", YEARLY, f"deductible {deductible}", "pay 50%"), answer)


def test_a_ratio_that_falls_above_what_is_left_in_a_period_falls_for_nobody() -> None:
    bands = ("pay in slices of the amount", "  over 0 to {}  50%", "  over {}  40%")
    for end, answer in (("1,000", Proved), ("999.99", Refuted)):
        found = of_the_stack("TP201", YEARLY, *(band.format(end) for band in bands))
        assert isinstance(found, answer)
