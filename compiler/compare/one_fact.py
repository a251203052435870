"""Claims in which one fact moves: how far it can, and what the policies are with the other facts set to a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from compiler.model import Constant, CountFact, Expression, FactInput, FactValue, Model, MoneyFact, Scaled, rebuilt


def fixed(model: Model, given: Mapping[str, int]) -> Model:
    """The policy with these values in the place of the facts."""

    def change(node: Expression) -> Expression:
        match node:
            case FactValue(name, span) if name in given:
                return Constant(given[name], span)
            case Scaled(ratio, Constant(value), span) if (ratio * value).denominator == 1:
                return Constant((ratio * value).numerator, span)
            case _:
                return node

    amounts = tuple(replace(one, expression=rebuilt(one.expression, change)) for one in model.amounts)
    return replace(model, amounts=amounts, cost=rebuilt(model.cost, change))


def reach_with(model: Model, fact: str, given: Mapping[str, int]) -> tuple[int, int]:
    """The smallest and the largest value of a fact that a claim with these others can have."""
    bounds = model.fact(fact)
    assert isinstance(bounds, MoneyFact | CountFact)
    above = [given[bounds.at_most]] if isinstance(bounds, MoneyFact) and bounds.at_most is not None else []
    below = [given[one.name] for one in model.facts if isinstance(one, MoneyFact) and one.at_most == fact]
    return max([bounds.lowest, *below]), min([bounds.highest, *above])


def raised(model: Model, claim: dict[str, FactInput | None]) -> dict[str, FactInput | None]:
    """Amounts that others are at most are raised to them."""
    for _ in model.facts:
        for fact in model.facts:
            if isinstance(fact, MoneyFact) and fact.at_most is not None:
                amount, limit = claim[fact.name], claim[fact.at_most]
                assert isinstance(amount, int) and isinstance(limit, int)
                claim[fact.at_most] = max(amount, limit)
    return claim


def reach(model: Model, fact: str) -> tuple[int, int]:
    """The smallest and the largest value of a fact that a claim can have."""
    bounds = model.fact(fact)
    assert isinstance(bounds, MoneyFact | CountFact)
    lowest: dict[str, FactInput | None] = {
        one.name: one.lowest for one in model.facts if isinstance(one, MoneyFact | CountFact)
    }
    first = raised(model, lowest)[fact]
    assert isinstance(first, int)
    highest = bounds.highest
    above = bounds
    while isinstance(above, MoneyFact) and above.at_most is not None:
        limit = model.fact(above.at_most)
        assert isinstance(limit, MoneyFact)
        highest, above = min(highest, limit.highest), limit
    return first, highest
