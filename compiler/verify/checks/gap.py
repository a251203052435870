"""TP101: every amount that can be paid lies in a band."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import z3

from compiler.evaluate import Undefined
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Bound, Model, Schedule
from compiler.schedule import Lack
from compiler.verify.bands import Stretch, gaps, in_order
from compiler.verify.encode import any_of
from compiler.verify.ground import SWEEP, Clause, Ground, schedules
from compiler.verify.moving import Layout
from compiler.verify.prove import DIRECT, Fails, Holds, Open
from compiler.verify.reach import (
    AMOUNT,
    can_happen,
    comes_before,
    impossible_amount,
    in_stretch,
    lack_of,
    lacks,
    laid_out,
    needs,
)
from compiler.verify.witness import Shown, frozen
from compiler.verify.words import claim_line, lower_end, money, short
from dsl.diagnostics import Diagnostic, Label

CODE = "TP101"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every gap of every schedule; one for a schedule that has none."""
    for clause, schedule in schedules(ground.model):
        yield _findings(ground.model, clause, schedule)


def _findings(model: Model, clause: Clause, schedule: Schedule) -> tuple[Finding, ...]:
    asked = Property(CODE, clause.subject, "", schedule.span)
    if not schedule.constant:
        return (_moving(model, asked, clause, schedule),)
    candidates = [
        gap for gap in gaps(schedule) if _is_ours(schedule, gap) and first_in(model, clause, schedule, gap) is not None
    ]
    found: list[Finding] = []
    for gap in candidates:
        match in_stretch(model, clause, schedule, gap):
            case Holds():
                pass
            case Fails(shown):
                found.append(
                    Refuted(asked, _diagnostic(model, clause, schedule, gap, shown), Witness(frozen(shown.claims)))
                )
            case Open(reason):
                found.append(Unknown(asked, reason))
    if found:
        return tuple(found)
    if not candidates and not _certified(model, clause, schedule):
        return (Unknown(asked, "the solver did not confirm that the bands meet"),)
    return (Proved(asked, DIRECT if candidates else SWEEP),)


def _moving(model: Model, asked: Property, clause: Clause, schedule: Schedule) -> Finding:
    """Ends that follow from the claim: asked of every claim at once."""

    def here(layout: Layout) -> z3.BoolRef:
        return layout.gap if schedule.opening is None else z3.And(layout.gap, z3.Not(layout.gap_below))

    def alone(layout: Layout) -> z3.BoolRef:
        return z3.And(here(layout), z3.Not(layout.overlap))

    before = comes_before(model, clause, schedule)
    either = lacks(clause, Lack.NO_BAND, Lack.TWO_BANDS)
    verdict = can_happen(model, clause, laid_out(clause, here), either, before=before)
    if isinstance(verdict, Fails) and lack_of(verdict.shown) is Lack.TWO_BANDS:
        # Of a claim with both flaws the lower one is seen, so another claim has to show this one.
        verdict = can_happen(model, clause, laid_out(clause, alone), lacks(clause, Lack.NO_BAND), before=before)
        if isinstance(verdict, Holds):
            return Unknown(asked, "waits for TP102")
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            assert isinstance(shown.outcome, Undefined) and shown.outcome.at is not None
            params = (("first", money(model, shown.outcome.at)),)
            line = claim_line(model, shown.claims, "no ratio is defined", shown.note)
            found = Diagnostic(CODE, (Label(schedule.span, "table"),), params, "moving", line)
            return Refuted(asked, found, Witness(frozen(shown.claims)))


def _is_ours(schedule: Schedule, gap: Stretch) -> bool:
    """What lies between the deductible (or threshold) and the first band is asked by TP104."""
    return gap.before is not None or schedule.opening is None


def first_in(model: Model, clause: Clause, schedule: Schedule, gap: Stretch) -> int | None:
    """The smallest amount of a gap that needs a band in some category cell."""
    needed = [
        max(gap.first, need.first)
        for _, need in needs(model, clause, schedule)
        if gap.last is None or gap.last >= need.first
    ]
    return min(needed, default=None)


def _certified(model: Model, clause: Clause, schedule: Schedule) -> bool:
    """The solver's confirmation, from the ends as they are written: nothing lies above one band and below the next."""
    bands = in_order(schedule)
    between = [
        z3.And(above(AMOUNT, one.upper), below(AMOUNT, other.lower))
        for one, other in pairwise(bands)
        if one.upper is not None
    ]
    if schedule.opening is None and bands:
        between.append(below(AMOUNT, bands[0].lower))
    if bands and all(band.upper is not None for band in bands):
        between.append(z3.And(*(above(AMOUNT, band.upper) for band in bands if band.upper is not None)))
    first = min((need.first for _, need in needs(model, clause, schedule)), default=None)
    return first is None or impossible_amount(first <= AMOUNT, any_of(between))


def above(amount: z3.ArithRef, end: Bound) -> z3.BoolRef:
    """The amount lies above the upper end of a band."""
    return amount > end.constant if end.included else amount >= end.constant


def below(amount: z3.ArithRef, end: Bound) -> z3.BoolRef:
    """The amount lies below the lower end of a band."""
    return amount < end.constant if end.included else amount <= end.constant


def _diagnostic(model: Model, clause: Clause, schedule: Schedule, gap: Stretch, shown: Shown) -> Diagnostic:
    first = first_in(model, clause, schedule, gap)
    assert first is not None
    if gap.last is None:
        ends = [Label(gap.before.upper.span, "last")] if gap.before is not None and gap.before.upper is not None else []
        params = (("first", money(model, first)), ("end", short(model, first - 1)))
        line = claim_line(model, shown.claims, "no ratio is defined", shown.note)
        return Diagnostic(CODE, (*ends, Label(schedule.span, "table")), params, "top", line)
    assert gap.after is not None
    count = gap.last - first + 1
    line = claim_line(
        model, shown.claims, f"no ratio is defined ({count:,} amount{'s' if count > 1 else ''})", shown.note
    )
    params = (("first", money(model, first)), ("last", money(model, gap.last)))
    if gap.before is None or gap.before.upper is None:
        begins = gap.after.lower
        more = (("begins", lower_end(model, begins)), ("end", short(model, begins.constant)))
        return Diagnostic(CODE, (Label(begins.span, "first"),), params + more, "bottom", line)
    end = gap.before.upper
    spelling = f"{'over' if end.included else 'from'} {short(model, end.constant)}"
    labels = (Label(end.span, "ends"), Label(gap.after.lower.span, "begins"))
    more = (("spelling", spelling), ("line", str(gap.after.lower.span.line)))
    return Diagnostic(CODE, labels, params + more, "" if count > 1 else "one", line)
