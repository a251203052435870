"""Two policies compared, claim by claim of everything that both are for.

A claim that nothing was settled before is put under both. Where a benefit counts over a period, and all claims of the
period have the same f, that is also what they come to together: payments add up to `f(total)`, in however many claims
the cost arrives. Where they have not, what was found holds of later claims if it is shown of them (`later.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from compiler.compare.amounts import amount_rows, cost_row
from compiler.compare.domain import bounds_differ, days, mistakes, ruled, within_both
from compiler.compare.later import LATER, NEITHER, directions, one_function
from compiler.compare.one_fact import fixed, raised, reach, reach_with
from compiler.compare.ratios import at_the, has_unknown, one_way, rises_with_each, same_unknown
from compiler.compare.result import ALL_BENEFITS, Along, Comparison, Extreme, Part, Range, Subject
from compiler.compare.rows import constant, scaled, sum_of
from compiler.compare.signs import Zone, mirrored, zones
from compiler.compare.stretch import Inexact, Row
from compiler.evaluate import Claim, Settled, settle
from compiler.model import (
    CLAIM_NUMBER,
    OWN_SHARE,
    Accumulated,
    AllOf,
    AmountValue,
    AnyOf,
    ByCategory,
    CategoryFact,
    Choice,
    Condition,
    Constant,
    CountFact,
    DateFact,
    Difference,
    Expression,
    FactInput,
    FactValue,
    IdentifierFact,
    IsOneOf,
    Model,
    MoneyFact,
    Not,
    Schedule,
    Sum,
    walk,
)
from dsl.money import DOMAIN_TOP

NOT_BETWEEN = ", and what lies between was not asked"

NO_VALUE = "a policy does not say what is paid for some amounts"
"""What is open where a claim has no value under one of the policies: `check` says which."""


class DifferentDomain(Exception):
    """The two policies are not about the same claims: a sentence for each reason."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two policies with the rules of one day, every ratio known, and the names of what is compared."""

    old: Model
    new: Model
    day: date
    benefits: tuple[str, ...]


def compare(old: Model, new: Model) -> Comparison:
    """Compare the rules of two policies, whatever the days on which they are in force.

    Raises DifferentDomain where a claim of one is no claim of the other.
    """
    wrong = mistakes(old, new)
    if wrong:
        raise DifferentDomain(wrong)
    found = days(old, new)
    if not found:
        raise DifferentDomain(("no day lies in a row of every dated parameter of both policies",))
    notes = [f"{name} has other bounds; what both allow is compared" for name in bounds_differ(old, new)]
    old, new = _narrowed(within_both(old, new)), _narrowed(within_both(new, old))
    names = tuple(dict.fromkeys(benefit.name for model in (new, old) for benefit in model.benefits))
    fact = _only_fact(old, new)
    adds_up = fact is not None and _adds_up(old, fact) and _adds_up(new, fact)
    together = adds_up and one_function(old) and one_function(new)
    if fact is not None and together:
        old, new = _widened(old, fact), _widened(new, fact)
    pairs = [_Pair(ruled(old, one.old), ruled(new, one.new), one.day, names) for one in found]
    later = not together and any(_remembers(pair) for pair in pairs)
    rises = falls = later and adds_up and len(names) == 1
    parts: list[Part] = []
    for pair in pairs:
        facts = _category_facts(pair)
        cells = [dict(zip(facts, words, strict=True)) for words in product(*facts.values())]
        for ratio, known in _ratios(pair):
            parts += _grouped([_part(known, cell, fact, ratio) for cell in cells])
            if rises or falls:
                # What is paid of a claim need not rise with an unknown ratio where others were settled before it.
                wanted = _sources(known.old), _sources(known.new)
                shown = (False, False) if ratio else directions(known.old, known.new, wanted, cells)
                rises, falls = rises and shown[0], falls and shown[1]
    of_first = Comparison(fact, together, len(found) > 1, tuple(parts), tuple(notes), "")
    if not later or (of_first.losses and of_first.gains):
        return of_first
    if (of_first.losses or rises) and (of_first.gains or falls):
        neither = " or ".join(way for way, none in (("less", rises), ("more", falls)) if none)
        return replace(of_first, notes=(*of_first.notes, NEITHER.format(neither)))
    return replace(of_first, later=LATER)


