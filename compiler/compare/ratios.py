"""Ratios that a policy does not know: what is paid rises with each of them, so their ends say what is true of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from compiler.compare.decides import behind_all
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Band,
    ByCategory,
    Capped,
    Choice,
    Difference,
    Expression,
    Largest,
    Model,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    children,
    condition_expressions,
    reads,
    rebuilt,
    walk,
)
from compiler.verify.unknown import is_unknown, model_at


def at_the(model: Model, most: bool) -> Model:
    """The policy with every unknown ratio the most that it can be, or the least."""
    return model_at(model, Fraction(most))


def same_unknown(old: Model, new: Model) -> bool:
    """Whether the same ratios are not known in both: of the same bands, between the same bounds."""
    return _places(old) == _places(new)


def _places(model: Model) -> list[tuple[str, Band, int]]:
    """Every unknown ratio with the amount it is in, its band without the other ratios, and its column."""
    return [
        (amount.name, replace(band, ratios=(ratio,)), column)
        for amount in model.amounts
        for node in walk(amount.expression)
        if isinstance(node, Schedule)
        for band in node.bands
        for column, ratio in enumerate(band.ratios)
        if is_unknown(ratio)
    ]


def one_way(old: Model, new: Model) -> bool:
    """Whether the two differ in known ratios only, all of which rose or all of which fell, and what is paid with them.

    Then each benefit differs in one direction, whatever the unknown ratios are, and what is shown of their ends holds
    for all between. Not where a clause looks at what has changed otherwise: what an unknown ratio is taken of, or a
    condition for it, may then be another one.
    """
    if _without_ratios(old) != _without_ratios(new):
        return False
    pairs = list(zip(_known(old), _known(new), strict=True))
    if not (all(before <= after for before, after in pairs) or all(before >= after for before, after in pairs)):
        return False
    differing = {amount.name for amount in old.amounts if amount.expression != new.amount(amount.name).expression}
    return _rise_with(old, lambda amount, _: amount in differing)


def _known(model: Model) -> list[Fraction]:
    schedules = (node for amount in model.amounts for node in walk(amount.expression) if isinstance(node, Schedule))
    ratios = (ratio.ratio for node in schedules for band in node.bands for ratio in band.ratios)
    return [ratio for ratio in ratios if ratio is not None]


def _without_ratios(model: Model) -> object:
    def change(node: Expression) -> Expression:
        if not isinstance(node, Schedule):
            return node
        bands = tuple(
            replace(
                band,
                ratios=tuple(one if one.ratio is None else replace(one, ratio=Fraction(0)) for one in band.ratios),
            )
            for band in node.bands
        )
        return replace(node, bands=bands)

    formulas = [(amount.name, rebuilt(amount.expression, change)) for amount in model.amounts]
    return formulas, model.cost, model.benefits


def rises_with_each(model: Model) -> bool:
    """Whether no benefit ever falls as an unknown ratio rises, as is plain to see.

    A ratio is applied to a part of an amount, never below 0; sums, caps, roundings and choices by other things keep the
    order. What is left by a benefit with such a ratio falls, and is not taken further.
    """
    return _rise_with(model, lambda _, table: any(is_unknown(ratio) for band in table.bands for ratio in band.ratios))


def _rise_with(model: Model, changes: Callable[[str, Schedule], bool]) -> bool:
    """Whether all that is paid plainly never falls, and the cost is what it is, as ratios rise.

    changes  whether they are in a table of an amount
    """
    rising: set[str] = set()
    wanted = behind_all(model)
    for amount in model.amounts:
        if amount.name in wanted:
            marked = _marked(amount, changes, frozenset(rising))
            if any(map(marked, walk(amount.expression))):
                if not _rises(amount.expression, marked):
                    return False
                rising.add(amount.name)
    return not reads(model.cost) & rising


Marked = Callable[[Expression], bool]
"""Which nodes of a formula rise, each by itself."""


def _marked(amount: Amount, changes: Callable[[str, Schedule], bool], rising: frozenset[str]) -> Marked:
    """The tables in which ratios rise, and the amounts and totals that rise."""
    nodes = walk(amount.expression)
    added_up = any(isinstance(node, Accumulated) and node.total.amount in rising for node in nodes)

    def marked(node: Expression) -> bool:
        match node:
            case Schedule():
                return changes(amount.name, node)
            case AmountValue(name):
                return name in rising
            case TotalSoFar():
                return added_up
            case _:
                return False

    return marked


def _rises(node: Expression, marked: Marked) -> bool:
    """Whether a formula plainly never falls as what is marked in it rises."""
    if not any(map(marked, walk(node))):
        return True
    others = (inner for place in _other_places(node) for inner in walk(place))
    return all(_rises(place, marked) for place in _rising_places(node)) and not any(map(marked, others))


def _rising_places(node: Expression) -> tuple[Expression, ...]:
    """The formulas inside with which a formula rises."""
    match node:
        case Sum() | Smallest() | Largest() | Capped() | Rounded() | ByCategory():
            return children(node)
        case Scaled(ratio, value):
            return (value,) if ratio >= 0 else ()
        case Difference(left):
            return (left,)
        case Choice(_, then, otherwise):
            return (then, otherwise)
        case Accumulated(body=body):
            # Nothing was settled before, and a table gives 0 for 0: f(S) - f(0) rises with f(S).
            return (body,)
        case _:
            return ()


def _other_places(node: Expression) -> Iterator[Expression]:
    match node:
        case Scaled(ratio, value) if ratio < 0:
            yield value
        case Difference(_, right):
            yield right
        case Choice(condition):
            yield from condition_expressions(condition)
        case Schedule():
            yield from children(node)
        case _:
            pass
