"""Claims settled in memory: by the generated Python, or by SQLite. For files of some thousand rows.

The rows are read, judged and written here; only the settling differs. Where neither the claims nor a result is Parquet
and no ledger is asked for, no other engine is needed.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from compiler.domain import BEFORE_THE_LEDGER, DUPLICATE, Rejection
from compiler.evaluate import broken_rule
from compiler.model import CLAIM_NUMBER, OWN_SHARE, FactInput, Model, Role
from compiler.run import ledger
from compiler.run.csv_text import READ_BACK, csv_lines
from compiler.run.fields import as_row, format_amount, read_claim
from compiler.run.job import Form, Job
from compiler.run.ledger import Entry
from compiler.run.outcome import FIRST_REJECTED, ROW, Outcome, RejectedRow, RunError, inputs, results
from compiler.run.parquet import relation
from compiler.run.rejected import write_rejected
from compiler.run.sql_text import literal, quoted
from compiler.run.table import Claims, NotATableError, Row, Unreadable, rows, unreadable, wrong_width
from dsl.money import DOMAIN_TOP

Facts = Mapping[str, FactInput | None]
Answer = tuple[int, ...] | Rejection
"""The results of a claim in the order of `results`, in minor units; or why it has none."""

_BEYOND = 2**62
"""Larger than every amount of the domain, and still a whole number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer to each claim, and the running totals after them where they are asked for."""

    answers: tuple[Answer, ...]
    after: tuple[Entry, ...] = ()


def settle_file(engine: str, model: Model, text: str, job: Job) -> Outcome | Unreadable:
    """Settle a file of claims with a generated calculator; what is written is as in `compiler.run.duckdb`."""
    claims = job.claims
    try:
        read = tuple(rows(claims) if claims.parquet is None else _parquet_rows(claims))
    except NotATableError as flaw:
        return unreadable(claims, flaw)
    before = ledger.entries(model, job.ledger) if job.counts_on else None
    if isinstance(before, Unreadable):
        return before
    book = [row for row in read if not wrong_width(row, claims)]
    facts = [read_claim(model, as_row(claims.columns, row.values)) for row in book]
    found = by_python(model, text, facts, before) if engine == "python" else by_sqlite(model, text, facts, before)
    answered = {row.line: answer for row, answer in zip(book, found.answers, strict=True)}
    refused = [row for row in (_refused(row, answered, claims) for row in read) if row is not None]
    settled = {place: answer for place, answer in enumerate(found.answers) if isinstance(answer, tuple)}
    if not refused or job.rejected is not None:
        if (refusal := _write(model, job, book, settled, refused)) is not None:
            return refusal
        ledger.write_entries(model, job, found.after)
    sums = (sum(amounts[place] for amounts in settled.values()) for place in range(len(results(model))))
    totals = tuple(zip(results(model), sums, strict=True))
    return Outcome(len(settled), len(refused), totals, tuple(refused[:FIRST_REJECTED]))


def _parquet_rows(claims: Claims) -> Iterator[Row]:
    """The rows of Parquet claims as a CSV would have them, numbered from 1. Raises RunError for a harmed file."""
    import duckdb

    assert claims.parquet is not None
    columns = ", ".join(f"coalesce(CAST({quoted(name)} AS VARCHAR), '')" for name in claims.columns)
    with duckdb.connect(":memory:") as database:
        try:
            found = database.execute(f"SELECT {columns} FROM {relation(claims.parquet)}").fetchall()
        except duckdb.Error as error:
            raise RunError(str(error).splitlines()[0]) from error
    for number, values in enumerate(found, start=1):
        yield Row(number, tuple(map(str, values)))


def _refused(row: Row, answered: Mapping[int, Answer], claims: Claims) -> RejectedRow | None:
    misshapen = wrong_width(row, claims)
    if misshapen is not None:
        return RejectedRow(row.line, "", "", misshapen, "")
    match answered[row.line]:
        case Rejection(field, reason):
            values = as_row(claims.columns, row.values)
            return RejectedRow(row.line, values[CLAIM_NUMBER], field, reason, values.get(field, ""))
        case _:
            return None


# Writing ------------------------------------------------------------------------------------------------


def _write(
    model: Model, job: Job, book: Sequence[Row], settled: Mapping[int, tuple[int, ...]], refused: Sequence[RejectedRow]
) -> Unreadable | None:
    parquet = job.rejected is not None and job.rejected.form is Form.PARQUET
    if parquet or job.claims.parquet is not None or job.out.form is Form.PARQUET:
        return _write_by_duckdb(model, job, settled, refused)
    with job.out.path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines([[*job.claims.columns, *results(model)]]))
        file.writelines(
            csv_lines(
                [*book[place].values, *(format_amount(amount, model.currency) for amount in amounts)]
                for place, amounts in settled.items()
            )
        )
    if job.rejected is not None:
        write_rejected(job.rejected.path, refused)
    return None


def _write_by_duckdb(
    model: Model, job: Job, settled: Mapping[int, tuple[int, ...]], refused: Iterable[RejectedRow]
) -> Unreadable | None:
    """Write what only a database can, from the rows as it reads them itself."""
    import duckdb

    from compiler.run.duckdb_read import SETTLED, read_rows
    from compiler.run.duckdb_write import write_rejected_rows, write_result

    with tempfile.TemporaryDirectory(prefix="tierproof-") as name, duckdb.connect(":memory:") as database:
        folder = Path(name)
        if (flaw := read_rows(database, job.claims, folder)) is not None:
            return flaw
        amounts = folder / "settled.csv"
        with amounts.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines((place, *found) for place, found in settled.items()))
        columns = ", ".join(f"'{number}': 'BIGINT'" for number in range(len(results(model)) + 1))
        named = ", ".join([f'"0" AS {ROW}', *(f'"{n}" AS {quoted(r)}' for n, r in enumerate(results(model), 1))])
        source = f"read_csv({literal(str(amounts))}, header = false, {READ_BACK}, columns = {{{columns}}})"
        database.execute(f"CREATE TABLE {SETTLED} AS SELECT {named} FROM {source}")
        write_result(database, model, job, folder)
        if job.rejected is not None:
            write_rejected_rows(database, job.rejected, refused, folder)
    return None


# Python -------------------------------------------------------------------------------------------------


def by_python(model: Model, text: str, claims: Sequence[Facts], before: Sequence[Entry] | None = None) -> Settled:
    """Settle claims with a generated Python calculator; after those of a ledger where there is one."""
    module: Any = ModuleType(f"tierproof_calculator_{model.id}")
    # A dataclass looks its module up by name while it is made.
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, f"{model.id}.py", "exec"), module.__dict__)  # noqa: S102  (text that this tool has written)
    finally:
        del sys.modules[module.__name__]
    # A settlement is the claim number, the benefits, the own share and the amounts between, under names for Python.
    paid = [amount.name for amount in model.amounts if amount.role is Role.BENEFIT]
    columns = [field.name for field in fields(module.Settlement)]
    names = dict(zip([*paid, OWN_SHARE], columns[1:], strict=False))

    def amounts(settlement: object) -> tuple[int, ...]:
        return tuple(getattr(settlement, names[name]) for name in results(model))

    given = [module.Claim(*(claim[name] for name in inputs(model))) for claim in claims]
    if before is not None:
        return _one_by_one(module, model, claims, given, amounts, before)
    settlements, rejected = module.settle_all(given)
    answers: list[Answer | None] = [None] * len(claims)
    for one in rejected:
        answers[one.row] = Rejection(one.field, one.reason)
    places = [place for place, answer in enumerate(answers) if answer is None]
    for place, settlement in zip(places, settlements, strict=True):
        answers[place] = amounts(settlement)
    return Settled(tuple(answer for answer in answers if answer is not None))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A claim that breaks no rule by itself: date and number in one text, the facts that totals are kept by, and which
    totals of whom in which period it counts in."""

    place: int
    moment: str
    keys: tuple[tuple[str, str], ...]
    totals: tuple[tuple[str, str, str], ...]


