"""Checked tree -> Model: every clause becomes a step in the row of amounts.

The order of the steps inside a benefit is that of `docs/semantics.md`; this is the only place that knows how a clause
is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from compiler.lower_formula import condition, formula, minor_units
from compiler.lower_properties import allowance, example, requirement
from compiler.model import (
    OWN_SHARE,
    Accumulated,
    AllOf,
    Amount,
    AmountValue,
    Band,
    BandRatio,
    Benefit,
    Bound,
    ByCategory,
    Capped,
    CategoryFact,
    Cell,
    Choice,
    Compare,
    Condition,
    Constant,
    DateFact,
    Deductible,
    Difference,
    Expression,
    Fact,
    IdentifierFact,
    InForce,
    Largest,
    Manner,
    Measured,
    Model,
    MoneyFact,
    Opening,
    PeriodKind,
    Relation,
    Role,
    Rounded,
    RunningTotal,
    Schedule,
    Sum,
    Threshold,
    TotalSoFar,
)
from dsl import tree
from dsl.money import DOMAIN_TOP, Currency
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck import CheckedPolicy
from dsl.typecheck.amounts import computing_order, has_ratio, reads_left
from dsl.typecheck.benefits import counts_apart, own_period, rounding_of


def lower(checked: CheckedPolicy) -> Model:
    """The Model of a policy that has passed `dsl.typecheck.check`."""
    policy, scope = checked.tree, checked.scope
    assert scope.currency is not None
    header = policy.header
    titles = [clause.text.value for clause in header.clauses if isinstance(clause, tree.Title)]
    sources = [clause.text.value for clause in header.clauses if isinstance(clause, tree.SourceNote)]
    cost = _cost(scope)
    amounts: list[Amount] = []
    for name in computing_order(scope):
        if name in scope.amounts:
            amounts.append(_named_amount(scope.amounts[name], scope))
        else:
            amounts += _benefit_steps(scope.benefits[name], cost, scope)
    paid = Sum(tuple(AmountValue(name, header.span) for name in scope.layers()), header.span)
    amounts.append(Amount(OWN_SHARE, Role.OWN_SHARE, Difference(cost, paid, cost.span), None, cost.span))
    facts = tuple(fact for block in policy.blocks if isinstance(block, tree.ClaimBlock) for fact in block.facts)
    in_force = scope.in_force
    return Model(
        id=header.name.text,
        title=titles[0] if titles else header.name.text,
        source="; ".join(sources),
        currency=scope.currency,
        in_force=None
        if in_force is None
        else InForce(
            in_force.first.value,
            None if in_force.last is None else in_force.last.value,
            in_force.by.text,
            in_force.span,
        ),
        facts=tuple(_fact(fact, scope.currency) for fact in facts),
        amounts=tuple(amounts),
        cost=cost,
        benefits=tuple(_benefit(scope.benefits[name]) for name in scope.layers()),
        requirements=tuple(
            requirement(line, scope)
            for block in policy.blocks
            if isinstance(block, tree.RequireBlock)
            for line in block.lines
        ),
        allowances=tuple(allowance(block) for block in policy.blocks if isinstance(block, tree.AllowLine)),
        examples=tuple(
            example(block, scope, _usual_day(scope)) for block in policy.blocks if isinstance(block, tree.ExampleBlock)
        ),
        span=header.span,
    )


def _usual_day(scope: Scope) -> date:
    """The day of an example's claim that names none."""
    return date(2024, 1, 1) if scope.in_force is None else scope.in_force.first.value


def _fact(fact: tree.FactLine, currency: Currency) -> Fact:
    match fact:
        case tree.WordFact(name, words, span):
            return CategoryFact(name.text, tuple(word.text for word in words), span)
        case tree.PlainFact(name, tree.Name("identifier"), _, span):
            return IdentifierFact(name.text, span)
        case tree.PlainFact(name, tree.Name("date"), _, span):
            return DateFact(name.text, span)
        case tree.PlainFact(name, _, limits, span):
            lowest, highest, at_most = 0, DOMAIN_TOP, None
            for limit in limits:
                match limit:
                    case tree.FromLimit(value):
                        lowest = minor_units(value, currency)
                    case tree.UpToLimit(value):
                        highest = minor_units(value, currency)
                    case tree.AtMostFact(other):
                        at_most = other.text
            return MoneyFact(name.text, lowest, highest, at_most, span)


def _named_amount(block: tree.AmountBlock, scope: Scope) -> Amount:
    value = formula(block.formula, scope)
    rounding = block.rounding or (scope.rounding if has_ratio(block.formula) else None)
    return Amount(block.name.text, Role.NAMED, _rounded(value, rounding, scope), None, block.name.span)


def _rounded(value: Expression, rounding: tree.RoundClause | None, scope: Scope) -> Expression:
    assert scope.currency is not None
    if rounding is None:
        return value
    return Rounded(value, rounding.mode, minor_units(rounding.unit, scope.currency), rounding.span)


# The cost, and what is left of it -------------------------------------------------------------------


