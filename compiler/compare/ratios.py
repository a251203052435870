"""Ratios that a policy does not know: what is paid rises with each of them, so their ends say what is true of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from compiler.model import (
    Accumulated,
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
    children,
    condition_expressions,
    reads,
    rebuilt,
    walk,
)
from compiler.verify.unknown import is_unknown, model_at, unknown_ratios


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
    """Whether the two differ in known ratios only, all of which rose or all of which fell.

    What is paid before caps and rounding then differs in one direction only, by what no unknown ratio has a part in. So
    what is shown of the ends of the unknown ratios, where that is one direction, holds for what lies between them.
    """
    if _without_ratios(old) != _without_ratios(new):
        return False
    pairs = list(zip(_known(old), _known(new), strict=True))
    return all(before <= after for before, after in pairs) or all(before >= after for before, after in pairs)


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


def rises_with_each(model: Model, amounts: frozenset[str]) -> bool:
    """Whether each of these amounts plainly never falls as an unknown ratio rises.

    A ratio is applied to a part of an amount, never below 0; sums, caps, roundings and choices by other things keep the
    order. What is left by a benefit with such a ratio falls, and is not taken further.
    """
    touched: set[str] = set()
    for amount in model.amounts:
        if amount.name not in amounts:
            continue
        follows = bool(reads(amount.expression) & touched)
        if follows or _reads_unknown(amount.expression):
            if follows or not _rises(amount.expression):
                return False
            touched.add(amount.name)
    return True


def _reads_unknown(node: Expression) -> bool:
    return any(True for _ in unknown_ratios(node))


def _rises(node: Expression) -> bool:
    if not _reads_unknown(node):
        return True
    return all(map(_rises, _rising_places(node))) and not any(map(_reads_unknown, _other_places(node)))


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
