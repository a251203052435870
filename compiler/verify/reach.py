"""Whether a claim can come to a clause, and the smallest that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import z3

from compiler.evaluate import Settled, Undefined
from compiler.model import Accumulated, Expression, Manner, Model, RunningTotal, Schedule, names_in, walk, words_read
from compiler.schedule import Lack
from compiler.verify.bands import Need, Stretch, constant_of, need_of
from compiler.verify.days import on_some_day, same_in_a_period
from compiler.verify.encode import TRUE, Setting, Visit, any_of, cells_of, opening_facts
from compiler.verify.ground import Clause, Ground, narrowed
from compiler.verify.moving import Layout
from compiler.verify.period_limits import never_in_a_period
from compiler.verify.prove import DIRECT, Fails, Holds, Open, Question, Verdict, decide
from compiler.verify.solve import Impossible, ask
from compiler.verify.unknown import still_open
from compiler.verify.witness import Scene, Shown
from compiler.versions import goes_on
from dsl.money import DOMAIN_TOP

AMOUNT = z3.Int("amount")
"""Any amount, in a question about ends of bands alone."""


def visits_to(scene: Scene, clause: Clause, *, past: bool = False) -> list[Visit]:
    """The visits of the last claim to a clause, or those of the running total before it."""
    return [
        visit
        for amount, visit in scene.last.visits
        if amount == clause.amount.name and _same(visit.node, clause.node) and visit.past == past
    ]


def adds(scene: Scene, clause: Clause) -> z3.BoolRef:
    """That the last claim adds something to the running total that a clause looks at; true where it looks at none.

    A claim that adds nothing is paid `f(S) - f(S)`, whatever stands in f.
    """
    found = totals_around(clause)
    return any_of([scene.last.setting.amounts[total.amount] != 0 for total in found]) if found else TRUE


def totals_around(clause: Clause) -> list[RunningTotal]:
    """The running totals that a clause looks at: of `f(S) - f(P)` with the clause in f."""
    return [
        node.total
        for node in walk(clause.amount.expression)
        if isinstance(node, Accumulated) and any(inner is clause.node for inner in walk(node))
    ]


def _same(visited: Expression, node: Expression) -> bool:
    """The clause itself, or what became of it where an unknown ratio was set to a value."""
    if visited is node:
        return True
    return type(visited) is type(node) and visited.span == node.span and still_open(visited) == still_open(node)


def can_happen(
    model: Model,
    clause: Clause,
    here: Callable[[Visit], z3.BoolRef],
    confirm: Callable[[Shown], bool],
    facts: tuple[str, ...] = (),
    minimal: bool = True,
    where: Mapping[str, str] | None = None,
    least: int = 0,
    *,
    before: bool = False,
) -> Verdict:
    """Whether a claim comes to the clause in such a way: `Fails` carries the smallest that do, `Holds` says none can.

    `facts` are the category facts whose cells are asked one by one; `where` asks about one cell only.
    Only the amount itself and what it is computed from are looked at, so that a flaw elsewhere hides nothing here.
    `least` is the smallest amount that the bands could see in the answer.
    `before`: the total before a claim may come to the clause in this way too.
    """

    def flaw(scene: Scene) -> z3.BoolRef:
        now = _comes(visits_to(scene, clause), here)
        return z3.Or(now, z3.And(_has_value_now(scene, clause), _comes_before(scene, clause, here))) if before else now

    def argument(scene: Scene) -> tuple[tuple[z3.ArithRef, int], ...]:
        return _seen(scene, clause, least)

    question = Question(flaw, confirm, facts, None, clause.amount.name, argument, minimal, where)
    return decide(narrowed(model, frozenset({clause.amount.name})), {}, question)


def can_matter(
    ground: Ground,
    clause: Clause,
    here: Callable[[Visit], z3.BoolRef],
    *,
    minimal: bool = False,
    where: Mapping[str, str] | None = None,
    least: int = 0,
    before: bool = False,
    sums_first: bool = False,
) -> Verdict:
    """As `can_happen`, of claims whose payment the clause can change: they add something to the total that it looks at.

    `before`: a claim comes to the clause also where the total before it does. Where nothing else decides, that none
    comes to it is shown by what the claims of its period come to together; `sums_first`: that is asked before all else.
    """

    def flaw(scene: Scene) -> z3.BoolRef:
        comes = _comes(visits_to(scene, clause), here)
        if before:
            comes = z3.Or(comes, _comes_before(scene, clause, here))
        return z3.And(adds(scene, clause), comes)

    def argument(scene: Scene) -> tuple[tuple[z3.ArithRef, int], ...]:
        return _seen(scene, clause, least)

    def never() -> bool:
        return never_in_a_period(ground, clause.amount, flaw, where)

    if sums_first and never():
        return Holds(DIRECT)
    question = Question(flaw, is_seen, (), None, clause.amount.name, argument, minimal, where)
    found = decide(narrowed(ground.model, frozenset({clause.amount.name})), {}, question)
    return Holds(DIRECT) if isinstance(found, Open) and not sums_first and never() else found


def _comes(visits: list[Visit], here: Callable[[Visit], z3.BoolRef]) -> z3.BoolRef:
    return any_of([z3.And(visit.guard, here(visit)) for visit in visits])


def _comes_before(scene: Scene, clause: Clause, here: Callable[[Visit], z3.BoolRef]) -> z3.BoolRef:
    """The running total before the last claim comes to the clause in such a way."""
    return _comes(visits_to(scene, clause, past=True), here)


def _has_value_now(scene: Scene, clause: Clause) -> z3.BoolRef:
    """The formula has a value for the total with the last claim in it, which is looked up first."""
    lacking = [
        z3.And(visit.guard, visit.lacking)
        for amount, visit in scene.last.visits
        if amount == clause.amount.name and not visit.past and visit.lacking is not None
    ]
    return z3.Not(any_of(lacking))


def _seen(scene: Scene, clause: Clause, least: int) -> tuple[tuple[z3.ArithRef, int], ...]:
    return tuple((visit.argument, least) for visit in visits_to(scene, clause) if visit.argument is not None)


def laid_out(clause: Clause, condition: Callable[[Layout], z3.BoolRef]) -> Callable[[Visit], z3.BoolRef]:
    """A condition on the bands of a schedule whose ends follow from the claim."""

    def here(visit: Visit) -> z3.BoolRef:
        assert visit.layout is not None, clause.node
        return condition(visit.layout)

    return here


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


def lack_of(shown: Shown) -> Lack | None:
    """Why the last claim has no value; None where it has one, or was rejected."""
    return shown.outcome.lack if isinstance(shown.outcome, Undefined) else None


def is_seen(shown: Shown) -> bool:
    """That the last claim was not rejected, whether or not it then had a value."""
    return isinstance(shown.outcome, Settled | Undefined)


def facts_of_schedule(schedule: Schedule) -> tuple[str, ...]:
    """The category facts that decide about the column and the opening."""
    return tuple(dict.fromkeys((*schedule.categories, *opening_facts(schedule))))


def needs(model: Model, clause: Clause, schedule: Schedule) -> tuple[tuple[dict[str, str], Need], ...]:
    """Which amounts need a band, in each category cell that has a column and whatever opening others have.

    Only cells that a claim which comes to the clause can have: of its own words, and of one day.
    """
    values = model.categories
    words = {name: clause.words.get(name, z3.Int(f"word.{name}")) for name in values}
    cells = cells_of(facts_of_schedule(schedule), Setting(words, values, {}, {}, None, {}))
    cells = [cell for cell in cells if tuple(cell[fact] for fact in schedule.categories) in schedule.columns]
    found = ((cell, need_of(schedule, cell)) for cell in cells if on_some_day(model, {**clause.words, **cell}))
    return tuple((cell, need) for cell, need in found if need is not None)


def comes_before(model: Model, clause: Clause, schedule: Schedule, by: tuple[str, ...] = ()) -> bool:
    """Whether the total before a claim can lie where no claim like it comes to, and still decides of what it is paid.

    So it is on the whole amount, where f(P) may need another band than f(S), if other claims brought the total there:
    with other ends, another opening or another most that is looked at, by another clause, of another version, or with
    other words of the facts `by`.
    """
    totals = totals_around(clause)
    if not totals or schedule.manner is not Manner.ON_THE_WHOLE:
        return False
    if not schedule.constant or not clause.always or names_in(schedule.argument):
        return True
    words = (*clause.words, *by, *words_read(schedule.argument))
    if schedule.opening is not None:
        # Bands above the deductible see another part of the same total, though they need the same.
        amount = schedule.opening.amount
        if len({constant_of(amount, cell) for cell, _ in needs(model, clause, schedule)}) > 1:
            words = (*words, *opening_facts(schedule))
    return any(goes_on(model, one) or not all(same_in_a_period(model, one, word) for word in words) for one in totals)


def in_stretch(model: Model, clause: Clause, schedule: Schedule, stretch: Stretch) -> Verdict:
    """Whether a claim has no value in the clause for an amount of the stretch (in slices: or above it).

    Only the cells are asked in which some of the stretch needs a band.
    """

    def lacking(visit: Visit) -> z3.BoolRef:
        assert visit.argument is not None
        limits = [visit.test, visit.argument >= stretch.first]
        if schedule.manner is Manner.ON_THE_WHOLE and stretch.last is not None:
            limits.append(visit.argument <= stretch.last)
        return z3.And(*limits)

    confirm = lacks(clause, Lack.NO_BAND, Lack.TWO_BANDS, Lack.NO_RATIO)
    verdict: Verdict = Holds(DIRECT)
    before = comes_before(model, clause, schedule)
    for cell, need in needs(model, clause, schedule):
        if stretch.last is None or stretch.last >= need.first:
            least = max(stretch.first, need.first)
            found = can_happen(model, clause, lacking, confirm, where=cell, least=least, before=before)
            if isinstance(found, Fails):
                return found
            if isinstance(found, Open):
                verdict = found
    return verdict


def impossible_amount(*conditions: z3.BoolRef) -> bool:
    """That no amount of the domain satisfies the conditions on `amount`."""
    return isinstance(ask((AMOUNT >= 0, AMOUNT <= DOMAIN_TOP, *conditions)), Impossible)
