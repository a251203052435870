"""TP205: what a benefit pays does not depend on how a bill is split.

Asked of every benefit as a function of its base: two claims of one person, day and category, settled after one another,
pay together what one claim with the sum of their bases pays, but for what rounding does: at most one rounding unit for
each rounding on the way. What a benefit adds up telescopes, `f(S + a) - f(S) + f(S + a + b) - f(S + a)`, and needs no
solver. What is settled claim by claim with a deductible, bands or a cap mostly fails; where that is wanted (a
deductible for each admission) the policy says so.

A stack follows layer by layer: a later layer's base is what the earlier ones leave. Facts that no bill states, such as
an income, are the same for both parts. A benefit that pays by other amounts of the bill than its base (`pay
basic_due`) is right where it pays a share of them, because the parts of a bill add up to it in these too; of any other
formula it is not asked, because how a split bill would state them is not the policy's to say. The finding then says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

import z3

from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import (
    Accumulated,
    Allowance,
    Allowed,
    Amount,
    AmountValue,
    Benefit,
    Constant,
    Difference,
    Expression,
    FactValue,
    Model,
    MoneyFact,
    Rounded,
    Scaled,
    Sum,
    walk,
)
from compiler.verify.claims import (
    SymbolicClaim,
    empty_history,
    facts_of,
    free_history,
    has_value,
    place_of,
    reads,
    settled,
    slopes_of,
    sources,
    told_history,
)
from compiler.verify.contract import LARGEST_ARGUMENT, category_facts, cells
from compiler.verify.ground import Ground, narrowed, waits_for
from compiler.verify.prove import DIRECT, SLOPES
from compiler.verify.slope import TRIED, has_unknown, limits, model_at, together
from compiler.verify.solve import Impossible, Possible, Undecided, ask
from compiler.verify.witness import Scene, WitnessDoesNotReplay, concrete, frozen, smallest
from compiler.verify.words import ARROW, claims_text, money, ratio_note, with_note
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span

CODE = "TP205"
TELESCOPES = "running totals telescope: f(S) - f(P)"
SHARES = "a share of amounts that the parts of a bill add up to, and nothing else"


@dataclass(frozen=True, slots=True)
class Payment:
    """What a benefit pays, from its base on.

    steps      the amounts behind the base, the last of which is what is paid
    kept       facts that both parts of a bill have in common
    tolerance  what rounding may make of it, in minor units
    """

    benefit: Benefit
    steps: tuple[Amount, ...]
    kept: tuple[str, ...]
    tolerance: int

    @property
    def paid(self) -> str:
        """The name of the amount that is paid."""
        return self.steps[-1].name


@dataclass(frozen=True, slots=True)
class Split:
    """Two claims and the one that has what they have together, with what each way pays."""

    parts: tuple[Claim, Claim]
    whole: Claim
    bases: tuple[int, int]
    paid: tuple[int, int]
    paid_whole: int
    note: str


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every benefit."""
    for benefit in ground.model.benefits:
        yield (_benefit(ground, benefit),)


