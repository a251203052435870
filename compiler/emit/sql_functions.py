"""The functions of a policy as functions of a database, where an engine puts their formula in the place of each call.

A view calls `<id>.<amount> raw`, which asks nothing of what it is given: it is for claims that keep every rule. Anybody
else calls `<id>.<amount>`, which is NULL for whatever no claim can have. A name that the engine would cut short has the
number of the function in the place of the amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.emit.code import Function
from compiler.emit.dialects.dialect import Dialect
from compiler.emit.sql_code import SqlScope, sql_amount, sql_one_of
from compiler.emit.sql_names import quoted
from compiler.emit.width import variable_widths
from compiler.model import Model


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A function as it is made, and how others call it, who do not call one that is raw: its name and parameters."""

    text: str
    call: str = ""


def raw_names(model: Model, functions: Sequence[Function], dialect: Dialect) -> Mapping[str, str]:
    """What the views call each function, by its name; nothing where an engine has no such functions."""
    if dialect.function is None:
        return {}
    return {
        function.name: f"{_name(model, function.name, place, dialect)} raw"
        for place, function in enumerate(functions, start=1)
    }


def sql_functions(model: Model, functions: Sequence[Function], scope: SqlScope) -> Iterator[SqlFunction]:
    """Every function, raw, and for anybody where it gives an amount: each after those that it calls."""
    if scope.dialect.function is None:
        return
    for place, function in enumerate(functions, start=1):
        yield _raw(function, scope)
        if function.denominator == 1:
            yield _guarded(_name(model, function.name, place, scope.dialect), function, model, scope)


def _name(model: Model, function: str, place: int, dialect: Dialect) -> str:
    found = f"{model.id}.{function}"
    limit = dialect.longest_name_bytes
    return found if limit is None or len(f"{found} raw".encode()) <= limit else f"{model.id}.{place}"


def _raw(function: Function, scope: SqlScope) -> SqlFunction:
    argument = quoted(_argument(function, scope), scope.dialect)
    inside = replace(scope, arguments={function.argument: argument}, computed={})
    return SqlFunction(_made(scope.calls[function.name], function, sql_amount(function.body, inside), scope))


def _guarded(name: str, function: Function, model: Model, scope: SqlScope) -> SqlFunction:
    dialect, words, widths = scope.dialect, model.categories, variable_widths(model)
    argument = _argument(function, scope)
    tests = [f"{quoted(argument, dialect)} BETWEEN {function.lowest} AND {function.highest}"]
    for given in function.given:
        tests.append(f"{quoted(given, dialect)} BETWEEN {widths[given].lowest} AND {widths[given].highest}")
    passed = [quoted(one, dialect) for one in (argument, *function.given)]
    for fact in function.facts:
        text = dialect.read_text.format(scope.word(fact))
        passed.append(text)
        one_of = sql_one_of(text, words[fact], dialect)
        tests.append(f"({one_of})" if " OR " in one_of else one_of)
    called = f"{quoted(scope.calls[function.name], dialect)}({', '.join(passed)})"
    guard = "\n    AND ".join(tests)
    names = ", ".join(
        (*(quoted(one, dialect) for one in (argument, *function.given)), *map(scope.word, function.facts))
    )
    text = _made(name, function, f"CASE\n  WHEN {guard}\n  THEN {called}\nEND", scope)
    return SqlFunction(text, f"{quoted(name, dialect)}({names})")


def _made(name: str, function: Function, body: str, scope: SqlScope) -> str:
    dialect = scope.dialect
    assert dialect.function is not None
    numbers = (_argument(function, scope), *function.given)
    parameters = [f"{quoted(one, dialect)} {dialect.whole_type}" for one in numbers]
    parameters += [f"{scope.word(fact)} text" for fact in function.facts]
    return dialect.function.format(quoted(name, dialect), ", ".join(parameters), body)


def _argument(function: Function, scope: SqlScope) -> str:
    """The name of the first parameter, which no category has."""
    taken = {scope.dated.get(fact, fact) for fact in function.facts}
    return f"{function.argument} looked at" if function.argument in taken else function.argument
