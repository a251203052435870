"""What people write by mistake, and what they are told to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl.catalogue import load_catalogue
from tests.policies import diagnostics_of

POLICY = """policy supplementary_2024
  title     "Supplementary cover"
  source    "Ordinance 12 of 2024, article 3"
  currency  CNY
  in force  2024-01-01 to 2024-12-31, by discharged
  round half up to 0.01

claim
  person      identifier
  discharged  date
  borne       money up to 10,000,000
  illness     general | listed
  days        count up to 366

parameter line by illness   general 6,000, listed 5,000

benefit supplementary
  of borne, added up per person per calendar year
  deductible line
  pay in slices of the amount, by illness
                             general   listed
    over   line to  20,000     50%       51%
    over  20,000 to 100,000    52%       53%
    over 100,000               60%       62%
  cap 500,000

require
  supplementary ratio never falls
  supplementary ratio at least 50%
  supplementary for listed never below general

example "two stays in one year"
  discharged 2024-03-01, borne 20,000, illness general, days 3
  expect supplementary 7,000
  discharged 2024-09-01, borne 30,000, illness general, days 3
  expect supplementary 15,600, own share 14,400
"""

SLIPS = Path(__file__).with_name("slips.txt")


def slips() -> Iterator[tuple[str, str, str, str]]:
    """Each slip: what was right, what was written instead, what is said, and the help."""
    written = SLIPS.read_text(encoding="utf-8").replace("\\n", "\0").split("\n\n")
    for block in (part.strip("\n") for part in written if part.startswith("- ")):
        right, slip, said, instead = (line.replace("\0", "\n") for line in block.split("\n"))
        yield right[2:], slip[2:], said.removeprefix("  error: "), instead.removeprefix("  help: ")


@pytest.mark.parametrize(("right", "slip", "said", "instead"), list(slips()))
def test_a_slip_is_named_once_with_what_to_write_instead(right: str, slip: str, said: str, instead: str) -> None:
    assert right in POLICY
    words = load_catalogue()
    mistakes = diagnostics_of(POLICY.replace(right, slip, 1))
    assert [(words.message(mistake), words.help(mistake)) for mistake in mistakes] == [(said, instead)]


def test_every_slip_of_the_page_is_tried() -> None:
    assert len(list(slips())) == SLIPS.read_text(encoding="utf-8").count("\n- ") > 100


def test_the_policy_that_the_slips_are_made_in_has_no_mistake() -> None:
    assert diagnostics_of(POLICY) == ()


def test_a_policy_without_a_claim_is_told_that_alone() -> None:
    before, rest = POLICY.split("claim\n", 1)
    _, after = rest.split("\n\n", 1)
    assert [mistake.key for mistake in diagnostics_of(before + after)] == ["TP013"]
