"""On the whole amount, added up, a claim is paid f(S) - f(P): the total before it needs a band as well.

Where claims differ in what they need, P may lie where no claim like the last one comes to.
"""

from __future__ import annotations

import pytest

from compiler.evaluate import Undefined, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import FactInput
from compiler.schedule import Lack
from compiler.verify import verify
from compiler.versions import matched
from tests.policies import amount_of, claims, model_of

HEAD = """
policy p
  currency EUR
  round half up to 0.01
claim
  person identifier
  day date
  cost money up to 100,000
  fund money at most cost
  hospital township | county
"""
ADDED_UP = ", added up per person per calendar year by day"
FROM_THE_FUND = """\
benefit x
  of cost{}
  pay on the whole amount
    from fund  50%
"""
OPENED_LATER = """\
amount counted = if hospital is township then min(cost, {}) else max(cost, 1,000)
benefit x
  of counted, added up per person per calendar year by day
  deductible by hospital
    township   {}
    county       0
  pay on the whole amount
    over 60        20%
"""
LOOKED_AT_LESS = """\
amount counted = if hospital is township then min(cost, 10) else max(cost, 10)
amount most = if hospital is township then min(fund, 0.40) else max(fund, 5)
benefit x
  of counted, added up per person per calendar year by day
  cap base {}
  pay on the whole amount
    over 0 to 0.40   20%
    from 4           30%
"""
ABOVE_ANOTHER = """\
amount counted = if hospital is township then max(cost, 1,000) else max(cost, 5,000)
benefit x
  of counted, added up per person per calendar year by day
  deductible by hospital
    township   0
    county    {}
  pay on the whole amount above the deductible
    from 1,000  30%
"""
TWICE = """\
benefit x
  of cost{}
  pay on the whole amount
    over 0 to fund          50%
    over 0 to 1/2 of fund   40%
    over fund               60%
"""


def answers(text: str, *codes: str) -> list[Finding]:
    return [one for one in verify(model_of(HEAD + text)) if one.property.code in codes]


def test_a_claim_with_a_later_first_band_has_none_for_the_total_before_it() -> None:
    """The second claim of 10 begins to be paid at 10, and 1 was brought there before, when it began at 1."""
    text = FROM_THE_FUND.format(ADDED_UP)
    _, second = settle_all(
        model_of(HEAD + text), claims([{"cost": n, "fund": n, "hospital": "county"} for n in (1, 9)])
    )
    assert isinstance(second, Undefined) and second.lack is Lack.NO_BAND and second.at == 1
    (said,) = answers(text, "TP101")
    assert isinstance(said, Refuted) and len(said.witness.claims) == 2
    # Settled by itself, every claim has its cost in the band.
    (said,) = answers(FROM_THE_FUND.format(""), "TP101")
    assert isinstance(said, Proved)


def test_a_claim_that_is_paid_from_0_has_no_band_for_what_was_below_a_deductible_before() -> None:
    (said,) = answers(OPENED_LATER.format(60, 100), "TP104")
    assert isinstance(said, Refuted)
    assert [dict(claim)["hospital"] for claim in said.witness.claims] == ["township", "county"]
    # Township claims that come to what the bands hold leave the county ones nothing to miss.
    assert not any(isinstance(one, Refuted) for one in answers(OPENED_LATER.format(0, 100), "TP101", "TP104"))


@pytest.mark.parametrize("most", ["by hospital\n    township  0.40\n    county    5", "most"])
def test_a_claim_of_which_more_is_looked_at_has_no_band_for_what_was_looked_at_less_before(most: str) -> None:
    """Of 0.60 a township claim has 0.40 looked at, in the first band; the county claim after it all, in none."""
    text = HEAD + LOOKED_AT_LESS.format(most)
    bills: list[dict[str, FactInput]] = [
        {"cost": 60, "fund": 40, "hospital": "township"},
        {"cost": 1_000, "fund": 500, "hospital": "county"},
    ]
    _, second = settle_all(model_of(text), claims(bills))
    assert isinstance(second, Undefined) and second.lack is Lack.NO_BAND and second.at == 60
    (said,) = answers(LOOKED_AT_LESS.format(most), "TP101")
    assert isinstance(said, Refuted)


