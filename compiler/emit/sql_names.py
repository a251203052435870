"""Names, words and remarks of a policy, safe inside SQL text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from compiler.emit.dialects.dialect import Dialect


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


def quoted(name: str) -> str:
    """An identifier, quoted: any text without a NUL is safe in it."""
    assert "\0" not in name
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant, quoted: any text without a NUL is safe in it."""
    assert "\0" not in text
    return "'" + text.replace("'", "''") + "'"


def remark(text: str) -> str:
    """Text for one line of a comment: whatever could end the line, or hide what follows, becomes a space."""
    return "".join(" " if unicodedata.category(char) in _UNSAFE else char for char in text)


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
    for name in table:
        if name in dialect.taken_columns:
            raise UnfitName(name, dialect.title, "is a name that every table has for itself")
    seen: dict[str, str] = {}
    for name in columns:
        folded = _ascii_lower(name) if dialect.ignores_case else name
        if folded in seen:
            raise UnfitName(
                name, dialect.title, f"is the same name as `{seen[folded]}`: upper and lower case count alike"
            )
        seen[folded] = name


def _ascii_lower(name: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in name)
