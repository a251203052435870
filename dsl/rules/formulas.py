"""Formulas and conditions: one function for each rule that is no plain node."""

from __future__ import annotations

from dsl import tree
from dsl.rules.leaves import LeafError
from dsl.source import Span


def added(span: Span, first: tree.Formula, *rest: tuple[bool, tree.Formula]) -> tree.Added:
    return tree.Added(((False, first), *rest), span)


def plus_term(span: Span, term: tree.Formula) -> tuple[bool, tree.Formula]:
    return (False, term)


def minus_term(span: Span, term: tree.Formula) -> tuple[bool, tree.Formula]:
    return (True, term)


def share_after(span: Span, of: tree.Formula, ratio: tree.Ratio) -> tree.Share:
    return tree.Share(ratio, of, span)


def fraction(span: Span, over: tree.Number, under: tree.Number) -> tree.Ratio:
    if under.value == 0:
        raise LeafError("TP008", "", span, "nought")
    return tree.Ratio(over.value / under.value, span)


def smallest(span: Span, *terms: tree.Formula) -> tree.Extreme:
    return tree.Extreme(False, terms, span)


def largest(span: Span, *terms: tree.Formula) -> tree.Extreme:
    return tree.Extreme(True, terms, span)


def either(span: Span, *conditions: tree.Condition) -> tree.Either:
    return tree.Either(conditions, span)


def both(span: Span, *conditions: tree.Condition) -> tree.Both:
    return tree.Both(conditions, span)


def one_of(span: Span, fact: tree.Name, *words: tree.Name) -> tree.OneOf:
    return tree.OneOf(fact, words, span)


def at_most_sign(span: Span) -> str:
    return "<="


def at_least_sign(span: Span) -> str:
    return ">="


def over_sign(span: Span) -> str:
    return ">"


def under_sign(span: Span) -> str:
    return "<"


def equal_sign(span: Span) -> str:
    return "="
