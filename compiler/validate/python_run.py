"""The text of a Python function as terms: what it returns, when it raises, and what must never happen on the way.

Only what generated calculators consist of has a meaning here; anything else is `Outside`. Whole numbers of Python have
no limit and `//` rounds down, as the division of the solver by a positive constant does. An operation that would fail
or surprise on another type (`<` on None, `None + 1`, a comparison of text with a number) leaves a *duty*: its operands
must have the right type on every way there.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

import z3

from compiler.domain import TOTAL_OUT_OF_RANGE
from compiler.validate.python_operators import as_whole, constant_day, equal, extreme, has_type, in_order
from compiler.validate.python_scope import STR, Call, Entry, Key, Outcome, Record, Scope, duty, on
from compiler.validate.reading import Computed
from compiler.validate.values import (
    FALSE,
    SETTLED,
    TRUE,
    Day,
    Given,
    Nothing,
    Outside,
    Refusal,
    Row,
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
    refusal,
    refused_if,
    text,
    text_number,
    year_of,
)


def call(function: ast.FunctionDef, arguments: Sequence[Value | Key | Record], scope: Scope) -> Outcome:
    """What a function comes to for these arguments. It must not call itself."""
    names = parameters_of(function)
    if len(names) != len(arguments):
        raise Outside(function.lineno, f"{function.name} is called with {len(arguments)} values")
    functions = {name: known for name, known in scope.functions.items() if name != function.name}
    inside = replace(scope, names=dict(zip(names, arguments, strict=True)), functions=functions)
    scope.book.read.add(function.name)
    return _block(function.body, inside, function.lineno)


def parameters_of(function: ast.FunctionDef) -> list[str]:
    """The names of the parameters. Raises Outside for others than plain ones."""
    given = function.args
    others = (given.posonlyargs, given.kwonlyargs, given.defaults, given.kw_defaults)
    if any(others) or given.vararg or given.kwarg or function.decorator_list:
        raise Outside(function.lineno, f"the parameters or decorators of {function.name}")
    return [one.arg for one in given.args]


# Statements -----------------------------------------------------------------------------------------


def _block(statements: Sequence[ast.stmt], scope: Scope, line: int) -> Outcome:
    if not statements:
        raise Outside(line, "a way through a function that does not end with `return` or `raise`")
    first, rest = statements[0], statements[1:]
    match first:
        case ast.Expr(ast.Constant(str())):
            return _block(rest, scope, first.lineno)
        case ast.Return(value):
            _nothing_after(rest)
            return Outcome(Nothing() if value is None else _returned(value, scope), FALSE, SETTLED)
        case ast.Raise(ast.Call(ast.Name("ClaimError"), arguments, []), None):
            _nothing_after(rest)
            return Outcome(Nothing(), TRUE, _rejection(arguments, first.lineno))
        case ast.Assign([ast.Name(name)], value):
            return _block(rest, _assigned(name, value, scope, first.lineno), first.lineno)
        case ast.Assign([ast.Subscript(ast.Name("ledger"), ast.Name(key))], value):
            known = scope.names.get(key)
            if not isinstance(known, Key) or "ledger" not in scope.names:
                raise Outside(first.lineno, "an entry of the ledger that has no key")
            scope.book.set_to.append(Entry(first.lineno, known, _whole(value, scope), scope.path))
            return _block(rest, scope, first.lineno)
        case ast.Assert(test, None):
            duty(scope, negation(_truth(test, scope)), first.lineno, "an assertion")
            return _block(rest, scope, first.lineno)
        case ast.If(test, body, orelse):
            holds, names = _test(test, scope)
            inside = replace(scope, names=names)
            then = _block(body, on(inside, holds), first.lineno)
            other = _block([*orelse, *rest], on(inside, negation(holds)), first.lineno)
            return _either(holds, then, other, first.lineno)
        case _:
            raise Outside(first.lineno, f"a statement: {ast.unparse(first).splitlines()[0]}")


def _nothing_after(rest: Sequence[ast.stmt]) -> None:
    if rest:
        raise Outside(rest[0].lineno, "a statement that is never come to")


def _returned(node: ast.expr, scope: Scope) -> Value | Record:
    match node:
        case ast.Call(ast.Name("Settlement"), [], keywords):
            fields = {one.arg: evaluate(one.value, scope) for one in keywords if one.arg is not None}
            if len(fields) != len(keywords):
                raise Outside(node.lineno, "a settlement whose fields are not named")
            return Record(fields)
        case _:
            return evaluate(node, scope)


def _rejection(arguments: Sequence[ast.expr], line: int) -> Refusal:
    match arguments:
        case [ast.Constant(str(field_)), ast.Constant(str(reason))] if reason != TOTAL_OUT_OF_RANGE:
            return refusal(field_, reason)
        case [ast.Constant(str(field_)), ast.Constant(str(reason)), ast.Name("ledger")] if reason == TOTAL_OUT_OF_RANGE:
            return refusal(field_, reason)
        case _:
            raise Outside(line, "a rejection that does not name its field and reason")


def _assigned(name: str, node: ast.expr, scope: Scope, line: int) -> Scope:
    if name in scope.names:
        raise Outside(line, f"{name} is given a second value")
    value: Value | Key
    match node:
        case ast.JoinedStr(values):
            value = Key(tuple(_part(part, scope) for part in values))
        case ast.Call(ast.Attribute(ast.Name("ledger"), "get"), [ast.Name(key), ast.Constant(0)], []):
            known = scope.names.get(key)
            if not isinstance(known, Key) or "ledger" not in scope.names or len(scope.book.asked) >= len(scope.entries):
                raise Outside(line, "an entry of the ledger that belongs to no running total")
            entry = scope.entries[len(scope.book.asked)]
            scope.book.asked.append(Entry(line, known, entry.value, scope.path))
            value = entry
        case ast.Call(ast.Name(teller), [_], []) if teller in scope.tellers:
            value = _word(teller, evaluate(node, scope), scope, line)
        case _:
            value = evaluate(node, scope)
    if name in scope.cuts:
        if not isinstance(value, Whole):
            raise Outside(line, f"an amount that is no whole number: {name}")
        amount, cut = scope.cuts[name]
        scope.book.cut[amount] = Computed(value.term, value.null, line)
        value = Whole(cut)
    return replace(scope, names={**scope.names, name: value})


def _word(teller: str, value: Value, scope: Scope, line: int) -> Value:
    if not isinstance(value, Text):
        raise Outside(line, f"{teller} gives something else than a word")
    category, cut = scope.tellers[teller]
    scope.book.words[category] = value.term
    return Text(cut, value.null)


def _part(node: ast.expr, scope: Scope) -> str | tuple[z3.ArithRef, str] | Text:
    match node:
        case ast.Constant(str(constant)):
            return constant
        case ast.FormattedValue(inner, -1, None):
            value = evaluate(inner, scope)
            if isinstance(value, Text):
                return value
        case ast.FormattedValue(inner, -1, ast.JoinedStr([ast.Constant(str(form))])):
            return _whole(inner, scope), form
        case _:
            pass
    raise Outside(node.lineno, "a part of a formatted text")


def _either(holds: z3.BoolRef, then: Outcome, other: Outcome, line: int) -> Outcome:
    if isinstance(then.value, Record) or isinstance(other.value, Record):
        # A settlement comes out of one way only: all others raise.
        if z3.is_true(then.raised):
            return Outcome(other.value, either([holds, other.raised]), refused_if(holds, then.error, other.error))
        raise Outside(line, "a settlement on one of several ways")
    raised = either([both([holds, then.raised]), both([negation(holds), other.raised])])
    error = refused_if(holds, then.error, other.error)
    if z3.is_true(then.raised):
        return Outcome(other.value, raised, error)
    if z3.is_true(other.raised):
        return Outcome(then.value, raised, error)
    return Outcome(chosen(holds, then.value, other.value, line), raised, error)


# Expressions ----------------------------------------------------------------------------------------


def evaluate(node: ast.expr, scope: Scope) -> Value:
    """What an expression comes to."""
    line = node.lineno
    match node:
        case ast.Constant(None):
            return Nothing()
        case ast.Constant(bool()):
            raise Outside(line, "a constant truth")
        case ast.Constant(int(value)):
            return Whole(z3.IntVal(value))
        case ast.Constant(str(value)):
            return text(value)
        case ast.Name(name):
            return _named(name, scope, line)
        case ast.Tuple(items):
            return Row(tuple(evaluate(item, scope) for item in items))
        case ast.Attribute():
            return _attribute(node, scope)
        case ast.UnaryOp(ast.USub(), ast.Constant(int(value))) if not isinstance(value, bool):
            return Whole(z3.IntVal(-value))
        case ast.BinOp(left, operator, right):
            return Whole(_arithmetic(operator, left, right, scope, line))
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
            return Truth(_truth(node, scope))
        case ast.IfExp(test, body, orelse):
            holds = _truth(test, scope)
            one = evaluate(body, on(scope, holds))
            return chosen(holds, one, evaluate(orelse, on(scope, negation(holds))), line)
        case ast.Call(ast.Attribute(ast.Name("datetime"), "date"), [*_], []):
            return Day(z3.IntVal(day_number(constant_day(node))))
        case ast.Call(ast.Name(("min" | "max") as name), arguments, []) if name not in scope.names:
            return Whole(extreme([_whole(one, scope) for one in arguments], name == "max", line))
        case ast.Call(ast.Name(name), arguments, []) if name in scope.functions and name not in scope.names:
            return _called(scope.functions[name], arguments, scope, line)
        case _:
            raise Outside(line, f"an expression: {ast.unparse(node)}")


def _named(name: str, scope: Scope, line: int) -> Value:
    value = scope.names.get(name, scope.constants.get(name))
    if value is None or isinstance(value, Key | Record):
        raise Outside(line, f"the name {name}")
    return value


def _called(function: ast.FunctionDef, arguments: Sequence[ast.expr], scope: Scope, line: int) -> Value:
    values = [_argument(evaluate(one, scope), scope, line) for one in arguments]
    outcome = call(function, values, replace(scope, cuts={}))
    assert not isinstance(outcome.value, Record)
    if scope.settling:
        known = Call(function.lineno, tuple(values), scope.path, tuple(scope.book.cut))
        scope.book.calls.setdefault(function.name, []).append(known)
    duty(scope, outcome.raised, line, f"{function.name} raises an error")
    return outcome.value


def _argument(value: Value, scope: Scope, line: int) -> Value:
    """What is handed to a function: an entry of the ledger is a number by then."""
    return Whole(as_whole(value, scope, line)) if scope.settling and isinstance(value, Given) else value


def _attribute(node: ast.Attribute, scope: Scope) -> Value:
    if isinstance(node.value, ast.Name):
        owner = scope.names.get(node.value.id)
        if isinstance(owner, Record) and node.attr in owner.fields:
            return owner.fields[node.attr]
    match node.attr, evaluate(node.value, scope):
        case "year", Day(term):
            return Whole(year_of(term))
        case "month", Day(term):
            return Whole(month_of(term))
        case "day", Day(term):
            return Whole(day_of_month(term))
        case _:
            raise Outside(node.lineno, f"the attribute {ast.unparse(node)}")


def _arithmetic(operator: ast.operator, left: ast.expr, right: ast.expr, scope: Scope, line: int) -> z3.ArithRef:
    match operator:
        case ast.Add():
            return _whole(left, scope) + _whole(right, scope)
        case ast.Sub():
            return _whole(left, scope) - _number(right, scope)
        case ast.Mult():
            one, other = _whole(left, scope), _whole(right, scope)
            if z3.is_int_value(one) or z3.is_int_value(other):
                return one * other
        case ast.FloorDiv():
            divisor = _whole(right, scope)
            if z3.is_int_value(divisor) and divisor.as_long() > 0:
                return _whole(left, scope) / divisor
        case _:
            pass
    raise Outside(line, f"the operator {type(operator).__name__} with these operands")


def _whole(node: ast.expr, scope: Scope) -> z3.ArithRef:
    return as_whole(evaluate(node, scope), scope, node.lineno)


def _number(node: ast.expr, scope: Scope) -> z3.ArithRef:
    """A whole number, or a truth, which counts as 1 or 0."""
    value = evaluate(node, scope)
    if isinstance(value, Truth):
        return z3.If(value.term, z3.IntVal(1), z3.IntVal(0))
    return as_whole(value, scope, node.lineno)


# Truths ---------------------------------------------------------------------------------------------


def _test(node: ast.expr, scope: Scope) -> tuple[z3.BoolRef, Mapping[str, Value | Key | Record]]:
    """When the test of an `if` holds, and the local names after it: it may give a name to a value."""
    match node:
        case ast.Compare(ast.NamedExpr(ast.Name(name), value), [ast.Is() | ast.IsNot()], [ast.Constant(None)]):
            bound = evaluate(value, scope)
            null = null_of(bound)
            return null if isinstance(node.ops[0], ast.Is) else negation(null), {**scope.names, name: bound}
        case _:
            return _truth(node, scope), scope.names


def _truth(node: ast.expr, scope: Scope) -> z3.BoolRef:
    """When a condition holds."""
    match node:
        case ast.UnaryOp(ast.Not(), inner):
            return negation(_truth(inner, scope))
        case ast.BoolOp(operator, tests):
            found: list[z3.BoolRef] = []
            every = isinstance(operator, ast.And)
            for test in tests:
                # What stands behind `and` is only come to where all before it hold; behind `or`, where none does.
                so_far = both(found) if every else negation(either(found))
                found.append(_truth(test, on(scope, so_far)))
            return both(found) if every else either(found)
        case ast.Compare(left, operators, rights):
            return _compared_in_a_row(left, operators, rights, scope)
        case ast.Call(ast.Name("isinstance"), [value, ast.Name("str")], []):
            match evaluate(value, scope):
                case Given(_, null, kind):
                    return both([negation(null), kind == text_number(STR)])
                case Text(_, null):
                    return negation(null)
                case _:
                    pass
        case _:
            pass
    raise Outside(node.lineno, f"a test: {ast.unparse(node)}")


def _compared_in_a_row(
    left: ast.expr, operators: Sequence[ast.cmpop], rights: Sequence[ast.expr], scope: Scope
) -> z3.BoolRef:
    found: list[z3.BoolRef] = []
    for operator, right in zip(operators, rights, strict=True):
        found.append(_compared(left, operator, right, on(scope, both(found))))
        left = right
    return both(found)


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr, scope: Scope) -> z3.BoolRef:
    line = left.lineno
    match left, operator, right:
        case ast.Call(ast.Name("type"), [value], []), ast.Is() | ast.IsNot(), _:
            same = has_type(evaluate(value, scope), right, line)
            return same if isinstance(operator, ast.Is) else negation(same)
        case _, ast.Is() | ast.IsNot(), ast.Constant(None):
            null = null_of(evaluate(left, scope))
            return null if isinstance(operator, ast.Is) else negation(null)
        case _:
            pass
    one, other = evaluate(left, scope), evaluate(right, scope)
    match operator:
        case ast.Eq():
            return equal(one, other, line)
        case ast.NotEq():
            return negation(equal(one, other, line))
        case ast.In() if isinstance(other, Row):
            return either([equal(one, item, line) for item in other.items])
        case ast.NotIn() if isinstance(other, Row):
            return negation(either([equal(one, item, line) for item in other.items]))
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
            return in_order(one, operator, other, scope, line)
        case _:
            raise Outside(line, f"the comparison {type(operator).__name__}")
