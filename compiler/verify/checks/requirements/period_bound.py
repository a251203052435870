"""`<amount> at most 300,000 per person per calendar year`: what the claims of one key and period come to together.

Proved of the sums of a period (`compiler.verify.telescope`). Refuted by a few claims settled after one another from an
empty ledger, or by the same claim for years: the sum is counted by the reference interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import z3

from compiler.evaluate import Settled, settle_all, sum_in_period
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Accumulated, Amount, Model, Period, PeriodBound, PeriodKind, Role, RunningTotal, TotalSoFar
from compiler.verify.checks import benefit_range, category, gap, opening, overlap
from compiler.verify.ground import Ground, narrowed, waits_for, with_contracts, with_findings
from compiler.verify.long_history import first_over
from compiler.verify.prove import (
    LONGEST_HISTORY,
    REPEATED,
    Fails,
    Holds,
    Open,
    Question,
    adds_up_alone,
    by_contracts,
    told,
)
from compiler.verify.slope import assumptions, has_unknown
from compiler.verify.solve import Impossible, Undecided, ask
from compiler.verify.telescope import sums
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, money, ratio_note, said, short
from compiler.versions import VERSION, word_of
from dsl.diagnostics import Diagnostic, Label

METHOD = "running totals telescope over the period"
BY_CONTRACTS = f"{METHOD}, what does not add up by layer contracts"
SLOPES = ", for every value of the unknown ratio: slope lemma"
MONTH = Period(PeriodKind.MONTH)


def check(ground: Ground, requirement: PeriodBound) -> Finding:
    """No claims of one key and period come to more of the amount than the limit."""
    total, name = requirement.total, requirement.total.amount
    period = f"per {total.key} per {total.period.label}"
    text = f"{said(name)} at most {short(ground.model, requirement.limit)} {period}"
    asked = Property("TP302", text, "", requirement.span)
    waits = waits_for(ground, frozenset({name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    whole, words = ground, dict[str, str]()
    if requirement.across is not None:
        whole, words = _all_versions(requirement.across, name), {VERSION: word_of(ground.model)}
        waits = waits_for(whole, frozenset({name}))
        if waits is not None:
            return Unknown(asked, f"waits for {waits} of another version")
    verdict = _decide(whole, Bound(requirement, words))
    match verdict:
        case Holds(method):
            return Proved(asked, method)
        case Open(reason):
            return Unknown(asked, reason)
        case Over(shown, comes_to):
            model = whole.model
            value = money(model, comes_to)
            params = (
                ("amount", said(name)),
                ("value", value),
                ("period", period),
                ("limit", money(model, requirement.limit)),
            )
            labels = (Label(requirement.span, "required"), Label(ground.model.amount(name).span, "amount"))
            line = claim_line(model, shown.claims, f"{said(name)} {value} together", shown.note)
            return Refuted(asked, Diagnostic("TP302", labels, params, "period", line), Witness(frozen(shown.claims)))


def _all_versions(model: Model, name: str) -> Ground:
    """The ground of all versions together, of which nothing is known yet: what an amount waits for is asked here."""
    ground = Ground(narrowed(model, frozenset({name})), {}, {})
    for check in (gap.check, overlap.check, opening.check, category.check):
        for batch in check(ground):
            ground = with_findings(ground, batch)
    ground = with_contracts(ground)
    for batch in benefit_range.check(ground):
        ground = with_findings(ground, batch)
    return ground


@dataclass(frozen=True, slots=True)
class Bound:
    """What is required, and the words that the last claim must have: the version that requires it."""

    requirement: PeriodBound
    words: Mapping[str, str]

    @property
    def total(self) -> RunningTotal:
        """The sum that is bounded."""
        return self.requirement.total

    @property
    def limit(self) -> int:
        """The most that it may come to, in minor units."""
        return self.requirement.limit


@dataclass(frozen=True, slots=True)
class Over:
    """Claims that come to more, and what they come to in the policy that they were replayed with, in minor units.

    That is the policy with what the amount is computed from alone, and a value for each unknown ratio in it. As it is
    written the claims need not be settled: a layer elsewhere may pay a ratio that is not known.
    """

    shown: Shown
    comes_to: int


def _with_sum(model: Model, bound: Bound) -> Model:
    """The policy with an amount at its end that only counts the sum, so that a history of claims has it.

    It adds the end of the domain to the rules that a claim keeps, so nothing is proved of this model: it only refutes.
    """
    total, span = bound.total, bound.requirement.span
    counts = Amount(f"{total.amount}.sum", Role.NAMED, Accumulated(total, TotalSoFar(span), span), None, span)
    return replace(model, amounts=(*model.amounts, counts))


def _decide(ground: Ground, bound: Bound) -> Holds | Over | Open:
    model = _with_sum(narrowed(ground.model, frozenset({bound.total.amount})), bound)
    proof = _proved(ground, bound)
    if isinstance(proof, Holds):
        return proof
    if not has_unknown(model):
        return _refuted(model, bound) or proof
    for known in assumptions(model):
        found = _refuted(known, bound)
        if found is not None:
            return replace(found, shown=replace(found.shown, note=ratio_note(known)))
    return proof


def _proved(ground: Ground, bound: Bound) -> Holds | Open:
    name = bound.total.amount
    model = narrowed(ground.model, frozenset({name}))

    def never_negative(amount: str) -> bool:
        question = Question(lambda scene: scene.last.setting.amounts[amount] < 0, lambda _: True)
        return bool(ground.contracts) and by_contracts(model, ground.contracts, question)

    reason = "the claims of a period could come to more, but none were found that do"
    for total in (bound.total, *_around(ground.model, bound.total)):
        if total is not bound.total and not never_negative(name):
            break
        together = sums(model, ground.contracts, total, never_negative, bound.words)
        answer = ask((*together.known, together.of[name] > bound.limit))
        if isinstance(answer, Impossible):
            # A longer period stands for the one that is asked about if no claim pays less than 0: by contracts too.
            promised = together.by_contracts or total is not bound.total
            return Holds(_method(ground, model, promised))
        if isinstance(answer, Undecided):
            reason = answer.reason
    if bound.limit >= 0 and _has_months(model, bound.total):
        # Whatever version the last claim of an earlier month was settled under.
        total = replace(bound.total, period=MONTH)
        together = sums(model, ground.contracts, total, never_negative, {})
        if isinstance(ask((*together.known, together.of[name] > bound.limit // 12)), Impossible):
            return Holds(f"{_method(ground, model, together.by_contracts)}, each of twelve months")
    return Open(reason)


def _method(ground: Ground, model: Model, promised: bool) -> str:
    return (BY_CONTRACTS if promised and ground.contracts else METHOD) + (SLOPES if has_unknown(model) else "")


def _has_months(model: Model, total: RunningTotal) -> bool:
    """Whether the sum is over twelve whole months, and the policy counts something by the month for the same key."""
    return (
        total.period.kind is not PeriodKind.LIFETIME
        and _within(MONTH, total.period)
        and any(
            (other.key, other.period, other.date_fact) == (total.key, MONTH, total.date_fact)
            for other in model.running_totals
        )
    )


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


def _refuted(model: Model, bound: Bound) -> Over | None:
    """Claims that come to more together: one to three as small as can be, or else the same claim for years."""

    def flaw(scene: Scene) -> z3.BoolRef:
        return scene.last.after[bound.total.name] > bound.limit

    def confirm(shown: Shown) -> bool:
        return isinstance(shown.outcome, Settled) and _sum(model, bound, shown) > bound.limit

    question = Question(flaw, confirm)
    over = first_over(model, bound.total, bound.limit, bound.words)
    for length in range(1, LONGEST_HISTORY + 1):
        if over is not None and len(over) < length:
            break
        found = told(model, bound.words, question, length)
        if isinstance(found, Fails):
            return Over(found.shown, _sum(model, bound, found.shown))
    if over is not None:
        shown = Shown(over, settle_all(model, over)[-1], None, None)
        return Over(shown, _sum(model, bound, shown))
    for times in REPEATED if adds_up_alone(model) else ():
        found = told(model, bound.words, question, 2, times)
        if isinstance(found, Fails):
            return Over(found.shown, _sum(model, bound, found.shown))
    return None


def _sum(model: Model, bound: Bound, shown: Shown) -> int:
    return sum_in_period(bound.total, shown.claims, settle_all(model, shown.claims))
