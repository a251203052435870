"""Which parts of a policy become functions: what is said of one amount, a benefit's bands above all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import assert_never

from compiler.emit.width import Width
from compiler.model import (
    Accumulated,
    AllOf,
    Amount,
    AmountValue,
    AnyOf,
    ByCategory,
    Choice,
    Compare,
    Condition,
    Expression,
    FactValue,
    IsOneOf,
    Model,
    Not,
    Role,
    Schedule,
    TotalSoFar,
    walk,
)
from compiler.piecewise import Argument, argument_of
from compiler.ranges import amount_range
from dsl.money import DOMAIN_TOP

TOTAL_ARGUMENT = "total"
"""The argument of a function that accumulates: a running total."""

AMOUNT_ARGUMENT = "amount"
"""The argument of any other function: one amount of the claim."""

_STAND_IN = "the argument"
"""What an argument that is no plain amount is called inside its function; no name of a drafter has a space."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A function to be made: what it stands for in the formula, its body and argument, and the argument's interval."""

    name: str
    node: Expression
    body: Expression
    argument: Argument
    argument_name: str
    bounds: Width


def functions_wanted(model: Model, amount: Amount) -> tuple[Wanted, ...]:
    """The functions that an amount may need, those of inner expressions first."""
    expression = amount.expression
    nodes = list(walk(expression))
    outer: list[Expression] = [node for node in nodes if isinstance(node, Accumulated)]
    argument = argument_wanted(expression)
    if not outer and argument is not None and expression != argument and _is_benefit(amount, nodes):
        outer = [expression]
    inner = [node for node in nodes if isinstance(node, Schedule) and not is_argument(node.argument)]
    order = list(dict.fromkeys([*reversed(inner), *outer]))
    names = {
        node: amount.name if place == 0 else f"{amount.name}#{place + 1}" for place, node in enumerate(reversed(order))
    }
    return tuple(_want(names[node], node, model) for node in order)


def _is_benefit(amount: Amount, nodes: list[Expression]) -> bool:
    if any(isinstance(node, Schedule) for node in nodes):
        return True
    return amount.role in (Role.BENEFIT, Role.BEFORE_CAP)


def is_argument(expression: Expression) -> bool:
    """Whether an expression is one amount, as the claim or the enclosing clause has it."""
    return isinstance(expression, FactValue | AmountValue | TotalSoFar)


def argument_wanted(expression: Expression) -> Argument | None:
    """The one amount that an expression reads, or that bands look at whose ends follow from other amounts."""
    tables = [node for node in walk(expression) if isinstance(node, Schedule)]
    arguments = {table.argument for table in tables}
    if len(arguments) == 1 and not all(table.constant for table in tables):
        (argument,) = arguments
        if isinstance(argument, FactValue | AmountValue | TotalSoFar):
            return argument
    return argument_of(expression)


def _want(name: str, node: Expression, model: Model) -> Wanted:
    match node:
        case Accumulated(body=body, span=span):
            argument: Argument = TotalSoFar(span)
            return Wanted(
                name, node, body, argument, _free(TOTAL_ARGUMENT, body, argument, model), Width(0, DOMAIN_TOP)
            )
        case Schedule(argument=inner, span=span) if not is_argument(inner):
            found = amount_range(model, inner)
            argument = AmountValue(_STAND_IN, span)
            body = replace(node, argument=argument)
            bounds = Width(max(ceil(found.lowest), 0), max(floor(found.highest), 0))
            return Wanted(name, node, body, argument, _free(AMOUNT_ARGUMENT, body, argument, model), bounds)
        case _:
            read = argument_wanted(node)
            assert read is not None
            found = amount_range(model, read)
            bounds = Width(ceil(found.lowest), floor(found.highest))
            return Wanted(name, node, node, read, _free(AMOUNT_ARGUMENT, node, read, model), bounds)


def _free(name: str, body: Expression, argument: Argument, model: Model) -> str:
    """A name for the argument that nothing else in the body has, no category either."""
    read = {node.name for node in walk(body) if isinstance(node, FactValue | AmountValue) and node != argument}
    return f"{name} looked at" if name in {*read, *facts_read(body, model.categories)} else name


# Categories -----------------------------------------------------------------------------------------


def facts_read(expression: Expression, words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The categories that decide the value, in the order of the policy."""
    found: set[str] = set()
    for node in walk(expression):
        match node:
            case ByCategory(facts=facts):
                found.update(facts)
            case Schedule(categories=categories):
                found.update(categories)
            case Choice(condition=condition):
                found.update(_facts_tested(condition))
            case _:
                pass
    return tuple(name for name in words if name in found)


def _facts_tested(condition: Condition) -> Iterator[str]:
    match condition:
        case Compare():
            return
        case IsOneOf(fact):
            yield fact
        case AllOf(conditions) | AnyOf(conditions):
            for inner in conditions:
                yield from _facts_tested(inner)
        case Not(inner):
            yield from _facts_tested(inner)
        case _:
            assert_never(condition)


def outer_table(expression: Expression, facts: tuple[str, ...]) -> ByCategory | None:
    """The expression, where it is a table whose entries read more of `facts` than the table does: versions, say.

    Its entries are best looked at one by one, each with the categories that it reads itself.
    """
    if isinstance(expression, ByCategory) and not set(facts) <= set(expression.facts):
        return expression
    return None
