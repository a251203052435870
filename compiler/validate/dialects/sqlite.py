"""SQLite: `/` of whole numbers drops the fraction towards zero; every whole number has 64 bits, and beyond that a sum
would become a floating-point number.

Any value may stand in any column; `typeof` names the type of the value. A day is a text, and `date(x, '+0 days')` is
the same text only where it is one: of anything else, and after year 9999, it is NULL or another text.

Values of different types are never equal; any number is less than any text, any text less than any BLOB. A column may
have one turned into another before it is compared, but no number becomes the empty text, and no text a number that has
no digit in front. In a sum a text or a BLOB counts as a number. A number with a fraction part divides into one: one
more than it, divided by the largest whole number, is 0 for -1.0 only; and for every whole number that a fact can be.
"""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect, TypeTest
from compiler.validate.meaning import Kinds, Sort

SQLITE = Dialect(
    name="sqlite",
    reader="sqlite",
    kinds=Kinds(
        text=frozenset({"text"}),
        day=frozenset({"text"}),
        number=frozenset({"integer"}),
        days_are_texts=True,
        days_to_9999=True,
    ),
    null_kind="null",
    truncates="Div",
    constant_bits=64,
    bare=frozenset({Sort.NUMBER}),
    type_tests=(
        TypeTest("{} COLLATE BINARY > ''", frozenset({"text", "blob"}), but={"text": ""}),
        TypeTest("{} < x''", frozenset({"text", "integer", "real"})),
        TypeTest("{} < ''", frozenset({"integer", "real"})),
        TypeTest(
            "({} + 1) / 9223372036854775807 = 0",
            frozenset({"integer"}),
            anything=frozenset({"text", "blob"}),
            but={"real": -1},
        ),
    ),
    words_apart=True,
    groups_of_one=True,
    collations=frozenset({"BINARY"}),
    text_casts=frozenset(),
    exact_casts=frozenset(),
    whole_types={"INTEGER": 64, "INT": 64},
    columns={Sort.TEXT: "TEXT", Sort.DAY: "TEXT", Sort.NUMBER: "INTEGER"},
    drop="DROP VIEW IF EXISTS {}",
    view="CREATE VIEW {} AS",
    day_casts=frozenset({"TEXT", "VARCHAR"}),
)
