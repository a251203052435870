"""A split between payers, as the benefits that it is short for: tree -> tree.

Every payer but the last is a benefit with its own column of the table; the last one pays what the others leave of the
cost, so that the shares add up to it whatever is rounded.
"""

from __future__ import annotations

from dataclasses import replace

from dsl import tree


def expand_splits(policy: tree.Policy) -> tree.Policy:
    """The policy with benefits in place of each split, and a stack of them where it has none."""
    blocks: list[tree.Block] = []
    for block in policy.blocks:
        if isinstance(block, tree.SplitBlock):
            blocks += _payers(block)
        else:
            blocks.append(block)
    splits = [block for block in policy.blocks if isinstance(block, tree.SplitBlock)]
    stacked = any(isinstance(block, tree.StackBlock) for block in policy.blocks)
    if len(splits) == 1 and not stacked:
        (split,) = splits
        table, of = table_of(split), _of(split)
        if table is not None and of is not None:
            blocks.append(tree.StackBlock(of.formula, table.payers, split.name.span))
    return replace(policy, blocks=tuple(blocks))


def table_of(split: tree.SplitBlock) -> tree.BandTable | None:
    """The table of shares of a split."""
    tables = [clause.what for clause in split.clauses if isinstance(clause, tree.PayClause)]
    return next((table for table in tables if isinstance(table, tree.BandTable)), None)


def _of(split: tree.SplitBlock) -> tree.OfClause | None:
    return next((clause for clause in split.clauses if isinstance(clause, tree.OfClause)), None)


def _payers(split: tree.SplitBlock) -> list[tree.BenefitBlock]:
    table, of = table_of(split), _of(split)
    if table is None or of is None or not table.payers:
        return []
    *sharing, last = table.payers
    benefits = [
        tree.BenefitBlock(payer, tuple(_share(clause, place) for clause in split.clauses), split.span)
        for place, payer in enumerate(sharing)
    ]
    rest = tree.Added(((False, of.formula), *((True, payer) for payer in sharing)), table.span)
    clauses = tuple(_rest(clause, rest) for clause in split.clauses if not isinstance(clause, tree.RoundClause))
    return [*benefits, tree.BenefitBlock(last, clauses, split.span)]


def _share(clause: tree.BenefitClause, place: int) -> tree.BenefitClause:
    """The clause with only one payer's column."""
    match clause:
        case tree.PayClause(tree.BandTable() as table, _, span):
            bands = tuple(replace(band, ratios=band.ratios[place : place + 1]) for band in table.bands)
            return tree.PayClause(replace(table, payers=(), columns=(), bands=bands), False, span)
        case _:
            return clause


def _rest(clause: tree.BenefitClause, rest: tree.Formula) -> tree.BenefitClause:
    """The clause of the payer that bears what is left: of each claim by itself, whatever the others add up."""
    match clause:
        case tree.PayClause(span=span):
            return tree.PayClause(rest, True, span)
        case tree.OfClause(formula, _, span):
            return tree.OfClause(formula, None, span)
        case _:
            return clause
