"""`<benefit> for <better> never below <worse>`: of two people with the same bills, at every moment.

What a person has received of an amount is the sum over the claims of the period. For an amount that is settled claim
by claim it is enough that no claim gives less. For one that is accumulated, what was received is `f(S) - f(0)`: then
f of the better word must not lie below f of the worse one for any total, and, where the totals themselves depend on
the word, the total of the better one must not be lower and f must never fall.
"""

from __future__ import annotations

import z3

from compiler.evaluate import Settled
from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Accumulated, Amount, Model, NeverBelow, walk
from compiler.verify.claims import sources
from compiler.verify.contract import Function, category_facts, cells, contract, function_of, is_function
from compiler.verify.days import same_in_a_period
from compiler.verify.ground import Ground, categories_behind, model_for, waits_for
from compiler.verify.prove import CONTRACTS, DIRECT, Fails, Holds, Open, Verdict, told_pair
from compiler.verify.slope import Slope, limits
from compiler.verify.solve import Impossible, Undecided, ask
from compiler.verify.witness import Shown, frozen
from compiler.verify.words import claim_line, money
from dsl.diagnostics import Diagnostic, Label
from dsl.money import DOMAIN_TOP


def check(ground: Ground, requirement: NeverBelow) -> Finding:
    """Proved by the functions of the layers; refuted by one claim that gives the better word less."""
    name = requirement.benefit
    model = model_for(ground, frozenset({name}))
    words = f"{name} for {requirement.better} never below {requirement.worse}"
    asked = Property("TP302", words, "", requirement.span)
    waits = waits_for(ground, frozenset({name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    verdict = _decide(model, requirement, model.amount(name))
    match verdict:
        case Holds(method):
            return Proved(asked, method)
        case Open(reason):
            return Unknown(asked, reason)
        case Fails(shown):
            assert isinstance(shown.outcome, Settled) and isinstance(shown.other_outcome, Settled)
            better, worse = shown.outcome.amounts[name], shown.other_outcome.amounts[name]
            params = (
                ("benefit", name),
                ("better", requirement.better),
                ("worse", requirement.worse),
                ("less", money(model, better)),
                ("more", money(model, worse)),
            )
            line = claim_line(
                model,
                shown.claims,
                f"{name} {money(model, better)}; for {requirement.worse} {money(model, worse)}",
                shown.note,
            )
            labels = (Label(requirement.span, "required"), Label(model.amount(name).span, "amount"))
            diagnostic = Diagnostic("TP302", labels, params, "never_below", line)
            return Refuted(asked, diagnostic, Witness(frozen(shown.claims)))


def _decide(model: Model, requirement: NeverBelow, amount: Amount) -> Verdict:
    proof = _never_less(model, requirement, amount)
    if isinstance(proof, Holds):
        return proof
    found = _one_claim(model, requirement, amount)
    return found if isinstance(found, Fails) else proof


def _never_less(model: Model, requirement: NeverBelow, amount: Amount) -> Holds | Open:
    """Whether at every moment the better word has received at least as much of an amount."""
    if requirement.fact not in categories_behind(model, frozenset({amount.name})):
        return Holds(DIRECT)
    expression = amount.expression
    if isinstance(expression, Accumulated) and is_function(expression):
        total = model.amount(expression.total.amount)
        below = _never_less(model, requirement, total)
        if isinstance(below, Open):
            return below
        same_totals = requirement.fact not in categories_behind(model, frozenset({total.name}))
        if not same_totals and not contract(model, expression).rises:
            return Open(f"{amount.name} can fall as {total.name} rises, and both depend on {requirement.fact}")
        return _function_never_less(model, requirement, expression)
    behind = [one for one in model.amounts if one.name in sources(model, frozenset({amount.name}))]
    if any(isinstance(node, Accumulated) for one in behind for node in walk(one.expression)):
        return Open(f"{amount.name} mixes what is accumulated with what is settled claim by claim")
    found = _one_claim(model, requirement, amount)
    match found:
        case Holds():
            return found
        case Open():
            return found
        case Fails():
            return Open("a single claim can give less, and no history makes up for it in every case")


def _function_never_less(model: Model, requirement: NeverBelow, expression: Accumulated) -> Holds | Open:
    """f of the better word, less its f(0), is nowhere below that of the worse one.

    Where f depends on other words too, a person's claims of one period may differ in them, and what each claim gives is
    taken from another function. Then the lead of the better word must never fall as the total rises.
    """
    facts = category_facts(model, expression)
    others = tuple(fact for fact in facts if fact != requirement.fact)
    differing = [fact for fact in others if not same_in_a_period(model, expression.total, fact)]
    total = z3.Int("total")
    for cell in cells(model, others):
        better, worse = (
            function_of(model, expression, {**cell, requirement.fact: word})
            for word in (requirement.better, requirement.worse)
        )
        ahead, slopes = _ahead(better, worse, total)
        after, more = _ahead(better, worse, total + 1)
        start, none = _ahead(better, worse, z3.IntVal(0))
        flaw = after < ahead if differing else ahead < start
        top = total < DOMAIN_TOP if differing else total <= DOMAIN_TOP
        known = (*better.domain, *limits((*slopes, *more, *none)), total >= 0, top)
        answer = ask((*known, flaw))
        if isinstance(answer, Undecided):
            return Open(answer.reason)
        if not isinstance(answer, Impossible):
            return Open(
                "there is a total for which less has been received, but no single claim was found that shows it"
            )
    return Holds(DIRECT if requirement.fact in facts else CONTRACTS)


def _ahead(better: Function, worse: Function, total: z3.ArithRef) -> tuple[z3.ArithRef, tuple[Slope, ...]]:
    (one, slopes), (other, more) = better.at(total), worse.at(total)
    return one - other, (*slopes, *more)


def _one_claim(model: Model, requirement: NeverBelow, amount: Amount) -> Verdict:
    """One claim from an empty ledger, settled for either word."""

    def confirm(shown: Shown) -> bool:
        better, worse = shown.outcome, shown.other_outcome
        return (
            isinstance(better, Settled)
            and isinstance(worse, Settled)
            and better.amounts[amount.name] < worse.amounts[amount.name]
        )

    others = tuple(fact for fact in categories_behind(model, frozenset({amount.name})) if fact != requirement.fact)
    reason = ""
    for cell in cells(model, others):
        better, worse = ({**cell, requirement.fact: word} for word in (requirement.better, requirement.worse))
        found = told_pair(
            model, better, worse, lambda one, other: one.amounts[amount.name] < other.amounts[amount.name], confirm
        )
        if isinstance(found, Fails):
            return found
        if isinstance(found, Undecided):
            reason = found.reason
    return Open(reason) if reason else Holds(DIRECT)
