"""`never below` against trying everything: two people with the same bills, one of each kind, up to two bills each.

TIERPROOF_BRUTE_FORCE sets how many policies are tried.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, settings

from compiler.evaluate import Claim, Ledger, Settled, settle
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import OWN_SHARE, CategoryFact, CountFact, Model, MoneyFact, NeverBelow
from compiler.verify import verify
from compiler.verify.ground import narrowed
from compiler.verify.slope import has_unknown, model_at
from tests.models import at
from tests.properties.small_policies import WORDS, Small, policies

POLICIES = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "60"))
DAYS = (date(2024, 1, 31), date(2024, 2, 1), date(2025, 1, 1))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

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
    shares = (Fraction(0), Fraction(1, 3), Fraction(1)) if has_unknown(alone) else (Fraction(0),)
    return any(_behind(model_at(alone, share), requirement) for share in shares)


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


def _lost(model: Model, asked: NeverBelow, bill: tuple[int, int, date], ledgers: tuple[Ledger, Ledger]) -> int:
    """How much less a second bill brings the better kind; nothing where it is not settled."""
    received: list[int] = []
    for kind, ledger in zip((asked.better, asked.worse), ledgers, strict=True):
        outcome, _ = settle(model, {**bill_of(bill, 2), "kind": kind}, ledger)
        if not isinstance(outcome, Settled):
            return 0
        received.append(outcome.amounts[asked.benefit])
    return received[1] - received[0]


def bill_of(bill: tuple[int, int, date], number: int) -> Claim:
    cost, fund, day = bill
    return {"claim": str(number), "person": "A", "discharged": day, "cost": cost, "fund": fund, "kind": WORDS[0]}


def bills(model: Model) -> Iterator[tuple[int, int, date]]:
    """Everything that a bill can be."""
    ranges = {fact.name: (fact.lowest, fact.highest) for fact in model.facts if isinstance(fact, MoneyFact | CountFact)}
    (low, high), (least, most) = ranges["cost"], ranges.get("fund", (0, 0))
    days = DAYS if model.dated or model.running_totals else DAYS[:1]
    return ((cost, fund, day) for day in days for cost in range(low, high + 1) for fund in range(least, most + 1))
