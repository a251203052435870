"""Parameters -> constants and tables of constants, and the dated categories that such tables go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TypeVar, assert_never

from compiler.model import ByCategory, Cell, Constant, DateArm, DatedFact, Expression
from dsl import tree
from dsl.money import Currency
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck.parameters import dated, days_of


def minor_units(number: tree.Number, currency: Currency) -> int:
    """An amount of the tree in minor units."""
    minor = number.value * currency.minor_per_major
    assert minor.denominator == 1
    return minor.numerator


def dated_facts(scope: Scope) -> tuple[DatedFact, ...]:
    """The categories that follow from a date, one for each parameter that changes with time."""
    found = []
    for name, block in scope.parameters.items():
        if isinstance(block, tree.ParameterTable) and dated(block, scope):
            arms = tuple(DateArm(days.first.isoformat(), days.first, days.last) for days in days_of(block))
            found.append(DatedFact(dated_name(name), block.by[0].text, arms, block.name.span))
    return tuple(found)


def dated_name(parameter: str) -> str:
    """What the dated category of a parameter is called."""
    return f"{parameter}.dates"


def parameter_value(block: tree.ParameterBlock, scope: Scope, span: Span) -> Expression:
    """The value of a parameter where it is used: a constant, or a table of constants."""
    assert scope.currency is not None
    match block:
        case tree.PlainParameter(value=value):
            return Constant(minor_units(value, scope.currency), value.span)
        case tree.ParameterTable(name, by, columns, rows):
            rows_by = dated_name(name.text) if dated(block, scope) else by[0].text
            facts = (rows_by, *(other.text for other in by[1:]))
            written = []
            for row in rows:
                match row.key:
                    case tree.DayRange(first):
                        key: tuple[str, ...] = (first.value.isoformat(),)
                    case tree.CellKey(words):
                        key = tuple(word.text for word in words)
                    case _:
                        assert_never(row.key)
                headings = [tuple(word.text for word in column.words) for column in columns] or [()]
                for heading, value in zip(headings, row.values, strict=True):
                    written.append(((*key, *heading), Constant(minor_units(value, scope.currency), value.span)))
            words_of = [None if fact == dated_name(name.text) else scope.words(fact) for fact in facts]
            cells = tuple(Cell(key, value, value.span) for key, value in spelt_out(written, words_of))
            return ByCategory(facts, cells, span)
        case _:
            assert_never(block)


_Value = TypeVar("_Value")


def spelt_out(
    written: Iterable[tuple[tuple[str, ...], _Value]], words_of: Sequence[tuple[str, ...] | None]
) -> Iterator[tuple[tuple[str, ...], _Value]]:
    """The entries of a table with `otherwise` replaced by every word that it stands for.

    `words_of` are the words of each category of a key; None for one that has no `otherwise`. Where two entries could
    mean one combination the one without `otherwise` is meant, else the one that was written first.
    """
    entries = list(written)
    plain = [key for key, _ in entries if tree.OTHERWISE not in key]
    taken = set(plain)
    for key, value in entries:
        if tree.OTHERWISE not in key:
            yield key, value
            continue
        choices = [
            words or () if word == tree.OTHERWISE else (word,) for word, words in zip(key, words_of, strict=True)
        ]
        for combination in product(*choices):
            if combination not in taken:
                taken.add(combination)
                yield combination, value
