"""Policies as text, for tests: read them, settle claims with them, and see what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from compiler.driver import load
from compiler.evaluate import Outcome, Settled, settle_all
from compiler.model import FactInput, Model
from dsl.diagnostics import Diagnostic
from dsl.source import Source

ONE_BENEFIT = """
policy p
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
  ward plain | private
benefit b
  of cost
  {clauses}
"""


def one_benefit(*clauses: str) -> str:
    """A policy with the facts person, day, cost and ward, and one benefit `b` of cost with these clauses."""
    return ONE_BENEFIT.replace("{clauses}", "\n  ".join(clauses))


def model_of(text: str) -> Model:
    """The Model of a policy that has no mistakes."""
    loaded = load(Source("test.policy", text))
    assert loaded.model is not None, [diagnostic.key for diagnostic in loaded.diagnostics]
    return loaded.model


def mistakes_in(text: str) -> list[tuple[str, int]]:
    """The mistakes of a policy: message key and line, in the order reported."""
    return [(mistake.key, mistake.labels[0].span.line) for mistake in diagnostics_of(text)]


def diagnostics_of(text: str) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with the text of a policy."""
    return load(Source("test.policy", text)).diagnostics


def claims(rows: Sequence[dict[str, FactInput]]) -> list[dict[str, FactInput]]:
    """Claims with number, person and day filled in where a row does not say them."""
    usual: dict[str, FactInput] = {"person": "li", "day": date(2024, 3, 1), "ward": "plain"}
    return [{"claim": f"{place:03d}", **usual, **row} for place, row in enumerate(rows, 1)]


def paid(text: str, *costs: int, benefit: str = "b") -> list[int]:
    """What a benefit pays for costs in fen, claims of one person on one day."""
    return [amount_of(outcome, benefit) for outcome in settle_all(model_of(text), claims([{"cost": c} for c in costs]))]


def amount_of(outcome: Outcome, name: str) -> int:
    """An amount of a claim that was settled."""
    assert isinstance(outcome, Settled), outcome
    return outcome.amounts[name]
