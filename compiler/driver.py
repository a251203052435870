"""The spine: text in, a verdict and calculators out. Nothing here reads, prints or keeps anything.

text -> tree -> checked tree -> Model -> findings
                                  |
     the Models of all versions --+---> one Model -> calculators
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from compiler.domain import NO_RIDERS, Riders
from compiler.emit.mark import SourceFile, SourceMark
from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from compiler.model import Band, BandRatio, Model, Schedule, walk
from compiler.run.outcome import Outcome
from compiler.run.table import Unreadable, all_accounted_for
from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.money import format_ratio
from dsl.source import Source
from dsl.tree import Standard

if TYPE_CHECKING:
    from compiler.run.job import Job
    from compiler.verify.record import Record
    from dsl.parser import Parsed

PYTHON = "python"
NUMPY = "numpy"
SQL = "sql"

LANGUAGES: tuple[str, ...] = (PYTHON, NUMPY, SQL)
"""What calculators can be written in."""

DIALECTS: tuple[str, ...] = ("duckdb", "mariadb", "postgresql", "spark", "sqlite")
"""The dialects of SQL."""

IN_PROCESS: tuple[str, ...] = ("duckdb", "python", "sqlite")
"""What can settle a file of claims without anything else being installed; the first is the usual one."""

ENGINES: tuple[str, ...] = (*IN_PROCESS, "spark")
"""What can settle a file of claims."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as a Model or a standard, or what keeps it from being one. With either the diagnostics are no errors."""

    source: Source
    model: Model | None
    standard: Standard | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def draft(self) -> bool:
        """Whether it is a policy that calls itself a draft."""
        return self.model is not None and self.model.draft


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
    def not_asked(self) -> int:
        """How many questions have no sense for their subject."""
        return sum(isinstance(finding, NotAsked) for finding in self.findings)

    @property
    def asked(self) -> int:
        """How many questions were asked: what is proved, allowed, wrong or unknown."""
        return len(self.findings) - self.not_asked

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong and nothing unknown."""
        whole = self.loaded.model is not None or self.loaded.standard is not None
        return whole and not self.errors and not self.unknown


@dataclass(frozen=True, slots=True)
class Target:
    """A calculator to be written: `python`, `numpy` (Python too, for arrays), or `sql` in one of DIALECTS.

    riders  what goes along with the claims, in SQL that is run here
    """

    language: str
    dialect: str = ""
    riders: Riders = NO_RIDERS

    @property
    def folder(self) -> str:
        """Where it stands below the folder of generated files."""
        return f"{self.language}/{self.dialect}" if self.dialect else self.language

    def path(self, model: Model) -> str:
        """The calculator's file below the folder of generated files."""
        name = {PYTHON: f"{model.id}.py", NUMPY: f"{model.id}_numpy.py"}.get(self.language, f"{model.id}.sql")
        return f"{self.folder}/{name}"


@dataclass(frozen=True, slots=True)
class Built:
    """The calculators of one policy, by path below the folder of generated files; none where there are diagnostics."""

    files: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class UnknownRatio:
    """A ratio that a policy does not know: of which benefit, in which column, in which band."""

    benefit: str
    cell: tuple[str, ...]
    band: Band
    ratio: BandRatio

    @property
    def limits(self) -> tuple[str, str]:
        """The least and the most that it can be, as one writes them."""
        assert self.ratio.unknown is not None
        lowest, highest = self.ratio.unknown
        return format_ratio(lowest), format_ratio(highest)


# Reading ------------------------------------------------------------------------------------------------


def load(source: Source, standards: Mapping[str, Standard] | None = None) -> Loaded:
    """Read a policy: text -> tree -> checked tree -> Model. Every stage reports all that it finds.

    `standards` are those that the policy could conform to, by name.
    """
    from dsl.parser import parse

    return _loaded(source, parse(source), standards or {})


