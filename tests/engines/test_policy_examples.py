"""Every worked figure of the policies, on every engine.

A draft cannot be built, because it lacks ratios. Its examples hold for each of them, so they are settled here with the
lowest and with the highest ratio in the place of every unknown one.
"""

from __future__ import annotations

import re

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import CLAIM_NUMBER, FactInput, IdentifierFact, Model
from tests.engines.engines import Engine, Results
from tests.policies import POLICIES, chosen, policy_text

ENGINES = ("python", "numpy", *(dialect.name for dialect in DIALECTS))
FILES = sorted(
    path.relative_to(POLICIES).as_posix() for path in POLICIES.rglob("*.policy") if path.parent.name != "standards"
)

CASES = [
    (file, ratio)
    for file in FILES
    for ratio in ("lowest", "highest")
    if ratio == "lowest" or re.search(r"\bunknown\b", policy_text(file))
]


def _rows(model: Model) -> list[dict[str, FactInput]]:
    """The claims of all examples, those of each under names of its own: none adds up with another one's."""
    names = [fact.name for fact in model.facts if isinstance(fact, IdentifierFact)] + [CLAIM_NUMBER]
    return [
        {name: f"{place:03d} {value}" if name in names else value for name, value in claim.facts}
        for place, example in enumerate(model.examples)
        for claim in example.claims
    ]


def _amounts(results: Results, model: Model) -> dict[str, dict[str, int]]:
    """Every amount by the number of its claim."""
    names = [amount.name for amount in model.amounts]
    return {number: dict(zip(names, values, strict=True)) for number, *values in results.settled}


@pytest.mark.parametrize(("file", "ratio"), CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_examples_of_every_policy(engine: str, file: str, ratio: str, engines: dict[str, Engine]) -> None:
    model = chosen(file, ratio)
    rows = _rows(model)
    results = engines[engine](model, rows)
    assert not results.rejected
    amounts = _amounts(results, model)
    claims = [claim for example in model.examples for claim in example.claims]
    for row, claim in zip(rows, claims, strict=True):
        wanted = {expected.amount: expected.value for expected in claim.expectations}
        given = amounts[str(row[CLAIM_NUMBER])]
        assert {name: given[name] for name in wanted} == wanted
