"""What claims of one person and period come to together: bounds that are proved, refuted and left open."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.evaluate import settle_all, sum_in_period
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import PeriodBound
from compiler.verify import verify
from compiler.verify.slope import model_at
from tests.policies import mistakes_in, model_of, one_benefit

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
        claims = [dict(claim) for claim in finding.witness.claims]
        known = model_at(model, Fraction(1))
        assert sum_in_period(requirement.total, claims, settle_all(known, claims)) > requirement.limit
    return finding


def yearly(*clauses: str) -> str:
    return one_benefit(*clauses).replace(*YEARLY)


PER_CLAIM = one_benefit("pay 50%", "cap 100 per claim")
CAPPED = one_benefit("pay 50%", "cap 100 per claim", "cap 250 per person per calendar year")
BY_WORD = one_benefit("pay 50%", "cap by ward plain 100, private 70").replace(*YEARLY)
TWO_CAPS = one_benefit("pay by ward plain 50%, private 60%", "cap 100 per person per month")
DATED = "\nparameter line, by day\n  from 2023-01-01  100\n  from 2024-01-01  150\n"
WITHIN_A_YEAR = DATED.replace("2024-01-01", "2023-07-01")


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
    ],
)
def test_a_bound_of_a_period_that_is_proved(text: str, bound: str) -> None:
    finding = answer(text, bound)
    assert isinstance(finding, Proved), finding
    assert "running totals telescope over the period" in finding.method


@pytest.mark.parametrize(
    ("text", "bound", "claims"),
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
        (BY_WORD, "b at most 99.99 per person per calendar year", 1),
        (yearly("pay unknown", "cap 100"), "b at most 50 per person per calendar year", 1),
    ],
)
def test_a_bound_of_a_period_that_is_refuted_by_claims(text: str, bound: str, claims: int) -> None:
    finding = answer(text.replace("  day ", "  ward_number identifier\n  day ", 1), bound)
    assert isinstance(finding, Refuted), finding
    assert len(finding.witness.claims) == claims


def test_what_is_neither_shown_nor_refuted_is_unknown() -> None:
    # A month of the policy year is no period that the policy counts, so twelve of them are not put together.
    text = one_benefit("pay 50%", "cap 100 per person per policy year from 12-15")
    finding = answer(text, "b at most 200 per person per calendar year")
    assert isinstance(finding, Unknown), finding


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
