"""Files of claims settled from one ledger to the next."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from compiler import driver
from compiler.model import Model, MoneyFact
from compiler.run.fields import format_amount
from compiler.run.job import Earlier, Job, Target, form_of
from compiler.run.outcome import Outcome, inputs
from compiler.run.table import Claims, open_claims
from tests.generated import MARK

Files = Mapping[str, Path]


def text_of(engine: str, model: Model) -> str:
    """What an engine settles with that goes on from a ledger."""
    return _text(model, driver.settling(engine, counts_on=True))


def unlike_of(engine: str, model: Model) -> str | None:
    """What it may try first, where no two claims are alike."""
    target = driver.settling_unlike(model, engine, counts_on=True)
    return None if target is None else _text(model, target)


def _text(model: Model, target: driver.Target) -> str:
    (text,) = driver.build(model, [target], MARK.files, "0.1.0").files.values()
    return text


def written(model: Model, rows: Sequence[Mapping[str, Any]], path: Path) -> Claims:
    """Rows as a file of claims."""
    amounts = {fact.name for fact in model.facts if isinstance(fact, MoneyFact)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(inputs(model))
        for row in rows:
            writer.writerow(
                format_amount(value, model.currency) if name in amounts and value is not None else value
                for name, value in ((name, row[name]) for name in inputs(model))
            )
    claims = open_claims(path, path.name, model)
    assert isinstance(claims, Claims)
    return claims


def settled(
    engine: str,
    model: Model,
    text: str,
    rows: Sequence[Mapping[str, Any]],
    folder: Path,
    ledger: Path | None,
    suffix: str = "csv",
    unlike: str | None = None,
) -> Files:
    """Settle rows with the text of a calculator; gives the files of results, of rejected rows and of the ledger."""
    folder.mkdir()
    files = {"out": folder / "out.csv", "rejected": folder / "rejected.csv", "ledger": folder / f"ledger.{suffix}"}
    job = Job(
        written(model, rows, folder / "claims.csv"),
        Target(files["out"]),
        Target(files["rejected"]),
        None if ledger is None else Earlier(ledger, ledger.name),
        Target(files["ledger"], form_of(files["ledger"])),
        "ab" * 32,
    )
    assert isinstance(driver.settle_file(engine, model, text, job, unlike), Outcome)
    return files


def lines_of(*paths: Path) -> list[str]:
    """The rows of files of results, in no order, without the line on which a rejected one stood."""
    return sorted(
        line.partition(",")[2] if path.name == "rejected.csv" else line
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    )
