"""The nodes that a calculator in SQL consists of, and what may be said of each; anything else is refused unread."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import expressions as exp

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.values import Outside

_BINARY = frozenset({"this", "expression"})
_ONE = frozenset({"this"})

PARTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Mod", "IntDiv", "BitwiseOr", "And", "Or", "Is"), _BINARY),
    **dict.fromkeys(("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "Collate"), _BINARY),
    **dict.fromkeys(("Paren", "Not", "Neg", "Sum", "Where", "From", "Having", "Typeof", "Exists"), _ONE),
    **dict.fromkeys(("Year", "Month", "Day", "DayOfMonth", "TsOrDsToDate", "Boolean", "Collation"), _ONE),
    "Div": _BINARY | {"typed", "safe"},
    "HexString": _ONE | {"is_integer"},
    "Literal": _ONE | {"is_string"},
    "Null": frozenset(),
    "Star": frozenset(),
    "Var": _ONE,
    "Identifier": _ONE | {"quoted"},
    "Column": _ONE | {"table"},
    "Alias": _ONE | {"alias"},
    "TableAlias": _ONE,
    "Table": _ONE | {"alias"},
    "CTE": _ONE | {"alias", "materialized"},
    "With": frozenset({"expressions"}),
    "Select": frozenset({"with_", "expressions", "from_", "where", "group", "having", "limit", "offset"}),
    "Union": _BINARY | {"with_"},
    "Subquery": _ONE | {"alias"},
    "Coalesce": _ONE | {"expressions"},
    "Max": _ONE,
    "DPipe": _BINARY | {"safe"},
    "Group": frozenset({"expressions"}),
    "Limit": frozenset({"expression"}),
    "Offset": frozenset({"expression"}),
    "Case": frozenset({"ifs", "default"}),
    "If": _ONE | {"true"},
    "Between": frozenset({"this", "low", "high"}),
    "In": _ONE | {"expressions"},
    "Least": _ONE | {"expressions", "ignore_nulls"},
    "Greatest": _ONE | {"expressions", "ignore_nulls"},
    "Cast": _ONE | {"to"},
    "TryCast": _ONE | {"to", "safe", "requires_string"},
    "DataType": _ONE | {"nested", "kind", "expressions"},
    "DataTypeParam": _ONE,
    "Extract": _BINARY,
    "Trim": _BINARY | {"position"},
    "Substring": frozenset({"this", "start", "length"}),
    "Anonymous": _ONE | {"expressions"},
    "Concat": frozenset({"expressions", "safe", "coalesce"}),
    "Length": _ONE | {"binary", "encoding"},
    "DateDiff": _BINARY | {"unit"},
    "Count": _ONE | {"big_int"},
    "Window": frozenset({"this", "partition_by", "order", "spec", "over"}),
    "WindowSpec": frozenset({"kind", "start", "start_side", "end", "end_side"}),
    "Order": frozenset({"expressions"}),
    "Ordered": _ONE | {"nulls_first"},
    "Create": frozenset({"this", "kind", "replace", "exists", "expression", "properties"}),
    "Schema": _ONE | {"expressions"},
    "ColumnDef": frozenset({"this", "kind", "constraints"}),
    "ColumnConstraint": frozenset({"kind"}),
    "CollateColumnConstraint": _ONE,
    "CharacterSetColumnConstraint": _ONE,
    "Properties": frozenset({"expressions"}),
    "TemporaryProperty": frozenset(),
    "Drop": frozenset({"this", "kind", "exists"}),
    "Set": frozenset({"expressions"}),
    "SetItem": _ONE | {"kind"},
}
"""What may be said of each node; said in the negative (`False`, nothing) is anything."""


def require_grammar(statement: exp.Expr, dialect: Dialect) -> None:
    """Raise Outside for a node that no calculator has, or one of which something is said that none says."""
    for node in statement.walk():
        name = type(node).__name__
        said = {part for part, value in node.args.items() if value not in (None, False, [])}
        if name not in PARTS or not said <= PARTS[name]:
            text = node.sql(dialect=dialect.reader, comments=False)[:120]
            more = "" if name not in PARTS else f" with {', '.join(sorted(said - PARTS[name]))}"
            raise Outside(0, f"a part of SQL: {name}{more}: {text}")
