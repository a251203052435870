"""The functions of a Python calculator: what they are called with, what they refuse, and their bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.domain import NEGATIVE, OUT_OF_RANGE, UNKNOWN_VALUE
from compiler.emit.code import Function
from compiler.emit.integer import WholeNumberCode
from compiler.emit.python_code import Guards, Names, returning
from compiler.emit.python_lines import INDENT, LINE_LENGTH, fitted, listed
from compiler.emit.python_names import Words, escaped, number_literal, safe_names, text_literal
from compiler.emit.wanted import TOTAL_ARGUMENT
from compiler.emit.width import Width, variable_widths
from compiler.model import Model


@dataclass(frozen=True, slots=True)
class FunctionText:
    """One public function, with its first statement and its body as lines."""

    header: tuple[str, ...]
    doc: str
    body: tuple[str, ...]


def function_text(function: Function, model: Model, code: WholeNumberCode, words: Words) -> FunctionText:
    """A function as lines."""
    values = {**words.facts, **words.amounts}
    given = {name: values[name] for name in function.given}
    facts = frozenset(words.facts[fact] for fact in function.facts)
    argument = safe_names([function.argument], facts | frozenset(given.values()))[function.argument]
    parameters = [
        f"{argument}: int",
        *(f"{name}: int" for name in given.values()),
        *(f"{words.facts[fact]}: {words.types[fact]}" for fact in function.facts),
    ]
    guards = Guards(
        lowest=(f"if {argument} < 0:", f'{INDENT}raise ClaimError("{argument}", "{NEGATIVE}")'),
        highest=()
        if function.endless
        else (
            f"if {argument} > {number_literal(function.highest)}:",
            f'{INDENT}raise ClaimError("{argument}", "{OUT_OF_RANGE}")',
        ),
    )
    names = Names(
        variables={**given, function.argument: argument},
        words={fact: words.facts[fact] for fact in function.facts},
        functions=called_functions(code, words),
        totals={},
    )
    body = [*_guarded(given, variable_widths(model)), *returning(function.body, names, guards, _unknown_word)]
    return FunctionText(
        _header(words.functions[function.name], parameters),
        _doc(function, argument),
        tuple(fitted(body, len(INDENT))),
    )


def _guarded(given: Mapping[str, str], widths: Mapping[str, Width]) -> Iterator[str]:
    """Statements for other values of the claim that no claim has, by their names in the policy and in Python."""
    for fact, name in given.items():
        lowest, highest = widths[fact].lowest, widths[fact].highest
        too_low = f"{name} < {number_literal(lowest)} or " if lowest > 0 else ""
        yield f"if {name} < 0:"
        yield f'{INDENT}raise ClaimError({text_literal(fact)}, "{NEGATIVE}")'
        yield f"if {too_low}{name} > {number_literal(highest)}:"
        yield f'{INDENT}raise ClaimError({text_literal(fact)}, "{OUT_OF_RANGE}")'


def _header(name: str, parameters: Sequence[str]) -> tuple[str, ...]:
    line = f"def {name}({', '.join(parameters)}) -> int:"
    return (line,) if len(line) <= LINE_LENGTH else tuple(listed(f"def {name}(", parameters, ") -> int:"))


def _unknown_word(fact: str) -> str:
    return f'raise ClaimError({text_literal(fact)}, "{UNKNOWN_VALUE}")'


def _doc(function: Function, argument: str) -> str:
    times = "" if function.denominator == 1 else f" times {number_literal(function.denominator)}"
    name = f"`{escaped(function.name)}`{times}"
    if function.argument == TOTAL_ARGUMENT:
        doc = f"What {name} comes to over a period whose claims add up to `{argument}`, all in whole minor units."
        if len(doc) + len(INDENT) + 6 <= LINE_LENGTH:
            return doc
        rest = f"The claims of a period add up to `{argument}`; all is in whole minor units."
        return f"What {name} comes to.\n\n{INDENT}{rest}\n{INDENT}"
    return f"What {name} is for `{argument}`, both in whole minor units."


def called_functions(code: WholeNumberCode, words: Words) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """What each function is called, and the categories that it is handed, by what it computes."""
    return {function.name: (words.functions[function.name], function.facts) for function in code.functions}
