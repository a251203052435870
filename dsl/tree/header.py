"""The header of a policy, the facts of a claim, and parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.money import RoundingMode
from dsl.source import Span
from dsl.tree.formulas import Condition, Day, Name, Number, Text


@dataclass(frozen=True, slots=True)
class Title:
    """`title "..."`."""

    text: Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """`source "..."`: document and article."""

    text: Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CurrencyClause:
    """`currency CNY`."""

    code: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InForceClause:
    """`in force 2013-01-01 to 2013-12-31, by discharged`; `last` None for `in force from`."""

    first: Day
    last: Day | None
    by: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class For:
    """`for condition`: the claims that a benefit, or the whole policy, is for."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RoundClause:
    """`round half up to 0.01`."""

    mode: RoundingMode
    unit: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DraftClause:
    """`status draft`: the policy is not final, so no calculator is built of it."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ConformsTo:
    """`conforms to standard`, of a benefit; in the header, of the only one."""

    standard: Name
    span: Span = field(compare=False, repr=False)


HeaderClause = Title | SourceNote | CurrencyClause | InForceClause | For | RoundClause | DraftClause | ConformsTo


@dataclass(frozen=True, slots=True)
class Header:
    """`policy name` and the clauses under it."""

    name: Name
    clauses: tuple[HeaderClause, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FromLimit:
    """`from 0`: the least that an amount may be."""

    value: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UpToLimit:
    """`up to 10,000,000`: the most that an amount may be."""

    value: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AtMostFact:
    """`at most cost`: the fact that an amount never exceeds."""

    fact: Name
    span: Span = field(compare=False, repr=False)


FactLimit = FromLimit | UpToLimit | AtMostFact


@dataclass(frozen=True, slots=True)
class PlainFact:
    """`borne money`, `person identifier`, `discharged date`, with limits on money."""

    name: Name
    kind: Name
    limits: tuple[FactLimit, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WordFact:
    """`illness general | listed`."""

    name: Name
    words: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


FactLine = PlainFact | WordFact


@dataclass(frozen=True, slots=True)
class ClaimBlock:
    """`claim` and the facts under it."""

    facts: tuple[FactLine, ...]
    span: Span = field(compare=False, repr=False)


# Parameters -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellKey:
    """The words of a column or entry: `general`, or `general/township` for two categories."""

    words: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PlainParameter:
    """`parameter name = 6,000`."""

    name: Name
    value: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DayRange:
    """`from 2013-01-01` (until the next row begins), or `2013-01-01 to 2013-12-31`."""

    first: Day
    last: Day | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A row of a table of parameters: the days or words it is for, and a value for each column."""

    key: DayRange | CellKey
    values: tuple[Number, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """`parameter name, by discharged, residence`: rows by the first, columns by the others."""

    name: Name
    by: tuple[Name, ...]
    columns: tuple[CellKey, ...]
    rows: tuple[ParameterRow, ...]
    sources: tuple[SourceNote, ...]
    span: Span = field(compare=False, repr=False)


ParameterBlock = PlainParameter | ParameterTable
