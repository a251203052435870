"""The dialects of SQL whose texts are proved: one file each, which says what its operators mean, and a line here."""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.dialects.duckdb import DUCKDB
from compiler.validate.dialects.mariadb import MARIADB
from compiler.validate.dialects.postgresql import POSTGRESQL
from compiler.validate.dialects.spark import SPARK
from compiler.validate.dialects.sqlite import SQLITE

DIALECTS: tuple[Dialect, ...] = (DUCKDB, MARIADB, POSTGRESQL, SPARK, SQLITE)


def dialect_named(name: str) -> Dialect:
    """The dialect of that name. Raises KeyError where nothing is known of it."""
    for dialect in DIALECTS:
        if dialect.name == name:
            return dialect
    raise KeyError(name)
