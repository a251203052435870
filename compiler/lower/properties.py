"""Requirements, allowances and examples of the tree -> those of the Model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import assert_never

from compiler.lower.benefit import running_total
from compiler.lower.formula import condition, formula
from compiler.lower.parameter import minor_units
from compiler.model import (
    CLAIM_NUMBER,
    Allowance,
    Always,
    Amount,
    AmountBound,
    AnyOrder,
    Conformity,
    Constant,
    Example,
    ExampleClaim,
    Expectation,
    FactInput,
    NeverBelow,
    NeverFalls,
    NeverRises,
    PeriodBound,
    RatioBound,
    RatioNeverFalls,
    Reaches,
    Requirement,
    Side,
)
from dsl import tree
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck.properties import category_of


def requirement(
    line: tree.RequireLine, scope: Scope, exchanged: Callable[[str, str], tuple[Amount, ...]]
) -> Requirement:
    """One line under `require`. `exchanged`: the row of amounts with two layers in each other's place."""
    match line:
        case tree.NeverFallsLine(amount, True, _, span):
            return RatioNeverFalls(amount.text, span)
        case tree.NeverFallsLine(amount, _, fact, span):
            assert fact is not None
            return NeverFalls(amount.text, fact.text, span)
        case tree.NeverRisesLine(amount, fact, span):
            return NeverRises(amount.text, fact.text, span)
        case tree.RatioBoundLine(benefit, at_least, ratio, span):
            return RatioBound(benefit.text, _side(at_least), ratio.value, span)
        case tree.BoundLine(amount, at_least, limit, span):
            return AmountBound(amount.text, _side(at_least), formula(limit, scope), span)
        case tree.PeriodBoundLine(amount, at_least, limit, tree.PerClaim(), span):
            return AmountBound(amount.text, _side(at_least), formula(limit, scope), span)
        case tree.PeriodBoundLine(amount, _, limit, period, span):
            most = formula(limit, scope)
            assert isinstance(most, Constant)
            return PeriodBound(running_total(amount.text, period, scope), most.value, span)
        case tree.NeverBelowLine(benefit, better, worse, span):
            category = category_of(better, worse, scope)
            assert category is not None
            return NeverBelow(benefit.text, category, better.text, worse.text, span)
        case tree.AlwaysLine(holds, span):
            return Always(condition(holds, scope), span)
        case tree.ReachesLine(reached, span):
            return Reaches(condition(reached, scope), span)
        case tree.AnyOrderLine(first, second, span):
            return AnyOrder(first.text, second.text, exchanged(first.text, second.text), span)
        case _:
            assert_never(line)


def _side(at_least: bool) -> Side:
    return Side.AT_LEAST if at_least else Side.AT_MOST


def conformity(standard: tree.Standard, benefit: str, span: Span) -> Conformity:
    """What a standard asks of a benefit."""
    requirements: list[RatioNeverFalls | RatioBound] = []
    for line in standard.lines:
        match line:
            case tree.StandardRatioNeverFalls(place):
                requirements.append(RatioNeverFalls(benefit, place))
            case tree.StandardRatioBound(at_least, ratio, place):
                requirements.append(RatioBound(benefit, _side(at_least), ratio.value, place))
            case _:
                assert_never(line)
    titles = [clause.text.value for clause in standard.clauses if isinstance(clause, tree.Title)]
    sources = [clause.text.value for clause in standard.clauses if isinstance(clause, tree.SourceNote)]
    title = titles[0] if titles else standard.name.text
    return Conformity(standard.name.text, title, "; ".join(sources), benefit, tuple(requirements), span)


def allowance(line: tree.AllowLine) -> Allowance:
    """`allow ... because`."""
    return Allowance(line.what, None if line.benefit is None else line.benefit.text, line.reason.value, line.span)


def example(block: tree.ExampleBlock, scope: Scope, usual_day: date) -> Example:
    """A worked case; facts that do not decide what is paid (who, when) may be left out."""
    claims = tuple(_example_claim(case, f"{place:04d}", scope, usual_day) for place, case in enumerate(block.cases, 1))
    return Example(block.title.value, claims, block.title.span)


def _example_claim(case: tree.CaseLines, number: str, scope: Scope, usual_day: date) -> ExampleClaim:
    assert scope.currency is not None
    facts: dict[str, FactInput] = {CLAIM_NUMBER: number}
    facts.update((name, "example") for name in scope.identifiers)
    facts.update((name, usual_day) for name in scope.dates)
    facts.update((given.fact.text, _given(given, scope)) for given in case.given)
    expectations = tuple(
        Expectation(expected.amount.text, minor_units(expected.value, scope.currency), expected.span)
        for expected in case.expected
    )
    return ExampleClaim(tuple(facts.items()), expectations, case.span)


def _given(given: tree.Given, scope: Scope) -> FactInput:
    assert scope.currency is not None
    match given.value:
        case tree.Number(value):
            return value.numerator if given.fact.text in scope.counts else minor_units(given.value, scope.currency)
        case tree.Name(text):
            return text
        case tree.Day(day):
            return day
        case tree.Text(text):
            return text
        case _:
            assert_never(given.value)
