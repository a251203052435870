"""The generated SQL in every engine against what people write there by hand: benefits, yearly totals, stacks of layers.

In every round an engine answers each question once. A question is the highest of a column, so that every row must be
computed and nothing but that is added up; that both forms pay the same is asked before, untimed.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.by_hand import sql_case, sql_rows_to_settle, sql_slices
from benchmarks.field.claims import drawn
from benchmarks.measure import REPOSITORY, Figure, Timing, per_second, ratio, report, take_turns
from benchmarks.tables import claim_by_claim, stack
from compiler.driver import load
from compiler.emit.code import Apply, Variable
from compiler.emit.dialects import dialect_named
from compiler.emit.integer import functions
from compiler.emit.mark import SourceMark
from compiler.emit.sql import emit_sql
from compiler.emit.sql_code import SqlScope, sql_amount
from compiler.emit.sql_functions import raw_names
from compiler.model import Model
from dsl.source import Source
from dsl.tree import Standard
from examples.claims.generate import claims

NINGXIA = REPOSITORY / "policies" / "ningxia" / "critical_illness_2013.policy"
STANDARDS = sorted((REPOSITORY / "policies" / "standards").glob("*.policy"))
LAYERS, BANDS = 4, 5

Row = tuple[object, ...]
Query = Callable[[str], Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, how its SQL divides whole numbers, quotes names and takes a year, and how much it is given.

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
    least: str
    greatest: str
    case: float | None
    slices: float | None
    window: float | None


ENGINES = (
    Engine("duckdb", 1_000_000, 9, "//", '"', "year(discharged)", "least", "greatest", 0.95, 3, 1.3),
    Engine("postgresql", 300_000, 7, "/", '"', "EXTRACT(YEAR FROM discharged)", "least", "greatest", 0.95, 2.3, 1.3),
    Engine("sqlite", 300_000, 5, "/", '"', "substr(discharged, 1, 4)", "min", "max", 0.95, 4, 1.7),
    Engine("mariadb", 200_000, 5, "DIV", "`", "year(discharged)", "least", "greatest", None, None, 1.3),
    Engine("spark", 1_000_000, 5, "DIV", "`", "year(discharged)", "least", "greatest", 0.95, 1.3, 1.3),
)


# Databases ------------------------------------------------------------------------------------------


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


# Questions ------------------------------------------------------------------------------------------


def tables(rows: int) -> dict[str, Table]:
    """The policies that are measured, each with claims: one claim by claim, Ningxia's year, stacks of layers."""
    found = drawn(rows)
    alone = [(f"C{n:07d}", total, word) for n, (total, word) in enumerate(zip(found.totals, found.words, strict=True))]
    _, *generated = claims("ningxia", rows, 1)
    year = [(*row[:3], int(row[3].replace(".", "")), row[4]) for row in generated]
    layered = [(row[0], row[1], row[2], row[3]) for row in year]
    texts = {
        "VARCHAR": ("claim", "person", "illness"),
        "DATE": ("discharged", "day"),
        "BIGINT": ("total", "borne", "cost"),
    }
    types = {name: kind for kind, names in texts.items() for name in names}

    def columns(*names: str) -> dict[str, str]:
        return {name: types[name] for name in names}

    standards = [load(Source(path.name, path.read_text(encoding="utf-8"))).standard for path in STANDARDS]
    known = {standard.name.text: standard for standard in standards if standard is not None}
    return {
        "alone": Table(_model(claim_by_claim()), columns("claim", "total", "illness"), alone),
        "year": Table(
            _model(NINGXIA.read_text(encoding="utf-8"), known),
            columns("claim", "person", "discharged", "borne", "illness"),
            year,
        ),
        "one": Table(_model(stack(1, BANDS)), columns("claim", "person", "day", "cost"), layered),
        "four": Table(_model(stack(LAYERS, BANDS)), columns("claim", "person", "day", "cost"), layered),
    }


def _model(text: str, standards: dict[str, Standard] | None = None) -> Model:
    model = load(Source("benchmark.policy", text), standards or {}).model
    assert model is not None
    return model


def questions(engine: Engine, given: dict[str, Table]) -> dict[str, tuple[str, str]]:
    """What is asked, each as a column and where it stands."""

    def view(name: str) -> str:
        return f"{engine.quote}{given[name].model.id}{engine.quote}"

    def table(name: str) -> str:
        return f"{engine.quote}{given[name].name}{engine.quote}"

    ordered = f"PARTITION BY person, {engine.year} ORDER BY discharged, claim ROWS UNBOUNDED PRECEDING"
    found = {
        "scan": ("total", table("alone")),
        "generated": ("critical_illness", view("alone")),
        "formula": (formula(engine, given["alone"].model), table("alone")),
        "case": (sql_case("total", engine.divide), table("alone")),
        "checked": (sql_case("total", engine.divide), f"{table('alone')} WHERE {sql_rows_to_settle(engine.name)}"),
        "slices": (sql_slices("total", engine.divide, engine.least, engine.greatest), table("alone")),
        "window": ("running", f"(SELECT sum(borne) OVER ({ordered}) AS running FROM {table('year')}) AS w"),
        "year": ("critical_illness", view("year")),
        "one": ("own_share", view("one")),
        "four": ("own_share", view("four")),
    }
    if engine.name in ("duckdb", "postgresql"):
        kind = "DECIMAL(18, 2)" if engine.name == "duckdb" else "NUMERIC(18, 2)"
        yuan = f"CAST(total * 0.01 AS {kind})"
        amount = sql_slices(yuan, "", engine.least, engine.greatest, in_yuan=True)
        found["decimal"] = (f"CAST(round({amount}, 2) AS {kind})", table("alone"))
    return found


