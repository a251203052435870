"""Every policy on the language page passes the checks, and its examples come out.

```policy and ```standard are whole files; ```benefit stands under the last ```frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from compiler.commands.report import PASSED, exit_code, flaws
from compiler.driver import load, prove
from dsl.catalogue import load_catalogue
from dsl.keywords import WORDS
from dsl.render import PLAIN
from dsl.source import Source
from tests.command import ROOT

PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")


def blocks() -> Iterator[tuple[str, str, str]]:
    """Every block of the page: its line, its kind, and the text of the file it stands for."""
    frame = ""
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        kind, text = found.groups()
        line = PAGE.count("\n", 0, found.start()) + 1
        if kind == "frame":
            frame = text
            continue
        yield f"line {line}", kind, f"{frame}\n{text}" if kind == "benefit" else text


POLICIES = [pytest.param(text, id=line) for line, kind, text in blocks() if kind in ("policy", "benefit")]


@pytest.mark.parametrize("phrase", WORDS.values())
def test_every_word_of_the_language_is_on_the_page(phrase: str) -> None:
    assert re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ".join(PAGE.split()))


def test_no_block_goes_unread() -> None:
    assert {kind for _, kind, _ in blocks()} == {"policy", "benefit", "standard"}
    assert PAGE.count("\n```\n") == PAGE.count("\n```") / 2
    assert len(POLICIES) >= 20


@pytest.mark.parametrize("text", POLICIES)
def test_a_policy_of_the_page_passes(text: str) -> None:
    verdict = prove(load(Source("language.md", text)))
    shown = "\n".join(flaws(verdict, load_catalogue("en"), PLAIN))
    assert exit_code([verdict]) == PASSED, shown


@pytest.mark.parametrize("text", [text for _, kind, text in blocks() if kind == "standard"])
def test_a_standard_of_the_page_can_be_read(text: str) -> None:
    loaded = load(Source("language.md", text))
    assert loaded.diagnostics == () and loaded.standard is not None
    assert len(loaded.standard.lines) == 2
