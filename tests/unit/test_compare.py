"""What two policies pay differently for a first claim, with tables worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from compiler.compare.cell import NO_VALUE
from compiler.compare.compare import compare
from compiler.compare.result import ALL_BENEFITS, Found, Verdict
from compiler.evaluate import Claim, Settled, settle
from compiler.model import OWN_SHARE
from tests.command import JIANGNING, NINGXIA, ROOT, SMALL
from tests.compared import PLAN, TOP, of, only, plan, read, table


def test_a_policy_equals_itself() -> None:
    found = compare(plan(), plan())
    assert found.verdict is Verdict.EQUAL
    assert not found.differs and not found.open


def test_a_higher_deductible_and_a_higher_cap() -> None:
    found = compare(plan(), plan(deductible="800", cap="1,500"))
    care, own = only(found).subjects
    # The new one pays from 800 on, 200 less than the old one until that stops at 1,600; both pay 1,000 at 1,800.
    assert table(care) == [(600_01, 1_799_99, "less", 200_00, 800_00), (1_800_01, TOP, "more", 500_00, 2_300_00)]
    assert care.loss is not None and (care.loss.old, care.loss.new) == (200_00, 0)
    assert care.gain is not None and (care.gain.old, care.gain.new) == (1_000_00, 1_500_00)
    assert table(own) == table(care)
    assert own.loss is not None and (own.loss.old, own.loss.new) == (600_00, 800_00)
    assert found.verdict is Verdict.MIXED


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"deductible": "500"}, Verdict.NEVER_LESS),
        ({"deductible": "700"}, Verdict.NEVER_MORE),
        ({"cap": "1,000.01"}, Verdict.NEVER_LESS),
        ({"cap": "999.99"}, Verdict.NEVER_MORE),
        ({"days": "2025-01-01 to 2025-12-31"}, Verdict.EQUAL),
    ],
)
def test_one_change_goes_one_way(change: dict[str, str], verdict: Verdict) -> None:
    assert compare(plan(), plan(**change)).verdict is verdict


def test_rounding_hides_the_first_fen_of_a_higher_ratio() -> None:
    # Above 600, half of 5 fen is 2.5 and rounds to 3, as 60% of it is: only the sixth fen pays one more.
    (row, *others) = table(only(compare(plan(ratio="50%"), plan(ratio="60%"))).subjects[0])
    assert row == (600_06, 2_599_98, "more or same", 166_67, 2_266_66)
    assert not others


def test_a_year_goes_on_where_one_claim_ends() -> None:
    old, new = plan(bounds=" up to 500"), plan(deductible="700", bounds=" up to 500")
    found = compare(old, new)
    assert found.together
    assert found.verdict is Verdict.NEVER_MORE


def test_no_claims_come_to_some_totals() -> None:
    """Of claims from 400 to 500 one comes to 500 at most and two to 800 at least: 600 to 700 is no total."""
    old, new = plan(bounds=" from 400 up to 500"), plan(deductible="700", bounds=" from 400 up to 500")
    found = compare(old, new)
    assert not found.together
    assert found.of_first.verdict is Verdict.EQUAL
    assert found.less is not None and found.less.period is not None
    assert all(400_00 <= cost <= 500_00 for claim in found.less.period.claims if isinstance(cost := claim["cost"], int))


def test_what_a_part_is_at_least_its_whole_is_too() -> None:
    # No claims come to more than 100 and less than 120, where alone the two would differ.
    fact = "  cost    money up to 100\n  part    money from 60 at most cost\n"
    text = (
        PLAN.replace("  cost    money{bounds}\n", fact)
        .replace("{days}", "from 2024-01-01")
        .replace("pay {ratio}", "pay 100%")
    )
    text = text.replace("{cap}", "10")
    old, new = (read(text.replace("{deductible}", line)) for line in ("105", "104"))
    found = compare(old, new)
    assert not found.together and found.of_first.verdict is Verdict.EQUAL


@pytest.mark.parametrize(("line", "lower", "single"), [("5", "4", True), ("15", "14", False)])
def test_the_whole_of_a_part_is_as_large_as_the_part(line: str, lower: str, single: bool) -> None:
    """One stay is paid more from 4 on, two from 14 on: what they are together is no claim of up to 10."""
    text = PLAN.replace("  cost    money{bounds}\n", "  cost    money up to 10\n  part    money at most cost\n")
    text = text.replace("of cost", "of part").replace("{days}", "from 2024-01-01").replace("{ratio}", "100%")
    old, new = (read(text.replace("{deductible}", one).replace("{cap}", "100")) for one in (line, lower))
    gain = only(compare(old, new)).subjects[0].gain
    assert gain is not None and gain.single is single
    assert gain.claim["cost"] == gain.claim["part"] == int(line) * 100
    assert isinstance(settle(new, gain.claim, {})[0], Settled) is single


def test_one_ratio_of_a_table_lowered() -> None:
    found = compare(of(NINGXIA), of(NINGXIA, ("54% ", "53% ")))
    general, listed = found.parts
    assert [part.cells for part in found.parts] == [({"illness": "general"},), ({"illness": "listed"},)]
    (row,) = table(general.subjects[0])
    # 1% of the 50,000 of the band is 500; of 0.14 of it the first fen that rounding shows.
    assert row == (50_000_14, TOP, "less or same", 500_00, 99_999_14)
    assert (general.verdict, listed.verdict) == (Verdict.NEVER_MORE, Verdict.EQUAL)


def test_cells_that_compare_alike_stand_together() -> None:
    alike = SMALL.replace("60%", "50%").replace("80%", "70%")
    found = compare(read(alike), read(alike.replace("70%", "75%")))
    assert only(found).cells == ({"illness": "general"}, {"illness": "listed"})


def test_a_ratio_that_is_not_known_is_taken_at_both_ends() -> None:
    folder = ROOT / "policies" / "ankang"
    found = compare(of(folder / "critical_illness_2016.policy"), of(folder / "critical_illness_2019.policy"))
    most, least = found.parts
    assert (most.ratio, least.ratio) == (
        "the unknown ratio of the old policy is the most it can be",
        "the unknown ratio of the old policy is the least it can be",
    )
    # 60% from 10,000 on in place of 50%, 60% and 70%: 1,000 ahead at 20,000, level at 40,000, then behind.
    expected = (10_000_06, 39_999_96, "more or same", 1_000_00, 19_999_96)
    assert table(most.subjects[0])[0] == table(least.subjects[0])[0] == expected
    assert most.subjects[0].loss != least.subjects[0].loss
    assert found.verdict is Verdict.MIXED and not found.open


def test_the_same_unknown_ratio_in_both_makes_no_difference() -> None:
    path = ROOT / "policies" / "ankang" / "critical_illness_2016.policy"
    assert compare(of(path), of(path)).verdict is Verdict.EQUAL


@pytest.mark.parametrize(("ratio", "verdict"), [("45%", Verdict.NEVER_MORE), ("55%", Verdict.NEVER_LESS)])
def test_a_ratio_that_both_leave_unknown_is_one_ratio(ratio: str, verdict: Verdict) -> None:
    path = ROOT / "policies" / "ankang" / "critical_illness_2016.policy"
    found = compare(of(path), of(path, ("20,000    50%", f"20,000    {ratio}")))
    assert [part.ratio for part in found.parts] == [
        "the ratio that both policies leave unknown is the most it can be",
        "the ratio that both policies leave unknown is the least it can be",
    ]
    assert found.verdict is verdict


def test_between_the_ends_of_an_unknown_ratio_a_change_of_bands_is_open() -> None:
    path = ROOT / "policies" / "ankang" / "critical_illness_2016.policy"
    changes = ("over  10,000 to  20,000", "over  10,000 to  25,000"), ("over  20,000 to", "over  25,000 to")
    found = compare(of(path), of(path, *changes))
    assert found.worse_off is Found.SOMEBODY and found.better_off is not Found.SOMEBODY
    assert found.verdict is Verdict.UNKNOWN


TWO_UNKNOWN = """\
policy two_unknown
  currency CNY
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money

