"""`<amount> at most <expression>`, for every claim whatever was settled before."""

from __future__ import annotations

from fractions import Fraction

import z3

from compiler.evaluate import Settled, value_of
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import AmountBound, AmountValue, Relation, Side, reads
from compiler.verify.encode import compare_terms, encode
from compiler.verify.extent import extent
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for
from compiler.verify.prove import Fails, Holds, Open, Question, decide
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, formula_text, limit_text, money, said
from dsl.diagnostics import Diagnostic, Label


def check(ground: Ground, requirement: AmountBound) -> Finding:
    """No claim has an amount on the wrong side of the limit."""
    name, side = requirement.amount, requirement.side
    names = frozenset({name}) | reads(requirement.limit)
    model = model_for(ground, names)
    asked = Property(
        "TP302", f"{said(name)} {side.value} {formula_text(model, requirement.limit)}", "", requirement.span
    )
    waits = waits_for(ground, names)
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    wrong = Relation.LESS if side is Side.AT_LEAST else Relation.MORE

    def flaw(scene: Scene) -> z3.BoolRef:
        setting = scene.last.setting
        value = encode(AmountValue(name, requirement.span), setting)
        return compare_terms(value, wrong, encode(requirement.limit, setting))

    def confirm(shown: Shown) -> bool:
        if not isinstance(shown.outcome, Settled):
            return False
        value, limit = Fraction(shown.outcome.amounts[name]), _limit(requirement, shown)
        return value < limit if side is Side.AT_LEAST else value > limit

    verdict = decide(model, ground.contracts, Question(flaw, confirm, categories_behind(model, names), sees_all=True))
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            assert isinstance(shown.outcome, Settled)
            value, limit = shown.outcome.amounts[name], _limit(requirement, shown)
            params: tuple[tuple[str, str], ...] = (
                ("amount", said(name)),
                ("value", money(model, value)),
                ("side", side.value),
                ("limit", limit_text(model, requirement.limit, limit)),
            )
            labels = (Label(requirement.span, "required"), Label(model.amount(name).span, "amount"))
            line = claim_line(model, shown.claims, f"{said(name)} {money(model, value)}", shown.note)
            amounts = extent(model, names, categories_behind(model, names), flaw, shown.claims[-1])
            variant = "bound"
            if amounts is not None:
                params, variant = (*params, ("extent", amounts)), "bound_extent"
            return Refuted(asked, Diagnostic("TP302", labels, params, variant, line), Witness(frozen(shown.claims)))


def _limit(requirement: AmountBound, shown: Shown) -> Fraction:
    assert isinstance(shown.outcome, Settled)
    return value_of(requirement.limit, shown.claims[-1], shown.outcome.amounts, {})
