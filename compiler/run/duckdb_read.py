"""A file of claims in DuckDB: its rows as they stand there, and those of them that can be read, as facts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from compiler.model import CLAIM_NUMBER, Fact, Model
from compiler.run.columns import as_fact, is_read
from compiler.run.csv_text import csv_lines
from compiler.run.outcome import ROW
from compiler.run.parquet import place, relation
from compiler.run.sql_text import literal, quoted
from compiler.run.table import Claims, NotATableError, Unreadable, first_flaw, rows, unreadable

if TYPE_CHECKING:
    import duckdb

READ = '"rows read"'
"""The rows of the file: ROW, and its columns by `column`."""

SETTLED = '"rows settled"'
"""ROW and the results of each settled row."""


def column(place: int) -> str:
    """The name of a column of the file as it was read; no fact can have it, because of the space."""
    return f'"column {place}"'


def read_rows(database: duckdb.DuckDBPyConnection, claims: Claims, folder: Path) -> Unreadable | None:
    """Make READ; or say what keeps the file from being a table."""
    if claims.parquet is not None:
        listed = ", ".join(f"{quoted(name)} AS {column(place)}" for place, name in enumerate(claims.columns))
        database.execute(
            f"CREATE VIEW {READ} AS SELECT {place(claims.parquet)} AS {ROW}, {listed} FROM {relation(claims.parquet)}"
        )
        return None
    if not _read_csv(database, claims, _plain_path(claims.path, folder)):
        flaw = first_flaw(claims)
        if flaw is not None:
            return flaw
        # A table that is written in an unusual way, such as with two kinds of line breaks.
        if not _read_csv(database, claims, _rewritten(claims, folder), r", new_line = '\n'"):
            return unreadable(claims, two_ways())
    database.execute(f'CREATE VIEW {READ} AS SELECT rowid AS {ROW}, * FROM "text read"')
    return None


def two_ways() -> NotATableError:
    """A file that is a table for one reader and none for the other can be understood in two ways."""
    return NotATableError(1, "quote", "its line breaks or quotation marks can be read in two ways")


def _read_csv(database: duckdb.DuckDBPyConnection, claims: Claims, path: Path, known: str = "") -> bool:
    """Read each value as text; False where the database finds the file is no table. `known` are more of its options."""
    import duckdb

    columns = ", ".join(f"{column(place)}: 'VARCHAR'" for place in range(len(claims.columns)))
    try:
        database.execute("DROP TABLE IF EXISTS reject_errors")
        database.execute(
            f'CREATE OR REPLACE TABLE "text read" AS SELECT * FROM read_csv({literal(str(path))}, '
            "header = false, skip = 1, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            f"columns = {{{columns}}}, compression = 'none', strict_mode = true, store_rejects = true{known})"
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    strange = "SELECT count(*) FROM reject_errors WHERE error_type NOT IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')"
    return not number(database, strange)


def _rewritten(claims: Claims, folder: Path) -> Path:
    """The same rows in a file of the plainest form."""
    path = folder / "rewritten.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines([claims.columns]))
        file.writelines(csv_lines(row.values for row in rows(claims)))
    return path


def _plain_path(path: Path, folder: Path) -> Path:
    """A path that the database does not take for a pattern of names."""
    if not set("*?[") & set(str(path)):
        return path.absolute()
    link = folder / "claims"
    link.symlink_to(path.absolute())
    return link


def create_claims(model: Model, claims: Claims) -> str:
    """The calculator's claims: all rows in which every value that is there can be read as its fact."""
    facts: list[tuple[str, Fact | None]] = [(CLAIM_NUMBER, None), *((fact.name, fact) for fact in model.facts)]
    values, readable = [], []
    for name, fact in facts:
        place = claims.columns.index(name)
        raw, type_ = column(place), claims.types[place]
        values.append(f"{as_fact(fact, raw, type_, model.currency)} AS {quoted(name)}")
        readable.append(is_read(fact, quoted(name), raw, type_))
    chosen = ", ".join(quoted(name) for name, _ in facts)
    kept = " AND ".join(test for test in readable if test is not None) or "true"
    return (
        f"CREATE VIEW {quoted(f'{model.id}_claims')} AS SELECT {ROW}, {chosen} FROM "
        f"(SELECT *, {', '.join(values)} FROM {READ}) WHERE {kept}"
    )


def number(database: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number that a query gives."""
    row = database.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
