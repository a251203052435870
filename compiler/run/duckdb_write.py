"""What came of a file of claims in DuckDB: counted, and written as CSV or Parquet."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.domain import BEFORE_THE_LEDGER, DUPLICATE, TOTAL_OUT_OF_RANGE
from compiler.evaluate import broken_rule
from compiler.model import CLAIM_NUMBER, Model
from compiler.run.columns import in_currency, in_decimals, kept_in_parquet
from compiler.run.csv_text import READ_BACK, csv_lines
from compiler.run.duckdb_read import READ, SETTLED, column, number, two_ways
from compiler.run.fields import as_row, read_claim
from compiler.run.job import Form, Job, Target
from compiler.run.outcome import FIRST_REJECTED, ROW, Outcome, RejectedRow, RunError, results
from compiler.run.rejected import write_rejected
from compiler.run.sql_text import literal, quoted
from compiler.run.table import Claims, rows, wrong_width

if TYPE_CHECKING:
    import duckdb

LEAST_GROUP_BYTES = 4 << 20
"""The least of a group of rows in Parquet. Several are held in memory at a time, so they are smaller where that is."""

UNMATCHED = "a row and its results do not match"
"""What the database says where our own reckoning is wrong."""

OF_OTHERS = (BEFORE_THE_LEDGER, DUPLICATE, TOTAL_OUT_OF_RANGE)
"""Why a row is rejected that breaks no rule by itself."""


def outcome_of(database: duckdb.DuckDBPyConnection, model: Model, job: Job, folder: Path) -> Outcome:
    """Count the rows, and write the rejected ones where they are asked for."""
    parquet = job.claims.parquet
    read = number(database, f"SELECT count(*) FROM {READ}")
    sums = ", ".join(f"coalesce(sum({quoted(name)}), 0)" for name in results(model))
    counted = database.execute(f"SELECT count(*), {sums} FROM {SETTLED}").fetchone()
    assert counted is not None
    settled, *totals = map(int, counted)
    count = read - settled
    if parquet is None:
        count += number(database, "SELECT count(DISTINCT line_byte_position) FROM reject_errors")
    first: tuple[RejectedRow, ...] = ()
    found: Iterator[RejectedRow] = iter(())
    if count:
        found = _rejected(database, model, job.claims, read)
    if job.rejected is None:
        first = tuple(islice(found, FIRST_REJECTED))
    else:
        first = write_rejected_rows(database, job.rejected, found, folder)
    return Outcome(settled, count, tuple(zip(results(model), totals, strict=True)), first)


def write_result(database: duckdb.DuckDBPyConnection, model: Model, job: Job, folder: Path) -> None:
    """Write the settled rows in the order of the file.

    Raises RunError where a column of a CSV cannot be one of Parquet.
    """
    names = [*job.claims.columns, *results(model)]
    parquet = job.out.form is Form.PARQUET
    kept, amounts = [], []
    for place, name in enumerate(job.claims.columns):
        raw = f"r.{column(place)}"
        kept.append(kept_in_parquet(model, name, raw) if parquet and job.claims.parquet is None else raw)
    for name in results(model):
        minor = f"s.{quoted(name)}"
        amounts.append(in_decimals(minor, model.currency) if parquet else in_currency(minor, model.currency))
    if parquet:
        require_unlike(names)
    columns = ", ".join(f"{value} AS {quoted(name)}" if parquet else value
                        for value, name in zip([*kept, *amounts], names, strict=True))  # fmt: skip
    rows, settled = (number(database, f"SELECT count(*) FROM {table}") for table in (READ, SETTLED))
    query = f"SELECT {columns} FROM {_beside(rows, settled, results(model)[0])}"
    if parquet:
        limit = number(database, "SELECT parse_formatted_bytes(current_setting('memory_limit')) // 16")
        group = f"ROW_GROUP_SIZE_BYTES {max(limit, LEAST_GROUP_BYTES)}"
        database.execute(f"COPY ({query}) TO {literal(str(job.out.path))} (FORMAT parquet, {group})")
        return
    # The database takes `Note` and `note` for one column and would rename it, so the first line is not its own.
    body = folder / "body.csv"
    database.execute(f"COPY ({query}) TO {literal(str(body))} (FORMAT csv, HEADER false, COMPRESSION 'none')")
    with job.out.path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines([names]))
    with job.out.path.open("ab") as result, body.open("rb") as part:
        shutil.copyfileobj(part, result, 1 << 20)


def _beside(rows: int, settled: int, first: str) -> str:
    """The rows of the file `r` that have results, each beside them as `s`, in the order of the file.

    The results are put in order and laid beside the rows as these are read, which takes less than to join and to sort
    whole rows. Each pair is looked at: one that does not match ends the run. `first` is one of the results.
    """
    results = f"FROM {SETTLED}"
    if settled < rows:
        results = (
            f"SELECT i.{ROW}, s.* EXCLUDE ({ROW}) FROM range({rows}) AS i({ROW}) LEFT JOIN {SETTLED} AS s USING ({ROW})"
        )
    matched = f"CASE WHEN r.{ROW} = s.{ROW} THEN s.{quoted(first)} IS NOT NULL ELSE error({literal(UNMATCHED)}) END"
    return f"{READ} AS r POSITIONAL JOIN ({results} ORDER BY {ROW}) AS s WHERE {matched}"


def require_unlike(names: list[str]) -> None:
    """Raise RunError where two columns of a CSV would be one in Parquet."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other is not name:
            raise RunError(f"`{other}` and `{name}` would be one column in Parquet; rename one, or write a CSV")


