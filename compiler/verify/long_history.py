"""Claims settled one after another for years, to see whether a clause ever matters. No solver: trying is enough.

A yearly or lifetime cap may need more claims than the solver can be asked about at once. Whether it is ever reached is
shown by any history that reaches it, so a few plain ones are tried: the same claim again and again, all on one day, or
every month for as long as the policy is in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, pairwise, product

from compiler.evaluate import Claim, Ledger, LedgerKey, Settled, ledger_key, settle, with_dated_words
from compiler.model import (
    CLAIM_NUMBER,
    Capped,
    CategoryFact,
    Constant,
    CountFact,
    Expression,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
    RunningTotal,
    Sum,
    rebuilt,
    walk,
)
from compiler.verify.days import days_of, in_force_on

METHOD = "a long history of claims, settled one after another"
AT_ONCE = "a claim that it cuts, settled"
MOST_ALONE = 8
ON_ONE_DAY = 300
YEARS = 60
HIGHER = 1_000_000
STILL = 24
"""After so many claims that add nothing, two years of months, nothing more is expected of a history."""
MOST_KINDS = 16
"""With more combinations of words than this only the first are tried."""


def is_ever_reached(model: Model, cap: Capped) -> bool:
    """Whether some history is paid otherwise with a cap more than twice as high: then this one cuts."""
    changed = _with_higher(model, cap)
    return any(_differ(model, changed, claims) for claims in _histories(model))


def is_reached_at_once(model: Model, cap: Capped) -> bool:
    """Whether one of a few claims, each by itself, is paid otherwise with a cap more than twice as high."""
    changed = _with_higher(model, cap)
    first = {name: days[0] for name, days in days_of(model).items()}
    alone = ({**facts, **first, CLAIM_NUMBER: "1"} for facts in islice(_claims(model), MOST_ALONE))
    return any(_differ(model, changed, (claim,)) for claim in alone)


def first_over(model: Model, total: RunningTotal, limit: int, words: Mapping[str, str]) -> tuple[Claim, ...] | None:
    """The first claims of a history after which an amount comes to more than a limit over its key and period.

    The last of them has these words. Claims that add nothing are left out where it comes to more without them too.
    """
    for history in _histories(model):
        found = _over(model, history, total, limit, words)
        if found is not None:
            claims, adding = found
            shorter = _over(model, adding, total, limit, words)
            return claims if shorter is None else shorter[0]
    return None


def _over(
    model: Model, history: tuple[Claim, ...], total: RunningTotal, limit: int, words: Mapping[str, str]
) -> tuple[tuple[Claim, ...], tuple[Claim, ...]] | None:
    """The claims up to the one with which it is more than the limit, and those of them that add something.

    They are alike but for number and day. So one with the same words after the same totals is paid as it was before
    and need not be settled again; and where no day changes a word, a period that begins on the same day of a year after
    the same totals comes to what the one before came to, and so does every later one.
    """
    totals = model.running_totals
    ledger: dict[LedgerKey, int] = {}
    known: dict[tuple[object, ...], Mapping[str, int]] = {}
    sums: dict[LedgerKey, int] = {}
    begun: set[tuple[object, ...]] = set()
    adding: list[Claim] = []
    grown = 0
    for number, claim in enumerate(history):
        dated = with_dated_words(model, claim)
        before = {ledger_key(one, claim): ledger.get(ledger_key(one, claim), 0) for one in totals}
        state = (*(dated[fact.name] for fact in model.dated), *before.values())
        if state not in known:
            outcome, _ = settle(model, claim, ledger)
            if not isinstance(outcome, Settled):
                return None
            known[state] = outcome.amounts
        amounts = known[state]
        for one, (key, so_far) in zip(totals, before.items(), strict=True):
            ledger[key] = so_far + amounts[one.amount]
        if number - grown > STILL:
            return None
        here = ledger_key(total, claim)
        if here not in sums and not model.dated:
            day = claim[total.date_fact]
            assert isinstance(day, date)
            begins = (day.month, day.day, *before.values())
            if begins in begun:
                return None
            begun.add(begins)
        sums[here] = sums.get(here, 0) + amounts[total.amount]
        if amounts[total.amount] > 0:
            adding.append(claim)
            grown = number
        if sums[here] > limit and words.items() <= dated.items():
            return history[: number + 1], tuple(adding)
    return None


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
    totals = model.running_totals
    dates = {total.date_fact for total in totals}
    first = {name: days[0] for name, days in days_of(model).items()}
    seen: set[tuple[object, ...]] = set()
    for history in _histories(model):
        ledger: Ledger = {}
        length, last = 1, None
        for number, (claim, following) in enumerate(pairwise(history), start=1):
            outcome, ledger = settle(model, claim, ledger)
            if not isinstance(outcome, Settled):
                break
            if number < length:
                continue
            length *= 2
            before = {total.name: ledger.get(ledger_key(total, following), 0) for total in totals}
            words = with_dated_words(model, following)
            state = (*before.values(), *(words[fact.name] for fact in model.dated))
            if state == last:
                break
            last = state
            if state not in seen:
                seen.add(state)
                days = {name: following[name] if name in dates else day for name, day in first.items()}
                yield Past(history[:number], {name: day for name, day in days.items() if isinstance(day, date)}, before)


def _with_higher(model: Model, cap: Capped) -> Model:
    higher = replace(cap, cap=Sum((cap.cap, cap.cap, Constant(HIGHER, cap.span)), cap.span))

    def change(node: Expression) -> Expression:
        return higher if node == cap and node.span == cap.span else node

    amounts = tuple(replace(amount, expression=rebuilt(amount.expression, change)) for amount in model.amounts)
    return replace(model, amounts=amounts)


def _differ(model: Model, changed: Model, claims: tuple[Claim, ...]) -> bool:
    """Whether one of these claims, alike but for number and day, is paid otherwise by the changed model.

    A claim with the same words after the same totals is paid as it was before, and need not be settled again. As long
    as both models pay the same, they keep the same totals.
    """
    totals = model.running_totals
    ledger: dict[LedgerKey, int] = {}
    known: dict[tuple[object, ...], Mapping[str, int]] = {}
    for claim in claims:
        dated = with_dated_words(model, claim)
        before = {ledger_key(total, claim): ledger.get(ledger_key(total, claim), 0) for total in totals}
        state = (*(dated[fact.name] for fact in model.dated), *before.values())
        if state not in known:
            outcome, other = settle(model, claim, ledger)[0], settle(changed, claim, ledger)[0]
            if not isinstance(outcome, Settled) or not isinstance(other, Settled):
                return False
            if outcome.amounts != other.amounts:
                return True
            known[state] = outcome.amounts
        for total, (key, so_far) in zip(totals, before.items(), strict=True):
            ledger[key] = so_far + known[state][total.amount]
    return False


def _histories(model: Model) -> Iterator[tuple[Claim, ...]]:
    first = {name: days[0] for name, days in days_of(model).items()}
    dates = {total.date_fact for total in model.running_totals} or set(first)
    months = _months(model, next(iter(sorted(dates))))
    for facts in _claims(model):
        for on in (months[:1] * ON_ONE_DAY, months):
            yield tuple(
                {**facts, **first, CLAIM_NUMBER: f"{number:06d}", **dict.fromkeys(dates, day)}
                for number, day in enumerate(on, start=1)
            )


def _months(model: Model, fact: str) -> list[date]:
    """The first day that a claim may have, and the first of every month from there on."""
    first = days_of(model)[fact][0]
    months = [(first.year + month // 12, month % 12 + 1) for month in range(12 * YEARS)]
    days = [date(year, month, 1) for year, month in months if year <= date.max.year]
    return [first, *(day for day in days if day > first and in_force_on(model, fact, day))]


def _claims(model: Model) -> Iterator[dict[str, FactInput]]:
    """Every amount as high as it may be, or ten times the largest amount that the policy speaks of."""
    categories = [fact for fact in model.facts if isinstance(fact, CategoryFact)]
    nodes = [node for amount in model.amounts for node in walk(amount.expression)]
    constants = [node.value for node in nodes if isinstance(node, Constant)]
    for words in islice(product(*(fact.values for fact in categories)), MOST_KINDS):
        found: list[dict[str, FactInput]] = []
        for most, rest_at_least in product((None, 10 * max(constants, default=1)), (True, False)):
            facts: dict[str, FactInput] = {fact.name: word for fact, word in zip(categories, words, strict=True)}
            for fact in model.facts:
                match fact:
                    case IdentifierFact(name):
                        facts[name] = "A"
                    case MoneyFact(name, lowest, highest, at_most):
                        high = highest if most is None else min(highest, max(most, lowest))
                        facts[name] = lowest if at_most is not None and rest_at_least else high
                    case CountFact(name, lowest, highest):
                        facts[name] = highest if most is None else lowest
                    case _:
                        pass
            if facts not in found:
                found.append(facts)
        yield from found
