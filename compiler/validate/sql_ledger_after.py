"""The view of a SQL calculator that is run which has the running totals after the claims, for the next run.

For each running total the largest of: 0 for whoever has a claim that is wrong in nothing by itself; the total with each
claim that it counts; what the ledger had. And the last of the claims that were seen, of this run and of those before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import z3
from sqlglot import expressions as exp

from compiler.domain import LEDGER_COLUMNS
from compiler.model import RunningTotal
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import after
from compiler.validate.reading import Duty
from compiler.validate.sql_file import branches_of, ledger_name, literal, quoted, require_known, statement_of
from compiler.validate.sql_ledger import is_key, is_moment, is_period
from compiler.validate.sql_place import Place, Relation, args_of, known_of, rows_counted, source_of
from compiler.validate.sql_run import evaluate
from compiler.validate.sql_select import scope_of, without_name
from compiler.validate.values import Outside, Text, Value, Whole, text_number
from compiler.verify.solve import Impossible, ask
from dsl.money import DOMAIN_TOP

TOTAL, KEY, PERIOD, AMOUNT, LAST = LEDGER_COLUMNS
STRANGE = Outside(0, "the view of the totals after the claims")


def ledger_after(
    query: exp.Query, relations: Mapping[str, Relation], known: Mapping[str, exp.Expr], place: Place
) -> None:
    """Require that the view has every running total, and that of each what it is after the claims."""
    if require_known(query, known, "of totals after the claims"):
        raise STRANGE
    branches = list(branches_of(query))
    totals = place.meant.model.running_totals
    if len(branches) != len(totals):
        raise STRANGE
    for number, branch in enumerate(branches, start=1):
        _require_total(branch, totals[:number], relations, place)


def _require_total(
    branch: exp.Select, opened: Sequence[RunningTotal], relations: Mapping[str, Relation], place: Place
) -> None:
    total, dialect = opened[-1], place.dialect
    from_ = branch.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Subquery):
        raise STRANGE
    every = list(branches_of(from_.this.this))
    outside = branch.copy()
    outside.set("with_", None)
    outside.args["from_"].this.set("this", exp.select("1"))
    if outside != statement_of(_shell(total, dialect), dialect) or len(every) != 3:
        raise STRANGE
    entered, counted, earlier = every
    if earlier != statement_of(_earlier(total, place), dialect):
        raise STRANGE
    if [one.alias_or_name for one in entered.expressions] != [KEY, PERIOD, AMOUNT, LAST]:
        raise STRANGE
    source, values = _row(entered, total, relations, place)
    place.book.duties.append(Duty(source.where != place.entered, 0, "the last claim is sought among other rows", False))
    if not (isinstance(values[2], Whole) and _is_zero(values[2]) and is_moment(values[3], total, place)):
        raise STRANGE
    source, values = _row(counted, total, relations, place)
    counting, rows = rows_counted(opened[:-1], place)
    wrong, of = z3.And(counting, source.where != rows), tuple(place.book.amounts)
    place.book.duties.append(Duty(wrong, 0, f"a total after other rows: {total.name}", True, of))
    if not (_is_total(values[2], total, place) and _is_text(values[3], "")):
        raise STRANGE


def _row(
    query: exp.Select, total: RunningTotal, relations: Mapping[str, Relation], place: Place
) -> tuple[Relation, tuple[Value, ...]]:
    """What a query gives for every row of a stage: key and period of the claim, and two more values."""
    if set(args_of(query)) != {"expressions", "from_"} or len(query.expressions) != 4:
        raise STRANGE
    source, table = source_of(query, relations, "of totals after the claims")
    scope = scope_of(source, table, relations, place, True)
    values = tuple(evaluate(without_name(one), scope) for one in query.expressions)
    if not (is_key(values[0], total, place) and is_period(values[1], total, place)):
        raise STRANGE
    return source, values


def _shell(total: RunningTotal, dialect: Dialect) -> str:
    name, key, period, amount, last = (quoted(one, dialect) for one in LEDGER_COLUMNS)
    shown = f"max(t.{amount}) AS {amount}, max(t.{last}) AS {last}"
    return (
        f"SELECT {literal(total.name, dialect)} AS {name}, t.{key}, t.{period}, {shown} FROM (SELECT 1) AS t "
        f"GROUP BY t.{key}, t.{period}"
    )


def _earlier(total: RunningTotal, place: Place) -> str:
    name, key, period, amount, last = (quoted(one, place.dialect) for one in LEDGER_COLUMNS)
    ledger = quoted(ledger_name(place.meant.model), place.dialect)
    named = f"l.{name} = {literal(total.name, place.dialect)}"
    return f"SELECT l.{key}, l.{period}, l.{amount}, l.{last} FROM {ledger} AS l WHERE {named}"


def _is_zero(value: Whole) -> bool:
    return bool(z3.is_false(value.null) and z3.eq(value.term, z3.IntVal(0)))


def _is_text(value: Value, text: str) -> bool:
    return isinstance(value, Text) and z3.is_false(value.null) and z3.eq(value.term, z3.IntVal(text_number(text)))


def _is_total(value: Value, total: RunningTotal, place: Place) -> bool:
    """Whether a value is the running total with the claim, at most one more than the most that a total can be."""
    if not isinstance(value, Whole) or not z3.is_false(value.null):
        return False
    plain, over = after(place.meant, total), DOMAIN_TOP + 1
    known = (*place.meant.valid, place.meant.before[total.name] >= 0, *known_of(place))
    return isinstance(ask((*known, value.term != z3.If(plain > over, over, plain))), Impossible)
