"""A formula with one of its clauses exchanged."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from compiler.model import (
    Accumulated,
    AmountValue,
    ByCategory,
    Capped,
    Choice,
    Constant,
    Difference,
    Expression,
    FactValue,
    Largest,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
)


def replaced(node: Expression, old: Expression, new: Expression) -> Expression:
    """The formula with `new` where the very node `old` stands. Conditions and openings stay as they are."""
    if node is old:
        return new

    def inside(inner: Expression) -> Expression:
        return replaced(inner, old, new)

    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar():
            return node
        case Sum(terms) | Smallest(terms) | Largest(terms):
            return replace(node, terms=tuple(inside(term) for term in terms))
        case Difference(left, right):
            return replace(node, left=inside(left), right=inside(right))
        case Scaled(value=value) | Rounded(value=value):
            return replace(node, value=inside(value))
        case Choice(then=then, otherwise=otherwise):
            return replace(node, then=inside(then), otherwise=inside(otherwise))
        case ByCategory(cells=cells):
            return replace(node, cells=tuple(replace(cell, value=inside(cell.value)) for cell in cells))
        case Capped(value, cap):
            return replace(node, value=inside(value), cap=inside(cap))
        case Accumulated(body=body):
            return replace(node, body=inside(body))
        case Schedule(argument=argument):
            return replace(node, argument=inside(argument))
        case _:
            assert_never(node)
