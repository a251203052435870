"""Line breaks and indentation: a block is the lines that are indented further than the one above it.

The first line of a block may stand further in than the others, as the heading of a table does. Inside parentheses a
line break means nothing. Blank lines and lines with only a comment count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lark import Token
from lark.lark import PostLex

MOST_NESTED = 40
"""How many parentheses, `if` and `not` one logical line may hold inside one another."""


@dataclass
class LayoutError(Exception):
    """The layout is wrong at a place. `code` is that of the diagnostic; line and column count from 1."""

    code: str
    line: int
    column: int


class Layout(PostLex):
    """Turns the lexer's line breaks into `_NL`, `_INDENT` and `_DEDENT`."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens of a file with its blocks marked.

        Raises LayoutError where a line stands between two levels, or where one line nests too deeply.
        """
        levels = [0]
        only_line_of_block = False
        parentheses = conditionals = 0
        last: Token | None = None
        for token in stream:
            if token.type != "_NL":
                parentheses += (token.type == "LPAR") - (token.type == "RPAR")
                conditionals += token.type in ("IF", "NOT")
                if parentheses + conditionals > MOST_NESTED:
                    raise LayoutError("TP007", token.line or 1, token.column or 1)
                last = token
                yield token
                continue
            if last is None or parentheses > 0:
                continue
            conditionals = parentheses = 0
            yield token
            width = len(token.value.rpartition("\n")[2])
            if only_line_of_block and levels[-2] < width < levels[-1]:
                levels[-1] = width
            only_line_of_block = width > levels[-1]
            if width > levels[-1]:
                levels.append(width)
                yield Token.new_borrow_pos("_INDENT", "", token)
            while width < levels[-1]:
                levels.pop()
                if width > levels[-1]:
                    raise LayoutError("TP004", token.end_line or 1, width + 1)
                yield Token.new_borrow_pos("_DEDENT", "", token)
        if last is not None:
            for _ in levels[1:]:
                yield Token.new_borrow_pos("_DEDENT", "", last)