def write_rejected_rows(
    database: duckdb.DuckDBPyConnection, target: Target, found: Iterable[RejectedRow], folder: Path
) -> tuple[RejectedRow, ...]:
    """Write the rejected rows in the form of the target; gives the first of them."""
    if target.form is Form.CSV:
        return write_rejected(target.path, found)
    path = folder / "rejected.csv"
    first = write_rejected(path, found)
    types = "{'line': 'BIGINT', 'claim': 'VARCHAR', 'field': 'VARCHAR', 'reason': 'VARCHAR'}"
    table = f"read_csv({literal(str(path))}, header = true, {READ_BACK}, columns = {types})"
    database.execute(f"COPY (FROM {table}) TO {literal(str(target.path))} (FORMAT parquet)")
    return first


# Rejected rows ------------------------------------------------------------------------------------------


def _rejected(database: duckdb.DuckDBPyConnection, model: Model, claims: Claims, read: int) -> Iterator[RejectedRow]:
    """Every row that was not settled, in the order of the file, with the line on which it stands."""
    reasons = ", ".join(map(literal, OF_OTHERS))
    view = quoted(f"{model.id}_rejected")
    values = [f"CAST(r.{column(place)} AS VARCHAR)" for place in range(len(claims.columns))]
    shown = ", ".join([f"r.{ROW}", "j.field", "j.reason", *(values if claims.parquet is not None else ())])
    cursor = database.cursor()
    cursor.execute(
        f"SELECT {shown} FROM {READ} AS r ANTI JOIN {SETTLED} AS s ON r.{ROW} = s.{ROW} "
        f"LEFT JOIN (SELECT {ROW}, field, reason FROM {view} WHERE reason IN ({reasons})) AS j ON j.{ROW} = r.{ROW} "
        f"ORDER BY r.{ROW}"
    )
    found = (row for some in iter(lambda: cursor.fetchmany(10_000), []) for row in some)
    if claims.parquet is None:
        yield from _in_lines(found, model, claims, read)
        return
    for place, field, reason, *texts in found:
        row = as_row(claims.columns, ["" if text is None else str(text) for text in texts])
        yield said(model, place + 1, row, field, reason)


def _in_lines(
    found: Iterator[tuple[int, str | None, str | None]], model: Model, claims: Claims, read: int
) -> Iterator[RejectedRow]:
    """The rejected rows of a CSV, those of another width among them. Raises NotATableError."""
    waiting = next(found, None)
    place = 0
    for row in rows(claims):
        reason = wrong_width(row, claims)
        if reason is not None:
            yield RejectedRow(row.line, "", "", reason, "")
            continue
        if waiting is not None and place == waiting[0]:
            _, field, why = waiting
            waiting = next(found, None)
            yield said(model, row.line, as_row(claims.columns, row.values), field, why)
        place += 1
    if place != read:
        raise two_ways()


def said(model: Model, line: int, row: dict[str, str], field: str | None, reason: str | None) -> RejectedRow:
    """Why a row is rejected: what it breaks by itself, or else what the calculator says beside the others."""
    why = broken_rule(model, read_claim(model, row))
    if why is not None:
        field, reason = why.field, why.reason
    assert field is not None, f"line {line} breaks no rule, and the calculator names none"
    assert reason is not None
    return RejectedRow(line, row[CLAIM_NUMBER], field, reason, row.get(field, ""))
