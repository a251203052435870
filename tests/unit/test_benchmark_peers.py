"""What is measured against was written by hand, so it is held against the figures of the document first."""

from __future__ import annotations

import subprocess
import sys
from array import array
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from benchmarks import databases
from benchmarks.by_hand import (
    critical_illness,
    critical_illness_by_bisect,
    critical_illness_in_decimals,
    sql_case,
)
from benchmarks.engines import ENGINES, Engine
from benchmarks.field import arrays
from benchmarks.field.claims import Claims, drawn, read, write
from benchmarks.field.lines import lines
from benchmarks.measure import Figure, Timing
from benchmarks.peers import PEERS, Peer, ratios, start, stop, wrong
from benchmarks.run import BEGIN, END, PARTS, in_readme, table

YUAN = 100

PAID = [
    (6_000, "general", 0),
    (20_000, "general", 7_000),
    (50_000, "general", 22_600),
    (100_000, "general", 49_600),
    (200_000, "general", 106_600),
    (300_000, "general", 166_600),
    (400_000, "general", 229_600),
    (500_000, "general", 295_600),
    (1_000_000, "general", 645_600),
    (20_000, "listed", 7_140),
    (50_000, "listed", 23_040),
    (100_000, "listed", 50_540),
    (200_000, "listed", 109_540),
    (300_000, "listed", 171_540),
    (400_000, "listed", 236_540),
    (500_000, "listed", 304_540),
    (1_000_000, "listed", 669_540),
]


@pytest.mark.parametrize(("borne", "illness", "paid"), PAID)
def test_the_hand_written_function_pays_what_the_table_gives(borne: int, illness: str, paid: int) -> None:
    assert critical_illness(borne * YUAN, illness) == paid * YUAN


@pytest.mark.parametrize(("borne", "illness", "paid"), PAID)
def test_the_hand_written_case_pays_what_the_table_gives(borne: int, illness: str, paid: int) -> None:
    query = f"SELECT {sql_case('total')} FROM (SELECT CAST(? AS BIGINT) AS total, CAST(? AS VARCHAR) AS illness)"
    assert duckdb.execute(query, [borne * YUAN, illness]).fetchone() == (paid * YUAN,)


def test_halves_are_rounded_up() -> None:
    assert critical_illness(2_000_000 + 1, "general") == 700_001  # 0.52 fen more
    assert critical_illness(600_000 + 1, "general") == 1  # half a fen
    assert critical_illness(2_000_000 + 50, "listed") == 714_027  # 26.5 fen more


def test_figures_replace_those_that_were_there() -> None:
    readme = f"above\n{BEGIN}\n| old |\n{END}\nbelow\n"
    assert in_readme(readme, []) == f"above\n{BEGIN}\n| what | measured | wanted | |\n|---|---|---|---|\n{END}\nbelow\n"


def test_a_missed_figure_stands_below_the_table_with_its_reason() -> None:
    figures = [
        Figure("slow", "4", "at most 2", False, why="by hand it takes 3"),
        Figure("fast", "1", "at most 2", True, why="never said of what is reached"),
        Figure("counted", "7", why="nor of what nothing is wanted of"),
        Figure("duckdb: slow", "4", "at most 2", False, detail=True),
        Figure("odd", "9", "at most 2", False),
    ]
    assert table(figures)[-5:] == ["", "Missed, and why:", "", "- **slow**: by hand it takes 3", "- **odd**: not known"]
    assert table(figures[1:3])[-1] == "| counted | 7 |  |  |"
    assert "- **slow**: by hand it takes 3\n" in in_readme(f"{BEGIN}\n{END}", figures)


# Candidates that settle the same claims --------------------------------------------------------------

CLAIMS = drawn(3_000)
BY_HAND = [critical_illness(total, word) for total, word in zip(CLAIMS.totals, CLAIMS.words, strict=True)]


@pytest.mark.parametrize("form", ["searchsorted", "select", "generated", "generated_compiled", "numba_by_hand", "in_c"])
def test_every_form_for_arrays_pays_what_the_hand_written_function_does(form: str) -> None:
    candidate = getattr(arrays, form)(CLAIMS)
    assert list(candidate.in_fen(candidate.run())) == BY_HAND


def test_the_lines_that_tools_are_given_are_those_of_the_table() -> None:
    for (total, word), paid in zip(zip(CLAIMS.totals, CLAIMS.words, strict=True), BY_HAND, strict=True):
        found = [
            (ratio * total - less + 50) // 100 if ratio else 0
            for illness, lower, upper, ratio, less in lines()
            if illness == word and lower < total <= upper
        ]
        assert found == [paid]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_figures_is_a_module(part: str) -> None:
    assert find_spec(f"benchmarks.{part}") is not None


def test_claims_come_back_as_they_were_laid_out(tmp_path: Path) -> None:
    write(CLAIMS, tmp_path)
    first = read(tmp_path, 100)
    assert (list(first.totals), first.words) == (list(CLAIMS.totals[:100]), CLAIMS.words[:100])
    assert len({total > 50_000_000 for total in CLAIMS.totals}) == len(set(CLAIMS.words)) == 2


def test_a_candidate_is_a_process_that_runs_whenever_it_is_asked(tmp_path: Path) -> None:
    write(CLAIMS, tmp_path)
    peer = Peer("", "arrays", "searchsorted", 500)
    worker = start(peer, tmp_path)
    assert worker is not None
    worker.round()
    worker.round()
    stop(worker)
    assert len(worker.seconds) == 2 and all(0 < seconds < 10 for seconds in worker.seconds)
    paid = array("q")
    paid.frombytes((tmp_path / "arrays.searchsorted").read_bytes())
    assert list(paid) == BY_HAND[:500]