def _seen(model: Model, place: int, claim: Facts) -> _Seen:
    day = claim[model.running_totals[0].date_fact]
    assert isinstance(day, date)
    whose = [(total, str(claim[total.key])) for total in model.running_totals]
    keys = dict.fromkeys((total.key, key) for total, key in whose)
    totals = tuple((total.name, key, total.period.name_of(day)) for total, key in whose)
    return _Seen(place, f"{day.isoformat()} {claim[CLAIM_NUMBER]}", tuple(keys), totals)


def _one_by_one(
    module: Any, model: Model, claims: Sequence[Facts], given: Sequence[Any], amounts: Any, before: Sequence[Entry]
) -> Settled:
    """Settle claims in their order, each after the totals that it counts in."""
    totals = {f"{total}/{period}/{key}": amount for total, key, period, amount, _ in before}
    last = {(total, key, period): moment for total, key, period, _, moment in before}
    answers: dict[int, Answer] = {}
    seen: list[_Seen] = []
    for place, claim in enumerate(claims):
        broken = broken_rule(model, claim)
        if broken is not None:
            answers[place] = broken
            continue
        one = _seen(model, place, claim)
        if any(last.get(total, "") >= one.moment for total in one.totals):
            answers[place] = Rejection(model.running_totals[0].date_fact, BEFORE_THE_LEDGER)
        else:
            seen.append(one)
    times = Counter((one.moment, key) for one in seen for key in one.keys)
    for one in sorted(seen, key=lambda one: one.moment):
        last.update(dict.fromkeys(one.totals, one.moment))
        if any(times[one.moment, key] > 1 for key in one.keys):
            answers[one.place] = Rejection(CLAIM_NUMBER, DUPLICATE)
            continue
        names = [f"{total}/{period}/{key}" for total, key, period in one.totals]
        found = {name: totals[name] for name in names if name in totals}
        try:
            settlement, after = module.settle(given[one.place], found)
            answers[one.place] = amounts(settlement)
        except module.ClaimError as error:
            answers[one.place] = Rejection(error.field, error.reason)
            after = error.ledger or found
        totals.update(after)
    entries = (
        (total, key, period, min(totals.get(f"{total}/{period}/{key}", 0), DOMAIN_TOP + 1), moment)
        for (total, key, period), moment in last.items()
    )
    return Settled(tuple(answers[place] for place in range(len(claims))), tuple(entries))


