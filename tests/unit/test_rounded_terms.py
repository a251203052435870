"""Rounding as a term of the solver is the rounding of money: every mode, whole and real, below 0 as well."""

from __future__ import annotations

from fractions import Fraction

import pytest
import z3

from compiler.verify.encode import rounded
from dsl.money import RoundingMode, round_to_unit

NUMERATORS = range(-25, 26)


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize("unit", [1, 2, 5])
@pytest.mark.parametrize("denominator", [1, 2, 3, 4, 20])
def test_a_term_is_rounded_like_money(mode: RoundingMode, unit: int, denominator: int) -> None:
    for numerator in NUMERATORS:
        expected = round_to_unit(Fraction(numerator, denominator), mode, unit)
        for term in (z3.IntVal(numerator), z3.RealVal(numerator)):
            found = z3.simplify(rounded(term, denominator, mode, unit))
            assert isinstance(found, z3.IntNumRef | z3.RatNumRef)
            assert found.as_long() == expected, (numerator, term.sort())
