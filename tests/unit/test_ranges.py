"""Intervals: what they say of each clause, and that no settled claim leaves them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

import pytest

from compiler.evaluate import Settled, settle_all
from compiler.model import (
    Amount,
    AmountValue,
    Benefit,
    Capped,
    Choice,
    Constant,
    CountFact,
    Deductible,
    Difference,
    Expression,
    FactInput,
    FactValue,
    IsOneOf,
    Largest,
    Model,
    Role,
    Rounded,
    Scaled,
    Smallest,
    Sum,
    TotalSoFar,
)
from compiler.ranges import Range, amount_range, value_ranges
from dsl.money import DOMAIN_TOP, RoundingMode
from tests.engines.constructs import BODIES, VERSIONS, construct, versions
from tests.engines.random_claims import random_rows
from tests.models import (
    DISCHARGED,
    HOSPITAL,
    ILLNESS,
    PERSON,
    YUAN,
    at,
    deductible,
    model,
    money,
    ningxia,
    over_to,
    schedule,
    stack,
    yearly_cap,
)

COST = FactValue("cost", at())
PAID = FactValue("paid", at())


def policy(*amounts: Amount) -> Model:
    """A policy of cost (10 to 1,000) and what was paid of it, with the amounts given."""
    facts = (PERSON, DISCHARGED, money("cost", 1_000, lowest=10), money("paid", DOMAIN_TOP, "cost"), HOSPITAL)
    return model(facts, amounts, COST, ())


def some(value: int) -> Constant:
    return Constant(value, at())


TABLE = schedule(COST, over_to([100, 500], [(50,), (60,)]), opening=deductible(100))
COUNTY = IsOneOf("hospital", ("county",), at())
THIRD = Scaled(Fraction(1, 3), COST, at())


@pytest.mark.parametrize(
    ("expression", "lowest", "highest"),
    [
        (some(7), 7, 7),
        (COST, 10, 1_000),
        (PAID, 0, 1_000),
        (TotalSoFar(at()), 0, DOMAIN_TOP),
        (Sum((COST, PAID, some(5)), at()), 15, 2_005),
        (Difference(COST, PAID, at()), 0, 1_000),
        (Difference(PAID, COST, at()), -1_000, 990),
        (Scaled(Fraction(-1, 2), COST, at()), -500, -5),
        (Smallest((COST, some(300)), at()), 10, 300),
        (Largest((COST, some(300)), at()), 300, 1_000),
        (Capped(COST, some(300), at()), 10, 300),
        (Choice(COUNTY, COST, some(0), at()), 0, 1_000),
        (Rounded(THIRD, RoundingMode.UP, 10, at()), 10, 340),
        (TABLE, 0, 540),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
def test_the_interval_of_each_clause(expression: Expression, lowest: int, highest: int) -> None:
    assert amount_range(policy(), expression) == Range(lowest, highest)


def test_an_amount_is_whole_and_never_negative_because_that_is_proved_first() -> None:
    taken = Amount("rest", Role.NAMED, Difference(PAID, COST, at()), None, at())
    assert value_ranges(policy(taken))["rest"] == Range(0, 990)


def test_a_benefit_is_at_most_its_base_because_that_is_proved_first() -> None:
    base = Amount("layer.base", Role.BASE, Capped(COST, some(400), at()), "layer", at())
    benefit = Amount("layer", Role.BENEFIT, Sum((AmountValue("layer.base", at()), some(50)), at()), "layer", at())
    facts = (PERSON, DISCHARGED, money("cost", 1_000))
    found = value_ranges(model(facts, (base, benefit), COST, (Benefit("layer", "layer.base", False, at()),)))
    assert found["layer"] == Range(50, 400)


def test_a_count_is_what_the_policy_says_and_an_amount_for_each_is_that_many_times() -> None:
    facts = (PERSON, DISCHARGED, CountFact("days", 1, 366, at()))
    a_day = Amount("daily", Role.NAMED, Scaled(Fraction(50_00), FactValue("days", at()), at()), None, at())
    assert value_ranges(model(facts, (a_day,), some(0), ()))["daily"] == Range(50_00, 366 * 50_00)


def test_a_deductible_that_follows_from_the_claim_takes_off_no_more_than_its_least() -> None:
    half = Deductible(Rounded(Scaled(Fraction(1, 2), COST, at()), RoundingMode.DOWN, 1, at()), at())
    table = schedule(PAID, over_to([0], [(50,)]), opening=half)
    assert amount_range(policy(), table) == Range(0, Fraction(1_000 - 5, 2))


@pytest.mark.parametrize("settled", [construct(name) for name in BODIES] + [versions(name) for name in VERSIONS])
def test_no_settled_claim_of_a_larger_construct_leaves_the_intervals(settled: Model) -> None:
    ranges = value_ranges(settled)
    outcomes = settle_all(settled, random_rows(settled, Random(7), 300, any_type=False))
    amounts = [outcome.amounts for outcome in outcomes if isinstance(outcome, Settled)]
    assert len(amounts) > 150
    for found in amounts:
        for name, value in found.items():
            assert ranges[name].lowest <= value <= ranges[name].highest, name


@pytest.mark.parametrize("settled", [ningxia(), yearly_cap(), stack()], ids=lambda settled: settled.id)
def test_no_settled_claim_leaves_the_intervals(settled: Model) -> None:
    random = Random(7)
    ranges = value_ranges(settled)
    claims = []
    for number in range(300):
        larger, smaller = sorted((random.randrange(10 ** random.randrange(1, 10)) for _ in range(2)), reverse=True)
        claim: dict[str, FactInput] = {
            "claim": f"{number:03d}",
            "person": random.choice("AB"),
            "discharged": date(2013, random.randrange(1, 13), 1),
            "cost": larger,
            "borne": larger,
            "basic_paid": smaller,
            "illness": random.choice(ILLNESS.values),
            "hospital": random.choice(HOSPITAL.values),
        }
        claims.append({name: claim[name] for name in ("claim", *(fact.name for fact in settled.facts))})
    outcomes = [outcome for outcome in settle_all(settled, claims) if isinstance(outcome, Settled)]
    assert len(outcomes) == len(claims)
    for outcome in outcomes:
        for name, value in outcome.amounts.items():
            assert ranges[name].lowest <= value <= ranges[name].highest, name
    assert ranges["own_share"].highest >= 1_000 * YUAN
