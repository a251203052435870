"""SQLite (3.35 or later): any value may stand in any column, so every value is asked for its type.

A day is ISO text; `date` with a modifier works it out anew, which shows 30 February (without one, older versions let it
pass). `/` drops the fraction towards zero. `sum` of whole numbers is one, and an error beyond 64 bits. Subqueries are
merged into the query around them, which copies the formula of a column into each step of a ladder that reads it;
`AS MATERIALIZED` keeps them apart. A GROUP BY may show any column of a group, and of a group of one row that is the
row's; its order is the one that the window needs, so rows are sorted once.

`typeof` costs as much as all else that is asked of a value, so it is asked of rejected rows only. Rows that are right
are known by the order of types: any number is less than any text, any text less than any BLOB. Whole numbers are told
from others by a quotient: divided by the largest of all, only a whole one gives 0 (-1.0 does too, but it is negative).
"""

from __future__ import annotations

from compiler.emit.dialects.dialect import Dialect, Duplicates, Fence, Ladders, NamesAlike, WordTests

SQLITE = Dialect(
    name="sqlite",
    title="SQLite",
    note="Text is compared byte by byte: the encoding of the database must be UTF-8, as it is unless set otherwise.",
    unusual=(
        (
            "< x''",
            "`< x''`: text and no BLOB, for any BLOB comes after any text. `> ''`: text and no number, nor empty.",
        ),
        ("< ''", "`< ''`: a number, for any number comes before any text."),
        (
            "9223372036854775807",
            "`(... + 1) / 9223372036854775807 = 0`: a whole number, of which `/` drops the fraction; -1.0 is below 0.",
        ),
    ),
    text_type="TEXT",
    date_type="TEXT",
    whole_type="INTEGER",
    read_text="{} COLLATE BINARY",
    read_date="{} COLLATE BINARY",
    read_whole="{}",
    is_text="typeof({}) = 'text'",
    is_date="typeof({0}) = 'text' AND {0} COLLATE BINARY = date({0}, '+0 days')",
    is_whole="typeof({}) = 'integer'",
    sure_text="{0} COLLATE BINARY > '' AND {0} < x''",
    sure_date="{0} COLLATE BINARY = date({0}, '+0 days')",
    sure_whole="{0} < '' AND ({0} + 1) / 9223372036854775807 = 0",
    words_apart=True,
    calendar="{} >= '0001-01-01'",
    date_literal="'{}'",
    year="substr({}, 1, 4)",
    month="substr({}, 1, 7)",
    month_and_day="substr({}, 6)",
    month_and_day_form="'{0:02d}-{1:02d}'",
    year_number="CAST(substr({}, 1, 4) AS INTEGER)",
    total="min({0}, {1})",
    divide="/",
    least="min",
    greatest="max",
    view="DROP VIEW IF EXISTS {0};\nCREATE VIEW {0} AS",
    whole="CAST({} AS INTEGER)",
    fence=Fence.MATERIALIZED,
    duplicates=Duplicates.WITH_TOTAL,
    ladders=Ladders.HALVED,
    word_tests=WordTests.LISTED,
    longest_name_bytes=None,
    names_alike=NamesAlike.ASCII_CASE,
    taken_columns=frozenset(),
)
