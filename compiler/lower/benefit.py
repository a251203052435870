"""The clauses of one benefit -> its steps in the row of amounts.

The order of the steps is that of `docs/semantics.md`; this is the only place that knows how a clause is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from compiler.lower.formula import condition, formula, rounded
from compiler.lower.parameter import minor_units, spelt_out
from compiler.lower.schedule import flat_schedule, keyed, table_schedule
from compiler.model import (
    Accumulated,
    AllOf,
    Amount,
    AmountValue,
    ByCategory,
    Capped,
    Cell,
    Choice,
    Compare,
    Condition,
    Constant,
    Deductible,
    Difference,
    Expression,
    Largest,
    Opening,
    Period,
    PeriodKind,
    Relation,
    Role,
    RunningTotal,
    Sum,
    Threshold,
    TotalSoFar,
    walk,
)
from dsl import tree
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck.amounts import has_ratio, reads_left
from dsl.typecheck.benefits import counts_apart, deducted_apart, of_clause, own_period, rounding_of


def benefit_steps(block: tree.BenefitBlock, cost: Expression, scope: Scope) -> Iterator[Amount]:
    """left, base, after a deductible that counts apart, what is paid, and caps that count apart.

    Where only the larger of two benefits is paid, the last step is what is due; see `larger_of_two`.
    """
    name, of = block.name.text, of_clause(block)
    left = None
    if reads_left(of.formula):
        left = AmountValue(f"{name}.left", of.span)
        yield Amount(left.name, Role.LEFT, _left(name, cost, scope, of.span), name, of.span)
    rounding = rounding_of(block, scope)
    base = rounded(formula(of.formula, scope, left), rounding if has_ratio(of.formula) else None, scope)
    eligible = _eligible(block, scope)
    if eligible is not None:
        base = Choice(eligible, base, Constant(0, of.span), of.span)
    yield Amount(f"{name}.base", Role.BASE, base, name, of.span)

    argument_name, deductible = f"{name}.base", _deductible(block)
    apart = deductible is not None and deducted_apart(deductible, block, scope)
    if deductible is not None and apart:
        argument_name = f"{name}.after_deductible"
        yield from _after_deductible(argument_name, deductible, block, scope)

    caps = [clause for clause in block.clauses if isinstance(clause, tree.CapClause)]
    own_caps = [cap for cap in caps if not counts_apart(cap.period, block, scope)]
    own = own_period(block)
    argument: Expression = AmountValue(argument_name, of.span) if own is None else TotalSoFar(of.span)
    for clause in block.clauses:
        if isinstance(clause, tree.CapBaseClause):
            argument = Capped(argument, _whole(clause.value, rounding, scope), clause.span)
    paid = _payment(block, argument, apart, eligible, scope, left)
    for cap in own_caps:
        paid = Capped(paid, _value(cap.value, scope), cap.span)
    paid = rounded(paid, None if is_rest(block) else rounding, scope)
    if own is not None:
        paid = Accumulated(running_total(argument_name, own, scope), paid, of.span)

    later_caps = [cap for cap in caps if cap not in own_caps]
    due = name if scope.rival(name) is None else f"{name}.due"
    before = [f"{name}.before_cap", *(f"{name}.before_cap_{place}" for place in range(2, len(later_caps) + 1))]
    step = before[0] if later_caps else due
    yield Amount(step, _role(step, name, due), paid, name, block.name.span)
    for place, cap in enumerate(later_caps, 1):
        previous, step = step, before[place] if place < len(later_caps) else due
        capped = _over(previous, cap.period, _capping(_value(cap.value, scope), cap.span), scope, cap.span)
        yield Amount(step, _role(step, name, due), capped, name, cap.span)


def is_rest(block: tree.BenefitBlock) -> bool:
    """Whether the benefit is the last payer of a split, who bears what rounding does to the others."""
    return any(isinstance(clause, tree.PayClause) and clause.rest for clause in block.clauses)


def _role(step: str, name: str, due: str) -> Role:
    if step == name:
        return Role.BENEFIT
    return Role.DUE if step == due else Role.BEFORE_CAP


def larger_of_two(name: str, rival: str, scope: Scope) -> Iterator[Amount]:
    """What two benefits pay of which only the larger counts; of equal ones the first in the stack."""
    first, second = sorted((name, rival), key=scope.layers().index)
    span, other_span = scope.benefits[first].name.span, scope.benefits[second].name.span
    first_due, second_due = AmountValue(f"{first}.due", span), AmountValue(f"{second}.due", other_span)
    first_wins = Compare(first_due, Relation.AT_LEAST, second_due, span)
    yield Amount(first, Role.BENEFIT, Choice(first_wins, first_due, Constant(0, span), span), first, span)
    nothing = Constant(0, other_span)
    yield Amount(second, Role.BENEFIT, Choice(first_wins, nothing, second_due, other_span), second, other_span)


def _left(name: str, cost: Expression, scope: Scope, span: Span) -> Expression:
    before = scope.layers_before(name)
    if not before:
        return cost
    return Difference(cost, Sum(tuple(AmountValue(layer, span) for layer in before), span), span)


def _eligible(block: tree.BenefitBlock, scope: Scope) -> Condition | None:
    clauses = [scope.eligibility, *(clause for clause in block.clauses if isinstance(clause, tree.For))]
    conditions = tuple(condition(clause.condition, scope) for clause in clauses if clause is not None)
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return AllOf(conditions, conditions[-1].span)


# Deductibles and caps that count over other claims than the bands -----------------------------------


def _deductible(block: tree.BenefitBlock) -> tree.DeductibleClause | None:
    return next((clause for clause in block.clauses if isinstance(clause, tree.DeductibleClause)), None)


def _after_deductible(
    step: str, clause: tree.DeductibleClause, block: tree.BenefitBlock, scope: Scope
) -> Iterator[Amount]:
    """What the deductible leaves of the base; one that a family shares is a total over the totals of its people."""
    name, base, span = block.name.text, f"{block.name.text}.base", clause.span
    rounding = rounding_of(block, scope)
    value = _whole(clause.value, rounding, scope)
    if clause.shared is None:

        def above(argument: Expression) -> Expression:
            return Largest((Constant(0, span), Difference(argument, value, span)), span)

        rest = _over(base, clause.period, above, scope, span)
        yield Amount(step, Role.AFTER_DEDUCTIBLE, rest, name, span)
        return
    limit, shared = _whole(clause.shared.value, rounding, scope), clause.shared.span
    own = _over(base, clause.period, _capping(value, span), scope, span)
    yield Amount(f"{name}.deducted", Role.DEDUCTED, own, name, span)
    together = _over(f"{name}.deducted", clause.shared.period, _capping(limit, shared), scope, shared)
    yield Amount(f"{name}.deducted_together", Role.DEDUCTED, together, name, shared)
    rest = Difference(AmountValue(base, span), AmountValue(f"{name}.deducted_together", span), span)
    yield Amount(step, Role.AFTER_DEDUCTIBLE, rest, name, span)


def _capping(cap: Expression, span: Span) -> Callable[[Expression], Expression]:
    return lambda argument: Capped(argument, cap, span)


def _over(
    amount: str,
    period: tree.Period | None,
    clause: Callable[[Expression], Expression],
    scope: Scope,
    span: Span,
) -> Expression:
    """A clause over an amount of this claim, or over its running total in a period."""
    match period:
        case None | tree.PerClaim():
            return clause(AmountValue(amount, span))
        case tree.PerYear() | tree.PerPolicyYear() | tree.PerMonth() | tree.PerLifetime():
            return Accumulated(running_total(amount, period, scope), clause(TotalSoFar(span)), span)
        case _:
            assert_never(period)


def running_total(amount: str, written: tree.Period, scope: Scope) -> RunningTotal:
    """The sum of an amount over the claims of one key in one period; the period is not that of a single claim."""
    assert not isinstance(written, tree.PerClaim)
    day = scope.deciding_date(written.by)
    assert day is not None
    match written:
        case tree.PerYear():
            period = Period(PeriodKind.CALENDAR_YEAR)
        case tree.PerPolicyYear(month=month, day=first_day):
            period = Period(PeriodKind.POLICY_YEAR, month, first_day)
        case tree.PerMonth():
            period = Period(PeriodKind.MONTH)
        case tree.PerLifetime():
            period = Period(PeriodKind.LIFETIME)
        case _:
            assert_never(written)
    name = f"{amount} per {written.key.text} per {period.label}"
    return RunningTotal(name, amount, written.key.text, period, day, written.span)


# What a benefit pays --------------------------------------------------------------------------------


def _payment(
    block: tree.BenefitBlock,
    argument: Expression,
    deducted: bool,
    eligible: Condition | None,
    scope: Scope,
    left: AmountValue | None,
) -> Expression:
    """The `pay` clause over its argument, before caps and rounding.

    deducted  the deductible has been taken off the argument already
    left      what `left` stands for
    """
    clause = next(clause for clause in block.clauses if isinstance(clause, tree.PayClause))
    opening = None if deducted else _opening(block, scope)
    match clause.what:
        case tree.BandTable():
            return table_schedule(clause.what, argument, opening, deducted, scope)
        case tree.Ratio() | tree.Unknown() | tree.ByList():
            return flat_schedule(clause.what, argument, opening, scope, clause.span)
        case given:
            paid, nothing = formula(given, scope, left), Constant(0, clause.span)
            if isinstance(opening, Threshold):
                relation = Relation.AT_LEAST if opening.included else Relation.MORE
                passes = Compare(argument, relation, opening.amount, opening.span)
                paid = Choice(passes, paid, nothing, opening.span)
            return paid if eligible is None else Choice(eligible, paid, nothing, clause.span)


def _opening(block: tree.BenefitBlock, scope: Scope) -> Opening | None:
    rounding = rounding_of(block, scope)
    for clause in block.clauses:
        match clause:
            case tree.DeductibleClause(value=value, span=span):
                return Deductible(_whole(value, rounding, scope), span)
            case tree.ThresholdClause(value, included, span):
                return Threshold(_whole(value, rounding, scope), included, span)
            case _:
                pass
    return None


def _value(value: tree.Value, scope: Scope) -> Expression:
    """An amount that a clause names: a constant, a list by category or a formula."""
    assert scope.currency is not None
    match value:
        case tree.ByList(categories, entries, span):
            names = tuple(category.text for category in categories)
            cells = []
            for key, amount in spelt_out(keyed(entries), [scope.words(name) for name in names]):
                assert isinstance(amount, tree.Number)
                cells.append(Cell(key, Constant(minor_units(amount, scope.currency), amount.span), amount.span))
            return ByCategory(names, tuple(cells), span)
        case _:
            return formula(value, scope)


def _whole(value: tree.Value, rounding: tree.RoundClause | None, scope: Scope) -> Expression:
    """A deductible, threshold or limit: a whole amount, and never below 0."""
    amount = _value(value, scope)
    if isinstance(value, tree.ByList):
        return amount
    if has_ratio(value):
        amount = rounded(amount, rounding, scope)
    if any(isinstance(node, Difference) for node in walk(amount)):
        amount = Largest((Constant(0, value.span), amount), value.span)
    return amount
