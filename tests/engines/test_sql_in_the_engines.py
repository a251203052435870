"""What the printed SQL does inside the engines besides paying: names, text, files run twice."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

import duckdb
import psycopg
import pymysql
import pytest
from pyspark.errors import PySparkException

from compiler.emit.code import Add, Code, FloorDivide, Multiply, Number, Variable
from compiler.emit.dialects import dialect_named
from compiler.emit.sql_code import SqlScope, sql_amount
from compiler.model import CategoryFact, MoneyFact
from dsl.money import CURRENCIES
from tests import models
from tests.engines.empty_database import Run
from tests.engines.engines import Engine, emitted, reference
from tests.engines.one_claim import ONE, PAID, REJECTED, one_claim
from tests.policies import model_of


def test_running_the_file_again_changes_nothing(dialect: str, run: Run) -> None:
    sql = emitted(models.ningxia(), dialect)
    run(sql)
    run(ONE)
    run(sql)
    assert run(PAID) == [(700_000,)]


def test_a_changed_policy_takes_the_place_of_the_one_before(dialect: str, run: Run) -> None:
    run(emitted(models.ningxia(), dialect))
    run(ONE)
    run(emitted(models.ningxia(unit=100_000), dialect))
    assert run(PAID) == [(700_000,)]
    run(emitted(models.ningxia(unit=1_000_000), dialect))
    assert run(PAID) == [(1_000_000,)]


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_postgresql_asks_to_drop_the_views_of_a_version_with_other_columns(dialect: str, run: Run) -> None:
    before, after = models.ningxia(), replace(models.ningxia(), facts=(*models.ningxia().facts, models.money("more")))
    assert "drop both views before" in emitted(after, dialect)
    run(emitted(before, dialect))
    run('ALTER TABLE "ningxia_critical_illness_claims" ADD "more" bigint')
    with pytest.raises(psycopg.errors.InvalidTableDefinition, match="view column"):
        run(emitted(after, dialect))


def test_the_claims_may_come_from_a_view_of_the_users_own(dialect: str, run: Run) -> None:
    day = "'2013-05-02'" if dialect == "sqlite" else "DATE '2013-05-02'"
    borne = dialect_named(dialect).whole.format(2_000_000)
    run(
        f'CREATE VIEW "ningxia_critical_illness_claims" AS SELECT \'1\' AS "claim", \'li\' AS "person", '
        f'{day} AS "discharged", {borne} AS "borne", \'general\' AS "illness", 7 AS "more"'
    )
    run(emitted(models.ningxia(), dialect))
    assert run(PAID) == [(700_000,)]


def test_a_claims_table_without_a_column_is_an_error_not_a_constant(dialect: str, run: Run) -> None:
    """SQLite takes a quoted name that is no column for a text, which would make one person of everybody."""
    text = dialect_named(dialect).text_type
    run(
        'CREATE TABLE "ningxia_critical_illness_claims" '
        f'("claim" {text}, "discharged" DATE, "borne" BIGINT, "illness" {text})'
    )
    with pytest.raises((duckdb.Error, psycopg.Error, sqlite3.Error, pymysql.Error, PySparkException), match="person"):
        run(emitted(models.ningxia(), dialect))
        run(PAID)


def test_amounts_are_whole_numbers_of_64_bits_even_where_they_are_constants(dialect: str, run: Run) -> None:
    model = models.yearly_cap(percent=(0, 0, 0))
    run(emitted(model, dialect))
    if dialect == "mariadb":
        types = "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'ours' AND table_name ="
        for amount in model.amounts:
            assert run(f"{types} '{model.id}' AND column_name = '{amount.name}'") in ([("int",)], [("bigint",)])
        return
    run(
        f'INSERT INTO "{model.id}_claims" ("claim", "person", "discharged", "cost", "basic_paid", "hospital") '
        "VALUES ('1', 'li', '2013-05-02', 2000000, 0, 'county')"
    )
    kind = "pg_typeof" if dialect == "postgresql" else "typeof"
    columns = ", ".join(f'CAST({kind}("{amount.name}") AS VARCHAR(20))' for amount in model.amounts)
    assert set(run(f'SELECT {columns} FROM "{model.id}"')[0]) <= {"BIGINT", "bigint", "integer"}


@pytest.mark.parametrize("value", [-2_000_001, -101, -100, -99, -1, 0, 1, 99, 100])
def test_division_goes_down_below_zero_too(dialect: str, run: Run, value: int) -> None:
    chosen = dialect_named(dialect)
    scope = SqlScope(chosen, CURRENCIES["CNY"], {}, {}, {}, {}, {})
    code: Code = FloorDivide(Add((Multiply(3, Variable("x")), Number(-7))), 100, never_negative=False)
    found = run(f'SELECT {sql_amount(code, scope)} FROM (SELECT {chosen.whole.format(value)} AS "x") AS t')
    assert found == [((3 * value - 7) // 100,)]


def test_constants_do_not_overflow_32_bits(dialect: str, run: Run) -> None:
    chosen = dialect_named(dialect)
    scope = SqlScope(chosen, CURRENCIES["CNY"], {}, {}, {}, {}, {})
    code = Multiply(-3, Add((Number(2_000_000_000), Number(-5), Number(1_000_000_000))))
    assert run(f"SELECT {sql_amount(code, scope)}") == [(-8_999_999_985,)]


# Text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"], indirect=True)
def test_text_counts_by_code_point_whatever_the_collation_of_the_column(dialect: str, run: Run) -> None:
    run(
        'CREATE TABLE "ningxia_critical_illness_claims" ("claim" TEXT COLLATE NOCASE, '
        '"person" TEXT COLLATE NOCASE, "discharged" DATE, "borne" BIGINT, "illness" TEXT COLLATE NOCASE)'
    )
    run(emitted(models.ningxia(), dialect))
    run(
        'INSERT INTO "ningxia_critical_illness_claims" VALUES '
        "('a', 'li', '2013-05-02', 600000, 'general'), ('B', 'li', '2013-05-02', 100, 'general'), "
        "('a', 'Li', '2013-05-02', 600000, 'general'), ('A', 'li', '2013-05-02', 100, 'GENERAL')"
    )
    # `B` comes before `a`, so the deductible is used up by the larger claim; `li` and `Li` are two people.
    paid = run('SELECT "person", "claim", "critical_illness" FROM "ningxia_critical_illness"')
    assert {tuple(row) for row in paid} == {("Li", "a", 0), ("li", "B", 0), ("li", "a", 50)}
    assert run(REJECTED) == [("illness", "unknown value")]


@pytest.mark.parametrize("dialect", ["mariadb"], indirect=True)
def test_mariadb_compares_text_byte_by_byte_with_its_spaces(dialect: str, run: Run) -> None:
    text = "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    run(
        f'CREATE TABLE "ningxia_critical_illness_claims" ("claim" {text}, "person" {text}, '
        f'"discharged" DATE, "borne" BIGINT, "illness" {text})'
    )
    run(emitted(models.ningxia(), dialect))
    run(
        'INSERT INTO "ningxia_critical_illness_claims" VALUES '
        "('a', 'li', '2013-05-02', 600000, 'general'), ('B', 'li', '2013-05-02', 100, 'general'), "
        "('a', 'Li', '2013-05-02', 600000, 'general'), ('a', 'li ', '2013-05-02', 100, 'general'), "
        "('b', 'li', '2013-05-02', 100, 'GENERAL'), ('c', 'li', '2013-05-02', 100, 'general ')"
    )
    paid = run('SELECT "person", "claim", "critical_illness" FROM "ningxia_critical_illness"')
    assert {tuple(row) for row in paid} == {("Li", "a", 0), ("li", "B", 0), ("li", "a", 50), ("li ", "a", 0)}
    assert run(REJECTED) == [("illness", "unknown value")] * 2


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_postgresql_orders_text_by_the_c_collation_whatever_that_of_the_column(dialect: str, run: Run) -> None:
    """Servers differ in the collations they have; this one is always there, and shows that the view sets its own."""
    run(
        'CREATE TABLE "ningxia_critical_illness_claims" ("claim" TEXT COLLATE ucs_basic, '
        '"person" TEXT COLLATE ucs_basic, "discharged" DATE, "borne" BIGINT, "illness" TEXT COLLATE ucs_basic)'
    )
    run(emitted(models.ningxia(), dialect))
    run(ONE)
    columns = ", ".join(f'pg_collation_for("{name}")' for name in ("claim", "person", "illness"))
    assert run(f'SELECT {columns} FROM "ningxia_critical_illness"') == [('"C"', '"C"', '"C"')]


ODD = """
policy {id}
  currency CNY
  round half up to 0.01