def formula(engine: Engine, model: Model) -> str:
    """The one function of a policy as a generated view has it, over the column total: its formula, or a call of it."""
    found = functions(model)
    dialect, (function,) = dialect_named(engine.name), found
    by_name, calls = {function.name: function}, raw_names(model, found, dialect)
    scope = SqlScope(dialect, model.currency, {}, by_name, {}, {}, {}, calls)
    return sql_amount(Apply(function.name, Variable("total")), scope)


# Figures --------------------------------------------------------------------------------------------


def measured(engine: Engine) -> list[Figure]:
    """Everything about one engine; one line that says so where it is not here."""
    given = tables(engine.rows)
    asked = questions(engine, given)
    try:
        with opened(engine, list(given.values())) as query:
            sums = {name: query(f"SELECT sum({column}) FROM {where}")[0][0] for name, (column, where) in asked.items()}
            _require_equal(engine, sums)
            highest = {name: f"SELECT max({column}) FROM {where}" for name, (column, where) in asked.items()}
            times = take_turns({name: partial(query, text) for name, text in highest.items()}, engine.rounds)
    except (ImportError, RuntimeError, OSError) as problem:
        return [Figure(f"{engine.name}", f"not here: {problem}", "", None)]
    return _figures(engine, times)


def _require_equal(engine: Engine, sums: dict[str, Any]) -> None:
    by_hand = {int(sums[name]) for name in ("generated", "formula", "case", "checked", "slices")}
    if len(by_hand) > 1 or ("decimal" in sums and round(sums["decimal"] * 100) not in by_hand):
        raise AssertionError(f"{engine.name}: the generated view and the forms by hand pay different sums: {sums}")


def _figures(engine: Engine, times: dict[str, Timing]) -> list[Figure]:
    name = engine.name
    rates = {
        "nested CASE by hand, nothing checked": "case",
        "nested CASE by hand, every row checked": "checked",
        "sum of slices by hand, nothing checked": "slices",
        "sum of slices by hand in decimals": "decimal",
        "**generated formula** alone, nothing checked": "formula",
        "**generated view**, every row checked": "generated",
        "yearly total, the window alone": "window",
        "yearly benefit, **generated view**": "year",
        "a single layer, generated view": "one",
        f"a stack of {LAYERS} layers, generated view": "four",
    }
    found = [
        Figure(f"{name}: {what}", per_second(engine.rows, times[key])) for what, key in rates.items() if key in times
    ]
    for comparison in COMPARISONS:
        speed = ratio(times[comparison.reference], times[comparison.candidate])
        limit = comparison.limit(engine)
        value = speed if comparison.is_speed else 1 / speed
        reached = None if limit is None else (value >= limit if comparison.is_speed else value <= limit)
        wanted = "" if limit is None else f"at {'least' if comparison.is_speed else 'most'} {limit:g}"
        found.append(Figure(f"{name}: {comparison.what}", f"{value:.2f}", wanted, reached, detail=True))
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two questions held against each other, as a speed or as a time, and what is wanted of an engine."""

    what: str
    reference: str
    candidate: str
    is_speed: bool
    limit: Callable[[Engine], float | None]


COMPARISONS = (
    Comparison(
        "generated formula against nested CASE by hand: speed", "case", "formula", True, lambda engine: engine.case
    ),
    Comparison(
        "generated formula against the sum of slices: speed", "slices", "formula", True, lambda engine: engine.slices
    ),
    Comparison(
        "generated view, every row checked, against nested CASE that checks nothing: speed",
        "case",
        "generated",
        True,
        lambda engine: engine.case,
    ),
    Comparison(
        "generated view against nested CASE by hand that checks every row alike: speed",
        "checked",
        "generated",
        True,
        lambda engine: engine.case,
    ),
    Comparison(
        "generated view, every row checked, against the sum of slices that checks nothing: speed",
        "slices",
        "generated",
        True,
        lambda engine: engine.slices,
    ),
    Comparison(
        "yearly benefit of the generated view against the window alone: time",
        "window",
        "year",
        False,
        lambda engine: engine.window,
    ),
    Comparison(f"a stack of {LAYERS} layers against a single layer: time", "one", "four", False, lambda engine: 3),
)


def summed_up(found: Sequence[Figure]) -> list[Figure]:
    """One line for each comparison, with all engines of which something is wanted."""
    lines = []
    for comparison in COMPARISONS:
        each = {one.what.partition(": ")[0]: one for one in found if one.what.endswith(f": {comparison.what}")}
        wanted = {name: one for name, one in each.items() if one.reached is not None}
        lines.append(
            Figure(
                comparison.what,
                ", ".join(f"{name} {one.measured}" for name, one in wanted.items()),
                _limits(wanted),
                bool(wanted) and all(one.reached for one in wanted.values()),
            )
        )
    return lines


def _limits(wanted: Mapping[str, Figure]) -> str:
    """What is wanted of each engine, those together of which the same is wanted."""
    names: dict[str, list[str]] = {}
    for name, one in wanted.items():
        names.setdefault(one.wanted, []).append(name)
    if len(names) == 1:
        return f"{next(iter(names))} in each"
    return "; ".join(f"{', '.join(each)} {limit}" for limit, each in names.items())


def main() -> None:
    """One engine after another, then all of them in a line for each comparison."""
    found = [figure for engine in ENGINES for figure in measured(engine)]
    report([*summed_up(found), *found])


if __name__ == "__main__":
    main()
