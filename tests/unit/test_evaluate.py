"""What a policy pays: each rule of docs/semantics.md with figures a reader can check by hand. Amounts in fen."""

from datetime import date

import pytest

from compiler.domain import Rejection
from compiler.evaluate import Undefined, settle_all
from compiler.model import FactInput
from compiler.schedule import Lack
from tests.policies import amount_of, claims, model_of, one_benefit, paid

BANDS = (
    "pay in slices of the amount",
    "  over 100 to 200   50%",
    "  over 200          80%",
)


def test_a_ratio_pays_its_part_of_the_cost() -> None:
    assert paid(one_benefit("pay 60%"), 100_00) == [60_00]


def test_slices_pay_each_band_on_its_own_part() -> None:
    assert paid(one_benefit("deductible 100", *BANDS), 100_00, 150_00, 200_00, 300_00) == [0, 25_00, 50_00, 130_00]


def test_the_whole_amount_is_paid_at_the_ratio_of_its_band() -> None:
    policy = one_benefit("pay on the whole amount", "  from 0 to 200  50%", "  over 200  80%")
    assert paid(policy, 200_00, 200_01) == [100_00, 160_01]


def test_on_the_whole_amount_a_deductible_is_taken_off_first() -> None:
    policy = one_benefit("deductible 100", "pay on the whole amount", "  over 100 to 200  50%", "  over 200  80%")
    assert paid(policy, 200_00, 300_00) == [50_00, 160_00]


def test_bands_above_the_deductible_begin_at_nothing() -> None:
    policy = one_benefit(
        "deductible 100", "pay in slices above the deductible", "  over 0 to 50  50%", "  over 50  80%"
    )
    assert paid(policy, 100_00, 150_00, 200_00) == [0, 25_00, 65_00]


def test_a_deductible_inside_the_first_band_leaves_the_part_below_it_unpaid() -> None:
    """FACTS row 8: bands from 10,000, deductible 11,000: 20,000 pays 4,500 instead of 5,000."""
    policy = one_benefit("deductible 110", *BANDS)
    assert paid(policy, 105_00, 200_00) == [0, 45_00]


@pytest.mark.parametrize(("word", "at_the_line"), [("over", 0), ("from", 80_00)])
def test_a_threshold_opens_the_door_and_is_not_subtracted(word: str, at_the_line: int) -> None:
    policy = one_benefit(f"threshold {word} 100", "pay 80%")
    assert paid(policy, 99_99, 100_00, 100_01) == [0, at_the_line, 80_01]


def test_an_end_from_to_under_belongs_to_the_next_band() -> None:
    policy = one_benefit("pay on the whole amount", "  from 0 to under 200  50%", "  from 200  80%")
    assert paid(policy, 199_99, 200_00) == [100_00, 160_00]


def test_a_band_that_begins_one_fen_later_leaves_no_part_of_a_slice_out() -> None:
    plain = one_benefit("pay in slices of the amount", "  over 0 to 200  50%", "  over 200  80%")
    by_the_fen = one_benefit("pay in slices of the amount", "  over 0 to 200  50%", "  from 200.01  80%")
    costs = (200_00, 200_01, 300_00)
    assert paid(plain, *costs) == paid(by_the_fen, *costs)


def test_a_cap_limits_what_is_paid_and_a_cap_on_the_base_what_is_looked_at() -> None:
    assert paid(one_benefit("pay 50%", "cap 100"), 150_00, 300_00) == [75_00, 100_00]
    assert paid(one_benefit("cap base 100", "pay 50%"), 150_00, 300_00) == [50_00, 50_00]


@pytest.mark.parametrize(
    ("clause", "result"),
    [
        ("round half up to 0.01", [1, 2, 2]),
        ("round half even to 0.01", [0, 2, 2]),
        ("round down to 0.01", [0, 1, 2]),
        ("round up to 0.01", [1, 2, 2]),
        ("round half up to 1", [0, 0, 0]),
    ],
)
def test_rounding(clause: str, result: list[int]) -> None:
    assert paid(one_benefit("pay 50%", clause), 1, 3, 4) == result


def test_a_year_adds_up_to_the_same_payment_in_however_many_claims() -> None:
    policy = one_benefit("deductible 100", *BANDS).replace("of cost", "of cost, added up per person per calendar year")
    assert paid(policy, 300_00) == [130_00]
    assert paid(policy, 60_00, 90_00, 50_00, 100_00) == [0, 25_00, 25_00, 80_00]


