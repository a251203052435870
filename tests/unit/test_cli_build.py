"""`tierproof build`: all calculators or none, and `--check` that sees every byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.commands import files
from compiler.driver import DIALECTS
from tests.command import DRAFT, SMALL, Capture, tierproof

PATHS = ["python/small.py", "numpy/small_numpy.py", *(f"sql/{dialect}/small.sql" for dialect in DIALECTS)]


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policies").mkdir()
    Path("policies/small.policy").write_text(SMALL, encoding="utf-8")


def _written(folder: str = "generated") -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def test_every_target_is_written_in_its_place(capsys: Capture) -> None:
    result = tierproof(capsys, "build")
    assert result.code == 0
    assert result.out.splitlines() == [f"generated/{path}" for path in PATHS]
    assert f"; {len(PATHS)} files written\n" in result.err
    assert _written() == sorted(PATHS)


def test_targets_and_dialects_can_be_chosen(capsys: Capture) -> None:
    assert tierproof(capsys, "build", "--target", "sql", "--dialect", "sqlite,duckdb", "--out", "out").code == 0
    assert _written("out") == ["sql/duckdb/small.sql", "sql/sqlite/small.sql"]
    assert tierproof(capsys, "build", "--target", "python", "--target", "numpy", "--out", "more").code == 0
    assert _written("more") == ["numpy/small_numpy.py", "python/small.py"]
    refused = tierproof(capsys, "build", "--dialect", "oracle")
    assert refused.code == 2
    assert f"'oracle' is not one of {', '.join(DIALECTS)}" in refused.err


def test_the_same_policy_gives_the_same_bytes_from_anywhere(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    tierproof(capsys, "build")
    monkeypatch.chdir("policies")
    assert tierproof(capsys, "build", "--out", "../generated", "--check", ".").code == 0


def test_what_is_up_to_date_passes_the_check(capsys: Capture) -> None:
    tierproof(capsys, "build")
    result = tierproof(capsys, "build", "--check")
    assert (result.code, result.out) == (0, f"build --check passed: {len(PATHS)} files up to date\n")


@pytest.mark.parametrize("path", PATHS)
def test_any_changed_byte_fails_the_check(capsys: Capture, path: str) -> None:
    tierproof(capsys, "build")
    generated = Path("generated") / path
    data = generated.read_bytes()
    for place in (0, len(data) // 2, len(data) - 1):
        generated.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        result = tierproof(capsys, "build", "--check")
        assert result.code == 1
        assert f"generated/{path} is not what its policy gives\n" in result.err
    generated.write_bytes(data + b"\n")
    assert tierproof(capsys, "build", "--check").code == 1


def test_any_changed_byte_of_the_policy_fails_the_check(capsys: Capture) -> None:
    tierproof(capsys, "build")
    for text in (SMALL + "\n", SMALL + "# a remark\n", "\ufeff" + SMALL, SMALL.replace("50%", "51%")):
        Path("policies/small.policy").write_text(text, encoding="utf-8")
        result = tierproof(capsys, "build", "--check")
        assert result.code == 1
        assert result.err.count("is not what its policy gives") == len(PATHS)


def test_missing_and_left_over_files_fail_the_check_and_nothing_is_written(capsys: Capture) -> None:
    tierproof(capsys, "build")
    Path("generated/python/small.py").rename("generated/python/old.py")
    result = tierproof(capsys, "build", "--check", "--format", "json")
    assert result.code == 1
    assert json.loads(result.out)["stale"] == [
        {"path": "generated/python/small.py", "why": "missing"},
        {"path": "generated/python/old.py", "why": "left over"},
    ]
    assert not Path("generated/python/small.py").exists()


def _stale(capsys: Capture, *arguments: str) -> list[str]:
    """The paths that `build --check` names as belonging to no policy."""
    result = tierproof(capsys, "build", "--check", *arguments)
    paths = [line.split()[0] for line in result.err.splitlines() if line.endswith("belongs to no policy")]
    assert result.code == (1 if paths else 0)
    return paths


def test_whatever_else_stands_below_the_folder_fails_the_check(capsys: Capture) -> None:
    tierproof(capsys, "build")
    for name in ("zzz.txt", "python/zzz.txt", "sql/z.sql", "sql/mysql/z.sql", "sql/duckdb/old/z.sql", "empty/"):
        path = Path("generated") / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text("", encoding="utf-8")
    in_python, in_duckdb = ["generated/python/zzz.txt"], ["generated/sql/duckdb/old/"]
    everywhere = ["generated/empty/", "generated/sql/mysql/", "generated/sql/z.sql", "generated/zzz.txt"]
    assert _stale(capsys) == sorted([*everywhere, *in_python, *in_duckdb])
    # Who asks for some of the targets may have asked for others before; who names a policy asks for nothing else.
    assert _stale(capsys, "--target", "python") == in_python
    assert _stale(capsys, "--target", "sql", "--dialect", "duckdb") == in_duckdb
    assert _stale(capsys, "policies/small.policy") == []


def test_what_is_not_of_the_folder_passes_the_check(capsys: Capture) -> None:
    tierproof(capsys, "build")
    for name in (".gitkeep", "python/__pycache__/small.pyc", "sql/.DS_Store"):
        Path("generated", name).parent.mkdir(exist_ok=True)
        Path("generated", name).write_text("", encoding="utf-8")
    assert _stale(capsys) == []
    # The folder of everything holds the policies as well.
    assert tierproof(capsys, "build", "--out", ".").code == 0
    assert _stale(capsys, "--out", ".") == []


def test_a_policy_that_is_not_proved_is_not_built(capsys: Capture) -> None:
    tierproof(capsys, "build")
    before = {path: Path("generated", path).read_bytes() for path in PATHS}
    flawed = SMALL.replace("over 1,000 ", "over 2,000 ")
    Path("policies/flawed.policy").write_text(flawed.replace("policy small", "policy flawed"), encoding="utf-8")
    result = tierproof(capsys, "build")
    assert (result.code, result.out) == (1, "")
    assert "error[TP101]" in result.err
    assert result.err.endswith("; nothing is written\n")
    assert {path: Path("generated", path).read_bytes() for path in PATHS} == before
    assert _written() == sorted(PATHS)
    assert tierproof(capsys, "build", DRAFT, "--out", "out").code == 1
    assert not Path("out").exists()


def test_two_policies_of_one_name_would_overwrite_each_other(capsys: Capture) -> None:
    Path("policies/other").mkdir()
    Path("policies/other/small.policy").write_text(SMALL, encoding="utf-8")
    result = tierproof(capsys, "build")
    assert (result.code, result.out) == (2, "")
    assert "policies/other/small.policy and policies/small.policy would both write python/small.py; put" in result.err
    assert not Path("generated").exists()


def test_numbers_that_leave_64_bits_are_refused(capsys: Capture) -> None:
    fine = SMALL.replace("70%      80%", "70.00000001%  80.00000001%")
    Path("policies/small.policy").write_text(fine, encoding="utf-8")
    result = tierproof(capsys, "build")
    assert (result.code, result.out) == (1, "")
    assert "error[TP206]: basic could leave 64-bit whole numbers" in result.err
    assert not Path("generated").exists()


def test_a_name_too_long_for_a_database_is_refused(capsys: Capture) -> None:
    name = "a" * 60
    Path("policies/small.policy").write_text(SMALL.replace("policy small", f"policy {name}"), encoding="utf-8")
    assert "error[TP208]: MariaDB" in tierproof(capsys, "build").err
    result = tierproof(capsys, "build", "--dialect", "postgresql")
    assert (result.code, result.out) == (1, "")
    assert "error[TP208]: PostgreSQL cannot keep the name" in result.err
    assert tierproof(capsys, "build", "--dialect", "duckdb").code == 0


def test_a_folder_that_cannot_be_written_is_wrong_use(capsys: Capture) -> None:
    Path("generated").write_text("a file", encoding="utf-8")
    result = tierproof(capsys, "build")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: generated cannot be written: ")


def test_a_failure_between_files_leaves_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write_all(tmp_path, {"a": "old a", "b/c": "old c"})
    calls = []

    def full_disk(target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return original(target)

    original = files.aside
    monkeypatch.setattr(files, "aside", full_disk)
    with pytest.raises(files.WrongUse, match="No space left on device"):
        files.write_all(tmp_path, {"a": "new a", "b/c": "new c"})
    assert (tmp_path / "a").read_text() == "old a"
    assert (tmp_path / "b" / "c").read_text() == "old c"
    assert not list(tmp_path.rglob("*.part"))


def test_a_folder_in_the_place_of_a_file_is_refused_before_anything_is_written(capsys: Capture) -> None:
    Path("generated/sql/sqlite/small.sql").mkdir(parents=True)
    result = tierproof(capsys, "build")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: generated/sql/sqlite/small.sql cannot be written: it is a folder\n"
    assert not [path for path in Path("generated").rglob("*") if path.is_file()]


def test_a_renaming_that_fails_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write_all(tmp_path / "out", {"a": "old a", "b": "old b"})
    rename = Path.replace

    def failing(temporary: Path, target: Path) -> Path:
        if target.name == "b" and temporary.read_text(encoding="utf-8") == "new b":
            raise OSError(5, "Input/output error")
        return rename(temporary, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(files.WrongUse, match="Input/output error"):
        files.write_all(tmp_path / "out", {"a": "new a", "added": "new", "b": "new b"})
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()} == {
        "a": "old a",
        "b": "old b",
    }
