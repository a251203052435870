"""A policy file as it was at a revision: `git:REV`, or `git:REV:PATH`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from compiler.commands import files

PREFIX = "git:"


def is_revision(text: str) -> bool:
    """Whether an argument names a revision and no file."""
    return text.startswith(PREFIX) and not Path(text).exists()


def read_revision(text: str, same_as: Path) -> files.PolicyFile:
    """The file that `git:REV:PATH` names; without a path, the file that is now at `same_as`.

    A path is relative to the working folder. Raises WrongUse where there is no git, no repository, no such revision,
    or no such file in it.
    """
    revision, _, inside = text.removeprefix(PREFIX).partition(":")
    path = Path(inside) if inside else same_as
    if not revision or revision.startswith("-"):
        raise files.WrongUse(f"{text} names no revision: write git:REV or git:REV:PATH, such as git:HEAD~1")
    # A path that was named in full may lie in another repository than the working folder.
    folder = path.parent if path.is_absolute() and path.parent.is_dir() else Path.cwd()
    if _git(folder, "rev-parse", "--is-inside-work-tree").returncode:
        raise files.WrongUse(
            f"{files.shown(folder) if folder != Path.cwd() else 'the working folder'} is in no git repository"
        )
    if _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").returncode:
        raise files.WrongUse(f"git knows no revision {revision}")
    place = Path(os.path.relpath(path, folder)).as_posix()
    found = _git(folder, "show", "--end-of-options", f"{revision}:./{place}")
    shown = f"{PREFIX}{revision}:{files.shown(path)}"
    if found.returncode or _git(folder, "cat-file", "-t", f"{revision}:./{place}").stdout.strip() != b"blob":
        raise files.WrongUse(f"there is no file {files.shown(path)} in the revision {revision}")
    return files.decoded(shown, found.stdout, len(found.stdout))


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise files.WrongUse("a revision is read with the program git, which is not there") from error
