"""`tierproof diff`: two policies, or one at two times, and every claim for which they differ."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from compiler import driver
from compiler.commands import comparison, files, report
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import one_policy, read_project, standards_beside
from compiler.commands.revision import is_revision, read_revision
from compiler.compare.compare import DifferentDomain
from compiler.compare.differences import differences
from compiler.driver import Loaded, Verdict

BEFORE = "before"
"""What stands for the version before the new one."""


@click.command()
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@click.option(
    "--forbid",
    type=click.Choice(comparison.FORBIDDEN),
    multiple=True,
    help="Fail where some claim is paid less in all or left with more, where one is better off, or where anything "
    "differs. May be given more than once.",
)
@output_options
def diff(output: Output, old: str, new: str, forbid: tuple[str, ...]) -> int:
    """Compare two policies for every claim: who gains, who loses, how much at most and at which amount.

    OLD and NEW are policy files. OLD may be git:REV, for NEW as it was at that revision, or git:REV:PATH; or `before`,
    for the version of the policy that NEW follows on. Both are put to the same claims, whatever the days on which they
    are in force. Neither is proved here.
    """
    started = time.monotonic()
    if is_revision(new):
        raise files.WrongUse("only OLD can be a revision")
    before = _before(old, new)
    after = _file(new)
    broken = [one for one in (before, after) if Verdict(one, ()).errors]
    if broken:
        for loaded in broken:
            for flaw in report.flaws(Verdict(loaded, ()), output.catalogue, output.style(sys.stderr)):
                click.echo(f"{flaw}\n", err=True, color=True)
        return report.WRONG
    assert before.model is not None and after.model is not None
    try:
        answer = differences(before.model, before.source, after.model, after.source)
    except DifferentDomain as different:
        reasons = "\n".join(f"  {reason}" for reason in different.reasons)
        names = f"{before.source.path} and {after.source.path}"
        raise files.WrongUse(f"{names} are about different claims:\n{reasons}") from different
    elapsed_ms = round((time.monotonic() - started) * 1000)
    broken_rules = comparison.forbidden(answer, forbid)
    if output.json:
        say_json(comparison.record(before, after, answer, broken_rules, elapsed_ms))
    else:
        for paragraph in comparison.paragraphs(before, after, answer, output.style(sys.stdout)):
            click.echo(f"{paragraph}\n", color=True)
        click.echo(comparison.summary(answer, broken_rules, elapsed_ms))
    if broken_rules:
        return report.WRONG
    return report.UNDECIDED if comparison.undecided(answer, forbid) else report.PASSED


def _before(old: str, new: str) -> Loaded:
    if is_revision(old):
        return _at_revision(old, new)
    return _version_before(new) if old == BEFORE and not Path(old).exists() else _file(old)


def _version_before(new: str) -> Loaded:
    """The version that was in force until the day before the new one."""
    name = files.shown(Path(new))
    project = read_project((new,), all_versions=True)
    if project.broken:
        return project.broken[0]
    versions = [one for policy in project.policies for one in policy]
    place = [one.source.path for one in versions].index(name) if Path(new).is_file() and versions else 0
    if place == 0:
        raise files.WrongUse(f"{name} is no version of a policy that another one comes before")
    return versions[place - 1]


def _file(path: str) -> Loaded:
    project = read_project((path,))
    if project.broken:
        return project.broken[0]
    versions = one_policy(project, files.shown(Path(path)))
    if len(versions) > 1:
        raise files.WrongUse(f"{files.shown(Path(path))} holds {len(versions)} versions; name one file")
    return versions[0]


def _at_revision(text: str, new: str) -> Loaded:
    """A file of a revision, with the standards that stand beside the new one now."""
    file = read_revision(text, Path(new))
    if file.diagnostics:
        return Loaded(file.source, None, None, file.diagnostics)
    loaded = driver.load_all([file.source], {file.source.path: standards_beside(Path(new), files.shown)})[0]
    if loaded.standard is not None:
        raise files.WrongUse(f"{file.source.path} holds a standard and no policy")
    return loaded
