"""The dialects of SQL that calculators are printed in: one file each, and a line here."""

from __future__ import annotations

from compiler.emit.dialects.dialect import Dialect
from compiler.emit.dialects.duckdb import DUCKDB
from compiler.emit.dialects.mariadb import MARIADB
from compiler.emit.dialects.postgresql import POSTGRESQL
from compiler.emit.dialects.spark import SPARK
from compiler.emit.dialects.sqlite import SQLITE

DIALECTS: tuple[Dialect, ...] = (DUCKDB, MARIADB, POSTGRESQL, SPARK, SQLITE)
"""Every dialect."""


def dialect_named(name: str) -> Dialect:
    """The dialect of that short name. Raises KeyError where there is none."""
    for dialect in DIALECTS:
        if dialect.name == name:
            return dialect
    raise KeyError(name)
