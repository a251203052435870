"""Whether a claim can come to a clause, and the smallest that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import z3

from compiler.evaluate import Lack, Settled, Undefined
from compiler.model import Model, Schedule
from compiler.verify.bands import Need, need_of
from compiler.verify.claims import category_values
from compiler.verify.encode import Setting, Visit, any_of, cells_of, opening_facts
from compiler.verify.ground import Clause
from compiler.verify.prove import Question, Verdict, decide
from compiler.verify.solve import Impossible, ask
from compiler.verify.witness import Scene, Shown
from dsl.money import DOMAIN_TOP

AMOUNT = z3.Int("amount")
"""Any amount, in a question about ends of bands alone."""

SWEEP = "integer sweep, neighbours certified"
"""The name of the method: ends sorted and compared as whole numbers, then confirmed by the solver in one question."""


def visits_to(scene: Scene, clause: Clause) -> list[Visit]:
    """The visits of the last claim to a clause, not counting those of the running total before it."""
    return [
        visit
        for amount, visit in scene.last.visits
        if amount == clause.amount.name and visit.node is clause.node and not visit.past
    ]


def can_happen(
    model: Model,
    clause: Clause,
    here: Callable[[Visit], z3.BoolRef],
    confirm: Callable[[Shown], bool],
    facts: tuple[str, ...] = (),
    minimal: bool = True,
    where: Mapping[str, str] | None = None,
    least: int = 0,
) -> Verdict:
    """Whether a claim comes to the clause in such a way; `Fails` carries the smallest claims that do, `Holds`: none can.

    `facts` are the category facts whose cells are asked one by one; `where` asks about one cell only.
    `least` is the smallest amount that the bands could see in the answer.
    """

    def flaw(scene: Scene) -> z3.BoolRef:
        return any_of([z3.And(visit.guard, here(visit)) for visit in visits_to(scene, clause)])

    def argument(scene: Scene) -> tuple[tuple[z3.ArithRef, int], ...]:
        return tuple((visit.argument, least) for visit in visits_to(scene, clause) if visit.argument is not None)

    question = Question(flaw, confirm, facts, None, clause.amount.name, argument, minimal, where)
    return decide(model, {}, question)


def lacks(clause: Clause, *expected: Lack) -> Callable[[Shown], bool]:
    """That the last claim has no value in this clause, for one of these reasons."""

    def confirm(shown: Shown) -> bool:
        outcome = shown.outcome
        return (
            isinstance(outcome, Undefined)
            and outcome.amount == clause.amount.name
            and outcome.lack in expected
            and outcome.span == clause.node.span
        )

    return confirm


def is_settled(shown: Shown) -> bool:
    """That the last claim was settled."""
    return isinstance(shown.outcome, Settled)


def is_seen(shown: Shown) -> bool:
    """That the last claim was not rejected, whether or not it then had a value."""
    return isinstance(shown.outcome, Settled | Undefined)


def facts_of_schedule(schedule: Schedule) -> tuple[str, ...]:
    """The category facts that decide about the column and the opening."""
    return tuple(dict.fromkeys((*schedule.categories, *opening_facts(schedule))))


def needs(model: Model, schedule: Schedule) -> tuple[tuple[dict[str, str], Need], ...]:
    """Which amounts need a band, in each category cell that has a deductible or threshold."""
    values = category_values(model)
    words = {name: z3.Int(f"word.{name}") for name in values}
    cells = cells_of(facts_of_schedule(schedule), Setting(words, values, {}, {}, None, {}))
    found = ((cell, need_of(schedule, cell)) for cell in cells)
    return tuple((cell, need) for cell, need in found if need is not None)


def impossible_amount(*conditions: z3.BoolRef) -> bool:
    """That no amount of the domain satisfies the conditions on `amount`."""
    return isinstance(ask((AMOUNT >= 0, AMOUNT <= DOMAIN_TOP, *conditions)), Impossible)
