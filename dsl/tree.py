"""The policy as it is written: one frozen node for each thing a drafter can say.

Numbers are exact fractions in the currency's own units (yuan, not fen), because the tree does not know the currency
yet. Spans stand last and do not count in comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction

from dsl.money import RoundingMode
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the drafter chose, where it is declared or used."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotation marks, without them."""

    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Day:
    """A date."""

    value: date
    span: Span = field(compare=False, repr=False)


OTHERWISE = "otherwise"
"""The word of a table that stands for every word of the category that the table does not name."""


# Expressions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """An amount of money such as `20,000.50`, in units of the currency."""

    value: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ratio:
    """`52%` or `2/3`."""

    value: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """`unknown between 80% and 100%`: a ratio that the document does not give, with the bounds that are sure."""

    lowest: Fraction
    highest: Fraction
    span: Span = field(compare=False, repr=False)


RatioCell = Ratio | Unknown


@dataclass(frozen=True, slots=True)
class Added:
    """Terms added and subtracted, from left to right; True marks a subtracted one."""

    terms: tuple[tuple[bool, Formula], ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Share:
    """`70% of covered`."""

    ratio: Ratio
    of: Formula
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Times:
    """`50 * days`: an amount for each of a count, or a multiple of an amount; one side is a written number."""

    left: Formula
    right: Formula
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Extreme:
    """`min(a, b)` or `max(a, b)`."""

    largest: bool
    terms: tuple[Formula, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if condition then a else b`."""

    condition: Condition
    then: Formula
    otherwise: Formula
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """`left`: what the layers before have not paid."""

    span: Span = field(compare=False, repr=False)


Formula = Number | Name | Added | Share | Times | Extreme | Conditional | Left


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a <= b`, `a at most b`, `illness is listed`; the relation is one of `<`, `<=`, `=`, `>=`, `>`."""

    left: Formula
    relation: str
    right: Formula
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """`hospital is one of township, county`."""

    fact: Name
    words: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions joined by `and`."""

    conditions: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions joined by `or`."""

    conditions: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negated:
    """`not condition`."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


Condition = Comparison | OneOf | Both | Either | Negated


# Header and claim -----------------------------------------------------------------------------------


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


# Amounts and benefits -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AmountBlock:
    """`amount name = formula`, with its own rounding and source."""

    name: Name
    formula: Formula
    rounding: RoundClause | None
    sources: tuple[SourceNote, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerClaim:
    """`per claim`."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerYear:
    """`per person per calendar year`, with the date that decides the year where it is said (`by discharged`)."""

    key: Name
    by: Name | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerPolicyYear:
    """`per person per policy year from 12-01`: a year that begins on the same day each year."""

    key: Name
    month: int
    day: int
    by: Name | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerMonth:
    """`per person per month`."""

    key: Name
    by: Name | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerLifetime:
    """`per person per lifetime`."""

    key: Name
    by: Name | None
    span: Span = field(compare=False, repr=False)


KeyedPeriod = PerYear | PerPolicyYear | PerMonth | PerLifetime
Period = PerClaim | KeyedPeriod


@dataclass(frozen=True, slots=True)
class CellKey:
    """The words of a column or entry: `general`, or `general/township` for two categories."""

    words: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list by category: `township 80`, or `township 60%`."""

    key: CellKey
    value: Number | RatioCell
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ByList:
    """`by hospital  township 80  county 200`: a value for each word of one or more categories."""

    categories: tuple[Name, ...]
    entries: tuple[Entry, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OfClause:
    """`of borne`, or `of borne, added up per person per calendar year`."""

    formula: Formula
    added_up: Period | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """`at most 2,500 per family per calendar year`, behind a deductible per person."""

    value: Formula
    period: Period
    span: Span = field(compare=False, repr=False)


Value = Formula | ByList


@dataclass(frozen=True, slots=True)
class DeductibleClause:
    """`deductible 6,000`, with the period over which it counts where that is not the benefit's own.

    shared  `at most 2,500 per family per calendar year`: the most that is deducted over another key as well
    """

    value: Value
    period: Period | None
    shared: SharedLimit | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ThresholdClause:
    """`threshold over 6,000` (exceeds) or `threshold from 6,000` (reaches)."""

    value: Value
    included: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BandEnd:
    """An end of a band, and whether the amount it names is in the band."""

    value: Formula
    included: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BandLine:
    """`over 6,000 to 20,000  50%  51%`."""

    lower: BandEnd
    upper: BandEnd | None
    ratios: tuple[RatioCell, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BandTable:
    """`in slices of the amount, by illness`, the heading with the columns, and the bands.

    in_slices             else on the whole amount
    above_the_deductible  else of the amount
    categories            empty for a table of one column
    payers                `between insurer, agency`: the columns are the shares of a split; else empty
    columns               the heading; empty where there are no categories and no payers
    """

    in_slices: bool
    above_the_deductible: bool
    categories: tuple[Name, ...]
    payers: tuple[Name, ...]
    columns: tuple[CellKey, ...]
    bands: tuple[BandLine, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PayClause:
    """`pay 60%`, `pay by hospital ...`, `pay in slices ...`, or `pay` and an amount (`pay basic_paid`)."""

    what: RatioCell | ByList | BandTable | Formula
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CapClause:
    """`cap 10,000 per person per calendar year`: the most that is paid; without a period, over the benefit's own."""

    value: Value
    period: Period | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CapBaseClause:
    """`cap base 30,000`: the most of one claim's cost that the benefit looks at."""

    value: Value
    span: Span = field(compare=False, repr=False)


BenefitClause = (
    SourceNote
    | OfClause
    | For
    | DeductibleClause
    | ThresholdClause
    | PayClause
    | CapClause
    | CapBaseClause
    | ConformsTo
    | RoundClause
)


@dataclass(frozen=True, slots=True)
class BenefitBlock:
    """`benefit name` and the clauses under it."""

    name: Name
    clauses: tuple[BenefitClause, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SplitBlock:
    """`split name`: a cost that several payers share, `between` them; the last one bears the rounding."""

    name: Name
    clauses: tuple[BenefitClause, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LargerOf:
    """`the larger of a or b`: of two benefits on the same cost only the larger one is paid; of equal ones the first."""

    first: Name
    second: Name
    span: Span = field(compare=False, repr=False)


Layer = Name | LargerOf


@dataclass(frozen=True, slots=True)
class StackBlock:
    """`stack of cost` and the layers in the order in which they pay."""

    of: Formula | None
    layers: tuple[Layer, ...]
    span: Span = field(compare=False, repr=False)


# What the policy asks to be proved ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NeverFallsLine:
    """`critical_illness never falls as borne rises`; for its ratio, the fact that rises may be left out."""

    amount: Name
    ratio: bool
    as_rises: Name | None
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


RequireLine = NeverFallsLine | RatioBoundLine | BoundLine | NeverBelowLine | AlwaysLine | ReachesLine


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


Block = (
    ClaimBlock
    | PlainParameter
    | ParameterTable
    | AmountBlock
    | BenefitBlock
    | SplitBlock
    | StackBlock
    | RequireBlock
    | AllowLine
    | ExampleBlock
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole file: the header and the blocks under it, in the order written."""

    header: Header
    blocks: tuple[Block, ...]
    span: Span = field(compare=False, repr=False)


# A standard -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StandardRatioNeverFalls:
    """`benefit ratio never falls`."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StandardRatioBound:
    """`benefit ratio at least 50%`."""

    at_least: bool
    ratio: Ratio
    span: Span = field(compare=False, repr=False)


StandardLine = StandardRatioNeverFalls | StandardRatioBound


@dataclass(frozen=True, slots=True)
class Standard:
    """A file that holds only requirements, which benefits of other files conform to."""

    name: Name
    clauses: tuple[Title | SourceNote, ...]
    lines: tuple[StandardLine, ...]
    span: Span = field(compare=False, repr=False)
