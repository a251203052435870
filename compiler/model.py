"""The Model: what a policy means, as a row of named amounts of one claim.

    facts --> amount 1 --> amount 2 --> ... --> benefit A --> left after A --> benefit B --> ... --> own share

Every amount is a whole number of minor units and is computed from facts and earlier amounts; between
roundings the value of an expression is an exact fraction. Only a `RunningTotal` reaches outside the claim.
Band schedules and running totals stay whole, because the verifier, the calculators and the explanation each
want their own best form of them. `docs/semantics.md` is the meaning of every node in words;
`compiler/evaluate.py` is that meaning as a program.

Spans stand last in every node and do not count in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction

from dsl.money import Currency, RoundingMode
from dsl.source import Span

CLAIM_NUMBER = "claim"
"""The name of the claim number: a text fact that every claim of every policy has."""

OWN_SHARE = "own_share"
"""The name of the amount that nobody has paid when all benefits are settled."""


# Facts: the inputs of one claim ---------------------------------------------------------------------


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


Fact = IdentifierFact | DateFact | MoneyFact | CategoryFact


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
    LIFETIME = "lifetime"


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
    period: PeriodKind
    date_fact: str
    span: Span = field(compare=False, repr=False)


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


# Expressions: exact values in minor units -----------------------------------------------------------


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

    `body` is `f`, with `TotalSoFar` standing for the total; it reads this claim's own categories, and no amounts.
    Where `body` contains a `Rounded`, the rounding is inside the difference, so a period's sum is exact.
    """

    total: RunningTotal
    body: Expression
    span: Span = field(compare=False, repr=False)


# Band schedules -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a band: an amount in minor units, and whether that amount itself is in the band."""

    value: int
    included: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BandRatio:
    """The coinsurance ratio of one band in one column, 0 to 1; None where the policy leaves the cell empty."""

    ratio: Fraction | None
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
        """The smallest whole amount of minor units in the band."""
        return self.lower.value if self.lower.included else self.lower.value + 1

    @property
    def last(self) -> int | None:
        """The largest whole amount of minor units in the band; None without an end."""
        if self.upper is None:
            return None
        return self.upper.value if self.upper.included else self.upper.value - 1


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
    opening     deductible D or threshold T, whose amount is a `Constant`, or a `ByCategory` of constants; or None
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


# Amounts, and the policy as a whole -----------------------------------------------------------------


class Role(Enum):
    """What an amount is for."""

    NAMED = "named amount"
    BASE = "base"
    AFTER_DEDUCTIBLE = "after deductible"
    BEFORE_CAP = "before cap"
    BENEFIT = "benefit"
    LEFT = "left"
    OWN_SHARE = "own share"


@dataclass(frozen=True, slots=True)
class Amount:
    """One whole number of minor units of a claim, computed from facts and earlier amounts.

    name     as the drafter wrote it, or `<benefit>.<part>` for the steps inside a benefit and `own_share`
    benefit  the benefit that the amount is a step of, or None
    """

    name: str
    role: Role
    expression: Expression
    benefit: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Benefit:
    """One layer: the names of the amounts that are its base and its payment, and whose cost it looks at.

    of_left  the base is what the layers before have not paid, not the whole cost
    """

    name: str
    base: str
    of_left: bool
    span: Span = field(compare=False, repr=False)


# What the policy asks to be proved ------------------------------------------------------------------


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
class RatioNeverFalls:
    """`<benefit> ratio never falls as <fact> rises`: each further band's ratio is at least that of the one before."""

    benefit: str
    as_rises: str
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
class NeverBelow:
    """`<benefit> for <better> never below <worse>`.

    Of two people with the same bills who differ only in `fact`, the one with `better` has at every moment
    received at least as much of the benefit as the one with `worse`.
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


Requirement = NeverFalls | RatioNeverFalls | RatioBound | AmountBound | NeverBelow | Always | Reaches


class Allowed(Enum):
    """The policy choices that are errors unless a policy says why they are wanted."""

    RATIO_FALLS = "ratio falls"
    OWN_SHARE_FALLS = "own share falls"


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


@dataclass(frozen=True, slots=True)
class Model:
    """A whole policy, resolved and typed.

    facts     in the order of the policy; the claim number is not among them
    amounts   in the order of computation; each reads only facts and amounts before it
    cost      the amount that benefits and own share add up to
    benefits  in the order in which they pay
    """

    id: str
    title: str
    source: str
    currency: Currency
    in_force: InForce | None
    facts: tuple[Fact, ...]
    amounts: tuple[Amount, ...]
    cost: Expression
    benefits: tuple[Benefit, ...]
    requirements: tuple[Requirement, ...]
    allowances: tuple[Allowance, ...]
    examples: tuple[Example, ...]
    span: Span = field(compare=False, repr=False)

    def amount(self, name: str) -> Amount:
        """The amount of that name. Raises KeyError where there is none."""
        for amount in self.amounts:
            if amount.name == name:
                return amount
        raise KeyError(name)

    def fact(self, name: str) -> Fact:
        """The fact of that name. Raises KeyError where there is none."""
        for fact in self.facts:
            if fact.name == name:
                return fact
        raise KeyError(name)

    @property
    def running_totals(self) -> tuple[RunningTotal, ...]:
        """Every running total, once each, in the order of the amounts that read them."""
        found = (
            node.total for amount in self.amounts for node in walk(amount.expression) if isinstance(node, Accumulated)
        )
        return tuple({total.name: total for total in found}.values())


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside an expression, those inside its conditions and openings included."""
    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar():
            return ()
        case Sum(terms) | Smallest(terms) | Largest(terms):
            return terms
        case Difference(left, right):
            return (left, right)
        case Scaled(value=value) | Rounded(value=value):
            return (value,)
        case Capped(value, cap):
            return (value, cap)
        case Choice(condition, then, otherwise):
            return (*condition_expressions(condition), then, otherwise)
        case ByCategory(cells=cells):
            return tuple(cell.value for cell in cells)
        case Accumulated(body=body):
            return (body,)
        case Schedule(argument=argument, opening=opening):
            return (argument,) if opening is None else (argument, opening.amount)


def condition_expressions(condition: Condition) -> tuple[Expression, ...]:
    """The expressions that a condition compares."""
    match condition:
        case Compare(left, _, right):
            return (left, right)
        case IsOneOf():
            return ()
        case AllOf(conditions) | AnyOf(conditions):
            return tuple(expression for inner in conditions for expression in condition_expressions(inner))
        case Not(inner):
            return condition_expressions(inner)


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)
