"""Whether two formulas can differ: asked at once, and where the solver gives up, branch by branch.

On one branch both formulas are straight lines and floor divisions of them. There every division becomes a quotient of
its own with its two bounds, and two divisions that are one after both are shortened share a quotient. So what is left
for the solver is linear, and mostly nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

import z3

from compiler.validate.bounds import Bounds, decided, limit_of, narrowed
from compiler.validate.values import negation
from compiler.verify.solve import EFFORT, Answer, Impossible, Undecided, ask

MOST_BRANCHES = 400
"""How many branches are looked at before the answer is that there is none."""

SMALL = EFFORT // 16


def differ(known: Sequence[z3.BoolRef], said: z3.ArithRef, due: z3.ArithRef, times: int = 1) -> Answer:
    """Whether `times * said` and `due` can differ where what is known holds.

    What is known of other values than those that the two formulas speak of, however remotely, is left aside.
    """
    first, second = z3.simplify(times * said), z3.simplify(due)
    if z3.eq(first, second):
        return Impossible()
    about = _about([condition for one in known for condition in _parts_of(one)], (first, second))
    answer = ask((*about, first != second), SMALL)
    if not isinstance(answer, Undecided):
        return answer
    quotients = _Quotients({}, {}, {}, {}, [])
    bounds = reduce(narrowed, about, Bounds({}, {}))
    waiting = [(tuple(_plain(condition, quotients) for condition in about), bounds, first, second)]
    asked = 0
    while waiting:
        so_far, within, one, other = waiting.pop()
        tests = [test for test in map(_outermost_test, (one, other)) if test is not None]
        # What is decided already in either formula goes first, so that it is decided once for all branches below.
        test = next((test for test in tests if decided(test, within) is not None), next(iter(tests), None))
        if test is None:
            apart = z3.simplify(_plain(one != other, quotients))
            if not z3.is_false(apart):
                answer = ask((*so_far, apart, *_known(quotients, (*so_far, apart))), 4 * EFFORT)
                if not isinstance(answer, Impossible):
                    return answer
            continue
        for holds, there in ((test, z3.BoolVal(True)), (negation(test), z3.BoolVal(False))):
            inside = so_far
            match decided(holds, within):
                case False:
                    continue
                case None:
                    inside = (*so_far, _plain(holds, quotients))
                    # Whether some value of one variable is between two others needs no solver.
                    if not _is_limit(holds):
                        asked += 1
                        if isinstance(ask((*inside, *_known(quotients, inside)), SMALL), Impossible):
                            continue
                case True:
                    pass
            chosen = [z3.simplify(z3.substitute(term, (test, there))) for term in (one, other)]
            waiting.append((inside, narrowed(within, holds), chosen[0], chosen[1]))
        if asked > 2 * MOST_BRANCHES:
            return Undecided("the formula has too many branches")
    return Impossible()


def _is_limit(test: z3.BoolRef) -> bool:
    """Whether a test compares a variable with a constant."""
    limit = limit_of(test)
    return limit is not None and z3.is_const(limit[0])


def _parts_of(condition: z3.BoolRef) -> Iterator[z3.BoolRef]:
    if z3.is_and(condition):
        for part in condition.children():
            yield from _parts_of(part)
    else:
        yield condition


def _about(known: Sequence[z3.BoolRef], formulas: Sequence[z3.ExprRef]) -> list[z3.BoolRef]:
    """The conditions that speak of a variable of the formulas, or of one of another such condition."""
    names = [frozenset(variables(condition)) for condition in known]
    reached = frozenset().union(*(variables(formula) for formula in formulas))
    while True:
        further = reached.union(*(of for of in names if of & reached))
        if further == reached:
            return [condition for condition, of in zip(known, names, strict=True) if not of or of & reached]
        reached = further


def variables(term: z3.ExprRef) -> dict[str, z3.ExprRef]:
    """The variables of a term, by name."""
    found: dict[str, z3.ExprRef] = {}
    waiting, seen = [term], set()
    while waiting:
        inner = waiting.pop()
        if inner.get_id() not in seen:
            seen.add(inner.get_id())
            if z3.is_const(inner) and inner.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                found[inner.decl().name()] = inner
            waiting += inner.children()
    return found


def _outermost_test(formula: z3.ExprRef) -> z3.BoolRef | None:
    """The test of the choice nearest to the root of a formula."""
    level = [formula]
    seen: set[int] = set()
    while level:
        below: list[z3.ExprRef] = []
        for term in level:
            if z3.is_app_of(term, z3.Z3_OP_ITE):
                test: z3.BoolRef = term.arg(0)
                return test
            for child in term.children():
                if child.get_id() not in seen:
                    seen.add(child.get_id())
                    below.append(child)
        level = below
    return None


MOST_GUESSES = 60


def guesses(formula: z3.ExprRef, totals: Mapping[z3.ArithRef, z3.ArithRef]) -> Iterator[tuple[z3.BoolRef, ...]]:
    """Values at and just above the constants that a formula compares something with, for each of its variables.

    totals  of the variables that are running totals before a claim, which are taken to be 0: the total with the claim
    """
    known = {name: term for name, term in variables(formula).items() if z3.is_int(term)}
    first = [(before, total) for before, total in totals.items() if before.decl().name() in known]
    places = [place for limit in sorted(_limits(formula)) for place in (limit + 1, limit + 2, limit + 7, limit)]
    tried: list[tuple[z3.BoolRef, ...]] = []
    tried += [(before == 0, total == place) for place in places for before, total in first]
    tried += [(term == place,) for place in places for term in known.values()]
    yield from tried[:MOST_GUESSES]


def _limits(formula: z3.ExprRef) -> set[int]:
    found: set[int] = set()
    waiting, seen = [formula], set()
    while waiting:
        term = waiting.pop()
        if term.get_id() not in seen:
            seen.add(term.get_id())
            waiting += term.children()
            if z3.is_le(term) or z3.is_ge(term) or z3.is_lt(term) or z3.is_gt(term):
                found.update(int(one.as_long()) for one in term.children() if z3.is_int_value(one))
    return found


# Divisions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """`factor * term + ... + constant`, the terms being what cannot be taken apart, by their numbers."""

    factors: tuple[tuple[int, int], ...]
    constant: int


@dataclass(slots=True)
class _Quotients:
    """The quotients so far, by what is divided and by how much; the terms that numbers stand for; what is known.

    done  terms without divisions, by the number of the term with them
    kept  every term whose number is used: a number is its term's own only as long as the term is there
    """

    found: dict[tuple[_Line, int], z3.ArithRef]
    terms: dict[int, z3.ArithRef]
    known: dict[str, tuple[z3.BoolRef, z3.BoolRef]]
    done: dict[int, z3.ExprRef]
    kept: list[z3.ExprRef]


def _plain(condition: z3.BoolRef, quotients: _Quotients) -> z3.BoolRef:
    """The same condition with a quotient in the place of every floor division by a constant."""
    simple = z3.simplify(condition)
    quotients.kept.append(simple)
    found: z3.BoolRef = _without_divisions(simple, quotients)
    return found


def _known(quotients: _Quotients, conditions: Sequence[z3.BoolRef]) -> list[z3.BoolRef]:
    """What is known of the quotients that conditions speak of, however remotely."""
    found: dict[str, tuple[z3.BoolRef, z3.BoolRef]] = {}
    waiting = list(conditions)
    while waiting:
        for name in variables(waiting.pop()):
            if name in quotients.known and name not in found:
                found[name] = quotients.known[name]
                waiting += found[name]
    return [condition for both_ends in found.values() for condition in both_ends]


def _without_divisions(term: z3.ExprRef, quotients: _Quotients) -> z3.ExprRef:
    known = quotients.done.get(term.get_id())
    if known is not None:
        return known
    children = [_without_divisions(child, quotients) for child in term.children()]
    found: z3.ExprRef = term
    if z3.is_and(term):
        found = z3.And(*children)
    elif z3.is_or(term):
        found = z3.Or(*children)
    elif z3.is_add(term):
        found = z3.Sum(children)
    elif z3.is_mul(term):
        found = z3.Product(children)
    elif z3.is_idiv(term) or z3.is_mod(term):
        value, divisor = children
        found = term.decl()(value, divisor)
        if z3.is_int_value(divisor) and divisor.as_long() > 0:
            quotient = _quotient(value, divisor.as_long(), quotients)
            found = quotient if z3.is_idiv(term) else value - divisor.as_long() * quotient
    elif children:
        found = term.decl()(*children)
    quotients.done[term.get_id()] = found
    return found


def _quotient(value: z3.ArithRef, divisor: int, quotients: _Quotients) -> z3.ArithRef:
    line = _line(z3.simplify(value), quotients)
    shared = gcd(divisor, *(factor for _, factor in line.factors))
    short = _Line(tuple((term, factor // shared) for term, factor in line.factors), line.constant // shared)
    key = (short, divisor // shared)
    if key not in quotients.found:
        found = z3.Int(f"quotient {len(quotients.found)}")
        quotients.found[key] = found
        terms = [factor * quotients.terms[term] for term, factor in short.factors]
        rest = z3.Sum([*terms, z3.IntVal(short.constant)]) - key[1] * found
        quotients.known[found.decl().name()] = (rest >= 0, rest < key[1])
    return quotients.found[key]


def _line(value: z3.ArithRef, quotients: _Quotients) -> _Line:
    factors: dict[int, int] = {}
    constant = 0
    for factor, term in _addends(value, 1):
        if term is None:
            constant += factor
        else:
            quotients.terms[term.get_id()] = term
            quotients.kept.append(term)
            factors[term.get_id()] = factors.get(term.get_id(), 0) + factor
    return _Line(tuple(sorted((term, factor) for term, factor in factors.items() if factor)), constant)


def _addends(value: z3.ArithRef, factor: int) -> Iterator[tuple[int, z3.ArithRef | None]]:
    if z3.is_int_value(value):
        yield factor * value.as_long(), None
    elif z3.is_add(value):
        for child in value.children():
            yield from _addends(child, factor)
    elif z3.is_sub(value):
        first, *others = value.children()
        yield from _addends(first, factor)
        for child in others:
            yield from _addends(child, -factor)
    elif z3.is_mul(value) and value.num_args() == 2 and z3.is_int_value(value.arg(0)):
        yield from _addends(value.arg(1), factor * value.arg(0).as_long())
    else:
        yield factor, value
