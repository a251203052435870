"""A bug in what writes calculators stops `tierproof build`, which proves each file before it is written.

One bug at a time is put into the printer of each target, then the command is called as users call it: it must refuse
the file (TP501), name it, and write nothing. Without a bug the same call writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compiler.driver import DIALECTS
from compiler.emit import (
    dialects,
    exact,
    numpy,
    numpy_settling,
    numpy_tables,
    python,
    python_code,
    python_names,
    sql_checks,
    sql_code,
    sql_stages,
)
from compiler.model import Relation
from tests.command import SMALL, Capture, tierproof

Inject = Callable[[pytest.MonkeyPatch], None]

TARGETS: Mapping[str, tuple[str, ...]] = {
    "python/small.py": ("--target", "python"),
    "numpy/small_numpy.py": ("--target", "numpy"),
    **{f"sql/{name}/small.sql": ("--target", "sql", "--dialect", name) for name in DIALECTS},
}
"""Every file that a policy becomes, and how it is asked for."""

PYTHON, NUMPY = "python/small.py", "numpy/small_numpy.py"


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("policies").mkdir()
    Path("policies/small.policy").write_text(SMALL, encoding="utf-8")


def refused(capsys: Capture, file: str) -> str:
    """What `build` says of a file that it does not write."""
    result = tierproof(capsys, "build", *TARGETS[file])
    assert result.code == 1
    assert "error[TP501]" in result.err
    assert file in result.err
    assert result.err.endswith("; nothing is written\n")
    assert not Path("generated").exists()
    return result.err


@pytest.mark.parametrize("file", TARGETS)
def test_without_a_bug_every_file_is_written(capsys: Capture, file: str) -> None:
    assert tierproof(capsys, "build", *TARGETS[file]).code == 0
    assert [path.relative_to("generated").as_posix() for path in Path("generated").rglob("small*")] == [file]


# A wrong amount ---------------------------------------------------------------------------------------


def one_fen_late_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A band ends one fen late."""
    right = python_names.number_literal
    monkeypatch.setattr(python_code, "number_literal", lambda value: right(value + (value == 60_000)))


def one_yuan_late_in_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A band of the tables ends one yuan late."""
    right = numpy_tables.table_of

    def late(*given: Any) -> Any:
        table = right(*given)
        return table and replace(table, ends=tuple(end + (end == 60_000) * 100 for end in table.ends))

    monkeypatch.setattr(numpy, "table_of", late)


def one_fen_late_in_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    """A band ends one fen late."""
    right = sql_code._case

    def late(tests: list[tuple[str, str]], otherwise: str) -> str:
        return right([(test.replace("60000", "60001"), value) for test, value in tests], "0")

    monkeypatch.setattr(sql_code, "_case", late)


AMOUNTS: Mapping[str, Inject] = {
    PYTHON: one_fen_late_in_python,
    NUMPY: one_yuan_late_in_numpy,
    **{f"sql/{name}/small.sql": one_fen_late_in_sql for name in DIALECTS},
}


@pytest.mark.parametrize("file", TARGETS)
def test_a_wrong_amount_is_shown_by_a_claim(capsys: Capture, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    AMOUNTS[file](monkeypatch)
    said = refused(capsys, file)
    assert f"{file}, line" in said
    assert "the policy says" in said
    assert "= claim: " in said


@pytest.mark.parametrize("file", TARGETS)
def test_so_is_one_of_the_code_that_all_are_printed_from(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    right = exact._floor
    monkeypatch.setattr(exact, "_floor", lambda terms, fixed, *others: right(terms, fixed - 1, *others))
    assert "the policy says" in refused(capsys, file)


# A claim that is to be rejected -----------------------------------------------------------------------


def a_rule_that_python_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    right = python._rules
    monkeypatch.setattr(python, "_rules", lambda *given: list(right(*given))[:-1])


def a_column_that_numpy_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    right = numpy_settling.reading
    monkeypatch.setattr(numpy, "reading", lambda *given: list(right(*given))[1:])


def a_rule_that_sql_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    right = sql_checks.conditions
    monkeypatch.setattr(sql_checks, "conditions", lambda *given: right(*given)[:-1])
    monkeypatch.setattr(sql_stages, "conditions", lambda *given: right(*given)[:-1])


RULES: Mapping[str, Inject] = {
    PYTHON: a_rule_that_python_forgets,
    NUMPY: a_column_that_numpy_does_not_read,
    **{f"sql/{name}/small.sql": a_rule_that_sql_forgets for name in DIALECTS},
}


@pytest.mark.parametrize("file", TARGETS)
def test_a_rule_that_is_forgotten(capsys: Capture, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    RULES[file](monkeypatch)
    refused(capsys, file)


# A slip in what a dialect says of its engine ----------------------------------------------------------


SLIPS: Mapping[str, Mapping[str, Any]] = {
    "duckdb": {"divide": "/"},  # which gives floating-point numbers there
    "mariadb": {"read_text": "{}"},  # whose collation takes `listed ` for `listed`
    "postgresql": {"hold_whole": "{}"},  # so that a column of fractions would do
    "spark": {"is_whole": "typeof({}) IN ('bigint', 'int', 'smallint', 'tinyint', 'double')"},
    "sqlite": {"sure_whole": "{0} < '' AND {0} >= 0"},  # 0.5 is a number from 0, and no whole one
}
"""What would let wrong money through in each engine, in the very place where it is written down for it."""


@pytest.mark.parametrize("name", DIALECTS)
def test_a_slip_in_a_dialect(capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    slipped = tuple(replace(one, **SLIPS[name]) if one.name == name else one for one in dialects.DIALECTS)
    assert slipped != dialects.DIALECTS
    monkeypatch.setattr(dialects, "DIALECTS", slipped)
    refused(capsys, f"sql/{name}/small.sql")


# A text that does something else ----------------------------------------------------------------------


def test_a_word_of_python_that_no_calculator_has(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_code, "_operator", lambda relation: "is" if relation is Relation.AT_MOST else "<")
    monkeypatch.setattr(python_code, "number_literal", lambda value: f"int({value})")
    assert "which no calculator has" in refused(capsys, PYTHON)


@pytest.mark.parametrize("file", [PYTHON, NUMPY])
def test_a_part_of_the_template_that_is_another(capsys: Capture, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    module = python if file == PYTHON else numpy
    right = module.lay_out
    old, new = ("> TOP", ">= TOP") if file == NUMPY else ("value.strip", "value.lower().strip")

    def changed(*given: Any) -> str:
        text: str = right(*given)
        assert old in text
        return text.replace(old, new)

    monkeypatch.setattr(module, "lay_out", changed)
    refused(capsys, file)
