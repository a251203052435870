"""Formulas of the Model as whole-number terms of the solver.

Everything is in minor units. An exact fraction is a numerator over a denominator that is known beforehand, so the
solver sees whole numbers only; rounding is a division that rounds down, by a positive constant. Where a formula may
have no value (an amount in no band, a missing cell) the term carries the condition under which that happens; the
value is then 0, and whoever asks a question must first have settled that the condition cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm
from typing import assert_never

import z3

from compiler.model import (
    Accumulated,
    AllOf,
    AmountValue,
    AnyOf,
    ByCategory,
    Capped,
    Choice,
    Compare,
    Condition,
    Constant,
    Deductible,
    Difference,
    Expression,
    FactValue,
    IsOneOf,
    Largest,
    Measured,
    Not,
    Relation,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    Threshold,
    TotalSoFar,
    walk,
)
from compiler.verify.bands import is_missing
from compiler.verify.moving import Laid, Layout, first_after, laid
from compiler.verify.slices import Payment, paid_in_cell
from compiler.verify.slope import Slope
from compiler.verify.unknown import is_unknown
from dsl.money import RoundingMode


@dataclass(frozen=True, slots=True)
class Visit:
    """A clause that a claim may or may not come to, and what happens there.

    node      a Schedule, ByCategory, Choice or Capped
    guard     when the claim comes to it
    argument  what the bands of a Schedule are compared with; None for the others
    test      Schedule, ByCategory: there is no value. Choice: the condition holds. Capped: the cap cuts.
    past      it is the running total before the claim that comes to it, not the claim itself
    layout    a Schedule whose ends follow from the claim: where its bands are
    slopes    what its unknown ratios pay
    """

    node: Expression
    guard: z3.BoolRef
    argument: z3.ArithRef | None
    test: z3.BoolRef
    past: bool = False
    layout: Layout | None = None
    slopes: tuple[Slope, ...] = ()

    @property
    def lacking(self) -> z3.BoolRef | None:
        """When there is no value here; None for a clause that always has one."""
        return self.test if isinstance(self.node, Schedule | ByCategory) else None


@dataclass(frozen=True, slots=True)
class Term:
    """The exact value `numerator / denominator` of a formula, and the clauses on the way to it."""

    numerator: z3.ArithRef
    denominator: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the names in a formula stand for.

    words    the word of each category fact: itself, or its place in the category as a term
    values   the words of each category fact, in order
    amounts  facts and earlier amounts
    before   each running total before this claim
    total    what `TotalSoFar` stands for, inside a running total
    cuts     clauses that stand for a value of their own, about which only a contract is known
    """

    words: Mapping[str, str | z3.ArithRef]
    values: Mapping[str, tuple[str, ...]]
    amounts: Mapping[str, z3.ArithRef]
    before: Mapping[str, z3.ArithRef]
    total: z3.ArithRef | None
    cuts: Mapping[Expression, z3.ArithRef]


def slopes_in(visits: Iterable[Visit]) -> tuple[Slope, ...]:
    """What the unknown ratios pay that these visits come to, once each."""
    return tuple({slope.paid: slope for visit in visits for slope in visit.slopes}.values())


TRUE = z3.BoolVal(True)
FALSE = z3.BoolVal(False)


