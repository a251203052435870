"""Claims as the solver sees them: facts it may choose, amounts that follow, and what was settled before.

Two kinds of history are asked about. A *free* history lets every running total before the claim be anything from 0 to
the top of the domain: more than can happen, so what holds under it holds for every claim. A *told* history is a few
claims settled after one another from an empty ledger: less than can happen, and every one of them can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    CountFact,
    DateFact,
    Difference,
    Expression,
    FactValue,
    IdentifierFact,
    Largest,
    Model,
    MoneyFact,
    Rounded,
    RunningTotal,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    names_in,
    totals_in,
)
from compiler.verify.days import days_of
from compiler.verify.encode import Setting, Visit, any_of, encode, slopes_in, whole
from compiler.verify.slope import Slope
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class Cut:
    """A clause replaced by a value of its own: what is known about it is a constraint on `value` and `argument`.

    others  all else that it reads
    """

    value: z3.ArithRef
    argument: z3.ArithRef
    others: tuple[z3.ArithRef, ...]


@dataclass(frozen=True, slots=True)
class SymbolicClaim:
    """One claim: its setting with every amount in it, the running totals after it, and what makes it a claim.

    facts        the amounts and counts, in the order of the policy
    visits       every clause it comes to, with the amount whose formula that is
    constraints  its facts are in the domain, its running totals too
    place        which key and which day it has, as small numbers, by fact: the places in `KEYS` and in `days_of`
    """

    setting: Setting
    facts: tuple[z3.ArithRef, ...]
    after: Mapping[str, z3.ArithRef]
    visits: tuple[tuple[str, Visit], ...]
    cuts: Mapping[Expression, Cut]
    constraints: tuple[z3.BoolRef, ...]
    place: Mapping[str, z3.ArithRef]


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one claim as terms: `days` by date fact, as places in `days_of`."""

    setting: Setting
    days: Mapping[str, z3.ArithRef]
    constraints: tuple[z3.BoolRef, ...]


def facts_of(model: Model, tag: str, words: Mapping[str, str]) -> Facts:
    """The facts of one claim, free within the domain but for the words given."""
    values = model.categories
    amounts: dict[str, z3.ArithRef] = {}
    stands: dict[str, str | z3.ArithRef] = {}
    constraints: list[z3.BoolRef] = []
    days: dict[str, z3.ArithRef] = {}
    tried = days_of(model)
    for fact in model.facts:
        match fact:
            case MoneyFact(name, lowest, highest) | CountFact(name, lowest, highest):
                amounts[name] = z3.Int(f"{tag}.{name}")
                constraints += [amounts[name] >= lowest, amounts[name] <= highest]
            case CategoryFact(name, allowed):
                if name in words:
                    stands[name] = words[name]
                else:
                    place = z3.Int(f"{tag}.{name}")
                    stands[name] = place
                    constraints += [place >= 0, place < len(allowed)]
            case DateFact(name):
                days[name] = z3.IntVal(0)
                if len(tried[name]) > 1:
                    days[name] = z3.Int(f"{tag}.{name}")
                    constraints += [days[name] >= 0, days[name] < len(tried[name])]
            case IdentifierFact():
                pass
    for dated in model.dated:
        places = [values[dated.name].index(dated.word(day) or "") for day in tried[dated.by]]
        term = _looked_up(places, days[dated.by])
        stands[dated.name] = words.get(dated.name, term)
        if dated.name in words:
            constraints.append(term == values[dated.name].index(words[dated.name]))
    setting = Setting(stands, values, amounts, {}, None, {})
    return Facts(setting, days, (*constraints, *_at_most(model, setting)))


def _looked_up(values: Sequence[int], place: z3.ArithRef) -> z3.ArithRef:
    """The value at a place in a list."""
    found: z3.ArithRef = z3.IntVal(values[-1] if values else 0)
    for index in range(len(values) - 2, -1, -1):
        if values[index] != values[index + 1]:
            found = z3.If(place <= index, z3.IntVal(values[index]), found)
    return found


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
    assert isinstance(bounds, MoneyFact | CountFact)
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
                others = tuple(amounts[name] for name in sorted(names_in(node) - {argument}))
                cuts[node] = Cut(z3.Int(f"{tag}.{amount.name}.{index}"), amounts[argument], others)
        values = {node: cut.value for node, cut in cuts.items()}
        term = encode(amount.expression, replace(setting, amounts=amounts, before=before, cuts=values))
        amounts[amount.name] = whole(term)
        visits += [(amount.name, visit) for visit in term.visits]
    final = replace(setting, amounts=amounts, before=before)
    return SymbolicClaim(
        final, tuple(setting.amounts.values()), after, tuple(visits), cuts, (*constraints, *limits), place
    )


