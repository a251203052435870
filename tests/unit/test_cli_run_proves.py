"""`tierproof run` proves what it is about to run: a mistake of a printer stops it, and no claim is settled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compiler import driver
from compiler.driver import IN_PROCESS
from compiler.emit import python_code, python_names, sql_effort, sql_stages
from compiler.model import Model
from compiler.run import duckdb as duckdb_engine
from dsl.diagnostics import Diagnostic
from tests.command import ROOT, SMALL, Capture, tierproof

CLAIMS = "claim,person,discharged,cost,illness\nA1,P7,2013-04-02,1000.00,general\n"


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("small.policy").write_text(SMALL, encoding="utf-8")
    Path("claims.csv").write_text(CLAIMS, encoding="utf-8")


def _run(capsys: Capture, *arguments: str, form: str = "csv") -> tuple[int, str]:
    result = tierproof(capsys, "run", "small.policy", f"claims.{form}", "-o", f"out.{form}", *arguments)
    return result.code, result.err


def _refused(capsys: Capture, *arguments: str, form: str = "csv") -> None:
    before = sorted(Path.cwd().iterdir())
    # A refusal is not remembered as if it were a proof.
    for _ in range(2):
        code, said = _run(capsys, *arguments, form=form)
        assert code == 1
        assert "error[TP501]" in said
    assert sorted(path for path in Path.cwd().iterdir() if path.name != "cache") == before


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "spark"])
def test_a_total_that_does_not_go_on_settles_nothing(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(sql_stages, "opening", lambda *_: "0")
    if engine != "spark":
        _refused(capsys, "--engine", engine, "--ledger-out", "ledger.csv")
        return
    columns = "claim, person, discharged, CAST(cost AS DECIMAL(12, 2)) AS cost, illness"
    duckdb.sql(f"COPY (SELECT {columns} FROM 'claims.csv') TO 'claims.parquet' (FORMAT parquet)")
    _refused(capsys, "--engine", engine, "--ledger-out", "ledger.csv", form="parquet")


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_another_column_in_the_place_of_the_row_settles_nothing(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    right = sql_effort.Column

    def slip(name: str, expression: str, *more: Any, **named: Any) -> sql_effort.Column:
        return right(name, expression.replace('c."row read"', 'c."claim"'), *more, **named)

    monkeypatch.setattr(sql_stages, "Column", slip)
    _refused(capsys, "--engine", engine)


def test_a_slip_of_the_python_printer_settles_nothing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    right = python_names.number_literal
    monkeypatch.setattr(python_code, "number_literal", lambda value: right(value + (value == 60_000)))
    _refused(capsys, "--engine", "python")


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_what_is_run_is_proved_once(capsys: Capture, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    assert _run(capsys, "--engine", engine)[0] == 0
    asked: list[driver.Target] = []
    right = driver.unproved

    def unproved(model: Model, target: driver.Target, text: str) -> Diagnostic | None:
        asked.append(target)
        return right(model, target, text)

    monkeypatch.setattr(driver, "unproved", unproved)
    assert _run(capsys, "--engine", engine)[0] == 0
    assert asked == []
    # With a ledger it is another calculator, and that of Python the same.
    assert _run(capsys, "--engine", engine, "--ledger-out", "ledger.csv")[0] == 0
    assert len(asked) == (0 if engine == "python" else 1)
    assert _run(capsys, "--engine", engine, "--no-cache")[0] == 0
    assert asked[-1] == driver.settling(engine, counts_on=False)


def test_a_second_run_loads_no_solver() -> None:
    code = "import sys\nfrom compiler.cli import exit_code\nexit_code(sys.argv[1:])\nprint('z3' in sys.modules)"
    command = [sys.executable, "-c", code, "run", "small.policy", "claims.csv", "-o", "out.csv"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout for _ in range(2)
    ]
    assert [one.splitlines()[-1] for one in said] == ["True", "False"]


@pytest.mark.parametrize("alike", [False, True])
def test_large_files_are_settled_without_a_search_for_claims_that_are_alike(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, alike: bool
) -> None:
    monkeypatch.setattr("compiler.commands.run.LARGE_BYTES", 0)
    rows = ["A2,P7,2013-04-01,900.00,listed", *(["A1,P7,2013-04-02,1.00,general"] if alike else []), "A3,P7,bad,1.00,"]
    Path("claims.csv").write_text(CLAIMS + "\n".join(rows) + "\n", encoding="utf-8")
    found: list[bool] = []
    right = duckdb_engine._is_settled_unlike

    def watched(*given: Any) -> bool:
        found.append(right(*given))
        return found[-1]

    monkeypatch.setattr(duckdb_engine, "_is_settled_unlike", watched)
    said = {
        engine: (
            _run(capsys, "--engine", engine, "--rejected", "rejected.csv"),
            Path("out.csv").read_bytes(),
            Path("rejected.csv").read_bytes(),
        )
        for engine in ("duckdb", "sqlite")
    }
    assert found == [not alike]
    assert said["duckdb"] == said["sqlite"]
    assert (b"duplicate" in said["duckdb"][2]) is alike


def test_a_slip_in_the_calculator_that_is_tried_first_settles_nothing(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compiler.commands.run.LARGE_BYTES", 0)
    monkeypatch.setattr(sql_stages, "_alike", lambda *_: "()")
    _refused(capsys)
