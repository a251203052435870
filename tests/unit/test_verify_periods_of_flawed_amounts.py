"""What nothing is promised of is promised of no period: an amount below 0, here or in another version."""

from __future__ import annotations

from datetime import date

from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import Model
from compiler.verify import verify
from compiler.versions import matched, merged
from tests.policies import model_of

CLAIM = """
claim
  person  identifier
  day     date
  cost    money up to 1,000
  other   money up to 1,000
  kind    a | b
"""

IN_TURNS = f"""policy p
  currency CNY
  in force from 2024-01-01, by day
  round half up to 0.01
{CLAIM}
benefit f
  of cost, added up per person per calendar year
  pay in slices of the amount
    over 0 to 100      100%
    over 100 to 200      0%
    over 200 to 300    100%
    over 300             0%

benefit g
  of cost, added up per person per calendar year
  pay in slices of the amount
    over 0 to 100        0%
    over 100 to 200    100%
    over 200             0%

stack of cost
  f, then g, then z

amount y = f - g

benefit z
  of y
  pay 100%

require
  z at most 100 per person per calendar year
  y at most 100 per person per calendar year
"""


def of_period(model: Model) -> list[Finding]:
    """The answers to what is required of periods, in the order of the policy."""
    return [finding for finding in verify(model) if " per person per " in finding.property.subject]


def test_a_part_of_an_amount_that_falls_below_zero_may_come_to_more_than_the_amount() -> None:
    part, whole = of_period(model_of(IN_TURNS))
    # 100 for the first claim, nothing for the second, which takes 100 from y, and 100 for the third.
    assert isinstance(part, Refuted)
    assert isinstance(whole, Proved)


def version(days: str, rest: str, required: str = "") -> Model:
    return model_of(f"""policy p
  currency CNY
  in force {days}, by day
  round half up to 0.01
{CLAIM}
amount rest = {rest}

benefit plan
  of rest, added up per person per calendar year
  pay in slices of the amount, by kind
                       a     b
    over 0 to 100    100%    0%
    over 100           0%    0%
{required}""")


REQUIRED = "\nrequire\n  plan at most 100 per person per calendar year\n"
LATER = version("from 2024-07-01", "cost", REQUIRED)


def test_what_another_version_takes_from_the_total_of_a_year_is_waited_for() -> None:
    earlier = version("2024-01-01 to 2024-06-30", "cost - other")
    (found,) = of_period(matched((earlier, LATER))[1])
    assert isinstance(found, Unknown | Refuted)
    if isinstance(found, Unknown):
        assert found.reason == "waits for TP203 of another version"
    whole = merged((earlier, LATER))
    facts = [(date(2024, 1, 1), 10_000, 0, "a"), (date(2024, 1, 2), 0, 10_000, "b"), (date(2024, 7, 2), 10_000, 0, "a")]
    outcomes = settle_all(
        whole,
        [
            {"claim": str(number), "person": "A", "day": day, "cost": cost, "other": other, "kind": kind}
            for number, (day, cost, other, kind) in enumerate(facts)
        ],
    )
    assert [one.amounts["plan"] for one in outcomes if isinstance(one, Settled)] == [10_000, 0, 10_000]


def test_a_version_without_that_flaw_is_proved_with_the_other() -> None:
    earlier = version("2024-01-01 to 2024-06-30", "cost")
    (found,) = of_period(matched((earlier, LATER))[1])
    assert isinstance(found, Proved)
    alone = version("2024-01-01 to 2024-06-30", "max(0, cost - other)")
    (found,) = of_period(matched((alone, LATER))[1])
    assert isinstance(found, Proved)


def test_a_proof_that_rests_on_what_a_layer_promises_says_so() -> None:
    text = f"""policy p
  currency CNY
  in force from 2024-01-01, by day
  round half up to 0.01
{CLAIM}
benefit basic
  of cost, added up per person per calendar year
  pay 40%
  cap 100

amount e = basic

benefit extra
  of e
  deductible 10
  pay 50%

stack of cost
  basic, then extra

require
  extra at most 100 per person per calendar year
  basic at most 100 per person per calendar year
"""
    promised, added_up = of_period(model_of(text))
    assert isinstance(promised, Proved) and "by layer contracts" in promised.method
    assert isinstance(added_up, Proved) and "contracts" not in added_up.method
