"""`<amount> never falls as <fact> rises`, and `never rises`: of an amount or a count of the claim."""

from __future__ import annotations

import z3

from compiler.evaluate import Settled
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import NeverFalls, NeverRises
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for
from compiler.verify.prove import Fails, Holds, Open, Question, Verdict, decide
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, money, of_fact, said
from dsl.diagnostics import Diagnostic, Label


def check(ground: Ground, requirement: NeverFalls) -> Finding:
    """Of two claims that differ in the fact only, the higher one never has less of the amount."""
    return _check(ground, requirement, "falls")


def check_rising(ground: Ground, requirement: NeverRises) -> Finding:
    """Of two claims that differ in the fact only, the higher one never has more of the amount."""
    return _check(ground, requirement, "rises")


def _check(ground: Ground, requirement: NeverFalls | NeverRises, wrong: str) -> Finding:
    name, fact = requirement.amount, requirement.as_rises
    model = model_for(ground, frozenset({name}))
    asked = Property("TP302", f"{said(name)} never {wrong} as {fact} rises", "", requirement.span)
    waits = waits_for(ground, frozenset({name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    verdict = _moving(ground, name, fact, -1 if wrong == "falls" else 1)
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            assert isinstance(shown.outcome, Settled) and isinstance(shown.other_outcome, Settled) and shown.other
            low, high = shown.claims[-1][fact], shown.other[fact]
            assert isinstance(low, int) and isinstance(high, int)
            params = (
                ("amount", said(name)),
                ("fact", fact),
                ("low", of_fact(model, fact, low)),
                ("high", of_fact(model, fact, high)),
                ("before", money(model, shown.outcome.amounts[name])),
                ("after", money(model, shown.other_outcome.amounts[name])),
            )
            claims = (*shown.claims[:-1], shown.other)
            line = claim_line(
                model, claims, f"{said(name)} {money(model, shown.other_outcome.amounts[name])}", shown.note
            )
            labels = (Label(requirement.span, "required"), Label(model.amount(name).span, "amount"))
            return Refuted(asked, Diagnostic("TP302", labels, params, wrong, line), Witness(frozen(claims)))


def _moving(ground: Ground, name: str, fact: str, way: int) -> Verdict:
    """Whether an amount can move as a fact rises: down with -1, up with 1."""

    def flaw(scene: Scene) -> z3.BoolRef:
        assert scene.other is not None
        return way * (scene.other.setting.amounts[name] - scene.last.setting.amounts[name]) > 0

    def confirm(shown: Shown) -> bool:
        low, high = shown.outcome, shown.other_outcome
        if not isinstance(low, Settled) or not isinstance(high, Settled):
            return False
        return way * (high.amounts[name] - low.amounts[name]) > 0

    model = model_for(ground, frozenset({name}))
    facts = categories_behind(model, frozenset({name}))
    return decide(model, ground.contracts, Question(flaw, confirm, facts, fact, sees_all=True))
