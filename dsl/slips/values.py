"""Slips in days, amounts, ratios and names."""

from __future__ import annotations

import re
from datetime import date

from dsl.diagnostics import Diagnostic
from dsl.place import Place


def day(place: Place) -> Diagnostic | None:
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


def number(place: Place) -> Diagnostic | None:
    """A number with other marks between its digits: `500.000,00`, `500 000`, `500'000`, `52,5%`."""
    column, text = place.run(r"[\d.,'_]")
    text = text.rstrip(",.'_")
    right = re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?", text)
    within = column + len(text) > place.column - (place.found == "%")
    if right is None and within and re.fullmatch(r"\d+([.,'_]\d+){2,}|\d+[,'_]\d+", text):
        return place.said("", column, len(text), "TP008", text=text)
    parted = re.search(r"(?<![\d.,])\d{1,3}([ \t]\d{3})*$", place.before.rstrip())
    if place.terminal == "NUMBER" and parted is not None and (more := re.match(r"\d{3}(?![\d.,])", place.rest)):
        text = place.text[parted.start() : place.column - 1 + len(more[0])]
        return place.said("", parted.start() + 1, len(text), "TP008", text=text)
    return None


def ratio(place: Place) -> Diagnostic | None:
    """A number where only a ratio can stand."""
    number = re.search(r"\S+$", place.before.rstrip())
    if place.expected != {"SLASH"} or number is None:
        return None
    meant = f"{number[0]}%" if re.fullmatch(r"\d\d?(\.\d+)?|100", number[0]) else "a ratio such as 50%"
    if part := re.fullmatch(r"0?\.(\d{1,6})", number[0]):
        whole, more = part[1].ljust(2, "0")[:2], part[1][2:]
        meant = f"{int(whole)}{'.' if more else ''}{more}%"
    return place.said("ratio", number.start() + 1, len(number[0]), found=number[0], meant=meant)


def negative(place: Place) -> Diagnostic | None:
    """An amount or a ratio below 0."""
    sign = re.search(r"(^|[ \t(])$", place.before) and re.match(r"-[\d.]", place.rest)
    if place.terminal != "MINUS" or not sign or not place.expected & {"NUMBER", "PERCENT"}:
        return None
    return place.said("negative", found=place.found)


def unit(place: Place) -> Diagnostic | None:
    """A currency or another word right behind a number."""
    if place.terminal != "NAME" or not re.search(r"\d[ \t]*$", place.before):
        return None
    return place.said("unit", found=place.found)


def in_figures(place: Place) -> Diagnostic | None:
    """An amount or a ratio in Chinese numerals."""
    figures = re.match(r"[零〇一二两三四五六七八九十百千万亿成分之点元]+(?!\w)", place.rest)
    return None if figures is None else place.said("figures", place.column, len(figures[0]), found=figures[0])


def name_with_digits(place: Place) -> Diagnostic | None:
    """A name that begins with a digit."""
    found = re.match(r"\d+\w*[^\W\d]\w*", place.rest)
    if "NAME" not in place.expected or "NUMBER" in place.expected or found is None:
        return None
    return place.said("digits", place.column, len(found[0]), found=found[0])


def currency_sign(place: Place) -> Diagnostic | None:
    """The sign of a currency at an amount."""
    return place.said("currency", found=place.found) if place.found in ("$", "¥", "￥", "€", "£") else None
