"""What must hold, what is allowed, and examples: one function for each rule of the grammar."""

from __future__ import annotations

from dsl import tree
from dsl.source import Span


def require_block(span: Span, *lines: tree.RequireLine) -> tree.RequireBlock:
    return tree.RequireBlock(lines, span)


def ratio_never_falls(span: Span, amount: tree.Name, fact: tree.Name | None = None) -> tree.NeverFallsLine:
    return tree.NeverFallsLine(amount, True, fact, span)


def amount_never_falls(span: Span, amount: tree.Name, fact: tree.Name) -> tree.NeverFallsLine:
    return tree.NeverFallsLine(amount, False, fact, span)


def amount_never_rises(span: Span, amount: tree.Name, fact: tree.Name) -> tree.NeverRisesLine:
    return tree.NeverRisesLine(amount, fact, span)


def ratio_bound(span: Span, benefit: tree.Name, at_least: bool, ratio: tree.Ratio) -> tree.RatioBoundLine:
    return tree.RatioBoundLine(benefit, at_least, ratio, span)


def amount_bound(span: Span, amount: tree.Name, at_least: bool, limit: tree.Formula) -> tree.BoundLine:
    return tree.BoundLine(amount, at_least, limit, span)


def period_bound(
    span: Span, amount: tree.Name, at_least: bool, limit: tree.Formula, period: tree.Period
) -> tree.PeriodBoundLine:
    return tree.PeriodBoundLine(amount, at_least, limit, period, span)


def at_least(span: Span) -> bool:
    return True


def at_most(span: Span) -> bool:
    return False


def never_below(span: Span, benefit: tree.Name, better: tree.Name, worse: tree.Name) -> tree.NeverBelowLine:
    return tree.NeverBelowLine(benefit, better, worse, span)


def always(span: Span, condition: tree.Condition) -> tree.AlwaysLine:
    return tree.AlwaysLine(condition, span)


def some_claim_reaches(span: Span, condition: tree.Condition) -> tree.ReachesLine:
    return tree.ReachesLine(condition, span)


def any_order(span: Span, first: tree.Name, second: tree.Name) -> tree.AnyOrderLine:
    return tree.AnyOrderLine(first, second, span)


def allow_line(span: Span, benefit: tree.Name | None, what: tree.Allowed, reason: tree.Text) -> tree.AllowLine:
    return tree.AllowLine(benefit, what, reason, span)


def ratio_falls(span: Span) -> tree.Allowed:
    return tree.Allowed.RATIO_FALLS


def own_share_falls(span: Span) -> tree.Allowed:
    return tree.Allowed.OWN_SHARE_FALLS


def payment_depends_on_splitting(span: Span) -> tree.Allowed:
    return tree.Allowed.DEPENDS_ON_SPLITTING


def worse_off(span: Span) -> tree.Allowed:
    return tree.Allowed.WORSE_OFF


def example_block(span: Span, title: tree.Text, *cases: tree.CaseLines) -> tree.ExampleBlock:
    return tree.ExampleBlock(title, cases, span)


def case(span: Span, *parts: tree.Given | tuple[tree.Expected, ...]) -> tree.CaseLines:
    given = tuple(part for part in parts if isinstance(part, tree.Given))
    expected = tuple(line for part in parts if isinstance(part, tuple) for line in part)
    return tree.CaseLines(given, expected, span)


def given(span: Span, fact: tree.Name, value: tree.Number | tree.Name | tree.Day | tree.Text) -> tree.Given:
    return tree.Given(fact, value, span)


def expect_line(span: Span, *expected: tree.Expected) -> tuple[tree.Expected, ...]:
    return expected


def expected(span: Span, amount: tree.Name, value: tree.Number) -> tree.Expected:
    return tree.Expected(amount, value, span)
