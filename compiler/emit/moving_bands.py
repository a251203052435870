"""Bands whose ends follow from the claim, as whole-number code: no ladder, but the length of each slice.

The same meaning as `compiler/schedule.py` for ends that are no constants, which may be parts of a minor unit. What the
intervals of facts and amounts decide beforehand is decided here, so that a table in percent of one fact stays short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from compiler.emit.code import And, Code, Comparison, Greatest, If, Least, Test
from compiler.emit.exact import Exact, atom, constant, exact_range, minus, over_one_denominator, plus, rounded, times
from compiler.emit.width import Scope
from compiler.model import Band, Deductible, Expression, Manner, Measured, Relation, Schedule, Threshold
from dsl.money import RoundingMode


@dataclass(frozen=True, slots=True)
class _Laid:
    """A band with its ends, and the smallest and largest whole amounts in it; `upper`, `last` None without an end."""

    band: Band
    ratio: Fraction
    lower: Exact
    upper: Exact | None
    first: Exact
    last: Exact | None

    @property
    def ends_whole(self) -> bool:
        """Its last amount, where it has amounts at all, is its upper end."""
        return self.band.upper is None or (self.band.upper.included and self.upper is not None and self.upper.is_whole)


def moving_bands(schedule: Schedule, column: int, of: Callable[[Expression], Exact], scope: Scope) -> Exact:
    """What a schedule gives in one of its columns.

    `of` gives the code of an expression. A ratio that is missing counts as 0: the checks show that no claim needs it.
    """
    bands = [_laid(band, column, of, scope) for band in schedule.bands]
    amount, start, needing = of(schedule.argument), constant(0), constant(1)
    opened: Test | bool = True
    match schedule.opening:
        case None:
            pass
        case Deductible(deductible):
            start = of(deductible)
            needing = plus(start, constant(1))
        case Threshold(threshold, included):
            # The smallest amount that needs a band is in the lowest of them, or lower: no band comes before it.
            relation = Relation.AT_LEAST if included else Relation.MORE
            opened = compared(amount, relation, of(threshold), scope)
        case _:
            assert_never(schedule.opening)
    if schedule.measured is Measured.ABOVE_THE_DEDUCTIBLE:
        amount = greatest([minus(amount, start), constant(0)], scope)
        start, needing = constant(0), constant(1)
    match schedule.manner:
        case Manner.IN_SLICES:
            paid = plus(*(_slice(place, bands, amount, start, needing, scope) for place in range(len(bands))))
        case Manner.ON_THE_WHOLE:
            paid = _on_the_whole(bands, amount, start, scope)
        case _:
            assert_never(schedule.manner)
    return chosen(opened, paid, constant(0))


def _laid(band: Band, column: int, of: Callable[[Expression], Exact], scope: Scope) -> _Laid:
    ratio = band.ratios[column].ratio or Fraction(0)
    lower = of(band.lower.value)
    first = rounded(lower, RoundingMode.UP, 1, scope) if band.lower.included else _after(_down(lower, scope))
    if band.upper is None:
        return _Laid(band, ratio, lower, None, first, None)
    upper = of(band.upper.value)
    last = _down(upper, scope)
    if not band.upper.included:
        last = plus(rounded(upper, RoundingMode.UP, 1, scope), constant(-1))
    return _Laid(band, ratio, lower, upper, first, last)


def _down(value: Exact, scope: Scope) -> Exact:
    return rounded(value, RoundingMode.DOWN, 1, scope)


def _after(whole: Exact) -> Exact:
    return plus(whole, constant(1))


# Slices ---------------------------------------------------------------------------------------------


def _slice(place: int, bands: Sequence[_Laid], amount: Exact, start: Exact, needing: Exact, scope: Scope) -> Exact:
    """The ratio of a band on its part of the amount."""
    laid = bands[place]
    if laid.ratio == 0:
        return constant(0)
    begins = greatest([_begins(place, bands, scope), start], scope)
    ends = amount if laid.upper is None else least([laid.upper, amount], scope)
    length = greatest([minus(ends, begins), constant(0)], scope)
    if laid.last is None or laid.ends_whole:
        # A band without amounts, or below those that need one, has no length by itself.
        return times(laid.ratio, length)
    some = compared(laid.first, Relation.AT_MOST, laid.last, scope)
    looked_at = compared(laid.last, Relation.AT_LEAST, needing, scope)
    if compared(laid.first, Relation.AT_LEAST, needing, scope) is True:
        looked_at = True
    return chosen(both(some, looked_at), times(laid.ratio, length), constant(0))


def _begins(place: int, bands: Sequence[_Laid], scope: Scope) -> Exact:
    """Where the slice of a band begins: where the band ends that comes right before it, else at its own lower end."""
    laid = bands[place]
    begins = laid.lower
    for other in reversed([*bands[:place], *bands[place + 1 :]]):
        if other.upper is None or other.last is None or other.upper == begins:
            continue
        if begins == laid.lower and _meet_exactly(other, laid):
            continue
        if compared(other.first, Relation.LESS, laid.first, scope) is False or _never_joined(other, laid, scope):
            continue
        some = compared(other.first, Relation.AT_MOST, other.last, scope)
        joins = compared(_after(other.last), Relation.EQUAL, laid.first, scope)
        begins = chosen(both(some, joins), other.upper, begins)
    return begins


def _meet_exactly(before: _Laid, after: _Laid) -> bool:
    """Where the first band comes right before the second, the one ends where the other begins."""
    assert before.upper is not None and before.band.upper is not None
    return before.upper.is_whole and after.lower.is_whole and before.band.upper.included != after.band.lower.included


def _never_joined(before: _Laid, after: _Laid, scope: Scope) -> bool:
    """Whether no claim has amounts in the first band and none between it and the second.

    Seen only where all ends are multiples of one value and `over ... to ...`: then the second band must begin less than
    one minor unit after the first one ends, and the first one reach the first whole amount above its lower end.
    """
    assert before.upper is not None and before.band.upper is not None
    if before.band.lower.included or not before.band.upper.included or after.band.lower.included:
        return False
    near = minus(constant(1), minus(after.lower, before.upper))
    some = minus(before.upper, plus(before.lower, constant(1 if before.lower.is_whole else 0)))
    terms = {term for value in (near, some) for term, _ in value.terms}
    if len(terms) != 1:
        return False
    (term,) = terms
    least_, most = exact_range(atom(term), scope)
    for value in (near, some):
        factor, fixed = sum(f for _, f in value.terms), value.constant
        if factor > 0:
            least_ = max(least_, Fraction(-fixed, factor))
        elif factor < 0:
            most = min(most, Fraction(-fixed, factor))
    # `near` must be more than 0, so that a single value left is none.
    return least_ > most or (least_ == most and _at(near, least_) <= 0)


def _at(value: Exact, term: Fraction) -> Fraction:
    return (sum((factor * term for _, factor in value.terms), Fraction(0)) + value.constant) / value.denominator


# On the whole amount --------------------------------------------------------------------------------


def _on_the_whole(bands: Sequence[_Laid], amount: Exact, start: Exact, scope: Scope) -> Exact:
    """The ratio of the band around the amount, on all of it above the deductible."""
    above = greatest([minus(amount, start), constant(0)], scope)
    *others, last = bands
    paid = times(last.ratio, above)
    for laid in reversed(others):
        relation = Relation.AT_LEAST if laid.band.lower.included else Relation.MORE
        holds = compared(amount, relation, laid.lower, scope)
        if laid.upper is not None and laid.band.upper is not None:
            relation = Relation.AT_MOST if laid.band.upper.included else Relation.LESS
            holds = both(holds, compared(amount, relation, laid.upper, scope))
        paid = chosen(holds, times(laid.ratio, above), paid)
    return paid


# Values that are decided beforehand where they can be -------------------------------------------------


def compared(left: Exact, relation: Relation, right: Exact, scope: Scope) -> Test | bool:
    """A comparison; True or False where the intervals decide it."""
    lowest, highest = exact_range(minus(left, right), scope)
    decided = {
        Relation.LESS: (highest < 0, lowest >= 0),
        Relation.AT_MOST: (highest <= 0, lowest > 0),
        Relation.EQUAL: (lowest == highest == 0, lowest > 0 or highest < 0),
        Relation.AT_LEAST: (lowest >= 0, highest < 0),
        Relation.MORE: (lowest > 0, highest <= 0),
    }
    always, never = decided[relation]
    if always or never:
        return always
    codes, _ = over_one_denominator([left, right])
    return Comparison(codes[0], relation, codes[1])


def both(one: Test | bool, other: Test | bool) -> Test | bool:
    """Whether both hold."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return one if one == other else And((one, other))


def chosen(test: Test | bool, then: Exact, otherwise: Exact) -> Exact:
    """`then` where the test holds, else `otherwise`."""
    if isinstance(test, bool):
        return then if test else otherwise
    codes, denominator = over_one_denominator([then, otherwise])
    return atom(If(test, codes[0], codes[1]), denominator)


def greatest(values: Sequence[Exact], scope: Scope) -> Exact:
    """The largest of the values, without those that never are."""
    return _outermost(values, lambda one, other: exact_range(minus(other, one), scope)[0] >= 0, Greatest)


def least(values: Sequence[Exact], scope: Scope) -> Exact:
    """The smallest of the values, without those that never are."""
    return _outermost(values, lambda one, other: exact_range(minus(one, other), scope)[0] >= 0, Least)


def _outermost(
    values: Sequence[Exact], beaten: Callable[[Exact, Exact], bool], code: Callable[[tuple[Code, ...]], Code]
) -> Exact:
    kept: list[Exact] = []
    for value in values:
        if not any(beaten(value, other) for other in kept):
            kept = [*(other for other in kept if not beaten(other, value)), value]
    if len(kept) == 1:
        return kept[0]
    codes, denominator = over_one_denominator(kept)
    return atom(code(tuple(codes)), denominator)
