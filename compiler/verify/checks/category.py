"""TP105: every category, and every combination of categories that a clause distinguishes, has a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import z3

from compiler.evaluate import Undefined
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import ByCategory, Manner, Model, Schedule, walk
from compiler.schedule import Lack
from compiler.verify.bands import is_missing
from compiler.verify.encode import Setting, Visit, cells_of
from compiler.verify.ground import ENUMERATED, Clause, Ground, clauses
from compiler.verify.prove import DIRECT, Fails, Holds, Open, Verdict
from compiler.verify.reach import can_happen, comes_before, lacks, needs
from compiler.verify.witness import Shown, frozen
from compiler.verify.words import cell_text, claim_line
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span

CODE = "TP105"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """For every table by category: a finding for each combination without a value, or one that all of them have one."""
    for clause in clauses(ground.model):
        match clause.node:
            case ByCategory(facts, cells):
                yield tuple(_combinations(ground.model, clause, facts, tuple(cell.key for cell in cells)))
            case Schedule() as schedule if schedule.categories or _empty_ratios(schedule):
                yield tuple(_columns(ground.model, clause, schedule))
            case _:
                pass


def _columns(model: Model, clause: Clause, schedule: Schedule) -> list[Finding]:
    """Of the combinations that have a column, and of the ratios in it."""
    found = _combinations(model, clause, schedule.categories, schedule.columns)
    if not _empty_ratios(schedule):
        return found
    found = [*(one for one in found if not isinstance(one, Proved)), *_ratios(model, clause, schedule)]
    return found or [Proved(Property(CODE, clause.subject, "", clause.node.span), DIRECT)]


def _combinations(
    model: Model, clause: Clause, facts: tuple[str, ...], keys: tuple[tuple[str, ...], ...]
) -> list[Finding]:
    found: list[Finding] = []
    missing = [cell for cell in _cells(model, facts) if tuple(cell.values()) not in keys]
    for cell in missing:
        asked = Property(CODE, clause.subject, cell_text(cell), clause.node.span)
        labels = (Label(clause.node.span, "table"), *(Label(_declared(model, fact), "category") for fact in facts))
        verdict = _lacking(model, clause, cell)
        found += _finding(model, asked, Diagnostic(CODE, labels, (("cell", cell_text(cell)),)), verdict)
    method = DIRECT if missing else ENUMERATED
    return found or [Proved(Property(CODE, clause.subject, "", clause.node.span), method)]


def _declared(model: Model, category: str) -> Span:
    """Where the words of a category stand: with the facts, or in the table of days."""
    return next(fact.span for fact in (*model.facts, *model.dated) if fact.name == category)


def _cells(model: Model, facts: tuple[str, ...]) -> list[dict[str, str]]:
    values = model.categories
    return cells_of(facts, Setting({name: z3.Int(name) for name in values}, values, {}, {}, None, {}))


def _lacking(model: Model, clause: Clause, cell: dict[str, str]) -> Verdict:
    """A clause that stands in a constant opening is visited with its schedule."""
    schedule = _opening_of(clause)
    place = clause if schedule is None else replace(clause, node=schedule)

    def confirm(shown: Shown) -> bool:
        # Where the column and the deductible both lack the word, it is the deductible that is missed first.
        outcome = shown.outcome
        return isinstance(outcome, Undefined) and (outcome.amount, outcome.lack) == (clause.amount.name, Lack.NO_CELL)

    return can_happen(model, place, lambda visit: visit.test, confirm, where=cell)


def _opening_of(clause: Clause) -> Schedule | None:
    for node in walk(clause.amount.expression):
        if isinstance(node, Schedule) and node.opening is not None and node.constant:
            if any(inner is clause.node for inner in walk(node.opening.amount)):
                return node
    return None


def _empty_ratios(schedule: Schedule) -> list[tuple[int, int, Span]]:
    """Row, column and place of every ratio that is not given."""
    return [
        (row, column, ratio.span)
        for row, band in enumerate(schedule.bands)
        for column, ratio in enumerate(band.ratios)
        if is_missing(ratio)
    ]


def _ratios(model: Model, clause: Clause, schedule: Schedule) -> list[Finding]:
    found: list[Finding] = []
    before = comes_before(model, clause, schedule, schedule.categories)
    for row, column, span in _empty_ratios(schedule):
        band = schedule.bands[row]
        cell = dict(zip(schedule.categories, schedule.columns[column], strict=True))
        with_opening = [cell]
        if schedule.constant:
            # Where the deductible has no value for a word, that is what is wrong with the claim.
            known = (words for words, _ in needs(model, clause, schedule))
            with_opening = [words for words in known if all(words[fact] == word for fact, word in cell.items())]

        def here(visit: Visit, row: int = row) -> z3.BoolRef:
            assert visit.argument is not None
            if visit.layout is not None:
                return z3.And(visit.test, visit.layout.applies(row))
            first, last = schedule.bands[row].first, schedule.bands[row].last
            whole = schedule.manner is Manner.ON_THE_WHOLE and last is not None
            inside = z3.And(visit.argument >= first, visit.argument <= last) if whole else visit.argument >= first
            return z3.And(visit.test, inside)

        asked = Property(CODE, clause.subject, cell_text(cell), span)
        labels = (Label(span, "ratio"), *([Label(band.lower.span, "band")] if span != band.span else []))
        confirm = lacks(clause, *Lack)
        verdict = _first(can_happen(model, clause, here, confirm, where=words, before=before) for words in with_opening)
        variant = "ratio" if cell else "only_ratio"
        found += _finding(model, asked, Diagnostic(CODE, labels, (("cell", cell_text(cell)),), variant), verdict)
    return found


def _first(verdicts: Iterable[Verdict]) -> Verdict:
    """What fails, before what is open, before what holds."""
    found: Verdict = Holds(DIRECT)
    for verdict in verdicts:
        if isinstance(verdict, Fails):
            return verdict
        if isinstance(verdict, Open):
            found = verdict
    return found


def _finding(model: Model, asked: Property, diagnostic: Diagnostic, verdict: Verdict) -> list[Finding]:
    match verdict:
        case Holds():
            return []
        case Open(reason):
            return [Unknown(asked, reason)]
        case Fails(shown):
            return [Refuted(asked, _with_claim(model, diagnostic, shown), Witness(frozen(shown.claims)))]


def _with_claim(model: Model, diagnostic: Diagnostic, shown: Shown) -> Diagnostic:
    return replace(diagnostic, claim=claim_line(model, shown.claims, "no value is defined", shown.note))
