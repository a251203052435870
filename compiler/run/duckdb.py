"""Claims settled in an embedded DuckDB: the whole file is read, settled and written by the database.

The file is read as text; amounts become whole minor units through an exact decimal, never through a floating-point
number. What the database cannot read as a fact is left out of its table and judged by the reference (`broken_rule`),
so both have one vocabulary. Everything happens in memory and beside the result; nothing is left behind.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from compiler.evaluate import broken_rule
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    Fact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
)
from compiler.run.fields import as_row, format_amount, read_claim
from compiler.run.outcome import FIRST_REJECTED, REJECTED_COLUMNS, Outcome, RejectedRow, RunError, identity, results
from compiler.run.rejections import AmongOthers, among_others, quoted, rejection
from compiler.run.table import Claims, NotATableError, Unreadable, first_flaw, rows, unreadable, wrong_width
from dsl.money import Currency

if TYPE_CHECKING:
    import duckdb

MEMORY = "700MB"
"""What the database may hold in memory; larger files spill to a temporary folder."""

_ROW = '"row read"'
"""The row's place in the file. No fact can have this name, because of the space."""


def settle_file(model: Model, sql: str, claims: Claims, out: Path, rejected: Path | None) -> Outcome | Unreadable:
    """Settle a file of claims with the generated DuckDB calculator `sql`.

    `out` becomes a CSV of the settled rows in the order of the file: its columns as they were, then each benefit and
    the own share. `rejected` becomes a CSV of the rejected rows; without it nothing is written where there are any, and
    only the first of them are looked at.
    Raises RunError where the database cannot work (a full disk, say), KeyboardInterrupt where a signal stops it.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="tierproof-") as folder:
        database = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "temp_directory": folder})
        try:
            with interruptions():
                if not _read(database, claims, _plain_path(claims.path, Path(folder))):
                    flaw = first_flaw(claims)
                    if flaw is not None:
                        return flaw
                    # A table that is written in an unusual way, such as with two kinds of line breaks.
                    if not _read(database, claims, _rewritten(claims, Path(folder))):
                        return _disagreement(claims)
                database.execute(_typed(model, claims))
                database.execute(sql)
                database.execute(_settled(model))
                outcome = _outcome(database, model, claims, rejected)
                if not outcome.rejected or rejected is not None:
                    _write(database, model, claims, Path(folder), out)
                return outcome
        except NotATableError as flaw:
            return unreadable(claims, flaw)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise RunError(str(error).splitlines()[0]) from error
        finally:
            database.close()


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


def _disagreement(claims: Claims) -> Unreadable:
    """A file that is a table for one reader and none for the other can be understood in two ways."""
    return unreadable(claims, NotATableError(1, "quote", "its line breaks or quotation marks can be read in two ways"))


# Reading ------------------------------------------------------------------------------------------------


def _read(database: duckdb.DuckDBPyConnection, claims: Claims, path: Path) -> bool:
    """Read the file into `"rows read"`, each value as text; False where the database finds it is no table."""
    import duckdb

    columns = ", ".join(f"{_raw(place)}: 'VARCHAR'" for place in range(len(claims.columns)))
    try:
        database.execute("DROP TABLE IF EXISTS reject_errors")
        database.execute(
            f'CREATE OR REPLACE TABLE "rows read" AS SELECT * FROM read_csv({_text(str(path))}, '
            "header = false, skip = 1, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            f"columns = {{{columns}}}, compression = 'none', strict_mode = true, store_rejects = true)"
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    strange = "SELECT count(*) FROM reject_errors WHERE error_type NOT IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')"
    return not _number(database, strange)


def _rewritten(claims: Claims, folder: Path) -> Path:
    """The same rows in a file of the plainest form."""
    path = folder / "rewritten.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(claims.columns)
        writer.writerows(row.values for row in rows(claims))
    return path


def _plain_path(path: Path, folder: Path) -> Path:
    """A path that the database does not take for a pattern of names."""
    if not set("*?[") & set(str(path)):
        return path.absolute()
    link = folder / "claims"
    link.symlink_to(path.absolute())
    return link


def _typed(model: Model, claims: Claims) -> str:
    """The calculator's table, made of all rows in which every value that is there can be read as its fact."""
    facts = [(CLAIM_NUMBER, f"nullif({_raw(claims.columns.index(CLAIM_NUMBER))}, '')")]
    for fact in model.facts:
        facts.append((fact.name, _read_as(fact, _raw(claims.columns.index(fact.name)), model.currency)))
    values = ", ".join(f"{value} AS {quoted(name)}" for name, value in facts)
    readable = [
        f"({quoted(fact.name)} IS NOT NULL OR trim(coalesce({_raw(claims.columns.index(fact.name))}, ''), ' ') = '')"
        for fact in model.facts
        if isinstance(fact, MoneyFact | CountFact | DateFact)
    ]
    chosen = ", ".join(quoted(name) for name, _ in facts)
    return (
        f"CREATE TABLE {quoted(f'{model.id}_claims')} AS SELECT {_ROW}, {chosen} FROM "
        f'(SELECT rowid AS {_ROW}, *, {values} FROM "rows read") WHERE {" AND ".join(readable) or "true"}'
    )


