"""What the verifier answers about dates, unknown ratios, ends that follow from the claim, splitting and standards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import product

import pytest
import z3

from compiler.driver import load
from compiler.evaluate import Settled, settle_all
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import BandRatio, FactInput, Model
from compiler.verify import verify
from compiler.verify.days import days_of, same_in_a_period
from compiler.verify.slope import Slope, limits, together
from compiler.verify.solve import Impossible, Possible, ask
from compiler.verify.unknown import assumptions, model_at, set_ratios
from dsl.source import Source
from tests.models import at
from tests.policies import model_of, one_benefit

YEARLY = ("of cost", "of cost, added up per person per calendar year")

DATED = """
parameter line, by day
  from 2023-01-01   100
  from 2024-01-01   150
"""


def yearly(*clauses: str) -> str:
    return one_benefit(*clauses).replace(*YEARLY)


def of(findings: tuple[Finding, ...], code: str) -> list[Finding]:
    return [finding for finding in findings if finding.property.code == code]


def only(findings: tuple[Finding, ...], code: str) -> Refuted:
    (finding,) = [finding for finding in of(findings, code) if isinstance(finding, Refuted)]
    return finding


def proved(model: Model) -> bool:
    return all(isinstance(finding, Proved) for finding in verify(model))


# Days -----------------------------------------------------------------------------------------------


def test_the_days_that_are_tried_meet_every_row_and_the_next_period() -> None:
    model = model_of(yearly("deductible line", "pay 50%") + DATED)
    days = days_of(model)["day"]
    words = {fact.word(day) for fact in model.dated for day in days}
    assert words == {arm.word for fact in model.dated for arm in fact.arms}
    assert len({day.year for day in days}) >= 2


def test_no_day_is_tried_on_which_the_policy_is_not_in_force() -> None:
    text = yearly("pay 50%").replace("currency CNY", "currency CNY\n  in force 2023-05-01 to 2023-12-31, by day")
    assert days_of(model_of(text))["day"] == (date(2023, 5, 1),)


@pytest.mark.parametrize(("period", "same"), [("calendar year", True), ("lifetime", False)])
def test_a_word_that_changes_with_the_year_is_the_same_in_a_calendar_year(period: str, same: bool) -> None:
    text = one_benefit("deductible line", "pay 50%").replace("of cost", f"of cost, added up per person per {period}")
    model = model_of(text + DATED)
    (total,) = model.running_totals
    assert same_in_a_period(model, total, model.dated[0].name) is same


def test_a_flaw_of_one_year_is_shown_by_a_claim_of_that_year() -> None:
    model = model_of(
        yearly("deductible line", "pay 50%") + DATED + "\nrequire\n  always cost at most 110 or b over 0\n"
    )
    claim = dict(only(verify(model), "TP302").witness.claims[0])
    assert (claim["day"], claim["cost"]) == (date(2024, 1, 1), 110_01)


def test_claims_of_two_years_are_added_up_apart() -> None:
    text = yearly("pay 50%", "cap 1,000") + "\nrequire\n  b at most 1,000\n"
    assert proved(model_of(text))


# Unknown ratios -------------------------------------------------------------------------------------

ANKANG = yearly(
    "deductible 10,000",
    "pay in slices of the amount",
    "  over 10,000 to 20,000    50%",
    "  over 20,000 to 100,000   80%",
    "  over 100,000             unknown between 80% and 100%",
)


def test_properties_hold_for_every_value_of_an_unknown_ratio() -> None:
    text = ANKANG + "\nrequire\n  b ratio at least 50%\n  b never falls as cost rises\n  b at most cost\n"
    findings = verify(model_of(text))
    assert all(isinstance(finding, Proved) for finding in findings)
    methods = {finding.method for finding in findings if isinstance(finding, Proved)}
    assert "layer contracts composed, for every value of the unknown ratio: slope lemma" in methods


def test_what_fails_for_one_value_is_shown_with_that_value() -> None:
    model = model_of(ANKANG + "\nrequire\n  b at most 90% of cost\n")
    finding = only(verify(model), "TP302")
    assert str(finding.diagnostic.claim).endswith("with the unknown ratio at 100%")
    claims = [dict(claim) for claim in finding.witness.claims]
    (outcome,) = settle_all(model_at(model, Fraction(1)), claims)
    assert isinstance(outcome, Settled)
    cost = claims[0]["cost"]
    assert isinstance(cost, int) and 10 * outcome.amounts["b"] > 9 * cost


def test_what_fails_whatever_the_ratio_is_is_shown_without_it() -> None:
    finding = only(verify(model_of(ANKANG + "\nrequire\n  b at most 1,000\n")), "TP302")
    assert "unknown" not in str(finding.diagnostic.claim)


def test_the_slope_lemma_knows_what_a_longer_stretch_pays_and_no_more() -> None:
    ratio = BandRatio(None, (Fraction(1, 2), Fraction(1)), at())
    short, long = (Slope(ratio, z3.Int(name), z3.Real(f"paid.{name}")) for name in ("short", "long"))
    known = (*limits((short, long)), short.length == 4, long.length == 6)
    assert isinstance(ask((*known, long.paid - short.paid < 1)), Impossible)
    assert isinstance(ask((*known, long.paid < 3)), Impossible)
    assert isinstance(ask((*known, long.paid == 5, short.paid == 3)), Possible)
    other = BandRatio(None, (Fraction(1, 2), Fraction(1)), at())
    apart = (short, Slope(other, long.length, long.paid))
    assert isinstance(ask((*limits(apart), *known[-2:], long.paid - short.paid < 1)), Possible)


@pytest.mark.parametrize(
    ("bound", "holds"), [("at most 75%", True), ("at most 74%", False), ("at least 50%", True), ("at least 51%", False)]
)
def test_a_bound_on_an_unknown_ratio_is_asked_of_the_end_that_is_worse(bound: str, holds: bool) -> None:
    text = one_benefit("pay unknown between 50% and 75%") + f"require\n  b ratio {bound}\n"
    assert [type(finding) for finding in of(verify(model_of(text)), "TP302")] == [Proved if holds else Refuted]


def test_whatever_an_unknown_ratio_is_the_slope_lemma_holds_of_what_it_pays() -> None:
    ratio = BandRatio(None, (Fraction(1, 2), Fraction(3, 4)), at())
    for share in (Fraction(1, 2), Fraction(3, 5), Fraction(3, 4)):
        for lengths in product((0, 20, 60), repeat=2):
            slopes = paid(ratio, *((length, int(share * length)) for length in (*lengths, sum(lengths))))
            assert isinstance(ask((*limits(slopes), together(*slopes))), Possible), (share, lengths)


def test_of_no_ratio_do_two_parts_pay_otherwise_than_the_whole() -> None:
    ratio = BandRatio(None, (Fraction(1, 2), Fraction(3, 4)), at())
    assert isinstance(ask((together(*paid(ratio, (20, 10), (20, 12), (40, 21))),)), Impossible)
    assert isinstance(ask(limits(paid(ratio, (20, 10), (20, 12)))), Impossible)


def paid(ratio: BandRatio, *of: tuple[int, int]) -> list[Slope]:
    """The ratio with lengths and what it pays on each."""
    return [Slope(ratio, z3.IntVal(length), z3.RealVal(comes_to)) for length, comes_to in of]


# Ends that follow from the claim --------------------------------------------------------------------


def shared(bands: str) -> Model:
    table = ("pay in slices of the amount", *(f"  {band}" for band in bands.split("; ")))
    return model_of(yearly(*table).replace("cost money", "cost money\n  fund money"))


def test_bands_that_meet_at_a_share_of_a_fact_have_no_gap_whatever_the_fact() -> None:
    assert proved(shared("over 0 to 5% of fund  50%; over 5% of fund to 10% of fund  60%; over 10% of fund  70%"))


@pytest.mark.parametrize(
    ("bands", "key"),
    [
        ("over 0 to 5% of fund  50%; over 6% of fund  60%", "TP101.moving"),
        ("over 0 to 6% of fund  50%; over 5% of fund  60%", "TP102.moving"),
        ("over 0 to 6% of fund  50%; over 6% of fund to 5% of fund  60%; over 6% of fund  70%", "TP103.moving"),
        ("over 0 to 5% of fund  60%; over 5% of fund  50%", "TP201"),
    ],
)
def test_a_flaw_of_moving_ends_is_shown_by_a_claim(bands: str, key: str) -> None:
    finding = only(verify(shared(bands)), key[:5])
    assert finding.diagnostic.key == key


@pytest.mark.parametrize(
    ("clauses", "code"),
    [
        (("deductible 100", "pay on the whole amount", "  over 100.01 50%"), "TP104"),
        (("pay on the whole amount", "  over 0 to 100 50%", "  over 100 to 100.01", "  over 100.01 50%"), "TP105"),
    ],
)
def test_one_amount_without_a_value_is_enough(clauses: tuple[str, ...], code: str) -> None:
    claim = dict(only(verify(model_of(one_benefit(*clauses))), code).witness.claims[-1])
    assert claim["cost"] == 100_01


def test_a_leap_that_only_the_highest_amount_makes_is_found() -> None:
    text = one_benefit("pay on the whole amount", "  over 0 to 99.99 50%", "  over 99.99 10%")
    text = text.replace("cost money", "cost money up to 100") + "require\n  b never falls as cost rises\n"
    assert dict(only(verify(model_of(text)), "TP302").witness.claims[-1])["cost"] == 100_00


@pytest.mark.parametrize("write", [one_benefit, yearly])
@pytest.mark.parametrize(("costs", "flaws"), [("up to 1,000", 0), ("from 100 up to 1,000", 1)])
def test_a_band_below_what_every_claim_costs_is_never_reached(
    costs: str, flaws: int, write: Callable[..., str]
) -> None:
    """The total of a year is not just any amount where each claim adds much to it."""
    text = write("pay on the whole amount", "  over 0 to 50 50%", "  over 50 60%")
    found = of(verify(model_of(text.replace("cost money", f"cost money {costs}"))), "TP103")
    assert len([finding for finding in found if isinstance(finding, Refuted)]) == flaws


# Splitting ------------------------------------------------------------------------------------------


def test_the_smallest_bill_whose_parts_are_paid_less() -> None:
    """0.01 above the deductible of 10,000 rounds to what two parts may differ by anyway; 0.03 does not."""
    finding = only(verify(model_of(one_benefit("deductible 10,000", "pay 50%"))), "TP205")
    costs = [dict(claim)["cost"] for claim in finding.witness.claims]
    assert costs == [5_000_01, 5_000_02]
    params = dict(finding.diagnostic.params)
    assert (params["together"], params["whole"], params["paid"]) == ("0.00", "10,000.03", "0.02")


SHARES = "a share of amounts that the parts of a bill add up to, and nothing else"


@pytest.mark.parametrize(
    ("pays", "how"),
    [("pay 50% of due", SHARES), ("pay cost - due", SHARES), ("pay min(due, cost)", "direct integer query")],
)
def test_what_is_at_most_the_cost_adds_up_like_the_bill(pays: str, how: str) -> None:
    (found,) = of(verify(model_of(with_due(pays))), "TP205")
    assert isinstance(found, Proved) and found.method == how


@pytest.mark.parametrize("pays", ["pay min(due, 100)", "pay max(due, 10% of cost)", "pay min(income, cost)"])
def test_what_does_not_add_up_is_shown_by_a_bill_and_its_parts(pays: str) -> None:
    """An income is no part of a bill: the parts have the same."""
    model = model_of(with_due(pays))
    finding = only(verify(model), "TP205")
    one, other = (dict(claim) for claim in finding.witness.claims)
    assert one["income"] == other["income"]
    both = {**one, "cost": total(one["cost"], other["cost"]), "due": total(one["due"], other["due"])}
    first, second = settle_all(model, [one, other])
    (whole,) = settle_all(model, [both])
    assert isinstance(first, Settled) and isinstance(second, Settled) and isinstance(whole, Settled)
    assert first.amounts["b"] + second.amounts["b"] != whole.amounts["b"]


def test_a_year_that_ends_where_the_bill_says_is_no_function_of_its_total() -> None:
    """`f(S) - f(P)` adds up only where f is the same for the parts and the whole."""
    capped = yearly("pay 50%", "cap due").replace("cost money", "cost money\n  due money at most cost")
    assert only(verify(model_of(capped)), "TP205").witness.claims


def with_due(pays: str) -> str:
    return one_benefit(pays).replace("cost money", "cost money\n  due money at most cost\n  income money")


def total(one: FactInput, other: FactInput) -> int:
    assert isinstance(one, int) and isinstance(other, int)
    return one + other


def test_what_is_added_up_of_a_rounded_share_need_not_telescope() -> None:
    """Above the threshold the whole of the year is paid: a cent more or less in what is added up decides about it."""
    text = one_benefit("pay on the whole amount", "  over 0 to 100  0%", "  over 100  50%").replace(
        "of cost", "of half, added up per person per calendar year"
    )
    text = text.replace("benefit b", "amount half = 50% of cost\n\nbenefit b") + "\nstack of cost\n  b\n"
    finding = only(verify(model_of(text)), "TP205")
    params = dict(finding.diagnostic.params)
    assert (params["together"], params["paid"]) in {("0.00", "50.01"), ("50.01", "0.00")}


# What some claim reaches ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "finding", "why"),
    [
        ("cost over 1,000", Proved, "for every value of the unknown ratio: cost 1,000.01"),
        ("b at least 100 and cost under 600", Proved, "for every value of the unknown ratio: cost "),
        ("b is 80% of cost and cost over 1,000", Unknown, "with the unknown ratio at 80%, not shown for every value"),
    ],
)
def test_a_claim_reaches_something_only_if_it_does_whatever_the_ratio_is(
    condition: str, finding: type[Proved] | type[Unknown], why: str
) -> None:
    text = one_benefit("pay unknown between 20% and 80%") + f"\nrequire\n  some claim reaches {condition}\n"
    (found,) = of(verify(model_of(text)), "TP302")
    assert isinstance(found, finding) and isinstance(found, Proved | Unknown)
    assert why in (found.method if isinstance(found, Proved) else found.reason)


def most_said(text: str, condition: str) -> str | None:
    """What is said to be the most of an amount that was to reach something and does not."""
    found = only(verify(model_of(f"{text}\nrequire\n  some claim reaches {condition}\n")), "TP302")
    return dict(found.diagnostic.params).get("most")


@pytest.mark.parametrize(
    ("condition", "most"),
    [("b is 300", "250.00"), ("b at least 300", "250.00"), ("b over 250", "250.00"), ("b is 250.01 or b is 300", None)],
)
def test_where_a_number_is_never_reached_the_most_is_said(condition: str, most: str | None) -> None:
    text = one_benefit("pay 50%").replace("cost money", "cost money up to 500")
    assert most_said(text, condition) == most


def test_nothing_is_said_of_the_most_where_a_number_is_only_leapt_over() -> None:
    """Multiples of 100 are paid: 150 is none, but 200 is more."""
    text = one_benefit("pay 50%").replace("to 0.01", "to 100").replace("cost money", "cost money up to 500")
    assert most_said(text, "b is 150") is None


# Standards ------------------------------------------------------------------------------------------

STANDARD = """
standard national
  title "National guideline"
  source "a guideline"
