"""Formulas and conditions of the tree -> expressions and conditions of the Model."""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from compiler.lower.parameter import minor_units, parameter_value
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
from dsl.scope import Scope
from dsl.typecheck.amounts import is_count


def formula(node: tree.Formula, scope: Scope, left: AmountValue | None = None, count: bool = False) -> Expression:
    """The expression of a formula; `left` is what `left` stands for, and `count` says that numbers count things."""
    assert scope.currency is not None

    def inside(part: tree.Formula) -> Expression:
        return formula(part, scope, left, count)

    match node:
        case tree.Number(value, span):
            return Constant(value.numerator if count else minor_units(node, scope.currency), span)
        case tree.Name(text, span):
            if text in scope.parameters:
                return parameter_value(scope.parameters[text], scope, span)
            return FactValue(text, span) if text in scope.money or text in scope.counts else AmountValue(text, span)
        case tree.Added(terms, span):
            plus = tuple(inside(term) for subtracted, term in terms if not subtracted)
            minus = tuple(inside(term) for subtracted, term in terms if subtracted)
            added = plus[0] if len(plus) == 1 else Sum(plus, span)
            if not minus:
                return added
            return Difference(added, minus[0] if len(minus) == 1 else Sum(minus, span), span)
        case tree.Share(ratio, of, span):
            return Scaled(ratio.value, formula(of, scope, left), span)
        case tree.Times(one, other, span):
            if isinstance(one, tree.Number):
                one, other = other, one
            assert isinstance(other, tree.Number)
            counted = is_count(one, scope)
            factor = Fraction(minor_units(other, scope.currency)) if counted else other.value
            return Scaled(factor, formula(one, scope, left, counted), span)
        case tree.Extreme(largest, terms, span):
            values = tuple(inside(term) for term in terms)
            return Largest(values, span) if largest else Smallest(values, span)
        case tree.Conditional(test, then, otherwise, span):
            return Choice(condition(test, scope, left), inside(then), inside(otherwise), span)
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
            count = is_count(one, scope) or is_count(other, scope)
            compared = formula(one, scope, left, count), formula(other, scope, left, count)
            return Compare(compared[0], Relation(relation), compared[1], span)
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
