"""What a policy asks to be proved of itself, what it allows, and its worked examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from compiler.model.amounts import Amount
from compiler.model.expressions import Condition, Expression
from compiler.model.facts import RunningTotal
from dsl.source import Span
from dsl.tree import Allowed as Allowed

if TYPE_CHECKING:
    from compiler.model.policy import Model


class Side(Enum):
    """The direction of a bound."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class NeverFalls:
    """`<amount> never falls as <fact> rises`, all other facts and the history being the same."""

    amount: str
    as_rises: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NeverRises:
    """`<amount> never rises as <fact> rises`, all other facts and the history being the same."""

    amount: str
    as_rises: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RatioNeverFalls:
    """`<benefit> ratio never falls`: the ratio of each further band is at least that of the one before."""

    benefit: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RatioBound:
    """`<benefit> ratio at least 50%`: the ratio of every band in every column."""

    benefit: str
    side: Side
    ratio: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AmountBound:
    """`<amount> at most <expression>`, for every claim whatever was settled before."""

    amount: str
    side: Side
    limit: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PeriodBound:
    """`<amount> at most 300,000 per person per calendar year`.

    After every claim that is settled, the amount over the settled claims of that key and period, this one included,
    comes to no more than `limit` minor units.

    total   the sum that is bounded; no amount need read it
    across  where claims of several versions count together, these versions as one: those whose claims can come before
            one of the version that asks for the bound. It must hold after every claim settled under that version.
    """

    total: RunningTotal
    limit: int
    span: Span = field(compare=False, repr=False)
    across: Model | None = None


@dataclass(frozen=True, slots=True)
class NeverBelow:
    """`<amount> for <better> never below <worse>`.

    Of two people with the same bills who differ only in `fact`, the one with `better` has at every moment
    received at least as much of the amount as the one with `worse`.
    """

    benefit: str
    fact: str
    better: str
    worse: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Always:
    """`always <condition>`, for every claim whatever was settled before."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reaches:
    """`some claim reaches <condition>`: a claim, or a few after one another, for which it holds."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnyOrder:
    """`order of <first>, <second> makes no difference`: every claim leaves the same own share with the two exchanged.

    exchanged  the row of amounts with either benefit in the other's place in the stack
    """

    first: str
    second: str
    exchanged: tuple[Amount, ...]
    span: Span = field(compare=False, repr=False)


Requirement = (
    NeverFalls
    | NeverRises
    | RatioNeverFalls
    | RatioBound
    | AmountBound
    | PeriodBound
    | NeverBelow
    | Always
    | Reaches
    | AnyOrder
)


@dataclass(frozen=True, slots=True)
class Conformity:
    """`conforms to <standard>`: a benefit meets every requirement of a standard, whose title and source these are."""

    standard: str
    title: str
    source: str
    benefit: str
    requirements: tuple[RatioNeverFalls | RatioBound, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Allowance:
    """`allow [<benefit>] own share falls because "..."`; `benefit` None speaks of the whole policy."""

    what: Allowed
    benefit: str | None
    reason: str
    span: Span = field(compare=False, repr=False)


FactInput = int | str | date
"""A fact of a claim: minor units, a word or identifier, or a day."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """`expect <amount> <value>`: what the amount must come to, in minor units."""

    amount: str
    value: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExampleClaim:
    """One claim of an example with all its facts, the claim number among them, and what it must give."""

    facts: tuple[tuple[str, FactInput], ...]
    expectations: tuple[Expectation, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A worked case: claims settled after one another, from an empty ledger."""

    title: str
    claims: tuple[ExampleClaim, ...]
    span: Span = field(compare=False, repr=False)