# Histories ------------------------------------------------------------------------------------------


def free_history(model: Model) -> tuple[dict[str, z3.ArithRef], tuple[z3.BoolRef, ...]]:
    """Every running total before the claim: anything from 0 to the top of the domain that rounding lets it be.

    A total that goes on from other versions is what the rounding of all of them lets it be.
    """
    before: dict[str, z3.ArithRef] = {}
    bounds: list[z3.BoolRef] = []
    for total in model.running_totals:
        steps = z3.Int(f"before.{total.name}")
        unit = multiple_of(model.among or model, AmountValue(total.amount, total.span))
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
            source = next((amount.expression for amount in model.amounts if amount.name == name), None)
            return 1 if source is None else multiple_of(model, source)
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


def place_of(
    model: Model, tag: str, index: int, days: Mapping[str, z3.ArithRef]
) -> tuple[dict[str, z3.ArithRef], tuple[z3.BoolRef, ...]]:
    """Whose claim it is and when: the first claim is of the first key, and on the first day where no day differs."""
    if index == 0:
        keys: dict[str, z3.ArithRef] = {total.key: z3.IntVal(0) for total in model.running_totals}
        first = () if model.dated else tuple(day == 0 for day in days.values() if not z3.is_int_value(day))
        return {**keys, **days}, first
    keys = {total.key: z3.Int(f"{tag}.{total.key}") for total in model.running_totals}
    # A new key for each claim that could be the first of its own: three members of one family, say.
    return {**keys, **days}, tuple(z3.And(term >= 0, term <= index) for term in keys.values())


def not_before(model: Model, later: SymbolicClaim, earlier: SymbolicClaim) -> tuple[z3.BoolRef, ...]:
    """A claim is settled after another one: by the date that orders them."""
    dates = {total.date_fact for total in model.running_totals}
    return tuple(later.place[name] >= earlier.place[name] for name in dates)


def told_history(
    model: Model, claims: Sequence[SymbolicClaim], place: Mapping[str, z3.ArithRef], times: int = 1
) -> dict[str, z3.ArithRef]:
    """Every running total before a claim in this place, after the claims given, the first of them so many `times`."""
    before: dict[str, z3.ArithRef] = {}
    for total in model.running_totals:
        terms = [
            z3.If(_counts(model, total, claim.place, place), claim.setting.amounts[total.amount], z3.IntVal(0))
            for claim in claims
        ]
        before[total.name] = z3.Sum([times * terms[0], *terms[1:]])
    return before


def _counts(
    model: Model, total: RunningTotal, earlier: Mapping[str, z3.ArithRef], later: Mapping[str, z3.ArithRef]
) -> z3.BoolRef:
    """The two claims count towards the same total: of the same key, and in the same period."""
    periods = [total.period.name_of(day) for day in days_of(model)[total.date_fact]]
    numbers = [periods.index(period) for period in periods]
    one, other = (_looked_up(numbers, place[total.date_fact]) for place in (earlier, later))
    return z3.And(earlier[total.key] == later[total.key], one == other)


def has_value(claim: SymbolicClaim, up_to: str | None = None) -> z3.BoolRef:
    """Every clause on the way has a value; only those of amounts before `up_to`, where one is named."""
    missing: list[z3.BoolRef] = []
    for amount, visit in claim.visits:
        if amount == up_to:
            break
        if visit.lacking is not None:
            missing.append(z3.And(visit.guard, visit.lacking))
    return z3.Not(any_of(missing))


def slopes_of(claims: Sequence[SymbolicClaim]) -> tuple[Slope, ...]:
    """Every unknown ratio that the claims meet."""
    return slopes_in([visit for claim in claims for _, visit in claim.visits])
