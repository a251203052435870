"""Every calculator settles and rejects exactly what the reference interpreter does, on the real engines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import Model
from compiler.versions import merged
from dsl.money import RoundingMode
from tests import models
from tests.engines import constructs
from tests.engines.engines import Engine, Results, Row, reference
from tests.engines.random_claims import random_rows
from tests.policies import POLICIES, chosen

ROWS = 2_000
ENGINES = ("python", "numpy", *(dialect.name for dialect in DIALECTS))
TAKES_ANY_TYPE = ("python", "sqlite")


def _policies_of_the_folder() -> Iterator[tuple[str, Model]]:
    """Every policy, and all versions of each as one; an unknown ratio is the highest that it can be."""
    versions: dict[str, list[Model]] = defaultdict(list)
    for path in sorted(POLICIES.rglob("*.policy")):
        if path.parent.name != "standards":
            file = path.relative_to(POLICIES).as_posix()
            model = chosen(file, "highest")
            versions[model.id].append(model)
            yield file, model
    yield from ((f"versions of {name}", merged(found)) for name, found in versions.items() if len(found) > 1)


def _policies() -> list[object]:
    by_hand: list[tuple[str, Model]] = [
        ("ningxia", models.ningxia()),
        ("ningxia claim by claim, up to ten fen", models.ningxia(added_up=False, mode=RoundingMode.UP, unit=10)),
        ("ningxia half even to the yuan", models.ningxia(mode=RoundingMode.HALF_EVEN, unit=100)),
        ("a yearly cap", models.yearly_cap()),
        ("a stack", models.stack()),
        *((name, constructs.construct(name)) for name in constructs.BODIES),
        *((name, constructs.versions(name)) for name in constructs.VERSIONS),
    ]
    return [pytest.param(model, id=name) for name, model in (*by_hand, *_policies_of_the_folder())]


@lru_cache(maxsize=4)
def _claims(model: Model, any_type: bool) -> tuple[Sequence[Row], Results]:
    """Claims for all engines whose tables hold such values, and what the reference says of them.

    To ask it takes far longer than any engine does; the tests of one policy follow each other.
    """
    rows = random_rows(model, Random(f"{model.id} {any_type}"), ROWS, any_type=any_type)
    return rows, reference(model, rows)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", _policies())
def test_an_engine_agrees_with_the_reference(model: Model, engine: str, engines: dict[str, Engine]) -> None:
    rows, expected = _claims(model, engine in TAKES_ANY_TYPE)
    found = engines[engine](model, rows)
    assert found.settled == expected.settled
    assert found.rejected == expected.rejected
    assert sum(expected.settled.values()) > ROWS // 3
    assert len({reason for _, _, reason in expected.rejected}) >= 3