def _read_as(fact: Fact, raw: str, currency: Currency) -> str:
    """A value of the file as its fact, NULL where it is none or empty. It takes the same texts as `read_fact`."""
    trimmed = f"trim({raw}, ' ')"
    match fact:
        case IdentifierFact():
            return f"nullif({raw}, '')"
        case CategoryFact():
            return f"nullif({trimmed}, '')"
        case DateFact():
            day = f"regexp_full_match({trimmed}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') AND {trimmed} >= '0001'"
            return f"TRY_CAST(CASE WHEN {day} THEN {trimmed} END AS DATE)"
        case CountFact():
            return f"TRY_CAST(CASE WHEN regexp_full_match({trimmed}, '-?\\d+') THEN {trimmed} END AS BIGINT)"
        case MoneyFact():
            decimals = f"(\\.\\d{{1,{currency.digits}}}0*)?" if currency.digits else "(\\.0+)?"
            amount = f"regexp_full_match({trimmed}, '-?(\\d{{1,3}}(,\\d{{3}})+|\\d+){decimals}')"
            # As many digits as leave room for the factor; more of them are no amount of any claim.
            width = 18 - currency.digits
            plain = f"CASE WHEN {amount} THEN replace({trimmed}, ',', '') END"
            exact = f"TRY_CAST({plain} AS DECIMAL({width}, {currency.digits}))"
            return f"CAST({exact} * {currency.minor_per_major} AS BIGINT)"
        case _:
            assert_never(fact)


# Settling and writing -----------------------------------------------------------------------------------


def _settled(model: Model) -> str:
    """Which row of the file has which results."""
    same = " AND ".join(f"c.{quoted(column)} = v.{quoted(column)}" for column in identity(model))
    amounts = ", ".join(quoted(name) for name in results(model))
    columns = ", ".join(quoted(column) for column in identity(model))
    # Where nothing is added up, claims that agree in everything are paid alike, and each of them finds the same row.
    distinct = "" if model.running_totals else "DISTINCT "
    return (
        f'CREATE TABLE "rows settled" AS SELECT {_ROW}, {amounts} FROM {quoted(f"{model.id}_claims")} AS c '
        f"JOIN (SELECT {distinct}{columns}, {amounts} FROM {quoted(model.id)}) AS v ON {same}"
    )


