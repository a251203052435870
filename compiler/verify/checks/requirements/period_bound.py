"""`<amount> at most 300,000 per person per calendar year`: what the claims of one key and period come to together.

Proved of the sums of a period (`compiler.verify.telescope`). Refuted by a few claims settled after one another from an
empty ledger, or by the same claim for years: the sum is counted by the reference interpreter.
"""

from __future__ import annotations

from dataclasses import replace

import z3

from compiler.evaluate import Settled, settle_all, sum_in_period
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Accumulated, Amount, Model, Period, PeriodBound, PeriodKind, Role, RunningTotal, TotalSoFar
from compiler.verify.ground import Ground, narrowed, waits_for
from compiler.verify.long_history import first_over
from compiler.verify.prove import (
    LONGEST_HISTORY,
    REPEATED,
    Fails,
    Holds,
    Open,
    Question,
    Verdict,
    adds_up_alone,
    by_contracts,
    told,
)
from compiler.verify.slope import TRIED, has_unknown, model_at
from compiler.verify.solve import Impossible, Undecided, ask
from compiler.verify.telescope import sums
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, money, ratio_note, said, short
from dsl.diagnostics import Diagnostic, Label

METHOD = "running totals telescope over the period"
SLOPES = f"{METHOD}, for every value of the unknown ratio: slope lemma"


def check(ground: Ground, requirement: PeriodBound) -> Finding:
    """No claims of one key and period come to more of the amount than the limit."""
    total, name = requirement.total, requirement.total.amount
    model = _with_sum(narrowed(ground.model, frozenset({name})), requirement)
    period = f"per {total.key} per {total.period.label}"
    text = f"{said(name)} at most {short(model, requirement.limit)} {period}"
    asked = Property("TP302", text, "", requirement.span)
    waits = waits_for(ground, frozenset({name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    verdict = _decide(ground, model, requirement)
    match verdict:
        case Holds(method):
            return Proved(asked, method)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            value = money(model, _sum(model, requirement, shown))
            params = (
                ("amount", said(name)),
                ("value", value),
                ("period", period),
                ("limit", money(model, requirement.limit)),
            )
            labels = (Label(requirement.span, "required"), Label(model.amount(name).span, "amount"))
            line = claim_line(model, shown.claims, f"{said(name)} {value} together", shown.note)
            return Refuted(asked, Diagnostic("TP302", labels, params, "period", line), Witness(frozen(shown.claims)))


def _with_sum(model: Model, requirement: PeriodBound) -> Model:
    """The policy with an amount at its end that only counts the sum, so that a history of claims has it.

    It adds the end of the domain to the rules that a claim keeps, so nothing is proved of this model: it only refutes.
    """
    total, span = requirement.total, requirement.span
    counts = Amount(f"{total.amount}.sum", Role.NAMED, Accumulated(total, TotalSoFar(span), span), None, span)
    return replace(model, amounts=(*model.amounts, counts))


def _decide(ground: Ground, model: Model, requirement: PeriodBound) -> Verdict:
    proof = _proved(ground, requirement)
    if isinstance(proof, Holds):
        return proof
    if not has_unknown(model):
        return _refuted(model, requirement) or proof
    for share in TRIED:
        known = model_at(model, share)
        found = _refuted(known, requirement)
        if found is not None:
            return Fails(replace(found.shown, note=ratio_note(known)))
    return proof


def _proved(ground: Ground, requirement: PeriodBound) -> Holds | Open:
    name = requirement.total.amount
    model = narrowed(ground.model, frozenset({name}))

    def never_negative(amount: str) -> bool:
        question = Question(lambda scene: scene.last.setting.amounts[amount] < 0, lambda _: True)
        return bool(ground.contracts) and by_contracts(model, ground.contracts, question)

    reason = "the claims of a period could come to more, but none were found that do"
    for total in (requirement.total, *_around(ground.model, requirement.total)):
        if total is not requirement.total and not never_negative(name):
            break
        together = sums(model, ground.contracts, total, never_negative)
        answer = ask((*together.known, together.of[name] > requirement.limit))
        if isinstance(answer, Impossible):
            return Holds(SLOPES if has_unknown(model) else METHOD)
        if isinstance(answer, Undecided):
            reason = answer.reason
    return Open(reason)


def _around(model: Model, total: RunningTotal) -> tuple[RunningTotal, ...]:
    """The same sum over the longer periods that the policy knows: what holds of a year holds of each of its months."""
    periods = dict.fromkeys(
        other.period
        for other in model.running_totals
        if (other.key, other.date_fact) == (total.key, total.date_fact) and _within(total.period, other.period)
    )
    return tuple(replace(total, period=period) for period in periods)


def _within(period: Period, longer: Period) -> bool:
    """Whether every period of the one kind lies in one of the other, longer kind."""
    if longer.kind is PeriodKind.LIFETIME:
        return period.kind is not PeriodKind.LIFETIME
    year = longer.kind is PeriodKind.CALENDAR_YEAR or (longer.kind is PeriodKind.POLICY_YEAR and longer.day == 1)
    return period.kind is PeriodKind.MONTH and year


def _refuted(model: Model, requirement: PeriodBound) -> Fails | None:
    """Claims that come to more together: one to three as small as can be, or else the same claim for years."""

    def flaw(scene: Scene) -> z3.BoolRef:
        return scene.last.after[requirement.total.name] > requirement.limit

    def confirm(shown: Shown) -> bool:
        return isinstance(shown.outcome, Settled) and _sum(model, requirement, shown) > requirement.limit

    question = Question(flaw, confirm)
    over = first_over(model, requirement.total, requirement.limit)
    for length in range(1, LONGEST_HISTORY + 1):
        if over is not None and len(over) < length:
            break
        found = told(model, {}, question, length)
        if isinstance(found, Fails):
            return found
    if over is not None:
        return Fails(Shown(over, settle_all(model, over)[-1], None, None))
    for times in REPEATED if adds_up_alone(model) else ():
        found = told(model, {}, question, 2, times)
        if isinstance(found, Fails):
            return found
    return None


def _sum(model: Model, requirement: PeriodBound, shown: Shown) -> int:
    return sum_in_period(requirement.total, shown.claims, settle_all(model, shown.claims))
