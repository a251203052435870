"""What two policies pay differently over a period, and which words a change is said of."""

from __future__ import annotations

import pytest

from compiler.compare.compare import compare
from compiler.compare.result import Found, Verdict
from compiler.evaluate import Settled, settle_all
from compiler.model import Model
from tests.command import ROOT, SMALL
from tests.compared import TOP, of, read, table


def test_another_period_is_not_taken_for_equal() -> None:
    found = compare(read(SMALL), read(SMALL.replace("per calendar year", "per lifetime")))
    assert found.verdict is Verdict.UNKNOWN
    (reason,) = {one.open for part in found.parts for one in part.subjects}
    assert reason == (
        "later claims: what was counted per person per calendar year by discharged is now "
        "per person per lifetime by discharged"
    )


URUMQI = ROOT / "policies" / "urumqi" / "supplementary_2010.policy"


def test_a_higher_ratio_reaches_the_cap_of_the_year_sooner() -> None:
    found = compare(of(URUMQI), of(URUMQI, ("township 60%", "township 65%")))
    assert found.verdict is Verdict.NEVER_LESS
    # Each stay bears its deductible, so that what the cap counts is not the same: of one later claim nothing is said.
    assert found.less is not None and (found.less.slack, found.less.each) == (0, None)


@pytest.mark.parametrize("turned", [False, True])
def test_a_cap_of_the_year_that_only_one_policy_has(turned: bool) -> None:
    rest = URUMQI.read_text("utf-8").split("allow ", 1)[0]
    capped, free = read(rest), read(rest.replace("  cap 10,000 per person per calendar year\n", ""))
    assert capped.running_totals and not free.running_totals
    if turned:
        assert compare(capped, free).verdict is Verdict.NEVER_LESS
    else:
        assert compare(free, capped).verdict is Verdict.NEVER_MORE


MONTHS = """\
policy months
  currency CNY
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money
benefit a
  of cost, added up per person per month
  pay {ratio}
  cap 10
benefit b
  of cost, added up per person per calendar year
  deductible {line}
  pay 100%
  cap {cap}
stack of cost
  a, then b
"""


def test_a_month_is_not_the_year_that_it_lies_in() -> None:
    """Up to 10 a month and then 10 a year, or 20 a year: one claim is paid the same, two in two months are not."""
    old = read(MONTHS.format(ratio="100%", line="10", cap="10"))
    new = read(MONTHS.format(ratio="0%", line="0", cap="20"))
    found = compare(old, new)
    assert found.of_first.verdict is Verdict.EQUAL and not found.together
    assert found.worse_off is Found.SOMEBODY
    assert found.less is not None and found.less.period is not None
    assert len({str(claim["day"])[:7] for claim in found.less.period.claims}) > 1


FAMILY = ROOT / "examples" / "health_plan.policy"


def test_a_lower_deductible_can_cost_a_family_more() -> None:
    """Two members bear 100 less of the family's deductible, so that 200 of it are left for the third one."""
    found = compare(of(FAMILY), of(FAMILY, ("deductible 1,500 per", "deductible 1,400 per")))
    assert found.of_first.verdict is Verdict.NEVER_LESS and found.verdict is Verdict.MIXED
    assert found.less is not None and found.less.period is not None
    shown = found.less.period
    assert (
        len({claim["member"] for claim in shown.claims}) == 3 and len({claim["family"] for claim in shown.claims}) == 1
    )
    assert sum(shown.new) < sum(shown.old)


def test_members_of_a_family_gain_only_together() -> None:
    """A family's maximum is more than any one of them can reach."""
    found = compare(of(FAMILY), of(FAMILY, ("deductible 10,000", "deductible 9,500")))
    assert found.of_first.verdict is Verdict.EQUAL and found.verdict is Verdict.NEVER_LESS
    assert found.more is not None and found.more.period is not None
    assert sum(found.more.period.new) - sum(found.more.period.old) == 500_00


BY_WORDS = """\
policy by_words
  currency  CNY
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money
  kind    a | b | c

benefit care
  of cost, added up per person per calendar year by day
  pay in slices of the amount, by kind
                         a         b      c
    over 0 to 1,000     50%     {b_low}  40%
    over 1,000         60%     {b_high}  {c_high}
"""


def by_words(b_low: str = "50%", b_high: str = "60%", c_high: str = "70%") -> Model:
    return read(BY_WORDS.format(b_low=b_low, b_high=b_high, c_high=c_high))