def _cost(scope: Scope) -> Expression:
    """What the benefits and the own share add up to: `stack of`, or what the first layer is of."""
    if scope.stack is not None and scope.stack.of is not None:
        return formula(scope.stack.of, scope)
    first = scope.benefits[scope.layers()[0]]
    of = _of(first)
    rounding = rounding_of(first, scope) if has_ratio(of.formula) else None
    return _rounded(formula(of.formula, scope), rounding, scope)


def _of(block: tree.BenefitBlock) -> tree.OfClause:
    return next(clause for clause in block.clauses if isinstance(clause, tree.OfClause))


def _benefit(block: tree.BenefitBlock) -> Benefit:
    name = block.name.text
    return Benefit(name, f"{name}.base", reads_left(_of(block).formula), block.name.span)


# The steps of a benefit -----------------------------------------------------------------------------


def _benefit_steps(block: tree.BenefitBlock, cost: Expression, scope: Scope) -> Iterator[Amount]:
    """left, base, after the deductible where that counts apart, what is paid, and caps that count apart."""
    name, of = block.name.text, _of(block)
    left = None
    if reads_left(of.formula):
        left = AmountValue(f"{name}.left", of.span)
        yield Amount(left.name, Role.LEFT, _left(name, cost, scope, of.span), name, of.span)
    rounding = rounding_of(block, scope)
    base = formula(of.formula, scope, left)
    if has_ratio(of.formula):
        base = _rounded(base, rounding, scope)
    eligible = _eligible(block, scope)
    if eligible is not None:
        base = Choice(eligible, base, Constant(0, of.span), of.span)
    yield Amount(f"{name}.base", Role.BASE, base, name, of.span)

    argument_name, deductible = f"{name}.base", _deductible(block)
    apart = deductible is not None and counts_apart(deductible.period, block, scope)
    if deductible is not None and apart:
        argument_name = f"{name}.after_deductible"
        yield _after_deductible(argument_name, deductible, block, scope)

    caps = [clause for clause in block.clauses if isinstance(clause, tree.CapClause)]
    later_caps = [cap for cap in caps if counts_apart(cap.period, block, scope)]
    own = own_period(block)
    argument: Expression = AmountValue(argument_name, of.span) if own is None else TotalSoFar(of.span)
    for clause in block.clauses:
        if isinstance(clause, tree.CapBaseClause):
            argument = Capped(argument, _value(clause.value, scope), clause.span)
    paid = _payment(block, argument, apart, eligible, scope)
    for cap in caps:
        if cap not in later_caps:
            paid = Capped(paid, _value(cap.value, scope), cap.span)
    paid = _rounded(paid, rounding, scope)
    if own is not None:
        paid = Accumulated(_total(argument_name, own, scope), paid, of.span)

    steps = [f"{name}.before_cap", *(f"{name}.before_cap_{place}" for place in range(2, len(later_caps) + 1))]
    names = [*steps[: len(later_caps)], name]
    for step, cap_clause in zip(names, [None, *later_caps], strict=True):
        if cap_clause is not None:
            paid = _later_cap(names[names.index(step) - 1], cap_clause, scope)
        role = Role.BENEFIT if step == name else Role.BEFORE_CAP
        yield Amount(step, role, paid, name, block.name.span if cap_clause is None else cap_clause.span)


def _left(name: str, cost: Expression, scope: Scope, span: Span) -> Expression:
    before = scope.layers()[: scope.layers().index(name)]
    if not before:
        return cost
    return Difference(cost, Sum(tuple(AmountValue(layer, span) for layer in before), span), span)


def _eligible(block: tree.BenefitBlock, scope: Scope) -> Condition | None:
    clauses = [scope.eligibility, *(clause for clause in block.clauses if isinstance(clause, tree.For))]
    conditions = tuple(condition(clause.condition, scope) for clause in clauses if clause is not None)
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return AllOf(conditions, conditions[-1].span)


def _deductible(block: tree.BenefitBlock) -> tree.DeductibleClause | None:
    return next((clause for clause in block.clauses if isinstance(clause, tree.DeductibleClause)), None)


def _after_deductible(step: str, clause: tree.DeductibleClause, block: tree.BenefitBlock, scope: Scope) -> Amount:
    """What a deductible that counts over other claims than the bands leaves of the base."""
    base = f"{block.name.text}.base"
    value = _value(clause.value, scope)

    def above(argument: Expression) -> Expression:
        return Largest((Constant(0, clause.span), Difference(argument, value, clause.span)), clause.span)

    match clause.period:
        case None | tree.PerClaim():
            rest = above(AmountValue(base, clause.span))
        case tree.PerYear() | tree.PerLifetime():
            rest = Accumulated(_total(base, clause.period, scope), above(TotalSoFar(clause.span)), clause.span)
        case _:
            assert_never(clause.period)
    return Amount(step, Role.AFTER_DEDUCTIBLE, rest, block.name.text, clause.span)


