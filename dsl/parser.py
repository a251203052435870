"""Text -> tree, or everything that is misspelt in it.

A mistake does not stop the reading: the line it stands on is put aside with what is indented under it, and the rest
is read again, so one run shows several. A word of the language that is used as a name is shown once, and then read as
one.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lark import Lark, Token
from lark import __version__ as lark_version
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from dsl.build import build
from dsl.diagnostics import Diagnostic, Label
from dsl.keywords import WORDS, described, pattern
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
            mistake = _diagnostic(error, lines, source)
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
    """Whether a block only looks empty, or a policy headless, because what stood there has been put aside."""
    if mistake.key == "TP013.block":
        below = mistake.labels[0].span.line + 1
        return source.line(below) != "" and lines[below - 1] == ""
    first = _first_line_after(source.text.split("\n"), 0)
    return lines[first - 1] == "" and mistake.key in ("TP006", "TP006.end")


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
    return str(folder / f"grammar-{digest}")


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
    """Empty a line and what is indented under it; whether there was anything to empty."""
    line = lines[number - 1]
    if not line.strip():
        return False
    depth = len(line) - len(line.lstrip())
    lines[number - 1] = ""
    for place in range(number, len(lines)):
        below = lines[place]
        if below.strip() and len(below) - len(below.lstrip()) <= depth:
            break
        lines[place] = ""
    return True


def _rename(lines: list[str], span: Span) -> None:
    """Put a name that nobody would write, and that is as long, in the place of a word of the language."""
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + "_" * (span.end_column - span.column) + line[span.end_column - 1 :]


def _diagnostic(error: Exception, lines: list[str], source: Source) -> Diagnostic:
    match error:
        case LeafError(code, text, span, variant):
            return Diagnostic(code, (Label(span, "here"),), (("text", text),), variant=variant)
        case LayoutError(code, line, column):
            return Diagnostic(code, (Label(Span(source.path, line, column, line, column + 1), "here"),))
        case UnexpectedCharacters():
            return _unknown_sign(error, lines, source)
        case UnexpectedToken():
            return _unexpected(error, lines, source)
        case _:
            raise error


def _unknown_sign(error: UnexpectedCharacters, lines: list[str], source: Source) -> Diagnostic:
    line, column = error.line, error.column
    sign = lines[line - 1][column - 1]
    if sign == '"':
        span = Span(source.path, line, column, line, len(lines[line - 1]) + 1)
        return Diagnostic("TP005", (Label(span, "here"),))
    span = Span(source.path, line, column, line, column + 1)
    return Diagnostic("TP006", (Label(span, "here"),), (("found", sign),), variant="sign")


def _unexpected(error: UnexpectedToken, lines: list[str], source: Source) -> Diagnostic:
    token: Token = error.token
    expected = sorted(error.accepts or error.expected)
    line, column = token.line or len(lines), token.column or 1
    if token.type == "_INDENT":
        line, column = _first_line_after(lines, line), 1
        end = len(lines[line - 1]) + 1
        return Diagnostic("TP004", (Label(Span(source.path, line, column, line, end), "here"),), variant="deeper")
    if expected == ["_INDENT"]:
        at_its_end = token.type in ("_NL", "_DEDENT", "$END")
        line = _last_line_before(lines, line + 1 if at_its_end else line)
        span = _whole_line(lines, line, source)
        return Diagnostic("TP013", (Label(span, "here"),), (("part", lines[line - 1].split()[0]),), variant="block")
    category = _category_behind_period(lines, line, column, source)
    if category is not None:
        return category
    if expected == ["SLASH"] and (number := re.search(r"\S+$", lines[line - 1][: column - 1].rstrip())) is not None:
        span = Span(source.path, line, number.start() + 1, line, number.end() + 1)
        found = _original(source, line, number.start() + 1, len(number[0]))
        return Diagnostic("TP006", (Label(span, "here"),), (("found", found),), variant="ratio")
    if token.type in ("_NL", "_DEDENT", "$END"):
        line = _last_line_before(lines, line + 1)
        end = len(lines[line - 1].split("#")[0].rstrip())
        span = Span(source.path, line, end + 1, line, end + 2)
        return Diagnostic("TP006", (Label(span, "here"),), (("expected", _one_of(expected)),), variant="end")
    rest = lines[line - 1][column - 1 :]
    found = _original(source, line, column, len(token))
    span = Span(source.path, line, column, line, column + len(token))
    if token.type in WORDS and "NAME" in expected:
        return Diagnostic("TP015", (Label(span, "here"),), (("word", found),))
    near = _near(rest, [WORDS[terminal] for terminal in expected if terminal in WORDS])
    if near is not None:
        meant, length = near
        span = Span(source.path, line, column, line, column + length)
        params = (("found", rest[:length]), ("meant", meant))
        return Diagnostic("TP006", (Label(span, "here"),), params, variant="meant")
    return _misspelt_phrase(line, column, source) or Diagnostic(
        "TP006", (Label(span, "here"),), (("found", found), ("expected", _one_of(expected)))
    )


def _category_behind_period(lines: list[str], line: int, column: int, source: Source) -> Diagnostic | None:
    """`per person per month by ward` with a category: without a comma before it, `by` names the date of the period."""
    by = re.search(r"\bper[ \t][^,]*?(?P<by>\bby[ \t]+(?P<name>\w+))[^,]*$", lines[line - 1][: column - 1])
    if by is None or not any(re.match(rf"[ \t]+{by['name']}[ \t]+\S+[ \t]*\|", fact) for fact in lines):
        return None
    span = Span(source.path, line, by.start("by") + 1, line, by.end("by") + 1)
    return Diagnostic("TP006", (Label(span, "here"),), (("name", by["name"]),), variant="category")


def _misspelt_phrase(line: int, column: int, source: Source) -> Diagnostic | None:
    """A phrase such as `in slices of the amount` that went wrong after its first word had passed for a name."""
    text = source.line(line)
    phrases = [phrase for phrase in WORDS.values() if " " in phrase]
    for start in re.finditer(r"\S+", text[: column - 1]):
        near = _near(text[start.start() :], phrases)
        if near is not None:
            meant, length = near
            span = Span(source.path, line, start.start() + 1, line, start.start() + 1 + length)
            found = text[start.start() : start.start() + length]
            return Diagnostic("TP006", (Label(span, "here"),), (("found", found), ("meant", meant)), variant="meant")
    return None


def _near(rest: str, phrases: list[str]) -> tuple[str, int] | None:
    """The phrase that the beginning of `rest` looks like, and how long that beginning is."""
    best: tuple[float, str, int] | None = None
    for phrase in phrases:
        words = len(phrase.split())
        start = re.match(rf"(?:\S+[ \t]+){{{words - 1}}}[^\s,]+", rest)
        if start is None:
            continue
        likeness = difflib.SequenceMatcher(None, start[0].lower(), phrase).ratio()
        if start[0] != phrase and likeness >= 0.75 and (best is None or likeness > best[0]):
            best = (likeness, phrase, len(start[0]))
    return None if best is None else best[1:]


def _one_of(expected: list[str]) -> str:
    names = sorted({described(terminal) for terminal in expected if terminal not in ("_DEDENT", "_INDENT")})
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else "nothing more"


def _original(source: Source, line: int, column: int, length: int) -> str:
    return source.line(line)[column - 1 : column - 1 + length]


def _whole_line(lines: list[str], number: int, source: Source) -> Span:
    line = lines[number - 1]
    return Span(source.path, number, len(line) - len(line.lstrip()) + 1, number, len(line.rstrip()) + 1)


def _first_line_after(lines: list[str], number: int) -> int:
    return next((at for at in range(number + 1, len(lines) + 1) if _counts(lines[at - 1])), number)


def _last_line_before(lines: list[str], number: int) -> int:
    return next((at for at in range(min(number - 1, len(lines)), 0, -1) if _counts(lines[at - 1])), 1)


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
