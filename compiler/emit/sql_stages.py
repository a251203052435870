"""A Model as the stages of a SQL query, each a named subquery that reads the one before it.

    valid rows -> less duplicates -> amounts -> running total -> within its range -> amounts -> ...

An amount stands in the first stage where everything it reads is a column. A running total is one window; the amounts
that read it come after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from compiler.domain import BEFORE_THE_LEDGER, DUPLICATE, NO_RIDERS, ROWS_ALIKE, TOTAL_OUT_OF_RANGE, Riders
from compiler.emit.code import AmountCode, Apply, Code, Function, Variable, categories_read, walk_code
from compiler.emit.dialects.dialect import Dialect, Duplicates, Fence
from compiler.emit.sql_checks import claims_table, conditions, dated_word, read_columns
from compiler.emit.sql_code import SqlScope, TotalColumns, sql_amount
from compiler.emit.sql_effort import OPERATIONS, Column, Stage, effort, fenced
from compiler.emit.sql_functions import SqlFunction, raw_names, sql_functions
from compiler.emit.sql_ledger import Counted, opening, too_early
from compiler.emit.sql_names import quoted
from compiler.model import CLAIM_NUMBER, Accumulated, Model, PeriodKind, RunningTotal, walk
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class Leaving:
    """Rows of a stage that are not settled after all: those where `where` holds.

    asked  stages that only `where` reads, and nothing that is settled
    """

    stage: str
    source: str
    where: str
    field: str
    reason: str
    asked: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages in order, and the rows that leave on the way. The last stage has a column for every amount.

    entered    the stage of all rows that are wrong in nothing by themselves
    counted    where each running total can be seen
    functions  of the database, which the stages call
    """

    stages: tuple[Stage, ...]
    leaving: tuple[Leaving, ...]
    entered: str
    counted: tuple[Counted, ...]
    functions: tuple[SqlFunction, ...]

    def until_the_last_leave(self) -> tuple[Stage, ...]:
        """The stages up to the last one that some rows leave."""
        names = [stage.name for stage in self.stages]
        ends = max((names.index(one.stage) + 1 for one in self.leaving), default=0)
        return self.stages[:ends]


def total_columns(model: Model) -> Mapping[str, TotalColumns]:
    """The columns of each running total of the Model, by its name."""
    return {
        total.name: TotalColumns(f"total {place}", f"total {place} before")
        for place, total in enumerate(model.running_totals, start=1)
    }


def dated_columns(model: Model) -> Mapping[str, str]:
    """The column of each dated category of the Model, by its name."""
    return {fact.name: f"dated {place}" for place, fact in enumerate(model.dated, start=1)}


def pipeline(
    model: Model,
    functions: Sequence[Function],
    amounts: Sequence[AmountCode],
    dialect: Dialect,
    riders: Riders = NO_RIDERS,
) -> Pipeline:
    """The stages of a Model whose whole-number code is given."""
    bodies = (*(function.body for function in functions), *(amount.value for amount in amounts))
    entry, leaving = _entry(model, frozenset().union(*map(categories_read, bodies)), dialect, riders)
    stages = list(entry)
    counted: list[Counted] = []
    totals = {total.name: total for total in model.running_totals}
    opened: set[str] = set()
    computed = _computed_arguments(amounts)
    scope = SqlScope(
        dialect=dialect,
        currency=model.currency,
        arguments={},
        functions={function.name: function for function in functions},
        totals=total_columns(model),
        computed=computed,
        dated=dated_columns(model),
        calls=raw_names(model, functions, dialect),
    )
    waiting: list[Column] = []

    def close() -> None:
        if waiting:
            stages.append(Stage(f"s{len(stages) + 1}_amounts", "", quoted(stages[-1].name, dialect), tuple(waiting)))
            waiting.clear()

    for amount in amounts:
        for name in _totals_read(model, amount.name):
            if name not in opened:
                close()
                opened.add(name)
                if riders.ledger:
                    stages.append(_opening(totals[name], scope, stages[-1].name, len(stages), model))
                source = quoted(stages[-1].name, dialect)
                single = dialect.duplicates is Duplicates.WITH_TOTAL and has_one_identity(model) and not counted
                single = single and not riders.alike
                summed, within = _total_stages(totals[name], scope, source, len(stages), model, riders, single=single)
                if riders.alike and not counted:
                    alike = Column(ROWS_ALIKE, f"count(*) OVER {_alike(totals[name], model, dialect)}")
                    summed = replace(summed, columns=(*summed.columns, alike))
                counted.append(Counted(totals[name], summed.name, scope.totals[name].after))
                leaving = (*leaving, _over_the_top(totals[name], summed.name, scope))
                stages.extend((summed, within))
        for code in _compound_arguments(amount.value):
            column = Column(computed[code], sql_amount(code, scope), amount.line, effort(code, scope))
            if column.name not in {one.name for one in waiting} | _columns(stages):
                if _reads(code) & {one.name for one in waiting}:
                    close()
                waiting.append(column)
        needed = _reads(amount.value) | {computed[code] for code in _compound_arguments(amount.value)}
        if needed & {one.name for one in waiting}:
            close()
        value = amount.value
        waiting.append(Column(amount.name, sql_amount(value, scope), amount.line, effort(value, scope)))
    close()
    entered = entry[1].name if riders.ledger else entry[0].name
    kept_apart = tuple(stages) if dialect.fence is Fence.NONE else fenced(stages)
    return Pipeline(kept_apart, leaving, entered, tuple(counted), tuple(sql_functions(model, functions, scope)))


