"""`always <condition>`, for every claim whatever was settled before."""

from __future__ import annotations

import z3

from compiler.evaluate import Settled, holds
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import Always, Condition, Model, condition_expressions, condition_facts, reads
from compiler.verify.encode import encode_condition
from compiler.verify.extent import extent
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for
from compiler.verify.prove import Fails, Holds, Open, Question, decide
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, outcome_text
from dsl.diagnostics import Diagnostic, Label


def check(ground: Ground, requirement: Always) -> Finding:
    """No claim fails the condition."""
    condition = requirement.condition
    model = model_for(ground, names_in(condition))
    asked = Property("TP302", f"always (line {requirement.span.line})", "", requirement.span)
    waits = waits_for(ground, names_in(condition))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")

    def flaw(scene: Scene) -> z3.BoolRef:
        return z3.Not(encode_condition(condition, scene.last.setting)[0])

    def confirm(shown: Shown) -> bool:
        outcome = shown.outcome
        return isinstance(outcome, Settled) and not holds(condition, shown.claims[-1], outcome.amounts)

    verdict = decide(model, ground.contracts, Question(flaw, confirm, facts_in(model, condition), sees_all=True))
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            amounts = [amount.name for amount in model.amounts if amount.name in names_in(condition)]
            line = claim_line(
                model, shown.claims, outcome_text(model, shown.outcome, amounts) or "the condition fails", shown.note
            )
            where = extent(model, names_in(condition), facts_in(model, condition), flaw, shown.claims[-1])
            labels = (Label(requirement.span, "required"),)
            diagnostic = Diagnostic("TP302", labels, (), "always", line)
            if where is not None:
                diagnostic = Diagnostic("TP302", labels, (("extent", where),), "always_extent", line)
            return Refuted(asked, diagnostic, Witness(frozen(shown.claims)))


def names_in(condition: Condition) -> frozenset[str]:
    """The facts and amounts that a condition compares."""
    return frozenset(name for expression in condition_expressions(condition) for name in reads(expression))


def facts_in(model: Model, condition: Condition) -> tuple[str, ...]:
    """The category facts that a condition depends on, itself or through its amounts."""
    behind = {*categories_behind(model, names_in(condition)), *condition_facts(condition)}
    return tuple(name for name in model.categories if name in behind)
