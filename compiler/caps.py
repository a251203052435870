"""A cap over the period of its benefit counts payments where those are not one function of the period's total.

What an accumulating benefit pays is `f(S) - f(P)`. If every claim of the period has the same f, a cap inside f is a cap
on what they come to together. Where a word, a fact or the version in force changes f from claim to claim, it is not:
then the cap is taken out of f, and becomes a step of its own over the running total of what is paid without it. Where f
is one the two mean the same (`docs/semantics.md`, Caps and payments), so that one step is enough there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    AnyOrder,
    Capped,
    Expression,
    FactValue,
    Model,
    Role,
    Rounded,
    Scaled,
    TotalSoFar,
    walk,
    words_read,
)


def counted(model: Model) -> Model:
    """The policy with its caps as steps of their own, where they must count payments."""
    return with_steps(model, {name for name in _payments(model) if not _is_one_function(model, name)})


def uncapped(name: str) -> str:
    """What the step before a cap that counts payments is called."""
    return f"{name}.uncapped"


def is_counted(model: Model, name: str) -> bool:
    """Whether the cap of an amount is a step of its own."""
    return any(amount.name == uncapped(name) for amount in model.amounts)


def has_cap(models: Sequence[Model], name: str) -> bool:
    """Whether the amount has a cap inside f in one of these models."""
    return any(name in _payments(model) for model in models)


def with_steps(model: Model, names: Collection[str]) -> Model:
    """The policy with the caps of these amounts as steps of their own; without a cap, payments are only counted."""
    asked = {name for name in names if not is_counted(model, name)}

    def steps(amounts: Sequence[Amount]) -> tuple[Amount, ...]:
        return tuple(step for one in amounts for step in (_apart(one) if one.name in asked else (one,)))

    requirements = tuple(
        replace(one, exchanged=steps(one.exchanged)) if isinstance(one, AnyOrder) else one for one in model.requirements
    )
    return replace(model, amounts=steps(model.amounts), requirements=requirements)


@dataclass(frozen=True, slots=True)
class _Payment:
    """`f(S) - f(P)` with a cap in f.

    inner     f without its rounding and its cap
    rounding  None where f is not rounded
    """

    node: Accumulated
    inner: Expression
    cap: Capped | None
    rounding: Rounded | None


def _payment(amount: Amount) -> _Payment | None:
    """What an amount pays of a running total; None where it is settled claim by claim, or is no payment of bands."""
    node = amount.expression
    if not isinstance(node, Accumulated) or amount.role not in (Role.BENEFIT, Role.DUE, Role.BEFORE_CAP):
        return None
    rounding = node.body if isinstance(node.body, Rounded) else None
    inside = node.body if rounding is None else rounding.value
    cap = inside if isinstance(inside, Capped) else None
    inner = inside if cap is None else cap.value
    return None if isinstance(inner, TotalSoFar) else _Payment(node, inner, cap, rounding)


def _payments(model: Model) -> Iterator[str]:
    """The amounts with a cap inside f."""
    for amount in model.amounts:
        payment = _payment(amount)
        if payment is not None and payment.cap is not None:
            yield amount.name


def _is_one_function(model: Model, name: str) -> bool:
    """Whether all claims of a period have the same f: it reads the total, and words that change between periods."""
    node = model.amount(name).expression
    assert isinstance(node, Accumulated)
    if any(isinstance(inner, FactValue | AmountValue) for inner in walk(node.body)):
        return False
    dated = {fact.name: fact for fact in model.dated}
    return all(word in dated and dated[word].same_within(node.total) for word in words_read(node.body))


def _apart(amount: Amount) -> tuple[Amount, ...]:
    payment = _payment(amount)
    if payment is None:
        return (amount,)
    before, total, span = uncapped(amount.name), payment.node.total, amount.span
    body = payment.inner if payment.rounding is None else replace(payment.rounding, value=payment.inner)
    step = Amount(before, Role.BEFORE_CAP, replace(payment.node, body=body), amount.benefit, span)
    name = f"{before} per {total.key} per {total.period.label}"
    paid = replace(total, name=name, amount=before)
    rest: Expression = TotalSoFar(span)
    if payment.cap is not None:
        rest = replace(payment.cap, value=TotalSoFar(payment.cap.span))
        if payment.rounding is not None and any(isinstance(node, Scaled) for node in walk(payment.cap.cap)):
            rest = replace(payment.rounding, value=rest)
        span = payment.cap.span
    return (step, replace(amount, expression=Accumulated(paid, rest, span)))
