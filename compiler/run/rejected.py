"""The file of rejected rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from compiler.run.outcome import FIRST_REJECTED, REJECTED_COLUMNS, RejectedRow


def write_rejected(path: Path, rejected: Iterable[RejectedRow]) -> tuple[RejectedRow, ...]:
    """Write rejected rows as CSV; gives the first of them."""
    first: list[RejectedRow] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(REJECTED_COLUMNS)
        for row in rejected:
            writer.writerow((row.line, row.claim, row.field, row.reason))
            if len(first) < FIRST_REJECTED:
                first.append(row)
    return tuple(first)
