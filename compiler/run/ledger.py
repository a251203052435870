"""The running totals of a run, in a file that the next run goes on from.

A table that anyone can read: which total, whose, in which period, how much, and the last claim that was seen. The first
line of a CSV, and a note in Parquet, say of which policy it is and how many rows there must be. A claim that comes
before the last one seen is not settled by the next run, so that two runs give what one would have given.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from compiler.model import Model, PeriodKind, RunningTotal
from compiler.run.columns import DIGITS, in_currency, in_minor_units
from compiler.run.csv_text import READ_BACK
from compiler.run.job import Earlier, Form, Job, Target, form_of
from compiler.run.parquet import TEXT, WHOLE, decimal_places
from compiler.run.sql_text import literal, quoted
from compiler.run.table import Unreadable
from dsl.diagnostics import Diagnostic, Label
from dsl.money import DOMAIN_TOP
from dsl.source import Source, Span

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("total", "key", "period", "amount", "last_date", "last_claim")

Entry = tuple[str, str, str, int, str]
"""Total, key, period, minor units, and date and number of the last claim in one text."""

_HEAD = re.compile(r"(?:# )?tierproof ledger of (\S+), currency (\w+), policy sha256 ([0-9a-f]{64}), rows (\d+)")
_LONGEST_HEAD = 4096
_NOTE = "tierproof"
_FIRST_ROW = 3
"""The line of a CSV on which the first row stands."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a ledger says of itself: policy, currency, SHA-256 of the policy's text, number of rows."""

    policy: str
    currency: str
    sha256: str
    rows: int

    @property
    def text(self) -> str:
        """As it stands in the file."""
        of = f"tierproof ledger of {self.policy}, currency {self.currency}"
        return f"{of}, policy sha256 {self.sha256}, rows {self.rows}"


def head_of(path: Path) -> Head | None:
    """What a ledger says of itself; None where the file is none. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEAD)
    if form_of(path) is Form.PARQUET:
        import duckdb

        with duckdb.connect(":memory:") as database:
            query = f"SELECT value FROM parquet_kv_metadata({literal(str(path))}) WHERE key = '{_NOTE}'"
            try:
                note = database.execute(query).fetchone()
            except duckdb.Error:
                return None
        line = bytes(note[0]) if note is not None else b""
    found = _HEAD.fullmatch(line.decode("utf-8", "replace").strip())
    return None if found is None else Head(found[1], found[2], found[3], int(found[4]))


# In a database ------------------------------------------------------------------------------------------


def create(database: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make the calculator's table of totals to go on from, with nothing in it."""
    columns = "total VARCHAR, key VARCHAR, period VARCHAR, amount BIGINT, last VARCHAR"
    database.execute(f"CREATE TABLE {_table(model)} ({columns})")


def load(database: duckdb.DuckDBPyConnection, model: Model, earlier: Earlier | None) -> Unreadable | None:
    """Fill that table; or say what is wrong with the ledger (TP406)."""
    if earlier is None:
        return None
    head = head_of(earlier.path)
    if head is None:
        return _refusal(earlier, "it is no ledger, or its first line is not whole")
    if head.policy != model.id:
        return _refusal(earlier, f"it is of the policy `{head.policy}`, not of `{model.id}`")
    if head.currency != model.currency.code:
        return _refusal(earlier, f"its amounts are in {head.currency}, not in {model.currency.code}")
    if (flaw := _read(database, earlier)) is not None:
        return _refusal(earlier, flaw)
    wrong = database.execute(_first_flaw(model)).fetchone()
    if wrong is not None:
        return _refusal(earlier, str(wrong[1]), int(wrong[0]))
    counted = database.execute('SELECT count(*) FROM "ledger read"').fetchone()
    assert counted is not None
    if counted[0] != head.rows:
        return _refusal(earlier, f"it is torn: it has {counted[0]:,} rows, and should have {head.rows:,}")
    amount = in_minor_units("amount", TEXT, model.currency)
    database.execute(
        f"INSERT INTO {_table(model)} SELECT total, key, coalesce(period, ''), {amount}, "
        "last_date || ' ' || last_claim FROM \"ledger read\""
    )
    return None


