"""One claim, step by step: which clauses decided, and what each gave.

The trace is computed beside the reference interpreter and is checked against it: a step that would not add up to the
amount that was settled is an assertion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from compiler.evaluate import Claim, Ledger, Outcome, Settled, holds, ledger_key, scheduled, settle, value_of
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Band,
    ByCategory,
    Capped,
    Choice,
    Constant,
    Deductible,
    Difference,
    Expression,
    FactValue,
    Largest,
    Manner,
    Measured,
    Model,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    Threshold,
    TotalSoFar,
)
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
    """A band that paid: the part of the amount that it paid on, its ratio and what that gives, in exact minor units."""

    band: Band
    part: Fraction
    ratio: Fraction
    gives: Fraction


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
    steps = tuple(
        Step(amount, outcome.amounts[amount.name], tuple(_notes(amount.expression, claim, outcome, before, None)))
        for amount in model.amounts
    )
    return Trace(claim, outcome, steps)


def _notes(node: Expression, claim: Claim, settled: Settled, ledger: Ledger, total: int | None) -> Iterator[Note]:
    def value(inner: Expression) -> Fraction:
        return value_of(inner, claim, settled.amounts, ledger, total)

    def notes(inner: Expression) -> Iterator[Note]:
        return _notes(inner, claim, settled, ledger, total)

    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar() | ByCategory():
            return
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
            yield from _schedule_notes(node, value(node.argument), _opening(node, value), claim)
        case _:
            assert_never(node)


def _opening(schedule: Schedule, value: Callable[[Expression], Fraction]) -> Fraction | None:
    return None if schedule.opening is None else value(schedule.opening.amount)


def _schedule_notes(schedule: Schedule, argument: Fraction, opening: Fraction | None, claim: Claim) -> Iterator[Note]:
    start, amount = 0, argument.numerator
    match schedule.opening:
        case Deductible(span=span):
            assert opening is not None
            start = opening.numerator
            yield OpeningNote(True, start, argument > start, span)
        case Threshold(included=included, span=span):
            assert opening is not None
            passed = argument >= opening if included else argument > opening
            yield OpeningNote(False, opening.numerator, passed, span)
            if not passed:
                return
        case None:
            pass
        case _:
            assert_never(schedule.opening)
    if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE:
        start, amount = 0, max(amount - start, 0)
    if amount <= start:
        return
    column = tuple(str(claim[fact]) for fact in schedule.categories)
    place = schedule.columns.index(column)
    paid = Fraction(0)
    for band, part in _parts(schedule, start, amount):
        ratio = band.ratios[place].ratio
        assert ratio is not None
        paid += ratio * part
        yield BandNote(band, Fraction(part), ratio, ratio * part)
    assert paid == scheduled(schedule, column, argument, opening), "the parts do not add up to what was settled"


def _parts(schedule: Schedule, start: int, amount: int) -> Iterator[tuple[Band, int]]:
    """The bands that pay on the stretch from `start` to `amount`, each with the length that it pays on."""
    match schedule.manner:
        case Manner.ON_THE_WHOLE:
            for band in schedule.bands:
                if band.first <= amount and (band.last is None or amount <= band.last):
                    yield band, amount - start
        case Manner.IN_SLICES:
            begins: int | None = None
            for band in sorted(schedule.bands, key=lambda band: band.first):
                low = max(band.lower.value if begins is None else begins, start)
                high = amount if band.upper is None else min(band.upper.value, amount)
                if high > low:
                    yield band, high - low
                begins = band.upper.value if band.upper is not None else None
        case _:
            assert_never(schedule.manner)
