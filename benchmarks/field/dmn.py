"""pyDMNrules: a DMN decision table in a workbook, a claim a call."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Border, Side
from pyDMNrules import DMN

from benchmarks.field.claims import Candidate, Claims
from benchmarks.field.lines import lines


def workbook() -> Any:
    """A table of unique hit with a row for every band; double lines part names, tests and what comes out."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Rules"
    rows: list[list[Any]] = [["Benefit", None, None, None], ["U", "illness", "total", "paid"]]
    for place, (word, lower, upper, ratio, less) in enumerate(lines(), 1):
        paid = "0" if ratio == 0 else f"floor(({ratio} * Data.total - {less} + 50) / 100)"
        rows.append([place, f'"{word}"', f"({lower}..{upper}]", paid])
    thin, double = Side(style="thin"), Side(style="double")
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column, value)
            cell.border = Border(thin, double if column == 3 else thin, thin, double if row == 2 else thin)
    sheet.merge_cells("A1:D1")
    return book


def table(claims: Claims) -> Candidate:
    """A call of `decide` for each claim. Raises ValueError where the workbook is not understood."""
    rules = DMN()
    status = rules.use(workbook())
    if "errors" in status:
        raise ValueError(status["errors"])
    contexts = [{"illness": word, "total": total} for total, word in zip(claims.totals, claims.words, strict=True)]

    def run() -> list[Any]:
        found = []
        for context in contexts:
            _, decided = rules.decide(context)
            found.append((decided[-1] if isinstance(decided, list) else decided)["Result"]["paid"])
        return found

    return Candidate(run, lambda paid: [int(value) for value in paid])
