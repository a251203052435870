"""The file of rejected rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from compiler.run.csv_text import csv_lines
from compiler.run.outcome import FIRST_REJECTED, REJECTED_COLUMNS, RejectedRow


def write_rejected(path: Path, rejected: Iterable[RejectedRow]) -> tuple[RejectedRow, ...]:
    """Write rejected rows as CSV; gives the first of them."""
    first: list[RejectedRow] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines([REJECTED_COLUMNS]))
        for row in rejected:
            file.writelines(csv_lines([(row.line, row.claim, row.field, row.reason)]))
            if len(first) < FIRST_REJECTED:
                first.append(row)
    return tuple(first)