benefit first
  of cost
  pay {ratio}

amount counted = {counted}
amount rest    = cost - counted

benefit second
  of counted
  pay unknown between 0% and 20%

benefit third
  of rest
  pay unknown between 0% and 20%
  cap 100 per person per calendar year

stack of cost
  first, then second, then third
"""


def test_which_unknown_ratio_is_taken_may_follow_from_a_known_one() -> None:
    # Of a cost of 180 the second layer is paid now and not the third: 20% is lost if the one is 0% and the other 20%.
    text = TWO_UNKNOWN.replace("{counted}", "if first over 100 then cost else 0")
    found = compare(read(text.format(ratio="50%")), read(text.format(ratio="60%")))
    assert found.of_first.verdict is Verdict.UNKNOWN
    assert all(one.open for part in found.parts for one in part.whole)


def test_benefits_that_look_at_nothing_that_changed_differ_one_way() -> None:
    text = TWO_UNKNOWN.replace("{counted}", "min(cost, 100)")
    found = compare(read(text.format(ratio="50%")), read(text.format(ratio="60%")))
    assert found.of_first.verdict is Verdict.NEVER_LESS
    # What a cap of the year counts has changed, and what is paid with it.
    text = TWO_UNKNOWN.replace("{counted}", "cost - cost").replace(
        "pay {ratio}", "pay {ratio}\n  cap 100 per person per lifetime"
    )
    found = compare(read(text.format(ratio="50%")), read(text.format(ratio="40%")))
    assert found.of_first.verdict is Verdict.NEVER_MORE


ROUNDED_AWAY = """\
policy rounded_away
  currency CNY
  round half up to 1