claim
  {person} identifier
  {day} date
  {cost} money
  {ward} {one} | {two}
benefit {benefit}
  of {cost}, added up per {person} per calendar year
  pay by {ward}
    {one} 50%
    {two} 75%
"""


@pytest.mark.parametrize(
    "names",
    [
        {
            "id": "宁夏大病",
            "person": "参保人",
            "day": "出院",
            "cost": "费用",
            "ward": "病种",
            "one": "普通",
            "two": "重大",
        },
        {
            "id": "select_",
            "person": "user",
            "day": "date",
            "cost": "sum",
            "ward": "group",
            "one": "null",
            "two": "order",
        },
        {"id": "table", "person": "rowid", "day": "year", "cost": "c", "ward": "d", "one": "v", "two": "r"},
        {"id": "x", "person": "rule", "day": "reason", "cost": "field", "ward": "total", "one": "TRUE", "two": "true"},
    ],
    ids=["chinese", "reserved", "columns", "ours"],
)
def test_names_are_kept_as_they_are(names: dict[str, str], dialect: str, engines: dict[str, Engine]) -> None:
    text = ODD.format(**names, benefit="赔付" if names["id"] == "宁夏大病" else "limit")
    model = model_of(text)
    rows = [
        {
            "claim": f"{n}",
            names["person"]: "a",
            names["day"]: date(2020, 1, n),
            names["cost"]: 1_001,
            names["ward"]: word,
        }
        for n, word in enumerate((names["one"], names["two"], names["one"], "'"), 1)
    ]
    found = engines[dialect](model, rows)
    assert found == reference(model, rows)
    assert sum(found.settled.values()) == 3


def test_quotes_in_names_and_words_stay_inside_them(dialect: str, engines: dict[str, Engine]) -> None:
    """No policy file can spell these; a Model can."""
    base = models.ningxia()
    illness, harm = CategoryFact("illness", ("general", "listed"), models.at()), '"; DROP TABLE x; --'
    more = CategoryFact(harm, ("it's", "a\\'b", "%s {} $1", "/* -- */"), models.at())
    cost = MoneyFact('co"st\\', 0, 10**6, "borne", models.at())
    model = replace(base, id='o"dd', facts=(*(f for f in base.facts if f != illness), illness, more, cost))
    rows = [one_claim(**{harm: word, 'co"st\\': 1, "claim": word}) for word in (*more.values, "its", "a'b")]
    found = engines[dialect](model, rows)
    assert found == reference(model, rows)
    assert sum(found.settled.values()) == len(more.values)


def test_one_person_can_be_looked_up_without_settling_everybody(postgresql: psycopg.Connection) -> None:
    """The condition reaches the claims table: the view stands in nobody's way."""
    try:
        postgresql.execute("CREATE SCHEMA ours; SET LOCAL search_path TO ours")
        postgresql.execute(emitted(models.ningxia(), "postgresql").encode())
        postgresql.execute('CREATE INDEX ON "ningxia_critical_illness_claims" ("person")')
        postgresql.execute("SET LOCAL enable_seqscan = off")
        plan = postgresql.execute(f"EXPLAIN {PAID} WHERE \"person\" = 'li'".encode()).fetchall()
        assert any("Index" in line and "person" in line for (line,) in plan), plan
    finally:
        postgresql.rollback()
