"""What a policy asks to be proved, what it allows, and its examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from dsl.source import Span
from dsl.tree.benefits import Period
from dsl.tree.formulas import Condition, Day, Formula, Name, Number, Ratio, Text


@dataclass(frozen=True, slots=True)
class NeverFallsLine:
    """`critical_illness never falls as borne rises`; for its ratio, the fact that rises may be left out."""

    amount: Name
    ratio: bool
    as_rises: Name | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NeverRisesLine:
    """`own_share never rises as basic_paid rises`."""

    amount: Name
    as_rises: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RatioBoundLine:
    """`critical_illness ratio at least 50%`."""

    benefit: Name
    at_least: bool
    ratio: Ratio
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BoundLine:
    """`critical_illness at most 90,000`."""

    amount: Name
    at_least: bool
    limit: Formula
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PeriodBoundLine:
    """`critical_illness at most 300,000 per person per calendar year`."""

    amount: Name
    at_least: bool
    limit: Formula
    period: Period
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NeverBelowLine:
    """`critical_illness for listed never below general`."""

    benefit: Name
    better: Name
    worse: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AlwaysLine:
    """`always own_share <= cost`."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ReachesLine:
    """`some claim reaches critical_illness = 1,000,000`."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnyOrderLine:
    """`order of basic, supplementary makes no difference`."""

    first: Name
    second: Name
    span: Span = field(compare=False, repr=False)


RequireLine = (
    NeverFallsLine
    | NeverRisesLine
    | RatioBoundLine
    | BoundLine
    | PeriodBoundLine
    | NeverBelowLine
    | AlwaysLine
    | ReachesLine
    | AnyOrderLine
)


@dataclass(frozen=True, slots=True)
class RequireBlock:
    """`require` and the lines under it."""

    lines: tuple[RequireLine, ...]
    span: Span = field(compare=False, repr=False)


class Allowed(Enum):
    """The policy choices that are errors unless a policy says why they are wanted."""

    RATIO_FALLS = "ratio falls"
    OWN_SHARE_FALLS = "own share falls"
    DEPENDS_ON_SPLITTING = "payment depends on splitting"
    WORSE_OFF = "worse off"


@dataclass(frozen=True, slots=True)
class AllowLine:
    """`allow critical_illness own share falls because "..."`."""

    benefit: Name | None
    what: Allowed
    reason: Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """`borne 100,000`: a fact of an example's claim."""

    fact: Name
    value: Number | Name | Day | Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """`critical_illness 49,600.00`: what an example must come to."""

    amount: Name
    value: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CaseLines:
    """One claim of an example: a line of facts and the `expect` lines after it."""

    given: tuple[Given, ...]
    expected: tuple[Expected, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExampleBlock:
    """`example "title"` and its claims, one after another."""

    title: Text
    cases: tuple[CaseLines, ...]
    span: Span = field(compare=False, repr=False)
