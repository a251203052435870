"""Ratios that the policy does not know: which they are, and the policy with a value in the place of each.

Nothing here asks the solver, so that whoever only looks for them need not load it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import product

from compiler.model import BandRatio, Expression, Model, Schedule, rebuilt, walk


def bounds_of(ratio: BandRatio) -> tuple[Fraction, Fraction]:
    """The least and the most that a ratio can be."""
    if ratio.ratio is not None:
        return ratio.ratio, ratio.ratio
    assert ratio.unknown is not None, "this ratio is missing"
    return ratio.unknown


def unknown_ratios(expression: Expression) -> Iterator[BandRatio]:
    """Every unknown ratio inside an expression."""
    for node in walk(expression):
        if isinstance(node, Schedule):
            yield from (ratio for band in node.bands for ratio in band.ratios if is_unknown(ratio))


def set_ratios(expression: Expression) -> Iterator[BandRatio]:
    """Every unknown ratio inside an expression that has been set to a value."""
    for node in walk(expression):
        if isinstance(node, Schedule):
            ratios = (ratio for band in node.bands for ratio in band.ratios)
            yield from (ratio for ratio in ratios if ratio.ratio is not None and ratio.unknown is not None)


def is_unknown(ratio: BandRatio) -> bool:
    """The policy says between what the ratio lies, and it has not been set to a value."""
    return ratio.ratio is None and ratio.unknown is not None


def has_unknown(model: Model) -> bool:
    """Whether some amount of the model depends on an unknown ratio."""
    return any(True for amount in model.amounts for _ in unknown_ratios(amount.expression))


TRIED = (Fraction(1), Fraction(0), Fraction(1, 2))
"""The values that all unknown ratios are set to together: the most, the least, and the middle between them."""

MOST_CORNERED = 4
"""Up to so many unknown ratios are set to their most and least in every combination, sixteen at the most."""


def assumptions(model: Model) -> Iterator[Model]:
    """The model with its unknown ratios set, in all the ways of `tried_shares`."""
    ratios = distinct_ratios(model)
    return (with_shares(model, ratios, shares) for shares in tried_shares(len(ratios)))


def tried_shares(count: int) -> Iterator[tuple[Fraction, ...]]:
    """How far each of so many unknown ratios is set on the way from its least value to its most.

    First all alike, as in TRIED; then some to the most and some to the least. With more than MOST_CORNERED of them one
    at a time is set otherwise than the rest.
    """
    yield from ((share,) * count for share in TRIED)
    most, least = Fraction(1), Fraction(0)
    corners: Iterable[tuple[Fraction, ...]] = product((most, least), repeat=count)
    if count > MOST_CORNERED:
        ways = ((most, least), (least, most))
        corners = (
            tuple(one if at == place else rest for at in range(count)) for place in range(count) for one, rest in ways
        )
    yield from (corner for corner in corners if len(set(corner)) > 1)


def with_shares(model: Model, ratios: Sequence[BandRatio], shares: Sequence[Fraction]) -> Model:
    """The model with each of these unknown ratios, which are all it has, so far on the way to its most."""
    return _with_ratios(model, partial(_set_each, ratios=ratios, shares=shares))


def distinct_ratios(model: Model) -> tuple[BandRatio, ...]:
    """Every unknown ratio of the model, once each: the same object stands for the same unknown."""
    found = {id(ratio): ratio for amount in model.amounts for ratio in unknown_ratios(amount.expression)}
    return tuple(found.values())


def at_value(expression: Expression, share: Fraction) -> Expression:
    """The expression with every unknown ratio this far on the way from its least value to its most."""
    ratios = {id(ratio): ratio for ratio in unknown_ratios(expression)}
    return _set_each(expression, tuple(ratios.values()), (share,) * len(ratios))


def _set_each(expression: Expression, ratios: Sequence[BandRatio], shares: Sequence[Fraction]) -> Expression:
    """The expression with each of these unknown ratios so far on the way from its least value to its most."""
    far = {id(ratio): share for ratio, share in zip(ratios, shares, strict=True)}

    def set_ratio(ratio: BandRatio) -> BandRatio:
        if not is_unknown(ratio):
            return ratio
        lowest, highest = bounds_of(ratio)
        return replace(ratio, ratio=lowest + far[id(ratio)] * (highest - lowest))

    def change(node: Expression) -> Expression:
        if not isinstance(node, Schedule) or not any(is_unknown(ratio) for band in node.bands for ratio in band.ratios):
            return node
        bands = tuple(replace(band, ratios=tuple(map(set_ratio, band.ratios))) for band in node.bands)
        return replace(node, bands=bands)

    return rebuilt(expression, change)


def model_at(model: Model, share: Fraction) -> Model:
    """The model with every unknown ratio this far on the way from its least value to its most."""
    return _with_ratios(model, lambda expression: at_value(expression, share))


def _with_ratios(model: Model, setting: Callable[[Expression], Expression]) -> Model:
    amounts = tuple(
        replace(amount, expression=setting(amount.expression))
        if any(True for _ in unknown_ratios(amount.expression))
        else amount
        for amount in model.amounts
    )
    return replace(model, amounts=amounts)


def still_open(expression: Expression) -> Expression:
    """The expression as the policy has it, whatever value its unknown ratios have been set to."""

    def change(node: Expression) -> Expression:
        if not isinstance(node, Schedule):
            return node
        bands = tuple(
            replace(
                band,
                ratios=tuple(ratio if ratio.unknown is None else replace(ratio, ratio=None) for ratio in band.ratios),
            )
            for band in node.bands
        )
        return replace(node, bands=bands)

    return rebuilt(expression, change)
