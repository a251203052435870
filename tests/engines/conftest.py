"""Real engines, started once for all tests. An engine that cannot be had is a failure, never a test less."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import psycopg
import pytest

from tests.engines.engines import Engine, settle_in_duckdb, settle_in_postgresql, settle_in_python, settle_in_sqlite
from tests.engines.postgres_server import running_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[psycopg.Connection]:
    """A connection to a PostgreSQL server of the tests' own."""
    try:
        server = running_server()
        address = server.__enter__()
    except (RuntimeError, OSError) as problem:
        pytest.fail(str(problem))
    try:
        with psycopg.connect(address) as connection:
            yield connection
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def engines(postgresql: psycopg.Connection) -> dict[str, Engine]:
    """Every calculator: `python`, and the dialects of SQL by name."""
    return {
        "python": settle_in_python,
        "duckdb": settle_in_duckdb,
        "postgresql": partial(settle_in_postgresql, postgresql),
        "sqlite": settle_in_sqlite,
    }
