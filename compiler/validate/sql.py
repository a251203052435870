"""A SQL calculator as it was written -> its terms.

The text is parsed, never rewritten: sqlglot reads it in its own dialect, and from there on a node means what the
dialect's file says. Every subquery is a row of columns, and the condition under which a claim has a row in it.

A window is a cut: that `sum(x) OVER (...)` is the total before a claim and its own x is for the engine tests; here it
must have the very partition, order and frame, and run over the very rows, that make it so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot
import z3
from sqlglot import expressions as exp

from compiler.domain import DUPLICATE
from compiler.model import CLAIM_NUMBER, OWN_SHARE, CountFact, Model, MoneyFact, PeriodKind, RunningTotal
from compiler.ranges import value_ranges
from compiler.validate.bounds import Bounds
from compiler.validate.dialects import dialect_named
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.grammar import require_grammar
from compiler.validate.meaning import (
    Meaning,
    Rule,
    Sort,
    after,
    always,
    is_valid_day,
    meaning,
    period_number,
    settling_rules,
    sort_of,
    within_totals,
)
from compiler.validate.reading import Computed, Duty, Reading
from compiler.validate.sql_run import Scope, bare, evaluate, is_true, truth
from compiler.validate.values import (
    FALSE,
    SETTLED,
    TRUE,
    Day,
    Digits,
    Given,
    Nothing,
    Outside,
    Refusal,
    Text,
    Truth,
    Value,
    Whole,
    both,
    either,
    negation,
    refused_if,
    text_number,
)
from compiler.verify.solve import Impossible, ask
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class _Relation:
    """A subquery.

    columns  its columns
    where    when a claim has a row in it
    sums     of columns that hold a running total: which one
    grouped  what its rows have in common, where it is what more than one claim has in common
    """

    columns: Mapping[str, Value]
    where: z3.BoolRef
    sums: Mapping[str, RunningTotal]
    grouped: tuple[str, ...] = ()


@dataclass(slots=True)
class _Book:
    """What is noted while a text is read."""

    duties: list[Duty]
    amounts: dict[str, Computed]
    words: dict[str, z3.ArithRef]


@dataclass(frozen=True, slots=True)
class _Place:
    """What a subquery is read with."""

    meant: Meaning
    dialect: Dialect
    sorts: Mapping[str, Sort]
    bounds: Bounds
    book: _Book
    alike: Mapping[tuple[str, str], z3.ArithRef]
    valid: z3.BoolRef


def read_sql(model: Model, dialect_name: str, text: str) -> Reading:
    """The terms of a SQL calculator of a Model. Raises Outside for what no calculator has, KeyError for a dialect that
    nothing is known of."""
    dialect = dialect_named(dialect_name)
    settled, rejected = _views(text, model, dialect)
    meant = meaning(model, dialect.kinds)
    place = _place(meant, dialect)
    relations: dict[str, _Relation] = {model.id + "_claims": _claims(meant)}
    known: dict[str, exp.Expr] = {}
    for cte in _ctes(settled):
        if cte.alias in relations:
            raise Outside(0, f"two subqueries {cte.alias}")
        known[cte.alias] = cte.this
        relations[cte.alias] = _select(cte.this, relations, place, cte.alias)
    shown = _shown(settled, relations, place)
    told, refused, exactly = _rejections(rejected, relations, known, place)
    rules = tuple(_refusal_rules(place))
    of = tuple(place.book.amounts)
    settles = both([negation(rule.broken) for rule in rules])
    duties = [
        *place.book.duties,
        Duty(negation(exactly), 0, "a claim that is rejected twice, or not at all", False),
        Duty(both([shown.where, negation(place.valid)]), 0, "a claim that is settled and breaks a rule", False),
        Duty(shown.where != settles, 0, "a claim that is settled though it is refused, or neither", True, of),
    ]
    missing = [amount.name for amount in model.amounts if amount.name not in place.book.amounts]
    if missing:
        raise Outside(0, f"{missing[0]} is not computed")
    book = place.book
    for name, computed in book.amounts.items():
        book.amounts[name] = replace(computed, line=_line_of(text, name, dialect))
    return Reading(meant, told, refused, rules, False, book.words, book.amounts, tuple(duties), _counts(place))


def _line_of(text: str, column: str, dialect: Dialect) -> int:
    """The line of a text that ends what a column comes to; 0 where it cannot be told."""
    place = text.find(f" AS {_quoted(column, dialect)}")
    return 0 if place < 0 else text.count("\n", 0, place) + 1


def _counts(place: _Place) -> tuple[z3.BoolRef, ...]:
    return tuple(count >= 1 for count in place.alike.values())


def _place(meant: Meaning, dialect: Dialect) -> _Place:
    model = meant.model
    found = value_ranges(model)
    numbers = [fact for fact in model.facts if isinstance(fact, MoneyFact | CountFact)]
    ranges = {f"fact {fact.name}": (fact.lowest, fact.highest) for fact in numbers}
    ranges |= {f"amount {name}": (int(found[name].lowest), int(found[name].highest)) for name in meant.amounts}
    ranges |= {f"before {total.name}": (0, DOMAIN_TOP) for total in model.running_totals}
    sorts = {CLAIM_NUMBER: Sort.TEXT, **{fact.name: sort_of(fact) for fact in model.facts}}
    alike = {
        (total.key, total.date_fact): z3.Int(f"alike {total.key} {total.date_fact}") for total in model.running_totals
    }
    valid = both([negation(rule.broken) for rule in meant.rules])
    return _Place(meant, dialect, sorts, Bounds(ranges, {}), _Book([], {}, {}), alike, valid)


def _refusal_rules(place: _Place) -> Iterator[Rule]:
    """What may be wrong with a claim that breaks no rule of its own: it is there twice, or a total leaves its range."""
    if place.alike:
        yield Rule(either([count > 1 for count in place.alike.values()]), CLAIM_NUMBER, DUPLICATE)
    yield from settling_rules(place.meant, ledger=False)


# Statements -----------------------------------------------------------------------------------------


def _views(text: str, model: Model, dialect: Dialect) -> tuple[exp.Query, exp.Query]:
    """The queries of the two views; everything else in the file must be what stands in every file."""
    try:
        statements = [one for one in sqlglot.parse(text, read=dialect.reader) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise Outside(0, f"no SQL: {str(error).splitlines()[0]}") from None
    names = {"view": _quoted(model.id, dialect), "rejected": _quoted(f"{model.id}_rejected", dialect)}
    before = [_statement(one.format(**names), dialect) for one in dialect.before]
    queries: dict[str, exp.Query] = {}
    tables = 0
    for statement in statements:
        if any(statement == one for one in before):
            before = [one for one in before if one != statement]
            continue
        require_grammar(statement, dialect)
        match statement:
            case exp.Create(kind="TABLE", this=exp.Schema()):
                _require_table(statement, model, dialect)
                tables += 1
            case exp.Create(kind="VIEW", expression=exp.Query() as query, this=exp.Table() as view):
                head = dialect.view.format(_quoted(view.name, dialect))
                if not _same_head(statement, head, dialect) or view.name in queries:
                    raise Outside(0, f"the statement that makes the view {view.name}")
                queries[view.name] = query
            case _:
                raise Outside(0, f"a statement: {statement.sql(dialect=dialect.reader, comments=False)[:80]}")
    if before or tables != 1 or set(queries) != {model.id, f"{model.id}_rejected"}:
        raise Outside(0, "a file that does not make one table and two views")
    return queries[model.id], queries[f"{model.id}_rejected"]


def _quoted(name: str, dialect: Dialect) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect.reader)


def _statement(text: str, dialect: Dialect) -> exp.Expr:
    return sqlglot.parse_one(text, read=dialect.reader)


def _same_head(statement: exp.Create, head: str, dialect: Dialect) -> bool:
    """Whether a view is made in the way of the dialect, whatever its query is."""
    bare_ = statement.copy()
    bare_.set("expression", exp.select("1"))
    return bare_ == _statement(f"{head} SELECT 1", dialect)


def _require_table(statement: exp.Create, model: Model, dialect: Dialect) -> None:
    sorts = {CLAIM_NUMBER: Sort.TEXT, **{fact.name: sort_of(fact) for fact in model.facts}}
    columns = ", ".join(f"{_quoted(name, dialect)} {dialect.columns[sort]}" for name, sort in sorts.items())
    wanted = f"CREATE TABLE IF NOT EXISTS {_quoted(f'{model.id}_claims', dialect)} ({columns})"
    if statement != _statement(wanted, dialect):
        raise Outside(0, "another table of claims than the one for this policy")


# Queries --------------------------------------------------------------------------------------------


def _claims(meant: Meaning) -> _Relation:
    """The table of claims: every fact as it comes in."""
    return _Relation(dict(meant.given), TRUE, {})


def _ctes(query: exp.Query) -> list[exp.CTE]:
    with_ = query.args.get("with_")
    return [] if with_ is None else list(with_.expressions)


def _select(query: exp.Expr, relations: Mapping[str, _Relation], place: _Place, name: str) -> _Relation:
    if not isinstance(query, exp.Select):
        raise Outside(0, f"the subquery {name}")
    source, table = _source(query, relations, name)
    _require_fence(query, place.dialect, name)
    if query.args.get("group") is not None:
        return _grouped(query, source, table, place, name)
    settling = source.where is not TRUE
    scope = _scope(source, table, relations, place, settling)
    where = query.args.get("where")
    if where is not None:
        condition = is_true(truth(where.this, scope))
        source = _kept(source, condition, place)
        scope = replace(_scope(source, table, relations, place, True), path=source.where)
    return _projected(query, source, scope, place, name, first=not settling)


def _source(query: exp.Select, relations: Mapping[str, _Relation], name: str) -> tuple[_Relation, str]:
    from_ = query.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Table) or from_.this.name not in relations:
        raise Outside(0, f"what the subquery {name} reads")
    return relations[from_.this.name], from_.this.alias or from_.this.name


def _require_fence(query: exp.Select, dialect: Dialect, name: str) -> None:
    for clause in ("limit", "offset"):
        found = query.args.get(clause)
        if found is not None and found.sql(dialect=dialect.reader).strip() not in dialect.fences:
            raise Outside(0, f"the end of the subquery {name}")


def _scope(source: _Relation, table: str, relations: Mapping[str, _Relation], place: _Place, settling: bool) -> Scope:
    def special(node: exp.Expr, scope: Scope) -> Value:
        if isinstance(node, exp.Exists):
            return _exists(node, scope, relations, place)
        assert isinstance(node, exp.Window)
        return _window(node, scope, source, place)

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
    )


def _kept(source: _Relation, condition: z3.BoolRef, place: _Place) -> _Relation:
    """The rows for which a condition is true. A running total in its range is the plain sum from there on."""
    where = both([source.where, condition])
    if source.where is TRUE:
        place.book.duties.append(Duty(where != place.valid, 0, "rows that are taken for valid, or not, wrongly", False))
    columns = dict(source.columns)
    for column, total in source.sums.items():
        value, plain = columns[column], after(place.meant, total)
        assert isinstance(value, Whole)
        known = [*place.meant.valid, place.meant.before[total.name] >= 0, *_counts(place), condition]
        if isinstance(ask((*known, value.term != plain)), Impossible):
            columns[column] = Whole(plain, value.null, value.bits)
    return _Relation(columns, where, source.sums)


def _projected(
    query: exp.Select, source: _Relation, scope: Scope, place: _Place, name: str, *, first: bool
) -> _Relation:
    columns: dict[str, Value] = {}
    sums = dict(source.sums)
    for place_, projection in enumerate(query.expressions):
        if isinstance(projection, exp.Star):
            if place_ != 0:
                raise Outside(0, f"a star that is not the first column of {name}")
            columns.update(source.columns)
            continue
        column = projection.alias_or_name
        inner = _bare(projection)
        if column in columns:
            raise Outside(0, f"two columns {column} in {name}")
        value = bare(evaluate(inner, scope), scope)
        total = _summed(inner, scope, source, place)
        if total is not None:
            sums[column] = total
        columns[column] = _cut(column, _present(value, source, place, first), place, scope)
    return _Relation(columns, source.where, {one: total for one, total in sums.items() if one in columns})


def _bare(projection: exp.Expr) -> exp.Expr:
    """What is shown, without the name that it is given."""
    inner: exp.Expr = projection.this if isinstance(projection, exp.Alias) else projection
    return inner


def _present(value: Value, source: _Relation, place: _Place, first: bool) -> Value:
    """A value of a row that is valid; where it is shown that it is never NULL there, it is said so."""
    if not first or isinstance(value, Given | Nothing) or z3.is_false(value.null):
        return value
    if isinstance(ask((*always(place.meant), source.where, value.null)), Impossible):
        return replace(value, null=FALSE)
    return value


def _cut(column: str, value: Value, place: _Place, scope: Scope) -> Value:
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


# Windows and duplicates -----------------------------------------------------------------------------


FRAME = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
PEERS = "RANGE BETWEEN CURRENT ROW AND CURRENT ROW"


def _window(node: exp.Window, scope: Scope, source: _Relation, place: _Place) -> Value:
    spec = node.args.get("spec")
    frame = None if spec is None else spec.sql(dialect=scope.dialect.reader)
    match node.this, frame:
        case exp.Sum(this=exp.Column()), str(rows) if rows == FRAME:
            total = _total_of(node, scope, source, place)
            return Whole(after(place.meant, total))
        case exp.Count(this=exp.Star()), None | "RANGE BETWEEN CURRENT ROW AND CURRENT ROW":
            if (frame is None) != (node.args.get("order") is None):
                raise Outside(0, "the frame of a count")
            alike = [evaluate(one, scope) for one in (*node.args.get("partition_by", ()), *_order(node))]
            return Whole(place.alike[_identity(alike, source, place)])
        case _:
            raise Outside(0, f"a window: {node.sql(dialect=scope.dialect.reader, comments=False)[:160]}")


def _order(node: exp.Window) -> list[exp.Expr]:
    order = node.args.get("order")
    if order is None:
        return []
    if any(one.args.get("desc") for one in order.expressions):
        raise Outside(0, "an order from the last to the first")
    return [one.this for one in order.expressions]


def _summed(node: exp.Expr, scope: Scope, source: _Relation, place: _Place) -> RunningTotal | None:
    windows = [one for one in node.find_all(exp.Window) if isinstance(one.this, exp.Sum)]
    if not windows:
        return None
    if len(windows) > 1:
        raise Outside(0, "two running totals in one column")
    return _total_of(windows[0], scope, source, place)


def _total_of(node: exp.Window, scope: Scope, source: _Relation, place: _Place) -> RunningTotal:
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
            broken = [negation(rule.broken) for rule in _refusal_rules(place)]
            rows = both([place.valid, *broken[: 1 + len(opened)]])
            of = tuple(place.book.amounts)
            counted = both([*within_totals(meant, opened), *meant.valid])
            wrong = both([counted, source.where != rows])
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


def _identity(alike: Sequence[Value], source: _Relation, place: _Place) -> tuple[str, str]:
    """The key and the day that claims agree in, besides their number; what else follows from the day adds nothing."""
    meant = place.meant
    place.book.duties.append(Duty(source.where != place.valid, 0, "duplicates among other rows", False))
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


def _grouped(query: exp.Select, source: _Relation, table: str, place: _Place, name: str) -> _Relation:
    """What more than one claim has in common."""
    scope = _scope(source, table, {}, place, False)
    group, having = query.args["group"], query.args.get("having")
    by = [evaluate(one, scope) for one in group.expressions]
    more = _statement("SELECT 1 FROM t HAVING count(*) > 1", place.dialect).args["having"]
    names = [one.alias_or_name for one in query.expressions]
    shown = [evaluate(_bare(one), scope) for one in query.expressions]
    if having != more or query.args.get("where") is not None or set(group.args) - {"expressions"} or shown != by:
        raise Outside(0, f"the subquery {name}")
    return _Relation(dict(zip(names, shown, strict=True)), source.where, {}, _identity(by, source, place))


def _exists(node: exp.Exists, scope: Scope, relations: Mapping[str, _Relation], place: _Place) -> Truth:
    """Whether a claim agrees with another one in key, date and claim number."""
    query = node.this
    if isinstance(query, exp.Select) and set(_args(query)) == {"expressions", "from_", "where"}:
        found, table = _source(query, relations, "of duplicates")
        pairs = list(_conjuncts(query.args["where"].this))
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


def _args(node: exp.Expr) -> Iterator[str]:
    return (name for name, value in node.args.items() if value not in (None, [], False))


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.And):
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    else:
        yield node


# What comes out -------------------------------------------------------------------------------------


def _shown(query: exp.Query, relations: Mapping[str, _Relation], place: _Place) -> _Relation:
    """The settled claims: the facts, the amounts, the totals."""
    if not isinstance(query, exp.Select):
        raise Outside(0, "the view of settled claims")
    source, table = _source(query, relations, "of settled claims")
    if set(_args(query)) - {"with_", "expressions", "from_"}:
        raise Outside(0, "the view of settled claims")
    scope = _scope(source, table, relations, place, True)
    meant, model = place.meant, place.meant.model
    totals = [f"total {number}" for number, _ in enumerate(model.running_totals, 1)]
    first = [*(benefit.name for benefit in model.benefits), *(name for name in meant.amounts if name == OWN_SHARE)]
    amounts = [*first, *(name for name in meant.amounts if name not in first)]
    wanted = [CLAIM_NUMBER, *(fact.name for fact in model.facts), *amounts, *totals]
    names = [one.alias_or_name for one in query.expressions]
    if names != wanted:
        raise Outside(0, "the columns of the view of settled claims")
    for projection in query.expressions:
        name = projection.alias_or_name
        value = evaluate(_bare(projection), scope)
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


def _rejections(
    query: exp.Query, relations: Mapping[str, _Relation], known: Mapping[str, exp.Expr], place: _Place
) -> tuple[Refusal, Refusal, z3.BoolRef]:
    """How claims are told that break a rule of their own, and how others that are not settled; and when no claim is
    told twice."""
    found = dict(relations)
    for cte in _ctes(query):
        if cte.alias in known:
            if cte.this != known[cte.alias]:
                raise Outside(0, f"the subquery {cte.alias} is another one in the view of rejected claims")
            continue
        if cte.alias in found:
            raise Outside(0, f"two subqueries {cte.alias}")
        found[cte.alias] = _broken(cte.this, relations, place)
    told, refused = SETTLED, SETTLED
    own: list[z3.BoolRef] = []
    later: list[z3.BoolRef] = []
    branches = list(_branches(query))
    if [one.alias_or_name for one in branches[0].expressions] != [CLAIM_NUMBER, "field", "reason"]:
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


def _branches(query: exp.Expr) -> Iterator[exp.Select]:
    match query:
        case exp.Union(this=left, expression=right) if not query.args.get("distinct"):
            yield from _branches(left)
            yield from _branches(right)
        case exp.Select():
            yield query
        case _:
            raise Outside(0, "the view of rejected claims")


def _broken(query: exp.Expr, relations: Mapping[str, _Relation], place: _Place) -> _Relation:
    """The claims that break a rule of their own, with what tells which one."""
    if not isinstance(query, exp.Select) or set(_args(query)) - {"expressions", "from_", "where"}:
        raise Outside(0, "the subquery of claims that break a rule")
    source, table = _source(query, relations, "of claims that break a rule")
    if source.where is not TRUE:
        raise Outside(0, "what the subquery of claims that break a rule reads")
    scope = _scope(source, table, relations, place, False)
    where = query.args.get("where")
    condition = TRUE if where is None else is_true(truth(where.this, scope))
    inside = replace(scope, path=condition)
    columns = {one.alias_or_name: bare(evaluate(_bare(one), inside), inside) for one in query.expressions}
    return _Relation(columns, condition, {})


def _branch(
    query: exp.Select, relations: Mapping[str, _Relation], known: Mapping[str, exp.Expr], place: _Place
) -> tuple[z3.BoolRef, Refusal, bool]:
    """When a claim has a row in one part of the view of rejected claims, how it is told there, and whether it breaks a
    rule of its own."""
    source, table = _source(query, relations, "of rejected claims")
    if set(_args(query)) - {"with_", "expressions", "from_", "where"} or len(query.expressions) != 3:
        raise Outside(0, "a part of the view of rejected claims")
    own = query.args["from_"].this.name not in known
    scope = _scope(source, table, relations, place, not own)
    where = query.args.get("where")
    condition = both([source.where, TRUE if where is None else is_true(truth(where.this, scope))])
    number, field, reason = (evaluate(_bare(one), scope) for one in query.expressions)
    claim = place.meant.given[CLAIM_NUMBER].value
    if not (isinstance(number, Text) and z3.eq(number.term, claim)):
        raise Outside(0, "another claim number in the view of rejected claims")
    if not (isinstance(field, Text) and isinstance(reason, Text)):
        raise Outside(0, "a field or a reason that is no text")
    nothing = z3.IntVal(text_number("NULL"))
    return condition, Refusal(_or(field, nothing), _or(reason, nothing)), own


def _or(value: Text, nothing: z3.ArithRef) -> z3.ArithRef:
    return value.term if z3.is_false(value.null) else z3.If(value.null, nothing, value.term)
