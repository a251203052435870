"""Claims of one category cell that nothing was settled before: what they are paid more and less, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from compiler.compare.amounts import amount_rows, cost_row
from compiler.compare.decides import behind_all, facts_read
from compiler.compare.one_fact import fixed, reach, reach_with
from compiler.compare.pair import NOT_BETWEEN, Pair, periods_differ, same, same_for, shown
from compiler.compare.result import ALL_BENEFITS, Along, Extreme, Part, Range, Subject
from compiler.compare.rows import constant, scaled, sum_of
from compiler.compare.signs import Zone, mirrored, zones
from compiler.compare.stretch import Inexact, Row
from compiler.evaluate import Claim
from compiler.model import (
    OWN_SHARE,
    AmountValue,
    Constant,
    CountFact,
    Difference,
    Expression,
    Model,
    MoneyFact,
    Sum,
)

NO_VALUE = "a policy does not say what is paid for some amounts"
"""What is open where a claim has no value under one of the policies: `check` says which."""
BETWEEN = "every ratio between the ends"
"""What is open where both ends of what is not known do not say what is true of all between."""


def part_of(pair: Pair, cell: Mapping[str, str], fact: str | None, ratio: str) -> Part:
    """Everything about one cell; every figure in it has been settled again under both policies."""
    alike = same_for(pair, cell)
    if alike and same(pair):
        return Part((dict(cell),), pair.day, pair.on, "", _nothing_differs(pair))
    between = periods_differ(pair) or (BETWEEN if ratio.endswith(NOT_BETWEEN) else "")
    subjects: tuple[Subject, ...] | None = None
    if alike:
        subjects = _nothing_differs(pair)
    elif fact is not None:
        subjects = _by_rows(pair, cell, fact)
    if subjects is None:
        subjects = _with_ranges(pair, cell, _by_questions(pair, cell))
    found = Part((dict(cell),), pair.day, pair.on, ratio, subjects)
    return left_open(found, between) if between else found


def left_open(part: Part, why: str) -> Part:
    """The part without certainty that there is nothing but what was found."""
    return replace(part, subjects=tuple(replace(one, open=one.open or why) for one in part.subjects))


def _nothing_differs(pair: Pair) -> tuple[Subject, ...]:
    names = (*(pair.benefits if len(pair.benefits) > 1 else ()), pair.whole, OWN_SHARE)
    return tuple(Subject(name, (), None, None) for name in names)


def _with_ranges(pair: Pair, cell: Mapping[str, str], found: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Where several facts decide: the ranges of one of them through the claims that differ most."""
    known: dict[tuple[tuple[str, int], ...], tuple[Subject, ...] | None] = {}

    read = facts_read(pair.old, pair.new)
    facts = [fact.name for fact in pair.old.facts if isinstance(fact, MoneyFact | CountFact)]

    def along(name: str, claim: Claim) -> Along | None:
        values = {fact: value for fact in facts if isinstance(value := claim[fact], int)}
        for moved in (fact for fact in facts if fact in read):
            given = tuple((fact, value) for fact, value in values.items() if fact != moved)
            if given not in known:
                known[given] = _by_rows(pair, cell, moved, dict(given))
            for subject in known[given] or ():
                if subject.name == name and subject.ranges:
                    stated = tuple((fact, value) for fact, value in given if fact in read)
                    return Along(moved, stated, subject.ranges)
        return None

    def through(one: Subject) -> tuple[Along, ...]:
        claims = [extreme.claim for extreme in (one.gain, one.loss) if extreme is not None]
        ways = [way for claim in claims if (way := along(one.name, claim)) is not None]
        return tuple(way for place, way in enumerate(ways) if way not in ways[:place])

    return tuple(replace(one, along=through(one)) for one in found)


