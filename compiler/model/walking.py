"""Going through formulas: what stands inside one, everything in it, and one with changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import assert_never

from compiler.model.expressions import (
    Accumulated,
    AllOf,
    AmountValue,
    AnyOf,
    ByCategory,
    Capped,
    Choice,
    Compare,
    Condition,
    Constant,
    Difference,
    Expression,
    FactValue,
    IsOneOf,
    Largest,
    Not,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
)
from compiler.model.facts import RunningTotal


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside an expression, those inside its conditions and openings included."""
    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar():
            return ()
        case Sum(terms) | Smallest(terms) | Largest(terms):
            return terms
        case Difference(left, right):
            return (left, right)
        case Scaled(value=value) | Rounded(value=value):
            return (value,)
        case Capped(value, cap):
            return (value, cap)
        case Choice(condition, then, otherwise):
            return (*condition_expressions(condition), then, otherwise)
        case ByCategory(cells=cells):
            return tuple(cell.value for cell in cells)
        case Accumulated(body=body):
            return (body,)
        case Schedule(argument=argument, opening=opening, bands=bands):
            ends = (bound.value for band in bands for bound in (band.lower, band.upper) if bound is not None)
            return (argument, *(() if opening is None else (opening.amount,)), *ends)


def condition_expressions(condition: Condition) -> tuple[Expression, ...]:
    """The expressions that a condition compares."""
    match condition:
        case Compare(left, _, right):
            return (left, right)
        case IsOneOf():
            return ()
        case AllOf(conditions) | AnyOf(conditions):
            return tuple(expression for inner in conditions for expression in condition_expressions(inner))
        case Not(inner):
            return condition_expressions(inner)


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def words_read(node: Expression) -> frozenset[str]:
    """The categories that a formula goes by, in its tables and its conditions."""
    found: set[str] = set()
    for inner in walk(node):
        match inner:
            case ByCategory(facts=facts) | Schedule(categories=facts):
                found.update(facts)
            case Choice(condition=condition):
                found.update(condition_facts(condition))
            case _:
                pass
    return frozenset(found)


def condition_facts(condition: Condition) -> frozenset[str]:
    """The categories that a condition asks about itself."""
    match condition:
        case Compare():
            return frozenset()
        case IsOneOf(fact):
            return frozenset({fact})
        case AllOf(conditions) | AnyOf(conditions):
            return frozenset(fact for inner in conditions for fact in condition_facts(inner))
        case Not(inner):
            return condition_facts(inner)


def rebuilt(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The expression with `change` applied to it and to everything inside it, innermost first."""

    def inside(inner: Expression) -> Expression:
        return rebuilt(inner, change)

    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar():
            result: Expression = node
        case Sum(terms) | Smallest(terms) | Largest(terms):
            result = replace(node, terms=tuple(inside(term) for term in terms))
        case Difference(left, right):
            result = replace(node, left=inside(left), right=inside(right))
        case Scaled(value=value) | Rounded(value=value):
            result = replace(node, value=inside(value))
        case Capped(value, cap):
            result = replace(node, value=inside(value), cap=inside(cap))
        case Choice(condition, then, otherwise):
            test = rebuilt_condition(condition, change)
            result = replace(node, condition=test, then=inside(then), otherwise=inside(otherwise))
        case ByCategory(cells=cells):
            result = replace(node, cells=tuple(replace(cell, value=inside(cell.value)) for cell in cells))
        case Accumulated(body=body):
            result = replace(node, body=inside(body))
        case Schedule(argument=argument, opening=opening, bands=bands):
            result = replace(
                node,
                argument=inside(argument),
                opening=None if opening is None else replace(opening, amount=inside(opening.amount)),
                bands=tuple(
                    replace(
                        band,
                        lower=replace(band.lower, value=inside(band.lower.value)),
                        upper=None if band.upper is None else replace(band.upper, value=inside(band.upper.value)),
                    )
                    for band in bands
                ),
            )
        case _:
            assert_never(node)
    return change(result)


def rebuilt_condition(condition: Condition, change: Callable[[Expression], Expression]) -> Condition:
    """The condition with `change` applied to everything that it compares."""
    match condition:
        case Compare(left, _, right):
            return replace(condition, left=rebuilt(left, change), right=rebuilt(right, change))
        case IsOneOf():
            return condition
        case AllOf(conditions) | AnyOf(conditions):
            return replace(condition, conditions=tuple(rebuilt_condition(inner, change) for inner in conditions))
        case Not(inner):
            return replace(condition, condition=rebuilt_condition(inner, change))
        case _:
            assert_never(condition)


def totals_in(expression: Expression) -> tuple[RunningTotal, ...]:
    """The running totals that a formula reads, once each."""
    found = (node.total for node in walk(expression) if isinstance(node, Accumulated))
    return tuple({total.name: total for total in found}.values())


def names_in(node: Expression) -> frozenset[str]:
    """The facts and amounts that a formula reads itself."""
    return frozenset(inner.name for inner in walk(node) if isinstance(inner, FactValue | AmountValue))


def reads(expression: Expression) -> frozenset[str]:
    """The facts and amounts that a formula reads itself, those behind its running totals included."""
    found: set[str] = set()
    for node in walk(expression):
        match node:
            case FactValue(name) | AmountValue(name):
                found.add(name)
            case Accumulated(total=total):
                found.add(total.amount)
            case _:
                pass
    return frozenset(found)
