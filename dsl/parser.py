"""Text -> tree, or everything that is misspelt in it.

A mistake does not stop the reading: the line it stands on is put aside with what is indented under it, and the rest
is read again, so one run shows several. A word of the language that is used as a name is shown once, and then read as
one.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lark import Lark, Token
from lark import __version__ as lark_version
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from dsl.build import build
from dsl.diagnostics import Diagnostic, Label
from dsl.keywords import WORDS, pattern
from dsl.layout import Layout, LayoutError
from dsl.private_folder import private_folder
from dsl.rules.leaves import LeafError
from dsl.source import Source, Span
from dsl.tree import Policy, Standard

MOST_MISTAKES = 20
"""How many misspelt lines one run reports."""

MOST_RENAMED = 40
"""How many lines are read again with another name in the place of a word of the language."""

_LEAVES = r"""
NAME.1: /[^\W\d]\w*/
NUMBER.2: /[0-9]+(,[0-9]+)*(\.[0-9]+)?([ \t]*(万|亿))?([ \t]*元)?/
PERCENT.3: /[0-9]+(\.[0-9]+)?[ \t]*%/
DATE.5: /[0-9]{4}-[0-9]{2}-[0-9]{2}/
PER_POLICY_YEAR.9: /per[ \t]+policy[ \t]+year[ \t]+from[ \t]+[0-9]{2}-[0-9]{2}(?![0-9-])/
STRING.2: /"[^"\n]*"/
_NL: /(\r?\n[ \t]*(#[^\n]*)?)+/
%ignore /[ \t]+/
%ignore /#[^\n]*/
%declare _INDENT _DEDENT
"""

_PLAIN = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {
    0x00A0: " ",
    0x3000: " ",
    0x3001: ",",
    0x201C: '"',
    0x201D: '"',
}
"""Full-width signs and digits, each to the plain one it stands for: one for one, so that places stay right."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of reading a file: the tree, or None and at least one diagnostic."""

    tree: Policy | Standard | None
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> Parsed:
    """Read a policy."""
    lines = source.text.translate(_PLAIN).split("\n")
    if not any(line.strip() and not line.strip().startswith("#") for line in lines):
        return Parsed(None, (Diagnostic("TP002", (Label(Span(source.path, 1, 1, 1, 1), "here"),)),))
    tabs = _tabs(lines, source)
    if tabs:
        return Parsed(None, tabs)
    mistakes: list[Diagnostic] = []
    renamed: set[int] = set()
    for _ in range(len(lines) + MOST_RENAMED):
        try:
            raw = _grammar().parse("\n".join(lines) + "\n")
            built = build(raw, source)
            return Parsed(None if mistakes else built, tuple(mistakes))
        except (UnexpectedToken, UnexpectedCharacters, LayoutError, LeafError) as error:
            from dsl.misread import misread

            mistake = misread(error, lines, source, _stop)
        line = mistake.labels[0].span.line
        again = mistake.key == "TP015" and any(mistake.params == other.params for other in mistakes)
        if not again and line not in renamed and not _follows_from_one_put_aside(mistake, lines, source):
            mistakes.append(mistake)
        if mistake.key == "TP015" and len(renamed) < MOST_RENAMED and line not in renamed:
            _rename(lines, mistake.labels[0].span)
            renamed.add(line)
            continue
        if len(mistakes) == MOST_MISTAKES or not _put_aside(lines, line):
            break
    return Parsed(None, tuple(mistakes))


def _follows_from_one_put_aside(mistake: Diagnostic, lines: list[str], source: Source) -> bool:
    """Whether a block or a file only looks empty, or headless, because what stood there has been put aside."""
    if mistake.key in ("TP013.block", "TP006.end"):
        below = mistake.labels[0].span.line + 1
        if source.line(below) != "" and lines[below - 1] == "":
            return True
    first = next(at for at, line in enumerate(source.text.split("\n")) if line.split("#")[0].strip())
    return lines[first] == "" and mistake.key in ("TP006", "TP006.end", "TP006.begin")


def _stop(lines: Sequence[str]) -> int:
    """The line on which the reading of these lines stops; 0 where it reads them all."""
    try:
        _grammar().parse("\n".join(lines) + "\n")
    except LayoutError as error:
        return error.line
    except (UnexpectedToken, UnexpectedCharacters) as error:
        return error.line if error.line > 0 else len(lines)
    return 0


@cache
def _grammar() -> Lark:
    words = "\n".join(
        f"{terminal}.{5 + len(phrase.split())}: /{pattern(phrase)}/" for terminal, phrase in WORDS.items()
    )
    rules = resources.files("dsl").joinpath("grammar.lark").read_text("utf-8")
    return Lark(
        f"{rules}\n{words}\n{_LEAVES}",
        start="file",
        parser="lalr",
        lexer="basic",
        postlex=Layout(),
        propagate_positions=_HasPlace(),
        maybe_placeholders=True,
        cache=_cache_file(f"{rules}\n{words}\n{_LEAVES}"),
    )


def _cache_file(grammar: str) -> str | bool:
    """Where the parse tables are kept between runs, or nowhere. They are read back with pickle."""
    folder = private_folder()
    if folder is None:
        return False
    digest = hashlib.sha256(f"{grammar}{sys.version}{lark_version}".encode()).hexdigest()[:16]
    file = folder / f"grammar-{digest}"
    # Whatever else has its name, such as a pipe, would be waited for.
    return str(file) if file.is_file() or not file.exists() else False


class _HasPlace:
    """Line breaks and block marks do not stretch the place of what they end.

    A class and not a function, because lark compares options by their text to see whether its tables still hold.
    """

    def __call__(self, part: Any) -> bool:
        return not (isinstance(part, Token) and part.type in ("_NL", "_INDENT", "_DEDENT"))

    def __repr__(self) -> str:
        return "everything but line breaks and block marks"


def _tabs(lines: list[str], source: Source) -> tuple[Diagnostic, ...]:
    """Tabs in front of a line: nobody can see how deep they stand."""
    return tuple(
        Diagnostic("TP004", (Label(Span(source.path, number, 1, number, 1 + len(front)), "here"),), variant="tabs")
        for number, line in enumerate(lines, 1)
        if "\t" in (front := line[: len(line) - len(line.lstrip(" \t"))]) and line.strip()
    )[:MOST_MISTAKES]


def _put_aside(lines: list[str], number: int) -> bool:
    """Empty a line, what is indented under it, and what is expected of the claim on it; whether there was anything."""
    line = lines[number - 1]
    if not line.strip():
        return False
    depth = len(line) - len(line.lstrip())
    lines[number - 1] = ""
    for place in range(number, len(lines)):
        below = lines[place]
        deeper = len(below) - len(below.lstrip()) > depth
        if below.strip() and not deeper and below.split()[0] != WORDS["EXPECT"]:
            break
        lines[place] = ""
    return True


def _rename(lines: list[str], span: Span) -> None:
    """Put a name that nobody would write, and that is as long, in the place of a word of the language."""
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + "_" * (span.end_column - span.column) + line[span.end_column - 1 :]
