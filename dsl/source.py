"""Where a piece of a policy stands in its file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a policy file, from its first to just behind its last character.

    Lines and columns count from 1; columns count code points, not bytes.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A policy file as it was read: its path as the user wrote it, and its text."""

    path: str
    text: str

    def line(self, number: int) -> str:
        """The text of one line (from 1), without its line break; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1].removesuffix("\r") if 1 <= number <= len(lines) else ""
