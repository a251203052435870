"""What the larger constructs of the language pay, with figures a reader can check by hand. Amounts in fen."""

from datetime import date

import pytest

from compiler.domain import Rejection
from compiler.evaluate import Undefined, settle_all
from compiler.model import FactInput, Model
from compiler.schedule import Lack
from compiler.versions import merged, version_mistakes
from tests.policies import amount_of, claims, mistakes_in, model_of, one_benefit, paid

YEARLY = ("of cost", "of cost, added up per person per calendar year")


def amounts(model: Model, name: str, *rows: dict[str, FactInput]) -> list[int]:
    """One amount of claims that are settled together."""
    return [amount_of(outcome, name) for outcome in settle_all(model, claims(rows))]


# What is left ---------------------------------------------------------------------------------------

VOUCHER = (
    one_benefit("pay 60%")
    + """
benefit voucher
  of left
  for ward is plain
  pay min(30, left)
stack of cost
  b, then voucher
"""
)


def test_a_payment_may_name_what_is_left() -> None:
    """Of 50 the first layer leaves 20, of 100 it leaves 40."""
    rows: list[dict[str, FactInput]] = [{"cost": 50_00}, {"cost": 100_00}, {"cost": 100_00, "ward": "private"}]
    assert amounts(model_of(VOUCHER), "voucher", *rows) == [20_00, 30_00, 0]


# Parameters by date and category --------------------------------------------------------------------

DATED = """
parameter line, by day
  from 2023-01-01   100
  from 2024-01-01   150
"""


def test_a_dated_parameter_is_that_of_the_claims_day() -> None:
    model = model_of(one_benefit("deductible line", "pay 50%") + DATED)
    rows: list[dict[str, FactInput]] = [{"cost": 200_00, "day": date(year, 6, 1)} for year in (2023, 2024)]
    assert amounts(model, "b", *rows) == [50_00, 25_00]


@pytest.mark.parametrize("clause", ["cap {} per claim", "cap {}", "cap per claim {}", "cap per claim, {}"])
def test_a_cap_may_depend_on_a_condition_without_parentheses(clause: str) -> None:
    model = model_of(one_benefit("pay 50%", clause.format("if ward is plain then 10 else 20")))
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "ward": ward} for ward in ("plain", "private")]
    assert amounts(model, "b", *rows) == [10_00, 20_00]


DAILY = """
amount daily = if ward is plain then 1/3 of line else 200
  round up to 0.01
"""


def test_a_count_is_paid_at_the_rate_of_its_day_and_word() -> None:
    """A third of 100 is 33.34 rounded up, and that is paid three times: not a third of 300."""
    text = one_benefit("pay daily * days") + DATED + DAILY
    model = model_of(text.replace("cost money", "cost money\n  days count up to 366"))
    rows: list[dict[str, FactInput]] = [
        {"cost": 1_000_00, "days": 3, "day": date(2023, 6, 1)},
        {"cost": 1_000_00, "days": 3, "day": date(2024, 6, 1)},
        {"cost": 1_000_00, "days": 3, "day": date(2024, 6, 1), "ward": "private"},
        {"cost": 1_000_00, "days": 0, "day": date(2024, 6, 1)},
    ]
    assert amounts(model, "b", *rows) == [100_02, 150_00, 600_00, 0]


def test_a_day_before_the_first_row_is_not_in_force() -> None:
    model = model_of(one_benefit("deductible line", "pay 50%") + DATED)
    row: dict[str, FactInput] = {"cost": 1, "day": date(2022, 12, 31)}
    assert settle_all(model, claims([row])) == (Rejection("day", "not in force"),)


def test_bands_may_begin_at_a_dated_parameter() -> None:
    table = ("pay in slices of the amount", "  over line to 1,000  50%", "  over 1,000  80%")
    model = model_of(one_benefit("deductible line", *table) + DATED)
    rows: list[dict[str, FactInput]] = [{"cost": 1_100_00, "day": date(year, 6, 1)} for year in (2023, 2024)]
    assert amounts(model, "b", *rows) == [530_00, 505_00]


def test_a_parameter_by_date_and_category() -> None:
    table = "\nparameter line, by day, ward\n                  plain   private\n  from 2023-01-01   100   otherwise\n"
    good = table.replace("otherwise", "300")
    model = model_of(one_benefit("deductible line", "pay 50%") + good)
    rows: list[dict[str, FactInput]] = [{"cost": 400_00, "ward": ward} for ward in ("plain", "private")]
    assert amounts(model, "b", *rows) == [150_00, 50_00]


