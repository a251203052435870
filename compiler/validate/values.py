"""What an expression of a calculator's text comes to, as terms of the solver.

Every value carries when it is NULL (None in Python): absence is a truth of its own, never a number. A text is a number
too, one that belongs to no other text; a day is `year * 10000 + month * 100 + day`, which keeps the order of days and
lets year, month and day be read off by division.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

import z3

TRUE = z3.BoolVal(True)
FALSE = z3.BoolVal(False)


class Outside(Exception):
    """Something in a text that no calculator has: it is not in the grammar whose meaning is known here.

    line  of the text, from 1; 0 where that is not known
    what  in words
    """

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, in so many bits where its language has a limit."""

    term: z3.ArithRef
    null: z3.BoolRef = FALSE
    bits: int = 64


@dataclass(frozen=True, slots=True)
class Text:
    """A text, by its number (`text_number`)."""

    term: z3.ArithRef
    null: z3.BoolRef = FALSE


@dataclass(frozen=True, slots=True)
class Day:
    """A day, by its number (`day_number`)."""

    term: z3.ArithRef
    null: z3.BoolRef = FALSE


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth; where it is NULL the term says nothing."""

    term: z3.BoolRef
    null: z3.BoolRef = FALSE


@dataclass(frozen=True, slots=True)
class Digits:
    """A day or a part of one that is a text of this form: among others of its form it compares as the number of its
    digits does, `07-15` as 715 among those of the form `00-00`."""

    term: z3.ArithRef
    null: z3.BoolRef
    form: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a space and a claim number in one text, which orders claims by both; never NULL."""

    day: z3.ArithRef
    claim: z3.ArithRef
    null: z3.BoolRef = FALSE


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes along untouched: nothing can be done with it but hand it on."""

    name: str
    null: z3.BoolRef = FALSE


@dataclass(frozen=True, slots=True)
class Row:
    """Several values together; the row itself may be NULL."""

    items: tuple[Value, ...]
    null: z3.BoolRef = FALSE


@dataclass(frozen=True, slots=True)
class Nothing:
    """NULL, of whatever type is asked for."""


@dataclass(frozen=True, slots=True)
class Given:
    """A fact as it comes in, of whatever type: what the claims table, or the one who calls, hands over.

    null    nothing is there
    kind    its type, as the number of the type's name in the language of the text
    value   the number, the text or the day that it is, where its type is right
    is_day  of a text: it is a day written the one way a day is written
    """

    name: str
    null: z3.BoolRef
    kind: z3.ArithRef
    value: z3.ArithRef
    is_day: z3.BoolRef


Value = Whole | Text | Day | Truth | Digits | Moment | Carried | Row | Nothing | Given


_NUMBERS: ContextVar[dict[str, int]] = ContextVar("numbers")


@contextmanager
def texts_numbered() -> Iterator[None]:
    """Within the block texts get their numbers anew, from 1 on: small ones, which the solver is quick with.

    A proof is a block, so that what is asked in it does not depend on what was asked before.
    """
    token = _NUMBERS.set({})
    try:
        yield
    finally:
        _NUMBERS.reset(token)


def text_number(text: str) -> int:
    """The number of a text within the block: no two texts have the same one, and none has 0."""
    numbers = _NUMBERS.get()
    return numbers.setdefault(text, len(numbers) + 1)


def text_of_number(number: int) -> str | None:
    """The text of a number; None where it is that of no text."""
    return next((text for text, of_text in _NUMBERS.get().items() if of_text == number), None)


def text(constant: str) -> Text:
    """A text that is written down."""
    return Text(z3.IntVal(text_number(constant)))


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a claim is told that is not settled: the numbers of field and reason, which are 0 where it is settled."""

    field: z3.ArithRef
    reason: z3.ArithRef


SETTLED = Refusal(z3.IntVal(0), z3.IntVal(0))


def refusal(field: str, reason: str) -> Refusal:
    """A rejection that is written down."""
    return Refusal(z3.IntVal(text_number(field)), z3.IntVal(text_number(reason)))


