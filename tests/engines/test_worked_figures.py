"""The figures of the source documents, on every engine: as one claim, and as many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import CLAIM_NUMBER, Model
from compiler.versions import merged
from tests.engines.engines import Engine, Results
from tests.policies import chosen, model_of, policy_model
from tests.worked_figures import ROOT, WORKED, model_of_worked, years_of

ENGINES = ("python", "numpy", *(dialect.name for dialect in DIALECTS))

NINGXIA = policy_model("ningxia/critical_illness_2013.policy")

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


@pytest.mark.parametrize("file", sorted({worked.file for worked in WORKED}))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_worked_figure(engine: str, file: str, engines: dict[str, Engine]) -> None:
    entries = [worked for worked in WORKED if worked.file == file]
    model = model_of_worked(entries[0])
    years = [year for worked in entries for year in years_of(worked, model)]
    results = engines[engine](model, [claim for year in years for claim in year.claims])
    assert not results.rejected
    names = [amount.name for amount in model.amounts]
    paid = {number: dict(zip(names, amounts, strict=True)) for number, *amounts in results.settled}
    for year in years:
        for claim, wanted in zip(year.claims, year.wanted, strict=True):
            given = paid[claim[CLAIM_NUMBER]]
            assert {name: given[name] for name in wanted} == wanted


GUIZHOU = [
    ("G1", "Zhang", date(2013, 9, 20), date(2013, 10, 2), 15_000, 11_000, 0),
    ("G2", "Zhang", date(2013, 12, 5), date(2013, 12, 12), 20_000, 14_000, 2_000),  # (10,000 - 6,000) x 50%
    ("G3", "Zhang", date(2013, 12, 20), date(2014, 1, 10), 20_000, 14_000, 0),  # the next year begins anew
    ("G4", "Zhang", date(2014, 3, 1), date(2014, 3, 9), 14_000, 10_000, 1_100),  # (10,000 - 8,000) x 55%
    ("G5", "Wang", date(2013, 12, 20), date(2013, 12, 31), 20_000, 10_000, 2_000),
    ("G6", "Zhao", date(2013, 12, 20), date(2014, 1, 1), 20_000, 10_000, 1_100),  # the same stay, a day longer
    ("G7", "Wu", date(2013, 10, 1), date(2014, 2, 1), 200_000, 140_000, 29_600),
    ("G8", "Wu", date(2013, 8, 1), date(2013, 8, 31), 50_000, 20_000, None),  # before the first version
    ("G9", "Wu", date(2014, 12, 28), date(2015, 1, 3), 50_000, 20_000, None),  # after the last one
]
"""Stays in yuan, and what critical illness insurance pays for each. Claims of two versions, two of which have none."""


def _guizhou() -> Model:
    folder = ROOT / "examples" / "assumed" / "guizhou"
    return merged([model_of(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.policy"))])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stay_across_the_years_follows_the_day_of_discharge(engine: str, engines: dict[str, Engine]) -> None:
    names = ("claim", "person", "admitted", "discharged", "cost", "basic_due")
    rows = [
        dict(zip(names, (*words, cost * FEN, due * FEN), strict=True)) for *words, cost, due, _ in reversed(GUIZHOU)
    ]
    model = _guizhou()
    results = engines[engine](model, rows)
    place = [one.name for one in model.amounts].index("critical_illness") + 1
    assert {row[0]: row[place] for row in results.settled} == {
        number: paid * FEN for number, *_, paid in GUIZHOU if paid is not None
    }
    assert set(results.rejected) == {(number, "discharged", "not in force") for number in ("G8", "G9")}


SHAANXI = [
    (date(2013, 12, 31), "village", "xian", 7_000, 3_500),  # over 6,000, at the least ratio
    (date(2013, 12, 31), "village", "other", 7_000, 0),  # not in the pilot
    (date(2013, 12, 31), "town", "xian", 20_000, 0),
    (date(2013, 12, 31), "town", "xian", 21_000, 10_500),
    (date(2014, 12, 31), "village", "other", 7_000, 3_500),  # over 6,500, and everywhere
    (date(2014, 12, 31), "town", "xian", 21_000, 0),
    (date(2015, 1, 1), "village", "other", 7_000, 0),  # not over 7,200
    (date(2015, 12, 31), "town", "yanan", 24_002, 12_001),
    (date(2016, 1, 1), "town", "yanan", 26_000, 0),
]
"""The last day of a year, the residence, the city, the year's cost in yuan, and what is paid of it."""


@pytest.mark.parametrize("engine", ENGINES)
def test_the_line_of_shaanxi_follows_year_and_residence(engine: str, engines: dict[str, Engine]) -> None:
    files = ("pilot_2013", "province_2014", "province_2016")
    model = merged([chosen(f"shaanxi/{file}.policy", "lowest") for file in files])
    rows = [
        {
            "claim": f"{place}",
            "person": f"{place}",
            "settled": day,
            "cost": cost * FEN,
            "basic_paid": 0,
            "residence": residence,
            "city": city,
        }
        for place, (day, residence, city, cost, _) in enumerate(SHAANXI)
    ]
    results = engines[engine](model, rows)
    column = [one.name for one in model.amounts].index("critical_illness") + 1
    assert not results.rejected
    assert {row[0]: row[column] for row in results.settled} == {
        f"{place}": paid * FEN for place, (*_, paid) in enumerate(SHAANXI)
    }


def test_the_file_of_claims_has_these_stays() -> None:
    lines = (ROOT / "examples" / "claims" / "guizhou.csv").read_text(encoding="utf-8").splitlines()
    assert sorted(lines[1:]) == [",".join(map(str, stay)) for *stay, _ in GUIZHOU]
