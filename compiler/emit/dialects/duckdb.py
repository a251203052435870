"""DuckDB: columns have types, but a view does not hold them fast, so the type of each column is asked for.

`typeof` of a column is a constant when a query is planned. `//` drops the fraction towards zero. `sum` of BIGINT is
HUGEINT. A plain CASE in the order of the steps is the fastest ladder, as each step is taken by a whole vector at once;
`IN` is slower than comparisons joined by OR, which are made once for each word of a dictionary.
"""

from __future__ import annotations

from compiler.emit.dialects.dialect import Dialect, Duplicates, Fence, Ladders, NamesAlike, WordTests

DUCKDB = Dialect(
    name="duckdb",
    title="DuckDB",
    note="",
    text_type="VARCHAR",
    date_type="DATE",
    whole_type="BIGINT",
    read_text="CAST({} AS VARCHAR) COLLATE C",
    read_date="{}",
    read_whole="CAST({} AS BIGINT)",
    is_text="typeof({}) = 'VARCHAR'",
    is_date="typeof({}) = 'DATE'",
    is_whole="typeof({}) IN ('BIGINT', 'INTEGER', 'SMALLINT', 'TINYINT', 'UINTEGER', 'USMALLINT', 'UTINYINT')",
    # DuckDB also has days before year 1, after year 9999, and infinite ones.
    calendar="{} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    date_literal="DATE '{}'",
    year="year({})",
    month="year({0}) * 12 + month({0})",
    month_and_day="month({0}) * 100 + day({0})",
    month_and_day_form="{0}{1:02d}",
    year_number="year({})",
    total="CAST(LEAST({0}, {1}) AS BIGINT)",
    divide="//",
    least="LEAST",
    greatest="GREATEST",
    view="CREATE OR REPLACE VIEW {} AS",
    fence=Fence.NONE,
    duplicates=Duplicates.GROUPED,
    ladders=Ladders.IN_A_ROW,
    word_tests=WordTests.DICTIONARY,
    longest_name_bytes=None,
    names_alike=NamesAlike.ASCII_CASE,
    taken_columns=frozenset(),
)