def write(database: duckdb.DuckDBPyConnection, model: Model, job: Job) -> None:
    """Write the totals after the claims, where they are asked for."""
    if job.ledger_out is None:
        return
    database.execute(f'CREATE TABLE "ledger after" AS FROM {quoted(f"{model.id}_ledger_after")}')
    _write(database, model, job.ledger_out, job.policy)


def _write(database: duckdb.DuckDBPyConnection, model: Model, target: Target, policy: str) -> None:
    counted = database.execute('SELECT count(*) FROM "ledger after"').fetchone()
    assert counted is not None
    head = Head(model.id, model.currency.code, policy, int(counted[0])).text
    amount = f"CAST({in_currency('amount', model.currency)} AS DECIMAL({DIGITS}, {model.currency.digits}))"
    query = (
        f"SELECT total, key, coalesce(period, '') AS period, {amount} AS amount, "
        "CAST(substr(last, 1, 10) AS DATE) AS last_date, "
        'substr(last, 12) AS last_claim FROM "ledger after" ORDER BY total, key, period'
    )
    path = literal(str(target.path))
    if target.form is Form.PARQUET:
        database.execute(f"COPY ({query}) TO {path} (FORMAT parquet, KV_METADATA {{{_NOTE}: {literal(head)}}})")
        return
    body = target.path.with_name(f"{target.path.name}.body")
    try:
        database.execute(f"COPY ({query}) TO {literal(str(body))} (FORMAT csv, HEADER false, COMPRESSION 'none')")
        with target.path.open("wb") as whole, body.open("rb") as rows:
            whole.write(f"# {head}\n{','.join(COLUMNS)}\n".encode())
            while block := rows.read(1 << 20):
                whole.write(block)
    finally:
        body.unlink(missing_ok=True)


def _table(model: Model) -> str:
    return quoted(f"{model.id}_ledger")


# Reading ------------------------------------------------------------------------------------------------


def _read(database: duckdb.DuckDBPyConnection, earlier: Earlier) -> str | None:
    """Read the rows as text into `"ledger read"`; or say why that cannot be done."""
    import duckdb

    path = literal(str(earlier.path))
    try:
        if form_of(earlier.path) is Form.PARQUET:
            types = dict(row[:2] for row in database.execute(f"DESCRIBE FROM read_parquet({path})").fetchall())
            if tuple(types) != COLUMNS:
                return f"its columns must be {', '.join(COLUMNS)}"
            if types["amount"] not in {TEXT, *WHOLE} and decimal_places(types["amount"]) is None:
                return f"its amounts are {types['amount']}, which is not exact"
            source = f"read_parquet({path})"
        else:
            lines = earlier.path.read_bytes().splitlines(keepends=True) if _is_small(earlier.path) else _ends(earlier)
            if len(lines) < 2 or not lines[-1].endswith(b"\n"):
                return "it is torn: its last line is not whole"
            if lines[1].strip().decode("utf-8", "replace") != ",".join(COLUMNS):
                return f"its second line must be {','.join(COLUMNS)}"
            columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
            # Named, or a line break within the quotation marks of a claim number may be taken for that of the file.
            end = r"\r\n" if lines[0].endswith(b"\r\n") else r"\n"
            source = (
                f"read_csv({path}, header = false, skip = 2, auto_detect = false, delim = ',', quote = '\"', "
                f"escape = '\"', columns = {{{columns}}}, compression = 'none', new_line = '{end}', "
                "strict_mode = true)"
            )
        texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in COLUMNS)
        database.execute(f'CREATE TABLE "ledger read" AS SELECT {texts} FROM {source}')
    except duckdb.Error as error:
        return f"it is torn, or no table: {str(error).splitlines()[0]}"
    return None


def _is_small(path: Path) -> bool:
    return path.stat().st_size < 1 << 20


def _ends(earlier: Earlier) -> list[bytes]:
    """The first two lines of a large file, and its last bytes."""
    with earlier.path.open("rb") as file:
        first = [file.readline(), file.readline()]
        file.seek(-1, 2)
        return [*first, file.read()]


