"""The two schemes that no source document has: an income tax, and a family's health plan of another country."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.evaluate import settle_all
from compiler.model import FactInput
from tests.command import ROOT, Capture, tierproof
from tests.policies import amount_of, model_of

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.policy")), ids=lambda path: path.name)
def test_an_example_policy_is_proved(path: Path, capsys: Capture) -> None:
    result = tierproof(capsys, "check", path, "--lang", "en")
    assert result.code == 0, result.out
    assert path.name in (EXAMPLES / "README.md").read_text(encoding="utf-8")


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
