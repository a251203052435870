"""Claims in Parquet: one file, or all those of a folder. Amounts are taken exactly, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_never

from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    Fact,
    IdentifierFact,
    Model,
    MoneyFact,
)
from compiler.run.sql_text import literal, quoted
from compiler.run.table import Claims, Parquet, Unreadable, wrong_columns
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Source, Span

TEXT = "VARCHAR"
WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
FLOATING = frozenset({"FLOAT", "DOUBLE"})
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")

_SCHEMA = (
    "file_name, name, type, type_length, converted_type, CAST(logical_type AS VARCHAR), num_children, scale, precision"
)

_KEPT_BY_THE_ENGINE = frozenset({"file_row_number", "file_index", "filename"})
"""Names by which the engine shows where a row stands."""


def decimal_places(type_: str) -> tuple[int, int] | None:
    """Digits and decimals of a DECIMAL; None for another type."""
    found = _DECIMAL.fullmatch(type_)
    return None if found is None else (int(found.group(1)), int(found.group(2)))


def is_parquet(path: Path) -> bool:
    """Whether a path is taken for Parquet: by the end of its name, or because it is a folder."""
    return path.is_dir() or path.suffix.lower() in (".parquet", ".pq")


def files_of(path: Path) -> tuple[Path, ...]:
    """The Parquet files of a path, in the order of their names; hidden ones and marks such as `_SUCCESS` left out."""
    if not path.is_dir():
        return (path,)
    inside = (file for file in path.iterdir() if file.is_file() and file.suffix.lower() in (".parquet", ".pq"))
    return tuple(sorted(file for file in inside if file.name[0] not in "._"))


def open_parquet(path: Path, shown: str, model: Model) -> Claims | Unreadable:
    """Look at the columns of Parquet claims and at their types (TP401, TP402, TP404, TP405).

    Raises OSError where a file is not there or may not be read.
    """
    import duckdb

    nothing = Source(shown, "")
    files = files_of(path)
    if not files:
        return Unreadable(nothing, (Diagnostic("TP404", (), variant="folder"),))
    for file in files:
        file.open("rb").close()
    with duckdb.connect(":memory:") as database:
        listed = _listed(files)
        try:
            counts = dict(
                database.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata({listed})").fetchall()
            )
            described = database.execute(f"DESCRIBE FROM read_parquet({listed})").fetchall()
            schemas = _schemas(database.execute(f"SELECT {_SCHEMA} FROM parquet_schema({listed})").fetchall())
            # All files are read with the types of the first: a value of another type would be cast to it, and rounded.
            unlike = {
                file: database.execute(f"DESCRIBE FROM read_parquet({_listed((file,))})").fetchall()
                for file in files[1:]
                if schemas[str(file)] != schemas[str(files[0])]
            }
        except duckdb.Error as error:
            params = (("reason", str(error).splitlines()[0]),)
            return Unreadable(nothing, (Diagnostic("TP404", (), params, "parquet"),))
    names = tuple(str(row[0]) for row in described)
    types = tuple(str(row[1]) for row in described)
    for file in files:
        # The engine takes `Note` and `note` for one column, and gives the second a name of its own.
        if tuple(name for name, *_ in schemas[str(file)]) != names:
            why = (("reason", _other_names(file, schemas[str(file)], names)),)
            return Unreadable(nothing, (Diagnostic("TP404", (), why, "parquet"),))
    for file, columns in unlike.items():
        for name, type_, (_, other, *_rest) in zip(names, types, columns, strict=True):
            if other != type_:
                of = (("column", name), ("type", other), ("file", file.name), ("as", type_), ("first", files[0].name))
                return Unreadable(nothing, (Diagnostic("TP404", (), of, "types"),))
    line = ",".join(names)
    cells, begin = [], 1
    for name in names:
        cells.append((name, begin, begin + len(name)))
        begin += len(name) + 1
    source = Source(shown, line)
    diagnostics = tuple(wrong_columns(cells, line, shown, model)) or tuple(
        _wrong_types(cells, types, schemas[str(files[0])], shown, model)
    )
    if diagnostics:
        return Unreadable(source, diagnostics)
    rows = tuple(int(counts[str(file)]) for file in files)
    return Claims(path, shown, names, Parquet(files, rows, types))


def relation(parquet: Parquet) -> str:
    """All rows of the files, `file_index` and `file_row_number` among their columns."""
    return f"read_parquet({_listed(parquet.files)})"


def place(parquet: Parquet) -> str:
    """The number of a row of `relation`, from 0, counted through all files."""
    if len(parquet.files) == 1:
        return "file_row_number"
    before = ", ".join(str(sum(parquet.rows[:index])) for index in range(len(parquet.files)))
    return f"list_extract([{before}], CAST(file_index AS BIGINT) + 1) + file_row_number"


def _listed(files: tuple[Path, ...]) -> str:
    return f"[{', '.join(literal(str(file)) for file in files)}]"


def _schemas(rows: list[tuple[Any, ...]]) -> dict[str, tuple[tuple[Any, ...], ...]]:
    """The columns of each file: name and type as written there. The first row of each is the table itself."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for file, *column in rows:
        found.setdefault(file, []).append(tuple(column))
    return {file: tuple(columns[1:]) for file, columns in found.items()}


