"""`never falls as` and `never rises as` against trying everything, of an amount and of a second fact or count.

TIERPROOF_BRUTE_FORCE sets how many policies are tried.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings

from compiler.evaluate import Claim, Ledger, Settled, settle
from compiler.findings import Finding, Proved, Refuted, Unknown
from compiler.model import OWN_SHARE, CountFact, Model, MoneyFact, NeverFalls, NeverRises
from compiler.verify import verify
from compiler.verify.ground import narrowed
from compiler.verify.unknown import has_unknown
from tests.models import at
from tests.properties.small_policies import Small, policies

POLICIES = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "40"))
DAY = date(2024, 1, 1)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

ASKED = (
    NeverFalls("first", "fund", at(45)),
    NeverRises("first", "fund", at(46)),
    NeverRises(OWN_SHARE, "fund", at(47)),
    NeverRises("first", "cost", at(48)),
)


def has_fund(small: Small) -> bool:
    return any(fact.name == "fund" for fact in small.model.facts) and not has_unknown(small.model)


@settings(max_examples=POLICIES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(policies().filter(has_fund))
def test_what_moves_one_way_moves_one_way(small: Small) -> None:
    model = replace(small.model, requirements=ASKED)
    findings = verify(model)
    for requirement in ASKED:
        (found,) = (one for one in findings if one.property.span == requirement.span)
        if not (isinstance(found, Unknown) and found.reason.startswith("waits")):
            agree(found, moves(model, requirement))


def agree(found: Finding, shown: bool) -> None:
    """Refuted exactly where two claims show it; a witness of more was replayed and is beyond what is tried."""
    match found:
        case Proved():
            assert not shown
        case Refuted(witness=witness):
            assert shown or len(witness.claims) > 2
        case _:
            assert not shown, found


def moves(model: Model, requirement: NeverFalls | NeverRises) -> bool:
    """Whether a claim, first or after another one, has more (or less) of the amount with one more of the fact."""
    name, fact = requirement.amount, requirement.as_rises
    way = -1 if isinstance(requirement, NeverFalls) else 1
    alone = narrowed(model, frozenset({name}))
    histories: dict[tuple[object, ...], Ledger] = {(): {}}
    for claim in claims(alone):
        _, ledger = settle(alone, claim, {})
        histories[tuple(sorted(ledger.items()))] = ledger
    for ledger in histories.values() if alone.running_totals else ({},):
        for claim in claims(alone):
            value = claim[fact]
            assert isinstance(value, int)
            low, _ = settle(alone, {**claim, "claim": "2"}, ledger)
            high, _ = settle(alone, {**claim, "claim": "2", fact: value + 1}, ledger)
            if isinstance(low, Settled) and isinstance(high, Settled):
                if way * (high.amounts[name] - low.amounts[name]) > 0:
                    return True
    return False


def claims(model: Model) -> Iterator[Claim]:
    """Every claim of one kind of day and word; what follows from those is tried elsewhere."""
    ranges = {fact.name: (fact.lowest, fact.highest) for fact in model.facts if isinstance(fact, MoneyFact | CountFact)}
    (low, high), (least, most) = ranges["cost"], ranges["fund"]
    for cost in range(low, high + 1):
        for fund in range(least, most + 1):
            yield {"claim": "1", "person": "A", "discharged": DAY, "cost": cost, "fund": fund, "kind": "a"}
