"""Amounts, benefits and stacks: one function for each rule that is no plain node."""

from __future__ import annotations

from fractions import Fraction

from dsl import tree
from dsl.rules.leaves import LeafError
from dsl.source import Span


def amount_block(
    span: Span, name: tree.Name, formula: tree.Formula, *clauses: tree.RoundClause | tree.SourceNote | None
) -> tree.AmountBlock:
    rounding = [clause for clause in clauses if isinstance(clause, tree.RoundClause)]
    sources = tuple(clause for clause in clauses if isinstance(clause, tree.SourceNote))
    if len(rounding) > 1:
        raise LeafError("TP019", "round", rounding[1].span)
    return tree.AmountBlock(name, formula, rounding[0] if rounding else None, sources, span)


def benefit_block(span: Span, name: tree.Name, *clauses: tree.BenefitClause) -> tree.BenefitBlock:
    return tree.BenefitBlock(name, clauses, span)


def split_block(span: Span, name: tree.Name, *clauses: tree.BenefitClause) -> tree.SplitBlock:
    return tree.SplitBlock(name, clauses, span)


def added_up(span: Span, period: tree.Period) -> tree.Period:
    return period


def by_names(span: Span, names: tuple[tree.Name, ...]) -> tuple[tree.Name, ...]:
    return names


def by_name(span: Span, name: tree.Name) -> tree.Name:
    return name


def stack_of(span: Span, formula: tree.Formula) -> tree.Formula:
    return formula


def between(span: Span, names: tuple[tree.Name, ...]) -> tuple[tree.Name, ...]:
    return names


def deductible_before(span: Span, period: tree.Period | None, value: tree.Value) -> tree.DeductibleClause:
    return tree.DeductibleClause(value, period, None, span)


def threshold_clause(span: Span, included: bool, value: tree.Value) -> tree.ThresholdClause:
    return tree.ThresholdClause(value, included, span)


def exceeds(span: Span) -> bool:
    return False


def reached(span: Span) -> bool:
    return True


def cap_before(span: Span, period: tree.Period | None, value: tree.Value) -> tree.CapClause:
    return tree.CapClause(value, period, span)


def by_list(span: Span, categories: tuple[tree.Name, ...], *entries: tree.Entry) -> tree.ByList:
    return tree.ByList(categories, entries, span)


def by_rows(span: Span, categories: tuple[tree.Name, ...], *rows: tuple[tree.Entry, ...]) -> tree.ByList:
    return tree.ByList(categories, tuple(entry for row in rows for entry in row), span)


def by_grid(
    span: Span,
    categories: tuple[tree.Name, ...],
    columns: tuple[tree.CellKey, ...],
    *rows: tuple[tree.Entry, ...],
) -> tree.ByList:
    """Rows by the first categories, columns by the last: each value becomes an entry of its own."""
    entries = []
    for row in rows:
        if len(row) != len(columns):
            raise LeafError("TP018", f"{len(row)} values, {len(columns)} columns", row[0].span, "grid")
        for entry, column in zip(row, columns, strict=True):
            key = tree.CellKey((*entry.key.words, *column.words), entry.key.span)
            entries.append(tree.Entry(key, entry.value, entry.value.span))
    return tree.ByList(categories, tuple(entries), span)


def list_row(span: Span, key: tree.CellKey, *values: tree.Number | tree.RatioCell) -> tuple[tree.Entry, ...]:
    return tuple(tree.Entry(key, value, span) for value in values)


def otherwise(span: Span, word: tree.Name) -> tree.Name:
    return word


def unknown(span: Span) -> tree.Unknown:
    return tree.Unknown(Fraction(0), Fraction(1), span)


def unknown_between(span: Span, lowest: tree.Ratio, highest: tree.Ratio) -> tree.Unknown:
    return tree.Unknown(lowest.value, highest.value, span)


def names(span: Span, *names: tree.Name) -> tuple[tree.Name, ...]:
    return names


def cell_key(span: Span, *words: tree.Name) -> tree.CellKey:
    return tree.CellKey(words, span)


def pay_formula(span: Span, what: tree.Formula) -> tree.PayClause:
    return tree.PayClause(what, False, span)


def pay_ratio(span: Span, what: tree.RatioCell) -> tree.PayClause:
    return tree.PayClause(what, False, span)


def pay_by_list(span: Span, what: tree.ByList) -> tree.PayClause:
    return tree.PayClause(what, False, span)


def pay_table(span: Span, what: tree.BandTable) -> tree.PayClause:
    return tree.PayClause(what, False, span)


def band_table(
    span: Span,
    manner: tuple[bool, bool],
    categories: tuple[tree.Name, ...] | None,
    payers: tuple[tree.Name, ...] | None,
    columns: tuple[tree.CellKey, ...] | None,
    *bands: tree.BandLine,
) -> tree.BandTable:
    in_slices, above_the_deductible = manner
    return tree.BandTable(in_slices, above_the_deductible, categories or (), payers or (), columns or (), bands, span)


def slices_of_the_amount(span: Span) -> tuple[bool, bool]:
    return (True, False)


def slices_above_the_deductible(span: Span) -> tuple[bool, bool]:
    return (True, True)


def whole_of_the_amount(span: Span) -> tuple[bool, bool]:
    return (False, False)


def whole_above_the_deductible(span: Span) -> tuple[bool, bool]:
    return (False, True)


def columns(span: Span, *keys: tree.CellKey) -> tuple[tree.CellKey, ...]:
    return keys


def band(span: Span, lower: tree.BandEnd, *rest: tree.BandEnd | tree.RatioCell) -> tree.BandLine:
    uppers = [part for part in rest if isinstance(part, tree.BandEnd)]
    ratios = tuple(part for part in rest if not isinstance(part, tree.BandEnd))
    return tree.BandLine(lower, uppers[0] if uppers else None, ratios, span)


def end_included(span: Span, value: tree.Formula) -> tree.BandEnd:
    return tree.BandEnd(value, True, span)


def end_excluded(span: Span, value: tree.Formula) -> tree.BandEnd:
    return tree.BandEnd(value, False, span)


def per_policy_year(span: Span, key: tree.Name, start: tuple[int, int], by: tree.Name | None) -> tree.PerPolicyYear:
    return tree.PerPolicyYear(key, *start, by, span)


def stack_block(span: Span, of: tree.Formula | None, *layers: tree.Layer) -> tree.StackBlock:
    return tree.StackBlock(of, layers, span)