@pytest.mark.parametrize(
    ("rows", "mistake"),
    [
        (("2023-01-01 to 2023-12-31  100", "2023-12-31 to 2024-12-31  150"), "TP207"),
        (("2023-01-01 to 2023-12-30  100", "2024-01-01 to 2024-12-31  150"), "TP207.hole"),
        (("2023-01-01 to 2022-12-31  100",), "TP023.dates"),
        (("from 2023-01-01  100", "from 2023-01-01  150"), "TP207"),
        (("plain  100",), "TP018.no_days"),
        (("from 2023-01-01  100 200",), "TP018.values"),
    ],
)
def test_rows_of_dates_neither_overlap_nor_leave_a_hole(rows: tuple[str, ...], mistake: str) -> None:
    table = "\nparameter line, by day\n" + "".join(f"  {row}\n" for row in rows)
    assert [key for key, _ in mistakes_in(one_benefit("deductible line", "pay 50%") + table)] == [mistake]


def test_rows_of_dates_cover_the_days_in_force() -> None:
    text = one_benefit("deductible line", "pay 50%") + DATED
    early = text.replace("currency CNY", "currency CNY\n  in force 2022-01-01 to 2024-12-31, by day")
    assert [key for key, _ in mistakes_in(early)] == ["TP207.uncovered"]


# Tables by several categories -----------------------------------------------------------------------

TWO = ("level", "township | county | city")


def by_level(*clauses: str) -> Model:
    """A policy with a second category."""
    return model_of(one_benefit(*clauses).replace("  ward plain", "  level township | county | city\n  ward plain"))


def levels(model: Model) -> list[int]:
    rows: list[dict[str, FactInput]] = [
        {"cost": 100_00, "level": level, "ward": ward}
        for level in ("township", "county", "city")
        for ward in ("plain", "private")
    ]
    return [amount // 100 for amount in amounts(model, "b", *rows)]


def test_a_grid_has_rows_and_columns() -> None:
    model = by_level(
        "pay by level, ward",
        "           plain private",
        "  township  60%  50%",
        "  county  45%  35%",
        "  city  30%  20%",
    )
    assert levels(model) == [60, 50, 45, 35, 30, 20]


def test_otherwise_stands_for_every_word_that_is_not_named() -> None:
    assert levels(by_level("pay by level  township 60%  otherwise 30%")) == [60, 60, 30, 30, 30, 30]
    model = by_level("pay by level, ward  township/plain 60%  otherwise/plain 40%  otherwise/otherwise 10%")
    assert levels(model) == [60, 10, 40, 10, 40, 10]


def test_headings_of_a_band_table_may_name_two_categories() -> None:
    model = by_level(
        "pay in slices of the amount, by level, ward",
        "              township/plain  township/private  otherwise/otherwise",
        "  over 0 to 50    60%    50%    40%",
        "  over 50    80%    70%    60%",
    )
    assert levels(model) == [70, 60, 50, 50, 50, 50]


# Unknown ratios -------------------------------------------------------------------------------------


def test_an_unknown_ratio_has_no_payment_but_the_bands_below_it_do() -> None:
    model = model_of(
        one_benefit("pay in slices of the amount", "  over 0 to 100  50%", "  over 100  unknown between 80% and 100%")
    )
    below, beyond = settle_all(model, claims([{"cost": 100_00}, {"cost": 100_01}]))
    assert amount_of(below, "b") == 50_00
    assert isinstance(beyond, Undefined) and beyond.lack is Lack.UNKNOWN_RATIO


def test_an_unknown_ratio_between_equal_bounds_is_known() -> None:
    assert paid(one_benefit("pay unknown between 50% and 50%"), 100) == [50]


# Ends that follow from the claim --------------------------------------------------------------------


def test_ends_in_percent_of_a_fact() -> None:
    text = one_benefit(
        "pay in slices of the amount",
        "  over 0 to 5% of fund  50%",
        "  over 5% of fund to 10% of fund  30%",
        "  over 10% of fund  0%",
    ).replace("cost money", "cost money\n  fund money")
    model = model_of(text)
    rows: list[dict[str, FactInput]] = [{"cost": cost, "fund": 1_000_00} for cost in (50_00, 100_00, 300_00)]
    assert amounts(model, "b", *rows) == [25_00, 40_00, 40_00]


def test_a_deductible_that_follows_from_a_fact_is_whole_and_never_negative() -> None:
    text = one_benefit("deductible 10% of income - 5", "pay 100%").replace("cost money", "cost money\n  income money")
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "income": income} for income in (40_00, 100_05)]
    assert amounts(model_of(text), "b", *rows) == [100_00, 94_99]


# Counts ---------------------------------------------------------------------------------------------


def test_an_amount_for_each_day() -> None:
    text = one_benefit("pay 50 * max(0, days - 3)").replace("cost money", "cost money\n  days count up to 366")
    rows: list[dict[str, FactInput]] = [{"cost": 1_000_00, "days": days} for days in (2, 10)]
    assert amounts(model_of(text), "b", *rows) == [0, 350_00]
    assert settle_all(model_of(text), claims([{"cost": 0, "days": 367}])) == (Rejection("days", "out of range"),)


