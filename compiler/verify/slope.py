"""Ratios that the policy does not know, as lines of a slope between two bounds: the slope lemma.

What such a band pays is `r * length`, with one r for all claims and `lowest <= r <= highest`. A product of two unknowns
is beyond the solver, so the product becomes a number of its own, of which everything linear is said that follows: it
lies between `lowest * length` and `highest * length`, and of two lengths the longer pays more by between `lowest` and
`highest` times what it is longer. What is proved of every such number holds for every value of the ratio. What is
refuted may not be: then the ratio is set to one value after another, and each is asked about by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

import z3

from compiler.model import BandRatio, Expression, Model, Schedule, rebuilt, walk


@dataclass(frozen=True, slots=True)
class Slope:
    """What one band of an unknown ratio pays on one amount.

    ratio   the unknown ratio; the same object for the same unknown
    length  the part of the amount in the band, a whole number of parts of a minor unit
    paid    ratio times length, a real number
    """

    ratio: BandRatio
    length: z3.ArithRef
    paid: z3.ArithRef


def bounds_of(ratio: BandRatio) -> tuple[Fraction, Fraction]:
    """The least and the most that a ratio can be."""
    if ratio.ratio is not None:
        return ratio.ratio, ratio.ratio
    assert ratio.unknown is not None, "this ratio is missing"
    return ratio.unknown


def limits(slopes: Sequence[Slope]) -> tuple[z3.BoolRef, ...]:
    """Everything linear that is known of what unknown ratios pay."""
    found: list[z3.BoolRef] = []
    for slope in slopes:
        found += _between(slope.ratio, slope.length, slope.paid)
    for one, other in combinations(slopes, 2):
        if one.ratio is other.ratio:
            longer = z3.And(*_between(one.ratio, other.length - one.length, other.paid - one.paid))
            shorter = z3.And(*_between(one.ratio, one.length - other.length, one.paid - other.paid))
            found.append(z3.If(one.length <= other.length, longer, shorter))
    return tuple(found)


def together(one: Slope, other: Slope, both: Slope) -> z3.BoolRef:
    """Two lengths that make up a third pay together what it pays."""
    return z3.Implies(one.length + other.length == both.length, one.paid + other.paid == both.paid)


def _between(ratio: BandRatio, length: z3.ArithRef, paid: z3.ArithRef) -> tuple[z3.BoolRef, z3.BoolRef]:
    lowest, highest = bounds_of(ratio)
    return (
        lowest.numerator * length <= lowest.denominator * paid,
        highest.denominator * paid <= highest.numerator * length,
    )


# One value of the ratio after another ---------------------------------------------------------------


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
"""The values that an unknown ratio is set to: the most, the least, and the middle between them."""


def at_value(expression: Expression, share: Fraction) -> Expression:
    """The expression with every unknown ratio this far on the way from its least value to its most."""

    def set_ratio(ratio: BandRatio) -> BandRatio:
        if not is_unknown(ratio):
            return ratio
        lowest, highest = bounds_of(ratio)
        return replace(ratio, ratio=lowest + share * (highest - lowest))

    def change(node: Expression) -> Expression:
        if not isinstance(node, Schedule) or not any(is_unknown(ratio) for band in node.bands for ratio in band.ratios):
            return node
        bands = tuple(replace(band, ratios=tuple(map(set_ratio, band.ratios))) for band in node.bands)
        return replace(node, bands=bands)

    return rebuilt(expression, change)


def model_at(model: Model, share: Fraction) -> Model:
    """The model with every unknown ratio this far on the way from its least value to its most."""
    amounts = tuple(
        replace(amount, expression=at_value(amount.expression, share))
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
