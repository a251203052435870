"""MariaDB and MySQL: `DIV` drops the fraction towards zero; sums and products of whole numbers have 64 bits.

There is no function that names a type, so types are asked for in three ways, which are believed as they stand here:
`COLLATION` is `binary` for all that is no text; only for a whole number is the sum with 0.0 written as the number and
`.0`, but for zeros in front of it; only a real day comes back from its number as it was, and none is later than 9999.
Text compares by code point once it is BINARY; a longer text than 255 characters is of the wrong type. A column of whole
numbers may be UNSIGNED, and its differences then too: it is read as a signed one.
"""

from __future__ import annotations

from compiler.validate.dialects.dialect import Dialect, TypeTest
from compiler.validate.meaning import Kinds, Sort

TEXTS = frozenset({"text", "long text"})
OTHERS = frozenset({"whole number", "day", "another type"})

MARIADB = Dialect(
    name="mariadb",
    reader="mysql",
    kinds=Kinds(
        text=frozenset({"text"}), day=frozenset({"day"}), number=frozenset({"whole number"}), days_to_9999=True
    ),
    truncates="IntDiv",
    constant_bits=64,
    bare=frozenset({Sort.DAY}),
    collations=frozenset(),
    text_casts=frozenset({"CHARACTER_SET utf8mb4", "BINARY"}),
    exact_casts=frozenset({"BINARY"}),
    whole_types={"BIGINT": 64},
    columns={
        Sort.TEXT: "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        Sort.DAY: "DATE",
        Sort.NUMBER: "BIGINT",
    },
    type_tests=(
        TypeTest("COLLATION({}) <> 'binary'", TEXTS, of_null=True),
        TypeTest("COLLATION({}) = 'binary'", OTHERS, of_null=True),
        TypeTest("CHAR_LENGTH({}) <= 255", frozenset({"text"}), OTHERS),
        TypeTest(
            "TRIM(LEADING '0' FROM CONCAT({}, '.0')) = TRIM(LEADING '0' FROM {} + 0.0)",
            frozenset({"whole number"}),
            TEXTS,
        ),
        TypeTest("CONCAT({}) = CONCAT(FROM_DAYS(TO_DAYS({})))", frozenset({"day"}), TEXTS | OTHERS - {"day"}),
    ),
    before=("SET NAMES utf8mb4",),
    view="CREATE OR REPLACE VIEW {} AS",
    backslashes=True,
    fences=frozenset({"LIMIT 18446744073709551615"}),
)
