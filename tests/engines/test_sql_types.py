"""Columns of other types than the file expects, in each engine: every row is rejected, or no view is made."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import duckdb
import psycopg
import pytest
from pyspark.errors import PySparkException

from tests import models
from tests.engines import constructs, engines
from tests.engines.conftest import Engines
from tests.engines.empty_database import Run
from tests.engines.engines import emitted, reference
from tests.engines.one_claim import ONE, PAID, REJECTED, one_claim
from tests.engines.random_claims import random_rows
from tests.policies import model_of

TYPES = {"claim": "TEXT", "person": "TEXT", "discharged": "DATE", "borne": "BIGINT", "illness": "TEXT"}
VALUES = {"claim": "'1'", "person": "'li'", "discharged": "'2013-05-02'", "borne": "2000000", "illness": "'listed'"}


def claims_table(column: str, type_: str) -> str:
    """A statement that makes the table of claims, one of its columns of another type."""
    listed = ", ".join(f'"{name}" {kind}' for name, kind in (TYPES | {column: type_}).items())
    return f'CREATE TABLE "ningxia_critical_illness_claims" ({listed})'


OF_ANOTHER_TYPE = {
    "duckdb": [
        ("claim", "INTEGER", "1"),
        ("person", "INTEGER", "1"),
        ("discharged", "TIMESTAMP", "'2013-05-02 00:00:00'"),
        ("borne", "DOUBLE", "2000000.5"),
        ("borne", "DECIMAL(18, 2)", "2000000.5"),
        ("borne", "HUGEINT", "2000000"),
    ],
    "mariadb": [
        ("claim", "INTEGER", "1"),
        ("person", "VARBINARY(9)", "'li'"),
        ("person", "TEXT", f"'{'x' * 256}'"),
        ("discharged", "DATETIME", "'2013-05-02 00:00:00'"),
        ("discharged", "TEXT", "'2013-05-02'"),
        ("discharged", "INTEGER", "20130502"),
        ("discharged", "DATE", "'2013-05-00'"),
        ("discharged", "DATE", "'2013-02-30'"),
        ("discharged", "DATE", "'0000-00-00'"),
        ("borne", "DOUBLE", "2000000"),
        ("borne", "FLOAT", "2000000"),
        ("borne", "FLOAT", "123456.05"),  # which it shows as 123456
        ("borne", "DECIMAL(18, 2)", "2000000"),
        ("borne", "TEXT", "'2000000'"),
        ("borne", "DATE", "'2013-05-02'"),
        ("borne", "DATETIME", "'2013-05-02 00:00:00'"),
        ("borne", "TIME", "'00:00:05'"),
        ("borne", "DECIMAL(18, 2) ZEROFILL", "2000000"),
        ("borne", "DOUBLE ZEROFILL", "2000000"),
        ("borne", "VARBINARY(9)", "'002000000'"),
        ("borne", "BIT(64)", "53"),
    ],
    "spark": [
        ("claim", "INT", "1"),
        ("person", "BINARY", "X'6c69'"),
        ("person", "STRING COLLATE UTF8_LCASE", "'li'"),
        ("discharged", "TIMESTAMP", "TIMESTAMP '2013-05-02 00:00:00'"),
        ("discharged", "STRING", "'2013-05-02'"),
        ("discharged", "DATE", "DATE '-0001-05-02'"),
        ("borne", "DOUBLE", "2000000"),
        ("borne", "DECIMAL(18, 2)", "2000000"),
        ("borne", "STRING", "'no number'"),
    ],
}


@pytest.mark.parametrize(
    ("dialect", "column", "type_", "value"),
    [(dialect, *one) for dialect, each in OF_ANOTHER_TYPE.items() for one in each],
    indirect=["dialect"],
)
def test_every_row_of_a_column_of_another_type_is_rejected(
    column: str, type_: str, value: str, dialect: str, run: Run
) -> None:
    row = VALUES | {column: value}
    if dialect == "spark":
        types = {name: kind.replace("TEXT", "STRING") for name, kind in TYPES.items()} | {column: type_}
        listed = ", ".join(f'CAST({row[name]} AS {kind}) AS "{name}"' for name, kind in types.items())
        run(f'CREATE TEMPORARY VIEW "ningxia_critical_illness_claims" AS SELECT {listed}')
        run(emitted(models.ningxia(), dialect))
    else:
        run(claims_table(column, type_))
        run(emitted(models.ningxia(), dialect))
        if dialect == "mariadb":
            run("SET sql_mode = 'ANSI_QUOTES,ALLOW_INVALID_DATES'")
        run(f'INSERT INTO "ningxia_critical_illness_claims" VALUES ({", ".join(row.values())})')
    assert run(PAID) == []
    assert run(REJECTED) == [(column, "wrong type")]


def test_duckdb_takes_narrower_whole_numbers_without_overflow() -> None:
    with duckdb.connect(":memory:") as database:
        database.execute(
            'CREATE TABLE "ningxia_critical_illness_claims" '
            '("claim" TEXT, "person" TEXT, "discharged" DATE, "borne" INTEGER, "illness" TEXT)'
        )
        database.execute(emitted(models.ningxia(), "duckdb"))
        database.execute(ONE.replace("2000000", "2147483647"))
        expected = reference(models.ningxia(), [one_claim(borne=2_147_483_647)])
        paid = database.execute(f"{PAID}").fetchall()
        assert paid == [(next(iter(expected.settled))[2],)]


TYPE_ERRORS = (
    psycopg.errors.UndefinedFunction,
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.InvalidTextRepresentation,  # '' is no array
)


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        ("claim", "integer"),
        ("person", "uuid"),
        ("person", "text[]"),
        ("claim", "name[]"),
        ("discharged", "timestamp"),
        ("discharged", "text"),
        ("borne", "numeric"),
        ("borne", "double precision"),
        ("borne", "text"),
    ],
)
def test_postgresql_makes_no_view_over_a_column_of_another_type(
    column: str, type_: str, postgresql: psycopg.Connection
) -> None:
    try:
        postgresql.execute(claims_table(column, type_).replace("CREATE TABLE", "CREATE TEMP TABLE").encode())
        with pytest.raises(psycopg.errors.Error) as refused:
            postgresql.execute(emitted(models.ningxia(), "postgresql").encode())
        assert isinstance(refused.value, TYPE_ERRORS)
    finally:
        postgresql.rollback()


WITHOUT_CASE = """
CREATE TYPE without_case;
CREATE FUNCTION without_case_in(cstring) RETURNS without_case LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION without_case_out(without_case) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE without_case (INPUT = without_case_in, OUTPUT = without_case_out, LIKE = text, COLLATABLE, CATEGORY = 'S');
CREATE CAST (without_case AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION alike(without_case, without_case) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
  AS 'SELECT lower($1::text) = lower($2::text)';
CREATE OPERATOR = (LEFTARG = without_case, RIGHTARG = without_case, PROCEDURE = alike)
"""
"""A type that compares as `citext` does, which not every server has."""

LONG = "l" * 70


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("type_", "taken_for_a_word"),
    [("text", None), ("varchar(99)", None), ("char(99)", None), ("name", LONG[:63]), ("without_case", "General")],
)
def test_postgresql_pays_for_the_very_word_only(
    type_: str, taken_for_a_word: str | None, dialect: str, run: Run
) -> None:
    """Each of these types takes a collation, and some compare in a way of their own in any."""
    text = f"""
policy small
  currency CNY
  round half up to 0.01
claim
  person identifier
  cost money
  ward general | {LONG}
benefit paid
  of cost
  pay by ward
    general 50%
    {LONG} 75%
"""
    run(WITHOUT_CASE)
    run(f'CREATE TABLE "small_claims" ("claim" {type_}, "person" {type_}, "cost" BIGINT, "ward" {type_})')
    run(emitted(model_of(text), dialect))
    if taken_for_a_word is not None:
        assert run(f"SELECT ('{taken_for_a_word}'::{type_} COLLATE \"C\" IN ('general', '{LONG}'))") == [(True,)]
    for claim, word in enumerate(("general", "GENERAL", "General", LONG[:63], "general.")):
        run(f"INSERT INTO \"small_claims\" VALUES ('{claim}', 'li', 100, '{word}')")
    assert run('SELECT "claim", "person", "ward", "paid" FROM "small"') == [("0", "li", "general", 50)]
    found = run('SELECT "field", "reason", count(*) FROM "small_rejected" GROUP BY 1, 2')
    assert found == [("ward", "unknown value", 4)]


@pytest.mark.parametrize("day", ["'infinity'", "'-infinity'", "'0001-01-01 BC'", "'10000-01-01'"])
@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_days_that_no_calendar_has_are_of_the_wrong_type(name: str, day: str, postgresql: psycopg.Connection) -> None:
    model = replace(models.ningxia(), in_force=None)
    day = day.replace("0001-01-01 BC", "0001-01-01 (BC)") if name == "duckdb" else day
    insert = ONE.replace("'2013-05-02'", f"CAST({day} AS DATE)")
    if name == "duckdb":
        with duckdb.connect(":memory:") as database:
            database.execute(emitted(model, name))
            database.execute(insert)
            assert database.execute(REJECTED).fetchall() == [("discharged", "wrong type")]
            assert database.execute(PAID).fetchall() == []
        return
    try:
        postgresql.execute("CREATE SCHEMA ours; SET LOCAL search_path TO ours")
        postgresql.execute(emitted(model, name).encode())
        postgresql.execute(insert.encode())
        assert postgresql.execute(REJECTED).fetchall() == [("discharged", "wrong type")]
        assert postgresql.execute(PAID.encode()).fetchall() == []
    finally:
        postgresql.rollback()


@pytest.mark.parametrize("dialect", ["mariadb"], indirect=True)
@pytest.mark.parametrize(
    "type_", ["TINYINT", "INTEGER", "BIGINT UNSIGNED", "DECIMAL(18, 0)", "INTEGER ZEROFILL", "BIGINT(20) ZEROFILL"]
)
def test_mariadb_takes_whole_numbers_of_any_width_without_overflow(type_: str, dialect: str, run: Run) -> None:
    run(
        'CREATE TABLE "ningxia_critical_illness_claims" ("claim" CHAR(3), "person" CHAR(3) CHARACTER SET latin1, '
        f'"discharged" DATE, "borne" {type_}, "illness" ENUM (\'general\', \'listed\'))'
    )
    run(emitted(models.ningxia(), dialect))
    run("INSERT INTO \"ningxia_critical_illness_claims\" VALUES ('1', 'li', '2013-05-02', 127, 'general')")
    assert run('SELECT "person", "critical_illness", "own_share" FROM "ningxia_critical_illness"') == [("li", 0, 127)]


@pytest.mark.parametrize("type_", ["BIGINT UNSIGNED", "BIGINT ZEROFILL", "DECIMAL(20, 0) UNSIGNED"])
@pytest.mark.parametrize("construct", ["an amount a day", "an end that is an amount", "payers who share a cost"])
def test_mariadb_takes_less_than_0_out_of_unsigned_numbers(
    type_: str, construct: str, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a difference below 0 on the way is an error, and the policies have some."""
    model = constructs.construct(construct)
    rows = [
        row
        for row in random_rows(model, Random(construct), 300, any_type=False)
        if not any(isinstance(value, int) and value < 0 for value in row.values())
    ]
    table, views = emitted(model, "mariadb").split(");", 1)
    changed = f"{table.replace('BIGINT', type_)});{views}"
    monkeypatch.setattr(SETTLING, "emitted", lambda *_: changed)
    assert engines["mariadb"](model, rows) == reference(model, rows)


SETTLING = engines
"""The module that settles claims with what `emitted` gives; a fixture has its name."""


@pytest.mark.parametrize("dialect", ["spark"], indirect=True)
def test_spark_never_lets_a_number_go_round(dialect: str, run: Run) -> None:
    """Outside ANSI mode a sum beyond 64 bits would come out negative; the view keeps the mode that its file sets."""
    run("SET spark.sql.ansi.enabled = false; SET spark.sql.ansi.doubleQuotedIdentifiers = false")
    text = emitted(replace(models.ningxia(), in_force=None), dialect)
    code = text.replace("BETWEEN 0 AND 10000000000000", "BETWEEN 0 AND 9223372036854775807")
    assert code != text
    run(
        "CREATE TEMPORARY VIEW ningxia_critical_illness_claims AS SELECT CAST(id AS STRING) AS claim, 'li' AS person, "
        "DATE '2013-05-02' AS discharged, 9223372036854775807 AS borne, 'listed' AS illness FROM range(2)"
    )
    run(code)
    run("SET spark.sql.ansi.enabled = false")
    try:
        with pytest.raises(PySparkException, match="OVERFLOW"):
            run("SELECT critical_illness FROM ningxia_critical_illness")
    finally:
        run("RESET spark.sql.ansi.enabled")