def test_a_tool_that_is_not_installed_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peers.HOME", tmp_path)
    assert [peer.package for peer in PEERS if peer.package] != []
    assert [start(peer, tmp_path) for peer in PEERS if peer.package] == [None] * 6


def test_a_ratio_to_a_tool_that_did_not_run_is_missed() -> None:
    timings = {f"arrays.{name}": Timing((seconds,)) for name, seconds in (("in_c", 1.0), ("generated_compiled", 4.0))}
    by_hand, openfisca, compiled = ratios({**timings, "arrays.numba_by_hand": Timing((2.0,))})
    assert (by_hand.measured, by_hand.reached) == ("not measured", False)
    assert openfisca.why == "openfisca.whole_arrays and arrays.generated could not be installed or started"
    assert (compiled.measured, compiled.reached) == ("0.25", False)
    assert compiled.why.startswith("a loop by hand that numba compiles comes to 0.50;")


def test_claims_that_are_paid_wrongly_are_counted() -> None:
    claims = Claims(array("q", [2_000_000, 5_000_000, 1]), bytes([0, 1, 0]))
    assert wrong([700_000, 2_304_000, 0], claims) == (0, 0)
    assert wrong([700_001, 2_303_966, 0], claims) == (2, 34)
    assert wrong([700_000], claims) == (0, 0)


def test_the_processes_of_other_tools_need_nothing_of_this_project() -> None:
    code = "import sys; import benchmarks.field.worker, benchmarks.field.lines; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert not {"numpy", "compiler", "dsl", "duckdb"} & set(done.stdout.split())


# Databases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["duckdb", "sqlite"])
def test_every_form_for_a_database_pays_the_same(name: str) -> None:
    (engine,) = [replace(one, rows=2_000, rounds=1) for one in ENGINES if one.name == name]
    rates, held = databases.measured(engine)
    assert len(rates) == (13 if name == "duckdb" else 12)
    assert [one.comparison for one in held] == list(databases.COMPARISONS)
    assert all(one.figure.detail and one.reached is not None and one.by_hand > 0 for one in held)


YEARLY = next(one for one in databases.COMPARISONS if one.candidate == "year")
DUCKDB, POSTGRESQL, SQLITE, MARIADB, SPARK = ENGINES


def summed_up(*found: databases.Held, engines: tuple[Engine, ...]) -> Figure:
    """The line of the yearly benefit."""
    return databases.summed_up(found, engines)[databases.COMPARISONS.index(YEARLY)]


def test_the_engines_are_summed_up_in_a_line_for_each_comparison() -> None:
    reached = databases.Held(POSTGRESQL, YEARLY, 1.1, 2.0)
    missed = databases.Held(SQLITE, YEARLY, 1.9, 1.83)
    assert summed_up(reached, missed, engines=(POSTGRESQL, SQLITE)) == Figure(
        "yearly benefit of the generated view against the window alone: time",
        "postgresql 1.10, sqlite 1.90",
        "postgresql at most 1.3; sqlite at most 1.7",
        False,
        why="rows are checked, those that are there twice are left out before they are added up, and the benefit is "
        "worked out of two totals, with the claim and before it; all of that by hand takes sqlite 1.83",
    )
    one_limit = summed_up(reached, databases.Held(DUCKDB, YEARLY, 1.3, 2.0), engines=(DUCKDB, POSTGRESQL))
    assert (one_limit.wanted, one_limit.reached, one_limit.why) == ("at most 1.3 in each", True, "")


def test_an_engine_of_which_something_is_wanted_and_that_is_not_here_misses_it() -> None:
    line = summed_up(databases.Held(DUCKDB, YEARLY, 1.1, 2.0), engines=(DUCKDB, SPARK))
    assert (line.measured, line.reached, line.why) == ("duckdb 1.10, spark not here", False, "not measured: spark")
    formula = databases.summed_up([], (MARIADB,))[0]
    assert formula.reached is None, "nothing is wanted of MariaDB against a nested CASE"


def test_four_layers_have_a_line_and_a_limit_in_every_engine() -> None:
    (layers,) = [one for one in databases.COMPARISONS if one.candidate == "four"]
    assert [layers.limit(engine) for engine in ENGINES] == [3] * 5


def test_forms_that_pay_other_sums_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    (engine,) = [replace(one, rows=100, rounds=1) for one in ENGINES if one.name == "sqlite"]
    monkeypatch.setattr(databases, "sql_case", lambda *_: "total")
    with pytest.raises(AssertionError, match="pay different sums"):
        databases.measured(engine)


def test_an_engine_that_is_not_here_is_a_line_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such server")

    engine = replace(ENGINES[0], rows=10)
    monkeypatch.setattr(databases, "opened", fail)
    assert databases.measured(engine) == ([Figure("duckdb", "not here: no such server")], [])


@pytest.mark.parametrize(("borne", "illness", "paid"), PAID)
def test_other_forms_in_python_pay_what_the_table_gives(borne: int, illness: str, paid: int) -> None:
    assert critical_illness_by_bisect(borne * YUAN, illness) == paid * YUAN
    assert critical_illness_in_decimals(Decimal(borne), illness) == paid
