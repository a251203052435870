"""Whole-number code as SQL expressions.

Parentheses stand around everything but a product inside a sum, so that no engine's order of operators matters. A remark
ends its line, and never stands on the last line of an expression that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import assert_never

from compiler.emit.code import (
    Add,
    And,
    Apply,
    Arm,
    Code,
    Comparison,
    FloorDivide,
    Function,
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
from compiler.emit.dialects.dialect import Dialect, Ladders, WordTests
from compiler.emit.sql_names import literal, quoted, remark
from dsl.money import Currency, format_money

INT32_HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TotalColumns:
    """The names of the columns of a running total: with this claim, and before it."""

    after: str
    before: str


@dataclass(frozen=True, slots=True)
class SqlScope:
    """What the names in a piece of code stand for.

    arguments  the SQL of the arguments of functions, by name; any other variable is the column of that name
    functions  by name; they are printed where they are applied
    totals     the columns of each running total, by its name
    computed   the names of the columns of arguments that are more than a variable
    dated      the names of the columns of dated categories; any other category is the column of its name
    calls      the names of functions that are called, by their names in the code; others are printed in full
    """

    dialect: Dialect
    currency: Currency
    arguments: Mapping[str, str]
    functions: Mapping[str, Function]
    totals: Mapping[str, TotalColumns]
    computed: Mapping[Code, str]
    dated: Mapping[str, str]
    calls: Mapping[str, str] = field(default_factory=dict)

    def word(self, fact: str) -> str:
        """The column of a category, quoted."""
        return quoted(self.dated.get(fact, fact), self.dialect)


def sql_amount(code: Code, scope: SqlScope) -> str:
    """The expression of a whole amount, as a whole number of 64 bits."""
    text = sql(code, scope)
    return text if _is_wide(code, scope) else scope.dialect.whole.format(text)


def sql(code: Code, scope: SqlScope) -> str:
    """The expression of a whole number."""
    match code:
        case Number(value):
            return str(value)
        case Variable(name):
            return scope.arguments[name] if name in scope.arguments else quoted(name, scope.dialect)
        case Add(terms):
            return _sum(terms, scope)
        case Subtract(left, right):
            first, second = _operands((left, right), scope, _PRODUCTS_BARE)
            return f"{first} - {second}"
        case Multiply(factor, value):
            first, second = _operands((Number(factor), value), scope)
            return f"{first} * {second}"
        case FloorDivide(value, divisor, never_negative):
            (dividend,) = _operands((value,), scope)
            quotient = f"{dividend} {scope.dialect.divide} {divisor}"
            if never_negative:
                return quotient
            # The engine drops the fraction towards zero: below zero that is one too many where something is dropped.
            return f"{quotient} - CASE WHEN {dividend} % {divisor} < 0 THEN 1 ELSE 0 END"
        case Least(terms):
            return _call(scope.dialect.least, terms, scope)
        case Greatest(terms):
            return _call(scope.dialect.greatest, terms, scope)
        case If(test, then, otherwise):
            return _case([(sql_test(test, scope), sql(then, scope))], sql(otherwise, scope))
        case Ladder():
            return _ladder(code, scope)
        case Match(facts, arms):
            return _match(facts, arms, scope)
        case Apply(name, argument):
            column = scope.computed.get(argument)
            printed = _operand(argument, scope) if column is None else quoted(column, scope.dialect)
            return _applied(name, printed, scope)
        case Increment(name, total):
            columns = scope.totals[total]
            after = _applied(name, quoted(columns.after, scope.dialect), scope)
            before = _applied(name, quoted(columns.before, scope.dialect), scope)
            return (
                f"{after} - {before}" if name in scope.calls else f"{_parenthesised(after)} - {_parenthesised(before)}"
            )
        case _:
            assert_never(code)


def sql_test(test: Test, scope: SqlScope) -> str:
    """A condition, which is never NULL where its parts are not."""
    match test:
        case Comparison(left, relation, right):
            return f"{_operand(left, scope)} {relation.value} {_operand(right, scope)}"
        case WordIn(fact, words):
            return sql_one_of(scope.word(fact), words, scope.dialect)
        case And(tests):
            return " AND ".join(f"({sql_test(inner, scope)})" for inner in tests)
        case Or(tests):
            return " OR ".join(f"({sql_test(inner, scope)})" for inner in tests)
        case Negation(inner):
            return f"NOT ({sql_test(inner, scope)})"
        case _:
            assert_never(test)


def sql_one_of(text: str, words: Sequence[str], dialect: Dialect) -> str:
    """Whether a text is one of one or more words."""
    if len(words) == 1:
        return f"{text} = {literal(words[0], dialect)}"
    match dialect.word_tests:
        case WordTests.COMPARED if len(words) <= 8:
            return " OR ".join(f"{text} = {literal(word, dialect)}" for word in words)
        case WordTests.LISTED | WordTests.COMPARED:
            return f"{text} IN ({', '.join(literal(word, dialect) for word in words)})"
        case WordTests.DICTIONARY:
            return " OR ".join(f"{text} = {literal(word, dialect)}" for word in words)
        case _:
            assert_never(dialect.word_tests)


# Arithmetic -----------------------------------------------------------------------------------------


def _sum(terms: Sequence[Code], scope: SqlScope) -> str:
    first, *others = _operands(terms, scope, _PRODUCTS_BARE)
    text = first
    for term, printed in zip(terms[1:], others, strict=True):
        match term:
            case Number(value) if value < 0:
                text += f" - {-value}"
            case _:
                text += f" + {printed}"
    return text


_PRODUCTS_BARE: tuple[type[Code], ...] = (Multiply,)
"""What needs no parentheses inside a sum or a difference."""


def _operands(parts: Sequence[Code], scope: SqlScope, bare: tuple[type[Code], ...] = ()) -> list[str]:
    """The parts of an arithmetic expression; one of them is made 64 bits wide where none is so by itself."""
    printed = [sql(part, scope) if isinstance(part, bare) else _operand(part, scope) for part in parts]
    if not any(_is_wide(part, scope) for part in parts):
        printed[-1] = scope.dialect.whole.format(sql(parts[-1], scope))
        if len(parts) > 1 and isinstance(parts[-1], Number) and parts[-1].value < 0:
            printed[-1] = f"({printed[-1]})"
    return printed


def _is_wide(code: Code, scope: SqlScope) -> bool:
    """Whether the engine takes a value for one of 64 bits: constants alone may be 32 bits wide."""
    match code:
        case Number(value):
            return abs(value) > INT32_HIGHEST
        case Variable() | Add() | Subtract() | Multiply() | FloorDivide():
            return True
        case Apply(function) | Increment(function):
            return function in scope.calls or _is_wide(scope.functions[function].body, scope)
        case Least() | Greatest() | If() | Ladder() | Match():
            return any(_is_wide(choice, scope) for choice in _choices(code))
        case _:
            assert_never(code)


def _choices(code: Least | Greatest | If | Ladder | Match) -> tuple[Code, ...]:
    """The values of which one comes out."""
    match code:
        case Least(terms) | Greatest(terms):
            return terms
        case If(then=then, otherwise=otherwise):
            return (then, otherwise)
        case Ladder(steps=steps, top=top):
            return (*(step.value for step in steps), top)
        case Match(arms=arms):
            return tuple(arm.value for arm in arms)
        case _:
            assert_never(code)


def _operand(code: Code, scope: SqlScope) -> str:
    text = sql(code, scope)
    match code:
        case Number(value):
            return f"({text})" if value < 0 else text
        case Variable() | Least() | Greatest():
            return text
        case Apply(name) if name in scope.calls:
            return text
        case _:
            return _parenthesised(text)


def _call(function: str, terms: Sequence[Code], scope: SqlScope) -> str:
    if len(terms) == 1:
        return _parenthesised(sql(terms[0], scope))
    printed = [sql(term, scope) for term in terms]
    if any("\n" in text for text in printed):
        return f"{function}(\n" + indent(",\n".join(printed), "  ") + "\n)"
    return f"{function}({', '.join(printed)})"


def _parenthesised(text: str) -> str:
    return f"(\n{indent(text, '  ')}\n)" if "\n" in text else f"({text})"


def _applied(name: str, argument: str, scope: SqlScope) -> str:
    """The value of a function: a call, or its formula."""
    function = scope.functions[name]
    if name not in scope.calls:
        return sql(function.body, replace(scope, arguments={function.argument: argument}, computed={}))
    given = [sql(Variable(one), scope) for one in function.given]
    words = [scope.word(fact) for fact in function.facts]
    return f"{quoted(scope.calls[name], scope.dialect)}({', '.join((argument, *given, *words))})"


# Ladders and matches --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rung:
    """A step with its value printed and explained; `last` is None at the top."""

    last: int | None
    text: str


def _ladder(ladder: Ladder, scope: SqlScope) -> str:
    argument = sql(ladder.argument, scope)
    rungs: list[_Rung] = []
    above: int | None = None
    for step in ladder.steps:
        rungs.append(_Rung(step.last, _explained(sql(step.value, scope), step.line, above, step.last, scope)))
        above = step.last
    rungs.append(_Rung(None, _explained(sql(ladder.top, scope), ladder.top_line, above, None, scope)))
    match scope.dialect.ladders:
        case Ladders.IN_A_ROW:
            tests = [(f"{argument} <= {rung.last}", rung.text) for rung in rungs[:-1]]
            return _case(tests, rungs[-1].text) if tests else rungs[-1].text
        case Ladders.HALVED:
            return _halved(argument, rungs)
        case _:
            assert_never(scope.dialect.ladders)


def _halved(argument: str, rungs: Sequence[_Rung]) -> str:
    if len(rungs) == 1:
        return rungs[0].text
    middle = (len(rungs) - 1) // 2
    low, high = _halved(argument, rungs[: middle + 1]), _halved(argument, rungs[middle + 1 :])
    return _case([(f"{argument} <= {rungs[middle].last}", low)], high)


def _explained(value: str, line: int, above: int | None, last: int | None, scope: SqlScope) -> str:
    """A value with the policy line it comes from and the arguments it is for, `over ... to ...`."""
    over = "" if above is None else f"over {format_money(above, scope.currency)}"
    to = "" if last is None else f"to {format_money(last, scope.currency)}"
    stretch = " ".join(part for part in (over, to) if part)
    if not stretch:
        return value
    return f"-- line {line}: {stretch}\n{value}" if "\n" in value else f"{value} -- line {line}: {stretch}"


def _match(facts: Sequence[str], arms: Sequence[Arm], scope: SqlScope) -> str:
    *others, last = arms
    if not others:
        return sql(last.value, scope)
    tests = [(_keys(facts, arm.keys, scope), sql(arm.value, scope)) for arm in others]
    words = remark("; ".join(", ".join(key) for key in last.keys))
    return _case(tests, f"-- {words}\n{sql(last.value, scope)}")


def _keys(facts: Sequence[str], keys: Sequence[tuple[str, ...]], scope: SqlScope) -> str:
    if len(facts) == 1:
        return sql_one_of(scope.word(facts[0]), [key[0] for key in keys], scope.dialect)
    matched = [
        " AND ".join(
            f"{scope.word(fact)} = {literal(word, scope.dialect)}" for fact, word in zip(facts, key, strict=True)
        )
        for key in keys
    ]
    return matched[0] if len(matched) == 1 else " OR ".join(f"({one})" for one in matched)


def _case(tests: Sequence[tuple[str, str]], otherwise: str) -> str:
    branches = [_branch(f"  WHEN {test} THEN", value) for test, value in tests]
    return "\n".join(["CASE", *branches, _branch("  ELSE", otherwise), "END"])


def _branch(head: str, value: str) -> str:
    if "\n" in value:
        return f"{head}\n{indent(value, '    ')}"
    return f"{head} {value}"
