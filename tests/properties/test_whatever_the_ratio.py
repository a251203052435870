"""What is said of unknown ratios holds for each of their values: claims that are said to reach something, reach it.

TIERPROOF_BRUTE_FORCE sets how many policies are tried.
"""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.evaluate import Settled, holds, settle_all
from compiler.findings import Unknown
from compiler.model import AmountValue, Compare, Constant, Reaches, Relation
from compiler.verify import verify
from compiler.verify.checks.requirements.reaches import reaching
from compiler.verify.ground import narrowed
from compiler.verify.prove import Fails, Holds
from compiler.verify.unknown import distinct_ratios, has_unknown, with_shares
from tests.models import at
from tests.properties.small_policies import Small, policies

POLICIES = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "40"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SHARES = st.fractions(0, 1, max_denominator=7)


def reads_unknown(small: Small) -> bool:
    return has_unknown(narrowed(small.model, frozenset({"first"})))


@settings(max_examples=POLICIES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(policies().filter(reads_unknown), st.sampled_from(Relation), st.integers(0, 8), st.data())
def test_claims_reach_it_whatever_the_ratio_is(
    small: Small, relation: Relation, limit: int, data: st.DataObject
) -> None:
    asked = Reaches(Compare(AmountValue("first", at(44)), relation, Constant(limit, at(44)), at(44)), at(44))
    model = replace(narrowed(small.model, frozenset({"first"})), requirements=())
    if any(isinstance(one, Unknown) and one.reason.startswith("waits") for one in verify(small.model)):
        return
    verdict = reaching(model, {}, asked)
    for _ in range(5):
        ratios = distinct_ratios(model)
        shares = tuple(data.draw(SHARES) for _ in ratios)
        known = with_shares(model, ratios, shares)
        if isinstance(verdict, Fails):
            outcome = settle_all(known, verdict.shown.claims)[-1]
            assert isinstance(outcome, Settled)
            assert holds(asked.condition, verdict.shown.claims[-1], outcome.amounts), shares
        elif isinstance(verdict, Holds):
            assert not isinstance(reaching(known, {}, asked), Fails), shares
