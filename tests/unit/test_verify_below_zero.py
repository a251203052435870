"""Questions about clauses are asked of totals from 0 on, before it is known that there are no others (TP203).

Here there are: a claim of 0 takes the total to -0.01, and of the next claim `x` leaves 0.02, which it never does of a
claim after totals from 0 on. Whatever was shown of those alone waits until the base is put right.
"""

from __future__ import annotations

import pytest

from compiler.evaluate import Settled, Undefined, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.schedule import Lack
from compiler.verify import verify, verify_on_record
from compiler.verify.ground import ENUMERATED, SWEEP
from tests.policies import claims, model_of

TEXT = """
policy p
  currency CNY
  round up to 0.01
claim
  person identifier
  day date
  cost money up to 1,000
  ward plain | private
benefit x
  of {base}, added up per person per calendar year by day
  pay 100%
benefit y
  of left
{bands}
stack of cost
  x, then y
{more}"""
BELOW_ZERO, PUT_RIGHT = "cost - 0.01", "max(0, cost - 0.01)"

FALLING = """\
  pay in slices of the amount
    from 0 to 0.01  100%
    over 0.01        50%
"""
OPEN_ABOVE = """\
  pay in slices of the amount
    from 0 to 0.01  100%
"""
WITHOUT_A_RATIO = """\
  pay in slices of the amount
    from 0 to 0.01  100%
    over 0.01
"""
OVERLAPPING = """\
  pay on the whole amount
    from 0       100%
    over 0.01    100%
"""
BELOW_A_DEDUCTIBLE = """\
  deductible 0.01
  pay in slices of the amount
    over 0.05  100%
"""


def answers(base: str, bands: str, code: str, more: str = "", subject: str = "y") -> list[Finding]:
    """What is said of y, or of another subject."""
    found = verify(model_of(TEXT.format(base=base, bands=bands, more=more)))
    return [one for one in found if (one.property.code, one.property.subject) == (code, subject)]


def waits(findings: list[Finding]) -> bool:
    return bool(findings) and all(isinstance(one, Unknown) and one.reason == "waits for TP203" for one in findings)


def test_a_claim_after_a_total_below_zero_reaches_what_none_reaches_from_0_on() -> None:
    model = model_of(TEXT.format(base=BELOW_ZERO, bands=FALLING, more=""))
    first, second = settle_all(model, claims([{"cost": 0}, {"cost": 1_000}]))
    assert isinstance(first, Settled) and isinstance(second, Settled)
    assert (first.amounts["x.base"], second.amounts["y.base"]) == (-1, 2)
    # Of one claim, and of claims after totals from 0 on, it is 0.01: as it is for all, once the base is put right.
    right = model_of(TEXT.format(base=PUT_RIGHT, bands=FALLING, more=""))
    for costs in ([1_000], [1, 1_000], [0, 1_000]):
        *_, last = settle_all(right, claims([{"cost": cost} for cost in costs]))
        assert isinstance(last, Settled) and last.amounts["y.base"] == 1


def test_a_band_that_only_such_a_claim_reaches_is_not_called_dead() -> None:
    assert waits(answers(BELOW_ZERO, FALLING, "TP103"))
    (dead,) = answers(PUT_RIGHT, FALLING, "TP103")
    assert isinstance(dead, Refuted) and dead.diagnostic.key == "TP103"


@pytest.mark.parametrize(
    ("bands", "code", "lack"),
    [
        (OPEN_ABOVE, "TP101", Lack.NO_BAND),
        (OVERLAPPING, "TP102", Lack.TWO_BANDS),
        (BELOW_A_DEDUCTIBLE, "TP104", Lack.NO_BAND),
        (WITHOUT_A_RATIO, "TP105", Lack.NO_RATIO),
    ],
)
def test_that_every_amount_has_a_value_waits_where_such_a_claim_has_none(bands: str, code: str, lack: Lack) -> None:
    model = model_of(TEXT.format(base=BELOW_ZERO, bands=bands, more=""))
    _, outcome = settle_all(model, claims([{"cost": 0}, {"cost": 1_000}]))
    assert isinstance(outcome, Undefined) and (outcome.amount, outcome.lack) == ("y", lack)
    assert waits(answers(BELOW_ZERO, bands, code))
    assert all(isinstance(one, Proved) for one in answers(PUT_RIGHT, bands, code))


@pytest.mark.parametrize(
    ("more", "code", "subject"),
    [
        ("", "TP201", "y"),
        ("require\n  y ratio never falls\n", "TP302", "y ratio never falls"),
        ("require\n  y ratio at least 80%\n", "TP302", "y ratio at least 80%"),
    ],
)
def test_a_lower_ratio_that_only_such_a_claim_reaches_is_not_passed_over(more: str, code: str, subject: str) -> None:
    assert waits(answers(BELOW_ZERO, FALLING, code, more, subject))
    assert all(isinstance(one, Proved) for one in answers(PUT_RIGHT, FALLING, code, more, subject))


def test_what_asks_nothing_of_claims_is_proved_all_the_same() -> None:
    """That the bands of y meet is seen from their ends; so it is with those of x, whose own total it is."""
    for subject in ("x", "y"):
        (meets,) = answers(BELOW_ZERO, FALLING, "TP101", subject=subject)
        assert isinstance(meets, Proved) and meets.method == SWEEP
    by_word = "  pay by ward   plain 50%   private 40%\n"
    (looked_up,) = answers(BELOW_ZERO, by_word, "TP105")
    assert isinstance(looked_up, Proved) and looked_up.method == ENUMERATED


def test_no_certificate_is_written_for_what_waits() -> None:
    model = model_of(TEXT.format(base=BELOW_ZERO, bands=OPEN_ABOVE, more=""))
    assert verify_on_record(model).findings == verify(model)