require
  benefit ratio at least 50%
  benefit ratio never falls
"""


def conforming(ratios: tuple[str, str]) -> Model:
    standard = load(Source("national.policy", STANDARD)).standard
    assert standard is not None
    table = (
        "conforms to national",
        "pay in slices of the amount",
        f"  over 0 to 10 {ratios[0]}",
        f"  over 10 {ratios[1]}",
    )
    loaded = load(Source("test.policy", yearly(*table)), {"national": standard})
    assert loaded.model is not None, loaded.diagnostics
    return loaded.model


def test_a_benefit_that_meets_the_standard() -> None:
    findings = of(verify(conforming(("50%", "unknown between 60% and 100%"))), "TP302")
    assert [type(finding) for finding in findings] == [Proved, Proved]
    assert {finding.property.subject for finding in findings} == {
        "b conforms to national (ratio at least 50%)",
        "b conforms to national (ratio never falls)",
    }


def test_a_benefit_below_the_standard_points_to_both_files() -> None:
    finding = only(verify(conforming(("40%", "60%"))), "TP302")
    paths = {label.key: label.span.path for label in finding.diagnostic.labels}
    assert paths == {"conforms": "test.policy", "required": "national.policy", "ratio": "test.policy"}


def test_an_unknown_ratio_that_could_be_below_the_standard_does_not_meet_it() -> None:
    findings = of(verify(conforming(("50%", "unknown between 40% and 100%"))), "TP302")
    assert not any(isinstance(finding, Proved | Unknown) for finding in findings)


# For which amounts ----------------------------------------------------------------------------------


def test_a_refuted_bound_says_for_which_amounts() -> None:
    text = yearly("deductible by ward  plain 100  private 200", "pay 100%") + "\nrequire\n  b at least cost - 150\n"
    params = dict(only(verify(model_of(text)), "TP302").diagnostic.params)
    assert params["extent"] == "cost from 150.01 on for ward private"


# Several ratios that are not known ------------------------------------------------------------------

TWO_UNKNOWN = (
    one_benefit("pay unknown between 20% and 40%")
    + """
