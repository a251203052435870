"""The windows of a SQL calculator, and the search for duplicates: what a claim is told about the others.

A window is a cut: that `sum(x) OVER (...)` is the total before a claim and its own x is for the engine tests; here it
must have the very partition, order and frame, and run over the very rows, that make it so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import z3
from sqlglot import expressions as exp

from compiler.model import CLAIM_NUMBER, PeriodKind, RunningTotal
from compiler.validate.meaning import (
    Meaning,
    after,
    is_valid_day,
    period_number,
)
from compiler.validate.reading import Duty
from compiler.validate.sql_place import Place, Relation, args_of, conjuncts_of, rows_counted, source_of
from compiler.validate.sql_run import evaluate
from compiler.validate.sql_scope import Scope
from compiler.validate.values import (
    Day,
    Digits,
    Outside,
    Text,
    Truth,
    Value,
    Whole,
    both,
)
from compiler.verify.solve import Impossible, ask

FRAME = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
PEERS = "RANGE BETWEEN CURRENT ROW AND CURRENT ROW"


def window(node: exp.Window, scope: Scope, source: Relation, place: Place) -> Value:
    """What a window comes to."""
    spec = node.args.get("spec")
    frame = None if spec is None else spec.sql(dialect=scope.dialect.reader)
    match node.this, frame:
        case exp.Sum(this=exp.Column()), str(rows) if rows == FRAME:
            total = _total_of(node, scope, source, place)
            with_claim = after(place.meant, total)
            # What the ledger has is added to the total of these claims.
            return Whole(with_claim - place.opening[total.name] if place.opening else with_claim)
        case exp.Count(this=exp.Star()), str() | None if frame in (None, PEERS):
            if (frame is None) != (node.args.get("order") is None):
                raise Outside(0, "the frame of a count")
            alike = [evaluate(one, scope) for one in (*node.args.get("partition_by", ()), *_order(node))]
            return Whole(place.alike[identity(alike, source, place)])
        case _:
            raise Outside(0, f"a window: {node.sql(dialect=scope.dialect.reader, comments=False)[:160]}")


def _order(node: exp.Window) -> list[exp.Expr]:
    order = node.args.get("order")
    if order is None:
        return []
    if any(one.args.get("desc") for one in order.expressions):
        raise Outside(0, "an order from the last to the first")
    return [one.this for one in order.expressions]


def summed(node: exp.Expr, scope: Scope, source: Relation, place: Place) -> RunningTotal | None:
    """The running total that an expression reads in a window, if it reads any."""
    windows = [one for one in node.find_all(exp.Window) if isinstance(one.this, exp.Sum)]
    if not windows:
        return None
    if len(windows) > 1:
        raise Outside(0, "two running totals in one column")
    return _total_of(windows[0], scope, source, place)


def _total_of(node: exp.Window, scope: Scope, source: Relation, place: Place) -> RunningTotal:
    """The running total that a window computes: of that amount, key and period, over the rows that count in it."""
    meant = place.meant
    added = evaluate(node.this.this, scope)
    order = [evaluate(one, scope) for one in _order(node)]
    by = [evaluate(one, scope) for one in node.args.get("partition_by", ())]
    opened: list[RunningTotal] = []
    for total in meant.model.running_totals:
        day, key = meant.given[total.date_fact].value, meant.given[total.key].value
        if (
            isinstance(added, Whole)
            and z3.eq(added.term, meant.amounts[total.amount])
            and _is_order(order, day, meant)
            and _is_partition(by, key, day, total, meant)
        ):
            counting, rows = rows_counted(opened, place)
            wrong, of = both([counting, source.where != rows]), tuple(place.book.amounts)
            place.book.duties.append(Duty(wrong, 0, f"a total over other rows: {total.name}", True, of))
            return total
        opened.append(total)
    raise Outside(
        0, f"a total that is none of the policy: {node.sql(dialect=scope.dialect.reader, comments=False)[:160]}"
    )


def _is_order(order: Sequence[Value], day: z3.ArithRef, meant: Meaning) -> bool:
    match order:
        case [Day(first), Text(second)]:
            return bool(z3.eq(first, day) and z3.eq(second, meant.given[CLAIM_NUMBER].value))
        case _:
            return False


def _is_partition(by: Sequence[Value], key: z3.ArithRef, day: z3.ArithRef, total: RunningTotal, meant: Meaning) -> bool:
    """Whether two claims are of one part exactly where they have the same key and fall in the same period."""
    if not by or not isinstance(by[0], Text) or not z3.eq(by[0].term, key):
        return False
    parts = [one.term for one in by[1:] if isinstance(one, Whole | Digits)]
    if len(parts) != len(by) - 1:
        return False
    if total.period.kind is PeriodKind.LIFETIME:
        return not parts
    other = z3.Int("another day")
    due = period_number(total.period, day) == period_number(total.period, other)
    same = both([part == z3.substitute(part, (day, other)) for part in parts])
    known = (is_valid_day(meant, total.date_fact, day), is_valid_day(meant, total.date_fact, other))
    return isinstance(ask((*known, same != due)), Impossible)


def identity(alike: Sequence[Value], source: Relation, place: Place) -> tuple[str, str]:
    """The key and the day that claims agree in, besides their number; what else follows from the day adds nothing."""
    meant = place.meant
    place.book.duties.append(Duty(source.where != place.entered, 0, "duplicates among other rows", False))
    terms = [one.term for one in alike if isinstance(one, Text | Day)]
    for key, date_fact in place.alike:
        wanted = [meant.given[name].value for name in (key, date_fact, CLAIM_NUMBER)]
        others = [one for one in alike if not isinstance(one, Text | Day)]
        follow = all(isinstance(one, Whole | Digits) and _only(one.term, wanted[1]) for one in others)
        if follow and len(terms) == 3 and all(any(z3.eq(term, one) for term in terms) for one in wanted):
            return key, date_fact
    raise Outside(0, "duplicates that agree in something else than key, date and claim number")


def _only(term: z3.ExprRef, day: z3.ArithRef) -> bool:
    """Whether a term speaks of nothing but a day."""
    if z3.is_const(term):
        return bool(z3.eq(term, day)) or bool(z3.is_int_value(term))
    return all(_only(child, day) for child in term.children())


def exists(node: exp.Exists, scope: Scope, relations: Mapping[str, Relation], place: Place) -> Truth:
    """Whether a claim agrees with another one in key, date and claim number."""
    query = node.this
    if isinstance(query, exp.Select) and set(args_of(query)) == {"expressions", "from_", "where"}:
        found, table = source_of(query, relations, "of duplicates")
        pairs = list(conjuncts_of(query.args["where"].this))
        if found.grouped and len(pairs) == len(found.columns) == 3 and len(set(map(str, pairs))) == 3:
            for pair in pairs:
                if not isinstance(pair, exp.EQ) or not isinstance(pair.this, exp.Column):
                    break
                other = pair.expression
                if pair.this.table != table or not isinstance(other, exp.Column) or other.table != scope.table:
                    break
                one, value = found.columns.get(pair.this.name), scope.columns.get(other.name)
                if pair.this.name != other.name or one is None or one != value:
                    break
            else:
                key, day = found.grouped
                return Truth(place.alike[key, day] > 1)
    raise Outside(0, f"a condition: {node.sql(dialect=scope.dialect.reader, comments=False)[:160]}")
