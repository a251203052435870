"""Claims settled in an embedded DuckDB: the whole file is read, settled and written by the database, out of core.

A CSV is read as text, Parquet with its types; amounts become whole minor units through an exact decimal, never through
a floating-point number. What the database cannot read as a fact is left out of its table and judged by the reference
(`broken_rule`), so both have one vocabulary. What does not fit the memory goes to a temporary folder; nothing is left
behind.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.domain import ROWS_ALIKE
from compiler.model import Model
from compiler.run import ledger
from compiler.run.duckdb_read import SETTLED, create_claims, number, read_rows
from compiler.run.duckdb_write import UNMATCHED, outcome_of, write_result
from compiler.run.job import Job, Progress
from compiler.run.outcome import ROW, Outcome, RunError, results
from compiler.run.sql_text import quoted
from compiler.run.table import NotATableError, Unreadable, unreadable

if TYPE_CHECKING:
    import duckdb

MEMORY_BYTES = 700_000_000
"""What the database may hold in memory unless the user says otherwise; what is more goes to a temporary folder."""

PROGRAM_BYTES = 200 * 1024 * 1024
"""What the program needs besides: the interpreter, the proof, the database itself."""

AGAIN = '"row again"'
"""Of a settled row: whether another one is like it; no result can have this name, because of the space."""

LEAST_BYTES = 512 * 1024 * 1024
"""A limit under which the database gets so little that it cannot even sort."""


def settle_file(model: Model, sql: str, job: Job, unlike: str | None = None) -> Outcome | Unreadable:
    """Settle a file of claims with the DuckDB calculator `sql`, which carries the row through.

    `unlike` is one that is right where no two claims are alike, and shows where some are (`ROWS_ALIKE`): it is tried
    first.

    `job.out` takes the settled rows in the order of the file: its columns as they were, then each benefit and the own
    share. `job.rejected` takes the rejected rows; without it nothing is written where there are any, and only the first
    of them are looked at.
    Raises RunError where the database cannot work (a full disk, say), KeyboardInterrupt where a signal stops it.
    """
    import duckdb

    claims = job.claims
    troubles: list[type[Exception]] = [duckdb.IOException]
    if claims.parquet is not None:
        # What is wrong in the middle of a file only shows when it is read.
        troubles.append(duckdb.InvalidInputException)
    with tempfile.TemporaryDirectory(prefix="tierproof-") as name, session(Path(name), job) as database:
        folder = Path(name)
        try:
            with interruptions():
                with watched(database, job.progress, 0.0, 0.4):
                    flaw = read_rows(database, claims, folder)
                if flaw is not None:
                    return flaw
                prepare(database, model, job)
                if isinstance(refusal := ledger.load(database, model, job.ledger), Unreadable):
                    return refusal
                _settle(database, model, sql, unlike, job.progress)
                outcome = outcome_of(database, model, job, folder)
                if not outcome.rejected or job.rejected is not None:
                    with watched(database, job.progress, 0.7, 1.0):
                        write_result(database, model, job, folder)
                        ledger.write(database, model, job)
                return outcome
        except NotATableError as flaw:
            return unreadable(claims, flaw)
        except duckdb.OutOfMemoryException as error:
            raise RunError(f"{_first_line(error)}; give more with --memory, or fewer --threads") from error
        except tuple(troubles) as error:
            assert UNMATCHED not in str(error)
            raise RunError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


@contextmanager
def session(folder: Path, job: Job) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills to the folder, within the limits of the job."""
    import duckdb

    given = job.limits.memory_bytes
    memory = MEMORY_BYTES if given is None else (given - PROGRAM_BYTES) * 3 // 4
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory}B",
        "temp_directory": str(folder / "spilt"),
    }
    if job.limits.threads is not None:
        config["threads"] = job.limits.threads
    database = duckdb.connect(":memory:", config=config)
    # It reckons how much is done only where it could show it, which is not its business here.
    database.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0")
    try:
        yield database
    finally:
        database.close()


def prepare(database: duckdb.DuckDBPyConnection, model: Model, job: Job) -> None:
    """Make what the calculator's views read: claims that are a view of the rows that were read, and a ledger."""
    if job.counts_on:
        ledger.create(database, model)
    database.execute(create_claims(model, job.claims))


def _settle(
    database: duckdb.DuckDBPyConnection, model: Model, sql: str, unlike: str | None, progress: Progress
) -> None:
    """Make the calculator's views, and SETTLED."""
    if unlike is not None and _is_settled_unlike(database, model, unlike, progress):
        return
    database.execute(_views_only(sql))
    with watched(database, progress, 0.4 if unlike is None else 0.6, 0.7):
        database.execute(_settled(model))


def _is_settled_unlike(database: duckdb.DuckDBPyConnection, model: Model, unlike: str, progress: Progress) -> bool:
    """Settle claims of which no two are alike; False where some are, and what was settled is of no use."""
    import duckdb

    database.execute(_views_only(unlike))
    try:
        with watched(database, progress, 0.4, 0.6):
            database.execute(_settled(model, f"{quoted(ROWS_ALIKE)} > 1"))
    except duckdb.OutOfRangeException:
        # Nothing is proved of a row that is not alone, nor that its amounts fit 64 bits.
        return False
    return number(database, f"SELECT count(*) FROM {SETTLED} WHERE {AGAIN}") == 0


def _views_only(sql: str) -> str:
    """The calculator less its table of claims, which is a view here."""
    begin = sql.index("CREATE TABLE IF NOT EXISTS")
    return sql[sql.index("\n);\n", begin) + 4 :]


def _settled(model: Model, again: str | None = None) -> str:
    shown = [ROW, *(quoted(name) for name in results(model)), *([] if again is None else [f"{again} AS {AGAIN}"])]
    return f"CREATE OR REPLACE TABLE {SETTLED} AS SELECT {', '.join(shown)} FROM {quoted(model.id)}"


@contextmanager
def interruptions() -> Iterator[None]:
    """What the database makes of a signal that stops it, whichever it was, as KeyboardInterrupt."""
    try:
        yield
    except Exception as error:
        # A RuntimeError or an error of its own, by the moment at which it comes.
        if "interrupt" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


@contextmanager
def watched(database: duckdb.DuckDBPyConnection, progress: Progress, begin: float, end: float) -> Iterator[None]:
    """While the body runs one statement, tell how much of it is done, as a part of the whole."""
    done = threading.Event()

    def ask() -> None:
        share = 0.0
        while not done.wait(0.2):
            # Each statement begins anew.
            share = max(min(database.query_progress() / 100, 1.0), share)
            progress(begin + (end - begin) * share)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield
        progress(end)
    finally:
        done.set()
        thread.join()