# Rows and duplicates --------------------------------------------------------------------------------


def _entry(
    model: Model, asked: frozenset[str], dialect: Dialect, riders: Riders
) -> tuple[tuple[Stage, ...], tuple[Leaving, ...]]:
    names = dated_columns(model)
    columns = [
        *([] if riders.row is None else [Column(riders.row, f"c.{quoted(riders.row, dialect)}")]),
        *(Column(read.name, read.expression) for read in read_columns(model, dialect)),
        *(
            Column(names[fact.name], dated_word(fact, dialect), fact.span.line)
            for fact in model.dated
            if fact.name in asked
        ),
    ]
    valid = Stage(
        "s1_valid",
        "rows that keep every rule of their own",
        f"{quoted(claims_table(model), dialect)} AS c",
        tuple(columns),
        only_these=True,
        where=conditions(model, dialect),
    )
    if not model.running_totals:
        return (valid,), ()
    entered, early = _in_order(valid, model, dialect) if riders.ledger else (valid, ())
    stages, leaving = ((entered,), ()) if riders.alike else _single(entered, model, dialect)
    return ((valid, *stages) if riders.ledger else stages), (*early, *leaving)


def _in_order(valid: Stage, model: Model, dialect: Dialect) -> tuple[Stage, tuple[Leaving, ...]]:
    tests = tuple(dict.fromkeys(too_early(total, model, dialect) for total in model.running_totals))
    source = f"{quoted(valid.name, dialect)} AS v"
    stage = Stage(
        "s1_in_order",
        "less the claims that come before what the ledger has settled",
        source,
        where=tuple(f"NOT {test}" for test in tests),
    )
    (day,) = {total.date_fact for total in model.running_totals}
    return stage, (Leaving(stage.name, source, " OR ".join(tests), day, BEFORE_THE_LEDGER),)


def _single(valid: Stage, model: Model, dialect: Dialect) -> tuple[tuple[Stage, ...], tuple[Leaving, ...]]:
    match dialect.duplicates:
        case Duplicates.WITH_TOTAL if has_one_identity(model):
            ((key, day),) = _identities(model)
            stage, found = _duplicated("duplicated", valid, key, day, dialect)
            source = f"{quoted(valid.name, dialect)} AS v"
            return (valid,), (Leaving(valid.name, source, found, CLAIM_NUMBER, DUPLICATE, (stage,)),)
        case Duplicates.GROUPED | Duplicates.WITH_TOTAL:
            return _grouped(valid, model, dialect)
        case Duplicates.COUNTED | Duplicates.PEERS:
            return _counted(valid, model, dialect)
        case _:
            assert_never(dialect.duplicates)


