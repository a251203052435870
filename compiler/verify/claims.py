"""Claims as the solver sees them: facts it may choose, amounts that follow, and what was settled before.

Two kinds of history are asked about. A *free* history lets every running total before the claim be anything from 0 to
the top of the domain: more than can happen, so what holds under it holds for every claim. A *told* history is a few
claims settled after one another from an empty ledger: less than can happen, and every one of them can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import gcd
from typing import assert_never

import z3

from compiler.model import (
    Accumulated,
    AmountValue,
    ByCategory,
    Capped,
    CategoryFact,
    Choice,
    Constant,
    DateFact,
    Difference,
    Expression,
    FactValue,
    IdentifierFact,
    Largest,
    Model,
    MoneyFact,
    PeriodKind,
    Rounded,
    RunningTotal,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    walk,
)
from compiler.verify.encode import Setting, Visit, any_of, encode, whole
from dsl.money import DOMAIN_TOP

DEFAULT_DAY = date(2024, 1, 1)
"""The day of a witness of a policy that does not say when it is in force."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A clause replaced by a value of its own: what is known about it is a constraint on `value` and `argument`."""

    value: z3.ArithRef
    argument: z3.ArithRef


@dataclass(frozen=True, slots=True)
class SymbolicClaim:
    """One claim: its setting with every amount in it, the running totals after it, and what makes it a claim.

    facts        the money facts, in the order of the policy
    visits       every clause it comes to, with the amount whose formula that is
    constraints  its facts are in the domain, its running totals too
    place        which key and which year it belongs to, as small numbers, by fact
    """

    setting: Setting
    facts: tuple[z3.ArithRef, ...]
    after: Mapping[str, z3.ArithRef]
    visits: tuple[tuple[str, Visit], ...]
    cuts: Mapping[Expression, Cut]
    constraints: tuple[z3.BoolRef, ...]
    place: Mapping[str, z3.ArithRef]


def category_values(model: Model) -> dict[str, tuple[str, ...]]:
    """The words of each category fact, in the order of the policy."""
    return {fact.name: fact.values for fact in model.facts if isinstance(fact, CategoryFact)}


def facts_of(model: Model, tag: str, words: Mapping[str, str]) -> tuple[Setting, tuple[z3.BoolRef, ...]]:
    """The facts of one claim, free within the domain but for the words given."""
    values = category_values(model)
    amounts: dict[str, z3.ArithRef] = {}
    stands: dict[str, str | z3.ArithRef] = {}
    constraints: list[z3.BoolRef] = []
    for fact in model.facts:
        match fact:
            case MoneyFact(name, lowest, highest):
                amounts[name] = z3.Int(f"{tag}.{name}")
                constraints += [amounts[name] >= lowest, amounts[name] <= highest]
            case CategoryFact(name, allowed):
                if name in words:
                    stands[name] = words[name]
                else:
                    place = z3.Int(f"{tag}.{name}")
                    stands[name] = place
                    constraints += [place >= 0, place < len(allowed)]
            case IdentifierFact() | DateFact():
                pass
    setting = Setting(stands, values, amounts, {}, None, {})
    return setting, (*constraints, *_at_most(model, setting))


def _at_most(model: Model, setting: Setting) -> tuple[z3.BoolRef, ...]:
    return tuple(
        setting.amounts[fact.name] <= setting.amounts[fact.at_most]
        for fact in model.facts
        if isinstance(fact, MoneyFact) and fact.at_most is not None
    )


def raised(model: Model, setting: Setting, fact: str) -> tuple[Setting, tuple[z3.BoolRef, ...]]:
    """The same facts with one of them a single minor unit higher, still in the domain.

    One unit is enough: what never falls on any single unit never falls on a sum of them, and every claim between two
    claims of the domain that differ in one fact is itself in the domain.
    """
    bounds = model.fact(fact)
    assert isinstance(bounds, MoneyFact)
    higher = setting.amounts[fact] + 1
    after = replace(setting, amounts={**setting.amounts, fact: higher})
    return after, (higher <= bounds.highest, *_at_most(model, after))


def settled(
    model: Model,
    tag: str,
    setting: Setting,
    constraints: Sequence[z3.BoolRef],
    before: Mapping[str, z3.ArithRef],
    cut_nodes: Mapping[str, Mapping[Expression, str]],
    place: Mapping[str, z3.ArithRef],
) -> SymbolicClaim:
    """Compute every amount of a claim. `cut_nodes`: by amount, the clauses to cut and the name of their argument."""
    amounts = dict(setting.amounts)
    after: dict[str, z3.ArithRef] = {}
    visits: list[tuple[str, Visit]] = []
    cuts: dict[Expression, Cut] = {}
    limits: list[z3.BoolRef] = []
    for amount in model.amounts:
        for total in totals_in(amount.expression):
            if total.name not in after:
                after[total.name] = before[total.name] + amounts[total.amount]
                limits.append(after[total.name] <= DOMAIN_TOP)
        for index, (node, argument) in enumerate(cut_nodes.get(amount.name, {}).items()):
            if node not in cuts:
                cuts[node] = Cut(z3.Int(f"{tag}.{amount.name}.{index}"), amounts[argument])
        values = {node: cut.value for node, cut in cuts.items()}
        term = encode(amount.expression, replace(setting, amounts=amounts, before=before, cuts=values))
        amounts[amount.name] = whole(term)
        visits += [(amount.name, visit) for visit in term.visits]
    final = replace(setting, amounts=amounts, before=before)
    return SymbolicClaim(
        final, tuple(setting.amounts.values()), after, tuple(visits), cuts, (*constraints, *limits), place
    )


