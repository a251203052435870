"""What the parser of SQL does not show: remarks, and what an engine may run, or read otherwise, though it is in one.

Engines run `/*! ... */`, take hints from `/*+ ... */`, and differ in what ends a remark. So there is one kind of
remark: from `--` and a blank to the end of its line, of which nothing is left for an engine. All else is letters,
digits, a few signs, and names and texts in their quotes.
"""

from __future__ import annotations

import re

from sqlglot import expressions as exp

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.values import Outside

_REMARK = r"--(?: [^\x00-\x1f\x7f-\x9f\u2028\u2029]*)?(?<!\\)(?=\n|\Z)"
"""No remark has a sign that ends a line for some engine, or a backslash that takes the next line along."""

_SIGNS = r"(?!--|/\*)[A-Za-z0-9()*+,\-./:;<=>|%_ \n]"
"""What may stand outside of quotes and remarks."""

_ALONE = r"(?<![A-Za-z0-9_])"
"""A quote with a letter in front may begin another kind of text: `E'...'`, `x'...'`. Of these `x''` is known."""


def require_visible(text: str, dialect: Dialect) -> None:
    """Raise Outside where something stands in a text that may not be what the parser takes it for."""
    for sign in dialect.read_anywhere:
        if sign in text:
            raise Outside(_line(text, text.index(sign)), f"{sign}, which the engine reads wherever it stands")
    found = re.match(f"(?:{'|'.join(_parts(dialect))})*", text, re.DOTALL)
    end = 0 if found is None else found.end()
    if end != len(text):
        raise Outside(_line(text, end), f"signs that no calculator has: {text[end : end + 9]!r}")


def _parts(dialect: Dialect) -> tuple[str, ...]:
    """What a file is made of; a doubled quote ends one name or text and begins another, which does no harm."""
    quote = exp.to_identifier("name", quoted=True).sql(dialect=dialect.reader)[0]
    inside = r"[^'\\]|\\." if dialect.backslashes else "[^']"
    return f"{_ALONE}x''", f"{_ALONE}'(?:{inside})*'", f"{_ALONE}{quote}[^{quote}]*{quote}", _REMARK, _SIGNS


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
