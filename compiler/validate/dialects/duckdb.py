"""DuckDB: `//` of whole numbers drops the fraction towards zero; `/` makes a floating-point number: it is not read.

A constant of up to 32 bits is INTEGER, and a sum or product of two INTEGERs is one, with an error beyond. `sum` of
BIGINT is HUGEINT. `typeof` names the type of the column, for NULL too. The conversion to VARCHAR or BIGINT changes
nothing of a value whose type was asked for.
"""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import Kinds, Sort

DUCKDB = Dialect(
    name="duckdb",
    reader="duckdb",
    kinds=Kinds(
        text=frozenset({"VARCHAR"}),
        day=frozenset({"DATE"}),
        number=frozenset({"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"}),
    ),
    truncates="IntDiv",
    constant_bits=32,
    bare=frozenset({Sort.DAY}),
    collations=frozenset({"C"}),
    text_casts=frozenset({"TEXT"}),
    exact_casts=frozenset(),
    whole_types={"BIGINT": 64, "INT": 32},
    columns={Sort.TEXT: "TEXT", Sort.DAY: "DATE", Sort.NUMBER: "BIGINT"},
    view="CREATE OR REPLACE VIEW {} AS",
    day_casts=frozenset({"TEXT"}),
)
