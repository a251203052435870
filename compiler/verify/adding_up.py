"""What adds up with the bill: amounts whose values for the parts of a bill make up the value for the whole.

Two parts of a bill are settled after one another, the whole after what came before the first of them. All three have
the same person, day and words, and the same facts that no bill states (*kept*); the facts that the bill is made of
(*billed*) add up. Then a billed fact adds up, and so do 0, sums, differences and shares of what does. What is added
up over a period telescopes, whatever f is: `f(S + a) - f(S) + f(S + a + b) - f(S + a) = f(S + a + b) - f(S)`. A
rounding takes away up to a unit. Everything else (a deductible, a cap, a condition on the bill) may add up, but that
is for the solver to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from compiler.model import (
    Accumulated,
    AmountValue,
    ByCategory,
    Capped,
    Choice,
    Condition,
    Constant,
    CountFact,
    Difference,
    Expression,
    FactValue,
    Largest,
    Model,
    MoneyFact,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    condition_expressions,
    names_in,
    reads,
    sources,
    walk,
)
from compiler.verify.contract import Contract
from dsl.money import RoundingMode


def billed(model: Model) -> frozenset[str]:
    """The facts that a bill is made of: those behind the cost, and those that are at most one of them."""
    behind = sources(model, reads(model.cost))
    found = {fact.name for fact in model.facts if isinstance(fact, MoneyFact | CountFact) and fact.name in behind}
    for _ in model.facts:
        found |= {fact.name for fact in model.facts if isinstance(fact, MoneyFact) and fact.at_most in found}
    return frozenset(found)


def rounding(model: Model, name: str) -> int:
    """What rounding may make of an amount, in minor units: a unit for each rounding on the way to it."""
    behind = sources(model, frozenset({name}))
    nodes = (node for amount in model.amounts if amount.name in behind for node in walk(amount.expression))
    return sum(node.unit for node in nodes if isinstance(node, Rounded) and not _rounds_nothing(node))


def apart(model: Model, contracts: Mapping[Expression, Contract]) -> dict[str, Fraction]:
    """How far two parts of a bill can be from the whole in each amount that adds up, in minor units."""
    bill = billed(model)
    found = {name: Fraction(0) for name in bill}
    for amount in model.amounts:
        most = _apart(amount.expression, Known(model, contracts, bill, found))
        if most is not None:
            found[amount.name] = most
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What the amounts before one have come to.

    bill   the facts that add up
    apart  by name of what adds up, how far the parts can be from the whole
    """

    model: Model
    contracts: Mapping[Expression, Contract]
    bill: frozenset[str]
    apart: Mapping[str, Fraction]


def _apart(node: Expression, known: Known) -> Fraction | None:
    """How far a formula can be from adding up; None where it may not add up at all."""
    match node:
        case FactValue(name) | AmountValue(name):
            return known.apart.get(name)
        case Constant(value):
            return Fraction(0) if value == 0 else None
        case Sum(terms):
            return _all([_apart(term, known) for term in terms], sum)
        case Difference(left, right):
            return _all([_apart(left, known), _apart(right, known)], sum)
        case Scaled(ratio, value):
            inside = _apart(value, known)
            return None if inside is None else abs(ratio) * inside
        case Rounded(value, mode, unit):
            inside = _apart(value, known)
            return inside if inside is None or _rounds_nothing(node) else _rounded(inside, mode, unit)
        case Choice(condition, then, otherwise):
            return _all([_apart(then, known), _apart(otherwise, known)], max) if _is_kept(condition, known) else None
        case ByCategory(cells=cells):
            return _all([_apart(cell.value, known) for cell in cells], max)
        case Schedule(argument=argument):
            return _apart(argument, known) if _is_one_ratio(node) else None
        case Accumulated():
            return _accumulated(node, known)
        case Smallest() | Largest() | Capped() | TotalSoFar():
            return None
        case _:
            assert_never(node)


def _all(found: Sequence[Fraction | None], of: Callable[[list[Fraction]], Fraction | int]) -> Fraction | None:
    """The sum or the largest, where every one adds up."""
    there = [one for one in found if one is not None]
    return Fraction(of(there)) if there and len(there) == len(found) else None


def _rounded(inside: Fraction, mode: RoundingMode, unit: int) -> Fraction:
    """Three roundings, of the parts and of the whole; what is left is a whole number of units.

    To the nearest each is at most half a unit off, three halves together. Down or up all three are off the same way:
    the two parts by less than two units together, the whole by less than one.
    """
    if mode in (RoundingMode.HALF_UP, RoundingMode.HALF_EVEN):
        return Fraction(unit * floor((inside + Fraction(3 * unit, 2)) / unit))
    return Fraction(unit * (ceil((inside + 2 * unit) / unit) - 1))


def _rounds_nothing(node: Rounded) -> bool:
    """The value is a whole number of minor units before it is rounded to one."""
    return node.unit == 1 and _is_whole(node.value)


def _is_whole(node: Expression) -> bool:
    match node:
        case Constant() | FactValue() | AmountValue() | TotalSoFar() | Rounded():
            return True
        case Sum(terms) | Smallest(terms) | Largest(terms):
            return all(map(_is_whole, terms))
        case Difference(left, right) | Capped(left, right) | Choice(_, left, right):
            return _is_whole(left) and _is_whole(right)
        case ByCategory(cells=cells):
            return all(_is_whole(cell.value) for cell in cells)
        case Scaled(ratio, value):
            return ratio.denominator == 1 and _is_whole(value)
        case Accumulated(body=body):
            return _is_whole(body)
        case Schedule():
            return False
        case _:
            assert_never(node)


def _is_one_ratio(node: Schedule) -> bool:
    """One ratio, known or not, of the whole argument: a share of it, of at most all."""
    if node.opening is not None or len(node.bands) != 1:
        return False
    (band,) = node.bands
    return band.upper is None and isinstance(band.lower.value, Constant) and band.lower.value.value == 0


def _accumulated(node: Accumulated, known: Known) -> Fraction | None:
    """The difference of a function of the total, which is the same for the parts and the whole."""
    added = known.apart.get(node.total.amount)
    inside = [inner for inner in walk(node.body) if isinstance(inner, Accumulated)]
    if added is None or inside or not all(_is_kept_name(name, known) for name in names_in(node.body)):
        return None
    if added == 0:
        return added
    facts = {fact.name for fact in known.model.facts}
    promise = known.contracts.get(node)
    # A contract speaks of amounts from 0 to the top of the domain only; facts are always there.
    if promise is None or not names_in(node.body) <= facts:
        return None
    return added if promise.rises and promise.slow else None


def _is_kept(condition: Condition, known: Known) -> bool:
    """The condition is answered alike for the parts and the whole: by words and by what no bill states."""
    nodes = [node for formula in condition_expressions(condition) for node in walk(formula)]
    if any(isinstance(node, Accumulated | TotalSoFar) for node in nodes):
        return False
    return all(_is_kept_name(node.name, known) for node in nodes if isinstance(node, FactValue | AmountValue))


def _is_kept_name(name: str, known: Known) -> bool:
    """The parts and the whole have the same value: nothing of the bill is behind it, and no total."""
    behind = sources(known.model, frozenset({name}))
    amounts = [amount for amount in known.model.amounts if amount.name in behind]
    totals = any(isinstance(node, Accumulated) for amount in amounts for node in walk(amount.expression))
    return not totals and not behind & known.bill
