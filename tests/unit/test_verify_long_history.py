"""Caps that only years of claims reach, and one that nothing reaches."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice

import pytest

from benchmarks.tables import stack
from compiler.evaluate import Claim, Ledger, Outcome, Settled, ledger_key, settle, settle_all
from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from compiler.model import Capped, InForce, Model, walk
from compiler.verify import cap_cuts, long_history, verify
from compiler.verify.cap_cuts import cut_of, is_ever_reached
from compiler.verify.long_history import METHOD, pasts
from compiler.versions import matched
from tests.models import YUAN, at, money, yearly_cap
from tests.policies import model_of


def is_cut(model: Model) -> bool:
    """Whether some history reaches the one cap of a policy."""
    ((name, cap),) = (
        (amount.name, node) for amount in model.amounts for node in walk(amount.expression) if isinstance(node, Capped)
    )
    return is_ever_reached(cut_of(model, name, cap))


def with_costs_up_to(highest: int) -> Model:
    found = yearly_cap()
    return replace(found, facts=tuple(money(one.name, highest) if one.name == "cost" else one for one in found.facts))


def test_many_small_claims_reach_a_yearly_cap() -> None:
    model = with_costs_up_to(1_000 * YUAN)
    assert is_cut(model)


def test_what_pays_nothing_reaches_no_cap() -> None:
    model = with_costs_up_to(70 * YUAN)
    assert not is_cut(model)


def test_every_day_of_a_history_is_in_force() -> None:
    month = InForce(date(2013, 1, 10), date(2013, 1, 20), "discharged", at())
    model = replace(with_costs_up_to(1_000 * YUAN), in_force=month)
    assert is_cut(model)


# What comes after months and years ------------------------------------------------------------------

MONTHLY = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 10,000,000
benefit monthly
  of cost, added up per person per month by day
  pay 50%
  cap 300
  {cap}
amount received = monthly
benefit extra
  of received, added up per person per lifetime by day
  deductible {line}
  pay 1%
stack of cost
  monthly, then extra
require
  {line_of_proof}
"""


def asked(line: str, deductible: str, cap: str = "") -> tuple[Model, Finding]:
    text = MONTHLY.replace("{line_of_proof}", line).replace("{line}", deductible).replace("  {cap}\n", cap)
    model = model_of(text)
    (found,) = (one for one in verify(model) if one.property.code == "TP302")
    return model, found


def test_what_takes_three_months_is_reached() -> None:
    _, found = asked("some claim reaches extra over 0", "700")
    assert isinstance(found, Proved) and "day 2024-03-01" in found.method


def test_what_a_lifetime_cap_leaves_after_seventeen_months_is_reached() -> None:
    _, found = asked("some claim reaches extra is 0.05", "4,990", "  cap 5,000 per person per lifetime by day\n")
    assert isinstance(found, Proved) and "day 2025-05-01" in found.method


def test_a_bound_that_fails_after_three_months_is_refuted_by_them() -> None:
    model, found = asked("extra at most 1", "700")
    assert isinstance(found, Refuted)
    outcome = settle_all(model, [dict(claim) for claim in found.witness.claims])[-1]
    assert isinstance(outcome, Settled) and outcome.amounts["extra"] > YUAN


def test_a_history_goes_on_only_while_totals_change() -> None:
    model, _ = asked("extra at most 1", "700")
    found = list(islice(pasts(model), 40))
    assert len({tuple(past.before.items()) for past in found}) == len(found)
    assert {len(past.claims) for past in found} >= {1, 2, 4, 8}
    assert all(day_of(past.place) >= max(day_of(claim) for claim in past.claims) for past in found)


def day_of(claim: Claim) -> date:
    day = claim["day"]
    assert isinstance(day, date)
    return day


# What takes a family, or more years than anybody lives ----------------------------------------------

FAMILY = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  family  identifier
  day     date
  cost    money up to {most}
benefit x
  of cost, added up per person per calendar year by day
  {clauses}
require
  {line}
