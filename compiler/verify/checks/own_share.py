"""TP202: the own share never falls as the cost rises.

Asked of every money fact that the cost is computed from: of two claims after the same history, one a minor unit
higher in that fact and its cost not lower, the higher one never leaves less to pay.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from compiler.evaluate import Settled, value_of
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import OWN_SHARE, Allowance, Allowed, Benefit, Model, MoneyFact, Rounded, reads, sources, walk
from compiler.verify.encode import encode, whole
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for
from compiler.verify.prove import Fails, Holds, Open, Question, decide
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, money, short
from dsl.diagnostics import Diagnostic, Label

CODE = "TP202"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every money fact behind the cost."""
    behind = sources(ground.model, reads(ground.model.cost))
    for fact in ground.model.facts:
        if isinstance(fact, MoneyFact) and fact.name in behind and fact.lowest < fact.highest:
            yield (_finding(ground, fact),)


def _finding(ground: Ground, fact: MoneyFact) -> Finding:
    model = model_for(ground, frozenset({OWN_SHARE}))
    asked = Property(CODE, OWN_SHARE, "", fact.span)
    waits = waits_for(ground, frozenset({OWN_SHARE}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")

    def flaw(scene: Scene) -> z3.BoolRef:
        assert scene.other is not None
        low, high = scene.last.setting, scene.other.setting
        cheaper = high.amounts[OWN_SHARE] < low.amounts[OWN_SHARE]
        return z3.And(cheaper, whole(encode(model.cost, high)) >= whole(encode(model.cost, low)))

    facts = categories_behind(model, frozenset({OWN_SHARE}))
    verdict = decide(
        model, ground.contracts, Question(flaw, lambda shown: _confirm(model, shown), facts, fact.name, sees_all=True)
    )
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            return _refuted(model, asked, fact, shown)


def _confirm(model: Model, shown: Shown) -> bool:
    low, high = shown.outcome, shown.other_outcome
    if not isinstance(low, Settled) or not isinstance(high, Settled) or shown.other is None:
        return False
    cost = value_of(model.cost, shown.claims[-1], low.amounts, {})
    higher_cost = value_of(model.cost, shown.other, high.amounts, {})
    return high.amounts[OWN_SHARE] < low.amounts[OWN_SHARE] and higher_cost >= cost


def _refuted(model: Model, asked: Property, fact: MoneyFact, shown: Shown) -> Finding:
    assert isinstance(shown.outcome, Settled) and isinstance(shown.other_outcome, Settled) and shown.other is not None
    low, high = shown.outcome.amounts, shown.other_outcome.amounts
    leaping = max(model.benefits, key=lambda benefit: high[benefit.name] - low[benefit.name])
    values = (shown.claims[-1][fact.name], shown.other[fact.name])
    assert isinstance(values[0], int) and isinstance(values[1], int)
    params: tuple[tuple[str, str], ...] = (
        ("fact", fact.name),
        ("low", money(model, values[0])),
        ("high", money(model, values[1])),
        ("before", money(model, low[OWN_SHARE])),
        ("after", money(model, high[OWN_SHARE])),
        ("benefit", leaping.name),
        ("paid_before", money(model, low[leaping.name])),
        ("paid_after", money(model, high[leaping.name])),
    )
    claims = (*shown.claims[:-1], shown.other)
    at_the_lower = f"at {fact.name} {money(model, values[0])} it is {money(model, low[OWN_SHARE])}"
    result = f"own share {money(model, high[OWN_SHARE])}; {at_the_lower}"
    labels = [Label(leaping.span, "benefit")]
    variant = ""
    rounding = _rounding(model, leaping)
    if rounding is not None and high[leaping.name] - low[leaping.name] <= rounding.unit:
        variant = "rounded"
        labels.append(Label(rounding.span, "rounding"))
        params = (*params, ("unit", short(model, rounding.unit)))
    diagnostic = Diagnostic(CODE, tuple(labels), params, variant, claim_line(model, claims, result, shown.note))
    return Refuted(asked, diagnostic, Witness(frozen(claims)), _allowance(model, leaping))


def _rounding(model: Model, benefit: Benefit) -> Rounded | None:
    """The rounding of a benefit to more than the smallest unit, which makes a leap of its own."""
    found = (
        node
        for amount in model.amounts
        if amount.benefit == benefit.name
        for node in walk(amount.expression)
        if isinstance(node, Rounded) and node.unit > 1
    )
    return next(found, None)


def _allowance(model: Model, leaping: Benefit) -> Allowance | None:
    return next(
        (
            one
            for one in model.allowances
            if one.what is Allowed.OWN_SHARE_FALLS and one.benefit in (None, leaping.name)
        ),
        None,
    )
