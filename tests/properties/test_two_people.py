"""`never below` against trying everything: two people with the same bills, one of each kind, up to two bills each.

TIERPROOF_BRUTE_FORCE sets how many policies are tried.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import chain

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.evaluate import Claim, Ledger, Settled, settle
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import OWN_SHARE, CategoryFact, CountFact, Model, MoneyFact, NeverBelow
from compiler.verify import verify
from compiler.verify.ground import narrowed
from compiler.verify.unknown import assumptions, has_unknown, model_at
from tests.models import at
from tests.policies import model_of
from tests.properties.small_policies import WORDS, Small, policies

POLICIES = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "40"))
DAYS = (date(2024, 1, 31), date(2024, 2, 1), date(2025, 1, 1))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

Bill = tuple[int, int, date, str]
"""Cost, fund, day and place."""

ASKED = (
    NeverBelow("first", "kind", "b", "a", at(45)),
    NeverBelow("first", "kind", "a", "b", at(46)),
    NeverBelow(OWN_SHARE, "kind", "a", "b", at(47)),
)


@settings(max_examples=POLICIES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(policies().filter(lambda small: any(isinstance(fact, CategoryFact) for fact in small.model.facts)))
def test_who_is_never_behind_is_never_behind(small: Small) -> None:
    model = replace(small.model, requirements=ASKED)
    findings = verify(model)
    for requirement in ASKED:
        (found,) = (one for one in findings if one.property.span == requirement.span)
        if not (isinstance(found, Unknown) and found.reason.startswith("waits")):
            agree(found, behind(model, requirement), has_unknown(model))


def agree(found: Finding, less: bool, unsure: bool) -> None:
    """Refuted exactly where two bills show it; a witness of three bills was replayed and is beyond what is tried."""
    match found:
        case Proved():
            assert not less
        case Refuted(witness=witness):
            assert less or len(witness.claims) > 2
        case _:
            assert unsure or not less, found


def behind(model: Model, requirement: NeverBelow) -> bool:
    """Whether one bill, or two after one another, bring the better kind less."""
    alone = narrowed(model, frozenset({requirement.benefit}))
    return any(_behind(known, requirement) for known in _with_known_ratios(alone))


def _with_known_ratios(model: Model) -> Iterator[Model]:
    """The model with its unknown ratios set: all a third of the way, and in every way that a flaw is looked for.

    One kind may be at its most while the other is at its least: ratios of two columns are two unknowns.
    """
    if not has_unknown(model):
        return iter((model,))
    return chain((model_at(model, Fraction(1, 3)),), assumptions(model))


def _behind(model: Model, asked: NeverBelow) -> bool:
    people = (asked.better, asked.worse)
    alone = {bill: [settle(model, {**bill_of(bill, 1), "kind": kind}, {}) for kind in people] for bill in bills(model)}
    for bill, ((better, ledger), (worse, other)) in alone.items():
        if not isinstance(better, Settled) or not isinstance(worse, Settled):
            continue
        lead = better.amounts[asked.benefit] - worse.amounts[asked.benefit]
        if lead < 0:
            return True
        if model.running_totals and any(
            bill[2] <= second[2] and _lost(model, asked, second, (ledger, other)) > lead for second in alone
        ):
            return True
    return False


def _lost(model: Model, asked: NeverBelow, bill: Bill, ledgers: tuple[Ledger, Ledger]) -> int:
    """How much less a second bill brings the better kind; nothing where it is not settled."""
    received: list[int] = []
    for kind, ledger in zip((asked.better, asked.worse), ledgers, strict=True):
        outcome, _ = settle(model, {**bill_of(bill, 2), "kind": kind}, ledger)
        if not isinstance(outcome, Settled):
            return 0
        received.append(outcome.amounts[asked.benefit])
    return received[1] - received[0]


def bill_of(bill: Bill, number: int) -> Claim:
    cost, fund, day, place = bill
    facts: Claim = {"claim": str(number), "person": "A", "discharged": day, "cost": cost, "fund": fund, "kind": "a"}
    return {**facts, "place": place}


def bills(model: Model) -> Iterator[Bill]:
    """Everything that a bill can be."""
    ranges = {fact.name: (fact.lowest, fact.highest) for fact in model.facts if isinstance(fact, MoneyFact | CountFact)}
    (low, high), (least, most) = ranges["cost"], ranges.get("fund", (0, 0))
    days = DAYS if model.dated or model.running_totals else DAYS[:1]
    places = model.categories.get("place", ("",))
    for day in days:
        for place in places:
            for cost in range(low, high + 1):
                yield from ((cost, fund, day, place) for fund in range(least, most + 1))


# Two categories, several layers and periods -----------------------------------------------------------

HEADER = """
policy p
  currency JPY
  round half up to 1
claim
  person  identifier
  discharged  date
  cost    money up to 7
  kind    a | b
  place   t | c
"""

PERIODS = ("", ", added up per person per calendar year", ", added up per person per month")
CAPS = ("", " per person per calendar year by discharged", " per person per lifetime by discharged", " per claim")

draws = st.composite


@draws
def layers(draw: st.DrawFn) -> str:
    """A benefit with tables, deductibles and caps by kind, by place or by both."""

    def ratio() -> str:
        return f"{draw(st.sampled_from((0, 20, 50, 60, 100)))}%"

    period = draw(st.sampled_from((*PERIODS, ", added up per person per lifetime")))
    lines = [f"{draw(st.sampled_from(('of cost', 'of left')))}{period}{' by discharged' if period else ''}"]
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"for {draw(st.sampled_from(('kind is a', 'kind is b', 'place is t', 'cost over 2')))}")
    match draw(st.integers(0, 4)):
        case 0:
            lines.append(f"deductible {draw(st.integers(1, 3))}")
        case 1:
            lines.append(f"deductible by kind  a {draw(st.integers(0, 3))}, b {draw(st.integers(0, 3))}")
        case _:
            pass
    match draw(st.integers(0, 3)):
        case 0:
            lines.append(f"pay {ratio()}")
        case 1:
            lines.append(f"pay by kind  a {ratio()}, b {ratio()}")
        case 2:
            lines.append(f"pay by place  t {ratio()}, c {ratio()}")
        case _:
            lines += ["pay by kind, place", "      t  c", *(f"  {kind} {ratio()} {ratio()}" for kind in WORDS)]
    if draw(st.integers(0, 1)):
        cap = draw(st.sampled_from(("1", "3", "by kind  a 2, b 4")))
        lines.append(f"cap {cap}{draw(st.sampled_from(CAPS)) if cap.isdigit() else ''}")
    return "".join(f"  {line}\n" for line in lines)


@settings(max_examples=max(POLICIES // 4, 1), deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(layers(), layers(), st.sampled_from(("x + y", "min(x, 2) + y", "cost - x", "max(x, y)")))
def test_sums_of_layers_by_two_words(first: str, second: str, sum_of: str) -> None:
    lines = [f"{name} for {words}" for name in ("y", "both") for words in ("a never below b", "b never below a")]
    required = "require\n" + "".join(f"  {line}\n" for line in (*lines, "own share for a never below b"))
    model = model_of(
        f"{HEADER}benefit x\n{first}benefit y\n{second}stack of cost\n  x, then y\namount both = {sum_of}\n{required}"
    )
    findings = verify(model)
    for requirement in model.requirements:
        assert isinstance(requirement, NeverBelow)
        (found,) = (one for one in findings if one.property.span == requirement.span)
        if not (isinstance(found, Unknown) and found.reason.startswith("waits")):
            agree(found, behind(model, requirement), False)
