"""A subquery of a SQL calculator -> its columns, and the condition under which a claim has a row in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import z3
from sqlglot import expressions as exp

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import (
    after,
    always,
)
from compiler.validate.reading import Computed, Duty
from compiler.validate.sql_compare import is_true
from compiler.validate.sql_file import statement_of
from compiler.validate.sql_ledger import early, opening, reads_ledger
from compiler.validate.sql_place import Place, Relation, known_of, source_of
from compiler.validate.sql_run import evaluate, truth
from compiler.validate.sql_scope import Scope, bare
from compiler.validate.sql_totals import exists, identity, summed, window
from compiler.validate.values import (
    FALSE,
    TRUE,
    Given,
    Nothing,
    Outside,
    Text,
    Value,
    Whole,
    both,
    either,
)
from compiler.verify.solve import Impossible, ask


def select(query: exp.Expr, relations: Mapping[str, Relation], place: Place, name: str) -> Relation:
    """The columns and rows of a subquery."""
    if not isinstance(query, exp.Select):
        raise Outside(0, f"the subquery {name}")
    source, table = source_of(query, relations, name)
    _require_fence(query, place.dialect, name)
    if query.args.get("group") is not None:
        if not query.is_star:
            return _duplicated(query, source, table, place, name)
        source = _of_groups_of_one(query, source, table, place, name)
    settling = source.where is not TRUE
    scope = scope_of(source, table, relations, place, settling)
    where = query.args.get("where")
    if where is not None:
        condition = is_true(truth(where.this, scope))
        source = _kept(source, condition, place)
        scope = replace(scope_of(source, table, relations, place, True), path=source.where)
    return _projected(query, source, scope, place, name, first=not settling)


def _require_fence(query: exp.Select, dialect: Dialect, name: str) -> None:
    for clause in ("limit", "offset"):
        found = query.args.get(clause)
        if found is not None and found.sql(dialect=dialect.reader).strip() not in dialect.fences:
            raise Outside(0, f"the end of the subquery {name}")


def scope_of(source: Relation, table: str, relations: Mapping[str, Relation], place: Place, settling: bool) -> Scope:
    """Where the expressions of a subquery stand."""

    def special(node: exp.Expr, scope: Scope) -> Value:
        if isinstance(node, exp.Exists):
            if reads_ledger(node.this, place):
                return early(node.this, scope, place)
            return exists(node, scope, relations, place)
        if isinstance(node, exp.Coalesce):
            return opening(node, scope, place)
        assert isinstance(node, exp.Window)
        return window(node, scope, source, place)

    return Scope(
        place.dialect,
        source.columns,
        table,
        place.sorts,
        place.bounds,
        source.where,
        place.book.duties,
        special,
        settling,
        tuple(place.book.amounts),
        place.functions,
        place.book.calls,
        place.book.held,
    )


def _kept(source: Relation, condition: z3.BoolRef, place: Place) -> Relation:
    """The rows for which a condition is true. A running total in its range is the plain sum from there on."""
    where = both([source.where, condition])
    if source.where is TRUE:
        place.book.duties.append(Duty(where != place.valid, 0, "rows that are taken for valid, or not, wrongly", False))
    columns = dict(source.columns)
    for column, total in source.sums.items():
        value, plain = columns[column], after(place.meant, total)
        assert isinstance(value, Whole)
        known = [*place.meant.valid, place.meant.before[total.name] >= 0, *known_of(place), condition]
        if isinstance(ask((*known, value.term != plain)), Impossible):
            columns[column] = Whole(plain, value.null, value.bits)
    return Relation(columns, where, source.sums)


def _projected(query: exp.Select, source: Relation, scope: Scope, place: Place, name: str, *, first: bool) -> Relation:
    columns: dict[str, Value] = {}
    sums = dict(source.sums)
    for place_, projection in enumerate(query.expressions):
        if isinstance(projection, exp.Star):
            if place_ != 0:
                raise Outside(0, f"a star that is not the first column of {name}")
            columns.update(source.columns)
            continue
        column = projection.alias_or_name
        inner = without_name(projection)
        if column in columns:
            raise Outside(0, f"two columns {column} in {name}")
        value = bare(evaluate(inner, scope), scope)
        total = summed(inner, scope, source, place)
        if total is not None:
            sums[column] = total
        columns[column] = _cut(column, _present(value, source, place, first), place, scope)
    return Relation(columns, source.where, {one: total for one, total in sums.items() if one in columns})


def without_name(projection: exp.Expr) -> exp.Expr:
    """What is shown, without the name that it is given."""
    inner: exp.Expr = projection.this if isinstance(projection, exp.Alias) else projection
    return inner


def _present(value: Value, source: Relation, place: Place, first: bool) -> Value:
    """A value of a row that is valid; where it is shown that it is never NULL there, it is said so."""
    if not first or isinstance(value, Given | Nothing) or z3.is_false(value.null):
        return value
    if isinstance(ask((*always(place.meant), source.where, value.null)), Impossible):
        return replace(value, null=FALSE)
    return value


def _cut(column: str, value: Value, place: Place, scope: Scope) -> Value:
    """An amount or a dated word stands for a cut as soon as it is a column."""
    meant = place.meant
    if column in meant.amounts:
        if not isinstance(value, Whole):
            raise Outside(0, f"an amount that is no whole number: {column}")
        place.book.amounts[column] = Computed(value.term, value.null, 0)
        return Whole(meant.amounts[column], FALSE, value.bits)
    if isinstance(value, Text) and column.startswith("dated "):
        for name, word in meant.dated.items():
            if isinstance(ask((*meant.valid, *meant.unbroken, either([value.null, value.term != word]))), Impossible):
                place.book.words[name] = value.term
                return Text(meant.words[name])
    if isinstance(value, Whole):
        return Whole(z3.simplify(value.term), value.null, value.bits)
    return value


def _duplicated(query: exp.Select, source: Relation, table: str, place: Place, name: str) -> Relation:
    """What more than one claim has in common."""
    by = _groups(query, source, table, place, name, "count(*) > 1")
    scope = scope_of(source, table, {}, place, False)
    names = [one.alias_or_name for one in query.expressions]
    shown = [evaluate(without_name(one), scope) for one in query.expressions]
    if shown != by:
        raise Outside(0, f"the subquery {name}")
    return Relation(dict(zip(names, shown, strict=True)), source.where, {}, identity(by, source, place))


def _of_groups_of_one(query: exp.Select, source: Relation, table: str, place: Place, name: str) -> Relation:
    """The rows of groups that have no other row, as they are: windows come after groups."""
    if not place.dialect.groups_of_one:
        raise Outside(0, f"every column of a group in {name}")
    by = _groups(query, source, table, place, name, "count(*) = 1")
    alone = place.alike[identity(by, source, place)] == 1
    return replace(source, where=both([source.where, alone]))


def _groups(query: exp.Select, source: Relation, table: str, place: Place, name: str, having: str) -> list[Value]:
    """What the rows of a group have in common, of groups of so many rows."""
    group = query.args["group"]
    wanted = statement_of(f"SELECT 1 FROM t HAVING {having}", place.dialect).args["having"]
    if query.args.get("having") != wanted or query.args.get("where") is not None or set(group.args) - {"expressions"}:
        raise Outside(0, f"the subquery {name}")
    scope = scope_of(source, table, {}, place, False)
    return [evaluate(one, scope) for one in group.expressions]
