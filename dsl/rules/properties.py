"""What must hold, what is allowed, and examples: one function for each rule that is no plain node."""

from __future__ import annotations

from dsl import tree
from dsl.source import Span


def require_block(span: Span, *lines: tree.RequireLine) -> tree.RequireBlock:
    return tree.RequireBlock(lines, span)


def ratio_never_falls(span: Span, amount: tree.Name, fact: tree.Name | None = None) -> tree.NeverFallsLine:
    return tree.NeverFallsLine(amount, True, fact, span)


def amount_never_falls(span: Span, amount: tree.Name, fact: tree.Name) -> tree.NeverFallsLine:
    return tree.NeverFallsLine(amount, False, fact, span)


def at_least(span: Span) -> bool:
    return True


def at_most(span: Span) -> bool:
    return False


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


def expect_line(span: Span, *expected: tree.Expected) -> tuple[tree.Expected, ...]:
    return expected
