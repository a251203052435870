"""The rules of the domain as SQL over the claims table, in the order of `docs/semantics.md`.

A row is settled where every condition is true; NULL is not true. A row that is not settled is told by the first rule
it breaks. Rules come after those they rely on: nothing is compared before its type is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import assert_never

from compiler.domain import MISSING, NEGATIVE, NOT_IN_FORCE, OUT_OF_RANGE, UNKNOWN_VALUE, WRONG_TYPE, more_than
from compiler.emit.days import always_has_a_word, stretches
from compiler.emit.dialects.dialect import Dialect, WordTests
from compiler.emit.sql_code import sql_one_of
from compiler.emit.sql_names import literal, quoted
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
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that may be wrong with a row: the field, the reason, and the condition under which it is so.

    The condition is never NULL for a row that keeps the rules before it.
    """

    field: str
    reason: str
    broken: str


@dataclass(frozen=True, slots=True)
class Read:
    """One column of the claims table: its name, its type, the expression that reads it, what the drafter says of it."""

    name: str
    type: str
    expression: str
    meaning: str


def claims_table(model: Model) -> str:
    """The name of the table, or view, that the claims are read from."""
    return f"{model.id}_claims"


def read_columns(model: Model, dialect: Dialect) -> tuple[Read, ...]:
    """The columns of the claims table that the policy reads, the claim number in front."""
    number = Read(CLAIM_NUMBER, dialect.text_type, _text(CLAIM_NUMBER, dialect), "text: the claim number, not empty")
    return (number, *(_read(fact, dialect) for fact in model.facts))


def conditions(model: Model, dialect: Dialect) -> tuple[str, ...]:
    """Every row for which all of these are true is settled."""
    found = list(_identifier_conditions(CLAIM_NUMBER, dialect))
    for fact in model.facts:
        found.extend(_conditions(fact, model, dialect))
    for name, limit in _at_most(model):
        found.append(f"{_raw(name, dialect)} <= {_raw(limit, dialect)}")
    if model.in_force is not None:
        # It says of the day that a calendar has it, too.
        found.extend(_days_within(model.in_force.by, model.in_force.first, model.in_force.last or date.max, dialect))
    for dated in model.dated:
        if not always_has_a_word(dated, model):
            found.append(_has_a_word(dated, dialect))
    return tuple(found)


def rules(model: Model, dialect: Dialect) -> tuple[Rule, ...]:
    """Everything that may be wrong with a row by itself, what is to be named first in front."""
    found = list(_identifier_rules(CLAIM_NUMBER, dialect))
    for fact in model.facts:
        found.extend(_rules(fact, dialect))
    for name, limit in _at_most(model):
        found.append(Rule(name, more_than(limit), f"{_raw(name, dialect)} > {_raw(limit, dialect)}"))
    if model.in_force is not None:
        by = _raw(model.in_force.by, dialect)
        first, last = (_day(day, dialect) for day in (model.in_force.first, model.in_force.last))
        outside = f"{by} < {first}" if last is None else f"{by} NOT BETWEEN {first} AND {last}"
        found.append(Rule(model.in_force.by, NOT_IN_FORCE, outside))
    for dated in model.dated:
        if not always_has_a_word(dated, model):
            found.append(Rule(dated.by, NOT_IN_FORCE, f"NOT ({_has_a_word(dated, dialect)})"))
    return tuple(found)


def _at_most(model: Model) -> Iterator[tuple[str, str]]:
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            yield fact.name, fact.at_most


# Days -----------------------------------------------------------------------------------------------


def dated_word(fact: DatedFact, dialect: Dialect) -> str:
    """The word of a dated category for a row that keeps the rules, whose day is in some arm."""
    by = _raw(fact.by, dialect)
    *earlier, last = fact.arms
    if not earlier:
        return dialect.word.format(literal(last.word, dialect))
    tests = " ".join(
        f"WHEN {by} < {_day(after.first, dialect)} THEN {literal(arm.word, dialect)}"
        for arm, after in pairwise(fact.arms)
    )
    return dialect.word.format(f"CASE {tests} ELSE {literal(last.word, dialect)} END")


def _has_a_word(fact: DatedFact, dialect: Dialect) -> str:
    by = _raw(fact.by, dialect)
    tests = []
    for first, last in stretches(fact.arms):
        begins, ends = _day(first, dialect), _day(last, dialect)
        tests.append(f"{by} >= {begins}" if last == date.max else f"{by} BETWEEN {begins} AND {ends}")
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


# One fact -------------------------------------------------------------------------------------------


def _read(fact: Fact, dialect: Dialect) -> Read:
    match fact:
        case IdentifierFact(name):
            return Read(name, dialect.text_type, _text(name, dialect), "text, not empty")
        case CategoryFact(name, words):
            one_of = " | ".join(literal(word, dialect) for word in words)
            return Read(name, dialect.text_type, _text(name, dialect), f"text: {one_of}")
        case DateFact(name):
            return Read(
                name,
                dialect.date_type,
                dialect.read_date.format(_raw(name, dialect)),
                "a day, 0001-01-01 to 9999-12-31",
            )
        case MoneyFact(name, lowest, highest, at_most):
            limit = "" if at_most is None else f", at most {at_most}"
            meaning = f"minor units, {lowest:,} to {highest:,}{limit}"
            return Read(name, dialect.whole_type, dialect.read_whole.format(_raw(name, dialect)), meaning)
        case CountFact(name, lowest, highest):
            meaning = f"a whole number, {lowest:,} to {highest:,}"
            return Read(name, dialect.whole_type, dialect.read_whole.format(_raw(name, dialect)), meaning)
        case _:
            assert_never(fact)


