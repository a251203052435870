"""What `tierproof build` has proved is kept, and proved once; `test_injected_bugs.py` shows what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compiler import driver
from tests.command import ROOT, SMALL, Capture, tierproof


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("policies").mkdir()
    Path("policies/small.policy").write_text(SMALL, encoding="utf-8")


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
