"""Where tools of this field are known to go wrong: rounding, division, ends that meet, hidden bands, no claim."""

from __future__ import annotations

from datetime import date

import pytest

from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted
from compiler.model import Model
from compiler.verify import verify
from tests.policies import model_of

DAY = date(2024, 1, 1)

POLICY = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money{bounds}
benefit b
  of cost
  {clauses}
"""


def policy(*clauses: str, bounds: str = "") -> Model:
    text = POLICY.replace("{bounds}", bounds).replace("{clauses}", "\n  ".join(clauses))
    return model_of(text)


def of(model: Model, code: str) -> list[Finding]:
    return [finding for finding in verify(model) if finding.property.code == code]


def cost_of(finding: Finding) -> object:
    """The cost of the claim that shows a flaw, in fen."""
    assert isinstance(finding, Refuted), finding
    return dict(finding.witness.claims[-1])["cost"]


# Rounding and division --------------------------------------------------------------------------------

REQUIRING = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 1,000
amount half = 50% of cost
benefit b
  of cost
  pay 9/10
require
  {line}
"""


def required(line: str) -> Finding:
    (found,) = of(model_of(REQUIRING.replace("{line}", line)), "TP302")
    return found


def test_half_of_one_fen_is_a_fen_once_it_is_rounded() -> None:
    """`cost * 50% >= 0.01` and `cost <= 0.01` both hold at one fen: over real numbers they never do."""
    assert cost_of(required("always half under 0.01 or cost over 0.01")) == 1
    assert isinstance(required("always 50% of cost under 0.01 or cost over 0.01"), Proved)


def test_nine_tenths_are_not_divided_as_whole_numbers() -> None:
    (outcome,) = settle_all(policy("pay 9/10"), [{"claim": "1", "person": "A", "cost": 1_000, "day": DAY}])
    assert isinstance(outcome, Settled) and outcome.amounts["b"] == 900
    assert isinstance(required("always b + 0.01 over 9/10 of cost"), Proved)
    assert isinstance(required("b at least 9/10 of cost"), Refuted)
    assert "cost 10.00" in str(required("some claim reaches b is 9 and cost is 10"))


# Ends of bands ----------------------------------------------------------------------------------------


def test_neighbours_a_fen_apart_leave_no_gap() -> None:
    model = policy("pay in slices of the amount", "  over 0 to 20,000  50%", "  from 20,000.01  60%")
    assert all(isinstance(finding, Proved) for finding in (*of(model, "TP101"), *of(model, "TP102")))


@pytest.mark.parametrize(
    ("end", "begin", "code", "cost"),
    [
        ("to 1,000", "from 1,000", "TP102", 1_000_00),
        ("to under 1,000", "over 1,000", "TP101", 1_000_00),
        ("to 1,000", "over 1,000", None, None),
        ("to under 1,000", "from 1,000", None, None),
    ],
)
def test_equal_ends_meet_overlap_or_leave_one_amount_out(end: str, begin: str, code: str | None, cost: int) -> None:
    model = policy("pay on the whole amount", f"  over 0 {end}  50%", f"  {begin}  60%")
    for asked in ("TP101", "TP102"):
        (finding,) = of(model, asked)
        if asked == code:
            assert cost_of(finding) == cost
        else:
            assert isinstance(finding, Proved)


def test_a_band_in_the_middle_without_an_end_lies_over_the_next_one() -> None:
    model = policy("pay on the whole amount", "  over 0 to 100  40%", "  over 100  50%", "  over 1,000 to 5,000  60%")
    (finding,) = of(model, "TP102")
    assert cost_of(finding) == 1_000_01
    assert all(isinstance(one, Proved) for one in of(model, "TP101"))


def test_a_band_that_only_two_others_together_hide() -> None:
    """Neither of the others covers 900 to 1,100 by itself, so comparing them in pairs shows nothing hidden."""
    model = policy(
        "pay in slices of the amount", "  over 0 to 1,000  50%", "  over 1,000  60%", "  over 900 to 1,100  55%"
    )
    refuted = [finding for finding in of(model, "TP102") if isinstance(finding, Refuted)]
    assert refuted and cost_of(refuted[0]) == 900_01
    assert any(isinstance(finding, Refuted) for finding in of(model, "TP103"))


# Assumptions that contradict each other ---------------------------------------------------------------


def test_bounds_that_leave_no_claim_prove_nothing() -> None:
    """What was paid is at least 2,000 and at most the cost, which is at most 1,000: anything would hold of no claim."""
    model = policy("pay 50%", bounds=" up to 1,000\n  paid    money from 2,000 at most cost")
    (finding,) = verify(model)
    assert isinstance(finding, Refuted) and finding.diagnostic.key == "TP103.no_claim"


def test_a_condition_that_contradicts_itself_is_named() -> None:
    model = policy("for cost over 100 and cost under 50", "pay 50%")
    assert any(isinstance(finding, Refuted) for finding in of(model, "TP103"))


def test_a_condition_that_contradicts_the_bounds_is_named() -> None:
    model = policy("for cost over 2,000", "pay 50%", bounds=" up to 1,000")
    assert any(isinstance(finding, Refuted) for finding in of(model, "TP103"))
