"""The generated SQL in every engine against what people write there by hand: benefits, yearly totals, stacks of layers.

In every round an engine answers each question once. A question is the highest of a column, so that every row must be
computed and nothing but that is added up; that both forms pay the same is asked before, untimed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.by_hand import sql_case, sql_rows_to_settle, sql_slices, sql_yearly
from benchmarks.engines import ENGINES, Engine, Table, opened
from benchmarks.field.claims import drawn
from benchmarks.measure import NINGXIA, REPOSITORY, Figure, Timing, per_second, ratio, report, take_turns
from benchmarks.tables import claim_by_claim, stack
from compiler.driver import load
from compiler.emit.code import Apply, Variable
from compiler.emit.dialects import dialect_named
from compiler.emit.integer import functions
from compiler.emit.sql_code import SqlScope, sql_amount
from compiler.emit.sql_functions import raw_names
from compiler.model import Model
from dsl.source import Source
from dsl.tree import Standard
from examples.claims.generate import claims

STANDARDS = sorted((REPOSITORY / "policies" / "standards").glob("*.policy"))
LAYERS, BANDS = 4, 5

# Questions ------------------------------------------------------------------------------------------


def tables(rows: int) -> dict[str, Table]:
    """The policies that are measured, each with claims: one claim by claim, Ningxia's year, stacks of layers."""
    found = drawn(rows)
    alone = [(f"C{n:07d}", total, word) for n, (total, word) in enumerate(zip(found.totals, found.words, strict=True))]
    _, *generated = claims("ningxia", rows, 1)
    year = [(*row[:3], int(row[3].replace(".", "")), row[4]) for row in generated]
    layered = [(row[0], row[1], row[2], row[3]) for row in year]
    texts = {
        "VARCHAR": ("claim", "person", "illness"),
        "DATE": ("discharged", "day"),
        "BIGINT": ("total", "borne", "cost"),
    }
    types = {name: kind for kind, names in texts.items() for name in names}

    def columns(*names: str) -> dict[str, str]:
        return {name: types[name] for name in names}

    standards = [load(Source(path.name, path.read_text(encoding="utf-8"))).standard for path in STANDARDS]
    known = {standard.name.text: standard for standard in standards if standard is not None}
    return {
        "alone": Table(_model(claim_by_claim()), columns("claim", "total", "illness"), alone),
        "year": Table(
            _model(NINGXIA.read_text(encoding="utf-8"), known),
            columns("claim", "person", "discharged", "borne", "illness"),
            year,
        ),
        "one": Table(_model(stack(1, BANDS)), columns("claim", "person", "day", "cost"), layered),
        "four": Table(_model(stack(LAYERS, BANDS)), columns("claim", "person", "day", "cost"), layered),
    }


def _model(text: str, standards: dict[str, Standard] | None = None) -> Model:
    model = load(Source("benchmark.policy", text), standards or {}).model
    assert model is not None
    return model


def questions(engine: Engine, given: dict[str, Table]) -> dict[str, tuple[str, str]]:
    """What is asked, each as a column and where it stands."""

    def view(name: str) -> str:
        return f"{engine.quote}{given[name].model.id}{engine.quote}"

    def table(name: str) -> str:
        return f"{engine.quote}{given[name].name}{engine.quote}"

    def rules(*columns: str) -> str:
        return sql_rows_to_settle(engine.name, *columns)

    ordered = f"PARTITION BY person, {engine.year} ORDER BY discharged, claim ROWS UNBOUNDED PRECEDING"
    found = {
        "scan": ("total", table("alone")),
        "generated": ("critical_illness", view("alone")),
        "formula": (formula(engine, given["alone"].model), table("alone")),
        "case": (sql_case("total", engine.divide), table("alone")),
        "checked": (sql_case("total", engine.divide), f"{table('alone')} WHERE {rules('total', 'claim')}"),
        "slices": (sql_slices("total", engine.divide, engine.least, engine.greatest), table("alone")),
        "window": ("running", f"(SELECT sum(borne) OVER ({ordered}) AS running FROM {table('year')}) AS w"),
        "year": ("critical_illness", view("year")),
        "unchecked year": sql_yearly(table("year"), ordered, engine.divide, engine.whole),
        "year by hand": sql_yearly(
            table("year"),
            ordered,
            engine.divide,
            engine.whole,
            f"{rules('borne', 'claim', 'person')} AND discharged BETWEEN '2013-01-01' AND '2013-12-31'",
        ),
        "one": ("own_share", view("one")),
        "four": ("own_share", view("four")),
    }
    if engine.name in ("duckdb", "postgresql"):
        kind = "DECIMAL(18, 2)" if engine.name == "duckdb" else "NUMERIC(18, 2)"
        yuan = f"CAST(total * 0.01 AS {kind})"
        amount = sql_slices(yuan, "", engine.least, engine.greatest, in_yuan=True)
        found["decimal"] = (f"CAST(round({amount}, 2) AS {kind})", table("alone"))
    return found


