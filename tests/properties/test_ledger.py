"""Settling in two runs, the second from the ledger of the first, is settling in one: on every engine of `run`.

Claims by chance for every construct that adds something up, some of them wrong in every way, cut in two at a day by
chance. Results, rejected rows with their reasons and the ledger at the end must be the same, to the last byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from compiler.model import CLAIM_NUMBER, Model
from tests.engines.constructs import BODIES, VERSIONS, construct, versions
from tests.engines.random_claims import random_rows
from tests.ledger_runs import Files, lines_of, settled, text_of, unlike_of
from tests.models import ningxia, stack, yearly_cap

MODELS = {
    "ningxia": ningxia(),
    "stack": stack(),
    "yearly cap": yearly_cap(),
    **{name: construct(name) for name in BODIES},
    **{f"versions, {name}": versions(name) for name in VERSIONS},
}
COUNTING = [name for name, model in MODELS.items() if model.running_totals]
ENGINES = ("duckdb", "sqlite", "python")


def _run(
    engine: str, model: Model, rows: Sequence[Mapping[str, Any]], folder: Path, ledger: Path | None, suffix: str
) -> Files:
    text, unlike = text_of(engine, model), unlike_of(engine, model)
    return settled(engine, model, text, rows, folder, ledger, suffix, unlike)


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
        if turn:
            # No two are alike: what costs less is right.
            rows = list({row[CLAIM_NUMBER]: row for row in rows}.values())
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
                assert lines_of(begun[kind], ended[kind]) == lines_of(whole[kind]), (engine, kind)
            assert ended["ledger"].read_bytes() == whole["ledger"].read_bytes(), engine
            kinds.append((lines_of(whole["out"]), lines_of(whole["rejected"]), whole["ledger"].read_bytes()))
        assert kinds == [kinds[0]] * len(ENGINES)
        assert kinds[0][2].count(b"\n") > 10


@pytest.mark.parametrize("engine", ENGINES)
def test_what_comes_too_early_is_rejected_by_name_and_counts_for_nothing(engine: str, tmp_path: Path) -> None:
    """The same rows once more are all before the ledger, or the last ones seen; the ledger stays as it is."""
    model = MODELS["stack"]
    rows = random_rows(model, Random(5), 80, any_type=False)
    begun = _run(engine, model, rows, tmp_path / "first", None, "csv")
    again = _run(engine, model, rows, tmp_path / "again", begun["ledger"], "csv")
    assert lines_of(again["out"]) == []
    reasons = [line.rsplit(",", 1)[1] for line in lines_of(again["rejected"])]
    assert reasons.count("before the ledger") > 50
    assert not {"duplicate", "total out of range"} & set(reasons)
    assert again["ledger"].read_bytes() == begun["ledger"].read_bytes()