def _same(pair: _Pair) -> bool:
    """Both policies compute everything in the same way, so nothing can differ after any history."""
    formulas = [
        (model.cost, tuple((one.name, one.expression) for one in model.amounts if one.name in _sources(model)))
        for model in (pair.old, pair.new)
    ]
    return formulas[0] == formulas[1] and pair.old.benefits == pair.new.benefits


def _remembers(pair: _Pair) -> bool:
    """Whether what was settled before can make a difference between the two."""
    return not _same(pair) and any(model.running_totals for model in (pair.old, pair.new))


def _periods_differ(pair: _Pair) -> str:
    """Where the two count over different periods or for different keys: a first claim says nothing of later ones."""
    before, after = (
        {(total.key, total.date_fact, total.period.label) for total in model.running_totals}
        for model in (pair.old, pair.new)
    )
    gone, come = (
        " and ".join(sorted(f"per {key} per {period} by {day}" for key, day, period in one))
        for one in (before - after, after - before)
    )
    return "" if gone == come else f"later claims: what was counted {gone or 'in no period'} is now {come or 'not'}"


def _grouped(parts: Sequence[Part]) -> list[Part]:
    """Cells in which the two policies compare alike are one part."""
    found: list[Part] = []
    for part in parts:
        for place, other in enumerate(found):
            if list(map(_numbers, part.subjects)) == list(map(_numbers, other.subjects)):
                found[place] = replace(other, cells=(*other.cells, *part.cells))
                break
        else:
            found.append(part)
    return found


def _numbers(one: Subject) -> tuple[object, ...]:
    """What makes two cells alike: everything but the claims."""
    ranges = None if one.ranges is None else list(map(_range, one.ranges))
    along = [(each.fact, each.given, list(map(_range, each.ranges))) for each in one.along]
    return one.name, ranges, one.open, _by(one.gain), _by(one.loss), along


def _range(one: Range) -> tuple[object, ...]:
    return one.first, one.last, one.every, _by(one.gain), _by(one.loss)


def _by(extreme: Extreme | None) -> tuple[int, int, int] | None:
    return None if extreme is None else (extreme.by, extreme.old, extreme.new)


# What decides -----------------------------------------------------------------------------------------


def _sources(model: Model) -> frozenset[str]:
    """The amounts that benefits and cost are computed from, themselves included."""
    found = {benefit.name for benefit in model.benefits} | _reads(model.cost)
    for amount in reversed(model.amounts):
        if amount.name in found:
            found |= _reads(amount.expression)
    return frozenset(found)


def _narrowed(model: Model) -> Model:
    """The policy without named amounts that nothing is paid by."""
    wanted = _sources(model) | {OWN_SHARE}
    return replace(model, amounts=tuple(amount for amount in model.amounts if amount.name in wanted))


def _reads(expression: Expression) -> set[str]:
    inside = list(walk(expression))
    names = {node.name for node in inside if isinstance(node, AmountValue)}
    return names | {node.total.amount for node in inside if isinstance(node, Accumulated)}


def _formulas(model: Model) -> Iterator[Expression]:
    wanted = _sources(model)
    yield model.cost
    yield from (amount.expression for amount in model.amounts if amount.name in wanted)


def _only_fact(old: Model, new: Model) -> str | None:
    """The one amount or count that everything is computed from; None where there are several."""
    found = _facts_read(old, new)
    return next(iter(found)) if len(found) == 1 else None


def _facts_read(old: Model, new: Model) -> set[str]:
    """The amounts and counts that something is computed from under either policy."""
    formulas = (formula for model in (old, new) for formula in _formulas(model))
    return {node.name for formula in formulas for node in walk(formula) if isinstance(node, FactValue)}


def _category_facts(pair: _Pair) -> dict[str, tuple[str, ...]]:
    """The category facts that either policy reads, with their words, in the order of the new policy."""
    read: set[str] = set()
    for model in (pair.old, pair.new):
        for formula in _formulas(model):
            for node in walk(formula):
                match node:
                    case ByCategory(facts=facts) | Schedule(categories=facts):
                        read |= set(facts)
                    case Choice(condition=condition):
                        read |= _tested(condition)
                    case _:
                        pass
    return {name: words for name, words in pair.new.categories.items() if name in read}


