"""Claims that the old policy settles and the new one rejects: an amount out of its bounds, a day that it is not for.

A category with other words, or an amount with another fact above it, is another claim altogether (`domain.mistakes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compiler.compare.one_fact import reach
from compiler.model import CountFact, DateFact, Model, MoneyFact

Stretch = tuple[int, int]
"""From the first number to the last, both included."""

FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Rejected:
    """Amounts, counts or days of one fact with which the new policy rejects what the old one settles.

    last  None for days without an end
    """

    fact: str
    first: int | date
    last: int | date | None


def rejected(old: Model, new: Model) -> tuple[Rejected, ...]:
    """What the new policy takes no longer, in the order of the facts of the old one; both are about the same facts.

    Days on which only the old one is in force are no loss where the two are never in force together: then the one
    follows on the other, which goes on to settle its own days.
    """
    after = {fact.name: fact for fact in new.facts}
    found: list[Rejected] = []
    for fact in old.facts:
        partner = after[fact.name]
        if isinstance(fact, MoneyFact | CountFact) and isinstance(partner, MoneyFact | CountFact):
            gone = _without([reach(old, fact.name)], [(partner.lowest, partner.highest)])
            found += [Rejected(fact.name, first, last) for first, last in gone]
        if isinstance(fact, DateFact):
            before, now = _days(old, fact.name), _days(new, fact.name)
            for first, last in _without(before, now) if _without(before, _without(before, now)) else ():
                end = None if last == LAST_DAY else date.fromordinal(last)
                found.append(Rejected(fact.name, date.fromordinal(first), end))
    return tuple(found)


def _days(model: Model, by: str) -> list[Stretch]:
    """The days of a date fact that the policy has rules for, as numbers."""
    found = [(FIRST_DAY, LAST_DAY)]
    tables = [fact.arms for fact in model.dated if fact.by == by]
    if model.in_force is not None and model.in_force.by == by:
        found = [(model.in_force.first.toordinal(), _last(model.in_force.last))]
    for arms in tables:
        outside = _without(found, [(arm.first.toordinal(), _last(arm.last)) for arm in arms])
        found = _without(found, outside)
    return found


def _last(day: date | None) -> int:
    return LAST_DAY if day is None else day.toordinal()


def _without(stretches: list[Stretch], taken: list[Stretch]) -> list[Stretch]:
    """What is left of some stretches where others are taken away."""
    for first, last in taken:
        stretches = [
            part
            for low, high in stretches
            for part in ((low, min(high, first - 1)), (max(low, last + 1), high))
            if part[0] <= part[1]
        ]
    return stretches
