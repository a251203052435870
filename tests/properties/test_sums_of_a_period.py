"""What is said of the sums of a period holds of the sums of claims that were settled.

Random small policies, random claims of one person: the sums of facts and amounts over the period of the last claim must
satisfy everything that a proof would take them to satisfy.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.evaluate import Settled, ledger_key, settle_all
from compiler.model import CountFact, Model, MoneyFact, Period, RunningTotal
from compiler.verify.ground import Ground, with_contracts
from compiler.verify.prove import Question, by_contracts
from compiler.verify.solve import Possible, ask
from compiler.verify.telescope import sums
from compiler.verify.unknown import has_unknown, model_at
from tests.models import total_of
from tests.properties.everything import DAYS, bills, claim_of
from tests.properties.small_policies import YEARS, Small, policies

HISTORIES = 30


def never_negative(ground: Ground, name: str) -> bool:
    question = Question(lambda scene: scene.last.setting.amounts[name] < 0, lambda _: True)
    return bool(ground.contracts) and by_contracts(ground.model, ground.contracts, question)


def settled_sums(model: Model, total: RunningTotal, chance: Random) -> dict[str, int] | None:
    """The sums over the period of the last of some claims; None where they show nothing."""
    chosen = sorted(chance.choices(DAYS, k=chance.randint(1, 4)))
    claims = [claim_of((*chance.choice(bills(model))[:3], day), number) for number, day in enumerate(chosen, 1)]
    outcomes = settle_all(model, claims)
    found: dict[str, int] = {}
    for claim, outcome in zip(claims, outcomes, strict=True):
        # Of claims without a value nothing is said, and amounts below 0 are a flaw of their own (TP203).
        if not isinstance(outcome, Settled) or min(outcome.amounts.values()) < 0:
            return None
        if ledger_key(total, claim) == ledger_key(total, claims[-1]):
            facts = {one.name: claim[one.name] for one in model.facts if isinstance(one, MoneyFact | CountFact)}
            for name, value in (*facts.items(), *outcome.amounts.items()):
                assert isinstance(value, int)
                found[name] = found.get(name, 0) + value
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies(), st.sampled_from(YEARS), st.sampled_from(("first", "own_share")), st.integers(0, 1_000))
def test_what_is_said_of_sums_holds_of_claims(small: Small, period: Period, name: str, seed: int) -> None:
    model = model_at(small.model, Fraction(1)) if has_unknown(small.model) else small.model
    total = total_of(name, period)
    ground = with_contracts(Ground(model, {}, {}))
    said = sums(model, ground.contracts, total, lambda amount: never_negative(ground, amount), {})
    chance = Random(seed)
    for _ in range(HISTORIES):
        found = settled_sums(model, total, chance)
        if found is not None:
            same = [term == z3.IntVal(found[of]) for of, term in said.of.items()]
            assert isinstance(ask((*said.known, *same)), Possible), found
