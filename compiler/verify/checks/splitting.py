"""TP205: what a benefit pays does not depend on how a bill is split.

Asked of the bill, through the whole policy: three claims of one person, day and category, with the same facts that no
bill states (an income, a fund). What the bill is made of, the facts behind the cost and those that are at most one of
them, adds up: two of the claims are parts of a bill, the third is the whole. Settled after one another, the two pay
together what the third pays in their place, but for what rounding does: at most one unit for each rounding on the way.

Amounts that add up need no solver (`compiler/verify/adding_up.py`). What is settled claim by claim with a deductible,
bands or a cap mostly depends on a split; where that is wanted (a deductible for each admission) the policy says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations, product

import z3

from compiler.evaluate import Claim, Settled, settle_all, value_of
from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import CLAIM_NUMBER, Allowance, Allowed, Benefit, CountFact, Model, MoneyFact, Schedule, reads, walk
from compiler.verify.adding_up import apart, billed, rounding
from compiler.verify.claims import (
    SymbolicClaim,
    empty_history,
    facts_of,
    free_history,
    has_value,
    place_of,
    settled,
    slopes_of,
    told_history,
)
from compiler.verify.contract import cells
from compiler.verify.encode import encode, whole
from compiler.verify.ground import Ground, categories_behind, narrowed, stacked, waits_for
from compiler.verify.halves import differing_halves
from compiler.verify.lowered import lowered
from compiler.verify.prove import DIRECT, SLOPES, Holds
from compiler.verify.slope import limits, together
from compiler.verify.solve import Impossible, Possible, Undecided, ask
from compiler.verify.tried import lowest_claim
from compiler.verify.unknown import assumptions, has_unknown
from compiler.verify.witness import Scene, WitnessDoesNotReplay, concrete, frozen, smallest
from compiler.verify.words import ARROW, claims_text, money, ratio_note, with_note
from dsl.diagnostics import Diagnostic, Label

CODE = "TP205"
TELESCOPES = "running totals telescope: f(S) - f(P)"
NEARLY = "running totals telescope, what rounding takes away by layer contracts"
SHARES = "a share of amounts that the parts of a bill add up to, and nothing else"
NO_BILL = "no fact of a claim stands behind the cost, so there is no bill to split"
SMALL = 100
"""A bill, in minor units, that nobody would ask to see a smaller one of."""
MOST_TRIED = 4
"""In how many cells of a stack bills are settled before the solver is asked."""
FEW, MOST_SPLITS = 12, 4_096
"""How many values of a fact, and how many splits, are tried where the solver gives up."""
MOST_SLOPES = 12
"""With more unknown ratios on the way than this, what three lengths have to do with one another is left out."""


@dataclass(frozen=True, slots=True)
class Question:
    """A benefit of a policy that has only what the benefit and the cost are computed from.

    bill       the facts that the parts of a bill add up to
    apart      amounts that add up, and how far they can be off, in minor units
    words      the categories that matter
    tolerance  what rounding may make of the payment, in minor units
    """

    model: Model
    benefit: Benefit
    bill: frozenset[str]
    apart: Mapping[str, Fraction]
    words: tuple[str, ...]
    tolerance: int


@dataclass(frozen=True, slots=True)
class Split:
    """Two claims and the one that has what they have together, with the cost of each and what each way pays."""

    parts: tuple[Claim, Claim]
    whole: Claim
    costs: tuple[int, int]
    paid: tuple[int, int]
    paid_whole: int
    note: str


Trio = tuple[SymbolicClaim, SymbolicClaim, SymbolicClaim]
"""The first part, the second, and the whole."""


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every benefit."""
    for benefit in ground.model.benefits:
        yield (_benefit(ground, benefit),)


def _benefit(ground: Ground, benefit: Benefit) -> Finding:
    asked = Property(CODE, benefit.name, "", benefit.span)
    names = frozenset({benefit.name}) | reads(ground.model.cost)
    waits = waits_for(ground, names)
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    model = narrowed(ground.model, names)
    bill = billed(model)
    if not bill:
        return NotAsked(asked, NO_BILL)
    adds_up, tolerance = apart(model, ground.contracts), rounding(model, benefit.name)
    off = adds_up.get(benefit.name)
    if off is not None and off <= tolerance:
        return _apart(narrowed(model, frozenset({benefit.name})), adds_up).proved(asked)
    question = Question(model, benefit, bill, adds_up, categories_behind(model, names), tolerance)
    found = _by_halves(question) or _shown(question)
    if isinstance(found, Split):
        return _refuted(asked, question, found)
    if isinstance(found, Impossible):
        return Proved(asked, DIRECT)
    if _never_differs(question):
        return Proved(asked, SLOPES if has_unknown(model) else DIRECT)
    tried = _by_trying(question)
    if tried is not None:
        return _refuted(asked, question, tried)
    return Unknown(asked, "it could depend on a split, but no two claims were found that show it")


