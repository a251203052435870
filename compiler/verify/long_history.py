"""Claims settled one after another for years, to see whether a clause ever matters. No solver: trying is enough.

A yearly or lifetime cap may need more claims than the solver can be asked about at once. Whether it is ever reached is
shown by any history that reaches it, so a few plain ones are tried: the same claim again and again, all on one day, or
every month for as long as the policy is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

from compiler.evaluate import Claim, Ledger, Settled, settle
from compiler.model import (
    CLAIM_NUMBER,
    Capped,
    CategoryFact,
    Constant,
    DateFact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
    Sum,
    walk,
)
from compiler.verify.claims import first_day
from compiler.verify.rewrite import replaced

METHOD = "a long history of claims, settled one after another"
ON_ONE_DAY = 300
YEARS = 60
HIGHER = 1_000_000
MOST_KINDS = 16
"""With more combinations of words than this only the first are tried."""


def is_ever_reached(model: Model, cap: Capped) -> bool:
    """Whether some history is paid otherwise with a cap more than twice as high: then this one cuts."""
    higher = Sum((cap.cap, cap.cap, Constant(HIGHER, cap.span)), cap.span)
    changed = replace(
        model,
        amounts=tuple(
            replace(amount, expression=replaced(amount.expression, cap, replace(cap, cap=higher)))
            for amount in model.amounts
        ),
    )
    return any(_differ(model, changed, claims) for claims in _histories(model))


def _differ(model: Model, changed: Model, claims: tuple[Claim, ...]) -> bool:
    ledger: Ledger = {}
    other: Ledger = {}
    for claim in claims:
        outcome, ledger = settle(model, claim, ledger)
        with_higher, other = settle(changed, claim, other)
        if not isinstance(outcome, Settled) or not isinstance(with_higher, Settled):
            return False
        if outcome.amounts != with_higher.amounts:
            return True
    return False


def _histories(model: Model) -> Iterator[tuple[Claim, ...]]:
    days = _days(model)
    for facts in _claims(model):
        for on in ([days[0]] * ON_ONE_DAY, days):
            yield tuple(
                {**facts, CLAIM_NUMBER: f"{number:06d}", **dict.fromkeys(_dates(model), day)}
                for number, day in enumerate(on, start=1)
            )


def _dates(model: Model) -> tuple[str, ...]:
    return tuple(fact.name for fact in model.facts if isinstance(fact, DateFact))


def _days(model: Model) -> list[date]:
    """The first of every month from the first day in force on."""
    first = first_day(model)
    last = None if model.in_force is None else model.in_force.last
    months = [(first.year + month // 12, month % 12 + 1) for month in range(12 * YEARS)]
    days = [date(year, month, 1) for year, month in months if year <= date.max.year]
    return [first, *(day for day in days if day > first and (last is None or day <= last))]


def _claims(model: Model) -> Iterator[dict[str, FactInput]]:
    """Every amount as high as it may be, or ten times the largest amount that the policy speaks of."""
    categories = [fact for fact in model.facts if isinstance(fact, CategoryFact)]
    nodes = [node for amount in model.amounts for node in walk(amount.expression)]
    constants = [node.value for node in nodes if isinstance(node, Constant)]
    for number, words in enumerate(product(*(fact.values for fact in categories))):
        if number == MOST_KINDS:
            return
        for most, rest_at_least in product((None, 10 * max(constants, default=1)), (True, False)):
            facts: dict[str, FactInput] = {fact.name: word for fact, word in zip(categories, words, strict=True)}
            for fact in model.facts:
                match fact:
                    case IdentifierFact(name):
                        facts[name] = "A"
                    case MoneyFact(name, lowest, highest, at_most):
                        high = highest if most is None else min(highest, max(most, lowest))
                        facts[name] = lowest if at_most is not None and rest_at_least else high
                    case _:
                        pass
            yield facts
