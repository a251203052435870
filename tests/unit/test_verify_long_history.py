"""Caps that only years of claims reach, and one that nothing reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice

from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Finding, Proved, Refuted
from compiler.model import Capped, InForce, Model, walk
from compiler.verify import verify
from compiler.verify.long_history import is_ever_reached, pasts
from tests.models import YUAN, at, money, yearly_cap
from tests.policies import model_of


def cap_of(model: Model) -> Capped:
    (cap,) = (node for amount in model.amounts for node in walk(amount.expression) if isinstance(node, Capped))
    return cap


def with_costs_up_to(highest: int) -> Model:
    found = yearly_cap()
    return replace(found, facts=tuple(money(one.name, highest) if one.name == "cost" else one for one in found.facts))


def test_many_small_claims_reach_a_yearly_cap() -> None:
    model = with_costs_up_to(1_000 * YUAN)
    assert is_ever_reached(model, cap_of(model))


def test_what_pays_nothing_reaches_no_cap() -> None:
    model = with_costs_up_to(70 * YUAN)
    assert not is_ever_reached(model, cap_of(model))


def test_every_day_of_a_history_is_in_force() -> None:
    month = InForce(date(2013, 1, 10), date(2013, 1, 20), "discharged", at())
    model = replace(with_costs_up_to(1_000 * YUAN), in_force=month)
    assert is_ever_reached(model, cap_of(model))


# What comes after months and years ------------------------------------------------------------------

MONTHLY = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 10,000,000
benefit monthly
  of cost, added up per person per month by day
  pay 50%
  cap 300
  {cap}
amount received = monthly
benefit extra
  of received, added up per person per lifetime by day
  deductible {line}
  pay 1%
stack of cost
  monthly, then extra
require
  {line_of_proof}
"""


def asked(line: str, deductible: str, cap: str = "") -> tuple[Model, Finding]:
    text = MONTHLY.replace("{line_of_proof}", line).replace("{line}", deductible).replace("  {cap}\n", cap)
    model = model_of(text)
    (found,) = (one for one in verify(model) if one.property.code == "TP302")
    return model, found


def test_what_takes_three_months_is_reached() -> None:
    _, found = asked("some claim reaches extra over 0", "700")
    assert isinstance(found, Proved) and "day 2024-03-01" in found.method


def test_what_a_lifetime_cap_leaves_after_seventeen_months_is_reached() -> None:
    _, found = asked("some claim reaches extra is 0.05", "4,990", "  cap 5,000 per person per lifetime by day\n")
    assert isinstance(found, Proved) and "day 2025-05-01" in found.method


def test_a_bound_that_fails_after_three_months_is_refuted_by_them() -> None:
    model, found = asked("extra at most 1", "700")
    assert isinstance(found, Refuted)
    outcome = settle_all(model, [dict(claim) for claim in found.witness.claims])[-1]
    assert isinstance(outcome, Settled) and outcome.amounts["extra"] > YUAN


def test_a_history_goes_on_only_while_totals_change() -> None:
    model, _ = asked("extra at most 1", "700")
    found = list(islice(pasts(model), 40))
    assert len({tuple(past.before.items()) for past in found}) == len(found)
    assert {len(past.claims) for past in found} >= {1, 2, 4, 8}
    assert all(past.days["day"] >= max(day_of(claim) for claim in past.claims) for past in found)


def day_of(claim: Claim) -> date:
    day = claim["day"]
    assert isinstance(day, date)
    return day