def _other_names(file: Path, columns: tuple[tuple[Any, ...], ...], names: tuple[str, ...]) -> str:
    for name, *_, parts, _scale, _precision in columns:
        if parts:
            return (
                f"the column {quoted(name)} of {file.name} has parts, as a list has; claims have one value in a column"
            )
    if len(columns) != len(names):
        return f"{file.name} has {len(columns)} columns, where {len(names)} are read"
    one, other = next((a, b) for (a, *_), b in zip(columns, names, strict=True) if a != b)
    return f"{file.name} has a column {quoted(one)} where {quoted(other)} is read; upper and lower case count alike"


def _wrong_types(
    cells: list[tuple[str, int, int]],
    types: tuple[str, ...],
    columns: tuple[tuple[Any, ...], ...],
    shown: str,
    model: Model,
) -> Iterator[Diagnostic]:
    facts = {fact.name: fact for fact in model.facts}
    for (name, begin, end), type_, column in zip(cells, types, columns, strict=True):
        label = (Label(Span(shown, 1, begin, 1, end), ""),)
        if name in _KEPT_BY_THE_ENGINE:
            yield Diagnostic("TP402", label, (("column", name),), "result")
        elif name == CLAIM_NUMBER or name in facts:
            wanted = _wanted(facts.get(name), model)
            if not fits(facts.get(name), type_):
                written = _written(type_, column)
                params = (("column", name), ("type", written), ("wanted", wanted))
                yield Diagnostic("TP405", label, params, "float" if written in FLOATING else "")


def _written(type_: str, column: tuple[Any, ...]) -> str:
    """The type that a file has for a column: the engine reads a DECIMAL of more digits than it has as DOUBLE."""
    *_, scale, precision = column
    return f"DECIMAL({precision},{scale})" if type_ in FLOATING and precision is not None else type_


def fits(fact: Fact | None, type_: str) -> bool:
    """Whether a column of this type gives the values of a fact exactly; None stands for the claim number."""
    if type_ == TEXT:
        return True
    match fact:
        case None | IdentifierFact():
            return type_ in WHOLE
        case CategoryFact():
            return type_.startswith("ENUM(")
        case DateFact():
            return type_ == "DATE"
        case CountFact():
            return type_ in WHOLE or (decimal_places(type_) or (0, 1))[1] == 0
        case MoneyFact():
            return type_ in WHOLE or decimal_places(type_) is not None
        case _:
            assert_never(fact)


def _wanted(fact: Fact | None, model: Model) -> str:
    match fact:
        case None | IdentifierFact():
            return "text, or whole numbers"
        case CategoryFact():
            return "text"
        case DateFact():
            return "DATE, or text such as 2013-05-02"
        case CountFact():
            return "whole numbers, or text"
        case MoneyFact():
            digits = model.currency.digits
            return f"DECIMAL(18,{digits}) in {model.currency.code}, whole numbers of {model.currency.code}, or text"
        case _:
            assert_never(fact)