def _write(database: duckdb.DuckDBPyConnection, model: Model, claims: Claims, folder: Path, out: Path) -> None:
    kept = [f"r.{_raw(place)}" for place in range(len(claims.columns))]
    digits = model.currency.digits
    unit = f" * CAST('{format_amount(1, model.currency)}' AS DECIMAL({digits + 1}, {digits}))" if digits else ""
    amounts = [f"s.{quoted(name)}{unit}" for name in results(model)]
    body = folder / "body.csv"
    database.execute(
        f'COPY (SELECT {", ".join([*kept, *amounts])} FROM "rows read" AS r JOIN "rows settled" AS s '
        f"ON r.rowid = s.{_ROW} ORDER BY r.rowid) TO {_text(str(body))} "
        "(FORMAT csv, HEADER false, COMPRESSION 'none')"
    )
    # The database takes `Note` and `note` for one column and would rename it, so the first line is not its own.
    with out.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow([*claims.columns, *results(model)])
    with out.open("ab") as result, body.open("rb") as settled:
        shutil.copyfileobj(settled, result, 1 << 20)


def _outcome(database: duckdb.DuckDBPyConnection, model: Model, claims: Claims, rejected: Path | None) -> Outcome:
    read = _number(database, 'SELECT count(*) FROM "rows read"')
    misshapen = _number(database, "SELECT count(DISTINCT line_byte_position) FROM reject_errors")
    sums = ", ".join(f"coalesce(sum({quoted(name)}), 0)" for name in results(model))
    settled, *totals = _one(database, f'SELECT count(*), {sums} FROM "rows settled"')
    count = read - int(settled) + misshapen
    first: list[RejectedRow] = []
    found = _rejected(database, model, claims, read) if count else iter(())
    if rejected is None:
        first.extend(row for row, _ in zip(found, range(FIRST_REJECTED), strict=False))
    else:
        with rejected.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(REJECTED_COLUMNS)
            for row in found:
                writer.writerow((row.line, row.claim, row.field, row.reason))
                if len(first) < FIRST_REJECTED:
                    first.append(row)
    named = tuple((name, int(total)) for name, total in zip(results(model), totals, strict=True))
    return Outcome(int(settled), count, named, tuple(first))


# Rejected rows ------------------------------------------------------------------------------------------


def _rejected(database: duckdb.DuckDBPyConnection, model: Model, claims: Claims, read: int) -> Iterator[RejectedRow]:
    """Every row that was not settled, in the order of the file, with the line on which it stands."""
    cursor = database.cursor()
    cursor.execute(
        f'SELECT r.rowid FROM "rows read" AS r ANTI JOIN "rows settled" AS s ON r.rowid = s.{_ROW} ORDER BY r.rowid'
    )
    places = (found for some in iter(lambda: cursor.fetchmany(10_000), []) for (found,) in some)
    waiting = next(places, None)
    others: AmongOthers | None = None

    def query(sql: str, parameters: Sequence[FactInput | None]) -> list[tuple[Any, ...]]:
        return database.execute(sql, list(parameters)).fetchall()

    place = 0
    for row in rows(claims):
        reason = wrong_width(row, claims)
        if reason is not None:
            yield RejectedRow(row.line, "", "", reason, "")
            continue
        if place == waiting:
            waiting = next(places, None)
            values = as_row(claims.columns, row.values)
            claim = read_claim(model, values)
            why = broken_rule(model, claim)
            if why is None:
                others = among_others(query, model) if others is None else others
                why = rejection(query, model, claim, others)
            yield RejectedRow(row.line, values[CLAIM_NUMBER], why.field, why.reason, values.get(why.field, ""))
        place += 1
    if place != read:
        raise NotATableError(1, "quote", "its line breaks or quotation marks can be read in two ways")


# Small parts of SQL -------------------------------------------------------------------------------------


def _raw(place: int) -> str:
    """The name of a column of the file as it was read; no fact can have it, because of the space."""
    return f'"column {place}"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one(database: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
    row = database.execute(sql, list(parameters)).fetchone()
    assert row is not None
    return tuple(row)


def _number(database: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(_one(database, sql)[0])
