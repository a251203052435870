"""The functions of a PostgreSQL calculator: the views lose nothing by them, and others get no amount out of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import psycopg
import pytest

from compiler.emit.dialects import dialect_named
from compiler.emit.integer import functions
from compiler.emit.sql_functions import raw_names
from compiler.emit.sql_names import quoted
from compiler.evaluate import Settled, settle
from compiler.model import FactInput, Model
from tests import models
from tests.engines import constructs
from tests.engines.engines import emitted
from tests.policies import chosen, model_of

PAID = '"ningxia_critical_illness.critical_illness"'
POLICIES: dict[str, Model] = {
    "a stack": chosen("jiangning/ncms_and_critical_illness.policy", "highest"),
    "versions that count otherwise": constructs.versions("versions that count otherwise"),
    **{name: constructs.construct(name) for name in constructs.BODIES},
}


@pytest.fixture
def database(postgresql: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A schema of our own, which the test leaves behind empty."""
    postgresql.execute("CREATE SCHEMA ours; SET LOCAL search_path TO ours")
    yield postgresql
    postgresql.rollback()


def plan_of(model: Model, database: psycopg.Connection, text: str) -> str:
    """How the view of a calculator is computed."""
    database.execute(text.encode())
    rows = database.execute(f"EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM {named(model.id)}".encode()).fetchall()
    return "\n".join(line for (line,) in rows)


def named(name: str) -> str:
    """A name in PostgreSQL."""
    return quoted(name, dialect_named("postgresql"))


@pytest.mark.parametrize("name", POLICIES)
def test_no_call_is_left_in_the_plan_of_a_view(name: str, database: psycopg.Connection) -> None:
    model, text = POLICIES[name], emitted(POLICIES[name], "postgresql")
    calls = raw_names(model, functions(model), dialect_named("postgresql")).values()
    assert all(f"{named(call)}(" in text for call in calls)
    plan = plan_of(model, database, text)
    assert not [call for call in calls if call in plan]


def test_a_call_that_is_left_would_be_seen(database: psycopg.Connection) -> None:
    # Not the same for NULL as its formula: so it must be called.
    text = emitted(models.ningxia(), "postgresql").replace("IMMUTABLE", "IMMUTABLE STRICT")
    assert "ningxia_critical_illness.critical_illness raw" in plan_of(models.ningxia(), database, text)


def test_others_get_what_the_policy_gives(database: psycopg.Connection) -> None:
    model = models.ningxia()
    database.execute(emitted(model, "postgresql").encode())
    random = Random(1)
    ends = [0, 1, 599_999, 600_000, 600_001, 2_000_000, 50_000_000, 50_000_001, 10**13]
    for total in (*ends, *(random.randrange(10**8) for _ in range(200))):
        for illness in ("general", "listed"):
            claim: dict[str, FactInput | None] = {
                "claim": "1",
                "person": "li",
                "discharged": date(2013, 5, 2),
                "borne": total,
                "illness": illness,
            }
            outcome, _ = settle(model, claim, {})
            assert isinstance(outcome, Settled)
            found = database.execute(f"SELECT {PAID}(%s::bigint, %s)".encode(), (total, illness)).fetchone()
            assert found == (outcome.amounts["critical_illness"],)


@pytest.mark.parametrize(
    "arguments",
    [
        "NULL, 'general'",
        "700000, NULL",
        "NULL, NULL",
        "-1, 'general'",
        "10000000000001, 'general'",
        "9223372036854775807, 'listed'",
        "-9223372036854775808, 'listed'",
        "700000, 'GENERAL'",
        "700000, 'general '",
        "700000, ''",
        "700000, 'another'",
    ],
)
def test_what_no_claim_can_have_gives_no_amount(arguments: str, database: psycopg.Connection) -> None:
    database.execute(emitted(models.ningxia(), "postgresql").encode())
    assert database.execute(f"SELECT {PAID}({arguments})".encode()).fetchone() == (None,)


@pytest.mark.parametrize("arguments", ["7000.50, 'general'", "700000::double precision, 'general'", "700000, 5"])
def test_what_is_of_another_type_finds_no_function(arguments: str, database: psycopg.Connection) -> None:
    database.execute(emitted(models.ningxia(), "postgresql").encode())
    with pytest.raises(psycopg.errors.UndefinedFunction):
        database.execute(f"SELECT {PAID}({arguments})".encode())


def test_a_function_whose_name_would_be_cut_short_has_a_number(database: psycopg.Connection) -> None:
    name = "a" * 30
    text = f"""
policy {"p" * 40}
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
benefit {name}
  of cost, added up per person per calendar year
  deductible 100
  pay 50%
"""
    model = model_of(text)
    database.execute(emitted(model, "postgresql").encode())
    assert database.execute(f'SELECT "{"p" * 40}.1"(20000)'.encode()).fetchone() == (5_000,)