claim
  person  identifier
  day     date
  cost    money from {least} up to 1

benefit first
  of cost
  pay in slices of the amount
    from 0 to 0.50   {ratio}
    over 0.50        unknown between 0% and 100%
"""


@pytest.mark.parametrize(("least", "verdict"), [("1", Verdict.UNKNOWN), ("0.90", Verdict.NEVER_LESS)])
def test_what_neither_end_of_an_unknown_ratio_shows_may_show_between(least: str, verdict: Verdict) -> None:
    # At 0% and 100% a cost of 1 is paid 0 and 1 in both; at 85% it is 0.475 or 0.525. One of 0.90 differs at 100%.
    old, new = (read(ROUNDED_AWAY.format(least=least, ratio=ratio)) for ratio in ("10%", "20%"))
    assert compare(old, new).verdict is verdict


def test_several_facts_are_asked_of_the_solver() -> None:
    found = compare(of(JIANGNING), of(JIANGNING, ("60%", "55%")))
    basic, critical, together, own = only(found).subjects
    assert [one.name for one in only(found).subjects] == ["basic", "critical_illness", ALL_BENEFITS, OWN_SHARE]
    assert basic.verdict is Verdict.EQUAL
    # 5% of the 30,000 of the band.
    for one in (critical, together, own):
        assert one.ranges is None and one.gain is None
        assert one.loss is not None and one.loss.by == 1_500_00
        # Along the cost, the rest as in that claim: from the first of the band on until nobody gains by the ratio.
        (along,) = one.along
        (stretch,) = along.ranges
        assert (along.fact, along.given) == ("cost", (("basic_due", 0),))
        assert stretch.first <= one.loss.claim["cost"] <= stretch.last  # type: ignore[operator]
        assert stretch.loss == one.loss
    # What is left to the critical illness insurance is the same under both, and its f of the year is nowhere higher.
    assert found.verdict is Verdict.NEVER_MORE
    # By itself a later claim can be paid more: the cap is reached 1,500 later.
    assert found.more is not None and (found.more.slack, found.more.each) == (0, 1_500_00)


def test_what_basic_insurance_pays_more_the_next_layer_takes_no_more_of() -> None:
    """What is left falls by as much, and critical illness insurance pays at most that less: the year as one claim."""
    found = compare(of(JIANGNING), of(JIANGNING, ("cap 250,000", "cap 300,000")))
    assert found.verdict is Verdict.NEVER_LESS
    assert found.less is not None and found.less.slack == 0
    assert any(one.loss is not None for one in only(found).subjects)


TWO_FACTS = """\
policy two
  currency JPY
  round half up to 1
