"""The promises of a table as a row of rounded lines: the same as the solver's, and of tables too long for it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from benchmarks.tables import table
from compiler.findings import Proved
from compiler.model import (
    Accumulated,
    ByCategory,
    Choice,
    Compare,
    Constant,
    Expression,
    FactValue,
    Model,
    Relation,
    Rounded,
    Scaled,
)
from compiler.verify import contract as contracts
from compiler.verify import verify
from compiler.verify.contract import contract, cut_nodes
from compiler.verify.stairs import Stairs, lemma, stairs
from dsl.money import RoundingMode
from tests.models import at
from tests.policies import model_of, one_benefit, policy_model

RISES = one_benefit(
    "deductible 10", "pay in slices of the amount", "  over 10 to 100 50%", "  over 100 33.3%", "cap 90"
)
LEAPS = one_benefit("pay on the whole amount", "  over 0 to 100 50%", "  over 100 60%")
DROPS = one_benefit("pay on the whole amount", "  over 0 to 100 60%", "  over 100 50%")
COARSE = RISES.replace("to 0.01", "to 1")
STEEP = one_benefit("pay 2 * cost")
DESCENDS = one_benefit("pay max(1,000 - cost, 0)")
BY_WARD = one_benefit("pay by ward", "  plain   50%", "  private 60.5%", "cap by ward plain 100, private 70")


def layers(model: Model) -> list[object]:
    """What each layer promises."""
    return [contract(model, node) for amount in model.amounts for node in cut_nodes(amount)]


@pytest.mark.parametrize("mode", ["half up", "half even", "up", "down"])
@pytest.mark.parametrize("text", [RISES, LEAPS, DROPS, COARSE, STEEP, DESCENDS, BY_WARD])
def test_a_row_of_lines_promises_what_the_solver_shows(text: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(text.replace("half up", mode))
    by_lines = layers(model)
    monkeypatch.setattr(contracts, "_stairs", lambda *_: None)
    assert by_lines == layers(model)


def test_the_policies_promise_the_same_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    files = ["ningxia/critical_illness_2013.policy", "jiangning/ncms_and_critical_illness.policy"]
    models = [policy_model(file) for file in files]
    by_lines = [layers(model) for model in models]
    monkeypatch.setattr(contracts, "_stairs", lambda *_: None)
    assert by_lines == [layers(model) for model in models]


def lines_of(text: str) -> Stairs | None:
    model = model_of(text)
    ((node, _),) = [pair for amount in model.amounts for pair in cut_nodes(amount).items()]
    return stairs(node.body if isinstance(node, Accumulated) else node, {}, 1_000_00)


def test_a_leap_and_a_drop_are_seen() -> None:
    rises, leaps, drops = lines_of(RISES), lines_of(LEAPS), lines_of(DROPS)
    assert rises is not None and rises.rises and rises.slow
    assert leaps is not None and leaps.rises and not leaps.slow
    assert drops is not None and not drops.rises and drops.slow


@pytest.mark.parametrize("text", [COARSE, STEEP, DESCENDS])
def test_what_moves_by_more_than_a_unit_or_down_is_no_row_of_steps_and_the_solver_is_asked(text: str) -> None:
    assert lines_of(text) is None


def test_the_lemma_is_asked_for_and_must_hold() -> None:
    one = lines_of(RISES)
    assert one is not None and one.denominator == 1000
    assert lemma([one])
    assert lemma([])
    assert not lemma([one, replace(one, mode=RoundingMode.UP)])


@pytest.mark.parametrize("bands", [10, 1_000])
def test_a_long_table_is_proved(bands: int) -> None:
    assert all(isinstance(finding, Proved) for finding in verify(model_of(table(bands))))


COST = FactValue("cost", at())
HALF = Scaled(Fraction(1, 2), COST, at())
NO_VALUE = ByCategory(("ward",), (), at())


def choice(first: Expression, last: int, then: Expression) -> Rounded:
    """One formula up to an amount, another above it."""
    up_to = Compare(COST, Relation.AT_MOST, Constant(last, at()), at())
    return Rounded(Choice(up_to, first, then, at()), RoundingMode.HALF_UP, 1, at())


@pytest.mark.parametrize(
    ("first", "then"),
    [(NO_VALUE, HALF), (HALF, NO_VALUE), (NO_VALUE, NO_VALUE)],
)
def test_of_a_row_that_does_not_cover_every_amount_nothing_is_said(first: Expression, then: Expression) -> None:
    assert stairs(choice(first, 100, then), {"ward": "plain"}, 1_000) is None
    assert stairs(choice(HALF, 100, HALF), {"ward": "plain"}, 1_000) is not None


@pytest.mark.parametrize("last", [0, 1, 100])
def test_of_a_row_with_a_hole_nothing_is_said(last: int) -> None:
    hole = choice(NO_VALUE, last + 1, HALF).value
    assert stairs(choice(HALF, last, hole), {"ward": "plain"}, 1_000) is None
