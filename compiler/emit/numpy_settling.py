"""The statements of a NumPy calculator that read columns, reject claims, and put running totals between the stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import assert_never

from compiler.domain import (
    DUPLICATE,
    MISSING,
    NEGATIVE,
    NOT_IN_FORCE,
    OUT_OF_RANGE,
    TOTAL_OUT_OF_RANGE,
    UNKNOWN_VALUE,
    WRONG_TYPE,
    more_than,
)
from compiler.emit.code import AmountCode, totals_read
from compiler.emit.days import always_has_a_word, stretches
from compiler.emit.integer import WholeNumberCode
from compiler.emit.python_lines import INDENT
from compiler.emit.python_names import number_literal, text_literal
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DatedFact,
    DateFact,
    Fact,
    IdentifierFact,
    Model,
    MoneyFact,
    Period,
    PeriodKind,
    RunningTotal,
)


def day_literal(day: date) -> str:
    """A day as NumPy writes it."""
    return f'np.datetime64("{day.isoformat()}")'


def rules_of(model: Model) -> Iterator[tuple[str, str]]:
    """The field and the reason of every rule, in the order in which a broken one is named."""
    yield from ((CLAIM_NUMBER, reason) for reason in (MISSING, WRONG_TYPE))
    for fact in model.facts:
        yield from ((fact.name, reason) for reason in _reasons(fact))
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            yield fact.name, more_than(fact.at_most)
    if model.in_force is not None:
        yield model.in_force.by, NOT_IN_FORCE
    for dated in _with_holes(model):
        if model.in_force is None or dated.by != model.in_force.by:
            yield dated.by, NOT_IN_FORCE
    if model.running_totals:
        yield CLAIM_NUMBER, DUPLICATE
    yield from dict.fromkeys((total.amount, TOTAL_OUT_OF_RANGE) for total in model.running_totals)


def _with_holes(model: Model) -> Iterator[DatedFact]:
    yield from (fact for fact in model.dated if not always_has_a_word(fact, model))


def _reasons(fact: Fact) -> tuple[str, ...]:
    match fact:
        case IdentifierFact() | DateFact():
            return (MISSING, WRONG_TYPE)
        case MoneyFact() | CountFact():
            return (MISSING, NEGATIVE, OUT_OF_RANGE)
        case CategoryFact():
            return (MISSING, WRONG_TYPE, UNKNOWN_VALUE)
        case _:
            assert_never(fact)


def reading(model: Model, rules: Sequence[tuple[str, str]], lists: Mapping[str, str]) -> Iterator[str]:
    """The statements that read the columns and number the claims that break a rule by themselves.

    `lists` are the names of the lists of words, by category.
    """
    keys = {total.key for total in model.running_totals}
    claim = f"_text(columns, {text_literal(CLAIM_NUMBER)}, rule, 1)"
    yield f"text_0 = {claim}" if keys else claim
    for place, fact in enumerate(model.facts, 1):
        name = text_literal(fact.name)
        number = rules.index((fact.name, MISSING)) + 1
        match fact:
            case IdentifierFact():
                call = f"_text(columns, {name}, rule, {number})"
                yield f"text_{place} = {call}" if fact.name in keys else call
            case DateFact():
                yield f"live[{name}] = _day(columns, {name}, rule, {number})"
            case MoneyFact(lowest=lowest, highest=highest) | CountFact(lowest=lowest, highest=highest):
                bounds = f"{number_literal(lowest)}, {number_literal(highest)}"
                yield f"live[{name}] = _whole(columns, {name}, {bounds}, rule, {number})"
            case CategoryFact():
                yield f"live[{name}] = _word(columns, {name}, {lists[fact.name]}, rule, {number})"
            case _:
                assert_never(fact)
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            number = rules.index((fact.name, more_than(fact.at_most))) + 1
            yield f"_mark(rule, live[{text_literal(fact.name)}] > live[{text_literal(fact.at_most)}], {number})"
    if model.in_force is not None:
        day = f"live[{text_literal(model.in_force.by)}]"
        number = rules.index((model.in_force.by, NOT_IN_FORCE)) + 1
        yield f"_mark(rule, ({day} < FIRST_DAY) | ({day} > LAST_DAY), {number})"
    for dated in _with_holes(model):
        day = f"live[{text_literal(dated.by)}]"
        within = " | ".join(
            f"(({day} >= {day_literal(first)}) & ({day} <= {day_literal(last)}))"
            for first, last in stretches(dated.arms)
        )
        yield f"_mark(rule, np.logical_not({within}), {rules.index((dated.by, NOT_IN_FORCE)) + 1})"


def settling(
    model: Model, code: WholeNumberCode, stages: Sequence[tuple[AmountCode, ...]], rules: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """The statements that settle the claims that break no rule by themselves."""
    texts = {fact.name: f"text_{place}" for place, fact in enumerate(model.facts, 1)}
    for fact in (one for one in model.dated if one.name in code.categories):
        yield from _dating(fact, model)
    keys = dict.fromkeys(total.key for total in model.running_totals)
    for key in keys:
        (day,) = dict.fromkeys(total.date_fact for total in model.running_totals)
        number = rules.index((CLAIM_NUMBER, DUPLICATE)) + 1
        yield f"book = _ordered(book, {text_literal(key)}, {texts[key]}, {text_literal(day)}, text_0, rule, {number})"
    if keys:
        yield "book = _less(book, rule)"
    totals = {total.name: (place, total) for place, total in enumerate(model.running_totals, 1)}
    counted: set[str] = set()
    for number, stage in enumerate(stages, 1):
        for name in dict.fromkeys(name for amount in stage for name in totals_read(amount.value)):
            if name not in counted:
                counted.add(name)
                place, total = totals[name]
                yield from _counting(place, total, texts[total.key], rules)
        names = ", ".join(text_literal(amount.name) for amount in stage)
        yield from (
            "book = _computed(",
            f"{INDENT}book, ({names},), _amounts_{number}, {len(code.functions) + number - 1} if compiled else -1",
            ")",
        )


def _dating(fact: DatedFact, model: Model) -> Iterator[str]:
    """What word a claim's day falls under; between two arms with a hole there is no claim any more."""
    words = model.categories[fact.name]
    begins = [f'"{arm.first.isoformat()}"' for arm in fact.arms]
    places = [str(words.index(arm.word)) for arm in fact.arms]
    assert all(earlier.first < later.first for earlier, later in pairwise(fact.arms))
    yield f"live[{text_literal(fact.name)}] = _dated("
    yield f"{INDENT}live[{text_literal(fact.by)}],"
    yield from (f"{INDENT}({', '.join(begins)},),", f"{INDENT}({', '.join(places)},),", ")")


def _counting(place: int, total: RunningTotal, text: str, rules: Sequence[tuple[str, str]]) -> Iterator[str]:
    period, name = _period(total.period, f"book.live[{text_literal(total.date_fact)}]")
    rule = rules.index((total.amount, TOTAL_OUT_OF_RANGE)) + 1
    yield f"total_{place} = _Total("
    yield f"{INDENT}{place}, {text_literal(total.name)}, {text_literal(total.amount)},"
    yield f"{INDENT}{text_literal(total.key)}, {text}, {name}, {rule},"
    yield ")"
    yield f"book = _counted(book, rule, ledger, total_{place}, {period})"


def _period(period: Period, days: str) -> tuple[str, str]:
    """The periods of days as numbers, and the function that names one."""
    match period.kind:
        case PeriodKind.CALENDAR_YEAR:
            return f"_years({days})", "_year_name"
        case PeriodKind.POLICY_YEAR:
            return f"_policy_years({days}, {period.month}, {period.day})", "_year_name"
        case PeriodKind.MONTH:
            return f"_months({days})", "_month_name"
        case PeriodKind.LIFETIME:
            return f"_no_period({days})", "_no_name"
        case _:
            assert_never(period.kind)