def formula(engine: Engine, model: Model) -> str:
    """The one function of a policy as a generated view has it, over the column total: its formula, or a call of it."""
    found = functions(model)
    dialect, (function,) = dialect_named(engine.name), found
    by_name, calls = {function.name: function}, raw_names(model, found, dialect)
    scope = SqlScope(dialect, model.currency, {}, by_name, {}, {}, {}, calls)
    return sql_amount(Apply(function.name, Variable("total")), scope)


# Figures --------------------------------------------------------------------------------------------


def measured(engine: Engine) -> tuple[list[Figure], list[Held]]:
    """The rates of one engine and every comparison in it; where it is not here, one line that says so."""
    given = tables(engine.rows)
    asked = questions(engine, given)
    try:
        with opened(engine, list(given.values())) as query:
            sums = {name: query(f"SELECT sum({column}) FROM {where}")[0][0] for name, (column, where) in asked.items()}
            _require_equal(engine, sums)
            highest = {name: f"SELECT max({column}) FROM {where}" for name, (column, where) in asked.items()}
            times = take_turns({name: partial(query, text) for name, text in highest.items()}, engine.rounds)
    except (ImportError, RuntimeError, OSError) as problem:
        return [Figure(engine.name, f"not here: {problem}")], []
    rates = [
        Figure(f"{engine.name}: {what}", per_second(engine.rows, times[key]))
        for what, key in RATES.items()
        if key in times
    ]
    return rates, held(engine, times)


def _require_equal(engine: Engine, sums: dict[str, Any]) -> None:
    alone = {int(sums[name]) for name in ("generated", "formula", "case", "checked", "slices")}
    if "decimal" in sums:
        alone.add(round(sums["decimal"] * 100))
    year = {int(sums[name]) for name in ("year", "unchecked year", "year by hand")}
    if len(alone) > 1 or len(year) > 1:
        raise AssertionError(f"{engine.name}: the generated view and the forms by hand pay different sums: {sums}")


RATES = {
    "the totals read, nothing computed": "scan",
    "nested CASE by hand, nothing checked": "case",
    "nested CASE by hand, every row checked": "checked",
    "sum of slices by hand, nothing checked": "slices",
    "sum of slices by hand in decimals": "decimal",
    "**generated formula** alone, nothing checked": "formula",
    "**generated view**, every row checked": "generated",
    "yearly total, the window alone": "window",
    "yearly benefit by hand, nothing checked": "unchecked year",
    "yearly benefit by hand, every row checked, none that is there twice": "year by hand",
    "yearly benefit, **generated view**": "year",
    "a single layer, generated view": "one",
    f"a stack of {LAYERS} layers, generated view": "four",
}
"""What is said of each question."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two questions held against each other, as a speed or as a time, and what is wanted of an engine.

    by_hand what stands against the reference instead in the reason why it is missed; where there is nothing by hand
            that does more, how far the rounds of the reference lie apart
    why     that reason, with `{}` for what this came to in the same run
    """

    what: str
    reference: str
    candidate: str
    is_speed: bool
    limit: Callable[[Engine], float | None]
    by_hand: str = ""
    why: str = "the form by hand alone takes up to {} times as long in one round as in another"


