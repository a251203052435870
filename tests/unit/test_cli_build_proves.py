"""`tierproof build` proves what it writes: a mistake of the printer stops it, and nothing is written."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compiler import driver
from compiler.driver import DIALECTS
from compiler.emit import (
    exact,
    numpy,
    numpy_settling,
    numpy_tables,
    python_code,
    python_names,
    sql_checks,
    sql_code,
    sql_stages,
)
from compiler.model import Relation
from tests.command import ROOT, SMALL, Capture, tierproof


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("policies").mkdir()
    Path("policies/small.policy").write_text(SMALL, encoding="utf-8")


def _refused(capsys: Capture, *arguments: str) -> str:
    result = tierproof(capsys, "build", *arguments)
    assert result.code == 1
    assert "error[TP501]" in result.err
    assert result.err.endswith("; nothing is written\n")
    assert not Path("generated").exists()
    return result.err


def test_a_slip_of_the_python_printer_stops_the_build(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    right = python_names.number_literal
    monkeypatch.setattr(python_code, "number_literal", lambda value: right(value + (value == 60_000)))
    said = _refused(capsys, "--target", "python")
    assert "python/small.py, line" in said
    assert "the policy says" in said
    assert "= claim: " in said


def test_a_slip_of_whole_number_code_stops_the_build(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    right = exact._floor
    monkeypatch.setattr(exact, "_floor", lambda terms, fixed, *others: right(terms, fixed - 1, *others))
    _refused(capsys, "--target", "python")


def test_a_slip_of_the_numpy_printer_stops_the_build(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    right = numpy_tables.table_of

    def one_fen_late(*given: Any) -> Any:
        table = right(*given)
        return table and replace(table, ends=tuple(end + (end == 60_000) * 100 for end in table.ends))

    monkeypatch.setattr(numpy, "table_of", one_fen_late)
    said = _refused(capsys, "--target", "numpy")
    assert "numpy/small_numpy.py, line" in said
    assert "the policy says" in said


def test_a_column_that_the_numpy_printer_forgets_stops_the_build(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = numpy_settling.reading
    monkeypatch.setattr(numpy, "reading", lambda *given: list(right(*given))[1:])
    _refused(capsys, "--target", "numpy")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_slip_of_the_sql_printer_stops_the_build(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    right = sql_code._case

    def one_fen_late(tests: list[tuple[str, str]], otherwise: str) -> str:
        return right([(test.replace("60000", "60001"), value) for test, value in tests], "0")

    monkeypatch.setattr(sql_code, "_case", one_fen_late)
    said = _refused(capsys, "--target", "sql", "--dialect", dialect)
    assert f"sql/{dialect}/small.sql, line" in said
    assert "the policy says" in said


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_check_that_a_dialect_forgets_stops_the_build(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    right = sql_checks.conditions
    monkeypatch.setattr(sql_checks, "conditions", lambda *given: right(*given)[:-1])
    monkeypatch.setattr(sql_stages, "conditions", lambda *given: right(*given)[:-1])
    _refused(capsys, "--target", "sql", "--dialect", dialect)


def test_a_word_that_the_grammar_does_not_have_stops_the_build(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_code, "_operator", lambda relation: "is" if relation is Relation.AT_MOST else "<")
    monkeypatch.setattr(python_code, "number_literal", lambda value: f"int({value})")
    assert "which no calculator has" in _refused(capsys, "--target", "python")


def test_a_calculator_is_proved_once(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tierproof(capsys, "build", "--target", "python").code == 0
    asked: list[str] = []

    def unproved(*arguments: object) -> None:
        asked.append(str(arguments[1]))

    monkeypatch.setattr(driver, "unproved", unproved)
    assert tierproof(capsys, "build", "--target", "python", "--check").code == 0
    assert asked == []
    assert tierproof(capsys, "build", "--target", "python", "--no-cache").code == 0
    assert len(asked) == 1


def test_an_entry_that_is_not_whole_is_not_believed(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tierproof(capsys, "build", "--target", "python").code == 0
    (entry,) = Path("cache/tierproof/calculators").iterdir()
    entry.write_text("proved", encoding="ascii")
    asked: list[object] = []
    monkeypatch.setattr(driver, "unproved", lambda *arguments: asked.append(arguments))
    assert tierproof(capsys, "build", "--target", "python").code == 0
    assert len(asked) == 1


def test_a_second_build_loads_no_solver(tmp_path: Path) -> None:
    code = "import sys\nfrom compiler.cli import exit_code\nexit_code(sys.argv[1:])\nprint('z3' in sys.modules)"
    command = [sys.executable, "-c", code, "build", "--target", "python"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
        for _ in range(2)
    ]
    assert [one.splitlines()[-1] for one in said] == ["True", "False"]
