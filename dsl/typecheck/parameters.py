"""Mistakes in parameters: values by date and by category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck.benefits import key_mistakes
from dsl.typecheck.mistakes import money_mistakes, named, twice


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one row, both included; `last` is None where they have no end.

    written_last  the last day where the row names it itself
    """

    first: date
    last: date | None
    written_last: date | None
    span: Span


def parameter_mistakes(block: tree.ParameterBlock, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes in `parameter name`."""
    match block:
        case tree.PlainParameter(value=value):
            yield from money_mistakes(value, scope)
        case tree.ParameterTable():
            yield from _table_mistakes(block, scope)


def dated(table: tree.ParameterTable, scope: Scope) -> bool:
    """Whether the rows of a table go by a date."""
    return table.by[0].text in scope.dates


def _table_mistakes(table: tree.ParameterTable, scope: Scope) -> Iterator[Diagnostic]:
    by, *others = table.by
    yield from twice(table.by, "again")
    rows_by = list(named(by, "a date or a category", [*scope.dates, *scope.categories], scope))
    if rows_by:
        yield from rows_by
        return
    for other in others:
        yield from named(other, "a category", scope.categories, scope)
    yield from key_mistakes(tuple(others), table.columns, scope)
    if others and not table.columns:
        yield Diagnostic("TP018", (Label(table.name.span, "here"),), variant="no_heading")
        return
    if table.columns and not others:
        yield Diagnostic("TP018", (Label(table.columns[0].span, "here"),), variant="no_categories")
        return
    columns = len(table.columns) or 1
    for row in table.rows:
        for value in row.values:
            yield from money_mistakes(value, scope)
        if len(row.values) != columns:
            params = (("ratios", str(len(row.values))), ("columns", str(columns)))
            yield Diagnostic("TP018", (Label(row.span, "here"),), params, variant="values")
    if not dated(table, scope):
        keys = [row.key for row in table.rows if isinstance(row.key, tree.CellKey)]
        days = [row.key for row in table.rows if isinstance(row.key, tree.DayRange)]
        yield from key_mistakes((by,), tuple(keys), scope)
        yield from (Diagnostic("TP018", (Label(day.span, "here"),), variant="days") for day in days)
    else:
        words = [row.key for row in table.rows if isinstance(row.key, tree.CellKey)]
        yield from (Diagnostic("TP018", (Label(word.span, "here"),), variant="no_days") for word in words)
        if not words:
            yield from date_mistakes(days_of(table), scope)


def days_of(table: tree.ParameterTable) -> tuple[Days, ...]:
    """The days of each row; `from` lasts until the day before the next row begins."""
    keys = [row.key for row in table.rows if isinstance(row.key, tree.DayRange)]
    found = []
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        written = None if key.last is None else key.last.value
        last = written
        if last is None and following is not None:
            last = max(following.first.value - timedelta(days=1), key.first.value)
        found.append(Days(key.first.value, last, written, key.span))
    return tuple(found)


def date_mistakes(rows: Sequence[Days], scope: Scope) -> Iterator[Diagnostic]:
    """Days that stand in two rows, or in none though the policy is in force on them (TP207)."""
    for row in rows:
        if row.written_last is not None and row.written_last < row.first:
            yield Diagnostic("TP023", (Label(row.span, "here"),), variant="dates")
            return
    for before, after in pairwise(rows):
        labels = (Label(after.span, "begins"), Label(before.span, "ends"))
        if before.last is None or after.first <= before.last:
            yield Diagnostic("TP207", labels, (("day", after.first.isoformat()),))
        elif after.first > before.last + timedelta(days=1):
            hole = before.last + timedelta(days=1)
            yield Diagnostic("TP207", labels, (("day", hole.isoformat()),), variant="hole")
    force = scope.in_force
    if force is None or not rows:
        return
    if rows[0].first > force.first.value:
        labels = (Label(rows[0].span, "begins"), Label(force.span, "force"))
        yield Diagnostic("TP207", labels, (("day", force.first.value.isoformat()),), variant="uncovered")
    end = rows[-1].last
    if end is not None and (force.last is None or end < force.last.value):
        labels = (Label(rows[-1].span, "ends"), Label(force.span, "force"))
        yield Diagnostic("TP207", labels, (("day", (end + timedelta(days=1)).isoformat()),), variant="uncovered")
