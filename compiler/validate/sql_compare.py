"""Truths of SQL, which may be NULL, and what it makes of two values that are compared."""

from __future__ import annotations

import re

import z3
from sqlglot import expressions as exp

from compiler.validate.meaning import Sort
from compiler.validate.sql_numbers import whole
from compiler.validate.sql_scope import Scope, iso_day, outside
from compiler.validate.values import (
    Day,
    Digits,
    Given,
    Text,
    Truth,
    Value,
    both,
    day_number,
    either,
    negation,
    text_of_number,
)


def is_true(value: Truth) -> z3.BoolRef:
    """When a condition is true, and not NULL."""
    return both([negation(value.null), value.term])


def is_false(value: Truth) -> z3.BoolRef:
    """When a condition is false, and not NULL."""
    return both([negation(value.null), negation(value.term)])


def conjunction(one: Truth, other: Truth) -> Truth:
    """AND of three values."""
    holds, fails = both([is_true(one), is_true(other)]), either([is_false(one), is_false(other)])
    return Truth(holds, both([negation(holds), negation(fails)]))


def compared(relation: type[exp.Expr], left: Value, right: Value, node: exp.Expr, scope: Scope) -> Truth:
    """A comparison of two values, of types that can be compared exactly."""
    match left, right:
        case Given(), Given() if scope.sorts[left.name] is scope.sorts[right.name] is Sort.NUMBER:
            return related(relation, left.value, right.value, either([left.null, right.null]), node, scope)
        case ((Given() | Day()), Day()) if isinstance(left, Day) or scope.sorts[left.name] is Sort.DAY:
            return related(relation, _number(left), right.term, either([left.null, right.null]), node, scope)
        case ((Given() | Day()), Text(constant)) if (
            scope.dialect.kinds.days_are_texts
            and (isinstance(left, Day) or scope.sorts[left.name] is Sort.DAY)
            and written_text(constant) is not None
        ):
            day = z3.IntVal(day_number(iso_day(written_text(constant) or "")))
            return related(relation, _number(left), day, left.null, node, scope)
        case Digits(term, null, form), Text(constant) if (written := written_text(constant)) is not None:
            digits = written.replace("-", "")
            if not digits.isdecimal() or re.sub("[0-9]", "0", written) != form:
                raise outside(node, scope)
            return related(relation, term, z3.IntVal(int(digits)), null, node, scope)
        case Given(), Text() if scope.sorts[left.name] is Sort.TEXT and Sort.TEXT in scope.dialect.bare:
            return related(relation, left.value, right.term, left.null, node, scope, ordered=False)
        case Text(), Text():
            null = either([left.null, right.null])
            return related(relation, left.term, right.term, null, node, scope, ordered=False)
        case _:
            one, other = whole(left, node, scope), whole(right, node, scope)
            return related(relation, one.term, other.term, either([one.null, other.null]), node, scope)


def _number(value: Value) -> z3.ArithRef:
    return value.value if isinstance(value, Given) else value.term if isinstance(value, Day) else z3.IntVal(0)


def written_text(constant: z3.ArithRef) -> str | None:
    """The text that is written down, of a term that is one."""
    return text_of_number(constant.as_long()) if z3.is_int_value(constant) else None


def related(
    relation: type[exp.Expr],
    left: z3.ArithRef,
    right: z3.ArithRef,
    null: z3.BoolRef,
    node: exp.Expr,
    scope: Scope,
    ordered: bool = True,
) -> Truth:
    """A comparison of two terms; `null` says when it is NULL."""
    if relation is exp.EQ:
        return Truth(left == right, null)
    if relation is exp.NEQ:
        return Truth(left != right, null)
    if not ordered:
        raise outside(node, scope)
    if relation is exp.LT:
        return Truth(left < right, null)
    if relation is exp.LTE:
        return Truth(left <= right, null)
    if relation is exp.GT:
        return Truth(left > right, null)
    return Truth(left >= right, null)
