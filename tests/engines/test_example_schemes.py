"""The worked figures of the example schemes, on every engine: brackets by category, a family's running totals."""

from __future__ import annotations

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import CLAIM_NUMBER, FactInput, IdentifierFact
from tests.command import ROOT
from tests.engines.engines import Engine
from tests.policies import model_of

NAMES = [
    "income_tax",
    "health_plan",
    "assumed/urumqi_2010",
    "assumed/guizhou/year_2013",
    "assumed/guizhou/year_2014",
]
ENGINES = ("python", "numpy", *(dialect.name for dialect in DIALECTS))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_examples_of_a_scheme(engine: str, name: str, engines: dict[str, Engine]) -> None:
    model = model_of((ROOT / "examples" / f"{name}.policy").read_text(encoding="utf-8"))
    apart = {CLAIM_NUMBER, *(fact.name for fact in model.facts if isinstance(fact, IdentifierFact))}
    wanted: dict[str, dict[str, int]] = {}
    rows: list[dict[str, FactInput]] = []
    for place, example in enumerate(model.examples):
        for claim in example.claims:
            rows.append({fact: f"{place} {value}" if fact in apart else value for fact, value in claim.facts})
            wanted[str(rows[-1][CLAIM_NUMBER])] = {expected.amount: expected.value for expected in claim.expectations}
    results = engines[engine](model, rows)
    assert not results.rejected and len(results.settled) == len(wanted)
    for number, *values in results.settled:
        paid = dict(zip((amount.name for amount in model.amounts), values, strict=True))
        assert {amount: paid[amount] for amount in wanted[number]} == wanted[number]
