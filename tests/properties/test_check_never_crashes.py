"""Real policies with words dropped, doubled and exchanged: whatever comes of it, it is an answer and not a crash."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.commands import report
from compiler.driver import check
from dsl.catalogue import load_catalogue
from dsl.render import COLOURED
from dsl.source import Source
from tests.command import DRAFT, JIANGNING, NINGXIA, SMALL

POLICIES = [path.read_text(encoding="utf-8") for path in (NINGXIA, JIANGNING, DRAFT)] + [SMALL] * 3
PIECES = re.compile(r"(\s+|\w+|[^\w\s])")
STRANGE = [
    "0",
    "1",
    "100%",
    "0%",
    "20",
    "2万元",
    "在职",
    "２",
    "\t",
    '"',
    "left",
    "own share",
    "cap",
    "\u2028",
    "\x0c",
    "(",
]


def _pieces(text: str) -> list[str]:
    return [piece for piece in PIECES.split(text) if piece]


WORDS = sorted({piece for text in POLICIES for piece in _pieces(text) if not piece.isspace()}) + STRANGE
CHANGES = st.lists(
    st.tuples(st.sampled_from(["drop", "double", "insert", "replace"]), st.integers(0, 10_000), st.sampled_from(WORDS)),
    min_size=1,
    max_size=4,
)


def _changed(text: str, changes: list[tuple[str, int, str]]) -> str:
    pieces = _pieces(text)
    for kind, anywhere, word in changes:
        place = anywhere % len(pieces)
        match kind:
            case "drop":
                pieces[place] = ""
            case "double":
                pieces.insert(place, pieces[place])
            case "insert":
                pieces.insert(place, word)
            case _:
                pieces[place] = word
    return "".join(pieces)


@settings(max_examples=150, deadline=None)
@given(text=st.sampled_from(POLICIES), changes=CHANGES)
def test_every_text_has_a_verdict_that_can_be_shown(text: str, changes: list[tuple[str, int, str]]) -> None:
    verdict = check(Source("changed.policy", _changed(text, changes)))
    shown = list(report.flaws(verdict, load_catalogue(), COLOURED))
    json.dumps(report.report_record([verdict], load_catalogue(), 0))
    assert report.summary("check", [verdict], 0)
    assert verdict.passed or shown
    assert verdict.loaded.model is not None or verdict.loaded.diagnostics
