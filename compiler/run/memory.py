"""Claims settled in memory: by the generated Python, or by SQLite. For files of some thousand rows.

The rows are read, judged and written here; only the settling differs.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from compiler.domain import Rejection
from compiler.evaluate import broken_rule
from compiler.model import CLAIM_NUMBER, OWN_SHARE, FactInput, Model, Role
from compiler.run.fields import as_row, format_amount, read_claim
from compiler.run.outcome import (
    FIRST_REJECTED,
    REJECTED_COLUMNS,
    Outcome,
    RejectedRow,
    identity,
    inputs,
    results,
)
from compiler.run.rejections import among_others, quoted, rejection
from compiler.run.table import Claims, NotATableError, Row, Unreadable, rows, unreadable, wrong_width

Facts = Mapping[str, FactInput | None]
Answer = tuple[int, ...] | Rejection
"""The results of a claim in the order of `results`, in minor units; or why it has none."""

_BEYOND = 2**62
"""Larger than every amount of the domain, and still a whole number of 64 bits."""


def settle_file(
    engine: str, model: Model, text: str, claims: Claims, out: Path, rejected: Path | None
) -> Outcome | Unreadable:
    """Settle a file of claims with a generated calculator; `out` and `rejected` as in `compiler.run.duckdb`."""
    try:
        read = tuple(rows(claims))
    except NotATableError as flaw:
        return unreadable(claims, flaw)
    book = [
        (row, read_claim(model, as_row(claims.columns, row.values))) for row in read if not wrong_width(row, claims)
    ]
    facts = [claim for _, claim in book]
    answers = by_python(model, text, facts) if engine == "python" else by_sqlite(model, text, facts)
    answered = {row.line: answer for (row, _), answer in zip(book, answers, strict=True)}
    refused = [row for row in (_refused(row, answered, claims) for row in read) if row is not None]
    settled = [(row, answer) for row in read if isinstance(answer := answered.get(row.line), tuple)]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*claims.columns, *results(model)])
        for row, amounts in settled:
            writer.writerow([*row.values, *(format_amount(amount, model.currency) for amount in amounts)])
    if rejected is not None:
        with rejected.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(REJECTED_COLUMNS)
            writer.writerows((row.line, row.claim, row.field, row.reason) for row in refused)
    sums = (sum(amounts[place] for _, amounts in settled) for place in range(len(results(model))))
    totals = tuple(zip(results(model), sums, strict=True))
    return Outcome(len(settled), len(refused), totals, tuple(refused[:FIRST_REJECTED]))


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


def by_python(model: Model, text: str, claims: Sequence[Facts]) -> list[Answer]:
    """Settle claims with a generated Python calculator."""
    module: Any = ModuleType(f"tierproof_calculator_{model.id}")
    # A dataclass looks its module up by name while it is made.
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, f"{model.id}.py", "exec"), module.__dict__)  # noqa: S102  (text that this tool has written)
    finally:
        del sys.modules[module.__name__]
    given = [module.Claim(*(claim[name] for name in inputs(model))) for claim in claims]
    settlements, rejected = module.settle_all(given)
    answers: list[Answer | None] = [None] * len(claims)
    for one in rejected:
        answers[one.row] = Rejection(one.field, one.reason)
    # A settlement is the claim number, the benefits, the own share and the amounts between, under names for Python.
    paid = [amount.name for amount in model.amounts if amount.role is Role.BENEFIT]
    columns = [field.name for field in fields(module.Settlement)]
    names = dict(zip([*paid, OWN_SHARE], columns[1:], strict=False))
    places = [place for place, answer in enumerate(answers) if answer is None]
    for place, settlement in zip(places, settlements, strict=True):
        answers[place] = tuple(getattr(settlement, names[name]) for name in results(model))
    return [answer for answer in answers if answer is not None]


def by_sqlite(model: Model, text: str, claims: Sequence[Facts]) -> list[Answer]:
    """Settle claims with a generated SQLite calculator."""
    database = sqlite3.connect(":memory:")
    table, row = quoted(f"{model.id}_claims"), quoted("row read")

    def query(sql: str, parameters: Sequence[FactInput | None]) -> list[tuple[Any, ...]]:
        return database.execute(sql, [_bound(value) for value in parameters]).fetchall()

    try:
        columns = ", ".join(quoted(name) for name in inputs(model))
        database.execute(f"CREATE TABLE {table} ({row} INTEGER PRIMARY KEY, {columns})")
        database.executemany(
            f"INSERT INTO {table} VALUES (?{', ?' * len(inputs(model))})",
            ((place, *(_bound(claim[name]) for name in inputs(model))) for place, claim in enumerate(claims)),
        )
        database.executescript(text)
        same = " AND ".join(f"c.{quoted(name)} = v.{quoted(name)}" for name in identity(model))
        amounts = ", ".join(f"v.{quoted(name)}" for name in results(model))
        select = f"SELECT DISTINCT c.{row}, {amounts} FROM {table} AS c JOIN {quoted(model.id)} AS v ON {same}"
        settled = {place: tuple(found) for place, *found in query(select, [])}
        others = among_others(query, model) if len(settled) < len(claims) else {}
        return [
            settled[place] if place in settled else broken_rule(model, claim) or rejection(query, model, claim, others)
            for place, claim in enumerate(claims)
        ]
    finally:
        database.close()


def _bound(value: FactInput | None) -> int | str | None:
    if isinstance(value, date):
        return value.isoformat()
    return max(-_BEYOND, min(value, _BEYOND)) if isinstance(value, int) else value