def _by_rows(
    pair: Pair, cell: Mapping[str, str], fact: str, given: Mapping[str, int] | None = None
) -> tuple[Subject, ...] | None:
    """Every amount as a row of stairs of the one fact, the others being `given`; None where one is no such row."""
    first, last = reach(pair.old, fact) if given is None else reach_with(pair.old, fact, given)
    given = given or {}
    alone = replace(pair, old=fixed(pair.old, given), new=fixed(pair.new, given))
    try:
        old, new = (amount_rows(model, behind_all(model), cell, first, last) for model in (alone.old, alone.new))
        nothing = constant(0, first, last)
        differences = [sum_of(new.get(name, nothing), old.get(name, nothing), -1) for name in pair.benefits]
        together = differences[0]
        for difference in differences[1:]:
            together = sum_of(together, difference)
        costs = [cost_row(alone.old, old, cell, first, last), cost_row(alone.new, new, cell, first, last)]
        dearer = sum_of(costs[1], costs[0], -1)
        same_cost = all(zone.same for zone in zones(dearer))
        # A claim without a value in one place is not settled at all.
        together = sum_of(together, scaled(costs[0], 0, 1))
        differences = [sum_of(difference, scaled(together, 0, 1)) for difference in differences]
        each = [zones(difference) for difference in differences]
        whole = each[0] if len(each) == 1 else zones(together)
        left = whole if same_cost else mirrored(zones(sum_of(dearer, together, -1)))
    except Inexact:
        return None
    place = _Place(cell, fact, given, first, last)
    found = [
        _subject(pair, place, name, one, row) for name, one, row in zip(pair.benefits, each, differences, strict=True)
    ]
    if len(found) == 1:
        found = []
    found.append(_subject(pair, place, pair.whole, whole, together))
    found.append(_subject(pair, place, OWN_SHARE, left, together))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    """Claims of a cell that differ in one fact, from `first` to `last`; the others are given, or do not matter."""

    cell: Mapping[str, str]
    fact: str
    given: Mapping[str, int]
    first: int
    last: int


def _subject(pair: Pair, place: _Place, name: str, found: tuple[Zone, ...], row: Row) -> Subject:
    covered = sum(stretch.last - stretch.first + 1 for stretch in row) == place.last - place.first + 1

    def at_its(at: int, by: int, way: int) -> Extreme | None:
        return shown(pair, place.cell, {**place.given, place.fact: at}, name, by, way) if by else None

    ranges = tuple(
        Range(
            zone.first,
            zone.last,
            zone.pure,
            at_its(zone.gains_at, zone.gains, 1),
            at_its(zone.loses_at, zone.loses, -1),
        )
        for zone in found
        if not zone.same
    )
    gains = [one.gain for one in ranges if one.gain is not None]
    losses = [one.loss for one in ranges if one.loss is not None]
    return Subject(
        name,
        ranges,
        max(gains, key=lambda extreme: extreme.by, default=None),
        max(losses, key=lambda extreme: extreme.by, default=None),
        "" if covered else NO_VALUE,
    )


def _by_questions(pair: Pair, cell: Mapping[str, str]) -> tuple[Subject, ...]:
    """Every amount by a question to the solver, in both directions."""
    from compiler.verify.equal import Furthest, NotShown, furthest, lacking

    names = (*(pair.benefits if len(pair.benefits) > 1 else ()), pair.whole, OWN_SHARE)
    unsaid = NO_VALUE if lacking(pair.old, pair.new, cell) else ""
    found: list[Subject] = []
    for name in names:
        formulas = _formula(pair.old, name), _formula(pair.new, name)
        extremes: dict[int, Extreme | None] = {}
        open_ = unsaid
        for way in (1, -1):
            upwards = (way > 0) != (name == OWN_SHARE)
            models = (pair.old, pair.new) if upwards else (pair.new, pair.old)
            answer = furthest(*models, cell, *(formulas if upwards else formulas[::-1]))
            extremes[way] = None
            if isinstance(answer, Furthest):
                extremes[way] = shown(pair, cell, answer.claim, name, answer.by, way)
                open_ = open_ if answer.most else "whether the difference can be larger"
            elif isinstance(answer, NotShown):
                open_ = answer.reason
        found.append(Subject(name, None, extremes[1], extremes[-1], open_))
    return tuple(found)


def _formula(model: Model, name: str) -> Expression:
    here = {benefit.name for benefit in model.benefits}
    every = Sum(tuple(AmountValue(one.name, one.span) for one in model.benefits), model.span)
    if name == OWN_SHARE:
        return Difference(model.cost, every, model.span)
    if name == ALL_BENEFITS:
        return every
    return AmountValue(name, model.span) if name in here else Constant(0, model.span)
