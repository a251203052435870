"""TP301: the policy's own examples come out. No solver: the reference interpreter settles them."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.domain import Rejection
from compiler.evaluate import Claim, Outcome, Settled, Undefined, settle_all
from compiler.findings import Finding, Property, Proved, Refuted, Witness
from compiler.model import Example, ExampleClaim, Model
from compiler.verify.ground import Ground
from compiler.verify.witness import frozen
from compiler.verify.words import NO_VALUE, claim_line, money, said
from dsl.diagnostics import Diagnostic, Label

CODE = "TP301"
SETTLED = "settled by the reference interpreter"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every example, or for each of its claims that does not come out."""
    for example in ground.model.examples:
        yield _example(ground.model, example)


def _example(model: Model, example: Example) -> tuple[Finding, ...]:
    asked = Property(CODE, example.title, "", example.span)
    claims: tuple[Claim, ...] = tuple(dict(claim.facts) for claim in example.claims)
    outcomes = settle_all(model, claims)
    found = [
        Refuted(asked, diagnostic, Witness(frozen(claims[: index + 1])))
        for index, (claim, outcome) in enumerate(zip(example.claims, outcomes, strict=True))
        for diagnostic in _wrong(model, example, claim, claims[index], outcome)
    ]
    return tuple(found) or (Proved(asked, SETTLED),)


def _wrong(model: Model, example: Example, claim: ExampleClaim, facts: Claim, outcome: Outcome) -> list[Diagnostic]:
    title = ("title", example.title)
    match outcome:
        case Rejection(field, reason):
            params = (title, ("field", field), ("reason", reason))
            return [Diagnostic(CODE, (Label(claim.span, "claim"),), params, "rejected")]
        case Undefined(amount, lack, _, span):
            params = (title, ("amount", amount), ("lack", NO_VALUE[lack]))
            labels = (Label(claim.span, "claim"), Label(span, "lacking"))
            line = claim_line(model, (facts,), NO_VALUE[lack])
            return [Diagnostic(CODE, labels, params, "undefined", line)]
        case Settled(amounts):
            return [
                Diagnostic(
                    CODE,
                    (Label(expected.span, "expected"), Label(model.amount(expected.amount).span, "computed")),
                    (
                        title,
                        (
                            "amount",
                            said(expected.amount),
                        ),
                        ("expected", money(model, expected.value)),
                        ("value", money(model, amounts[expected.amount])),
                    ),
                    "",
                    claim_line(model, (facts,), f"{said(expected.amount)} {money(model, amounts[expected.amount])}"),
                )
                for expected in claim.expectations
                if amounts[expected.amount] != expected.value
            ]