def test_above_another_deductible_the_total_before_a_claim_is_seen_as_less_than_any_after_one() -> None:
    """Every total is 1,000 or more, where the bands begin; above its deductible a county claim sees 970 before it."""
    rows = claims([{"cost": n, "fund": 0, "hospital": word} for n, word in ((0, "township"), (0, "county"))])
    _, second = settle_all(model_of(HEAD + ABOVE_ANOTHER.format(30)), rows)
    assert isinstance(second, Undefined) and second.lack is Lack.NO_BAND and second.at == 97_000
    (said,) = answers(ABOVE_ANOTHER.format(30), "TP104")
    assert isinstance(said, Refuted) and len(said.witness.claims) == 2
    (said,) = answers(ABOVE_ANOTHER.format(0), "TP104")
    assert isinstance(said, Proved)


def test_two_bands_for_the_total_before_a_claim_are_found() -> None:
    """What the cost itself is never below half of, the total before it may be: 1, of a fund of 2."""
    (said,) = answers(TWICE.format(ADDED_UP), "TP102")
    assert isinstance(said, Refuted) and len(said.witness.claims) == 2
    (said,) = answers(TWICE.format(""), "TP102")
    assert isinstance(said, Proved)


LOW_BELOW_THE_COST = """
policy p
  currency EUR
  round half up to 0.01
claim
  person identifier
  day date
  cost money from 100 up to 100,000
benefit x
  of cost{}
  pay on the whole amount
    over 0 to under 10% of cost      80%
    from 10% of cost to under cost   20%
    from cost                        90%
require
  x ratio at least 50%
  x ratio never falls
"""


def test_a_low_ratio_is_shown_where_only_the_total_before_a_claim_comes_to_it() -> None:
    """No claim comes to less than its own cost; after one of 100, what is paid of 200 has 20% of 100 taken off."""
    text = LOW_BELOW_THE_COST.format(ADDED_UP)
    first, second = settle_all(model_of(text), claims([{"cost": 10_000}, {"cost": 20_000}]))
    assert [amount_of(one, "x") for one in (first, second)] == [9_000, 90 * 300 - 20 * 100]
    found = [one for one in verify(model_of(text)) if one.property.code in ("TP201", "TP302")]
    assert len(found) == 3 and all(isinstance(one, Refuted) and len(one.witness.claims) == 2 for one in found)
    # Settled by itself, no claim has anything to do with it, and TP103 says so.
    alone = verify(model_of(LOW_BELOW_THE_COST.format("")))
    assert all(isinstance(one, Proved) for one in alone if one.property.code in ("TP201", "TP302"))
    assert any(isinstance(one, Refuted) for one in alone if one.property.code == "TP103")


BY_ADMISSION = """
policy p
  currency EUR
  round half up to 0.01
claim
  person   identifier
  admitted date
  day      date
  cost     money up to 100,000
parameter least, by {decides}
  from 2023-01-01      0
  from 2024-01-01  1,000
parameter line, by {decides}
  from 2023-01-01      0
  from 2024-01-01     60
amount counted = max(cost, least)
benefit x
  of counted, added up per person per calendar year by day
  pay on the whole amount
    over line      20%
"""


def gaps(text: str) -> list[Finding]:
    return [one for one in verify(model_of(text)) if one.property.code == "TP101"]


def test_a_row_of_another_date_brings_the_total_to_where_a_later_row_has_no_band() -> None:
    by_admission = gaps(BY_ADMISSION.format(decides="admitted"))
    (said,) = (one for one in by_admission if isinstance(one, Refuted))
    assert len(said.witness.claims) == 2
    # By the day that decides the year, all claims of a total have the same row: 1,000 or more, from 2024 on.
    assert all(isinstance(one, Proved) for one in gaps(BY_ADMISSION.format(decides="day")))


def test_an_earlier_version_brings_the_total_to_where_the_later_one_has_no_band() -> None:
    text = """
policy p
  currency EUR
  in force {}, by day
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 100,000
amount counted = max(cost, {})
benefit x
  of counted, added up per person per calendar year
  pay on the whole amount
    over {}  20%
"""
    earlier = text.format("2024-01-01 to 2024-06-30", 0, 0)
    for begins, answer in (("2024-07-01", Unknown), ("2025-01-01", Proved)):
        later = text.format(f"{begins} to 2025-12-31", "1,000", 60)
        _, model = matched([model_of(earlier), model_of(later)])
        (said,) = (one for one in verify(model) if one.property.code == "TP101")
        assert isinstance(said, answer)
