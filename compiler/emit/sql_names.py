"""Names, words and remarks of a policy, safe inside SQL text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import assert_never

from compiler.emit.dialects.dialect import Dialect, NamesAlike


class UnfitName(Exception):
    """A name of the policy that the engine of a dialect cannot keep as it is.

    name     as the drafter wrote it, or made from that (`<id>_rejected`)
    dialect  the engine's title
    problem  what is wrong with it, in words that follow the name
    """

    def __init__(self, name: str, dialect: str, problem: str) -> None:
        super().__init__(f"{dialect}: `{name}` {problem}")
        self.name = name
        self.dialect = dialect
        self.problem = problem


def quoted(name: str, dialect: Dialect) -> str:
    """An identifier, quoted: any text without a NUL is safe in it."""
    assert "\0" not in name
    return dialect.quote + name.replace(dialect.quote, dialect.quote * 2) + dialect.quote


def literal(text: str, dialect: Dialect) -> str:
    """A text constant, quoted: any text without a NUL is safe in it."""
    assert "\0" not in text
    return "'" + "".join(dialect.escapes.get(char, char) for char in text) + "'"


def remark(text: str) -> str:
    """Text for one line of a comment: whatever could end the line, or hide what follows, becomes a space.

    Spark continues a comment on the next line after a backslash, and fills in `${...}` even there.
    """
    plain = "".join(" " if unicodedata.category(char) in _UNSAFE else char for char in text).replace("${", "$ {")
    return f"{plain} " if plain.endswith("\\") else plain


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def require_names(dialect: Dialect, *, relations: Iterable[str], table: Iterable[str], columns: Iterable[str]) -> None:
    """Raise UnfitName where the engine would cut a name short, take two for one, or not take one at all.

    `relations` are tables and views, `table` the columns of the claims table, `columns` all columns of the views.
    """
    relations, table, columns = tuple(relations), tuple(table), tuple(columns)
    for name in (*relations, *table, *columns):
        size = len(name.encode())
        if dialect.longest_name_bytes is not None and size > dialect.longest_name_bytes:
            limit = dialect.longest_name_bytes
            raise UnfitName(name, dialect.title, f"is {size} bytes long in UTF-8; a name may have {limit}")
        if dialect.longest_name is not None and len(name) > dialect.longest_name:
            raise UnfitName(
                name, dialect.title, f"is {len(name)} characters long; a name may have {dialect.longest_name}"
            )
        if dialect.basic_names and max(name, default="") > "\uffff":
            raise UnfitName(name, dialect.title, f"has the character `{max(name)}`, which no name may have")
    for name in table:
        if name in dialect.taken_columns:
            raise UnfitName(name, dialect.title, "is a name that every table has for itself")
    seen: dict[str, str] = {}
    for name in columns:
        folded = _folded(name, dialect.names_alike)
        if folded in seen:
            raise UnfitName(
                name, dialect.title, f"is the same name as `{seen[folded]}`: upper and lower case count alike"
            )
        seen[folded] = name


def _folded(name: str, alike: NamesAlike) -> str:
    match alike:
        case NamesAlike.SAME:
            return name
        case NamesAlike.ASCII_CASE:
            return "".join(char.lower() if char.isascii() else char for char in name)
        case NamesAlike.ANY_CASE:
            return name.upper().lower()
        case _:
            assert_never(alike)
