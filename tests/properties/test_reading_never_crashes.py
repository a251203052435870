"""Whatever stands in a file, reading it ends in a Model or in diagnostics with a place: never in a crash."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.driver import load
from dsl.catalogue import load_catalogue
from dsl.keywords import WORDS
from dsl.render import render_text
from dsl.source import Source

REAL = [path.read_text("utf-8") for path in sorted(Path("policies").rglob("*.policy"))]
PIECES = [
    *WORDS.values(),
    "\n",
    "\n  ",
    "\n    ",
    " ",
    ",",
    "=",
    "(",
    ")",
    "50%",
    "6,000",
    "b",
    "cost",
    '"',
    "#",
    "over 5 to 6",
]


def reads(text: str) -> None:
    """Read it, and print everything there is to say about it."""
    source = Source("fuzz.policy", text)
    loaded = load(source)
    assert (loaded.model is None and loaded.standard is None) == bool(loaded.diagnostics)
    lines = text.count("\n") + 1
    for diagnostic in loaded.diagnostics:
        assert diagnostic.labels
        assert 1 <= diagnostic.labels[0].span.line <= lines
        assert render_text(diagnostic, source, load_catalogue("en"))


SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)


@SLOW_MACHINE
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    reads(text)


@SLOW_MACHINE
@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
def test_words_of_the_language_in_any_order(text: str) -> None:
    reads("policy p\n  currency CNY\n" + text)


@SLOW_MACHINE
@given(st.data())
def test_a_real_policy_with_a_stretch_replaced(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(REAL))
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, min(len(text), first + 40)))
    reads(text[:first] + data.draw(st.sampled_from(["", *PIECES])) + text[last:])


@SLOW_MACHINE
@given(st.data())
def test_a_real_policy_with_two_lines_exchanged(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(REAL)).split("\n")
    one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]
    reads("\n".join(lines))
