"""A value of a file is read alike by the database and by the reference: the same texts, the same facts."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compiler.model import CategoryFact, DateFact, Fact, FactInput, IdentifierFact, MoneyFact
from compiler.run.columns import as_fact
from compiler.run.fields import format_amount, read_fact
from dsl.money import CURRENCIES, DOMAIN_TOP, Currency
from dsl.source import Span

HERE = Span("claims.csv", 1, 1, 1, 1)
FACTS: tuple[Fact, ...] = (
    IdentifierFact("person", HERE),
    CategoryFact("illness", ("general", "listed"), HERE),
    DateFact("discharged", HERE),
    MoneyFact("cost", 0, DOMAIN_TOP, None, HERE),
)
CURRENCY = [CURRENCIES[code] for code in ("CNY", "JPY", "KWD")]

NEAR_AMOUNTS = st.text(alphabet="0123456789,.-+ e_", max_size=16)
AMOUNTS = st.builds(
    lambda minor, digits, zeros: f"{minor // 10**digits:,}.{minor % 10**digits:0{digits}d}{'0' * zeros}",
    st.integers(0, 2 * DOMAIN_TOP),
    st.integers(1, 4),
    st.integers(0, 3),
)
NEAR_DATES = st.from_regex(r" ?[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} ?", fullmatch=True)
DATES = st.dates().map(date.isoformat)
TEXTS = st.lists(st.one_of(NEAR_AMOUNTS, AMOUNTS, NEAR_DATES, DATES, st.text(max_size=8)), min_size=1, max_size=40)


def _by_database(fact: Fact, texts: list[str], currency: Currency) -> list[FactInput | None]:
    database = duckdb.connect()
    database.execute("CREATE TABLE texts AS SELECT unnest(?) AS text", [texts])
    return [
        row[0] for row in database.execute(f"SELECT {as_fact(fact, 'text', 'VARCHAR', currency)} FROM texts").fetchall()
    ]


def _by_reference(fact: Fact, text: str, currency: Currency) -> FactInput | None:
    """What the database should have: what is no amount or date, or no amount of any claim, is left out there."""
    value = read_fact(fact, text, currency)
    match fact:
        case MoneyFact():
            return value if isinstance(value, int) and abs(value) < 10 ** (18 - currency.digits) else None
        case DateFact():
            return value if isinstance(value, date) else None
        case _:
            return value


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
@pytest.mark.parametrize("currency", CURRENCY, ids=lambda currency: currency.code)
@settings(max_examples=40, deadline=None)
@given(texts=TEXTS)
@example(texts=["1,000,000,000,000.0", "100,000,000,000,000.00", "-99999999999999.99", "9" * 40])
def test_database_and_reference_read_alike(fact: Fact, currency: Currency, texts: list[str]) -> None:
    plain = [text for text in texts if "\0" not in text]
    assert _by_database(fact, plain, currency) == [_by_reference(fact, text, currency) for text in plain]


@given(minor=st.integers(-DOMAIN_TOP, DOMAIN_TOP), currency=st.sampled_from(CURRENCY))
def test_an_amount_is_read_as_it_was_written(minor: int, currency: Currency) -> None:
    assert read_fact(FACTS[3], format_amount(minor, currency), currency) == minor


@given(minor=st.lists(st.integers(-DOMAIN_TOP, DOMAIN_TOP), min_size=1), currency=st.sampled_from(CURRENCY))
def test_an_amount_in_a_decimal_is_the_amount(minor: list[int], currency: Currency) -> None:
    """DECIMALs of every width and scale, those with more decimals than the currency and those that need 128 bits."""
    database = duckdb.connect()
    for width, scale in (
        (18, currency.digits),
        (16, currency.digits),
        (38, currency.digits + 2),
        (30, currency.digits),
    ):
        type_ = f"DECIMAL({width},{scale})"
        written = [format_amount(one, currency) for one in minor if abs(one) < 10 ** (16 - currency.digits)]
        query = f"SELECT {as_fact(FACTS[3], 'amount', type_, currency)} FROM (SELECT unnest(?)::{type_} AS amount)"
        read = [row[0] for row in database.execute(query, [[*written, "0"]]).fetchall()]
        assert [format_amount(one, currency) for one in read[:-1]] == written


def test_a_decimal_finer_than_the_currency_is_no_amount() -> None:
    query = "SELECT {} FROM (SELECT unnest([1.005, 1.010, -0.001, NULL])::DECIMAL(18,3) AS amount)"
    read = as_fact(FACTS[3], "amount", "DECIMAL(18,3)", CURRENCIES["CNY"])
    assert [row[0] for row in duckdb.connect().execute(query.format(read)).fetchall()] == [None, 101, None, None]


def test_whole_numbers_are_whole_currency_and_none_wraps_around() -> None:
    query = "SELECT {} FROM (SELECT unnest([0, -3, 9223372036854775807])::BIGINT AS amount)"
    read = as_fact(FACTS[3], "amount", "BIGINT", CURRENCIES["CNY"])
    assert [row[0] for row in duckdb.connect().execute(query.format(read)).fetchall()] == [0, -300, None]
