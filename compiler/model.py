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

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import assert_never

from dsl.money import Currency, RoundingMode
from dsl.source import Span
from dsl.tree import Allowed as Allowed

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
        return self.kind.value

    def name_of(self, day: date) -> str:
        """The period that a day falls in: `2013`, `2013-05` for a month, empty for a lifetime.

        A policy year has the number of the year in which it begins.
        """
        match self.kind:
            case PeriodKind.CALENDAR_YEAR:
                return f"{day.year:04d}"
            case PeriodKind.POLICY_YEAR:
                begun = (day.month, day.day) >= (self.month, self.day)
                return f"{day.year if begun else day.year - 1:04d}"
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
        opening = [] if self.opening is None else list(walk(self.opening.amount))
        return all(isinstance(bound.value, Constant) for bound in ends) and all(
            isinstance(node, Constant | ByCategory) for node in opening
        )


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
    DEDUCTED = "deducted"
    AFTER_DEDUCTIBLE = "after deductible"
    BEFORE_CAP = "before cap"
    DUE = "due"
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


@dataclass(frozen=True, slots=True)
class Model:
    """A whole policy, resolved and typed.

    draft     not final: calculators are not built of it
    facts     in the order of the policy; the claim number is not among them
    dated     the categories that follow from a date
    amounts   in the order of computation; each reads only facts and amounts before it
    cost      the amount that benefits and own share add up to
    benefits  in the order in which they pay
    """

    id: str
    title: str
    source: str
    currency: Currency
    draft: bool
    in_force: InForce | None
    facts: tuple[Fact, ...]
    dated: tuple[DatedFact, ...]
    amounts: tuple[Amount, ...]
    cost: Expression
    benefits: tuple[Benefit, ...]
    requirements: tuple[Requirement, ...]
    conformities: tuple[Conformity, ...]
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
    def categories(self) -> dict[str, tuple[str, ...]]:
        """The words of every category, stated and dated, in the order of the policy."""
        stated = {fact.name: fact.values for fact in self.facts if isinstance(fact, CategoryFact)}
        return stated | {fact.name: tuple(arm.word for arm in fact.arms) for fact in self.dated}

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
        case Schedule(argument=argument, opening=opening, bands=bands):
            ends = (bound.value for band in bands for bound in (band.lower, band.upper) if bound is not None)
            return (argument, *(() if opening is None else (opening.amount,)), *ends)


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


def rebuilt(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The expression with `change` applied to it and to everything inside it, innermost first."""

    def inside(inner: Expression) -> Expression:
        return rebuilt(inner, change)

    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar():
            result: Expression = node
        case Sum(terms) | Smallest(terms) | Largest(terms):
            result = replace(node, terms=tuple(inside(term) for term in terms))
        case Difference(left, right):
            result = replace(node, left=inside(left), right=inside(right))
        case Scaled(value=value) | Rounded(value=value):
            result = replace(node, value=inside(value))
        case Capped(value, cap):
            result = replace(node, value=inside(value), cap=inside(cap))
        case Choice(condition, then, otherwise):
            test = rebuilt_condition(condition, change)
            result = replace(node, condition=test, then=inside(then), otherwise=inside(otherwise))
        case ByCategory(cells=cells):
            result = replace(node, cells=tuple(replace(cell, value=inside(cell.value)) for cell in cells))
        case Accumulated(body=body):
            result = replace(node, body=inside(body))
        case Schedule(argument=argument, opening=opening, bands=bands):
            result = replace(
                node,
                argument=inside(argument),
                opening=None if opening is None else replace(opening, amount=inside(opening.amount)),
                bands=tuple(
                    replace(
                        band,
                        lower=replace(band.lower, value=inside(band.lower.value)),
                        upper=None if band.upper is None else replace(band.upper, value=inside(band.upper.value)),
                    )
                    for band in bands
                ),
            )
        case _:
            assert_never(node)
    return change(result)


def rebuilt_condition(condition: Condition, change: Callable[[Expression], Expression]) -> Condition:
    """The condition with `change` applied to everything that it compares."""
    match condition:
        case Compare(left, _, right):
            return replace(condition, left=rebuilt(left, change), right=rebuilt(right, change))
        case IsOneOf():
            return condition
        case AllOf(conditions) | AnyOf(conditions):
            return replace(condition, conditions=tuple(rebuilt_condition(inner, change) for inner in conditions))
        case Not(inner):
            return replace(condition, condition=rebuilt_condition(inner, change))
        case _:
            assert_never(condition)