def totals_in(expression: Expression) -> tuple[RunningTotal, ...]:
    """The running totals that a formula reads, once each."""
    found = (node.total for node in walk(expression) if isinstance(node, Accumulated))
    return tuple({total.name: total for total in found}.values())


def reads(expression: Expression) -> frozenset[str]:
    """The facts and amounts that a formula reads itself, those behind its running totals included."""
    found: set[str] = set()
    for node in walk(expression):
        match node:
            case FactValue(name) | AmountValue(name):
                found.add(name)
            case Accumulated(total=total):
                found.add(total.amount)
            case _:
                pass
    return frozenset(found)


def sources(model: Model, names: frozenset[str]) -> frozenset[str]:
    """The names themselves and everything that they are computed from, money facts and amounts."""
    found = set(names)
    for amount in reversed(model.amounts):
        if amount.name in found:
            found |= reads(amount.expression)
    return frozenset(found)


# Histories ------------------------------------------------------------------------------------------


def free_history(model: Model) -> tuple[dict[str, z3.ArithRef], tuple[z3.BoolRef, ...]]:
    """Every running total before the claim: anything from 0 to the top of the domain that its rounding lets it be."""
    before: dict[str, z3.ArithRef] = {}
    bounds: list[z3.BoolRef] = []
    for total in model.running_totals:
        steps = z3.Int(f"before.{total.name}")
        unit = multiple_of(model, AmountValue(total.amount, total.span))
        before[total.name] = steps if unit == 1 else unit * steps
        bounds += [before[total.name] >= 0, before[total.name] <= DOMAIN_TOP]
    return before, tuple(bounds)


def multiple_of(model: Model, node: Expression) -> int:
    """A number of which the value of a formula is always a whole multiple; 0 where the value is always 0."""
    match node:
        case Constant(value):
            return value
        case Rounded(unit=unit):
            return unit
        case AmountValue(name):
            return multiple_of(model, model.amount(name).expression)
        case Sum(terms) | Smallest(terms) | Largest(terms):
            return gcd(*(multiple_of(model, term) for term in terms))
        case Difference(left, right) | Capped(left, right) | Choice(_, left, right):
            return gcd(multiple_of(model, left), multiple_of(model, right))
        case ByCategory(cells=cells):
            return gcd(*(multiple_of(model, cell.value) for cell in cells))
        case Accumulated(total, Capped(TotalSoFar(), cap)):
            return gcd(multiple_of(model, AmountValue(total.amount, total.span)), multiple_of(model, cap))
        case Accumulated(body=Rounded(unit=unit)):
            return unit
        case FactValue() | TotalSoFar() | Scaled() | Schedule() | Accumulated():
            return 1
        case _:
            assert_never(node)


def empty_history(model: Model) -> dict[str, z3.ArithRef]:
    """Nothing was settled before."""
    return {total.name: z3.IntVal(0) for total in model.running_totals}


def place_of(model: Model, tag: str, index: int) -> tuple[dict[str, z3.ArithRef], tuple[z3.BoolRef, ...]]:
    """Whose claim it is and when, as small numbers: key 0 or 1, and this year or the next one in force."""
    if index == 0:
        return {total.key: z3.IntVal(0) for total in model.running_totals} | {"": z3.IntVal(0)}, ()
    keys = {total.key: z3.Int(f"{tag}, whose {total.key}") for total in model.running_totals}
    year = z3.Int(f"{tag}, which year")
    last_year = 1 if next_year(model) is not None else 0
    bounds = [z3.And(term >= 0, term <= 1) for term in keys.values()]
    return {**keys, "": year}, (*bounds, year >= 0, year <= last_year)


def told_history(
    model: Model, claims: Sequence[SymbolicClaim], place: Mapping[str, z3.ArithRef], times: int = 1
) -> dict[str, z3.ArithRef]:
    """Every running total before a claim in this place, after the claims given, the first of them so many `times`."""
    before: dict[str, z3.ArithRef] = {}
    for total in model.running_totals:
        terms = [
            z3.If(_counts(total, claim.place, place), claim.setting.amounts[total.amount], z3.IntVal(0))
            for claim in claims
        ]
        before[total.name] = z3.Sum([times * terms[0], *terms[1:]])
    return before


def _counts(total: RunningTotal, earlier: Mapping[str, z3.ArithRef], later: Mapping[str, z3.ArithRef]) -> z3.BoolRef:
    same_key = earlier[total.key] == later[total.key]
    if total.period is PeriodKind.LIFETIME:
        return same_key
    return z3.And(same_key, earlier[""] == later[""])


def first_day(model: Model) -> date:
    """The day of the first claim of a witness: the first day in force, or a day of 2024."""
    return DEFAULT_DAY if model.in_force is None else model.in_force.first


def next_year(model: Model) -> date | None:
    """A day of the year after, if the policy is still in force then."""
    first = first_day(model)
    if first.year == date.max.year:
        return None
    day = date(first.year + 1, 1, 1)
    last = None if model.in_force is None else model.in_force.last
    return day if last is None or day <= last else None


def has_value(claim: SymbolicClaim, up_to: str | None = None) -> z3.BoolRef:
    """Every clause on the way has a value; only those of amounts before `up_to`, where one is named."""
    missing: list[z3.BoolRef] = []
    for amount, visit in claim.visits:
        if amount == up_to:
            break
        if visit.lacking is not None:
            missing.append(z3.And(visit.guard, visit.lacking))
    return z3.Not(any_of(missing))
