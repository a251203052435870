"""What the Model says of every claim, as terms: the side of the equation that does not come from the text.

The variables of a question: each fact as it comes in, each running total before the claim (anything from 0), and the
*cuts*: each amount, and the word of each category that follows from a date. A cut stands for a value on both sides once
that value was proved equal, so that a question is never larger than one step of the policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from typing import TypeVar, assert_never

import z3

from compiler.domain import (
    MISSING,
    NEGATIVE,
    NOT_IN_FORCE,
    OUT_OF_RANGE,
    TOTAL_OUT_OF_RANGE,
    UNKNOWN_VALUE,
    WRONG_TYPE,
    more_than,
)
from compiler.model import (
    CLAIM_NUMBER,
    Amount,
    CategoryFact,
    CountFact,
    DatedFact,
    DateFact,
    Expression,
    Fact,
    IdentifierFact,
    Model,
    MoneyFact,
    Period,
    PeriodKind,
    RunningTotal,
    totals_in,
)
from compiler.ranges import value_ranges
from compiler.validate.values import (
    FALSE,
    SETTLED,
    TRUE,
    Given,
    Refusal,
    both,
    day_number,
    either,
    is_a_day,
    negation,
    refusal,
    refused_if,
    text_number,
    year_of,
)
from compiler.verify.encode import Setting, encode, whole
from dsl.money import DOMAIN_TOP

T = TypeVar("T", z3.ArithRef, z3.BoolRef, z3.ExprRef)

FIRST_DAY, LAST_DAY = 1_01_01, 9999_12_31


class Sort(Enum):
    """What a fact is to a language: the types that a language has for it are its own matter."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The types of a language that are right for a fact, by their names; None where the text cannot meet another.

    days_are_texts  a day is a text of one form
    days_in_range   every day is one of the years 1 to 9999
    days_to_9999    no day is of a later year
    """

    text: frozenset[str] | None
    day: frozenset[str] | None
    number: frozenset[str] | None
    days_are_texts: bool = False
    days_in_range: bool = False
    days_to_9999: bool = False

    def of(self, sort: Sort) -> frozenset[str] | None:
        """The types that are right for a sort of fact."""
        match sort:
            case Sort.TEXT:
                return self.text
            case Sort.DAY:
                return self.day
            case Sort.NUMBER:
                return self.number
            case _:
                assert_never(sort)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the domain: when a claim breaks it, and how it is told."""

    broken: z3.BoolRef
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """The Model as terms.

    kinds    the types that are right in the language of the text
    given    every fact as it comes in, the claim number among them
    rules    the rules of the domain, in the order in which a broken one is named
    valid    what is true of the values of a claim that breaks none of them
    unbroken that none of them is broken, which says too that every value is there and of the right type
    words    the cut of each dated category; those whose words follow in the same way from the same day share one
    dated    what each of them is, in terms of its day; the number of the word
    amounts  the cut of each amount
    ranges   what is known of each of these: the interval that it lies in for every claim of a proved policy
    before   each running total before the claim
    """

    model: Model
    kinds: Kinds
    given: Mapping[str, Given]
    rules: tuple[Rule, ...]
    valid: tuple[z3.BoolRef, ...]
    unbroken: tuple[z3.BoolRef, ...]
    words: Mapping[str, z3.ArithRef]
    dated: Mapping[str, z3.ArithRef]
    amounts: Mapping[str, z3.ArithRef]
    ranges: Mapping[str, z3.BoolRef]
    before: Mapping[str, z3.ArithRef]


def meaning(model: Model, kinds: Kinds) -> Meaning:
    """What the Model says, of claims that come in with these types."""
    given = {name: _given(name) for name in (CLAIM_NUMBER, *(fact.name for fact in model.facts))}
    same = {(fact.by, fact.arms): fact.name for fact in reversed(model.dated)}
    words = {fact.name: z3.Int(f"word {same[fact.by, fact.arms]}") for fact in model.dated}
    amounts = {amount.name: z3.Int(f"amount {amount.name}") for amount in model.amounts}
    found = value_ranges(model)
    rules = tuple(_rules(model, given, kinds))
    return Meaning(
        model,
        kinds,
        given,
        rules,
        tuple(_valid(model, given)),
        tuple(negation(rule.broken) for rule in rules),
        words,
        {fact.name: _word_on(fact, given[fact.by].value) for fact in model.dated},
        amounts,
        {
            name: z3.And(term >= int(found[name].lowest), term <= int(found[name].highest))
            for name, term in amounts.items()
        },
        {total.name: z3.Int(f"before {total.name}") for total in model.running_totals},
    )


