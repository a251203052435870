"""`order of a, b makes no difference`: the same own share, whichever of two layers pays first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted
from compiler.model import OWN_SHARE, AnyOrder, Model
from compiler.verify import verify
from tests.policies import mistakes_in, model_of

HEADER = """
policy p
  currency CNY
  round half up to 0.01
claim
  person    identifier
  day       date
  cost      money up to 10,000,000
  illness   general | listed
"""


def policy(first: str, second: str, line: str = "order of a, b makes no difference") -> str:
    """Two layers with these clauses, and a requirement."""
    return f"{HEADER}benefit a\n{first}benefit b\n{second}stack of cost\n  a, then b\nrequire\n  {line}\n"


def asked(first: str, second: str) -> tuple[Model, Finding]:
    model = model_of(policy(first, second))
    (found,) = [finding for finding in verify(model) if finding.property.code == "TP302"]
    return model, found


FLAT = "  of cost\n  pay 30%\n"
CAPPED = "  of left\n  pay 100%\n  cap 100\n"
CAPPED_200 = "  of left\n  pay 100%\n  cap 200\n"
YEARLY = "  of left, added up per person per calendar year by day\n  pay 100%\n  cap 100\n"
YEARLY_200 = "  of left, added up per person per calendar year by day\n  pay 100%\n  cap 200\n"
HALF = "  of left, added up per person per calendar year by day\n  pay 50%\n"
UNKNOWN = "  of cost, added up per person per calendar year by day\n  pay unknown between 20% and 50%\n"
LISTED = "  of left\n  for illness is listed\n  pay 80%\n  cap 500\n"
GENERAL = "  of left\n  for illness is general\n  deductible 100\n  pay 60%\n"


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        (FLAT, "  of cost\n  deductible 100\n  pay 60%\n", "the same formulas in either order"),
        (UNKNOWN, UNKNOWN, "the same formulas in either order"),
        (CAPPED, CAPPED_200, "direct integer query"),
        (LISTED, GENERAL, "direct integer query"),
        (YEARLY, YEARLY_200, "direct integer query, the claims of a period as one"),
    ],
)
def test_layers_that_may_pay_in_either_order(first: str, second: str, how: str) -> None:
    _, found = asked(first, second)
    assert isinstance(found, Proved), found
    assert found.method == how


@pytest.mark.parametrize(
    ("first", "second", "claims"),
    [
        (CAPPED, "  of left\n  pay 50%\n", 1),
        (YEARLY, HALF, 1),
        (YEARLY, CAPPED_200, 2),
        # Either order leaves half of a half, but rounded twice.
        ("  of left\n  pay 50%\n", "  of left\n  pay 51%\n", 1),
        (UNKNOWN.replace("of cost", "of left"), YEARLY, 1),
    ],
)
def test_claims_that_leave_another_own_share(first: str, second: str, claims: int) -> None:
    model, found = asked(first, second)
    assert isinstance(found, Refuted) and found.diagnostic.key == "TP302.order", found
    if "unknown" in first:
        assert "with the unknown ratio at " in found.diagnostic.claim
        return
    (requirement,) = model.requirements
    assert isinstance(requirement, AnyOrder)
    row = [dict(claim) for claim in found.witness.claims]
    assert len(row) == claims
    own = []
    for one in (model, replace(model, amounts=requirement.exchanged)):
        outcome = settle_all(one, row)[-1]
        assert isinstance(outcome, Settled)
        own.append(outcome.amounts[OWN_SHARE])
    assert own[0] != own[1]


@pytest.mark.parametrize(
    ("second", "line", "key"),
    [
        ("  of cost - a\n  pay 50%\n", "order of a, b makes no difference", "TP020.exchanged"),
        (CAPPED, "order of a, a makes no difference", "TP010.again"),
        (CAPPED, "order of a, c makes no difference", "TP011"),
    ],
)
def test_what_has_one_order_only_is_refused(second: str, line: str, key: str) -> None:
    assert [found for found, _ in mistakes_in(policy(CAPPED, second, line))] == [key]


def test_in_a_stack_of_many_layers_a_claim_is_found_by_settling_some() -> None:
    layers = [
        f"benefit l{layer}\n  of left, added up per person per calendar year by day\n  deductible {100 * layer + 100}\n"
        f"  pay {40 + 5 * layer}%\n  cap {1_000 + 100 * layer}\n"
        for layer in range(6)
    ]
    stack = f"stack of cost\n  {', then '.join(f'l{layer}' for layer in range(6))}\n"
    model = model_of(f"{HEADER}{''.join(layers)}{stack}require\n  order of l1, l4 makes no difference\n")
    (requirement,) = model.requirements
    assert isinstance(requirement, AnyOrder)
    (found,) = [finding for finding in verify(model) if finding.property.code == "TP302"]
    assert isinstance(found, Refuted)
    claim = dict(found.witness.claims[0])
    left = []
    for one in (model, replace(model, amounts=requirement.exchanged)):
        (outcome,) = settle_all(one, [claim])
        assert isinstance(outcome, Settled)
        left.append(outcome.amounts[OWN_SHARE])
    assert left[0] != left[1]
