"""What two people have received of an amount, who have the same bills and differ in one word: who is never behind.

Every rule here is about the lead of one word over another: what was received with the one, less what was received with
the other, at any moment of a stretch of claims. A lead in every single claim is the strongest; one over a period says
nothing of the part of it that a later clause may look at, so it is taken further only where that looks at the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import z3

from compiler.model import (
    Accumulated,
    AmountValue,
    ByCategory,
    Capped,
    Choice,
    Condition,
    Difference,
    Expression,
    Largest,
    Model,
    MoneyFact,
    Period,
    PeriodKind,
    Rounded,
    RunningTotal,
    Scaled,
    Smallest,
    Sum,
    condition_expressions,
    condition_facts,
    names_in,
    reads,
    sources,
    totals_in,
)
from compiler.verify.contract import (
    LARGEST_ARGUMENT,
    Contract,
    Function,
    category_facts,
    cells,
    contract,
    function_of,
)
from compiler.verify.days import same_in_a_period
from compiler.verify.ground import categories_behind, narrowed
from compiler.verify.period_limits import never_negative
from compiler.verify.prove import CONTRACTS, DIRECT, Holds, Open
from compiler.verify.slope import Slope, limits
from compiler.verify.solve import Impossible, ask
from compiler.verify.telescope import as_one_claim, period_of
from compiler.verify.two_people import People, bills
from compiler.versions import goes_on
from dsl.money import DOMAIN_TOP

BY_CONTRACTS = f"{CONTRACTS}, the claims of a period as one"
ONE_CLAIM = "direct integer query, the claims of a period as one"
BY_PROMISES = Holds(CONTRACTS, by_contracts=True)
ASKED = Holds(DIRECT)
FAR = LARGEST_ARGUMENT**4
"""In minor units: no row of formulas comes to an amount this large."""
NOT_SHOWN = "there are totals for which less could be received, but no claims were found that show it"


@dataclass(frozen=True, slots=True)
class Ahead:
    """The better word is never behind: in any single claim, or (`over`) in all claims of a period up to any moment."""

    over: RunningTotal | None
    how: Holds = BY_PROMISES


def never_behind(
    model: Model, people: People, name: str, contracts: Mapping[Expression, Contract] | None = None
) -> Holds | Open:
    """Whether at every moment the better word has received at least as much of an amount.

    `contracts` are what clauses of one argument promise.
    """
    shown = _of_clauses(model, people, name, contracts or {})
    if isinstance(shown, Ahead):
        return shown.how
    return _as_one_claim(model, people, name, contracts or {}) or shown


def _of_clauses(model: Model, people: People, name: str, contracts: Mapping[Expression, Contract]) -> Ahead | Open:
    """Clause by clause, from what is looked at to what is paid."""

    @cache
    def amount(name: str, turned: bool, each: bool) -> Ahead | Open:
        expression = model.amount(name).expression
        known = _with_shared_as_facts(model, people.fact, name, contracts)
        if not _accumulates(known, name) and people.fact in categories_behind(known, frozenset({name})):
            found = _in_every_claim(known, people.turned if turned else people, name)
            if isinstance(found, Ahead) or known is model:
                return found
        return of(expression, turned, each)

    def of(node: Expression, turned: bool, each: bool) -> Ahead | Open:
        """`each`: in every single claim."""
        if not _depends(model, people.fact, node):
            return Ahead(None)
        match node:
            case AmountValue(name):
                return amount(name, turned, each)
            case Accumulated():
                return accumulated(node, turned, each)
            case Sum(terms):
                return _together(of(term, turned, each) for term in terms)
            case Difference(left, right):
                return _together((of(left, turned, each), of(right, not turned, each)))
            case Scaled(ratio, value):
                return of(value, turned if ratio >= 0 else not turned, each)
            case Smallest(terms) | Largest(terms):
                return _together(of(term, turned, True) for term in terms)
            case Capped(value, cap):
                return _together((of(value, turned, True), of(cap, turned, True)))
            case Rounded(value):
                return of(value, turned, True)
            case Choice(condition, then, otherwise) if not _tested(model, people.fact, condition):
                return _together((of(then, turned, True), of(otherwise, turned, True)))
            case ByCategory(facts, entries) if people.fact not in facts:
                return _together(of(entry.value, turned, True) for entry in entries)
            case _:
                return Open("an amount mixes what is accumulated with what is settled claim by claim")

    def accumulated(node: Accumulated, turned: bool, each: bool) -> Ahead | Open:
        total = node.total
        if _depends_in_others(model, people.fact, total):
            return Open(f"what other versions count in {total.name} differs with {people.fact}")
        before = amount(total.amount, turned, False)
        if isinstance(before, Open):
            return before
        if not _covers(total, before.over):
            return Open(f"what {total.amount} was ahead in one period may lie in another one of {total.name}")
        if any(_depends(model, people.fact, AmountValue(name, node.span)) for name in names_in(node.body)):
            return Open(f"the bands of {total.amount} differ with {people.fact}")
        pair = people.turned if turned else people
        same = not _depends(model, people.fact, AmountValue(total.amount, node.span))
        return _of_totals(model, pair, node, same, each, before.over is None)

    return amount(name, False, False)


# Where the better word is ahead ----------------------------------------------------------------------


def _together(parts: Iterable[Ahead | Open]) -> Ahead | Open:
    """A sum is ahead over the shortest stretch that holds those of all its terms."""
    over: RunningTotal | None = None
    how = BY_PROMISES
    for part in parts:
        if isinstance(part, Open):
            return part
        how = part.how if part.how == ASKED else how
        if over is None or part.over is None:
            over = over or part.over
        elif not _covers(over, part.over):
            if (over.key, over.date_fact) != (part.over.key, part.over.date_fact):
                return Open("what is added up counts for different keys")
            over = part.over if _covers(part.over, over) else replace(over, period=Period(PeriodKind.LIFETIME))
    return Ahead(over, how)


def _covers(total: RunningTotal, over: RunningTotal | None) -> bool:
    """Whether every period of a total is made of whole stretches of another, but for the last, which goes on."""
    if over is None:
        return True
    if (total.key, total.date_fact) != (over.key, over.date_fact):
        return False
    match total.period.kind:
        case PeriodKind.LIFETIME:
            return True
        case PeriodKind.CALENDAR_YEAR | PeriodKind.POLICY_YEAR if over.period.kind is PeriodKind.MONTH:
            return total.period.day == 1
        case _:
            return total.period == over.period


def _depends(model: Model, fact: str, node: Expression) -> bool:
    """Whether a formula reads a category, itself, through amounts, or through totals that go on from other versions."""
    if fact in category_facts(model, node) or fact in categories_behind(model, reads(node)):
        return True
    behind = sources(model, reads(node))
    nodes = [node, *(amount.expression for amount in model.amounts if amount.name in behind)]
    return any(_depends_in_others(model, fact, total) for one in nodes for total in totals_in(one))


def _accumulates(model: Model, name: str) -> bool:
    """Whether a running total stands behind an amount."""
    behind = sources(model, frozenset({name}))
    return any(totals_in(amount.expression) for amount in model.amounts if amount.name in behind)


def _with_shared_as_facts(model: Model, fact: str, name: str, contracts: Mapping[Expression, Contract]) -> Model:
    """The model in which what both have added up alike, behind an amount, is a fact of the claim that may be anything.

    Itself where there is nothing of the kind.
    """
    behind = sources(model, frozenset({name}))
    shared = [
        amount
        for amount in model.amounts
        if amount.name in behind
        and _accumulates(model, amount.name)
        and not _depends(model, fact, AmountValue(amount.name, amount.span))
    ]
    if not shared:
        return model
    facts = tuple(
        MoneyFact(
            amount.name,
            0 if never_negative(model, contracts, amount.name) else -FAR,
            FAR,
            None,
            amount.span,
        )
        for amount in shared
    )
    kept = tuple(amount for amount in model.amounts if amount not in shared)
    return narrowed(replace(model, facts=(*model.facts, *facts), amounts=kept), frozenset({name}))


def _depends_in_others(model: Model, fact: str, total: RunningTotal) -> bool:
    """Whether what other versions have counted in a total may differ between two words."""
    among = model.among
    return among is not None and goes_on(model, total) and fact in categories_behind(among, frozenset({total.amount}))


def _tested(model: Model, fact: str, condition: Condition) -> bool:
    return fact in condition_facts(condition) or any(
        _depends(model, fact, node) for node in condition_expressions(condition)
    )


# What is asked of the solver --------------------------------------------------------------------------


def _in_every_claim(model: Model, people: People, name: str) -> Ahead | Open:
    """Of an amount that no running total stands behind: no claim gives the better word less."""
    others = tuple(fact for fact in categories_behind(model, frozenset({name})) if fact != people.fact)
    for cell in cells(model, others):
        found = bills(narrowed(model, frozenset({name})), people, name, (cell,))
        if not isinstance(ask((*found.constraints, found.less)), Impossible):
            return Open("a single claim can give less, and no history makes up for it in every case")
    return Ahead(None, ASKED)


def _of_totals(model: Model, people: People, node: Accumulated, same: bool, each: bool, every: bool) -> Ahead | Open:
    """What a clause over a running total gives the two.

    Where both have the same total, and the better word's f never gains less than the worse one's, no claim gives less.
    Where all claims of a period have one f for each word, it is enough that f of the better word, less its f(0), lies
    nowhere below that of the worse one, and (with a higher total) never falls; not where a version begins within the
    period, since f does not begin at 0 there. Else what each claim gives is asked for
    itself: of totals of which the better one is not lower, and (`every`) that rise at least as much with each claim.

    same   nothing that is added up differs between the two
    each   in every single claim, not only over the period
    every  what is added up is ahead in every single claim
    """
    facts = category_facts(model, node)
    others = tuple(fact for fact in facts if fact != people.fact)
    differing = bool(names_in(node.body)) or not all(same_in_a_period(model, node.total, fact) for fact in others)
    pairs = [
        tuple(function_of(model, node, {**cell, people.fact: word}) for word in (people.better, people.worse))
        for cell in cells(model, others)
    ]
    how = ASKED if people.fact in facts else BY_PROMISES
    if not each and not differing and not goes_on(model, node.total) and (same or contract(model, node).rises):
        if all(_never_below_from_zero(*pair) for pair in pairs):
            return Ahead(node.total, how)
    if same and all(_lead_never_falls(*pair) for pair in pairs):
        return Ahead(None, how)
    if not same and every and all(_gains_no_less(*pair) for pair in pairs):
        return Ahead(None, ASKED)
    return Open(NOT_SHOWN)


def _never_below_from_zero(better: Function, worse: Function) -> bool:
    total = z3.Int("total")
    (ahead, slopes), (start, more) = _lead(better, worse, total), _lead(better, worse, z3.IntVal(0))
    known = (*better.domain, *limits((*slopes, *more)), total >= 0, total <= DOMAIN_TOP)
    return isinstance(ask((*known, ahead < start)), Impossible)


def _lead_never_falls(better: Function, worse: Function) -> bool:
    total = z3.Int("total")
    (ahead, slopes), (after, more) = _lead(better, worse, total), _lead(better, worse, total + 1)
    known = (*better.domain, *limits((*slopes, *more)), total >= 0, total < DOMAIN_TOP)
    return isinstance(ask((*known, after < ahead)), Impossible)


def _gains_no_less(better: Function, worse: Function) -> bool:
    past, more, lower, less = (z3.Int(name) for name in ("past", "more", "lower", "less"))
    terms = [better.at(past + more), better.at(past), worse.at(lower + less), worse.at(lower)]
    (after, before, other_after, other_before), slopes = zip(*terms, strict=True)
    order = (lower >= 0, less >= 0, past >= lower, more >= less, past + more <= DOMAIN_TOP)
    known = (*better.domain, *order, *limits([slope for some in slopes for slope in some]))
    return isinstance(ask((*known, after - before < other_after - other_before)), Impossible)


def _lead(better: Function, worse: Function, total: z3.ArithRef) -> tuple[z3.ArithRef, tuple[Slope, ...]]:
    (one, slopes), (other, more) = better.at(total), worse.at(total)
    return one - other, (*slopes, *more)


# A period as one claim --------------------------------------------------------------------------------


def _as_one_claim(model: Model, people: People, name: str, contracts: Mapping[Expression, Contract]) -> Holds | None:
    """Whether the claims of a period come together to what one claim of all of them does, which never gives less."""
    if period_of(model, name, frozenset({people.fact})) is None:
        return None
    whole = as_one_claim(narrowed(model, frozenset({name})))
    alike = {node: one for node, one in contracts.items() if people.fact not in category_facts(model, node)}
    for promised in (alike, {}) if alike else ({},):
        found = bills(whole, people, name, ({},), promised)
        if isinstance(ask((*found.constraints, found.less)), Impossible):
            return Holds(BY_CONTRACTS, by_contracts=True) if promised else Holds(ONE_CLAIM)
    return None
