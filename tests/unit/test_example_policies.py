"""Two schemes that no source document has: an income tax and a family's health plan; and two with assumed figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.driver import IN_PROCESS
from compiler.evaluate import settle_all
from compiler.model import FactInput
from tests.command import ROOT, Capture, tierproof
from tests.policies import amount_of, model_of

EXAMPLES = ROOT / "examples"


ASSUMED = sorted((EXAMPLES / "assumed").rglob("*.policy"))
FILES = sorted(EXAMPLES.glob("*.policy"))


@pytest.mark.parametrize("path", FILES + ASSUMED, ids=lambda path: path.name)
def test_an_example_policy_is_proved(path: Path, capsys: Capture) -> None:
    result = tierproof(capsys, "check", path, "--lang", "en")
    assert result.code == 0, result.out
    place = path.relative_to(EXAMPLES).as_posix()
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert f"]({place})" in listed or f"]({place.rpartition('/')[0]})" in listed


@pytest.mark.parametrize("path", ASSUMED, ids=lambda path: path.name)
def test_what_is_assumed_is_said_in_its_title(path: Path) -> None:
    title = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.strip().startswith("title"))
    assert "assumed" in title


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_stays_of_two_years_in_one_file_follow_the_day_of_discharge(
    engine: str, capsys: Capture, tmp_path: Path
) -> None:
    """The same stay counts for 2,000 where it ended in December, for 1,100 where it ended a day later, in January."""
    claims, rejected = EXAMPLES / "claims" / "guizhou.csv", tmp_path / "rejected.csv"
    run = ("run", EXAMPLES / "assumed" / "guizhou", claims, "--engine", engine, "--rejected", rejected)
    result = tierproof(capsys, *run)
    assert result.code == 0
    paid = {row.split(",")[0]: row.split(",")[7] for row in result.out.splitlines()[1:]}
    assert (paid["G5"], paid["G6"]) == ("2000.00", "1100.00")
    assert paid == {
        "G1": "0.00",
        "G2": "2000.00",
        "G3": "0.00",
        "G4": "1100.00",
        "G5": "2000.00",
        "G6": "1100.00",
        "G7": "29600.00",
    }
    assert rejected.read_text(encoding="utf-8").splitlines()[1:] == [
        "9,G8,discharged,not in force",
        "10,G9,discharged,not in force",
    ]


TAX = model_of((EXAMPLES / "income_tax.policy").read_text(encoding="utf-8"))

TOPS_OF_BRACKETS = {
    "single": {11_600: 1_160_00, 47_150: 5_426_00, 100_525: 17_168_50, 191_950: 39_110_50, 243_725: 55_678_50},
    "joint": {23_200: 2_320_00, 94_300: 10_852_00, 201_050: 34_337_00, 383_900: 78_221_00, 487_450: 111_357_00},
}
"""The tax schedules of Rev. Proc. 2023-34, tables 1 and 3: taxable income in dollars, tax in cents."""


@pytest.mark.parametrize(("filing", "deduction"), [("single", 14_600), ("joint", 29_200)])
def test_the_tax_at_the_top_of_each_bracket_is_that_of_the_schedules(filing: str, deduction: int) -> None:
    for place, (taxable, tax) in enumerate(TOPS_OF_BRACKETS[filing].items()):
        claim: dict[str, FactInput] = {"claim": "1", "taxpayer": f"{place}", "filing": filing}
        claim |= {"paid_on": TAX.in_force.first, "income": (taxable + deduction) * 100} if TAX.in_force else {}
        (outcome,) = settle_all(TAX, [claim])
        assert amount_of(outcome, "tax") == tax
