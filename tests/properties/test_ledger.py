"""Settling in two runs, the second from the ledger of the first, is settling in one: on every engine of `run`.

Claims by chance for every construct that adds something up, some of them wrong in every way, cut in two at a day by
chance. Results, rejected rows with their reasons and the ledger at the end must be the same, to the last byte.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from compiler import driver
from compiler.emit.mark import SourceFile
from compiler.model import Model, MoneyFact
from compiler.run.fields import format_amount
from compiler.run.job import Earlier, Job, Target, form_of
from compiler.run.outcome import Outcome, inputs
from compiler.run.table import Claims, open_claims
from tests.engines.constructs import BODIES, VERSIONS, construct, versions
from tests.engines.random_claims import random_rows
from tests.models import ningxia, stack, yearly_cap

MODELS = {
    "ningxia": ningxia(),
    "stack": stack(),
    "yearly cap": yearly_cap(),
    **{name: construct(name) for name in BODIES},
    **{f"versions, {name}": versions(name) for name in VERSIONS},
}
COUNTING = [name for name, model in MODELS.items() if model.running_totals]
SOURCES = [SourceFile("policies/test.policy", "ab" * 32)]
ENGINES = ("duckdb", "sqlite", "python")

Files = Mapping[str, Path]


def _written(model: Model, rows: Sequence[Mapping[str, Any]], path: Path) -> Claims:
    amounts = {fact.name for fact in model.facts if isinstance(fact, MoneyFact)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(inputs(model))
        for row in rows:
            writer.writerow(
                format_amount(value, model.currency) if name in amounts and value is not None else value
                for name, value in ((name, row[name]) for name in inputs(model))
            )
    claims = open_claims(path, path.name, model)
    assert isinstance(claims, Claims)
    return claims


def _run(
    engine: str, model: Model, rows: Sequence[Mapping[str, Any]], folder: Path, ledger: Path | None, suffix: str
) -> Files:
    """Settle rows; gives the files of results, of rejected rows and of the ledger."""
    folder.mkdir()
    files = {"out": folder / "out.csv", "rejected": folder / "rejected.csv", "ledger": folder / f"ledger.{suffix}"}
    (text,) = driver.settling(model, engine, SOURCES, "0.1.0", counts_on=True).files.values()
    job = Job(
        _written(model, rows, folder / "claims.csv"),
        Target(files["out"]),
        Target(files["rejected"]),
        None if ledger is None else Earlier(ledger, ledger.name),
        Target(files["ledger"], form_of(files["ledger"])),
        "ab" * 32,
    )
    assert isinstance(driver.settle_file(engine, model, text, job), Outcome)
    return files


def _lines(*paths: Path) -> list[str]:
    """The rows of files of results, in no order, without the line on which a rejected one stood."""
    return sorted(
        line.partition(",")[2] if path.name == "rejected.csv" else line
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    )


def _cut(model: Model, rows: Sequence[Mapping[str, Any]], random: Random) -> tuple[list[Any], list[Any]]:
    """The rows before a day by chance and those from it on; a row without a day is on either side."""
    by = model.running_totals[0].date_fact
    cut = random.choice(sorted(row[by] for row in rows if isinstance(row[by], date)))
    first = [row for row in rows if (row[by] < cut if isinstance(row[by], date) else random.random() < 0.5)]
    taken = set(map(id, first))
    return first, [row for row in rows if id(row) not in taken]


@pytest.mark.parametrize("name", COUNTING)
def test_two_runs_are_one(name: str, tmp_path: Path) -> None:
    model = MODELS[name]
    random = Random(name)
    for turn in range(2):
        rows = random_rows(model, random, 120, any_type=False)
        for row in rows:
            # A CSV has no value that is there and empty, and none with a line's end in it.
            row.update((key, value.replace("\n", " ")) for key, value in row.items() if isinstance(value, str))
        first, second = _cut(model, rows, random)
        kinds = []
        for engine in ENGINES:
            place = tmp_path / f"{turn} {engine}"
            place.mkdir()
            whole = _run(engine, model, rows, place / "whole", None, "csv")
            begun = _run(engine, model, first, place / "first", None, random.choice(["csv", "parquet"]))
            ended = _run(engine, model, second, place / "second", begun["ledger"], "csv")
            for kind in ("out", "rejected"):
                assert _lines(begun[kind], ended[kind]) == _lines(whole[kind]), (engine, kind)
            assert ended["ledger"].read_bytes() == whole["ledger"].read_bytes(), engine
            kinds.append((_lines(whole["out"]), _lines(whole["rejected"]), whole["ledger"].read_bytes()))
        assert kinds == [kinds[0]] * len(ENGINES)
        assert kinds[0][2].count(b"\n") > 10


@pytest.mark.parametrize("engine", ENGINES)
def test_what_comes_too_early_is_rejected_by_name_and_counts_for_nothing(engine: str, tmp_path: Path) -> None:
    """The same rows once more are all before the ledger, or the last ones seen; the ledger stays as it is."""
    model = MODELS["stack"]
    rows = random_rows(model, Random(5), 80, any_type=False)
    begun = _run(engine, model, rows, tmp_path / "first", None, "csv")
    again = _run(engine, model, rows, tmp_path / "again", begun["ledger"], "csv")
    assert _lines(again["out"]) == []
    reasons = [line.rsplit(",", 1)[1] for line in _lines(again["rejected"])]
    assert reasons.count("before the ledger") > 50
    assert not {"duplicate", "total out of range"} & set(reasons)
    assert again["ledger"].read_bytes() == begun["ledger"].read_bytes()