benefit c
  of cost
  pay unknown between 20% and 40%
stack of cost
  b, then c
require
  always {condition}
"""
)


def test_a_flaw_of_one_high_and_one_low_ratio_is_found() -> None:
    """At any one value of both the two benefits pay the same, so only a mixed pair of values shows it."""
    finding = only(verify(model_of(TWO_UNKNOWN.replace("{condition}", "b is c"))), "TP302")
    assert "with the unknown ratios at 40% (line " in finding.diagnostic.claim
    assert "20% (line " in finding.diagnostic.claim


def test_what_holds_of_every_pair_of_ratios_is_proved() -> None:
    found = of(verify(model_of(TWO_UNKNOWN.replace("{condition}", "b <= 2 * c + 0.02"))), "TP302")
    assert all(isinstance(finding, Proved) for finding in found), found


def test_with_many_unknown_ratios_one_at_a_time_differs_from_the_rest() -> None:
    rows = [f"  over {place * 100} to {place * 100 + 100}  unknown" for place in range(6)]
    model = model_of(yearly("pay in slices of the amount", *rows, "  over 600 0%"))
    tried = [tuple(ratio.ratio for ratio in set_ratios(known.amount("b").expression)) for known in assumptions(model)]
    assert len(tried) == 3 + 2 * 6
    assert (Fraction(1), *[Fraction(0)] * 5) in tried and (*[Fraction(1)] * 5, Fraction(0)) in tried
