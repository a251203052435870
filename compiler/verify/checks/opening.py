"""TP104: the deductible, or the threshold, meets the first band.

It does not where amounts above it lie below the first band, so that no ratio is defined for them; nor where the first
band begins above 0 and yet below a deductible that its amounts are measured with: the band then promises a ratio for
amounts of which the deductible leaves nothing. A threshold only opens the door, so a band may begin below it.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Deductible, Measured, Model, Opening, Schedule
from compiler.schedule import Lack
from compiler.verify.bands import Need, Stretch, gaps, in_order
from compiler.verify.checks.gap import first_in
from compiler.verify.encode import Visit
from compiler.verify.ground import ENDS, Clause, Ground, schedules
from compiler.verify.moving import Layout
from compiler.verify.prove import DIRECT, Fails, Holds, Open
from compiler.verify.reach import can_happen, comes_before, in_stretch, is_seen, lacks, laid_out, needs
from compiler.verify.witness import Shown, frozen
from compiler.verify.words import cell_text, claim_line, lower_end, money, short
from dsl.diagnostics import Diagnostic, Label

CODE = "TP104"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every schedule with a deductible or a threshold."""
    for clause, schedule in schedules(ground.model):
        if schedule.opening is not None:
            yield _findings(ground.model, clause, schedule, schedule.opening)


def _findings(model: Model, clause: Clause, schedule: Schedule, opening: Opening) -> tuple[Finding, ...]:
    asked = Property(CODE, clause.subject, "", opening.span)
    if not schedule.constant:
        return (_moving(model, asked, clause, opening, schedule),)
    lower = [gap for gap in gaps(schedule) if gap.before is None and first_in(model, clause, schedule, gap) is not None]
    for gap in lower:
        match in_stretch(model, clause, schedule, gap):
            case Fails(shown):
                diagnostic = _below_the_bands(model, clause, schedule, gap, shown)
                return (Refuted(asked, diagnostic, Witness(frozen(shown.claims))),)
            case Open(reason):
                return (Unknown(asked, reason),)
            case Holds():
                pass
    cut = [(cell, need) for cell, need in needs(model, clause, schedule) if _cuts_first_band(schedule, need)]
    for cell, need in cut:
        match _in_cut_part(model, clause, schedule, cell, need):
            case Fails(shown):
                at = Property(CODE, clause.subject, cell_text(cell), opening.span)
                diagnostic = _inside_the_band(model, schedule, opening, need, shown)
                return (Refuted(at, diagnostic, Witness(frozen(shown.claims))),)
            case Open(reason):
                return (Unknown(asked, reason),)
            case Holds():
                pass
    return (Proved(asked, DIRECT if lower or cut else ENDS),)


def _moving(model: Model, asked: Property, clause: Clause, opening: Opening, schedule: Schedule) -> Finding:
    """Ends that follow from the claim: asked of every claim at once."""
    labels = (Label(opening.span, "opening"), Label(schedule.bands[0].lower.span, "begins"))
    here, before = laid_out(clause, lambda layout: layout.gap_below), comes_before(model, clause, schedule)
    below = can_happen(model, clause, here, lacks(clause, Lack.NO_BAND), before=before)
    inside: Holds | Fails | Open = Holds(DIRECT)
    if isinstance(opening, Deductible) and schedule.measured is Measured.OF_THE_AMOUNT:
        inside = can_happen(model, clause, laid_out(clause, _takes_of_first_band), is_seen)
    for verdict, variant, result in (
        (below, "moving", "no ratio is defined"),
        (inside, "moving_inside", "in the first band, and nothing is left above the deductible"),
    ):
        match verdict:
            case Fails(shown):
                line = claim_line(model, shown.claims, result, shown.note)
                found = Diagnostic(CODE, labels, (("opening", _name(opening)),), variant, line)
                return Refuted(asked, found, Witness(frozen(shown.claims)))
            case Open(reason):
                return Unknown(asked, reason)
            case Holds():
                pass
    return Proved(asked, DIRECT)


def _takes_of_first_band(layout: Layout) -> z3.BoolRef:
    """The first band begins above 0, and an amount in it is no larger than the deductible."""
    starts = z3.And(*(z3.Or(z3.Not(laid.some), laid.first > 1) for laid in layout.bands))
    here = [z3.And(laid.holds(layout.seen), laid.lower < layout.denominator * layout.start) for laid in layout.bands]
    lowest = [
        z3.And(*(z3.Or(z3.Not(other.some), laid.first <= other.first) for other in layout.bands))
        for laid in layout.bands
    ]
    in_first = z3.Or(*(z3.And(one, two) for one, two in zip(here, lowest, strict=True)))
    return z3.And(starts, layout.seen <= layout.start, in_first)


def _cuts_first_band(schedule: Schedule, need: Need) -> bool:
    """A first band from 0 on says nothing about where paying begins, so it contradicts no deductible."""
    bands = in_order(schedule)
    if not isinstance(schedule.opening, Deductible) or schedule.measured is not Measured.OF_THE_AMOUNT or not bands:
        return False
    return bands[0].first > 1 and bands[0].lower.constant < need.start


def _in_cut_part(
    model: Model, clause: Clause, schedule: Schedule, cell: dict[str, str], need: Need
) -> Holds | Fails | Open:
    first = in_order(schedule)[0].first

    def here(visit: Visit) -> z3.BoolRef:
        assert visit.argument is not None
        return z3.And(visit.argument >= first, visit.argument <= need.start)

    return can_happen(model, clause, here, is_seen, where=cell, least=first)


def _below_the_bands(model: Model, clause: Clause, schedule: Schedule, gap: Stretch, shown: Shown) -> Diagnostic:
    first, opening = first_in(model, clause, schedule, gap), schedule.opening
    assert opening is not None and first is not None and gap.last is not None and gap.after is not None
    labels = (Label(opening.span, "opening"), Label(gap.after.lower.span, "begins"))
    params = (
        ("opening", _name(opening)),
        ("first", money(model, first)),
        ("last", money(model, gap.last)),
        ("begins", lower_end(model, gap.after.lower)),
        ("end", short(model, first - 1)),
        ("line", str(gap.after.lower.span.line)),
    )
    above = schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE and isinstance(opening, Deductible)
    return Diagnostic(
        CODE,
        labels,
        params,
        "above" if above else "",
        claim_line(model, shown.claims, "no ratio is defined", shown.note),
    )


def _inside_the_band(model: Model, schedule: Schedule, opening: Opening, need: Need, shown: Shown) -> Diagnostic:
    band = in_order(schedule)[0]
    last = need.start if band.last is None else min(need.start, band.last)
    labels = (Label(opening.span, "opening"), Label(band.lower.span, "begins"))
    params = (
        ("deductible", short(model, need.start)),
        ("first", money(model, band.first)),
        ("last", money(model, last)),
        ("begins", lower_end(model, band.lower)),
        ("line", str(band.lower.span.line)),
    )
    line = claim_line(model, shown.claims, "in the first band, and nothing is left above the deductible", shown.note)
    return Diagnostic(CODE, labels, params, "inside", line)


def _name(opening: Opening) -> str:
    return "deductible" if isinstance(opening, Deductible) else "threshold"