def _tested(condition: Condition) -> set[str]:
    match condition:
        case IsOneOf(fact):
            return {fact}
        case AllOf(conditions) | AnyOf(conditions):
            return {fact for inner in conditions for fact in _tested(inner)}
        case Not(inner):
            return _tested(inner)
        case _:
            return set()


def _adds_up(model: Model, fact: str) -> bool:
    """Whether every benefit is `f(S) - f(P)` of the running total of that fact itself."""
    formulas = {amount.name: amount.expression for amount in model.amounts}

    def is_fact(node: Expression) -> bool:
        return is_fact(formulas[node.name]) if isinstance(node, AmountValue) else node == FactValue(fact, node.span)

    return is_fact(model.cost) and all(
        isinstance(formula, Accumulated)
        and is_fact(formulas[formula.total.amount])
        and not any(isinstance(node, FactValue | AmountValue) for node in walk(formula.body))
        for formula in (formulas[benefit.name] for benefit in model.benefits)
    )


def _widened(model: Model, fact: str) -> Model:
    """The policy for claims as large as a whole period's."""
    facts = tuple(
        replace(one, highest=DOMAIN_TOP, at_most=None) if isinstance(one, MoneyFact) and one.name == fact else one
        for one in model.facts
    )
    return replace(model, facts=facts)


def _ratios(pair: _Pair) -> Iterator[tuple[str, _Pair]]:
    """The pair with every ratio known: both ends of what is not known, the worse one for the new policy first."""
    unknown = [has_unknown(model) for model in (pair.old, pair.new)]
    if not any(unknown) or _same(pair):
        yield "", pair
        return
    surely = all(rises_with_each(model, _sources(model)) for model in (pair.old, pair.new))
    if same_unknown(pair.old, pair.new):
        # One ratio, the same before and after: it is at the same end in both.
        rest = "" if surely and one_way(pair.old, pair.new) else NOT_BETWEEN
        for most in (True, False):
            words = f"the ratio that both policies leave unknown is the {'most' if most else 'least'} it can be"
            yield f"{words}{rest}", replace(pair, old=at_the(pair.old, most), new=at_the(pair.new, most))
        return
    for better in (False, True):
        old, new = at_the(pair.old, not better), at_the(pair.new, better)
        ends = [
            f"the unknown ratio of the {name} policy is the {'most' if most else 'least'} it can be"
            for name, here, most in (("old", unknown[0], not better), ("new", unknown[1], better))
            if here
        ]
        yield " and ".join(ends) + ("" if surely else NOT_BETWEEN), replace(pair, old=old, new=new)


# One cell ---------------------------------------------------------------------------------------------


def _part(pair: _Pair, cell: Mapping[str, str], fact: str | None, ratio: str) -> Part:
    if _same(pair):
        names = (*(pair.benefits if len(pair.benefits) > 1 else ()), _whole_name(pair), OWN_SHARE)
        return Part((dict(cell),), pair.day, "", tuple(Subject(name, (), None, None) for name in names))
    between = _periods_differ(pair) or ("every ratio between the ends" if ratio.endswith(NOT_BETWEEN) else "")
    subjects = _by_rows(pair, cell, fact) if fact is not None else None
    if subjects is None:
        subjects = _with_ranges(pair, cell, _by_questions(pair, cell))
    if between:
        subjects = tuple(replace(one, open=one.open or between) for one in subjects)
    return Part((dict(cell),), pair.day, ratio, subjects)


