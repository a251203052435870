"""`some claim reaches <condition>`: answered by showing one, or by showing that there is none.

Where a ratio is not known, the claims must reach it whatever the ratio is: they are looked for at one value of it and
then shown for every other one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import z3

from compiler.evaluate import Claim, Settled, holds
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import (
    AmountValue,
    CategoryFact,
    Compare,
    Constant,
    CountFact,
    DateFact,
    Expression,
    IdentifierFact,
    Model,
    MoneyFact,
    Reaches,
    Relation,
)
from compiler.verify.checks.requirements.always import facts_in, names_in
from compiler.verify.claims import SymbolicClaim, has_value, slopes_of
from compiler.verify.contract import Contract
from compiler.verify.days import days_of
from compiler.verify.encode import encode_condition
from compiler.verify.ground import Ground, model_for, waits_for
from compiler.verify.period_limits import never_in_a_period
from compiler.verify.plans import LONGEST_HISTORY
from compiler.verify.prove import DIRECT, Fails, Holds, Open, Question, Verdict, decide, told_scene
from compiler.verify.slope import limits
from compiler.verify.solve import Impossible, Possible, ask
from compiler.verify.unknown import assumptions, has_unknown, model_at
from compiler.verify.witness import KEYS, Scene, Shown, replayed
from compiler.verify.words import claims_text, money
from dsl.diagnostics import Diagnostic, Label

EVERY = "for every value of the unknown ratio"


def check(ground: Ground, requirement: Reaches) -> Finding:
    """Claims that reach the condition, replayed; refuted where the solver shows that none do."""
    condition = requirement.condition
    model = model_for(ground, names_in(condition))
    asked = Property("TP302", f"some claim reaches (line {requirement.span.line})", "", requirement.span)
    waits = waits_for(ground, names_in(condition))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")

    verdict = reaching(model, ground.contracts, requirement)
    if isinstance(verdict, Open) and _never_adds_up_to_it(ground, requirement):
        verdict = Holds(DIRECT)
    match verdict:
        case Fails(shown):
            how = f" {EVERY}" if shown.note else ", replayed"
            return Proved(asked, f"a claim that reaches it{how}: {claims_text(model, shown.claims)}")
        case Holds():
            most = _most(model, ground.contracts, requirement)
            params = () if most is None else (("most", money(model, most)),)
            variant = "reaches" if most is None else "reaches_most"
            diagnostic = Diagnostic("TP302", (Label(requirement.span, "required"),), params, variant)
            return Refuted(asked, diagnostic, Witness(()))
        case Open(reason):
            return Unknown(asked, reason)


def reaching(model: Model, contracts: Mapping[Expression, Contract], requirement: Reaches) -> Verdict:
    """`Fails` with claims that reach it whatever the unknown ratios are, `Holds` where none reach it whatever they are.

    With a known ratio in place of every unknown one the claims are to be settled again by whoever doubts them.
    """
    condition = requirement.condition

    def reached(scene: Scene) -> z3.BoolRef:
        return encode_condition(condition, scene.last.setting)[0]

    def confirm(shown: Shown) -> bool:
        return isinstance(shown.outcome, Settled) and holds(condition, shown.claims[-1], shown.outcome.amounts)

    question = Question(reached, confirm, facts_in(model, condition), minimal=False)
    verdict = decide(model, contracts, question)
    if not isinstance(verdict, Fails) or not verdict.shown.note:
        return verdict
    always = _whatever_the_ratio(model, question, verdict.shown)
    if always is None:
        return Open(f"reached {verdict.shown.note}, not shown for every value")
    return Fails(replace(always, note=EVERY))


def _never_adds_up_to_it(ground: Ground, requirement: Reaches) -> bool:
    """Whether no claim reaches a condition on one amount after totals that the claims of a period can come to."""
    match requirement.condition:
        case Compare(AmountValue(name), _, Constant()) as condition:

            def reached(scene: Scene) -> z3.BoolRef:
                return encode_condition(condition, scene.last.setting)[0]

            return never_in_a_period(ground, ground.model.amount(name), reached)
        case _:
            return False


def _most(model: Model, contracts: Mapping[Expression, Contract], requirement: Reaches) -> int | None:
    """The most that an amount comes to where it was to reach a number: replayed, and shown that no claim has more.

    None where the condition is another, an unknown ratio decides it, more than the number is reached, or one of the
    questions, each of which halves what is left, is not answered.
    """
    match requirement.condition:
        case Compare(AmountValue(name), Relation.EQUAL | Relation.AT_LEAST | Relation.MORE, Constant(number), span):
            wanted = number
        case _:
            return None
    if has_unknown(model):
        return None
    reached, beyond = -1, wanted + 1
    least = wanted
    while reached + 1 < beyond:
        at_least = Compare(AmountValue(name, span), Relation.AT_LEAST, Constant(least, span), span)
        match reaching(model, contracts, replace(requirement, condition=at_least)):
            case Fails(shown):
                assert isinstance(shown.outcome, Settled)
                reached = shown.outcome.amounts[name]
                if reached > wanted:
                    return None
            case Holds():
                beyond = least
            case Open():
                return None
        least = (reached + 1 + beyond) // 2
    return reached if reached >= 0 else None


def _whatever_the_ratio(model: Model, question: Question, found: Shown) -> Shown | None:
    """Claims that reach it for every value of the unknown ratios, of those found for one value after another."""
    least = decide(model_at(model, Fraction(0)), {}, question)
    candidates: list[Shown] = [found, least.shown] if isinstance(least, Fails) else [found]
    for shown in candidates:
        tried = (question.confirm(replayed(known, shown)) for known in assumptions(model))
        if len(shown.claims) <= LONGEST_HISTORY and all(tried) and _always_reached(model, question, shown.claims):
            return shown
    return None


def _always_reached(model: Model, question: Question, claims: tuple[Claim, ...]) -> bool:
    """Whether the solver shows it of these very claims, with the slope lemma in place of the ratios."""
    scene = told_scene(model, {}, None, len(claims))
    row = (*scene.history, scene.last)
    facts = [same for symbolic, claim in zip(row, claims, strict=True) for same in _is(model, symbolic, claim)]
    known = (*facts, *limits(slopes_of(row)))
    reached = z3.And(*scene.constraints, *map(has_value, row), question.flaw(scene))
    # Claims that could not be would have everything shown of them.
    there = isinstance(ask((*known, reached)), Possible)
    return there and isinstance(ask((*known, z3.Not(reached))), Impossible)


def _is(model: Model, symbolic: SymbolicClaim, claim: Claim) -> Iterator[z3.BoolRef | bool]:
    """The facts of a claim, as they stand."""
    days = days_of(model)
    for fact in model.facts:
        value = claim[fact.name]
        match fact:
            case MoneyFact(name) | CountFact(name):
                yield symbolic.setting.amounts[name] == value
            case CategoryFact(name, words):
                stands = symbolic.setting.words[name]
                assert not isinstance(stands, str) and isinstance(value, str)
                yield stands == words.index(value)
            case IdentifierFact(name):
                if name in symbolic.place:
                    assert isinstance(value, str)
                    yield symbolic.place[name] == KEYS.index(value)
            case DateFact(name):
                assert isinstance(value, date)
                yield symbolic.place[name] == days[name].index(value)
