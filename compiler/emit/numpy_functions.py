"""The functions of a NumPy calculator, over columns and row by row: tables where they are, else expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compiler.emit.code import Function
from compiler.emit.integer import WholeNumberCode
from compiler.emit.numpy_code import array_expression, numbered
from compiler.emit.numpy_names import TAKEN, Words, names_for
from compiler.emit.numpy_tables import Lines, Table
from compiler.emit.python_code import returning
from compiler.emit.python_lines import INDENT, fitted
from compiler.emit.python_names import escaped, number_literal, safe_names, text_literal
from compiler.emit.wanted import TOTAL_ARGUMENT
from compiler.emit.width import variable_widths
from compiler.model import Model

_FEW = 32
"""Ends that are faster counted one after another than searched for; as in the template."""


@dataclass(frozen=True, slots=True)
class FunctionText:
    """One public function: how it is declared and called, and its body over arrays (`array`) and row by row (`one`)."""

    name: str
    number: int
    doc: str
    parameters: str
    untyped: str
    at_row: str
    checks: tuple[str, ...]
    array: tuple[str, ...]
    one: tuple[str, ...]


def function_text(
    number: int,
    function: Function,
    table: Table | None,
    numbers: Mapping[str, int],
    model: Model,
    code: WholeNumberCode,
    words: Words,
) -> FunctionText:
    """A function as lines; `numbers` are those of the functions that are tables."""
    facts = [words.values[fact] for fact in function.facts]
    given = [words.values[name] for name in function.given]
    argument = safe_names([function.argument], frozenset((*facts, *given)) | TAKEN)[function.argument]
    renamed = {function.argument: argument}
    widths = variable_widths(model)
    columns = [argument, *given, *facts]
    arguments = [
        (argument, argument, function.lowest, function.highest),
        *(
            (name, fact, widths[fact].lowest, widths[fact].highest)
            for fact, name in zip(function.given, given, strict=True)
        ),
        *((name, fact, 0, len(model.categories[fact]) - 1) for fact, name in zip(function.facts, facts, strict=True)),
    ]
    checks = (
        f"({name}, {text_literal(called)}, {number_literal(lowest)}, {number_literal(highest)})"
        for name, called, lowest, highest in arguments
    )
    body = numbered(function.body, model.categories)
    if table is None:
        array = [f"return {array_expression(body, names_for(words, code.functions, '_array_', renamed))}"]
        one = returning(body, names_for(words, code.functions, "_one_", renamed), _no_word)
    else:
        array = _looked_up(table, numbers[function.name], argument, model, words, arrays=True)
        one = _looked_up(table, numbers[function.name], argument, model, words, arrays=False)
    return FunctionText(
        name=words.functions[function.name],
        number=number,
        doc=_doc(function, argument, words),
        parameters=", ".join(f"{name}: Whole" for name in columns),
        untyped=", ".join(columns),
        at_row=", ".join(f"{name}[_row]" for name in columns),
        checks=tuple(checks),
        array=tuple(fitted(array, len(INDENT))),
        one=tuple(fitted(one, 2 * len(INDENT))),
    )


def _no_word(fact: str) -> str:
    raise AssertionError(f"{fact} is a number by now")


def _doc(function: Function, argument: str, words: Words) -> str:
    times = "" if function.denominator == 1 else f" times {number_literal(function.denominator)}"
    name = f"`{escaped(function.name)}`{times}"
    is_total = function.argument == TOTAL_ARGUMENT
    what = f"comes to over a period whose claims add up to `{argument}`" if is_total else f"is for `{argument}`"
    lists = ", ".join(f"{words.values[fact]} in {words.lists[fact]}" for fact in function.facts if fact in words.lists)
    lines = [f"What {name} {what}.", "", "All is in whole minor units, one element for each claim."]
    if lists:
        lines += [f"Words are given as their places: {lists}."]
    return "\n".join([lines[0], *(f"{INDENT}{line}" if line else "" for line in lines[1:]), INDENT])


def _looked_up(table: Table, number: int, argument: str, model: Model, words: Words, *, arrays: bool) -> list[str]:
    """The body of a function that is a table: over arrays, or for one row."""
    lines = []
    where = ""
    if len(table.lines[0].slopes) > 1:
        steps = len(table.ends) + 1
        cells = []
        times = 1
        for fact in reversed(table.facts):
            word = words.values[fact]
            cells.append((times * steps, f"{word}.astype(np.intp)" if arrays else word))
            times *= len(model.categories[fact])
        added = "".join(f" + {many} * {word}" if many > 1 else f" + {word}" for many, word in reversed(cells))
        if not table.ends:
            lines.append(f"place ={added.removeprefix(' +')}")
        elif arrays:
            lines.append(f"place = _step({argument}, _ends_{number}){added}")
        elif len(table.ends) > _FEW:
            lines.append(f"place = np.searchsorted(_ends_{number}, {argument}){added}")
        else:
            counted = " + ".join(f"int({argument} > {number_literal(end)})" for end in table.ends)
            lines.append(f"place = {counted}{added}")
        where = "[place]"
    addends = [_addend(one, place, number, where, argument) for place, one in enumerate(table.lines, 1)]
    return [*lines, f"return {' + '.join(addends)}".replace(" + -", " - ")]


def _addend(one: Lines, place: int, number: int, where: str, argument: str) -> str:
    if where:
        slope, fixed = f"_slopes_{number}_{place}{where}", f"_fixed_{number}_{place}{where}"
    else:
        slope, fixed = number_literal(one.slopes[0]), number_literal(one.fixed[0])
    text = f"({slope} * {argument} + {fixed})"
    if one.divisor > 1:
        text = f"{text} // {number_literal(one.divisor)}"
    return text if one.sign == 1 else f"{number_literal(one.sign)} * ({text})"


def table_text(table: Table, number: int) -> tuple[str, ...]:
    """A table as constant arrays; nothing where it has one row, whose numbers stand in the formula."""
    if len(table.lines[0].slopes) == 1:
        return ()
    lines = ["", "", *_array(f"_ends_{number}", table.ends)] if table.ends else ["", ""]
    for place, one in enumerate(table.lines, 1):
        lines += _array(f"_slopes_{number}_{place}", one.slopes)
        lines += _array(f"_fixed_{number}_{place}", one.fixed)
    return tuple(lines)


def _array(name: str, values: Sequence[int]) -> list[str]:
    items = list(map(number_literal, values))
    line = f"{name}: Final = np.array(({', '.join(items)},), np.int64)"
    if len(line) <= 120:
        return [line]
    rows = (f"{INDENT * 2}{item}," for item in items)
    return [f"{name}: Final = np.array(", f"{INDENT}(", *rows, f"{INDENT}),", f"{INDENT}np.int64,", ")"]