def _given(name: str) -> Given:
    return Given(
        name, z3.Bool(f"null {name}"), z3.Int(f"kind {name}"), z3.Int(f"fact {name}"), z3.Bool(f"is a day {name}")
    )


def sort_of(fact: Fact) -> Sort:
    """The sort of a fact."""
    match fact:
        case IdentifierFact() | CategoryFact():
            return Sort.TEXT
        case DateFact():
            return Sort.DAY
        case MoneyFact() | CountFact():
            return Sort.NUMBER
        case _:
            assert_never(fact)


# The domain -----------------------------------------------------------------------------------------


def _rules(model: Model, given: Mapping[str, Given], kinds: Kinds) -> Iterator[Rule]:
    """`docs/semantics.md`, "Values that are missing or wrong", rule after rule."""
    yield from _text_rules(given[CLAIM_NUMBER], kinds)
    for fact in model.facts:
        yield from _fact_rules(fact, given[fact.name], kinds)
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            more = given[fact.name].value > given[fact.at_most].value
            yield Rule(more, fact.name, more_than(fact.at_most))
    if model.in_force is not None:
        day = given[model.in_force.by].value
        outside = [day < day_number(model.in_force.first)]
        if model.in_force.last is not None:
            outside.append(day > day_number(model.in_force.last))
        yield Rule(either(outside), model.in_force.by, NOT_IN_FORCE)
    for dated in model.dated:
        yield Rule(negation(_in_some_arm(dated, given[dated.by].value)), dated.by, NOT_IN_FORCE)


def _fact_rules(fact: Fact, given: Given, kinds: Kinds) -> Iterator[Rule]:
    match fact:
        case IdentifierFact():
            yield from _text_rules(given, kinds)
        case CategoryFact(values=words):
            yield Rule(given.null, fact.name, MISSING)
            yield Rule(negation(_right(given, kinds.text)), fact.name, WRONG_TYPE)
            yield Rule(negation(_one_of(given.value, words)), fact.name, UNKNOWN_VALUE)
        case DateFact():
            yield Rule(given.null, fact.name, MISSING)
            form = [given.is_day] if kinds.days_are_texts else []
            within = [given.value >= FIRST_DAY, given.value <= LAST_DAY]
            yield Rule(negation(both([_right(given, kinds.day), *form, *within])), fact.name, WRONG_TYPE)
        case MoneyFact(lowest=lowest, highest=highest) | CountFact(lowest=lowest, highest=highest):
            yield Rule(given.null, fact.name, MISSING)
            yield Rule(negation(_right(given, kinds.number)), fact.name, WRONG_TYPE)
            yield Rule(given.value < 0, fact.name, NEGATIVE)
            yield Rule(either([given.value < lowest, given.value > highest]), fact.name, OUT_OF_RANGE)
        case _:
            assert_never(fact)


def _text_rules(given: Given, kinds: Kinds) -> Iterator[Rule]:
    right = _right(given, kinds.text)
    yield Rule(either([given.null, both([right, given.value == text_number("")])]), given.name, MISSING)
    yield Rule(negation(right), given.name, WRONG_TYPE)


def _right(given: Given, kinds: frozenset[str] | None) -> z3.BoolRef:
    return TRUE if kinds is None else either([given.kind == text_number(kind) for kind in sorted(kinds)])


def _one_of(term: z3.ArithRef, words: Sequence[str]) -> z3.BoolRef:
    return either([term == text_number(word) for word in words])


