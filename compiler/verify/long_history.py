"""Plain histories: claims settled one after another on a day, for years, or by one person after another. No solver.

What a clause adds up over months, years or the members of a family may need more claims than the solver can be asked
about at once. Whether it ever comes to something is shown by any history in which it does, so a few plain ones are
tried: the same claim again and again on one day, every month, every year, or by ever more people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise, product

from compiler.evaluate import (
    Claim,
    Ledger,
    LedgerKey,
    Settled,
    ledger_key,
    settle,
    settle_all,
    sum_in_period,
    with_dated_words,
)
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    Constant,
    CountFact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
    PeriodKind,
    RunningTotal,
    walk,
)
from compiler.verify.days import days_of, in_force_on
from compiler.verify.ground import narrowed

METHOD = "a long history of claims, settled one after another"
ON_ONE_DAY = 1_000
YEARS = 60
"""For so many years the same claim is settled every month."""
MOST_CLAIMS = 3_000
"""No history has more claims: one a year or one for each person."""
EACH = 12
"""How often each person has the claim where one is too little."""
MOST_SETTLED = 2_000
"""So many claims are settled at most, in all the histories that are tried for one question."""
STILL = 24
"""After so many claims that add nothing and come after no other totals, two years of months, no more is expected."""
ALIKE = 100
"""Nor after so many that add nothing and come to the same amounts as one another."""
MOST_KINDS = 16
"""With more combinations of words than this only the first are tried, and those that pay most."""

Facts = Mapping[str, FactInput]
"""What a claim states, but for its number and its days."""


# What is added up -----------------------------------------------------------------------------------


def first_over(model: Model, total: RunningTotal, limit: int, words: Mapping[str, str]) -> tuple[Claim, ...] | None:
    """The first claims of a history after which an amount comes to more than a limit over its key and period.

    The last of them has these words. Claims that add nothing are left out where it comes to more without them too.
    They were settled once more, one after another.
    """
    behind = narrowed(model, frozenset({total.amount}))
    effort = iter(range(MOST_SETTLED))
    for facts in plain_claims(behind):
        for history in histories(behind, facts, (total,)):
            for claims in _over(behind, history, total, limit, words, effort):
                outcomes = settle_all(behind, claims)
                if isinstance(outcomes[-1], Settled) and sum_in_period(total, claims, outcomes) > limit:
                    return claims
    return None


def _over(
    model: Model,
    history: Iterable[Claim],
    total: RunningTotal,
    limit: int,
    words: Mapping[str, str],
    effort: Iterator[int],
) -> Iterator[tuple[Claim, ...]]:
    """The claims up to the one with which it is more than the limit: those that add something in its period and it;
    those that add something in any; all.
    """
    sums: dict[LedgerKey, int] = {}
    claims: list[Claim] = []
    adding: list[Claim] = []
    news = True
    for claim, amounts, new in settled_in_turn(model, history, (total.amount,), effort):
        here = ledger_key(total, claim)
        if here not in sums:
            if not news and not model.dated:
                # A whole period met nothing new, so the next one comes to what it came to.
                return
            news = False
        news = news or new
        sums[here] = sums.get(here, 0) + amounts[total.amount]
        claims.append(claim)
        if amounts[total.amount] > 0:
            adding.append(claim)
        if sums[here] > limit and words.items() <= with_dated_words(model, claim).items():
            before = [one for one in adding if one is not claim]
            yield (*(one for one in before if ledger_key(total, one) == here), claim)
            yield (*before, claim)
            yield tuple(claims)
            return


def settled_in_turn(
    model: Model, claims: Iterable[Claim], added: tuple[str, ...], effort: Iterator[int]
) -> Iterator[tuple[Claim, Mapping[str, int], bool]]:
    """Claims that are alike but for number, days and persons, settled after one another: with their amounts, and
    whether the totals before were others than those before all earlier ones.

    One with the same words after the same totals is paid as it was before and is not settled again: most years of a
    history are. Ends where one is not settled; where of many none comes after other totals or to other amounts than
    those before, and none of the amounts `added` is anything; or with the effort, one for each that is settled.
    """
    ledger: dict[LedgerKey, int] = {}
    known: dict[tuple[object, ...], Mapping[str, int]] = {}
    still = alike = 0
    last: Mapping[str, int] = {}
    totals = model.running_totals
    for claim in claims:
        dated = with_dated_words(model, claim)
        keys = [ledger_key(total, claim) for total in totals]
        state = (*(dated[fact.name] for fact in model.dated), *(ledger.get(key, 0) for key in keys))
        still, alike = still + 1, alike + 1
        new = state not in known
        if new:
            outcome, _ = settle(model, claim, ledger)
            if not isinstance(outcome, Settled) or next(effort, None) is None:
                return
            known[state] = outcome.amounts
            still = 0
        amounts = known[state]
        for total, key in zip(totals, keys, strict=True):
            ledger[key] = ledger.get(key, 0) + amounts[total.amount]
        if any(amounts[name] for name in added):
            still = alike = 0
        elif amounts != last:
            alike = 0
        last = amounts
        yield claim, amounts, new
        if still > STILL or alike > ALIKE:
            return


@dataclass(frozen=True, slots=True)
class Past:
    """What a person has behind him after so many claims, on the day of the next.

    claims  all alike but for number and day
    days    the days of the claim that comes next, by date fact
    before  its running totals before it, by name
    """

    claims: tuple[Claim, ...]
    days: Mapping[str, date]
    before: Mapping[str, int]


def pasts(model: Model) -> Iterator[Past]:
    """Plain histories of a few, of many and of very many claims, each with other totals than those before it."""
    dates = _dates(model)
    first = {name: days[0] for name, days in days_of(model).items()}
    seen: set[tuple[object, ...]] = set()
    months = _months(model, min(dates))
    plans = ((facts, on) for facts in plain_claims(model) for on in (months[:1] * ON_ONE_DAY, months))
    for history in (tuple(_claims(facts, first, dates, ((day, {}) for day in on))) for facts, on in plans):
        ledger: Ledger = {}
        length, last = 1, None
        for number, (claim, following) in enumerate(pairwise(history), start=1):
            outcome, ledger = settle(model, claim, ledger)
            if not isinstance(outcome, Settled):
                break
            if number < length:
                continue
            length *= 2
            before = {total.name: ledger.get(ledger_key(total, following), 0) for total in model.running_totals}
            words = with_dated_words(model, following)
            state = (*before.values(), *(words[fact.name] for fact in model.dated))
            if state == last:
                break
            last = state
            if state not in seen:
                seen.add(state)
                days = {name: following[name] if name in dates else day for name, day in first.items()}
                yield Past(history[:number], {name: day for name, day in days.items() if isinstance(day, date)}, before)


# Histories ------------------------------------------------------------------------------------------


def histories(model: Model, facts: Facts, totals: Sequence[RunningTotal]) -> Iterator[Iterator[Claim]]:
    """The same claim on one day, every month, every year; and of ever more people, where theirs count together.

    totals  that are looked at: their keys stay the same
    """
    dates = _dates(model)
    if not dates:
        return
    first = {name: days[0] for name, days in days_of(model).items()}
    day = first[min(dates)]
    for on in _days(model, min(dates), any(total.period.kind is PeriodKind.LIFETIME for total in totals)):
        yield _claims(facts, first, dates, ((each, {}) for each in on))
    others = {total.key for total in model.running_totals} - {total.key for total in totals}
    for times in (1, EACH) if others else ():
        people = ((day, dict.fromkeys(others, _name(place // times))) for place in range(MOST_CLAIMS))
        yield _claims(facts, first, dates, people)


def _days(model: Model, fact: str, for_life: bool) -> Iterator[list[date]]:
    """The days of a history; what counts for a lifetime is looked at over years first."""
    months = _months(model, fact)
    if for_life:
        yield _years(model, fact)
    yield months[:1] * ON_ONE_DAY
    yield months


def _claims(
    facts: Facts, first: Mapping[str, date], dates: frozenset[str], on: Iterable[tuple[date, Facts]]
) -> Iterator[Claim]:
    for number, (day, people) in enumerate(on, start=1):
        yield {**facts, **first, CLAIM_NUMBER: f"{number:06d}", **dict.fromkeys(dates, day), **people}


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
