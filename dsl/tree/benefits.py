"""Amounts, benefits, splits and the stack that orders them."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.source import Span
from dsl.tree.formulas import Formula, Name, Number, RatioCell
from dsl.tree.header import CellKey, ConformsTo, For, RoundClause, SourceNote


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
    """`pay 60%`, `pay by hospital ...`, `pay in slices ...`, or `pay` and an amount (`pay basic_paid`).

    rest  it is what the other payers of a split leave, which no rounding may change
    """

    what: RatioCell | ByList | BandTable | Formula
    rest: bool
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
