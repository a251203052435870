"""`tierproof build`: prove policies, and write their calculators, all of them or none."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from compiler import driver
from compiler.commands import files, remembered, report
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import Project, read_project
from compiler.commands.remembered import Memory
from compiler.driver import DIALECTS, LANGUAGES, Built, Loaded, Target, Verdict


class Choices(click.ParamType[tuple[str, ...]]):
    """Some of a few words, separated by commas."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.name = ",".join(words)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The words, in the order of the choice and once each. Fails for any other word."""
        if isinstance(value, tuple):
            return value
        given = [word.strip() for word in str(value).split(",") if word.strip()]
        for word in given:
            if word not in self.words:
                self.fail(f"{word!r} is not one of {', '.join(self.words)}.", param, ctx)
        if not given:
            self.fail(f"name at least one of {', '.join(self.words)}.", param, ctx)
        return tuple(word for word in self.words if word in given)


def _all_given(
    context: click.Context, parameter: click.Parameter, value: tuple[tuple[str, ...], ...]
) -> tuple[str, ...]:
    """The words of an option that was given several times."""
    return tuple(dict.fromkeys(word for words in value for word in words))


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option(
    "--target",
    type=Choices(LANGUAGES),
    multiple=True,
    callback=_all_given,
    default=(",".join(LANGUAGES),),
    show_default=True,
)
@click.option(
    "--dialect",
    type=Choices(DIALECTS),
    multiple=True,
    callback=_all_given,
    default=(",".join(DIALECTS),),
    show_default=True,
)
@click.option(
    "--out", type=click.Path(path_type=Path), default="generated", show_default=True, help="Folder to write to."
)
@click.option("--check", is_flag=True, help="Write nothing; fail where the folder is not up to date.")
@click.option("--no-cache", is_flag=True, help="Prove everything anew, also what was proved before.")
@output_options
def build(
    output: Output,
    paths: tuple[str, ...],
    target: tuple[str, ...],
    dialect: tuple[str, ...],
    out: Path,
    check: bool,
    no_cache: bool,
) -> int:
    """Prove policies and write their calculators to python/ID.py, numpy/ID_numpy.py and sql/DIALECT/ID.sql below the
    folder.

    PATH is a policy or a folder of policies; without one, the folder policies/. Files of one folder that have the same
    policy name are versions of one policy and become one calculator, also where only one of them is named. Drafts are
    left out. Nothing is written unless every policy is proved, and every calculator proved equal to its policy.

    What was proved is kept in the user's folder of caches, and used while policy, calculator, program and solver stay
    the same.
    """
    started = time.monotonic()
    project = read_project(paths, all_versions=True)
    known = None if no_cache else remembered.memory()
    verdicts = [_verdict(one, project, known) for one in project.loaded]
    code = report.exit_code(verdicts)
    if code != report.PASSED:
        _refuse(output, verdicts, started)
        return code

    wanted = driver.targets(target, dialect)
    chosen = [final for final in (driver.final(policy) for policy in project.policies) if final]
    built = [_built(policy, project, wanted, out, known) for policy in chosen]
    if any(one.diagnostics for one in built):
        _refuse(output, driver.refused(verdicts, built), started)
        return report.WRONG
    texts = _together(chosen, built)
    drafts = tuple(one.source.path for one in project.loaded if one.draft)
    if not output.json:
        for path in drafts:
            click.echo(f"{path}: draft, not built", err=True)

    if check:
        everything = not paths or any(Path(path).is_dir() for path in paths)
        stale = files.differences(out, texts, _complete(wanted, project, out) if everything else [])
        _say_stale(output, out, texts, stale)
        return report.WRONG if stale else report.PASSED
    files.write_all(out, texts)
    _say_written(output, out, texts, verdicts, drafts, started)
    return report.PASSED


def _complete(wanted: tuple[Target, ...], project: Project, out: Path) -> list[str]:
    """The folders below `out` in which nothing else belongs: all of it where every target is wanted and it is no folder
    that people work in."""
    whole = wanted == driver.targets(LANGUAGES, DIALECTS)
    in_use = [Path.cwd(), *(path for path, _ in project.read.values())]
    if whole and not any(path.resolve().is_relative_to(out.resolve()) for path in in_use):
        return ["."]
    return [one.folder for one in wanted]


def _verdict(loaded: Loaded, project: Project, known: Memory | None) -> Verdict:
    """A draft needs no proof, because nothing is built of it; one that was named itself is refused."""
    if loaded.draft:
        return Verdict(driver.refuse_draft(loaded) if project.asked_for(loaded) else loaded, ())
    return remembered.prove(loaded, known)


def _built(
    policy: Sequence[Loaded], project: Project, wanted: tuple[Target, ...], out: Path, known: Memory | None
) -> Built:
    sources = [project.source_file(version, lambda path: files.marked_path(path, out)) for version in policy]
    return remembered.built(driver.merge(policy), wanted, sources, known)


def _together(policies: Sequence[Sequence[Loaded]], built: Sequence[Built]) -> dict[str, str]:
    """All files of all policies. Two policies with one name would overwrite each other, so that is wrong use."""
    together: dict[str, str] = {}
    origin: dict[str, str] = {}
    for policy, one in zip(policies, built, strict=True):
        for name, text in one.files.items():
            # Some file systems do not tell capital letters from small ones.
            folded = name.casefold()
            here = policy[-1].source.path
            if folded in origin:
                raise files.WrongUse(
                    f"{origin[folded]} and {here} would both write {name}; put versions of one policy in one folder, "
                    "or rename one of the two policies"
                )
            origin[folded] = here
            together[name] = text
    return together


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _refuse(output: Output, verdicts: Sequence[Verdict], started: float) -> None:
    if output.json:
        record = report.report_record(verdicts, output.catalogue, _elapsed_ms(started))
        say_json({**record, "files": []})
        return
    for verdict in verdicts:
        for flaw in report.flaws(verdict, output.catalogue, output.style(sys.stderr)):
            click.echo(f"{flaw}\n", err=True, color=True)
    click.echo(f"{report.summary('build', verdicts, _elapsed_ms(started))}; nothing is written", err=True)


def _say_stale(output: Output, out: Path, texts: dict[str, str], stale: tuple[tuple[str, str], ...]) -> None:
    words = {
        "missing": "is missing",
        "differs": "is not what its policy gives",
        "left over": "belongs to no policy",
    }
    if output.json:
        record = {
            "result": "failed" if stale else "passed",
            "files": sorted(texts),
            "stale": [{"path": f"{out.as_posix()}/{name}", "why": why} for name, why in stale],
        }
        say_json(record)
        return
    for name, why in stale:
        click.echo(f"{out.as_posix()}/{name} {words[why]}", err=True)
    if stale:
        click.echo(f"build --check failed: {len(stale)} files not up to date; `tierproof build` writes them", err=True)
    else:
        click.echo(f"build --check passed: {len(texts)} files up to date")


def _say_written(
    output: Output,
    out: Path,
    texts: dict[str, str],
    verdicts: Sequence[Verdict],
    drafts: tuple[str, ...],
    started: float,
) -> None:
    if output.json:
        record = report.report_record(verdicts, output.catalogue, _elapsed_ms(started))
        written = [f"{out.as_posix()}/{name}" for name in texts]
        say_json({**record, "files": written, "drafts": list(drafts)})
        return
    for name in texts:
        click.echo(f"{out.as_posix()}/{name}")
    click.echo(f"{report.summary('build', verdicts, _elapsed_ms(started))}; {len(texts)} files written", err=True)
