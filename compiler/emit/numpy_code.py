"""Whole-number code as expressions over NumPy arrays, and with numbers in the place of a category's words.

An expression over arrays computes both sides of every choice; what leaves 64 bits on the side that is not taken wraps
and is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, assert_never

from compiler.emit.code import (
    Add,
    And,
    Apply,
    Arm,
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
    Step,
    Subtract,
    Test,
    Variable,
    WordIn,
)
from compiler.emit.python_code import Names
from compiler.emit.python_names import number_literal
from compiler.model import Relation

Words = Mapping[str, tuple[str, ...]]
"""The words of every category, by its name."""


# Words as numbers -----------------------------------------------------------------------------------


def numbered(code: Code, words: Words) -> Code:
    """The same code where a category is a variable that holds the place of its word."""

    def of(inner: Code) -> Code:
        return numbered(inner, words)

    match code:
        case Number() | Variable() | Increment():
            return code
        case Add(terms):
            return Add(tuple(map(of, terms)))
        case Subtract(left, right):
            return Subtract(of(left), of(right))
        case Multiply(factor, value):
            return Multiply(factor, of(value))
        case FloorDivide(value, divisor, never_negative):
            return FloorDivide(of(value), divisor, never_negative)
        case Least(terms):
            return Least(tuple(map(of, terms)))
        case Greatest(terms):
            return Greatest(tuple(map(of, terms)))
        case If(test, then, otherwise):
            return If(_numbered(test, words), of(then), of(otherwise))
        case Ladder(argument, steps, top, top_line):
            found = tuple(Step(step.last, of(step.value), step.line) for step in steps)
            return Ladder(argument, found, of(top), top_line)
        case Match(facts, arms):
            *tested, last = arms
            result = of(last.value)
            for arm in reversed(tested):
                result = If(_has_key(facts, arm, words), of(arm.value), result)
            return result
        case Apply(function, argument, given):
            return Apply(function, of(argument), given)
        case _:
            assert_never(code)


def _numbered(test: Test, words: Words) -> Test:
    match test:
        case Comparison(left, relation, right):
            return Comparison(numbered(left, words), relation, numbered(right, words))
        case WordIn(fact, some):
            return _any([_is_word(fact, word, words) for word in some])
        case And(tests):
            return And(tuple(_numbered(inner, words) for inner in tests))
        case Or(tests):
            return Or(tuple(_numbered(inner, words) for inner in tests))
        case Negation(inner):
            return Negation(_numbered(inner, words))
        case _:
            assert_never(test)


def _has_key(facts: tuple[str, ...], arm: Arm, words: Words) -> Test:
    keys = [
        And(tuple(_is_word(fact, word, words) for fact, word in zip(facts, key, strict=True)))
        if len(facts) > 1
        else _is_word(facts[0], key[0], words)
        for key in arm.keys
    ]
    return _any(keys)


def _any(tests: Sequence[Test]) -> Test:
    return tests[0] if len(tests) == 1 else Or(tuple(tests))


def _is_word(fact: str, word: str, words: Words) -> Test:
    return Comparison(Variable(fact), Relation.EQUAL, Number(words[fact].index(word)))


# Arrays ---------------------------------------------------------------------------------------------


class _Binding(IntEnum):
    """How tightly an operator binds; an operand needs brackets where it binds less tightly."""

    SUM = 0
    PRODUCT = 1
    CALL = 2


class _Text(NamedTuple):
    text: str
    binding: _Binding

    def within(self, binding: _Binding) -> str:
        """The text as an operand of an operator."""
        return self.text if self.binding >= binding else f"({self.text})"


def array_expression(code: Code, names: Names) -> str:
    """Code without words as one expression over arrays of int64."""
    return _expression(code, names).text


def _expression(code: Code, names: Names) -> _Text:
    def of(inner: Code) -> _Text:
        return _expression(inner, names)

    match code:
        case Number(value):
            return _Text(number_literal(value), _Binding.CALL if value >= 0 else _Binding.PRODUCT)
        case Variable(name):
            return _Text(names.variables[name], _Binding.CALL)
        case Add(terms):
            first, *rest = (of(term) for term in terms)
            added = " + ".join([first.within(_Binding.SUM), *(term.within(_Binding.PRODUCT) for term in rest)])
            return _Text(added, _Binding.SUM)
        case Subtract(left, right):
            return _Text(f"{of(left).within(_Binding.SUM)} - {of(right).within(_Binding.PRODUCT)}", _Binding.SUM)
        case Multiply(factor, value):
            return _Text(f"{number_literal(factor)} * {of(value).within(_Binding.CALL)}", _Binding.PRODUCT)
        case FloorDivide(value, divisor):
            return _Text(f"{of(value).within(_Binding.CALL)} // {number_literal(divisor)}", _Binding.PRODUCT)
        case Least(terms):
            return _folded("np.minimum", [of(term).text for term in terms])
        case Greatest(terms):
            return _folded("np.maximum", [of(term).text for term in terms])
        case If(test, then, otherwise):
            return _Text(f"np.where({_test(test, names)}, {of(then).text}, {of(otherwise).text})", _Binding.CALL)
        case Ladder(argument, steps, top):
            return _ladder(of(argument).within(_Binding.SUM), [(s.last, s.value) for s in steps], top, names)
        case Apply(function, argument, given):
            return _Text(_call(function, of(argument).text, given, names), _Binding.CALL)
        case Increment(function, total, given):
            after, before = (_call(function, value, given, names) for value in names.totals[total])
            return _Text(f"{after} - {before}", _Binding.SUM)
        case Match():
            raise AssertionError("words are numbers by now")
        case _:
            assert_never(code)


def _ladder(argument: str, steps: Sequence[tuple[int, Code]], top: Code, names: Names) -> _Text:
    """A balanced tree, so that no text nests deeper than it must."""
    if not steps:
        return _expression(top, names)
    middle = (len(steps) - 1) // 2
    last, value = steps[middle]
    below = _ladder(argument, steps[:middle], value, names)
    above = _ladder(argument, steps[middle + 1 :], top, names)
    return _Text(f"np.where({argument} <= {number_literal(last)}, {below.text}, {above.text})", _Binding.CALL)


def _folded(function: str, terms: Sequence[str]) -> _Text:
    text, *others = terms
    for term in others:
        text = f"{function}({text}, {term})"
    return _Text(text, _Binding.CALL if others else _Binding.SUM)


def _call(function: str, argument: str, given: Sequence[Variable], names: Names) -> str:
    name, facts = names.functions[function]
    values = [names.variables[variable.name] for variable in given]
    return f"{name}({', '.join([argument, *values, *(names.words[fact] for fact in facts)])})"


def _test(test: Test, names: Names) -> str:
    match test:
        case Comparison(left, relation, right):
            operator = "==" if relation is Relation.EQUAL else str(relation.value)
            sides = [_expression(side, names).within(_Binding.SUM) for side in (left, right)]
            return f"({sides[0]} {operator} {sides[1]})"
        case And(tests):
            return f"({' & '.join(_test(inner, names) for inner in tests)})"
        case Or(tests):
            return f"({' | '.join(_test(inner, names) for inner in tests)})"
        case Negation(inner):
            return f"np.logical_not({_test(inner, names)})"
        case WordIn():
            raise AssertionError("words are numbers by now")
        case _:
            assert_never(test)
