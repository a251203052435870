"""`make demo` and `make test` on a machine where something is missing: said plainly, with how to get it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

WITHOUT_VENV = f"""#!/bin/sh
case "$*" in *ensurepip*) exit 1;; esac
exec {sys.executable} "$@"
"""
TOO_OLD = """#!/bin/sh
exit 1
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with a copy of the set-up, and `bin/` with the tools of a machine that has no Python at all."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci" / "set-up", tmp_path / ".ci" / "set-up")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "rm", "touch", "tail"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def install(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)


def set_up(machine: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine / "bin" / "sh"), str(machine / ".ci" / "set-up")],
        env={"PATH": str(machine / "bin"), **variables},
        capture_output=True,
        encoding="utf-8",
    )


def test_no_python(machine: Path) -> None:
    done = set_up(machine)
    assert done.returncode == 1
    assert "no Python 3.11 or newer was found" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr


def test_only_an_old_python(machine: Path) -> None:
    install(machine, "python3", TOO_OLD)
    assert "no Python 3.11 or newer was found" in set_up(machine).stderr


def test_a_python_without_venv(machine: Path) -> None:
    install(machine, "python3", WITHOUT_VENV)
    done = set_up(machine)
    assert done.returncode == 1
    assert "venv module (with ensurepip) is missing" in done.stderr
    assert "apt install python3-venv" in done.stderr


def test_a_python_that_was_named_and_does_not_fit(machine: Path) -> None:
    done = set_up(machine, PYTHON="python2")
    assert done.returncode == 1
    assert "PYTHON=python2 is not a Python 3.11 or newer" in done.stderr


def test_no_package_index(machine: Path) -> None:
    """A Python that fits, and a folder of wheels in which there is nothing."""
    (machine / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n', encoding="utf-8")
    done = set_up(machine, PYTHON=sys.executable, PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null")
    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    assert "PIP_INDEX_URL" in done.stderr
    assert not (machine / ".venv" / "set-up-done").exists()
