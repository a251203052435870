"""SQLite: `/` of whole numbers drops the fraction towards zero; every whole number has 64 bits, and beyond that a sum
would become a floating-point number.

Any value may stand in any column; `typeof` names the type of the value. A day is a text, and `date(x, '+0 days')` is
the same text only where it is one: of anything else, and after year 9999, it is NULL or another text.
"""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect
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
    collations=frozenset({"BINARY"}),
    text_casts=frozenset(),
    exact_casts=frozenset(),
    whole_types={"INTEGER": 64, "INT": 64},
    columns={Sort.TEXT: "TEXT", Sort.DAY: "TEXT", Sort.NUMBER: "INTEGER"},
    drop="DROP VIEW IF EXISTS {}",
    view="CREATE VIEW {} AS",
    day_casts=frozenset({"TEXT", "VARCHAR"}),
)
