"""Ratios that the policy does not know, as lines of a slope between two bounds: the slope lemma.

What such a band pays is `r * length`, with one r for all claims and `lowest <= r <= highest`. A product of two unknowns
is beyond the solver, so the product becomes a number of its own, of which everything linear is said that follows: it
lies between `lowest * length` and `highest * length`, and of two lengths the longer pays more by between `lowest` and
`highest` times what it is longer. What is proved of every such number holds for every value of the ratio. What is
refuted may not be: then the ratio is set to one value after another, and each is asked about by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import z3

from compiler.model import BandRatio
from compiler.verify.unknown import bounds_of


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
