"""What the claims of one key and period come to together, from what is added up of them.

`f(S) - f(P)` telescopes: over all claims of the period it comes to `f(S)` of the total, less `f(0)`, if every claim of
the period has the same f. Sums, differences and shares of what is known of a period are known too. So where a whole row
of amounts is made of these, the period comes to what one claim of its totals would come to: that is one question.

Of an amount that is made otherwise it is only said what it cannot exceed, and what it cannot fall short of:

- a choice of amounts, and the smaller of them, never more than these;
- a clause whose contract says so, never more than what it is of;
- `f(S) - f(P)` with an f that changes from claim to claim, never more than the steepest of these functions gives: one
  that on every single unit rises by at least as much as each of the others, and never less than the flattest gives;
- what is paid, never less than 0, where no claim is paid less than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import assert_never

import z3

from compiler.evaluate import value_of
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    ByCategory,
    Capped,
    Choice,
    Constant,
    CountFact,
    Difference,
    Expression,
    FactValue,
    Largest,
    Model,
    MoneyFact,
    Role,
    Rounded,
    RunningTotal,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    condition_expressions,
    condition_facts,
    names_in,
    sources,
    totals_in,
)
from compiler.schedule import NoValueError
from compiler.verify.contract import (
    LARGEST_ARGUMENT,
    Contract,
    category_facts,
    cells,
    cut_nodes,
    function_of,
    is_function,
)
from compiler.verify.days import same_in_a_period
from compiler.verify.encode import Setting, encode, slopes_in, whole
from compiler.verify.slope import Slope, limits
from compiler.verify.solve import Impossible, ask
from compiler.versions import goes_on
from dsl.money import DOMAIN_TOP

LOOKED_AT = tuple(10**digits for digits in range(2, 14))
"""The totals at which functions are compared before the solver is asked which of them is the steepest."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What facts and amounts come to over one period of one key, and what is known about that.

    by_contracts  some of it is known from the contract of a clause
    """

    of: Mapping[str, z3.ArithRef]
    known: tuple[z3.BoolRef, ...]
    by_contracts: bool


def sums(
    model: Model,
    contracts: Mapping[Expression, Contract],
    total: RunningTotal,
    never_negative: Callable[[str], bool],
    fixed: Mapping[str, str],
) -> Sums:
    """The sums of everything that the amount of `total` is computed from, over the key and period of `total`.

    never_negative  whether an amount is known to be 0 or more in every claim
    fixed           the words of the last claim that are known
    """
    behind = sources(model, frozenset({total.amount}))
    of: dict[str, z3.ArithRef] = {}
    known: list[z3.BoolRef] = []
    for fact in model.facts:
        if isinstance(fact, MoneyFact | CountFact) and fact.name in behind:
            of[fact.name] = z3.Int(f"sum.{fact.name}")
            known.append(of[fact.name] >= 0)
    known += [
        of[fact.name] <= of[fact.at_most]
        for fact in model.facts
        if isinstance(fact, MoneyFact) and fact.name in of and fact.at_most in of
    ]
    added_up = {other.amount for other in model.running_totals if _counts_alike(other, total)}
    places = {name: z3.Int(f"word.{name}") for name in model.categories}
    known += [z3.And(place >= 0, place < len(model.categories[name])) for name, place in places.items()]
    # A formula that adds up reads words only that are the same in all claims of the period, as in the last.
    words = {**places, **fixed}
    slopes: list[Slope] = []
    promised = False
    for amount in model.amounts:
        if amount.name not in behind:
            continue
        if _adds_up(model, amount.expression, total, frozenset()):
            nothing = {other.name: z3.IntVal(0) for other in model.running_totals}
            term = encode(amount.expression, Setting(words, model.categories, of, nothing, None, {}))
            slopes += slopes_in(term.visits)
            of[amount.name] = whole(term)
        else:
            of[amount.name] = z3.Int(f"sum.{amount.name}")
            most = Most(model, contracts, total, never_negative, dict(of))
            known += [of[amount.name] <= end for end in _most(amount, most)]
            known += [of[amount.name] >= end for end in _least(amount, most)]
            promised |= any(node in contracts for node in cut_nodes(amount)) or isinstance(amount.expression, Choice)
            promised |= amount.role is Role.BENEFIT
        if amount.name in added_up:
            # A claim with which it would be more is rejected; that it is not less than 0 is shown by TP203.
            known += [of[amount.name] >= 0, of[amount.name] <= DOMAIN_TOP]
    bounds = limits(tuple({slope.paid: slope for slope in slopes}.values()))
    return Sums(of, (*known, *bounds), promised)


def _counts_alike(one: RunningTotal, other: RunningTotal) -> bool:
    """Whether two running totals count the same claims together."""
    return (one.key, one.period, one.date_fact) == (other.key, other.period, other.date_fact)


def _adds_up(model: Model, node: Expression, total: RunningTotal, kept: frozenset[str]) -> bool:
    """Whether the sum of a formula over the period is the formula of the sums.

    Not where claims of other versions are counted before: then the period did not begin under this f.

    kept  categories that have the same word in all claims
    """
    match node:
        case FactValue() | AmountValue():
            return True
        case Constant(value):
            return value == 0
        case Sum(terms):
            return all(_adds_up(model, term, total, kept) for term in terms)
        case Difference(left, right):
            return _adds_up(model, left, total, kept) and _adds_up(model, right, total, kept)
        case Scaled(value=value):
            return _adds_up(model, value, total, kept)
        case ByCategory(facts, entries):
            return kept.issuperset(facts) and all(_adds_up(model, entry.value, total, kept) for entry in entries)
        case Choice(condition, then, otherwise):
            plain = not any(True for _ in condition_expressions(condition)) and condition_facts(condition) <= kept
            return plain and _adds_up(model, then, total, kept) and _adds_up(model, otherwise, total, kept)
        case Accumulated():
            return (
                _counts_alike(node.total, total)
                and not goes_on(model, node.total)
                and is_function(node)
                and all(fact in kept or same_in_a_period(model, total, fact) for fact in category_facts(model, node))
            )
        case TotalSoFar() | Smallest() | Largest() | Capped() | Rounded() | Schedule():
            return False
        case _:
            assert_never(node)


def period_of(model: Model, name: str, kept: frozenset[str]) -> RunningTotal | None:
    """A running total over whose period an amount adds up as one claim; None where it does not.

    So it does where every amount behind it adds up over one key and period, and all claims of a period have the same f.

    kept  categories that have the same word in all claims of a person
    """
    behind = sources(model, frozenset({name}))
    formulas = [amount.expression for amount in model.amounts if amount.name in behind]
    total = next((total for formula in formulas for total in totals_in(formula)), None)
    if total is None or not all(_adds_up(model, formula, total, kept) for formula in formulas):
        return None
    return total


def as_one_claim(model: Model) -> Model:
    """The policy for claims that stand for all claims of a period: as large as all of them together."""
    facts = tuple(
        replace(fact, highest=LARGEST_ARGUMENT) if isinstance(fact, MoneyFact | CountFact) else fact
        for fact in model.facts
    )
    return replace(model, facts=facts)


@dataclass(frozen=True, slots=True)
class Most:
    """What is at hand to say what a sum cannot exceed: the sums so far, and what `sums` is given."""

    model: Model
    contracts: Mapping[Expression, Contract]
    total: RunningTotal
    never_negative: Callable[[str], bool]
    of: Mapping[str, z3.ArithRef]


def _most(amount: Amount, at_hand: Most) -> Iterator[z3.ArithRef]:
    """What the sum of an amount that does not add up cannot exceed."""
    match amount.expression:
        case Choice(_, then, otherwise):
            parts = [_whatever_is_chosen(part, at_hand) for part in (then, otherwise)]
            if all(part is not None for part in parts):
                yield z3.Sum([part for part in parts if part is not None])
        case Smallest(terms):
            yield from (at_hand.of[term.name] for term in terms if isinstance(term, FactValue | AmountValue))
        case Capped(FactValue(name) | AmountValue(name)):
            yield at_hand.of[name]
        case _:
            yield from _promised(amount, at_hand)


def _whatever_is_chosen(node: Expression, at_hand: Most) -> z3.ArithRef | None:
    """The sum of one side of a choice over all claims, where claims that choose the other side only add to it."""
    match node:
        case Constant(0):
            return z3.IntVal(0)
        case FactValue(name):
            return at_hand.of[name]
        case AmountValue(name) if at_hand.never_negative(name):
            return at_hand.of[name]
        case _:
            return None


def _promised(amount: Amount, at_hand: Most) -> Iterator[z3.ArithRef]:
    """What the contract of a clause says, and the steepest of the functions that claims may have."""
    node = amount.expression
    promise, argument = at_hand.contracts.get(node), cut_nodes(amount).get(node)
    if promise is not None and argument is not None:
        # A contract takes other amounts to be in the domain; facts always are.
        facts = {fact.name for fact in at_hand.model.facts}
        others = names_in(node) - {argument}
        # It speaks of arguments from 0 on: a claim that brings less than 0 takes away from their sum.
        if others <= facts and (argument in facts or at_hand.never_negative(argument)):
            if promise.slow if promise.accumulates else promise.within:
                yield at_hand.of[argument]
    yield from _as_in_one_cell(node, at_hand, flattest=False)


def _least(amount: Amount, at_hand: Most) -> Iterator[z3.ArithRef]:
    """What the sum of an amount that does not add up cannot fall short of."""
    if amount.role is Role.BENEFIT and at_hand.never_negative(amount.name):
        yield z3.IntVal(0)
    yield from _as_in_one_cell(amount.expression, at_hand, flattest=True)


def _as_in_one_cell(node: Expression, at_hand: Most, *, flattest: bool) -> Iterator[z3.ArithRef]:
    """What the period would come to if every claim were in the cell with the steepest function, or the flattest."""
    if isinstance(node, Accumulated) and _counts_alike(node.total, at_hand.total) and is_function(node):
        cell = _outermost(at_hand.model, node, flattest)
        if cell is not None:
            (here, _), (start, _) = (
                function_of(at_hand.model, node, cell).at(at) for at in (at_hand.of[node.total.amount], z3.IntVal(0))
            )
            yield here - start


def _outermost(model: Model, node: Accumulated, flattest: bool) -> Mapping[str, str] | None:
    """The category cell whose function rises by the most on every single unit, or by the least; None for no such."""
    found = cells(model, category_facts(model, node))
    if found == ({},):
        return None
    x = z3.Int("x")
    anyone = function_of(model, node, {})
    (here, slopes), (after, more) = anyone.at(x), anyone.at(x + 1)
    if slopes or more:
        return None
    for cell in _extreme(node, found, flattest):
        one = function_of(model, node, cell)
        lead = (one.at(x + 1)[0] - one.at(x)[0]) - (after - here)
        lead = -lead if flattest else lead
        if isinstance(ask((*anyone.domain, *one.domain, x >= 0, x < DOMAIN_TOP, lead < 0)), Impossible):
            return cell
    return None


def _extreme(node: Accumulated, cells: Sequence[Mapping[str, str]], flattest: bool) -> Iterator[Mapping[str, str]]:
    """The cells where a clause gives the most, or the least, of every total looked at: no other can on every unit."""
    rises = [[_rise(node, cell, total) for total in LOOKED_AT] for cell in cells]
    ends = [min(of_one) if flattest else max(of_one) for of_one in zip(*rises, strict=True)]
    return (cell for cell, of_cell in zip(cells, rises, strict=True) if of_cell == ends)


def _rise(node: Accumulated, cell: Mapping[str, str], total: int) -> Fraction:
    """f(total) - f(0); 0 where it has no value, and the solver shows nothing of it."""
    try:
        return value_of(node.body, cell, {}, {}, total) - value_of(node.body, cell, {}, {}, 0)
    except NoValueError:
        return Fraction(0)
