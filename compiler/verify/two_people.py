"""Two people with the same bills who differ in one word, as terms and as claims that are settled for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.evaluate import Claim, Settled, settle_all
from compiler.model import Expression, Model
from compiler.verify.claims import (
    SymbolicClaim,
    empty_history,
    facts_of,
    has_value,
    not_before,
    place_of,
    settled,
    slopes_of,
    told_history,
)
from compiler.verify.contract import Contract, cut_nodes, of_one, of_two
from compiler.verify.slope import limits
from compiler.verify.solve import Impossible, Possible, Undecided, ask
from compiler.verify.unknown import assumptions, has_unknown
from compiler.verify.witness import Scene, WitnessDoesNotReplay, concrete, smallest
from compiler.verify.words import ratio_note


@dataclass(frozen=True, slots=True)
class People:
    """The category in which the two differ, and the word of each."""

    fact: str
    better: str
    worse: str

    @property
    def turned(self) -> People:
        """The two in each other's place."""
        return People(self.fact, self.worse, self.better)


@dataclass(frozen=True, slots=True)
class Bills:
    """The same bills of both, from an empty ledger.

    scene        the claims of the better word
    constraints  of both
    less         every claim has a value, and the better word has received less of the amount in all
    """

    scene: Scene
    constraints: tuple[z3.BoolRef, ...]
    less: z3.BoolRef


@dataclass(frozen=True, slots=True)
class Less:
    """Claims of the better word that have brought less than the same claims of the worse one, replayed.

    better, worse  what was received in all, in minor units
    """

    claims: tuple[Claim, ...]
    better: int
    worse: int
    note: str = ""


def bills(
    model: Model,
    people: People,
    name: str,
    words: Sequence[Mapping[str, str]],
    contracts: Mapping[Expression, Contract] | None = None,
) -> Bills:
    """Claims of one person with these words, after one another; other words are left open.

    Of one claim, clauses with a contract that read no word in which the two differ may stand for what it says.
    """
    promised = contracts or {}
    assert len(words) == 1 or not promised
    cuts = {
        amount.name: {node: argument for node, argument in cut_nodes(amount).items() if node in promised}
        for amount in model.amounts
        if promised
    }
    nothing = empty_history(model)
    better: list[SymbolicClaim] = []
    worse: list[SymbolicClaim] = []
    constraints: list[z3.BoolRef] = []
    for index, cell in enumerate(words):
        tag = f"claim{index + 1}"
        facts = facts_of(model, tag, {**cell, people.fact: people.better})
        place, first = place_of(model, tag, 0, facts.days)
        constraints += [*facts.constraints, *(first if index == 0 else ())]
        changed = replace(facts.setting, words={**facts.setting.words, people.fact: people.worse})
        for claims, setting, side in ((better, facts.setting, tag), (worse, changed, f"{tag}.other")):
            before = told_history(model, claims, place) if claims else nothing
            claims.append(settled(model, side, setting, (), before, cuts, place))
            constraints += claims[-1].constraints
        if index > 0:
            constraints += not_before(model, better[-1], better[-2])
    for node, cut in better[-1].cuts.items():
        other = worse[-1].cuts[node]
        constraints += [*of_one(promised[node], cut), *of_one(promised[node], other)]
        constraints += of_two(promised[node], cut, other)
    received = [z3.Sum([claim.setting.amounts[name] for claim in claims]) for claims in (better, worse)]
    less = z3.And(*(has_value(claim) for claim in (*better, *worse)), received[0] < received[1])
    known = (*constraints, *limits(slopes_of([*better, *worse])))
    return Bills(Scene(tuple(better[:-1]), better[-1], None, known), known, less)


def less_received(
    model: Model, people: People, name: str, words: Sequence[Mapping[str, str]]
) -> Less | Impossible | Undecided:
    """Look for claims with these words with which the better word receives less; the smallest are replayed.

    Of unknown ratios it is asked for all values at once, then for one after another; `Impossible` speaks of all.
    """
    if has_unknown(model):
        all_at_once = bills(model, people, name, words)
        if isinstance(ask((*all_at_once.constraints, all_at_once.less)), Impossible):
            return Impossible()
        for known in assumptions(model):
            found = less_received(known, people, name, words)
            if isinstance(found, Less):
                return replace(found, note=ratio_note(known))
        return Undecided("shown for single values of the unknown ratio, but not for every one")
    question = bills(model, people, name, words)
    answer = ask((*question.constraints, question.less))
    if not isinstance(answer, Possible):
        return answer
    values = smallest(question.scene, question.less, answer)
    row = (*question.scene.history, question.scene.last)
    claims = tuple(concrete(model, claim, values, str(number)) for number, claim in enumerate(row, start=1))
    return replay(model, people, name, claims)


def replay(model: Model, people: People, name: str, claims: tuple[Claim, ...]) -> Less:
    """The claims settled for both words. Raises `WitnessDoesNotReplay` where the better one has not received less."""
    received: list[int] = []
    for word in (people.better, people.worse):
        outcomes = settle_all(model, [{**claim, people.fact: word} for claim in claims])
        received.append(sum(one.amounts[name] for one in outcomes if isinstance(one, Settled)))
        if not all(isinstance(one, Settled) for one in outcomes):
            raise WitnessDoesNotReplay(f"{model.id}: {claims} are not settled")
    if received[0] >= received[1]:
        raise WitnessDoesNotReplay(f"{model.id}: {claims}")
    return Less(claims, received[0], received[1])