def _first_flaw(model: Model) -> str:
    """A query for the first row that cannot be gone on from: its number from 0, and what is wrong with it."""
    amount = in_minor_units("amount", TEXT, model.currency)
    day = "TRY_CAST(last_date AS DATE) IS NULL OR NOT regexp_full_match(last_date, '\\d{4}-\\d{2}-\\d{2}')"
    known = ", ".join(literal(total.name) for total in model.running_totals)
    periods = " ".join(
        f"WHEN total = {literal(total.name)} THEN coalesce(period, '') IS DISTINCT FROM {_period_of(total)}"
        for total in model.running_totals
    )
    tests = (
        (f"coalesce(total, '') NOT IN ({known})", "'the policy has no running total `' || coalesce(total, '') || '`'"),
        ("coalesce(key, '') = ''", "'it does not say whose total it is'"),
        ("amount LIKE '-%'", "'the total `' || amount || '` is negative'"),
        (f"coalesce({amount} > {DOMAIN_TOP + 1}, true)", "'`' || coalesce(amount, '') || '` is no total'"),
        (f"coalesce({day}, true)", "'`' || coalesce(last_date, '') || '` is no date of a claim'"),
        ("coalesce(last_claim, '') = ''", "'it does not name the last claim'"),
        (f"CASE {periods} END", "last_date || ' does not lie in the period `' || coalesce(period, '') || '`'"),
        ("again > 1", "'`' || key || '` is there twice for one period'"),
    )
    cases = " ".join(f"WHEN {test} THEN {said}" for test, said in tests)
    return (
        f"SELECT place, said FROM (SELECT place, CASE {cases} END AS said FROM (SELECT rowid AS place, *, "
        "count(*) OVER (PARTITION BY total, key, coalesce(period, '')) AS again FROM \"ledger read\")) "
        "WHERE said IS NOT NULL ORDER BY place LIMIT 1"
    )


def _period_of(total: RunningTotal) -> str:
    """The name of the period in which `last_date` lies, as `Period.name_of` gives it."""
    match total.period.kind:
        case PeriodKind.LIFETIME:
            return "''"
        case PeriodKind.CALENDAR_YEAR:
            return "substr(last_date, 1, 4)"
        case PeriodKind.MONTH:
            return "substr(last_date, 1, 7)"
        case PeriodKind.POLICY_YEAR:
            begun = f"substr(last_date, 6) >= '{total.period.month:02d}-{total.period.day:02d}'"
            year = f"CAST(substr(last_date, 1, 4) AS INTEGER) - CASE WHEN {begun} THEN 0 ELSE 1 END"
            return f"substr(CAST(10000 + {year} AS VARCHAR), 2)"
        case _:
            assert_never(total.period.kind)


def _refusal(earlier: Earlier, reason: str, place: int | None = None) -> Unreadable:
    params = (("reason", reason),)
    if place is None:
        return Unreadable(Source(earlier.shown, ""), (Diagnostic("TP406", (), params),))
    # In Parquet a row has a number, in a CSV it has a line.
    line = place + (1 if form_of(earlier.path) is Form.PARQUET else _FIRST_ROW)
    return Unreadable(
        Source(earlier.shown, ""), (Diagnostic("TP406", (Label(Span(earlier.shown, line, 1, line, 1), ""),), params),)
    )


# For engines that hold the totals themselves ------------------------------------------------------------


def entries(model: Model, earlier: Earlier | None) -> tuple[Entry, ...] | Unreadable:
    """The totals to go on from, as values; or what is wrong with the ledger (TP406)."""
    if earlier is None:
        return ()
    import duckdb

    with duckdb.connect(":memory:") as database:
        create(database, model)
        if (refusal := load(database, model, earlier)) is not None:
            return refusal
        found = database.execute(f"FROM {_table(model)}").fetchall()
    return tuple((total, key, period, int(amount), last) for total, key, period, amount, last in found)


def write_entries(model: Model, job: Job, after: Iterable[Entry]) -> None:
    """Write totals that are given as values, where they are asked for."""
    if job.ledger_out is None:
        return
    import duckdb

    with tempfile.TemporaryDirectory(prefix="tierproof-") as folder, duckdb.connect(":memory:") as database:
        path = Path(folder) / "entries.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(after)
        create(database, model)
        columns = "{'total': 'VARCHAR', 'key': 'VARCHAR', 'period': 'VARCHAR', 'amount': 'BIGINT', 'last': 'VARCHAR'}"
        database.execute(
            f'CREATE TABLE "ledger after" AS FROM read_csv({literal(str(path))}, header = false, '
            f"{READ_BACK}, columns = {columns})"
        )
        _write(database, model, job.ledger_out, job.policy)
