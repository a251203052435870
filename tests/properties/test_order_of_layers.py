"""`order of a, b makes no difference` against trying everything: every claim, and every claim after every other one.

TIERPROOF_BRUTE_FORCE sets how many policies are tried.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.evaluate import Claim, Ledger, Settled, settle
from compiler.findings import Proved, Refuted, Unknown
from compiler.model import OWN_SHARE, AnyOrder, Model
from compiler.verify import verify
from compiler.verify.ground import narrowed
from tests.policies import model_of

POLICIES = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "40"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
TOP = 9

HEADER = f"""
policy p
  currency JPY
  round half up to 1
claim
  person  identifier
  day     date
  cost    money up to {TOP}
  kind    x | y
"""

draws = st.composite


@draws
def layers(draw: st.DrawFn) -> str:
    """A benefit of the cost or of what is left, by the claim or by the year."""
    of = draw(st.sampled_from(("of cost", "of left", "of left")))
    added_up = draw(st.sampled_from(("", ", added up per person per calendar year by day")))
    lines = [of + added_up]
    if draw(st.integers(0, 2)) == 0:
        lines.append(f"for kind is {draw(st.sampled_from('xy'))}")
    if draw(st.integers(0, 2)) == 0:
        lines.append(f"deductible {draw(st.integers(1, 4))}")
    lines.append(f"pay {draw(st.sampled_from((20, 50, 100)))}%")
    if draw(st.booleans()):
        lines.append(f"cap {draw(st.integers(1, 5))}")
    return "".join(f"  {line}\n" for line in lines)


@settings(max_examples=POLICIES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(layers(), layers())
def test_order_makes_a_difference_exactly_where_a_claim_shows_it(first: str, second: str) -> None:
    wanted = "require\n  order of a, b makes no difference\n"
    model = model_of(f"{HEADER}benefit a\n{first}benefit b\n{second}stack of cost\n  a, then b\n{wanted}")
    (requirement,) = model.requirements
    assert isinstance(requirement, AnyOrder)
    (found,) = (one for one in verify(model) if one.property.span == requirement.span)
    shown = differ(model, replace(model, amounts=requirement.exchanged))
    match found:
        case Proved():
            assert not shown
        case Refuted(witness=witness):
            assert shown or len(witness.claims) > 2
        case Unknown(reason=reason) if not reason.startswith("waits"):
            assert not shown, reason
        case _:
            pass


def differ(written: Model, exchanged: Model) -> bool:
    """Whether one claim, or the second of two, leaves another own share."""
    models = [narrowed(model, frozenset({OWN_SHARE})) for model in (written, exchanged)]
    claims: list[Claim] = [
        {"claim": "1", "person": "A", "day": date(2024, 1, 1), "cost": cost, "kind": kind}
        for kind in "xy"
        for cost in range(TOP + 1)
    ]
    histories: dict[tuple[object, ...], list[Ledger]] = {(): [{}, {}]}
    for claim in claims:
        ledgers = [settle(model, claim, {})[1] for model in models]
        histories[tuple(tuple(sorted(ledger.items())) for ledger in ledgers)] = ledgers
    return any(
        own_share(models[0], claim, ledgers[0]) != own_share(models[1], claim, ledgers[1])
        for ledgers in histories.values()
        for claim in claims
    )


def own_share(model: Model, claim: Claim, ledger: Ledger) -> int:
    outcome, _ = settle(model, {**claim, "claim": "2"}, ledger)
    assert isinstance(outcome, Settled)
    return outcome.amounts[OWN_SHARE]
