"""Model -> a calculator for NumPy: columns in, arrays out, whole numbers of 64 bits only.

What is decided about the text is decided here; `templates/calculator_numpy.py.j2` lays it out. Amounts are computed in
stages, chunk by chunk; between two stages the claims are put in order and a running total is summed up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compiler.emit.code import AmountCode, Code, Function, Variable, totals_read, walk_code
from compiler.emit.final import require_final
from compiler.emit.integer import WholeNumberCode, whole_number_code
from compiler.emit.layout import lay_out
from compiler.emit.mark import SourceFile, SourceMark
from compiler.emit.numpy_code import array_expression, numbered
from compiler.emit.numpy_settling import day_literal, reading, rules_of, settling
from compiler.emit.numpy_tables import Lines, Table, table_of
from compiler.emit.python_code import Guards, Names, expression, returning
from compiler.emit.python_lines import INDENT, fitted, listed
from compiler.emit.python_names import RESERVED, escaped, number_literal, safe_names, text_literal
from compiler.emit.wanted import TOTAL_ARGUMENT
from compiler.emit.width import require_int64, variable_widths
from compiler.model import (
    CLAIM_NUMBER,
    Amount,
    CategoryFact,
    CountFact,
    DateFact,
    Model,
    MoneyFact,
    Role,
)
from dsl.money import DOMAIN_TOP, format_money

_TAKEN = RESERVED | {
    *("np", "live", "out", "part", "place", "rule", "book", "columns", "ledger", "compiled", "njit"),
    *("functools", "importlib", "dataclass", "replace", "Any", "TypeAlias", "NDArray", "Whole", "Text", "Coded"),
    *("Columns", "CHUNK", "RULES", "settle_after", "row", "rejected", "rejections"),
}
"""What no name of a policy may become: the names of the template too."""

_FEW = 32
"""Ends that are faster counted one after another than searched for; as in the template."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The names of a policy in Python: facts, what follows from dates, and amounts; functions; the words of lists."""

    values: Mapping[str, str]
    functions: Mapping[str, str]
    lists: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Field:
    literal: str


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    literal: str
    comment: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule that a claim can break: the field and the reason, as literals."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Category:
    definition: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _InForce:
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class _Function:
    """One public function: how it is declared and called, and its body over arrays (`array`) and row by row (`one`)."""

    name: str
    number: int
    doc: str
    parameters: str
    plain_parameters: str
    untyped: str
    untyped_columns: str
    at_row: str
    checks: tuple[str, ...]
    array: tuple[str, ...]
    one: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Amounts computed together: over a chunk of arrays, and row by row with the arrays that this reads and writes."""

    amounts: tuple[str, ...]
    array: tuple[str, ...]
    one: tuple[str, ...]
    untyped: str
    first: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Everything that the template lays out."""

    title: str
    source: str
    unit: str
    id: str
    id_literal: str
    tool_version: str
    files: tuple[SourceFile, ...]
    top: str
    in_force: _InForce | None
    fields: tuple[_Field, ...]
    columns: tuple[_Column, ...]
    rules: tuple[_Rule, ...]
    categories: tuple[_Category, ...]
    functions: tuple[_Function, ...]
    tables: tuple[tuple[str, ...], ...]
    stages: tuple[_Stage, ...]
    totals: bool
    order_words: str
    reading: tuple[str, ...]
    settling: tuple[str, ...]
    has_dates: bool
    has_numbers: bool
    dated: bool


