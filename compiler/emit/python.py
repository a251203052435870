"""Model -> a calculator in Python: one file, standard library only, whole numbers only.

What is decided about the text is decided here; `templates/calculator.py.j2` lays it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import assert_never

from compiler.domain import (
    NEGATIVE,
    NOT_IN_FORCE,
    TOTAL_OUT_OF_RANGE,
    WRONG_TYPE,
    more_than,
)
from compiler.emit.days import always_has_a_word
from compiler.emit.final import require_final
from compiler.emit.integer import WholeNumberCode, whole_number_code
from compiler.emit.layout import lay_out
from compiler.emit.mark import SourceFile, SourceMark
from compiler.emit.python_code import Names, expression
from compiler.emit.python_functions import FunctionText, called_functions, function_texts
from compiler.emit.python_lines import INDENT, LINE_LENGTH, fitted, listed
from compiler.emit.python_names import Words, escaped, number_literal, text_literal, words_of
from compiler.model import (
    CLAIM_NUMBER,
    Accumulated,
    Amount,
    CategoryFact,
    CountFact,
    DateArm,
    DatedFact,
    DateFact,
    Fact,
    IdentifierFact,
    Model,
    MoneyFact,
    Period,
    PeriodKind,
    RunningTotal,
    walk,
)
from dsl.money import DOMAIN_TOP, format_money


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a claim: its name in Python and in the policy, its type, and how it is read from a mapping."""

    name: str
    literal: str
    type: str
    comment: str
    read: str


@dataclass(frozen=True, slots=True)
class _Column:
    """One amount of a settlement."""

    name: str
    literal: str
    comment: str


@dataclass(frozen=True, slots=True)
class _Category:
    """The words of a category as a type, and the function that reads one; `words` are only those of a stated one."""

    type: str
    definition: tuple[str, ...]
    words: str
    words_definition: tuple[str, ...]
    literals: tuple[str, ...]
    reader: str


@dataclass(frozen=True, slots=True)
class _Dated:
    """A category that follows from a date: its type, the function that tells its word, and the statements of that."""

    type: str
    definition: tuple[str, ...]
    teller: str
    doc: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of the domain: the test that finds it broken, the field and the reason as expressions.

    binds  the test gives the reason, or None
    """

    test: str
    field: str
    reason: str
    binds: bool


@dataclass(frozen=True, slots=True)
class _InForce:
    """The first and the last day, as expressions."""

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
    digits: str
    top: str
    in_force: _InForce | None
    fields: tuple[_Field, ...]
    field_words: str
    columns: tuple[_Column, ...]
    categories: tuple[_Category, ...]
    dated: tuple[_Dated, ...]
    functions: tuple[FunctionText, ...]
    totals: bool
    identities: tuple[str, ...]
    order: str
    order_words: str
    settling: tuple[str, ...]
    rules: tuple[_Rule, ...]
    has_dates: bool
    has_money: bool
    has_counts: bool


def emit_python(model: Model, mark: SourceMark) -> str:
    """The text of `<id>.py`: a calculator of a policy that was proved.

    It needs Python 3.11 and nothing else. Its whole numbers have no limit, so no policy is too wide for it.
    """
    require_final(model)
    code = whole_number_code(model)
    words = words_of(model, code)
    columns = tuple(_column(amount, words) for amount in model.settlement)
    categories = [fact for fact in model.facts if isinstance(fact, CategoryFact)]
    parts = _Parts(
        title=escaped(model.title),
        source=f"Source: {escaped(model.source)}" if model.source else "No source is named.",
        unit=f"{format_money(1, model.currency)} {model.currency.code}",
        id=escaped(model.id),
        id_literal=text_literal(model.id),
        tool_version=escaped(mark.tool_version),
        files=tuple(SourceFile(escaped(file.path), escaped(file.sha256)) for file in mark.files),
        digits=str(model.currency.digits),
        top=number_literal(DOMAIN_TOP),
        in_force=_in_force(model),
        fields=(_claim_number(), *(_field(fact, words) for fact in model.facts)),
        field_words=_field_words(model),
        columns=columns,
        categories=tuple(_category(fact, words) for fact in categories),
        dated=tuple(
            _dated(fact, words)
            for fact in model.dated
            if fact.name in code.categories or not always_has_a_word(fact, model)
        ),
        functions=tuple(text for function in code.functions for text in function_texts(function, model, code, words)),
        totals=bool(model.running_totals),
        identities=tuple(dict.fromkeys(_identity(total, words) for total in model.running_totals)),
        order=", ".join(f"book[row].{name}" for name in _order(model, words)),
        order_words=", then ".join(_order_words(model)),
        settling=tuple(fitted(tuple(_settling(model, code, words)), len(INDENT))),
        rules=tuple(_rules(model, words)),
        has_dates=any(isinstance(fact, DateFact) for fact in model.facts),
        has_money=any(isinstance(fact, MoneyFact) for fact in model.facts),
        has_counts=any(isinstance(fact, CountFact) for fact in model.facts),
    )
    return lay_out("calculator.py.j2", parts)


# Claims and settlements -----------------------------------------------------------------------------


def _claim_number() -> _Field:
    literal = text_literal(CLAIM_NUMBER)
    return _Field(CLAIM_NUMBER, literal, "str", "", f"_text_of(mapping, {literal})")


def _field(fact: Fact, words: Words) -> _Field:
    name, literal = words.facts[fact.name], text_literal(fact.name)
    match fact:
        case IdentifierFact():
            return _Field(name, literal, "str", "", f"_text_of(mapping, {literal})")
        case DateFact():
            return _Field(name, literal, "datetime.date", "", f"_date_of(mapping, {literal})")
        case MoneyFact(lowest=lowest, highest=highest):
            bounds = f"{number_literal(lowest)}, {number_literal(highest)}"
            comment = "  # minor units"
            return _Field(name, literal, "int", comment, f"_money_of(mapping, {literal}, {bounds})")
        case CountFact(lowest=lowest, highest=highest):
            bounds = f"{number_literal(lowest)}, {number_literal(highest)}"
            return _Field(name, literal, "int", "  # a count", f"_count_of(mapping, {literal}, {bounds})")
        case CategoryFact():
            return _Field(name, literal, words.types[fact.name], "", f"_{name}_word(mapping, {literal})")
        case _:
            assert_never(fact)


def _field_words(model: Model) -> str:
    names = ", ".join(escaped(name) for name in (CLAIM_NUMBER, *(fact.name for fact in model.facts)))
    width = LINE_LENGTH - len(f'{INDENT}"""')
    lines = wrap(f"A claim from named values: {names}.", width, break_long_words=False, break_on_hyphens=False)
    return f"\n{INDENT}".join(lines)


