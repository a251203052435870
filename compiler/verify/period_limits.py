"""What a claim after any history cannot come to, because the claims of its period do not come to so much together.

A free history lets a running total be anything. What is added up may be bounded, though: what a maximum of a year
leaves for the layers after it, say. So of a total after a claim it is also known that it is no more than these claims
together come to: all of its period so far; or as often what a period of another kind comes to as there are such that it
has days in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import z3

from compiler.model import Amount, Expression, Model, PeriodKind, RunningTotal, totals_in
from compiler.verify.claims import has_value
from compiler.verify.contract import Contract
from compiler.verify.days import lies_within, most_met, periods_in_force
from compiler.verify.ground import Ground, narrowed
from compiler.verify.prove import Question, by_contracts, free_scene
from compiler.verify.solve import Impossible, ask
from compiler.verify.telescope import sums
from compiler.verify.witness import Scene


def never_in_a_period(
    ground: Ground, amount: Amount, flaw: Callable[[Scene], z3.BoolRef], where: Mapping[str, str] | None = None
) -> bool:
    """Whether no claim has the flaw, after a total that the claims of a period can come to.

    The flaw is one of a claim of which all before the amount has values; `where`: of this category cell.
    """
    totals = totals_in(amount.expression)
    if not totals:
        return False
    model = narrowed(ground.model, frozenset({amount.name}))
    scene = free_scene(model, where or {}, None, {})
    goal = (*scene.constraints, has_value(scene.last, amount.name), flaw(scene))
    whole = model if model.among is None else narrowed(model.among, frozenset({amount.name}))
    # A contract speaks of the clauses of one version, whose facts may have other bounds than those of another.
    contracts = ground.contracts if model.among is None else {}
    return any(
        isinstance(ask((*goal, *_no_more(whole, contracts, one, scene.last.after[total.name], times))), Impossible)
        for total in totals
        for one, times in _sums(whole, contracts, total)
    )


def _no_more(
    whole: Model, contracts: Mapping[Expression, Contract], total: RunningTotal, so_far: z3.ArithRef, times: int
) -> tuple[z3.BoolRef, ...]:
    """That a total is no more than so many times what the claims of the period of another come to."""
    together = sums(whole, contracts, total, lambda name: never_negative(whole, contracts, name), {})
    return (*together.known, so_far <= times * together.of[total.amount])


def _sums(
    whole: Model, contracts: Mapping[Expression, Contract], total: RunningTotal
) -> Iterator[tuple[RunningTotal, int]]:
    """The total over each period that says something of its own, and how many of them it comes to at most."""
    yield total, 1
    counted = dict.fromkeys(
        other.period
        for other in whole.running_totals
        if (other.key, other.date_fact) == (total.key, total.date_fact) and other.period != total.period
    )
    for period in counted:
        one = replace(total, period=period)
        if total.period.kind is PeriodKind.LIFETIME:
            yield one, periods_in_force(whole, total.date_fact, period)
        elif lies_within(period, total.period) or never_negative(whole, contracts, total.amount):
            # A part of a period comes to no more than the whole where no claim adds less than 0.
            yield one, 1 if period.kind is PeriodKind.LIFETIME else most_met(total.period, period)


def never_negative(whole: Model, contracts: Mapping[Expression, Contract], name: str) -> bool:
    """Whether an amount is 0 or more in every claim, after totals from 0 on."""
    question = Question(lambda scene: scene.last.setting.amounts[name] < 0, lambda _: True)
    return by_contracts(narrowed(whole, frozenset({name})), contracts, question)
