"""The whole file, the header, the claim, parameters and standards: one function for each rule that is no plain node."""

from __future__ import annotations

from dsl import tree
from dsl.source import Span


def policy(span: Span, header: tree.Header, *blocks: tree.Block) -> tree.Policy:
    return tree.Policy(header, blocks, span)


def header(span: Span, name: tree.Name, *clauses: tree.HeaderClause | None) -> tree.Header:
    return tree.Header(name, _present(clauses), span)


def in_force_from(span: Span, first: tree.Day, by: tree.Name) -> tree.InForceClause:
    return tree.InForceClause(first, None, by, span)


def claim_block(span: Span, *facts: tree.FactLine) -> tree.ClaimBlock:
    return tree.ClaimBlock(facts, span)


def plain_fact(span: Span, name: tree.Name, kind: tree.Name, *limits: tree.FactLimit) -> tree.PlainFact:
    return tree.PlainFact(name, kind, limits, span)


def word_fact(span: Span, name: tree.Name, *words: tree.Name) -> tree.WordFact:
    return tree.WordFact(name, words, span)


def parameter_table(
    span: Span,
    name: tree.Name,
    by: tuple[tree.Name, ...],
    *rest: tree.SourceNote | tuple[tree.CellKey, ...] | tree.ParameterRow | None,
) -> tree.ParameterTable:
    sources = tuple(part for part in rest if isinstance(part, tree.SourceNote))
    columns = next((part for part in rest if isinstance(part, tuple)), ())
    rows = tuple(part for part in rest if isinstance(part, tree.ParameterRow))
    return tree.ParameterTable(name, by, columns, rows, sources, span)


def row_from(span: Span, first: tree.Day, *values: tree.Number) -> tree.ParameterRow:
    return tree.ParameterRow(tree.DayRange(first, None, first.span), values, span)


def row_between(span: Span, first: tree.Day, last: tree.Day, *values: tree.Number) -> tree.ParameterRow:
    days = Span(span.path, first.span.line, first.span.column, last.span.end_line, last.span.end_column)
    return tree.ParameterRow(tree.DayRange(first, last, days), values, span)


def parameter_list(
    span: Span, name: tree.Name, by: tree.Name, *rest: tree.ParameterRow | tree.SourceNote | None
) -> tree.ParameterTable:
    rows = tuple(part for part in rest if isinstance(part, tree.ParameterRow))
    sources = tuple(part for part in rest if isinstance(part, tree.SourceNote))
    return tree.ParameterTable(name, (by,), (), rows, sources, span)


def list_number(span: Span, key: tree.CellKey, value: tree.Number) -> tree.ParameterRow:
    return tree.ParameterRow(key, (value,), span)


def row_of_words(span: Span, key: tree.CellKey, *values: tree.Number) -> tree.ParameterRow:
    return tree.ParameterRow(key, values, span)


def standard(
    span: Span, name: tree.Name, *rest: tree.Title | tree.SourceNote | tuple[tree.StandardLine, ...] | None
) -> tree.Standard:
    clauses = tuple(part for part in rest if isinstance(part, tree.Title | tree.SourceNote))
    lines = next(part for part in rest if isinstance(part, tuple))
    return tree.Standard(name, clauses, lines, span)


def standard_require(span: Span, *lines: tree.StandardLine) -> tuple[tree.StandardLine, ...]:
    return lines


def _present(clauses: tuple[tree.HeaderClause | None, ...]) -> tuple[tree.HeaderClause, ...]:
    return tuple(clause for clause in clauses if clause is not None)
