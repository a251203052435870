"""The reference meaning of a Model: exact, slow, obvious. Everything else answers to it.

`docs/semantics.md` in words; here as a program. Values are exact fractions of minor units until a `Rounded`
makes them whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
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
    Rejection,
    more_than,
)
from compiler.model import (
    CLAIM_NUMBER,
    Accumulated,
    AllOf,
    Amount,
    AmountValue,
    AnyOf,
    ByCategory,
    Capped,
    CategoryFact,
    Choice,
    Compare,
    Condition,
    Constant,
    CountFact,
    DateFact,
    Difference,
    Expression,
    Fact,
    FactInput,
    FactValue,
    IdentifierFact,
    IsOneOf,
    Largest,
    Model,
    MoneyFact,
    Not,
    Relation,
    Rounded,
    RunningTotal,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    walk,
)
from compiler.schedule import Lack, NoValueError, paid_parts
from dsl.money import DOMAIN_TOP, round_to_unit
from dsl.source import Span

Claim = Mapping[str, FactInput | None]
"""The facts of one claim by name, the claim number among them; money in minor units."""

LedgerKey = tuple[str, str, str]
"""Which running total, which period and whose: total name, period, key."""

Ledger = Mapping[LedgerKey, int]
"""The running totals so far. A total that is not in it is 0."""


# What comes out -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settled:
    """A claim that was settled: every amount of the Model by name, in minor units."""

    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Undefined:
    """A claim for which the policy does not say what to pay.

    amount  the name of the amount that has no value
    lack    why
    at      the whole amount of minor units that lies in no band or in two; None for a missing cell
    span    the schedule or table that lacks it
    """

    amount: str
    lack: Lack
    at: int | None
    span: Span


Outcome = Settled | Rejection | Undefined


# Settling -------------------------------------------------------------------------------------------


def settle(model: Model, claim: Claim, ledger: Ledger) -> tuple[Outcome, Ledger]:
    """Settle one claim after everything in the ledger; gives the outcome and the ledger after it."""
    broken = broken_rule(model, claim)
    if broken is not None:
        return broken, ledger
    claim = with_dated_words(model, claim)
    totals: dict[LedgerKey, int] = {}
    amounts: dict[str, int] = {}
    for amount in model.amounts:
        for total in totals_read_by(amount):
            key = ledger_key(total, claim)
            totals[key] = ledger.get(key, 0) + amounts[total.amount]
            if totals[key] > DOMAIN_TOP:
                return Rejection(total.amount, TOTAL_OUT_OF_RANGE), {**ledger, **totals}
        try:
            value = value_of(amount.expression, claim, amounts, ledger)
        except NoValueError as lacking:
            return Undefined(amount.name, lacking.lack, lacking.at, lacking.span), ledger
        assert value.denominator == 1, f"{amount.name} is not rounded"
        amounts[amount.name] = value.numerator
    return Settled(amounts), {**ledger, **totals}


def settle_all(model: Model, claims: Sequence[Claim]) -> tuple[Outcome, ...]:
    """Settle claims from an empty ledger, in the order that the policy sets; outcomes in the order given.

    Duplicates are found among the claims that break no rule by themselves. Where nothing is added up, the order
    of the claims means nothing and there are no duplicates.
    """
    outcomes: dict[int, Outcome] = {}
    for index, claim in enumerate(claims):
        broken = broken_rule(model, claim)
        if broken is not None:
            outcomes[index] = broken
    duplicated = _duplicates(model, {i: claim for i, claim in enumerate(claims) if i not in outcomes})
    outcomes.update((index, Rejection(CLAIM_NUMBER, DUPLICATE)) for index in duplicated)

    remaining = [index for index in range(len(claims)) if index not in outcomes]
    dates = {total.date_fact for total in model.running_totals}
    assert len(dates) <= 1, "the running totals of one policy follow one date"
    order = [*dates, CLAIM_NUMBER]
    remaining.sort(key=lambda index: tuple(str(claims[index][name]) for name in order))
    ledger: Ledger = {}
    for index in remaining:
        outcomes[index], ledger = settle(model, claims[index], ledger)
    return tuple(outcomes[index] for index in range(len(claims)))


def sum_in_period(total: RunningTotal, claims: Sequence[Claim], outcomes: Sequence[Outcome]) -> int:
    """What an amount comes to over the settled claims that count together with the last of those given.

    `outcomes` are those of the claims, in the same order; what was not settled counts nothing.
    """
    here = ledger_key(total, claims[-1])
    return sum(
        outcome.amounts[total.amount]
        for claim, outcome in zip(claims, outcomes, strict=True)
        if isinstance(outcome, Settled) and ledger_key(total, claim) == here
    )


def _duplicates(model: Model, claims: Mapping[int, Claim]) -> set[int]:
    found: set[int] = set()
    for total in model.running_totals:
        identity = {
            index: (claim[total.key], claim[total.date_fact], claim[CLAIM_NUMBER]) for index, claim in claims.items()
        }
        times = Counter(identity.values())
        found.update(index for index, same in identity.items() if times[same] > 1)
    return found


def with_dated_words(model: Model, claim: Claim) -> Claim:
    """The claim with the words that follow from its dates; it must break no rule of the domain."""
    words: dict[str, FactInput | None] = {}
    for fact in model.dated:
        day = claim[fact.by]
        assert isinstance(day, date)
        words[fact.name] = fact.word(day)
    return {**claim, **words}


def totals_read_by(amount: Amount) -> tuple[RunningTotal, ...]:
    """The running totals that the formula of an amount reads, once each."""
    found = (node.total for node in walk(amount.expression) if isinstance(node, Accumulated))
    return tuple({total.name: total for total in found}.values())


def ledger_key(total: RunningTotal, claim: Claim) -> LedgerKey:
    """Where a running total of this claim stands in the ledger."""
    key, day = claim[total.key], claim[total.date_fact]
    assert isinstance(key, str) and isinstance(day, date)
    return (total.name, total.period.name_of(day), key)


# The domain -----------------------------------------------------------------------------------------


def broken_rule(model: Model, claim: Claim) -> Rejection | None:
    """The first rule of the domain that a claim breaks by itself, in the order of `docs/semantics.md`."""
    number = claim.get(CLAIM_NUMBER)
    reason = _text_reason(number)
    if reason is not None:
        return Rejection(CLAIM_NUMBER, reason)
    for fact in model.facts:
        reason = _fact_reason(fact, claim.get(fact.name))
        if reason is not None:
            return Rejection(fact.name, reason)
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            value, limit = claim[fact.name], claim[fact.at_most]
            assert isinstance(value, int) and isinstance(limit, int)
            if value > limit:
                return Rejection(fact.name, more_than(fact.at_most))
    if model.in_force is not None:
        day = claim[model.in_force.by]
        assert isinstance(day, date)
        if day < model.in_force.first or (model.in_force.last is not None and day > model.in_force.last):
            return Rejection(model.in_force.by, NOT_IN_FORCE)
    for dated in model.dated:
        day = claim[dated.by]
        assert isinstance(day, date)
        if dated.word(day) is None:
            return Rejection(dated.by, NOT_IN_FORCE)
    return None


def _fact_reason(fact: Fact, value: object) -> str | None:
    match fact:
        case IdentifierFact():
            return _text_reason(value)
        case DateFact():
            if value is None:
                return MISSING
            return None if type(value) is date else WRONG_TYPE
        case CategoryFact(values=words):
            if value is None:
                return MISSING
            if not isinstance(value, str):
                return WRONG_TYPE
            return None if value in words else UNKNOWN_VALUE
        case MoneyFact(lowest=lowest, highest=highest) | CountFact(lowest=lowest, highest=highest):
            if value is None:
                return MISSING
            if type(value) is not int:
                return WRONG_TYPE
            if value < 0:
                return NEGATIVE
            return None if lowest <= value <= highest else OUT_OF_RANGE
        case _:
            assert_never(fact)


def _text_reason(value: object) -> str | None:
    if value is None or value == "":
        return MISSING
    return None if isinstance(value, str) else WRONG_TYPE


# Formulas -------------------------------------------------------------------------------------------


def value_of(
    node: Expression,
    claim: Claim,
    amounts: Mapping[str, int],
    ledger: Ledger,
    total: int | None = None,
) -> Fraction:
    """The exact value of a formula in minor units.

    `total` is what `TotalSoFar` stands for. Raises `NoValueError` where the policy does not say; `settle` turns that
    into `Undefined`.
    """

    def value(inner: Expression) -> Fraction:
        return value_of(inner, claim, amounts, ledger, total)

    match node:
        case Constant(number):
            return Fraction(number)
        case FactValue(name):
            fact = claim[name]
            assert isinstance(fact, int)
            return Fraction(fact)
        case AmountValue(name):
            return Fraction(amounts[name])
        case TotalSoFar():
            assert total is not None
            return Fraction(total)
        case Sum(terms):
            return sum((value(term) for term in terms), Fraction(0))
        case Difference(left, right):
            return value(left) - value(right)
        case Scaled(ratio, inner):
            return ratio * value(inner)
        case Smallest(terms):
            return min(value(term) for term in terms)
        case Largest(terms):
            return max(value(term) for term in terms)
        case Choice(condition, then, otherwise):
            return value(then) if holds(condition, claim, amounts, ledger, total) else value(otherwise)
        case ByCategory(facts, cells, span):
            key = tuple(str(claim[fact]) for fact in facts)
            for cell in cells:
                if cell.key == key:
                    return value(cell.value)
            raise NoValueError(Lack.NO_CELL, None, span)
        case Capped(inner, cap):
            return min(value(inner), value(cap))
        case Rounded(inner, mode, unit):
            return Fraction(round_to_unit(value(inner), mode, unit))
        case Accumulated(running, body):
            before = ledger.get(ledger_key(running, claim), 0)
            after = before + amounts[running.amount]
            return value_of(body, claim, amounts, ledger, after) - value_of(body, claim, amounts, ledger, before)
        case Schedule(categories=categories):
            column = tuple(str(claim[fact]) for fact in categories)
            return sum((part.gives for part in paid_parts(node, column, value)), Fraction(0))
        case _:
            assert_never(node)


def holds(
    condition: Condition,
    claim: Claim,
    amounts: Mapping[str, int],
    ledger: Ledger | None = None,
    total: int | None = None,
) -> bool:
    """Whether a condition on the facts and the settled amounts of a claim holds; ledger and total as in `value_of`."""

    def value(inner: Expression) -> Fraction:
        return value_of(inner, claim, amounts, {} if ledger is None else ledger, total)

    def also(inner: Condition) -> bool:
        return holds(inner, claim, amounts, ledger, total)

    match condition:
        case Compare(left, relation, right):
            return compare(value(left), relation, value(right))
        case IsOneOf(fact, words):
            return claim[fact] in words
        case AllOf(conditions):
            return all(also(inner) for inner in conditions)
        case AnyOf(conditions):
            return any(also(inner) for inner in conditions)
        case Not(inner):
            return not also(inner)
        case _:
            assert_never(condition)


def compare(left: Fraction, relation: Relation, right: Fraction) -> bool:
    """`left relation right`."""
    match relation:
        case Relation.LESS:
            return left < right
        case Relation.AT_MOST:
            return left <= right
        case Relation.EQUAL:
            return left == right
        case Relation.AT_LEAST:
            return left >= right
        case Relation.MORE:
            return left > right
        case _:
            assert_never(relation)
