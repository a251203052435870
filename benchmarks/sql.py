"""The generated DuckDB calculator against what an expert would write by hand: the table alone, and whole claims.

In memory, so that no file is timed; a sum of the payments is asked for, so that no output is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import duckdb

from benchmarks.by_hand import sql_case
from benchmarks.measure import REPOSITORY, Figure, per_second, ratio, report, take_turns
from benchmarks.scalar import year_totals
from compiler.driver import load
from compiler.emit.dialects.duckdb import DUCKDB
from compiler.emit.integer import functions
from compiler.emit.sql_code import SqlScope, sql_amount
from dsl.source import Source
from examples.claims.generate import as_text, claims

ROWS = 1_000_000
ROUNDS = 15
POLICY = REPOSITORY / "policies" / "ningxia" / "critical_illness_2013.policy"
STANDARDS = sorted((REPOSITORY / "policies" / "standards").glob("*.policy"))
GENERATED = REPOSITORY / "generated" / "sql" / "duckdb" / "ningxia_critical_illness_2013.sql"
CLAIMS = '"ningxia_critical_illness_2013_claims"'
VIEW = '"ningxia_critical_illness_2013"'

TOTAL = "sum(borne) OVER (PARTITION BY person, year(discharged) ORDER BY discharged, claim ROWS UNBOUNDED PRECEDING)"


def generated_case() -> str:
    """The function of a year's total as the generated file prints it, over the columns total and illness."""
    standards = [load(Source(path.name, path.read_text(encoding="utf-8"))).standard for path in STANDARDS]
    known = {standard.name.text: standard for standard in standards if standard is not None}
    model = load(Source(POLICY.name, POLICY.read_text(encoding="utf-8")), known).model
    assert model is not None
    (function,) = functions(model)
    scope = SqlScope(DUCKDB, model.currency, {function.argument: '"total"'}, {}, {}, {}, {})
    return sql_amount(function.body, scope)


def hand_written() -> str:
    """Whole claims by hand: a window, and the table of the total with a claim less that of the total before it.

    It trusts its rows: nothing is checked, and nothing is looked for twice.
    """
    totals = f"SELECT claim, illness, borne, {TOTAL} AS total FROM {CLAIMS}"
    both = f"SELECT claim, illness, total, total - borne AS before FROM ({totals})"
    return f"SELECT claim, {sql_case('total')} - {sql_case('before')} AS critical_illness FROM ({both})"


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Lay out the claims that the generated file reads, in whole fen, and a table of a year's totals."""
    connection.execute(GENERATED.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "claims.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(as_text(claims("ningxia", ROWS, 1)))
        connection.execute(
            f"INSERT INTO {CLAIMS} BY NAME SELECT claim, person, CAST(discharged AS DATE) AS discharged,"
            " CAST(replace(borne, '.', '') AS BIGINT) AS borne, illness FROM read_csv(?, all_varchar = true)",
            [str(file)],
        )
        totals = Path(folder) / "totals.csv"
        with totals.open("w", encoding="utf-8") as out:
            out.write("total,illness\n")
            out.writelines(f"{total},{illness}\n" for total, illness in year_totals(Random(2013), ROWS))
        connection.execute(
            "CREATE TABLE totals AS SELECT * FROM read_csv(?, columns = {'total': 'BIGINT', 'illness': 'VARCHAR'})",
            [str(totals)],
        )


def main() -> None:
    """Check that both pay the same, then time them."""
    connection = duckdb.connect()
    fill(connection)

    def asking(query: str) -> Callable[[], object]:
        return lambda: connection.execute(query).fetchall()

    queries = {
        "scan": "SELECT sum(total) FROM totals",
        "case generated": f"SELECT sum({generated_case()}\n) FROM totals",
        "case by hand": f"SELECT sum({sql_case('total')}) FROM totals",
        "window": f"SELECT sum(total) FROM (SELECT {TOTAL} AS total FROM {CLAIMS})",
        "claims generated": f"SELECT sum(critical_illness) FROM {VIEW}",
        "claims by hand": f"SELECT sum(critical_illness) FROM ({hand_written()})",
    }
    for part in ("case", "claims"):
        if asking(queries[f"{part} generated"])() != asking(queries[f"{part} by hand"])():
            raise AssertionError(f"the generated {part} and the one written by hand pay different sums")
    timings = take_turns({name: asking(query) for name, query in queries.items()}, ROUNDS)
    table = ratio(timings["case by hand"], timings["case generated"])
    whole = ratio(timings["claims by hand"], timings["claims generated"])
    window = ratio(timings["window"], timings["claims generated"])
    report(
        (
            Figure("totals read and added up", per_second(ROWS, timings["scan"])),
            Figure("a year's total by the hand-written nested CASE", per_second(ROWS, timings["case by hand"])),
            Figure("a year's total by the generated CASE", per_second(ROWS, timings["case generated"])),
            Figure(
                "generated DuckDB SQL against hand-written nested CASE: speed",
                f"{table:.3f}",
                "at least 0.95",
                table >= 0.95,
            ),
            Figure("whole claims: the window alone", per_second(ROWS, timings["window"])),
            Figure("whole claims by hand, rows trusted", per_second(ROWS, timings["claims by hand"])),
            Figure(
                "whole claims by the generated view, every row checked", per_second(ROWS, timings["claims generated"])
            ),
            Figure("generated view against hand-written query that checks nothing: speed", f"{whole:.3f}"),
            Figure("generated view against the window alone: speed", f"{window:.3f}"),
        )
    )


if __name__ == "__main__":
    main()
