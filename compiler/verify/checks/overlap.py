"""TP102: no amount that can be paid lies in two bands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import z3

from compiler.evaluate import Undefined
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Bound, Model, Schedule
from compiler.schedule import Lack
from compiler.verify.bands import Stretch, in_order, overlaps
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
from compiler.verify.words import claim_line, money, short
from dsl.diagnostics import Diagnostic, Label

CODE = "TP102"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every band that begins inside another one; one for a schedule that has none."""
    for clause, schedule in schedules(ground.model):
        yield _findings(ground.model, clause, schedule)


def _findings(model: Model, clause: Clause, schedule: Schedule) -> tuple[Finding, ...]:
    asked = Property(CODE, clause.subject, "", schedule.span)
    if not schedule.constant:
        return (_moving(model, asked, clause, schedule),)
    candidates = [shared for shared in overlaps(schedule) if _first_in(model, clause, schedule, shared) is not None]
    found: list[Finding] = []
    for shared in candidates:
        match in_stretch(model, clause, schedule, shared):
            case Holds():
                pass
            case Fails(shown):
                found.append(
                    Refuted(asked, _diagnostic(model, clause, schedule, shared, shown), Witness(frozen(shown.claims)))
                )
            case Open(reason):
                found.append(Unknown(asked, reason))
    if found:
        return tuple(found)
    if not candidates and not _certified(model, clause, schedule):
        return (Unknown(asked, "the solver did not confirm that the bands are apart"),)
    return (Proved(asked, DIRECT if candidates else SWEEP),)


def _moving(model: Model, asked: Property, clause: Clause, schedule: Schedule) -> Finding:
    """Ends that follow from the claim: asked of every claim at once."""

    def alone(layout: Layout) -> z3.BoolRef:
        return z3.And(layout.overlap, z3.Not(layout.gap))

    def here(layout: Layout) -> z3.BoolRef:
        return layout.overlap

    before = comes_before(model, clause, schedule)
    either = lacks(clause, Lack.NO_BAND, Lack.TWO_BANDS)
    verdict = can_happen(model, clause, laid_out(clause, here), either, before=before)
    if isinstance(verdict, Fails) and lack_of(verdict.shown) is Lack.NO_BAND:
        # Of a claim with both flaws the lower one is seen, so another claim has to show this one.
        verdict = can_happen(model, clause, laid_out(clause, alone), lacks(clause, Lack.TWO_BANDS), before=before)
        if isinstance(verdict, Holds):
            return Unknown(asked, "waits for TP101")
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            assert isinstance(shown.outcome, Undefined) and shown.outcome.at is not None
            params = (("first", money(model, shown.outcome.at)),)
            line = claim_line(model, shown.claims, "two ratios are defined", shown.note)
            found = Diagnostic(CODE, (Label(schedule.span, "table"),), params, "moving", line)
            return Refuted(asked, found, Witness(frozen(shown.claims)))


def _first_in(model: Model, clause: Clause, schedule: Schedule, shared: Stretch) -> int | None:
    needed = [
        max(shared.first, need.first)
        for _, need in needs(model, clause, schedule)
        if shared.last is None or shared.last >= need.first
    ]
    return min(needed, default=None)


def _certified(model: Model, clause: Clause, schedule: Schedule) -> bool:
    """The solver's confirmation, from the ends as they are written: no amount lies in a band and in the next one."""
    bands = in_order(schedule)
    both = [z3.And(_inside(one.lower, one.upper), _inside(other.lower, other.upper)) for one, other in pairwise(bands)]
    first = min((need.first for _, need in needs(model, clause, schedule)), default=None)
    return first is None or impossible_amount(first <= AMOUNT, any_of(both))


def _inside(lower: Bound, upper: Bound | None) -> z3.BoolRef:
    from_below = lower.constant <= AMOUNT if lower.included else lower.constant < AMOUNT
    if upper is None:
        return from_below
    return z3.And(from_below, upper.constant >= AMOUNT if upper.included else upper.constant > AMOUNT)


def _diagnostic(model: Model, clause: Clause, schedule: Schedule, shared: Stretch, shown: Shown) -> Diagnostic:
    first = _first_in(model, clause, schedule, shared)
    assert first is not None and shared.before is not None and shared.after is not None
    labels = (Label(shared.before.span, "one"), Label(shared.after.span, "other"))
    end = shared.before.upper
    line = claim_line(model, shown.claims, "two ratios are defined", shown.note)
    params = [
        ("first", money(model, first)),
        ("spelling", f"over {short(model, end.constant)}" if end is not None else ""),
        ("line", str(shared.after.lower.span.line)),
    ]
    if shared.last is None:
        return Diagnostic(CODE, labels, tuple(params), "top", line)
    params.append(("last", money(model, shared.last)))
    one = first == shared.last
    return Diagnostic(CODE, labels, tuple(params), "one" if one and end is not None and end.included else "", line)
