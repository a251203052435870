"""By how much two parts of a bill may be paid otherwise than the whole, compared with trying them."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from compiler.verify.adding_up import _rounded
from dsl.money import RoundingMode, round_to_unit


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize(("inside", "unit"), list(product((0, 1, 2, 3), (1, 2, 3))))
def test_three_roundings_are_never_further_apart_than_is_said(mode: RoundingMode, inside: int, unit: int) -> None:
    said = _rounded(Fraction(inside), mode, unit)
    amounts = [Fraction(quarters, 4) for quarters in range(8 * unit)]
    away = [Fraction(quarters, 4) for quarters in range(-4 * inside, 4 * inside + 1)]
    worst = max(
        abs(
            round_to_unit(one, mode, unit)
            + round_to_unit(other, mode, unit)
            - round_to_unit(one + other + more, mode, unit)
        )
        for one, other, more in product(amounts, amounts, away)
    )
    assert worst <= said
    if inside % unit == 0:
        assert worst == said
