"""One claim under two policies: the one for which an amount differs most, or that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import z3

from compiler.evaluate import Claim
from compiler.model import Expression, Model
from compiler.verify.claims import empty_history, facts_of, free_history, has_value, place_of, settled
from compiler.verify.encode import encode, whole
from compiler.verify.ground import narrowed
from compiler.verify.solve import Impossible, Possible, Undecided, ask, remembering_nothing
from compiler.verify.witness import Scene, concrete, smallest
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class Furthest:
    """A claim from an empty ledger for which the new amount is above the old one by so many minor units.

    most  no claim has more; else the solver gave up on the way
    """

    claim: Claim
    by: int
    most: bool


@dataclass(frozen=True, slots=True)
class Nowhere:
    """For no claim is the new amount above the old one."""


@dataclass(frozen=True, slots=True)
class NotShown:
    """The solver gave up."""

    reason: str


@remembering_nothing()
def furthest(
    old: Model, new: Model, cell: Mapping[str, str], of_old: Expression, of_new: Expression
) -> Furthest | Nowhere | NotShown:
    """How far `of_new` can lie above `of_old`, of one claim that nothing was settled before, in one category cell.

    Both policies have the same facts; nothing in them follows from a date, and every ratio is known. A claim without a
    value under one of them is not asked about.
    """
    facts = facts_of(old, "claim", cell)
    place, first = place_of(old, "claim", 0, facts.days)
    before = settled(old, "old", facts.setting, (*facts.constraints, *first), empty_history(old), {}, place)
    also = facts_of(new, "claim", cell)
    after = settled(new, "new", also.setting, (), empty_history(new), {}, place)
    difference = whole(encode(of_new, after.setting)) - whole(encode(of_old, before.setting))
    constraints = (*before.constraints, *after.constraints, has_value(before), has_value(after))
    answer = ask((*constraints, difference > 0))
    if isinstance(answer, Undecided):
        return NotShown(answer.reason)
    if not isinstance(answer, Possible):
        return Nowhere()
    found, high, exact = answer, DOMAIN_TOP + 1, True
    step = 1
    while high - found.whole(difference) > 1:
        # The difference is mostly small beside the domain: steps grow from what was found before they are halved.
        low = found.whole(difference)
        guess = min(low + step, (low + high) // 2) if high - low > 2 * step else (low + high) // 2
        answer = ask((*constraints, difference >= guess))
        if isinstance(answer, Possible):
            found, step = answer, step * 16
        else:
            exact = exact and not isinstance(answer, Undecided)
            high, step = guess, DOMAIN_TOP
    by = found.whole(difference)
    goal = difference == by
    scene = Scene((), before, None, constraints)
    return Furthest(concrete(old, before, smallest(scene, goal, found), "1"), by, exact)


@remembering_nothing()
def lacking(old: Model, new: Model, cell: Mapping[str, str]) -> bool:
    """Whether a claim may have no value under one of the two policies, as far as the solver can say."""
    for model in (old, new):
        facts = facts_of(model, "claim", cell)
        place, first = place_of(model, "claim", 0, facts.days)
        claim = settled(model, "one", facts.setting, (*facts.constraints, *first), empty_history(model), {}, place)
        answer = ask((*claim.constraints, z3.Not(has_value(claim))))
        if isinstance(answer, Possible | Undecided):
            return True
    return False


@remembering_nothing()
def never_below_zero(model: Model, name: str) -> bool:
    """Whether an amount, and all that is added up behind it, is 0 or more in every claim, whatever was settled before.

    As far as the solver can say. Nothing in the policy follows from a date, and every ratio is known.
    """
    alone = narrowed(model, frozenset({name}))
    facts = facts_of(alone, "claim", {})
    place, first = place_of(alone, "claim", 0, facts.days)
    before, bounds = free_history(alone)
    claim = settled(alone, "one", facts.setting, (*facts.constraints, *first, *bounds), before, {}, place)
    counted = {name, *(total.amount for total in alone.running_totals)}
    below = z3.Or([claim.setting.amounts[one] < 0 for one in counted])
    return isinstance(ask((*claim.constraints, has_value(claim), below)), Impossible)