def refused_if(test: z3.BoolRef, one: Refusal, other: Refusal) -> Refusal:
    """One rejection where the test holds, else the other."""
    if z3.is_true(test) or one is other:
        return one
    return Refusal(z3.If(test, one.field, other.field), z3.If(test, one.reason, other.reason))


def day_number(day: date) -> int:
    """The number of a day."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_of_number(number: int) -> date:
    """The day of a number of which `is_a_day` is true."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def year_of(day: z3.ArithRef) -> z3.ArithRef:
    """The year of a day."""
    return day / 10_000


def month_of(day: z3.ArithRef) -> z3.ArithRef:
    """The month of a day, 1 to 12."""
    return day / 100 % 100


def day_of_month(day: z3.ArithRef) -> z3.ArithRef:
    """The day of its month, 1 to 31."""
    return day % 100


def is_a_day(day: z3.ArithRef) -> z3.BoolRef:
    """What is true of the number of a day, and of no other number."""
    year, month, of_month = year_of(day), month_of(day), day_of_month(day)
    leap = z3.And(year % 4 == 0, z3.Or(year % 100 != 0, year % 400 == 0))
    short = either([month == number for number in (4, 6, 9, 11)])
    return z3.And(
        *(month >= 1, month <= 12, of_month >= 1, of_month <= 31),
        z3.Implies(short, of_month <= 30),
        z3.Implies(month == 2, of_month <= 29),
        z3.Implies(z3.And(month == 2, of_month == 29), leap),
    )


def both(conditions: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """Every condition holds, as small a term as it can be."""
    kept = [condition for condition in conditions if not z3.is_true(condition)]
    if any(z3.is_false(condition) for condition in kept):
        return FALSE
    return kept[0] if len(kept) == 1 else z3.And(*kept) if kept else TRUE


def either(conditions: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """Some condition holds, as small a term as it can be."""
    kept = [condition for condition in conditions if not z3.is_false(condition)]
    if any(z3.is_true(condition) for condition in kept):
        return TRUE
    return kept[0] if len(kept) == 1 else z3.Or(*kept) if kept else FALSE


def negation(condition: z3.BoolRef) -> z3.BoolRef:
    """The condition does not hold, as small a term as it can be."""
    if z3.is_true(condition):
        return FALSE
    return TRUE if z3.is_false(condition) else z3.Not(condition)


def null_of(value: Value) -> z3.BoolRef:
    """When a value is NULL."""
    return TRUE if isinstance(value, Nothing) else value.null


def chosen(test: z3.BoolRef, one: Value, other: Value, line: int) -> Value:
    """One value where the test holds, else the other. Raises Outside where they are of two types."""
    if z3.is_true(test) or (isinstance(one, Nothing) and isinstance(other, Nothing)):
        return one
    if z3.is_false(test):
        return other
    null = _chosen_truth(test, null_of(one), null_of(other))
    match one, other:
        case Nothing(), _:
            return _with_null(other, null, line)
        case _, Nothing():
            return _with_null(one, null, line)
        case Whole(left, _, bits), Whole(right, _, others):
            return Whole(z3.If(test, left, right), null, max(bits, others))
        case Text(left), Text(right):
            return Text(z3.If(test, left, right), null)
        case Day(left), Day(right):
            return Day(z3.If(test, left, right), null)
        case Truth(holds), Truth(also):
            return Truth(_chosen_truth(test, holds, also), null)
        case Row(items), Row(others) if len(items) == len(others):
            return Row(tuple(chosen(test, a, b, line) for a, b in zip(items, others, strict=True)), null)
        case _:
            raise Outside(line, "two values of different types, of which one comes out")


def _chosen_truth(test: z3.BoolRef, one: z3.BoolRef, other: z3.BoolRef) -> z3.BoolRef:
    return one if one is other or z3.eq(one, other) else either([both([test, one]), both([negation(test), other])])


def _with_null(value: Value, null: z3.BoolRef, line: int) -> Value:
    match value:
        case Whole(term, _, bits):
            return Whole(term, null, bits)
        case Text(term):
            return Text(term, null)
        case Day(term):
            return Day(term, null)
        case Truth(holds):
            return Truth(holds, null)
        case Row(items):
            return Row(items, null)
        case _:
            raise Outside(line, "a value that may be absent, of a type that is not expected here")