def load_all(sources: Sequence[Source], beside: Mapping[str, Sequence[Source]]) -> tuple[Loaded, ...]:
    """Read files together: a policy may conform to a standard among them, or to one of those `beside` its path.

    The result is in the order of `sources`, with what is wrong across versions of one policy (TP207) in it. Files of
    `beside` that cannot be read stand behind them where a policy asks for a standard that is not there.
    """
    from dsl.parser import parse

    shelved = [source for shelf in beside.values() for source in shelf]
    parsed = {source: parse(source) for source in dict.fromkeys([*sources, *shelved])}

    def standards(some: Sequence[Source]) -> dict[str, Standard]:
        trees = (parsed[source].tree for source in reversed(some))
        return {tree.name.text: tree for tree in trees if isinstance(tree, Standard)}

    given = standards(sources)
    loaded = [
        _loaded(source, parsed[source], {**standards(beside.get(source.path, ())), **given}) for source in sources
    ]
    if any(("what", "a standard") in mistake.params for one in loaded for mistake in one.diagnostics):
        broken = [source for source in dict.fromkeys(shelved) if source not in sources and parsed[source].tree is None]
        loaded += [_loaded(source, parsed[source], {}) for source in broken]
    return attached(_matched(loaded), [*_same_standards(loaded), *_across_versions(loaded)])


def _matched(loaded: Sequence[Loaded]) -> tuple[Loaded, ...]:
    """The files, each policy as it is among its other versions."""
    from compiler.versions import matched

    found: dict[str, Model] = {}
    for group in versions(loaded):
        models = {one.source.path: one.model for one in group if one.model is not None}
        if len(models) > 1 and not version_diagnostics(group):
            found.update(zip(models, matched(tuple(models.values())), strict=True))
    return tuple(replace(one, model=found.get(one.source.path, one.model)) for one in loaded)


def _loaded(source: Source, parsed: Parsed, standards: Mapping[str, Standard]) -> Loaded:
    from compiler.lower import lower
    from dsl.typecheck import check as check_types

    if parsed.tree is None:
        return Loaded(source, None, None, parsed.diagnostics)
    if isinstance(parsed.tree, Standard):
        return Loaded(source, None, parsed.tree, parsed.diagnostics)
    checked = check_types(parsed.tree, standards)
    diagnostics = (*parsed.diagnostics, *checked.diagnostics)
    if checked.policy is None:
        return Loaded(source, None, None, diagnostics)
    return Loaded(source, lower(checked.policy), None, diagnostics)


def attached(loaded: Sequence[Loaded], diagnostics: Iterable[Diagnostic]) -> tuple[Loaded, ...]:
    """The files, each with those of the diagnostics whose first label points into it."""
    found = tuple(diagnostics)
    return tuple(
        replace(one, diagnostics=(*one.diagnostics, *(d for d in found if d.labels[0].span.path == one.source.path)))
        for one in loaded
    )


def _same_standards(loaded: Sequence[Loaded]) -> Iterable[Diagnostic]:
    first: dict[str, Standard] = {}
    for standard in (one.standard for one in loaded if one.standard is not None):
        known = first.setdefault(standard.name.text, standard)
        if known is not standard:
            labels = (Label(standard.name.span, "again"), Label(known.name.span, "first"))
            yield Diagnostic("TP010", labels, (("name", standard.name.text),))


# Versions -----------------------------------------------------------------------------------------------


def versions(loaded: Sequence[Loaded]) -> tuple[tuple[Loaded, ...], ...]:
    """The policies: files of one folder with one name are versions of one policy, put in the order of their days."""
    found: dict[tuple[str, str], list[Loaded]] = {}
    for one in loaded:
        if one.model is not None:
            found.setdefault((_folder(one), one.model.id), []).append(one)
    return tuple(tuple(sorted(group, key=_first_day)) for group in found.values())


def _first_day(loaded: Loaded) -> str:
    force = None if loaded.model is None else loaded.model.in_force
    return "" if force is None else force.first.isoformat()


