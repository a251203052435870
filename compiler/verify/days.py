"""The days that a question tries: few enough to name, and enough to meet every word that follows from a date.

What a date decides changes only where a dated category takes another word, where a period ends, and where the policy
comes into force. One day on each side of those places stands for all the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from compiler.model import DateArm, DateFact, Model, Period, PeriodKind, RunningTotal

DEFAULT_DAY = date(2024, 1, 1)
"""The day of a witness of a policy that does not say when it is in force."""


def days_of(model: Model) -> dict[str, tuple[date, ...]]:
    """For each date fact the days to try, from the first on; none where no day is in force at all."""
    return {fact.name: _days(model, fact.name) for fact in model.facts if isinstance(fact, DateFact)}


def _days(model: Model, fact: str) -> tuple[date, ...]:
    first = DEFAULT_DAY if model.in_force is None or model.in_force.by != fact else model.in_force.first
    arms = [max(arm.first, first) if _limited(model, fact) else arm.first for arm in _arms(model, fact)]
    places = [first, *arms]
    periods = [total.period for total in model.running_totals if total.date_fact == fact]
    found = {*places, *(_before(day) for day in arms)}
    for period in dict.fromkeys(periods):
        found.update(day for place in places for day in _next_period(period, place))
        found.update(_start_of(period, place) for place in arms)
    return tuple(sorted(day for day in found if in_force_on(model, fact, day)))


def _limited(model: Model, fact: str) -> bool:
    return model.in_force is not None and model.in_force.by == fact


def _arms(model: Model, fact: str) -> Iterator[DateArm]:
    return (arm for dated in model.dated if dated.by == fact for arm in dated.arms)


def in_force_on(model: Model, fact: str, day: date) -> bool:
    """Whether a claim may have this day: the policy is in force, and every category that goes by it has a word."""
    force = model.in_force
    if force is not None and force.by == fact and (day < force.first or (force.last is not None and day > force.last)):
        return False
    return all(dated.word(day) is not None for dated in model.dated if dated.by == fact)


def _before(day: date) -> date:
    return day if day == date.min else day - timedelta(days=1)


def _start_of(period: Period, day: date) -> date:
    """The first day of the period that a day lies in."""
    match period.kind:
        case PeriodKind.CALENDAR_YEAR:
            return date(day.year, 1, 1)
        case PeriodKind.POLICY_YEAR:
            year = int(period.name_of(day))
            return day if year < 1 else date(year, period.month, period.day)
        case PeriodKind.MONTH:
            return date(day.year, day.month, 1)
        case PeriodKind.LIFETIME:
            return day


def _next_period(period: Period, day: date) -> Iterator[date]:
    """The first day of the period after, if there is one."""
    if period.kind is PeriodKind.LIFETIME or day.year >= date.max.year - 1:
        return
    if period.kind is PeriodKind.MONTH:
        yield date(day.year + day.month // 12, day.month % 12 + 1, 1)
    elif period.kind is PeriodKind.CALENDAR_YEAR:
        yield date(day.year + 1, 1, 1)
    else:
        yield date(int(period.name_of(day)) + 1, period.month, period.day)


def lies_within(period: Period, longer: Period) -> bool:
    """Whether every period of the one kind lies in one of the other, longer kind."""
    if longer.kind is PeriodKind.LIFETIME:
        return period.kind is not PeriodKind.LIFETIME
    year = longer.kind is PeriodKind.CALENDAR_YEAR or (longer.kind is PeriodKind.POLICY_YEAR and longer.day == 1)
    return period.kind is PeriodKind.MONTH and year


def most_met(period: Period, other: Period) -> int:
    """How many periods of another kind, none of them a lifetime, one period that is no lifetime has days in at most."""
    begins, other_begins = ((each.month, each.day) for each in (period, other))
    match period.kind is PeriodKind.MONTH, other.kind is PeriodKind.MONTH:
        case True, True:
            return 1
        case True, False:
            return 1 if lies_within(period, other) else 2
        case False, True:
            return 12 if lies_within(other, period) else 13
        case _:
            return 1 if begins == other_begins else 2


def periods_in_force(model: Model, fact: str, period: Period) -> int:
    """How many periods of a kind the days of a date fact lie in, from the first day in force to the last there is."""
    if period.kind is PeriodKind.LIFETIME:
        return 1
    force = model.in_force if _limited(model, fact) else None
    first = date.min if force is None else force.first
    last = date.max if force is None or force.last is None else force.last
    if period.kind is PeriodKind.MONTH:
        return 12 * (last.year - first.year) + last.month - first.month + 1
    return int(period.name_of(last)) - int(period.name_of(first)) + 1


def same_in_a_period(model: Model, total: RunningTotal, category: str) -> bool:
    """Whether all claims of one period have the same word: it follows from their date, and changes between periods."""
    return any(fact.name == category and fact.same_within(total) for fact in model.dated)


def on_some_day(model: Model, words: Mapping[str, str]) -> bool:
    """Whether a day is in force on which all these words hold, of those that follow from a date."""
    tried = days_of(model)
    for name, days in tried.items():
        dated = [fact for fact in model.dated if fact.by == name and fact.name in words]
        if not any(all(fact.word(day) == words[fact.name] for fact in dated) for day in days):
            return False
    return True
