"""The spine: text in, a verdict and calculators out. Nothing here reads, prints or keeps anything.

text -> tree -> checked tree -> Model -> findings
                                      -> calculators
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.emit.mark import SourceMark
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import Model
from compiler.run.outcome import Outcome
from compiler.run.table import Claims, Unreadable
from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.source import Source
from dsl.tree import Standard

PYTHON = "python"
SQL = "sql"

LANGUAGES: tuple[str, ...] = (PYTHON, SQL)
"""What calculators can be written in."""

DIALECTS: tuple[str, ...] = ("duckdb", "postgresql", "sqlite")
"""The dialects of SQL."""

ENGINES: tuple[str, ...] = ("duckdb", "python", "sqlite")
"""What can settle a file of claims here, without anything else being installed; the first is the usual one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as a Model or a standard, or what keeps it from being one. With either the diagnostics are no errors."""

    source: Source
    model: Model | None
    standard: Standard | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about a policy: what is wrong with its text, and the answer to each question about its meaning."""

    loaded: Loaded
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many things are wrong that the policy does not allow."""
        written = sum(diagnostic.severity is Severity.ERROR for diagnostic in self.loaded.diagnostics)
        return written + sum(isinstance(finding, Refuted) and finding.allowance is None for finding in self.findings)

    @property
    def proved(self) -> int:
        """How many properties hold."""
        return sum(isinstance(finding, Proved) for finding in self.findings)

    @property
    def allowed(self) -> int:
        """How many properties do not hold, and the policy says why that is wanted."""
        return sum(isinstance(finding, Refuted) and finding.allowance is not None for finding in self.findings)

    @property
    def unknown(self) -> int:
        """How many questions have no answer."""
        return sum(isinstance(finding, Unknown) for finding in self.findings)

    @property
    def passed(self) -> bool:
        """Whether calculators may be made of it: nothing wrong, nothing unknown."""
        return self.loaded.model is not None and not self.errors and not self.unknown


@dataclass(frozen=True, slots=True)
class Target:
    """A calculator to be written: `python`, or `sql` in one of DIALECTS."""

    language: str
    dialect: str = ""

    @property
    def folder(self) -> str:
        """Where it stands below the folder of generated files."""
        return f"{self.language}/{self.dialect}" if self.dialect else self.language

    def path(self, model: Model) -> str:
        """The calculator's file below the folder of generated files."""
        return f"{self.folder}/{model.id}.{'py' if self.language == PYTHON else 'sql'}"


@dataclass(frozen=True, slots=True)
class Built:
    """The calculators of one policy, by path below the folder of generated files; none where there are diagnostics."""

    files: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]


def load(source: Source, standards: Mapping[str, Standard] | None = None) -> Loaded:
    """Read a policy: text -> tree -> checked tree -> Model. Every stage reports all that it finds.

    `standards` are those that the policy could conform to, by name.
    """
    from compiler.lower import lower
    from dsl.parser import parse
    from dsl.typecheck import check as check_types

    parsed = parse(source)
    if parsed.tree is None:
        return Loaded(source, None, None, parsed.diagnostics)
    if isinstance(parsed.tree, Standard):
        return Loaded(source, None, parsed.tree, parsed.diagnostics)
    checked = check_types(parsed.tree, standards or {})
    diagnostics = (*parsed.diagnostics, *checked.diagnostics)
    if checked.policy is None:
        return Loaded(source, None, None, diagnostics)
    return Loaded(source, lower(checked.policy), None, diagnostics)


def prove(loaded: Loaded) -> Verdict:
    """Ask everything that is asked of every policy, and all that this one asks for itself."""
    if loaded.model is None:
        return Verdict(loaded, ())
    from compiler.verify import verify

    return Verdict(loaded, verify(loaded.model))


def check(source: Source) -> Verdict:
    """Read a policy and prove it."""
    return prove(load(source))


def targets(languages: Sequence[str], dialects: Sequence[str]) -> tuple[Target, ...]:
    """The calculators in these languages, those in SQL in each of these dialects."""
    python = (Target(PYTHON),) if PYTHON in languages else ()
    return (*python, *(Target(SQL, dialect) for dialect in dialects if SQL in languages))


def build(model: Model, wanted: Sequence[Target], path: str, sha256: str, tool_version: str) -> Built:
    """Write the calculators of a policy that has passed.

    `path` and `sha256` are those of the policy file, for the header. What cannot be written in whole numbers of 64
    bits, or has a name that a database cannot keep, comes back as a diagnostic (TP206, TP208).
    """
    from compiler.emit.sql_names import UnfitName
    from compiler.emit.width import TooWide

    mark = SourceMark(path, sha256, tool_version)
    try:
        return Built({target.path(model): _emitted(model, target, mark) for target in wanted}, ())
    except TooWide as refusal:
        labels = (Label(refusal.span, "here"),)
        return Built({}, (Diagnostic("TP206", labels, (("subject", refusal.amount),)),))
    except UnfitName as refusal:
        labels = (Label(model.span, "here"),)
        params = (("name", refusal.name), ("dialect", refusal.dialect), ("problem", refusal.problem))
        return Built({}, (Diagnostic("TP208", labels, params),))


def refused(verdict: Verdict, built: Built) -> Verdict:
    """The verdict on a policy together with what kept its calculators from being written."""
    loaded = verdict.loaded
    return replace(verdict, loaded=replace(loaded, diagnostics=(*loaded.diagnostics, *built.diagnostics)))


def calculator(engine: str) -> Target:
    """The calculator that an engine of ENGINES settles with."""
    return Target(PYTHON) if engine == PYTHON else Target(SQL, engine)


def settle_file(
    engine: str, model: Model, text: str, claims: Claims, out: Path, rejected: Path | None
) -> Outcome | Unreadable:
    """Settle a file of claims with the text of the engine's calculator; see `compiler.run.duckdb.settle_file`."""
    if engine == "duckdb":
        from compiler.run import duckdb

        return duckdb.settle_file(model, text, claims, out, rejected)
    from compiler.run import memory

    return memory.settle_file(engine, model, text, claims, out, rejected)


def _emitted(model: Model, target: Target, mark: SourceMark) -> str:
    if target.language == PYTHON:
        from compiler.emit.python import emit_python

        return emit_python(model, mark)
    from compiler.emit.sql import emit_sql

    return emit_sql(model, target.dialect, mark)
