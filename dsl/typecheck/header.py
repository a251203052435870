"""Mistakes in the header, in the names declared and in the facts of a claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.money import CURRENCIES
from dsl.scope import OWN_SHARE, Scope, declarations
from dsl.typecheck.amounts import condition_mistakes, formula_mistakes
from dsl.typecheck.mistakes import missing, money_mistakes, named, repeated, twice, unknown

_KINDS = ("identifier", "date", "money", "count")


def header_mistakes(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes under `policy`."""
    header = policy.header
    yield from repeated([(_word(clause), clause.span) for clause in header.clauses])
    if not any(isinstance(clause, tree.CurrencyClause) for clause in header.clauses):
        yield missing("currency", "policy", header.name.span)
    for clause in header.clauses:
        match clause:
            case tree.CurrencyClause(code):
                if code.text not in CURRENCIES:
                    yield Diagnostic("TP011", (Label(code.span, "here"),), (("name", code.text),), variant="currency")
            case tree.InForceClause(first, last, by, span):
                if last is not None and last.value < first.value:
                    yield Diagnostic("TP023", (Label(span, "here"),), variant="dates")
                yield from named(by, "a date of the claim", scope.dates, scope)
            case tree.For(condition):
                yield from condition_mistakes(condition, scope)
            case tree.RoundClause():
                yield from rounding_mistakes(clause, scope)
            case _:
                pass


def _word(clause: tree.HeaderClause) -> str:
    match clause:
        case tree.Title():
            return "title"
        case tree.SourceNote():
            return "source"
        case tree.CurrencyClause():
            return "currency"
        case tree.InForceClause():
            return "in force"
        case tree.For():
            return "for"
        case tree.RoundClause():
            return "round"
        case tree.DraftClause():
            return "status draft"
        case tree.ConformsTo(standard):
            return f"conforms to {standard.text}"
        case _:
            assert_never(clause)


def rounding_mistakes(clause: tree.RoundClause, scope: Scope) -> Iterator[Diagnostic]:
    """A unit that is no amount to round to."""
    if clause.unit.value == 0:
        yield Diagnostic("TP023", (Label(clause.unit.span, "here"),), variant="unit")
    yield from money_mistakes(clause.unit, scope)


def name_mistakes(policy: tree.Policy) -> Iterator[Diagnostic]:
    """Names declared twice, or reserved."""
    names = list(declarations(policy))
    yield from twice(names)
    for name in names:
        if name.text == OWN_SHARE:
            yield Diagnostic("TP015", (Label(name.span, "here"),), (("word", name.text),))


def claim_mistakes(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes in the facts of a claim."""
    blocks = [block for block in policy.blocks if isinstance(block, tree.ClaimBlock)]
    yield from repeated([("claim", block.span) for block in blocks])
    if not blocks:
        yield missing("claim", "policy", policy.header.name.span)
    if not scope.benefits:
        yield missing("benefit", "policy", policy.header.name.span)
    for block in blocks:
        for fact in block.facts:
            match fact:
                case tree.WordFact(words=words):
                    yield from twice(words, "again")
                case tree.PlainFact():
                    yield from _plain_fact_mistakes(fact, scope)


def _plain_fact_mistakes(fact: tree.PlainFact, scope: Scope) -> Iterator[Diagnostic]:
    if fact.kind.text not in _KINDS:
        mistake = unknown(fact.kind, "a kind of fact", _KINDS)
        yield mistake if mistake.variant == "near" else replace(mistake, variant="kind")
    elif fact.limits and fact.kind.text not in ("money", "count"):
        params = (("name", fact.name.text), ("kind", scope.kind(fact.name.text) or ""), ("what", "an amount of money"))
        yield Diagnostic("TP012", (Label(fact.limits[0].span, "here"),), params, variant="limit")
    yield from repeated([(_limit_word(limit), limit.span) for limit in fact.limits])
    lowest, highest = Fraction(0), None
    count = fact.kind.text == "count"
    for limit in fact.limits:
        match limit:
            case tree.FromLimit(value):
                yield from formula_mistakes(value, scope, count=count)
                lowest = value.value
            case tree.UpToLimit(value):
                yield from formula_mistakes(value, scope, count=count)
                highest = value.value
            case tree.AtMostFact(other, span) if count:
                params = (("name", fact.name.text), ("kind", "a count"), ("what", "an amount of money"))
                yield Diagnostic("TP012", (Label(span, "here"),), params, variant="limit")
            case tree.AtMostFact(other):
                others = set(scope.money) - {fact.name.text}
                yield from named(other, "another amount of money of the claim", others, scope)
    if highest is not None and highest < lowest:
        yield Diagnostic("TP023", (Label(fact.span, "here"),), variant="limits")


def _limit_word(limit: tree.FactLimit) -> str:
    match limit:
        case tree.FromLimit():
            return "from"
        case tree.UpToLimit():
            return "up to"
        case tree.AtMostFact():
            return "at most"
