"""Slips of layout, and words of the language as names."""

from __future__ import annotations

import re

from dsl.diagnostics import Diagnostic, Label
from dsl.keywords import BLOCKS, WORDS
from dsl.place import Place
from dsl.source import Span

MOST_BROKEN = 12
"""On how many lines above a place a parenthesis is looked for that was not closed."""


def name_that_is_taken(place: Place) -> Diagnostic | None:
    """A word of the language as a name: the line would read if it were another word."""
    if place.terminal not in WORDS or "NAME" not in place.expected:
        return None
    other = f"{place.before}{'_' * len(place.found)}{place.text[place.column - 1 + len(place.found) :]}"
    return place.said("", code="TP015", word=place.found) if place.reads(other) else None


def unknown_amount(place: Place) -> Diagnostic | None:
    """`unknown` for an amount."""
    if place.terminal != "UNKNOWN" or "NUMBER" not in place.expected:
        return None
    return place.said("unknown")


def category_behind_period(place: Place) -> Diagnostic | None:
    """`per person per month by ward` with a category: without a comma before it, `by` names the date of the period."""
    by = re.search(r"\bper[ \t][^,]*?(?P<by>\bby[ \t]+(?P<name>\w+))[^,]*$", place.before)
    if by is None or not any(re.match(rf"[ \t]+{by['name']}[ \t]+\S+[ \t]*\|", fact) for fact in place.lines):
        return None
    return place.said("category", by.start("by") + 1, len(by["by"]), name=by["name"])


def block_inside(place: Place) -> Diagnostic | None:
    """The first word of a block, under another block."""
    if place.terminal not in BLOCKS or place.before.strip() or not place.before:
        return None
    return place.said("block", found=place.found)


def clause_at_the_margin(place: Place) -> Diagnostic | None:
    """A clause where only blocks begin."""
    if place.column != 1 or "BENEFIT" not in place.expected or place.terminal not in WORDS:
        return None
    return place.said("file" if place.terminal in ("POLICY", "STANDARD") else "margin", found=place.found)


def without_a_beginning(place: Place) -> Diagnostic | None:
    """A file that does not begin with `policy` or `standard`."""
    if place.expected != {"POLICY", "STANDARD"} or place.terminal not in WORDS:
        return None
    return place.said("begin", found=place.found)


def not_closed(place: Place) -> Diagnostic | None:
    """A parenthesis that was opened on a line above, and hides that the line has ended."""
    if place.before.strip():
        return None
    for number in range(place.line - 1, max(0, place.line - MOST_BROKEN), -1):
        line = place.lines[number - 1].split("#")[0]
        more = re.sub(r"\([^()]*\)", lambda inner: " " * len(inner[0]), line)
        if ")" in more:
            return None
        if "(" in more:
            span = Span(place.source.path, number, more.rindex("(") + 1, number, more.rindex("(") + 2)
            return Diagnostic("TP006", (Label(span, "here"),), variant="open")
    return None


def remark(place: Place) -> Diagnostic | None:
    """A remark as other languages begin it."""
    found = re.search(r"(//|--|/\*)", place.text[max(0, place.column - 2) :])
    if found is None or found.start() > 1 or place.terminal not in ("SLASH", "MINUS", "STAR"):
        return None
    return place.said("remark", max(0, place.column - 2) + found.start() + 1, 2, found=found[1])


def goes_on_below(place: Place) -> Diagnostic | None:
    """A line that ends in the middle and goes on further in below."""
    depth = len(place.text) - len(place.text.lstrip())
    below = next((line for line in place.lines[place.line :] if line.strip()), "")
    if place.found or not re.match(rf" {{{depth + 1},}}(?:then|else|and|or)\b| {{{depth + 1},}}[-+*]", below):
        return None
    return place.said("broken", depth + 1, len(place.text) - depth)


def invisible(place: Place) -> Diagnostic | None:
    """A sign that cannot be seen."""
    if place.found.isprintable():
        return None
    return place.said("invisible", number=f"U+{ord(place.found):04X}")
