"""A cap over the period of its benefit is the most that is paid in the period, whatever changes within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from compiler.caps import counted, is_counted, with_steps
from compiler.evaluate import settle_all
from compiler.findings import Proved, Refuted
from compiler.model import FactInput, Model, PeriodBound
from compiler.verify import verify
from compiler.versions import matched, merged
from tests.policies import FEN, amount_of, claims, model_of, one_benefit

YEARLY = ("of cost", "of cost, added up per person per calendar year")
BY_WARD = one_benefit("pay by ward plain 50%, private 70%", "cap 1,000").replace(*YEARLY)
ONE = one_benefit(
    "deductible 10", "pay in slices of the amount", "  over 10 to 500  33.3%", "  over 500  66.7%", "cap 300"
).replace(*YEARLY)

Row = dict[str, FactInput]


def row(ward: str, cost: int, day: date = date(2024, 3, 1)) -> Row:
    return {"ward": ward, "cost": cost * FEN, "day": day}


def paid(model: Model, rows: Sequence[Row]) -> list[int]:
    """What b pays, in whole units of the currency."""
    return [amount_of(outcome, "b") // FEN for outcome in settle_all(model, claims(list(rows)))]


def version(first: str, last: str, *clauses: str) -> Model:
    text = one_benefit(*clauses).replace(*YEARLY)
    return model_of(text.replace("currency CNY", f"currency CNY\n  in force {first} to {last}, by day"))


# One function for the whole period ------------------------------------------------------------------


def test_where_every_claim_has_the_same_function_the_cap_stays_in_it() -> None:
    assert not is_counted(model_of(ONE), "b")


def test_a_word_that_changes_with_the_year_only_leaves_the_cap_where_it_is() -> None:
    text = one_benefit("deductible line", "pay 50%", "cap 100").replace(*YEARLY)
    dated = "\nparameter line, by day\n  from 2023-01-01  100\n  from {}  150\n"
    assert not is_counted(model_of(text + dated.format("2024-01-01")), "b")
    assert is_counted(model_of(text + dated.format("2024-07-01")), "b")


@pytest.mark.parametrize("mode", ["half up", "half even", "up", "down"])
def test_of_one_function_the_cap_inside_it_and_the_step_of_its_own_mean_the_same(mode: str) -> None:
    model = model_of(ONE.replace("half up", mode))
    apart = with_steps(model, {"b"})
    assert is_counted(apart, "b") and counted(model) == model
    chance = Random(5)
    for _ in range(300):
        rows: list[Row] = [{"cost": chance.choice((0, 1, 999, 1001, chance.randint(0, 60_000)))} for _ in range(6)]
        one, other = (
            [amount_of(outcome, "b") for outcome in settle_all(known, claims(rows))] for known in (model, apart)
        )
        assert one == other, rows


# Another function from claim to claim ---------------------------------------------------------------


def test_what_was_paid_for_another_word_counts_towards_the_cap() -> None:
    assert paid(model_of(BY_WARD), [row("plain", 1_000), row("private", 1_000)]) == [500, 500]
    assert paid(model_of(BY_WARD), [row("private", 1_000), row("plain", 1_000)]) == [700, 300]


def test_the_payments_of_a_year_never_pass_the_cap_and_never_stop_before_it() -> None:
    model, chance = model_of(BY_WARD), Random(7)
    for _ in range(300):
        rows = [row(chance.choice(("plain", "private")), chance.randint(0, 900)) for _ in range(8)]
        due = [(70 if one["ward"] == "private" else 50) * int(str(one["cost"])) // 100 for one in rows]
        left, expected = 1_000 * FEN, []
        for amount in due:
            expected.append(min(amount, left))
            left -= expected[-1]
        assert [amount_of(outcome, "b") for outcome in settle_all(model, claims(rows))] == expected


def test_a_cap_that_changes_with_a_word_pays_nothing_above_that_of_the_claim() -> None:
    text = one_benefit("pay 50%", "cap by ward plain 100, private 300").replace(*YEARLY)
    assert paid(model_of(text), [row("plain", 150), row("private", 1_000), row("plain", 50)]) == [75, 225, 0]
    assert paid(model_of(text), [row("private", 150), row("plain", 1_000), row("private", 50)]) == [75, 25, 0]


def test_a_cap_behind_a_cap_of_another_period() -> None:
    text = one_benefit("pay by ward plain 50%, private 70%", "cap 300", "cap 200 per person per month").replace(*YEARLY)
    days = [date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 1)]
    rows = [row(ward, 300, day) for ward, day in zip(("plain", "private", "plain"), days, strict=True)]
    assert paid(model_of(text), rows) == [150, 50, 0]


# Versions -------------------------------------------------------------------------------------------

HALF = version("2023-01-01", "2024-06-30", "pay 50%", "cap 1,000")
MORE = version("2024-07-01", "2025-12-31", "pay 80%", "cap 1,000")
FREE = version("2023-01-01", "2024-06-30", "pay 50%")
SUMMER, AUTUMN = date(2024, 6, 30), date(2024, 7, 1)


def test_what_an_earlier_version_paid_in_the_year_counts_towards_the_cap() -> None:
    rows = [row("plain", 1_500, SUMMER), row("plain", 1_500, AUTUMN), row("plain", 1_500, date(2025, 1, 1))]
    assert paid(merged([HALF, MORE]), rows) == [750, 250, 1_000]


def test_so_it_does_where_that_version_had_no_cap() -> None:
    assert paid(merged([FREE, MORE]), [row("plain", 1_800, SUMMER), row("plain", 1_500, AUTUMN)]) == [900, 100]


def test_versions_that_change_between_years_keep_their_caps() -> None:
    years = [version(f"{year}-01-01", f"{year}-12-31", "pay 50%", f"cap {year}") for year in (2023, 2024)]
    assert not is_counted(merged(years), "b")


def test_versions_are_verified_as_they_are_merged() -> None:
    assert all(is_counted(model, "b") for model in matched([HALF, MORE]))


def asked(limit: int, *models: Model) -> list[object]:
    """What comes of `b at most ... per person per calendar year` in each version."""
    return asked_of([limit] * len(models), models)


def asked_of(limits: Sequence[int], models: Sequence[Model]) -> list[object]:
    """The same, where each version asks for another limit."""
    (requirement,) = model_of(f"{ONE}\nrequire\n  b at most 1 per person per calendar year\n").requirements
    assert isinstance(requirement, PeriodBound)
    required = [(replace(requirement, limit=limit * FEN),) for limit in limits]
    found = matched([replace(model, requirements=of) for model, of in zip(models, required, strict=True)])
    answers = [[one for one in verify(model) if one.property.span == requirement.span] for model in found]
    return [answer for (answer,) in answers]


def test_a_year_of_two_versions_is_bounded_in_both() -> None:
    assert all(isinstance(answer, Proved) for answer in asked(1_000, HALF, MORE))


def test_a_year_of_two_versions_is_refuted_by_claims_of_both() -> None:
    lower = version("2024-07-01", "2025-12-31", "pay 80%", "cap 400")
    first, second = asked(1_000, FREE, lower)
    assert isinstance(first, Refuted) and isinstance(second, Refuted)
    days = {dict(claim)["day"] for claim in second.witness.claims}
    assert min(map(str, days)) < "2024-07-01" <= max(map(str, days))


def test_what_a_later_version_pays_is_no_part_of_what_an_earlier_one_requires() -> None:
    more = version("2024-07-01", "2025-12-31", "deductible 500", "pay 80%", "cap 1,500")
    first, second = asked_of([1_000, 1_500], [HALF, more])
    assert isinstance(first, Proved) and isinstance(second, Proved)
    # The day that selects the version decides that, not the order in which versions are written.
    second, first = asked_of([1_499, 999], [more, HALF])
    assert isinstance(first, Refuted) and isinstance(second, Refuted)


def test_what_an_earlier_version_paid_breaks_what_a_later_one_requires() -> None:
    less = version("2024-07-01", "2025-12-31", "pay 80%", "cap 400")
    first, second = asked_of([1_000, 400], [HALF, less])
    assert isinstance(first, Proved) and isinstance(second, Refuted)
    assert len(second.witness.claims) == 2
