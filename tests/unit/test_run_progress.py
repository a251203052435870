"""What who waits for `tierproof run` sees: that it goes on, and how much is done."""

from __future__ import annotations

import io
import re
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from compiler.commands.waiting import bar, sign_of_life
from compiler.run.duckdb import session, watched
from compiler.run.job import Job, Target
from compiler.run.table import Claims
from tests.command import Capture
from tests.runs import HEAD, run


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        return True


def test_who_waits_long_sees_that_something_goes_on() -> None:
    watched, piped = Terminal(), io.StringIO()
    for stream in (watched, piped):
        with sign_of_life(stream, "settling claims.csv", patience_s=0.01):
            while stream is watched and not watched.getvalue():
                time.sleep(0.005)
    assert piped.getvalue() == ""
    first, shown, blank, last = watched.getvalue().split("\r")
    assert (first, last) == ("", "")
    assert shown == "settling claims.csv ... 0 s"
    assert blank == " " * len(shown)


def test_who_waits_briefly_sees_nothing() -> None:
    watched = Terminal()
    with sign_of_life(watched, "settling claims.csv"):
        pass
    assert watched.getvalue() == ""


def test_a_bar_shows_how_much_is_done() -> None:
    watched, piped = Terminal(), io.StringIO()
    for stream in (watched, piped):
        with bar(stream, "settling claims.csv", patience_s=0.0) as move:
            for share in (0.1, 0.4, 0.3, 1.0):
                move(share)
    assert piped.getvalue() == ""
    shown = [int(share) for share in re.findall(r"(\d+)%", watched.getvalue())]
    assert "settling claims.csv" in watched.getvalue()
    assert shown == sorted(shown)
    assert shown[-1] == 100


def test_a_short_run_shows_no_bar() -> None:
    watched = Terminal()
    with bar(watched, "settling claims.csv") as move:
        move(0.5)
    assert watched.getvalue() == ""


def test_what_is_done_never_becomes_less(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    rows = "".join(f"{number},p{number % 100},2013-05-02,{number}.50,general\n" for number in range(1, 4001))
    monkeypatch.setattr("compiler.commands.run.bar", lambda *_: nullcontext(shares.append))
    assert run(capsys, "duckdb", HEAD + rows, "-o", "out.csv").code == 0
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_database_says_how_much_is_done(tmp_path: Path) -> None:
    claims = Claims(tmp_path / "claims.csv", "claims.csv", ())
    shares: list[float] = []
    with (
        session(tmp_path, Job(claims, Target(tmp_path / "out.csv"))) as database,
        watched(database, shares.append, 0, 1),
    ):
        database.execute("CREATE TABLE t AS SELECT hash(i) AS h FROM range(20_000_000) AS t(i)")
        database.execute("SELECT count(DISTINCT h) FROM t").fetchall()
    assert shares[-1] == 1
    assert any(0 < share < 1 for share in shares)
    assert shares == sorted(shares)
