"""Names, texts and days, and what is computed of them: formulas and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

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


# Formulas -------------------------------------------------------------------------------------------


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