def emit_numpy(model: Model, mark: SourceMark) -> str:
    """The text of `<id>_numpy.py`: a calculator for arrays, of a policy that was proved.

    It needs Python 3.11 and NumPy 2; numba only where compiled loops are asked for. Raises TooWide where 64 bits are
    not enough.
    """
    require_final(model)
    code = whole_number_code(model)
    require_int64(model, code.functions, code.amounts)
    words = _words(model, code)
    tables = {function.name: table_of(function, model.categories) for function in code.functions}
    numbers = {name: place for place, (name, table) in enumerate(tables.items(), 1) if table is not None}
    stages = tuple(_stages(model, code))
    rules = tuple(rules_of(model))
    parts = _Parts(
        title=escaped(model.title),
        source=f"Source: {escaped(model.source)}" if model.source else "No source is named.",
        unit=f"{format_money(1, model.currency)} {model.currency.code}",
        id=escaped(model.id),
        id_literal=text_literal(model.id),
        tool_version=escaped(mark.tool_version),
        files=tuple(SourceFile(escaped(file.path), escaped(file.sha256)) for file in mark.files),
        top=number_literal(DOMAIN_TOP),
        in_force=_in_force(model),
        fields=tuple(_Field(text_literal(name)) for name in (CLAIM_NUMBER, *(fact.name for fact in model.facts))),
        columns=tuple(
            _Column(words.values[amount.name], text_literal(amount.name), f"  # line {amount.span.line}")
            for amount in _settlement_order(model)
        ),
        rules=tuple(_Rule(text_literal(field), text_literal(reason)) for field, reason in rules),
        categories=tuple(
            _Category(tuple(listed(f"{words.lists[fact.name]}: Final = (", list(map(text_literal, fact.values)), ")")))
            for fact in model.facts
            if isinstance(fact, CategoryFact)
        ),
        functions=tuple(
            _function(place, function, tables[function.name], numbers, model, words)
            for place, function in enumerate(code.functions)
        ),
        tables=tuple(_table(table, numbers[name]) for name, table in tables.items() if table is not None),
        stages=tuple(_stage(stage, model, code, words) for stage in stages),
        totals=bool(model.running_totals),
        order_words=", then ".join(
            (*dict.fromkeys(escaped(t.date_fact) for t in model.running_totals), "claim number")
        ),
        reading=tuple(fitted(list(reading(model, rules, words.lists)), len(INDENT))),
        settling=tuple(settling(model, code, stages, rules)),
        has_dates=any(isinstance(fact, DateFact) for fact in model.facts),
        has_numbers=any(isinstance(fact, MoneyFact | CountFact) for fact in model.facts),
        dated=any(fact.name in code.categories for fact in model.dated),
    )
    return lay_out("calculator_numpy.py.j2", parts)


# Names ----------------------------------------------------------------------------------------------


def _words(model: Model, code: WholeNumberCode) -> _Words:
    totals = {f"{word}_{place}" for place in range(len(model.running_totals) + 1) for word in ("before", "after")}
    functions = safe_names((f"{function.name}_of" for function in code.functions), _TAKEN)
    taken = _TAKEN | totals | frozenset(functions.values())
    names = [fact.name for fact in (*model.facts, *model.dated)] + [amount.name for amount in model.amounts]
    values = safe_names(names, taken)
    lists = safe_names((f"{name}_words".upper() for name in model.categories), taken | frozenset(values.values()))
    return _Words(
        values=values,
        functions={function.name: functions[f"{function.name}_of"] for function in code.functions},
        lists={name: lists[f"{name}_words".upper()] for name in model.categories},
    )


def _settlement_order(model: Model) -> Iterator[Amount]:
    """The benefits, the own share, then the amounts on the way to them."""
    last = {Role.BENEFIT: 0, Role.OWN_SHARE: 1}
    yield from sorted(model.amounts, key=lambda amount: last.get(amount.role, 2))


def _in_force(model: Model) -> _InForce | None:
    if model.in_force is None:
        return None
    return _InForce(day_literal(model.in_force.first), day_literal(model.in_force.last or date.max))


# Functions ------------------------------------------------------------------------------------------


def _names(words: _Words, code_functions: Sequence[Function], prefix: str, renamed: Mapping[str, str]) -> Names:
    values = {**words.values, **renamed}
    functions = {one.name: (f"{prefix}{words.functions[one.name]}", one.facts) for one in code_functions}
    return Names(values, values, functions, {})


def _function(
    number: int, function: Function, table: Table | None, numbers: Mapping[str, int], model: Model, words: _Words
) -> _Function:
    code = whole_number_code(model)
    facts = [words.values[fact] for fact in function.facts]
    given = [words.values[name] for name in function.given]
    argument = safe_names([function.argument], frozenset((*facts, *given)) | _TAKEN)[function.argument]
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
        array = [f"return {array_expression(body, _names(words, code.functions, '_array_', renamed))}"]
        one = returning(body, _names(words, code.functions, "_one_", renamed), Guards((), ()), _no_word)
    else:
        array = _looked_up(table, numbers[function.name], argument, model, words, arrays=True)
        one = _looked_up(table, numbers[function.name], argument, model, words, arrays=False)
    return _Function(
        name=words.functions[function.name],
        number=number,
        doc=_doc(function, argument, words),
        parameters=", ".join(f"{name}: Whole" for name in columns),
        plain_parameters=", ".join(f"{name}: Whole" for name in columns),
        untyped=", ".join(columns),
        untyped_columns=", ".join(columns),
        at_row=", ".join(f"{name}[_row]" for name in columns),
        checks=tuple(checks),
        array=tuple(fitted(array, len(INDENT))),
        one=tuple(fitted(one, 2 * len(INDENT))),
    )


