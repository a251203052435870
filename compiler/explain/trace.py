"""One claim, step by step: which clauses decided, and what each gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from compiler.evaluate import Claim, Ledger, Outcome, Settled, holds, ledger_key, settle, value_of, with_dated_words
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    ByCategory,
    Capped,
    Choice,
    Constant,
    Deductible,
    Difference,
    Expression,
    FactValue,
    Largest,
    Model,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    Threshold,
    TotalSoFar,
)
from compiler.schedule import Part, paid_parts
from dsl.money import RoundingMode
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class TotalNote:
    """The running total that an amount is computed from, before and with this claim, in minor units."""

    total: str
    before: int
    after: int
    span: Span


@dataclass(frozen=True, slots=True)
class OpeningNote:
    """The deductible (subtracted) or threshold (passed or not) that was met, in minor units."""

    deductible: bool
    amount: int
    passed: bool
    span: Span


@dataclass(frozen=True, slots=True)
class BandNote:
    """What one band paid; its ends are exact amounts of minor units, `upper` is None for one without an end."""

    part: Part
    lower: Fraction
    upper: Fraction | None


@dataclass(frozen=True, slots=True)
class CapNote:
    """A cap, what it was applied to, and whether it cut anything off, in minor units."""

    cap: Fraction
    value: Fraction
    cut: bool
    span: Span


@dataclass(frozen=True, slots=True)
class RoundNote:
    """A rounding that changed something."""

    value: Fraction
    rounded: int
    mode: RoundingMode
    unit: int
    span: Span


@dataclass(frozen=True, slots=True)
class EarlierNote:
    """What the total before this claim had given already, which is taken off, in minor units."""

    gives: int
    span: Span


Note = TotalNote | OpeningNote | BandNote | CapNote | RoundNote | EarlierNote


@dataclass(frozen=True, slots=True)
class Step:
    """One amount of the claim, in minor units, and how it came about."""

    amount: Amount
    value: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A claim, what came of it, and the steps to it; no steps where it was not settled."""

    claim: Claim
    outcome: Outcome
    steps: tuple[Step, ...]


def trace(model: Model, claim: Claim, ledger: Ledger | None = None) -> Trace:
    """Settle one claim after everything in the ledger (none: an empty one), and keep every step."""
    before: Ledger = {} if ledger is None else ledger
    outcome, _ = settle(model, claim, before)
    if not isinstance(outcome, Settled):
        return Trace(claim, outcome, ())
    worded = with_dated_words(model, claim)
    steps = tuple(
        Step(amount, outcome.amounts[amount.name], tuple(_notes(amount.expression, worded, outcome, before, None)))
        for amount in model.amounts
    )
    return Trace(claim, outcome, steps)


def _notes(node: Expression, claim: Claim, settled: Settled, ledger: Ledger, total: int | None) -> Iterator[Note]:
    def value(inner: Expression) -> Fraction:
        return value_of(inner, claim, settled.amounts, ledger, total)

    def notes(inner: Expression) -> Iterator[Note]:
        return _notes(inner, claim, settled, ledger, total)

    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar():
            return
        case ByCategory(facts, cells):
            key = tuple(claim[fact] for fact in facts)
            yield from notes(next(cell.value for cell in cells if cell.key == key))
        case Sum(terms) | Smallest(terms) | Largest(terms):
            for term in terms:
                yield from notes(term)
        case Difference(left, right):
            yield from notes(left)
            yield from notes(right)
        case Scaled(value=inner):
            yield from notes(inner)
        case Choice(condition, then, otherwise):
            taken = holds(condition, claim, settled.amounts, ledger, total)
            yield from notes(then if taken else otherwise)
        case Capped(inner, cap, span):
            yield from notes(inner)
            yield CapNote(value(cap), value(inner), value(inner) > value(cap), span)
        case Rounded(inner, mode, unit, span):
            yield from notes(inner)
            exact, rounded = value(inner), value(node)
            if exact != rounded:
                yield RoundNote(exact, rounded.numerator, mode, unit, span)
        case Accumulated(running, body, span):
            past = ledger.get(ledger_key(running, claim), 0)
            now = past + settled.amounts[running.amount]
            yield TotalNote(running.name, past, now, running.span)
            yield from _notes(body, claim, settled, ledger, now)
            earlier = value_of(body, claim, settled.amounts, ledger, past)
            if past:
                yield EarlierNote(earlier.numerator, span)
        case Schedule():
            yield from _schedule_notes(node, claim, value)
        case _:
            assert_never(node)


def _schedule_notes(schedule: Schedule, claim: Claim, value: Callable[[Expression], Fraction]) -> Iterator[Note]:
    argument = value(schedule.argument)
    match schedule.opening:
        case Deductible(amount, span):
            deductible = value(amount)
            yield OpeningNote(True, deductible.numerator, argument > deductible, span)
        case Threshold(amount, included, span):
            line = value(amount)
            yield OpeningNote(False, line.numerator, argument >= line if included else argument > line, span)
        case None:
            pass
        case _:
            assert_never(schedule.opening)
    column = tuple(str(claim[fact]) for fact in schedule.categories)
    for part in paid_parts(schedule, column, value):
        upper = part.band.upper
        yield BandNote(part, value(part.band.lower.value), None if upper is None else value(upper.value))
