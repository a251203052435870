"""TP204: every cap binds for some claim.

A cap that no claim can reach, whatever was settled before, is not wrong, but it promises a limit that the rest of the
policy already sets lower: mostly a slip in one of the two. Reaching it may take amounts up to the top of the domain
(100,000,000,000.00), so that only a cap that really never binds is named. Where a later version goes on with what a cap
counts, and caps it too, it need not bind before: it is asked of the later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import (
    Accumulated,
    ByCategory,
    Capped,
    Constant,
    Expression,
    Model,
    PeriodKind,
    RunningTotal,
    TotalSoFar,
    reads,
    totals_in,
)
from compiler.verify.cap_cuts import AT_ONCE, Cut, cut_of, is_ever_reached, is_reached_at_once, lasts
from compiler.verify.days import lies_within, periods_in_force
from compiler.verify.ground import Clause, Ground, clauses, narrowed, stacked, waits_for
from compiler.verify.long_history import METHOD
from compiler.verify.plans import LONGEST_HISTORY
from compiler.verify.prove import DIRECT, Fails, Holds, Open, Question, by_contracts
from compiler.verify.reach import can_happen, is_seen
from compiler.verify.solve import Impossible, ask
from compiler.verify.telescope import sums
from compiler.verify.words import with_note
from dsl.diagnostics import Diagnostic, Label

CODE = "TP204"
MONTHS = 12
"""Of a year that months lie within; without claims a month comes to 0."""
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
                yield (_cap(ground.model, clause, clause.node),)
            else:
                yield (Unknown(Property(CODE, clause.subject, "", clause.node.cap.span), f"waits for {waits}"),)


def _cap(model: Model, clause: Clause, capped: Capped) -> Finding:
    asked = Property(CODE, clause.subject, "", capped.cap.span)
    cut = cut_of(model, clause.amount.name, capped)
    # The solver would have to look through all layers, or for many claims: then settling some comes first.
    many = stacked(cut.policy) or lasts(cut)
    if many and is_reached_at_once(cut):
        return Proved(asked, AT_ONCE)
    if many and is_ever_reached(cut):
        return Proved(asked, METHOD)
    goes_on = any(total.name in model.capped_on for total in totals_in(clause.amount.expression))
    if many and goes_on:
        return NotAsked(asked, LATER)
    refuted = Refuted(asked, Diagnostic(CODE, (Label(capped.cap.span, "cap"),), ()), NOTHING)
    if many and _never_adds_up(cut, capped):
        return refuted
    match can_happen(model, clause, lambda visit: visit.test, is_seen, minimal=False, paid=True):
        case Fails(shown):
            method = METHOD if len(shown.claims) > LONGEST_HISTORY else DIRECT
            return Proved(asked, with_note(method, shown.note))
        case Holds():
            return NotAsked(asked, LATER) if goes_on else refuted
        case Open(reason):
            if not many and is_ever_reached(cut):
                return Proved(asked, METHOD)
            if goes_on:
                return NotAsked(asked, LATER)
            return refuted if not many and _never_adds_up(cut, capped) else Unknown(asked, reason)


def _never_adds_up(cut: Cut, capped: Capped) -> bool:
    """Whether the sums of a period never come to more than the cap: its own, a longer one around it, or all the
    shorter ones within it that are in force together.
    """
    match cut.amount.expression:
        case Accumulated(total, Capped(TotalSoFar())):
            limit = _least(capped.cap)
            return limit is not None and any(_never_more(cut.whole, one, limit // n) for one, n in _sums(cut, total))
        case _:
            return False


def _least(cap: Expression) -> int | None:
    """The least that a cap can be, where it is a number or one for each word."""
    match cap:
        case Constant(value):
            return value
        case ByCategory(cells=cells):
            found = [cell.value.value for cell in cells if isinstance(cell.value, Constant)]
            return min(found, default=None) if len(found) == len(cells) else None
        case _:
            return None


def _sums(cut: Cut, total: RunningTotal) -> Iterator[tuple[RunningTotal, int]]:
    """The total over each period that says something of its own, and how many of them it comes to at most."""
    yield total, 1
    counted = dict.fromkeys(
        other.period
        for other in cut.whole.running_totals
        if (other.key, other.date_fact) == (total.key, total.date_fact) and other.period != total.period
    )
    for period in counted:
        one = replace(total, period=period)
        if total.period.kind is PeriodKind.LIFETIME:
            yield one, periods_in_force(cut.whole, total.date_fact, period)
        elif lies_within(period, total.period):
            yield one, MONTHS
        elif lies_within(total.period, period) and _never_negative(cut.whole, total.amount):
            yield one, 1


def _never_negative(whole: Model, name: str) -> bool:
    question = Question(lambda scene: scene.last.setting.amounts[name] < 0, lambda _: True)
    return by_contracts(narrowed(whole, frozenset({name})), {}, question)


def _never_more(whole: Model, total: RunningTotal, limit: int) -> bool:
    together = sums(whole, {}, total, lambda _: False, {})
    return isinstance(ask((*together.known, together.of[total.amount] > limit)), Impossible)