def _refuted(asked: Property, question: Question, found: Split) -> Refuted:
    allowed = (one for one in question.model.allowances if one.what is Allowed.DEPENDS_ON_SPLITTING)
    allowance: Allowance | None = next((one for one in allowed if one.benefit in (None, question.benefit.name)), None)
    diagnostic = _diagnostic(question.model, question.benefit, found)
    return Refuted(asked, diagnostic, Witness(frozen(found.parts)), allowance)


def _apart(model: Model, adds_up: Mapping[str, Fraction]) -> Holds:
    """How it is known that a benefit adds up. Only of totals that do so but for rounding do the contracts matter."""
    totals = [total.amount for total in model.running_totals]
    if not totals:
        return Holds(SHARES)
    nearly = any(adds_up.get(name, Fraction(0)) > 0 for name in totals)
    return Holds(NEARLY, by_contracts=True) if nearly else Holds(TELESCOPES)


# What is asked --------------------------------------------------------------------------------------


def _claim(
    model: Model, tag: str, cell: Mapping[str, str], before: Mapping[str, z3.ArithRef], told: tuple[SymbolicClaim, ...]
) -> SymbolicClaim:
    """One of the three; where others are `told`, settled after these and nothing else."""
    facts = facts_of(model, tag, cell)
    place, first = place_of(model, tag, 0, facts.days)
    history = told_history(model, told, place) if told else before
    return settled(model, tag, facts.setting, (*facts.constraints, *first), history, {}, place)


def _cost(model: Model, claim: SymbolicClaim) -> z3.ArithRef:
    return whole(encode(model.cost, claim.setting))


def _known(question: Question, trio: Trio) -> list[z3.BoolRef]:
    """What makes three claims two parts of a bill and the whole, each with a value and a cost."""
    one, other, both = trio
    found = [*(limit for claim in trio for limit in claim.constraints), *map(has_value, trio)]
    for fact in question.model.facts:
        if fact.name in one.setting.amounts:
            values = [claim.setting.amounts[fact.name] for claim in trio]
            if fact.name in question.bill:
                found.append(values[0] + values[1] == values[2])
            else:
                found += [values[0] == values[1], values[0] == values[2]]
    for claim in (other, both):
        found += [claim.place[name] == term for name, term in one.place.items()]
        for name, word in one.setting.words.items():
            same = claim.setting.words[name]
            if not isinstance(word, str) and not isinstance(same, str):
                found.append(word == same)
    return [*found, _cost(question.model, one) > 0, _cost(question.model, other) > 0]


def _lemmas(question: Question, trio: Trio) -> list[z3.BoolRef]:
    """What follows and is known already: how far amounts are from adding up."""
    found: list[z3.BoolRef] = []
    for amount in question.model.amounts:
        if amount.name in question.apart:
            more, most = _more(amount.name, trio), int(question.apart[amount.name])
            found += [more <= most, more >= -most]
    return found


def _more(name: str, trio: Trio) -> z3.ArithRef:
    one, other, both = (claim.setting.amounts[name] for claim in trio)
    return one + other - both


def _differs(question: Question, trio: Trio) -> z3.BoolRef:
    more = _more(question.benefit.name, trio)
    return z3.Or(more > question.tolerance, more < -question.tolerance)


# Proof ----------------------------------------------------------------------------------------------


def _never_differs(question: Question) -> bool:
    """The solver's answer for every bill and every history at once."""
    model = question.model
    for cell in cells(model, question.words):
        before, bounds = free_history(model)
        one = _free(model, "one", cell, before)
        other = _free(model, "other", cell, {**before, **one.after})
        trio = (one, other, _free(model, "whole", cell, before))
        slopes = slopes_of(trio)
        lines = [
            together(first, second, both)
            for first, second, both in (permutations(slopes, 3) if len(slopes) <= MOST_SLOPES else ())
            if first.ratio is second.ratio is both.ratio
        ]
        known = [*bounds, *limits(slopes), *lines, *_known(question, trio), *_lemmas(question, trio)]
        if not isinstance(ask((*known, _differs(question, trio))), Impossible):
            return False
    return True


def _free(model: Model, tag: str, cell: Mapping[str, str], before: Mapping[str, z3.ArithRef]) -> SymbolicClaim:
    facts = facts_of(model, tag, cell)
    return settled(model, tag, facts.setting, facts.constraints, before, {}, facts.days)