def _no_word(fact: str) -> str:
    raise AssertionError(f"{fact} is a number by now")


def _doc(function: Function, argument: str, words: _Words) -> str:
    times = "" if function.denominator == 1 else f" times {number_literal(function.denominator)}"
    name = f"`{escaped(function.name)}`{times}"
    is_total = function.argument == TOTAL_ARGUMENT
    what = f"comes to over a period whose claims add up to `{argument}`" if is_total else f"is for `{argument}`"
    lists = ", ".join(f"{words.values[fact]} in {words.lists[fact]}" for fact in function.facts if fact in words.lists)
    lines = [f"What {name} {what}.", "", "All is in whole minor units, one element for each claim."]
    if lists:
        lines += [f"Words are given as their places: {lists}."]
    return "\n".join([lines[0], *(f"{INDENT}{line}" if line else "" for line in lines[1:]), INDENT])


def _looked_up(table: Table, number: int, argument: str, model: Model, words: _Words, *, arrays: bool) -> list[str]:
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


def _table(table: Table, number: int) -> tuple[str, ...]:
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


# Stages ---------------------------------------------------------------------------------------------


def _stages(model: Model, code: WholeNumberCode) -> Iterator[tuple[AmountCode, ...]]:
    """The amounts in order, parted where a running total is needed that was not summed up yet."""
    counted: set[str] = set()
    waiting: list[AmountCode] = []
    for amount in code.amounts:
        new = set(totals_read(amount.value)) - counted
        if new and waiting:
            yield tuple(waiting)
            waiting = []
        counted |= new
        waiting.append(amount)
    yield tuple(waiting)


def _stage(stage: tuple[AmountCode, ...], model: Model, code: WholeNumberCode, words: _Words) -> _Stage:
    places = {total.name: place for place, total in enumerate(model.running_totals, 1)}
    bodies = [numbered(amount.value, model.categories) for amount in stage]
    own = {amount.name for amount in stage}
    read = [name for name in _read(bodies, code) if name not in own]
    totals = dict.fromkeys(total for amount in stage for total in totals_read(amount.value))
    inputs = [(text_literal(name), words.values[name]) for name in read]
    inputs += [(f'"{word} {places[t]}"', f"{word}_{places[t]}") for t in totals for word in ("before", "after")]
    outputs = [(text_literal(amount.name), words.values[amount.name]) for amount in stage]
    with_totals = {total: (f"after_{place}", f"before_{place}") for total, place in places.items()}
    array, one = (
        Names(names.variables, names.words, names.functions, with_totals)
        for names in (_names(words, code.functions, prefix, {}) for prefix in ("_array_", "_one_"))
    )
    lines, loop = [f"{name} = live[{key}][part]" for key, name in inputs], []
    loop += [f"{name} = _in_{place}[_row]" for place, (_, name) in enumerate(inputs, 1)]
    for amount, body in zip(stage, bodies, strict=True):
        name = words.values[amount.name]
        lines.append(f"{name} = {array_expression(body, array)}  # line {amount.line}")
        loop.append(f"{name} = {expression(body, one)}  # line {amount.line}")
    lines += [f"out[{key}][part] = {name}" for key, name in outputs]
    loop += [f"_out_{place}[_row] = {name}" for place, (_, name) in enumerate(outputs, 1)]
    columns = [*(f"_out_{place}" for place in range(1, len(outputs) + 1))]
    columns += [f"_in_{place}" for place in range(1, len(inputs) + 1)]
    return _Stage(
        amounts=tuple(key for key, _ in outputs),
        array=tuple(fitted(lines, len(INDENT))),
        one=tuple(fitted(loop, 3 * len(INDENT))),
        untyped=", ".join(columns),
        first="_out_1",
        arguments=tuple([f"out[{key}]" for key, _ in outputs] + [f"live[{key}]" for key, _ in inputs]),
    )


def _read(bodies: Sequence[Code], code: WholeNumberCode) -> list[str]:
    """The facts, categories and earlier amounts that code reads, once each; those of functions applied included."""
    found: dict[str, None] = {}
    facts = {function.name: function.facts for function in code.functions}
    for body in bodies:
        for node in walk_code(body):
            if isinstance(node, Variable):
                found[node.name] = None
            name = getattr(node, "function", None)
            if name is not None:
                found.update(dict.fromkeys(facts[name]))
    return list(found)
