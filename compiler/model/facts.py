"""What is known of a claim: its facts, what follows from its dates, and the totals that reach beyond it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import assert_never

from dsl.source import Span

CLAIM_NUMBER = "claim"
"""The name of the claim number: a text fact that every claim of every policy has."""


@dataclass(frozen=True, slots=True)
class IdentifierFact:
    """A name for somebody or something: non-empty text, compared and ordered by code point."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DateFact:
    """A day, from year 1 to 9999."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MoneyFact:
    """An amount in minor units, `lowest <= value <= highest`, and at most the fact `at_most` where one is named.

    `0 <= lowest <= highest <= DOMAIN_TOP`; `at_most` names another money fact.
    """

    name: str
    lowest: int
    highest: int
    at_most: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CategoryFact:
    """One of a fixed set of words, in the order of the policy."""

    name: str
    values: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CountFact:
    """A whole number of something, such as days: `lowest <= value <= highest`, `0 <= lowest <= highest <= DOMAIN_TOP`.

    A `FactValue` of it is that number; it becomes money where a `Scaled` multiplies it by an amount.
    """

    name: str
    lowest: int
    highest: int
    span: Span = field(compare=False, repr=False)


Fact = IdentifierFact | DateFact | MoneyFact | CountFact | CategoryFact


@dataclass(frozen=True, slots=True)
class DateArm:
    """A stretch of days, both included, and the word for it; `last` is None for one without an end."""

    word: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class DatedFact:
    """A category that no claim states: its word follows from a date fact.

    Dated parameters and the versions of a policy are tables by such a category. The arms are in rising order and do not
    overlap; a claim whose day lies in none of them is `not in force`.
    """

    name: str
    by: str
    arms: tuple[DateArm, ...]
    span: Span = field(compare=False, repr=False)

    def word(self, day: date) -> str | None:
        """The word of a day; None where no arm holds it."""
        for arm in self.arms:
            if arm.first <= day and (arm.last is None or day <= arm.last):
                return arm.word
        return None

    def same_within(self, total: RunningTotal) -> bool:
        """Whether all claims of one period of a running total have the same word: it changes between periods only."""
        changes = [arm.first for arm in self.arms[1:]]
        days_before = [day if day == date.min else day - timedelta(days=1) for day in changes]
        periods = total.period
        return self.by == total.date_fact and all(
            periods.name_of(day) != periods.name_of(before) for day, before in zip(changes, days_before, strict=True)
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """The days on which the policy settles claims: `first` to `last`, both included, by the date fact `by`.

    `last` is None for a policy without an end.
    """

    first: date
    last: date | None
    by: str
    span: Span = field(compare=False, repr=False)


# Running totals -------------------------------------------------------------------------------------


class PeriodKind(Enum):
    """The stretch of time over which a running total counts before it starts again at zero."""

    CALENDAR_YEAR = "calendar year"
    POLICY_YEAR = "policy year"
    MONTH = "month"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class Period:
    """A kind of period; a policy year begins on `month` and `day` of every year (1 and 1 for the other kinds)."""

    kind: PeriodKind
    month: int = 1
    day: int = 1

    @property
    def label(self) -> str:
        """The period in words: `calendar year`, `policy year from 12-01`."""
        if self.kind is PeriodKind.POLICY_YEAR:
            return f"policy year from {self.month:02d}-{self.day:02d}"
        return str(self.kind.value)

    def name_of(self, day: date) -> str:
        """The period that a day falls in: `2013`, `2013-05` for a month, empty for a lifetime.

        A policy year has the number of the year in which it begins.
        """
        match self.kind:
            case PeriodKind.CALENDAR_YEAR:
                return f"{day.year:04d}"
            case PeriodKind.POLICY_YEAR:
                begun = (day.month, day.day) >= (self.month, self.day)
                first_year = day.year if begun else day.year - 1
                return f"{first_year:04d}"
            case PeriodKind.MONTH:
                return f"{day.year:04d}-{day.month:02d}"
            case PeriodKind.LIFETIME:
                return ""
            case _:
                assert_never(self.kind)


@dataclass(frozen=True, slots=True)
class RunningTotal:
    """The sum of an amount over the claims of one key in one period, up to and including this claim.

    Claims are taken in the order of `date_fact`, then claim number. A total above DOMAIN_TOP rejects its claim.

    name       unique in the Model, such as `critical_illness.base per person per calendar year`
    amount     the Amount that is added up, never negative
    key        the identifier fact whose claims are added up
    period     when the total starts again
    date_fact  the date fact that orders the claims and decides the period
    """

    name: str
    amount: str
    key: str
    period: Period
    date_fact: str
    span: Span = field(compare=False, repr=False)
