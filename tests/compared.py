"""Pairs of policies to be compared, and what is found as a table."""

from __future__ import annotations

from pathlib import Path

from compiler.compare.result import Comparison, Part, Subject
from compiler.driver import load_all
from compiler.model import Model
from dsl.source import Source
from tests.command import ROOT

PLAN = """\
policy plan
  currency  CNY
  in force  {days}, by day
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money{bounds}
  kind    a | b

benefit care
  of cost, added up per person per calendar year
  deductible {deductible}
  pay {ratio}
  cap {cap}
"""


def plan(
    deductible: str = "600", ratio: str = "100%", cap: str = "1,000", days: str = "from 2024-01-01", bounds: str = ""
) -> Model:
    text = PLAN.format(deductible=deductible, ratio=ratio, cap=cap, days=days, bounds=bounds)
    return read(text)


def read(text: str, path: str = "plan.policy") -> Model:
    standard = ROOT / "policies" / "standards" / "national_critical_illness.policy"
    shelf = {path: [Source("standard.policy", standard.read_text("utf-8"))]}
    (loaded,) = load_all([Source(path, text)], shelf)
    assert loaded.model is not None, loaded.diagnostics
    return loaded.model


def of(path: Path, *changes: tuple[str, str]) -> Model:
    text = path.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return read(text, path.name)


def only(found: Comparison) -> Part:
    (part,) = found.parts
    return part


def table(subject: Subject) -> list[tuple[int, int, str, int, int]]:
    """First and last amount, what happens, by how much at most, and at which amount."""
    assert subject.ranges is not None
    rows = []
    for one in subject.ranges:
        for way, extreme in (("more", one.gain), ("less", one.loss)):
            if extreme is not None:
                at = extreme.claim["cost" if "cost" in extreme.claim else "borne"]
                assert isinstance(at, int)
                rows.append((one.first, one.last, way if one.every else f"{way} or same", extreme.by, at))
    return rows


TOP = 10**13
