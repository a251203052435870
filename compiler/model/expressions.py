"""Formulas: exact values in minor units, the conditions in them, and the band schedules at the heart of benefits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from compiler.model.facts import RunningTotal
from dsl.money import RoundingMode
from dsl.source import Span

# Conditions -----------------------------------------------------------------------------------------


class Relation(Enum):
    """How two exact values compare."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    AT_LEAST = ">="
    MORE = ">"


@dataclass(frozen=True, slots=True)
class Compare:
    """`left relation right`, of two exact values."""

    left: Expression
    relation: Relation
    right: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """The category fact has one of `values`."""

    fact: str
    values: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the conditions holds."""

    conditions: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the conditions holds."""

    conditions: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Condition
    span: Span = field(compare=False, repr=False)


Condition = Compare | IsOneOf | AllOf | AnyOf | Not


# Expressions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed number of minor units."""

    value: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FactValue:
    """The value of a money fact."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AmountValue:
    """The value of an earlier amount of the same claim."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TotalSoFar:
    """The running total of the enclosing `Accumulated`; stands nowhere else."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """All terms added."""

    terms: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """`left - right`."""

    left: Expression
    right: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scaled:
    """`ratio` times the value."""

    ratio: Fraction
    value: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest of the terms."""

    terms: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest of the terms."""

    terms: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """`then` where the condition holds, else `otherwise`."""

    condition: Condition
    then: Expression
    otherwise: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a table by category: the words of its column or row, and the value there."""

    key: tuple[str, ...]
    value: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ByCategory:
    """The cell whose key equals the claim's values of `facts`, in that order.

    A combination without a cell has no value (TP105).
    """

    facts: tuple[str, ...]
    cells: tuple[Cell, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Capped:
    """The value, but at most `cap`: a maximum that the policy sets."""

    value: Expression
    cap: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rounded:
    """The value rounded to a multiple of `unit` minor units (see `dsl.money.round_to_unit`)."""

    value: Expression
    mode: RoundingMode
    unit: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Accumulated:
    """`f(S) - f(P)`: what `body` gives for the total with this claim, less what it gave for the total before it.

    `body` is `f`, with `TotalSoFar` standing for the total; all else that it reads (categories, and facts or amounts in
    the ends of bands) are this claim's own, for the total before it too.
    Where `body` contains a `Rounded`, the rounding is inside the difference, so a period's sum is exact.
    """

    total: RunningTotal
    body: Expression
    span: Span = field(compare=False, repr=False)


# Band schedules -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a band, and whether that amount itself is in the band.

    value  a `Constant`, or an exact amount that follows from the facts (`5% of fund`), possibly a part of a minor unit
    """

    value: Expression
    included: bool
    span: Span = field(compare=False, repr=False)

    @property
    def constant(self) -> int:
        """The end in minor units, where it is the same for every claim."""
        assert isinstance(self.value, Constant), "the end of this band follows from the claim"
        return self.value.value


@dataclass(frozen=True, slots=True)
class BandRatio:
    """The coinsurance ratio of one band in one column.

    ratio    0 to 1; None where the policy leaves the cell empty, or does not know it
    unknown  the least and the most that an unknown ratio can be, both possible; None for a known or missing one
    """

    ratio: Fraction | None
    unknown: tuple[Fraction, Fraction] | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of amounts with one ratio for each column; `upper` is None for a band without an end."""

    lower: Bound
    upper: Bound | None
    ratios: tuple[BandRatio, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def first(self) -> int:
        """The smallest whole amount of minor units in the band, whose ends are constants."""
        return self.lower.constant if self.lower.included else self.lower.constant + 1

    @property
    def last(self) -> int | None:
        """The largest whole amount of minor units in the band, whose ends are constants; None without an end."""
        if self.upper is None:
            return None
        return self.upper.constant if self.upper.included else self.upper.constant - 1


@dataclass(frozen=True, slots=True)
class Deductible:
    """The part of the argument up to `amount` is not paid."""

    amount: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Nothing is paid unless the argument is over `amount` (or reaches it, where `included`); it is not subtracted."""

    amount: Expression
    included: bool
    span: Span = field(compare=False, repr=False)


Opening = Deductible | Threshold


class Manner(Enum):
    """What a band's ratio is applied to."""

    IN_SLICES = "in slices"
    ON_THE_WHOLE = "on the whole amount"


class Measured(Enum):
    """What the bands' ends are compared with."""

    OF_THE_AMOUNT = "of the amount"
    ABOVE_THE_DEDUCTIBLE = "above the deductible"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A table of bands and ratios applied to one argument: the heart of most benefits.

    argument    a whole, never negative amount, called x below
    opening     deductible D or threshold T, whose amount is whole and never negative; or None
    measured    ABOVE_THE_DEDUCTIBLE: the bands see `max(x - D, 0)`, and from there on it is as if D were 0
    manner      IN_SLICES: each band's ratio on the part of x that lies in the band and above D. A band's slice runs
                from the upper end of the band before it (for the first band: its own lower end) to its own upper end.
                ON_THE_WHOLE: the ratio of the band that contains x, on all of x above D.
    categories  the category facts that choose the column (none: one column with the empty key)
    columns     the keys of the columns, each one value per category
    bands       in the order of the policy, each with one ratio per column

    A whole amount of minor units that must lie in a band but lies in none, or in two, has no value.
    Amount 0 needs no band, nor does one that the deductible or the threshold excludes; any other does.
    """

    argument: Expression
    opening: Opening | None
    measured: Measured
    manner: Manner
    categories: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    bands: tuple[Band, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def constant(self) -> bool:
        """Whether all ends and the opening are the same for every claim, or for every claim of one category cell."""
        ends = [bound for band in self.bands for bound in (band.lower, band.upper) if bound is not None]
        return all(isinstance(bound.value, Constant) for bound in ends) and (
            self.opening is None or _same_in_a_cell(self.opening.amount)
        )


def _same_in_a_cell(amount: Expression) -> bool:
    match amount:
        case Constant():
            return True
        case ByCategory(cells=cells):
            return all(isinstance(cell.value, Constant) for cell in cells)
        case _:
            return False


Expression = (
    Constant
    | FactValue
    | AmountValue
    | TotalSoFar
    | Sum
    | Difference
    | Scaled
    | Smallest
    | Largest
    | Choice
    | ByCategory
    | Capped
    | Rounded
    | Accumulated
    | Schedule
)
