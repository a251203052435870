"""`never below`: who has received at least as much at every moment, of clauses that are added up and capped."""

from __future__ import annotations

import pytest

from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import Model, NeverBelow
from compiler.verify import verify
from tests.policies import model_of

HEADER = """
policy p
  currency CNY
  round half up to 0.01
claim
  person    identifier
  day       date
  cost      money up to 10,000,000
  illness   general | listed
  hospital  township | county
"""

OUT_OF_POCKET = """
benefit plan
  of cost, added up per person per calendar year by day
  deductible by illness  general 500, listed 300
  pay by illness         general 50%, listed 60%
benefit maximum
  of left, added up per person per calendar year by day
  deductible 1,000
  pay 100%
stack of cost
  plan, then maximum
amount both = plan + maximum
"""

TWO_PERIODS = """
benefit yearly
  of cost, added up per person per calendar year by day
  pay by illness  general 50%, listed 60%
  cap 2,000 per person per lifetime by day
benefit monthly
  of cost, added up per person per month by day
  pay by illness  general 10%, listed 15%
stack of cost
  yearly, then monthly
amount both = yearly + monthly
"""

BY_CLAIM = """
benefit visit
  of cost
  pay by illness  general 50%, listed 60%
  cap by illness  general 300, listed 400
benefit year
  of cost, added up per person per calendar year by day
  pay by illness  general 5%, listed 6%
stack of cost
  visit, then year
amount both = min(visit, 200) + year
"""

TWO_WORDS = """
benefit b
  of cost, added up per person per calendar year by day
  pay by illness, hospital
               township  county
    general       50%      40%
    listed        70%      60%
"""

WIDER = """
amount counted = if illness is listed then cost else 50% of cost
benefit b
  of counted, added up per person per calendar year by day
  pay in slices of the amount, by hospital
                     township  county
    over   0 to 100      0%     100%
    over 100            10%       0%
"""

USED_UP = """
benefit life
  of cost, added up per person per lifetime by day
  pay by illness  general 25%, listed 50%
  cap 1,000
amount counted = life
benefit year
  of counted, added up per person per calendar year by day
  pay 50%
  cap 300
stack of cost
  life, then year
"""

CAPPED_CLAIM = """
benefit b
  of cost, added up per person per calendar year by day
  pay by illness  general 50%, listed 60%
  cap 800 per claim
"""

CAPPED_LOWER = """
benefit b
  of cost, added up per person per calendar year by day
  pay 50%
  cap per claim, by illness  general 800, listed 700
amount kept = cost - b
"""

CAPPED_BETTER = """
benefit b
  of cost, added up per person per calendar year by day
  pay by illness  general 50%, listed 100%
  cap 800 per claim
amount kept = cost - b
"""

CAPPED_BY_ANOTHER = """
amount counted = min(cost, 50)
benefit first
  of cost, added up per person per calendar year by day
  pay in slices of the amount, by illness
                     general  listed
    over   0 to 100    50%     {low}
    over 100 to 200    50%     {high}
    over 200           50%     50%
benefit second
  of counted
  pay 100%
  cap first
stack of cost
  first, then second
amount kept = cost - second
"""

VISITS = """
benefit b
  of cost
  deductible 300 per person per calendar year by day
  pay by illness, hospital
               township  county
    general       60%      50%
    listed        70%      {}
"""
BEYOND = """
benefit b
  of cost, added up per person per calendar year by day
  pay 100%
  cap 1,000
amount rest = {}
amount borne = if illness is listed then 60% of rest else 50% of rest
"""

COUNTED = """
amount counted = if illness is listed then cost else {general}
benefit b
  of counted, added up per person per calendar year by day
  pay in slices of the amount, by illness, hospital
                     general/township  listed/township  general/county  listed/county
"""
A_FEN_LESS, UP_TO_100 = COUNTED.format(general="max(cost - 0.01, 0)"), COUNTED.format(general="min(cost, 100)")
FROM_NOTHING = """\
    over 0 to 0.01       100%  100%  0%  0%
    over 0.01              0%    0%  0%  0%
"""
A_FEN_APART = """\
    over 0 to 0.01         0%    0%  0%  0%
    over 0.01 to 0.02      0%  100%  0%  0%
    over 0.02 to 0.03    100%    0%  0%  0%
    over 0.03              0%  100%  0%  0%
"""
A_FEN_BEHIND = """\
    over 0 to 0.01       100%    0%  0%  0%
    over 0.01            100%  100%  0%  0%
"""
AT_THE_TOP = """\
    over 0 to 99,999,999,999.99    0%    0%  0%  0%
    over 99,999,999,999.99       100%    0%  0%  0%
"""


def asked(text: str, line: str) -> tuple[Model, Finding]:
    """The answer to the one requirement of a policy."""
    model = model_of(f"{HEADER}{text}\nrequire\n  {line}\n")
    (found,) = [finding for finding in verify(model) if finding.property.code == "TP302"]
    return model, found


