"""The claims shown are as small as they go, also where the solver gives up on the way to the smallest."""

from __future__ import annotations

from datetime import date

import pytest

import compiler.verify.witness as witness
from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Refuted
from compiler.model import Model
from compiler.verify import verify
from compiler.verify.lowered import fewest
from compiler.verify.solve import Undecided
from tests.policies import POLICIES, model_of, one_benefit

LIMITED = one_benefit("pay 80%") + "\nrequire\n  always b < 7,000 or b > 8,000\n"


@pytest.mark.parametrize("gives_up", [False, True])
def test_no_amount_of_a_witness_can_be_a_unit_lower(monkeypatch: pytest.MonkeyPatch, gives_up: bool) -> None:
    """A solver that gives up leaves the amounts where it found them; they are then lowered by computing alone."""
    if gives_up:
        monkeypatch.setattr(witness, "ask", lambda *_: Undecided("too hard"))
    model = model_of(LIMITED)
    (finding,) = (one for one in verify(model) if isinstance(one, Refuted) and one.property.code == "TP302")
    (claim,) = map(dict, finding.witness.claims)
    cost = claim["cost"]
    assert isinstance(cost, int)
    paid = [_paid(model, "b", ({**claim, "cost": each},)) for each in (cost, cost - 1)]
    assert paid == [700_000, 699_999]


def test_no_part_of_a_split_bill_can_be_a_unit_smaller() -> None:
    """Fund and overspend together are beyond the solver on the way to the smallest bill."""
    model = model_of((POLICIES / "ningxia/overspend_sharing.policy").read_text("utf-8"))
    found = [one for one in verify(model) if isinstance(one, Refuted) and one.property.code == "TP205"]
    assert {one.property.subject for one in found} == {"insurer", "agency"}
    for finding in found:
        first, second = map(dict, finding.witness.claims)
        name = finding.property.subject
        assert _leap(model, name, first, second) > 1
        for smaller in ("first", "second"):
            part = first if smaller == "first" else second
            cost = part["overspend"]
            assert isinstance(cost, int)
            less: Claim = {**part, "overspend": cost - 1}
            assert cost == 1 or _leap(model, name, *((less, second) if part is first else (first, less))) <= 1


def _leap(model: Model, name: str, first: Claim, second: Claim) -> int:
    """How far what two parts are paid is from what the whole is paid, in minor units."""
    one, other = first["overspend"], second["overspend"]
    assert isinstance(one, int) and isinstance(other, int)
    return abs(_paid(model, name, (first, second)) - _paid(model, name, ({**first, "overspend": one + other},)))


def _paid(model: Model, name: str, claims: tuple[Claim, ...]) -> int:
    outcomes = settle_all(model, claims)
    assert all(isinstance(one, Settled) for one in outcomes)
    return sum(one.amounts[name] for one in outcomes if isinstance(one, Settled))


TWO_YEARS = """
policy p
  currency EUR
  in force 2024-01-01 to 2025-12-31, by day
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 1,000,000
benefit x
  of cost, added up per person per policy year from 07-01
  deductible 100
  pay 80%
  cap 1,600 per person per calendar year
require
  x at most 3,000 per person per policy year from 07-01
"""


def test_a_claim_that_a_refutation_does_not_need_is_left_out() -> None:
    """The solver begins on the first day in force, half a year before the year that shows it."""
    (finding,) = (one for one in verify(model_of(TWO_YEARS)) if isinstance(one, Refuted))
    assert [dict(claim)["day"] for claim in finding.witness.claims] == [date(2024, 7, 1), date(2025, 1, 1)]


def test_the_fewest_of_a_row_are_those_that_none_can_be_left_out_of() -> None:
    assert fewest("abcde", lambda row: "b" in row and "e" in row) == ("b", "e")
    assert fewest([1] * 1_000, lambda row: sum(row) >= 37) == (1,) * 37
    assert fewest("abc", lambda _: True) == ()
    assert fewest("abc", lambda row: len(row) == 3) == ("a", "b", "c")


def test_claims_that_bring_a_total_to_a_ratio_that_falls_stay() -> None:
    """Whether the last claim comes to the ratio is not seen by settling it, so no claim before it is left out."""
    text = TWO_YEARS.replace("up to 1,000,000", "up to 2,000").split("require")[0]
    bands = "pay in slices of the amount\n    over 0 to 5,000  80%\n    over 5,000       50%\n"
    model = model_of(text.replace("deductible 100\n  pay 80%\n  cap 1,600 per person per calendar year\n", bands))
    (finding,) = (one for one in verify(model) if isinstance(one, Refuted) and one.property.code == "TP201")
    claims = [dict(claim) for claim in finding.witness.claims]
    assert sum(cost for claim in claims if isinstance(cost := claim["cost"], int)) > 500_000
