"""Slips in the clauses of a policy: periods, bands, stacks, requirements, and words of other documents."""

from __future__ import annotations

import re

from dsl.diagnostics import Diagnostic
from dsl.keywords import OTHER_WORDS, WORDS
from dsl.place import Place


def period_behind_a_list(place: Place) -> Diagnostic | None:
    """`cap by hospital township 5 per person per month`."""
    clause = re.match(r"[ \t]*(cap|deductible)[ \t]+by[ \t]+(\w+)", place.before)
    if place.terminal not in ("PER", "PER_CLAIM") or clause is None:
        return None
    return place.said("period_first", len(place.before) + 1, len(place.rest), clause=clause[1], category=clause[2])


def no_period(place: Place) -> Diagnostic | None:
    """A period that is not one, or does not say whose it is."""
    if not place.expected & {"PER", "PER_CALENDAR_YEAR", "ADDED_UP"}:
        return None
    found = re.match(
        r"(?:(?:per|an?|each|every)[ \t]+)?"
        r"(?:calendar[ \t]+year|policy[ \t]+year|year|month|week|quarter|day|lifetime|annum)s?\b"
        r"|yearly|annual(?:ly)?|monthly|weekly|quarterly|daily",
        place.rest,
    )
    if found is None:
        return None
    periods = {"policy": "policy year from 12-01", "month": "month", "lifetime": "lifetime"}
    period = next((periods[kind] for kind in periods if kind in found[0]), "calendar year")
    key = next((key[1] for line in place.lines if (key := re.match(r"[ \t]+(\w+)[ \t]+identifier\b", line))), "person")
    meant = f"per {period}" if "PER_CALENDAR_YEAR" in place.expected else f"per {key} per {period}"
    meant = f"added up {meant}" if "ADDED_UP" in place.expected else meant
    variant = "whose" if place.terminal in ("PER_CALENDAR_YEAR", "PER_MONTH", "PER_LIFETIME") else "period"
    return place.said(variant, place.column, len(found[0]), found=found[0], meant=meant)


def whose_ratio(place: Place) -> Diagnostic | None:
    """A benefit by its name, in a standard."""
    return place.said("whose_ratio", found=place.found) if place.expected == {"BENEFIT"} else None


def in_force_by_what(place: Place) -> Diagnostic | None:
    """`in force` without the date that decides."""
    if place.expected != {"COMMA"} or not re.match(r"[ \t]*in[ \t]+force\b.*\d$", place.before):
        return None
    return place.said("in_force")


def in_force_from_to(place: Place) -> Diagnostic | None:
    """`in force from` one day, and `to` another."""
    first = re.match(r"([ \t]*in[ \t]+force[ \t]+)from[ \t]+(\S+)[ \t]+$", place.before)
    last = re.match(r"to[ \t]+([^\s,]+)", place.rest)
    if place.expected != {"COMMA"} or first is None or last is None:
        return None
    return place.said("in_force_to", len(first[1]) + 1, len("from"), meant=f"in force {first[2]} to {last[1]}")


def as_what_rises(place: Place) -> Diagnostic | None:
    """`never falls`, without what rises."""
    found = re.match(r"never[ \t]+(falls|rises)(?![ \t]+as\b)", place.rest)
    if "NEVER_FALLS_AS" not in place.expected or found is None:
        return None
    return place.said("as_what", place.column, len(found[0]), found=found[0])


def always(place: Place) -> Diagnostic | None:
    """A condition under `require` without its first word."""
    line, depth = place.text, len(place.text) - len(place.text.lstrip())
    if "NEVER_FALLS_AS" not in place.expected or not place.reads(f"{line[:depth]}always {line[depth:]}"):
        return None
    return place.said("always", depth + 1, len(line) - depth, found=line.strip())


def words_of_a_category(place: Place) -> Diagnostic | None:
    """Words of a category with other signs than `|` between them."""
    fact = re.match(r"[ \t]+(\w+)[ \t]+(\w+)[ \t]*$", place.before)
    if "VBAR" not in place.expected or place.terminal not in ("COMMA", "OR", "SLASH") or fact is None:
        return None
    return place.said("words", fact=fact[1], word=fact[2])


