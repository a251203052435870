"""Two policies brought to the same steps, so that a cap that only one of them has is a step of both.

A cap over a period counts payments in a step of its own where they are settled claim by claim or go by words. A policy
without that cap gets the step too: what is added up is then paid as it is, `S - P`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.caps import is_counted, with_steps
from compiler.model import Accumulated, Amount, Model, Role, TotalSoFar


def aligned(old: Model, new: Model) -> tuple[Model, Model]:
    """Both policies with the steps of either, meaning what they meant."""
    counted = {amount.name for model in (old, new) for amount in model.amounts if is_counted(model, amount.name)}
    sides = [with_steps(model, counted & {amount.name for amount in model.amounts}) for model in (old, new)]
    return _with_steps_of(sides[0], sides[1]), _with_steps_of(sides[1], sides[0])


def _with_steps_of(model: Model, other: Model) -> Model:
    here = {amount.name for amount in model.amounts}
    there = {amount.name: amount.expression for amount in other.amounts}

    def steps(amount: Amount) -> Sequence[Amount]:
        formula = there.get(amount.name)
        if amount.role is not Role.BENEFIT or not isinstance(formula, Accumulated) or formula.total.amount in here:
            return (amount,)
        if isinstance(amount.expression, Accumulated) and amount.expression.total.amount in there:
            return (amount,)
        before = replace(amount, name=formula.total.amount, role=Role.DUE)
        return before, replace(amount, expression=Accumulated(formula.total, TotalSoFar(amount.span), amount.span))

    return replace(model, amounts=tuple(step for amount in model.amounts for step in steps(amount)))
