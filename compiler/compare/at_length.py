"""One claim again and again, settled under both policies: what a year or a life has may take many to be used up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from compiler.compare.pair import Pair, all_benefits
from compiler.compare.result import History
from compiler.compare.whose import keys, paid_less, totals
from compiler.evaluate import Claim
from compiler.model import CLAIM_NUMBER, CountFact, DateFact, FactInput, InForce, MoneyFact
from compiler.verify.long_history import settled_in_turn
from compiler.verify.lowered import fewest, lowered
from compiler.verify.plans import MOST_SETTLED, Facts, Plan, plain_claims, plans

MOST_AT_LENGTH = 250
"""So many claims at most are settled of each plan."""


def at_length(pair: Pair, rounding: int, any_day: bool) -> Iterator[History]:
    """The first claims of each plan after which somebody is paid less, as few and as small as show it."""
    effort = iter(range(MOST_SETTLED))
    kinds = [*plain_claims(pair.old), *plain_claims(pair.new)]
    for facts in (one for place, one in enumerate(kinds) if one not in kinds[:place]):
        for plan in _plans(pair, any_day):
            claims = _until_less(pair, plan, facts, rounding, effort)
            found = None if claims is None else paid_less(pair, claims, rounding)
            if found is not None:
                yield _smaller(pair, found, rounding)


def _plans(pair: Pair, any_day: bool) -> Iterator[Plan]:
    """Plans for the days of the pair and, where its rules are those of every day, what comes after."""
    dates = {fact.name: pair.date_of(fact.name) for fact in pair.new.facts if isinstance(fact, DateFact)}
    by = min(total.date_fact for total in totals(pair))
    force = InForce(dates[by], None if any_day else dates[by], by, pair.new.span)
    for plan in plans(replace(pair.new, in_force=force), pair.new.running_totals):
        yield replace(plan, first=dates)


def _until_less(pair: Pair, plan: Plan, facts: Facts, rounding: int, effort: Iterator[int]) -> tuple[Claim, ...] | None:
    """The claims of a plan up to the one with which those of somebody are paid less by more than rounding makes."""
    # Many claims that are paid alike say no more, whether that is anything or not.
    sides = [
        settled_in_turn(model, islice(plan.claims(facts), MOST_AT_LENGTH), (), effort) for model in (pair.old, pair.new)
    ]
    counting = keys(pair)
    lead: Counter[tuple[str, FactInput | None]] = Counter()
    claims: list[Claim] = []
    for old, new in zip(*sides, strict=False):
        claims.append(new.claim)
        whose = [(key, new.claim[key]) for key in counting]
        gained = all_benefits(pair.new, new.amounts) - all_benefits(pair.old, old.amounts)
        lead.update(dict.fromkeys(whose, gained + rounding))
        if any(lead[one] < 0 for one in whose):
            return tuple(claims)
    return None


def _smaller(pair: Pair, found: History, rounding: int) -> History:
    """As few claims as show as much, with amounts that are lower, the same in all of them."""
    facts = [fact for fact in pair.old.facts if isinstance(fact, MoneyFact | CountFact)]

    def with_numbers(numbers: Sequence[int]) -> list[Claim]:
        given = dict(zip((fact.name for fact in facts), numbers, strict=True))
        return [{**claim, **given} for claim in found.claims]

    def as_much(claims: Sequence[Claim]) -> bool:
        history = paid_less(pair, _numbered(claims), rounding)
        return history is not None and history.gained <= found.gained

    numbers = [value for fact in facts if isinstance(value := found.claims[0][fact.name], int)]
    low = lowered(numbers, [fact.lowest for fact in facts], lambda numbers: as_much(with_numbers(numbers)))
    smaller = paid_less(pair, _numbered(fewest(with_numbers(low), as_much)), rounding)
    assert smaller is not None
    return smaller


def _numbered(claims: Sequence[Claim]) -> list[Claim]:
    """The claims numbered in this order."""
    width = len(str(len(claims)))
    return [{**claim, CLAIM_NUMBER: f"{number:0{width}d}"} for number, claim in enumerate(claims, 1)]
