"""Spark SQL (3.4 or later): columns have types, but a view does not hold them fast, so the type of each is asked for.

`typeof` of a column is a constant when a query is planned. Text compares and orders by its bytes in UTF-8, unless a
column has a collation, which is part of its type. In ANSI mode, which a view keeps from when it is made, what 64 bits
cannot hold is an error; without it numbers would go round in silence. `DIV` drops the fraction towards zero. A `sum` of
BIGINT is BIGINT. Views are temporary, because others cannot read temporary views, and so no files read as one.

Spark fills in `${...}` even inside texts, and continues a comment after a backslash. Counting the peers of a row in the
window of the running total needs no shuffle and no sort of its own. Costly columns are not copied into their readers.
"""

from __future__ import annotations

from compiler.emit.dialects.dialect import Dialect, Duplicates, Fence, Ladders, NamesAlike, WordTests

SPARK = Dialect(
    name="spark",
    title="Spark SQL (3.4 or later)",
    note="Both views are temporary: they are there for the session that runs this file.",
    opening="SET spark.sql.ansi.enabled = true;",
    quote="`",
    escapes={"'": "\\'", "\\": "\\\\", "{": "\\{"},
    text_type="STRING",
    date_type="DATE",
    whole_type="BIGINT",
    read_text="{}",
    read_date="{}",
    # It is planned before the rows of a column of another type are left out.
    read_whole="TRY_CAST({} AS BIGINT)",
    is_text="typeof({}) = 'string'",
    is_date="typeof({}) = 'date'",
    is_whole="typeof({}) IN ('bigint', 'int', 'smallint', 'tinyint')",
    # Spark also has days before year 1 and after year 9999.
    calendar="{} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    date_literal="DATE '{}'",
    year="year({})",
    month="year({0}) * 12 + month({0})",
    month_and_day="month({0}) * 100 + dayofmonth({0})",
    month_and_day_form="{0}{1:02d}",
    year_number="year({})",
    total="least({0}, {1})",
    divide="DIV",
    least="least",
    greatest="greatest",
    view="CREATE OR REPLACE TEMPORARY VIEW {} AS",
    fence=Fence.NONE,
    duplicates=Duplicates.PEERS,
    ladders=Ladders.HALVED,
    word_tests=WordTests.LISTED,
    longest_name_bytes=None,
    names_alike=NamesAlike.ANY_CASE,
    taken_columns=frozenset(),
    date_text="CAST({} AS STRING)",
)
