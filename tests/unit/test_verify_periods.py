"""What claims of one person and period come to together: bounds that are proved, refuted and left open."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from compiler.evaluate import settle_all, sum_in_period
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import FactInput, PeriodBound
from compiler.verify import verify
from compiler.verify.ground import Ground, with_contracts
from compiler.verify.solve import Possible, ask
from compiler.verify.telescope import sums
from compiler.verify.unknown import model_at
from tests.policies import amount_of, claims, mistakes_in, model_of, one_benefit

ALLOWED = (
    '\nallow payment depends on splitting because "each bill by itself"\nallow own share falls because "so it is"\n'
)
YEARLY = ("of cost", "of cost, added up per person per calendar year")


def answer(text: str, bound: str) -> Finding:
    """What comes of one requirement; claims that refute it are settled again and added up."""
    model = model_of(f"{text}{ALLOWED}\nrequire\n  {bound}\n")
    (requirement,) = [one for one in model.requirements if isinstance(one, PeriodBound)]
    (finding,) = [one for one in verify(model) if one.property.span == requirement.span]
    if isinstance(finding, Refuted):
        shown = [dict(claim) for claim in finding.witness.claims]
        known = model_at(model, Fraction(1))
        assert sum_in_period(requirement.total, shown, settle_all(known, shown)) > requirement.limit
    return finding


def yearly(*clauses: str) -> str:
    return one_benefit(*clauses).replace(*YEARLY)


PER_CLAIM = one_benefit("pay 50%", "cap 100 per claim")
CAPPED = one_benefit("pay 50%", "cap 100 per claim", "cap 250 per person per calendar year")
BY_WORD = one_benefit("pay 50%", "cap by ward plain 100, private 70").replace(*YEARLY)
TWO_CAPS = one_benefit("pay by ward plain 50%, private 60%", "cap 100 per person per month")
CAPPED_BY_POLICY_YEAR = one_benefit("pay 50%", "cap 100 per person per policy year from 12-15")
DATED = "\nparameter line, by day\n  from 2023-01-01  100\n  from 2024-01-01  150\n"
WITHIN_A_YEAR = DATED.replace("2024-01-01", "2023-07-01")

FRANCHISES = (
    yearly(
        "deductible by ward plain 10, private 30",
        "pay 90%",
    ).replace("ward plain | private", "ward plain | private\n  franchise f300 | f500 | f1000 | f1500 | f2000 | f2500")
    + """
benefit most
  of left, added up per person per calendar year
  deductible by franchise, ward
           plain  private
    f300     650    1,000
    f500     850    1,200
    f1000  1,350    1,700
    f1500  1,850    2,200
    f2000  2,350    2,700
    f2500  2,850    3,200
  pay 100%
stack of cost
  b, then most