def _valid(model: Model, given: Mapping[str, Given]) -> Iterator[z3.BoolRef]:
    """What is true of the values of a claim that breaks no rule."""
    for fact in model.facts:
        value = given[fact.name].value
        match fact:
            case IdentifierFact():
                yield value != text_number("")
            case CategoryFact(values=words):
                yield _one_of(value, words)
            case DateFact():
                yield both([value >= FIRST_DAY, value <= LAST_DAY, is_a_day(value)])
            case MoneyFact(lowest=lowest, highest=highest, at_most=at_most):
                yield both([value >= lowest, value <= highest])
                if at_most is not None:
                    yield value <= given[at_most].value
            case CountFact(lowest=lowest, highest=highest):
                yield both([value >= lowest, value <= highest])
            case _:
                assert_never(fact)
    if model.in_force is not None:
        day = given[model.in_force.by].value
        yield day >= day_number(model.in_force.first)
        if model.in_force.last is not None:
            yield day <= day_number(model.in_force.last)
    for dated in model.dated:
        yield _in_some_arm(dated, given[dated.by].value)


def always(meant: Meaning) -> tuple[z3.BoolRef, ...]:
    """What is true of whatever comes in: a day has a month and a day of the month."""
    days = [meant.given[fact.name].value for fact in meant.model.facts if isinstance(fact, DateFact)]
    within = [both([day >= FIRST_DAY, day <= LAST_DAY]) for day in days if meant.kinds.days_in_range]
    ends = [day <= LAST_DAY for day in days if meant.kinds.days_to_9999]
    return (*(is_a_day(day) for day in days), *within, *ends)


def is_valid_day(meant: Meaning, fact: str, day: z3.ArithRef) -> z3.BoolRef:
    """A day that a claim can have which breaks no rule."""
    known = meant.given[fact].value
    return both([z3.substitute(one, (known, day)) for one in meant.valid if _speaks_of(one, known)])


def _speaks_of(term: z3.ExprRef, variable: z3.ArithRef) -> bool:
    """Whether a variable, and no other one, stands in a term."""
    if z3.is_const(term):
        return bool(z3.eq(term, variable)) or z3.is_int_value(term)
    return all(_speaks_of(child, variable) for child in term.children())


def word_term(meant: Meaning, category: str) -> z3.ArithRef:
    """The word of a claim in a category, stated or dated."""
    return meant.words[category] if category in meant.words else meant.given[category].value


# Days -----------------------------------------------------------------------------------------------


def _arms(fact: DatedFact, day: z3.ArithRef) -> Iterator[tuple[z3.BoolRef, str]]:
    for arm in fact.arms:
        ends = [] if arm.last is None else [day <= day_number(arm.last)]
        yield both([day >= day_number(arm.first), *ends]), arm.word


def _in_some_arm(fact: DatedFact, day: z3.ArithRef) -> z3.BoolRef:
    return either([within for within, _ in _arms(fact, day)])


def _word_on(fact: DatedFact, day: z3.ArithRef) -> z3.ArithRef:
    found: z3.ArithRef = z3.IntVal(0)
    for within, word in reversed(list(_arms(fact, day))):
        found = z3.If(within, z3.IntVal(text_number(word)), found)
    return found


def period_number(period: Period, day: z3.ArithRef) -> z3.ArithRef:
    """A number that two days share exactly where they fall in the same period."""
    match period.kind:
        case PeriodKind.CALENDAR_YEAR:
            return year_of(day)
        case PeriodKind.POLICY_YEAR:
            begun = day % 10_000 >= period.month * 100 + period.day
            return z3.If(begun, year_of(day), year_of(day) - 1)
        case PeriodKind.MONTH:
            return day / 100
        case PeriodKind.LIFETIME:
            return z3.IntVal(0)
        case _:
            assert_never(period.kind)


# Amounts --------------------------------------------------------------------------------------------


def totals_opened(model: Model, amount: str) -> tuple[RunningTotal, ...]:
    """The running totals that amounts up to and including this one read, in the order in which they are met."""
    found: dict[str, RunningTotal] = {}
    for one in model.amounts:
        found.update((total.name, total) for total in totals_in(one.expression) if total.name not in found)
        if one.name == amount:
            break
    return tuple(found.values())


def earlier(model: Model, amount: str) -> tuple[str, ...]:
    """The names of the amounts before this one."""
    names = [one.name for one in model.amounts]
    return tuple(names[: names.index(amount)])


def after(meant: Meaning, total: RunningTotal) -> z3.ArithRef:
    """The running total with this claim."""
    return meant.before[total.name] + meant.amounts[total.amount]