COMPARISONS = (
    Comparison(
        "generated formula against nested CASE by hand: speed",
        "case",
        "formula",
        True,
        lambda engine: engine.case,
    ),
    Comparison(
        "generated formula against the sum of slices: speed",
        "slices",
        "formula",
        True,
        lambda engine: engine.slices,
        "case",
        "nested CASE by hand comes to {}",
    ),
    Comparison(
        "generated view, every row checked, against nested CASE that checks nothing: speed",
        "case",
        "generated",
        True,
        lambda engine: engine.case,
        "checked",
        "a calculator checks every row; nested CASE by hand that does so too comes to {}",
    ),
    Comparison(
        "generated view against nested CASE by hand that checks every row alike: speed",
        "checked",
        "generated",
        True,
        lambda engine: engine.case,
    ),
    Comparison(
        "generated view, every row checked, against the sum of slices that checks nothing: speed",
        "slices",
        "generated",
        True,
        lambda engine: engine.slices,
        "checked",
        "a calculator checks every row; nested CASE by hand that does so too comes to {}",
    ),
    Comparison(
        "yearly benefit of the generated view against the window alone: time",
        "window",
        "year",
        False,
        lambda engine: engine.window,
        "year by hand",
        "rows are checked, those that are there twice are left out before they are added up, and the benefit is worked "
        "out of two totals, with the claim and before it; all of that by hand takes {}",
    ),
    Comparison(f"a stack of {LAYERS} layers against a single layer: time", "one", "four", False, lambda engine: 3),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a comparison came to in one engine, and what goes into the reason why it is missed."""

    engine: Engine
    comparison: Comparison
    value: float
    by_hand: float

    @property
    def wanted(self) -> str:
        """What is wanted here; empty where nothing is."""
        limit = self.comparison.limit(self.engine)
        return "" if limit is None else f"at {'least' if self.comparison.is_speed else 'most'} {limit:g}"

    @property
    def reached(self) -> bool | None:
        """Whether that is reached; None where nothing is wanted."""
        limit = self.comparison.limit(self.engine)
        if limit is None:
            return None
        return self.value >= limit if self.comparison.is_speed else self.value <= limit

    @property
    def figure(self) -> Figure:
        """One line of its own."""
        what = f"{self.engine.name}: {self.comparison.what}"
        return Figure(what, f"{self.value:.2f}", self.wanted, self.reached, detail=True)


def held(engine: Engine, times: Mapping[str, Timing]) -> list[Held]:
    """Every comparison in one engine."""

    def value(comparison: Comparison, candidate: str) -> float:
        speed = ratio(times[comparison.reference], times[candidate])
        return speed if comparison.is_speed else 1 / speed

    def reason(comparison: Comparison) -> float:
        seconds = times[comparison.reference].seconds
        return value(comparison, comparison.by_hand) if comparison.by_hand else max(seconds) / min(seconds)

    return [Held(engine, one, value(one, one.candidate), reason(one)) for one in COMPARISONS]


def summed_up(found: Sequence[Held], engines: Sequence[Engine] = ENGINES) -> list[Figure]:
    """One line for each comparison, with all engines of which something is wanted; one that is not here misses it."""
    return [
        _summed_up(comparison, [one for one in found if one.comparison == comparison and one.wanted], engines)
        for comparison in COMPARISONS
    ]


def _summed_up(comparison: Comparison, found: Sequence[Held], engines: Sequence[Engine]) -> Figure:
    names = {engine.name for engine in engines if comparison.limit(engine) is not None}
    absent = sorted(names - {one.engine.name for one in found})
    missed = [one for one in found if not one.reached]
    why = [f"not measured: {', '.join(absent)}"] if absent else []
    if missed:
        why.insert(0, comparison.why.format(", ".join(f"{one.engine.name} {one.by_hand:.2f}" for one in missed)))
    return Figure(
        comparison.what,
        ", ".join([*(f"{one.engine.name} {one.value:.2f}" for one in found), *(f"{name} not here" for name in absent)]),
        _limits(found),
        (not missed and not absent) if names else None,
        why="; ".join(why),
    )


def _limits(found: Sequence[Held]) -> str:
    """What is wanted of each engine, those together of which the same is wanted."""
    names: dict[str, list[str]] = {}
    for one in found:
        names.setdefault(one.wanted, []).append(one.engine.name)
    if len(names) == 1:
        return f"{next(iter(names))} in each"
    return "; ".join(f"{', '.join(each)} {limit}" for limit, each in names.items())


def main() -> None:
    """One engine after another, then all of them in a line for each comparison."""
    figures, found = [], []
    for engine in ENGINES:
        rates, here = measured(engine)
        figures += [*rates, *(one.figure for one in here)]
        found += here
    report([*summed_up(found), *figures])


if __name__ == "__main__":
    main()