def _grouped(valid: Stage, model: Model, dialect: Dialect) -> tuple[tuple[Stage, ...], tuple[Leaving, ...]]:
    stages, tests = [valid], []
    for key, day in _identities(model):
        stage, found = _duplicated(f"s{len(stages) + 1}_duplicated", valid, key, day, dialect)
        stages.append(stage)
        tests.append(found)
    leaving = Leaving(
        stages[-1].name, f"{quoted(valid.name, dialect)} AS v", " OR ".join(tests), CLAIM_NUMBER, DUPLICATE
    )
    stages.append(
        Stage(
            f"s{len(stages) + 1}_single",
            "less duplicates, which no engine could order alike",
            f"{quoted(valid.name, dialect)} AS v",
            where=tuple(f"NOT {test}" for test in tests),
        )
    )
    return tuple(stages), (leaving,)


def _duplicated(name: str, valid: Stage, key: str, day: str, dialect: Dialect) -> tuple[Stage, str]:
    """The stage of what more than one row has in common, and whether a row `v` has it."""
    same = (key, day, CLAIM_NUMBER)
    listed = ", ".join(quoted(column, dialect) for column in same)
    stage = Stage(
        name,
        "what more than one row has in common",
        quoted(valid.name, dialect),
        tuple(Column(column, quoted(column, dialect)) for column in same),
        only_these=True,
        group_by=f"{listed} HAVING count(*) > 1",
    )
    matched = " AND ".join(f"d.{quoted(column, dialect)} = v.{quoted(column, dialect)}" for column in same)
    return stage, f"EXISTS (\n  SELECT 1 FROM {quoted(name, dialect)} AS d\n  WHERE {matched}\n)"


def _counted(valid: Stage, model: Model, dialect: Dialect) -> tuple[tuple[Stage, ...], tuple[Leaving, ...]]:
    counts, names = [], []
    for place, total in enumerate(_first_of_each_identity(model), start=1):
        names.append(quoted(f"alike {place}", dialect))
        counts.append(Column(f"alike {place}", f"count(*) OVER {_alike(total, model, dialect)}"))
    counted = Stage(
        "s2_counted",
        "how many rows agree in key, date and claim number",
        quoted(valid.name, dialect),
        tuple(counts),
        windowed=True,
    )
    single = Stage(
        "s3_single",
        "less duplicates, which no engine could order alike",
        quoted(counted.name, dialect),
        where=tuple(f"{name} = 1" for name in names),
    )
    many = " OR ".join(f"{name} > 1" for name in names)
    leaving = Leaving(counted.name, quoted(counted.name, dialect), many, CLAIM_NUMBER, DUPLICATE)
    return (valid, counted, single), (leaving,)


def _alike(total: RunningTotal, model: Model, dialect: Dialect) -> str:
    """The window of the claims that agree with one in what orders the claims of a running total."""
    by, order = _partition(total, model, dialect), (quoted(total.date_fact, dialect), quoted(CLAIM_NUMBER, dialect))
    if dialect.duplicates is Duplicates.COUNTED:
        return f"(PARTITION BY {', '.join(dict.fromkeys((*by, *order)))})"
    return (
        f"(\n  PARTITION BY {', '.join(by)}\n  ORDER BY {', '.join(order)}\n"
        "  RANGE BETWEEN CURRENT ROW AND CURRENT ROW\n)"
    )


def _identities(model: Model) -> tuple[tuple[str, str], ...]:
    """What orders the claims of each running total besides the claim number: key and date, once each."""
    return tuple(dict.fromkeys((total.key, total.date_fact) for total in model.running_totals))


def has_one_identity(model: Model) -> bool:
    """Whether one search finds the duplicates of every running total."""
    return len(_identities(model)) == 1


def _first_of_each_identity(model: Model) -> tuple[RunningTotal, ...]:
    found: dict[tuple[str, str], RunningTotal] = {}
    for total in model.running_totals:
        found.setdefault((total.key, total.date_fact), total)
    return tuple(found.values())


# Running totals -------------------------------------------------------------------------------------


def _opening(total: RunningTotal, scope: SqlScope, source: str, so_far: int, model: Model) -> Stage:
    found = opening(total, model, scope.dialect)
    column = Column(_opening_column(total, scope), found)
    return Stage(f"s{so_far + 1}_opening", "what the ledger has", f"{quoted(source, scope.dialect)} AS s", (column,))


def _opening_column(total: RunningTotal, scope: SqlScope) -> str:
    return f"{scope.totals[total.name].after} opening"


