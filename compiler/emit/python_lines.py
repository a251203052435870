"""Lines of generated Python, short enough to read: long statements are broken at their operators and brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

INDENT = "    "

LINE_LENGTH = 120

_OPERATORS = (
    (" if ", " else "),
    (" or ",),
    (" and ",),
    (" <= ", " < ", " == ", " >= ", " > "),
    (" + ", " - "),
    (" * ", " // "),
)
"""What a line may begin with, those that bind least first."""

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\]]')
"""String literals, and brackets outside of them."""


def fitted(lines: Sequence[str], indent: int) -> list[str]:
    """The statements with those in brackets, on lines of their own, that would be too long behind `indent` spaces."""
    too_long = LINE_LENGTH - indent
    return [part for line in lines for part in (_bracketed(line, indent) if len(line) > too_long else [line])]


def _bracketed(line: str, indent: int) -> list[str]:
    statement, mark, remark = line.partition("  # ")
    bare = statement.lstrip()
    margin = statement[: len(statement) - len(bare)]
    if bare.startswith("if ") and bare.endswith(":"):
        first, *others = _broken(bare[3:-1], LINE_LENGTH - indent - len(margin) - len("if :"))
        if first.endswith("(") and others:
            return [f"{margin}if {first}", *(f"{margin}{part}" for part in others[:-1]), f"{margin}{others[-1]}:"]
        return [f"{margin}if (", *(f"{margin}{INDENT}{part}" for part in (first, *others)), f"{margin}):"]
    for keyword in ("return ", f"{bare.partition(' = ')[0]} = "):
        if bare.startswith(keyword):
            inner = _broken(bare.removeprefix(keyword), LINE_LENGTH - indent - len(margin) - len(INDENT))
            return [f"{margin}{keyword}(", *(f"{margin}{INDENT}{part}" for part in inner), f"{margin}){mark}{remark}"]
    return [line]


def _broken(text: str, width: int) -> list[str]:
    """An expression on lines of at most `width`, where that can be: at operators that bind least, else in brackets."""
    if len(text) <= width:
        return [text]
    places = list(_outside_brackets(text))
    for operators in _OPERATORS:
        cuts = [place for place in places if text.startswith(operators, place)]
        if cuts:
            ends = [*cuts[1:], len(text)]
            parts = [text[: cuts[0]], *(text[cut + 1 : end] for cut, end in zip(cuts, ends, strict=True))]
            return [line for part in parts for line in _broken(part, width)]
    opened, closed = _longest_brackets(text)
    if closed - opened < 2:
        return [text]
    inside = _at_commas(text[opened + 1 : closed], width - len(INDENT))
    return [text[: opened + 1], *(f"{INDENT}{line}" for line in inside), text[closed:]]


def _at_commas(text: str, width: int) -> list[str]:
    """What stands in brackets: one argument a line where there are several."""
    cuts = [place for place in _outside_brackets(text) if text.startswith(", ", place)]
    if not cuts:
        return _broken(text, width)
    begins, ends = [0, *(cut + 2 for cut in cuts)], [*cuts, len(text)]
    found = []
    for begin, end in zip(begins, ends, strict=True):
        *lines, last = _broken(text[begin:end], width - 1)
        found += [*lines, f"{last},"]
    return found


def _outside_brackets(text: str) -> Iterator[int]:
    """The places of the spaces and commas that no bracket or string literal holds."""
    depth = done = 0
    for token in [*_TOKENS.finditer(text), None]:
        if depth == 0:
            end = len(text) if token is None else token.start()
            yield from (place for place in range(done, end) if text[place] in " ,")
        if token is not None:
            done = token.end()
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token[0], 0)


def _longest_brackets(text: str) -> tuple[int, int]:
    """Where the longest pair of outermost brackets opens and closes; twice the same place where there is none."""
    pairs, depth, opened = [(0, 0)], 0, 0
    for token in _TOKENS.finditer(text):
        if token[0] in "([":
            opened = token.start() if depth == 0 else opened
            depth += 1
        elif token[0] in ")]":
            depth -= 1
            if depth == 0:
                pairs.append((opened, token.start()))
    return max(pairs, key=lambda pair: pair[1] - pair[0])


def listed(before: str, items: Sequence[str], after: str) -> list[str]:
    """`before item, item after` on one line, or one item a line where that would be too long."""
    comma = "," if len(items) == 1 and before.endswith("(") else ""
    line = f"{before}{', '.join(items)}{comma}{after}"
    return [line] if len(line) <= LINE_LENGTH else [before, *(f"{INDENT}{item}," for item in items), after]
