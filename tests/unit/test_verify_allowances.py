"""TP209 where the question that an allowance speaks of has no plain answer."""

from __future__ import annotations

import pytest

from compiler.driver import load, prove
from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from dsl.source import Source

TWO_LEAPS = """
policy two_leaps
  currency CNY
  round half up to 0.01
claim
  person identifier
  day    date
  cost   money up to 1,000
benefit early
  of cost
  for cost at least 100
  pay 50%
benefit late
  of left
  for cost at least 200
  pay 50%
stack of cost
  early, then late
allow payment depends on splitting because "each claim by itself"
"""
"""Two benefits that each open at once. The smallest claim shows the leap of the first."""


def answers(text: str) -> dict[str, Finding]:
    """What is answered of each `allow` line."""
    loaded = load(Source("test.policy", text))
    assert loaded.model is not None, loaded.diagnostics
    return {one.property.subject: one for one in prove(loaded).findings if one.property.code == "TP209"}


def test_a_leap_of_one_benefit_says_nothing_of_what_is_allowed_to_another() -> None:
    found = answers(TWO_LEAPS + "".join(f'allow {one} own share falls because "so"\n' for one in ("early", "late")))
    needed = {subject for subject, answer in found.items() if isinstance(answer, Proved)}
    others = {subject for subject, answer in found.items() if isinstance(answer, NotAsked)}
    assert needed | others == {"early own share falls", "late own share falls", "payment depends on splitting"}
    assert len(others) == 1


def test_an_allowance_waits_with_the_question_that_it_speaks_of() -> None:
    gap = TWO_LEAPS.replace(
        "  for cost at least 200\n  pay 50%", "  pay in slices of the amount\n    over 0 to 10 50%\n    over 20 60%"
    )
    found = answers(gap + 'allow own share falls because "so"\n')
    answer = found["own share falls"]
    assert isinstance(answer, Unknown) and answer.reason == "waits for TP202"


@pytest.mark.parametrize("what", ["ratio falls", "own share falls", "payment depends on splitting"])
def test_nothing_is_needed_of_a_plain_share(what: str) -> None:
    plain = TWO_LEAPS[: TWO_LEAPS.index("benefit early")] + "benefit b\n  of cost\n  pay 50%\n"
    assert isinstance(answers(f'{plain}allow {what} because "so"\n')[what], Refuted)
    assert answers(plain) == {}


def test_a_flaw_of_another_kind_needs_no_allowance() -> None:
    plain = TWO_LEAPS[: TWO_LEAPS.index("benefit early")] + "benefit b\n  of cost\n  pay 50%\n"
    found = answers(f'{plain}require\n  b at most 10\nallow own share falls because "so"\n')
    assert isinstance(found["own share falls"], Refuted)


def test_worse_off_speaks_to_another_policy() -> None:
    plain = TWO_LEAPS[: TWO_LEAPS.index("benefit early")] + "benefit b\n  of cost\n  pay 50%\n"
    assert answers(plain + 'allow worse off because "the fund pays no more"\n') == {}