"""


def of_family(line: str, *clauses: str, most: str = "100,000") -> tuple[Model, tuple[Finding, ...]]:
    text = FAMILY.replace("{clauses}", "\n  ".join(clauses)).replace("{line}", line).replace("{most}", most)
    model = model_of(text)
    return model, verify(model)


def caps(findings: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in findings if one.property.code == "TP204"]


def broken_by(model: Model, findings: tuple[Finding, ...]) -> set[object]:
    """The people whose claims show that a requirement of a period does not hold, replayed."""
    (found,) = (one for one in findings if one.property.code == "TP302")
    assert isinstance(found, Refuted)
    claims = [dict(claim) for claim in found.witness.claims]
    assert all(isinstance(outcome, Settled) for outcome in settle_all(model, claims))
    return {claim["person"] for claim in claims}


SHARED = "deductible 1,000 per person per calendar year by day, at most {limit} per family per calendar year by day"
PAY = ("pay in slices above the deductible", "  over 0 80%")
ALWAYS = "always cost at least 0"


def test_a_family_deductible_of_three_members_and_of_thirty_is_reached() -> None:
    for limit in ("3,000", "30,000", "30,500"):
        _, findings = of_family(ALWAYS, SHARED.replace("{limit}", limit), *PAY)
        assert [type(one) for one in caps(findings)] == [Proved, Proved]


def test_small_bills_of_many_members_reach_a_family_deductible() -> None:
    # Each member needs two bills for a deductible of his own, and 31 members for that of the family.
    _, findings = of_family(ALWAYS, SHARED.replace("{limit}", "30,000"), *PAY, most="600")
    assert [type(one) for one in caps(findings)] == [Proved, Proved]


def test_a_limit_of_a_family_is_broken_by_its_fourth_member() -> None:
    model, findings = of_family("x at most 35,000 per family per calendar year by day", "pay 80%", "cap 10,000")
    assert len(broken_by(model, findings)) == 4


def test_own_shares_of_five_members_break_a_limit_of_the_family() -> None:
    line = "own share at most 4,500 per family per calendar year by day"
    model, findings = of_family(line, "deductible 1,000", "pay 100%")
    assert len(broken_by(model, findings)) == 5


def test_a_lifetime_cap_that_takes_two_hundred_years_is_reached() -> None:
    _, findings = of_family(ALWAYS, "pay 50%", "cap 10,000", "cap 2,000,000 per person per lifetime by day")
    assert [type(one) for one in caps(findings)] == [Proved, Proved]


def test_lifetime_caps_of_a_stack_are_found_by_settling_few_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    text = stack(5, 4).replace("  cap 200,000", "  cap 200,000\n  cap 2,900,000 per person per lifetime")
    text = text.replace("  cap 240,000", "  cap 240,000\n  cap 3,000,000 per person per lifetime")
    settled = 0

    def counted(model: Model, claim: Claim, ledger: Ledger) -> tuple[Outcome, Ledger]:
        nonlocal settled
        settled += 1
        return settle(model, claim, ledger)

    monkeypatch.setattr(long_history, "settle", counted)
    monkeypatch.setattr(cap_cuts, "settle", counted)
    found = [one for one in verify(model_of(text)) if one.property.code == "TP204"]
    assert Counter(type(one) for one in found) == {Proved: 7}
    assert settled < 200


# Versions that go on with a lifetime ----------------------------------------------------------------

YEAR = """
policy p
  currency CNY
  in force {year}-01-01 to {year}-12-31, by day
  round half up to 0.01
claim
  person  identifier
  day     date
  cost    money up to 100,000
benefit x
  of cost, added up per person per calendar year by day
  pay 50%
  cap 20,000
  {lifetime}
