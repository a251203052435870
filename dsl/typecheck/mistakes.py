"""The mistakes that several parts of a policy can make, as diagnostics."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.money import CURRENCIES, DOMAIN_TOP, Currency, format_money
from dsl.scope import Scope
from dsl.source import Span

RATIOS = (tree.BandTable, tree.Ratio, tree.Unknown, tree.ByList)
"""What a benefit may pay that has a ratio."""


MOST_NAMES = 8
"""How many names a message lists of those that could stand in a place."""


NO_LIMIT = ("none", "no", "nothing", "unlimited", "infinite", "无", "不限", "没有")
"""What people write for an amount where there is none."""


def twice(names: Iterable[tree.Name], variant: str = "") -> Iterator[Diagnostic]:
    """Names that were there before, each with the place where it stood first.

    The variant is `again` where they declare nothing, and only stand there twice.
    """
    seen: dict[str, tree.Name] = {}
    for name in names:
        first = seen.setdefault(name.text, name)
        if first is not name:
            labels = (Label(name.span, "again"), Label(first.span, "first"))
            yield Diagnostic("TP010", labels, (("name", name.text),), variant=variant)


def repeated(clauses: Sequence[tuple[str, Span]]) -> Iterator[Diagnostic]:
    """Clauses of one kind that may stand only once: (the word for it, where it stands)."""
    first = dict(reversed(clauses))
    counts = Counter(word for word, _ in clauses)
    for word, span in clauses:
        if counts[word] > 1 and span is not first[word]:
            labels = (Label(span, "again"), Label(first[word], "first"))
            yield Diagnostic("TP019", labels, (("clause", word),), variant="twice")


def missing(part: str, within: str, span: Span, variant: str = "") -> Diagnostic:
    """A part that a block must have."""
    return Diagnostic("TP013", (Label(span, "here"),), (("part", part), ("within", within)), variant=variant)


def unknown(name: tree.Name, what: str, candidates: Iterable[str]) -> Diagnostic:
    """A name that stands for nothing, with the nearest one that does, or those that there are."""
    wanted = list(candidates)
    near = [] if name.text.lower() in NO_LIMIT else difflib.get_close_matches(name.text, wanted, n=1)
    labels, params = (Label(name.span, "here"),), (("name", name.text), ("what", what))
    if near:
        return Diagnostic("TP011", labels, (*params, ("near", near[0])), variant="near")
    if re.fullmatch("[零〇一二两三四五六七八九十百千万亿成分之点元]+", name.text):
        return Diagnostic("TP011", labels, params, variant="digits")
    if name.text.lower() in NO_LIMIT and what == "an amount":
        return Diagnostic("TP011", labels, params, variant="no_limit")
    if not wanted:
        return Diagnostic("TP011", labels, params, variant="none")
    return Diagnostic("TP011", labels, (*params, ("known", one_of(wanted))))


def one_of(names: Sequence[str]) -> str:
    """Names as a message lists them."""
    quoted = [f"`{name}`" for name in dict.fromkeys(names)]
    quoted[MOST_NAMES:] = ["another name"] * (len(quoted) > MOST_NAMES)
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def named(name: tree.Name, what: str, wanted: Iterable[str], scope: Scope) -> Iterator[Diagnostic]:
    """A mistake where the name is none of those wanted: unknown, or of another kind."""
    wanted = list(wanted)
    if name.text in wanted or name.text in scope.unclear:
        return
    kind = scope.kind(name.text)
    if kind is None:
        yield unknown(name, what, wanted)
        return
    labels, params = (Label(name.span, "here"),), (("name", name.text), ("kind", kind), ("what", what))
    if wanted:
        yield Diagnostic("TP012", labels, (*params, ("known", one_of(wanted))))
    else:
        yield Diagnostic("TP012", labels, params, variant="none")


def word_mistakes(word: tree.Name, category: str, scope: Scope) -> Iterator[Diagnostic]:
    """A mistake where the word is not one of the category's."""
    words = scope.words(category)
    if word.text not in words:
        params = (("word", word.text), ("category", category), ("words", ", ".join(words)))
        yield Diagnostic("TP014", (Label(word.span, "here"),), params)


def money_mistakes(number: tree.Number, scope: Scope) -> Iterator[Diagnostic]:
    """A mistake where an amount is finer than the smallest unit of the currency, or beyond every claim."""
    currency = scope.currency or CURRENCIES["CNY"]
    minor = number.value * currency.minor_per_major
    if minor.denominator != 1:
        smallest = (("currency", currency.code), ("smallest", smallest_unit(currency)))
        yield Diagnostic("TP016", (Label(number.span, "here"),), smallest)
    elif minor > DOMAIN_TOP:
        top = (("top", format_money(DOMAIN_TOP, currency)),)
        yield Diagnostic("TP023", (Label(number.span, "here"),), top, variant="amount")


def smallest_unit(currency: Currency) -> str:
    """The smallest amount of a currency as people write it."""
    return format_money(1, currency)


def ratio_mistakes(ratio: tree.RatioCell) -> Iterator[Diagnostic]:
    """A mistake where a coinsurance ratio is over 100%, or the bounds of an unknown one are the wrong way round."""
    match ratio:
        case tree.Ratio(value, span):
            if value > 1:
                yield Diagnostic("TP017", (Label(span, "here"),))
        case tree.Unknown(lowest, highest, span):
            if highest > 1:
                yield Diagnostic("TP017", (Label(span, "here"),))
            if highest < lowest:
                yield Diagnostic("TP023", (Label(span, "here"),), variant="limits")
        case _:
            assert_never(ratio)
