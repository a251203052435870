"""Files of policies: finding them, reading them, and writing what is made of them, all or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, TypeGuard

import click

from dsl.diagnostics import Diagnostic, Label
from dsl.source import Source, Span

SUFFIX = ".policy"
DEFAULT_FOLDER = "policies"

LARGEST_POLICY = 1_000_000
"""In bytes. The largest policy in use is a hundredth of it."""


class WrongUse(click.ClickException):
    """A path that cannot be what it is given as; ends in one line on standard error and exit code 2."""

    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        """Print the line."""
        click.echo(f"error: {self.format_message()}", file=file, err=True)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy file as it was read.

    sha256       of its bytes, in hexadecimal
    diagnostics  what kept it from being read; the source's text is then what could be
    """

    source: Source
    sha256: str
    diagnostics: tuple[Diagnostic, ...]


def find_policies(paths: Sequence[str]) -> tuple[Path, ...]:
    """The policy files of paths: files as given, folders with everything below them that ends in `.policy`.

    No paths mean the folder `policies`. Raises WrongUse for a path that is not there and for folders without
    a policy.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths or (DEFAULT_FOLDER,)):
        if path.is_dir():
            inside = sorted(file for file in path.rglob(f"*{SUFFIX}") if file.is_file())
            if not inside:
                raise WrongUse(f"there is no policy (*{SUFFIX}) in the folder {shown(path)}")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        elif not paths:
            raise WrongUse(f"there is no folder {DEFAULT_FOLDER}/ here; give the path of a policy")
        else:
            raise WrongUse(f"there is no file or folder {shown(path)}")
    return tuple(found)


def shown(path: Path) -> str:
    """A path as it is printed: with forward slashes, relative to the working folder where it lies inside."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix() if path.is_absolute() else path.as_posix()
    except ValueError:
        return path.as_posix()


def marked_path(path: Path, out: Path) -> str:
    """The path that a generated file names, so that one command gives the same bytes on every machine.

    Relative to the folder that holds `out`, or else to the working folder; only the name of a file outside of both.
    """
    for base in (out.absolute().parent, Path.cwd()):
        try:
            return path.resolve().relative_to(base.resolve()).as_posix()
        except ValueError:
            pass
    return path.name


def read_policy(path: Path) -> PolicyFile:
    """Read one policy file. What is no text comes back with a diagnostic (TP001, TP003).

    Raises WrongUse where the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_POLICY + 1)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise WrongUse(f"{shown(path)} cannot be read: {error.strerror or error}") from error
    return decoded(shown(path), data, max(size, len(data)))


def decoded(path: str, data: bytes, size: int) -> PolicyFile:
    """The bytes of a policy file as text: UTF-8, with or without a byte-order mark, with any kind of line breaks."""
    sha256 = hashlib.sha256(data).hexdigest()
    if b"\0" in data[:LARGEST_POLICY]:
        return PolicyFile(Source(path, ""), sha256, (Diagnostic("TP001", (), variant="binary"),))
    if size > LARGEST_POLICY:
        sizes = (("size", _megabytes(size)), ("limit", _megabytes(LARGEST_POLICY)))
        return PolicyFile(Source(path, ""), sha256, (Diagnostic("TP003", (), sizes),))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return PolicyFile(Source(path, text), sha256, ())
    except UnicodeDecodeError as error:
        readable = error.object[: error.start].decode("utf-8-sig")
        line = readable.count("\n") + 1
        column = len(readable.rpartition("\n")[2]) + 1
        span = Span(path, line, column, line, column + 1)
        params = (("byte", f"0x{error.object[error.start]:02x}"),)
        diagnostic = Diagnostic("TP001", (Label(span, "here"),), params)
        return PolicyFile(Source(path, readable), sha256, (diagnostic,))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder: each under a temporary name first, and renamed when all of them are written.

    A failure leaves the files as they were. Raises WrongUse where the folder cannot be written to, or a folder stands
    where a file should.
    """
    for name in files:
        if (folder / name).is_dir():
            raise WrongUse(f"{shown(folder / name)} cannot be written: it is a folder")
    waiting: list[tuple[Path, Path]] = []
    old: list[tuple[Path | None, Path]] = []
    try:
        for name, text in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            waiting.append((_write_aside(target, text), target))
        _rename_all(waiting, old)
    except OSError as error:
        raise WrongUse(f"{shown(folder)} cannot be written: {error.strerror or error}") from error
    finally:
        for temporary in (*(new for new, _ in waiting), *(kept for kept, _ in old)):
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def _rename_all(waiting: Sequence[tuple[Path, Path]], old: list[tuple[Path | None, Path]]) -> None:
    """Rename all or none. `old` takes a copy of each file that is replaced, and None where there was none."""
    for _, target in waiting:
        old.append((aside(target) if target.exists() else None, target))
        if (kept := old[-1][0]) is not None:
            shutil.copy2(target, kept)
    begun: list[tuple[Path | None, Path]] = []
    try:
        for (temporary, target), before in zip(waiting, old, strict=True):
            begun.append(before)
            temporary.replace(target)
    except BaseException:
        for kept, target in begun:
            if kept is not None:
                kept.replace(target)
            elif not target.is_dir():
                target.unlink(missing_ok=True)
        raise


