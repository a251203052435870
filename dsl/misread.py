"""What is wrong where a file cannot be read: where it is, and what may stand there or was most likely meant.

The slips that people make most have a function each in `dsl/slips/`, which says what to write instead. Where none of
them knows the place, a word of the language that looks alike is offered, or all that may stand there is listed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from dsl.diagnostics import Diagnostic, Label
from dsl.keywords import WORDS, described
from dsl.layout import LayoutError
from dsl.place import Place
from dsl.rules.leaves import LeafError
from dsl.slips import at_a_sign, at_a_word, at_last
from dsl.source import Source, Span

LONGEST = 500
"""No line that a person writes has as many characters; what was meant on a longer one is not looked for."""

Stops = Callable[[Sequence[str]], int]
"""The line on which the reading of some lines stops; 0 where it reads them all."""


def misread(error: Exception, lines: Sequence[str], source: Source, stops: Stops) -> Diagnostic:
    """The mistake that stopped the reading of these lines. An error that is none of the reader's is raised again."""
    match error:
        case LeafError(code, text, span, variant):
            return Diagnostic(code, (Label(span, "here"),), (("text", text),), variant=variant)
        case LayoutError(code, line, column):
            return Diagnostic(code, (Label(Span(source.path, line, column, line, column + 1), "here"),))
        case UnexpectedCharacters():
            return _unknown_sign(error, lines, source, stops)
        case UnexpectedToken():
            return _unexpected(error, lines, source, stops)
        case _:
            raise error


def _unknown_sign(error: UnexpectedCharacters, lines: Sequence[str], source: Source, stops: Stops) -> Diagnostic:
    line, column = error.line, error.column
    sign = lines[line - 1][column - 1]
    if sign == '"':
        span = Span(source.path, line, column, line, len(lines[line - 1]) + 1)
        return Diagnostic("TP005", (Label(span, "here"),))
    place = Place(source, lines, line, column, "", sign, frozenset(), stops)
    known = at_a_sign(place) if len(place.text) <= LONGEST else None
    return known or place.said("sign", found=sign)


def _unexpected(error: UnexpectedToken, lines: Sequence[str], source: Source, stops: Stops) -> Diagnostic:
    token: Token = error.token
    expected = frozenset(error.accepts or error.expected)
    line, column = token.line or len(lines), token.column or 1
    if token.type == "$END":
        line = len(lines)  # it has no place of its own
    if token.type == "_INDENT":
        return _indented(lines, line, source)
    at_an_end = token.type in ("_NL", "_DEDENT", "$END")
    if expected == {"_INDENT"}:
        line = _line_before(lines, line + 1 if at_an_end else line)
        params = (("part", lines[line - 1].split()[0]),)
        return Diagnostic("TP013", (Label(_whole_line(lines, line, source), "here"),), params, variant="block")
    if at_an_end:
        line = _line_before(lines, line + 1)
        column = len(lines[line - 1].split("#")[0].rstrip()) + 1
    found = "" if at_an_end else source.line(line)[column - 1 : column - 1 + len(token)]
    place = Place(source, lines, line, column, token.type, found, expected, stops)
    written = len(place.text) <= LONGEST
    known = at_a_word(place) if written else None
    if known is not None:
        return known
    if at_an_end:
        return place.said("end", expected=_one_of(expected))
    meant = _look_alike(place) or at_last(place) if written else None
    return meant or place.said("", found=found, expected=_one_of(expected))


def _indented(lines: Sequence[str], line: int, source: Source) -> Diagnostic:
    """A line that is indented where nothing can be; or is it the line above it that stands too far out?"""
    line = _line_after(lines, line)
    above = _line_before(lines, line)
    before = _line_before(lines, above)
    if _depth(lines[above - 1]) < _depth(lines[before - 1]) == _depth(lines[line - 1]):
        return Diagnostic("TP004", (Label(_whole_line(lines, above, source), "here"),), variant="out")
    span = Span(source.path, line, 1, line, len(lines[line - 1]) + 1)
    return Diagnostic("TP004", (Label(span, "here"),), variant="deeper")


def _one_of(expected: Iterable[str]) -> str:
    # Whatever can be a name can be `own share`, as far as reading goes.
    shown = [one for one in expected if one not in ("_DEDENT", "_INDENT", "OWN_SHARE")]
    names = sorted({described(terminal) for terminal in shown})
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else "nothing more"


# Words of the language that look alike ------------------------------------------------------------------


def _look_alike(place: Place) -> Diagnostic | None:
    """A word of the language that was misspelt, here or in a phrase whose first word has passed for a name."""
    expected = [WORDS[terminal] for terminal in place.expected if terminal in WORDS]
    here = [(likeness, place.column, meant, length) for likeness, meant, length in _near(place.rest, expected)]
    if not here:
        phrases = [phrase for phrase in WORDS.values() if " " in phrase]
        here = [
            (likeness, start.start() + 1, meant, length)
            for start in re.finditer(r"\S+", place.before)
            for likeness, meant, length in _near(place.text[start.start() :], phrases)
            if likeness >= 0.8 and start.start() + length >= place.column
        ]
    if not here:
        return None
    _, column, meant, length = max(here)
    return place.said("meant", column, length, found=place.text[column - 1 : column - 1 + length], meant=meant)


def _near(text: str, phrases: Sequence[str]) -> list[tuple[float, str, int]]:
    """The phrases that the beginning of a text looks like: how much, which, and how long that beginning is.

    Of a long phrase a word may be missing, or one may be too many.
    """
    found = []
    for phrase in phrases:
        words = len(phrase.split())
        for many in {words, words - 1, words + 1} if words > 2 else {words}:
            start = re.match(rf"(?:\S+[ \t]+){{{many - 1}}}[^\s,]+", text)
            if start is None or f"{start[0]} ".startswith(f"{phrase} "):
                continue
            likeness = difflib.SequenceMatcher(None, start[0].lower(), phrase).ratio()
            if likeness >= (0.75 if many == words else 0.85):
                found.append((likeness, phrase, len(start[0])))
    return found


# Lines --------------------------------------------------------------------------------------------------


def _counts(line: str) -> bool:
    """Whether a line says anything."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _whole_line(lines: Sequence[str], number: int, source: Source) -> Span:
    line = lines[number - 1]
    return Span(source.path, number, _depth(line) + 1, number, len(line.rstrip()) + 1)


def _line_after(lines: Sequence[str], number: int) -> int:
    return next((at for at in range(number + 1, len(lines) + 1) if _counts(lines[at - 1])), number)


def _line_before(lines: Sequence[str], number: int) -> int:
    return next((at for at in range(min(number - 1, len(lines)), 0, -1) if _counts(lines[at - 1])), 1)
