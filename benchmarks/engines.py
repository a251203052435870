"""Every database engine that is measured: opened with calculators and their claims in it, as what answers a query."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from compiler.emit.mark import SourceMark
from compiler.emit.sql import emit_sql
from compiler.model import Model

Row = tuple[object, ...]
Query = Callable[[str], Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, how its SQL divides whole numbers, quotes names and takes a year, and how much it is given.

    whole   its type for whole numbers of 64 bits
    case    how fast its calculator is to be against a nested CASE
    slices  how many times as fast as a sum of slices it is to be
    window  how many times as long as the window alone a yearly benefit may take
    """

    name: str
    rows: int
    rounds: int
    divide: str
    quote: str
    year: str
    whole: str
    least: str
    greatest: str
    case: float | None
    slices: float | None
    window: float | None


ENGINES = (
    Engine("duckdb", 1_000_000, 9, "//", '"', "year(discharged)", "BIGINT", "least", "greatest", 0.95, 3, 1.3),
    Engine(
        "postgresql",
        300_000,
        7,
        "/",
        '"',
        "EXTRACT(YEAR FROM discharged)",
        "BIGINT",
        "least",
        "greatest",
        0.95,
        2.3,
        1.3,
    ),
    Engine("sqlite", 300_000, 5, "/", '"', "substr(discharged, 1, 4)", "BIGINT", "min", "max", 0.95, 4, 1.7),
    Engine("mariadb", 200_000, 5, "DIV", "`", "year(discharged)", "SIGNED", "least", "greatest", None, None, 1.3),
    Engine("spark", 1_000_000, 13, "DIV", "`", "year(discharged)", "BIGINT", "least", "greatest", 0.95, 1.3, 1.3),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for the claims of a policy: its columns with their types in DuckDB, which are those of most engines."""

    model: Model
    columns: dict[str, str]
    rows: Sequence[Row]

    @property
    def name(self) -> str:
        """The table that the calculator reads."""
        return f"{self.model.id}_claims"

    def script(self, dialect: str) -> str:
        """The calculator of its policy."""
        return emit_sql(self.model, dialect, SourceMark("benchmarks", "0" * 64, ""))


@contextmanager
def opened(engine: Engine, tables: Sequence[Table]) -> Iterator[Query]:
    """A database with calculators and their claims in it, as what answers a query. ImportError, RuntimeError, OSError:
    this machine does not have the engine."""
    opener = {
        "duckdb": _duckdb,
        "postgresql": _postgresql,
        "sqlite": _sqlite,
        "mariadb": _mariadb,
        "spark": _spark,
    }[engine.name]
    with opener(tables) as query:
        yield query


@contextmanager
def _duckdb(tables: Sequence[Table]) -> Iterator[Query]:
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        for table in tables:
            connection.execute(table.script("duckdb"))
            connection.execute(f'INSERT INTO "{table.name}" BY NAME FROM read_parquet(?)', [_parquet(table, folder)])
        yield lambda query: connection.execute(query).fetchall()


def _parquet(table: Table, folder: str) -> str:
    """The rows as a Parquet file."""
    text, file = Path(folder) / f"{table.name}.csv", str(Path(folder) / f"{table.name}.parquet")
    with text.open("w", encoding="utf-8") as out:
        out.writelines(",".join(map(str, row)) + "\n" for row in table.rows)
    with duckdb.connect() as writer:
        writer.execute(f"COPY (FROM read_csv('{text}', columns = {table.columns}, header = false)) TO '{file}'")
    return file


@contextmanager
def _sqlite(tables: Sequence[Table]) -> Iterator[Query]:
    connection = sqlite3.connect(":memory:")
    try:
        for table in tables:
            connection.executescript(table.script("sqlite"))
            names = ", ".join(f'"{name}"' for name in table.columns)
            marks = ", ".join("?" for _ in table.columns)
            connection.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', table.rows)
        yield lambda query: connection.execute(query).fetchall()
    finally:
        connection.close()


@contextmanager
def _postgresql(tables: Sequence[Table]) -> Iterator[Query]:
    import psycopg

    from tests.engines.postgres_server import running_server

    with running_server() as address, psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET work_mem = '256MB'")
        for table in tables:
            connection.execute(table.script("postgresql").encode())
            names = ", ".join(f'"{name}"' for name in table.columns)
            with connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN'.encode()) as rows:
                for row in table.rows:
                    rows.write_row(row)
            connection.execute(f'VACUUM ANALYZE "{table.name}"'.encode())
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def _mariadb(tables: Sequence[Table]) -> Iterator[Query]:
    import pymysql

    from tests.engines.mariadb_server import running_server

    several = pymysql.constants.CLIENT.MULTI_STATEMENTS
    with running_server() as socket:
        connection = pymysql.connect(unix_socket=socket, user="root", charset="utf8mb4", client_flag=several)
        with connection, connection.cursor() as cursor:

            def run(sql: str) -> Sequence[Sequence[Any]]:
                cursor.execute(sql)
                while cursor.nextset():
                    pass
                found: Sequence[Sequence[Any]] = cursor.fetchall()
                return found

            run("CREATE DATABASE claims; USE claims")
            for table in tables:
                run(table.script("mariadb"))
                names = ", ".join(f"`{name}`" for name in table.columns)
                marks = ", ".join("%s" for _ in table.columns)
                into = f"INSERT INTO `{table.name}` ({names}) VALUES ({marks})"
                for first in range(0, len(table.rows), 10_000):
                    cursor.executemany(into, table.rows[first : first + 10_000])
                run("COMMIT")
            yield run


@contextmanager
def _spark(tables: Sequence[Table]) -> Iterator[Query]:
    from pyspark.sql import SparkSession

    from tests.engines.engines import statements
    from tests.engines.spark_session import HOW_TO_GET_ONE, installed

    if not installed():
        raise RuntimeError(HOW_TO_GET_ONE)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack_:
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.memory": "2g",
            "spark.sql.warehouse.dir": folder,
        }
        builder = SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        stack_.callback(session.stop)
        session.sparkContext.setLogLevel("OFF")
        for table in tables:
            rows = session.read.parquet(_parquet(table, folder)).cache()
            rows.createOrReplaceTempView(table.name)
            for statement in statements(table.script("spark")):
                if not statement.startswith("CREATE TABLE"):
                    session.sql(statement)
        yield lambda query: [tuple(row) for row in session.sql(query).collect()]