def test_a_change_of_one_cell_is_said_of_that_cell_alone() -> None:
    found = compare(by_words(), by_words(b_high="65%"))
    assert found.verdict is Verdict.NEVER_LESS
    equal, more = found.parts
    assert [cell["kind"] for cell in equal.cells] == ["a", "c"]
    assert [cell["kind"] for cell in more.cells] == ["b"]
    # Of four fen above 1,000 the one pays 2.4 and the other 2.6; of all that lies above it 5% more.
    assert table(more.subjects[0])[0][:3] == (1_000_04, TOP, "more or same")
    assert found.less is not None and (found.less.slack, found.less.each) == (1, 1)
    assert found.more is not None and found.more.each == (TOP - 1_000_00) // 20


def test_a_cell_that_is_as_it_was_need_not_be_looked_at() -> None:
    # Its ratio repeats itself only after a million fen, which is too far to be tried.
    words = {"c_high": "42.3457%"}
    found = compare(by_words(**words), by_words(b_low="51%", **words))
    assert found.verdict is Verdict.NEVER_LESS and not found.open
    assert found.less is not None and (found.less.slack, found.less.each) == (1, 1)
    assert {one.ranges is not None for part in found.parts for one in part.subjects} == {True}


def test_what_one_cell_gains_and_loses_is_shown_by_its_claims() -> None:
    found = compare(by_words(), by_words(b_low="51%", b_high="59%"))
    # Claims of the word before it come to where the total is paid less of, then b pays 1% less; more in the first band.
    assert found.worse_off is Found.SOMEBODY and found.better_off is Found.SOMEBODY and not found.open
    (part,) = (part for part in found.parts if part.subjects[0].gain is not None)
    assert [cell["kind"] for cell in part.cells] == ["b"]


TO_AND_FRO = """\
policy to_and_fro
  currency  CNY
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money{bounds}
  kind    a | b

benefit care
  of cost, added up per person per calendar year
  pay in slices of the amount, by kind
                       a      b
    over 0 to 10      50%    50%
    over 10 to 20    {up}    50%
    over 20 to 30  {down}    50%
    over 30           50%    50%
"""


@pytest.mark.parametrize(("bounds", "highest"), [("", TOP), (" up to 4", 4_00), (" up to 1", 1_00)])
def test_claims_that_are_shown_are_ones_that_both_policies_settle(bounds: str, highest: int) -> None:
    """Of a alone a year never comes to less; after 20 of b, 10 of a do. That takes more claims the less each may be."""
    old, new = (
        read(TO_AND_FRO.format(bounds=bounds, up=up, down=down)) for up, down in (("50%", "50%"), ("60%", "40%"))
    )
    found = compare(old, new)
    assert found.together and found.of_first.verdict is Verdict.NEVER_LESS and found.verdict is Verdict.MIXED
    assert found.less is not None and found.less.period is not None
    shown = found.less.period
    assert all(isinstance(cost := claim["cost"], int) and cost <= highest for claim in shown.claims)
    assert all(isinstance(one, Settled) for policy in (old, new) for one in settle_all(policy, shown.claims))
    # The most that is paid more is so for a year of 20, which is one claim only where claims may be as large.
    gains = [one.gain for part in found.parts for one in part.subjects if one.gain is not None]
    assert {one.single for one in gains} == {highest == TOP}


def test_only_claims_that_both_policies_take_as_they_are_show_anything() -> None:
    """From the second month on nothing is paid; by the rules of the first one, a year of claims would be paid less."""
    months = MONTHS.replace("  round", "  in force 2024-01-01 to 2024-01-31, by day\n  round").replace(
        "benefit a\n", "parameter top, by day\n  from 2024-01-01  10\n  from 2024-02-01  0\nbenefit a\n"
    )
    months = months.replace("  cap 10\n", "  cap top\n")
    old = read(months.format(ratio="100%", line="10", cap="10"))
    new = read(months.format(ratio="0%", line="0", cap="20"))
    found = compare(old, new)
    assert found.less is not None and found.less.period is None
    assert found.worse_off is Found.OPEN


HEAD = """\
policy small
  currency EUR
  in force from 2024-01-01, by day
  round half up to 0.01
claim
  person  identifier
  family  identifier
  day     date
  days    count up to 3
  cost    money up to 1,000,000
"""


