"""TP103: every band and every clause can matter.

A band can matter where some claim's amount reaches it: on the whole amount, an amount that is paid lies in this band
and in no other; in slices, an amount that is paid goes beyond where the slice begins, and some amount of the band needs
one. Whether a cap then cuts what the band pays is another matter: such a band still applies.
A choice can matter where its condition holds for some claims and fails for others. Caps are asked about by TP204.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import z3

from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import (
    Accumulated,
    AmountValue,
    Band,
    Choice,
    Deductible,
    Manner,
    Measured,
    Model,
    Schedule,
    TotalSoFar,
    reads,
    walk,
)
from compiler.verify.bands import Need, constant_of, in_order, needed, overlaps, with_slices
from compiler.verify.days import on_some_day
from compiler.verify.encode import Visit
from compiler.verify.ground import ENDS, Clause, Ground, clauses, narrowed, range_of, stacked, waits_for
from compiler.verify.moving import Layout
from compiler.verify.prove import DIRECT, Fails, Holds, Open, Verdict
from compiler.verify.reach import can_happen, can_matter, comes_before, is_seen, laid_out, needs
from compiler.verify.tried import Moved, moved
from compiler.verify.words import money
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span

CODE = "TP103"
TRIED = "a claim for every band, settled"
"""The name of the method: the reference interpreter has settled a claim that comes to it."""

NOTHING = Witness(())
"""That no claim comes to a clause is shown by no claim."""


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every schedule, or for each of its bands that cannot matter; one for every choice."""
    for clause in clauses(ground.model):
        if not isinstance(clause.node, Schedule | Choice):
            continue
        # An amount before it that has no value would hide claims that come here once it has one.
        waits = waits_for(ground, reads(clause.amount.expression))
        if waits is not None:
            yield (Unknown(Property(CODE, clause.subject, "", clause.node.span), f"waits for {waits}"),)
            continue
        if not on_some_day(ground.model, clause.words):
            # A row that no day comes to has a copy of the clause; what is written there matters in the other rows.
            yield (NotAsked(Property(CODE, clause.subject, "", clause.node.span), "no day in force has this row"),)
            continue
        match clause.node:
            case Schedule() as schedule:
                yield tuple(_schedule(ground, clause, schedule))
            case Choice() as choice:
                yield (_choice(ground.model, clause, choice),)


