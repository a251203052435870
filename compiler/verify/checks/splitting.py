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
from dataclasses import replace
from fractions import Fraction
from itertools import islice, permutations
from types import MappingProxyType

import z3

from compiler.evaluate import Claim
from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Allowance, Allowed, Benefit, FactInput, Model, Schedule, reads, walk
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
from compiler.verify.ground import Ground, categories_behind, narrowed, waits_for
from compiler.verify.long_history import pasts
from compiler.verify.plans import MOST_PASTS
from compiler.verify.prove import DIRECT, SLOPES, Holds
from compiler.verify.slope import limits, together
from compiler.verify.solve import Impossible, Possible, Undecided, ask
from compiler.verify.split_bill import MOST_TRIED, Bill, Question, Split, by_halves, by_trying, shown
from compiler.verify.unknown import assumptions, has_unknown
from compiler.verify.witness import LESS_EFFORT, Scene, concrete, frozen, smallest
from compiler.verify.words import ARROW, claims_text, money, with_note
from dsl.diagnostics import Diagnostic, Label

CODE = "TP205"
TELESCOPES = "running totals telescope: f(S) - f(P)"
NEARLY = "running totals telescope, what rounding takes away by layer contracts"
SHARES = "a share of amounts that the parts of a bill add up to, and nothing else"
NO_BILL = "no fact of a claim stands behind the cost, so there is no bill to split"
SMALL = 100
"""A bill, in minor units, that nobody would ask to see a smaller one of."""
MOST_SLOPES = 12
"""With more unknown ratios on the way than this, what three lengths have to do with one another is left out."""


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
    found = by_halves(question) or _shown(question)
    if isinstance(found, Split):
        return _refuted(asked, question, found)
    if isinstance(found, Impossible):
        return Proved(asked, DIRECT)
    if _never_differs(question):
        return Proved(asked, SLOPES if has_unknown(model) else DIRECT)
    tried = by_trying(question) or _after_others(question)
    if tried is not None:
        return _refuted(asked, question, tried)
    return Unknown(asked, "it could depend on a split, but no two claims were found that show it")


def _refuted(asked: Property, question: Question, found: Split) -> Refuted:
    allowed = (one for one in question.model.allowances if one.what is Allowed.DEPENDS_ON_SPLITTING)
    allowance: Allowance | None = next((one for one in allowed if one.benefit in (None, question.benefit.name)), None)
    claims = (*found.bill.before, found.bill.first, found.bill.second)
    return Refuted(asked, _diagnostic(question.model, question.benefit, found), Witness(frozen(claims)), allowance)


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
    """One of the three, after the totals `before` and the claims `told`."""
    facts = facts_of(model, tag, cell)
    place, first = place_of(model, tag, 0, facts.days)
    after = told_history(model, told, place) if told else {}
    history = {name: so_far + after[name] if told else so_far for name, so_far in before.items()}
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


def _after_others(question: Question) -> Split | None:
    """A bill after one claim, or else after a plain history, where none shows it from an empty ledger.

    Not of unknown ratios: it would be asked again for each value of them.
    """
    model = question.model
    if has_unknown(model):
        return None
    tried = cells(model, question.words)[:MOST_TRIED]
    for cell in tried:
        found = _after_one(question, cell)
        if found is not None:
            return found
    for past in islice(pasts(model), MOST_PASTS):
        words = past.words(model)
        before = {name: z3.IntVal(so_far) for name, so_far in past.before.items()}
        for cell in tried:
            if all(cell.get(name, word) == word for name, word in words.items()):
                trio = _trio(model, {**cell, **words}, before)
                answer = ask((*_known(question, trio), *_lemmas(question, trio), _differs(question, trio)), LESS_EFFORT)
                if isinstance(answer, Possible):
                    return _replayed(question, trio, answer, past.claims, past.place)
    return None


def _after_one(question: Question, cell: Mapping[str, str]) -> Split | None:
    """A bill after a claim that the solver chooses, of the same person and day."""
    model = question.model
    past = _claim(model, "before", {}, empty_history(model), ())
    trio = _trio(model, cell, told_history(model, [past], past.place))
    same = [trio[0].place[name] == term for name, term in past.place.items()]
    known = (*past.constraints, has_value(past), *same, *_known(question, trio), *_lemmas(question, trio))
    answer = ask((*known, _differs(question, trio)), LESS_EFFORT)
    if not isinstance(answer, Possible):
        return None
    return _replayed(question, trio, answer, (concrete(model, past, answer, f"{1:06d}"),))


def _trio(model: Model, cell: Mapping[str, str], before: Mapping[str, z3.ArithRef]) -> Trio:
    one = _claim(model, "one", cell, before, ())
    return one, _claim(model, "other", cell, before, (one,)), _claim(model, "whole", cell, before, ())


def _in_cell(question: Question, cell: Mapping[str, str]) -> Split | Impossible | Undecided:
    """The smallest bill of a cell from an empty ledger."""
    model = question.model
    trio = _trio(model, cell, empty_history(model))
    one, other, both = trio
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


def _replayed(
    question: Question,
    trio: Trio,
    found: Possible,
    before: tuple[Claim, ...] = (),
    place: Mapping[str, FactInput] = MappingProxyType({}),
) -> Split:
    """The three claims with the solver's values, after others and in their place, settled by the interpreter."""
    numbers = [f"{len(before) + more:06d}" for more in (1, 2, 1)] if before else ("1", "2", "1")
    first, second, whole = (
        {**concrete(question.model, claim, found, number), **place} for claim, number in zip(trio, numbers, strict=True)
    )
    return shown(question, Bill(first, second, whole, before))


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
    bill = split.bill
    among = (*bill.before, bill.first, bill.second)
    after = f"after {claims_text(model, bill.before, among)}: " if bill.before else ""
    pair = f"{after}{claims_text(model, among[-2:], among)}{ARROW}{subject} {money(model, sum(split.paid))} together"
    line = f"{pair}; {claims_text(model, (bill.whole,), among)}{ARROW}{subject} {money(model, split.paid_whole)}"
    variant, label = ("after", "after") if bill.before else ("", "benefit")
    return Diagnostic(CODE, (Label(benefit.span, label),), params, variant, with_note(line, split.note))