def _across_versions(loaded: Sequence[Loaded]) -> Iterable[Diagnostic]:
    """What is wrong across versions. Days without one are no hole where a file of the folder cannot be read: it may be
    the version of these days, and its own mistakes are shown."""
    unread = {_folder(one) for one in loaded if one.model is None and one.standard is None}
    for group in versions(loaded):
        for mistake in version_diagnostics(group):
            if mistake.variant != "versions_hole" or _folder(group[0]) not in unread:
                yield mistake


def _folder(loaded: Loaded) -> str:
    return PurePath(loaded.source.path).parent.as_posix()


def version_diagnostics(group: Sequence[Loaded]) -> tuple[Diagnostic, ...]:
    """What keeps files from being versions of one policy, days between them included (TP207)."""
    from compiler.versions import version_mistakes

    models = [one.model for one in group if one.model is not None]
    return version_mistakes(models) if len(models) > 1 else ()


def final(group: Sequence[Loaded]) -> tuple[Loaded, ...]:
    """The versions of a policy that are no drafts."""
    return tuple(one for one in group if not one.draft)


def merge(group: Sequence[Loaded]) -> Model:
    """The Model of a policy, of all its versions where it has several; nothing keeps them from being versions."""
    from compiler.versions import merged

    models = [one.model for one in group if one.model is not None]
    return models[0] if len(models) == 1 else merged(models)


def unknown_ratios(model: Model) -> tuple[UnknownRatio, ...]:
    """The ratios that the policy does not know, each once, in the order of the amounts."""
    found: dict[tuple[tuple[str, ...], BandRatio, int], UnknownRatio] = {}
    for amount in model.amounts:
        for node in walk(amount.expression):
            if not isinstance(node, Schedule):
                continue
            for band in node.bands:
                for cell, ratio in zip(node.columns, band.ratios, strict=True):
                    if ratio.unknown is not None:
                        one = UnknownRatio(amount.benefit or amount.name, cell, band, ratio)
                        found.setdefault((cell, ratio, ratio.span.line), one)
    return tuple(found.values())


# Proving ------------------------------------------------------------------------------------------------


def prove(loaded: Loaded) -> Verdict:
    """Ask everything that is asked of every policy, and all that this one asks for itself."""
    if loaded.model is None:
        return Verdict(loaded, ())
    from compiler.verify import verify

    return Verdict(loaded, verify(loaded.model))


def prove_on_record(model: Model) -> Record:
    """As `prove`, with the questions that the solver was asked for each of the findings."""
    from compiler.verify import verify_on_record

    return verify_on_record(model)


def check(source: Source) -> Verdict:
    """Read a policy and prove it."""
    return prove(load(source))


# Building and settling ----------------------------------------------------------------------------------


def targets(languages: Sequence[str], dialects: Sequence[str]) -> tuple[Target, ...]:
    """The calculators in these languages, those in SQL in each of these dialects."""
    modules = (Target(language) for language in (PYTHON, NUMPY) if language in languages)
    return (*modules, *(Target(SQL, dialect) for dialect in dialects if SQL in languages))


def build(
    model: Model,
    wanted: Sequence[Target],
    files: Sequence[SourceFile],
    tool_version: str,
) -> Built:
    """Write the calculators of a policy whose versions have all passed.

    `files` are those of its versions, for the header, the latest last. What no calculator can settle because a ratio is
    not known, what cannot be written in whole numbers of 64 bits, or has a name that a database cannot keep, comes back
    as a diagnostic (TP106, TP206, TP208).
    """
    from compiler.emit.sql_names import UnfitName
    from compiler.emit.width import TooWide

    unknown = tuple(_not_known(one) for one in unknown_ratios(model))
    if unknown:
        return Built({}, unknown)
    *earlier, latest = files
    mark = SourceMark(latest.path, latest.sha256, tool_version, tuple(earlier))
    try:
        return Built({target.path(model): _emitted(model, target, mark) for target in wanted}, ())
    except TooWide as refusal:
        labels = (Label(refusal.span, "here"),)
        return Built({}, (Diagnostic("TP206", labels, (("subject", refusal.amount),)),))
    except UnfitName as refusal:
        labels = (Label(model.span, "here"),)
        params = (("name", refusal.name), ("dialect", refusal.dialect), ("problem", refusal.problem))
        return Built({}, (Diagnostic("TP208", labels, params),))


