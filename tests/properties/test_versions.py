"""What is proved of a version holds of its claims after claims of the version before.

Random pairs of versions of one benefit, settled as one policy: of two people with the same bills, what each has
received for claims of the second version. TIERPROOF_BRUTE_FORCE sets how many pairs are tried.
"""

from __future__ import annotations

import os
from datetime import date
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.driver import load_all, merge
from compiler.evaluate import Settled, settle_all
from compiler.findings import Proved
from compiler.model import Model, NeverBelow
from compiler.verify import verify
from dsl.source import Source
from tests.properties.test_two_people import HEADER, layers

PAIRS = max(int(os.environ.get("TIERPROOF_BRUTE_FORCE", "48")) // 4, 1)
BEGINS = date(2024, 7, 1)
DAYS = (date(2024, 1, 31), date(2024, 6, 30), BEGINS, date(2024, 12, 31), date(2025, 1, 1))
HISTORIES = 400
REQUIRED = """require
  x for a never below b
  x for b never below a
  own share for a never below b
  own share for t never below c
"""
FORCE = "  currency JPY\n  in force {}, by discharged\n"

Row = list[tuple[date, int, str, str]]


def version(force: str, layer: str, required: str) -> str:
    header = HEADER.replace("  currency JPY\n", FORCE.format(force))
    return f"{header}benefit x\n{layer.replace('of left', 'of cost')}{required}"


@settings(
    max_examples=PAIRS,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(layers(), layers(), st.integers(0, 1_000))
def test_who_is_never_behind_is_not_behind_after_another_version(first: str, second: str, seed: int) -> None:
    texts = (version("2024-01-01 to 2024-06-30", first, ""), version("from 2024-07-01", second, REQUIRED))
    loaded = load_all([Source(f"p/{number}.policy", text) for number, text in enumerate(texts)], {})
    asked, whole, chance = loaded[1].model, merge(loaded), Random(seed)
    assert asked is not None
    findings = verify(asked)
    proved = {one.property.span for one in findings if isinstance(one, Proved)}
    rows = [row(chance) for _ in range(HISTORIES)]
    for requirement in asked.requirements:
        assert isinstance(requirement, NeverBelow)
        if requirement.span in proved:
            for bills in rows:
                better, worse = (received(whole, requirement, bills, word) for word in words_of(requirement))
                assert better is None or worse is None or better >= worse, (requirement, bills)


def words_of(requirement: NeverBelow) -> tuple[str, str]:
    return requirement.better, requirement.worse


def row(chance: Random) -> Row:
    days = sorted(chance.choices(DAYS, k=chance.randint(1, 3)))
    return [(day, chance.randint(0, 7), chance.choice("ab"), chance.choice("tc")) for day in days]


def claim_of(number: int, bill: tuple[date, int, str, str]) -> dict[str, int | str | date | None]:
    day, cost, kind, place = bill
    return {"claim": str(number), "person": "A", "discharged": day, "cost": cost, "kind": kind, "place": place}


def received(whole: Model, requirement: NeverBelow, bills: Row, word: str) -> int | None:
    """What one with this word has received for claims of the second version; None where a claim is not settled."""
    claims = [claim_of(number, bill) | {requirement.fact: word} for number, bill in enumerate(bills)]
    found = 0
    for claim, outcome in zip(claims, settle_all(whole, claims), strict=True):
        if not isinstance(outcome, Settled):
            return None
        day = claim["discharged"]
        assert isinstance(day, date)
        found += outcome.amounts[requirement.benefit] if day >= BEGINS else 0
    return found
