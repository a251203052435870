"""Formulas for claims of which some words are known: tables have only what those claims can come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compiler.model import Band, ByCategory, Expression, Schedule, rebuilt


def with_words(formula: Expression, words: Mapping[str, str]) -> Expression:
    """The formula as it is for claims with these words, by category: it gives them the same, or no value as before."""

    def change(node: Expression) -> Expression:
        match node:
            case ByCategory(facts, cells) if not words.keys().isdisjoint(facts):
                there = [place for place, cell in enumerate(cells) if _fits(facts, cell.key, words)]
                entries = tuple(replace(cells[place], key=_rest(facts, cells[place].key, words)) for place in there)
                rest = _rest(facts, facts, words)
                return replace(node, facts=rest, cells=entries) if rest or not entries else entries[0].value
            case Schedule(categories=facts, columns=columns, bands=bands) if not words.keys().isdisjoint(facts):
                there = [place for place, key in enumerate(columns) if _fits(facts, key, words)]
                keys = tuple(_rest(facts, columns[place], words) for place in there)
                narrow = tuple(_with_columns(band, there) for band in bands)
                return replace(node, categories=_rest(facts, facts, words), columns=keys, bands=narrow)
            case _:
                return node

    return rebuilt(formula, change)


def _fits(facts: Sequence[str], key: Sequence[str], words: Mapping[str, str]) -> bool:
    return all(words.get(fact, word) == word for fact, word in zip(facts, key, strict=True))


def _rest(facts: Sequence[str], key: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """What is left of a key without the words that are known."""
    return tuple(word for fact, word in zip(facts, key, strict=True) if fact not in words)


def _with_columns(band: Band, places: Sequence[int]) -> Band:
    return replace(band, ratios=tuple(band.ratios[place] for place in places))
