"""The ladder: how a question about every claim is answered, cheapest method first, each of them sound.

1. Contracts of the layers, composed over what is left and over any history: proves, never refutes. Where a layer
   promises little, it is taken exactly and the others by their contracts.
2. One claim from an empty ledger, exactly: refutes; proves where the policy keeps no running totals.
3. One claim after any history, exactly: proves; what it finds need not be able to happen.
4. Two, then three claims from an empty ledger, exactly: refutes. Then one claim many times over, and another after it;
   then two claims after a plain history that was settled.

Where a ratio is unknown, the first and the third are asked with the slope lemma in place of the ratio, which proves for
every value of it; refuted is what fails for one value of it, on the other rungs.

Where the ladder ends the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice, tee

import z3

from compiler.findings import Property, Proved
from compiler.model import CountFact, Expression, Model, MoneyFact, sources, totals_in
from compiler.verify.claims import (
    SymbolicClaim,
    empty_history,
    facts_of,
    free_history,
    has_value,
    not_before,
    place_of,
    raised,
    settled,
    slopes_of,
    told_history,
)
from compiler.verify.contract import Contract, cells, cut_nodes, of_one, of_two
from compiler.verify.long_history import Past, pasts
from compiler.verify.plans import LONGEST_HISTORY, MOST_PASTS, REPEATED
from compiler.verify.slope import limits
from compiler.verify.solve import Answer, Impossible, Possible, Undecided, ask
from compiler.verify.unknown import assumptions, has_unknown, set_ratios
from compiler.verify.witness import (
    LESS_EFFORT,
    Scene,
    Shown,
    WitnessDoesNotReplay,
    lift,
    lift_after,
    replayed,
    smallest,
    without_needless,
)
from compiler.verify.words import ratio_note

CONTRACTS = "layer contracts composed"
PARTLY = "layer contracts composed, the other layers exactly"
DIRECT = "direct integer query"
SLOPE_PARTLY = f"{PARTLY}, for every value of the unknown ratio: slope lemma"
SLOPES = "direct integer query, for every value of the unknown ratio: slope lemma"
SLOPE_CONTRACTS = "layer contracts composed, for every value of the unknown ratio: slope lemma"


@dataclass(frozen=True, slots=True)
class Holds:
    """For every claim of the domain; `method` says how that was shown, `by_contracts` that contracts were used."""

    method: str
    by_contracts: bool = False

    def proved(self, asked: Property) -> Proved:
        """The finding."""
        return Proved(asked, self.method, self.by_contracts)


@dataclass(frozen=True, slots=True)
class Fails:
    """Shown by these claims, which were replayed."""

    shown: Shown


@dataclass(frozen=True, slots=True)
class Open:
    """Neither was shown."""

    reason: str


Verdict = Holds | Fails | Open


@dataclass(frozen=True, slots=True)
class Question:
    """A flaw that no claim may have.

    flaw      the flaw, of a scene
    confirm   the same flaw, of claims that the reference interpreter has settled
    facts     the category facts that matter: each cell of them is asked by itself
    raise_by  the fact that is one minor unit higher in the claim to compare with; None where one claim shows the flaw
    up_to     ask about the claim before this amount has a value; None where all of them have one
    first     what to make as small as possible before the facts, each with a bound it cannot go below
    minimal   look for the smallest claims; otherwise any will do
    sees_all  `confirm` sees the whole flaw by itself, so that claims can be left out while it is true
    where     the only category cell to ask about; None for all
    """

    flaw: Callable[[Scene], z3.BoolRef]
    confirm: Callable[[Shown], bool]
    facts: tuple[str, ...] = ()
    raise_by: str | None = None
    up_to: str | None = None
    first: Callable[[Scene], tuple[tuple[z3.ArithRef, int], ...]] = lambda _: ()
    minimal: bool = True
    where: Mapping[str, str] | None = None
    sees_all: bool = False


def decide(model: Model, contracts: Mapping[Expression, Contract], question: Question) -> Verdict:
    """Climb the ladder until a method answers."""
    unknown = has_unknown(model)
    if contracts and by_contracts(model, contracts, question):
        return by_all_contracts(model)
    strong = _strong(model, contracts)
    if strong and len(strong) < len(contracts) and by_contracts(model, strong, question):
        return Holds(SLOPE_PARTLY if unknown else PARTLY, by_contracts=True)
    if unknown:
        return _for_every_ratio(model, question)
    reasons: list[str] = []
    # Settled when the first cell comes to them, and for all cells once.
    (histories,) = tee(islice(pasts(model), MOST_PASTS), 1)
    for cell in cells(model, question.facts) if question.where is None else (question.where,):
        verdict = _in_cell(model, cell, question, copy(histories))
        match verdict:
            case Holds():
                pass
            case Fails():
                return verdict
            case Open(reason):
                reasons.append(reason)
    return Open(reasons[0]) if reasons else Holds(DIRECT)


def by_all_contracts(model: Model) -> Holds:
    """What is said where the contracts alone rule a flaw out."""
    return Holds(SLOPE_CONTRACTS if has_unknown(model) else CONTRACTS, by_contracts=True)


def _for_every_ratio(model: Model, question: Question) -> Verdict:
    """Proved for all values at once by the slope lemma, or refuted by one value of the unknown ratios."""
    asked = cells(model, question.facts) if question.where is None else (question.where,)
    answers = [_slopes_in_cell(model, cell, question) for cell in asked]
    if all(isinstance(answer, Impossible) for answer in answers):
        return Holds(SLOPES)
    for known in assumptions(model):
        verdict = decide(known, {}, question)
        if isinstance(verdict, Fails):
            as_written = replayed(model, verdict.shown)
            plain = question.confirm(as_written)
            return Fails(as_written if plain else replace(verdict.shown, note=ratio_note(known)))
    return Open("shown for single values of the unknown ratio, but not for every one")


def _slopes_in_cell(model: Model, cell: Mapping[str, str], question: Question) -> Answer:
    scene = free_scene(model, cell, question.raise_by, {})
    return ask((*scene.constraints, _value_until(scene, question.up_to), question.flaw(scene)))


def _strong(model: Model, contracts: Mapping[Expression, Contract]) -> dict[Expression, Contract]:
    """The contracts of layers that promise enough; one that caps what a weak layer pays is taken together with it."""
    cuts = [(amount.name, node, argument) for amount in model.amounts for node, argument in cut_nodes(amount).items()]
    known = [(name, node, argument) for name, node, argument in cuts if node in contracts]
    weak = {name for name, node, _ in known if not (contracts[node].rises and contracts[node].slow)}
    return {node: contracts[node] for name, node, argument in known if name not in weak and argument not in weak}


def by_contracts(model: Model, contracts: Mapping[Expression, Contract], question: Question) -> bool:
    """Whether the contracts alone rule the flaw out, whatever was settled before."""
    scene = free_scene(model, {}, question.raise_by, contracts)
    return isinstance(ask((*scene.constraints, question.flaw(scene))), Impossible)


def _in_cell(model: Model, cell: Mapping[str, str], question: Question, histories: Iterable[Past]) -> Verdict:
    one = told(model, cell, question, 1)
    if isinstance(one, Fails):
        return one
    if not model.running_totals:
        return _whole_domain(one)
    scene = free_scene(model, cell, question.raise_by, {})
    answer = ask((*scene.constraints, _value_until(scene, question.up_to), question.flaw(scene)))
    if isinstance(answer, Impossible):
        return Holds(DIRECT)
    for length in range(2, LONGEST_HISTORY + 1):
        found = told(model, cell, question, length)
        if isinstance(found, Fails):
            return found
    for times in REPEATED if adds_up_alone(model) else ():
        found = told(model, cell, question, 2, times)
        if isinstance(found, Fails):
            return found
    later = _after_history(model, cell, question, histories)
    if later is not None:
        return later
    if isinstance(answer, Undecided):
        return Open(answer.reason)
    return Open("it could fail after some history, but no claims were found that show it")


def adds_up_alone(model: Model) -> bool:
    """What is added up depends on no running total itself, so the same claim adds the same each time."""
    totalled = frozenset(total.amount for total in model.running_totals)
    behind = sources(model, totalled)
    return not any(totals_in(amount.expression) for amount in model.amounts if amount.name in behind)


def _whole_domain(one: Fails | Impossible | Undecided) -> Verdict:
    match one:
        case Fails():
            return one
        case Impossible():
            return Holds(DIRECT)
        case Undecided(reason):
            return Open(reason)


def told(
    model: Model, cell: Mapping[str, str], question: Question, length: int, times: int = 1
) -> Fails | Impossible | Undecided:
    """Look for `length` claims from an empty ledger that have the flaw; the smallest are replayed.

    The first of them is settled so many `times`.
    """
    scene = told_scene(model, cell, question.raise_by, length, times)
    goal = z3.And(_value_until(scene, question.up_to), question.flaw(scene))
    answer: Answer = ask((*scene.constraints, goal))
    if not isinstance(answer, Possible):
        return answer
    first = question.first(scene)
    if question.raise_by is not None:
        first = (*first, (scene.last.setting.amounts[question.raise_by], 0))
    values = smallest(scene, goal, answer, first) if question.minimal else answer
    shown = lift(model, scene, values)
    if not question.confirm(shown):
        if times > 1:
            # Only the first and the last of the repeated claims are known to have a value.
            return Undecided("a claim that was repeated did not show it")
        raise WitnessDoesNotReplay(f"{model.id}: {shown}")
    return Fails(_with_fewer(model, question, shown))


def _with_fewer(model: Model, question: Question, shown: Shown) -> Shown:
    """What is shown, without claims that it does not need."""
    return without_needless(model, shown, question.confirm) if question.minimal and question.sees_all else shown


def _after_history(
    model: Model, cell: Mapping[str, str], question: Question, histories: Iterable[Past]
) -> Fails | None:
    """Look for two claims that have the flaw after a plain history: of one person, or those of one more member.

    Not of ratios that were set to a value: it would be asked again for each of them.
    """
    if any(True for one in model.amounts for _ in set_ratios(one.expression)):
        return None
    for past in histories:
        words = past.words(model)
        if any(cell.get(name, word) != word for name, word in words.items()):
            continue
        scene = _scene_after(model, {**words, **cell}, words, past.before, question.raise_by)
        goal = z3.And(_value_until(scene, question.up_to), question.flaw(scene))
        answer = ask((*scene.constraints, goal), LESS_EFFORT)
        if isinstance(answer, Possible):
            values = smallest(scene, goal, answer) if question.minimal else answer
            shown = lift_after(model, past, scene, values)
            if not question.confirm(shown):
                raise WitnessDoesNotReplay(f"{model.id}: {shown}")
            return Fails(_with_fewer(model, question, shown))
    return None


def _scene_after(
    model: Model, cell: Mapping[str, str], words: Mapping[str, str], past: Mapping[str, int], raise_by: str | None
) -> Scene:
    """Two claims on one day, after totals that are known; only the last one is tied to the cell."""
    facts = facts_of(model, "claim1", words)
    place = {**place_of(model, "claim1", 0, {})[0], **facts.days}
    known: dict[str, z3.ArithRef] = {name: z3.IntVal(so_far) for name, so_far in past.items()}
    one = settled(model, "claim1", facts.setting, facts.constraints, known, {}, place)
    then = {total.name: known[total.name] + one.setting.amounts[total.amount] for total in model.running_totals}
    again = facts_of(model, "claim2", cell)
    last = settled(model, "claim2", again.setting, again.constraints, then, {}, {**place, **again.days})
    constraints = (*one.constraints, *last.constraints)
    if raise_by is None:
        return Scene((one,), last, None, constraints)
    higher, in_domain = raised(model, again.setting, raise_by)
    other = settled(model, "other", higher, in_domain, then, {}, last.place)
    return Scene((one,), last, other, (*constraints, *other.constraints))


def _value_until(scene: Scene, up_to: str | None) -> z3.BoolRef:
    claims = [has_value(scene.last, up_to), *(has_value(claim) for claim in scene.history)]
    if scene.other is not None:
        claims.append(has_value(scene.other, up_to))
    return z3.And(*claims)


# Scenes ---------------------------------------------------------------------------------------------


def free_scene(
    model: Model, cell: Mapping[str, str], raise_by: str | None, contracts: Mapping[Expression, Contract]
) -> Scene:
    """One claim after any history; clauses with a contract stand for what it says."""
    before, bounds = free_history(model)
    cuts = {
        amount.name: {node: argument for node, argument in cut_nodes(amount).items() if node in contracts}
        for amount in model.amounts
    }
    facts = facts_of(model, "claim", cell)
    last = settled(model, "claim", facts.setting, facts.constraints, before, cuts, facts.days)
    promised = [said for node, cut in last.cuts.items() for said in of_one(contracts[node], cut)]
    if raise_by is None:
        return Scene((), last, None, (*bounds, *last.constraints, *promised, *limits(slopes_of([last]))))
    higher, in_domain = raised(model, facts.setting, raise_by)
    other = settled(model, "other", higher, in_domain, before, cuts, facts.days)
    promised += [said for node, cut in other.cuts.items() for said in of_one(contracts[node], cut)]
    promised += [said for node, cut in other.cuts.items() for said in of_two(contracts[node], last.cuts[node], cut)]
    promised += limits(slopes_of([last, other]))
    return Scene((), last, other, (*bounds, *last.constraints, *other.constraints, *promised))


def told_scene(model: Model, cell: Mapping[str, str], raise_by: str | None, length: int, times: int = 1) -> Scene:
    """`length` claims settled after one another from an empty ledger; only the last one is tied to the cell.

    The first is settled so many `times`; with more than one, `adds_up_alone` must hold.
    """
    history: list[SymbolicClaim] = []
    constraints: list[z3.BoolRef] = []
    nothing = empty_history(model)
    for index in range(length):
        tag = f"claim{index + 1}"
        words = cell if index == length - 1 else {}
        facts = facts_of(model, tag, words)
        place, bounds = place_of(model, tag, index, facts.days)
        before = told_history(model, history, place, times) if history else nothing
        claim = settled(model, tag, facts.setting, (*facts.constraints, *bounds), before, {}, place)
        if history:
            constraints += not_before(model, claim, history[-1])
        constraints += claim.constraints
        if index == 0 and times > 1:
            before = told_history(model, [claim], place, times - 1)
            again = settled(model, "again", facts.setting, facts.constraints, before, {}, place)
            constraints += [*again.constraints, has_value(again)]
        history.append(claim)
    last = history.pop()
    if raise_by is None:
        return Scene(tuple(history), last, None, tuple(constraints), times)
    higher, in_domain = raised(model, last.setting, raise_by)
    alone = replace(higher, amounts={name: higher.amounts[name] for name in _amounts(model)})
    other = settled(model, "other", alone, in_domain, last.setting.before, {}, last.place)
    return Scene(tuple(history), last, other, (*constraints, *other.constraints), times)


def _amounts(model: Model) -> tuple[str, ...]:
    return tuple(fact.name for fact in model.facts if isinstance(fact, MoneyFact | CountFact))
