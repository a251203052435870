"""Every calculator behind one function: claims in, what is settled and what is rejected out."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Any, assert_never

import duckdb
import psycopg
import pymysql
from psycopg import sql as psycopg_sql

from compiler.domain import Rejection
from compiler.emit.dialects import dialect_named
from compiler.emit.mark import SourceMark
from compiler.emit.python import emit_python
from compiler.emit.sql import emit_sql
from compiler.emit.sql_checks import claims_table, read_columns
from compiler.emit.sql_names import quoted
from compiler.evaluate import Settled, settle_all
from compiler.model import CLAIM_NUMBER, CategoryFact, CountFact, DateFact, IdentifierFact, Model, MoneyFact

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import SparkSession

MARK = SourceMark("policies/test.policy", "0" * 64, "0.1.0")

Row = Mapping[str, Any]
"""One row of a claims table, with values that may be wrong in any way."""


@dataclass(frozen=True, slots=True)
class Results:
    """How often each outcome came out: rows of (claim number, every amount), and of (claim number, field, reason)."""

    settled: Counter[tuple[Any, ...]]
    rejected: Counter[tuple[Any, ...]]


Engine = Callable[[Model, Sequence[Row]], Results]
"""Settles claims from an empty ledger. Rows that are alike, or have no claim number, may come out in any order."""


def reference(model: Model, rows: Sequence[Row]) -> Results:
    """What the reference interpreter says."""
    settled: Counter[tuple[Any, ...]] = Counter()
    rejected: Counter[tuple[Any, ...]] = Counter()
    for row, outcome in zip(rows, settle_all(model, rows), strict=True):
        match outcome:
            case Settled(amounts):
                settled[(row[CLAIM_NUMBER], *(amounts[name] for name in _amounts(model)))] += 1
            case Rejection(field, reason):
                rejected[(row[CLAIM_NUMBER], field, reason)] += 1
            case _:
                raise AssertionError(f"the policy does not settle {row}: {outcome}")
    return Results(settled, rejected)


def emitted(model: Model, dialect: str) -> str:
    """The SQL calculator of a Model."""
    return emit_sql(model, dialect, MARK)


def settle_in_duckdb(model: Model, rows: Sequence[Row]) -> Results:
    """Through the DuckDB calculator, in a database of its own."""
    with duckdb.connect(":memory:") as database:
        database.execute(emitted(model, "duckdb"))
        database.register("rows to settle", as_arrow(model, rows))
        database.execute(f'INSERT INTO {_quoted("duckdb", claims_table(model))} BY NAME SELECT * FROM "rows to settle"')
        return _results(model, "duckdb", lambda query: database.execute(query).fetchall())


def settle_in_sqlite(model: Model, rows: Sequence[Row]) -> Results:
    """Through the SQLite calculator, over a table whose columns take any value as it is."""
    database = sqlite3.connect(":memory:")
    try:
        names = _columns(model)
        table, listed = _quoted("sqlite", claims_table(model)), _quoted("sqlite", *names)
        database.execute(f"CREATE TABLE {table} ({listed})")
        database.executescript(emitted(model, "sqlite"))
        database.executemany(
            f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' for _ in names)})",
            [[_for_sqlite(row[name]) for name in names] for row in rows],
        )
        return _results(model, "sqlite", lambda query: database.execute(query).fetchall())
    finally:
        database.close()


def _for_sqlite(value: Any) -> Any:
    return value.isoformat() if type(value) is date else value


def settle_in_postgresql(connection: psycopg.Connection, model: Model, rows: Sequence[Row]) -> Results:
    """Through the PostgreSQL calculator, in a transaction that leaves nothing behind."""
    try:
        connection.execute("CREATE SCHEMA calculators")
        connection.execute("SET LOCAL search_path TO calculators")
        connection.execute(emitted(model, "postgresql").encode())
        names = _columns(model)
        copy = psycopg_sql.SQL("COPY {} ({}) FROM STDIN").format(
            psycopg_sql.Identifier(claims_table(model)),
            psycopg_sql.SQL(", ").join(map(psycopg_sql.Identifier, names)),
        )
        with connection.cursor().copy(copy) as rows_in:
            for row in rows:
                rows_in.write_row([row[name] for name in names])
        return _results(model, "postgresql", lambda query: connection.execute(query.encode()).fetchall())
    finally:
        connection.rollback()


def settle_in_mariadb(connection: pymysql.Connection, model: Model, rows: Sequence[Row]) -> Results:
    """Through the MariaDB calculator, in a database that is dropped before and after."""
    with connection.cursor() as cursor:

        def run(sql: str) -> Sequence[Sequence[Any]]:
            cursor.execute(sql)
            while cursor.nextset():
                pass
            return cursor.fetchall()

        run("DROP DATABASE IF EXISTS calculators; CREATE DATABASE calculators; USE calculators")
        run(emitted(model, "mariadb"))
        names = _columns(model)
        table, listed = _quoted("mariadb", claims_table(model)), _quoted("mariadb", *names)
        # The client takes `%` in a statement for the place of a value.
        into = f"INSERT INTO {table} ({listed}) VALUES ".replace("%", "%%")
        cursor.executemany(
            f"{into} ({', '.join('%s' for _ in names)})", [[row[name] for name in names] for row in rows]
        )
        found = _results(model, "mariadb", run)
        run("DROP DATABASE calculators")
        return found


def settle_in_spark(session: SparkSession, model: Model, rows: Sequence[Row]) -> Results:
    """Through the Spark calculator, over a view of the rows instead of the table that it would make."""
    table = _quoted("spark", claims_table(model))
    session.createDataFrame(as_arrow(model, rows)).createOrReplaceTempView(table)
    try:
        for statement in statements(emitted(model, "spark")):
            if not statement.startswith("CREATE TABLE"):
                session.sql(statement)
        return _results(model, "spark", lambda query: [tuple(row) for row in session.sql(query).collect()])
    finally:
        for view in (table, _quoted("spark", model.id), _quoted("spark", f"{model.id}_rejected")):
            session.sql(f"DROP VIEW IF EXISTS {view}")


_PIECE = re.compile(r"""--[^\n]*|'(?:\\.|[^\\'])*'|`[^`]*`|"[^"]*"|[^-'`";]+|.""", re.DOTALL)
"""A comment, a text, a name, or what is none of them."""


def statements(sql: str) -> list[str]:
    """The statements of a Spark calculator, without its comments: Spark takes one at a time."""
    found = [""]
    for piece in _PIECE.findall(sql):
        if piece == ";":
            found.append("")
        elif not piece.startswith("--"):
            found[-1] += piece
    return [statement.strip() for statement in found if statement.strip()]


def as_arrow(model: Model, rows: Sequence[Row]) -> pyarrow.Table:
    """The rows as columns of the types that a claims table has."""
    import pyarrow

    types: dict[str, pyarrow.DataType] = {CLAIM_NUMBER: pyarrow.string()}
    for fact in model.facts:
        match fact:
            case IdentifierFact() | CategoryFact():
                types[fact.name] = pyarrow.string()
            case DateFact():
                types[fact.name] = pyarrow.date32()
            case MoneyFact() | CountFact():
                types[fact.name] = pyarrow.int64()
            case _:
                assert_never(fact)
    return pyarrow.table({name: pyarrow.array([row[name] for row in rows], kind) for name, kind in types.items()})


def settle_in_python(model: Model, rows: Sequence[Row]) -> Results:
    """Through the generated Python calculator, executed as it is printed."""
    return python_results(model, emit_python(model, MARK), rows)


def python_results(model: Model, text: str, rows: Sequence[Row]) -> Results:
    """Through the text of a Python calculator."""
    name = f"calculator_{model.id}"
    module = ModuleType(name)
    sys.modules[name] = module  # where dataclasses look up the types they are made of
    try:
        exec(compile(text, name, "exec"), module.__dict__)
        names = _columns(model)
        book = [module.Claim(*(row[column] for column in names)) for row in rows]
        settlements, rejections = module.settle_all(book)
    finally:
        del sys.modules[name]
    order = [module.COLUMNS.index(column) for column in (CLAIM_NUMBER, *_amounts(model))]
    values = ([getattr(one, field.name) for field in fields(one)] for one in settlements)
    return Results(
        Counter(tuple(row[place] for place in order) for row in values),
        Counter((rows[one.row][CLAIM_NUMBER], one.field, one.reason) for one in rejections),
    )


def _results(model: Model, dialect: str, fetch: Callable[[str], Sequence[Sequence[Any]]]) -> Results:
    amounts = _quoted(dialect, CLAIM_NUMBER, *_amounts(model))
    settled = fetch(f"SELECT {amounts} FROM {_quoted(dialect, model.id)}")
    reasons = _quoted(dialect, CLAIM_NUMBER, "field", "reason")
    rejected = fetch(f"SELECT {reasons} FROM {_quoted(dialect, f'{model.id}_rejected')}")
    return Results(Counter(map(tuple, settled)), Counter(map(tuple, rejected)))


def _quoted(dialect: str, *names: str) -> str:
    return ", ".join(quoted(name, dialect_named(dialect)) for name in names)


def _columns(model: Model) -> list[str]:
    return [read.name for read in read_columns(model, dialect_named("duckdb"))]


def _amounts(model: Model) -> list[str]:
    return [amount.name for amount in model.amounts]
