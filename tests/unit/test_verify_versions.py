"""A version is proved as one that goes on from others: their claims are in its running totals before its own."""

from __future__ import annotations

from datetime import date

from compiler.driver import load_all, merge
from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.verify import verify
from dsl.source import Source

HEADER = """\
policy p
  currency CNY
  in force {force}, by discharged
  round half up to 0.01
claim
  person      identifier
  discharged  date
  cost        money up to 10,000
  illness     general | listed
"""

HALF = "benefit plan\n  of cost, added up per person per calendar year\n  pay 50%\n"

CROSSING = """\
benefit plan
  of cost, added up per person per calendar year
  pay in slices of the amount, by illness
                        general  listed
    over 0 to 1,000     40%      80%
    over 1,000 to 1,500 50%      20%
    over 1,500          50%      50%
allow plan ratio falls because "the slices of listed illnesses fall"
require
  plan for listed never below general
"""

LAYERS = """\
benefit a
  of {first}, added up per person per calendar year
  {deductible}pay 50%
benefit b
  of left, added up per person per calendar year
  {deductible}pay 50%
stack of cost
  a, then b
"""

ANY_ORDER = LAYERS.format(first="left", deductible="deductible 100\n  ") + (
    "require\n  order of a, b makes no difference\n"
)

CENTS = "benefit plan\n  of cost\n  pay 50%\n  cap 2 per person per calendar year\n"

WHOLE = """\
benefit plan
  of cost
  pay 50%
  round down to 1
  cap 2 per person per calendar year
allow plan own share falls because "whole yuan"
require
  {required}
"""


def versions_of(first: str, second: str, begins: str = "2024-07-01") -> list[Source]:
    ends = {"2024-07-01": "2024-06-30", "2025-01-01": "2024-12-31"}[begins]
    texts = (HEADER.format(force=f"2024-01-01 to {ends}") + first, HEADER.format(force=f"from {begins}") + second)
    return [Source(f"p/{number}.policy", text) for number, text in enumerate(texts, 1)]


def required(sources: list[Source]) -> Finding:
    """What is found of the one requirement of the last version, as it is among the others."""
    model = load_all(sources, {})[-1].model
    assert model is not None
    (requirement,) = model.requirements
    (found,) = (one for one in verify(model) if one.property.span == requirement.span)
    return found


def paid(sources: list[Source], claims: list[tuple[date, int, str]], name: str = "plan") -> list[int]:
    rows: list[Claim] = [
        {"claim": str(number), "person": "A", "discharged": day, "cost": cost, "illness": illness}
        for number, (day, cost, illness) in enumerate(claims, 1)
    ]
    outcomes = settle_all(merge(load_all(sources, {})), rows)
    return [outcome.amounts[name] for outcome in outcomes if isinstance(outcome, Settled)]


JUNE, JULY = date(2024, 6, 1), date(2024, 7, 2)


def test_who_is_ahead_from_zero_may_be_behind_from_where_another_version_ended() -> None:
    sources = versions_of(HALF, CROSSING)
    both = [[(JUNE, 100_000, word), (JULY, 50_000, word)] for word in ("listed", "general")]
    assert [paid(sources, claims)[-1] for claims in both] == [100_00, 250_00]
    assert isinstance(required(sources), Unknown)


def test_a_version_that_begins_with_a_period_begins_with_nothing() -> None:
    assert isinstance(required(versions_of(HALF, CROSSING, "2025-01-01")), Proved)


def test_totals_that_another_version_left_apart_make_the_order_matter() -> None:
    first = LAYERS.format(first="cost", deductible="")
    assert isinstance(required(versions_of(first, ANY_ORDER)), Unknown)
    assert isinstance(required(versions_of(first, ANY_ORDER, "2025-01-01")), Proved)


def test_a_total_is_what_the_rounding_of_every_version_lets_it_be() -> None:
    always = versions_of(CENTS, WHOLE.format(required="always plan is 0 or plan at least 1"))
    assert paid(always, [(JUNE, 300, "listed"), (JULY, 800, "listed")]) == [150, 50]
    assert isinstance(required(always), Unknown)
    reaches = WHOLE.format(required="some claim reaches plan is 0.50")
    assert isinstance(required(versions_of(CENTS, reaches)), Unknown)
    assert isinstance(required(versions_of(CENTS, reaches, "2025-01-01")), Refuted)


def test_a_claim_needs_no_value_in_the_formula_of_another_version() -> None:
    low_line = """\
parameter line, by discharged
  from 2024-01-01   200
  from 2024-07-01   100
benefit plan
  of cost, added up per person per calendar year
  deductible line
  pay in slices of the amount
    over 200           60%
"""
    monthly = "benefit plan\n  of cost, added up per person per month\n  pay 50%\n"
    assert paid(versions_of(low_line, monthly), [(date(2024, 8, 1), 500_00, "listed")]) == [250_00]


def test_a_bound_of_a_period_is_asked_of_versions_that_count_in_different_ways() -> None:
    monthly = "benefit plan\n  of cost, added up per person per month\n  pay 50%\n"
    bound = "require\n  plan at most 10 per person per calendar year\n"
    assert isinstance(required(versions_of(HALF, monthly + bound)), Refuted)