def _category(fact: CategoryFact, words: Words) -> _Category:
    literals = tuple(text_literal(word) for word in fact.values)
    type_, name = words.types[fact.name], words.facts[fact.name]
    return _Category(
        type=type_,
        definition=tuple(listed(f"{type_} = Literal[", literals, "]")),
        words=f"_{name}_words",
        words_definition=tuple(listed(f"_{name}_words: Final = (", literals, ")")),
        literals=literals,
        reader=f"_{name}_word",
    )


def _dated(fact: DatedFact, words: Words) -> _Dated:
    type_, name = words.types[fact.name], words.facts[fact.name]
    literals = tuple(dict.fromkeys(text_literal(arm.word) for arm in fact.arms))
    body = [line for arm in fact.arms for line in (f"if {_within(arm)}:", f"{INDENT}return {text_literal(arm.word)}")]
    return _Dated(
        type=type_,
        definition=tuple(listed(f"{type_} = Literal[", literals, "]")),
        teller=f"_{name}_on",
        doc=f"What a day of `{escaped(fact.by)}` falls under (line {fact.span.line}); None where nothing is in force.",
        body=(*body, "return None"),
    )


def _within(arm: DateArm) -> str:
    if arm.last is None:
        return f"day >= {_day(arm.first)}"
    return f"{_day(arm.first)} <= day <= {_day(arm.last)}"


def _column(amount: Amount, words: Words) -> _Column:
    return _Column(words.amounts[amount.name], text_literal(amount.name), f"  # line {amount.span.line}")


# Settling -------------------------------------------------------------------------------------------


def _settling(model: Model, code: WholeNumberCode, words: Words) -> Iterator[str]:
    """The statements that compute every amount, each running total before the first amount that reads it."""
    places = {total.name: place for place, total in enumerate(model.running_totals, 1)}
    names = Names(
        variables={
            **{fact.name: f"claim.{words.facts[fact.name]}" for fact in model.facts},
            **words.amounts,
        },
        words={
            **{fact.name: f"claim.{words.facts[fact.name]}" for fact in model.facts},
            **{fact.name: words.facts[fact.name] for fact in model.dated},
        },
        functions=called_functions(code, words),
        totals={name: (f"after_{place}", f"before_{place}") for name, place in places.items()},
    )
    for fact in (dated for dated in model.dated if dated.name in code.categories):
        name, day = words.facts[fact.name], words.facts[fact.by]
        yield f"{name} = _{name}_on(claim.{day})"
        yield f"assert {name} is not None"
    counted: set[str] = set()
    for amount, step in zip(model.amounts, code.amounts, strict=True):
        for node in walk(amount.expression):
            if isinstance(node, Accumulated) and node.total.name not in counted:
                counted.add(node.total.name)
                yield from _counting(node.total, places[node.total.name], words)
        yield f"{words.amounts[amount.name]} = {expression(step.value, names)}  # line {step.line}"


