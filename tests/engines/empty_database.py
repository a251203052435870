"""An empty database of each dialect, for tests that run SQL of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pymysql
import pytest

from tests.engines.engines import statements

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Run = Callable[[str], Sequence[Sequence[Any]]]
"""Runs SQL, one statement or several, and gives the rows of the last one."""


def empty_database(dialect: str, request: pytest.FixtureRequest) -> Iterator[Run]:
    """SQL in an empty database of the dialect, with names in double quotes."""
    match dialect:
        case "duckdb":
            with duckdb.connect(":memory:") as database:
                yield lambda sql: database.execute(sql).fetchall()
        case "sqlite":
            connection = sqlite3.connect(":memory:")

            def in_sqlite(sql: str) -> Sequence[Sequence[Any]]:
                if sql.lstrip().upper().startswith("SELECT"):
                    return connection.execute(sql).fetchall()
                connection.executescript(sql)
                return []

            yield in_sqlite
            connection.close()
        case "mariadb":
            mariadb: pymysql.Connection = request.getfixturevalue("mariadb")
            with mariadb.cursor() as cursor:

                def in_mariadb(sql: str) -> Sequence[Sequence[Any]]:
                    cursor.execute(sql)
                    while cursor.nextset():
                        pass
                    return list(cursor.fetchall())

                in_mariadb("DROP DATABASE IF EXISTS ours; CREATE DATABASE ours; USE ours")
                in_mariadb("SET sql_mode = CONCAT(@@GLOBAL.sql_mode, ',ANSI_QUOTES')")
                yield in_mariadb
                in_mariadb("SET sql_mode = @@GLOBAL.sql_mode; DROP DATABASE ours")
        case "spark":
            session: SparkSession = request.getfixturevalue("spark")

            def in_spark(sql: str) -> Sequence[Sequence[Any]]:
                results = [session.sql(statement) for statement in statements(sql)]
                return [tuple(row) for row in results[-1].collect()]

            in_spark("CREATE DATABASE ours; USE ours; SET spark.sql.ansi.doubleQuotedIdentifiers = true")
            in_spark("SET spark.sql.storeAssignmentPolicy = LEGACY")  # a text may be inserted as a day
            yield in_spark
            for view in session.catalog.listTables("ours"):
                if view.isTemporary:
                    session.catalog.dropTempView(view.name)
            in_spark("RESET spark.sql.ansi.doubleQuotedIdentifiers; RESET spark.sql.storeAssignmentPolicy")
            in_spark("USE default; DROP DATABASE ours CASCADE")
        case _:
            postgresql: psycopg.Connection = request.getfixturevalue("postgresql")

            def in_postgresql(sql: str) -> Sequence[Sequence[Any]]:
                cursor = postgresql.execute(sql.encode())
                while cursor.nextset():
                    pass
                return cursor.fetchall() if cursor.description else []

            in_postgresql("CREATE SCHEMA ours; SET LOCAL search_path TO ours")
            yield in_postgresql
            postgresql.rollback()