# Bands ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """A schedule, what needs a band in each of its cells, and where the slice of each band (by identity) begins.

    reachable  the whole amounts that its argument can have, where that is plain to see
    """

    schedule: Schedule
    cells: tuple[tuple[dict[str, str], Need], ...]
    begins: Mapping[int, int]
    reachable: tuple[int, int] | None


def _schedule(ground: Ground, clause: Clause, schedule: Schedule) -> list[Finding]:
    model = ground.model
    asked = Property(CODE, clause.subject, "", schedule.span)
    if not schedule.constant:
        return _moving(ground, clause, schedule)
    found: list[Finding] = []
    method = ENDS
    begins = {id(band): begins for band, begins in with_slices(schedule)}
    reachable = range_of(model, schedule.argument, clause.amount) if clause.always else None
    table = Table(schedule, needs(model, clause, schedule), begins, reachable)
    trial = _trial(model, clause, table)
    hidden = _hidden_bands(table)
    for band in schedule.bands:
        of_band = Property(CODE, clause.subject, "", band.span)
        dead = _by_its_ends(table, band) or hidden.get(id(band))
        if dead is not None:
            found.append(Refuted(of_band, dead, NOTHING))
            continue
        if _plainly_reached(table, band):
            continue
        if trial is not None and _reached_by(trial, table, band):
            method = TRIED if method == ENDS else method
            continue
        method = DIRECT
        match _reached(ground, clause, table, band):
            case Fails():
                pass
            case Holds():
                found.append(Refuted(of_band, _beyond(model, table, band), NOTHING))
            case Open(reason):
                found.append(Unknown(of_band, reason))
    return found or [Proved(asked, method)]


def _moving(ground: Ground, clause: Clause, schedule: Schedule) -> list[Finding]:
    """Ends that follow from the claim: a band can matter where some claim has a part in it."""
    found: list[Finding] = []
    before = comes_before(ground.model, clause, schedule)
    for index, band in enumerate(schedule.bands):
        of_band = Property(CODE, clause.subject, "", band.span)

        def here(layout: Layout, index: int = index) -> z3.BoolRef:
            return layout.applies(index)

        match can_matter(ground, clause, laid_out(clause, here), before=before):
            case Fails():
                pass
            case Holds():
                found.append(Refuted(of_band, Diagnostic(CODE, (Label(band.span, "band"),), (), "moving"), NOTHING))
            case Open(reason):
                found.append(Unknown(of_band, reason))
    return found or [Proved(Property(CODE, clause.subject, "", schedule.span), DIRECT)]


def _by_its_ends(table: Table, band: Band) -> Diagnostic | None:
    """Why a band cannot matter whatever is claimed, if that is so in every category cell."""
    if band.last is not None and band.first > band.last:
        return Diagnostic(CODE, (Label(band.span, "band"),), (), "empty")
    if not table.cells or any(mattering(table, band, need) is not None for _, need in table.cells):
        return None
    opening = table.schedule.opening
    if opening is None:
        return Diagnostic(CODE, (Label(band.span, "band"),), (), "zero")
    word = "deductible" if isinstance(opening, Deductible) else "threshold"
    labels = (Label(band.span, "band"), Label(opening.span, "opening"))
    return Diagnostic(CODE, labels, (("opening", word),), "under")


def _hidden_bands(table: Table) -> dict[int, Diagnostic]:
    """The bands whose every amount lies in other bands too, in every category cell."""
    ordered = in_order(table.schedule)
    found: dict[int, Diagnostic] = {}
    for band in ordered if table.cells and overlaps(table.schedule) else ():
        others = tuple(other for other in ordered if other is not band and _touch(band, other))
        if all(_hidden(band, others, need) for _, need in table.cells):
            labels = (Label(band.span, "band"), *(Label(other.span, "hides") for other in others))
            found[id(band)] = Diagnostic(CODE, labels, (), "hidden" if len(others) > 1 else "hidden_by_one")
    return found


def mattering(table: Table, band: Band, need: Need) -> tuple[int, int | None] | None:
    """The amounts for which a band matters in one cell, as the bands see them; None where there are none."""
    if band.last is not None and band.first > band.last:
        return None
    match table.schedule.manner:
        case Manner.ON_THE_WHOLE:
            first = max(band.first, need.first)
            return None if band.last is not None and band.last < first else (first, band.last)
        case Manner.IN_SLICES:
            if not needed(band, need):
                return None
            return max(band.first, table.begins[id(band)] + 1, need.first, need.door), None


def _hidden(band: Band, others: tuple[Band, ...], need: Need) -> bool:
    """Every amount of the band that needs one lies in another band too; `others` are sorted."""
    at = max(band.first, need.first)
    if band.last is not None and at > band.last:
        return False
    for other in others:
        if other.first <= at and (other.last is None or other.last >= at):
            if other.last is None:
                return True
            at = other.last + 1
            if band.last is not None and at > band.last:
                return True
    return False


def _touch(band: Band, other: Band) -> bool:
    return (other.last is None or other.last >= band.first) and (band.last is None or other.first <= band.last)


def _plainly_reached(table: Table, band: Band) -> bool:
    """The argument is a fact or the running total of one, so which amounts it can have is plain to see."""
    reachable = table.reachable
    if reachable is None:
        return False
    for cell, need in table.cells:
        wanted = mattering(table, band, need)
        if wanted is not None:
            shift = _unseen(table.schedule, cell)
            low, high = max(wanted[0] + shift, reachable[0]), reachable[1]
            if low <= (high if wanted[1] is None else min(high, wanted[1] + shift)):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Trial:
    """Claims of one category cell that come to a table, and the amount that its bands see."""

    cell: dict[str, str]
    need: Need
    name: str
    claims: Moved


def _trial(model: Model, clause: Clause, table: Table) -> Trial | None:
    """Claims from an empty ledger, of the first cell; None where what the bands see is no amount of the claim."""
    argument = table.schedule.argument
    totals = [node.total.amount for node in walk(clause.amount.expression) if isinstance(node, Accumulated)]
    if isinstance(argument, TotalSoFar) and len(totals) == 1:
        name = totals[0]
    elif isinstance(argument, AmountValue):
        name = argument.name
    else:
        return None
    if not clause.always or not table.cells or name not in {amount.name for amount in model.amounts}:
        return None
    if not stacked(narrowed(model, frozenset({clause.amount.name}))):
        return None
    cell, need = table.cells[0]
    claims = moved(model, name, {**clause.words, **cell})
    return None if claims is None else Trial(cell, need, name, claims)


def _reached_by(trial: Trial, table: Table, band: Band) -> bool:
    """One of the claims has an amount for which the band matters."""
    wanted = mattering(table, band, trial.need)
    if wanted is None:
        return False
    shift = _unseen(table.schedule, trial.cell)
    first, last = wanted[0] + shift, None if wanted[1] is None else wanted[1] + shift
    return trial.claims.with_amount(trial.name, first, last) is not None


def _unseen(schedule: Schedule, cell: dict[str, str]) -> int:
    """What is subtracted from the argument before the bands see it."""
    if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE and isinstance(schedule.opening, Deductible):
        return constant_of(schedule.opening.amount, cell) or 0
    return 0


def _reached(ground: Ground, clause: Clause, table: Table, band: Band) -> Verdict:
    """In some cell, a claim that is paid for an amount for which the band matters."""
    verdict: Verdict = Holds(DIRECT)
    before = comes_before(ground.model, clause, table.schedule)
    for cell, need in table.cells:
        wanted = mattering(table, band, need)
        if wanted is None:
            continue
        first, last = wanted

        def here(visit: Visit, first: int = first, last: int | None = last) -> z3.BoolRef:
            assert visit.argument is not None
            return visit.argument >= first if last is None else z3.And(visit.argument >= first, visit.argument <= last)

        found = can_matter(ground, clause, here, where=cell, before=before)
        if isinstance(found, Fails):
            return found
        if isinstance(found, Open):
            verdict = found
    return verdict


def _beyond(model: Model, table: Table, band: Band) -> Diagnostic:
    """That no claim has an amount for which the band matters, as the bands see it: the least in any cell."""
    wanted = [amounts for _, need in table.cells if (amounts := mattering(table, band, need)) is not None]
    last = wanted[0][1]
    params = [("first", money(model, min(first for first, _ in wanted)))]
    if last is None:
        return Diagnostic(CODE, (Label(band.span, "band"),), tuple(params), "")
    return Diagnostic(CODE, (Label(band.span, "band"),), (*params, ("last", money(model, last))), "between")


# Choices -----------------------------------------------------------------------------------


def _choice(model: Model, clause: Clause, choice: Choice) -> Finding:
    asked = Property(CODE, clause.subject, "", choice.condition.span)
    never = _asked(model, clause, lambda visit: visit.test)
    if isinstance(never, Holds):
        return Refuted(asked, _clause("never", choice.condition.span), NOTHING)
    always = _asked(model, clause, lambda visit: z3.Not(visit.test))
    if isinstance(always, Holds):
        return Refuted(asked, _clause("always", choice.condition.span), NOTHING)
    for verdict in (never, always):
        if isinstance(verdict, Open):
            return Unknown(asked, verdict.reason)
    return Proved(asked, DIRECT)


def _asked(model: Model, clause: Clause, here: Callable[[Visit], z3.BoolRef]) -> Verdict:
    return can_happen(model, clause, here, is_seen, minimal=False)


def _clause(variant: str, span: Span) -> Diagnostic:
    return Diagnostic(CODE, (Label(span, variant),), (), variant)
