"""`some claim reaches <condition>`: answered by showing one, or by showing that there is none."""

from __future__ import annotations

import z3

from compiler.evaluate import Settled, holds
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Reaches
from compiler.verify.checks.requirements.always import facts_in, names_in
from compiler.verify.encode import encode_condition
from compiler.verify.ground import Ground, model_for, waits_for
from compiler.verify.prove import Fails, Holds, Open, Question, decide
from compiler.verify.witness import Scene, Shown
from compiler.verify.words import claims_text
from dsl.diagnostics import Diagnostic, Label


def check(ground: Ground, requirement: Reaches) -> Finding:
    """The smallest claim that reaches the condition, replayed; refuted where the solver shows that none does."""
    condition = requirement.condition
    model = model_for(ground, names_in(condition))
    asked = Property("TP302", f"some claim reaches (line {requirement.span.line})", "", requirement.span)
    waits = waits_for(ground, names_in(condition))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")

    def reached(scene: Scene) -> z3.BoolRef:
        return encode_condition(condition, scene.last.setting)[0]

    def confirm(shown: Shown) -> bool:
        return isinstance(shown.outcome, Settled) and holds(condition, shown.claims[-1], shown.outcome.amounts)

    question = Question(reached, confirm, facts_in(model, condition), minimal=False)
    verdict = decide(model, ground.contracts, question)
    match verdict:
        case Fails(shown):
            return Proved(asked, f"a claim that reaches it, replayed: {claims_text(model, shown.claims)}")
        case Holds():
            diagnostic = Diagnostic("TP302", (Label(requirement.span, "required"),), (), "reaches")
            return Refuted(asked, diagnostic, Witness(()))
        case Open(reason):
            return Unknown(asked, reason)
