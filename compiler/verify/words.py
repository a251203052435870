"""Amounts, cells and claims as the drafter writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby

from compiler.domain import Rejection
from compiler.evaluate import Claim, Outcome, Settled, Undefined
from compiler.model import (
    OWN_SHARE,
    AmountValue,
    Bound,
    CategoryFact,
    Constant,
    CountFact,
    Expression,
    FactValue,
    Model,
    MoneyFact,
    Scaled,
)
from compiler.schedule import Lack
from compiler.verify.unknown import bounds_of, set_ratios
from dsl.money import format_money, format_ratio

ARROW = "  ->  "
NO_VALUE = {
    Lack.NO_BAND: "no ratio is defined",
    Lack.TWO_BANDS: "two ratios are defined",
    Lack.NO_RATIO: "no ratio is defined",
    Lack.UNKNOWN_RATIO: "the ratio is not known",
    Lack.NO_CELL: "no value is defined",
}


def money(model: Model, minor: int) -> str:
    """An amount with all its decimals: `20,000.00`."""
    return format_money(minor, model.currency)


def of_fact(model: Model, name: str, value: int) -> str:
    """A value of a fact: an amount with its decimals, a count as it is."""
    return str(value) if isinstance(model.fact(name), CountFact) else money(model, value)


def short(model: Model, minor: int) -> str:
    """An amount as a drafter writes it in a clause: `20,000`, or `20,000.50`."""
    text = money(model, minor)
    return text.split(".")[0] if "." in text and not text.split(".")[1].strip("0") else text


def said(name: str) -> str:
    """The name of an amount as it is spoken of: the own share is no name that a drafter chose."""
    return "own share" if name == OWN_SHARE else name


def formula_text(model: Model, formula: Expression) -> str:
    """A limit or an end in words: an amount, a name, a share of one, or that it is a formula."""
    match formula:
        case Constant(value):
            return short(model, value)
        case FactValue(name) | AmountValue(name):
            return said(name)
        case Scaled(ratio, FactValue(name) | AmountValue(name)) if 0 < ratio < 1:
            return f"{format_ratio(ratio)} of {said(name)}"
        case _:
            return "what the formula gives"


def limit_text(model: Model, formula: Expression, value: Fraction) -> str:
    """A limit that a claim missed: `7,000.00`, or where it follows from the claim `10% of cost (0.001)`."""
    if isinstance(formula, Constant):
        return money(model, formula.value)
    exact = value / model.currency.minor_per_major
    decimals = next(
        (places for places in range(model.currency.digits, 9) if (exact * 10**places).denominator == 1), None
    )
    shown = "" if decimals is None else f" ({_decimal(exact, decimals)})"
    return f"{formula_text(model, formula)}{shown}"


def _decimal(value: Fraction, places: int) -> str:
    """An exact decimal number."""
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    whole, rest = (digits[:-places], f".{digits[-places:]}") if places else (digits, "")
    return f"{'-' if value < 0 else ''}{int(whole):,}{rest}"


def cell_text(cell: Mapping[str, str]) -> str:
    """A category cell: `illness general`. The row of a table by date is its day alone, as it is written there."""
    return ", ".join(word if "." in fact else f"{fact} {word}" for fact, word in cell.items())


def lower_end(model: Model, bound: Bound) -> str:
    """The lower end of a band: `from 20,001` or `over 20,000`."""
    return f"{'from' if bound.included else 'over'} {formula_text(model, bound.value)}"


def facts_text(model: Model, claim: Claim) -> str:
    """The amounts and words of a claim: `borne 20,000.01, illness general`."""
    parts: list[str] = []
    for fact in model.facts:
        value = claim.get(fact.name)
        if isinstance(fact, MoneyFact) and isinstance(value, int):
            parts.append(f"{fact.name} {money(model, value)}")
        elif isinstance(fact, CountFact | CategoryFact):
            parts.append(f"{fact.name} {value}")
    return ", ".join(parts)


def claims_text(model: Model, claims: Sequence[Claim], among: Sequence[Claim] = ()) -> str:
    """Claims settled after one another, with whose they are and when where that differs, here or among others."""
    plain = [facts_text(model, claim) for claim in claims]
    marks = [_marks(model, claim, among or claims) for claim in claims]
    runs = [(text, len(list(same))) for text, same in groupby(map("".join, zip(marks, plain, strict=True)))]
    return "; then ".join(text if times == 1 else f"{times:,} times {text}" for text, times in runs)


def _marks(model: Model, claim: Claim, claims: Sequence[Claim]) -> str:
    dated = {fact.by for fact in model.dated}
    differing = [
        fact.name
        for fact in model.facts
        if fact.name in dated
        or (
            not isinstance(fact, MoneyFact | CountFact | CategoryFact)
            and len({str(other.get(fact.name)) for other in claims}) > 1
        )
    ]
    values = [(name, claim.get(name)) for name in differing]
    return "".join(f"{name} {value.isoformat() if isinstance(value, date) else value}, " for name, value in values)


def claim_line(model: Model, claims: Sequence[Claim], result: str, note: str = "") -> str:
    """The line under a finding: claims, what comes of them, and a note that belongs to it."""
    return with_note(f"{claims_text(model, claims)}{ARROW}{result}", note)


def with_note(line: str, note: str) -> str:
    """A line and the note that belongs to it, if there is one."""
    return f"{line}, {note}" if note else line


def outcome_text(model: Model, outcome: Outcome, names: Sequence[str]) -> str:
    """What came of a claim: the amounts named, or why there are none."""
    match outcome:
        case Settled(amounts):
            return ", ".join(f"{said(name)} {money(model, amounts[name])}" for name in names)
        case Undefined(lack=lack):
            return NO_VALUE[lack]
        case Rejection(field, reason):
            return f"rejected, {field}: {reason}"


def ratio_note(model: Model) -> str:
    """The values that the unknown ratios of a model were set to, with their lines where they differ; empty for none."""
    ratios = {
        (bounds_of(ratio)[0], ratio.span.line) for amount in model.amounts for ratio in set_ratios(amount.expression)
    }
    values = sorted({value for value, _ in ratios})
    if len({line for _, line in ratios}) < 2 or len(values) < 2:
        return f"with the unknown ratio at {' and '.join(map(format_ratio, values))}" if ratios else ""
    lines = sorted((line, value) for value, line in ratios)
    return f"with the unknown ratios at {', '.join(f'{format_ratio(value)} (line {line})' for line, value in lines)}"