def comma(place: Place) -> Diagnostic | None:
    """A comma that is missing: with it, the line reads."""
    changed = f"{place.before.rstrip()}, {place.rest}"
    if not place.found or "COMMA" not in place.expected or not place.reads(changed):
        return None
    return place.said("comma", found=place.found)


def other_word(place: Place) -> Diagnostic | None:
    """A word that other documents and languages have for one of ours."""
    for other, terminals in OTHER_WORDS.items():
        whole = r"(?!\w)" if other[-1].isalnum() and other.isascii() else ""
        at = re.match(re.escape(other) + whole, place.rest)
        meant = next((WORDS[terminal] for terminal in terminals if terminal in place.expected), None)
        if at is not None and meant is not None:
            variant = "meant" if place.terminal == "NAME" else "instead"
            return place.said(variant, place.column, len(other), found=other, meant=meant)
    return None


def sign_for_a_word(place: Place) -> Diagnostic | None:
    """A sign of mathematics, or a dash of a text."""
    meant = {"×": "*", "÷": "/", "≤": "<=", "≥": ">=", "x": "*"}.get(place.found)
    if place.found in ("—", "–", "−"):
        meant = "to" if re.match(r"[ \t]+(?:over|from)\b", place.before) else "-"
    if meant is None or (place.terminal and "STAR" not in place.expected):
        return None
    return place.said("meant", found=place.found, meant=meant)


def manner(place: Place) -> Diagnostic | None:
    """`pay in slices`, `pay on the amount`: it is not said of what."""
    start = re.match(r"[ \t]*pay[ \t]+(?=(?:in|on)[ \t]+$)", place.before)
    if start is None:
        return None
    found = re.split(r"[,:]", place.text[start.end() :])[0].rstrip()
    return place.said("manner", start.end() + 1, len(found), found=found)


def nothing_more(place: Place) -> Diagnostic | None:
    """The line is complete, and something follows."""
    if place.expected != {"_NL"}:
        return None
    name = re.search(r"\w[ \t]*$", place.before) and place.terminal in ("NAME", "MINUS", "NUMBER", "SLASH")
    return place.said("name" if name else "rest", found=place.found)


def layers(place: Place) -> Diagnostic | None:
    """Whatever goes wrong in the one line of a stack."""
    above = next((line for line in reversed(place.lines[: place.line - 1]) if line.strip() and line[0] != " "), "")
    if place.before[:1] != " " or not re.match(r"stack\b", above):
        return None
    start = len(place.text) - len(place.text.lstrip()) + 1
    return place.said("layers", start, len(place.text) - start + 1)


def cap_behind_pay(place: Place) -> Diagnostic | None:
    """`pay 50% up to 500`."""
    if place.terminal not in ("UP_TO", "AT_MOST") or not re.match(r"[ \t]+pay\b", place.before):
        return None
    return place.said("cap", found=place.found)


def rounding(place: Place) -> Diagnostic | None:
    """`round` without a direction."""
    found = re.match(r"round(?:ed|ing)?\b(?:[ \t]+to\b)?", place.rest)
    if found is None or "ROUND_HALF_UP" not in place.expected:
        return None
    return place.said("rounding", place.column, len(found[0]))


def in_a_band(place: Place) -> Diagnostic | None:
    """An end that is computed, or a ratio `of` something."""
    if not re.match(r"[ \t]+(?:over|from)\b", place.before):
        return None
    if place.terminal in ("PLUS", "MINUS", "STAR"):
        return place.said("band_end", found=place.found)
    ratio = re.search(r"(\S+%)[ \t]*$", place.before)
    return place.said("band_ratio", found=place.found, ratio=ratio[1]) if place.terminal == "OF" and ratio else None


def superfluous(place: Place) -> Diagnostic | None:
    """A word or sign without which the line reads."""
    if place.found == ")" and place.before.count("(") > place.before.count(")"):
        return None
    behind = place.rest[len(place.found) :]
    changed = f"{place.before} {behind.replace(':', ' ') if place.found == ':' else behind}"
    return place.said("superfluous", found=place.found) if place.found and place.reads(changed) else None
