"""What one layer promises, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import z3

from compiler.findings import Refuted
from compiler.model import (
    Accumulated,
    Capped,
    Choice,
    Compare,
    Constant,
    Difference,
    Expression,
    FactValue,
    Manner,
    Model,
    Relation,
    Rounded,
    Scaled,
    Sum,
)
from compiler.verify import contract as contracts
from compiler.verify import verify
from compiler.verify.claims import Cut
from compiler.verify.contract import LARGEST_ARGUMENT, Contract, category_facts, contract, cut_nodes, of_two
from compiler.verify.solve import Impossible, Possible, ask
from dsl.money import RoundingMode
from tests.models import (
    NINGXIA_ENDS,
    NINGXIA_PERCENT,
    YUAN,
    at,
    model,
    money,
    ningxia,
    over_to,
    schedule,
    stack,
    yearly_cap,
)
from tests.policies import model_of, one_benefit


def of_benefit(found: Model, name: str) -> Contract:
    (node,) = cut_nodes(found.amount(name))
    return contract(found, node)


def test_slices_rise_and_never_faster_than_the_cost() -> None:
    promise = of_benefit(ningxia(), "critical_illness")
    assert promise.accumulates and promise.rises and promise.slow and promise.from_zero
    top = 10**13
    listed = 30454000 + (top - 50000000) * 73 // 100
    assert promise.highest == listed


def test_the_whole_amount_leaps() -> None:
    promise = of_benefit(ningxia(manner=Manner.ON_THE_WHOLE), "critical_illness")
    assert promise.rises
    assert not promise.slow


def test_a_ratio_that_falls_on_the_whole_amount_makes_the_payment_fall() -> None:
    bands = over_to([end * YUAN for end in NINGXIA_ENDS], NINGXIA_PERCENT[::-1])
    promise = of_benefit(ningxia(manner=Manner.ON_THE_WHOLE, bands=bands), "critical_illness")
    assert not promise.rises
    assert promise.highest is None


def test_rounding_to_the_yuan_is_not_slow() -> None:
    promise = of_benefit(ningxia(unit=YUAN), "critical_illness")
    assert promise.rises and not promise.slow


@pytest.mark.parametrize("mode", RoundingMode)
def test_every_mode_keeps_the_contract_at_one_minor_unit(mode: RoundingMode) -> None:
    promise = of_benefit(ningxia(mode=mode), "critical_illness")
    assert promise.rises and promise.slow


@pytest.mark.parametrize("end", [1, 3])
def test_half_even_leaps_by_two_where_half_a_unit_is_added_to_the_whole_cost(end: int) -> None:
    """0.5 is rounded to 0 and 1.5 to 2: a slope of 100% is not enough to be slow.

    To 3 the payments are 0, 1 and 2, and the first above is 2 again; only the one after leaps, from 2 to 4.
    """
    half = schedule(FactValue("cost", at()), over_to([0, end], [(50,), (100,)]))
    even = Rounded(half, RoundingMode.HALF_EVEN, 1, at())
    found = model((money("cost"),), (), FactValue("cost", at()), ())
    assert not contract(found, even).slow
    assert contract(found, replace(even, mode=RoundingMode.HALF_UP)).slow


def test_a_cap_is_the_highest_that_is_promised() -> None:
    assert of_benefit(yearly_cap(), "supplementary").highest == 10_000 * YUAN


def test_a_contract_holds_in_every_cell() -> None:
    (node,) = cut_nodes(yearly_cap().amount("supplementary.before_cap"))
    assert category_facts(yearly_cap(), node) == ("hospital",)
    promise = contract(yearly_cap(), node)
    assert promise.not_negative and promise.within and promise.slow


def test_a_clause_of_two_arguments_is_not_cut() -> None:
    both = Sum((FactValue("cost", at()), FactValue("other", at())), at())
    found = yearly_cap()
    amount = replace(found.amounts[1], expression=Rounded(both, RoundingMode.DOWN, 5, at()))
    assert cut_nodes(amount) == {}


def capped_by_the_claim() -> Accumulated:
    amount = ningxia().amount("critical_illness")
    assert isinstance(amount.expression, Accumulated)
    body: Expression = Capped(amount.expression.body, FactValue("borne", at()), at())
    return replace(amount.expression, body=body)


def test_a_clause_that_reads_the_claim_itself_keeps_its_promise_for_every_value_of_it() -> None:
    promise = contract(ningxia(), capped_by_the_claim())
    assert promise.rises and promise.slow
    assert promise.highest is None


def test_of_two_claims_a_promise_speaks_only_where_all_else_that_is_read_is_the_same() -> None:
    promise = contract(ningxia(), capped_by_the_claim())
    x, y, p, q, v, w = z3.Ints("x y p q v w")
    said = of_two(promise, Cut(v, x, (p,)), Cut(w, y, (q,)))
    lower = (x >= 0, x <= y, w < v, p >= 0, p < 100, q >= 0, q < 100)
    assert isinstance(ask((*said, *lower)), Possible)
    assert isinstance(ask((*said, *lower, p == q)), Impossible)


def test_two_layers_are_cut_where_each_begins() -> None:
    found = stack()
    cuts = {amount.name: list(cut_nodes(amount).values()) for amount in found.amounts if cut_nodes(amount)}
    assert cuts == {"basic": ["basic.base"], "critical.before_cap": ["critical.base"]}


def test_contracts_are_about_whole_numbers() -> None:
    assert z3.simplify(z3.IntVal(-7) / 2).as_long() == -4


@pytest.mark.parametrize("of", ["cost", "cost, added up per person per calendar year"])
def test_a_claim_below_the_deductible_is_paid_nothing_whatever_is_promised(of: str) -> None:
    """A promise to pay at least something would prove this."""
    text = one_benefit("deductible 100", "pay 50%").replace("of cost", f"of {of}") + "require\n  b at least 0.01\n"
    (finding,) = (one for one in verify(model_of(text)) if one.property.code == "TP302")
    assert isinstance(finding, Refuted) and len(finding.witness.claims) == 1


# What is promised, worked out by hand ---------------------------------------------------------------

COST = FactValue("cost", at())
TOP = LARGEST_ARGUMENT


def rounded(value: Expression) -> Rounded:
    return Rounded(value, RoundingMode.HALF_UP, 1, at())


def half() -> Expression:
    return Scaled(Fraction(1, 2), COST, at())


def up_to(last: int, first: Expression, then: Expression) -> Expression:
    """One formula up to an amount, another above it."""
    return Choice(Compare(COST, Relation.AT_MOST, Constant(last, at()), at()), first, then, at())


def from_one(first: int, then: Expression) -> Expression:
    """`first` for an amount of 0, something else from 1 on."""
    return up_to(0, Constant(first, at()), then)


@pytest.mark.parametrize("by_lines", [True, False])
@pytest.mark.parametrize(
    ("formula", "rises", "slow", "from_zero", "not_negative", "within", "highest"),
    [
        (half(), True, True, True, True, True, TOP // 2),
        (Sum((half(), Constant(1, at())), at()), True, True, False, True, False, TOP // 2),
        (Difference(half(), Constant(5, at()), at()), True, True, False, False, True, TOP // 2),
        (Difference(Constant(10, at()), COST, at()), False, True, False, False, False, None),
        (Scaled(Fraction(2), COST, at()), True, False, True, True, False, 2 * TOP),
        # Only the first step is too high, or down.
        (from_one(0, Sum((COST, Constant(10, at())), at())), True, False, True, True, False, TOP + 10),
        (from_one(5, Constant(0, at())), False, True, False, True, False, None),
        # A leap of a single unit from 100 to 101, which is two with the step itself.
        (up_to(100, COST, Sum((COST, Constant(1, at())), at())), True, False, True, True, False, TOP + 1),
        # Nothing is paid for the first unit; or something is taken away from the first on.
        (from_one(0, Difference(COST, Constant(1, at()), at())), True, True, True, True, True, TOP - 1),
        (from_one(0, Constant(-1, at())), False, True, True, False, True, None),
    ],
)
def test_a_formula_promises_what_it_keeps(
    formula: Expression,
    rises: bool,
    slow: bool,
    from_zero: bool,
    not_negative: bool,
    within: bool,
    highest: int | None,
    by_lines: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a row of lines, and asked of the solver."""
    if not by_lines:
        monkeypatch.setattr(contracts, "_stairs", lambda *_: None)
    found = model((money("cost"),), (), COST, ())
    promise = Contract(False, rises, slow, from_zero, not_negative, within, highest)
    assert contract(found, rounded(formula)) == promise


@pytest.mark.parametrize(
    ("ratio", "rises", "slow"),
    [
        ("50% and 90%", True, False),
        ("40% and 50%", False, True),
        ("40% and 90%", False, False),
        ("50% and 50%", True, True),
    ],
)
def test_a_ratio_that_is_not_known_promises_what_it_does_whatever_it_is(ratio: str, rises: bool, slow: bool) -> None:
    """Another ratio on the whole amount is a leap from 100 to 100.01; a lower one a fall."""
    bands = ("pay on the whole amount", "  over 0 to 100 50%", f"  over 100 unknown between {ratio}")
    promise = of_benefit(model_of(one_benefit(*bands)), "b")
    assert (promise.rises, promise.slow, promise.highest is not None) == (rises, slow, rises)
    assert promise.from_zero and promise.not_negative and promise.within