def unproved(model: Model, target: Target, text: str) -> Diagnostic | None:
    """What keeps the text of a calculator from being the policy of a proved Model; None where it is proved (TP501)."""
    from compiler.validate import first_flaw
    from compiler.validate.words import diagnostic

    flaw = first_flaw(model, target.folder, text, target.riders)
    return None if flaw is None else diagnostic(model, target.path(model), flaw)


def refuse_draft(loaded: Loaded) -> Loaded:
    """A draft of which a calculator was asked for, with what keeps it from being built (TP106)."""
    assert loaded.model is not None
    unknown = tuple(_not_known(one) for one in unknown_ratios(loaded.model))
    draft = Diagnostic("TP106", (Label(loaded.model.span, "draft"),), variant="draft")
    return replace(loaded, diagnostics=(*loaded.diagnostics, *(unknown or (draft,))))


def _not_known(one: UnknownRatio) -> Diagnostic:
    lowest, highest = one.limits
    params = (("subject", one.benefit), ("lowest", lowest), ("highest", highest))
    return Diagnostic("TP106", (Label(one.ratio.span, "here"),), params)


def refused(verdicts: Sequence[Verdict], built: Sequence[Built]) -> tuple[Verdict, ...]:
    """The verdicts on files together with what kept calculators from being written."""
    loaded = attached([verdict.loaded for verdict in verdicts], [one for each in built for one in each.diagnostics])
    return tuple(replace(verdict, loaded=one) for verdict, one in zip(verdicts, loaded, strict=True))


def settling(engine: str, counts_on: bool) -> Target:
    """The calculator that `settle_file` needs: what `build` writes, in SQL with the place of each row carried through.

    `counts_on`: it goes on from the running totals of another run, or leaves some for the next.
    """
    from compiler.run.outcome import ROW_NAME

    return Target(PYTHON) if engine == PYTHON else Target(SQL, engine, Riders(ROW_NAME, counts_on))


def settling_unlike(model: Model, engine: str, counts_on: bool) -> Target | None:
    """The calculator of an engine that costs less where no two claims are alike, and shows where some are; or none."""
    from compiler.emit.sql_stages import has_one_identity
    from compiler.run.outcome import ROW_NAME

    if engine != "duckdb" or not has_one_identity(model):
        return None
    return Target(SQL, engine, Riders(ROW_NAME, counts_on, alike=True))


def settle_file(engine: str, model: Model, text: str, job: Job, unlike: str | None = None) -> Outcome | Unreadable:
    """Settle a file of claims with the text of the engine's calculator (`settling`), which was proved; see
    `compiler.run.duckdb.settle_file`.

    `unlike` is the text of `settling_unlike` where there is one, for the engine to try first.
    Raises AssertionError where a row of the file is neither settled nor rejected, whatever the engine.
    """
    outcome = _settle_file(engine, model, text, job, unlike)
    if isinstance(outcome, Outcome):
        return all_accounted_for(job.claims, outcome) or outcome
    return outcome


def _settle_file(engine: str, model: Model, text: str, job: Job, unlike: str | None) -> Outcome | Unreadable:
    if engine == "duckdb":
        from compiler.run import duckdb

        return duckdb.settle_file(model, text, job, unlike)
    if engine == "spark":
        from compiler.run import spark

        return spark.settle_file(model, text, job)
    from compiler.run import memory

    return memory.settle_file(engine, model, text, job)


def _emitted(model: Model, target: Target, mark: SourceMark) -> str:
    if target.language == PYTHON:
        from compiler.emit.python import emit_python

        return emit_python(model, mark)
    if target.language == NUMPY:
        from compiler.emit.numpy import emit_numpy

        return emit_numpy(model, mark)
    from compiler.emit.sql import emit_sql

    return emit_sql(model, target.dialect, mark, target.riders)
