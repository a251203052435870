"""People with several claims in a period: whether anybody is worse off in all, and how much less one claim is paid.

First by rows of stairs (`lead.py`), which say by how much and where; then of both policies as one, by the solver.
What is refuted is shown by claims that are settled under both policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.compare.falls import lowest
from compiler.compare.lead import Fall, Lead, Rules, changes, groups, lead, rounding, rounding_behind, total_of
from compiler.compare.pair import Pair, claim_of, replayed
from compiler.compare.result import History, Later
from compiler.compare.rows import sum_of
from compiler.compare.stretch import Inexact
from compiler.evaluate import Claim
from compiler.model import AmountValue, Expression, FactValue, Model
from compiler.verify.unknown import has_unknown

MOST_CLAIMS = 40
"""So many claims may bring a total to where something shows, and so many may show it."""

MOST_CELLS = 16
"""With more cells than this not every one is put before every other."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The fact that running totals add up, and the smallest and largest that one claim can have of it."""

    fact: str
    lowest: int
    highest: int


def later(rules: Rules, reach: Reach | None, seen: bool) -> Later:
    """What is known of people who are paid less by the new policy, by all benefits together.

    reach  what claims with a given total can be made of; None where several facts decide
    seen   a first claim is paid less already, so that the period need not be asked about
    """
    found = lead(rules)
    if found.over is not None and _several_keys(rules):
        # What holds of a family need not hold of each of its members.
        found = replace(found, slack=None)
    single = None if reach is None or found.fall is None else _single(found.fall, found, reach)
    if seen or found.slack is not None:
        return Later(found.slack, found.each, None, single)
    period = next(_by_rows(rules, reach), None) if reach is not None else None
    if period is not None:
        return Later(None, found.each, period, single)
    slack, period = _as_one(rules)
    return Later(slack, found.each, period, single)


def turned(one: Later) -> Later:
    """The same of the two policies in each other's place."""

    def other(history: History | None) -> History | None:
        return None if history is None else replace(history, old=history.new, new=history.old)

    return replace(one, period=other(one.period), single=other(one.single))


def _single(fall: Fall, found: Lead, reach: Reach) -> History | None:
    """Claims the last of which is paid less by as much as any can be."""
    if fall.before == 0 or found.each == found.slack:
        return None
    parts = (*_split(fall.cell, fall.before, reach), (fall.cell, fall.after - fall.before))
    claims = _claims(fall.pair, reach, fall.total.amount, parts)
    history = None if claims is None else replayed(fall.pair, claims)
    return history if history is not None and history.old[-1] - history.new[-1] == found.each else None


def _by_rows(rules: Rules, reach: Reach) -> Iterator[History]:
    """Claims with one word, then one with another, that are paid less in all by more than rounding makes."""
    for pair in rules.pairs:
        found = groups(rules, pair)
        if len(found) != 1:
            continue
        (names,) = found
        total = total_of(pair, names)
        if total is None or total.amount not in rules.level:
            continue
        try:
            rows = changes(pair, names)
            if len(rows) > MOST_CELLS:
                continue
            tried = [(lowest(sum_of(one, other, -1), other), cell, last) for cell, one in rows for last, other in rows]
        except Inexact:
            continue
        least, cell, last = min(tried, key=lambda one: one[0].value)
        if least.value < -rounding(pair, names):
            parts = (*_split(cell, least.before, reach), *_split(last, least.after - least.before, reach))
            claims = _claims(pair, reach, total.amount, parts)
            history = None if claims is None else replayed(pair, claims)
            if history is not None and history.gained < 0:
                yield history


Bill = tuple[Mapping[str, str], int]
"""The words of a claim, and what it has of the fact."""


def _split(words: Mapping[str, str], amount: int, reach: Reach) -> tuple[Bill, ...]:
    """The fewest bills that come to an amount; where these are too many, one that is out of reach."""
    many = max(-(-amount // max(reach.highest, 1)), 1)
    many = many if many <= MOST_CLAIMS else 1
    return tuple((words, amount // many + (place < amount % many)) for place in range(many))


def _claims(pair: Pair, reach: Reach, counted: str, bills: Sequence[Bill]) -> tuple[Claim, ...] | None:
    """Claims with these words and amounts; None where the total is not that of the fact, or one is out of reach."""
    if not _is_fact(pair.new, counted, reach.fact) or not _is_fact(pair.old, counted, reach.fact):
        return None
    if not all(reach.lowest <= amount <= reach.highest for _, amount in bills):
        return None
    width = len(str(len(bills)))
    return tuple(
        claim_of(pair, words, {reach.fact: amount}, f"{number:0{width}d}")
        for number, (words, amount) in enumerate(bills, 1)
    )


def _is_fact(model: Model, name: str, fact: str) -> bool:
    """Whether an amount is nothing but a fact; one that the policy does not have counts nothing."""
    formulas: dict[str, Expression] = {amount.name: amount.expression for amount in model.amounts}
    match formulas.get(name):
        case None:
            return True
        case FactValue(found):
            return found == fact
        case AmountValue(inner):
            return _is_fact(model, inner, fact)
        case _:
            return False


def _several_keys(rules: Rules) -> bool:
    models = [model for pair in rules.pairs for model in (pair.old, pair.new)]
    return len({total.key for model in models for total in model.running_totals}) > 1


def _as_one(rules: Rules) -> tuple[int | None, History | None]:
    """The same by the solver: what rounding can make if nobody is worse off, or two claims that show who is."""
    if any(has_unknown(model) for pair in rules.pairs for model in (pair.old, pair.new)):
        return None, None
    from compiler.compare.as_one import joined, never_less_over_a_period, two_claims_for_less
    from compiler.compare.tried import worst_tried

    shown = len(rules.pairs) == 1
    for pair in rules.pairs:
        margin = rounding_behind(rules, pair)
        one = joined(pair, margin)
        if shown and one is not None and not _several_keys(rules) and never_less_over_a_period(one):
            continue
        shown = False
        history = worst_tried(pair, margin, len(rules.pairs) == 1) or (
            None if one is None else two_claims_for_less(one, pair)
        )
        if history is not None:
            return None, history
    return (0 if shown else None), None
