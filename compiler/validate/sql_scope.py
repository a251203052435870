"""Where an expression of SQL stands, and what a name means there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import z3
from sqlglot import expressions as exp

from compiler.validate.bounds import Bounds
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import Sort
from compiler.validate.reading import Duty
from compiler.validate.values import (
    FALSE,
    Day,
    Given,
    Outside,
    Text,
    Value,
    Whole,
    text_number,
)

YEAR, MONTH, MONTH_AND_DAY, DAY, FIVE = "0000", "0000-00", "00-00", "0000-00-00", "00000"
"""The forms of texts of digits."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the database: its parameters with their types, its formula, and the functions made before it."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    body: exp.Expr
    earlier: Mapping[str, Function]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: with what, and where."""

    arguments: tuple[Value, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    columns  the columns that may be named, by name; `table` is what they may be named with
    sorts    the sort of each fact
    bounds   between which numbers terms lie
    path     when it is come to
    duties   what must never happen, noted while expressions are read
    special  what windows, subqueries and what stands in a ledger come to
    of       the amounts that are computed by then
    functions  that may be called, by name, and the calls of each that are met
    calls
    held     the columns whose type is held fast by what has no form for another
    """

    dialect: Dialect
    columns: Mapping[str, Value]
    table: str
    sorts: Mapping[str, Sort]
    bounds: Bounds
    path: z3.BoolRef
    duties: list[Duty]
    special: Callable[[exp.Expr, Scope], Value]
    settling: bool
    of: tuple[str, ...] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


def outside(node: exp.Expr, scope: Scope) -> Outside:
    """An expression without a meaning."""
    return Outside(0, f"an expression: {node.sql(dialect=scope.dialect.reader, comments=False)[:200]}")


def constant(digits: str, scope: Scope) -> Whole:
    """A number that is written down, as wide as the dialect takes it."""
    if not digits.isdecimal():
        raise Outside(0, f"the constant {digits}")
    value = int(digits)
    return Whole(z3.IntVal(value), FALSE, scope.dialect.constant_bits if value < 2**31 else 64)


def column_of(node: exp.Column, scope: Scope) -> Value:
    """The column that a name stands for."""
    if (node.table and node.table != scope.table) or node.args.get("db") or node.name not in scope.columns:
        raise outside(node, scope)
    return scope.columns[node.name]


def given_of(node: exp.Column, scope: Scope) -> Given:
    """The fact that a name stands for."""
    value = column_of(node, scope)
    if not isinstance(value, Given):
        raise outside(node, scope)
    return value


def taken(value: Value, scope: Scope, node: exp.Expr) -> Value:
    """A text or a day that is taken for what it is: it compares by code point from here on."""
    if not isinstance(value, Given):
        return value
    match scope.sorts[value.name]:
        case Sort.TEXT:
            return Text(value.value, value.null)
        case Sort.DAY:
            return Day(value.value, value.null)
        case Sort.NUMBER:
            raise outside(node, scope)


def bare(value: Value, scope: Scope) -> Value:
    """A column as it stands: a fact only where its type was asked for, or holds it fast."""
    if not isinstance(value, Given):
        return value
    sort = scope.sorts[value.name]
    if sort not in scope.dialect.bare:
        raise Outside(0, f"the column {value.name}, taken over without a word about its type")
    match sort:
        case Sort.TEXT:
            return Text(value.value, value.null)
        case Sort.DAY:
            return Day(value.value, value.null)
        case Sort.NUMBER:
            return Whole(value.value, value.null)


def kind_of(given: Given, scope: Scope) -> Text:
    """What the dialect says of the type of a fact."""
    if scope.dialect.null_kind is None:
        return Text(given.kind)
    return Text(z3.If(given.null, z3.IntVal(text_number(scope.dialect.null_kind)), given.kind))


def iso_day(written: str) -> date:
    """A day as it is written down."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Outside(0, f"the day {written}") from None
    if day.isoformat() != written:
        raise Outside(0, f"the day {written}")
    return day