# SQLite -------------------------------------------------------------------------------------------------


def by_sqlite(model: Model, text: str, claims: Sequence[Facts], before: Sequence[Entry] | None = None) -> Settled:
    """Settle claims with a SQLite calculator that carries the row through; after those of a ledger if there is one."""
    database = sqlite3.connect(":memory:")
    table = quoted(f"{model.id}_claims")
    try:
        columns = ", ".join(quoted(name) for name in inputs(model))
        database.execute(f"CREATE TABLE {table} ({ROW} INTEGER PRIMARY KEY, {columns})")
        database.executemany(
            f"INSERT INTO {table} VALUES (?{', ?' * len(inputs(model))})",
            ((place, *(_bound(claim[name]) for name in inputs(model))) for place, claim in enumerate(claims)),
        )
        if before is not None:
            totals = quoted(f"{model.id}_ledger")
            database.execute(
                f"CREATE TABLE {totals} (total, key, period, amount, last, PRIMARY KEY (total, key, period))"
            )
            database.executemany(f"INSERT INTO {totals} VALUES (?, ?, ?, ?, ?)", before)
        database.executescript(text)
        amounts = ", ".join(quoted(name) for name in results(model))
        answers: dict[int, Answer] = {
            place: tuple(found)
            for place, *found in database.execute(f"SELECT {ROW}, {amounts} FROM {quoted(model.id)}")
        }
        if len(answers) < len(claims):
            view = quoted(f"{model.id}_rejected")
            for place, field, reason in database.execute(f"SELECT {ROW}, field, reason FROM {view}"):
                answers[place] = broken_rule(model, claims[place]) or Rejection(field, reason)
        query = f"SELECT total, key, period, amount, last FROM {quoted(f'{model.id}_ledger_after')}"
        after = tuple(database.execute(query)) if before is not None else ()
        return Settled(tuple(answers[place] for place in range(len(claims))), after)
    finally:
        database.close()


def _bound(value: FactInput | None) -> int | str | None:
    if isinstance(value, date):
        return value.isoformat()
    return max(-_BEYOND, min(value, _BEYOND)) if isinstance(value, int) else value
