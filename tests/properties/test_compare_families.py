"""Two random small policies of which the second layer counts for families: what is said holds of each member too.

Histories of several members are settled under both policies. Nobody's claims together, nor the family's, may come to
less than is said; and whoever is shown to be worse or better off must be.
"""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.compare.compare import compare
from compiler.compare.result import Comparison, Found
from compiler.evaluate import Claim, Settled, settle_all
from compiler.model import Accumulated, Expression, IdentifierFact, Model, rebuilt
from tests.models import at
from tests.properties.small_policies import WORDS, draws
from tests.properties.test_compare_brute_force import Two
from tests.properties.test_compare_histories import DAYS, PAIRS, PHASES, TOP, lower_own_shares, policies


@draws
def families(draw: st.DrawFn) -> Two:
    """Two policies of which the totals of the second layer are those of a family."""
    two = draw(st.one_of(policies(), lower_own_shares()))
    return Two(_for_families(two.old), _for_families(two.new))


def _for_families(policy: Model) -> Model:
    def change(node: Expression) -> Expression:
        if not isinstance(node, Accumulated) or not node.total.amount.startswith("second"):
            return node
        name = node.total.name.replace("per person", "per family")
        return replace(node, total=replace(node.total, key="family", name=name))

    amounts = tuple(replace(one, expression=rebuilt(one.expression, change)) for one in policy.amounts)
    return replace(policy, facts=(*policy.facts, IdentifierFact("family", at(5))), amounts=amounts)


@settings(max_examples=PAIRS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(families(), st.integers(0, 2**32))
def test_what_is_said_of_later_claims_holds_of_members_of_a_family(two: Two, seed: int) -> None:
    found = compare(two.old, two.new)
    chance = random.Random(seed)
    for _ in range(200):
        days = sorted(chance.choice(DAYS) for _ in range(chance.choice((2, 3, 4, 8))))
        claims: list[Claim] = [
            {
                "claim": str(number),
                "person": chance.choice("AB"),
                "family": "F",
                "discharged": day,
                "cost": chance.randint(0, TOP),
                "kind": chance.choice(WORDS),
            }
            for number, day in enumerate(days, 1)
        ]
        _holds(two, found, claims)
    for said, way in ((found.less, 1), (found.more, -1)):
        if said is not None and said.period is not None:
            shown = said.period
            key, name = shown.of or ("claim", None)
            gains = _gains(two, shown.claims)
            assert gains is not None
            theirs = [by for claim, by in zip(shown.claims, gains, strict=True) if name is None or claim[key] == name]
            assert way * sum(theirs) < 0 and sum(theirs) == shown.gained


def _holds(two: Two, found: Comparison, claims: list[Claim]) -> None:
    gains = _gains(two, claims)
    if gains is None:
        return
    # Where nothing is counted for a person, the claims of a period are those of the family.
    counted = any(total.key == "person" for policy in (two.old, two.new) for total in policy.running_totals)
    for way, said, some in ((1, found.less, found.worse_off), (-1, found.more, found.better_off)):
        for person in ("A", "B", None) if counted else (None,):
            row = [way * by for claim, by in zip(claims, gains, strict=True) if person in (None, claim["person"])]
            if said is None:
                assert all(by >= 0 for by in row) or some is Found.SOMEBODY
                continue
            assert said.slack is None or sum(row) >= -said.slack * len(row)
            assert said.each is None or all(by >= -said.each for by in row)


def _gains(two: Two, claims: tuple[Claim, ...] | list[Claim]) -> list[int] | None:
    """What the new policy pays more for each claim; None where one is not settled."""
    paid: list[list[int]] = []
    for policy in (two.old, two.new):
        outcomes = settle_all(policy, claims)
        settled = [one.amounts for one in outcomes if isinstance(one, Settled)]
        if len(settled) < len(claims):
            return None
        paid.append([sum(amounts[one.name] for one in policy.benefits) for amounts in settled])
    return [new - old for old, new in zip(*paid, strict=True)]
