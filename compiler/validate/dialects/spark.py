"""Spark SQL in ANSI mode: `DIV` drops the fraction towards zero, a constant of up to 32 bits is INT, and what a type
cannot hold is an error. `typeof` names the type of the column, for NULL too. Text compares by its bytes in UTF-8.
"""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import Kinds, Sort

SPARK = Dialect(
    name="spark",
    reader="spark",
    kinds=Kinds(
        text=frozenset({"string"}),
        day=frozenset({"date"}),
        number=frozenset({"bigint", "int", "smallint", "tinyint"}),
    ),
    truncates="IntDiv",
    constant_bits=32,
    bare=frozenset({Sort.DAY, Sort.TEXT}),
    collations=frozenset(),
    text_casts=frozenset(),
    exact_casts=frozenset(),
    whole_types={"BIGINT": 64, "INT": 32},
    columns={Sort.TEXT: "STRING", Sort.DAY: "DATE", Sort.NUMBER: "BIGINT"},
    before=("SET spark.sql.ansi.enabled = TRUE",),
    view="CREATE OR REPLACE TEMPORARY VIEW {} AS",
    backslashes=True,
    read_anywhere=frozenset({"${"}),
    day_casts=frozenset({"TEXT"}),
)
