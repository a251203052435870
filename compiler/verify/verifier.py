"""The checks, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable

from compiler.findings import Finding, Property, Refuted, Witness
from compiler.model import CategoryFact, Model, MoneyFact
from compiler.verify.checks import (
    benefit_range,
    cap,
    category,
    example,
    gap,
    opening,
    overlap,
    own_share,
    ratio,
    requirement,
    splitting,
    unreachable,
)
from compiler.verify.claims import facts_of
from compiler.verify.days import days_of
from compiler.verify.ground import Ground, with_contracts, with_findings
from compiler.verify.solve import Impossible, ask
from dsl.diagnostics import Diagnostic, Label

Check = Callable[[Ground], tuple[Finding, ...]]

OF_CLAUSES: tuple[Check, ...] = (gap.check, overlap.check, opening.check, category.check, unreachable.check, cap.check)
"""Whether every clause has a value and can matter: asked first, because the rest speaks of values."""

OF_AMOUNTS: tuple[Check, ...] = (
    benefit_range.check,
    ratio.check,
    own_share.check,
    splitting.check,
    example.check,
    requirement.check,
)
"""What the values are. Totals are taken to be at least 0, which the first of these shows."""


def findings(model: Model) -> tuple[Finding, ...]:
    """All findings, in the order of their codes."""
    empty = _no_claim(model)
    if empty is not None:
        return (empty,)
    ground = Ground(model, {}, {})
    found: list[Finding] = []
    for check in OF_CLAUSES:
        new = check(ground)
        ground = with_findings(ground, new)
        found += new
    ground = with_contracts(ground)
    for check in OF_AMOUNTS:
        new = check(ground)
        ground = with_findings(ground, new)
        found += new
    return tuple(sorted(found, key=lambda finding: finding.property.code))


def _no_claim(model: Model) -> Finding | None:
    """A policy whose own bounds leave no claim would have everything proved of it, and settle nothing."""
    constraints = facts_of(model, "claim", {}).constraints
    dated = all(days_of(model).values())
    worded = all(fact.values for fact in model.facts if isinstance(fact, CategoryFact))
    if dated and worded and not isinstance(ask(constraints), Impossible):
        return None
    spans = [fact.span for fact in model.facts if isinstance(fact, MoneyFact | CategoryFact)]
    if not dated and model.in_force is not None:
        spans = [model.in_force.span]
    labels = tuple(Label(span, "domain") for span in spans)
    asked = Property("TP103", model.id, "", model.span)
    return Refuted(asked, Diagnostic("TP103", labels, (), "no_claim"), Witness(()))
