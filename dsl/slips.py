"""The slips that people make most, where a file cannot be read: what each is known by, and what to write instead.

Each function looks at the place where reading stopped, and gives the mistake or None. The first that knows the place
speaks, so the order counts: what is certain comes before what is likely.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from dsl.diagnostics import Diagnostic
from dsl.keywords import BLOCKS, OTHER_WORDS, WORDS
from dsl.place import Place


def at_a_word(place: Place) -> Diagnostic | None:
    """The slip by which something stands where it cannot."""
    return _first(_AT_A_WORD, place)


def at_last(place: Place) -> Diagnostic | None:
    """The slip where no word of the language looks alike either."""
    return _first(_AT_LAST, place)


def at_a_sign(place: Place) -> Diagnostic | None:
    """The slip by which a sign stands there that the language does not have."""
    return _first(_AT_A_SIGN, place)


def _first(slips: tuple[Callable[[Place], Diagnostic | None], ...], place: Place) -> Diagnostic | None:
    return next((found for slip in slips if (found := slip(place)) is not None), None)


# Words that are taken -----------------------------------------------------------------------------------


def _name_that_is_taken(place: Place) -> Diagnostic | None:
    """A word of the language as a name: the line would read if it were another word."""
    if place.terminal not in WORDS or "NAME" not in place.expected:
        return None
    other = f"{place.before}{'_' * len(place.found)}{place.text[place.column - 1 + len(place.found) :]}"
    return place.said("", code="TP015", word=place.found) if place.reads(other) else None


def _unknown_amount(place: Place) -> Diagnostic | None:
    if place.terminal != "UNKNOWN" or "NUMBER" not in place.expected:
        return None
    return place.said("unknown")


def _category_behind_period(place: Place) -> Diagnostic | None:
    """`per person per month by ward` with a category: without a comma before it, `by` names the date of the period."""
    by = re.search(r"\bper[ \t][^,]*?(?P<by>\bby[ \t]+(?P<name>\w+))[^,]*$", place.before)
    if by is None or not any(re.match(rf"[ \t]+{by['name']}[ \t]+\S+[ \t]*\|", fact) for fact in place.lines):
        return None
    return place.said("category", by.start("by") + 1, len(by["by"]), name=by["name"])


# Layout -------------------------------------------------------------------------------------------------


def _block_inside(place: Place) -> Diagnostic | None:
    if place.terminal not in BLOCKS or place.before.strip() or not place.before:
        return None
    return place.said("block", found=place.found)


def _clause_at_the_margin(place: Place) -> Diagnostic | None:
    if place.column != 1 or "BENEFIT" not in place.expected or place.terminal not in WORDS:
        return None
    return place.said("file" if place.terminal in ("POLICY", "STANDARD") else "margin", found=place.found)


def _without_a_beginning(place: Place) -> Diagnostic | None:
    if place.expected != {"POLICY", "STANDARD"} or place.terminal not in WORDS:
        return None
    return place.said("begin", found=place.found)


# Days and numbers ---------------------------------------------------------------------------------------


def _day(place: Place) -> Diagnostic | None:
    """A day that is written in another way."""
    column, text = place.run(r"[\d./年月日-]")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    if parts is not None:
        try:
            meant = date(*map(int, parts.groups())).isoformat()
        except ValueError:
            return place.said("", column, len(text), "TP023", text=text)
        return place.said("form", column, len(text), "TP023", text=text, meant=meant)
    other = re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})|\d{4}([-/.年]\d{1,2}月?)?", text)
    if other is None or not ("DATE" in place.expected or text.count("/") == 2):
        return None
    return place.said(
        "form", column, len(text), "TP023", text=text, meant="the year, the month and the day: 2013-01-31"
    )


def _number(place: Place) -> Diagnostic | None:
    """A number with other marks between its digits: `500.000,00`, `500 000`."""
    column, text = place.run(r"[\d.,]")
    text = text.rstrip(",.")
    right = re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?", text)
    if right is None and column + len(text) > place.column and re.fullmatch(r"\d+([.,]\d+){2,}|\d+,\d+", text):
        return place.said("", column, len(text), "TP008", text=text)
    parted = re.search(r"(?<![\d.,])\d{1,3}([ \t]\d{3})*$", place.before.rstrip())
    if place.terminal == "NUMBER" and parted is not None and (more := re.match(r"\d{3}(?![\d.,])", place.rest)):
        text = place.text[parted.start() : place.column - 1 + len(more[0])]
        return place.said("", parted.start() + 1, len(text), "TP008", text=text)
    return None


def _ratio(place: Place) -> Diagnostic | None:
    """A number where only a ratio can stand."""
    number = re.search(r"\S+$", place.before.rstrip())
    if place.expected != {"SLASH"} or number is None:
        return None
    meant = f"{number[0]}%"
    if part := re.fullmatch(r"0?\.(\d{1,6})", number[0]):
        whole, more = part[1].ljust(2, "0")[:2], part[1][2:]
        meant = f"{int(whole)}{'.' if more else ''}{more}%"
    return place.said("ratio", number.start() + 1, len(number[0]), found=number[0], meant=meant)


def _negative(place: Place) -> Diagnostic | None:
    sign = re.search(r"(^|[ \t(])$", place.before) and re.match(r"-[\d.]", place.rest)
    if place.terminal != "MINUS" or not sign or not place.expected & {"NUMBER", "PERCENT"}:
        return None
    return place.said("negative", found=place.found)


def _unit(place: Place) -> Diagnostic | None:
    """A currency or another word right behind a number."""
    if place.terminal != "NAME" or not re.search(r"\d[ \t]*$", place.before):
        return None
    return place.said("unit", found=place.found)


def _name_with_digits(place: Place) -> Diagnostic | None:
    found = re.match(r"\d+\w*[^\W\d]\w*", place.rest)
    if "NAME" not in place.expected or "NUMBER" in place.expected or found is None:
        return None
    return place.said("digits", place.column, len(found[0]), found=found[0])


def _currency_sign(place: Place) -> Diagnostic | None:
    return place.said("currency", found=place.found) if place.found in ("$", "¥", "￥", "€", "£") else None


# Formulas and conditions --------------------------------------------------------------------------------


def _not_equal(place: Place) -> Diagnostic | None:
    """`illness is not listed`, `illness != listed`."""
    said = re.search(r"(\w+)[ \t]+is[ \t]*$" if place.terminal == "NOT" else r"(\w+)[ \t]*$", place.before)
    word = re.match(r"(?:not\b|!=|≠|<>)[ \t]*(\w+)", place.rest)
    if said is None or word is None:
        return None
    return place.said("not_equal", fact=said[1], word=word[1])


def _equal(place: Place) -> Diagnostic | None:
    if place.terminal != "EQUAL" or not place.before.endswith("="):
        return None
    return place.said("meant", place.column - 1, 2, found="==", meant="=")


def _half_a_condition(place: Place) -> Diagnostic | None:
    """`illness is listed or general`: each side of `or` must be a condition."""
    half = re.search(
        r"\b(\w+)[ \t]+is(?: one of)?[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]+or[ \t]+(\w+)[ \t]*$", place.before
    )
    if half is None or "IS_ONE_OF" not in place.expected:
        return None
    return place.said(
        "half", half.start(3) + 1, len(half[3]), word=half[3], fact=half[1], words=f"{half[2]}, {half[3]}"
    )


def _no_condition(place: Place) -> Diagnostic | None:
    """`and then`: something is missing between the two."""
    last = re.search(r"\b(and|or|if|not|then|else)[ \t]*$", place.before)
    if last is None or place.terminal not in ("THEN", "ELSE", "AND", "OR", "_NL"):
        return None
    return place.said("missing", last.start(1) + 1, len(last[1]), found=last[1])


def _divided(place: Place) -> Diagnostic | None:
    slash = re.search(r"([\w.,]+)[ \t]*/[ \t]*(\d+)$", place.text)
    at_the_slash = place.terminal == "SLASH" and re.search(r"\w[ \t]*$", place.before)
    whole = place.expected == {"STAR", "OF"} and re.search(r"\d{2,}[ \t]*/[ \t]*\d+$", place.before)
    if slash is None or not (at_the_slash or whole):
        return None
    return place.said("divided", slash.start() + 1, len(slash[0]), amount=slash[1], by=slash[2])


def _ratio_of_nothing(place: Place) -> Diagnostic | None:
    ratio = re.search(r"\S+$", place.before.rstrip())
    if place.expected != {"STAR", "OF"} or ratio is None:
        return None
    return place.said("of_what", ratio.start() + 1, len(ratio[0]), found=ratio[0])


def _in_quotes(place: Place) -> Diagnostic | None:
    name = re.fullmatch(r'["“”](\w+)["“”]', place.found)
    if place.terminal != "STRING" or "NAME" not in place.expected or name is None:
        return None
    return place.said("quoted", text=name[1])


# Periods ------------------------------------------------------------------------------------------------


def _period_behind_a_list(place: Place) -> Diagnostic | None:
    clause = re.match(r"[ \t]*(cap|deductible)[ \t]+by[ \t]+(\w+)", place.before)
    if place.terminal not in ("PER", "PER_CLAIM") or clause is None:
        return None
    return place.said("period_first", len(place.before) + 1, len(place.rest), clause=clause[1], category=clause[2])


def _no_period(place: Place) -> Diagnostic | None:
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


# Clauses ------------------------------------------------------------------------------------------------


def _in_force_by_what(place: Place) -> Diagnostic | None:
    if place.expected != {"COMMA"} or not re.match(r"[ \t]*in[ \t]+force\b.*\d$", place.before):
        return None
    return place.said("in_force")


def _as_what_rises(place: Place) -> Diagnostic | None:
    found = re.match(r"never[ \t]+(falls|rises)(?![ \t]+as\b)", place.rest)
    if "NEVER_FALLS_AS" not in place.expected or found is None:
        return None
    return place.said("as_what", place.column, len(found[0]), found=found[0])


def _always(place: Place) -> Diagnostic | None:
    """A condition under `require` without its first word."""
    line, depth = place.text, len(place.text) - len(place.text.lstrip())
    if "NEVER_FALLS_AS" not in place.expected or not place.reads(f"{line[:depth]}always {line[depth:]}"):
        return None
    return place.said("always", depth + 1, len(line) - depth, found=line.strip())


def _words_of_a_category(place: Place) -> Diagnostic | None:
    fact = re.match(r"[ \t]+(\w+)[ \t]+(\w+)[ \t]*$", place.before)
    if "VBAR" not in place.expected or place.terminal not in ("COMMA", "OR", "SLASH") or fact is None:
        return None
    return place.said("words", fact=fact[1], word=fact[2])


def _comma(place: Place) -> Diagnostic | None:
    """A comma that is missing: with it, the line reads."""
    changed = f"{place.before.rstrip()}, {place.rest}"
    if not place.found or "COMMA" not in place.expected or not place.reads(changed):
        return None
    return place.said("comma", found=place.found)


def _other_word(place: Place) -> Diagnostic | None:
    """A word that other documents and languages have for one of ours."""
    for other, terminals in OTHER_WORDS.items():
        at = re.match(rf"{re.escape(other)}(?!\w)" if other[-1].isalnum() else re.escape(other), place.rest)
        meant = next((WORDS[terminal] for terminal in terminals if terminal in place.expected), None)
        if at is not None and meant is not None:
            return place.said("meant", place.column, len(other), found=other, meant=meant)
    return None


def _sign_for_a_word(place: Place) -> Diagnostic | None:
    meant = {"×": "*", "÷": "/", "≤": "<=", "≥": ">=", "—": "-", "–": "-", "−": "-", "x": "*"}.get(place.found)
    if meant is None or (place.terminal and "STAR" not in place.expected):
        return None
    return place.said("meant", found=place.found, meant=meant)


def _manner(place: Place) -> Diagnostic | None:
    """`pay in slices`, `pay on the amount`: it is not said of what."""
    start = re.match(r"[ \t]*pay[ \t]+(?=(?:in|on)[ \t]+$)", place.before)
    if start is None:
        return None
    found = re.split(r"[,:]", place.text[start.end() :])[0].rstrip()
    return place.said("manner", start.end() + 1, len(found), found=found)


def _nothing_more(place: Place) -> Diagnostic | None:
    """The line is complete, and something follows."""
    if place.expected != {"_NL"}:
        return None
    name = re.search(r"\w[ \t]*$", place.before) and place.terminal in ("NAME", "MINUS", "NUMBER", "SLASH")
    return place.said("name" if name else "rest", found=place.found)


_AT_A_WORD = (
    _unknown_amount,
    _name_that_is_taken,
    _category_behind_period,
    _period_behind_a_list,
    _not_equal,
    _block_inside,
    _clause_at_the_margin,
    _without_a_beginning,
    _day,
    _number,
    _ratio,
    _equal,
    _negative,
    _other_word,
    _sign_for_a_word,
    _no_period,
    _half_a_condition,
    _no_condition,
    _divided,
    _ratio_of_nothing,
    _in_quotes,
    _in_force_by_what,
    _as_what_rises,
    _always,
    _words_of_a_category,
    _comma,
    _name_with_digits,
)

_AT_LAST = (_manner, _unit, _nothing_more)

_AT_A_SIGN = (_not_equal, _number, _day, _currency_sign, _sign_for_a_word)
