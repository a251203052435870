"""TP204: every cap binds for some claim.

A cap that no claim can reach, whatever was settled before, is not wrong, but it promises a limit that the rest of the
policy already sets lower: mostly a slip in one of the two. Reaching it may take amounts up to the top of the domain
(100,000,000,000.00), so that only a cap that really never binds is named. Where a later version goes on with what a cap
counts, and caps it too, it need not bind before: it is asked of the later one.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Capped, reads, totals_in
from compiler.verify.cap_cuts import AT_ONCE, cut_of, is_ever_reached, is_reached_at_once, lasts
from compiler.verify.ground import Clause, Ground, clauses, stacked, waits_for
from compiler.verify.long_history import METHOD
from compiler.verify.plans import LONGEST_HISTORY
from compiler.verify.prove import DIRECT, Fails, Holds, Open
from compiler.verify.reach import can_matter
from compiler.verify.words import with_note
from dsl.diagnostics import Diagnostic, Label

CODE = "TP204"
LATER = "a later version goes on with what it counts, and is asked"

NOTHING = Witness(())
"""That no claim reaches a cap is shown by no claim."""


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every cap."""
    for clause in clauses(ground.model):
        if isinstance(clause.node, Capped):
            # An amount before it that has no value would hide claims that come here once it has one.
            waits = waits_for(ground, reads(clause.amount.expression))
            if waits is None:
                yield (_cap(ground, clause, clause.node),)
            else:
                yield (Unknown(Property(CODE, clause.subject, "", clause.node.cap.span), f"waits for {waits}"),)


def _cap(ground: Ground, clause: Clause, capped: Capped) -> Finding:
    asked = Property(CODE, clause.subject, "", capped.cap.span)
    cut = cut_of(ground.model, clause.amount.name, capped)
    # The solver would have to look through all layers, or for many claims: then settling some comes first.
    many = stacked(cut.policy) or lasts(cut)
    if many and is_reached_at_once(cut):
        return Proved(asked, AT_ONCE)
    if many and is_ever_reached(cut):
        return Proved(asked, METHOD)
    goes_on = any(total.name in ground.model.capped_on for total in totals_in(clause.amount.expression))
    if many and goes_on:
        return NotAsked(asked, LATER)
    refuted = Refuted(asked, Diagnostic(CODE, (Label(capped.cap.span, "cap"),), ()), NOTHING)
    match can_matter(ground, clause, lambda visit: visit.test, sums_first=many):
        case Fails(shown):
            method = METHOD if len(shown.claims) > LONGEST_HISTORY else DIRECT
            return Proved(asked, with_note(method, shown.note))
        case Holds():
            return NotAsked(asked, LATER) if goes_on else refuted
        case Open(reason):
            if not many and is_ever_reached(cut):
                return Proved(asked, METHOD)
            return NotAsked(asked, LATER) if goes_on else Unknown(asked, reason)
