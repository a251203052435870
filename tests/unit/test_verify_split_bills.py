"""Bills whose parts are paid otherwise than the whole only after other claims: what is shown is settled again."""

from __future__ import annotations

from itertools import pairwise

import pytest

from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Finding, Proved, Refuted
from compiler.model import Model
from compiler.verify import verify
from tests.policies import model_of

HEADER = """
policy p
  currency EUR
  in force 2024-01-01 to 2024-12-31, by day
  round half up to 0.01
claim
  person  identifier
  family  identifier
  day     date
  cost    money up to 1,000,000
"""
STOP_LOSS = """
benefit event
  of cost
  {event}
benefit stop
  of left, added up per {key} per calendar year
  {stop}
stack of cost
  event, then stop
"""


def stop_loss(event: str, stop: str, key: str = "person") -> Model:
    clauses = {"event": event.replace("; ", "\n  "), "stop": stop.replace("; ", "\n  "), "key": key}
    return model_of(HEADER + STOP_LOSS.format(**clauses))


def of_stop(model: Model) -> Finding:
    (found,) = (one for one in verify(model) if one.property.code == "TP205" and one.property.subject == "stop")
    return found


@pytest.mark.parametrize("key", ["person", "family"])
@pytest.mark.parametrize(
    ("event", "stop", "at_least"),
    [
        ("deductible 100,000; pay 100%", "deductible 300,000; pay 100%", 3),
        ("deductible 10; pay 100%", "deductible 119.99; pay 100%", 12),
        ("deductible 10; pay 80%", "deductible 5,000; pay 50%; cap 500", 1),
    ],
)
def test_a_stop_loss_over_events_depends_on_a_split_after_some(event: str, stop: str, at_least: int, key: str) -> None:
    model = stop_loss(event, stop, key)
    found = of_stop(model)
    assert isinstance(found, Refuted)
    claims: list[Claim] = [dict(claim) for claim in found.witness.claims]
    *before, one, other = claims
    assert len(claims) >= at_least
    whole = {**one, "cost": _cost(one) + _cost(other)}
    apart, together = (_paid(model, row)[len(before) :] for row in (claims, [*before, whole]))
    # One unit for each of the roundings on the way.
    assert abs(sum(apart) - sum(together)) > 2


def test_no_claim_before_can_be_left_out() -> None:
    model = stop_loss("deductible 10; pay 100%", "deductible 119.99; pay 100%")
    found = of_stop(model)
    assert isinstance(found, Refuted)
    *before, one, other = (dict(claim) for claim in found.witness.claims)
    whole: Claim = {**one, "cost": _cost(one) + _cost(other)}
    fewer = before[1:]
    assert sum(_paid(model, [*fewer, one, other])[-2:]) <= _paid(model, [*fewer, whole])[-1] + 2
    assert all(earlier["cost"] == later["cost"] for earlier, later in pairwise(before))


def test_after_no_history_a_stop_loss_over_a_share_depends_on_a_split() -> None:
    found = of_stop(stop_loss("pay 80%", "deductible 300,000; pay 100%"))
    assert isinstance(found, Proved)


def test_a_claim_of_another_kind_before_shows_it() -> None:
    """A claim of this kind leaves a unit at most, so that thousands of them would be needed."""
    text = STOP_LOSS.replace("{event}", "for kind is a\n  deductible 1\n  pay 100%").replace("{key}", "person")
    text = text.replace("{stop}", "deductible by kind a 3,000, b 6,000\n  pay 100%\n  cap 100")
    model = model_of(HEADER + "  kind    a | b\n" + text)
    found = of_stop(model)
    assert isinstance(found, Refuted)
    assert [dict(claim)["kind"] for claim in found.witness.claims] == ["b", "a", "a"]


def _cost(claim: Claim) -> int:
    cost = claim["cost"]
    assert isinstance(cost, int)
    return cost


def _paid(model: Model, claims: list[Claim]) -> list[int]:
    outcomes = settle_all(model, claims)
    assert all(isinstance(one, Settled) for one in outcomes)
    return [one.amounts["stop"] for one in outcomes if isinstance(one, Settled)]