def test_a_count_is_no_amount_of_money() -> None:
    text = one_benefit("pay days").replace("cost money", "cost money\n  days count")
    assert mistakes_in(text) == [("TP012.counted", 13)]


# Payers who share a cost ----------------------------------------------------------------------------

SPLIT = """
policy p
  currency CNY
claim
  person identifier
  day date
  spent money
  fund money
split overspend
  of spent
  pay in slices of the amount, between insurer, agency
                                       insurer  agency
    over 0 to 5% of fund                 50%      50%
    over 5% of fund to 10% of fund       70%      30%
    over 10% of fund                    100%       0%
  round half up to 0.01
"""


def split_rows(*overs: int) -> list[dict[str, FactInput]]:
    return [
        {k: v for k, v in row.items() if k != "ward"} for row in claims([{"spent": o, "fund": 1_000_00} for o in overs])
    ]


def test_payers_share_a_cost_to_the_last_fen() -> None:
    """FACTS row 65: at 10% of the fund the insurer bears 6% of it and the agency 4%, which stays so."""
    outcomes = settle_all(model_of(SPLIT), split_rows(100_00, 300_00, 1))
    shares = [(amount_of(outcome, "insurer"), amount_of(outcome, "agency")) for outcome in outcomes]
    assert shares == [(60_00, 40_00), (260_00, 40_00), (1, 0)]


def test_the_last_payer_bears_the_rest_whatever_the_policy_rounds_to() -> None:
    whole_yuan = SPLIT.replace("currency CNY", "currency CNY\n  round half up to 1").replace(
        "  round half up to 0.01\n", ""
    )
    (outcome,) = settle_all(model_of(whole_yuan), split_rows(100_55))
    assert (amount_of(outcome, "insurer"), amount_of(outcome, "agency")) == (61_00, 39_55)


def test_shares_that_do_not_add_up_to_the_whole_are_a_mistake() -> None:
    assert mistakes_in(SPLIT.replace("70%      30%", "70%      20%")) == [("TP107", 14)]
    assert mistakes_in(SPLIT.replace("insurer  agency\n", "agency  insurer\n")) == [("TP107.heading", 12)]


def test_a_split_is_not_of_what_is_left_for_each_of_its_payers() -> None:
    """The last payer's `left` would be without what the others bear, which its share is without already."""
    stacked = SPLIT.replace("of spent", "of left") + "stack of spent\n  insurer, then agency\n"
    assert mistakes_in(stacked) == [("TP107.left", 10)]


# Periods --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "days", "result"),
    [
        ("policy year from 12-01", (date(2023, 11, 30), date(2023, 12, 1), date(2024, 11, 30)), [0, 0, 50_00]),
        ("month", (date(2023, 11, 1), date(2023, 11, 30), date(2023, 12, 1)), [0, 50_00, 0]),
    ],
)
def test_periods(period: str, days: tuple[date, ...], result: list[int]) -> None:
    text = one_benefit("deductible 100", "pay 50%").replace("of cost", f"of cost, added up per person per {period}")
    rows: list[dict[str, FactInput]] = [{"cost": 100_00, "day": day} for day in days]
    assert amounts(model_of(text), "b", *rows) == result


# A family, and the best of two ----------------------------------------------------------------------


def test_a_family_shares_a_deductible_over_those_of_its_people() -> None:
    """Each person up to 100, the family together up to 150: the third member has nothing left to bear."""
    text = one_benefit(
        "deductible 100 per person per calendar year, at most 150 per family per calendar year",
        "pay in slices above the deductible",
        "  over 0  100%",
    ).replace("person identifier", "person identifier\n  family identifier")
    rows: list[dict[str, FactInput]] = [
        {"cost": cost, "person": person, "family": "zhao"}
        for person, cost in (("a", 80_00), ("a", 80_00), ("b", 80_00), ("c", 80_00))
    ]
    assert amounts(model_of(text), "b", *rows) == [0, 60_00, 30_00, 80_00]


BEST = """
policy p
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
benefit flat
  of left
  pay 30%
benefit above
  of left
  deductible 100
  pay 80%
benefit rest
  of left
  pay 10%
stack of cost
  the larger of flat or above, then rest
"""


def test_of_two_benefits_only_the_larger_is_paid() -> None:
    rows = [{k: v for k, v in row.items() if k != "ward"} for row in claims([{"cost": 100_00}, {"cost": 200_00}])]
    outcomes = settle_all(model_of(BEST), rows)
    names = ("flat", "above", "rest", "own_share")
    assert [[amount_of(outcome, name) for name in names] for outcome in outcomes] == [
        [30_00, 0, 7_00, 63_00],
        [0, 80_00, 12_00, 108_00],
    ]