def test_rounding_stands_inside_the_difference_so_the_year_is_exact() -> None:
    policy = one_benefit("pay 50%").replace("of cost", "of cost, added up per person per calendar year")
    assert paid(policy, 1, 1, 1, 1) == [1, 0, 1, 0]


def test_a_year_begins_again_and_a_lifetime_does_not() -> None:
    yearly = one_benefit("deductible 100", "pay 50%").replace(
        "of cost", "of cost, added up per person per calendar year"
    )
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "day": date(year, 12, 31)} for year in (2023, 2024)]
    outcomes = settle_all(model_of(yearly), claims(rows))
    assert [amount_of(outcome, "b") for outcome in outcomes] == [0, 0]
    lifelong = yearly.replace("per calendar year", "per lifetime")
    outcomes = settle_all(model_of(lifelong), claims(rows))
    assert [amount_of(outcome, "b") for outcome in outcomes] == [0, 50_00]


def test_totals_of_two_people_are_apart() -> None:
    policy = one_benefit("deductible 100", "pay 50%").replace("of cost", "of cost, added up per person per lifetime")
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "person": person} for person in ("li", "wang", "li")]
    assert [amount_of(outcome, "b") for outcome in settle_all(model_of(policy), claims(rows))] == [0, 0, 50_00]


def test_claims_are_settled_by_date_then_number_and_come_out_as_they_went_in() -> None:
    policy = one_benefit("deductible 100", "pay 50%").replace("of cost", "of cost, added up per person per lifetime")
    rows: list[dict[str, FactInput]] = [
        {"cost": 100_00, "day": date(2024, 5, 2), "claim": "1"},
        {"cost": 100_00, "day": date(2024, 5, 1), "claim": "2"},
        {"cost": 100_00, "day": date(2024, 5, 1), "claim": "10"},
    ]
    outcomes = settle_all(model_of(policy), claims(rows))
    assert [amount_of(outcome, "b") for outcome in outcomes] == [50_00, 50_00, 0]


def test_a_yearly_cap_over_claims_settled_one_by_one() -> None:
    policy = one_benefit("deductible per claim 10", "pay 50%", "cap 100 per person per calendar year")
    assert paid(policy, 110_00, 110_00, 110_00) == [50_00, 50_00, 0]


def test_a_cap_per_claim_on_a_yearly_benefit_counts_what_is_paid() -> None:
    policy = one_benefit("pay 50%", "cap per claim 30").replace(
        "of cost", "of cost, added up per person per calendar year"
    )
    assert paid(policy, 100_00, 40_00) == [30_00, 20_00]


def test_a_yearly_deductible_on_a_benefit_settled_claim_by_claim() -> None:
    policy = one_benefit(
        "deductible 100 per person per calendar year",
        "pay in slices above the deductible",
        "  over 0 to 50 10%",
        "  over 50 90%",
    )
    assert paid(policy, 60_00, 60_00, 100_00) == [0, 2_00, 50_00]


def test_a_deductible_by_category() -> None:
    policy = one_benefit("deductible by ward  plain 10  private 50", "pay by ward  plain 50%  private 40%")
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "ward": ward} for ward in ("plain", "private")]
    assert [amount_of(outcome, "b") for outcome in settle_all(model_of(policy), claims(rows))] == [45_00, 20_00]


def test_a_claim_that_a_benefit_is_not_for_is_paid_nothing_and_adds_nothing() -> None:
    policy = one_benefit("for ward is private", "deductible 100", "pay 50%").replace(
        "of cost", "of cost, added up per person per calendar year"
    )
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "ward": ward} for ward in ("plain", "private", "private")]
    outcomes = settle_all(model_of(policy), claims(rows))
    assert [amount_of(outcome, "b") for outcome in outcomes] == [0, 0, 50_00]
    assert [amount_of(outcome, "own_share") for outcome in outcomes] == [100_00, 100_00, 50_00]


def test_layers_pay_one_after_another_on_what_is_left() -> None:
    policy = """
policy p
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
  ward plain | private
benefit second
  of left
  deductible 10
  pay 50%
benefit first
  of cost
  pay 60%
stack of cost
  first, then second
"""
    (outcome,) = settle_all(model_of(policy), claims([{"cost": 100_00}]))
    assert [amount_of(outcome, name) for name in ("first", "second.left", "second", "own_share")] == [
        60_00,
        40_00,
        15_00,
        25_00,
    ]


