"""A hundred thousand claims of a policy with four versions, on every engine: none differs by a fen or in a rejection.

Every claim is close to where a version changes its mind, people have dozens of them, and rows are in no order. The
reference takes minutes for so many: it settles all claims of some people, and the generated Python, which agrees with
it there, settles everybody for all others to be compared with.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.model import Model
from tests.engines import constructs
from tests.engines.engines import Engine, Results, reference, settle_in_python
from tests.engines.random_claims import random_rows

ROWS = 100_000
PEOPLE = 1_000
SAMPLE = 15
ENGINES = ("numpy", *(dialect.name for dialect in DIALECTS))


@cache
def _model() -> Model:
    model = constructs.versions("versions with other figures")
    assert {total.key for total in model.running_totals} == {"person"}
    return model


@cache
def _rows() -> list[dict[str, Any]]:
    random = Random(2013)
    rows = random_rows(_model(), random, ROWS, any_type=False)
    for row in rows:
        if isinstance(row["person"], str) and row["person"].startswith("p"):
            row["person"] = f"p{random.randrange(PEOPLE):04d}"
    random.shuffle(rows)
    return rows


@cache
def _expected() -> Results:
    return settle_in_python(_model(), _rows())


def test_the_generated_python_agrees_with_the_reference_on_all_claims_of_some_people() -> None:
    some = {f"p{n:04d}" for n in range(0, PEOPLE, PEOPLE // SAMPLE)} | {"王", "Z", None}
    rows = [row for row in _rows() if row["person"] in some]
    assert ROWS // 100 < len(rows) < ROWS // 10
    assert settle_in_python(_model(), rows) == reference(_model(), rows)


def test_the_claims_are_of_every_kind() -> None:
    expected = _expected()
    assert sum(expected.settled.values()) + sum(expected.rejected.values()) == ROWS
    assert sum(expected.settled.values()) > ROWS // 2
    assert {reason for _, _, reason in expected.rejected} >= {
        "missing",
        "negative",
        "out of range",
        "unknown value",
        "not in force",
        "duplicate",
    }
    assert len({row["person"] for row in _rows()}) > PEOPLE


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_settles_many_claims_alike(engine: str, engines: dict[str, Engine]) -> None:
    found = engines[engine](_model(), _rows())
    assert found.rejected == _expected().rejected
    assert found.settled == _expected().settled
