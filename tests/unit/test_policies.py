"""The policies of the source documents, settled by the reference interpreter.

The tables below hold the figures that the documents print or imply, in yuan, apart from the policies' own examples: a
change to a policy that moves one of them is seen here even where its example was changed with it.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest

from compiler.driver import Loaded, prove
from compiler.evaluate import Settled, settle_all
from compiler.findings import Refuted
from compiler.model import FactInput, Model
from compiler.versions import merged, version_mistakes
from dsl.source import Source
from tests.policies import FEN, POLICIES, amount_of, chosen, policy_model, policy_text, standards

FILES = sorted(path.relative_to(POLICIES).as_posix() for path in POLICIES.rglob("*.policy"))


def settled(model: Model, *rows: dict[str, FactInput]) -> list[dict[str, int]]:
    """All amounts of claims that one person hands in on the first days of a March, one a day."""
    year = 2013 if model.in_force is None else model.in_force.first.year + (model.in_force.first.month > 3)
    day = [fact.name for fact in model.facts if type(fact).__name__ == "DateFact"]
    people = [fact.name for fact in model.facts if type(fact).__name__ == "IdentifierFact"]
    claims: list[dict[str, FactInput]] = [
        {
            "claim": f"{place:03d}",
            **dict.fromkeys(people, "one"),
            **dict.fromkeys(day, date(year, 3, place)),
            **row,
        }
        for place, row in enumerate(rows, 1)
    ]
    outcomes = settle_all(model, claims)
    assert all(isinstance(outcome, Settled) for outcome in outcomes), outcomes
    return [{amount.name: amount_of(outcome, amount.name) for amount in model.amounts} for outcome in outcomes]


def paid(model: Model, benefit: str, *rows: dict[str, FactInput]) -> list[int]:
    """What one benefit pays for such claims, in fen."""
    return [amounts[benefit] for amounts in settled(model, *rows)]


# All of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [file for file in FILES if not file.startswith("standards/")])
def test_every_example_comes_out(file: str) -> None:
    model = policy_model(file)
    assert model.examples, "a policy without a worked case"
    for example in model.examples:
        outcomes = settle_all(model, [dict(claim.facts) for claim in example.claims])
        for claim, outcome in zip(example.claims, outcomes, strict=True):
            for expected in claim.expectations:
                assert amount_of(outcome, expected.amount) == expected.value, example.title


@pytest.mark.parametrize("file", FILES)
def test_every_policy_says_where_it_comes_from(file: str) -> None:
    if file.startswith("standards/"):
        assert any(clause.text.value for clause in standards()[file.removeprefix("standards/")[:-7]].clauses)
    else:
        assert policy_model(file).source


@pytest.mark.parametrize("file", [file for file in FILES if not file.startswith("standards/")])
def test_every_benefit_says_its_place_in_the_document(file: str) -> None:
    blocks = re.split(r"^(?=\S)", policy_text(file), flags=re.MULTILINE)
    paying = [block for block in blocks if block.startswith(("benefit ", "split "))]
    assert paying and [block for block in paying if "\n  source " not in block] == []


BROKEN = {
    "ankang/critical_illness_2016.policy": ("unknown between 80% and 100%", "unknown between 70% and 100%", "TP201"),
    "ankang/critical_illness_2019.policy": ("cap 300,000", "cap 300,000.01", "TP302"),
    "dengfeng/supplementary_2018.policy": ("cap 200,000", "cap 210,000", "TP302"),
    "national/press_example_2012.policy": ("pay 50%", "pay 49%", "TP302"),
    "ningxia/critical_illness_2013.policy": ("50%       51%", "49%       51%", "TP302"),
    "ningxia/overspend_sharing.policy": ("in slices of the amount", "on the whole amount", "TP302"),
    "ningxia/fund_transfer.policy": ("round down to 0.01", "round up to 0.01", "TP302"),
    "shaanxi/pilot_2013.policy": ("unknown between 50%", "unknown between 40%", "TP302"),
    "shaanxi/province_2016.policy": ("basic under 40%", "basic under 39%", "TP302"),
    "shaanxi/financing.policy": ("tendered at most most", "tendered at most tendered", "TP302"),
    "ningxia/financing.policy": ("pay min(fund, surplus)", "pay min(fund, 99% of surplus)", "TP302"),
    "jiangning/ncms_and_critical_illness.policy": ("cap 250,000", "cap 260,000", "TP302"),
    "urumqi/supplementary_2010.policy": ("cap 10,000", "cap 10,001", "TP302"),
    "urumqi/large_sum_2010.policy": ("cap 50,000", "cap 50,001", "TP302"),
}
"""A change to each policy that breaks a promise of its document, and the code that must say so."""


@pytest.mark.parametrize("file", BROKEN)
def test_a_promise_that_is_broken_is_found(file: str) -> None:
    old, new, code = BROKEN[file]
    assert policy_text(file).count(old) == 1
    for text, broken in ((policy_text(file), False), (policy_text(file).replace(old, new), True)):
        findings = prove(Loaded(Source(file, text), policy_model(file, text), None, ())).findings
        refuted = {one.property.code for one in findings if isinstance(one, Refuted) and one.allowance is None}
        assert (code in refuted) is broken, refuted
        assert broken or not refuted


# Ankang ---------------------------------------------------------------------------------------------

ANKANG = {20_000: 5_000, 30_000: 11_000, 50_000: 25_000, 100_000: 65_000}


@pytest.mark.parametrize("ratio", ["lowest", "highest"])
def test_ankang_pays_the_same_up_to_100_000_whatever_the_lost_ratio_is(ratio: str) -> None:
    model = chosen("ankang/critical_illness_2016.policy", ratio)
    for borne, due in ANKANG.items():
        assert paid(model, "critical_illness", {"borne": borne * FEN}) == [due * FEN]
    beyond = {"lowest": 65_000 + 80_000, "highest": 65_000 + 100_000}
    assert paid(model, "critical_illness", {"borne": 200_000 * FEN}) == [beyond[ratio] * FEN]


@pytest.mark.parametrize(
    ("stays", "due"), [((15_000, 15_000), [2_500, 8_500]), ((8_000, 8_000), [0, 3_000]), ((30_000,), [11_000])]
)
def test_ankang_takes_the_deductible_once_a_year(stays: tuple[int, ...], due: list[int]) -> None:
    model = policy_model("ankang/critical_illness_2016.policy")
    rows: list[dict[str, FactInput]] = [{"borne": stay * FEN} for stay in stays]
    assert paid(model, "critical_illness", *rows) == [amount * FEN for amount in due]


def test_ankang_with_a_deductible_of_11_000_would_pay_500_less() -> None:
    """The other reading of the garbled figure; its first band then begins below its deductible."""
    text = policy_text("ankang/critical_illness_2016.policy").replace("deductible 10,000", "deductible 11,000")
    model = chosen("ankang/critical_illness_2016.policy", "lowest", text)
    due = [paid(model, "critical_illness", {"borne": borne * FEN}) for borne in ANKANG]
    assert due == [[amount * FEN] for amount in (4_500, 10_500, 24_500, 64_500)]


@pytest.mark.parametrize("stays", [(10_000_000,), (6_000_000, 4_000_000), (1, 1_428_570, 8_571_429)])
def test_ankang_pays_the_same_in_however_many_stays_the_year_comes(stays: tuple[int, ...]) -> None:
    model = policy_model("ankang/critical_illness_2016.policy")
    rows: list[dict[str, FactInput]] = [{"borne": stay} for stay in stays]
    assert sum(paid(model, "critical_illness", *rows)) == 65_000 * FEN


def test_the_versions_of_ankang_follow_one_another_without_a_hole() -> None:
    old, new = (policy_model(f"ankang/critical_illness_{year}.policy") for year in (2016, 2019))
    assert (old.draft, new.draft) == (True, False)
    assert version_mistakes([old, new]) == ()
    both = merged([chosen("ankang/critical_illness_2016.policy", "lowest"), new])
    rows: list[dict[str, FactInput]] = [
        {"borne": 50_000 * FEN, "discharged": day} for day in (date(2018, 12, 31), date(2019, 1, 1))
    ]
    assert paid(both, "critical_illness", *rows) == [25_000 * FEN, 24_000 * FEN]


# Dengfeng -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "borne"),
    [("50%", Fraction(402_500)), ("60%", Fraction(1_007_500, 3)), ("80%", Fraction(252_500)), ("100%", 202_500)],
)
def test_only_a_ratio_says_where_dengfeng_reaches_its_maximum(ratio: str, borne: Fraction) -> None:
    model = chosen("dengfeng/supplementary_2018.policy", ratio)
    first = -(-borne * FEN // 1)  # the first whole fen from which the exact payment is the maximum

    def supplementary(left: int) -> int:
        row: dict[str, FactInput] = {"cost": left, "after_basic": left, "after_critical": left}
        return paid(model, "supplementary", {**row, "member_of": "this_scheme"})[0]

    assert supplementary(int(first)) == 200_000 * FEN
    assert supplementary(int(first) - 2) < 200_000 * FEN


def test_dengfeng_pays_once_the_years_stays_together_exceed_the_line() -> None:
    stay: dict[str, FactInput] = {"cost": 2_000 * FEN, "after_basic": 2_000 * FEN, "after_critical": 2_000 * FEN}
    rows = [{**stay, "member_of": "this_scheme"}] * 3
    assert paid(chosen("dengfeng/supplementary_2018.policy", "60%"), "supplementary", *rows) == [0, 900_00, 1_200_00]


# The national guideline -----------------------------------------------------------------------------


def test_the_sum_of_the_press() -> None:
    row: dict[str, FactInput] = {"cost": 100_000 * FEN, "listed": 80_000 * FEN, "income": 20_000 * FEN}
    (amounts,) = settled(policy_model("national/press_example_2012.policy"), row)
    wanted = {"basic": 56_000, "critical_illness.base": 44_000, "critical_illness": 22_000, "paid": 78_000}
    assert {name: amounts[name] // FEN for name in wanted} == wanted
    assert amounts["own_share"] == 22_000 * FEN


def test_a_line_that_is_subtracted_would_pay_half() -> None:
    """What the local plans do with the same line: 11,095 instead of 22,000 for an income of 21,810."""
    text = policy_text("national/press_example_2012.policy").replace("threshold from income", "deductible income")
    row: dict[str, FactInput] = {"cost": 100_000 * FEN, "listed": 80_000 * FEN, "income": 21_810 * FEN}
    assert paid(policy_model("national/press_example_2012.policy", text), "critical_illness", row) == [11_095 * FEN]


# Ningxia --------------------------------------------------------------------------------------------

NINGXIA = {
    20_000: (7_000, 7_140),
    50_000: (22_600, 23_040),
    100_000: (49_600, 50_540),
    200_000: (106_600, 109_540),
    300_000: (166_600, 171_540),
    400_000: (229_600, 236_540),
    500_000: (295_600, 304_540),
    1_000_000: (645_600, 669_540),
}


@pytest.mark.parametrize("borne", NINGXIA)
def test_a_year_of_ningxia(borne: int) -> None:
    model = policy_model("ningxia/critical_illness_2013.policy")
    due = [paid(model, "critical_illness", {"borne": borne * FEN, "illness": word}) for word in ("general", "listed")]
    assert due == [[amount * FEN] for amount in NINGXIA[borne]]


@pytest.mark.parametrize(
    ("borne", "due"), [("20000", "7000"), ("20001", "7280.52"), ("500000", "326040"), ("500001", "345800.70")]
)
def test_read_on_the_whole_amount_the_table_of_ningxia_would_jump(borne: str, due: str) -> None:
    text = policy_text("ningxia/critical_illness_2013.policy").replace("in slices of the amount", "on the whole amount")
    model = policy_model("ningxia/critical_illness_2013.policy", text)
    row: dict[str, FactInput] = {"borne": int(Fraction(borne) * FEN), "illness": "general"}
    assert paid(model, "critical_illness", row) == [Fraction(due) * FEN]


@pytest.mark.parametrize(("illness", "half"), [("general", Fraction(740_000, 7)), ("listed", Fraction(89_200))])
def test_ningxia_pays_half_of_all_that_is_left_only_from_a_certain_amount_on(illness: str, half: Fraction) -> None:
    """No ratio is under 50%, yet the deductible keeps the whole below half: up to 105,714.29 (listed: 89,200)."""
    model = policy_model("ningxia/critical_illness_2013.policy")
    enough = -int(-half * FEN // 1)

    def share(borne: int) -> Fraction:
        return Fraction(paid(model, "critical_illness", {"borne": borne, "illness": illness})[0], borne)

    assert share(enough - 100) < Fraction(1, 2) <= share(enough)
    assert share(20_000 * FEN) == (Fraction(35, 100) if illness == "general" else Fraction(357, 1_000))


@pytest.mark.parametrize(
    ("overspent", "insurer", "agency"), [(5, "2.5", "2.5"), (10, "6", "4"), (11, "7", "4"), (50, "46", "4")]
)
def test_ningxia_shares_an_overspend_in_percent_of_the_fund(overspent: int, insurer: str, agency: str) -> None:
    model = policy_model("ningxia/overspend_sharing.policy")
    percent = 10_000 * FEN
    (amounts,) = settled(model, {"fund": 100 * percent, "overspend": overspent * percent})
    assert [amounts["insurer"], amounts["agency"]] == [Fraction(insurer) * percent, Fraction(agency) * percent]


def test_ningxia_moves_the_whole_fund_and_no_more() -> None:
    model = policy_model("ningxia/fund_transfer.policy")
    for fund in (0, 1, 3, 10_001, 250_000_000):
        (amounts,) = settled(model, {"fund": fund})
        assert amounts["in_quarters"] + amounts["assurance"] == fund
        assert fund * Fraction(85, 100) - 4 < amounts["in_quarters"] <= fund * Fraction(85, 100)


# Shaanxi --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("residence", "city", "due"), [("town", "xian", 0), ("village", "xian", 15_000)])
def test_shaanxi_judges_by_the_income_of_the_place_of_residence(residence: str, city: str, due: int) -> None:
    row: dict[str, FactInput] = {
        "cost": 15_000 * FEN,
        "basic_paid": 0,
        "residence": residence,
        "city": city,
    }
    assert paid(chosen("shaanxi/pilot_2013.policy", "highest"), "critical_illness", row) == [due * FEN]


SHAANXI = ("shaanxi/pilot_2013.policy", "shaanxi/province_2014.policy", "shaanxi/province_2016.policy")


@pytest.mark.parametrize(
    ("day", "city", "due"),
    [
        (date(2013, 12, 31), "other", [0, 0]),  # not in the pilot
        (date(2013, 12, 31), "xian", [3_500, 10_500]),  # over 6,000 in a village, over 20,000 in a town
        (date(2014, 1, 1), "other", [3_500, 0]),  # everywhere; over 6,500 and over 22,000
        (date(2015, 1, 1), "other", [0, 0]),  # over 7,200 and over 24,000
        (date(2016, 1, 1), "xian", [0, 0]),
    ],
)
def test_the_line_of_shaanxi_moves_with_the_year_and_the_place_of_residence(
    day: date, city: str, due: list[int]
) -> None:
    """7,000 of a villager and 21,000 of a townsman, at the least ratio, 50%."""
    assert version_mistakes([policy_model(file) for file in SHAANXI]) == ()
    shaanxi = merged([chosen(file, "lowest") for file in SHAANXI])
    rows: list[dict[str, FactInput]] = [
        {"person": who, "settled": day, "cost": cost * FEN, "basic_paid": 0, "residence": who, "city": city}
        for who, cost in (("village", 7_000), ("town", 21_000))
    ]
    assert paid(shaanxi, "critical_illness", *rows) == [amount * FEN for amount in due]
