"""What must have been asked of a policy, as far as its text alone says so: what leaves some of it out is no verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from compiler.findings import Finding, Refuted
from compiler.model import FactValue, Model, MoneyFact, Role, Schedule, walk

OF_BANDS = ("TP101", "TP102", "TP103")
"""Asked of whatever has bands."""


def all_asked(model: Model, findings: Sequence[Finding]) -> bool:
    """Whether there is an answer for every amount, for whatever has bands, for the own share, and for each benefit,
    requirement and example. Of a policy that no claim satisfies nothing else is asked."""
    if len(findings) == 1 and isinstance(findings[0], Refuted):
        return (findings[0].property.code, findings[0].property.subject) == ("TP103", model.id)
    of = Counter((one.property.code, one.property.subject) for one in findings)
    places = {(one.property.code, one.property.span) for one in findings}
    sided = all(of["TP203", one.name] == (2 if one.role is Role.BENEFIT else 1) for one in model.amounts)
    banded = {
        one.benefit or one.name
        for one in model.amounts
        if any(isinstance(node, Schedule) for node in walk(one.expression))
    }
    return (
        sided
        and all(of[code, name] > 0 for code in OF_BANDS for name in banded)
        and all(("TP202", fact.span) in places for fact in _costs(model))
        and all(("TP205", one.span) in places for one in model.benefits)
        and all(("TP302", one.span) in places for one in model.requirements)
        and all(("TP301", one.span) in places for one in model.examples)
    )


def _costs(model: Model) -> Iterator[MoneyFact]:
    """The amounts of a claim that stand in the cost itself."""
    read = {node.name for node in walk(model.cost) if isinstance(node, FactValue)}
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.name in read and fact.lowest < fact.highest:
            yield fact
