"""Plans of histories: which claims are settled after one another where it takes more of them than the solver is asked.

Whether something ever comes about is shown by any history in which it does, so a few plain ones are tried, and they are
the same whatever is asked: the same claim again and again on one day, every month, every year, or by ever more people.
How far each of them goes stands here. Nothing is settled here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product

from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    Constant,
    CountFact,
    Expression,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
    PeriodKind,
    RunningTotal,
    Schedule,
    walk,
)
from compiler.verify.days import days_of, in_force_on

LONGEST_HISTORY = 3
"""So many claims at most are asked of the solver at once, each of them as it likes."""
REPEATED = (3, 10, 100, 1_000)
"""How often it is asked for the same claim before the last one, where a flaw takes more than a few to build up."""
ON_ONE_DAY = 1_000
YEARS = 60
"""For so many years the same claim is settled every month."""
MOST_CLAIMS = 3_000
"""No history has more claims: one a year or one for each person."""
EACH = 12
"""How often each person has the claim where one is too little."""
MOST_SETTLED = 2_000
"""So many claims are settled at most for one question, or of one kind of claim."""
STILL = 24
"""After so many claims that add nothing and come after no other totals, two years of months, no more is expected."""
ALIKE = 100
"""Nor after so many that add nothing and come to the same amounts as one another."""
MOST_KINDS = 16
"""With more combinations of words than this only the first are tried, and those that pay most."""
MOST_PASTS = 60
"""So many places of plain histories are tried of which the solver is asked for what comes after them."""

Facts = Mapping[str, FactInput]
"""What a claim states, but for its number and its days."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When the same claim is settled, and whose it is.

    first    the days of the facts that no running total goes by
    by       the date facts that move from claim to claim
    days     their days, one for each claim
    others   the keys that change, where the claims are of ever more people; the other keys stay
    each     how many claims each of these people has
    """

    first: Mapping[str, date]
    by: frozenset[str]
    days: Sequence[date]
    others: frozenset[str] = frozenset()
    each: int = 1

    def claims(self, facts: Facts) -> Iterator[Mapping[str, FactInput]]:
        """The claims, in the order in which they are settled."""
        for place, day in enumerate(self.days):
            people = dict.fromkeys(self.others, _name(place // self.each))
            yield {**facts, **self.first, CLAIM_NUMBER: f"{place + 1:06d}", **dict.fromkeys(self.by, day), **people}


def plans(model: Model, totals: Sequence[RunningTotal]) -> Iterator[Plan]:
    """The same claim on one day, every month, every year; and of ever more people, where theirs count together.

    totals  that are looked at: of ever more people the key of one of them stays the same
    """
    by = _dates(model)
    if not by:
        return
    first = {name: days[0] for name, days in days_of(model).items()}
    on_one_day = [first[min(by)]] * ON_ONE_DAY
    if any(total.period.kind is PeriodKind.LIFETIME for total in totals):
        # What counts for a lifetime is looked at over years first: few claims show it.
        yield Plan(first, by, _years(model, min(by)))
    yield Plan(first, by, on_one_day)
    yield Plan(first, by, _months(model, min(by)))
    keys = frozenset(total.key for total in model.running_totals)
    for key in dict.fromkeys(total.key for total in totals):
        for each in (1, EACH) if keys - {key} else ():
            yield Plan(first, by, on_one_day[:1] * MOST_CLAIMS, keys - {key}, each)


def _dates(model: Model) -> frozenset[str]:
    """The dates that running totals go by; without any, all dates there are."""
    return frozenset(total.date_fact for total in model.running_totals) or frozenset(days_of(model))


def _months(model: Model, fact: str) -> list[date]:
    """The first day that a claim may have, and the first of every month from there on."""
    first = days_of(model)[fact][0]
    months = [(first.year + month // 12, month % 12 + 1) for month in range(12 * YEARS)]
    days = [date(year, month, 1) for year, month in months if year <= date.max.year]
    return [first, *(day for day in days if day > first and in_force_on(model, fact, day))]


def _years(model: Model, fact: str) -> list[date]:
    """The first day that a claim may have, and the same day of every year after."""
    first = days_of(model)[fact][0]
    last = min(first.year + MOST_CLAIMS, date.max.year + 1)
    same = (first.month, min(first.day, 28))
    days = [date(year, *same) for year in range(first.year + 1, last)]
    return [first, *(day for day in days if in_force_on(model, fact, day))]


def _name(place: int) -> str:
    """A name for a person: A to Z, then AA, AB and so on."""
    rest, letter = divmod(place, 26)
    return (_name(rest - 1) if rest else "") + chr(ord("A") + letter)


# Claims ---------------------------------------------------------------------------------------------


def plain_claims(model: Model) -> Iterator[Facts]:
    """Every amount as high as it may be, or ten times the largest amount that the policy speaks of."""
    categories = [fact for fact in model.facts if isinstance(fact, CategoryFact)]
    for words in islice(product(*(fact.values for fact in categories)), MOST_KINDS):
        worded = {fact.name: word for fact, word in zip(categories, words, strict=True)}
        yield from ({**worded, **numbers} for numbers in _numbers(model))


def best_first(model: Model, pays: Callable[[Facts], int]) -> Iterator[Facts]:
    """The same claims, those before them for which word by word the first claim is paid most."""
    categories = [fact for fact in model.facts if isinstance(fact, CategoryFact)]
    best: list[Facts] = []
    for numbers in _numbers(model):
        facts = {**{fact.name: fact.values[0] for fact in categories}, **numbers}
        for fact in categories:
            facts[fact.name] = max(fact.values, key=lambda word: pays({**facts, fact.name: word}))
        best.append(facts)
    best.sort(key=pays, reverse=True)
    yield from best
    yield from (facts for facts in plain_claims(model) if facts not in best)


def _numbers(model: Model) -> list[dict[str, FactInput]]:
    """The amounts and counts of a claim, and whose it is."""
    nodes = [node for amount in model.amounts for node in walk(amount.expression)]
    constants = [node.value for node in nodes if isinstance(node, Constant)]
    found: list[dict[str, FactInput]] = []
    for most, rest_at_least in product((None, 10 * max(constants, default=1)), (True, False)):
        numbers: dict[str, FactInput] = {}
        for fact in model.facts:
            match fact:
                case IdentifierFact(name):
                    numbers[name] = "A"
                case MoneyFact(name, lowest, highest, at_most):
                    high = highest if most is None else min(highest, max(most, lowest))
                    numbers[name] = lowest if at_most is not None and rest_at_least else high
                case CountFact(name, lowest, highest):
                    numbers[name] = highest if most is None else lowest
                case _:
                    pass
        if numbers not in found:
            found.append(numbers)
    return found


def amounts_named(formulas: Iterable[Expression]) -> set[int]:
    """The amounts at which clauses change their course: numbers in formulas, and where bands begin."""
    nodes = [node for formula in formulas for node in walk(formula)]
    named = {node.value for node in nodes if isinstance(node, Constant)}
    return named | {band.first for node in nodes if isinstance(node, Schedule) and node.constant for band in node.bands}
