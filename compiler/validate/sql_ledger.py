"""What a claim of a SQL calculator that is run finds in the ledger of an earlier run.

Two cuts for each running total: `opening`, the total that stands in the ledger for the claim, 0 where none does; and
`early`, that the ledger has seen a claim which comes not before this one. Each must be asked for by the very name, key
and period of the running total.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3
from sqlglot import expressions as exp

from compiler.domain import LEDGER_COLUMNS
from compiler.model import CLAIM_NUMBER, PeriodKind, RunningTotal
from compiler.validate.meaning import is_valid_day, period_number
from compiler.validate.sql_file import ledger_name
from compiler.validate.sql_place import Place, args_of, conjuncts_of
from compiler.validate.sql_run import evaluate
from compiler.validate.sql_scope import MONTH, YEAR, Scope
from compiler.validate.values import Digits, Moment, Outside, Text, Truth, Value, Whole, text_number
from compiler.verify.solve import Impossible, ask

TOTAL, KEY, PERIOD, AMOUNT, LAST = LEDGER_COLUMNS


def reads_ledger(query: exp.Expr, place: Place) -> bool:
    """Whether a query reads the ledger, and nothing else."""
    from_ = query.args.get("from_")
    table = None if from_ is None else from_.this
    return place.riders.ledger and isinstance(table, exp.Table) and table.name == ledger_name(place.meant.model)


def early(query: exp.Expr, scope: Scope, place: Place) -> Truth:
    """Whether the ledger has seen a claim of the same key and period that comes not before this one."""
    wanted = {TOTAL: exp.EQ, KEY: exp.EQ, PERIOD: exp.EQ, LAST: exp.GTE}
    total, found = _entry(query, wanted, scope, place)
    if not is_moment(found[LAST], total, place):
        raise Outside(0, "a moment in the ledger that is not the claim's")
    return Truth(place.early[total.name])


def opening(node: exp.Coalesce, scope: Scope, place: Place) -> Whole:
    """The total that a claim finds in the ledger: `coalesce((SELECT max(amount) ...), 0)`."""
    match node:
        case exp.Coalesce(this=exp.Subquery() as inner, expressions=[exp.Literal(this="0", is_string=False)]) if set(
            args_of(inner)
        ) == {"this"} and reads_ledger(inner.this, place):
            query = inner.this
            total, _ = _entry(query, {TOTAL: exp.EQ, KEY: exp.EQ, PERIOD: exp.EQ}, scope, place)
            match query.expressions:
                case [exp.Max(this=exp.Column() as column)] if _is_of(column, query, AMOUNT):
                    return Whole(place.opening[total.name])
                case _:
                    pass
        case _:
            pass
    raise Outside(0, f"a total to go on from: {node.sql(dialect=scope.dialect.reader, comments=False)[:160]}")


def _is_of(column: exp.Column, query: exp.Expr, name: str) -> bool:
    table: str = query.args["from_"].this.alias
    return bool(column.name == name and column.table == table and table)


def _entry(
    query: exp.Expr, wanted: Mapping[str, type[exp.Expr]], scope: Scope, place: Place
) -> tuple[RunningTotal, dict[str, Value]]:
    """The running total whose entry for a claim a query finds, and what the columns of the ledger are compared with."""
    strange = Outside(0, f"a query of the ledger: {query.sql(dialect=scope.dialect.reader, comments=False)[:160]}")
    if set(args_of(query)) != {"expressions", "from_", "where"} or query.args["from_"].this.alias == scope.table:
        raise strange
    found: dict[str, Value] = {}
    for test in conjuncts_of(query.args["where"].this):
        column, other = test.args.get("this"), test.args.get("expression")
        if not isinstance(column, exp.Column) or not isinstance(other, exp.Expr) or column.name in found:
            raise strange
        # A name without a table would be that of the ledger, where it has such a column.
        named = all(one.table == scope.table for one in other.find_all(exp.Column))
        if type(test) is not wanted.get(column.name) or not _is_of(column, query, column.name) or not named:
            raise strange
        found[column.name] = evaluate(other, scope)
    if set(found) != set(wanted):
        raise strange
    for total in place.meant.model.running_totals:
        name = found[TOTAL]
        if isinstance(name, Text) and z3.eq(name.term, z3.IntVal(text_number(total.name))):
            if is_key(found[KEY], total, place) and is_period(found[PERIOD], total, place):
                return total, found
    raise strange


def is_key(value: Value, total: RunningTotal, place: Place) -> bool:
    """Whether a value is whose total it is."""
    return isinstance(value, Text) and z3.is_false(value.null) and z3.eq(value.term, place.meant.given[total.key].value)


def is_period(value: Value, total: RunningTotal, place: Place) -> bool:
    """Whether a value is the name of the period in which a claim lies, as `Period.name_of` gives it."""
    meant, day = place.meant, place.meant.given[total.date_fact].value
    match value:
        case Text(term, null) if total.period.kind is PeriodKind.LIFETIME:
            return bool(z3.is_false(null) and z3.eq(term, z3.IntVal(text_number(""))))
        case Digits(number, null, form) if form == (MONTH if total.period.kind is PeriodKind.MONTH else YEAR):
            wrong = z3.Or(null, number != period_number(total.period, day))
            known = is_valid_day(meant, total.date_fact, day)
            return total.period.kind is not PeriodKind.LIFETIME and isinstance(ask((known, wrong)), Impossible)
        case _:
            return False


def is_moment(value: Value, total: RunningTotal, place: Place) -> bool:
    """Whether a value is date and number of a claim in one text."""
    given = place.meant.given
    match value:
        case Moment(day, claim, null):
            same = z3.eq(day, given[total.date_fact].value) and z3.eq(claim, given[CLAIM_NUMBER].value)
            return bool(z3.is_false(null) and same)
        case _:
            return False
