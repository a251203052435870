"""`never falls as` and `never rises as`, of amounts and of counts, through layers and over a year."""

from __future__ import annotations

import pytest

from compiler.findings import Finding, Proved, Refuted
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
  days      count up to 366
"""

DAILY = """
amount counted = min(50 * days, cost)
benefit stay
  of counted, added up per person per calendar year by day
  deductible 100
  pay in slices of the amount
    over   100 to 1,000   50%
    over 1,000            80%
  cap 2,000
benefit rest
  of left, added up per person per calendar year by day
  pay 50%
stack of cost
  stay, then rest
"""

FEWER = """
benefit stay
  of cost
  pay min(cost, 50 * max(0, 100 - days))
"""

FREE_FROM_THE_FOURTH = """
benefit stay
  of cost
  pay if days over 3 then 50% of cost else 80% of cost
"""


def asked(text: str, line: str) -> Finding:
    """The answer to the one requirement of a policy."""
    (found,) = [one for one in verify(model_of(f"{HEADER}{text}\nrequire\n  {line}\n")) if one.property.code == "TP302"]
    return found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (DAILY, "stay never falls as days rises"),
        (DAILY, "stay never falls as cost rises"),
        (DAILY, "own share never rises as days rises"),
        (FEWER, "stay never rises as days rises"),
        (FEWER, "own share never falls as days rises"),
        (FREE_FROM_THE_FOURTH, "stay never rises as days rises"),
    ],
)
def test_what_moves_one_way_only(text: str, line: str) -> None:
    assert isinstance(asked(text, line), Proved)


@pytest.mark.parametrize(
    ("text", "line", "key", "low", "high"),
    [
        (DAILY, "stay never rises as days rises", "TP302.rises", "2", "3"),
        (DAILY, "own share never falls as days rises", "TP302.falls", "2", "3"),
        (FEWER, "stay never falls as days rises", "TP302.falls", "0", "1"),
        (FREE_FROM_THE_FOURTH, "stay never falls as days rises", "TP302.falls", "3", "4"),
        (FREE_FROM_THE_FOURTH, "stay never rises as cost rises", "TP302.rises", "0.00", "0.01"),
    ],
)
def test_the_claim_at_which_it_moves_the_other_way(text: str, line: str, key: str, low: str, high: str) -> None:
    found = asked(text, line)
    assert isinstance(found, Refuted) and found.diagnostic.key == key
    values = dict(found.diagnostic.params)
    assert (values["low"], values["high"]) == (low, high)


def test_only_an_amount_or_a_count_rises() -> None:
    wrong = f"{HEADER}{FEWER}\nrequire\n  stay never rises as person rises\n"
    assert [key for key, _ in mistakes_in(wrong)] == ["TP012"]
