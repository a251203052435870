"""Policies as text, for tests: read them, settle claims with them, and see what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from compiler.driver import load
from compiler.evaluate import Outcome, Settled, settle_all
from compiler.model import FactInput, Model
from dsl.diagnostics import Diagnostic
from dsl.source import Source
from dsl.tree import Standard

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


# The policies of the repository ---------------------------------------------------------------------

POLICIES = Path(__file__).parents[1] / "policies"
FEN = 100


def policy_text(file: str) -> str:
    """A policy of the folder `policies` as it is written."""
    return (POLICIES / file).read_text(encoding="utf-8")


@cache
def standards() -> Mapping[str, Standard]:
    """The standards of the folder `policies`, by name."""
    loaded = [load(Source(path.name, path.read_text(encoding="utf-8"))) for path in POLICIES.glob("standards/*.policy")]
    return {one.standard.name.text: one.standard for one in loaded if one.standard is not None}


def policy_model(file: str, text: str | None = None) -> Model:
    """The Model of a policy of the folder `policies`, or of a changed text of it."""
    loaded = load(Source(file, policy_text(file) if text is None else text), standards())
    assert loaded.model is not None, (file, [diagnostic.key for diagnostic in loaded.diagnostics])
    return loaded.model


def chosen(file: str, ratio: str, text: str | None = None) -> Model:
    """A draft with a ratio in the place of each unknown one: its `lowest`, its `highest`, or one as written (`60%`).

    It is no draft any more, so that calculators can be made of it.
    """
    place = {"lowest": r"\1", "highest": r"\2"}.get(ratio, ratio)
    changed = re.sub(r"unknown between (\S+%) and (\S+%)", place, policy_text(file) if text is None else text)
    plain = {"lowest": "0%", "highest": "100%"}.get(ratio, ratio)
    return replace(policy_model(file, re.sub(r"\bunknown$", plain, changed, flags=re.MULTILINE)), draft=False)
