"""What an operator makes of whole numbers, each with its width, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import z3
from sqlglot import expressions as exp

from compiler.validate.bounds import bounds_of
from compiler.validate.meaning import Sort
from compiler.validate.reading import Duty
from compiler.validate.sql_scope import Scope, outside
from compiler.validate.values import (
    FALSE,
    Day,
    Given,
    Value,
    Whole,
    both,
    either,
    negation,
)


def whole(value: Value, node: exp.Expr, scope: Scope) -> Whole:
    """A value as a whole number."""
    match value:
        case Whole():
            return value
        case Given() if scope.sorts[value.name] is Sort.NUMBER:
            return Whole(value.value, value.null)
        case _:
            raise outside(node, scope)


def negated(value: Value, node: exp.Expr, scope: Scope) -> Whole:
    """A number with the other sign."""
    inner = whole(value, node, scope)
    return wide(-inner.term, inner.null, inner.bits, scope, node)


def arithmetic(node: exp.Expr, left: Value, right: Value, scope: Scope) -> Value:
    """What an operator makes of two values."""
    if isinstance(left, Given):
        # What has no form for another type holds the type of a column fast.
        match node, scope.sorts[left.name], right:
            case exp.Add(), Sort.DAY, Whole(zero) if _is(zero, 0) and scope.dialect.kinds.day is None:
                scope.held.add(left.name)
                return Day(left.value, left.null)
            case exp.BitwiseOr(), Sort.NUMBER, Whole(zero, _, 64) if (
                _is(zero, 0) and scope.dialect.kinds.number is None
            ):
                scope.held.add(left.name)
                return Whole(left.value, left.null)
            case _:
                raise outside(node, scope)
    one, other = whole(left, node, scope), whole(right, node, scope)
    null, bits = either([one.null, other.null]), max(one.bits, other.bits)
    match node:
        case exp.Add():
            return wide(one.term + other.term, null, bits, scope, node)
        case exp.Sub():
            return wide(one.term - other.term, null, bits, scope, node)
        case exp.Mul() if z3.is_int_value(one.term) or z3.is_int_value(other.term):
            return wide(one.term * other.term, null, bits, scope, node)
        case exp.Mod() if z3.is_int_value(other.term) and other.term.as_long() > 0:
            quotient = _towards_zero(one.term, other.term, scope)
            return Whole(one.term - other.term * quotient, null, bits)
        case exp.Div() | exp.IntDiv() if (
            type(node).__name__ == scope.dialect.truncates and z3.is_int_value(other.term) and other.term.as_long() > 0
        ):
            return Whole(_towards_zero(one.term, other.term, scope), null, bits)
        case _:
            raise outside(node, scope)


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


def wide(term: z3.ArithRef, null: z3.BoolRef, bits: int, scope: Scope, node: exp.Expr) -> Whole:
    """A number that must fit so many bits."""
    lowest, highest = bounds_of(term, scope.bounds)
    if lowest < -(2 ** (bits - 1)) or highest >= 2 ** (bits - 1):
        leaves = z3.Or(term < -(2 ** (bits - 1)), term >= 2 ** (bits - 1))
        what = f"a number beyond {bits} bits: {node.sql(dialect=scope.dialect.reader, comments=False)[:120]}"
        scope.duties.append(Duty(both([scope.path, negation(null), leaves]), 0, what, scope.settling, scope.of))
    return Whole(term, null, bits)


def extreme(node: exp.Expr, among: Sequence[Value], scope: Scope) -> Whole:
    """The least or the greatest of several values."""
    values = [whole(one, node, scope) for one in among]
    if len(values) < 2:
        raise outside(node, scope)
    found = values[0].term
    for value in values[1:]:
        larger = value.term > found if isinstance(node, exp.Greatest) else value.term < found
        found = z3.If(larger, value.term, found)
    # Engines differ in what NULL among several values makes of them: there must be none.
    null = either([value.null for value in values])
    if not z3.is_false(null):
        scope.duties.append(Duty(both([scope.path, null]), 0, "NULL among several values", scope.settling, scope.of))
    return Whole(found, FALSE, max(value.bits for value in values))
