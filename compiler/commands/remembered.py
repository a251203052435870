"""Verdicts that were reached before: a policy that means what it meant is not proved anew.

An entry is found by everything that a verdict follows from, so a stale one is never met: what the policy says and
where, what its standards say, this program to the letter, and the version of the solver. It is believed only whole:
its checksum must be right, every part must have its type, and each claim that refutes something is settled again and
must come to what it came to; and what the policy's text says must be asked has its answers. Anything else is as if it
were not there. A checksum is no signature: one who can write here can forge what was proved.

Of calculators only is kept that they were proved equal to their policy, under the number of all that this follows from.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from compiler import driver
from compiler.commands.as_data import UnfitDataError, from_data, to_data
from compiler.commands.asked import all_asked
from compiler.driver import Built, Loaded, Target, Verdict
from compiler.emit.mark import SourceFile
from compiler.evaluate import settle_all
from compiler.findings import Finding, Refuted
from compiler.model import Model
from compiler.version import VERSION
from dsl.diagnostics import Diagnostic
from dsl.private_folder import private_folder

FOLDER = "verdicts"

PROVED_TEXTS = "calculators"
"""The folder beside it with an entry for each calculator that was proved equal to its policy."""

MOST_ENTRIES = 1_000
"""How many verdicts are kept; a thousand take a few megabytes. The oldest go first."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A folder of verdicts, and what they follow from besides the policy: the program and its solver, as one number."""

    folder: Path
    program: str


def memory() -> Memory | None:
    """Where verdicts are kept; None where nothing can be kept that only the user can write to."""
    private = private_folder()
    if private is None:
        return None
    try:
        folder = private / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        return Memory(folder, _program())
    except (OSError, metadata.PackageNotFoundError):
        return None


def prove(loaded: Loaded, known: Memory | None) -> Verdict:
    """The verdict on a policy: a remembered one, or one that is reached now and kept. None remembers nothing."""
    if loaded.model is None or known is None:
        return driver.prove(loaded)
    path = known.folder / f"{key_of(loaded, loaded.model, known)}.json"
    findings = _read(path, loaded.model)
    if findings is not None:
        return Verdict(loaded, findings)
    verdict = driver.prove(loaded)
    _write(path, loaded.model, verdict.findings)
    return verdict


def key_of(loaded: Loaded, model: Model, known: Memory) -> str:
    """The name of a policy's entry.

    The text has every place in the policy. What it conforms to is in the model, and its place in the standard's file is
    named beside it, because a finding points there.
    """
    places = [(one.span, [each.span for each in one.requirements]) for one in model.conformities]
    parts = (known.program, loaded.source.path, loaded.source.text, repr(model), repr(places))
    return hashlib.sha256("\0".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


def built(model: Model, wanted: Sequence[Target], files: Sequence[SourceFile], known: Memory | None) -> Built:
    """The calculators of a policy (`driver.build`), each proved equal to it; only what is wrong where one is not."""
    found = driver.build(model, wanted, files, VERSION)
    if found.diagnostics:
        return found
    flaws = [unproved(model, target, found.files[target.path(model)], known) for target in wanted]
    wrong = tuple(flaw for flaw in flaws if flaw is not None)
    return Built({} if wrong else found.files, wrong)


def unproved(model: Model, target: Target, text: str, known: Memory | None) -> Diagnostic | None:
    """What keeps a calculator from being its policy. That nothing does is remembered; anything else is asked again."""
    if known is None:
        return driver.unproved(model, target, text)
    parts = (known.program, repr(model), repr(target), text)
    name = hashlib.sha256("\0".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()
    path = known.folder.parent / PROVED_TEXTS / name
    if _is_proved(path):
        return None
    flaw = driver.unproved(model, target, text)
    if flaw is None:
        _keep(path)
    return flaw


def _is_proved(path: Path) -> bool:
    try:
        return _text_of(path) == _checksum(path, PROVED_TEXTS)
    except (OSError, ValueError):
        return False


def _keep(path: Path) -> None:
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _put(path, _checksum(path, PROVED_TEXTS))


def _program() -> str:
    """The tool, its solver, its reader of SQL, and the text of everything here that reads, proves or settles."""
    solver = metadata.version("z3-solver")
    digest = hashlib.sha256(f"{VERSION}\0{solver}\0{metadata.version('sqlglot')}\0{sys.version}".encode())
    root = Path(__file__).parents[2]
    for folder in ("compiler", "dsl"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".py", ".lark"):
                text = file.read_bytes()
                digest.update(f"\0{file.relative_to(root).as_posix()}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()


# Entries ------------------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    """What an entry holds. Raises OSError and ValueError; a pipe in its place is not waited for."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return path.read_text("utf-8")


def _read(path: Path, model: Model) -> tuple[Finding, ...] | None:
    try:
        checksum, _, body = _text_of(path).partition("\n")
        if checksum != _checksum(path, body):
            return None
        record = json.loads(body)
        findings: tuple[Finding, ...] = from_data(record["findings"], tuple[Finding, ...])
        whole = record["settled"] == _settled(model, findings) and all_asked(model, findings)
        return findings if whole else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UnfitDataError):
        return None


def _write(path: Path, model: Model, findings: tuple[Finding, ...]) -> None:
    """Keep findings. Where that does not work, nothing is kept, and nothing is lost but time."""
    record = {"findings": to_data(findings), "settled": _settled(model, findings)}
    body = json.dumps(record, ensure_ascii=False)
    with suppress(OSError, UnicodeEncodeError):
        _put(path, f"{_checksum(path, body)}\n{body}")


def _put(path: Path, text: str) -> None:
    """Write an entry, whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _forget_the_oldest(path.parent)


def _checksum(path: Path, body: str) -> str:
    """Of an entry and its name, so that one put in the place of another is noticed too."""
    return hashlib.sha256(f"{path.name}\0{body}".encode()).hexdigest()


def _settled(model: Model, findings: Sequence[Finding]) -> list[str]:
    """What the reference interpreter makes of each claim that refutes something, as a number."""
    witnesses = [finding.witness for finding in findings if isinstance(finding, Refuted)]
    outcomes = [settle_all(model, [dict(claim) for claim in witness.claims]) for witness in witnesses]
    return [hashlib.sha256(repr(outcome).encode()).hexdigest() for outcome in outcomes]


def _forget_the_oldest(folder: Path) -> None:
    entries = list(folder.iterdir())
    if len(entries) > MOST_ENTRIES:
        entries.sort(key=lambda entry: entry.stat().st_mtime)
        for entry in entries[: len(entries) - MOST_ENTRIES]:
            entry.unlink(missing_ok=True)
