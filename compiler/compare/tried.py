"""Rows of claims around the amounts that clauses name, settled under both policies: some show who is worse off."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import product

from compiler.compare.pair import Pair, claim_of, replayed
from compiler.compare.result import History
from compiler.evaluate import Claim, broken_rule
from compiler.model import CLAIM_NUMBER, Constant, CountFact, FactInput, IdentifierFact, MoneyFact, RunningTotal, walk

MOST_VALUES = 6
"""So many values of a fact are tried, of those that clauses name."""

MOST_BILLS = 300
MOST_ROWS = 400
"""So many bills, and rows of each length, are tried; they are always the same ones."""

LONGEST = 3
DAYS_APART = (0, 31, 366)
"""Claims of a row lie on one day, in months after one another, or in years."""


def worst_tried(pair: Pair, rounding: int, any_day: bool) -> History | None:
    """The claims of those tried for which the new policy pays least beside the old one in all; None where none is less.

    rounding  what it must be less by for each claim, in minor units, to count
    any_day   the rules are those of every day, so that claims may lie in different periods
    """
    chance = random.Random(0)
    bills = _bills(pair, chance)
    found: list[tuple[int, int, History]] = []
    for length in range(2, LONGEST + 1):
        for _ in range(MOST_ROWS):
            row = [chance.choice(bills) for _ in range(length)]
            keys, apart = chance.choice(_keys(pair)), chance.choice(DAYS_APART[: 1 + 2 * any_day])
            claims = [_numbered(pair, bill, keys, place, apart) for place, bill in enumerate(row)]
            history = replayed(pair.old, pair.new, claims)
            loss = 0 if history is None else sum(history.old) - sum(history.new)
            if history is not None and loss > rounding * length:
                found.append((loss, -length, history))
    return max(found, key=lambda one: one[:2])[2] if found else None


def _bills(pair: Pair, chance: random.Random) -> list[Claim]:
    """Claims of every combination of words and of the values tried, as many as may be."""
    facts = [fact for fact in pair.old.facts if isinstance(fact, MoneyFact | CountFact)]
    values = [_values(pair, fact) for fact in facts]
    names = [fact.name for fact in facts]
    bills = [
        bill
        for cell in pair.cells
        for row in product(*values)
        if broken_rule(pair.old, bill := claim_of(pair, cell, dict(zip(names, row, strict=True)))) is None
    ]
    return bills if len(bills) <= MOST_BILLS else chance.sample(bills, MOST_BILLS)


def _values(pair: Pair, fact: MoneyFact | CountFact) -> list[int]:
    """The least value, those that clauses name, and one above all of them."""
    named = {
        node.value
        for model in (pair.old, pair.new)
        for formula in (model.cost, *(amount.expression for amount in model.amounts))
        for node in walk(formula)
        if isinstance(node, Constant)
    }
    inside = sorted({one for one in named if fact.lowest < one <= fact.highest})
    step = -(-len(inside) // MOST_VALUES) or 1
    above = min(fact.highest, 4 * max([fact.lowest, *inside]))
    return sorted({fact.lowest, *inside[::step], above})


def _keys(pair: Pair) -> Sequence[tuple[str, ...]]:
    """The identifiers that differ from claim to claim: none, or one of them where several count."""
    identifiers = [fact.name for fact in pair.old.facts if isinstance(fact, IdentifierFact)]
    counting = {total.key for total in _totals(pair)}
    return [(), *((name,) for name in identifiers if name in counting and len(counting) > 1)]


def _numbered(pair: Pair, bill: Claim, keys: Sequence[str], place: int, apart: int) -> Claim:
    """The bill as the claim in this place of a row, with other identifiers than those before, so many days later."""
    changed: Mapping[str, FactInput] = {name: chr(ord("A") + place) for name in keys}
    dates = {total.date_fact: pair.date_of(total.date_fact) + timedelta(place * apart) for total in _totals(pair)}
    return {**bill, CLAIM_NUMBER: str(place + 1), **changed, **dates}


def _totals(pair: Pair) -> list[RunningTotal]:
    return [total for model in (pair.old, pair.new) for total in model.running_totals]