def all_of(conditions: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """Every condition holds; true of none."""
    return z3.And(*conditions) if conditions else TRUE


def any_of(conditions: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """Some condition holds; false of none."""
    return z3.Or(*conditions) if conditions else FALSE


def encode(node: Expression, setting: Setting) -> Term:
    """The term of a formula in a setting."""
    if setting.cuts and node in setting.cuts:
        return Term(setting.cuts[node], 1, ())
    match node:
        case Constant(value):
            return Term(z3.IntVal(value), 1, ())
        case FactValue(name) | AmountValue(name):
            return Term(setting.amounts[name], 1, ())
        case TotalSoFar():
            assert setting.total is not None
            return Term(setting.total, 1, ())
        case Sum(terms):
            numerators, denominator, visits = _common([encode(term, setting) for term in terms])
            return Term(z3.Sum(numerators), denominator, visits)
        case Difference(left, right):
            (one, other), denominator, visits = _common([encode(left, setting), encode(right, setting)])
            return Term(one - other, denominator, visits)
        case Scaled(ratio, inner):
            term = encode(inner, setting)
            return Term(ratio.numerator * term.numerator, ratio.denominator * term.denominator, term.visits)
        case Smallest(terms):
            numerators, denominator, visits = _common([encode(term, setting) for term in terms])
            return Term(_extreme(numerators, largest=False), denominator, visits)
        case Largest(terms):
            numerators, denominator, visits = _common([encode(term, setting) for term in terms])
            return Term(_extreme(numerators, largest=True), denominator, visits)
        case Choice(condition, then, otherwise):
            holds, on_the_way = encode_condition(condition, setting)
            one, other = encode(then, setting), encode(otherwise, setting)
            (left_part, right_part), denominator, _ = _common([one, other])
            visits = (
                *on_the_way,
                Visit(node, TRUE, None, holds),
                *_guarded(holds, one.visits),
                *_guarded(z3.Not(holds), other.visits),
            )
            return Term(z3.If(holds, left_part, right_part), denominator, visits)
        case ByCategory():
            return _by_category(node, setting)
        case Capped(inner, cap):
            (value, most), denominator, visits = _common([encode(inner, setting), encode(cap, setting)])
            cuts = value > most
            return Term(z3.If(cuts, most, value), denominator, (*visits, Visit(node, TRUE, None, cuts)))
        case Rounded(inner, mode, unit):
            term = encode(inner, setting)
            return Term(rounded(term.numerator, term.denominator, mode, unit), 1, term.visits)
        case Accumulated(running, body):
            before = setting.before[running.name]
            after = before + setting.amounts[running.amount]
            upper = encode(body, replace(setting, total=after))
            lower = encode(body, replace(setting, total=before))
            (one, other), denominator, _ = _common([upper, lower])
            past = tuple(replace(visit, past=True) for visit in lower.visits)
            return Term(one - other, denominator, (*upper.visits, *past))
        case Schedule():
            return _schedule(node, setting)
        case _:
            assert_never(node)


def whole(term: Term) -> z3.ArithRef:
    """The value of a formula that is always a whole number."""
    return term.numerator if term.denominator == 1 else term.numerator / term.denominator


def encode_condition(condition: Condition, setting: Setting) -> tuple[z3.BoolRef, tuple[Visit, ...]]:
    """The truth of a condition, and the clauses on the way to it."""
    match condition:
        case Compare(left, relation, right):
            (one, other), _, visits = _common([encode(left, setting), encode(right, setting)])
            return _compared(one, relation, other), visits
        case IsOneOf(fact, words):
            return any_of([_word_is(setting, fact, word) for word in words]), ()
        case AllOf(conditions):
            found = [encode_condition(inner, setting) for inner in conditions]
            return all_of([truth for truth, _ in found]), tuple(visit for _, visits in found for visit in visits)
        case AnyOf(conditions):
            found = [encode_condition(inner, setting) for inner in conditions]
            return any_of([truth for truth, _ in found]), tuple(visit for _, visits in found for visit in visits)
        case Not(inner):
            truth, visits = encode_condition(inner, setting)
            return z3.Not(truth), visits
        case _:
            assert_never(condition)


def compare_terms(left: Term, relation: Relation, right: Term) -> z3.BoolRef:
    """`left relation right`, exactly."""
    (one, other), _, _ = _common([left, right])
    return _compared(one, relation, other)


def _common(terms: Sequence[Term]) -> tuple[list[z3.ArithRef], int, tuple[Visit, ...]]:
    denominator = lcm(*(term.denominator for term in terms))
    numerators = [
        term.numerator if term.denominator == denominator else term.numerator * (denominator // term.denominator)
        for term in terms
    ]
    return numerators, denominator, tuple(visit for term in terms for visit in term.visits)


def _guarded(guard: z3.BoolRef, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    return tuple(replace(visit, guard=z3.And(guard, visit.guard)) for visit in visits)


def _compared(left: z3.ArithRef, relation: Relation, right: z3.ArithRef) -> z3.BoolRef:
    match relation:
        case Relation.LESS:
            return left < right
        case Relation.AT_MOST:
            return left <= right
        case Relation.EQUAL:
            return left == right
        case Relation.AT_LEAST:
            return left >= right
        case Relation.MORE:
            return left > right
        case _:
            assert_never(relation)


def _extreme(terms: Sequence[z3.ArithRef], largest: bool) -> z3.ArithRef:
    found = terms[0]
    for term in terms[1:]:
        found = z3.If(term > found if largest else term < found, term, found)
    return found


def rounded(numerator: z3.ArithRef, denominator: int, mode: RoundingMode, unit: int) -> z3.ArithRef:
    """`numerator / denominator` rounded to a multiple of `unit`.

    Division by a positive constant rounds down in the solver, for negative numerators too.
    """
    whole_step = denominator * unit
    if z3.is_real(numerator):
        return _rounded_real(numerator / whole_step, mode) * unit
    if whole_step == 1:
        return numerator
    match mode:
        case RoundingMode.DOWN:
            steps = numerator / whole_step
        case RoundingMode.UP:
            steps = (numerator + (whole_step - 1)) / whole_step
        case RoundingMode.HALF_UP:
            steps = (2 * numerator + whole_step) / (2 * whole_step)
        case RoundingMode.HALF_EVEN:
            floor = numerator / whole_step
            rest = 2 * (numerator - whole_step * floor)
            up = z3.Or(rest > whole_step, z3.And(rest == whole_step, floor % 2 == 1))
            steps = z3.If(up, floor + 1, floor)
        case _:
            assert_never(mode)
    return steps * unit


def _rounded_real(steps: z3.ArithRef, mode: RoundingMode) -> z3.ArithRef:
    """The same of a real number: what an unknown ratio pays."""
    match mode:
        case RoundingMode.DOWN:
            return z3.ToInt(steps)
        case RoundingMode.UP:
            return -z3.ToInt(-steps)
        case RoundingMode.HALF_UP:
            return z3.ToInt(steps + z3.Q(1, 2))
        case RoundingMode.HALF_EVEN:
            floor = z3.ToInt(steps)
            rest = steps - floor
            up = z3.Or(rest > z3.Q(1, 2), z3.And(rest == z3.Q(1, 2), floor % 2 == 1))
            return z3.If(up, floor + 1, floor)
        case _:
            assert_never(mode)


def _word_is(setting: Setting, fact: str, word: str) -> z3.BoolRef:
    stands = setting.words[fact]
    if isinstance(stands, str):
        return z3.BoolVal(stands == word)
    values = setting.values[fact]
    return stands == values.index(word) if word in values else FALSE


def _cell_is(setting: Setting, facts: tuple[str, ...], key: tuple[str, ...]) -> z3.BoolRef:
    return all_of([_word_is(setting, fact, word) for fact, word in zip(facts, key, strict=True)])


def _by_category(node: ByCategory, setting: Setting) -> Term:
    """Cells that another word of a fixed fact rules out are left out, so that a term stays as small as its cell."""
    cells = [
        (_cell_is(setting, node.facts, cell.key), encode(cell.value, setting))
        for cell in node.cells
        if all(
            setting.words[fact] == word
            for fact, word in zip(node.facts, cell.key, strict=True)
            if _fixed(setting, fact)
        )
    ]
    numerators, denominator, _ = _common([term for _, term in cells]) if cells else ([], 1, ())
    value: z3.ArithRef = z3.IntVal(0)
    for (here, _), numerator in zip(reversed(cells), reversed(numerators), strict=True):
        value = z3.If(here, numerator, value)
    missing = z3.Not(any_of([here for here, _ in cells]))
    inside = tuple(visit for here, term in cells for visit in _guarded(here, term.visits))
    return Term(value, denominator, (Visit(node, TRUE, None, missing), *inside))


def _fixed(setting: Setting, fact: str) -> bool:
    return isinstance(setting.words[fact], str)


# Schedules ------------------------------------------------------------------------------------------


def cells_of(facts: Sequence[str], setting: Setting) -> list[dict[str, str]]:
    """Every combination of words of the facts that the setting leaves possible."""
    found: list[dict[str, str]] = [{}]
    for fact in facts:
        stands = setting.words[fact]
        words = (stands,) if isinstance(stands, str) else setting.values[fact]
        found = [{**cell, fact: word} for cell in found for word in words]
    return found


def opening_facts(node: Schedule) -> tuple[str, ...]:
    """The category facts that a constant deductible or threshold depends on."""
    inside = () if node.opening is None else walk(node.opening.amount)
    return tuple(dict.fromkeys(fact for inner in inside if isinstance(inner, ByCategory) for fact in inner.facts))


def _schedule(node: Schedule, setting: Setting) -> Term:
    """What the bands of each cell give, one cell after another."""
    argument = encode(node.argument, setting)
    x = whole(argument)
    if not node.constant:
        return _moving(node, setting, argument, x)
    facts = tuple(dict.fromkeys((*node.categories, *opening_facts(node))))
    denominator = lcm(*(ratio.ratio.denominator for band in node.bands for ratio in band.ratios if ratio.ratio))
    cells = [(cell, paid_in_cell(node, cell, x, denominator)) for cell in cells_of(facts, setting)]
    return _by_cell(node, setting, cells, argument.visits, denominator, None)


def _by_cell(
    node: Schedule,
    setting: Setting,
    cells: Sequence[tuple[Mapping[str, str], Payment]],
    visits: tuple[Visit, ...],
    denominator: int,
    layout: Layout | None,
) -> Term:
    value: z3.ArithRef = z3.IntVal(0)
    missing: z3.BoolRef = FALSE
    seen: z3.ArithRef = cells[-1][1].seen
    for cell, payment in reversed(cells):
        here = _cell_is(setting, tuple(cell), tuple(cell.values()))
        value = z3.If(here, payment.numerator, value)
        missing = z3.If(here, payment.missing, missing)
        seen = z3.If(here, payment.seen, seen)
    slopes = tuple(slope for _, payment in cells for slope in payment.slopes)
    # Where something inside has no value, the claim does not come as far as the bands.
    inside = [z3.And(visit.guard, visit.lacking) for visit in visits if visit.lacking is not None]
    guard = z3.Not(any_of(inside))
    visit = Visit(node, guard, seen, missing, False, layout, slopes)
    return Term(value, denominator, (*visits, visit))


def _moving(node: Schedule, setting: Setting, argument: Term, x: z3.ArithRef) -> Term:
    """A schedule whose ends follow from the claim."""
    lowers = [encode(band.lower.value, setting) for band in node.bands]
    uppers = [None if band.upper is None else encode(band.upper.value, setting) for band in node.bands]
    opening = encode(node.opening.amount, setting) if node.opening is not None else None
    terms = [*lowers, *(term for term in uppers if term is not None)]
    numerators, ends_in, visits = _common(terms)
    above = iter(numerators[len(lowers) :])
    bands = laid(node, numerators[: len(lowers)], [None if term is None else next(above) for term in uppers], ends_in)
    layout = _layout(node, x, None if opening is None else whole(opening), bands, ends_in)
    parts = lcm(*(ratio.ratio.denominator for band in node.bands for ratio in band.ratios if ratio.ratio))
    columns = [
        (dict(zip(node.categories, key, strict=True)), _moving_column(node, layout, column, parts))
        for column, key in enumerate(node.columns)
    ]
    none = Payment(layout.seen, z3.IntVal(0), layout.paid, ())
    cells = cells_of(node.categories, setting)
    found = [(cell, next((payment for key, payment in columns if key == cell), none)) for cell in cells]
    inside = (*argument.visits, *visits, *(() if opening is None else opening.visits))
    return _by_cell(node, setting, found, inside, parts * ends_in, layout)


def _layout(
    node: Schedule, x: z3.ArithRef, opening: z3.ArithRef | None, bands: tuple[Laid, ...], ends_in: int
) -> Layout:
    nothing, one = z3.IntVal(0), z3.IntVal(1)
    match node.opening:
        case None:
            return Layout(bands, node.manner, x, nothing, one, x > 0, ends_in)
        case Deductible():
            assert opening is not None
            if node.measured is Measured.ABOVE_THE_DEDUCTIBLE:
                seen = z3.If(x > opening, x - opening, nothing)
                return Layout(bands, node.manner, seen, nothing, one, seen > 0, ends_in)
            return Layout(bands, node.manner, x, opening, opening + 1, x > opening, ends_in)
        case Threshold(included=included):
            assert opening is not None
            door = opening if included else opening + 1
            first = one if node.measured is Measured.ABOVE_THE_DEDUCTIBLE else first_after(door, bands, node.manner)
            return Layout(bands, node.manner, x, nothing, first, z3.And(x > 0, x >= door), ends_in)
        case _:
            assert_never(node.opening)


def _moving_column(node: Schedule, layout: Layout, column: int, parts: int) -> Payment:
    """One column: the numerator over `parts` times the denominator of the ends."""
    value: z3.ArithRef = z3.IntVal(0)
    lacking = [layout.gap, layout.overlap]
    slopes: list[Slope] = []
    for index, band in enumerate(node.bands):
        ratio, length = band.ratios[column], layout.length(index)
        if is_missing(ratio):
            lacking.append(length > 0)
        elif is_unknown(ratio):
            slopes.append(Slope(ratio, length, z3.FreshReal("paid")))
            value = value + parts * slopes[-1].paid
        else:
            assert ratio.ratio is not None
            value = value + (ratio.ratio * parts).numerator * length
    return Payment(layout.seen, value, any_of(lacking), tuple(slopes))
