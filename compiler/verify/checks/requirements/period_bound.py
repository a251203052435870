"""`<amount> at most 300,000 per person per calendar year`: what the claims of one key and period come to together.

Proved of the sums of a period (`compiler.verify.telescope`). Refuted by a few claims settled after one another from an
empty ledger, or by the same claim for years: the sum is counted by the reference interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import z3

from compiler.evaluate import Settled, settle_all, sum_in_period
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import (
    OWN_SHARE,
    Accumulated,
    Amount,
    Model,
    Period,
    PeriodBound,
    PeriodKind,
    Role,
    RunningTotal,
    TotalSoFar,
)
from compiler.verify.checks import benefit_range, category, gap, opening, overlap
from compiler.verify.claims import has_value, slopes_of
from compiler.verify.days import lies_within, most_met
from compiler.verify.ground import Ground, narrowed, waits_for, with_contracts, with_findings
from compiler.verify.long_history import first_over
from compiler.verify.plans import LONGEST_HISTORY, REPEATED
from compiler.verify.prove import (
    Fails,
    Holds,
    Open,
    Question,
    adds_up_alone,
    by_contracts,
    told,
    told_scene,
)
from compiler.verify.slope import limits
from compiler.verify.solve import Impossible, Undecided, ask
from compiler.verify.telescope import Sums, sums
from compiler.verify.unknown import assumptions, has_unknown
from compiler.verify.witness import LESS_EFFORT, Scene, Shown, frozen
from compiler.verify.words import claim_line, money, ratio_note, said, short
from compiler.versions import VERSION, word_of
from dsl.diagnostics import Diagnostic, Label
from dsl.money import DOMAIN_TOP

METHOD = "running totals telescope over the period"
BY_CONTRACTS = f"{METHOD}, what does not add up by layer contracts"
SLOPES = ", for every value of the unknown ratio: slope lemma"
FAR = DOMAIN_TOP // 100
"""In minor units: a sum that is only known to stay below more than this is as good as not bounded."""


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
        case Holds() as shown:
            return shown.proved(asked)
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
        return _refuted(model, bound, few=True) or proof
    few = _a_few_could(model, bound)
    for known in assumptions(model):
        found = _refuted(known, bound, few)
        if found is not None:
            return replace(found, shown=replace(found.shown, note=ratio_note(known)))
    return proof


def _proved(ground: Ground, bound: Bound) -> Holds | Open:
    name = bound.total.amount
    model = narrowed(ground.model, frozenset({name}))

    def never_negative(amount: str) -> bool:
        question = Question(lambda scene: scene.last.setting.amounts[amount] < 0, lambda _: True)
        return bool(ground.contracts) and by_contracts(model, ground.contracts, question)

    gave_up: str | None = None
    shown: list[int | None] = []
    for total in (bound.total, *_around(ground.model, bound.total)):
        if total is not bound.total and not never_negative(name):
            break
        together = sums(model, ground.contracts, total, never_negative, bound.words)
        answer = ask((*together.known, together.of[name] > bound.limit))
        if isinstance(answer, Impossible):
            # A longer period stands for the one that is asked about if no claim pays less than 0: by contracts too.
            promised = together.by_contracts or total is not bound.total
            return _holds(ground, model, promised)
        if isinstance(answer, Undecided):
            gave_up = answer.reason
        shown.append(_least_shown(together, name, bound.limit))
    for period in _met(model, bound.total) if bound.limit >= 0 else ():
        count = most_met(bound.total.period, period)
        if not lies_within(period, bound.total.period) and not never_negative(name):
            continue
        # Whatever version the last claim of an earlier one was settled under.
        total = replace(bound.total, period=period)
        together = sums(model, ground.contracts, total, never_negative, {})
        if isinstance(ask((*together.known, together.of[name] > bound.limit // count)), Impossible):
            promised = together.by_contracts or not lies_within(period, bound.total.period)
            return _holds(ground, model, promised, f", {count} times what a {period.label} comes to")
        of_one = _least_shown(together, name, bound.limit // count)
        shown.append(None if of_one is None else count * of_one)
    return Open(gave_up or _what_is_known(model, bound, min((one for one in shown if one is not None), default=None)))


def _least_shown(together: Sums, name: str, limit: int) -> int | None:
    """The least limit above one that is not shown which these sums show; None where it is too far off to be of use."""
    below, shown = limit, FAR

    def shows(limit: int) -> bool:
        return isinstance(ask((*together.known, together.of[name] > limit), LESS_EFFORT), Impossible)

    if limit >= FAR or not shows(FAR):
        return None
    while below + 1 < shown:
        middle = (below + shown) // 2
        below, shown = (below, middle) if shows(middle) else (middle, shown)
    return shown


def _what_is_known(model: Model, bound: Bound, least: int | None) -> str:
    """Why a limit stays open that no claims were found to exceed, and what can be done about it."""
    if least is not None:
        return f"no claims were found that come to more, but no limit below {money(model, least)} is shown"
    period = f"per {bound.total.key} per {bound.total.period.label}"
    own = bound.total.amount == OWN_SHARE
    what = f"a benefit that pays all above an amount, added up {period}," if own else f"a cap {period}"
    return f"no claims were found that come to more, but nothing that is known bounds their sum: {what} would"


def _holds(ground: Ground, model: Model, promised: bool, how: str = "") -> Holds:
    by_contracts = promised and bool(ground.contracts)
    method = (BY_CONTRACTS if by_contracts else METHOD) + (SLOPES if has_unknown(model) else "")
    return Holds(f"{method}{how}", by_contracts)


def _met(model: Model, total: RunningTotal) -> tuple[Period, ...]:
    """The periods of other kinds that the policy knows, and that the sum has days in some of."""
    if total.period.kind is PeriodKind.LIFETIME:
        return ()
    others = (
        other.period
        for other in model.running_totals
        if (other.key, other.date_fact) == (total.key, total.date_fact) and other.period != total.period
    )
    return tuple(
        period
        for period in dict.fromkeys(others)
        if period.kind is not PeriodKind.LIFETIME and not lies_within(total.period, period)
    )


def _around(model: Model, total: RunningTotal) -> tuple[RunningTotal, ...]:
    """The same sum over the longer periods that the policy knows: what holds of a year holds of each of its months."""
    periods = dict.fromkeys(
        other.period
        for other in model.running_totals
        if (other.key, other.date_fact) == (total.key, total.date_fact) and lies_within(total.period, other.period)
    )
    return tuple(replace(total, period=period) for period in periods)


def _a_few_could(model: Model, bound: Bound) -> bool:
    """Whether one to three claims might come to more with some value of each unknown ratio."""
    for length in range(1, LONGEST_HISTORY + 1):
        scene = told_scene(model, bound.words, None, length)
        row = (*scene.history, scene.last)
        over = (scene.last.after[bound.total.name] > bound.limit, *map(has_value, row))
        if not isinstance(ask((*scene.constraints, *limits(slopes_of(row)), *over)), Impossible):
            return True
    return False


def _refuted(model: Model, bound: Bound, few: bool) -> Over | None:
    """Claims that come to more together: one to three as small as can be, or else the same claim for years.

    `few`: one to three might.
    """

    def flaw(scene: Scene) -> z3.BoolRef:
        return scene.last.after[bound.total.name] > bound.limit

    def confirm(shown: Shown) -> bool:
        return isinstance(shown.outcome, Settled) and _sum(model, bound, shown) > bound.limit

    question = Question(flaw, confirm, sees_all=True)
    over = first_over(model, bound.total, bound.limit, bound.words)
    for length in range(1, LONGEST_HISTORY + 1) if few else ():
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
