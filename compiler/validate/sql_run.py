"""An expression of SQL as a term, with NULL as a truth of its own, and what must never happen on the way to it.

The parser's trees are only read here: what a node means is said by the dialect's file, and a node without a meaning is
`Outside`. Whole numbers have the width of their widest part; that none of them leaves it is a duty.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace
from functools import cache

import sqlglot
import z3
from sqlglot import expressions as exp

from compiler.validate.bounds import narrowed
from compiler.validate.dialects.dialect import TypeTest
from compiler.validate.meaning import Sort
from compiler.validate.reading import Duty
from compiler.validate.sql_compare import compared, conjunction, is_false, is_true
from compiler.validate.sql_numbers import arithmetic, extreme, negated, wide
from compiler.validate.sql_scope import (
    DAY,
    FIVE,
    MONTH,
    MONTH_AND_DAY,
    YEAR,
    Call,
    Scope,
    bare,
    column_of,
    constant,
    given_of,
    iso_day,
    kind_of,
    outside,
    taken,
)
from compiler.validate.values import (
    Day,
    Digits,
    Given,
    Moment,
    Nothing,
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
    year_of,
)


def evaluate(node: exp.Expr, scope: Scope) -> Value:
    """What an expression comes to."""
    tested = _type_test(node, scope)
    if tested is not None:
        return tested
    match node:
        case exp.Paren(this=inner):
            return evaluate(inner, scope)
        case exp.Literal(this=str(value)):
            return text(value) if node.is_string else constant(value, scope)
        case exp.Null():
            return Nothing()
        case exp.Column():
            return column_of(node, scope)
        case exp.Collate(this=inner, expression=collation):
            collated = evaluate(inner, scope)
            column = isinstance(collated, Given)
            if collation.name not in scope.dialect.collations or (column and scope.dialect.cast_collated):
                raise outside(node, scope)
            return taken(collated, scope, node)
        case exp.TsOrDsToDate(this=exp.Column() as inner):
            return evaluate(inner, scope)
        case exp.Window() | exp.Exists() | exp.Coalesce():
            return scope.special(node, scope)
        case exp.Anonymous():
            return _called(node, scope)
        case exp.Year() | exp.Month() | exp.Day() | exp.DayOfMonth() | exp.Extract():
            return _part_of_day(node, scope)
        case exp.Substring():
            return _part_of_text(node, scope)
        case exp.DPipe():
            return _joined(node, scope)
        case exp.Typeof(this=exp.Column() as inner):
            return kind_of(given_of(inner, scope), scope)
        case exp.Case():
            return _case(node, scope)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Mod() | exp.Div() | exp.IntDiv() | exp.BitwiseOr():
            return arithmetic(node, evaluate(node.this, scope), evaluate(node.expression, scope), scope)
        case exp.Neg(this=inner):
            return negated(evaluate(inner, scope), node, scope)
        case exp.Least() | exp.Greatest():
            return extreme(node, [evaluate(one, scope) for one in (node.this, *node.expressions)], scope)
        case exp.Cast() | exp.TryCast():
            return _cast(node, scope)
        case exp.Condition():
            return truth(node, scope)
        case _:
            raise outside(node, scope)


def _called(node: exp.Anonymous, scope: Scope) -> Value:
    """What a function of the database comes to: its formula, with the arguments in it."""
    function = scope.functions.get(node.name) if isinstance(node.this, exp.Identifier) else None
    arguments = tuple(bare(evaluate(one, scope), scope) for one in node.expressions)
    if function is None or len(arguments) != len(function.parameters):
        raise outside(node, scope)
    columns: dict[str, Value] = {}
    for (name, kind), value in zip(function.parameters, arguments, strict=True):
        match kind, value:
            case "bigint", Whole(term, null):
                columns[name] = Whole(term, null)
            case "text", Text():
                columns[name] = value
            case _:
                raise outside(node, scope)
    scope.calls.setdefault(function.name, []).append(Call(tuple(columns.values()), scope))
    inside = replace(scope, columns=columns, table="", functions=function.earlier, special=no_subqueries)
    found = evaluate(function.body, inside)
    if not isinstance(found, Whole):
        raise outside(node, scope)
    return Whole(found.term, found.null)


def no_subqueries(node: exp.Expr, scope: Scope) -> Value:
    """What windows and subqueries come to where none may stand."""
    raise outside(node, scope)


def _case(node: exp.Case, scope: Scope) -> Value:
    if node.args.get("this") is not None:
        raise outside(node, scope)
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


def _type_test(node: exp.Expr, scope: Scope) -> Truth | None:
    """A test of a type that only means something as a whole."""
    if not scope.dialect.type_tests or not isinstance(node, exp.EQ | exp.NEQ | exp.LTE | exp.LT | exp.GT):
        return None
    columns = {column.name: column for column in node.find_all(exp.Column)}
    if len(columns) != 1:
        return None
    (column,) = columns.values()
    for test in scope.dialect.type_tests:
        if node == _pattern(test.text, column.sql(dialect=scope.dialect.reader), scope.dialect.reader):
            given = given_of(column, scope)
            unknown = _of_kinds(given, test.unknown)
            return Truth(_holds(test, given), unknown if test.of_null else either([given.null, unknown]))
    return None


def _holds(test: TypeTest, given: Given) -> z3.BoolRef:
    """When a test of a type is true, of a value for which it is not NULL."""
    found = [_of_kinds(given, test.holds - set(test.but))]
    for kind, one in test.but.items():
        same = given.value == (text_number(one) if isinstance(one, str) else one)
        found.append(both([_of_kinds(given, {kind}), negation(same) if kind in test.holds else same]))
    if test.anything:
        found.append(both([_of_kinds(given, test.anything), z3.Bool(f"{test.text} of {given.name}")]))
    return either(found)


def _of_kinds(given: Given, kinds: Set[str]) -> z3.BoolRef:
    return either([given.kind == text_number(kind) for kind in sorted(kinds)])


@cache
def _pattern(test: str, column: str, reader: str) -> exp.Expr:
    return sqlglot.parse_one(test.replace("{}", column), read=reader)


def _cast(node: exp.Cast, scope: Scope) -> Value:
    to = _type_name(node.to)
    if to == "DATE":
        match node.this:
            case exp.Literal(this=str(written)) if node.this.is_string:
                return Day(z3.IntVal(day_number(iso_day(written))))
    if scope.dialect.cast_collated and to in scope.dialect.exact_casts:
        return _text_of_any_type(node, scope)
    value = evaluate(node.this, scope)
    match value:
        case Given() if to == "DATE" and scope.sorts[value.name] is Sort.DAY and scope.dialect.kinds.day is None:
            return Day(value.value, value.null)
        case Given() if to in scope.dialect.text_casts and scope.sorts[value.name] is Sort.TEXT:
            return Text(value.value, value.null) if to in scope.dialect.exact_casts else value
        case Given() if to in scope.dialect.whole_types and scope.sorts[value.name] is Sort.NUMBER:
            return Whole(value.value, value.null, scope.dialect.whole_types[to])
        case Text() if to in scope.dialect.text_casts:
            return value
        case Whole(term, null) if to in scope.dialect.whole_types and type(node) is exp.Cast:
            return wide(term, null, scope.dialect.whole_types[to], scope, node)
        case Digits(term, null, form) if to in scope.dialect.whole_types and form == YEAR:
            return Whole(term, null)
        case Day(term, null) if to in scope.dialect.day_casts:
            return Digits(term, null, DAY)
        case Whole(term, null) if to in scope.dialect.day_casts:
            five = both([term >= 10_000, term < 20_000])
            what = "a number that is no year behind 10000"
            scope.duties.append(
                Duty(both([scope.path, negation(null), negation(five)]), 0, what, scope.settling, scope.of)
            )
            return Digits(term, null, FIVE)
        case _:
            raise outside(node, scope)


def _type_name(kind: exp.DataType) -> str:
    """A type by its name, with the character set of a text; nothing where it has a width, which would cut a text."""
    if kind.expressions:
        return ""
    character_set = kind.args.get("kind")
    return str(kind.this.name) if character_set is None else f"{kind.this.name} {character_set.name}"


def _text_of_any_type(node: exp.Cast, scope: Scope) -> Text:
    """A column of whatever type of text, in a collation by code point, as a text; or a text as it is."""
    match node.this:
        case exp.Collate(this=exp.Column() as column, expression=collation) if (
            collation.name in scope.dialect.collations
        ):
            value = taken(evaluate(column, scope), scope, node)
        case inner:
            value = evaluate(inner, scope)
    if not isinstance(value, Text):
        raise outside(node, scope)
    return value


def _part_of_day(node: exp.Expr, scope: Scope) -> Value:
    match node:
        case exp.Extract(this=exp.Var(this=str(part)), expression=inner):
            value = evaluate(inner, scope)
        case _:
            part, value = type(node).__name__, evaluate(node.this, scope)
    if not isinstance(value, Day):
        raise outside(node, scope)
    day, null = value.term, value.null
    match part.upper():
        case "YEAR":
            return Whole(year_of(day), null)
        case "MONTH":
            return Whole(month_of(day), null)
        case "DAY" | "DAYOFMONTH":
            return Whole(day_of_month(day), null)
        case _:
            raise outside(node, scope)


def _part_of_text(node: exp.Substring, scope: Scope) -> Value:
    """A part of the text of a day; or a number of four digits, which is written behind another one."""
    length = node.args.get("length")
    part = node.args["start"].name if length is None else f"{node.args['start'].name} {length.name}"
    value = evaluate(node.this, scope)
    match value, part:
        case Day(day, null), "1 4" if scope.dialect.kinds.days_are_texts:
            return Digits(year_of(day), null, YEAR)
        case Day(day, null), "1 7" if scope.dialect.kinds.days_are_texts:
            return Digits(day / 100, null, MONTH)
        case Day(day, null), "6" if scope.dialect.kinds.days_are_texts:
            return Digits(day % 10_000, null, MONTH_AND_DAY)
        case Digits(day, null, form), "1 4" if form == DAY:
            return Digits(year_of(day), null, YEAR)
        case Digits(day, null, form), "1 7" if form == DAY:
            return Digits(day / 100, null, MONTH)
        case Digits(day, null, form), "6" if form == DAY:
            return Digits(day % 10_000, null, MONTH_AND_DAY)
        case Digits(number, null, form), "2" if form == FIVE:
            return Digits(number - 10_000, null, YEAR)
        case _:
            raise outside(node, scope)


def _joined(node: exp.DPipe, scope: Scope) -> Value:
    """The text of a day, a space, and the claim number; or a text and nothing more, which holds its type fast."""
    match node:
        case exp.DPipe(
            this=exp.Collate(this=exp.Column() as column, expression=collation),
            expression=exp.Literal(this="", is_string=True),
        ) if scope.dialect.cast_collated and collation.name in scope.dialect.collations:
            value = taken(evaluate(column, scope), scope, node)
            if isinstance(value, Text):
                scope.held.add(column.name)
                return value
        case exp.DPipe(this=exp.DPipe(this=first, expression=exp.Literal(this=" ", is_string=True)), expression=last):
            day, claim = evaluate(first, scope), evaluate(last, scope)
            match day, claim:
                case Digits(number, null, form), Text(name, nameless) if form == DAY:
                    return Moment(number, name, either([null, nameless]))
                case _:
                    pass
        case _:
            pass
    raise outside(node, scope)


def truth(node: exp.Expr, scope: Scope) -> Truth:
    """A condition, which may be NULL."""
    tested = _type_test(node, scope)
    if tested is not None:
        return tested
    match node:
        case exp.Paren(this=inner):
            return truth(inner, scope)
        case exp.And(this=left, expression=right):
            return conjunction(truth(left, scope), truth(right, scope))
        case exp.Or(this=left, expression=right):
            one, other = truth(left, scope), truth(right, scope)
            holds, fails = either([is_true(one), is_true(other)]), both([is_false(one), is_false(other)])
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
            one = compared(exp.GTE, value, evaluate(ends["low"], scope), node, scope)
            other = compared(exp.LTE, value, evaluate(ends["high"], scope), node, scope)
            return conjunction(one, other)
        case exp.In(this=inner, expressions=[_, *_] as values) if set(node.args) <= {"this", "expressions"}:
            equal = [truth(exp.EQ(this=inner, expression=one), scope) for one in values]
            return Truth(either([one.term for one in equal]), either([one.null for one in equal]))
        case exp.EQ(this=exp.Collate(this=exp.Column() as column), expression=exp.Literal(is_string=True) as word) if (
            scope.dialect.words_apart
        ):
            return _is_word(given_of(column, scope), word.name, scope)
        case exp.EQ(this=left, expression=exp.Anonymous() as right) if scope.dialect.kinds.days_are_texts:
            return _is_day(left, right, node, scope)
        case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
            return compared(type(node), evaluate(node.this, scope), evaluate(node.expression, scope), node, scope)
        case exp.Exists():
            found = scope.special(node, scope)
            if isinstance(found, Truth):
                return found
            raise outside(node, scope)
        case _:
            raise outside(node, scope)


_LIKE_A_NUMBER = re.compile(r"\s*[+-]?\.?\d")


def _is_word(given: Given, word: str, scope: Scope) -> Truth:
    """Whether a text is a word, where a value of another type may be compared with it."""
    right = scope.dialect.kinds.of(scope.sorts[given.name])
    assert right is not None
    same = both([_of_kinds(given, right), given.value == text_number(word)])
    if _LIKE_A_NUMBER.match(word):
        other = both([negation(_of_kinds(given, right)), z3.Bool(f"{given.name} taken for {word}")])
        return Truth(either([same, other]), given.null)
    return Truth(same, given.null)


def _is_day(left: exp.Expr, right: exp.Anonymous, node: exp.Expr, scope: Scope) -> Truth:
    """`x = date(x, '+0 days')`: the same text of a day; of anything else the right side is NULL, or another text."""
    match right.this.upper(), right.expressions:
        case "DATE", [exp.Column() as column, exp.Literal(this="+0 days")] if scope.dialect.kinds.days_are_texts:
            given, value = given_of(column, scope), evaluate(left, scope)
            if isinstance(value, Day) and z3.eq(value.term, given.value):
                other = z3.Bool(f"no day at all {given.name}")
                is_day = both([_of_kinds(given, scope.dialect.kinds.day or frozenset()), given.is_day])
                return Truth(is_day, either([given.null, both([negation(is_day), other])]))
        case _:
            pass
    raise outside(node, scope)
