"""The figures of the source documents, on every engine: as one claim, and as many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import Model
from tests.engines.engines import Engine, Results
from tests.policies import policy_model

ENGINES = ("python", *(dialect.name for dialect in DIALECTS))

NINGXIA = policy_model("ningxia/critical_illness_2013.policy")
JIANGNING = policy_model("jiangning/ncms_and_critical_illness.policy")

FEN = 100
YEARS = {
    20_000: {"general": 7_000, "listed": 7_140},
    50_000: {"general": 22_600, "listed": 23_040},
    100_000: {"general": 49_600, "listed": 50_540},
    500_000: {"general": 295_600, "listed": 304_540},
    1_000_000: {"general": 645_600, "listed": 669_540},
}
"""Ningxia: what a year's cost left to the person gives, in yuan."""


def _paid(results: Results, model: Model, amount: str, claims: str = "") -> int:
    """What the claims whose numbers begin so were paid, in fen."""
    place = [one.name for one in model.amounts].index(amount) + 1
    return sum(row[place] * times for row, times in results.settled.items() if row[0].startswith(claims))


@pytest.mark.parametrize("parts", [1, 7, 100])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_year_of_ningxia_pays_the_same_however_many_claims_it_comes_in(
    engine: str, parts: int, engines: dict[str, Engine]
) -> None:
    rows = [
        {
            "claim": f"{illness} {year} {n:03d}",
            "person": f"{illness} {year}",
            "discharged": date(2013, 1, 1) + timedelta(days=3 * n),
            "borne": (year * FEN * (n + 1)) // parts - (year * FEN * n) // parts,
            "illness": illness,
        }
        for year, columns in YEARS.items()
        for illness in columns
        for n in range(parts)
    ]
    results = engines[engine](NINGXIA, rows)
    for year, columns in YEARS.items():
        for illness, paid in columns.items():
            assert _paid(results, NINGXIA, "critical_illness", f"{illness} {year} ") == paid * FEN
    assert not results.rejected


@pytest.mark.parametrize("engine", ENGINES)
def test_the_worked_case_of_jiangning(engine: str, engines: dict[str, Engine]) -> None:
    row = {
        "claim": "1",
        "person": "a patient",
        "discharged": date(2013, 5, 1),
        "cost": 140_800 * FEN,
        "basic_due": 91_000 * FEN,
    }
    results = engines[engine](JIANGNING, [row])
    assert _paid(results, JIANGNING, "basic") == 91_000 * FEN
    assert _paid(results, JIANGNING, "critical_illness") == 19_380 * FEN
    assert _paid(results, JIANGNING, "own_share") == 30_420 * FEN
