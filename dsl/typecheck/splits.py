"""Mistakes in a split between payers, before it becomes one benefit for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.expand import table_of
from dsl.money import format_ratio
from dsl.typecheck.amounts import reads_left
from dsl.typecheck.mistakes import missing


def split_mistakes(policy: tree.Policy) -> Iterator[Diagnostic]:
    """Mistakes under `split name`, and `between` where nothing is split."""
    for block in policy.blocks:
        match block:
            case tree.SplitBlock():
                yield from _split_mistakes(block)
            case tree.BenefitBlock(clauses=clauses):
                for clause in clauses:
                    if isinstance(clause, tree.PayClause) and isinstance(clause.what, tree.BandTable):
                        if clause.what.payers:
                            yield _wrong(clause.what.payers[0], "between")
            case _:
                pass


def _split_mistakes(split: tree.SplitBlock) -> Iterator[Diagnostic]:
    within = f"split {split.name.text}"
    if not any(isinstance(clause, tree.OfClause) for clause in split.clauses):
        yield missing("of", within, split.name.span)
    for clause in split.clauses:
        match clause:
            case tree.OfClause(formula) if reads_left(formula):
                # What is left for the last payer would be without the shares of the others, which it is the rest of.
                yield Diagnostic("TP107", (Label(clause.span, "here"),), variant="left")
            case tree.SourceNote() | tree.OfClause() | tree.For() | tree.PayClause() | tree.RoundClause():
                pass
            case (
                tree.DeductibleClause()
                | tree.ThresholdClause()
                | tree.CapClause()
                | tree.CapBaseClause()
                | tree.ConformsTo()
            ):
                yield Diagnostic("TP107", (Label(clause.span, "here"),), variant="clause")
            case _:
                assert_never(clause)
    table = table_of(split)
    if table is None or len(table.payers) < 2 or table.categories or table.above_the_deductible:
        yield missing("pay", within, split.name.span, variant="shares")
        return
    heading = [[word.text for word in key.words] for key in table.columns]
    if heading != [[payer.text] for payer in table.payers]:
        span = table.columns[0].span if table.columns else table.span
        params = (("payers", ", ".join(payer.text for payer in table.payers)),)
        yield Diagnostic("TP107", (Label(span, "here"),), params, variant="heading")
        return
    for band in table.bands:
        yield from _band_mistakes(band, len(table.payers))


def _band_mistakes(band: tree.BandLine, payers: int) -> Iterator[Diagnostic]:
    if len(band.ratios) != payers:
        params = (("ratios", str(len(band.ratios))), ("columns", str(payers)))
        yield Diagnostic("TP018", (Label(band.span, "here"),), params)
        return
    known = [ratio for ratio in band.ratios if isinstance(ratio, tree.Ratio)]
    if len(known) < payers:
        yield Diagnostic("TP107", (Label(band.span, "here"),), variant="unknown")
        return
    total = sum((ratio.value for ratio in known), Fraction(0))
    if total != 1:
        yield Diagnostic("TP107", (Label(band.span, "here"),), (("total", format_ratio(total)),))


def _wrong(name: tree.Name, variant: str) -> Diagnostic:
    return Diagnostic("TP107", (Label(name.span, "here"),), variant=variant)
