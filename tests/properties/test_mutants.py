"""Slips of the pen in the policies of the repository: each is caught, or shown as a difference, or changes nothing.

An end is moved by one smallest unit, `over` becomes `from` and the other way round, two ratios of a row are swapped, a
cap is halved. Of every policy some of these are tried. A slip that `check` finds nothing wrong with must be shown by
the comparison with the policy as it was, with the claim that is paid otherwise, or be proved to change no payment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from compiler.compare.compare import compare
from compiler.driver import Loaded, load, prove
from dsl.source import Source
from tests.policies import POLICIES, standards

MOST_OF_A_POLICY = 4
ROW = re.compile(r"\s+(over|from)\s")
OTHER = {"over": "from", "from": "over"}
END = re.compile(r"([\d,]+)(\.\d\d)?(?=\s+\d+(\.\d+)?%)")
RATIO = re.compile(r"[\d.]+%")
CAP = re.compile(r"(\s+cap\s+)([\d,]+)(?![\d.%])")


@dataclass(frozen=True, slots=True)
class Slip:
    """What was done to which line of a policy, and the text with it."""

    what: str
    line: int
    text: str


def slips(text: str) -> Iterator[Slip]:
    """Every slip of the four kinds, line by line."""
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines):
        changed: list[tuple[str, str]] = []
        if ROW.match(line) and "%" in line:
            changed.append(("word", ROW.sub(lambda found: found[0].replace(found[1], OTHER[found[1]]), line, count=1)))
            changed.append(("end", END.sub(lambda found: found[1] + ".01", line, count=1)))
            ratios = RATIO.findall(line)
            if len(ratios) > 1:
                changed.append(("swap", _with_ratios(line, (ratios[1], ratios[0], *ratios[2:]))))
        cap = CAP.match(line)
        if cap:
            changed.append(("cap", CAP.sub(f"{cap[1]}{int(cap[2].replace(',', '')) // 2}", line, count=1)))
        for what, new in changed:
            if new != line:
                yield Slip(what, place + 1, "".join([*lines[:place], new, *lines[place + 1 :]]))


def _with_ratios(line: str, ratios: tuple[str, ...]) -> str:
    rest = iter(ratios)
    return RATIO.sub(lambda _: next(rest), line)


def some(found: list[Slip]) -> list[Slip]:
    """A few, spread over the policy."""
    return found[:: max(1, -(-len(found) // MOST_OF_A_POLICY))]


def read(path: Path, text: str) -> Loaded:
    return load(Source(path.relative_to(POLICIES).as_posix(), text), standards())


FINAL = [
    path
    for path in sorted(POLICIES.rglob("*.policy"))
    if (one := read(path, path.read_text("utf-8"))).model is not None and not one.draft
]


@pytest.mark.parametrize("path", FINAL, ids=lambda path: path.stem)
def test_a_slip_of_the_pen_does_not_pass_unseen(path: Path) -> None:
    as_it_was = read(path, path.read_text("utf-8"))
    assert as_it_was.model is not None
    assert prove(as_it_was).errors == 0
    for slip in some(list(slips(path.read_text("utf-8")))):
        changed = read(path, slip.text)
        if changed.model is None or prove(changed).errors:
            continue
        found = compare(as_it_was.model, changed.model)
        assert found.differs or not found.open, slip


def test_slips_of_every_kind_are_tried() -> None:
    tried = [(path, slip) for path in FINAL for slip in some(list(slips(path.read_text("utf-8"))))]
    assert {slip.what for _, slip in tried} == {"word", "end", "swap", "cap"}
    assert len(tried) >= 20


def test_a_slip_that_changes_a_payment_without_being_wrong_is_shown() -> None:
    path = POLICIES / "ningxia" / "critical_illness_2013.policy"
    text = path.read_text("utf-8")
    as_it_was, changed = read(path, text), read(path, re.sub(r"\b50%", "49%", text, count=1))
    assert as_it_was.model is not None
    assert changed.model is not None
    assert compare(as_it_was.model, changed.model).differs
