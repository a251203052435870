"""PostgreSQL (14 or later): a view is tied to the types of its columns, so they are settled when it is made.

`COLLATE` is for texts and arrays of them, `text || ''`, `date + 0` and `bigint | 0` have no form for other types (an
array, a timestamp, a numeric): a claims table with such a column stops the file there. An array of words is no word.
The type of a column is held fast once, where its range is tested: what reads a column is copied into every step of a
ladder that reads it, and rows that are handed on as they are are sorted faster. Types of text compare in ways of their
own, whatever the collation (`citext` without case, `char(n)` without blanks at the end, `name` with the first 63 bytes
of a word), so each is cast to `text`, which costs a `text` nothing. `/` drops the fraction towards zero. `sum` of
bigint is numeric.

The formula of a function in SQL takes the place of a call, unless an argument is read more than once and has more than
ten operations. Subqueries are merged into the query around them, which copies the formula of a column into each step of
a ladder that reads it; `OFFSET 0` keeps them apart, but also keeps conditions of the user's own query out. A running
total reuses the sorting of a count over the same partition.
"""

from __future__ import annotations

from compiler.emit.dialects.dialect import Dialect, Duplicates, Fence, Ladders, NamesAlike, WordTests

POSTGRESQL = Dialect(
    name="postgresql",
    title="PostgreSQL",
    note="Run it in one transaction. If a new version has other columns, drop both views before, then the functions.",
    unusual=(
        (
            "| 0::bigint",
            "`| 0::bigint`: the number as it is; a column of another type than whole numbers stops the file here.",
        ),
        ("|| '')", "`|| ''`: the text as it is; a column of another type than text, as an array, stops the file here."),
        (" + 0", "`+ 0`: the day as it is; a column of another type than days stops the file here."),
    ),
    text_type='text COLLATE "C"',
    date_type="date",
    whole_type="bigint",
    read_text='CAST({} COLLATE "C" AS text)',
    read_date="CAST({} AS date)",
    read_whole="CAST({} AS bigint)",
    is_text=None,
    is_date=None,
    is_whole=None,
    # PostgreSQL also has days before year 1, after year 9999, and infinite ones.
    calendar="{} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    hold_text="({} COLLATE \"C\" || '')",
    hold_date="{} + 0",
    hold_whole="({} | 0::bigint)",
    date_literal="DATE '{}'",
    year="CAST(extract(year FROM {}) AS integer)",
    month="CAST(extract(year FROM {0}) * 12 + extract(month FROM {0}) AS integer)",
    month_and_day="CAST(extract(month FROM {0}) * 100 + extract(day FROM {0}) AS integer)",
    month_and_day_form="{0}{1:02d}",
    year_number="CAST(extract(year FROM {}) AS integer)",
    total="CAST(LEAST({0}, {1}) AS bigint)",
    divide="/",
    least="LEAST",
    greatest="GREATEST",
    view="CREATE OR REPLACE VIEW {} AS",
    function="CREATE OR REPLACE FUNCTION {}({}) RETURNS bigint\nLANGUAGE sql IMMUTABLE PARALLEL SAFE\nRETURN {};",
    whole="CAST({} AS bigint)",
    fence=Fence.OFFSET_ZERO,
    duplicates=Duplicates.COUNTED,
    ladders=Ladders.HALVED,
    word_tests=WordTests.COMPARED,
    longest_name_bytes=63,
    names_alike=NamesAlike.SAME,
    taken_columns=frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}),
)
