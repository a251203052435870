"""SQLite lets any value into any column, and turns some into others: what is of the wrong type then is rejected."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from compiler.model import CategoryFact, Model
from tests.engines.engines import Results, emitted, reference
from tests.policies import model_of, one_benefit

AFFINITIES = ("", "TEXT", "NUMERIC", "INTEGER", "REAL", "BLOB", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM")
NUMBERS = (0, 1, 10**13, 10**13 + 1, -1, 2**63 - 2, 2**63 - 1, -(2**63), 0.0, 5.0, -1.0, -2.0, 0.5, 1e300, float("inf"))
OTHERS = (None, "", " ", "5", "5.0", "-1", "x", "\0", b"", b"5", b"general", b"2013-05-02")
WORDS = ("general", "GENERAL", "general ", "1", "01", "1.0", "1e0")
DAYS = (
    "2013-05-02",
    "2013-02-30",
    "2013-5-2",
    "2013-05-02 ",
    "2013-05-02 00:00:00",
    "2456414.5",
    "now",
    2456414.5,
    2013,
)
VALUES = (*NUMBERS, *OTHERS, *WORDS, *DAYS)

FACTS = ("claim", "person", "day", "cost", "ward")


def with_words(*words: str) -> Model:
    """A policy whose category has these words; no policy file can spell numbers for them, a Model can."""
    model = model_of(one_benefit("pay 50%").replace("of cost", "of cost, added up per person per calendar year"))
    return replace(
        model, facts=tuple(replace(one, values=words) if isinstance(one, CategoryFact) else one for one in model.facts)
    )


@pytest.mark.parametrize("kind", AFFINITIES)
@pytest.mark.parametrize("column", FACTS)
@pytest.mark.parametrize("words", [("general", "listed"), ("general", "1"), ("01", "1e0")], ids=repr)
def test_no_value_of_another_type_is_settled(column: str, kind: str, words: tuple[str, ...]) -> None:
    """Right is what `typeof` says is right, once SQLite has stored it."""
    model = with_words(*words)
    found, stored = settled_and_stored(model, column, kind)
    assert found == reference(model, [row | {"day": as_day(row["day"])} for row in stored])
    assert found.rejected
    assert found.settled or kind  # a column that is TEXT holds no number


def as_day(value: object) -> object:
    """A text as the day that it is, where it is one."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return day if day is not None and day.isoformat() == value else value


def settled_and_stored(model: Model, column: str, kind: str) -> tuple[Results, list[dict[str, Any]]]:
    """What comes out of claims that are right but for one column, of this type, and what SQLite has made of them."""
    word = next(fact.values[0] for fact in model.facts if isinstance(fact, CategoryFact))
    usual = {"claim": "1", "person": "li", "day": "2013-05-02", "cost": 700_000, "ward": word}
    database = sqlite3.connect(":memory:")
    try:
        listed = ", ".join(f'"{name}" {kind if name == column else ""}' for name in FACTS)
        database.execute(f'CREATE TABLE "{model.id}_claims" ({listed})')
        database.executescript(emitted(model, "sqlite"))
        for place, value in enumerate(VALUES):
            row = usual | {"person": f"person {place}", column: value}
            marks = ", ".join("?" for _ in FACTS)
            database.execute(f'INSERT INTO "{model.id}_claims" VALUES ({marks})', [row[name] for name in FACTS])
        stored = [dict(zip(FACTS, row, strict=True)) for row in database.execute(f'SELECT * FROM "{model.id}_claims"')]
        amounts = ", ".join(f'"{name}"' for name in ("claim", *(amount.name for amount in model.amounts)))
        settled = database.execute(f'SELECT {amounts} FROM "{model.id}"').fetchall()
        rejected = database.execute(f'SELECT "claim", "field", "reason" FROM "{model.id}_rejected"').fetchall()
        return Results(Counter(settled), Counter(rejected)), stored
    finally:
        database.close()
