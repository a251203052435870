"""Riders of a SQL calculator that is run here: a column that goes through, and a ledger of running totals.

A calculator that somebody takes away has neither. With a ledger it goes on from totals in the table `<id>_ledger`,
takes no claim that comes before what was settled then, and shows the totals after it in the view `<id>_ledger_after`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from compiler.domain import LEDGER_COLUMNS
from compiler.emit.dialects.dialect import Dialect
from compiler.emit.sql_names import literal, quoted
from compiler.model import CLAIM_NUMBER, Model, PeriodKind, RunningTotal


@dataclass(frozen=True, slots=True)
class Counted:
    """Where a running total can be seen before any claim leaves for it: the stage, and the column of the total."""

    total: RunningTotal
    stage: str
    column: str


def ledger_table(model: Model) -> str:
    """The name of the table with the totals to go on from."""
    return f"{model.id}_ledger"


def ledger_view(model: Model) -> str:
    """The name of the view with the totals after the claims."""
    return f"{model.id}_ledger_after"


def opening(total: RunningTotal, model: Model, dialect: Dialect) -> str:
    """The total that a claim of the stage `s` finds in the ledger."""
    ledger, amount = quoted(ledger_table(model), dialect), _of("l", "amount", dialect)
    return f"coalesce((SELECT max({amount}) FROM {ledger} AS l WHERE {_same(total, 's', dialect)}), 0)"


def too_early(total: RunningTotal, model: Model, dialect: Dialect) -> str:
    """Whether a claim of the stage `v` comes before the last claim that the ledger counts, or is that claim."""
    ledger, last = quoted(ledger_table(model), dialect), _of("l", "last", dialect)
    early = f"{last} >= {_moment(total, 'v', dialect)}"
    return f"EXISTS (\n  SELECT 1 FROM {ledger} AS l\n  WHERE {_same(total, 'v', dialect)} AND {early}\n)"


def totals_after(counted: Counted, entered: str, model: Model, dialect: Dialect) -> str:
    """One running total after the claims. `entered` is the stage of all claims that are wrong in nothing by themselves.

    A claim that takes the total out of its range stays in it, and a duplicate is not the last one to be seen.
    """
    total = counted.total
    name, period, moment = literal(total.name, dialect), _period(total, "v", dialect), _moment(total, "v", dialect)
    named, key, its_period, amount, last = (quoted(column, dialect) for column in LEDGER_COLUMNS)
    ledger, early, stage = (quoted(one, dialect) for one in (ledger_table(model), entered, counted.stage))
    whose = f"v.{quoted(total.key, dialect)}"
    every = "\n    UNION ALL\n    ".join(
        (
            f"SELECT {whose} AS {key}, {period} AS {its_period}, 0 AS {amount}, {moment} AS {last}\n"
            f"    FROM {early} AS v",
            f"SELECT {whose}, {period}, v.{quoted(counted.column, dialect)}, ''\n    FROM {stage} AS v",
            f"SELECT l.{key}, l.{its_period}, l.{amount}, l.{last}\n    FROM {ledger} AS l\n"
            f"    WHERE l.{named} = {name}",
        )
    )
    return (
        f"SELECT {name} AS {named}, t.{key}, t.{its_period}, max(t.{amount}) AS {amount}, max(t.{last}) AS {last}\n"
        f"FROM (\n    {every}\n) AS t\nGROUP BY t.{key}, t.{its_period}"
    )


def _of(relation: str, column: str, dialect: Dialect) -> str:
    return f"{relation}.{quoted(column, dialect)}"


def _same(total: RunningTotal, stage: str, dialect: Dialect) -> str:
    tests = (
        f"{_of('l', 'total', dialect)} = {literal(total.name, dialect)}",
        f"{_of('l', 'key', dialect)} = {_of(stage, total.key, dialect)}",
        f"{_of('l', 'period', dialect)} = {_period(total, stage, dialect)}",
    )
    return " AND ".join(tests)


def _moment(total: RunningTotal, stage: str, dialect: Dialect) -> str:
    """Date and claim number in one text, which orders claims as the policy does: a day is always ten characters."""
    day = dialect.date_text.format(f"{stage}.{quoted(total.date_fact, dialect)}")
    return f"{day} || ' ' || {stage}.{quoted(CLAIM_NUMBER, dialect)}"


def _period(total: RunningTotal, stage: str, dialect: Dialect) -> str:
    """The name of the period in which a claim lies, as `Period.name_of` gives it."""
    day = f"{stage}.{quoted(total.date_fact, dialect)}"
    text = dialect.date_text.format(day)
    match total.period.kind:
        case PeriodKind.LIFETIME:
            return "''"
        case PeriodKind.CALENDAR_YEAR:
            return f"substr({text}, 1, 4)"
        case PeriodKind.MONTH:
            return f"substr({text}, 1, 7)"
        case PeriodKind.POLICY_YEAR:
            begins = f"{total.period.month:02d}-{total.period.day:02d}"
            begun = f"CASE WHEN substr({text}, 6) >= '{begins}' THEN 0 ELSE 1 END"
            # Four digits, whatever the year.
            return f"substr(CAST(10000 + {dialect.year_number.format(day)} - {begun} AS {dialect.text_type}), 2)"
        case _:
            assert_never(total.period.kind)