@pytest.mark.parametrize(
    ("rules", "before", "after", "claims", "loss"),
    [
        ("of cost\n  pay 50%\n  cap 100 per claim\n  cap @ per person per calendar year", "500", "400", 5, 100_00),
        ("of cost\n  pay min(cost, 20 * days)\n  cap @ per person per calendar year", "500", "400", 7, 20_00),
        (
            "of cost, added up per person per calendar year\n  pay 50%\n  cap 1,000\n  cap @ per person per lifetime",
            "20,000",
            "15,000",
            16,
            1_000_00,
        ),
        (
            "of cost\n  pay 50%\n  @ per person per calendar year",
            "cap 100 per claim\n  cap 500",
            "cap 200 per claim\n  cap 400",
            5,
            100_00,
        ),
    ],
)
def test_a_maximum_that_is_lowered_may_take_many_claims(
    rules: str, before: str, after: str, claims: int, loss: int
) -> None:
    old, new = (read(f"{HEAD}benefit x\n  {rules.replace('@', words)}\n") for words in (before, after))
    found = compare(old, new)
    assert found.worse_off is Found.SOMEBODY
    assert found.less is not None and found.less.period is not None
    shown = found.less.period
    assert (len(shown.claims), shown.gained) == (claims, -loss)
    back = compare(new, old)
    assert back.better_off is Found.SOMEBODY and back.more is not None and back.more.period is not None
    assert back.more.period.gained == loss


SHARED = """\
benefit x
  of cost, added up per person per calendar year
  pay 50%
  cap 1,000
benefit y
  of left, added up per family per calendar year
  deductible @
  pay 50%
  cap 3,000
stack of cost
  x, then y
"""


def test_a_member_can_gain_where_the_family_does_not() -> None:
    """The first member uses up what y pays under the old policy only, so that more of it is left for the second."""
    old, new = (read(HEAD + SHARED.replace("@", line)) for line in ("10,000", "12,000"))
    found = compare(old, new)
    assert found.of_first.verdict is Verdict.NEVER_MORE and found.verdict is Verdict.MIXED
    assert found.more is not None and found.more.period is not None
    shown = found.more.period
    assert shown.of == ("person", "B") and shown.gained == shown.new[1] - shown.old[1] == 1_000_00
    assert sum(shown.new) <= sum(shown.old)


RETENTION = """\
amount copay = min(cost, {copay})
benefit x
  of cost
  pay cost - copay
benefit y
  of left, added up per {key} per calendar year
  {line}
  pay 100%
stack of cost
  x, then y
"""


def retention(copay: str = "10", line: str = "deductible 120", key: str = "person") -> Model:
    return read(HEAD + RETENTION.format(copay=copay, line=line, key=key))


@pytest.mark.parametrize("line", ["deductible 120", "deductible 110"])
def test_who_is_left_with_less_of_each_claim_is_left_with_less_of_the_year(line: str) -> None:
    """The own share of a year is the lesser of what is left of its claims and of the maximum."""
    old, new = retention(), retention("8", line)
    assert compare(old, new).verdict is Verdict.NEVER_LESS
    assert compare(new, old).verdict is Verdict.NEVER_MORE


def test_who_is_left_with_less_may_not_pass_a_threshold() -> None:
    """Twelve times 10 open the door behind which all of it is paid; twelve times 8 do not."""
    found = compare(retention(line="threshold from 120"), retention("8", "threshold from 120"))
    assert found.worse_off is Found.SOMEBODY and found.verdict is Verdict.MIXED


def test_a_lower_copay_and_a_higher_maximum_cost_those_who_reach_it() -> None:
    found = compare(retention(), retention("8", "deductible 150"))
    assert found.verdict is Verdict.MIXED
    assert found.less is not None and found.less.period is not None and len(found.less.period.claims) == 16


LEFT_BY_WORDS = """\
policy words
  currency EUR
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money
  kind    a | b
amount copay = min(cost, @)
benefit x
  of cost
  pay cost - copay
benefit y
  of left, added up per person per calendar year by day
  pay in slices of the amount, by kind
                      a     b
    over 0 to 100    0%  100%
    over 100       100%    0%
stack of cost
  x, then y
"""


def test_what_a_year_leaves_may_go_by_words() -> None:
    """A claim of b uses up 100 of which nothing is left, so that of a, 20 of which are still to be borne at 80."""
    old, new = (read(LEFT_BY_WORDS.replace("@", copay)) for copay in ("100", "80"))
    found = compare(old, new)
    assert found.verdict is Verdict.MIXED
    assert found.less is not None and found.less.period is not None
    assert found.less.period.gained == -20_00