claim
  person  identifier
  day     date
  cost    money up to 60
  basic   money at most cost
benefit care
  of cost - basic
  deductible {line}
  pay {ratio}
  cap 15
"""


@pytest.mark.parametrize(("line", "ratio"), [(9, "50%"), (12, "45%"), (8, "80%"), (5, "40%")])
def test_the_ranges_through_a_claim_are_those_of_every_claim_beside_it(line: int, ratio: str) -> None:
    """With the basic payment of the claim that differs most, every cost is settled under both."""
    old, new = (read(TWO_FACTS.format(line=a, ratio=b)) for a, b in ((10, "50%"), (line, ratio)))
    care = only(compare(old, new)).subjects[0]
    assert care.ranges is None and care.along
    for along in care.along:
        assert along.fact == "cost"
        ((_, basic),) = along.given
        for cost in range(basic, 61):
            paid = []
            for model in (old, new):
                claim: Claim = {"claim": "1", "person": "A", "day": date(2024, 1, 1), "cost": cost, "basic": basic}
                outcome, _ = settle(model, claim, {})
                assert isinstance(outcome, Settled)
                paid.append(outcome.amounts["care"])
            inside = [one for one in along.ranges if one.first <= cost <= one.last]
            gain = paid[1] - paid[0]
            assert bool(gain) <= bool(inside), (cost, gain)
            assert not inside or (inside[0].gain.by if inside[0].gain else 0) >= gain
            assert not inside or -(inside[0].loss.by if inside[0].loss else 0) <= gain
            assert gain or not inside or not inside[0].every


STACK = """\
policy layers
  currency CNY
  round half up to 0.01

claim
  person identifier
  day    date
  cost   money

benefit first
  of cost
  deductible 100
  pay {first}

benefit second
  of left
  deductible {line}
  pay 100%

stack of cost
  first, then second
"""


def test_what_one_layer_pays_more_the_next_one_pays_less() -> None:
    old, new = read(STACK.format(first="50%", line="100")), read(STACK.format(first="60%", line="100"))
    first, second, together, own = only(compare(old, new)).subjects
    assert (first.verdict, second.verdict) == (Verdict.NEVER_LESS, Verdict.NEVER_MORE)
    # The person bears 100 in any case.
    assert together.verdict is own.verdict is Verdict.EQUAL
    assert compare(old, new).verdict is Verdict.EQUAL
    assert compare(old, new).differs


SIMPLE = """\
policy simple
  currency CNY
  round down to 1

claim
  person identifier
  day    date
  cost   money up to 2,000

amount covered = min(cost, 1,000)

benefit care
  of {of}
  pay 50%
"""


def test_the_own_share_is_what_is_left_of_the_cost_that_is_shared() -> None:
    # What is not covered is no cost of the new policy any more: less is paid of it, and less is left of it.
    care, own = only(compare(read(SIMPLE.format(of="cost")), read(SIMPLE.format(of="covered")))).subjects
    assert table(care) == [(1_002_00, 2_000_00, "less", 500_00, 2_000_00)]
    assert table(own) == [(1_000_01, 2_000_00, "more", 500_99, 1_999_99)]
    assert own.gain is not None and (own.gain.old, own.gain.new) == (1_000_99, 500_00)


def test_an_amount_without_a_value_leaves_the_answer_open() -> None:
    gap = SMALL.replace("over 1,000  ", "from 1,000.02")
    found = compare(read(SMALL), read(gap))
    assert found.verdict is Verdict.UNKNOWN
    assert {one.open for part in found.parts for one in part.subjects} == {NO_VALUE}


def test_the_solver_is_loaded_only_where_it_is_asked() -> None:
    code = "import sys; import compiler.compare.differences; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "compiler.compare.later" in loaded.split() and "z3" not in loaded.split()
