"""By how much two parts of a bill may be paid otherwise than the whole, compared with trying them."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from compiler.verify.adding_up import _rounded, apart
from compiler.verify.ground import Ground, with_contracts
from dsl.money import RoundingMode, round_to_unit
from tests.policies import model_of


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


OF_HALF = """
policy p
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
  fund money
amount half = 50% of cost
amount line = 5% of fund
benefit b
  of half, added up per person per calendar year
  pay {manner}
    over 0 to {end}  {low}
    over {end}       50%
"""


@pytest.mark.parametrize(
    ("end", "manner", "low", "adds_up"),
    [
        ("100", "in slices of the amount", "0%", True),
        ("fund", "in slices of the amount", "0%", True),
        # A contract takes other amounts to be in the domain, which facts always are.
        ("line", "in slices of the amount", "0%", False),
        # From 100 to 100.01 it leaps by 50, or falls by as much.
        ("100", "on the whole amount", "0%", False),
        ("100", "on the whole amount", "100%", False),
    ],
)
def test_what_is_rounded_before_it_is_added_up_adds_up_by_a_contract(
    end: str, manner: str, low: str, adds_up: bool
) -> None:
    model = model_of(OF_HALF.format(end=end, manner=manner, low=low))
    contracts = with_contracts(Ground(model, {}, {})).contracts
    assert model.amount("b").expression in contracts
    found = apart(model, contracts)
    assert found["half"] == 1
    assert found.get("b") == (1 if adds_up else None)
    # The solver is asked where nothing is promised.
    assert "b" not in apart(model, {})
