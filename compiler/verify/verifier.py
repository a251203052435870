"""The checks, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from enum import Enum

from compiler.findings import Finding, Property, Refuted, Witness
from compiler.model import CategoryFact, Model, MoneyFact
from compiler.verify.checks import (
    allowance,
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
from compiler.verify.ground import Ground, with_contracts, with_findings, without_doubt
from compiler.verify.record import Answered, Asked, Record
from compiler.verify.solve import Impossible, ask, recorded, remembering_nothing
from dsl.diagnostics import Diagnostic, Label

Check = Callable[[Ground], Iterator[tuple[Finding, ...]]]
"""Findings in batches: the questions asked since the batch before it were asked for all of a batch."""

OF_CLAUSES: tuple[Check, ...] = (gap.check, overlap.check, opening.check, category.check)
"""Whether every clause has a value: asked first, because the rest speaks of values."""

OF_AMOUNTS: tuple[Check, ...] = (
    benefit_range.check,
    unreachable.check,
    cap.check,
    ratio.check,
    own_share.check,
    splitting.check,
    example.check,
    requirement.check,
)
"""What the values are. Totals are taken to be at least 0, which the first of these shows."""


def findings(model: Model) -> tuple[Finding, ...]:
    """All findings, in the order of their codes."""
    with remembering_nothing():
        found = [finding for _, batch in _in_turn(model) for finding in batch]
    return tuple(sorted(without_doubt(model, found, found), key=lambda finding: finding.property.code))


def on_record(model: Model) -> Record:
    """All findings, with the questions that they rest on."""
    asked_for: dict[Part, tuple[Asked, ...]] = {}
    answered: list[Answered] = []
    with remembering_nothing(), recorded() as asked:
        for part, batch in _in_turn(model):
            asked_for[part] = tuple(asked)
            if batch:
                answered.append(Answered(batch, tuple(asked)))
            asked.clear()
    found = [finding for each in answered for finding in each.findings]
    answered = [replace(each, findings=without_doubt(model, found, each.findings)) for each in answered]
    answered.sort(key=lambda each: each.findings[0].property.code)
    # A promise that a layer does not keep is not made: no proof rests on the question that showed it.
    promised = tuple(one for one in asked_for.get(Part.CONTRACTS, ()) if one.expected == "unsat")
    return Record(asked_for[Part.DOMAIN], promised, tuple(answered))


class Part(Enum):
    """What a step on the way to a verdict is about."""

    DOMAIN = "domain"
    CONTRACTS = "contracts"
    PROPERTIES = "properties"


def _in_turn(model: Model) -> Iterator[tuple[Part, tuple[Finding, ...]]]:
    """The steps to a verdict, each with the findings that it gave; a step is taken when it is asked for."""
    empty = _no_claim(model)
    yield Part.DOMAIN, () if empty is None else (empty,)
    if empty is not None:
        return
    ground = Ground(model, {}, {})
    found: list[Finding] = []
    for check in OF_CLAUSES:
        batch = yield from _steps(check, ground)
        ground = with_findings(ground, batch)
        found += batch
    ground = with_contracts(ground)
    yield Part.CONTRACTS, ()
    for check in OF_AMOUNTS:
        batch = yield from _steps(check, ground)
        ground = with_findings(ground, batch)
        found += batch
    for finding in allowance.needed(model, found):
        yield Part.PROPERTIES, (finding,)


def _steps(check: Check, ground: Ground) -> Generator[tuple[Part, tuple[Finding, ...]], None, tuple[Finding, ...]]:
    found: list[Finding] = []
    for batch in check(ground):
        yield Part.PROPERTIES, batch
        found += batch
    return tuple(found)


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
