"""PostgreSQL: `/` of whole numbers drops the fraction towards zero; a constant of up to 32 bits is `integer`.

Types are settled when the view is made: `COLLATE` takes texts and arrays of texts only, and of these `|| ''` a text
only, `date + 0` takes a day only, `bigint | 0` a whole number only. So no value of another type can come in. Some types
of text compare in a way of their own in any collation; the cast to `text` keeps the collation, and is a text. A day may
lie outside the years 1 to 9999, or be infinite.
"""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import Kinds, Sort

POSTGRESQL = Dialect(
    name="postgresql",
    reader="postgres",
    kinds=Kinds(text=None, day=None, number=None),
    truncates="Div",
    constant_bits=32,
    bare=frozenset(),
    collations=frozenset({"C"}),
    text_casts=frozenset({"TEXT"}),
    exact_casts=frozenset({"TEXT"}),
    cast_collated=True,
    whole_types={"BIGINT": 64, "INT": 32},
    columns={Sort.TEXT: 'TEXT COLLATE "C"', Sort.DAY: "DATE", Sort.NUMBER: "BIGINT"},
    view="CREATE OR REPLACE VIEW {} AS",
    fences=frozenset({"OFFSET 0"}),
    functions=True,
)
