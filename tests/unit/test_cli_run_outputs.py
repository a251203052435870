"""Where `tierproof run` reads and writes: links, pipes, devices and folders; a result is there whole or not at all."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from compiler import driver
from compiler.cli import exit_code
from compiler.driver import IN_PROCESS
from compiler.run.duckdb import interruptions
from compiler.run.outcome import Outcome
from compiler.run.table import Unreadable
from tests.command import NINGXIA, Capture, Result, tierproof
from tests.runs import GOOD, GOOD_RESULT, HEAD, RESULT_HEAD, run


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=IN_PROCESS)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


def test_an_old_result_is_kept_when_the_new_one_fails(capsys: Capture, engine: str) -> None:
    Path("out.csv").write_text("old", encoding="utf-8")
    assert run(capsys, engine, f"{HEAD}17,b,2013-05-02,12o,general\n", "-o", "out.csv").code == 1
    assert Path("out.csv").read_text(encoding="utf-8") == "old"


def test_a_device_or_the_file_behind_a_link_is_written_to(capsys: Capture) -> None:
    Path("real.csv").write_text("old", encoding="utf-8")
    Path("link.csv").symlink_to("real.csv")
    assert run(capsys, "duckdb", HEAD + GOOD, "-o", "link.csv", "--rejected", "/dev/null").code == 0
    assert Path("link.csv").is_symlink()
    assert Path("real.csv").read_text(encoding="utf-8") == RESULT_HEAD + GOOD_RESULT
    assert not Path("/dev/null").is_file()


def test_the_file_behind_a_link_changes_whole_or_not_at_all(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = Path("elsewhere/real.csv")
    real.write_text("old", encoding="utf-8")
    Path("link.csv").symlink_to(real)
    seen: list[tuple[str, str]] = []
    really = Path.replace

    def watched(temporary: Path, target: Path) -> Path:
        if target == Path(tmp_path / real).resolve():
            seen.append((real.read_text(encoding="utf-8"), temporary.read_text(encoding="utf-8")))
        return really(temporary, target)

    monkeypatch.setattr(Path, "replace", watched)
    assert run(capsys, "python", HEAD + GOOD, "-o", "link.csv").code == 0
    assert seen == [("old", RESULT_HEAD + GOOD_RESULT)]
    assert real.read_text(encoding="utf-8") == RESULT_HEAD + GOOD_RESULT
    assert Path("link.csv").is_symlink()
    assert list(real.parent.iterdir()) == [real]


def test_a_link_in_a_circle_is_wrong_use(capsys: Capture) -> None:
    Path("one.csv").symlink_to("two.csv")
    Path("two.csv").symlink_to("one.csv")
    assert run(capsys, "python", HEAD + GOOD, "-o", "one.csv").code == 2


def _through_a_pipe(capsys: Capture, claims: bytes, engine: str, *arguments: str) -> Result:
    """Run with a named pipe for a file of claims: its bytes can be read once."""
    os.mkfifo("pipe")
    writer = Thread(target=lambda: Path("pipe").write_bytes(claims))
    writer.start()
    result = tierproof(capsys, "run", NINGXIA, "pipe", "--engine", engine, *arguments)
    writer.join()
    return result


def test_claims_through_a_pipe_are_settled_like_those_of_a_file(capsys: Capture, engine: str) -> None:
    # More than a pipe holds at a time, so that whoever opens it twice loses rows.
    rows = "".join(f"{number},p{number % 100},2013-05-02,{number}.50,general\n" for number in range(1, 4001))
    from_file = run(capsys, engine, HEAD + rows)
    from_pipe = _through_a_pipe(capsys, (HEAD + rows).encode(), engine)
    assert from_pipe == from_file
    assert (from_file.code, from_file.out.count("\n")) == (0, 4001)


def test_a_wrong_row_in_a_pipe_is_named(capsys: Capture, engine: str) -> None:
    result = _through_a_pipe(capsys, f"{HEAD}{GOOD}2,b,2013-05-02,12o,general\n".encode(), engine)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith('pipe:3: borne: wrong type "12o"\n')


def test_a_device_that_never_ends_is_refused(capsys: Capture, engine: str) -> None:
    result = tierproof(capsys, "run", NINGXIA, "/dev/zero", "--engine", engine)
    assert (result.code, result.out) == (1, "")
    assert "error[TP404]" in result.err


@pytest.mark.parametrize("lost", [-1, 1])
def test_a_row_that_is_not_accounted_for_is_our_crash(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, engine: str, lost: int
) -> None:
    settle = driver._settle_file

    def careless(*arguments: Any) -> Outcome | Unreadable:
        outcome = settle(*arguments)
        assert isinstance(outcome, Outcome)
        return replace(outcome, settled=outcome.settled - lost)

    monkeypatch.setattr(driver, "_settle_file", careless)
    result = run(capsys, engine, HEAD + GOOD, "-o", "out.csv")
    assert (result.code, result.out) == (70, "")
    assert f"claims.csv has 1 rows below its first line, but {1 - lost} were settled and 0 rejected" in result.err
    assert [path.name for path in Path().iterdir()] == ["claims.csv"]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("how", ["by Python", "by the database"])
def test_a_signal_leaves_nothing_behind(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, code: int, how: str
) -> None:
    settle = driver._settle_file

    def interrupted(*arguments: Any) -> Outcome | Unreadable:
        settle(*arguments)
        assert len(list(Path().glob(".out.csv.*.part"))) == 1
        try:
            os.kill(os.getpid(), sent)
        except BaseException:
            if how == "by Python":
                raise
            # The database hears of the signal first, and says so in its own words.
            with interruptions():
                raise RuntimeError("Query interrupted") from None
        raise AssertionError("the signal came to nothing")

    monkeypatch.setattr(driver, "_settle_file", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    arguments = ["run", str(NINGXIA), "claims.csv", "-o", "out.csv"]
    Path("claims.csv").write_text(HEAD + GOOD, encoding="utf-8")
    try:
        ended = exit_code(arguments)
    except SystemExit as end:
        ended = int(str(end.code))
    said = capsys.readouterr()
    assert (ended, said.out, said.err.strip()) == (code, "", "")
    assert [path.name for path in Path().iterdir()] == ["claims.csv"]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("option", ["-o", "--rejected"])
def test_a_folder_that_takes_no_file_is_wrong_use(capsys: Capture, option: str) -> None:
    # Nobody can make a file there, whatever the permissions.
    result = run(capsys, "duckdb", HEAD + GOOD, option, "/proc/out.csv")
    assert (result.code, result.out) == (2, "")
    assert "error: /proc/out.csv cannot be written: " in result.err


def test_a_device_that_takes_nothing_leaves_no_result(capsys: Capture, engine: str) -> None:
    result = run(capsys, engine, HEAD + GOOD, "-o", "out.csv", "--rejected", "/dev/full")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: the claims cannot be settled: No space left on device\n"
    assert [path.name for path in Path().iterdir()] == ["claims.csv"]
