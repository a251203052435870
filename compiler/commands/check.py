"""`tierproof check`: prove policies right, or show the claim for which they are wrong."""

from __future__ import annotations

import sys
import time

import click

from compiler.commands import files, report
from compiler.commands.options import Output, output_options, say_json
from compiler.driver import Loaded, Verdict
from compiler.driver import check as check_policy


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("-v", "--verbose", is_flag=True, help="Also list what was proved, and how.")
@output_options
def check(output: Output, paths: tuple[str, ...], verbose: bool) -> int:
    """Prove policies right, or show the claim for which they are wrong.

    PATH is a policy or a folder of policies; without one, the folder policies/.
    """
    started = time.monotonic()
    found = files.find_policies(paths)
    style = output.style(sys.stdout)
    verdicts: list[Verdict] = []
    for path in found:
        verdict = verdict_of(files.read_policy(path))
        verdicts.append(verdict)
        if output.json:
            continue
        for flaw in report.flaws(verdict, output.catalogue, style):
            click.echo(f"{flaw}\n", color=True)
        if verbose:
            for proof in report.proofs(verdict, output.catalogue, style):
                click.echo(proof, color=True)
        if len(found) > 1:
            click.echo(report.policy_line(verdict))
    elapsed_ms = round((time.monotonic() - started) * 1000)
    if output.json:
        record = report.report_record(verdicts, output.catalogue, elapsed_ms)
        say_json(record)
    else:
        click.echo(report.summary("check", verdicts, elapsed_ms))
    return report.exit_code(verdicts)


def verdict_of(file: files.PolicyFile) -> Verdict:
    """The verdict on a file as it was read; a file that could not be read has only its diagnostics."""
    if file.diagnostics:
        return Verdict(Loaded(file.source, None, None, file.diagnostics), ())
    return check_policy(file.source)