"""
FOR_LIFE = "cap 50,000 per person per lifetime by day"


def lifetime_caps(*lifetimes: str) -> list[Finding]:
    """What is said of the last cap of each yearly version, from 2023 on."""
    texts = [YEAR.format(year=2023 + place, lifetime=lifetime) for place, lifetime in enumerate(lifetimes)]
    return [caps(verify(model))[-1] for model in matched([model_of(text) for text in texts])]


def test_a_lifetime_cap_of_yearly_versions_is_asked_of_the_one_that_reaches_it() -> None:
    first, second, third = lifetime_caps(FOR_LIFE, FOR_LIFE, FOR_LIFE)
    assert isinstance(first, NotAsked) and isinstance(second, NotAsked)
    assert isinstance(third, Proved) and third.method == METHOD


def test_versions_too_few_for_a_lifetime_cap_never_reach_it() -> None:
    # The first is asked of the second, and for that one two years come to 40,000 at most.
    first, second = lifetime_caps(FOR_LIFE, FOR_LIFE)
    assert isinstance(first, NotAsked) and isinstance(second, Refuted)


def test_a_lifetime_of_one_year_never_reaches_more_than_the_year() -> None:
    (alone,) = lifetime_caps(FOR_LIFE)
    assert isinstance(alone, Refuted)
    (just,) = lifetime_caps("cap 19,999.99 per person per lifetime by day")
    assert isinstance(just, Proved)


def test_a_cap_that_no_later_version_has_is_asked_of_the_earlier_one() -> None:
    first, _ = lifetime_caps(FOR_LIFE, "")
    assert isinstance(first, Refuted)


def test_a_monthly_cap_above_what_the_year_leaves_is_never_reached() -> None:
    year = "cap per person per calendar year by day, by kind general 300, listed 400"
    for monthly, answer in (("20,000", Refuted), ("401", Refuted), ("399", Proved)):
        text = YEAR.format(year=2024, lifetime=f"{year}\n  cap {monthly} per person per month by day")
        model = model_of(text.replace("  cap 20,000\n", "").replace("claim\n", "claim\n  kind general | listed\n"))
        assert isinstance(caps(verify(model))[-1], answer)


@pytest.mark.parametrize(
    ("most", "year", "answer"),
    [
        ("1,200", "calendar year", Refuted),
        ("1,200", "policy year from 04-01", Refuted),
        ("1,199.99", "calendar year", Proved),
        # A year that begins within a month has part of a thirteenth.
        ("1,200", "policy year from 04-15", Unknown),
    ],
)
def test_a_yearly_cap_above_twelve_monthly_ones_is_never_reached(most: str, year: str, answer: type) -> None:
    text = YEAR.replace("  in force {year}-01-01 to {year}-12-31, by day\n", "").replace("  cap 20,000\n", "")
    text = text.replace("of cost, added up per person per calendar year by day", "of cost")
    yearly = f"cap 100 per person per month by day\n  cap {most} per person per {year} by day"
    of_a_month, of_a_year = caps(verify(model_of(text.format(lifetime=yearly))))
    assert isinstance(of_a_month, Proved) and isinstance(of_a_year, answer)


# What was settled before a claim ---------------------------------------------------------------------

FAMILY_MAXIMUM = """
policy p
  currency CNY
  round half up to 0.01
claim
  person  identifier
  family  identifier
  day     date
  cost    money up to 100,000
benefit maximum
  of cost, added up per person per calendar year by day
  deductible 1,000
  pay 100%
benefit shared
  of left, added up per family per calendar year by day
  deductible {limit}
  pay 100%
stack of cost
  maximum, then shared
require
  some claim reaches shared over 0
"""


def test_the_totals_after_a_history_are_those_of_its_claims() -> None:
    model = model_of(FAMILY_MAXIMUM.replace("{limit}", "3,000"))
    found = list(islice(pasts(model), 60))
    assert {len({claim["person"] for claim in past.claims}) for past in found} >= {1, 2, 3}
    for past in found:
        ledger: Ledger = {}
        for claim in past.claims:
            outcome, ledger = settle(model, claim, ledger)
            assert isinstance(outcome, Settled)
        assert past.before == {
            total.name: ledger.get(ledger_key(total, past.place), 0) for total in model.running_totals
        }


@pytest.mark.parametrize("limit", ["2,000", "3,000", "12,000", "60,000"])
def test_a_family_maximum_of_many_members_is_reached(limit: str) -> None:
    findings = verify(model_of(FAMILY_MAXIMUM.replace("{limit}", limit)))
    assert all(isinstance(one, Proved) for one in findings)


def test_places_where_a_total_passes_a_deductible_come_first() -> None:
    model = model_of(FAMILY_MAXIMUM.replace("{limit}", "12,000"))
    shared = next(total for total in model.running_totals if total.key == "family")
    first = [past.before[shared.name] for past in islice(pasts(model), 8)]
    assert {1_100_000, 1_200_000} <= set(first)


@pytest.mark.parametrize(("number", "answer"), [("9.99", Proved), ("10", Refuted)])
def test_what_a_lifetime_leaves_is_the_most_that_a_year_reaches(number: str, answer: type) -> None:
    """Of a person 300 are left for life, of which the year takes 290: a claim reaches 10 and no more."""
    text = FAMILY_MAXIMUM.replace("per person per calendar year", "per person per lifetime")
    text = (
        text.replace("deductible 1,000", "deductible 300").replace("per family", "per person").replace("{limit}", "290")
    )
    findings = verify(model_of(text.replace("shared over 0", f"shared over {number}")))
    (found,) = (one for one in findings if one.property.code == "TP302")
    assert isinstance(found, answer)
