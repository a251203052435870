"""`<amount> never falls as <fact> rises`."""

from __future__ import annotations

import z3

from compiler.evaluate import Settled
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import NeverFalls
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for
from compiler.verify.prove import Fails, Holds, Open, Question, Verdict, decide
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, money, said
from dsl.diagnostics import Diagnostic, Label


def check(ground: Ground, requirement: NeverFalls) -> Finding:
    """Of two claims that differ in the fact only, the higher one never has less of the amount."""
    name, fact = requirement.amount, requirement.as_rises
    model = model_for(ground, frozenset({name}))
    asked = Property("TP302", f"{said(name)} never falls as {fact} rises", "", requirement.span)
    waits = waits_for(ground, frozenset({name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    verdict = falling(ground, name, fact)
    match verdict:
        case Holds(method):
            return Proved(asked, method)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            assert isinstance(shown.outcome, Settled) and isinstance(shown.other_outcome, Settled) and shown.other
            low, high = shown.claims[-1][fact], shown.other[fact]
            assert isinstance(low, int) and isinstance(high, int)
            params = (
                ("amount", said(name)),
                ("fact", fact),
                ("low", money(model, low)),
                ("high", money(model, high)),
                ("before", money(model, shown.outcome.amounts[name])),
                ("after", money(model, shown.other_outcome.amounts[name])),
            )
            claims = (*shown.claims[:-1], shown.other)
            line = claim_line(
                model, claims, f"{said(name)} {money(model, shown.other_outcome.amounts[name])}", shown.note
            )
            labels = (Label(requirement.span, "required"), Label(model.amount(name).span, "amount"))
            return Refuted(asked, Diagnostic("TP302", labels, params, "falls", line), Witness(frozen(claims)))


def falling(ground: Ground, name: str, fact: str) -> Verdict:
    """Whether an amount can fall as a fact rises."""

    def flaw(scene: Scene) -> z3.BoolRef:
        assert scene.other is not None
        return scene.other.setting.amounts[name] < scene.last.setting.amounts[name]

    def confirm(shown: Shown) -> bool:
        low, high = shown.outcome, shown.other_outcome
        return isinstance(low, Settled) and isinstance(high, Settled) and high.amounts[name] < low.amounts[name]

    model = model_for(ground, frozenset({name}))
    facts = categories_behind(model, frozenset({name}))
    return decide(model, ground.contracts, Question(flaw, confirm, facts, fact))