def _total_stages(
    total: RunningTotal,
    scope: SqlScope,
    source: str,
    so_far: int,
    model: Model,
    riders: Riders,
    *,
    single: bool,
) -> tuple[Stage, Stage]:
    """The stage of a running total, less duplicates where `single`; and that of claims that keep it in its range."""
    columns, dialect = scope.totals[total.name], scope.dialect
    by, order = _partition(total, model, dialect), (quoted(total.date_fact, dialect), quoted(CLAIM_NUMBER, dialect))
    window = f"(\n  PARTITION BY {', '.join(by)}\n  ORDER BY {', '.join(order)}\n  ROWS UNBOUNDED PRECEDING\n)"
    begun = f" + {quoted(_opening_column(total, scope), dialect)}" if riders.ledger else ""
    summed = dialect.total.format(f"sum({quoted(total.amount, dialect)}) OVER {window}{begun}", DOMAIN_TOP + 1)
    first = Stage(
        f"s{so_far + 1}_total",
        f"{total.name}, this claim included{', less duplicates' if single else ''}",
        source,
        (Column(columns.after, summed, total.span.line),),
        group_by=f"{', '.join((*by, *order))} HAVING count(*) = 1" if single else "",
        windowed=True,
    )
    before = f"{quoted(columns.after, dialect)} - {quoted(total.amount, dialect)}"
    # What is reckoned of a row that is not alone is of no use, but that it is not alone must be seen.
    again = f" OR {quoted(ROWS_ALIKE, dialect)} > 1" if riders.alike else ""
    second = Stage(
        f"s{so_far + 2}_within",
        "less the claims that take the total out of its range, and what it was before each claim",
        quoted(first.name, dialect),
        (Column(columns.before, before, effort=Counter((columns.after, total.amount, OPERATIONS))),),
        where=(f"{quoted(columns.after, dialect)} <= {DOMAIN_TOP}{again}",),
    )
    return first, second


def _partition(total: RunningTotal, model: Model, dialect: Dialect) -> tuple[str, ...]:
    key, day = quoted(total.key, dialect), quoted(total.date_fact, dialect)
    if _in_one_period(total, model):
        return (key,)
    match total.period.kind:
        case PeriodKind.LIFETIME:
            return (key,)
        case PeriodKind.CALENDAR_YEAR:
            return (key, dialect.year.format(day))
        case PeriodKind.MONTH:
            return (key, dialect.month.format(day))
        case PeriodKind.POLICY_YEAR:
            begins = dialect.month_and_day_form.format(total.period.month, total.period.day)
            begun = f"{dialect.month_and_day.format(day)} >= {begins}"
            return (key, f"{dialect.year_number.format(day)} - CASE WHEN {begun} THEN 0 ELSE 1 END")
        case _:
            assert_never(total.period.kind)


def _in_one_period(total: RunningTotal, model: Model) -> bool:
    """Whether all valid rows are of one period, so that nothing need be parted by it."""
    days = model.in_force
    if days is None or days.by != total.date_fact or days.last is None:
        return False
    return total.period.name_of(days.first) == total.period.name_of(days.last)


def _over_the_top(total: RunningTotal, stage: str, scope: SqlScope) -> Leaving:
    dialect = scope.dialect
    where = f"{quoted(scope.totals[total.name].after, dialect)} > {DOMAIN_TOP}"
    return Leaving(stage, quoted(stage, dialect), where, total.amount, TOTAL_OUT_OF_RANGE)


def _totals_read(model: Model, amount: str) -> tuple[str, ...]:
    nodes = walk(model.amount(amount).expression)
    return tuple(dict.fromkeys(node.total.name for node in nodes if isinstance(node, Accumulated)))


# Amounts --------------------------------------------------------------------------------------------


def _compound_arguments(code: Code) -> Iterator[Code]:
    """The arguments of functions that are more than a variable: a ladder mentions its argument at every step."""
    for node in walk_code(code):
        if isinstance(node, Apply) and not isinstance(node.argument, Variable):
            yield node.argument


def _computed_arguments(amounts: Sequence[AmountCode]) -> Mapping[Code, str]:
    arguments = dict.fromkeys(code for amount in amounts for code in _compound_arguments(amount.value))
    return {code: f"argument {place}" for place, code in enumerate(arguments, start=1)}


def _reads(code: Code) -> set[str]:
    return {node.name for node in walk_code(code) if isinstance(node, Variable)}


def _columns(stages: Sequence[Stage]) -> set[str]:
    return {column.name for stage in stages for column in stage.columns}
