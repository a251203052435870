"""The value of one word of the text: a name, an amount, a ratio, a day, a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from lark import Token
from lark.tree import Meta

from dsl import tree
from dsl.money import RoundingMode
from dsl.source import Span
from dsl.tree import OTHERWISE

MOST_DIGITS = 40
"""No amount and no ratio of any policy has as many; Python itself refuses numbers of some thousands."""

KEYWORD = object()
"""The value of a word of the language or a sign: it says nothing once the rule is known."""

_ROUNDING = {
    "ROUND_HALF_UP": RoundingMode.HALF_UP,
    "ROUND_HALF_EVEN": RoundingMode.HALF_EVEN,
    "ROUND_UP": RoundingMode.UP,
    "ROUND_DOWN": RoundingMode.DOWN,
}

_SCALES = {"万": 10_000, "亿": 100_000_000}


@dataclass
class LeafError(Exception):
    """A word that looks right but has no value: a malformed number, a day that does not exist."""

    code: str
    text: str
    span: Span
    variant: str = ""


def span_of(part: Meta | Token, path: str) -> Span:
    """Where a rule or a token stands in its file; the very beginning for a rule without any text."""
    if getattr(part, "empty", False):
        return Span(path, 1, 1, 1, 1)
    assert part.line is not None and part.column is not None
    assert part.end_line is not None and part.end_column is not None
    return Span(path, part.line, part.column, part.end_line, part.end_column)


def leaf(token: Token, span: Span, lines: Sequence[str]) -> Any:
    """The value of a token, or KEYWORD; `lines` are those of the file as the drafter typed them.

    Raises LeafError where it has no value.
    """
    match token.type:
        case "NAME":
            return tree.Name(str(token), span)
        case "OWN_SHARE":
            return tree.Name("own_share", span)
        case "NUMBER":
            return tree.Number(_number(token, span), span)
        case "PERCENT":
            return tree.Ratio(_number(token, span) / 100, span)
        case "OTHERWISE":
            return tree.Name(OTHERWISE, span)
        case "PER_POLICY_YEAR":
            return _month_day(token, span)
        case "DATE":
            return tree.Day(_day(token, span), span)
        case "STRING":
            # As it was typed, before full-width signs became plain ones.
            typed = lines[span.line - 1][span.column - 1 : span.end_column - 1]
            return tree.Text(typed[1:-1], span)
        case kind if kind in _ROUNDING:
            return _ROUNDING[kind]
        case _:
            return KEYWORD


def _number(token: Token, span: Span) -> Fraction:
    digits, scale = str(token).rstrip("%").rstrip().removesuffix("元").rstrip(), 1
    if digits and digits[-1] in _SCALES:
        digits, scale = digits[:-1].rstrip(), _SCALES[digits[-1]]
    if len(digits) > MOST_DIGITS:
        raise LeafError("TP008", f"{digits[:10]}...", span, "long")
    major, _, decimals = digits.partition(".")
    groups = major.split(",")
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise LeafError("TP008", str(token), span)
    return Fraction(int("".join(groups) + decimals), 10 ** len(decimals)) * scale


def _day(token: Token, span: Span) -> date:
    try:
        return date.fromisoformat(str(token))
    except ValueError:
        raise LeafError("TP023", str(token), span) from None


def _month_day(token: Token, span: Span) -> tuple[int, int]:
    """A day that every year has."""
    try:
        day = date.fromisoformat(f"2023-{token[-5:]}")
    except ValueError:
        raise LeafError("TP023", str(token)[-5:], span, "month_day") from None
    return (day.month, day.day)
