"""Bands whose ends follow from the claim: every small claim pays what the reference says, and the code stays short."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from compiler.emit.code import Function
from compiler.emit.integer import whole_number_code
from compiler.emit.width import TooWide, require_int64
from compiler.evaluate import settle
from compiler.findings import Proved, Refuted, Unknown
from compiler.model import FactInput, Model
from compiler.verify import verify
from tests.generated import calculator
from tests.policies import amount_of, model_of, one_benefit

TABLES = {
    "over and to": ("over 0 to 5% of fund  50%", "over 5% of fund to 10% of fund  70%", "over 10% of fund  20%"),
    "from and to under": (
        "from 0 to under 5% of fund  50%",
        "from 5% of fund to under 1/3 of fund  70%",
        "from 1/3 of fund  20%",
    ),
    "over and to under, then from": ("over 0 to under 1/3 of fund  50%", "from 1/3 of fund  20%"),
    "narrow bands": (
        "over 0 to 10% of fund  50%",
        "over 10% of fund to 11% of fund  70%",
        "over 11% of fund to 12% of fund  80%",
        "over 12% of fund to 1/2 of fund  90%",
        "over 1/2 of fund  100%",
    ),
    "an end in fen": ("over 0 to fund  50%", "over fund to 0.25  60%", "over 0.25  70%"),
    "the highest first": ("over 1/3 of fund  70%", "over 0 to 1/3 of fund  50%"),
    "nothing in the middle": (
        "over 0 to 1/3 of fund  50%",
        "over 1/3 of fund to 1/2 of fund  0%",
        "over 1/2 of fund  60%",
    ),
}

OPENINGS = {
    "no opening": (),
    "a deductible": ("deductible 0.03",),
    "a deductible of the claim": ("deductible 1/3 of fund",),
    "a threshold of the claim": ("threshold over 1/3 of fund",),
}

CLAIM: Mapping[str, FactInput] = {"claim": "1", "person": "a", "day": date(2024, 1, 1), "ward": "plain"}

MANNERS = ("in slices of the amount", "in slices above the deductible", "on the whole amount")


def policy(opening: str, manner: str, table: str, *, added_up: bool = False) -> Model:
    """A benefit of cost with bands in parts of `fund`, which is at most 0.25 in the table that ends there."""
    lines = [*OPENINGS[opening], f"pay {manner}", *(f"  {band}" for band in TABLES[table])]
    text = one_benefit(*lines).replace("cost money", "cost money\n  fund money up to 0.25")
    return model_of(text.replace("of cost\n", "of cost, added up per person per month\n") if added_up else text)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("table", TABLES)
def test_small_claims_pay_what_the_reference_says(table: str, opening: str, manner: str) -> None:
    if manner.endswith("deductible") and "deductible" not in opening:
        opening = "a deductible of the claim"
    model = policy(opening, manner, table)
    module = calculator(model)
    for fund in (0, 1, 2, 3, 5, 9, 10, 11, 19, 20, 25):
        for cost in range(27):
            claim: dict[str, FactInput] = {
                "claim": "1",
                "person": "a",
                "day": date(2024, 1, 1),
                "cost": cost,
                "fund": fund,
                "ward": "plain",
            }
            expected, _ = settle(model, claim, {})
            settled, _ = module.settle(module.Claim(**claim), {})
            assert settled.b == amount_of(expected, "b"), claim


def the_function(model: Model) -> Function:
    (function,) = whole_number_code(model).functions
    return function


def test_a_function_of_the_total_reads_what_its_ends_follow_from() -> None:
    function = the_function(policy("no opening", "in slices of the amount", "over and to", added_up=True))
    assert (function.argument, function.given) == ("total", ("fund",))


def test_what_intervals_decide_is_not_computed() -> None:
    """Where no claim can have amounts in the first band but none in the second, only the ends themselves are left."""
    text = one_benefit("pay in slices of the amount", *(f"  {band}" for band in TABLES["over and to"]))
    body = the_function(model_of(text.replace("cost money", "cost money\n  fund money"))).body
    assert str(body).count("Comparison(") == 2, "each of the lower bands asks once whether an amount lies in it"


def test_ratios_and_ends_in_fine_parts_of_any_amount_are_too_wide() -> None:
    table = ("  over 0 to 0.01% of fund  0.01%", "  over 0.01% of fund  99.99%")
    text = one_benefit("pay in slices of the amount", *table).replace("cost money", "cost money\n  fund money")
    model = model_of(text)
    code = whole_number_code(model)
    with pytest.raises(TooWide) as error:
        require_int64(model, code.functions, code.amounts)
    assert error.value.amount == "b"
    limited = model_of(
        text.replace("cost money", "cost money up to 1,000,000").replace("fund money", "fund money up to 10")
    )
    code = whole_number_code(limited)
    require_int64(limited, code.functions, code.amounts)


BOTH = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to {most}
  fund    money at most cost
benefit b
  of {of}, added up per person per calendar year
  threshold over 50% of fund
  pay in slices of the amount
    from 0.02 to 0.03  25%
    from 0.03 to 0.07  50%
"""


@pytest.mark.parametrize("most", ["0.07", "1"])
def test_of_a_claim_in_a_gap_above_an_overlap_the_overlap_is_said(most: str) -> None:
    """Whatever lies above 0.07 reaches past 0.03, which is in two bands: the gap waits until that is put right."""
    found = verify(model_of(BOTH.format(most=most, of="cost")))
    (gap,), (overlap,) = ([one for one in found if one.property.code == code] for code in ("TP101", "TP102"))
    assert isinstance(gap, Unknown) and gap.reason == "waits for TP102"
    assert isinstance(overlap, Refuted)
    assert "0.03" in dict(overlap.diagnostic.params).values()


def test_an_overlap_that_only_claims_in_a_gap_reach_is_not_called_none() -> None:
    """Every claim that costs anything lies above both bands: below them is a gap, which is seen before the overlap."""
    found = verify(model_of(BOTH.format(most="1", of="if cost < 0.01 then 0 else 0.08")))
    assert not [one for one in found if one.property.code in ("TP101", "TP102") and isinstance(one, Proved)]
