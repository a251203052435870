"""What is measured against was written by hand, so it is held against the figures of the document first."""

from __future__ import annotations

import duckdb
import pytest

from benchmarks.peers import critical_illness, sql_case
from benchmarks.run import BEGIN, END, in_readme

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
