"""Whole-number code: what a calculator computes, before it is printed in some language.

Every node is a whole number; there are no fractions left, only floor divisions by constants. Printers decide nothing
about meaning: they know how their language writes each node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from compiler.model import Relation


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A value by its name in the Model: a money fact, an earlier amount, or the argument of a `Function`."""

    name: str


@dataclass(frozen=True, slots=True)
class Add:
    """All terms added."""

    terms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Subtract:
    """`left - right`."""

    left: Code
    right: Code


@dataclass(frozen=True, slots=True)
class Multiply:
    """A constant times a value."""

    factor: int
    value: Code


@dataclass(frozen=True, slots=True)
class FloorDivide:
    """The largest whole number not above `value / divisor`; `divisor > 0`.

    never_negative says that `value >= 0` has been shown: languages whose division truncates may use it as it is.
    """

    value: Code
    divisor: int
    never_negative: bool


@dataclass(frozen=True, slots=True)
class Least:
    """The smallest of the terms."""

    terms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Greatest:
    """The largest of the terms."""

    terms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`then` where the test holds, else `otherwise`."""

    test: Test
    then: Code
    otherwise: Code


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: the value for arguments up to and including `last`, and the policy line it comes from."""

    last: int
    value: Code
    line: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The value of the first step whose `last` is not below the argument; `top` above the last step.

    Steps are in rising order of `last`. Python prints a balanced tree of comparisons, SQL one CASE.
    """

    argument: Variable
    steps: tuple[Step, ...]
    top: Code
    top_line: int


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of a `Match`: the keys (one word for each fact) that share it, never none of them, and the value."""

    keys: tuple[tuple[str, ...], ...]
    value: Code


@dataclass(frozen=True, slots=True)
class Match:
    """The value of the arm that has the claim's words of the category facts among its keys.

    Every combination of words is the key of exactly one arm.
    """

    facts: tuple[str, ...]
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """The `Function` of that name at `argument`, for the claim's own categories.

    The argument is a `Variable` wherever the policy's formula reads one amount, which is nearly always. `given` is what
    else the function reads of the claim.
    """

    function: str
    argument: Code
    given: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Increment:
    """`f(S) - f(P)` of the `Function` called `function`, for the claim's own categories and values `given`.

    S is the `RunningTotal` called `total` with this claim, P the one before it.
    """

    function: str
    total: str
    given: tuple[Variable, ...] = ()


Code = (
    Number
    | Variable
    | Add
    | Subtract
    | Multiply
    | FloorDivide
    | Least
    | Greatest
    | If
    | Ladder
    | Match
    | Apply
    | Increment
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left relation right`."""

    left: Code
    relation: Relation
    right: Code


@dataclass(frozen=True, slots=True)
class WordIn:
    """The category fact has one of the words."""

    fact: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Every test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The test does not hold."""

    test: Test


Test = Comparison | WordIn | And | Or | Negation


@dataclass(frozen=True, slots=True)
class Function:
    """A whole number from one whole number and some categories: `f` of a benefit, the hot path of a calculator.

    name         the amount that it computes; where one amount needs several, `<amount>#2` and so on
    argument     the name of its argument
    lowest       the smallest argument that can occur, at least 0
    highest      the largest argument that can occur
    facts        the categories that it reads, in `Match`es around everything else
    body         reads no other variables than the argument and those `given`
    denominator  `body` is the value times this; 1 wherever the policy rounds inside
    given        the money facts, counts and earlier amounts of the claim that it reads besides: ends of bands, say
    """

    name: str
    argument: str
    lowest: int
    highest: int
    facts: tuple[str, ...]
    body: Code
    denominator: int
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AmountCode:
    """How one amount of a claim is computed; `line` is the policy line that says so."""

    name: str
    value: Code
    line: int


def code_children(code: Code) -> tuple[Code, ...]:
    """The code directly inside a node, that inside its test included."""
    match code:
        case Number() | Variable():
            return ()
        case Increment(given=given):
            return given
        case Add(terms) | Least(terms) | Greatest(terms):
            return terms
        case Subtract(left, right):
            return (left, right)
        case Multiply(value=value) | FloorDivide(value=value):
            return (value,)
        case If(test, then, otherwise):
            return (*_test_children(test), then, otherwise)
        case Ladder(argument, steps, top):
            return (argument, *(step.value for step in steps), top)
        case Match(arms=arms):
            return tuple(arm.value for arm in arms)
        case Apply(argument=argument, given=given):
            return (argument, *given)
        case _:
            assert_never(code)


def _test_children(test: Test) -> tuple[Code, ...]:
    match test:
        case Comparison(left, _, right):
            return (left, right)
        case WordIn():
            return ()
        case And(tests) | Or(tests):
            return tuple(code for inner in tests for code in _test_children(inner))
        case Negation(inner):
            return _test_children(inner)
        case _:
            assert_never(test)


def walk_code(code: Code) -> Iterator[Code]:
    """The code and everything inside it, outermost first."""
    yield code
    for child in code_children(code):
        yield from walk_code(child)


def categories_read(code: Code) -> frozenset[str]:
    """The categories whose words a piece of code asks for, functions that it applies left out."""
    found: set[str] = set()
    for node in walk_code(code):
        match node:
            case Match(facts):
                found.update(facts)
            case If(test):
                found.update(_categories_tested(test))
            case _:
                pass
    return frozenset(found)


def _categories_tested(test: Test) -> frozenset[str]:
    match test:
        case Comparison():
            return frozenset()
        case WordIn(fact):
            return frozenset({fact})
        case And(tests) | Or(tests):
            return frozenset().union(*(_categories_tested(inner) for inner in tests))
        case Negation(inner):
            return _categories_tested(inner)
        case _:
            assert_never(test)


def applied_functions(code: Code) -> frozenset[str]:
    """The names of the functions that a piece of code applies, increments included."""
    return frozenset(node.function for node in walk_code(code) if isinstance(node, Apply | Increment))


def totals_read(code: Code) -> tuple[str, ...]:
    """The names of the running totals that a piece of code reads, once each."""
    return tuple(dict.fromkeys(node.total for node in walk_code(code) if isinstance(node, Increment)))
