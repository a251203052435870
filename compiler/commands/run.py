"""`tierproof run`: a file of claims through a calculator, exact, and nothing half-written."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from compiler import driver
from compiler.commands import files, remembered, report
from compiler.commands.ending import orderly_end
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import one_policy, read_project
from compiler.commands.waiting import bar, sign_of_life
from compiler.driver import ENGINES, Verdict
from compiler.emit.mark import SourceFile
from compiler.model import Model
from compiler.run import parquet
from compiler.run.duckdb import LEAST_BYTES
from compiler.run.job import Earlier, Form, Job, Limits, Progress, Target, form_of, unwatched
from compiler.run.ledger import head_of
from compiler.run.outcome import Outcome, RejectedRow, RunError
from compiler.run.table import Claims, Unreadable, at_rest, open_claims
from dsl.diagnostics import Diagnostic
from dsl.money import format_money
from dsl.render import printable, render_record, render_text
from dsl.source import Source

SPARK = "spark"

LIMITED = ("duckdb", SPARK)
"""The engines that can be told what they may take of the machine, and tell how much is done."""

LARGE_BYTES = 32 << 20
"""Claims for which it is worth the while to prove a second calculator, one that costs less where no two are alike."""

_UNITS = {
    "": 1,
    "K": 1000,
    "M": 1000**2,
    "G": 1000**3,
    "T": 1000**4,
    "KI": 1 << 10,
    "MI": 1 << 20,
    "GI": 1 << 30,
    "TI": 1 << 40,
}


def _size(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A size such as 512MiB or 2GB in bytes. Raises BadParameter where it is none, or too small for the engine."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,9})\s*([KMGT]?I?)B?", value.strip().upper())
    if found is None or found[2] not in _UNITS:
        raise click.BadParameter(f"{value!r} is no size such as 512MiB or 2GB")
    size = int(found[1]) * _UNITS[found[2]]
    if size < LEAST_BYTES:
        raise click.BadParameter(f"{value} is too little: it takes {LEAST_BYTES >> 20}MiB")
    return size


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user has asked for: files to read and to write, and how."""

    claims: Path
    out: Path | None
    rejected: Path | None
    ledger: Path | None
    ledger_out: Path | None
    limits: Limits
    master: str
    quiet: bool

    @property
    def counts_on(self) -> bool:
        """Whether running totals come from another run or go to one."""
        return self.ledger is not None or self.ledger_out is not None


