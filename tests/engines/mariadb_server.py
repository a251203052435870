"""A MariaDB server of our own, for as long as the tests run: the system's binaries over a new, empty folder of data."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOW_TO_GET_ONE = "MariaDB is not installed: `apt install mariadb-server`"

PATIENCE = 60
"""Seconds that a server may take to start, or to stop."""


GUARD = '"$@" & read -r _; kill $!; wait'
"""Runs a server until its own input ends: that is when the tests close it, and also when they are killed."""


def binary(*names: str) -> str | None:
    """The path of the first of these programs that there is."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def installed() -> bool:
    """Whether a server can be started here."""
    return binary("mariadbd") is not None and binary("mariadb-install-db") is not None


@contextmanager
def running_server() -> Iterator[str]:
    """The socket of a new, empty server, which root may use without a password. Raises RuntimeError where it fails."""
    install, serve = binary("mariadb-install-db"), binary("mariadbd")
    if install is None or serve is None:
        raise RuntimeError(HOW_TO_GET_ONE)
    # A socket's path may have 107 bytes: a folder of the test run could be too deep.
    folder = Path(tempfile.mkdtemp(prefix="tierproof-mariadb-"))
    # As root a server runs only where it is told to.
    user = ("--user=root",) if os.geteuid() == 0 else ()
    data, socket, log = folder / "data", folder / "socket", folder / "log"
    try:
        command = (install, "--no-defaults", f"--datadir={data}", *user, "--auth-root-authentication-method=normal")
        done = subprocess.run([*command, "--skip-test-db"], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{install} failed: {done.stdout.strip()} {done.stderr.strip()}")
        options = (
            f"--datadir={data}",
            f"--socket={socket}",
            f"--pid-file={folder / 'pid'}",
            f"--tmpdir={folder}",
            "--skip-networking",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M",
        )
        with log.open("w") as out:
            command = ("sh", "-c", GUARD, "sh", serve, "--no-defaults", *user, *options)
            server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out)
        assert server.stdin is not None
        try:
            _wait(socket, log)
            yield str(socket)
        finally:
            server.stdin.close()
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(socket: Path, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not socket.exists():
        if time.monotonic() > until:
            raise RuntimeError(f"mariadbd does not start: {log.read_text()[-2000:]}")
        time.sleep(0.05)