def test_an_out_of_pocket_maximum_is_a_layer_on_what_is_left() -> None:
    text = """
policy p
  currency USD
  round half up to 0.01
claim
  person identifier
  day date
  cost money
benefit plan
  of cost, added up per person per calendar year
  deductible 500
  pay 80%
benefit maximum
  of left, added up per person per calendar year
  deductible 1,000
  pay 100%
stack of cost
  plan, then maximum
"""
    rows = [{k: v for k, v in row.items() if k != "ward"} for row in claims([{"cost": 2_000_00}, {"cost": 10_000_00}])]
    outcomes = settle_all(model_of(text), rows)
    assert [amount_of(outcome, "own_share") for outcome in outcomes] == [800_00, 200_00]


# Versions -------------------------------------------------------------------------------------------


def version(first: str, last: str, deductible: int, ratio: int) -> Model:
    text = one_benefit(f"deductible {deductible}", f"pay {ratio}%").replace(*YEARLY)
    return model_of(text.replace("currency CNY", f"currency CNY\n  in force {first} to {last}, by day"))


OLD = version("2023-01-01", "2024-06-30", 100, 50)
NEW = version("2024-07-01", "2025-12-31", 200, 80)


def test_each_claim_is_settled_under_the_version_of_its_day() -> None:
    model = merged([NEW, OLD])
    rows: list[dict[str, FactInput]] = [{"cost": 300_00, "day": day} for day in (date(2023, 1, 1), date(2025, 1, 1))]
    assert amounts(model, "b", *rows) == [100_00, 80_00]


def test_a_years_total_goes_on_from_one_version_to_the_next() -> None:
    model = merged([OLD, NEW])
    rows: list[dict[str, FactInput]] = [{"cost": 150_00, "day": day} for day in (date(2024, 6, 30), date(2024, 7, 1))]
    assert amounts(model, "b", *rows) == [25_00, 80_00]


def test_a_day_that_no_version_covers_is_not_in_force() -> None:
    model = merged([OLD, version("2024-08-01", "2025-12-31", 200, 80)])
    rows: list[dict[str, FactInput]] = [{"cost": 1, "day": day} for day in (date(2024, 7, 15), date(2026, 1, 1))]
    assert set(settle_all(model, claims(rows))) == {Rejection("day", "not in force")}


def test_versions_neither_overlap_nor_leave_a_hole() -> None:
    assert version_mistakes([OLD, NEW]) == ()
    assert [m.key for m in version_mistakes([OLD, version("2024-06-30", "2025-12-31", 1, 1)])] == ["TP207.versions"]
    assert [m.key for m in version_mistakes([OLD, version("2024-08-01", "2025-12-31", 1, 1)])] == [
        "TP207.versions_hole"
    ]


@pytest.mark.parametrize(
    ("right", "other", "key", "line"),
    [
        ("  cost money", "  cost money up to 500", "fact", 9),
        ("plain | private", "plain | private | royal", "fact", 10),
        ("  cost money", "  cost money\n  days count", "fact_alone", 10),
        ("  person identifier\n  day date", "  day date\n  person identifier", "fact_order", 7),
        ("currency CNY", "currency EUR", "currency", 2),
    ],
)
def test_versions_read_the_same_claims(right: str, other: str, key: str, line: int) -> None:
    text = one_benefit("deductible 200", "pay 80%").replace(*YEARLY)
    text = text.replace("currency CNY", "currency CNY\n  in force 2024-07-01 to 2025-12-31, by day")
    (mistake,) = version_mistakes([OLD, model_of(text.replace(right, other))])
    assert (mistake.key, mistake.labels[0].span.line) == (f"TP207.{key}", line)


def test_versions_go_by_one_date() -> None:
    text = one_benefit("deductible 200", "pay 80%").replace(*YEARLY).replace("day date", "day date\n  paid date")
    first = text.replace("currency CNY", "currency CNY\n  in force 2023-01-01 to 2024-06-30, by day")
    second = text.replace("currency CNY", "currency CNY\n  in force 2024-07-01 to 2025-12-31, by paid")
    assert [m.key for m in version_mistakes([model_of(first), model_of(second)])] == ["TP207.by"]


def test_versions_that_count_over_different_periods() -> None:
    lifelong = one_benefit("deductible 100", "pay 50%").replace("of cost", "of cost, added up per person per lifetime")
    new = model_of(lifelong.replace("currency CNY", "currency CNY\n  in force 2024-07-01 to 2025-12-31, by day"))
    model = merged([OLD, new])
    rows: list[dict[str, FactInput]] = [{"cost": 150_00, "day": day} for day in (date(2023, 6, 30), date(2025, 7, 1))]
    assert amounts(model, "b", *rows) == [25_00, 75_00]
