"""`tierproof check`: prove policies right, or show the claim for which they are wrong."""

from __future__ import annotations

import sys
import time

import click

from compiler.commands import remembered, report
from compiler.commands.assumed import OF_EVERY_POLICY
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import read_project
from compiler.driver import Verdict


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("-v", "--verbose", is_flag=True, help="Also list what was proved, and show in full what is allowed.")
@click.option("--no-cache", is_flag=True, help="Prove everything anew, also what was proved before.")
@output_options
def check(output: Output, paths: tuple[str, ...], verbose: bool, no_cache: bool) -> int:
    """Prove policies right, or show the claim for which they are wrong.

    PATH is a policy or a folder of policies; without one, the folder policies/. Files of one folder that have the same
    policy name are its versions. Standards are found among the paths, and in a folder standards/ beside a policy or
    above it.

    A verdict is kept in the user's folder of caches, and used while policy, program and solver stay the same.
    """
    started = time.monotonic()
    project = read_project(paths)
    style = output.style(sys.stdout)
    verdicts: list[Verdict] = []
    several = len(project.loaded) > 1
    known = None if no_cache else remembered.memory()
    for loaded in project.loaded:
        verdict = remembered.prove(loaded, known)
        verdicts.append(verdict)
        if output.json:
            continue
        for flaw in report.flaws(verdict, output.catalogue, style, brief=not verbose):
            click.echo(f"{flaw}\n", color=True)
        if verbose:
            for proof in report.proofs(verdict, output.catalogue, style):
                click.echo(proof, color=True)
        if several or loaded.standard is not None:
            click.echo(report.policy_line(verdict, report.conforming(loaded, project.loaded)))
        for note in report.notes(verdict):
            click.echo(f"    {note}" if several else note)
    elapsed_ms = round((time.monotonic() - started) * 1000)
    if output.json:
        record = report.report_record(verdicts, output.catalogue, elapsed_ms)
        say_json(record)
    else:
        if (several or verbose) and report.exit_code(verdicts) == report.PASSED:
            click.echo(f"assumed of every policy: {OF_EVERY_POLICY}")
        click.echo(report.summary("check", verdicts, elapsed_ms, verbose))
    return report.exit_code(verdicts)
