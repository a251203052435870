"""Claims found by settling some, without the solver: a fact is moved until an amount has the value wanted.

In a stack an amount mostly rises with the bill, so that halving finds such a claim quickly, where the solver would have
to look through all layers at once. What is found has been settled by the reference interpreter and so is believed;
that nothing is found says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import isqrt

from compiler.evaluate import Claim, Settled, settle
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
    sources,
)
from compiler.verify.days import days_of

Amounts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """A claim of which one money fact is moved, everything else staying as it is.

    claim    the claim, the moved fact at its lowest
    fact     the fact that is moved, from `lowest` to `highest`
    amounts  the amounts of the claim with the fact at a value; None where it is not settled
    """

    claim: Claim
    fact: str
    lowest: int
    highest: int
    amounts: Callable[[int], Amounts | None]

    def at(self, value: int) -> Claim:
        """The claim with the fact at a value."""
        return {**self.claim, self.fact: value}

    def with_amount(self, name: str, first: int, last: int | None) -> int | None:
        """A value of the fact for which an amount lies between `first` and `last`; None where halving finds none."""
        low, high = self.lowest, self.highest
        while low <= high:
            middle = _between(low, high)
            found = self.amounts(middle)
            if found is None:
                return None
            if found[name] < first:
                low = middle + 1
            elif last is not None and found[name] > last:
                high = middle - 1
            else:
                return middle
        return None


def _between(low: int, high: int) -> int:
    """Halfway; of amounts far apart, halfway between their orders of magnitude."""
    return isqrt(max(low, 1) * high) if 4 * max(low, 1) < high else (low + high) // 2


def moved(model: Model, name: str, words: Mapping[str, str]) -> Moved | None:
    """A claim with these words that nothing was settled before, and the one money fact behind an amount.

    None where several are, or where no day has the words.
    """
    behind = sources(model, frozenset({name}))
    facts = [fact for fact in model.facts if isinstance(fact, MoneyFact) and fact.name in behind]
    if len(facts) != 1 or facts[0].at_most is not None:
        return None
    (fact,) = facts
    claim = lowest_claim(model, words)
    if claim is None:
        return None

    @cache
    def amounts(value: int) -> Amounts | None:
        outcome, _ = settle(model, {**claim, fact.name: value}, {})
        return outcome.amounts if isinstance(outcome, Settled) else None

    return Moved(claim, fact.name, fact.lowest, fact.highest, amounts)


def lowest_claim(model: Model, words: Mapping[str, str]) -> Claim | None:
    """A claim with these words and every number at its lowest; None where no day has the words."""
    claim: dict[str, FactInput] = {CLAIM_NUMBER: "1"}
    for fact in model.facts:
        match fact:
            case MoneyFact(name, lowest) | CountFact(name, lowest):
                claim[name] = lowest
            case CategoryFact(name, values):
                claim[name] = words.get(name, values[0])
            case IdentifierFact(name):
                claim[name] = "A"
            case DateFact(name):
                wanted = [
                    (dated, words[dated.name]) for dated in model.dated if dated.by == name and dated.name in words
                ]
                days = (day for day in days_of(model)[name] if all(dated.word(day) == word for dated, word in wanted))
                day = next(days, None)
                if day is None:
                    return None
                claim[name] = day
    return claim