def _benefit(ground: Ground, benefit: Benefit) -> Finding:
    model = ground.model
    asked = Property(CODE, benefit.name, "", benefit.span)
    steps = _steps(model, benefit)
    names = {name for step in steps for name in reads(step.expression)}
    others = names - {step.name for step in steps} - {benefit.base}
    billed = _billed(model, benefit)
    stated = sorted(other for other in others if sources(model, frozenset({other})) & billed)
    if _shares(steps, {benefit.base, *stated}):
        return Proved(asked, SHARES)
    if not steps or benefit.base not in names:
        return NotAsked(asked, "pays an amount that the claim states")
    if stated:
        return NotAsked(asked, f"pays by {', '.join(stated)} too, which a split bill would state anew")
    waits = waits_for(ground, frozenset({steps[-1].name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    kept = tuple(fact.name for fact in model.facts if fact.name in sources(model, frozenset(others)))
    tolerance = sum(node.unit for step in steps for node in walk(step.expression) if isinstance(node, Rounded))
    payment = Payment(benefit, steps, kept, tolerance)
    if _adds_up(payment):
        return Proved(asked, TELESCOPES)
    unknown = has_unknown(narrowed(model, frozenset({payment.paid})))
    found = _shown(narrowed(model, frozenset({payment.paid})), payment)
    if isinstance(found, Impossible):
        return Proved(asked, DIRECT)
    if not isinstance(found, Split):
        if _never_differs(model, payment):
            return Proved(asked, SLOPES if unknown else DIRECT)
        return Unknown(asked, "it could depend on a split, but no two claims were found that show it")
    allowed = (one for one in model.allowances if one.what is Allowed.DEPENDS_ON_SPLITTING)
    allowance: Allowance | None = next((one for one in allowed if one.benefit in (None, benefit.name)), None)
    return Refuted(asked, _diagnostic(model, payment, found), Witness(frozen(found.parts)), allowance)


def _steps(model: Model, benefit: Benefit) -> tuple[Amount, ...]:
    """What follows from the base, up to what is due; that only the larger of two is paid is another matter."""
    names = [amount.name for amount in model.amounts]
    due = f"{benefit.name}.due"
    last = due if due in names else benefit.name
    own = [amount for amount in model.amounts if amount.benefit == benefit.name]
    after = [amount for amount in own if names.index(benefit.base) < names.index(amount.name) <= names.index(last)]
    return tuple(after)


def _billed(model: Model, benefit: Benefit) -> frozenset[str]:
    """The facts that make up the bill, those that are a part of one of them, and every amount computed from these."""
    behind = sources(model, reads(model.cost) | {benefit.base})
    facts = {fact.name for fact in model.facts if fact.name in behind}
    facts |= {fact.name for fact in model.facts if isinstance(fact, MoneyFact) and fact.at_most in facts}
    found = {amount.name for amount in model.amounts if sources(model, frozenset({amount.name})) & facts}
    return frozenset(facts | found)


# Proof ----------------------------------------------------------------------------------------------


def _adds_up(payment: Payment) -> bool:
    """What is paid is a sum of running totals' differences and of the base: splitting changes nothing at all."""
    known = {payment.benefit.base}
    for step in payment.steps:
        if _is_sum(step.expression, known):
            known.add(step.name)
    return payment.paid in known


def _shares(steps: tuple[Amount, ...], stated: set[str]) -> bool:
    """What is paid is a sum of shares of what the bill states, rounded at the end."""
    if len(steps) != 1:
        return False
    paid = steps[0].expression
    inside = paid.value if isinstance(paid, Rounded) else paid
    return not any(isinstance(node, Accumulated) for node in walk(inside)) and _is_sum(inside, stated)


def _is_sum(node: Expression, known: set[str]) -> bool:
    match node:
        case AmountValue(name) | FactValue(name):
            return name in known
        case Constant(value):
            return value == 0
        case Sum(terms):
            return all(_is_sum(term, known) for term in terms)
        case Difference(left, right):
            return _is_sum(left, known) and _is_sum(right, known)
        case Scaled(value=value):
            return _is_sum(value, known)
        case Accumulated(total=total):
            return total.amount in known
        case _:
            return False


def _never_differs(model: Model, payment: Payment) -> bool:
    """The solver's answer for every base and every history at once."""
    base = payment.benefit.base
    facts = tuple(fact for fact in model.facts if not isinstance(fact, MoneyFact) or fact.name in payment.kept)
    free = MoneyFact(base, 0, LARGEST_ARGUMENT, None, Span("", 0, 0, 0, 0))
    alone = replace(
        model,
        facts=(*(replace(fact, at_most=None) if isinstance(fact, MoneyFact) else fact for fact in facts), free),
        amounts=payment.steps,
    )
    words = _words(model, payment)
    for cell in cells(model, words):
        before, bounds = free_history(alone)
        one = _alone(alone, "one", cell, before)
        other = _alone(alone, "other", cell, {**before, **one.after})
        whole = _alone(alone, "whole", cell, before)
        claims = (one, other, whole)
        lines = [
            together(first, second, both)
            for first, second, both in permutations(slopes_of(claims), 3)
            if first.ratio is second.ratio is both.ratio
        ]
        known = [*bounds, *limits(slopes_of(claims)), *lines, *_alike(payment, claims), _sums(base, claims)]
        known += [*(limit for claim in claims for limit in claim.constraints), *map(has_value, claims)]
        if not isinstance(ask((*known, _differs(payment, claims))), Impossible):
            return False
    return True


def _words(model: Model, payment: Payment) -> tuple[str, ...]:
    read = {name for step in payment.steps for name in category_facts(model, step.expression)}
    return tuple(name for name in model.categories if name in read)


def _alone(model: Model, tag: str, cell: Mapping[str, str], before: Mapping[str, z3.ArithRef]) -> SymbolicClaim:
    facts = facts_of(model, tag, cell)
    return settled(model, tag, facts.setting, facts.constraints, before, {}, facts.days)


def _sums(base: str, claims: tuple[SymbolicClaim, SymbolicClaim, SymbolicClaim]) -> z3.BoolRef:
    one, other, whole = (claim.setting.amounts[base] for claim in claims)
    return z3.And(one > 0, other > 0, one + other == whole)


def _differs(payment: Payment, claims: tuple[SymbolicClaim, SymbolicClaim, SymbolicClaim]) -> z3.BoolRef:
    one, other, whole = (claim.setting.amounts[payment.paid] for claim in claims)
    more = one + other - whole
    return z3.Or(more > payment.tolerance, more < -payment.tolerance)


def _alike(payment: Payment, claims: tuple[SymbolicClaim, SymbolicClaim, SymbolicClaim]) -> list[z3.BoolRef]:
    """What the parts of a bill have in common: the day, the words, and what the bill does not state."""
    one, *others = claims
    found: list[z3.BoolRef] = []
    for claim in others:
        found += [
            claim.setting.amounts[name] == one.setting.amounts[name]
            for name in payment.kept
            if name in one.setting.amounts
        ]
        found += [claim.place[name] == term for name, term in one.place.items() if name in claim.place]
        for name, word in one.setting.words.items():
            same = claim.setting.words[name]
            if not isinstance(word, str) and not isinstance(same, str):
                found.append(word == same)
    return found


# Two claims that show it ----------------------------------------------------------------------------


def _shown(model: Model, payment: Payment) -> Split | Impossible | None:
    """The smallest bill whose parts pay something else, settled from an empty ledger; its halves where they show it.

    Where nothing is added up and every ratio is known, that there is none from an empty ledger says that there is none.
    """
    tried = [model_at(model, share) for share in TRIED] if has_unknown(model) else [model]
    decided = not has_unknown(model) and not model.running_totals
    for known in tried:
        for cell in cells(known, _words(known, payment)):
            found = _in_cell(known, payment, cell)
            if isinstance(found, Split):
                return found
            decided = decided and isinstance(found, Impossible)
    return Impossible() if decided else None


def _in_cell(model: Model, payment: Payment, cell: Mapping[str, str]) -> Split | Impossible | Undecided:
    nothing = empty_history(model)
    claims: list[SymbolicClaim] = []
    for index, tag in enumerate(("one", "other", "whole")):
        facts = facts_of(model, tag, cell)
        place, first = place_of(model, tag, 0, facts.days)
        before = told_history(model, claims, place) if index == 1 else nothing
        claims.append(settled(model, tag, facts.setting, (*facts.constraints, *first), before, {}, place))
    one, other, whole = claims
    trio = (one, other, whole)
    base = payment.benefit.base
    constraints = [*(limit for claim in trio for limit in claim.constraints), *map(has_value, trio)]
    constraints += [*_alike(payment, trio), _sums(base, trio)]
    scene = Scene((one,), other, whole, tuple(constraints))
    goal = _differs(payment, trio)
    answer = ask((*constraints, goal))
    if not isinstance(answer, Possible):
        return answer
    sum_of_both, half = whole.setting.amounts[base], one.setting.amounts[base]
    answer = smallest(replace(scene, history=()), goal, answer, ((sum_of_both, 0),))
    size = answer.whole(sum_of_both)
    halves = ask((*constraints, goal, sum_of_both == size, half == size // 2))
    fixed = z3.And(
        goal, sum_of_both == size, half == (size // 2 if isinstance(halves, Possible) else answer.whole(half))
    )
    answer = smallest(scene, fixed, halves if isinstance(halves, Possible) else answer)
    parts = (concrete(model, one, answer, "1"), concrete(model, other, answer, "2"))
    bill = concrete(model, whole, answer, "1")
    outcomes = [*settle_all(model, parts), *settle_all(model, (bill,))]
    amounts = [outcome.amounts for outcome in outcomes if isinstance(outcome, Settled)]
    if len(amounts) < 3 or amounts[0][base] + amounts[1][base] != amounts[2][base]:
        raise WitnessDoesNotReplay(f"{model.id}: {parts}, {bill}")
    first_paid, second_paid, paid = (found[payment.paid] for found in amounts)
    if abs(first_paid + second_paid - paid) <= payment.tolerance:
        raise WitnessDoesNotReplay(f"{model.id}: {parts}, {bill}")
    bases = (amounts[0][base], amounts[1][base])
    return Split(parts, bill, bases, (first_paid, second_paid), paid, ratio_note(model))


def _diagnostic(model: Model, payment: Payment, split: Split) -> Diagnostic:
    subject = payment.benefit.name
    params = (
        ("subject", subject),
        ("one", money(model, split.bases[0])),
        ("other", money(model, split.bases[1])),
        ("together", money(model, sum(split.paid))),
        ("whole", money(model, sum(split.bases))),
        ("paid", money(model, split.paid_whole)),
    )
    pair = f"{claims_text(model, split.parts)}{ARROW}{subject} {money(model, sum(split.paid))} together"
    line = f"{pair}; {claims_text(model, (split.whole,))}{ARROW}{subject} {money(model, split.paid_whole)}"
    return Diagnostic(CODE, (Label(payment.benefit.span, "benefit"),), params, "", with_note(line, split.note))
