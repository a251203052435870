"""Plain histories, settled: claims one after another on a day, for years, or of one person after another. No solver.

What a clause adds up over months, years or the members of a family may need more claims than the solver can be asked
about at once. Which histories are tried stands in `compiler/verify/plans.py`; here they are settled, once for each
state, and it is seen what they come to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.evaluate import (
    Claim,
    LedgerKey,
    Settled,
    ledger_key,
    settle,
    settle_all,
    sum_in_period,
    with_dated_words,
)
from compiler.model import Accumulated, DateFact, FactInput, IdentifierFact, Model, RunningTotal, walk
from compiler.verify.ground import narrowed
from compiler.verify.plans import ALIKE, MOST_SETTLED, ON_ONE_DAY, STILL, amounts_named, plain_claims, plans

METHOD = "a long history of claims, settled one after another"


@dataclass(frozen=True, slots=True)
class Step:
    """One claim of a history, settled.

    before   the running totals before it, in the order of the policy
    amounts  what it comes to
    new      no claim with the same dated words came after these totals before
    """

    claim: Claim
    before: tuple[int, ...]
    amounts: Mapping[str, int]
    new: bool


def settled_in_turn(
    model: Model, claims: Iterable[Claim], added: tuple[str, ...], effort: Iterator[int]
) -> Iterator[Step]:
    """Claims that are alike but for number, days and persons, settled after one another.

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
        before = tuple(ledger.get(key, 0) for key in keys)
        state = (*(dated[fact.name] for fact in model.dated), *before)
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
        yield Step(claim, before, amounts, new)
        if still > STILL or alike > ALIKE:
            return


# What is added up -----------------------------------------------------------------------------------


def first_over(model: Model, total: RunningTotal, limit: int, words: Mapping[str, str]) -> tuple[Claim, ...] | None:
    """The first claims of a history after which an amount comes to more than a limit over its key and period.

    The last of them has these words. Claims that add nothing are left out where it comes to more without them too.
    They were settled once more, one after another.
    """
    behind = narrowed(model, frozenset({total.amount}))
    effort = iter(range(MOST_SETTLED))
    for facts in plain_claims(behind):
        for plan in plans(behind, (total,)):
            for claims in _over(behind, plan.claims(facts), total, limit, words, effort):
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
    for step in settled_in_turn(model, history, (total.amount,), effort):
        claim, adds = step.claim, step.amounts[total.amount]
        here = ledger_key(total, claim)
        if here not in sums:
            if not news and not model.dated:
                # A whole period met nothing new, so the next one comes to what it came to.
                return
            news = False
        news = news or step.new
        sums[here] = sums.get(here, 0) + adds
        claims.append(claim)
        if adds > 0:
            adding.append(claim)
        if sums[here] > limit and words.items() <= with_dated_words(model, claim).items():
            before = [one for one in adding if one is not claim]
            yield (*(one for one in before if ledger_key(total, one) == here), claim)
            yield (*before, claim)
            yield tuple(claims)
            return


# What comes after -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """What was settled before a claim, in a place of a plain history.

    claims  all alike but for number, days and persons
    place   the days and identifiers of the claim that comes next
    before  its running totals before it, by name
    """

    claims: tuple[Claim, ...]
    place: Mapping[str, FactInput]
    before: Mapping[str, int]

    def words(self, model: Model) -> dict[str, str]:
        """The words that follow from the days of the claim that comes next."""
        worded = with_dated_words(model, self.place)
        return {fact.name: str(worded[fact.name]) for fact in model.dated}


def pasts(model: Model) -> Iterator[Past]:
    """Places of plain histories, each with other totals than those before it.

    First where a total passes an amount that a clause over it names, just before it and just after, because that is
    where clauses change their course; then after one claim, two, four and so on.
    """
    seen: set[tuple[object, ...]] = set()
    lines = [_named(model, total) for total in model.running_totals]

    def is_new(past: Past) -> bool:
        state = (*past.before.values(), *past.words(model).values())
        known = state in seen
        seen.add(state)
        return not known

    for facts in plain_claims(model):
        doubled: list[Past] = []
        for plan in sorted(plans(model, model.running_totals), key=lambda plan: plan.days[-1]):
            last: Past | None = None
            passed: tuple[int, ...] = ()
            known: set[tuple[tuple[int, ...], ...]] = set()
            for past in _places(model, plan.claims(facts), lines):
                here = tuple(bisect_right(line, value) for line, value in zip(lines, past.before.values(), strict=True))
                if last is not None and here != passed and (passed, here) not in known:
                    known.add((passed, here))
                    yield from filter(is_new, (last, past))
                elif len(past.claims) & (len(past.claims) - 1) == 0:
                    doubled.append(past)
                last, passed = past, here
        yield from filter(is_new, doubled)


def _places(model: Model, history: Iterable[Claim], lines: Sequence[Sequence[int]]) -> Iterator[Past]:
    """Each place of a history but the first, until claims come to what others came to before, and no total is higher
    than it was before and below an amount named.
    """
    totals = model.running_totals
    stated = [fact.name for fact in model.facts if isinstance(fact, DateFact | IdentifierFact)]
    claims: list[Claim] = []
    highest = [0] * len(totals)
    known: set[tuple[int, ...]] = set()
    still = 0
    for step in settled_in_turn(model, history, tuple(total.amount for total in totals), iter(range(ON_ONE_DAY))):
        if claims:
            place = {name: value for name in stated if (value := step.claim[name]) is not None}
            before = {total.name: value for total, value in zip(totals, step.before, strict=True)}
            yield Past(tuple(claims), place, before)
        claims.append(step.claim)
        rows = zip(step.before, highest, lines, strict=True)
        rises = any(line and most < value < line[-1] for value, most, line in rows)
        highest = list(map(max, highest, step.before))
        amounts = tuple(step.amounts.values())
        still = 0 if rises or amounts not in known else still + 1
        known.add(amounts)
        if still > STILL:
            return


def _named(model: Model, total: RunningTotal) -> list[int]:
    """The amounts that clauses over a running total name, in rising order."""
    over = (node for amount in model.amounts for node in walk(amount.expression) if isinstance(node, Accumulated))
    return sorted(one for one in amounts_named(node.body for node in over if node.total.name == total.name) if one > 0)
