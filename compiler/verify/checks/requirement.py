"""TP302: what the policy asks of itself holds, and what the standards that it conforms to ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compiler.findings import Finding
from compiler.model import (
    Always,
    AmountBound,
    AnyOrder,
    NeverBelow,
    NeverFalls,
    NeverRises,
    PeriodBound,
    RatioBound,
    RatioNeverFalls,
    Reaches,
)
from compiler.verify.checks.requirements import (
    always,
    amount_bound,
    any_order,
    never_below,
    never_falls,
    period_bound,
    ratios,
    reaches,
)
from compiler.verify.ground import Ground

CODE = "TP302"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every requirement; for one about ratios, or of a standard, one for each place where it fails."""
    for requirement in ground.model.requirements:
        match requirement:
            case NeverFalls():
                yield (never_falls.check(ground, requirement),)
            case NeverRises():
                yield (never_falls.check_rising(ground, requirement),)
            case RatioNeverFalls():
                yield tuple(ratios.never_falls(ground, requirement))
            case RatioBound():
                yield tuple(ratios.bound(ground, requirement))
            case AmountBound():
                yield (amount_bound.check(ground, requirement),)
            case PeriodBound():
                yield (period_bound.check(ground, requirement),)
            case NeverBelow():
                yield (never_below.check(ground, requirement),)
            case Always():
                yield (always.check(ground, requirement),)
            case Reaches():
                yield (reaches.check(ground, requirement),)
            case AnyOrder():
                yield (any_order.check(ground, requirement),)
            case _:
                assert_never(requirement)
    for conformity in ground.model.conformities:
        for standard in conformity.requirements:
            match standard:
                case RatioNeverFalls():
                    yield tuple(ratios.never_falls(ground, standard, conformity))
                case RatioBound():
                    yield tuple(ratios.bound(ground, standard, conformity))
                case _:
                    assert_never(standard)
