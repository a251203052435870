"""Every part of a NumPy calculator is checked in some way: held word for word, read, or looked at where it is used.

Each case here is a text that would settle claims wrongly, or do something else than settle them.
"""

from __future__ import annotations

import ast
import re

import pytest

from compiler.emit.numpy import emit_numpy
from compiler.validate import Flaw, Strange, first_flaw
from compiler.validate.numpy_library import FIXED, KNOWN
from tests import models
from tests.engines import constructs
from tests.generated import MARK

MODEL = models.ningxia()
TEXT = emit_numpy(MODEL, MARK)

COMPILED = "@functools.cache\ndef _compiled"
LOOPS = "    return (\n        _each_critical_illness_of,"
DOC = TEXT[TEXT.index('    """What `critical_illness` comes to') : TEXT.index("    return _applied(\n")]


HELD = sorted(
    name
    for name in KNOWN
    if re.search(rf"^(def|class) {name}\b", TEXT, re.MULTILINE)
    and (name == "settle" or len(re.findall(rf"\b{name}\b", TEXT)) > 1)
)
"""What this calculator has word for word, and needs: others add up by month, or over a lifetime."""


def flaw_of(*changes: tuple[str, str]) -> Flaw | None:
    """The first flaw of a calculator in which texts are replaced, each once."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return first_flaw(MODEL, "numpy", text)


def text_of(name: str) -> str:
    """The text of a function or class, from its first line on."""
    (node,) = [one for one in ast.parse(TEXT).body if getattr(one, "name", "") == name]
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return "\n".join(TEXT.splitlines()[first - 1 : node.end_lineno])


def test_the_text_is_proved_as_it_is() -> None:
    assert flaw_of() is None


@pytest.mark.parametrize(
    "name",
    [
        "_array_more_of",
        "_amounts_9",
        "more_of",
        "_more",
        "_settle_more",
        "_one_more_of",
        "main",
    ],
)
@pytest.mark.parametrize("before", ["", "@print\n"])
def test_a_function_is_read_or_held_whatever_its_name_ends_in(name: str, before: str) -> None:
    more = f"{before}def {name}(live: _Live, out: _Live, part: slice) -> Any:\n    return print(live)\n\n\n"
    assert isinstance(flaw_of((COMPILED, f"{more}{COMPILED}")), Strange)


@pytest.mark.parametrize("name", ["_each_more_of", "_one_more_of", "_all_amounts_9"])
def test_so_is_one_among_the_loops(name: str) -> None:
    more = f"    @print\n    def {name}(total):\n        return total\n\n"
    assert isinstance(flaw_of((LOOPS, more + LOOPS)), Strange)


def test_a_function_for_everybody_does_nothing_before_it_computes() -> None:
    assert isinstance(flaw_of((DOC, "    return total\n")), Strange)
    assert isinstance(flaw_of((DOC, "    total = 2 * total\n")), Strange)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("POLICY: Final", 'MORE_WORDS: Final = ("x",)\nPOLICY: Final'),
        ("POLICY: Final", '_mark: Final = ("x",)\nPOLICY: Final'),
        ("POLICY: Final", "_mark: Final = np.array((1,), np.int64)\nPOLICY: Final"),
        ("POLICY: Final", "POLICY: Final = POLICY: Final"),
        ("class Coded:", "class More:\n    pass\n\n\nclass Coded:"),
        (f'SOURCE_SHA256: Final = "{MARK.sha256}"', 'SOURCE_SHA256: Final = "none"'),
        (f'SOURCE_SHA256: Final = "{MARK.sha256}"', 'SOURCE_SHA256: Final = ("a", "b")'),
        (f'SOURCE_SHA256: Final = "{MARK.sha256}"', "SOURCE_SHA256: Final = ()"),
        ('ILLNESS_WORDS: Final = ("general", "listed")', 'ILLNESS_WORDS: Final = ("general",)'),
        ("CHUNK: Final = 16_384", "CHUNK: Final = 16_385"),
        ("_FEW: Final = 32", '_FEW: Final = ("x",)'),
        ("import functools\n", ""),
        ("import functools\n", "import functools\nimport functools\n"),
        ("import functools\n", "import functools\nprint()\n"),
        ("from __future__ import annotations\n\nimport functools", "import functools"),
        ("    critical_illness: Whole", "    critical_illness: float"),
        ("    rule: NDArray[np.uint16]", "    rule: NDArray[np.uint8]"),
        ("    rule: NDArray[np.uint16]", "    rule: NDArray[np.uint16]\n    more: Whole"),
        ("    own_share: Whole", "    own_share: Whole = 0"),
        ("    @property\n    def rejected", "    def rejected"),
        ("    def rejections(", "    def rejected(self) -> None:\n        pass\n\n    def rejections("),
        ("slots=True, eq=False)\nclass Settlement", "slots=True)\nclass Settlement"),
        ("class Settlement:", "class Settlement(dict):"),
    ],
)
def test_another_module_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of((old, new)), Strange)


@pytest.mark.parametrize("name", HELD)
def test_what_is_held_cannot_be_left_out(name: str) -> None:
    old = text_of(name)
    assert isinstance(flaw_of((old, "")), Strange)
    assert isinstance(flaw_of((old, f"{name}: Final = np.array((1,), np.int64)")), Strange)


def test_a_loop_has_no_name_that_means_something_outside() -> None:
    old = "_each_critical_illness_of"
    assert isinstance(first_flaw(MODEL, "numpy", TEXT.replace(old, "_ends_1")), Strange)
    assert isinstance(first_flaw(MODEL, "numpy", TEXT.replace(old, "range")), Strange)


def test_a_file_that_says_it_is_written_in_other_letters_is_refused() -> None:
    assert isinstance(first_flaw(MODEL, "numpy", f"# coding: utf-7\n{TEXT}"), Strange)


def test_every_part_that_is_held_is_in_some_calculator() -> None:
    trees = [ast.parse(emit_numpy(constructs.construct(name), MARK)) for name in constructs.BODIES]
    parts = [part for tree in (*trees, ast.parse(TEXT)) for part in tree.body]
    found = {part.name for part in parts if isinstance(part, ast.FunctionDef | ast.ClassDef)}
    assert {name for name in KNOWN if "." not in name} <= found
    assert {ast.unparse(part) for part in parts} >= FIXED
