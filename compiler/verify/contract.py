"""What one layer promises whatever the amount: the lemma from which stacks and years of claims are proved.

A clause of one argument is a function f. Where f never falls, and never rises by more than the argument does, it
follows for a claim after any history that `0 <= f(S) - f(P) <= S - P`, and for two claims that differ only in cost
that the payment rises by no more than the cost. These follow by adding up single units, so the solver is asked about
one unit only.

Where the clause reads more than its argument (a band that ends at 5% of the fund), the promise is for every value of
the rest, and of two claims it speaks only where the rest is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import z3

from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    CountFact,
    Expression,
    FactValue,
    Model,
    MoneyFact,
    Rounded,
    Schedule,
    children,
    names_in,
    walk,
    words_read,
)
from compiler.verify.claims import Cut
from compiler.verify.encode import Setting, encode, slopes_in, whole
from compiler.verify.slope import Slope, limits
from compiler.verify.solve import Impossible, ask
from compiler.verify.stairs import Stairs, lemma, stairs
from compiler.verify.unknown import at_value, unknown_ratios
from dsl.money import DOMAIN_TOP

MOST_CELLS = 64
"""A clause with more category cells than this is asked about all of them at once."""

LARGEST_ARGUMENT = 1_000 * DOMAIN_TOP
"""Up to here a clause of a single claim promises its highest value; no amount of a real policy comes near it."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What is known of a clause of one argument, for every whole argument from 0 on and in every category cell.

    What else it reads may be anything that its facts can be, and any amount from 0 to the top of the domain.

    accumulates  the clause is `f(S) - f(P)`, and the argument is the amount that is added up
    rises        f never falls
    slow         f rises by no more than its argument
    from_zero    f(0) = 0
    not_negative f is never below 0
    within       f is never above its argument
    highest      f(largest argument) - f(0), where f never falls
    """

    accumulates: bool
    rises: bool
    slow: bool
    from_zero: bool
    not_negative: bool
    within: bool
    highest: int | None


def cut_nodes(amount: Amount) -> dict[Expression, str]:
    """The outermost clauses of one argument that a contract can speak of, with the name of the argument."""
    found: dict[Expression, str] = {}
    _collect(amount.expression, found)
    return found


def _collect(node: Expression, found: dict[Expression, str]) -> None:
    if isinstance(node, Accumulated):
        found[node] = node.total.amount
        return
    if isinstance(node, Rounded | Schedule) and not any(isinstance(inner, Accumulated) for inner in walk(node)):
        argument = _argument_of(node)
        if argument is not None:
            found[node] = argument
            return
    for child in children(node):
        _collect(child, found)


def _argument_of(node: Expression) -> str | None:
    """The one name that the formula is a function of; what else its bands and their opening read stays as it is."""
    names = names_in(node)
    if len(names) == 1:
        return next(iter(names))
    arguments = {inner.argument for inner in walk(node) if isinstance(inner, Schedule)}
    if len(arguments) != 1:
        return None
    (argument,) = arguments
    return argument.name if isinstance(argument, FactValue | AmountValue) else None


def is_function(node: Accumulated) -> bool:
    """Whether the body reads nothing but its running total and categories, so that every claim has the same f."""
    return not names_in(node.body)


def category_facts(model: Model, node: Expression) -> tuple[str, ...]:
    """The category facts that a formula reads itself, in the order of the policy."""
    read = words_read(node)
    return tuple(name for name in model.categories if name in read)


def cells(model: Model, facts: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    """Every combination of words of the facts; one without any word where there are too many to ask one by one."""
    values = model.categories
    found: list[dict[str, str]] = [{}]
    for fact in facts:
        found = [{**cell, fact: word} for cell in found for word in values[fact]]
        if len(found) > MOST_CELLS:
            return ({},)
    return tuple(found)


def contract(model: Model, node: Expression) -> Contract:
    """Ask the solver what a clause of one argument promises. What it cannot show is not promised."""
    accumulates = isinstance(node, Accumulated)
    asked = cells(model, category_facts(model, node))
    known = [_stairs(model, node, cell) for cell in asked]
    believed = lemma([one for one in known if one is not None])
    found = [
        _of_stairs(accumulates, one) if one is not None and believed else _in_cell(model, node, cell)
        for one, cell in zip(known, asked, strict=True)
    ]
    return Contract(
        accumulates,
        all(one.rises for one in found),
        all(one.slow for one in found),
        all(one.from_zero for one in found),
        all(one.not_negative for one in found),
        all(one.within for one in found),
        None if any(one.highest is None for one in found) else max(one.highest or 0 for one in found),
    )


@dataclass(frozen=True, slots=True)
class Function:
    """A clause as a function of one argument, in one category cell.

    domain  what words and other names that are left open can be
    """

    node: Expression
    cell: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    argument: str | None
    domain: tuple[z3.BoolRef, ...]

    def at(self, argument: z3.ArithRef) -> tuple[z3.ArithRef, tuple[Slope, ...]]:
        """f of an argument, with what unknown ratios pay in it."""
        words = {name: self.cell.get(name, z3.Int(f"word.{name}")) for name in self.values}
        names = {name: z3.Int(f"other.{name}") for name in names_in(self.node)}
        if self.argument is not None and not isinstance(self.node, Accumulated):
            names[self.argument] = argument
        setting = Setting(words, self.values, names, {}, argument, {})
        term = encode(self.node.body if isinstance(self.node, Accumulated) else self.node, setting)
        return whole(term), slopes_in(term.visits)


def function_of(model: Model, node: Expression, cell: Mapping[str, str]) -> Function:
    """The clause in a cell; words that the cell leaves open are free."""
    values = model.categories
    domain = [
        z3.And(z3.Int(f"word.{name}") >= 0, z3.Int(f"word.{name}") < len(values[name]))
        for name in category_facts(model, node)
        if name not in cell
    ]
    argument = None if isinstance(node, Accumulated) else _argument_of(node)
    ranges = {fact.name: (fact.lowest, fact.highest) for fact in model.facts if isinstance(fact, MoneyFact | CountFact)}
    for name in names_in(node) - {argument}:
        lowest, highest = ranges.get(name, (0, DOMAIN_TOP))
        domain.append(z3.And(z3.Int(f"other.{name}") >= lowest, z3.Int(f"other.{name}") <= highest))
    return Function(node, cell, values, argument, tuple(domain))


def _in_cell(model: Model, node: Expression, cell: Mapping[str, str]) -> Contract:
    accumulates = isinstance(node, Accumulated)
    function = function_of(model, node, cell)
    x = z3.Int("x")
    top = DOMAIN_TOP if accumulates else LARGEST_ARGUMENT
    here, slopes = function.at(x)
    if slopes:
        after, more = function.at(x + 1)
        step, domain = after - here, [*function.domain, *limits((*slopes, *more))]
    else:
        step, domain = z3.substitute(here, (x, x + 1)) - here, list(function.domain)

    def never(flaw: z3.BoolRef) -> bool:
        return isinstance(ask((*domain, x >= 0, x < top, flaw)), Impossible)

    both = never(z3.Or(step < 0, step > 1))
    rises, slow = (True, True) if both else (never(step < 0), never(step > 1))
    lowest, highest = _at_ends(model, function, top)
    from_zero = lowest == 0
    return Contract(
        accumulates,
        rises,
        slow,
        from_zero,
        (rises and lowest is not None and lowest >= 0) or never(here < 0),
        (slow and lowest is not None and lowest <= 0) or never(here > x),
        highest - lowest if rises and highest is not None and lowest is not None else None,
    )


def _stairs(model: Model, node: Expression, cell: Mapping[str, str]) -> Stairs | None:
    """The clause as a row of lines, where it reads one amount and the cell says all words that it goes by."""
    alone = is_function(node) if isinstance(node, Accumulated) else len(names_in(node)) == 1
    if not alone or not set(category_facts(model, node)) <= set(cell):
        return None
    if isinstance(node, Accumulated):
        return stairs(node.body, cell, DOMAIN_TOP)
    return stairs(node, cell, LARGEST_ARGUMENT)


def _of_stairs(accumulates: bool, known: Stairs) -> Contract:
    return Contract(
        accumulates,
        known.rises,
        known.slow,
        known.first == 0,
        known.not_negative,
        known.within,
        known.last - known.first if known.rises else None,
    )


def _at_ends(model: Model, function: Function, top: int) -> tuple[int | None, int | None]:
    """f(0) where it is the same for every claim, and a number that f(top) never exceeds."""
    known = function
    if any(True for _ in unknown_ratios(function.node)):
        known = function_of(model, at_value(function.node, Fraction(1)), function.cell)
    ends = [_constant(known.at(z3.IntVal(at))[0]) for at in (0, top)]
    if known is function:
        return ends[0], ends[1]
    lowest, highest = ends
    at_zero, slopes = function.at(z3.IntVal(0))
    if lowest is None or not isinstance(ask((*function.domain, *limits(slopes), at_zero != lowest)), Impossible):
        return None, None
    at_top, slopes = function.at(z3.IntVal(top))
    if highest is None or not isinstance(ask((*function.domain, *limits(slopes), at_top > highest)), Impossible):
        return lowest, None
    return lowest, highest


def _constant(term: z3.ArithRef) -> int | None:
    value = z3.simplify(term)
    return int(value.as_long()) if z3.is_int_value(value) else None


# What a contract says of claims ---------------------------------------------------------------------


def of_one(promise: Contract, cut: Cut) -> tuple[z3.BoolRef, ...]:
    """What a contract says of the clause of one claim, whatever was settled before."""
    value, argument = cut.value, cut.argument
    said: list[z3.BoolRef] = []
    if promise.accumulates:
        if promise.rises:
            said.append(value >= 0)
        if promise.slow:
            said.append(value <= argument)
        if promise.highest is not None:
            said.append(value <= promise.highest)
    else:
        if promise.not_negative:
            said.append(value >= 0)
        if promise.within:
            said.append(value <= argument)
        if promise.highest is not None and promise.from_zero:
            said.append(z3.Implies(argument <= LARGEST_ARGUMENT, value <= promise.highest))
    return tuple(z3.Implies(z3.And(argument >= 0, *_in_range(cut)), one) for one in said)


def _in_range(cut: Cut) -> list[z3.BoolRef]:
    """What a contract takes to be true of all else that the clause reads; facts are in their domain anyway."""
    return [z3.And(other >= 0, other <= DOMAIN_TOP) for other in cut.others]


def of_two(promise: Contract, one: Cut, other: Cut) -> tuple[z3.BoolRef, ...]:
    """What a contract says of the clause of two claims after the same history, in the same category cell."""
    said: list[z3.BoolRef] = []
    alike = [*_in_range(one), *(mine == theirs for mine, theirs in zip(one.others, other.others, strict=True))]
    for low, high in ((one, other), (other, one)):
        in_order = z3.And(low.argument >= 0, low.argument <= high.argument, *alike)
        if promise.rises:
            said.append(z3.Implies(in_order, low.value <= high.value))
        if promise.slow:
            said.append(z3.Implies(in_order, high.value - low.value <= high.argument - low.argument))
    said.append(z3.Implies(z3.And(one.argument == other.argument, *alike), one.value == other.value))
    return tuple(said)
