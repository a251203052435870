"""The operators of Python on values: which types they ask for, and what they come to for those."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from datetime import date

import z3

from compiler.validate.python_scope import DATE, INT, STR, Scope, duty
from compiler.validate.values import (
    FALSE,
    Day,
    Given,
    Outside,
    Row,
    Text,
    Value,
    Whole,
    both,
    either,
    negation,
    text_number,
)


def as_whole(value: Value, scope: Scope, line: int) -> z3.ArithRef:
    """A whole number; that it is one, wherever it is come to, is a duty."""
    match value:
        case Whole(term, null):
            duty(scope, null, line, "None where a number is needed")
            return term
        case Given(_, null, kind, term):
            duty(scope, either([null, kind != text_number(INT)]), line, "something else where a number is needed")
            return term
        case _:
            raise Outside(line, "something else where a number is needed")


def as_day(value: Value, scope: Scope, line: int) -> z3.ArithRef:
    """A day; that it is one is a duty."""
    match value:
        case Day(term, null):
            duty(scope, null, line, "None where a day is needed")
            return term
        case Given(_, null, kind, term):
            duty(scope, either([null, kind != text_number(DATE)]), line, "something else where a day is needed")
            return term
        case _:
            raise Outside(line, "something else where a day is needed")


def has_type(value: Value, right: ast.expr, line: int) -> z3.BoolRef:
    """Whether a value has the type that is named, itself and not one made of it."""
    match value, right:
        case Given(_, null, kind), ast.Name("int"):
            return both([negation(null), kind == text_number(INT)])
        case Given(_, null, kind), ast.Attribute(ast.Name("datetime"), "date"):
            return both([negation(null), kind == text_number(DATE)])
        case _:
            raise Outside(line, f"the type {ast.unparse(right)}")


def equal(one: Value, other: Value, line: int) -> z3.BoolRef:
    """`==`, which asks for no types: values of different types differ."""
    match one, other:
        case Row(items), Row(others):
            if len(items) != len(others):
                return FALSE
            return both([equal(a, b, line) for a, b in zip(items, others, strict=True)])
        case (Text(left, none), Text(right, nothing)) | (Whole(left, none), Whole(right, nothing)):
            return both([negation(none), negation(nothing), left == right])
        case Given(_, null, kind, term), Text(constant):
            return both([negation(null), kind == text_number(STR), term == constant])
        case _:
            raise Outside(line, "a comparison of these values")


def in_order(one: Value, operator: ast.cmpop, other: Value, scope: Scope, line: int) -> z3.BoolRef:
    """`<`, `<=`, `>` or `>=` of two days, two numbers, or two pairs of numbers."""
    if isinstance(one, Row) and isinstance(other, Row):
        return _rows_in_order(one, operator, other, scope, line)
    if isinstance(one, Day) or isinstance(other, Day):
        left, right = (as_day(value, scope, line) for value in (one, other))
    else:
        left, right = (as_whole(value, scope, line) for value in (one, other))
    match operator:
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
        case ast.Gt():
            return left > right
        case _:
            return left >= right


def _rows_in_order(one: Row, operator: ast.cmpop, other: Row, scope: Scope, line: int) -> z3.BoolRef:
    if not isinstance(operator, ast.Lt) or len(one.items) != 2 or len(other.items) != 2:
        raise Outside(line, "a comparison of rows")
    (a, b), (c, d) = ([as_whole(item, scope, line) for item in row.items] for row in (one, other))
    return z3.Or(a < c, z3.And(a == c, b < d))


def extreme(terms: Sequence[z3.ArithRef], largest: bool, line: int) -> z3.ArithRef:
    """The largest of several numbers, or the smallest; of equal ones the first."""
    if len(terms) < 2:
        raise Outside(line, "the smallest or largest of fewer than two values")
    found = terms[0]
    for term in terms[1:]:
        found = z3.If(term > found if largest else term < found, term, found)
    return found


def constant_day(node: ast.Call) -> date:
    """A day that is written down. Raises Outside for one that there is not."""
    match node.args:
        case [ast.Constant(int(year)), ast.Constant(int(month)), ast.Constant(int(day))]:
            try:
                return date(year, month, day)
            except ValueError:
                pass
        case _:
            pass
    raise Outside(node.lineno, f"the day {ast.unparse(node)}")
