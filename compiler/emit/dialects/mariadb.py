"""MariaDB (10.6 or later) and MySQL (8.0 or later), in what both understand; it is tested on MariaDB.

Text: collations that both have ignore spaces at the end (`utf8mb4_bin` too), so every text becomes its bytes in UTF-8,
which compare and order by code point and keep their spaces, and comes out as text again. Sorting looks at 1,024 bytes
(`max_sort_length`), so a longer text is no text here.

Types: a view does not hold the types of its columns fast, and there is no function that names a type. `COLLATION` is
`binary` for all that is no text; only for a whole number is the sum with 0.0 written as the number and `.0` (a DECIMAL
has digits of its own, a floating-point number shows none, a day is written with dashes), but for zeros in front of it,
as under `ZEROFILL`; only a real day comes back from its number as it was (`0000-00-00` and 30 February, which some
modes let in, do not).

Numbers: whole numbers have 64 bits and their sum is exact; beyond that is an error in every mode, and so is a
difference below 0 where a column is UNSIGNED: so every number is taken as a signed one. `DIV` drops the fraction
towards zero. A subquery with a LIMIT is not merged into the query around it.
"""

from __future__ import annotations

from compiler.emit.dialects.dialect import Dialect, Duplicates, Fence, Ladders, NamesAlike, WordTests

MARIADB = Dialect(
    name="mariadb",
    title="MariaDB (10.6 or later) and MySQL (8.0 or later)",
    note="A text of more than 255 characters is of the wrong type.",
    unusual=(
        ("COLLATION(", "COLLATION is binary for all that is no text."),
        ("+ 0.0", "`+ 0.0`: a whole number, for only of one the sum with 0.0 is written as itself and .0 behind it."),
        ("FROM_DAYS", "FROM_DAYS(TO_DAYS(...)): a real day, for only that comes back as it was."),
    ),
    opening="SET NAMES utf8mb4;",
    quote="`",
    escapes={"'": "''", "\\": "\\\\"},
    text_type="VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    date_type="DATE",
    whole_type="BIGINT",
    read_text="CAST(CONVERT({} USING utf8mb4) AS BINARY)",
    read_date="{}",
    read_whole="CAST({} AS SIGNED)",
    show_text="CONVERT({} USING utf8mb4)",
    word="CAST({} AS BINARY)",
    whole="CAST({} AS SIGNED)",
    is_text="COLLATION({0}) <> 'binary' AND CHAR_LENGTH({0}) <= 255",
    is_date="COLLATION({0}) = 'binary' AND CONCAT({0}) = CONCAT(FROM_DAYS(TO_DAYS({0})))",
    is_whole="COLLATION({0}) = 'binary' AND "
    "TRIM(LEADING '0' FROM CONCAT({0}, '.0')) = TRIM(LEADING '0' FROM {0} + 0.0)",
    calendar="{} >= DATE '0001-01-01'",
    date_literal="DATE '{}'",
    year="YEAR({})",
    month="YEAR({0}) * 12 + MONTH({0})",
    month_and_day="MONTH({0}) * 100 + DAYOFMONTH({0})",
    month_and_day_form="{0}{1:02d}",
    year_number="YEAR({})",
    total="CAST(LEAST({0}, {1}) AS SIGNED)",
    divide="DIV",
    least="LEAST",
    greatest="GREATEST",
    view="CREATE OR REPLACE VIEW {} AS",
    fence=Fence.LIMIT_ALL,
    duplicates=Duplicates.PEERS,
    ladders=Ladders.HALVED,
    word_tests=WordTests.LISTED,
    longest_name_bytes=None,
    longest_name=64,
    basic_names=True,
    names_alike=NamesAlike.ANY_CASE,
    taken_columns=frozenset(),
)