"""
)
"""An own share of which the most goes by twelve combinations of words."""

FALLING = DATED.replace("100", "160")
"""Of the first year more is borne than of the second."""

IN_TURNS = yearly(
    "pay in slices of the amount, by ward",
    "                  plain  private",
    "  over   0 to 100  100%     0%",
    "  over 100 to 200    0%   100%",
    "  over 200           0%     0%",
)
"""Neither word pays more than 100 in a year, and the two together 200."""

NOTHING_TAKEN = (
    yearly("pay 100%", "cap 100").replace("  cost money", "  cost money\n  paid money at most cost")
    + "\nbenefit c\n  of paid, added up per person per calendar year\n  pay 100%\nstack of cost\n  b, then c\n"
    + "amount more = b - c\namount less = paid - cost\n"
)
"""There are 100 more of the one than of the other only where there is nothing of the other."""
AT_THE_TOP = yearly("pay in slices of the amount", "  over 0 to 99,999,999,999.99 0%", "  over 99,999,999,999.99 100%")

BELOW = "\nbenefit low\n  of left\n  pay {paid}\nstack of cost\n  b, then low\n"
MAXIMUM = yearly("deductible by ward plain 10, private 30", "pay 100%") + BELOW.format(paid="10%")
"""The own share has a maximum, and a layer below it pays a share of each claim by itself."""
UNKNOWN_BELOW = MAXIMUM.replace("10%", "unknown")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        (CAPPED, "b at most 250 per person per calendar year"),
        (CAPPED, "b at most 250 per person per month"),
        (yearly("pay 50%", "cap 100"), "b at most 100 per person per calendar year"),
        (yearly("pay 50%", "cap 100"), "b at most 100 per person per month"),
        (yearly("deductible 10", "pay 100%"), "own share at most 10 per person per calendar year"),
        (yearly("deductible line", "pay 100%") + DATED, "own share at most 150 per person per calendar year"),
        (yearly("pay unknown", "cap 100"), "b at most 100 per person per calendar year"),
        (one_benefit("pay 50%", "cap 100 per person per lifetime"), "b at most 100 per person per calendar year"),
        (BY_WORD, "b at most 100 per person per calendar year"),
        (TWO_CAPS, "b at most 100 per person per month"),
        (TWO_CAPS, "b at most 1,200 per person per calendar year"),
        (TWO_CAPS, "b at most 1,200 per person per policy year from 07-01"),
        (
            yearly("deductible by ward plain 10, private 30", "pay 100%"),
            "own share at most 30 per person per calendar year",
        ),
        (NOTHING_TAKEN, "less at most 0 per person per calendar year"),
        (MAXIMUM, "own share at most 30 per person per calendar year"),
        (UNKNOWN_BELOW, "own share at most 30 per person per calendar year"),
        (FRANCHISES, "own share at most 3,200 per person per calendar year"),
    ],
)
def test_a_bound_of_a_period_that_is_proved(text: str, bound: str) -> None:
    finding = answer(text, bound)
    assert isinstance(finding, Proved), finding
    assert "running totals telescope over the period" in finding.method


@pytest.mark.parametrize(
    ("text", "bound", "length"),
    [
        (CAPPED, "b at most 249.99 per person per calendar year", 3),
        (CAPPED, "b at most 250 per person per lifetime", 3),
        (PER_CLAIM, "b at most 100 per person per calendar year", 2),
        (PER_CLAIM, "b at most 1,000 per person per lifetime", 11),
        (yearly("pay 50%", "cap 100"), "b at most 99.99 per person per calendar year", 1),
        (yearly("pay 50%", "cap 100"), "b at most 100 per ward_number per calendar year", 2),
        (yearly("pay 50%", "cap 100"), "b at most 1,000 per person per lifetime", 11),
        (yearly("deductible 10", "pay 100%"), "own share at most 10 per person per lifetime", 2),
        (TWO_CAPS, "b at most 1,199.99 per person per calendar year", 12),
        (
            yearly("deductible by ward plain 10, private 30", "pay 100%"),
            "own share at most 29.99 per person per calendar year",
            1,
        ),
        (MAXIMUM, "own share at most 26.99 per person per calendar year", 1),
        (IN_TURNS, "b at most 100 per person per calendar year", 2),
        (IN_TURNS, "b at most 199.99 per person per calendar year", 2),
        (BY_WORD, "b at most 99.99 per person per calendar year", 1),
        (yearly("pay unknown", "cap 100"), "b at most 50 per person per calendar year", 1),
        (yearly("deductible line", "pay 100%") + FALLING, "own share at most 150 per person per calendar year", 1),
        (NOTHING_TAKEN, "more at most 99.99 per person per calendar year", 1),
        (AT_THE_TOP, "b at most 0 per person per calendar year", 1),
        (FRANCHISES, "own share at most 3,199.99 per person per calendar year", 1),
    ],
)
def test_a_bound_of_a_period_that_is_refuted_by_claims(text: str, bound: str, length: int) -> None:
    finding = answer(text.replace("  day ", "  ward_number identifier\n  day ", 1), bound)
    assert isinstance(finding, Refuted), finding
    assert len(finding.witness.claims) == length


UNKNOWN_ELSEWHERE = one_benefit("pay 60%", "cap 500 per person per month").replace("cost money", "cost money up to 12")
BELOW_IT = "\nbenefit low\n  of left\n  deductible 2\n  pay unknown\nstack of cost\n  b, then low\n"
BESIDE_IT = BELOW_IT.replace("b, then low", "the larger of b or low")


@pytest.mark.parametrize(("stack", "note"), [(BELOW_IT, ""), (BESIDE_IT, "with the unknown ratio at 100%")])
def test_the_figure_shown_is_what_was_replayed_though_another_layer_has_an_unknown_ratio(stack: str, note: str) -> None:
    # As the policy is written most of these claims have no value, and what they come to together would be less.
    finding = answer(UNKNOWN_ELSEWHERE + stack, "b at most 5 per person per calendar year")
    assert isinstance(finding, Refuted), finding
    assert dict(finding.diagnostic.params)["value"] == "5.01"
    assert finding.diagnostic.claim.endswith(", ".join(["b 5.01 together", *filter(None, [note])]))


def test_a_layer_that_may_pay_less_than_nothing_is_not_left_out_of_the_own_share() -> None:
    text = yearly("deductible 10", "pay 100%") + BELOW.format(paid="less") + "amount less = min(cost, 5) - 5\n"
    assert not isinstance(answer(text, "own share at most 10 per person per calendar year"), Proved)


@pytest.mark.parametrize(
    ("text", "bound", "least"),
    [
        # A year of one kind has days in two of another.
        (CAPPED_BY_POLICY_YEAR, "b at most {} per person per calendar year", "200"),
        (CAPPED, "b at most {} per person per policy year from 07-01", "500"),
        (MAXIMUM, "own share at most {} per person per policy year from 07-01", "60"),
        (CAPPED_BY_POLICY_YEAR, "b at most {} per person per policy year from 07-01", "200"),
        # A year that begins within a month has days in thirteen, and a month in two such years.
        (TWO_CAPS, "b at most {} per person per policy year from 07-15", "1,300"),
        (CAPPED_BY_POLICY_YEAR, "b at most {} per person per month", "200"),
    ],
)
def test_a_period_comes_to_as_often_what_another_does_as_it_has_days_in_such(text: str, bound: str, least: str) -> None:
    assert isinstance(answer(text, bound.format(least)), Proved)
    below = f"{int(least.replace(',', '')) - 1}.99"
    assert not isinstance(answer(text, bound.format(below)), Proved)


def test_two_policy_years_of_one_calendar_year_are_paid_out() -> None:
    finding = answer(CAPPED_BY_POLICY_YEAR, "b at most 199.99 per person per calendar year")
    assert isinstance(finding, Refuted) and len(finding.witness.claims) == 2


def test_the_whole_of_another_year_bounds_a_part_of_it_only_where_no_claim_takes_away() -> None:
    """The first half of a policy year may come to more than the whole of it."""
    text = CAPPED_BY_POLICY_YEAR + "amount kept = b - cost\n"
    assert isinstance(answer(text, "kept at most 0 per person per calendar year"), Proved)
    text = one_benefit("pay 100%", "cap 100 per person per policy year from 12-15").replace(
        "ward", "taken money\n  ward", 1
    )
    text += "amount kept = b - taken\n"
    assert not isinstance(answer(text, "kept at most 100 per person per calendar year"), Proved)


@pytest.mark.parametrize("period", ["policy year from 07-02", "lifetime"])
def test_a_period_that_is_not_twelve_whole_months_is_not_taken_for_them(period: str) -> None:
    assert not isinstance(answer(TWO_CAPS, f"b at most 1,200 per person per {period}"), Proved)


def test_what_is_neither_shown_nor_refuted_is_unknown() -> None:
    # Neither word has the steepest function: each is the steeper one of some totals.
    finding = answer(IN_TURNS, "b at most 200 per person per calendar year")
    assert isinstance(finding, Unknown), finding
    assert finding.reason == (
        "no claims were found that come to more, but nothing that is known bounds their sum: "
        "a cap per person per calendar year would"
    )


def test_what_is_unknown_says_which_limit_is_shown() -> None:
    text = MAXIMUM.replace("10%", "50%")
    found = [answer(text, f"own share at most {limit} per person per calendar year") for limit in ("29.99", "30")]
    assert isinstance(found[0], Unknown), found[0]
    assert found[0].reason == "no claims were found that come to more, but no limit below 30.00 is shown"
    assert isinstance(found[1], Proved)


def test_what_would_bound_an_own_share_is_said() -> None:
    finding = answer(OF_A_FACT, "own share at most 100 per person per calendar year")
    assert isinstance(finding, Unknown), finding
    assert finding.reason.endswith(
        "a benefit that pays all above an amount, added up per person per calendar year, would"
    )


def test_a_deductible_that_changes_within_the_year_is_not_taken_for_one() -> None:
    text = yearly("deductible line", "pay 100%") + DATED.replace("2024-01-01", "2023-07-01")
    assert isinstance(answer(text, "own share at most 149.99 per person per calendar year"), Refuted)
    # In the second half 150 are taken off the year's total, of which 100 had been taken off before.
    assert not isinstance(answer(text, "own share at most 150 per person per calendar year"), Refuted)


@pytest.mark.parametrize(
    ("bound", "key"),
    [
        ("b at least 10 per person per calendar year", "TP012.period_side"),
        ("b at most cost per person per calendar year", "TP012.period_limit"),
        ("b at most 10 + 10 per person per calendar year", "TP012.period_limit"),
        ("cost at most 10 per person per calendar year", "TP012"),
        ("b at most 10 per cost per calendar year", "TP012"),
        ("b at most 0.001 per person per calendar year", "TP016"),
        ("b at most 10 per nobody per calendar year", "TP011"),
        ("b at most 10 per person per calendar year by other_day", "TP019.dates"),
    ],
)
def test_a_bound_of_a_period_that_says_nothing(bound: str, key: str) -> None:
    text = one_benefit("pay 50%", "cap 100 per person per calendar year by day").replace(
        "  day ", "  other_day date\n  day ", 1
    )
    assert key in [found for found, _ in mistakes_in(f"{text}\nrequire\n  {bound}\n")]


def test_a_bound_of_a_single_claim_is_the_plain_one() -> None:
    model = model_of(f"{PER_CLAIM}\nrequire\n  b at most 100 per claim\n  b at most 100\n")
    with_period, plain = model.requirements
    assert with_period == plain


# What is said of sums ---------------------------------------------------------------------------------

PLAIN_100, PRIVATE_100 = {"cost": 100_00, "ward": "plain"}, {"cost": 100_00, "ward": "private"}
OF_A_FACT = yearly("deductible line", "pay 100%").replace("  cost money", "  cost money\n  line money up to 100")
LEAPS = yearly(
    "pay on the whole amount, by ward",
    "                 plain  private",
    "  over 0 to 100     0%   100%",
    "  over 100        100%   100%",
)
MONTHLY = one_benefit("pay 100%", "cap per person per month, by ward plain 100, private 70")


@pytest.mark.parametrize(
    ("text", "name", "rows"),
    [
        # the deductible of the second claim takes nothing off what the first was paid
        (OF_A_FACT, "b", [{**PLAIN_100, "line": 0}, {**PLAIN_100, "line": 100_00}]),
        # an amount that is added is added for every claim
        (f"{one_benefit('pay 50%')}\namount more = cost + 5\n", "more", [PLAIN_100, PLAIN_100]),
        # what leaps pays for the claims before it too
        (LEAPS, "b", [PRIVATE_100, {**PLAIN_100, "cost": 1_00}]),
        # the function that rises least, not just any; and where none does on every unit, nothing
        (MAXIMUM, "b", [{**PLAIN_100, "cost": 20_00}, {**PRIVATE_100, "cost": 20_00}]),
        (IN_TURNS, "b", [PRIVATE_100, PLAIN_100]),
        # a month is no year
        (MONTHLY, "b", [PLAIN_100, {**PLAIN_100, "day": date(2024, 4, 1)}]),
    ],
)
def test_what_is_said_of_sums_holds_of_the_claims(text: str, name: str, rows: list[dict[str, FactInput]]) -> None:
    model = model_of(f"{text}\nrequire\n  {name} at most 1 per person per calendar year\n")
    (requirement,) = [one for one in model.requirements if isinstance(one, PeriodBound)]
    row = claims(rows)
    outcomes = settle_all(model, row)
    said = sums(model, with_contracts(Ground(model, {}, {})).contracts, requirement.total, lambda _: True, {})
    together = {fact: sum(int(str(one[fact])) for one in row) for fact in said.of if fact in row[0]}
    together |= {
        amount.name: sum(amount_of(outcome, amount.name) for outcome in outcomes)
        for amount in model.amounts
        if amount.name in said.of
    }
    same = [said.of[of] == value for of, value in together.items()]
    assert isinstance(ask((*said.known, *same)), Possible), together
