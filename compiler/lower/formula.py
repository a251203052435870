"""Formulas and conditions of the tree -> expressions and conditions of the Model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from compiler.lower.parameter import minor_units, parameter_value
from compiler.model import (
    AllOf,
    AmountValue,
    AnyOf,
    ByCategory,
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
    Rounded,
    Scaled,
    Smallest,
    Sum,
)
from dsl import tree
from dsl.money import round_to_unit
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck.amounts import has_ratio, is_count


def formula(node: tree.Formula, scope: Scope, left: AmountValue | None = None, count: bool = False) -> Expression:
    """The expression of a formula; `left` is what `left` stands for, and `count` says that numbers count things.

    A share is never a count, so what a ratio is of is always money: `count` goes no further there.
    """
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
            if isinstance(one, tree.Number) or is_count(other, scope):
                one, other = other, one
            if is_count(one, scope):
                return _times(formula(other, scope, left), formula(one, scope, left, True), scope, span)
            assert isinstance(other, tree.Number)
            return Scaled(other.value, formula(one, scope, left), span)
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


def rounded(value: Expression, rounding: tree.RoundClause | None, scope: Scope) -> Expression:
    """A value under a `round` clause; as it is where there is none."""
    assert scope.currency is not None
    if rounding is None:
        return value
    return Rounded(value, rounding.mode, minor_units(rounding.unit, scope.currency), rounding.span)


def named_amount(block: tree.AmountBlock, scope: Scope) -> Expression:
    """What a named amount comes to, rounded where it says so or could give a part of the smallest unit."""
    rounding = block.rounding or (scope.rounding if has_ratio(block.formula) else None)
    return rounded(formula(block.formula, scope), rounding, scope)


def _times(rate: Expression, count: Expression, scope: Scope, span: Span) -> Expression:
    """A count at a fixed rate: linear in the count, because each of the rate's values is a constant put before it.

    A table of rates becomes a table of products. A named amount is written out, and its rounding done, for each value.
    """
    assert scope.currency is not None

    def each(value: Expression, exact: Callable[[Fraction], Fraction]) -> Expression:
        match value:
            case Constant(minor):
                return Scaled(exact(Fraction(minor)), count, span)
            case ByCategory(facts, cells, place):
                return ByCategory(facts, tuple(replace(cell, value=each(cell.value, exact)) for cell in cells), place)
            case Choice(test, then, otherwise, place):
                return Choice(test, each(then, exact), each(otherwise, exact), place)
            case Scaled(ratio, of):
                return each(of, lambda minor: exact(ratio * minor))
            case Rounded(of, mode, unit):
                return each(of, lambda minor: exact(Fraction(round_to_unit(minor, mode, unit))))
            case AmountValue(name):
                return each(named_amount(scope.amounts[name], scope), exact)
            case _:
                raise AssertionError(f"{value} has no fixed values")

    return each(rate, lambda minor: minor)


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
