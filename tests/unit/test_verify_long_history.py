"""Caps that only years of claims reach, and one that nothing reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from compiler.model import Capped, InForce, Model, walk
from compiler.verify.long_history import is_ever_reached
from tests.models import YUAN, at, money, yearly_cap


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
