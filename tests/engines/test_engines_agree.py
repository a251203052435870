"""Every calculator settles and rejects exactly what the reference interpreter does, on the real engines."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import Model
from dsl.money import RoundingMode
from tests import models
from tests.engines.engines import Engine, reference
from tests.engines.random_claims import random_rows
from tests.policies import model_of

POLICIES = Path(__file__).parents[2] / "policies"
ROWS = 2_000
ENGINES = ("python", *(dialect.name for dialect in DIALECTS))
TAKES_ANY_TYPE = ("python", "sqlite")


def _policies() -> list[object]:
    by_hand: list[tuple[str, Model]] = [
        ("ningxia", models.ningxia()),
        ("ningxia claim by claim, up to ten fen", models.ningxia(added_up=False, mode=RoundingMode.UP, unit=10)),
        ("ningxia half even to the yuan", models.ningxia(mode=RoundingMode.HALF_EVEN, unit=100)),
        ("a yearly cap", models.yearly_cap()),
        ("a stack", models.stack()),
    ]
    real = [(path.stem, model_of(path.read_text())) for path in sorted(POLICIES.glob("*/*.policy"))]
    return [pytest.param(model, id=name) for name, model in (*by_hand, *real)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", _policies())
def test_an_engine_agrees_with_the_reference(model: Model, engine: str, engines: dict[str, Engine]) -> None:
    rows = random_rows(model, Random(f"{model.id} {engine}"), ROWS, any_type=engine in TAKES_ANY_TYPE)
    expected = reference(model, rows)
    found = engines[engine](model, rows)
    assert found.settled == expected.settled
    assert found.rejected == expected.rejected
    assert sum(expected.settled.values()) > ROWS // 2
    assert len({reason for _, _, reason in expected.rejected}) >= 4