def _conditions(fact: Fact, model: Model, dialect: Dialect) -> Iterator[str]:
    match fact:
        case IdentifierFact(name):
            yield from _identifier_conditions(name, dialect)
        case CategoryFact(name, words):
            if not dialect.words_apart or any(map(_like_a_number, words)):
                yield from _typed(dialect.is_text, name, dialect)
            one_of = sql_one_of(_text(name, dialect), words, dialect)
            # A test that is never NULL is taken once for each word of a dictionary, a filter once for each row.
            never_null = dialect.word_tests is WordTests.DICTIONARY and len(words) > 1
            yield f"({one_of}) IS TRUE" if never_null else f"({one_of})" if " OR " in one_of else one_of
        case DateFact(name):
            yield from _typed(dialect.sure_date or dialect.is_date, name, dialect)
            if model.in_force is not None and model.in_force.by == name:
                return
            if dialect.hold_date is not None:
                yield from _days_within(name, date.min, date.max, dialect)
            else:
                yield from _typed(dialect.calendar or "{} IS NOT NULL", name, dialect)
        case MoneyFact(name, lowest, highest) | CountFact(name, lowest, highest):
            yield from _typed(dialect.sure_whole or dialect.is_whole, name, dialect)
            yield from _within(name, str(lowest), str(highest), dialect.hold_whole, dialect)
        case _:
            assert_never(fact)


def _like_a_number(word: str) -> bool:
    return word.lstrip().lstrip("+-.")[:1].isdigit()


def _days_within(name: str, first: date, last: date, dialect: Dialect) -> Iterator[str]:
    lowest, highest = (dialect.date_literal.format(day.isoformat()) for day in (first, last))
    return _within(name, lowest, highest, dialect.hold_date, dialect)


def _within(name: str, lowest: str, highest: str, hold: str | None, dialect: Dialect) -> Iterator[str]:
    raw = _raw(name, dialect)
    if hold is None:
        yield f"{raw} BETWEEN {lowest} AND {highest}"
        return
    # Engines that take BETWEEN for two comparisons would hold the type fast twice.
    yield f"{hold.format(raw)} >= {lowest}"
    yield f"{raw} <= {highest}"


def _rules(fact: Fact, dialect: Dialect) -> Iterator[Rule]:
    raw = _raw(fact.name, dialect)
    match fact:
        case IdentifierFact(name):
            yield from _identifier_rules(name, dialect)
        case CategoryFact(name, words):
            yield Rule(name, MISSING, f"{raw} IS NULL")
            yield from _mistyped(dialect.is_text, name, dialect)
            yield Rule(name, UNKNOWN_VALUE, f"NOT ({sql_one_of(_text(name, dialect), words, dialect)})")
        case DateFact(name):
            yield Rule(name, MISSING, f"{raw} IS NULL")
            tests = [test.format(raw) for test in (dialect.is_date, dialect.calendar) if test is not None]
            if tests:
                yield Rule(name, WRONG_TYPE, f"({' AND '.join(tests)}) IS NOT TRUE")
        case MoneyFact(name, lowest, highest) | CountFact(name, lowest, highest):
            yield Rule(name, MISSING, f"{raw} IS NULL")
            yield from _mistyped(dialect.is_whole, name, dialect)
            yield Rule(name, NEGATIVE, f"{raw} < 0")
            yield Rule(name, OUT_OF_RANGE, f"{raw} NOT BETWEEN {lowest} AND {highest}")
        case _:
            assert_never(fact)


def _identifier_conditions(name: str, dialect: Dialect) -> Iterator[str]:
    if dialect.sure_text is not None:
        yield from _typed(dialect.sure_text, name, dialect)
        return
    yield from _typed(dialect.is_text, name, dialect)
    yield f"{(dialect.hold_text or dialect.read_text).format(_raw(name, dialect))} <> ''"


def _identifier_rules(name: str, dialect: Dialect) -> Iterator[Rule]:
    yield Rule(name, MISSING, f"{_raw(name, dialect)} IS NULL")
    yield from _mistyped(dialect.is_text, name, dialect)
    yield Rule(name, MISSING, f"{_text(name, dialect)} = ''")


def _typed(pattern: str | None, name: str, dialect: Dialect) -> Iterator[str]:
    if pattern is not None:
        yield pattern.format(_raw(name, dialect))


def _mistyped(pattern: str | None, name: str, dialect: Dialect) -> Iterator[Rule]:
    if pattern is not None:
        yield Rule(name, WRONG_TYPE, f"({pattern.format(_raw(name, dialect))}) IS NOT TRUE")


def _raw(name: str, dialect: Dialect) -> str:
    # With the table in front a quoted name can only be a column; SQLite reads an unknown one alone as a text constant.
    return f"c.{quoted(name, dialect)}"


def _text(name: str, dialect: Dialect) -> str:
    return dialect.read_text.format(_raw(name, dialect))


def _day(day: date | None, dialect: Dialect) -> str | None:
    return None if day is None else dialect.date_literal.format(day.isoformat())
