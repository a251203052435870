"""Formulas and conditions of the tree -> expressions and conditions of the Model."""

from __future__ import annotations

from typing import assert_never

from compiler.model import (
    AllOf,
    AmountValue,
    AnyOf,
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
    Relation,
    Scaled,
    Smallest,
    Sum,
)
from dsl import tree
from dsl.money import Currency
from dsl.scope import Scope


def minor_units(number: tree.Number, currency: Currency) -> int:
    """An amount of the tree in minor units."""
    minor = number.value * currency.minor_per_major
    assert minor.denominator == 1
    return minor.numerator


def formula(node: tree.Formula, scope: Scope, left: AmountValue | None = None) -> Expression:
    """The expression of a formula; `left` is what `left` stands for."""
    assert scope.currency is not None
    match node:
        case tree.Number(span=span):
            return Constant(minor_units(node, scope.currency), span)
        case tree.Name(text, span):
            return FactValue(text, span) if text in scope.money else AmountValue(text, span)
        case tree.Added(terms, span):
            plus = tuple(formula(term, scope, left) for subtracted, term in terms if not subtracted)
            minus = tuple(formula(term, scope, left) for subtracted, term in terms if subtracted)
            added = plus[0] if len(plus) == 1 else Sum(plus, span)
            if not minus:
                return added
            return Difference(added, minus[0] if len(minus) == 1 else Sum(minus, span), span)
        case tree.Share(ratio, of, span):
            return Scaled(ratio.value, formula(of, scope, left), span)
        case tree.Extreme(largest, terms, span):
            values = tuple(formula(term, scope, left) for term in terms)
            return Largest(values, span) if largest else Smallest(values, span)
        case tree.Conditional(test, then, otherwise, span):
            return Choice(
                condition(test, scope, left), formula(then, scope, left), formula(otherwise, scope, left), span
            )
        case tree.Left():
            assert left is not None
            return left
        case _:
            assert_never(node)


def condition(node: tree.Condition, scope: Scope, left: AmountValue | None = None) -> Condition:
    """The condition of a condition."""
    match node:
        case tree.Comparison(tree.Name(text=fact), _, tree.Name(text=word), span) if fact in scope.categories:
            return IsOneOf(fact, (word,), span)
        case tree.Comparison(one, relation, other, span):
            return Compare(formula(one, scope, left), Relation(relation), formula(other, scope, left), span)
        case tree.OneOf(fact=name, words=words, span=span):
            return IsOneOf(name.text, tuple(word.text for word in words), span)
        case tree.Both(conditions, span):
            return AllOf(tuple(condition(inner, scope, left) for inner in conditions), span)
        case tree.Either(conditions, span):
            return AnyOf(tuple(condition(inner, scope, left) for inner in conditions), span)
        case tree.Negated(inner, span):
            return Not(condition(inner, scope, left), span)
        case _:
            assert_never(node)
