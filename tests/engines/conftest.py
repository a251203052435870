"""Real engines, started once for all tests.

In the checks that every change must pass (`CI` is set) an engine that cannot be had is a failure, never a test less. At
a desk without MariaDB, or without a Java for Spark, their tests are skipped, each with a line that says how to get it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pymysql
import pytest

from compiler.emit.dialects import DIALECTS
from tests.engines import mariadb_server, postgres_server, spark_session
from tests.engines.empty_database import Run, empty_database
from tests.engines.engines import (
    Engine,
    settle_in_duckdb,
    settle_in_mariadb,
    settle_in_postgresql,
    settle_in_python,
    settle_in_spark,
    settle_in_sqlite,
)
from tests.engines.numpy_engine import settle_in_numpy

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def _started(server: AbstractContextManager[str]) -> Iterator[str]:
    """The address of a server that runs; a test that cannot have it fails."""
    try:
        address = server.__enter__()
    except (RuntimeError, OSError) as problem:
        pytest.fail(str(problem))
    try:
        yield address
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[psycopg.Connection]:
    """A connection to a PostgreSQL server of the tests' own."""
    with _started(postgres_server.running_server()) as address, psycopg.connect(address) as connection:
        yield connection


@pytest.fixture(scope="session")
def mariadb() -> Iterator[pymysql.Connection]:
    """A connection to a MariaDB server of the tests' own."""
    if not mariadb_server.installed() and "CI" not in os.environ:
        pytest.skip(mariadb_server.HOW_TO_GET_ONE)
    with _started(mariadb_server.running_server()) as socket:
        connection = pymysql.connect(
            unix_socket=socket,
            user="root",
            charset="utf8mb4",
            client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS,
        )
        with connection:
            yield connection


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A Spark in one process."""
    if not spark_session.installed() and "CI" not in os.environ:
        pytest.skip(spark_session.HOW_TO_GET_ONE)
    with spark_session.running_session(spark_session.LOCAL) as session:
        yield session


class Engines(dict[str, Engine]):
    """Calculators by name; a test that asks for one that this machine does not have is skipped."""

    def __missing__(self, name: str) -> Engine:
        how = {"mariadb": mariadb_server.HOW_TO_GET_ONE, "spark": spark_session.HOW_TO_GET_ONE}
        pytest.skip(how[name])


@pytest.fixture(scope="session")
def engines(postgresql: psycopg.Connection, request: pytest.FixtureRequest) -> Engines:
    """Every calculator: `python`, `numpy`, and the dialects of SQL by name."""
    found = Engines(
        python=settle_in_python,
        numpy=settle_in_numpy,
        duckdb=settle_in_duckdb,
        postgresql=partial(settle_in_postgresql, postgresql),
        sqlite=settle_in_sqlite,
    )
    if mariadb_server.installed() or "CI" in os.environ:
        found["mariadb"] = partial(settle_in_mariadb, request.getfixturevalue("mariadb"))
    if spark_session.installed() or "CI" in os.environ:
        found["spark"] = partial(settle_in_spark, request.getfixturevalue("spark"))
    return found


@pytest.fixture(params=[dialect.name for dialect in DIALECTS])
def dialect(request: pytest.FixtureRequest) -> str:
    """The name of each dialect in turn."""
    name: str = request.param
    return name


@pytest.fixture
def run(dialect: str, request: pytest.FixtureRequest) -> Iterator[Run]:
    """SQL in an empty database of the dialect, with names in double quotes."""
    yield from empty_database(dialect, request)
