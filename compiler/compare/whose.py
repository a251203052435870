"""Whose claims are paid less: of a family together, or of one member, where totals of both are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.compare.pair import Pair, replayed
from compiler.compare.result import History
from compiler.evaluate import Claim
from compiler.model import IdentifierFact, RunningTotal


def paid_less(pair: Pair, claims: Sequence[Claim], rounding: int) -> History | None:
    """The claims settled, said of those whose claims are paid less by most; None where nobody's are.

    rounding  what it must be less by for each claim, in minor units, to count
    """
    history = replayed(pair, claims)
    if history is None:
        return None
    counting = keys(pair)
    several = counting if len(counting) > 1 else []
    whose = dict.fromkeys((key, str(claim[key])) for key in several for claim in claims)
    said = [history, *(replace(history, of=one) for one in whose)]
    return min((one for one in said if -one.gained > rounding * one.many), key=lambda one: one.gained, default=None)


def keys(pair: Pair) -> list[str]:
    """The identifiers that running totals count for."""
    counting = {total.key for total in totals(pair)}
    return [fact.name for fact in pair.old.facts if isinstance(fact, IdentifierFact) and fact.name in counting]


def totals(pair: Pair) -> list[RunningTotal]:
    """The running totals of both policies."""
    return [*pair.old.running_totals, *pair.new.running_totals]
