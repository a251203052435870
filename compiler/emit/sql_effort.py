"""The stages of a query, and which of them are kept apart so that no costly formula is copied into all that read it.

An engine that merges subqueries works a column out anew wherever it is mentioned, and again in whatever mentions that.
A stage that is kept apart is worked out once for each row, but each row is then handed on as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from compiler.emit.code import (
    Add,
    And,
    Apply,
    Code,
    Comparison,
    FloorDivide,
    Greatest,
    If,
    Increment,
    Ladder,
    Least,
    Match,
    Multiply,
    Negation,
    Number,
    Or,
    Subtract,
    Test,
    Variable,
    WordIn,
)
from compiler.emit.sql_code import SqlScope

Effort = Counter[str]
"""What working a formula out takes for one row at most: how often each column is read, and `OPERATIONS`."""

OPERATIONS = ""
"""Where an `Effort` counts what is done; a column always has a name."""

TOO_MANY = 40
"""So many operations that are done again cost more than a stage that is kept apart, as measured in SQLite."""


CALLED = 10
"""How often a function that is called counts as reading its argument: where an engine would have to copy a longer
formula into it, it really calls it, which takes far longer."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a stage adds: its name, its expression, the policy line it comes from (None for one of ours), and
    what it takes to work it out; nothing for what is about as cheap as another column."""

    name: str
    expression: str
    line: int | None = None
    effort: Mapping[str, int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Stage:
    """One subquery: the columns it adds to all those of its source, or the only ones that it keeps.

    windowed  it has a window, which engines keep apart from what reads it
    fenced    the engine must be told to keep it apart
    """

    name: str
    remark: str
    source: str
    columns: tuple[Column, ...] = ()
    only_these: bool = False
    where: tuple[str, ...] = ()
    group_by: str = ""
    windowed: bool = False
    fenced: bool = False


def fenced(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages, those fenced whose columns would be worked out too often by what comes after them.

    From the last to the first: every column is shown once, and read as often as the columns after it are worked out.
    """
    found: list[Stage] = []
    times: Counter[str] = Counter()
    for stage in reversed(stages):
        again = sum(times[column.name] * column.effort.get(OPERATIONS, 0) for column in stage.columns)
        fence = again > TOO_MANY and not stage.windowed
        found.append(replace(stage, fenced=fence))
        read: Counter[str] = Counter()
        for column in stage.columns:
            often = 1 if fence or stage.windowed else 1 + times[column.name]
            read += Counter({name: often * count for name, count in column.effort.items()})
        times = read if fence or stage.windowed else times + read
    return tuple(reversed(found))


# Effort ---------------------------------------------------------------------------------------------


def effort(code: Code, scope: SqlScope, arguments: Mapping[str, Effort] | None = None) -> Effort:
    """What it takes to work out a piece of code, whose arguments, inside a function, take so much."""
    arguments = arguments or {}
    match code:
        case Number():
            return Counter()
        case Variable(name):
            return arguments.get(name, Counter({name: 1}))
        case Add(terms) | Least(terms) | Greatest(terms):
            return _done(len(terms) - 1) + _all(effort(term, scope, arguments) for term in terms)
        case Subtract(left, right):
            return _done(1) + effort(left, scope, arguments) + effort(right, scope, arguments)
        case Multiply(value=value) | FloorDivide(value=value):
            return _done(1) + effort(value, scope, arguments)
        case If(test, then, otherwise):
            chosen = effort(then, scope, arguments) | effort(otherwise, scope, arguments)
            return _of_test(test, scope, arguments) + chosen
        case Ladder(argument, steps, top):
            values = [effort(value, scope, arguments) for value in (*(step.value for step in steps), top)]
            compared = [_done(1) + effort(argument, scope, arguments)] * len(steps).bit_length()
            return _all(compared) + _most(values)
        case Match(_, arms):
            return _done(len(arms) - 1) + _most(effort(arm.value, scope, arguments) for arm in arms)
        case Apply(name, argument):
            column = scope.computed.get(argument)
            given = effort(argument, scope, arguments) if column is None else Counter({column: 1})
            return _of_function(name, given, scope)
        case Increment(name, total):
            columns = scope.totals[total]
            after, before = (Counter({column: 1}) for column in (columns.after, columns.before))
            return _done(1) + _of_function(name, after, scope) + _of_function(name, before, scope)
        case _:
            assert_never(code)


def _of_function(name: str, argument: Effort, scope: SqlScope) -> Effort:
    function = scope.functions[name]
    found = effort(function.body, replace(scope, computed={}), {function.argument: argument})
    return found | _all([argument] * CALLED) if name in scope.calls else found


def _of_test(test: Test, scope: SqlScope, arguments: Mapping[str, Effort]) -> Effort:
    match test:
        case Comparison(left, _, right):
            return _done(1) + effort(left, scope, arguments) + effort(right, scope, arguments)
        case WordIn():
            return _done(1)
        case And(tests) | Or(tests):
            return _all(_of_test(inner, scope, arguments) for inner in tests)
        case Negation(inner):
            return _of_test(inner, scope, arguments)
        case _:
            assert_never(test)


def _done(operations: int) -> Effort:
    return Counter({OPERATIONS: operations})


def _all(efforts: Iterable[Effort]) -> Effort:
    return sum(efforts, Counter())


def _most(efforts: Iterable[Effort]) -> Effort:
    found: Effort = Counter()
    for one in efforts:
        found |= one
    return found
