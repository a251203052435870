"""Where the reading of a file stopped, as the functions see it that say what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dsl.diagnostics import Diagnostic, Label
from dsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stopped.

    lines     the file with full-width signs as plain ones, and empty where lines have been put aside
    line      counts from 1, as `column` does
    terminal  what the grammar calls what stands there; empty for a sign that it does not know
    found     what stands there, as it was typed; empty at the end of a line
    expected  the terminals that could stand there
    stops     on which line reading stops for other lines; 0 where it reads them all
    """

    source: Source
    lines: Sequence[str]
    line: int
    column: int
    terminal: str
    found: str
    expected: frozenset[str]
    stops: Callable[[Sequence[str]], int]

    @property
    def text(self) -> str:
        """The whole line, without the remark behind it."""
        return self.lines[self.line - 1].split("#")[0].rstrip()

    @property
    def before(self) -> str:
        """What stands before the place on its line."""
        return self.lines[self.line - 1][: self.column - 1]

    @property
    def rest(self) -> str:
        """What stands from the place on, without the remark behind it."""
        return self.text[self.column - 1 :]

    def run(self, signs: str) -> tuple[int, str]:
        """The stretch of such signs (a regular expression for one) that the place lies in: its column, and its text."""
        first = re.search(rf"(?:{signs})*$", self.before)
        assert first is not None
        stretch = re.match(rf"(?:{signs})*", self.lines[self.line - 1][first.start() :])
        assert stretch is not None
        return first.start() + 1, stretch[0]

    def reads(self, changed: str) -> bool:
        """Whether reading would get past this line if it were written so."""
        stop = self.stops([*self.lines[: self.line - 1], changed, *self.lines[self.line :]])
        return stop == 0 or stop > self.line

    def span(self, column: int, length: int) -> Span:
        """A stretch of the line."""
        return Span(self.source.path, self.line, column, self.line, column + length)

    def said(self, variant: str, column: int = 0, length: int = 0, code: str = "TP006", **params: str) -> Diagnostic:
        """The mistake, shown at what stands in the place unless a stretch of the line is named."""
        span = self.span(column or self.column, length or max(1, len(self.found)))
        return Diagnostic(code, (Label(span, "here"),), tuple(params.items()), variant=variant)
