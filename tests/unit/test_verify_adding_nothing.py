"""A claim that adds nothing to a running total is paid f(S) - f(S), whatever stands in f: it reaches nothing there."""

from __future__ import annotations

import pytest

from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted
from compiler.verify import verify
from tests.policies import claims, model_of

HEAD = """
policy p
  currency EUR
  round half up to 0.01
claim
  person identifier
  day date
  cost money up to 100,000
  hospital township | county | private_
"""
TABLE = """\
benefit x
  of cost, added up per person per calendar year by day
{excluded}  pay in slices of the amount, by hospital
                    township  county  otherwise
    over 0 to 5,000   60%       50%      90%
    over 5,000        80%       70%       0%
require
  x ratio at least 50%
  x ratio never falls
"""
ONLY_PUBLIC = "  for hospital is one of township, county\n"


def answers(text: str, code: str, subject: str = "") -> list[Finding]:
    findings = verify(model_of(HEAD + text))
    return [one for one in findings if one.property.code == code and subject in ("", one.property.subject)]


@pytest.mark.parametrize("code", ["TP201", "TP302"])
def test_a_column_whose_claims_are_excluded_pays_no_ratio(code: str) -> None:
    assert all(isinstance(one, Proved) for one in answers(TABLE.format(excluded=ONLY_PUBLIC), code))
    refuted = [one for one in answers(TABLE.format(excluded=""), code) if isinstance(one, Refuted)]
    assert [dict(one.witness.claims[-1])["hospital"] for one in refuted] == ["private_"] * (1 if code == "TP201" else 2)


def test_the_claim_that_reaches_a_lower_ratio_is_paid_for_it() -> None:
    """Excluded are small claims only: one above 200 brings the total to where the ratio is lower."""
    text = TABLE.format(excluded="  for cost over 200\n")
    (shown,) = (one for one in answers(text, "TP201") if isinstance(one, Refuted))
    outcome = settle_all(model_of(HEAD + text), [dict(claim) for claim in shown.witness.claims])[-1]
    assert isinstance(outcome, Settled) and outcome.amounts["x.base"] > 20_000


NOTHING_LEFT = """\
benefit x
  of cost
  pay {ratio}
benefit y
  of left, added up per person per calendar year by day
  deductible 100
  pay in slices of the amount
    over 0        50%
  cap 1,500
stack of cost
  x, then y
"""
ONLY_OTHERS = """\
benefit x
  of cost
  pay by hospital
    township   100%
    otherwise   80%
benefit y
  of left, added up per person per calendar year by day
  for hospital is {hospital}
  deductible 500
  pay 50%
  cap 2,000
stack of cost
  x, then y
"""


@pytest.mark.parametrize("code", ["TP103", "TP204"])
@pytest.mark.parametrize(
    ("dead", "alive"),
    [
        (NOTHING_LEFT.format(ratio="100%"), NOTHING_LEFT.format(ratio="99%")),
        (ONLY_OTHERS.format(hospital="township"), ONLY_OTHERS.format(hospital="county")),
    ],
)
def test_what_looks_at_a_total_that_no_claim_raises_is_dead(code: str, dead: str, alive: str) -> None:
    *_, said = answers(dead, code, "y")
    assert isinstance(said, Refuted) and said.witness.claims == ()
    *_, said = answers(alive, code, "y")
    assert isinstance(said, Proved)


def test_a_cap_of_a_year_over_a_benefit_that_pays_nothing_is_never_reached() -> None:
    text = "benefit x\n  of cost\n  pay {}\n  cap 20 per person per calendar year by day\n"
    (said,) = answers(text.format("0%"), "TP204")
    assert isinstance(said, Refuted)
    (said,) = answers(text.format("1%"), "TP204")
    assert isinstance(said, Proved)


BY_WHAT_CAME_BEFORE = """\
amount counted = if hospital is township then min(cost, 60) else max(cost, 1,000)
benefit x
  of counted, added up per person per calendar year by day
  deductible by hospital
    township   100
    otherwise    0
  pay on the whole amount
    over 0 to 60   {}
    over 60        20%
"""


def test_on_the_whole_a_band_decides_of_a_claim_that_only_comes_after_it() -> None:
    """A township claim brings the total to 60 at most, below its deductible; any other one brings it to 1,000 or more,
    and what it was in the lowest band is taken off: 20% of 1,060, less 10% of 60."""
    rows = claims([{"cost": 6_000, "hospital": "township"}, {"cost": 100_000, "hospital": "county"}])
    for ratio, pays in (("10%", 20_600), ("0%", 21_200)):
        outcome = settle_all(model_of(HEAD + BY_WHAT_CAME_BEFORE.format(ratio)), rows)[-1]
        assert isinstance(outcome, Settled) and outcome.amounts["x"] == pays
    (said,) = answers(BY_WHAT_CAME_BEFORE.format("10%"), "TP103", "x")
    assert isinstance(said, Proved)
