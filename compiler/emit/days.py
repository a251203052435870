"""The days on which a category that follows from a date has a word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from compiler.model import DateArm, DatedFact, Model


def stretches(arms: Sequence[DateArm]) -> list[tuple[date, date]]:
    """The stretches of days that the arms hold, those without a hole between them made one."""
    found: list[tuple[date, date]] = []
    for arm in arms:
        last = arm.last or date.max
        if found and found[-1][1] + timedelta(days=1) == arm.first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((arm.first, last))
    return found


def always_has_a_word(fact: DatedFact, model: Model) -> bool:
    """Whether the days in force, or all days that there are where they follow from another date, lie in one stretch."""
    first, last = date.min, date.max
    if model.in_force is not None and model.in_force.by == fact.by:
        first, last = model.in_force.first, model.in_force.last or date.max
    return any(begins <= first and last <= ends for begins, ends in stretches(fact.arms))