def _write_aside(target: Path, text: str) -> Path:
    temporary = aside(target)
    try:
        temporary.write_bytes(text.encode("utf-8"))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def aside(target: Path) -> Path:
    """A new empty file beside `target`, with the permissions that a new file gets, to be renamed to it."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    os.close(handle)
    mask = os.umask(0)
    os.umask(mask)
    temporary = Path(name)
    temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask)
    return temporary


@contextmanager
def in_waiting(target: Path | None, otherwise: Path) -> Iterator[Path]:
    """A file to write before it appears at `target` with `put_all`: beside the file that it is or links to, or
    `otherwise` where none can be renamed.

    It may become a folder. It is removed at the end, however that comes. Raises WrongUse where nothing can be written
    beside the target.
    """
    try:
        temporary = aside(behind_links(target)) if can_be_replaced(target) else otherwise
    except OSError as error:
        assert target is not None
        raise WrongUse(f"{shown(target)} cannot be written: {error.strerror or error}") from error
    try:
        yield temporary
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        temporary.unlink(missing_ok=True)


def can_be_replaced(target: Path | None) -> TypeGuard[Path]:
    """Whether a file may be renamed to a path, or to where it links to: there is one, or nothing; no device or pipe."""
    if target is None:
        return False
    real = behind_links(target)
    return not real.is_symlink() and (real.is_file() or not target.exists())


def behind_links(target: Path) -> Path:
    """The path that a path links to; the path itself where it is no link, or one of those that stand for streams."""
    streams = (Path("/dev"), Path("/proc"))
    if not target.is_symlink() or any(folder in target.absolute().parents for folder in streams):
        return target
    return Path(os.path.realpath(target))


def put_all(waiting: Sequence[tuple[Path, Path]]) -> None:
    """Let finished files appear at their paths, so that the first is there only beside all the others.

    At a link it is the file behind it that is replaced. A device and a pipe are written to. Those that are replaced are
    moved away first: where the process is killed in between, the first is missing; where something fails, all are as
    they were.
    """
    named = []
    for temporary, target in waiting:
        if can_be_replaced(target):
            named.append((temporary, behind_links(target)))
        else:
            # A device or a pipe first: where it fails, no file has appeared.
            with temporary.open("rb") as finished, target.open("wb") as file:
                shutil.copyfileobj(finished, file)
    old: list[tuple[Path, Path]] = []
    new: list[Path] = []
    try:
        if len(named) > 1:
            for _, target in named:
                if target.exists():
                    old.append((aside(target), target))
                    target.replace(old[-1][0])
        for temporary, target in reversed(named):
            temporary.replace(target)
            new.append(target)
    except BaseException:
        for target in new:
            target.unlink(missing_ok=True)
        for kept, target in old:
            if kept.stat().st_size or not target.exists():
                kept.replace(target)
        raise
    finally:
        for kept, _ in old:
            kept.unlink(missing_ok=True)


def differences(folder: Path, files: Mapping[str, str], complete: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Where a folder differs from what it should hold: names below it, each with `missing`, `differs` or `left over`.

    In and below the folders of `complete` (`.` for all of it), everything that is not among `files` is left over; a
    folder without any of `files` is named with `/` behind it, and not what is in it. Hidden files and what Python keeps
    in `__pycache__` count for nothing.
    """
    found: list[tuple[str, str]] = []
    for name, text in files.items():
        target = folder / name
        if not target.is_file():
            found.append((name, "missing"))
        elif target.read_bytes() != text.encode("utf-8"):
            found.append((name, "differs"))
    wanted = {path for name in files for path in (PurePath(name), *PurePath(name).parents)}
    for inside in complete:
        if (folder / inside).is_dir():
            found.extend((name, "left over") for name in _left_over(folder, folder / inside, wanted))
    return tuple(found)


def _left_over(root: Path, folder: Path, wanted: Collection[PurePath]) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        name, is_folder = path.relative_to(root), path.is_dir() and not path.is_symlink()
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if name not in wanted:
            yield f"{name.as_posix()}/" if is_folder else name.as_posix()
        elif is_folder:
            yield from _left_over(root, path, wanted)
