"""Slips of the pen in the text of a calculator: an operator, a constant, a name, a line too few."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

_TOKENS = re.compile(
    r"""
      (?P<remark>--[^\n]*|\#[^\n]*)
    | (?P<text>'(?:[^'\n]|'')*')
    | (?P<name>"(?:[^"\n]|"")*"|`[^`\n]*`)
    | (?P<number>\b\d[\d_]*\b)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|<>|==|!=|//|->|:=|[-+*/%<>=|&])
    """,
    re.VERBOSE,
)

_OTHERS: Mapping[str, tuple[str, ...]] = {
    "<=": ("<", ">="),
    "<": ("<=",),
    ">=": (">",),
    ">": (">=", "<"),
    "=": ("<>",),
    "==": ("!=",),
    "<>": ("=",),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "//": ("*",),
    "/": ("*",),
    "|": ("+", "&"),
    "&": ("|",),
    "and": ("or",),
    "or": ("and",),
    "not": ("",),
    "min": ("max",),
    "max": ("min",),
    "minimum": ("maximum",),
    "maximum": ("minimum",),
    "where": ("minimum",),
    "AND": ("OR",),
    "OR": ("AND",),
    "NOT": ("",),
    "LEAST": ("GREATEST",),
    "GREATEST": ("LEAST",),
    "least": ("greatest",),
    "greatest": ("least",),
    "DIV": ("*",),
    "BETWEEN": ("NOT BETWEEN",),
    "UNBOUNDED": ("1",),
    "ROWS": ("RANGE",),
    "sum": ("max", "count"),
    "year": ("month",),
    "before_1": ("after_1",),
    "after_1": ("before_1",),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one slip in it: on which line, and what it is."""

    line: int
    slip: str
    text: str


def mutants(text: str, first: int, last: int) -> Iterator[Mutant]:
    """Every slip between two lines of a text, both included and counted from 1."""
    lines = text.splitlines(keepends=True)
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line))
    names = sorted({found[0] for found in _TOKENS.finditer(text) if found.lastgroup == "name" and found[0] != '""'})
    for found in _TOKENS.finditer(text, begins[first - 1], begins[last]):
        number = text.count("\n", 0, found.start()) + 1
        for other in _others(found, names, number):
            changed = text[: found.start()] + other + text[found.end() :]
            yield Mutant(number, f"{found[0]} -> {other or 'nothing'}", changed)
    for number in range(first, last + 1):
        if lines[number - 1].strip():
            yield Mutant(number, f"without {lines[number - 1].strip()}", _without(lines, number, 1))
            if lines[number - 1].rstrip().endswith(":") and number < last:
                yield Mutant(number, f"without {lines[number - 1].strip()} ...", _without(lines, number, 2))


def _others(found: re.Match[str], names: list[str], line: int) -> Iterator[str]:
    """What may stand there by a slip."""
    match found.lastgroup:
        case "number":
            value = int(found[0].replace("_", ""))
            yield str(value + 1)
            if value:
                yield str(value - 1)
                yield str(value * 10)
        case "sign" | "word":
            yield from _OTHERS.get(found[0], ())
        case "text":
            yield "'another'"
        case "name":
            # A few of the others, not always the same ones.
            others = [name for name in names if name != found[0]]
            yield from Random(f"{line} {found.start()}").sample(others, min(2, len(others)))
        case _:
            return


def _without(lines: list[str], number: int, count: int) -> str:
    return "".join(lines[: number - 1] + lines[number - 1 + count :])
