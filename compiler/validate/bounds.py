"""Between which numbers a term lies, by plain arithmetic: enough to see that nearly nothing comes near 64 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.model import Model
from compiler.ranges import value_ranges
from dsl.money import DOMAIN_TOP

FAR = 2**80
"""Beyond this nothing is told apart."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known: variables by name, and terms that a test has been made of, by their number.

    The terms are kept beside their bounds, because a number is its term's own only as long as the term is there.
    """

    variables: Mapping[str, tuple[int, int]]
    terms: Mapping[int, tuple[z3.ExprRef, int, int]]


def bounds_when_settled(model: Model) -> Bounds:
    """Between which numbers the facts, the amounts and the totals before it lie of a claim that is settled."""
    amounts = {amount.name for amount in model.amounts}
    ranges = {
        f"{'amount' if name in amounts else 'fact'} {name}": (int(found.lowest), int(found.highest))
        for name, found in value_ranges(model).items()
    }
    return Bounds({**ranges, **{f"before {total.name}": (0, DOMAIN_TOP) for total in model.running_totals}}, {})


def bounds_of(term: z3.ArithRef, known: Bounds) -> tuple[int, int]:
    """The least and the most that a term can be, as far as this can say."""
    found = _bounds(term, known)
    narrow = known.terms.get(term.get_id())
    if narrow is None:
        return found
    return max(found[0], narrow[1]), min(found[1], narrow[2])


def bounds_of_handed(handed: Sequence[tuple[z3.ArithRef, Bounds]]) -> tuple[int, int]:
    """The least from 0 and the most that a function is handed: a sum of facts may be beyond all facts, no total is."""
    bounds = [bounds_of(term, known) for term, known in handed]
    total = any(_is_added_up(term) for term, _ in handed)
    lowest, highest = min(low for low, _ in bounds), max(high for _, high in bounds)
    return max(0, lowest), min(DOMAIN_TOP, highest) if total else highest


def _is_added_up(term: z3.ExprRef) -> bool:
    """Whether a term has what was added up before the claim in it."""
    return (z3.is_const(term) and term.decl().name().startswith("before ")) or any(map(_is_added_up, term.children()))


def _bounds(term: z3.ArithRef, known: Bounds) -> tuple[int, int]:
    if z3.is_int_value(term):
        value = int(term.as_long())
        return value, value
    if z3.is_const(term):
        return known.variables.get(term.decl().name(), (-FAR, FAR))
    parts = [bounds_of(child, known) for child in term.children() if z3.is_int(child)]
    if z3.is_app_of(term, z3.Z3_OP_ITE):
        return min(low for low, _ in parts), max(high for _, high in parts)
    if z3.is_add(term):
        return sum(low for low, _ in parts), sum(high for _, high in parts)
    if z3.is_sub(term):
        (low, high), *others = parts
        return low - sum(most for _, most in others), high - sum(least for least, _ in others)
    if z3.is_app_of(term, z3.Z3_OP_UMINUS):
        ((low, high),) = parts
        return -high, -low
    if z3.is_mul(term) and len(parts) == 2:
        ends = [one * other for one in parts[0] for other in parts[1]]
        return min(ends), max(ends)
    if z3.is_idiv(term) and parts[1][0] == parts[1][1] and parts[1][0] > 0:
        return parts[0][0] // parts[1][0], parts[0][1] // parts[1][0]
    if z3.is_mod(term) and parts[1][0] == parts[1][1] and parts[1][0] > 0:
        return 0, parts[1][0] - 1
    return -FAR, FAR


def narrowed(known: Bounds, test: z3.BoolRef) -> Bounds:
    """What is known where a test holds, of those that compare a term with a constant."""
    if z3.is_and(test):
        for part in test.children():
            known = narrowed(known, part)
        return known
    limit = limit_of(test)
    if limit is None:
        return known
    term, least, most = limit
    low, high = bounds_of(term, known)
    low, high = max(low, least), min(high, most)
    return replace(known, terms={**known.terms, term.get_id(): (term, low, max(low, high))})


def decided(test: z3.BoolRef, known: Bounds) -> bool | None:
    """Whether a test of terms against constants always holds, or never; None where neither is seen."""
    if z3.is_and(test) or z3.is_or(test):
        parts = [decided(part, known) for part in test.children()]
        settling = z3.is_or(test)
        return settling if settling in parts else None if None in parts else not settling
    if z3.is_not(test) and (z3.is_and(test.arg(0)) or z3.is_or(test.arg(0))):
        inner = decided(test.arg(0), known)
        return None if inner is None else not inner
    limit = limit_of(test)
    if limit is None:
        return None
    term, least, most = limit
    low, high = bounds_of(term, known)
    return False if high < least or low > most else True if least <= low and high <= most else None


def limit_of(test: z3.BoolRef) -> tuple[z3.ArithRef, int, int] | None:
    """A term, and the least and the most that it is where a test of it holds; None for another test."""
    yes = not z3.is_not(test)
    inner = test if yes else test.arg(0)
    if not (z3.is_le(inner) or z3.is_ge(inner) or z3.is_lt(inner) or z3.is_gt(inner)):
        return None
    left, right = inner.children()
    turned = z3.is_int_value(left)
    term, limit = (right, left) if turned else (left, right)
    if not z3.is_int_value(limit) or abs(limit.as_long()) >= FAR:
        return None
    value = int(limit.as_long())
    below = (z3.is_le(inner) or z3.is_lt(inner)) == (yes != turned)
    strict = (z3.is_lt(inner) or z3.is_gt(inner)) == yes
    return (term, -FAR, value - strict) if below else (term, value + strict, FAR)
