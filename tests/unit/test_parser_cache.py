"""The parse tables that are kept between runs: one file, only for its owner, and never needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

READS = (
    "from dsl.parser import parse; from dsl.source import Source; print(parse(Source('p', 'polcy')).diagnostics[0].key)"
)


def read_in_a_process(cache: Path) -> str:
    """What a new process says of a misspelt policy, with its cache in that folder."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", READS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.strip()


def test_every_run_uses_the_same_tables(tmp_path: Path) -> None:
    assert [read_in_a_process(tmp_path) for _ in range(2)] == ["TP006.meant"] * 2
    (kept,) = (tmp_path / "tierproof").iterdir()
    written = kept.stat().st_mtime_ns
    read_in_a_process(tmp_path)
    assert kept.stat().st_mtime_ns == written


def test_a_torn_file_is_passed_over(tmp_path: Path) -> None:
    read_in_a_process(tmp_path)
    (kept,) = (tmp_path / "tierproof").iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert read_in_a_process(tmp_path) == "TP006.meant"


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    read_in_a_process(tmp_path)
    (kept,) = (tmp_path / "tierproof").iterdir()
    kept.unlink()
    os.mkfifo(kept)
    assert read_in_a_process(tmp_path) == "TP006.meant"


def test_a_folder_that_others_can_write_to_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "tierproof"
    folder.mkdir()
    folder.chmod(0o777)
    assert read_in_a_process(tmp_path) == "TP006.meant"
    assert list(folder.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert read_in_a_process(tmp_path / "file") == "TP006.meant"
