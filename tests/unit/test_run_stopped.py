"""`tierproof run` as a process that is stopped half-way, or bounded: nothing is half there, and no limit is passed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.command import NINGXIA, ROOT

ROWS = 30_000
RESULTS = ("out.csv", "rejected.csv", "ledger.csv")


def write_claims(path: Path, rows: int, note_bytes: int = 0) -> None:
    """Claims of a third as many persons, each thousandth of them negative; `note_bytes` of other text in each row."""
    duckdb.sql(
        f"""COPY (
            SELECT printf('c%08d', i) AS claim, 'p' || (i % {rows // 3}) AS person,
                DATE '2013-01-01' + CAST(i % 300 AS INTEGER) AS discharged,
                CAST(CASE WHEN i % 1000 = 999 THEN -1 ELSE (i * 7919) % 90000 END AS DECIMAL(14, 2)) AS borne,
                'general' AS illness, repeat(md5(CAST(i AS VARCHAR)), {note_bytes // 32}) AS note
            FROM range({rows}) AS t(i)
        ) TO '{path}'"""
    )


def command(folder: Path, claims: str, *options: str) -> list[str]:
    """`tierproof run` as a process."""
    paths = [str(folder / claims), "-o", str(folder / "out.csv"), *options]
    return [sys.executable, "-m", "compiler.cli", "run", str(NINGXIA), *paths]


def settle(folder: Path) -> list[str]:
    """The command that makes all three files of results."""
    others = ("--rejected", str(folder / "rejected.csv"), "--ledger-out", str(folder / "ledger.csv"))
    return command(folder, "claims.csv", *others)


def results(folder: Path) -> dict[str, bytes]:
    """The results that are there."""
    return {name: (folder / name).read_bytes() for name in RESULTS if (folder / name).exists()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], float]:
    """Claims, what comes of them, and how many seconds that takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_claims(folder / "claims.csv", ROWS)
    began = time.monotonic()
    subprocess.run(settle(folder), check=True, cwd=ROOT, capture_output=True)
    wanted = results(folder)
    assert set(wanted) == set(RESULTS)
    assert wanted["out.csv"].count(b"\n") + wanted["rejected.csv"].count(b"\n") == ROWS + 2
    return folder / "claims.csv", wanted, time.monotonic() - began


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda sent: sent.name)
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_run_that_is_stopped_leaves_no_half_and_can_be_repeated(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, bytes], float], sent: signal.Signals, share: float
) -> None:
    claims, wanted, seconds = undisturbed
    (tmp_path / "claims.csv").symlink_to(claims)
    (tmp_path / "out.csv").write_text("an older result", encoding="utf-8")
    running = subprocess.Popen(settle(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # Its files are waiting beside the results from the moment at which the policy is proved.
    while running.poll() is None and not list(tmp_path.glob(".out.csv.*.part")):
        time.sleep(0.01)
    time.sleep(seconds * share * 0.6)
    running.send_signal(sent)
    said = b"".join(running.communicate())
    assert b"Traceback" not in said
    there = results(tmp_path)
    if running.returncode != 0:
        # It was stopped before it was done: then nothing is new, or all that is new is right.
        assert there["out.csv"] in (b"an older result", wanted["out.csv"])
        if there["out.csv"] == wanted["out.csv"]:
            assert there == wanted
        if sent is not signal.SIGKILL:
            assert not list(tmp_path.glob(".*.part"))
    subprocess.run(settle(tmp_path), check=True, cwd=ROOT, capture_output=True)
    assert results(tmp_path) == wanted


KILLED = """
import os, signal, sys
from pathlib import Path
from compiler.commands.files import put_all

rename, calls = Path.replace, []

def replace(self, target):
    calls.append(target)
    if len(calls) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)

Path.replace = replace
names = ("out.csv", "rejected.csv", "ledger.csv")
put_all([(Path(f"{name}.new"), Path(name)) for name in names])
"""


def test_results_appear_together_whenever_the_process_is_killed(tmp_path: Path) -> None:
    """Killed before each of its renamings in turn: the result is there only beside the files that belong to it."""
    endings = set()
    for call in range(1, 8):
        folder = tmp_path / str(call)
        folder.mkdir()
        for name in RESULTS:
            (folder / name).write_bytes(b"old")
            (folder / f"{name}.new").write_bytes(b"new")
        done = subprocess.run([sys.executable, "-c", KILLED, str(call)], cwd=folder, env={"PYTHONPATH": str(ROOT)})
        there = results(folder)
        assert len(set(there.values())) <= 1 or "out.csv" not in there
        if done.returncode == 0:
            assert there == dict.fromkeys(RESULTS, b"new")
            assert not list(folder.glob(".*"))
        endings.add(done.returncode)
    assert endings == {0, -signal.SIGKILL}


MEASURED = """
import sys
from benchmarks.measure import process
print(process(sys.argv[1:]).peak_mib)
"""


def peak_mib_of(arguments: list[str]) -> float:
    """The highest memory of a command.

    A small process starts it, because Linux counts the memory of whoever started a process as its own.
    """
    measured = [sys.executable, "-c", MEASURED, *arguments]
    return float(subprocess.run(measured, check=True, cwd=ROOT, capture_output=True, text=True).stdout)


def test_the_limit_of_memory_is_kept_on_a_file_that_is_larger(tmp_path: Path) -> None:
    """A file of 560 MiB under a limit of 512 MiB: the whole process stays below it, and loses no row."""
    write_claims(tmp_path / "claims.csv", 240_000, note_bytes=2_400)
    limit = 512 << 20
    assert (tmp_path / "claims.csv").stat().st_size > limit
    rejected = str(tmp_path / "rejected.csv")
    bounded = command(tmp_path, "claims.csv", "--rejected", rejected, "--memory", "512MiB", "--threads", "2")
    bounded = [str(tmp_path / "out.parquet") if part.endswith("out.csv") else part for part in bounded]
    assert peak_mib_of(bounded) < 512
    query = f"SELECT count(*), count(DISTINCT claim) FROM '{tmp_path}/out.parquet'"
    assert duckdb.connect().execute(query).fetchall() == [(240_000 - 240, 240_000 - 240)]
    unbounded = [part.replace("512MiB", "4GiB") for part in bounded]
    assert peak_mib_of(unbounded) > 512, "the file would have fitted, so the limit was not tested"


@pytest.mark.parametrize("size", ["100MiB", "0", "much", "-1GiB", "1.5.GiB"])
def test_a_limit_that_is_none(tmp_path: Path, size: str) -> None:
    write_claims(tmp_path / "claims.csv", 30)
    done = subprocess.run(
        command(tmp_path, "claims.csv", f"--memory={size}"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--memory" in done.stderr
