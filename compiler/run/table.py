"""A file of claims as text: its columns, its rows, and what keeps it from being read."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from compiler.model import Model
from compiler.run.outcome import Outcome, inputs, results
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Source, Span

_PEEK = 1 << 16
_BLOCK = 1 << 22
_SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars"))


@dataclass(frozen=True, slots=True)
class Claims:
    """A file of claims whose columns have been checked.

    path     where it is
    shown    its path as the user wrote it
    columns  the names in its first line, in order; those of the policy and any others
    parquet  what is known of it where it is not a CSV
    """

    path: Path
    shown: str
    columns: tuple[str, ...]
    parquet: Parquet | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """The type of each column, as DuckDB names it. All that a CSV has is text."""
        return ("VARCHAR",) * len(self.columns) if self.parquet is None else self.parquet.types


@dataclass(frozen=True, slots=True)
class Parquet:
    """Claims in one Parquet file, or in all those of a folder in the order of their names.

    files  where they are
    rows   how many rows each of them has, as its last bytes say
    types  of the columns, as DuckDB names them
    """

    files: tuple[Path, ...]
    rows: tuple[int, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file of claims cannot be used; `source` is as much of it as the diagnostics point at."""

    source: Source
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, and its values."""

    line: int
    values: tuple[str, ...]


def at_rest(path: Path, folder: Path) -> Path:
    """A file of claims that can be read more than once: the path itself, or a copy in `folder` of what it yields.

    A pipe, a terminal or a device gives its bytes once only, and whoever opens it again misses those already read.
    Raises OSError where it cannot be read or the copy cannot be written.
    """
    if path.is_file() and path.absolute().parts[:2] != ("/", "dev"):
        return path
    copy = folder / "claims.csv"
    with path.open("rb") as file, copy.open("wb") as resting:
        while block := file.read(_PEEK):
            resting.write(block)
            # No text: it is refused for what was read, and a device of zeros never ends.
            if b"\0" in block:
                break
    return copy


def open_claims(path: Path, shown: str, model: Model) -> Claims | Unreadable:
    """Look at the first line of a file of claims (TP401, TP402, TP404). Raises OSError where it cannot be opened."""
    with path.open("rb") as file:
        start = file.read(_PEEK)
        while start and b"\n" not in start and len(start) < 1 << 20 and (more := file.read(_PEEK)):
            start += more
    nothing = Source(shown, "")
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        return Unreadable(nothing, (Diagnostic("TP404", (), (("expected", ", ".join(inputs(model))),)),))
    if b"\0" in start:
        return Unreadable(nothing, (Diagnostic("TP404", (), variant="binary"),))
    try:
        first = start.splitlines()[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unreadable(nothing, (Diagnostic("TP404", (Label(Span(shown, 1, 1, 1, 1), ""),), variant="encoding"),))
    source = Source(shown, first)
    cells = header_cells(first)
    diagnostics = tuple(wrong_columns(cells, first, shown, model))
    if diagnostics:
        return Unreadable(source, diagnostics)
    return Claims(path, shown, tuple(name for name, _, _ in cells))


def header_cells(line: str) -> tuple[tuple[str, int, int], ...]:
    """The names in a first line, each with its first column (from 1) and the one behind its last."""
    cells: list[tuple[str, int, int]] = []
    begin, quoted = 0, False
    for place, character in enumerate(f"{line},"):
        if character == '"':
            quoted = not quoted
        elif character == "," and (not quoted or place == len(line)):
            text = line[begin:place].strip(" ")
            if len(text) > 1 and text[0] == text[-1] == '"':
                text = text[1:-1].replace('""', '"').strip(" ")
            cells.append((text, begin + 1, place + 1))
            begin = place + 1
    return tuple(cells)


def wrong_columns(cells: Sequence[tuple[str, int, int]], line: str, shown: str, model: Model) -> Iterator[Diagnostic]:
    expected = inputs(model)
    names = [name for name, _, _ in cells]

    def label(index: int) -> tuple[Label, ...]:
        _, begin, end = cells[index]
        return (Label(Span(shown, 1, begin, 1, end), ""),)

    whole = (Label(Span(shown, 1, 1, 1, len(line) + 1), ""),)
    for separator, called in _SEPARATORS:
        if len(cells) == 1 and separator in line:
            yield Diagnostic("TP401", whole, (("separator", called),), "separator")
            return
    for index, name in enumerate(names):
        if not name:
            yield Diagnostic("TP402", label(index), (("number", str(index + 1)),), "unnamed")
        elif name in names[:index]:
            yield Diagnostic("TP402", label(index), (("column", name),))
        elif name in results(model):
            yield Diagnostic("TP402", label(index), (("column", name),), "result")
    strange = [name for name in names if name and name not in expected]
    for column in (column for column in expected if column not in names):
        folded = [name for name in strange if name.casefold() == column.casefold()]
        near = folded or difflib.get_close_matches(column, strange, 1, 0.7)
        if near:
            params = (("column", column), ("found", near[0]))
            yield Diagnostic("TP401", label(names.index(near[0])), params, "similar")
        else:
            yield Diagnostic("TP401", whole, (("column", column), ("expected", ", ".join(expected))))


class NotATableError(Exception):
    """The file stops being a table at `line`: `variant` of TP404, with the reason where it has one."""

    def __init__(self, line: int, variant: str, reason: str = "") -> None:
        super().__init__(f"line {line}: {variant} {reason}")
        self.line = line
        self.variant = variant
        self.reason = reason


def rows(claims: Claims) -> Iterator[Row]:
    """The rows below the first line, blank lines left out. A row may have too few or too many values.

    Empty values behind the last column are dropped: spreadsheets write them.

    Raises NotATableError where the file stops being a table.
    """
    line = 0
    with claims.path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            next(reader)
            line = reader.line_num
            for values in reader:
                while len(values) > len(claims.columns) and not values[-1]:
                    values.pop()
                if any("\0" in value for value in values):
                    raise NotATableError(line + 1, "binary")
                if values:
                    yield Row(line + 1, tuple(values))
                line = reader.line_num
        except UnicodeDecodeError as error:
            raise NotATableError(_undecodable_line(claims.path), "encoding") from error
        except csv.Error as error:
            raise NotATableError(line + 1, "quote", _in_words(str(error))) from error


def _in_words(error: str) -> str:
    if "unexpected end of data" in error:
        return "a value in quotation marks begins here and never ends"
    if "expected after" in error:
        return "text follows a closing quotation mark"
    if "field larger" in error:
        return "a value is too long"
    return error


def first_flaw(claims: Claims) -> Unreadable | None:
    """Where a file stops being a table (TP404); None where it is one to its end."""
    try:
        for _ in rows(claims):
            pass
    except NotATableError as flaw:
        return unreadable(claims, flaw)
    return None


def unreadable(claims: Claims, flaw: NotATableError) -> Unreadable:
    """A file that stops being a table, as a diagnostic."""
    label = Label(Span(claims.shown, flaw.line, 1, flaw.line, 1), "")
    params = (("reason", flaw.reason),) if flaw.reason else ()
    return Unreadable(Source(claims.shown, ""), (Diagnostic("TP404", (label,), params, flaw.variant),))


def _undecodable_line(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def all_accounted_for(claims: Claims, outcome: Outcome) -> Unreadable | None:
    """Count the rows of the file apart from the engine that settled them, and compare; None where all are there.

    Raises AssertionError where a row was neither settled nor rejected, or one was both.
    """
    try:
        there = _row_count(claims) if claims.parquet is None else sum(claims.parquet.rows)
    except NotATableError as flaw:
        return unreadable(claims, flaw)
    what = "rows below its first line" if claims.parquet is None else "rows"
    if outcome.settled + outcome.rejected != there:
        raise AssertionError(
            f"{claims.shown} has {there:,} {what}, but {outcome.settled:,} were settled and "
            f"{outcome.rejected:,} rejected; no result is written"
        )
    return None


def _row_count(claims: Claims) -> int:
    """How many rows stand below the first line, blank lines left out. Raises NotATableError."""
    count, line = -1, 1
    with claims.path.open("rb") as file:
        while lines := file.readlines(_BLOCK):
            block = b"".join(lines)
            # Only where a line can be less or more than a row does it take a reader of tables.
            if b'"' in block or block.count(b"\r") != block.count(b"\r\n"):
                return sum(1 for _ in rows(claims))
            if b"\0" in block:
                raise NotATableError(line + block.count(b"\n", 0, block.index(b"\0")), "binary")
            line += len(lines)
            count += len(lines) - lines.count(b"\n") - lines.count(b"\r\n")
    return count


def wrong_width(row: Row, claims: Claims) -> str | None:
    """Why a row as a whole is rejected; None where it has a value for each column."""
    if len(row.values) == len(claims.columns):
        return None
    return f"{len(row.values)} values where the first line names {len(claims.columns)}"
