"""`tierproof run`: a file of claims through a calculator, exact, and nothing half-written."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from compiler import driver
from compiler.commands import files, report
from compiler.commands.ending import orderly_end
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import one_policy, read_project
from compiler.commands.waiting import sign_of_life
from compiler.driver import ENGINES, Verdict
from compiler.model import Model
from compiler.run.outcome import Outcome, RejectedRow, RunError
from compiler.run.table import Claims, Unreadable, at_rest, open_claims
from compiler.version import VERSION
from dsl.diagnostics import Diagnostic
from dsl.money import format_money
from dsl.render import printable, render_record, render_text
from dsl.source import Source


@click.command()
@click.argument("policies", nargs=-1, required=True, type=click.Path(), metavar="POLICY...")
@click.argument("claims", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write to.  [default: standard output]")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="Settle the other rows where some are rejected, and write the rejected ones to this file.",
)
@output_options
def run(
    output: Output, policies: tuple[str, ...], claims: Path, out: Path | None, engine: str, rejected: Path | None
) -> int:
    """Settle the file CLAIMS with the calculator of POLICY, which is proved first.

    POLICY is a file, or several files or a folder that hold the versions of one policy: then each claim is settled
    under the version of its day, and a claim of a day that none of them covers is rejected. Drafts are left out.

    CLAIMS is a CSV in UTF-8. Its first line names the columns: `claim` and the facts of the policy; other columns
    are handed on unchanged. Amounts are such as 20000.50 or "20,000.50", dates 2013-05-02. The result has the same
    rows in the same order, with each benefit and the own share behind them.

    Where any row is wrong nothing is written and the first of them are listed, unless --rejected says where they go.
    """
    started = time.monotonic()
    project = read_project(policies)
    _check_paths(claims, out, rejected)
    shown = ", ".join(files.shown(Path(policy)) for policy in policies)
    drafts = [one for one in project.loaded if one.draft and not project.asked_for(one)]
    verdicts = [
        Verdict(driver.refuse_draft(one), ()) if one.draft else driver.prove(one)
        for one in project.loaded
        if one not in drafts
    ]
    if report.exit_code(verdicts) != report.PASSED:
        _refuse(output, verdicts, started)
        click.echo(f"{shown} is not proved, so no claim is settled by it", err=True)
        return report.exit_code(verdicts)
    policy = driver.final(one_policy(project, shown))
    if not policy:
        raise files.WrongUse(f"{shown} holds only a draft, so no claim is settled by it")
    for draft in drafts:
        click.echo(f"{draft.source.path}: draft, left out", err=True)
    model = driver.merge(policy)
    sources = [project.source_file(version) for version in policy]
    calculator = driver.build(model, [driver.calculator(engine)], sources, VERSION)
    if calculator.diagnostics:
        _refuse(output, driver.refused(verdicts, [calculator]), started)
        return report.WRONG
    (text,) = calculator.files.values()
    return _settle(output, model, engine, text, claims, out, rejected)


def _refuse(output: Output, verdicts: Sequence[Verdict], started: float) -> None:
    if output.json:
        elapsed_ms = round((time.monotonic() - started) * 1000)
        say_json(report.report_record(verdicts, output.catalogue, elapsed_ms))
        return
    for verdict in verdicts:
        for flaw in report.flaws(verdict, output.catalogue, output.style(sys.stderr)):
            click.echo(f"{flaw}\n", err=True, color=True)


def _check_paths(claims: Path, out: Path | None, rejected: Path | None) -> None:
    if not claims.exists():
        raise files.WrongUse(f"there is no file {files.shown(claims)}")
    if claims.is_dir():
        raise files.WrongUse(f"{files.shown(claims)} is a folder, not a file of claims")
    written = [path for path in (out, rejected) if path is not None]
    for path in written:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise files.WrongUse(
                f"{files.shown(path)} cannot be written: it is a folder, or lies in one that is not there"
            )
    if len({path.resolve() for path in (claims, *written)}) <= len(written):
        raise files.WrongUse("the claims, the result and the rejected rows must be three different files")


def _settle(
    output: Output, model: Model, engine: str, text: str, path: Path, out: Path | None, rejected: Path | None
) -> int:
    """Settle into temporary files, and let them appear only when all is well."""
    try:
        with (
            orderly_end(),
            tempfile.TemporaryDirectory(prefix="tierproof-") as name,
            files.in_waiting(out, Path(name) / "result.csv") as result,
            files.in_waiting(rejected, Path(name) / "rejected.csv") as put_aside,
        ):
            with sign_of_life(sys.stderr, f"settling {files.shown(path)}"):
                claims = open_claims(at_rest(path, Path(name)), files.shown(path), model)
                outcome = (
                    claims
                    if isinstance(claims, Unreadable)
                    else driver.settle_file(engine, model, text, claims, result, put_aside if rejected else None)
                )
            if isinstance(outcome, Unreadable):
                _say_unreadable(output, outcome)
                return report.WRONG
            assert isinstance(claims, Claims)
            if outcome.rejected and rejected is None:
                _say_rejected(output, claims, outcome)
                return report.WRONG
            # A device or a pipe first: where it fails, no file has appeared.
            for target, temporary in sorted(((out, result), (rejected, put_aside)), key=_is_renamed):
                if target is not None:
                    files.put(temporary, target)
            _say_settled(output, model, outcome, out, rejected)
            if out is None:
                with result.open("rb") as settled:
                    shutil.copyfileobj(settled, sys.stdout.buffer)
                sys.stdout.flush()
            return report.PASSED
    except (OSError, RunError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise files.WrongUse(f"the claims cannot be settled: {getattr(error, 'strerror', None) or error}") from error


def _is_renamed(pair: tuple[Path | None, Path]) -> bool:
    return files.can_be_replaced(pair[0])


def _say_unreadable(output: Output, claims: Unreadable) -> None:
    if output.json:
        records = [render_record(one, claims.source, output.catalogue) for one in claims.diagnostics]
        say_json({"result": "failed", "diagnostics": records})
        return
    for diagnostic in claims.diagnostics:
        text = render_text(diagnostic, claims.source, output.catalogue, output.style(sys.stderr))
        click.echo(f"{text}\n", err=True, color=True)
    click.echo("nothing is settled", err=True)


def _say_rejected(output: Output, claims: Claims, outcome: Outcome) -> None:
    params = (("rejected", f"{outcome.rejected:,}"), ("rows", f"{outcome.rejected + outcome.settled:,}"))
    diagnostic, source = Diagnostic("TP403", (), params), Source(claims.shown, "")
    if output.json:
        record = {
            "result": "failed",
            **_counts(outcome),
            "first_rejected": [_row_record(row) for row in outcome.first],
            "diagnostics": [render_record(diagnostic, source, output.catalogue)],
        }
        say_json(record)
        return
    for row in outcome.first:
        click.echo(f"{claims.shown}:{row.line}: {row_text(row)}", err=True)
    more = outcome.rejected - len(outcome.first)
    if more:
        click.echo(f"and {more:,} more", err=True)
    click.echo(f"\n{render_text(diagnostic, source, output.catalogue, output.style(sys.stderr))}", err=True, color=True)


def row_text(row: RejectedRow) -> str:
    """Why a row was rejected, on one line: `borne: wrong type "12o"`."""
    field = f"{row.field}: " if row.field else ""
    value = f' "{row.value}"' if row.value else ""
    return printable(f"{field}{row.reason}{value}")


def _say_settled(output: Output, model: Model, outcome: Outcome, out: Path | None, rejected: Path | None) -> None:
    """The totals: on standard error, or as JSON on standard output where that is free."""
    if output.json:
        totals = dict(outcome.totals)
        record = {"result": "passed", **_counts(outcome), "currency": model.currency.code, "totals": totals}
        say_json(record, err=out is None)
        return
    if outcome.rejected and rejected is not None:
        rows = "row" if outcome.rejected == 1 else "rows"
        click.echo(f"{outcome.rejected:,} {rows} rejected, written to {files.shown(rejected)}", err=True)
    click.echo(totals_text(model, outcome), err=True)


def totals_text(model: Model, outcome: Outcome) -> str:
    """What a file of claims comes to: each benefit and the own share, summed over the settled rows."""
    width = max(len(name) for name, _ in outcome.totals)
    amounts = [format_money(total, model.currency) for _, total in outcome.totals]
    wide = max(map(len, amounts))
    lines = [
        f"  {name:<{width}}  {amount:>{wide}} {model.currency.code}"
        for (name, _), amount in zip(outcome.totals, amounts, strict=True)
    ]
    return "\n".join([f"{outcome.settled:,} {'claim' if outcome.settled == 1 else 'claims'} settled", *lines])


def _counts(outcome: Outcome) -> dict[str, object]:
    return {"settled": outcome.settled, "rejected": outcome.rejected}


def _row_record(row: RejectedRow) -> dict[str, object]:
    return {"line": row.line, "claim": row.claim, "field": row.field or None, "reason": row.reason, "value": row.value}
