"""Columns of a file of claims as facts, in SQL, and amounts as a file has them. Never through a floating-point number.

The expressions take the same texts as `compiler.run.fields.read_fact`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from compiler.model import CategoryFact, CountFact, DateFact, Fact, IdentifierFact, Model, MoneyFact
from compiler.run.fields import format_amount
from compiler.run.parquet import TEXT, WHOLE, decimal_places
from dsl.money import Currency

DIGITS = 18
"""The digits of an amount in a DECIMAL that is kept in 64 bits."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an engine writes what it has in common with others: text without spaces around it, whether all of a text fits
    an expression (of ASCII digits, `[.]` and `,`), and the type of text."""

    trimmed: str
    fits: str
    text: str


DUCKDB = Spelling("trim({}, ' ')", "regexp_full_match({}, '{}')", "VARCHAR")
SPARK = Spelling("trim(BOTH ' ' FROM {})", r"{} RLIKE '^(?:{})\\z'", "STRING")


def as_fact(fact: Fact | None, raw: str, type_: str, currency: Currency, by: Spelling = DUCKDB) -> str:
    """A value of a column as the fact, NULL where it is none or empty; None stands for the claim number."""
    trimmed = by.trimmed.format(raw)
    match fact:
        case None | IdentifierFact():
            return f"nullif({raw}, '')" if type_ == TEXT else f"CAST({raw} AS {by.text})"
        case CategoryFact():
            return f"nullif({trimmed}, '')" if type_ == TEXT else f"CAST({raw} AS {by.text})"
        case DateFact():
            if type_ != TEXT:
                return raw
            day = f"{by.fits.format(trimmed, '[0-9]{4}-[0-9]{2}-[0-9]{2}')} AND {trimmed} >= '0001'"
            return f"TRY_CAST(CASE WHEN {day} THEN {trimmed} END AS DATE)"
        case CountFact():
            if type_ != TEXT:
                return f"TRY_CAST({raw} AS BIGINT)"
            return f"TRY_CAST(CASE WHEN {by.fits.format(trimmed, '-?[0-9]+')} THEN {trimmed} END AS BIGINT)"
        case MoneyFact():
            return in_minor_units(raw, type_, currency, by)
        case _:
            assert_never(fact)


def in_minor_units(raw: str, type_: str, currency: Currency, by: Spelling = DUCKDB) -> str:
    """An amount of the currency in a column of this type as whole minor units; NULL where it is none, or not whole."""
    factor = currency.minor_per_major
    decimal = decimal_places(type_)
    if type_ in WHOLE:
        return f"TRY_CAST(CAST({raw} AS DECIMAL(20, 0)) * {factor} AS BIGINT)"
    if decimal is not None and decimal[1] <= currency.digits and decimal[0] - decimal[1] + currency.digits <= DIGITS:
        return f"CAST({raw} * {factor} AS BIGINT)"
    trimmed = by.trimmed.format(raw) if type_ == TEXT else f"CAST({raw} AS {by.text})"
    decimals = f"([.][0-9]{{1,{currency.digits}}}0*)?" if currency.digits else "([.]0+)?"
    written = by.fits.format(trimmed, f"-?([0-9]{{1,3}}(,[0-9]{{3}})+|[0-9]+){decimals}")
    # As many digits as leave room for the factor; more of them are no amount of any claim.
    plain = f"CASE WHEN {written} THEN replace({trimmed}, ',', '') END"
    exact = f"TRY_CAST({plain} AS DECIMAL({DIGITS - currency.digits}, {currency.digits}))"
    return f"CAST({exact} * {factor} AS BIGINT)"


def is_read(fact: Fact | None, value: str, raw: str, type_: str, by: Spelling = DUCKDB) -> str | None:
    """Whether a value that is there was read as the fact; None where every value can be."""
    match fact:
        case None | IdentifierFact() | CategoryFact():
            return None
        case MoneyFact() | CountFact() | DateFact():
            blank = f"coalesce({raw}, '')"
            nothing = f"{by.trimmed.format(blank)} = ''" if type_ == TEXT else f"{raw} IS NULL"
            return f"({value} IS NOT NULL OR {nothing})"
        case _:
            assert_never(fact)


def in_currency(minor: str, currency: Currency) -> str:
    """Minor units as an amount of the currency, with all its decimals."""
    if not currency.digits:
        return minor
    unit = f"CAST('{format_amount(1, currency)}' AS DECIMAL({currency.digits + 1}, {currency.digits}))"
    return f"{minor} * {unit}"


def in_decimals(minor: str, currency: Currency) -> str:
    """Minor units as a DECIMAL of the currency. An amount that does not fit ends the run; none is cut."""
    return f"CAST({in_currency(minor, currency)} AS DECIMAL({DIGITS}, {currency.digits}))"


def kept_in_parquet(model: Model, name: str, raw: str) -> str:
    """A column of a CSV for a result in Parquet: text gets the type of its fact."""
    fact = next((fact for fact in model.facts if fact.name == name), None)
    if fact is None:
        return raw
    value = as_fact(fact, raw, TEXT, model.currency)
    return in_decimals(value, model.currency) if isinstance(fact, MoneyFact) else value