def within_totals(meant: Meaning, totals: Sequence[RunningTotal]) -> list[z3.BoolRef]:
    """These totals are what a total of a claim that is settled can be."""
    return [fact for total in totals for fact in (meant.before[total.name] >= 0, after(meant, total) <= DOMAIN_TOP)]


def setting(meant: Meaning, cell: Mapping[str, str]) -> Setting:
    """What the names of a formula stand for, with the words of a cell."""
    values = meant.model.categories
    stands: dict[str, str | z3.ArithRef] = {}
    for name, words in values.items():
        term = word_term(meant, name)
        stands[name] = cell[name] if name in cell else place_of(term, words)
    numbers = {
        fact.name: meant.given[fact.name].value for fact in meant.model.facts if isinstance(fact, MoneyFact | CountFact)
    }
    return Setting(stands, values, {**numbers, **meant.amounts}, meant.before, None, {})


def place_of(term: z3.ArithRef, words: Sequence[str]) -> z3.ArithRef:
    """The place of a word among the words of its category."""
    places = [(word, z3.IntVal(place)) for place, word in enumerate(words)]
    return reduce(lambda found, one: z3.If(term == text_number(one[0]), one[1], found), reversed(places), z3.IntVal(-1))


def in_cell(meant: Meaning, cell: Mapping[str, str]) -> list[z3.BoolRef]:
    """The claim has the words of a cell, and some word in every other dated category."""
    found = []
    for name, words in meant.model.categories.items():
        found.append(_one_of(word_term(meant, name), (cell[name],) if name in cell else words))
    return found


def for_words(term: T, meant: Meaning, cell: Mapping[str, str]) -> T:
    """A term for claims with the words of a cell, which lets most of it fall away."""
    words = [(word_term(meant, name), z3.IntVal(text_number(word))) for name, word in cell.items()]
    found: T = z3.simplify(z3.substitute(term, *words))
    return found


@dataclass(frozen=True, slots=True)
class Formula:
    """An amount in terms of facts and earlier cuts, and when it has a value."""

    value: z3.ArithRef
    has_value: z3.BoolRef


def formula(
    meant: Meaning, amount: Amount, cell: Mapping[str, str], cuts: Mapping[Expression, z3.ArithRef] | None = None
) -> Formula:
    """What the Model says that an amount is, in one category cell; `cuts` are clauses that stand for a value."""
    term = encode(amount.expression, replace(setting(meant, cell), cuts=cuts or {}))
    lacking = [both([visit.guard, visit.lacking]) for visit in term.visits if visit.lacking is not None]
    return Formula(whole(term), negation(either(lacking)))


def settling_rules(meant: Meaning, ledger: bool) -> Iterator[Rule]:
    """What may be wrong once a claim breaks no rule of its own: its running totals, in the order of the amounts.

    ledger  totals before come from a ledger that may hold anything (`ledger_entry`)
    """
    for total in meant.model.running_totals:
        if ledger:
            entry = ledger_entry(total)
            yield Rule(entry.kind != text_number("int"), total.name, WRONG_TYPE)
            yield Rule(meant.before[total.name] < 0, total.name, NEGATIVE)
        yield Rule(after(meant, total) > DOMAIN_TOP, total.amount, TOTAL_OUT_OF_RANGE)


def ledger_entry(total: RunningTotal) -> Given:
    """What stands in the ledger for a total; nothing stands for 0."""
    name = f"before {total.name}"
    return Given(name, FALSE, z3.Int(f"kind {name}"), z3.Int(name), FALSE)


def first_broken(rules: Sequence[Rule]) -> Refusal:
    """How a claim is told, by the first rule that it breaks."""
    found = SETTLED
    for rule in reversed(rules):
        found = refused_if(rule.broken, refusal(rule.field, rule.reason), found)
    return found


def with_definitions(meant: Meaning, names: Sequence[str], cell: Mapping[str, str]) -> list[z3.BoolRef]:
    """What the cuts of these amounts really are, and that they have a value; and the same of every dated word."""
    found = [meant.words[name] == term for name, term in meant.dated.items()]
    for name in names:
        known = formula(meant, meant.model.amount(name), cell)
        found += [meant.amounts[name] == known.value, known.has_value]
    return found
