"""Slips in formulas and conditions."""

from __future__ import annotations

import re

from dsl.diagnostics import Diagnostic
from dsl.place import Place


def not_equal(place: Place) -> Diagnostic | None:
    """`illness is not listed`, `illness != listed`."""
    said = re.search(r"(\w+)[ \t]+is[ \t]*$" if place.terminal == "NOT" else r"(\w+)[ \t]*$", place.before)
    word = re.match(r"(?:not\b|!=|≠|<>)[ \t]*(\w+)", place.rest)
    if said is None or word is None:
        return None
    return place.said("not_equal", fact=said[1], word=word[1])


def equal(place: Place) -> Diagnostic | None:
    """`==` for `=`."""
    if place.terminal != "EQUAL" or not place.before.endswith("="):
        return None
    return place.said("meant", place.column - 1, 2, found="==", meant="=")


def day_in_a_formula(place: Place) -> Diagnostic | None:
    """A comparison with a day."""
    if place.terminal != "DATE" or "NUMBER" not in place.expected:
        return None
    return place.said("day", found=place.found)


def half_a_condition(place: Place) -> Diagnostic | None:
    """`illness is listed or general`: each side of `or` must be a condition."""
    half = re.search(
        r"\b(\w+)[ \t]+is(?: one of)?[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]+or[ \t]+(\w+)[ \t]*$", place.before
    )
    if half is None or "IS_ONE_OF" not in place.expected:
        return None
    return place.said(
        "half", half.start(3) + 1, len(half[3]), word=half[3], fact=half[1], words=f"{half[2]}, {half[3]}"
    )


def word_alone(place: Place) -> Diagnostic | None:
    """`for county`: a word of a category, without the category."""
    word = re.search(r"\b(?:for|if|and|or|not|always)[ \t]+(\w+)[ \t]*$", place.before)
    if word is None or "IS_ONE_OF" not in place.expected:
        return None
    facts = (re.match(r"[ \t]+(\w+)[ \t]+(\w+(?:[ \t]*\|[ \t]*\w+)+)", line) for line in place.lines)
    fact = next((one[1] for one in facts if one is not None and word[1] in re.findall(r"\w+", one[2])), None)
    return None if fact is None else place.said("word", word.start(1) + 1, len(word[1]), word=word[1], fact=fact)


def comparison(place: Place) -> Diagnostic | None:
    """A comparison where an amount must stand."""
    if place.terminal not in ("MORETHAN", "LESSTHAN", "__ANON_0", "__ANON_1") or "NAME" in place.expected:
        return None
    amount = re.match(r"[ \t]*(?:amount|pay|of|cap|deductible)\b", place.before)
    return None if amount is None else place.said("comparison", found=place.found)


def function(place: Place) -> Diagnostic | None:
    """A function that is none."""
    name = re.search(r"(\w+)[ \t]*$", place.before)
    if place.terminal != "LPAR" or name is None or "STAR" not in place.expected:
        return None
    return place.said("function", name.start(1) + 1, len(name[1]), found=name[1])


def no_condition(place: Place) -> Diagnostic | None:
    """`and then`: something is missing between the two."""
    last = re.search(r"\b(and|or|if|not|then|else)[ \t]*$", place.before)
    if last is None or place.terminal not in ("THEN", "ELSE", "AND", "OR", "_NL"):
        return None
    return place.said("missing", last.start(1) + 1, len(last[1]), found=last[1])


def divided(place: Place) -> Diagnostic | None:
    """`cost / 2`."""
    slash = re.search(r"([\w.,]+)[ \t]*/[ \t]*(\d+)$", place.text)
    at_the_slash = place.terminal == "SLASH" and re.search(r"\w[ \t]*$", place.before)
    whole = place.expected == {"STAR", "OF"} and re.search(r"\d{2,}[ \t]*/[ \t]*\d+$", place.before)
    if slash is None or not (at_the_slash or whole):
        return None
    return place.said("divided", slash.start() + 1, len(slash[0]), amount=slash[1], by=slash[2])


def ratio_of_nothing(place: Place) -> Diagnostic | None:
    """`50%` where an amount must stand."""
    ratio = re.search(r"\S+$", place.before.rstrip())
    if place.expected != {"STAR", "OF"} or ratio is None:
        return None
    return place.said("of_what", ratio.start() + 1, len(ratio[0]), found=ratio[0])


def in_quotes(place: Place) -> Diagnostic | None:
    """A name in quotation marks."""
    name = re.fullmatch(r'["“”](\w+)["“”]', place.found)
    if place.terminal != "STRING" or "NAME" not in place.expected or name is None:
        return None
    return place.said("quoted", text=name[1])
