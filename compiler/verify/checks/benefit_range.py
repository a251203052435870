"""TP203: benefits stay between 0 and their base, amounts on the way at 0 or more, all benefits within the cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import z3

from compiler.evaluate import Settled
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import OWN_SHARE, Amount, Model, Role, sources
from compiler.verify.encode import any_of
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for, with_findings
from compiler.verify.prove import Fails, Holds, Open, Question, by_all_contracts, by_contracts, decide
from compiler.verify.witness import Scene, Shown, frozen
from compiler.verify.words import claim_line, money
from dsl.diagnostics import Diagnostic, Label

CODE = "TP203"


@dataclass(frozen=True, slots=True)
class Limit:
    """`low` must never exceed `high`; None stands for 0. `variant` says what it means if it does."""

    amount: Amount
    variant: str
    low: str | None
    high: str | None

    @property
    def names(self) -> frozenset[str]:
        """The amounts that the limit is about."""
        return frozenset(name for name in (self.low, self.high) if name is not None)


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every amount of the policy; for a benefit, one for each of its two ends."""
    model = ground.model
    limits = [limit for amount in model.amounts for limit in _limits(model, amount)]
    asked = [limit for limit in limits if waits_for(ground, limit.names) is None]
    # One question for all of them: nearly always none can fail.
    together = Question(lambda scene: any_of([_broken(limit, scene) for limit in asked]), lambda _: True)
    if asked and by_contracts(model, ground.contracts, together):
        yield tuple(_finding(ground, limit, by_all_contracts(model)) for limit in limits)
        return
    found: list[tuple[Limit, Finding]] = []
    for limit in limits:
        wrong = [other.amount.name for other, finding in found if isinstance(finding, Refuted)]
        explained = any(name in sources(model, limit.names) for name in wrong)
        finding = _waiting(limit, CODE) if explained else _finding(ground, limit, None)
        found.append((limit, finding))
    yield _without_doubt(ground, found)


def _without_doubt(ground: Ground, found: list[tuple[Limit, Finding]]) -> tuple[Finding, ...]:
    """Where something below 0 may be added up, what was proved of totals from 0 on is proved no longer."""
    after = with_findings(ground, tuple(finding for _, finding in found))
    return tuple(
        _waiting(limit, waits)
        if not isinstance(finding, Refuted) and (waits := waits_for(after, limit.names)) is not None
        else finding
        for limit, finding in found
    )


def _waiting(limit: Limit, code: str) -> Unknown:
    """A flaw of an amount is expected in all that is computed from it, so it is asked of the amount alone."""
    return Unknown(_property(limit), f"waits for {code}")


def _property(limit: Limit) -> Property:
    return Property(CODE, limit.amount.name, "", limit.amount.span, limit.variant)


def _limits(model: Model, amount: Amount) -> tuple[Limit, ...]:
    match amount.role:
        case Role.NAMED | Role.BASE | Role.DEDUCTED | Role.AFTER_DEDUCTIBLE | Role.BEFORE_CAP | Role.DUE | Role.LEFT:
            return (Limit(amount, "negative", None, amount.name),)
        case Role.BENEFIT:
            benefit = next(benefit for benefit in model.benefits if benefit.name == amount.name)
            below = "rest" if benefit.rest else "below"
            return (Limit(amount, below, None, amount.name), Limit(amount, "", amount.name, benefit.base))
        case Role.OWN_SHARE:
            return (Limit(amount, "together", None, amount.name),)


def _broken(limit: Limit, scene: Scene) -> z3.BoolRef:
    amounts = scene.last.setting.amounts
    return _side(limit.low, amounts) > _side(limit.high, amounts)


def _side(name: str | None, amounts: Mapping[str, z3.ArithRef]) -> z3.ArithRef:
    return z3.IntVal(0) if name is None else amounts[name]


def _confirm(limit: Limit, shown: Shown) -> bool:
    if not isinstance(shown.outcome, Settled):
        return False
    amounts = shown.outcome.amounts
    low, high = (0 if name is None else amounts[name] for name in (limit.low, limit.high))
    return low > high


def _finding(ground: Ground, limit: Limit, known: Holds | None) -> Finding:
    model = model_for(ground, limit.names)
    asked = _property(limit)
    waits = waits_for(ground, limit.names)
    if waits is not None:
        return _waiting(limit, waits)
    facts = categories_behind(model, limit.names)
    question = Question(lambda scene: _broken(limit, scene), lambda shown: _confirm(limit, shown), facts, sees_all=True)
    verdict = known or decide(model, ground.contracts, question)
    match verdict:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            return Refuted(asked, _diagnostic(model, limit, shown), Witness(frozen(shown.claims)))


def _diagnostic(model: Model, limit: Limit, shown: Shown) -> Diagnostic:
    assert isinstance(shown.outcome, Settled)
    amounts = shown.outcome.amounts
    name = limit.amount.name
    params = [("subject", name), ("value", money(model, amounts[name]))]
    names = [name]
    labels = [Label(limit.amount.span, "amount")]
    if limit.low is not None and limit.high is not None:
        params += [("base", money(model, amounts[limit.high]))]
        names = [name, limit.high]
        base = model.amount(limit.high)
        if base.span != limit.amount.span:
            labels.append(Label(base.span, "base"))
    if limit.variant == "together":
        names = [benefit.name for benefit in model.benefits] + [OWN_SHARE]
        labels = [Label(benefit.span, "benefit") for benefit in model.benefits]
        paid = sum(amounts[benefit.name] for benefit in model.benefits)
        params = [("paid", money(model, paid)), ("cost", money(model, paid + amounts[name]))]
    result = ", ".join(
        f"{one.replace('_', ' ') if one == OWN_SHARE else one} {money(model, amounts[one])}" for one in names
    )
    return Diagnostic(
        CODE, tuple(labels), tuple(params), limit.variant, claim_line(model, shown.claims, result, shown.note)
    )
