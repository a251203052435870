"""Rows as text of a CSV: UTF-8 elsewhere, `\\n` at the end of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_QUOTED = frozenset(',"\r\n')
"""What may stand within quotation marks only. Python's writer leaves a lone `\\r` bare, where a reader ends the row."""

READ_BACK = r"""auto_detect = false, quote = '"', escape = '"', new_line = '\n'"""
"""How DuckDB reads such lines: left to guess the end of a line, it may take a `\\r` within quotation marks for it."""


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """One line for each row, its end included. Rows have more than one value, for an empty line would be none."""
    for row in rows:
        yield ",".join(map(_value, row)) + "\n"


def _value(value: object) -> str:
    text = str(value)
    return text if _QUOTED.isdisjoint(text) else '"' + text.replace('"', '""') + '"'