def _later_cap(before: str, clause: tree.CapClause, scope: Scope) -> Expression:
    """A cap on what has been paid over other claims than the bands look at."""
    cap = _value(clause.value, scope)
    match clause.period:
        case None | tree.PerClaim():
            return Capped(AmountValue(before, clause.span), cap, clause.span)
        case tree.PerYear() | tree.PerLifetime():
            capped = Capped(TotalSoFar(clause.span), cap, clause.span)
            return Accumulated(_total(before, clause.period, scope), capped, clause.span)
        case _:
            assert_never(clause.period)


def _total(amount: str, period: tree.PerYear | tree.PerLifetime | tree.PerClaim, scope: Scope) -> RunningTotal:
    assert not isinstance(period, tree.PerClaim)
    day = scope.deciding_date(period.by)
    assert day is not None
    match period:
        case tree.PerYear():
            kind = PeriodKind.CALENDAR_YEAR
        case tree.PerLifetime():
            kind = PeriodKind.LIFETIME
        case _:
            assert_never(period)
    name = f"{amount} per {period.key.text} per {kind.value}"
    return RunningTotal(name, amount, period.key.text, kind, day, period.span)


# What a benefit pays --------------------------------------------------------------------------------


def _payment(
    block: tree.BenefitBlock, argument: Expression, deducted: bool, eligible: Condition | None, scope: Scope
) -> Expression:
    """The `pay` clause over its argument, before caps and rounding.

    deducted  the deductible has been taken off the argument already
    """
    clause = next(clause for clause in block.clauses if isinstance(clause, tree.PayClause))
    opening = None if deducted else _opening(block, scope)
    flat = Measured.ABOVE_THE_DEDUCTIBLE if isinstance(opening, Deductible) else Measured.OF_THE_AMOUNT
    match clause.what:
        case tree.BandTable():
            return _schedule(clause.what, argument, opening, deducted, scope)
        case tree.Ratio(ratio, span):
            band = _whole_range((BandRatio(ratio, span),), span)
            return Schedule(argument, opening, flat, Manner.IN_SLICES, (), ((),), (band,), clause.span)
        case tree.ByList(categories, entries, span):
            ratios = tuple(BandRatio(entry.value.value, entry.value.span) for entry in entries)
            columns = tuple(tuple(word.text for word in entry.key.words) for entry in entries)
            names = tuple(category.text for category in categories)
            band = _whole_range(ratios, span)
            return Schedule(argument, opening, flat, Manner.IN_SLICES, names, columns, (band,), clause.span)
        case given:
            paid = formula(given, scope)
            zero = Constant(0, clause.span)
            if isinstance(opening, Threshold):
                relation = Relation.AT_LEAST if opening.included else Relation.MORE
                passes = Compare(argument, relation, opening.amount, opening.span)
                paid = Choice(passes, paid, zero, opening.span)
            return paid if eligible is None else Choice(eligible, paid, zero, clause.span)


def _opening(block: tree.BenefitBlock, scope: Scope) -> Opening | None:
    for clause in block.clauses:
        match clause:
            case tree.DeductibleClause(value, _, span):
                return Deductible(_value(value, scope), span)
            case tree.ThresholdClause(value, included, span):
                return Threshold(_value(value, scope), included, span)
            case _:
                pass
    return None


def _schedule(
    table: tree.BandTable, argument: Expression, opening: Opening | None, deducted: bool, scope: Scope
) -> Schedule:
    above = table.above_the_deductible and not deducted
    return Schedule(
        argument,
        opening,
        Measured.ABOVE_THE_DEDUCTIBLE if above else Measured.OF_THE_AMOUNT,
        Manner.IN_SLICES if table.in_slices else Manner.ON_THE_WHOLE,
        tuple(category.text for category in table.categories),
        tuple(tuple(word.text for word in key.words) for key in table.columns) or ((),),
        tuple(_band(band, len(table.columns) or 1, scope) for band in table.bands),
        table.span,
    )


def _band(line: tree.BandLine, columns: int, scope: Scope) -> Band:
    """A band; a line without any ratio leaves every column empty."""
    ratios = tuple(BandRatio(ratio.value, ratio.span) for ratio in line.ratios)
    return Band(
        _bound(line.lower, scope),
        None if line.upper is None else _bound(line.upper, scope),
        ratios or (BandRatio(None, line.span),) * columns,
        line.span,
    )


def _bound(end: tree.BandEnd, scope: Scope) -> Bound:
    assert scope.currency is not None
    return Bound(minor_units(end.value, scope.currency), end.included, end.span)


def _whole_range(ratios: tuple[BandRatio, ...], span: Span) -> Band:
    return Band(Bound(0, False, span), None, ratios, span)


def _value(value: tree.Number | tree.ByList, scope: Scope) -> Expression:
    assert scope.currency is not None
    match value:
        case tree.Number():
            return Constant(minor_units(value, scope.currency), value.span)
        case tree.ByList(categories, entries, span):
            cells = []
            for entry in entries:
                assert isinstance(entry.value, tree.Number)
                amount = Constant(minor_units(entry.value, scope.currency), entry.value.span)
                cells.append(Cell(tuple(word.text for word in entry.key.words), amount, entry.span))
            return ByCategory(tuple(category.text for category in categories), tuple(cells), span)
        case _:
            assert_never(value)
