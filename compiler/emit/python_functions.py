"""The functions of a Python calculator: formulas, and for everybody what checks its arguments before it calls one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compiler.domain import NEGATIVE, OUT_OF_RANGE, UNKNOWN_VALUE, WRONG_TYPE
from compiler.emit.code import Function
from compiler.emit.integer import WholeNumberCode
from compiler.emit.python_code import Names, returning
from compiler.emit.python_lines import INDENT, LINE_LENGTH, fitted, listed
from compiler.emit.python_names import Words, escaped, number_literal, safe_names, text_literal, words_literal
from compiler.emit.wanted import TOTAL_ARGUMENT
from compiler.emit.width import Width, variable_widths
from compiler.model import Model


@dataclass(frozen=True, slots=True)
class FunctionText:
    """One function, with its first statement and its body as lines."""

    header: tuple[str, ...]
    doc: str
    body: tuple[str, ...]


def function_texts(function: Function, model: Model, code: WholeNumberCode, words: Words) -> tuple[FunctionText, ...]:
    """The formula, which `settle` calls with what it has checked, and the function for everybody, which checks."""
    values = {**words.facts, **words.amounts}
    given = {name: values[name] for name in function.given}
    facts = {fact: words.facts[fact] for fact in function.facts}
    argument = safe_names([function.argument], frozenset((*given.values(), *facts.values())))[function.argument]
    parameters = [
        f"{argument}: int",
        *(f"{name}: int" for name in given.values()),
        *(f"{name}: {words.types[fact]}" for fact, name in facts.items()),
    ]
    names = Names({**given, function.argument: argument}, facts, called_functions(code, words), {})
    widths = variable_widths(model)
    checks = [
        *_number_checks(argument, argument, Width(function.lowest, function.highest)),
        *(line for fact, name in given.items() for line in _number_checks(fact, name, widths[fact])),
        *(line for fact, name in facts.items() for line in _word_checks(fact, name, model)),
    ]
    public, formula = words.functions[function.name], words.formulas[function.name]
    called = f"return {formula}({', '.join((argument, *given.values(), *facts.values()))})"
    return (
        FunctionText(
            _header(formula, parameters),
            f"The formula of `{public}`, which checks its arguments first.",
            tuple(fitted(returning(function.body, names, _unknown_word), len(INDENT))),
        ),
        FunctionText(
            _header(public, parameters), _doc(function, argument), tuple(fitted([*checks, called], len(INDENT)))
        ),
    )


def _number_checks(field: str, name: str, width: Width) -> list[str]:
    """Statements for what is no whole number that a claim can have: a float would become money."""
    lowest, highest = number_literal(width.lowest), number_literal(width.highest)
    beyond = f"{name} > {highest}" if width.lowest <= 0 else f"not {lowest} <= {name} <= {highest}"
    return [
        *_refused(f"type({name}) is not int", field, WRONG_TYPE),
        *_refused(f"{name} < 0", field, NEGATIVE),
        *_refused(beyond, field, OUT_OF_RANGE),
    ]


def _word_checks(fact: str, name: str, model: Model) -> list[str]:
    """Statements for what is no word of a category."""
    stated = any(one.name == fact for one in model.facts)
    known = f"_{name}_words" if stated else words_literal(model.categories[fact])
    return [
        *_refused(f"not isinstance({name}, str)", fact, WRONG_TYPE),
        *_refused(f"{name} not in {known}", fact, UNKNOWN_VALUE),
    ]


def _refused(test: str, field: str, reason: str) -> list[str]:
    return [f"if {test}:", f'{INDENT}raise ClaimError({text_literal(field)}, "{reason}")']


def _header(name: str, parameters: Sequence[str]) -> tuple[str, ...]:
    line = f"def {name}({', '.join(parameters)}) -> int:"
    return (line,) if len(line) <= LINE_LENGTH else tuple(listed(f"def {name}(", parameters, ") -> int:"))


def _unknown_word(fact: str) -> str:
    return f'raise ClaimError({text_literal(fact)}, "{UNKNOWN_VALUE}")'


def _doc(function: Function, argument: str) -> str:
    times = "" if function.denominator == 1 else f" times {number_literal(function.denominator)}"
    name = f"`{escaped(function.name)}`{times}"
    if function.argument == TOTAL_ARGUMENT:
        first = f"What {name} comes to over a period whose claims add up to `{argument}`."
    else:
        first = f"What {name} is for `{argument}`."
    rest = "All is in whole minor units. Raises ClaimError for an argument that no claim can have, by its name."
    return f"{first}\n\n{INDENT}{rest}\n{INDENT}"


def called_functions(code: WholeNumberCode, words: Words) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """What each function is called, and the categories that it is handed, by what it computes."""
    return {function.name: (words.formulas[function.name], function.facts) for function in code.functions}
