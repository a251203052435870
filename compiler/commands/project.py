"""The files that a command is about, read together: policies with their versions, and the standards they conform to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compiler import driver
from compiler.commands import files
from compiler.driver import Loaded
from compiler.emit.mark import SourceFile
from compiler.model import PeriodBound
from dsl.keywords import WORDS
from dsl.source import Source

STANDARDS = "standards"
"""The folder in which standards are looked for, beside a policy and beside every folder above it."""

ROOT_MARKS = (".git", "pyproject.toml")
"""What stands in the root of a project; no standard is looked for above it."""

_NAME = re.compile(rf"^[ \t]*{WORDS['POLICY']}[ \t]+(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Project:
    """What was read.

    loaded  in the order of the paths; a file that is no text has only its diagnostics
    read    the same files as they were read, and the path of each, by the path that is shown
    named   the paths, as they are shown, of the files that were named themselves, and not through a folder
    """

    loaded: tuple[Loaded, ...]
    read: Mapping[str, tuple[Path, files.PolicyFile]]
    named: frozenset[str]

    @property
    def policies(self) -> tuple[tuple[Loaded, ...], ...]:
        """The policies among the files, each with its versions in the order of their days."""
        return driver.versions(self.loaded)

    @property
    def broken(self) -> tuple[Loaded, ...]:
        """Files with a mistake that keeps them from being read, or from being a version beside the others."""
        return tuple(one for one in self.loaded if driver.Verdict(one, ()).errors)

    def source_file(self, loaded: Loaded, name: Callable[[Path], str] | None = None) -> SourceFile:
        """A file for the header of a calculator; `name` says how its path is written there, if not as it is shown."""
        path, file = self.read[loaded.source.path]
        return SourceFile(loaded.source.path if name is None else name(path), file.sha256)

    def asked_for(self, loaded: Loaded) -> bool:
        """Whether the file was named itself."""
        return loaded.source.path in self.named


def read_project(
    paths: Sequence[str], all_versions: bool = False, name: Callable[[Path], str] = files.shown
) -> Project:
    """Read files and folders. `name` is how a path is shown.

    With `all_versions`, a file that was named brings those along that are versions of the same policy.
    Raises WrongUse for a path that is not there or cannot be read.
    """
    named = _named(paths)
    found = dict.fromkeys(files.find_policies(paths))
    if all_versions:
        found.update(dict.fromkeys(other for path in named for other in _other_versions(path)))
    read: dict[str, tuple[Path, files.PolicyFile]] = {}
    places: set[Path] = set()
    for path in found:
        if path.resolve() not in places:
            places.add(path.resolve())
            read[name(path)] = (path, _read(path, name))
    sources = [file.source for _, file in read.values() if not file.diagnostics]
    folders = {path.resolve().parent: path for path, _ in read.values()}
    shelves = {folder: standards_beside(path, name) for folder, path in folders.items()}
    beside = {shown: shelves[path.resolve().parent] for shown, (path, _) in read.items()}
    readable = {one.source.path: one for one in driver.load_all(sources, beside)}
    loaded = [
        readable.pop(shown, Loaded(file.source, None, None, file.diagnostics)) for shown, (_, file) in read.items()
    ]
    return Project((*loaded, *readable.values()), read, frozenset(name(path) for path in named))


def with_all_versions(project: Project, paths: Sequence[str]) -> Project:
    """The project of these paths with the versions beside each file that was named: the same one where it has them."""
    places = {path.resolve() for path, _ in project.read.values()}
    others = (other.resolve() for path in _named(paths) for other in _other_versions(path))
    return project if places.issuperset(others) else read_project(paths, all_versions=True)


def asks_of_a_period(loaded: Loaded) -> bool:
    """Whether a policy requires something of what the claims of a period come to, its other versions included."""
    return loaded.model is not None and any(isinstance(one, PeriodBound) for one in loaded.model.requirements)


def one_policy(project: Project, shown: str) -> tuple[Loaded, ...]:
    """The versions of the only policy of a project in which nothing is broken. Raises WrongUse where there is another
    number of policies; `shown` is what the user asked for."""
    policies = project.policies
    if not policies:
        raise files.WrongUse(f"{shown} holds a standard and no policy")
    if len(policies) > 1:
        names = ", ".join(policy[0].source.path for policy in policies)
        raise files.WrongUse(f"{shown} holds {len(policies)} policies; name one of them: {names}")
    return policies[0]


def _named(paths: Sequence[str]) -> list[Path]:
    return [path for path in map(Path, paths) if not path.is_dir()]


def _read(path: Path, name: Callable[[Path], str]) -> files.PolicyFile:
    file = files.read_policy(path)
    return files.PolicyFile(Source(name(path), file.source.text), file.sha256, file.diagnostics)


def _other_versions(path: Path) -> Iterator[Path]:
    """The files beside a policy that begin with the same name, readable or not."""
    wanted = _policy_name(path)
    if wanted is not None:
        for other in sorted(path.parent.glob(f"*{files.SUFFIX}")):
            if other.is_file() and _policy_name(other) == wanted:
                yield other


def _policy_name(path: Path) -> str | None:
    found = _NAME.search(files.read_policy(path).source.text) if path.is_file() else None
    return None if found is None else found.group(1)


def standards_beside(path: Path, name: Callable[[Path], str]) -> tuple[Source, ...]:
    """The files of the folders of standards beside a policy and beside the folders above it, the nearest first.

    The search ends with the first folder that is the root of a project (ROOT_MARKS), wherever the command is called.
    """
    found: list[Source] = []
    for folder in path.resolve().parents:
        for file in sorted((folder / STANDARDS).glob(f"*{files.SUFFIX}")):
            if file.is_file():
                read = _read(file, name)
                found.extend([read.source] if not read.diagnostics else [])
        if any((folder / mark).exists() for mark in ROOT_MARKS):
            break
    return tuple(found)
