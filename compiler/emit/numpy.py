"""Model -> a calculator for NumPy: columns in, arrays out, whole numbers of 64 bits only.

What is decided about the text is decided here; `templates/calculator_numpy.py.j2` lays it out. Amounts are computed in
stages, chunk by chunk; between two stages the claims are put in order and a running total is summed up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compiler.emit.final import require_final
from compiler.emit.integer import whole_number_code
from compiler.emit.layout import lay_out
from compiler.emit.mark import SourceFile, SourceMark
from compiler.emit.numpy_functions import FunctionText, function_text, table_text
from compiler.emit.numpy_names import words_of
from compiler.emit.numpy_settling import day_literal, reading, rules_of, settling
from compiler.emit.numpy_stages import StageText, stage_text, stages_of
from compiler.emit.numpy_tables import table_of
from compiler.emit.python_lines import INDENT, fitted, listed
from compiler.emit.python_names import escaped, number_literal, text_literal
from compiler.emit.width import require_int64
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    Model,
    MoneyFact,
)
from dsl.money import DOMAIN_TOP, format_money


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
    functions: tuple[FunctionText, ...]
    tables: tuple[tuple[str, ...], ...]
    stages: tuple[StageText, ...]
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
    words = words_of(model, code)
    tables = {function.name: table_of(function, model.categories) for function in code.functions}
    numbers = {name: place for place, (name, table) in enumerate(tables.items(), 1) if table is not None}
    stages = tuple(stages_of(model, code))
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
            for amount in model.settlement
        ),
        rules=tuple(_Rule(text_literal(field), text_literal(reason)) for field, reason in rules),
        categories=tuple(
            _Category(tuple(listed(f"{words.lists[fact.name]}: Final = (", list(map(text_literal, fact.values)), ")")))
            for fact in model.facts
            if isinstance(fact, CategoryFact)
        ),
        functions=tuple(
            function_text(place, function, tables[function.name], numbers, model, code, words)
            for place, function in enumerate(code.functions)
        ),
        tables=tuple(table_text(table, numbers[name]) for name, table in tables.items() if table is not None),
        stages=tuple(stage_text(stage, model, code, words) for stage in stages),
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


def _in_force(model: Model) -> _InForce | None:
    if model.in_force is None:
        return None
    return _InForce(day_literal(model.in_force.first), day_literal(model.in_force.last or date.max))
