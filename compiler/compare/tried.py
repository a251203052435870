"""Rows of a few claims, settled under both policies: some show who is worse off. No solver.

They are of the amounts that clauses name, and of those at which clauses change their course.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import product

from compiler.compare.amounts import row_of_total
from compiler.compare.at_length import at_length
from compiler.compare.pair import Pair, claim_of
from compiler.compare.result import History
from compiler.compare.stretch import Inexact
from compiler.compare.whose import keys, paid_less, totals
from compiler.evaluate import Claim, broken_rule
from compiler.model import CLAIM_NUMBER, Accumulated, Constant, CountFact, FactInput, MoneyFact, names_in, walk
from dsl.money import DOMAIN_TOP

MOST_VALUES = 12
"""So many values of a fact are tried, of those that clauses name and at which they change their course."""

MOST_BILLS = 300
MOST_ROWS = 400
"""So many bills, and rows of each length, are tried; they are always the same ones."""

LONGEST = 3
DAYS_APART = (0, 31, 366)
"""Claims of a row lie on one day, in months after one another, or in years."""


def worst_tried(pair: Pair, rounding: int, any_day: bool) -> History | None:
    """Claims of those tried for which the new policy pays less beside the old one in all; None where none is less.

    Of a few claims those that are paid least; of many those that show it first.

    rounding  what it must be less by for each claim, in minor units, to count
    any_day   the rules are those of every day, so that claims may lie in different periods
    """
    found = list(_of_a_few(pair, rounding, any_day))
    if found:
        return min(found, key=lambda one: (one.gained, len(one.claims)))
    return next(at_length(pair, rounding, any_day), None)


def _of_a_few(pair: Pair, rounding: int, any_day: bool) -> Iterator[History]:
    chance = random.Random(0)
    bills = _bills(pair, chance)
    counting = keys(pair)
    differing = [(), *((name,) for name in counting if len(counting) > 1)]
    dates = {total.date_fact: pair.date_of(total.date_fact) for total in totals(pair)}
    for length in range(2, LONGEST + 1):
        for _ in range(MOST_ROWS):
            row = [chance.choice(bills) for _ in range(length)]
            others, apart = chance.choice(differing), chance.choice(DAYS_APART[: 1 + 2 * any_day])
            claims = [_numbered(bill, others, place, dates, apart) for place, bill in enumerate(row)]
            found = paid_less(pair, claims, rounding)
            if found is not None:
                yield found


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
    """The least value, those that clauses name, those at which they change their course, and one above all of them."""
    named = {
        node.value
        for model in (pair.old, pair.new)
        for formula in (model.cost, *(amount.expression for amount in model.amounts))
        for node in walk(formula)
        if isinstance(node, Constant)
    }
    inside = sorted({one for one in named | _corners(pair) if fact.lowest < one <= fact.highest})
    step = -(-len(inside) // MOST_VALUES) or 1
    above = min(fact.highest, 4 * max([fact.lowest, *inside]))
    return sorted({fact.lowest, *inside[::step], above})


def _corners(pair: Pair) -> set[int]:
    """The totals at which a clause over one changes its course, for the first words."""
    bodies = [
        node.body
        for model in (pair.old, pair.new)
        for amount in model.amounts
        for node in walk(amount.expression)
        if isinstance(node, Accumulated) and not names_in(node.body)
    ]
    found: set[int] = set()
    for body in bodies:
        with suppress(Inexact):
            found.update(stretch.first for stretch in row_of_total(body, pair.cells[0], DOMAIN_TOP))
    return found


def _numbered(bill: Claim, others: Sequence[str], place: int, dates: Mapping[str, date], apart: int) -> Claim:
    """The bill as the claim in this place of a row, with other identifiers than those before, so many days later."""
    changed: Mapping[str, FactInput] = {name: chr(ord("A") + place) for name in others}
    later = {name: day + timedelta(place * apart) for name, day in dates.items()}
    return {**bill, CLAIM_NUMBER: str(place + 1), **changed, **later}
