"""One value of a row as a fact, exactly. What cannot be read stays text, which the rules of the domain then reject."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import assert_never

from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    Fact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
)
from dsl.money import Currency, parse_money

_NUMBER = re.compile(r"(-?)0*(\d+)", re.ASCII)
_LONGEST = 30
"""More digits than any number of the domain has; the first of a longer number tell as well that it is too large."""
_MONEY = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)((?:\.\d+)?)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_claim(model: Model, row: Mapping[str, str]) -> dict[str, FactInput | None]:
    """The facts of a row. None for an empty value; text where it should be an amount or a date and is none."""
    claim: dict[str, FactInput | None] = {CLAIM_NUMBER: row[CLAIM_NUMBER] or None}
    for fact in model.facts:
        claim[fact.name] = read_fact(fact, row[fact.name], model.currency)
    return claim


def read_fact(fact: Fact, text: str, currency: Currency) -> FactInput | None:
    """A value of a file as the fact it stands for: amounts in minor units, written `20,000.50`; counts as plain whole
    numbers; dates `2013-05-02`.

    Spaces around amounts, counts, dates and words of a category count for nothing.
    """
    match fact:
        case IdentifierFact():
            return text or None
        case CategoryFact():
            return text.strip(" ") or None
        case DateFact():
            return _day(text.strip(" ")) or None
        case CountFact():
            return _number(text.strip(" ")) if text.strip(" ") else None
        case MoneyFact():
            return _amount(text.strip(" "), currency) if text.strip(" ") else None
        case _:
            assert_never(fact)


def _number(text: str) -> int | str:
    found = _NUMBER.fullmatch(text)
    return text if found is None else int(found.group(1) + found.group(2)[:_LONGEST])


def _day(text: str) -> date | str:
    if _DAY.fullmatch(text) is None:
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _amount(text: str, currency: Currency) -> int | str:
    found = _MONEY.fullmatch(text)
    if found is None:
        return text
    sign, major, decimals = found.groups()
    try:
        amount = parse_money(f"{major.replace(',', '').lstrip('0')[:_LONGEST] or '0'}{decimals}", currency)
    except ValueError:
        return text
    return -amount if sign else amount


def format_amount(minor: int, currency: Currency) -> str:
    """Minor units as a file has them: all decimals, no thousands separators, `20000.50`."""
    sign = "-" if minor < 0 else ""
    major, rest = divmod(abs(minor), currency.minor_per_major)
    return f"{sign}{major}.{rest:0{currency.digits}d}" if currency.digits else f"{sign}{major}"


def as_row(columns: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """The values of a row by column."""
    return dict(zip(columns, values, strict=True))
