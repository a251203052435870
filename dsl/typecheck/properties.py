"""Mistakes in what a policy asks to be proved: requirements, allowances and examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.scope import OWN_SHARE, Scope
from dsl.typecheck.amounts import condition_mistakes, formula_mistakes, readable
from dsl.typecheck.benefits import period_mistakes
from dsl.typecheck.mistakes import RATIOS, missing, money_mistakes, named, one_of, twice, word_mistakes


def property_mistakes(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes under `require`, in `allow` and under `example`."""
    for block in policy.blocks:
        match block:
            case tree.RequireBlock(lines):
                for line in lines:
                    yield from _require_mistakes(line, scope)
            case tree.AllowLine(benefit, reason=reason):
                if benefit is not None:
                    yield from named(benefit, "a benefit", scope.benefits, scope)
                if not reason.value.strip():
                    yield missing("because", "allow", reason.span, variant="reason")
            case tree.ExampleBlock(cases=cases):
                for case in cases:
                    yield from _case_mistakes(case, scope)
            case _:
                pass


def _require_mistakes(line: tree.RequireLine, scope: Scope) -> Iterator[Diagnostic]:
    match line:
        case tree.NeverFallsLine(amount, ratio, as_rises):
            if ratio:
                yield from _ratio_mistakes(amount, scope)
            else:
                yield from named(amount, "an amount", readable(scope, settled=True), scope)
            if as_rises is not None:
                yield from named(as_rises, "an amount or count of the claim", [*scope.money, *scope.counts], scope)
        case tree.NeverRisesLine(amount, as_rises):
            yield from named(amount, "an amount", readable(scope, settled=True), scope)
            yield from named(as_rises, "an amount or count of the claim", [*scope.money, *scope.counts], scope)
        case tree.RatioBoundLine(benefit):
            yield from _ratio_mistakes(benefit, scope)
        case tree.BoundLine(amount, _, limit):
            yield from named(amount, "an amount", readable(scope, settled=True), scope)
            yield from formula_mistakes(limit, scope, settled=True)
        case tree.PeriodBoundLine(amount, _, limit, tree.PerClaim()):
            yield from named(amount, "an amount", readable(scope, settled=True), scope)
            yield from formula_mistakes(limit, scope, settled=True)
        case tree.PeriodBoundLine():
            yield from _period_bound_mistakes(line, scope)
        case tree.NeverBelowLine(benefit, better, worse, span):
            yield from named(benefit, "an amount", readable(scope, settled=True), scope)
            if category_of(better, worse, scope) is None:
                params = (("better", better.text), ("worse", worse.text))
                yield Diagnostic("TP014", (Label(span, "here"),), params, variant="pair")
        case tree.AlwaysLine(condition) | tree.ReachesLine(condition):
            yield from condition_mistakes(condition, scope, settled=True)
        case tree.AnyOrderLine(first, second):
            yield from twice([first, second], "again")
            for name in (first, second):
                yield from named(name, "a benefit", scope.benefits, scope)
        case _:
            assert_never(line)


def _period_bound_mistakes(line: tree.PeriodBoundLine, scope: Scope) -> Iterator[Diagnostic]:
    """What is added up is paid or computed; the most that it may come to is the same for every claim."""
    summed = [*scope.amounts, *scope.benefits, OWN_SHARE]
    yield from named(line.amount, "a benefit, a computed amount or `own share`", summed, scope)
    mistakes = list(formula_mistakes(line.limit, scope))
    yield from mistakes
    yield from period_mistakes(line.period, scope)
    if line.at_least:
        yield Diagnostic("TP012", (Label(line.span, "here"),), (("name", line.amount.text),), variant="period_side")
    if not mistakes and not _is_one_amount(line.limit, scope):
        yield Diagnostic("TP012", (Label(line.limit.span, "here"),), variant="period_limit")


def _is_one_amount(limit: tree.Formula, scope: Scope) -> bool:
    match limit:
        case tree.Number():
            return True
        case tree.Name(text):
            return isinstance(scope.parameters.get(text), tree.PlainParameter)
        case _:
            return False


def _ratio_mistakes(benefit: tree.Name, scope: Scope) -> Iterator[Diagnostic]:
    mistakes = list(named(benefit, "a benefit", scope.benefits, scope))
    yield from mistakes
    if mistakes:
        return
    for clause in scope.benefits[benefit.text].clauses:
        if not isinstance(clause, tree.PayClause) or isinstance(clause.what, RATIOS):
            continue
        labels = (Label(benefit.span, "here"), Label(clause.span, "pays"))
        yield Diagnostic("TP012", labels, (("name", benefit.text),), variant="ratio")


def category_of(better: tree.Name, worse: tree.Name, scope: Scope) -> str | None:
    """The one category that has both words."""
    having = [name for name in scope.categories if {better.text, worse.text} <= set(scope.words(name))]
    return having[0] if len(having) == 1 and better.text != worse.text else None


def _case_mistakes(case: tree.CaseLines, scope: Scope) -> Iterator[Diagnostic]:
    yield from twice((given.fact for given in case.given), "again")
    yield from twice((expected.amount for expected in case.expected), "again")
    if not case.expected:
        yield missing("expect", "example", case.given[0].span)
    facts = [*scope.identifiers, *scope.dates, *scope.money, *scope.counts, *scope.categories]
    for given in case.given:
        name = given.fact
        if name.text not in facts:
            yield from named(name, "a fact of the claim", facts, scope)
            continue
        match given.value:
            case tree.Number() if name.text in scope.money:
                yield from money_mistakes(given.value, scope)
            case tree.Number(value) if name.text in scope.counts and value.denominator == 1:
                pass
            case tree.Name() if name.text in scope.categories:
                yield from word_mistakes(given.value, name.text, scope)
            case tree.Day() if name.text in scope.dates:
                pass
            case tree.Text() | tree.Name() if name.text in scope.identifiers:
                pass
            case _ if name.text in scope.categories:
                params = (("name", name.text), ("known", one_of(scope.words(name.text))))
                yield Diagnostic("TP012", (Label(given.value.span, "here"),), params, variant="word")
            case _:
                params = (("name", name.text), ("kind", scope.kind(name.text) or ""))
                yield Diagnostic("TP012", (Label(given.value.span, "here"),), params, variant="value")
    given_names = {given.fact.text for given in case.given}
    for fact in [*scope.money, *scope.counts, *scope.categories]:
        if fact not in given_names:
            yield missing(fact, "example", case.given[0].span, variant="fact")
    for expected in case.expected:
        yield from named(expected.amount, "an amount", readable(scope, settled=True), scope)
        yield from money_mistakes(expected.value, scope)
