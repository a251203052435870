"""The command as a user calls it, inside the test's own process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from compiler.cli import exit_code

ROOT = Path(__file__).parents[1]
NINGXIA = ROOT / "policies" / "ningxia" / "critical_illness_2013.policy"
JIANGNING = ROOT / "policies" / "jiangning" / "ncms_and_critical_illness.policy"
DRAFT = ROOT / "examples" / "drafts" / "ningxia_whole_yuan_bands.policy"

Capture = pytest.CaptureFixture[str]

SMALL = """\
policy small
  currency  CNY
  round half up to 0.01

claim
  person      identifier
  discharged  date
  cost        money
  illness     general | listed

benefit basic
  of cost, added up per person per calendar year
  deductible 600
  pay in slices of the amount, by illness
                        general  listed
    over 600 to 1,000   50%      60%
    over 1,000          70%      80%
"""
"""A policy that is proved in a few milliseconds."""

DATED = "currency  CNY\n  in force  {force}, by discharged"
FIRST = SMALL.replace("currency  CNY", DATED.format(force="2023-01-01 to 2024-06-30"))
SECOND = SMALL.replace("currency  CNY", DATED.format(force="from 2024-07-01")).replace("50%      60%", "55%      65%")
"""The same as two versions."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a call left behind."""

    code: int
    out: str
    err: str


def tierproof(capsys: Capture, *arguments: str | Path) -> Result:
    """Call the command. A traceback is never an answer, so it fails the test."""
    capsys.readouterr()
    code = exit_code([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    return Result(code, captured.out, captured.err)


def write(path: str, text: str) -> None:
    """A file, with the folders that it lies in."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