@click.command()
@click.argument("policies", nargs=-1, type=click.Path(), metavar="POLICY...")
@click.argument("claims", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write to.  [default: standard output]")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="Settle the other rows where some are rejected, and write the rejected ones to this file.",
)
@click.option("--ledger", type=click.Path(path_type=Path), help="Go on from the running totals that a run has left.")
@click.option("--ledger-out", type=click.Path(path_type=Path), help="Leave the running totals for the next run.")
@click.option(
    "--memory",
    metavar="SIZE",
    callback=_size,
    help="Memory that may be taken, such as 2GiB; what is more goes to disk.",
)
@click.option("--threads", type=click.IntRange(1, 1024), help="Threads that may be taken.  [default: one a core]")
@click.option("--master", default="local[*]", show_default=True, help="The cluster that Spark works on.")
@click.option("--no-cache", is_flag=True, help="Prove everything anew, also what was proved before.")
@click.option("-q", "--quiet", is_flag=True, help="No bar and no totals on standard error, only what is wrong.")
@output_options
def run(
    output: Output,
    policies: tuple[str, ...],
    claims: Path,
    out: Path | None,
    engine: str,
    rejected: Path | None,
    ledger: Path | None,
    ledger_out: Path | None,
    memory: int | None,
    threads: int | None,
    master: str,
    no_cache: bool,
    quiet: bool,
) -> int:
    """Settle the file CLAIMS with the calculator of POLICY.

    The policy is proved first, and then that the calculator, to the letter as it is run, is the policy.

    POLICY is a file, or several files or a folder that hold the versions of one policy: then each claim is settled
    under the version of its day, and a claim of a day that none of them covers is rejected. Drafts are left out.

    CLAIMS is a CSV in UTF-8, a Parquet file, or a folder of Parquet files. Its columns are `claim` and the facts of the
    policy; other columns are handed on unchanged. Amounts are such as 20000.50 or "20,000.50", dates 2013-05-02. The
    result has the same rows in the same order, with each benefit and the own share behind them. Files whose names end
    in .parquet are Parquet, all others CSV.

    Where any row is wrong nothing is written and the first of them are listed, unless --rejected says where they go.

    What was proved is kept in the user's folder of caches, and used while policy, calculator, program and solver stay
    the same.
    """
    started = time.monotonic()
    if not policies:
        # One path alone is given to CLAIMS, the last argument.
        raise click.UsageError(f"Missing argument 'CLAIMS': {claims} is the policy, and no file of claims follows.")
    project = read_project(policies)
    asked = Asked(claims, out, rejected, ledger, ledger_out, Limits(memory, threads), master, quiet)
    _check_paths(asked)
    if engine not in LIMITED and asked.limits != Limits():
        raise files.WrongUse(f"--memory and --threads are for {' and '.join(LIMITED)}; {engine} holds all in memory")
    if engine == SPARK:
        _check_for_spark(asked)
    shown = ", ".join(files.shown(Path(policy)) for policy in policies)
    known = None if no_cache else remembered.memory()
    drafts = [one for one in project.loaded if one.draft and not project.asked_for(one)]
    verdicts = [
        Verdict(driver.refuse_draft(one), ()) if one.draft else remembered.prove(one, known)
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
    if asked.counts_on and not model.running_totals:
        raise files.WrongUse(f"{shown} adds nothing up over claims, so it has no ledger")
    sources = [project.source_file(version) for version in policy]
    unlike = driver.settling_unlike(model, engine, asked.counts_on) if _bytes_of(claims) >= LARGE_BYTES else None
    targets = [driver.settling(engine, asked.counts_on), *([] if unlike is None else [unlike])]
    calculators = [remembered.built(model, [target], sources, known) for target in targets]
    if any(calculator.diagnostics for calculator in calculators):
        _refuse(output, driver.refused(verdicts, calculators), started)
        return report.WRONG
    text, *others = (text for calculator in calculators for text in calculator.files.values())
    settle = partial(driver.settle_file, engine, model, text, unlike=others[0] if others else None)
    return _settle(output, model, engine, settle, asked, _sha256(sources))


def _sha256(sources: Sequence[SourceFile]) -> str:
    """The hash of the policy's text: that of its file, or of the hashes of its versions."""
    if len(sources) == 1:
        return sources[0].sha256
    return hashlib.sha256("\n".join(source.sha256 for source in sources).encode()).hexdigest()


def _bytes_of(claims: Path) -> int:
    return sum(path.stat().st_size for path in (parquet.files_of(claims) if parquet.is_parquet(claims) else [claims]))


def _refuse(output: Output, verdicts: Sequence[Verdict], started: float) -> None:
    if output.json:
        elapsed_ms = round((time.monotonic() - started) * 1000)
        say_json(report.report_record(verdicts, output.catalogue, elapsed_ms))
        return
    for verdict in verdicts:
        for flaw in report.flaws(verdict, output.catalogue, output.style(sys.stderr)):
            click.echo(f"{flaw}\n", err=True, color=True)


def _check_paths(asked: Asked) -> None:
    claims = asked.claims
    for path in (claims, asked.ledger):
        if path is not None and not path.exists():
            raise files.WrongUse(f"there is no file {files.shown(path)}")
    if claims.is_dir() and not parquet.files_of(claims):
        raise files.WrongUse(f"{files.shown(claims)} is a folder without Parquet files, not a file of claims")
    if asked.ledger is not None and not asked.ledger.is_file():
        raise files.WrongUse(f"{files.shown(asked.ledger)} is no file, so no ledger")
    written = [path for path in (asked.out, asked.rejected, asked.ledger_out) if path is not None]
    for path in written:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise files.WrongUse(
                f"{files.shown(path)} cannot be written: it is a folder, or lies in one that is not there"
            )
        if claims.is_dir() and path.absolute().parent.resolve() == claims.resolve():
            raise files.WrongUse(f"{files.shown(path)} lies among the claims, and would be taken for some next time")
    named = [path for path in (claims, asked.ledger, *written) if path is not None]
    # Path.resolve raises where links go round in a circle.
    if len({os.path.realpath(path) for path in named}) < len(named):
        raise files.WrongUse("claims, ledgers and results must all be different files")
    if asked.ledger_out is not None and not files.can_be_replaced(asked.ledger_out):
        raise files.WrongUse(f"{files.shown(asked.ledger_out)} is no plain file, so no ledger can be kept there")


def _check_for_spark(asked: Asked) -> None:
    if not parquet.is_parquet(asked.claims) or asked.out is None or form_of(asked.out) is not Form.PARQUET:
        raise files.WrongUse("Spark reads Parquet and writes a folder of it: name both, -o with .parquet at its end")
    if asked.out.exists():
        raise files.WrongUse(
            f"{files.shown(asked.out)} is there already; Spark writes a new folder, so remove it first"
        )
    if asked.limits.threads is not None:
        raise files.WrongUse("the threads of Spark are those of its master, such as --master 'local[4]'")


def _settle(
    output: Output, model: Model, engine: str, settle: Callable[[Job], Outcome | Unreadable], asked: Asked, policy: str
) -> int:
    """Settle into temporary files, and let them appear only when all is well."""
    shown = files.shown(asked.claims)
    try:
        with orderly_end(), ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tierproof-")))
            targets = {
                path: Target(stack.enter_context(files.in_waiting(path, folder / name)), form_of(path))
                for name, path in (("result", asked.out), ("rejected", asked.rejected), ("ledger", asked.ledger_out))
                if path is not None or name == "result"
            }
            if asked.ledger is not None:
                _note_other_text(asked.ledger, policy)
            with _waiting(engine, f"settling {shown}", asked.quiet) as progress:
                claims = _opened(asked.claims, folder, shown, model)
                outcome: Outcome | Unreadable
                if isinstance(claims, Unreadable):
                    outcome = claims
                else:
                    job = Job(
                        claims,
                        targets[asked.out],
                        None if asked.rejected is None else targets[asked.rejected],
                        None if asked.ledger is None else Earlier(asked.ledger, files.shown(asked.ledger)),
                        None if asked.ledger_out is None else targets[asked.ledger_out],
                        policy,
                        asked.limits,
                        asked.master,
                        progress,
                    )
                    outcome = settle(job)
            if isinstance(outcome, Unreadable):
                _say_unreadable(output, outcome)
                return report.WRONG
            assert isinstance(claims, Claims)
            if outcome.rejected and asked.rejected is None:
                _say_rejected(output, claims, outcome)
                return report.WRONG
            files.put_all([(target.path, path) for path, target in targets.items() if path is not None])
            _say_settled(output, model, outcome, asked)
            if asked.out is None:
                with targets[None].path.open("rb") as settled:
                    shutil.copyfileobj(settled, sys.stdout.buffer)
                sys.stdout.flush()
            return report.PASSED
    except (OSError, RunError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise files.WrongUse(f"the claims cannot be settled: {getattr(error, 'strerror', None) or error}") from error


def _opened(path: Path, folder: Path, shown: str, model: Model) -> Claims | Unreadable:
    if parquet.is_parquet(path):
        return parquet.open_parquet(path, shown, model)
    return open_claims(at_rest(path, folder), shown, model)


def _waiting(engine: str, what: str, quiet: bool) -> AbstractContextManager[Progress]:
    """What a person sees who waits: a bar where the engine says how much is done."""
    if quiet:
        return nullcontext(unwatched)
    if engine in LIMITED:
        return bar(sys.stderr, what)
    return sign_of_life(sys.stderr, what)


def _note_other_text(ledger: Path, policy: str) -> None:
    """Say where the policy is not word for word the one that the ledger is of: a version may have been added."""
    head = head_of(ledger)
    if head is not None and head.sha256 != policy:
        click.echo(f"note: {files.shown(ledger)} was written by another text of the policy", err=True)


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


def _say_settled(output: Output, model: Model, outcome: Outcome, asked: Asked) -> None:
    """The totals: on standard error, or as JSON on standard output where that is free."""
    if output.json:
        totals = dict(outcome.totals)
        record = {"result": "passed", **_counts(outcome), "currency": model.currency.code, "totals": totals}
        say_json(record, err=asked.out is None)
        return
    if asked.quiet:
        return
    if outcome.rejected and asked.rejected is not None:
        rows = "row" if outcome.rejected == 1 else "rows"
        click.echo(f"{outcome.rejected:,} {rows} rejected, written to {files.shown(asked.rejected)}", err=True)
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
