"""`tierproof check`: prove policies right, or show the claim for which they are wrong."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.commands import files, remembered, report
from compiler.commands.assumed import OF_EVERY_POLICY
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import asks_of_a_period, read_project, with_all_versions
from compiler.driver import Verdict

if TYPE_CHECKING:
    from compiler.commands.certificates import Certified


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("-v", "--verbose", is_flag=True, help="Also list what was proved, and show in full what is allowed.")
@click.option("--no-cache", is_flag=True, help="Prove everything anew, also what was proved before.")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write what the proofs rest on to a folder of its own, for a solver to check. Proves everything anew.",
)
@output_options
def check(output: Output, paths: tuple[str, ...], verbose: bool, no_cache: bool, certificate: Path | None) -> int:
    """Prove policies right, or show the claim for which they are wrong.

    PATH is a policy or a folder of policies; without one, the folder policies/. Files of one folder that have the same
    policy name are its versions. Standards are found among the paths, and in a folder standards/ beside a policy or
    above it.

    A verdict is kept in the user's folder of caches, and used while policy, program and solver stay the same.
    """
    started = time.monotonic()
    if certificate is not None:
        from compiler.commands import certificates

        certificates.refuse_what_is_not_ours(certificate)
    project = read_project(paths)
    asked_for, beside = project.loaded, tuple[str, ...]()
    if any(asks_of_a_period(one) for one in asked_for):
        # Claims of the other versions count in the same period; of these files only what is wrong with them is said.
        names = {one.source.path for one in asked_for}
        project = with_all_versions(project, paths)
        asked_for = tuple(one for one in project.loaded if one.source.path in names or one in project.broken)
        beside = tuple(one.source.path for one in project.loaded if one not in asked_for)
    style = output.style(sys.stdout)
    verdicts: list[Verdict] = []
    several = len(asked_for) > 1
    known = None if no_cache else remembered.memory()
    certified: list[Certified] = []
    for loaded in asked_for:
        if certificate is not None and loaded.model is not None:
            certified.append(certificates.certify(loaded, project))
            verdict = Verdict(loaded, certified[-1].record.findings)
        else:
            verdict = remembered.prove(loaded, known)
        verdicts.append(verdict)
        if output.json:
            continue
        for flaw in report.flaws(verdict, output.catalogue, style, brief=not verbose, examples=verbose):
            click.echo(f"{flaw}\n", color=True)
        if verbose:
            for proof in report.proofs(verdict, output.catalogue, style):
                click.echo(proof, color=True)
        if several or loaded.standard is not None:
            click.echo(report.policy_line(verdict, report.conforming(loaded, project.loaded)))
        for note in report.notes(verdict):
            click.echo(f"    {note}" if several else note)
    asked = certificates.write(certificate, certified) if certificate is not None else 0
    elapsed_ms = round((time.monotonic() - started) * 1000)
    if output.json:
        say_json(report.report_record(verdicts, output.catalogue, elapsed_ms))
    else:
        if (several or verbose) and report.exit_code(verdicts) == report.PASSED:
            click.echo(f"assumed of every policy: {OF_EVERY_POLICY}")
        if beside:
            click.echo(f"read with it, versions whose claims count in the same periods: {', '.join(beside)}")
        if certificate is not None:
            policies = "1 policy" if len(certified) == 1 else f"{len(certified)} policies"
            click.echo(f"certificates of {policies} written to {files.shown(certificate)}: {asked} questions")
        click.echo(report.summary("check", verdicts, elapsed_ms, verbose))
    return report.exit_code(verdicts)