# Two claims that show it ----------------------------------------------------------------------------


def _shown(question: Question) -> Split | Impossible | None:
    """The smallest bill whose parts pay something else, settled from an empty ledger; its halves where they show it.

    Where nothing is added up and every ratio is known, that there is none from an empty ledger says that there is none.
    """
    model = question.model
    tried = assumptions(model) if has_unknown(model) else (model,)
    decided = not has_unknown(model) and not model.running_totals
    for known in tried:
        for cell in cells(known, question.words):
            found = _in_cell(replace(question, model=known), cell)
            if isinstance(found, Split):
                return found
            decided = decided and isinstance(found, Impossible)
    return Impossible() if decided else None


def _by_halves(question: Question) -> Split | None:
    """In a stack: a bill of one fact that its halves show to depend on a split, found by settling claims."""
    model, name = question.model, question.benefit.name
    if not stacked(model) or len(question.bill) > 1 or has_unknown(model):
        return None
    for cell in cells(model, question.words)[:MOST_TRIED]:
        claims = differing_halves(model, name, cell, question.tolerance)
        if claims is not None and _are_a_split(question, claims) and _replay(question, claims) is not None:
            return _settled(question, claims)
    return None


def _by_trying(question: Question) -> Split | None:
    """A bill of few units, settled in two parts and whole: a split that the solver did not find in its time."""
    model = question.model
    for known in assumptions(model) if has_unknown(model) else (model,):
        about = replace(question, model=known)
        for cell in cells(known, question.words)[:MOST_TRIED]:
            claim = lowest_claim(known, cell, "1")
            for claims in () if claim is None else _small_splits(about, claim):
                if _replay(about, claims) is not None:
                    return _settled(about, claims)
    return None


def _small_splits(question: Question, claim: Claim) -> Iterator[tuple[Claim, Claim, Claim]]:
    """Two parts and the whole, every fact of theirs a few units above its lowest; the smallest first."""
    facts = [fact for fact in question.model.facts if isinstance(fact, MoneyFact | CountFact)]
    stated = [fact for fact in facts if fact.name in question.bill]
    lowest = [fact.lowest for fact in (*stated, *stated)]
    rest = [fact for fact in facts if fact.name not in question.bill]
    count = len(lowest) + len(rest)
    few = next(size for size in range(FEW, 0, -1) if size**count <= MOST_SPLITS or size == 1)
    for above in sorted(product(range(few), repeat=count), key=sum):
        values = [low + more for low, more in zip((*lowest, *(fact.lowest for fact in rest)), above, strict=True)]
        one, other = (dict(zip((fact.name for fact in stated), values[at:], strict=False)) for at in (0, len(stated)))
        same = dict(zip((fact.name for fact in rest), values[len(lowest) :], strict=True))
        whole = {name: one[name] + other[name] for name in one}
        yield {**claim, **same, **one}, {**claim, **same, **other, CLAIM_NUMBER: "2"}, {**claim, **same, **whole}


