"""Tables of bands and plain ratios -> schedules.

A parameter in the end of a band makes the whole table another one in each cell of the categories that it goes
by, so it becomes one schedule of constant ends for each. What follows from a claim's amounts (`5% of fund`) stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from compiler.lower.formula import formula
from compiler.lower.parameter import spelt_out
from compiler.model import (
    Band,
    BandRatio,
    Bound,
    ByCategory,
    Cell,
    Constant,
    Deductible,
    Expression,
    Manner,
    Measured,
    Opening,
    Schedule,
    walk,
)
from dsl import tree
from dsl.scope import Scope
from dsl.source import Span


def flat_schedule(
    what: tree.RatioCell | tree.ByList, argument: Expression, opening: Opening | None, scope: Scope, span: Span
) -> Schedule:
    """One ratio, or one for each cell of a list, for every amount above the deductible."""
    match what:
        case tree.ByList(categories, entries):
            names = tuple(category.text for category in categories)
            listed = list(spelt_out(keyed(entries), [scope.words(name) for name in names]))
        case tree.Ratio() | tree.Unknown():
            names, listed = (), [((), what)]
        case _:
            assert_never(what)
    band = Band(
        Bound(Constant(0, what.span), False, what.span), None, tuple(_ratio(value) for _, value in listed), what.span
    )
    measured = Measured.ABOVE_THE_DEDUCTIBLE if isinstance(opening, Deductible) else Measured.OF_THE_AMOUNT
    return Schedule(
        argument, opening, measured, Manner.IN_SLICES, names, tuple(key for key, _ in listed), (band,), span
    )


def table_schedule(
    table: tree.BandTable, argument: Expression, opening: Opening | None, deducted: bool, scope: Scope
) -> Expression:
    """A table of bands. `deducted`: the deductible has been taken off the argument already."""
    above = table.above_the_deductible and not deducted
    categories = tuple(category.text for category in table.categories)
    headings = [(_words(key), place) for place, key in enumerate(table.columns)] or [((), 0)]
    columns = list(spelt_out(headings, [scope.words(name) for name in categories]))
    places = [place for _, place in columns]
    return _by_cell_of_its_ends(
        Schedule(
            argument,
            opening,
            Measured.ABOVE_THE_DEDUCTIBLE if above else Measured.OF_THE_AMOUNT,
            Manner.IN_SLICES if table.in_slices else Manner.ON_THE_WHOLE,
            categories,
            tuple(key for key, _ in columns),
            tuple(_band(band, len(headings), places, scope) for band in table.bands),
            table.span,
        )
    )


def keyed(entries: Iterable[tree.Entry]) -> Iterator[tuple[tuple[str, ...], tree.Number | tree.RatioCell]]:
    """The entries of a list with their words."""
    return ((_words(entry.key), entry.value) for entry in entries)


def _words(key: tree.CellKey) -> tuple[str, ...]:
    return tuple(word.text for word in key.words)


def _band(line: tree.BandLine, headings: int, places: list[int], scope: Scope) -> Band:
    """A band; a line without any ratio leaves every column empty. `places`: the heading that each column comes from."""
    written = [_ratio(ratio) for ratio in line.ratios] or [BandRatio(None, None, line.span)] * headings
    return Band(
        _bound(line.lower, scope),
        None if line.upper is None else _bound(line.upper, scope),
        tuple(written[place] for place in places),
        line.span,
    )


def _bound(end: tree.BandEnd, scope: Scope) -> Bound:
    return Bound(formula(end.value, scope), end.included, end.span)


def _ratio(ratio: tree.Number | tree.RatioCell) -> BandRatio:
    match ratio:
        case tree.Ratio(value, span):
            return BandRatio(value, None, span)
        case tree.Unknown(lowest, highest, span):
            return BandRatio(lowest, None, span) if lowest == highest else BandRatio(None, (lowest, highest), span)
        case tree.Number():
            raise AssertionError("a ratio, not an amount")
        case _:
            assert_never(ratio)


# Ends that go by category ---------------------------------------------------------------------------


def _by_cell_of_its_ends(schedule: Schedule) -> Expression:
    """The schedule itself, or a table of schedules by the categories that its band ends go by.

    It stands where the first of these ends does: a word that it lacks is missing from an end, not from the ratios.
    """
    ends = [bound.value for band in schedule.bands for bound in (band.lower, band.upper) if bound is not None]
    tables = [node for end in ends for node in walk(end) if isinstance(node, ByCategory)]
    if not tables:
        return schedule
    cells: list[dict[str, str]] = [{}]
    for fact in dict.fromkeys(fact for table in tables for fact in table.facts):
        words = dict.fromkeys(
            cell.key[table.facts.index(fact)] for table in tables if fact in table.facts for cell in table.cells
        )
        cells = [{**cell, fact: word} for cell in cells for word in words]
    found = []
    for cell in cells:
        bands = [_band_in(band, cell) for band in schedule.bands]
        resolved = tuple(band for band in bands if band is not None)
        if len(resolved) == len(bands):
            found.append(Cell(tuple(cell.values()), replace(schedule, bands=resolved), schedule.span))
    return ByCategory(tuple(cells[0]), tuple(found), tables[0].span)


def _band_in(band: Band, cell: Mapping[str, str]) -> Band | None:
    lower = _bound_in(band.lower, cell)
    upper = None if band.upper is None else _bound_in(band.upper, cell)
    if lower is None or (band.upper is not None and upper is None):
        return None
    return replace(band, lower=lower, upper=upper)


def _bound_in(bound: Bound, cell: Mapping[str, str]) -> Bound | None:
    """The end in a cell; None where its parameter has no value there."""
    if not isinstance(bound.value, ByCategory):
        return bound
    key = tuple(cell[fact] for fact in bound.value.facts)
    values = [entry.value for entry in bound.value.cells if entry.key == key]
    return replace(bound, value=values[0]) if values else None