def _counting(total: RunningTotal, place: int, words: Words) -> Iterator[str]:
    period, day = total.period, f"claim.{words.facts[total.date_fact]}"
    if period.kind is PeriodKind.POLICY_YEAR:
        begins = f"({period.month}, {period.day})"
        yield f"year_{place} = {day}.year - (({day}.month, {day}.day) < {begins})"
    name = escaped(total.name).replace("{", "{{").replace("}", "}}")
    yield f'key_{place} = f"{name}/{_period(period, day, place)}/{{claim.{words.facts[total.key]}}}"'
    # A ledger comes from outside: a float in it would become money, and a negative total would be paid twice.
    yield f"before_{place} = ledger.get(key_{place}, 0)"
    yield f"if type(before_{place}) is not int:"
    yield f'{INDENT}raise ClaimError({text_literal(total.name)}, "{WRONG_TYPE}")'
    yield f"if before_{place} < 0:"
    yield f'{INDENT}raise ClaimError({text_literal(total.name)}, "{NEGATIVE}")'
    yield f"after_{place} = before_{place} + {words.amounts[total.amount]}"
    yield f"ledger[key_{place}] = after_{place}"
    yield f"if after_{place} > TOP:"
    yield f'{INDENT}raise ClaimError({text_literal(total.amount)}, "{TOTAL_OUT_OF_RANGE}", ledger)'


def _period(period: Period, day: str, place: int) -> str:
    """The part of a formatted text that is the name of the period of a day, just as `Period.name_of` has it."""
    match period.kind:
        case PeriodKind.CALENDAR_YEAR:
            return f"{{{day}.year:04d}}"
        case PeriodKind.POLICY_YEAR:
            return f"{{year_{place}:04d}}"
        case PeriodKind.MONTH:
            return f"{{{day}.year:04d}}-{{{day}.month:02d}}"
        case PeriodKind.LIFETIME:
            return ""
        case _:
            assert_never(period.kind)


def _identity(total: RunningTotal, words: Words) -> str:
    fields = [words.facts[total.key], words.facts[total.date_fact], CLAIM_NUMBER]
    return ", ".join(f"claim.{field}" for field in fields)


def _order(model: Model, words: Words) -> tuple[str, ...]:
    return (*dict.fromkeys(words.facts[total.date_fact] for total in model.running_totals), CLAIM_NUMBER)


def _order_words(model: Model) -> tuple[str, ...]:
    return (*dict.fromkeys(escaped(total.date_fact) for total in model.running_totals), "claim number")


# The domain -----------------------------------------------------------------------------------------


def _rules(model: Model, words: Words) -> Iterator[_Rule]:
    """The rules of the domain, in the order in which a broken one is named."""
    yield _reason(CLAIM_NUMBER, f"_text_reason(claim.{CLAIM_NUMBER})")
    for fact in model.facts:
        yield _reason(fact.name, _reason_call(fact, words))
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            test = f"claim.{words.facts[fact.name]} > claim.{words.facts[fact.at_most]}"
            yield _Rule(test, text_literal(fact.name), text_literal(more_than(fact.at_most)), False)
    if model.in_force is not None:
        test = f"not FIRST_DAY <= claim.{words.facts[model.in_force.by]} <= LAST_DAY"
        yield _Rule(test, text_literal(model.in_force.by), f'"{NOT_IN_FORCE}"', False)
    for dated in (fact for fact in model.dated if not always_has_a_word(fact, model)):
        test = f"_{words.facts[dated.name]}_on(claim.{words.facts[dated.by]}) is None"
        yield _Rule(test, text_literal(dated.by), f'"{NOT_IN_FORCE}"', False)


def _reason(name: str, call: str) -> _Rule:
    return _Rule(f"reason := {call}", text_literal(name), "reason", True)


def _reason_call(fact: Fact, words: Words) -> str:
    value = f"claim.{words.facts[fact.name]}"
    match fact:
        case IdentifierFact():
            return f"_text_reason({value})"
        case DateFact():
            return f"_date_reason({value})"
        case MoneyFact(lowest=lowest, highest=highest) | CountFact(lowest=lowest, highest=highest):
            return f"_number_reason({value}, {number_literal(lowest)}, {number_literal(highest)})"
        case CategoryFact():
            return f"_word_reason({value}, _{words.facts[fact.name]}_words)"
        case _:
            assert_never(fact)


def _in_force(model: Model) -> _InForce | None:
    if model.in_force is None:
        return None
    return _InForce(_day(model.in_force.first), _day(model.in_force.last or date.max))


def _day(day: date) -> str:
    return f"datetime.date({day.year}, {day.month}, {day.day})"