@pytest.mark.parametrize(
    ("text", "line", "how"),
    [
        (OUT_OF_POCKET, "both for listed never below general", "the claims of a period as one"),
        (OUT_OF_POCKET, "own share for general never below listed", "the claims of a period as one"),
        (TWO_PERIODS, "both for listed never below general", "direct integer query"),
        (TWO_PERIODS, "yearly for listed never below general", "layer contracts composed"),
        (BY_CLAIM, "both for listed never below general", "direct integer query"),
        # What a year has taken off before, or paid, is the same for both.
        (VISITS.format("50%"), "b for listed never below general", "direct integer query"),
        (BEYOND.format("cost - b"), "borne for listed never below general", "direct integer query"),
    ],
)
def test_sums_and_caps_that_keep_the_better_word_ahead(text: str, line: str, how: str) -> None:
    _, found = asked(text, line)
    assert isinstance(found, Proved), found
    assert how in found.method


@pytest.mark.parametrize(
    ("text", "line", "bills"),
    [
        (VISITS.format("49.99%"), "b for listed never below general", 1),
        # The larger share of what is below 0.
        (BEYOND.format("b - cost"), "borne for listed never below general", 1),
        # What a better plan pays, the maximum need not pay.
        (OUT_OF_POCKET, "maximum for listed never below general", 1),
        # Rounded to the fen in each of two columns, three bills can gain a fen less.
        (TWO_WORDS, "b for listed never below general", 2),
        # More is counted of the better word, and then lies in a band of nothing in the other hospital.
        (WIDER, "b for listed never below general", 2),
        # What the better word has received of its lifetime this year, the worse one receives in the next.
        (USED_UP, "year for listed never below general", 2),
        # Both are cut to 800, but of the next fen only one is rounded up.
        (CAPPED_CLAIM, "b for listed never below general", 2),
        (CAPPED_LOWER, "b for listed never below general", 1),
        (CAPPED_BETTER, "kept for listed never below general", 1),
        # What the first layer has paid more of an earlier bill is no cap of a later one.
        (CAPPED_BY_ANOTHER.format(low="60%", high="40%"), "second for listed never below general", 2),
        (CAPPED_BY_ANOTHER.format(low="100%", high="100%"), "kept for listed never below general", 1),
        # More is counted of the better word: a fen that the other has not, the same less than a fen more.
        (f"{A_FEN_LESS}{FROM_NOTHING}", "b for listed never below general", 2),
        (f"{UP_TO_100}{A_FEN_APART}", "b for listed never below general", 2),
        (f"{UP_TO_100}{A_FEN_BEHIND}", "b for listed never below general", 1),
    ],
)
def test_bills_with_which_the_better_word_falls_behind(text: str, line: str, bills: int) -> None:
    model, found = asked(text, line)
    assert isinstance(found, Refuted) and len(found.witness.claims) == bills, found
    (requirement,) = model.requirements
    assert isinstance(requirement, NeverBelow)
    received = []
    for word in (requirement.better, requirement.worse):
        outcomes = settle_all(model, [{**dict(claim), "illness": word} for claim in found.witness.claims])
        received.append(sum(one.amounts[requirement.benefit] for one in outcomes if isinstance(one, Settled)))
    assert received[0] < received[1]


def test_the_last_fen_of_the_domain_is_asked_about() -> None:
    # Of bills up to 10,000,000 that takes ten thousand, so that nothing shows it.
    _, found = asked(f"{COUNTED.format(general='cost')}{AT_THE_TOP}", "b for listed never below general")
    assert isinstance(found, Unknown), found


def stack(layers: int, bands: int) -> str:
    """So many layers over a year, each with a deductible, bands and a cap; the first is better for one word."""
    lines: list[str] = []
    for layer in range(layers):
        line = 100 * (layer + 1)
        lines += [
            f"benefit l{layer}",
            f"  of {'left' if layer else 'cost'}, added up per person per calendar year by day",
        ]
        lines += [f"  deductible {line}", f"  pay in slices of the amount{'' if layer else ', by illness'}"]
        lines += [] if layer else ["             general  listed"]
        for band in range(bands):
            begins = line + band * 5_000
            ratio = 40 + band * 40 // bands
            end = "" if band == bands - 1 else f"to {begins + 5_000}"
            lines.append(f"    over {begins} {end} {ratio}%{'' if layer else f' {ratio + 5}%'}")
        lines.append(f"  cap {200_000 + 10_000 * layer}")
    names = [f"l{layer}" for layer in range(layers)]
    return "\n".join([*lines, "stack of cost", f"  {', then '.join(names)}", f"amount whole = {' + '.join(names)}"])


def test_a_stack_of_many_layers_by_what_each_promises() -> None:
    _, found = asked(stack(5, 12), "whole for listed never below general")
    assert isinstance(found, Proved)
    assert found.method == "layer contracts composed, the claims of a period as one"
    _, turned = asked(stack(3, 4), "whole for general never below listed")
    assert isinstance(turned, Refuted)