def _with_ranges(pair: _Pair, cell: Mapping[str, str], found: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Where several facts decide: the ranges of one of them through the claims that differ most."""
    known: dict[tuple[tuple[str, int], ...], tuple[Subject, ...] | None] = {}

    read = _facts_read(pair.old, pair.new)
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
    pair: _Pair, cell: Mapping[str, str], fact: str, given: Mapping[str, int] | None = None
) -> tuple[Subject, ...] | None:
    """Every amount as a row of stairs of the one fact, the others being `given`; None where one is no such row."""
    first, last = reach(pair.old, fact) if given is None else reach_with(pair.old, fact, given)
    given = given or {}
    alone = replace(pair, old=fixed(pair.old, given), new=fixed(pair.new, given))
    try:
        old, new = (amount_rows(model, _sources(model), cell, first, last) for model in (alone.old, alone.new))
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
    found.append(_subject(pair, place, _whole_name(pair), whole, together))
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


def _subject(pair: _Pair, place: _Place, name: str, found: tuple[Zone, ...], row: Row) -> Subject:
    covered = sum(stretch.last - stretch.first + 1 for stretch in row) == place.last - place.first + 1

    def shown(at: int, by: int, way: int) -> Extreme | None:
        return _shown(pair, place.cell, {**place.given, place.fact: at}, name, by, way) if by else None

    ranges = tuple(
        Range(
            zone.first,
            zone.last,
            zone.pure,
            shown(zone.gains_at, zone.gains, 1),
            shown(zone.loses_at, zone.loses, -1),
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


def _by_questions(pair: _Pair, cell: Mapping[str, str]) -> tuple[Subject, ...]:
    """Every amount by a question to the solver, in both directions."""
    from compiler.verify.equal import Furthest, NotShown, furthest, lacking

    names = (*(pair.benefits if len(pair.benefits) > 1 else ()), _whole_name(pair), OWN_SHARE)
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
                extremes[way] = _shown(pair, cell, answer.claim, name, answer.by, way)
                open_ = open_ if answer.most else "whether the difference can be larger"
            elif isinstance(answer, NotShown):
                open_ = answer.reason
        found.append(Subject(name, None, extremes[1], extremes[-1], open_))
    return tuple(found)


def _whole_name(pair: _Pair) -> str:
    return ALL_BENEFITS if len(pair.benefits) > 1 else pair.benefits[0]


def _formula(model: Model, name: str) -> Expression:
    here = {benefit.name for benefit in model.benefits}
    every = Sum(tuple(AmountValue(one.name, one.span) for one in model.benefits), model.span)
    if name == OWN_SHARE:
        return Difference(model.cost, every, model.span)
    if name == ALL_BENEFITS:
        return every
    return AmountValue(name, model.span) if name in here else Constant(0, model.span)


# Replay -----------------------------------------------------------------------------------------------


def _shown(pair: _Pair, cell: Mapping[str, str], facts: Mapping[str, object], name: str, by: int, way: int) -> Extreme:
    """A claim settled under both policies by the reference interpreter; it must show what was found."""
    given = {key: value for key, value in facts.items() if isinstance(value, int | str)}
    claim = _claim(pair, cell, given)
    amounts = [_amount(model, claim, name) for model in (pair.old, pair.new)]
    gained = (amounts[1] - amounts[0]) * (-1 if name == OWN_SHARE else 1)
    assert gained == by * way, f"{name}: {claim} gives {gained}, not {by * way}"
    return Extreme(by, claim, *amounts)


def _amount(model: Model, claim: Claim, name: str) -> int:
    outcome, _ = settle(model, claim, {})
    assert isinstance(outcome, Settled), f"{model.id}: {claim} is not settled: {outcome}"
    match name:
        case "own_share":
            return outcome.amounts[OWN_SHARE]
        case "all benefits":
            return sum(outcome.amounts[benefit.name] for benefit in model.benefits)
        case _:
            return outcome.amounts.get(name, 0)


def _claim(pair: _Pair, cell: Mapping[str, str], given: Mapping[str, FactInput]) -> Claim:
    """A claim with the facts given; amounts that do not matter are as small as they can be."""
    claim: dict[str, FactInput | None] = {CLAIM_NUMBER: "1"}
    for fact in pair.old.facts:
        match fact:
            case IdentifierFact(name):
                claim[name] = "A"
            case DateFact(name):
                claim[name] = pair.day
            case CategoryFact(name, words):
                claim[name] = cell.get(name, given.get(name, words[0]))
            case MoneyFact(name, lowest) | CountFact(name, lowest):
                claim[name] = given.get(name, lowest)
    return raised(pair.old, claim)
