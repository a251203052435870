"""What comes out of a SQL calculator: the view of settled claims, and the view of rejected ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import z3
from sqlglot import expressions as exp

from compiler.domain import ROWS_ALIKE
from compiler.model import CLAIM_NUMBER, OWN_SHARE
from compiler.validate.meaning import (
    after,
    always,
)
from compiler.validate.sql_compare import is_true
from compiler.validate.sql_file import branches_of, require_known
from compiler.validate.sql_place import Place, Relation, args_of, source_of
from compiler.validate.sql_run import evaluate, truth
from compiler.validate.sql_scope import bare
from compiler.validate.sql_select import scope_of, select, without_name
from compiler.validate.values import (
    SETTLED,
    TRUE,
    Carried,
    Day,
    Outside,
    Refusal,
    Text,
    Value,
    Whole,
    both,
    negation,
    refused_if,
    text_number,
)
from compiler.verify.solve import Impossible, ask


def settled_view(query: exp.Query, relations: Mapping[str, Relation], place: Place) -> Relation:
    """The settled claims: the facts, the amounts, the totals."""
    if not isinstance(query, exp.Select):
        raise Outside(0, "the view of settled claims")
    source, table = source_of(query, relations, "of settled claims")
    if set(args_of(query)) - {"with_", "expressions", "from_"}:
        raise Outside(0, "the view of settled claims")
    scope = scope_of(source, table, relations, place, True)
    meant, model = place.meant, place.meant.model
    alike = [ROWS_ALIKE] if place.riders.alike else []
    totals = [f"total {number}" for number, _ in enumerate(model.running_totals, 1)]
    first = [*(benefit.name for benefit in model.benefits), *(name for name in meant.amounts if name == OWN_SHARE)]
    amounts = [*first, *(name for name in meant.amounts if name not in first)]
    wanted = [CLAIM_NUMBER, *(fact.name for fact in model.facts), *amounts, *totals, *_carried(place), *alike]
    names = [one.alias_or_name for one in query.expressions]
    if names != wanted:
        raise Outside(0, "the columns of the view of settled claims")
    for projection in query.expressions:
        name = projection.alias_or_name
        value = evaluate(without_name(projection), scope)
        if name in _carried(place):
            if value != Carried(name):
                raise Outside(0, "another row in the view of settled claims")
            continue
        if name in alike:
            _require_all_alike(value, source.where, place)
            continue
        if name in meant.amounts:
            due = meant.amounts[name]
        elif name in meant.given:
            due = meant.given[name].value
        else:
            due = after(meant, model.running_totals[totals.index(name)])
        if (
            not isinstance(value, Whole | Text | Day)
            or not z3.is_false(value.null)
            or not z3.eq(z3.simplify(value.term), z3.simplify(due))
        ):
            raise Outside(0, f"the column {name} of the view of settled claims")
    return source


def _require_all_alike(value: Value, shown: z3.BoolRef, place: Place) -> None:
    """Require that a value is how many rows agree with one, and that every row is shown with which another one agrees:
    where none is seen there is none, and the text is right."""
    counts = tuple(place.alike.values())
    if len(counts) != 1 or not isinstance(value, Whole) or not z3.eq(value.term, counts[0]):
        raise Outside(0, "how many rows agree with one")
    hidden = ask((*always(place.meant), place.entered, counts[0] > 1, negation(shown)))
    if not isinstance(hidden, Impossible):
        raise Outside(0, "a row that another one agrees with, and that is not shown")


def rejected_view(
    query: exp.Query, relations: Mapping[str, Relation], known: Mapping[str, exp.Expr], place: Place
) -> tuple[Refusal, Refusal, z3.BoolRef]:
    """How claims are told that break a rule of their own, and how others that are not settled; and when no claim is
    told twice."""
    found = dict(relations)
    for cte in require_known(query, known, "of rejected claims"):
        if cte.alias in found:
            raise Outside(0, f"two subqueries {cte.alias}")
        found[cte.alias] = _asked(cte.this, relations, place, cte.alias)
    told, refused = SETTLED, SETTLED
    own: list[z3.BoolRef] = []
    later: list[z3.BoolRef] = []
    branches = list(branches_of(query))
    if [one.alias_or_name for one in branches[0].expressions] != [CLAIM_NUMBER, "field", "reason", *_carried(place)]:
        raise Outside(0, "the columns of the view of rejected claims")
    for branch in reversed(branches):
        when, refusal, breaks = _branch(branch, found, known, place)
        if breaks:
            told = refused_if(when, refusal, told)
            own.append(when)
        else:
            refused = refused_if(when, refusal, refused)
            later.append(when)
    at_most_one = z3.PbLe([(when, 1) for when in (*own, *later)], 1) if len(own) + len(later) > 1 else TRUE
    return told, refused, at_most_one


def _carried(place: Place) -> tuple[str, ...]:
    """The column that goes along, if there is one."""
    return () if place.riders.row is None else (place.riders.row,)


def _asked(query: exp.Expr, relations: Mapping[str, Relation], place: Place, name: str) -> Relation:
    """A subquery that stands in the view of rejected claims only."""
    if isinstance(query, exp.Select) and query.args.get("group") is not None:
        return select(query, relations, place, name)
    return _broken(query, relations, place)


def _broken(query: exp.Expr, relations: Mapping[str, Relation], place: Place) -> Relation:
    """The claims that break a rule of their own, with what tells which one."""
    if not isinstance(query, exp.Select) or set(args_of(query)) - {"expressions", "from_", "where"}:
        raise Outside(0, "the subquery of claims that break a rule")
    source, table = source_of(query, relations, "of claims that break a rule")
    if source.where is not TRUE:
        raise Outside(0, "what the subquery of claims that break a rule reads")
    scope = scope_of(source, table, relations, place, False)
    where = query.args.get("where")
    condition = TRUE if where is None else is_true(truth(where.this, scope))
    inside = replace(scope, path=condition)
    columns = {one.alias_or_name: bare(evaluate(without_name(one), inside), inside) for one in query.expressions}
    return Relation(columns, condition, {})


def _branch(
    query: exp.Select, relations: Mapping[str, Relation], known: Mapping[str, exp.Expr], place: Place
) -> tuple[z3.BoolRef, Refusal, bool]:
    """When a claim has a row in one part of the view of rejected claims, how it is told there, and whether it breaks a
    rule of its own."""
    source, table = source_of(query, relations, "of rejected claims")
    carried = [Carried(name) for name in _carried(place)]
    if set(args_of(query)) - {"with_", "expressions", "from_", "where"} or len(query.expressions) != 3 + len(carried):
        raise Outside(0, "a part of the view of rejected claims")
    own = query.args["from_"].this.name not in known
    if source.grouped:
        raise Outside(0, "duplicates once each in the view of rejected claims")
    scope = scope_of(source, table, relations, place, not own)
    where = query.args.get("where")
    condition = both([source.where, TRUE if where is None else is_true(truth(where.this, scope))])
    number, field, reason, *rest = (evaluate(without_name(one), scope) for one in query.expressions)
    if rest != carried:
        raise Outside(0, "another row in the view of rejected claims")
    claim = place.meant.given[CLAIM_NUMBER].value
    if not (isinstance(number, Text) and z3.eq(number.term, claim)):
        raise Outside(0, "another claim number in the view of rejected claims")
    if not (isinstance(field, Text) and isinstance(reason, Text)):
        raise Outside(0, "a field or a reason that is no text")
    nothing = z3.IntVal(text_number("NULL"))
    return condition, Refusal(_or(field, nothing), _or(reason, nothing)), own


def _or(value: Text, nothing: z3.ArithRef) -> z3.ArithRef:
    return value.term if z3.is_false(value.null) else z3.If(value.null, nothing, value.term)
