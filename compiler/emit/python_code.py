"""Whole-number code as Python text: expressions, and the bodies of functions as trees of comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

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
    Subtract,
    Test,
    Variable,
    WordIn,
)
from compiler.emit.python_lines import INDENT
from compiler.emit.python_names import number_literal, text_literal, words_literal
from compiler.model import Relation


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of the code are in Python.

    variables  money facts, amounts and arguments
    words      category facts
    functions  the names of functions, and the category facts that each takes
    totals     the variables that hold a running total with this claim, and before it
    """

    variables: Mapping[str, str]
    words: Mapping[str, str]
    functions: Mapping[str, tuple[str, tuple[str, ...]]]
    totals: Mapping[str, tuple[str, str]]


class _Binding(IntEnum):
    """How tightly an operator of Python binds; an operand needs brackets where it binds less tightly."""

    CONDITIONAL = 0
    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    SUM = 5
    PRODUCT = 6
    CALL = 7


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    binding: _Binding

    def within(self, binding: _Binding) -> str:
        """The text as an operand of an operator."""
        return self.text if self.binding >= binding else f"({self.text})"


# Expressions ----------------------------------------------------------------------------------------


def expression(code: Code, names: Names) -> str:
    """The code as one expression of Python."""
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
            dividend = of(value)
            bracketed = dividend.within(_Binding.CALL)
            return _Text(f"{bracketed} // {number_literal(divisor)}", _Binding.PRODUCT)
        case Least(terms):
            return _Text(f"min({', '.join(of(term).text for term in terms)})", _Binding.CALL)
        case Greatest(terms):
            return _Text(f"max({', '.join(of(term).text for term in terms)})", _Binding.CALL)
        case If(test, then, otherwise):
            return _conditional(_test(test, names), of(then), of(otherwise))
        case Ladder(argument, steps, top):
            leaves = [(step.last, step.value) for step in steps]
            return _ladder(of(argument).within(_Binding.SUM), leaves, top, names)
        case Match(facts, arms):
            *tested, last = arms
            result = of(last.value)
            for arm in reversed(tested):
                result = _conditional(_has_key(facts, arm, names), of(arm.value), result)
            return result
        case Apply(function, argument, given):
            return _Text(_call(function, of(argument).text, given, names), _Binding.CALL)
        case Increment(function, total, given):
            after, before = (_call(function, value, given, names) for value in names.totals[total])
            return _Text(f"{after} - {before}", _Binding.SUM)
        case _:
            assert_never(code)


def _call(function: str, argument: str, given: Sequence[Variable], names: Names) -> str:
    name, facts = names.functions[function]
    values = [names.variables[variable.name] for variable in given]
    return f"{name}({', '.join([argument, *values, *(names.words[fact] for fact in facts)])})"


def _conditional(test: _Text, then: _Text, otherwise: _Text) -> _Text:
    return _Text(
        f"{then.within(_Binding.OR)} if {test.within(_Binding.OR)} else {otherwise.text}", _Binding.CONDITIONAL
    )


def _ladder(argument: str, leaves: Sequence[tuple[int, Code]], top: Code, names: Names) -> _Text:
    if not leaves:
        return _expression(top, names)
    middle = (len(leaves) - 1) // 2
    last, value = leaves[middle]
    below = _ladder(argument, leaves[:middle], value, names)
    above = _ladder(argument, leaves[middle + 1 :], top, names)
    return _conditional(_Text(f"{argument} <= {number_literal(last)}", _Binding.COMPARISON), below, above)


def _has_key(facts: tuple[str, ...], arm: Arm, names: Names) -> _Text:
    if len(facts) == 1:
        return _is_one_of(names.words[facts[0]], [key[0] for key in arm.keys])
    words = f"({', '.join(names.words[fact] for fact in facts)})"
    keys = [words_literal(key) for key in arm.keys]
    if len(keys) == 1:
        return _Text(f"{words} == {keys[0]}", _Binding.COMPARISON)
    return _Text(f"{words} in ({', '.join(keys)})", _Binding.COMPARISON)


def _is_one_of(word: str, words: Sequence[str]) -> _Text:
    if len(words) == 1:
        return _Text(f"{word} == {text_literal(words[0])}", _Binding.COMPARISON)
    return _Text(f"{word} in {words_literal(words)}", _Binding.COMPARISON)


def _test(test: Test, names: Names) -> _Text:
    match test:
        case Comparison(left, relation, right):
            operands = [_expression(side, names).within(_Binding.SUM) for side in (left, right)]
            return _Text(f"{operands[0]} {_operator(relation)} {operands[1]}", _Binding.COMPARISON)
        case WordIn(fact, words):
            return _is_one_of(names.words[fact], words)
        case And(tests):
            return _Text(" and ".join(_test(inner, names).within(_Binding.NOT) for inner in tests), _Binding.AND)
        case Or(tests):
            return _Text(" or ".join(_test(inner, names).within(_Binding.AND) for inner in tests), _Binding.OR)
        case Negation(inner):
            return _Text(f"not {_test(inner, names).within(_Binding.COMPARISON)}", _Binding.NOT)
        case _:
            assert_never(test)


def _operator(relation: Relation) -> str:
    match relation:
        case Relation.LESS | Relation.AT_MOST | Relation.AT_LEAST | Relation.MORE:
            return str(relation.value)
        case Relation.EQUAL:
            return "=="
        case _:
            assert_never(relation)


# Statements -----------------------------------------------------------------------------------------


def returning(code: Code, names: Names, unknown_word: Callable[[str], str]) -> list[str]:
    """The body of a function that returns the code, as lines: category tests, then a balanced tree of comparisons.

    unknown_word  the statement for a word that the category does not have
    """
    match code:
        case Match(facts, arms):
            lines: list[str] = []
            for arm in arms:
                body = returning(arm.value, names, unknown_word)
                lines += [f"if {_has_key(facts, arm, names).text}:", *_indented(body)]
            return [*lines, unknown_word(facts[0])]
        case Ladder(argument, steps, top, top_line):
            leaves = [(step.last, step.value, step.line) for step in steps]
            return _tree(names.variables[argument.name], leaves, (top, top_line), names)
        case If(test, then, otherwise):
            return [
                f"if {_test(test, names).text}:",
                *_indented(returning(then, names, unknown_word)),
                *returning(otherwise, names, unknown_word),
            ]
        case _:
            return [f"return {expression(code, names)}"]


def _tree(argument: str, leaves: Sequence[tuple[int, Code, int]], top: tuple[Code, int], names: Names) -> list[str]:
    if not leaves:
        value, line = top
        return [f"return {expression(value, names)}  # line {line}"]
    middle = (len(leaves) - 1) // 2
    last, value, line = leaves[middle]
    return [
        f"if {argument} <= {number_literal(last)}:",
        *_indented(_tree(argument, leaves[:middle], (value, line), names)),
        *_tree(argument, leaves[middle + 1 :], top, names),
    ]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"{INDENT}{line}" for line in lines]
