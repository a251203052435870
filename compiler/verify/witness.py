"""From the solver's values to the smallest claims that show a flaw, replayed before anybody sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.evaluate import Claim, Outcome, settle_all
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
)
from compiler.verify.claims import SymbolicClaim
from compiler.verify.days import days_of
from compiler.verify.long_history import Past
from compiler.verify.lowered import fewest, lowered
from compiler.verify.solve import Impossible, Possible, ask

KEYS = ("A", "B", "C")
"""The identifiers in a witness, one for each claim that can stand in it on its own."""


LESS_EFFORT = 400_000
"""How much one step on the way to the smallest claim may cost: a smaller one is nice to have, but not worth seconds."""


class WitnessDoesNotReplay(AssertionError):
    """The solver and the reference interpreter disagree about a claim: a mistake of ours, never of the policy."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Claims that show something, and what the reference interpreter made of the last of them.

    other  for a flaw that lies between two claims: the second in place of the last one, and what came of that
    note   what must be said beside them, such as the value that an unknown ratio was set to
    """

    claims: tuple[Claim, ...]
    outcome: Outcome
    other: Claim | None
    other_outcome: Outcome | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A sequence of claims as terms; `other` is what the last one is compared with.

    constraints  of all of them
    times        how often the first claim of the history is settled
    """

    history: tuple[SymbolicClaim, ...]
    last: SymbolicClaim
    other: SymbolicClaim | None
    constraints: tuple[z3.BoolRef, ...]
    times: int = 1


def smallest(
    scene: Scene, goal: z3.BoolRef, found: Possible, first: Sequence[tuple[z3.ArithRef, int]] = ()
) -> Possible:
    """Values that satisfy the goal with every amount as small as it can be, one after another.

    The terms of `first` come first, each with a bound that it cannot go below; then the words, then the amounts of the
    last claim, then those of the claims before it. Where the solver gives up on the way, the smallest values found so
    far stay, and no amount can be a unit lower by itself (as far as `lowered` goes).
    """
    claims = (scene.last, *scene.history)
    words = [
        term
        for claim in claims
        for term in claim.setting.words.values()
        if not isinstance(term, str) and z3.is_const(term)
    ]
    money = [term for claim in claims for term in claim.facts]
    places = [term for claim in (*scene.history, scene.last) for term in claim.place.values()]
    found = _lowered(money, (*scene.constraints, goal), found)
    fixed: list[z3.BoolRef] = [*scene.constraints, goal]
    sure = True
    for term, least in (*first, *((term, 0) for term in (*words, *money, *places))):
        if not z3.is_int_value(term):
            found, proved = _least(fixed, term, least, found)
            fixed.append(term == found.whole(term))
            sure = sure and proved
    if sure:
        return found
    kept = [term <= found.whole(term) for term, _ in first]
    return _lowered(money, (*scene.constraints, goal, *kept), found)


def _lowered(money: Sequence[z3.ArithRef], constraints: Sequence[z3.BoolRef], found: Possible) -> Possible:
    """The same with every amount lowered as far as it goes by itself, without the solver."""
    amounts = [term for term in money if not z3.is_int_value(term)]
    tried = found.trying(amounts, constraints)
    numbers = lowered([found.whole(term) for term in amounts], [0] * len(amounts), lambda each: tried(each) is not None)
    return tried(numbers) or found


def _least(fixed: Sequence[z3.BoolRef], term: z3.ArithRef, least: int, found: Possible) -> tuple[Possible, bool]:
    """Halve the stretch between an impossible and a possible value until they meet; whether the solver decided each.

    Two guesses come first, because they are nearly always right: nothing below what was found, and the bound itself.
    """
    low, high, sure = least - 1, found.whole(term), True
    guesses = [high - 1, least]
    while high - low > 1:
        guess = next((guess for guess in guesses if low < guess < high), (low + high) // 2)
        answer = ask((*fixed, term <= guess), LESS_EFFORT)
        if isinstance(answer, Possible):
            found, high = answer, answer.whole(term)
        else:
            low, sure = guess, sure and isinstance(answer, Impossible)
    return found, sure


def lift(model: Model, scene: Scene, found: Possible) -> Shown:
    """The claims of a scene with the solver's values, settled by the reference interpreter."""
    row = (*scene.history[:1] * scene.times, *scene.history[1:], scene.last)
    width = len(str(len(row)))
    claims = tuple(concrete(model, claim, found, f"{number:0{width}d}") for number, claim in enumerate(row, start=1))
    other = None if scene.other is None else concrete(model, scene.other, found, claims[-1][CLAIM_NUMBER])
    return _settled(model, claims, other)


def lift_after(model: Model, past: Past, scene: Scene, found: Possible) -> Shown:
    """The claims of a scene after those of a history that was settled, of whose and when it says comes next."""
    width = len(str(past.claims[-1][CLAIM_NUMBER]))
    row = enumerate((*scene.history, scene.last), start=len(past.claims) + 1)
    claims = [{**concrete(model, claim, found, f"{number:0{width}d}"), **past.place} for number, claim in row]
    other = None if scene.other is None else concrete(model, scene.other, found, claims[-1][CLAIM_NUMBER])
    return _settled(model, (*past.claims, *claims), None if other is None else {**other, **past.place})


def without_needless(model: Model, shown: Shown, confirm: Callable[[Shown], bool]) -> Shown:
    """The same without claims before the last one that it can be seen without; `confirm` must be true of it."""

    def after(history: tuple[Claim, ...]) -> Shown:
        width = len(str(len(history) + 1))
        claims = [
            {**claim, CLAIM_NUMBER: f"{number:0{width}d}"}
            for number, claim in enumerate((*history, shown.claims[-1]), start=1)
        ]
        other = None if shown.other is None else {**shown.other, CLAIM_NUMBER: claims[-1][CLAIM_NUMBER]}
        return replace(_settled(model, tuple(claims), other), note=shown.note)

    history = fewest(shown.claims[:-1], lambda fewer: confirm(after(fewer)))
    return shown if len(history) + 1 == len(shown.claims) else after(history)


def replayed(model: Model, shown: Shown) -> Shown:
    """The same claims, settled by another model."""
    return _settled(model, shown.claims, shown.other)


def _settled(model: Model, claims: tuple[Claim, ...], other: Claim | None) -> Shown:
    outcome = settle_all(model, claims)[-1]
    if other is None:
        return Shown(claims, outcome, None, None)
    return Shown(claims, outcome, other, settle_all(model, (*claims[:-1], other))[-1])


def concrete(model: Model, claim: SymbolicClaim, found: Possible, number: FactInput | None) -> Claim:
    """One claim with the solver's values."""
    facts: dict[str, FactInput | None] = {CLAIM_NUMBER: number}
    days = days_of(model)
    for fact in model.facts:
        match fact:
            case MoneyFact(name) | CountFact(name):
                facts[name] = found.whole(claim.setting.amounts[name])
            case CategoryFact(name, values):
                stands = claim.setting.words[name]
                facts[name] = stands if isinstance(stands, str) else values[found.whole(stands)]
            case IdentifierFact(name):
                facts[name] = KEYS[found.whole(claim.place[name])] if name in claim.place else KEYS[0]
            case DateFact(name):
                facts[name] = days[name][found.whole(claim.place[name])]
    return facts


def frozen(claims: Sequence[Claim]) -> tuple[tuple[tuple[str, FactInput], ...], ...]:
    """Claims as they stand in a finding."""
    return tuple(tuple((name, value) for name, value in claim.items() if value is not None) for claim in claims)
