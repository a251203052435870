"""How wide whole-number code gets: the interval of every value on the way, and whether it fits 64 bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from compiler.emit.code import (
    Add,
    AmountCode,
    And,
    Apply,
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
from compiler.model import Model
from compiler.ranges import value_ranges
from dsl.source import Span

INT64_LOWEST = -(2**63)
INT64_HIGHEST = 2**63 - 1


class TooWide(Exception):
    """An amount that cannot be computed within signed 64 bits for every claim of the domain.

    amount  the name of the amount
    span    the clause that defines it
    """

    def __init__(self, amount: str, span: Span) -> None:
        super().__init__(f"{amount} needs more than 64 bits")
        self.amount = amount
        self.span = span


@dataclass(frozen=True, slots=True)
class Width:
    """All whole numbers from `lowest` to `highest`."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known of the names in a piece of code: variables, and functions (their bodies, that is)."""

    variables: Mapping[str, Width]
    functions: Mapping[str, Width]


@dataclass(frozen=True, slots=True)
class _Reach:
    """The interval of a value, and one that holds every value on the way to it as well."""

    value: Width
    widest: Width


def code_range(code: Code, scope: Scope) -> Width:
    """The interval of a value. It may be wider than need be, never narrower."""
    return _reach(code, scope).value


def fits_int64(code: Code, scope: Scope) -> bool:
    """Whether the value and everything on the way to it stay inside signed 64 bits.

    A floor division that may meet a negative value counts as one that adds its divisor first, since languages that
    truncate need a form like that.
    """
    widest = _reach(code, scope).widest
    return widest.lowest >= INT64_LOWEST and widest.highest <= INT64_HIGHEST


def function_scope(function: Function, outside: Scope) -> Scope:
    """What the body of a function knows, `outside` being what is known where it is applied."""
    given = {name: outside.variables[name] for name in function.given}
    return Scope({**given, function.argument: Width(function.lowest, function.highest)}, outside.functions)


def function_ranges(functions: tuple[Function, ...], variables: Mapping[str, Width]) -> Mapping[str, Width]:
    """The interval of each function's value, before its denominator, by name. Later ones may apply earlier ones.

    `variables` are the intervals of the facts and amounts.
    """
    found: dict[str, Width] = {}
    for function in functions:
        found[function.name] = code_range(function.body, function_scope(function, Scope(variables, found)))
    return found


def variable_widths(model: Model) -> Mapping[str, Width]:
    """The interval of every money fact, every count and every amount, as whole numbers, by name."""
    return {name: Width(int(found.lowest), int(found.highest)) for name, found in value_ranges(model).items()}


def require_int64(model: Model, functions: tuple[Function, ...], amounts: tuple[AmountCode, ...]) -> None:
    """Raise TooWide where some claim of the domain could take an amount of the Model out of signed 64 bits.

    It speaks of claims that are settled: a row that is to be rejected must not get as far as the amounts.
    """
    variables = variable_widths(model)
    scope = Scope(variables, function_ranges(functions, variables))
    for function in functions:
        if not fits_int64(function.body, function_scope(function, scope)):
            raise _too_wide(model, function.name.partition("#")[0])
    for amount in amounts:
        if not fits_int64(amount.value, scope):
            raise _too_wide(model, amount.name)


def _too_wide(model: Model, name: str) -> TooWide:
    return TooWide(name, model.amount(name).span)


def _reach(code: Code, scope: Scope) -> _Reach:
    def of(inner: Code) -> _Reach:
        return _reach(inner, scope)

    match code:
        case Number(value):
            return _through(Width(value, value))
        case Variable(name):
            return _through(scope.variables[name])
        case Add(terms):
            found = [of(term) for term in terms]
            lowest, highest = sum(one.value.lowest for one in found), sum(one.value.highest for one in found)
            # Added one after another, the sum so far is never further out than all the negative or positive parts.
            partly = Width(
                sum(min(one.value.lowest, 0) for one in found), sum(max(one.value.highest, 0) for one in found)
            )
            return _through(Width(lowest, highest), *found, extra=partly)
        case Subtract(left, right):
            from_, less = of(left), of(right)
            difference = Width(from_.value.lowest - less.value.highest, from_.value.highest - less.value.lowest)
            return _through(difference, from_, less)
        case Multiply(factor, value):
            inner = of(value)
            ends = (factor * inner.value.lowest, factor * inner.value.highest)
            return _through(Width(min(ends), max(ends)), inner, extra=Width(factor, factor))
        case FloorDivide(value, divisor, never_negative):
            inner = of(value)
            guard = 0 if never_negative else divisor
            extra = Width(min(inner.value.lowest - guard, -guard), max(inner.value.highest + guard, divisor))
            return _through(Width(inner.value.lowest // divisor, inner.value.highest // divisor), inner, extra=extra)
        case Least(terms):
            found = [of(term) for term in terms]
            least = Width(min(one.value.lowest for one in found), min(one.value.highest for one in found))
            return _through(least, *found)
        case Greatest(terms):
            found = [of(term) for term in terms]
            greatest = Width(max(one.value.lowest for one in found), max(one.value.highest for one in found))
            return _through(greatest, *found)
        case If(test, then, otherwise):
            return _hull([of(then), of(otherwise)], _of_test(test, scope))
        case Ladder():
            return _ladder(code, scope)
        case Match(arms=arms):
            return _hull([of(arm.value) for arm in arms], [])
        case Apply(function, argument):
            return _through(scope.functions[function], of(argument))
        case Increment(function):
            at_each = scope.functions[function]
            return _through(Width(at_each.lowest - at_each.highest, at_each.highest - at_each.lowest), extra=at_each)
        case _:
            assert_never(code)


def _ladder(ladder: Ladder, scope: Scope) -> _Reach:
    name = ladder.argument.name
    whole = scope.variables[name]
    found = []
    first = whole.lowest
    for last, value in [*((step.last, step.value) for step in ladder.steps), (whole.highest, ladder.top)]:
        if first <= min(last, whole.highest):
            within = {**scope.variables, name: Width(first, min(last, whole.highest))}
            found.append(_reach(value, Scope(within, scope.functions)))
            first = last + 1
    ends = Width(0, max((step.last for step in ladder.steps), default=0))
    return _hull(found, [_Reach(whole, whole), _Reach(ends, ends)])


def _through(value: Width, *inner: _Reach, extra: Width | None = None) -> _Reach:
    widths = [value, *(one.widest for one in inner), *([] if extra is None else [extra])]
    return _Reach(value, _around(widths))


def _hull(branches: list[_Reach], beside: list[_Reach]) -> _Reach:
    return _Reach(_around([one.value for one in branches]), _around([one.widest for one in (*branches, *beside)]))


def _around(widths: list[Width]) -> Width:
    return Width(min(one.lowest for one in widths), max(one.highest for one in widths))


def _of_test(test: Test, scope: Scope) -> list[_Reach]:
    match test:
        case Comparison(left, _, right):
            return [_reach(left, scope), _reach(right, scope)]
        case WordIn():
            return []
        case And(tests) | Or(tests):
            return [found for inner in tests for found in _of_test(inner, scope)]
        case Negation(inner):
            return _of_test(inner, scope)
        case _:
            assert_never(test)
