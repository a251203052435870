"""What one layer promises whatever the amount: the lemma from which stacks and years of claims are proved.

A clause of one argument is a function f. Where f never falls, and never rises by more than the argument does, it
follows for a claim after any history that `0 <= f(S) - f(P) <= S - P`, and for two claims that differ only in cost
that the payment rises by no more than the cost. These follow by adding up single units, so the solver is asked about
one unit only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import z3

from compiler.model import (
    Accumulated,
    AllOf,
    Amount,
    AmountValue,
    AnyOf,
    ByCategory,
    CategoryFact,
    Choice,
    Compare,
    Condition,
    Expression,
    FactValue,
    IsOneOf,
    Model,
    Not,
    Rounded,
    Schedule,
    children,
    walk,
)
from compiler.verify.claims import Cut, category_values
from compiler.verify.encode import Setting, encode, opening_facts, whole
from compiler.verify.solve import Impossible, ask
from dsl.money import DOMAIN_TOP

MOST_CELLS = 64
"""A clause with more category cells than this is asked about all of them at once."""

LARGEST_ARGUMENT = 1_000 * DOMAIN_TOP
"""Up to here a clause of a single claim promises its highest value; no amount of a real policy comes near it."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What is known of a clause of one argument, for every whole argument from 0 on and in every category cell.

    accumulates  the clause is `f(S) - f(P)`, and the argument is the amount that is added up
    rises        f never falls
    slow         f rises by no more than its argument
    from_zero    f(0) = 0
    not_negative f is never below 0
    within       f is never above its argument
    highest      f(largest argument) - f(0), where f never falls
    """

    accumulates: bool
    rises: bool
    slow: bool
    from_zero: bool
    not_negative: bool
    within: bool
    highest: int | None


def cut_nodes(amount: Amount) -> dict[Expression, str]:
    """The outermost clauses of one argument that a contract can speak of, with the name of the argument."""
    found: dict[Expression, str] = {}
    _collect(amount.expression, found)
    return found


def _collect(node: Expression, found: dict[Expression, str]) -> None:
    if isinstance(node, Accumulated):
        if is_function(node):
            found[node] = node.total.amount
        return
    if isinstance(node, Rounded | Schedule):
        names = names_in(node)
        if len(names) == 1 and not any(isinstance(inner, Accumulated) for inner in walk(node)):
            found[node] = next(iter(names))
            return
    for child in children(node):
        _collect(child, found)


def is_function(node: Accumulated) -> bool:
    """Whether the body reads its running total and categories only, so that the same f is taken of S and of P."""
    return not names_in(node.body)


def names_in(node: Expression) -> frozenset[str]:
    """The money facts and amounts that a formula reads itself."""
    return frozenset(inner.name for inner in walk(node) if isinstance(inner, FactValue | AmountValue))


def category_facts(model: Model, node: Expression) -> tuple[str, ...]:
    """The category facts that a formula reads itself, in the order of the policy."""
    read: set[str] = set()
    for inner in walk(node):
        match inner:
            case ByCategory(facts=facts):
                read.update(facts)
            case Schedule(categories=facts):
                read.update((*facts, *opening_facts(inner)))
            case Choice(condition=condition):
                read.update(condition_facts(condition))
            case _:
                pass
    return tuple(fact.name for fact in model.facts if isinstance(fact, CategoryFact) and fact.name in read)


def condition_facts(condition: Condition) -> set[str]:
    """The category facts that a condition asks about itself."""
    match condition:
        case Compare():
            return set()
        case IsOneOf(fact):
            return {fact}
        case AllOf(conditions) | AnyOf(conditions):
            return {fact for inner in conditions for fact in condition_facts(inner)}
        case Not(inner):
            return condition_facts(inner)


def cells(model: Model, facts: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    """Every combination of words of the facts; one without any word where there are too many to ask one by one."""
    values = category_values(model)
    found: list[dict[str, str]] = [{}]
    for fact in facts:
        found = [{**cell, fact: word} for cell in found for word in values[fact]]
        if len(found) > MOST_CELLS:
            return ({},)
    return tuple(found)


def contract(model: Model, node: Expression) -> Contract:
    """Ask the solver what a clause of one argument promises. What it cannot show is not promised."""
    accumulates = isinstance(node, Accumulated)
    found = [_in_cell(model, node, cell) for cell in cells(model, category_facts(model, node))]
    return Contract(
        accumulates,
        all(one.rises for one in found),
        all(one.slow for one in found),
        all(one.from_zero for one in found),
        all(one.not_negative for one in found),
        all(one.within for one in found),
        None if any(one.highest is None for one in found) else max(one.highest or 0 for one in found),
    )


def function_at(model: Model, node: Expression, cell: Mapping[str, str], argument: z3.ArithRef) -> z3.ArithRef:
    """f of an argument; words that the cell leaves open are free."""
    values = category_values(model)
    words = {name: cell.get(name, z3.Int(f"word.{name}")) for name in values}
    names = {inner.name for inner in walk(node) if isinstance(inner, FactValue | AmountValue)}
    setting = Setting(words, values, dict.fromkeys(names, argument), {}, argument, {})
    return whole(encode(node.body if isinstance(node, Accumulated) else node, setting))


def _in_cell(model: Model, node: Expression, cell: Mapping[str, str]) -> Contract:
    accumulates = isinstance(node, Accumulated)
    x = z3.Int("x")
    values = category_values(model)
    free = [
        z3.And(z3.Int(f"word.{name}") >= 0, z3.Int(f"word.{name}") < len(values[name]))
        for name in category_facts(model, node)
        if name not in cell
    ]
    top = DOMAIN_TOP if accumulates else LARGEST_ARGUMENT
    here = function_at(model, node, cell, x)
    step = z3.substitute(here, (x, x + 1)) - here
    domain = (*free, x >= 0, x < top)

    def never(flaw: z3.BoolRef) -> bool:
        return isinstance(ask((*domain, flaw)), Impossible)

    both = never(z3.Or(step < 0, step > 1))
    rises, slow = (True, True) if both else (never(step < 0), never(step > 1))
    lowest, highest = (_constant(z3.substitute(here, (x, z3.IntVal(at)))) for at in (0, top))
    from_zero = lowest == 0
    return Contract(
        accumulates,
        rises,
        slow,
        from_zero,
        (rises and lowest is not None and lowest >= 0) or never(here < 0),
        (slow and lowest is not None and lowest <= 0) or never(here > x),
        highest - lowest if rises and highest is not None and lowest is not None else None,
    )


def _constant(term: z3.ArithRef) -> int | None:
    value = z3.simplify(term)
    return int(value.as_long()) if z3.is_int_value(value) else None


# What a contract says of claims ---------------------------------------------------------------------


def of_one(promise: Contract, cut: Cut) -> tuple[z3.BoolRef, ...]:
    """What a contract says of the clause of one claim, whatever was settled before."""
    value, argument = cut.value, cut.argument
    said: list[z3.BoolRef] = []
    if promise.accumulates:
        if promise.rises:
            said.append(value >= 0)
        if promise.slow:
            said.append(value <= argument)
        if promise.highest is not None:
            said.append(value <= promise.highest)
    else:
        if promise.not_negative:
            said.append(value >= 0)
        if promise.within:
            said.append(value <= argument)
        if promise.highest is not None and promise.from_zero:
            said.append(z3.Implies(argument <= LARGEST_ARGUMENT, value <= promise.highest))
    return tuple(z3.Implies(argument >= 0, one) for one in said)


def of_two(promise: Contract, one: Cut, other: Cut) -> tuple[z3.BoolRef, ...]:
    """What a contract says of the clause of two claims after the same history, in the same category cell."""
    said: list[z3.BoolRef] = []
    for low, high in ((one, other), (other, one)):
        in_order = z3.And(low.argument >= 0, low.argument <= high.argument)
        if promise.rises:
            said.append(z3.Implies(in_order, low.value <= high.value))
        if promise.slow:
            said.append(z3.Implies(in_order, high.value - low.value <= high.argument - low.argument))
    said.append(z3.Implies(one.argument == other.argument, one.value == other.value))
    return tuple(said)