GAP = ("pay in slices of the amount", "  over 0 to 200   50%", "  from 201   80%")


def test_an_amount_in_no_band_has_no_payment() -> None:
    policy = model_of(one_benefit(*GAP))
    below, inside, beyond = settle_all(policy, claims([{"cost": cost} for cost in (200_00, 200_01, 300_00)]))
    assert amount_of(below, "b") == 100_00
    for outcome in (inside, beyond):
        assert isinstance(outcome, Undefined)
        assert (outcome.amount, outcome.lack, outcome.at) == ("b", Lack.NO_BAND, 200_01)


def test_an_amount_in_two_bands_has_no_payment() -> None:
    policy = model_of(one_benefit("pay on the whole amount", "  from 0 to 200   50%", "  from 200   80%"))
    (outcome,) = settle_all(policy, claims([{"cost": 200_00}]))
    assert isinstance(outcome, Undefined)
    assert outcome.lack is Lack.TWO_BANDS


@pytest.mark.parametrize(
    ("row", "rejection"),
    [
        ({"claim": ""}, Rejection("claim", "missing")),
        ({"person": None}, Rejection("person", "missing")),
        ({"person": 7}, Rejection("person", "wrong type")),
        ({"day": "2024-01-01"}, Rejection("day", "wrong type")),
        ({"cost": None}, Rejection("cost", "missing")),
        ({"cost": -1}, Rejection("cost", "negative")),
        ({"cost": True}, Rejection("cost", "wrong type")),
        ({"cost": 1.0}, Rejection("cost", "wrong type")),
        ({"cost": 10**13 + 1}, Rejection("cost", "out of range")),
        ({"ward": "suite"}, Rejection("ward", "unknown value")),
        ({"cost": -1, "ward": None}, Rejection("cost", "negative")),
    ],
)
def test_a_claim_that_breaks_the_domain_is_rejected_by_field_and_reason(
    row: dict[str, object], rejection: Rejection
) -> None:
    outcomes = settle_all(model_of(one_benefit("pay 50%")), [{**claims([{"cost": 1}])[0], **row}])  # type: ignore[dict-item]
    assert outcomes == (rejection,)


def test_limits_between_facts_and_dates_in_force() -> None:
    policy = model_of(
        """
policy p
  currency CNY
  in force 2024-01-01 to 2024-12-31, by day
claim
  person identifier
  day date
  cost money from 5 up to 1,000
  due money at most cost
benefit b
  of cost
  pay due
"""
    )

    def outcome(**facts: FactInput) -> object:
        row: dict[str, FactInput] = {"cost": 10_00, "due": 10_00, **facts}
        return settle_all(policy, [{k: v for k, v in claims([row])[0].items() if k != "ward"}])[0]

    assert amount_of(outcome(), "b") == 10_00  # type: ignore[arg-type]
    assert outcome(cost=4_99) == Rejection("cost", "out of range")
    assert outcome(cost=1_000_01) == Rejection("cost", "out of range")
    assert outcome(due=10_01) == Rejection("due", "more than cost")
    assert outcome(day=date(2023, 12, 31)) == Rejection("day", "not in force")
    assert outcome(day=date(2025, 1, 1)) == Rejection("day", "not in force")


def test_claims_that_no_engine_could_order_are_all_rejected() -> None:
    policy = one_benefit("pay 50%").replace("of cost", "of cost, added up per person per calendar year")
    rows: list[dict[str, FactInput]] = [
        {"cost": 1_00, "claim": "7"},
        {"cost": 1_00, "claim": "7"},
        {"cost": 3_00, "claim": "8"},
    ]
    first, second, third = settle_all(model_of(policy), claims(rows))
    assert first == second == Rejection("claim", "duplicate")
    assert amount_of(third, "b") == 1_50


def test_a_total_that_leaves_the_domain_rejects_that_claim_and_all_later_ones() -> None:
    policy = one_benefit("pay 50%").replace("of cost", "of cost, added up per person per calendar year")
    rows: list[dict[str, FactInput]] = [{"cost": 10**13}, {"cost": 1}, {"cost": 0}]
    first, second, third = settle_all(model_of(policy), claims(rows))
    assert amount_of(first, "b") == 5 * 10**12
    assert second == third == Rejection("b.base", "total out of range")
