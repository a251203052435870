"""`tierproof demo`: everything once, on the policies and claims that come along; writes to a temporary folder."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

import compiler
from compiler import driver
from compiler.commands import files, remembered, report
from compiler.commands.options import Output, output_options
from compiler.commands.project import Project, read_project
from compiler.commands.run import totals_text
from compiler.driver import DIALECTS, LANGUAGES, Verdict
from compiler.evaluate import Ledger, settle
from compiler.model import CLAIM_NUMBER, Model
from compiler.run.fields import as_row, read_claim
from compiler.run.job import Job, Target
from compiler.run.table import Claims, Unreadable, open_claims, rows

POLICIES = ("policies/ningxia/critical_illness_2013.policy", "policies/jiangning/ncms_and_critical_illness.policy")
DRAFT = "examples/drafts/ningxia_whole_yuan_bands.policy"
CLAIMS = "examples/claims/ningxia.csv"
SHOWN_ROWS = 5


@click.command()
@output_options
def demo(output: Output) -> int:
    """Show all of it on the policies that come along: proofs, a flawed draft, calculators, settled claims."""
    home = shipped()
    project = _read(home, POLICIES)
    verdicts = _prove(project)
    refuted = _refute(output, home)
    if not refuted or report.exit_code(verdicts) != report.PASSED:
        click.echo("the demonstration did not go as it should", err=True)
        return report.WRONG
    with tempfile.TemporaryDirectory(prefix="tierproof-demo-") as folder:
        _build(project, Path(folder))
        model = verdicts[0].loaded.model
        assert model is not None
        claims = open_claims(home / CLAIMS, CLAIMS, model)
        assert isinstance(claims, Claims)
        _run(project, model, claims, Path(folder) / "settled.csv")
        _explain(model, claims)
    return report.PASSED


def shipped() -> Path:
    """The folder of the policies and examples that come along: inside an installed package, or the checkout."""
    package = Path(compiler.__file__).parent
    for home in (package / "shipped", package.parent):
        if (home / POLICIES[0]).is_file() and (home / DRAFT).is_file():
            return home
    raise files.WrongUse(f"the policies of the demonstration are not there: neither in {package} nor beside it")


def _head(number: int, title: str) -> None:
    click.echo(f"\n{number}. {title}\n")


def _read(home: Path, names: Sequence[str]) -> Project:
    """Policies that come along, by the paths that they have in a checkout."""
    return read_project([str(home / name) for name in names], name=lambda path: _below(home, path))


def _below(home: Path, path: Path) -> str:
    inside = path.resolve().is_relative_to(home.resolve())
    return path.resolve().relative_to(home.resolve()).as_posix() if inside else path.as_posix()


def _prove(project: Project) -> tuple[Verdict, ...]:
    _head(1, "Two policies, proved for every claim there can be")
    started = time.monotonic()
    verdicts = tuple(driver.prove(loaded) for loaded in project.loaded)
    elapsed_ms = round((time.monotonic() - started) * 1000)
    for verdict in verdicts:
        click.echo(report.policy_line(verdict))
    click.echo(report.summary("check", verdicts, elapsed_ms))
    return verdicts


def _refute(output: Output, home: Path) -> bool:
    """Show the first flaw of the draft as a whole and of the others where they are; whether there were any."""
    _head(2, "The same table exactly as it was printed, refuted")
    started = time.monotonic()
    (verdict,) = (driver.prove(loaded) for loaded in _read(home, [DRAFT]).loaded)
    elapsed_ms = round((time.monotonic() - started) * 1000)
    for place, flaw in enumerate(report.flaws(verdict, output.catalogue, output.style(sys.stdout))):
        lines = flaw.splitlines()
        click.echo("\n".join(lines[:2] if place else [*lines, ""]), color=True)
    click.echo(f"\n{report.summary('check', [verdict], elapsed_ms)}")
    return verdict.errors > 0


def _build(project: Project, folder: Path) -> None:
    _head(3, "Calculators, built because all of that is proved, and each proved to pay what its policy says")
    texts: dict[str, str] = {}
    for policy in project.policies:
        sources = [project.source_file(version) for version in policy]
        wanted = driver.targets(LANGUAGES, DIALECTS)
        built = remembered.built(driver.merge(policy), wanted, sources, remembered.memory())
        assert not built.diagnostics, "the policies of the demonstration can be built"
        texts.update(built.files)
    files.write_all(folder, texts)
    for name, text in texts.items():
        click.echo(f"{name}  ({len(text.splitlines())} lines)")


def _run(project: Project, model: Model, claims: Claims, out: Path) -> None:
    _head(4, f"{CLAIMS} (synthetic), settled by DuckDB")
    sources = [project.source_file(version) for version in project.policies[0]]
    built = remembered.built(model, [driver.settling("duckdb", counts_on=False)], sources, remembered.memory())
    (text,) = built.files.values()
    outcome = driver.settle_file("duckdb", model, text, Job(claims, Target(out)))
    assert not isinstance(outcome, Unreadable)
    click.echo("\n".join(out.read_text(encoding="utf-8").splitlines()[: SHOWN_ROWS + 1]))
    click.echo("...")
    click.echo(totals_text(model, outcome))


def _explain(model: Model, claims: Claims) -> None:
    from compiler.explain.text import render_trace
    from compiler.explain.trace import trace

    book = [read_claim(model, as_row(claims.columns, row.values)) for row in rows(claims)]
    chosen = book[0]
    dates = {total.date_fact for total in model.running_totals}
    ledger: Ledger = {}
    for claim in sorted(book, key=lambda claim: tuple(str(claim[name]) for name in (*sorted(dates), CLAIM_NUMBER))):
        if claim is chosen:
            break
        _, ledger = settle(model, claim, ledger)
    _head(5, f"Claim {chosen[CLAIM_NUMBER]}, step by step, after the person's earlier ones")
    click.echo(render_trace(trace(model, chosen, ledger), model))