def _in_cell(question: Question, cell: Mapping[str, str]) -> Split | Impossible | Undecided:
    model = question.model
    nothing = empty_history(model)
    one = _claim(model, "one", cell, nothing, ())
    other = _claim(model, "other", cell, nothing, (one,))
    both = _claim(model, "whole", cell, nothing, ())
    trio = (one, other, both)
    constraints = (*_known(question, trio), *_lemmas(question, trio))
    goal = _differs(question, trio)
    answer = ask((*constraints, goal))
    if not isinstance(answer, Possible):
        return answer
    if _moves(model):
        tried = _replayed(question, trio, answer)
        if sum(tried.costs) <= SMALL:
            return tried
    cost, half = _cost(model, both), _cost(model, one)
    answer = smallest(Scene((), other, both, constraints), goal, answer, ((cost, 0),))
    size = answer.whole(cost)
    halves = ask((*constraints, goal, cost == size, half == size // 2))
    if isinstance(halves, Possible):
        answer = halves
    fixed = z3.And(goal, cost == size, half == answer.whole(half))
    return _replayed(question, trio, smallest(Scene((one,), other, both, constraints), fixed, answer))


def _moves(model: Model) -> bool:
    """Whether ends of bands follow from the claim: trying then finds a smaller bill sooner than the solver."""
    nodes = (node for amount in model.amounts for node in walk(amount.expression))
    return any(isinstance(node, Schedule) and not node.constant for node in nodes)


def _replayed(question: Question, trio: Trio, found: Possible) -> Split:
    """The three claims with the solver's values, settled by the reference interpreter."""
    model = question.model
    first, second, bill = (
        concrete(model, claim, found, number) for claim, number in zip(trio, ("1", "2", "1"), strict=True)
    )
    return _settled(question, (first, second, bill))


def _settled(question: Question, claims: tuple[Claim, Claim, Claim]) -> Split:
    """The three claims, settled, and as small as they go. Raises `WitnessDoesNotReplay` where they do not differ."""
    if not _are_a_split(question, claims) or _replay(question, claims) is None:
        raise WitnessDoesNotReplay(f"{question.model.id}: {claims}")
    found = _replay(question, _smaller(question, claims))
    assert found is not None
    return found


def _smaller(question: Question, claims: tuple[Claim, Claim, Claim]) -> tuple[Claim, Claim, Claim]:
    """Parts that still show it, of which none can have a unit less of any fact; the halves of that bill if they do."""
    first, second, bill = claims
    facts = [fact for fact in question.model.facts if isinstance(fact, MoneyFact | CountFact)]
    stated = [fact for fact in facts if fact.name in question.bill]
    rest = [fact for fact in facts if fact.name not in question.bill]

    def claims_of(numbers: tuple[int, ...]) -> tuple[Claim, Claim, Claim]:
        count = len(stated)
        parts = [dict(zip((fact.name for fact in stated), numbers[at:], strict=False)) for at in (0, count)]
        same = dict(zip((fact.name for fact in rest), numbers[2 * count :], strict=True))
        whole = {name: parts[0][name] + parts[1][name] for name in parts[0]}
        return {**first, **parts[0], **same}, {**second, **parts[1], **same}, {**bill, **whole, **same}

    def shows(numbers: tuple[int, ...]) -> bool:
        return _replay(question, claims_of(numbers)) is not None

    numbers = [_amount(claim, fact.name) for claim in (first, second) for fact in stated]
    numbers += [_amount(bill, fact.name) for fact in rest]
    found = lowered(numbers, [fact.lowest for fact in (*stated, *stated, *rest)], shows)
    whole = claims_of(found)[2]
    sizes = [_amount(whole, fact.name) for fact in stated]
    halves = (*(size // 2 for size in sizes), *(size - size // 2 for size in sizes), *found[2 * len(stated) :])
    return claims_of(halves if shows(halves) else found)


def _amount(claim: Claim, name: str) -> int:
    value = claim[name]
    assert isinstance(value, int)
    return value


def _replay(question: Question, claims: tuple[Claim, Claim, Claim]) -> Split | None:
    """The three claims, settled by the reference interpreter; None where they cost nothing or do not differ."""
    model, name = question.model, question.benefit.name
    first, second, bill = claims
    outcomes = [*settle_all(model, (first, second)), *settle_all(model, (bill,))]
    amounts = [outcome.amounts for outcome in outcomes if isinstance(outcome, Settled)]
    if len(amounts) < len(claims):
        return None
    paid = [each[name] for each in amounts]
    costs = [int(value_of(model.cost, claim, each, {})) for claim, each in zip(claims, amounts, strict=True)]
    if abs(paid[0] + paid[1] - paid[2]) <= question.tolerance or min(costs[:2]) <= 0:
        return None
    return Split((first, second), bill, (costs[0], costs[1]), (paid[0], paid[1]), paid[2], ratio_note(model))


def _are_a_split(question: Question, claims: tuple[Claim, Claim, Claim]) -> bool:
    """Every fact of the bill adds up, and every other one but the claim number is the same."""
    for fact in question.model.facts:
        one, other, both = (claim.get(fact.name) for claim in claims)
        if fact.name in question.bill:
            if not (isinstance(one, int) and isinstance(other, int) and one + other == both):
                return False
        elif not one == other == both:
            return False
    return True


def _diagnostic(model: Model, benefit: Benefit, split: Split) -> Diagnostic:
    subject = benefit.name
    params = (
        ("subject", subject),
        ("one", money(model, split.costs[0])),
        ("other", money(model, split.costs[1])),
        ("together", money(model, sum(split.paid))),
        ("whole", money(model, sum(split.costs))),
        ("paid", money(model, split.paid_whole)),
    )
    pair = f"{claims_text(model, split.parts)}{ARROW}{subject} {money(model, sum(split.paid))} together"
    line = f"{pair}; {claims_text(model, (split.whole,))}{ARROW}{subject} {money(model, split.paid_whole)}"
    return Diagnostic(CODE, (Label(benefit.span, "benefit"),), params, "", with_note(line, split.note))
