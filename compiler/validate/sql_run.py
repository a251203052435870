"""An expression of SQL as a term, with NULL as a truth of its own, and what must never happen on the way to it.

The parser's trees are only read here: what a node means is said by the dialect's file, and a node without a meaning is
`Outside`. Whole numbers have the width of their widest part; that none of them leaves it is a duty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import sqlglot
import z3
from sqlglot import expressions as exp

from compiler.validate.bounds import Bounds, bounds_of, narrowed
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import Sort
from compiler.validate.reading import Duty
from compiler.validate.values import (
    FALSE,
    TRUE,
    Day,
    Digits,
    Given,
    Nothing,
    Outside,
    Text,
    Truth,
    Value,
    Whole,
    both,
    chosen,
    day_number,
    day_of_month,
    either,
    month_of,
    negation,
    null_of,
    text,
    text_number,
    text_of_number,
    year_of,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    columns  the columns that may be named, by name; `table` is what they may be named with
    sorts    the sort of each fact
    bounds   between which numbers terms lie
    path     when it is come to
    duties   what must never happen, noted while expressions are read
    special  what windows and subqueries come to
    of       the amounts that are computed by then
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


def evaluate(node: exp.Expr, scope: Scope) -> Value:
    """What an expression comes to."""
    tested = _type_test(node, scope)
    if tested is not None:
        return tested
    match node:
        case exp.Paren(this=inner):
            return evaluate(inner, scope)
        case exp.Literal(this=str(value)):
            return text(value) if node.is_string else _constant(value, scope)
        case exp.Null():
            return Nothing()
        case exp.Column():
            return _column(node, scope)
        case exp.Collate(this=inner, expression=collation):
            if collation.name not in scope.dialect.collations:
                raise _outside(node, scope)
            return _taken(evaluate(inner, scope), scope, node)
        case exp.TsOrDsToDate(this=exp.Column() as inner):
            return evaluate(inner, scope)
        case exp.Window() | exp.Exists():
            return scope.special(node, scope)
        case exp.Year() | exp.Month() | exp.Day() | exp.DayOfMonth() | exp.Extract() | exp.Substring():
            return _part_of_day(node, scope)
        case exp.Typeof(this=exp.Column() as inner):
            return _kind(_given(inner, scope), scope)
        case exp.Case():
            return _case(node, scope)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Mod() | exp.Div() | exp.IntDiv() | exp.BitwiseOr() | exp.Neg():
            return _arithmetic(node, scope)
        case exp.Least() | exp.Greatest():
            return _extreme(node, scope)
        case exp.Cast() | exp.TryCast():
            return _cast(node, scope)
        case exp.Condition():
            return truth(node, scope)
        case _:
            raise _outside(node, scope)


def _outside(node: exp.Expr, scope: Scope) -> Outside:
    return Outside(0, f"an expression: {node.sql(dialect=scope.dialect.reader, comments=False)[:200]}")


def _constant(digits: str, scope: Scope) -> Whole:
    if not digits.isdecimal():
        raise Outside(0, f"the constant {digits}")
    value = int(digits)
    return Whole(z3.IntVal(value), FALSE, scope.dialect.constant_bits if value < 2**31 else 64)


def _column(node: exp.Column, scope: Scope) -> Value:
    if (node.table and node.table != scope.table) or node.args.get("db") or node.name not in scope.columns:
        raise _outside(node, scope)
    return scope.columns[node.name]


def _given(node: exp.Column, scope: Scope) -> Given:
    value = _column(node, scope)
    if not isinstance(value, Given):
        raise _outside(node, scope)
    return value


def _taken(value: Value, scope: Scope, node: exp.Expr) -> Value:
    """A text or a day that is taken for what it is: it compares by code point from here on."""
    if not isinstance(value, Given):
        return value
    match scope.sorts[value.name]:
        case Sort.TEXT:
            return Text(value.value, value.null)
        case Sort.DAY:
            return Day(value.value, value.null)
        case Sort.NUMBER:
            raise _outside(node, scope)


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


def _kind(given: Given, scope: Scope) -> Text:
    if scope.dialect.null_kind is None:
        return Text(given.kind)
    return Text(z3.If(given.null, z3.IntVal(text_number(scope.dialect.null_kind)), given.kind))


# Types ----------------------------------------------------------------------------------------------


def _type_test(node: exp.Expr, scope: Scope) -> Truth | None:
    """A test of a type that only means something as a whole."""
    if not scope.dialect.type_tests or not isinstance(node, exp.EQ | exp.NEQ | exp.LTE):
        return None
    columns = {column.name: column for column in node.find_all(exp.Column)}
    if len(columns) != 1:
        return None
    (column,) = columns.values()
    for test in scope.dialect.type_tests:
        if node == _pattern(test.text, column.sql(dialect=scope.dialect.reader), scope.dialect.reader):
            given = _given(column, scope)
            holds = either([given.kind == text_number(kind) for kind in sorted(test.holds)])
            unknown = either([given.kind == text_number(kind) for kind in sorted(test.unknown)])
            return Truth(holds, unknown if test.of_null else either([given.null, unknown]))
    return None


@cache
def _pattern(test: str, column: str, reader: str) -> exp.Expr:
    return sqlglot.parse_one(test.replace("{}", column), read=reader)


def _cast(node: exp.Cast, scope: Scope) -> Value:
    to = node.to.this.name
    if to == "DATE":
        match node.this:
            case exp.Literal(this=str(written)) if node.this.is_string:
                return Day(z3.IntVal(day_number(_iso_day(written))))
    value = evaluate(node.this, scope)
    match value:
        case Given() if to in scope.dialect.text_casts and scope.sorts[value.name] is Sort.TEXT:
            return Text(value.value, value.null) if to in scope.dialect.exact_casts else value
        case Given() if to in scope.dialect.whole_types and scope.sorts[value.name] is Sort.NUMBER:
            return Whole(value.value, value.null, scope.dialect.whole_types[to])
        case Text() if to in scope.dialect.text_casts:
            return value
        case Whole(term, null) if to in scope.dialect.whole_types and type(node) is exp.Cast:
            return _wide(term, null, scope.dialect.whole_types[to], scope, node)
        case Digits(term, null) if to in scope.dialect.whole_types:
            return Whole(term, null)
        case _:
            raise _outside(node, scope)


def _iso_day(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Outside(0, f"the day {written}") from None
    if day.isoformat() != written:
        raise Outside(0, f"the day {written}")
    return day


def _part_of_day(node: exp.Expr, scope: Scope) -> Value:
    match node:
        case exp.Extract(this=exp.Var(this=str(part)), expression=inner):
            value = evaluate(inner, scope)
        case exp.Substring(this=inner, args={"start": exp.Literal(this=str(start))}):
            length = node.args.get("length")
            part = start if length is None else f"{start} {length.name}"
            value = evaluate(inner, scope)
        case _:
            part, value = type(node).__name__, evaluate(node.this, scope)
    if not isinstance(value, Day):
        raise _outside(node, scope)
    day, null = value.term, value.null
    match part.upper():
        case "YEAR":
            return Whole(year_of(day), null)
        case "MONTH":
            return Whole(month_of(day), null)
        case "DAY" | "DAYOFMONTH":
            return Whole(day_of_month(day), null)
        case "1 4" if scope.dialect.kinds.days_are_texts:
            return Digits(year_of(day), null)
        case "1 7" if scope.dialect.kinds.days_are_texts:
            return Digits(day / 100, null)
        case "6" if scope.dialect.kinds.days_are_texts:
            return Digits(day % 10_000, null)
        case _:
            raise _outside(node, scope)


# Numbers --------------------------------------------------------------------------------------------


def whole(value: Value, node: exp.Expr, scope: Scope) -> Whole:
    """A value as a whole number."""
    match value:
        case Whole():
            return value
        case Given() if scope.sorts[value.name] is Sort.NUMBER:
            return Whole(value.value, value.null)
        case _:
            raise _outside(node, scope)


def _arithmetic(node: exp.Expr, scope: Scope) -> Value:
    if isinstance(node, exp.Neg):
        inner = whole(evaluate(node.this, scope), node, scope)
        return _wide(-inner.term, inner.null, inner.bits, scope, node)
    left, right = evaluate(node.this, scope), evaluate(node.expression, scope)
    if isinstance(left, Given):
        # What has no form for another type holds the type of a column fast.
        match node, scope.sorts[left.name], right:
            case exp.Add(), Sort.DAY, Whole(zero) if _is(zero, 0) and scope.dialect.kinds.day is None:
                return Day(left.value, left.null)
            case exp.BitwiseOr(), Sort.NUMBER, Whole(zero, _, 64) if (
                _is(zero, 0) and scope.dialect.kinds.number is None
            ):
                return Whole(left.value, left.null)
            case _:
                raise _outside(node, scope)
    one, other = whole(left, node, scope), whole(right, node, scope)
    null, bits = either([one.null, other.null]), max(one.bits, other.bits)
    match node:
        case exp.Add():
            return _wide(one.term + other.term, null, bits, scope, node)
        case exp.Sub():
            return _wide(one.term - other.term, null, bits, scope, node)
        case exp.Mul() if z3.is_int_value(one.term) or z3.is_int_value(other.term):
            return _wide(one.term * other.term, null, bits, scope, node)
        case exp.Mod() if z3.is_int_value(other.term) and other.term.as_long() > 0:
            quotient = _towards_zero(one.term, other.term, scope)
            return Whole(one.term - other.term * quotient, null, bits)
        case exp.Div() | exp.IntDiv() if (
            type(node).__name__ == scope.dialect.truncates and z3.is_int_value(other.term) and other.term.as_long() > 0
        ):
            return Whole(_towards_zero(one.term, other.term, scope), null, bits)
        case _:
            raise _outside(node, scope)


def _is(term: z3.ArithRef, value: int) -> bool:
    return bool(z3.is_int_value(term) and term.as_long() == value)


def _towards_zero(value: z3.ArithRef, divisor: z3.ArithRef, scope: Scope) -> z3.ArithRef:
    """The quotient without its fraction: below 0 it is one more than the floor where something is dropped."""
    lowest, highest = bounds_of(value, scope.bounds)
    if lowest >= 0:
        return value / divisor
    if highest <= 0:
        return -((-value) / divisor)
    return z3.If(value >= 0, value / divisor, -((-value) / divisor))


def _wide(term: z3.ArithRef, null: z3.BoolRef, bits: int, scope: Scope, node: exp.Expr) -> Whole:
    """A number that must fit so many bits."""
    lowest, highest = bounds_of(term, scope.bounds)
    if lowest < -(2 ** (bits - 1)) or highest >= 2 ** (bits - 1):
        leaves = z3.Or(term < -(2 ** (bits - 1)), term >= 2 ** (bits - 1))
        what = f"a number beyond {bits} bits: {node.sql(dialect=scope.dialect.reader, comments=False)[:120]}"
        scope.duties.append(Duty(both([scope.path, negation(null), leaves]), 0, what, scope.settling, scope.of))
    return Whole(term, null, bits)


def _extreme(node: exp.Expr, scope: Scope) -> Whole:
    values = [whole(evaluate(one, scope), node, scope) for one in (node.this, *node.expressions)]
    if len(values) < 2:
        raise _outside(node, scope)
    found = values[0].term
    for value in values[1:]:
        larger = value.term > found if isinstance(node, exp.Greatest) else value.term < found
        found = z3.If(larger, value.term, found)
    # Engines differ in what NULL among several values makes of them: there must be none.
    null = either([value.null for value in values])
    if not z3.is_false(null):
        scope.duties.append(Duty(both([scope.path, null]), 0, "NULL among several values", scope.settling, scope.of))
    return Whole(found, FALSE, max(value.bits for value in values))


def _case(node: exp.Case, scope: Scope) -> Value:
    if node.args.get("this") is not None:
        raise _outside(node, scope)
    branches: list[tuple[z3.BoolRef, Value]] = []
    inside = scope
    for branch in node.args["ifs"]:
        holds = is_true(truth(branch.this, inside))
        there = replace(inside, path=both([inside.path, holds]), bounds=narrowed(inside.bounds, holds))
        branches.append((holds, bare(evaluate(branch.args["true"], there), there)))
        no = negation(holds)
        inside = replace(inside, path=both([inside.path, no]), bounds=narrowed(inside.bounds, no))
    default = node.args.get("default")
    found: Value = Nothing() if default is None else bare(evaluate(default, inside), inside)
    for holds, value in reversed(branches):
        found = chosen(holds, value, found, 0)
    return found


# Truths ---------------------------------------------------------------------------------------------


def is_true(value: Truth) -> z3.BoolRef:
    """When a condition is true, and not NULL."""
    return both([negation(value.null), value.term])


def _is_false(value: Truth) -> z3.BoolRef:
    return both([negation(value.null), negation(value.term)])


def _and(one: Truth, other: Truth) -> Truth:
    holds, fails = both([is_true(one), is_true(other)]), either([_is_false(one), _is_false(other)])
    return Truth(holds, both([negation(holds), negation(fails)]))


def truth(node: exp.Expr, scope: Scope) -> Truth:
    """A condition, which may be NULL."""
    tested = _type_test(node, scope)
    if tested is not None:
        return tested
    match node:
        case exp.Paren(this=inner):
            return truth(inner, scope)
        case exp.And(this=left, expression=right):
            return _and(truth(left, scope), truth(right, scope))
        case exp.Or(this=left, expression=right):
            one, other = truth(left, scope), truth(right, scope)
            holds, fails = either([is_true(one), is_true(other)]), both([_is_false(one), _is_false(other)])
            return Truth(holds, both([negation(holds), negation(fails)]))
        case exp.Not(this=inner):
            denied = truth(inner, scope)
            return Truth(negation(denied.term), denied.null)
        case exp.Is(this=inner, expression=exp.Null()):
            return Truth(null_of(evaluate(inner, scope)))
        case exp.Is(this=inner, expression=exp.Boolean(this=True)):
            return Truth(is_true(truth(inner, scope)))
        case exp.Between(this=inner, args=ends):
            value = evaluate(inner, scope)
            one = _compared(exp.GTE, value, evaluate(ends["low"], scope), node, scope)
            other = _compared(exp.LTE, value, evaluate(ends["high"], scope), node, scope)
            return _and(one, other)
        case exp.In(this=inner, expressions=[_, *_] as values) if set(node.args) <= {"this", "expressions"}:
            value = evaluate(inner, scope)
            equal = [_compared(exp.EQ, value, evaluate(one, scope), node, scope) for one in values]
            return Truth(either([one.term for one in equal]), either([one.null for one in equal]))
        case exp.EQ(this=left, expression=exp.Anonymous() as right):
            return _is_day(left, right, node, scope)
        case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
            return _compared(type(node), evaluate(node.this, scope), evaluate(node.expression, scope), node, scope)
        case exp.Exists():
            found = scope.special(node, scope)
            if isinstance(found, Truth):
                return found
            raise _outside(node, scope)
        case _:
            raise _outside(node, scope)


def _is_day(left: exp.Expr, right: exp.Anonymous, node: exp.Expr, scope: Scope) -> Truth:
    """`x = date(x, '+0 days')`: the same text of a day; of anything else the right side is NULL, or another text."""
    match right.this.upper(), right.expressions:
        case "DATE", [exp.Column() as column, exp.Literal(this="+0 days")] if scope.dialect.kinds.days_are_texts:
            given, value = _given(column, scope), evaluate(left, scope)
            if isinstance(value, Day) and z3.eq(value.term, given.value):
                other = z3.Bool(f"no day at all {given.name}")
                return Truth(given.is_day, either([given.null, both([negation(given.is_day), other])]))
        case _:
            pass
    raise _outside(node, scope)


def _compared(relation: type[exp.Expr], left: Value, right: Value, node: exp.Expr, scope: Scope) -> Truth:
    match left, right:
        case Given(), Given() if scope.sorts[left.name] is scope.sorts[right.name] is Sort.NUMBER:
            return _related(relation, left.value, right.value, either([left.null, right.null]), node, scope)
        case ((Given() | Day()), Day()) if isinstance(left, Day) or scope.sorts[left.name] is Sort.DAY:
            return _related(relation, _number(left), right.term, either([left.null, right.null]), node, scope)
        case ((Given() | Day()), Text(constant)) if (
            scope.dialect.kinds.days_are_texts
            and (isinstance(left, Day) or scope.sorts[left.name] is Sort.DAY)
            and _written(constant) is not None
        ):
            day = z3.IntVal(day_number(_iso_day(_written(constant) or "")))
            return _related(relation, _number(left), day, left.null, node, scope)
        case Digits(term, null), Text(constant) if (written := _written(constant)) is not None:
            digits = written.replace("-", "")
            if not digits.isdecimal() or len(written) != 5:
                raise _outside(node, scope)
            return _related(relation, term, z3.IntVal(int(digits)), null, node, scope)
        case Given(), Text() if scope.sorts[left.name] is Sort.TEXT and Sort.TEXT in scope.dialect.bare:
            return _related(relation, left.value, right.term, left.null, node, scope, ordered=False)
        case Text(), Text():
            null = either([left.null, right.null])
            return _related(relation, left.term, right.term, null, node, scope, ordered=False)
        case _:
            one, other = whole(left, node, scope), whole(right, node, scope)
            return _related(relation, one.term, other.term, either([one.null, other.null]), node, scope)


def _number(value: Value) -> z3.ArithRef:
    return value.value if isinstance(value, Given) else value.term if isinstance(value, Day) else z3.IntVal(0)


def _written(constant: z3.ArithRef) -> str | None:
    """The text that is written down, of a term that is one."""
    return text_of_number(constant.as_long()) if z3.is_int_value(constant) else None


def _related(
    relation: type[exp.Expr],
    left: z3.ArithRef,
    right: z3.ArithRef,
    null: z3.BoolRef,
    node: exp.Expr,
    scope: Scope,
    ordered: bool = True,
) -> Truth:
    if relation is exp.EQ:
        return Truth(left == right, null)
    if relation is exp.NEQ:
        return Truth(left != right, null)
    if not ordered:
        raise _outside(node, scope)
    if relation is exp.LT:
        return Truth(left < right, null)
    if relation is exp.LTE:
        return Truth(left <= right, null)
    if relation is exp.GT:
        return Truth(left > right, null)
    return Truth(left >= right, null)


__all__ = ["TRUE", "Scope", "bare", "evaluate", "is_true", "truth", "whole"]
