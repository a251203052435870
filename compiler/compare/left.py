"""A policy by what its layers leave instead of by what they pay.

A layer that adds up what those before it leave, and pays `f(S) - f(P)` of it, leaves `h(S) - h(P)` with
`h(x) = x - f(x)`. So what it leaves is a clause over the same total: where a maximum of a year pays all that lies above
it, `h` is the lesser of the total and the maximum, which plainly is no more if either of the two is less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Difference,
    Expression,
    Model,
    Sum,
    TotalSoFar,
    names_in,
)


def by_what_is_left(model: Model) -> tuple[Model, Mapping[str, str]]:
    """The policy, every amount as it was in every claim; and of those that are now written so, whose f each goes by."""
    formulas = {amount.name: amount.expression for amount in model.amounts}
    span = model.span

    def plain(node: Expression) -> Expression:
        return plain(formulas[node.name]) if isinstance(node, AmountValue) and node.name in formulas else node

    layers = [benefit.name for benefit in model.benefits]
    lefts: list[Expression] = [model.cost]
    lefts += [
        Difference(model.cost, Sum(tuple(AmountValue(name, span) for name in layers[:many]), span), span)
        for many in range(1, len(layers) + 1)
    ]
    behind: dict[str, str] = {}

    def left_by(place: int) -> Expression | None:
        """What a layer leaves by the total that it pays of; None where it does not pay of all that is left to it."""
        match formulas[layers[place]]:
            case Accumulated(total, body) if not names_in(body) and plain(formulas[total.amount]) == plain(
                lefts[place]
            ):
                return Accumulated(total, Difference(TotalSoFar(span), body, span), span)
            case _:
                return None

    def amount(one: Amount) -> Amount:
        for place, layer in enumerate(layers):
            if plain(one.expression) == lefts[place + 1] and (rest := left_by(place)) is not None:
                behind[one.name] = layer
                return replace(one, expression=rest)
        return one

    return replace(model, amounts=tuple(map(amount, model.amounts))), behind
