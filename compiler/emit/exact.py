"""Exact values on the way to whole-number code: whole numbers times constants, over one constant denominator."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import assert_never

from compiler.emit.code import Add, Code, FloorDivide, Multiply, Number, Subtract
from compiler.emit.width import Scope, code_range
from dsl.money import RoundingMode


@dataclass(frozen=True, slots=True)
class Exact:
    """`(factor * term + ... + constant) / denominator`, the terms being whole, the factors not 0; `denominator > 0`."""

    terms: tuple[tuple[Code, int], ...]
    constant: int
    denominator: int

    @property
    def is_whole(self) -> bool:
        """Whether the value is whole whatever the terms are."""
        return all(factor % self.denominator == 0 for factor in (self.constant, *(factor for _, factor in self.terms)))


def constant(value: Fraction | int) -> Exact:
    """A fixed value."""
    fraction = Fraction(value)
    return Exact((), fraction.numerator, fraction.denominator)


def atom(code: Code, denominator: int = 1) -> Exact:
    """The value of a piece of code, divided by `denominator`."""
    return Exact(((code, 1),), 0, denominator)


def atom_or_number(code: Code, denominator: int = 1) -> Exact:
    """The same, with a constant for code that is one."""
    return constant(Fraction(code.value, denominator)) if isinstance(code, Number) else atom(code, denominator)


def line(code: Code, slope: Fraction, intercept: Fraction) -> Exact:
    """`slope * code + intercept`."""
    return plus(times(slope, atom(code)), constant(intercept))


def times(ratio: Fraction, value: Exact) -> Exact:
    """`ratio * value`."""
    if ratio == 0:
        return constant(0)
    return _reduced(
        tuple((term, factor * ratio.numerator) for term, factor in value.terms),
        value.constant * ratio.numerator,
        value.denominator * ratio.denominator,
    )


def plus(*values: Exact) -> Exact:
    """The sum of the values."""
    denominator = lcm(*(value.denominator for value in values))
    factors: dict[Code, int] = {}
    for value in values:
        for term, factor in value.terms:
            factors[term] = factors.get(term, 0) + factor * (denominator // value.denominator)
    fixed = sum(value.constant * (denominator // value.denominator) for value in values)
    return _reduced(tuple((term, factor) for term, factor in factors.items() if factor != 0), fixed, denominator)


def minus(left: Exact, right: Exact) -> Exact:
    """`left - right`."""
    return plus(left, times(Fraction(-1), right))


def exact_range(value: Exact, scope: Scope) -> tuple[Fraction, Fraction]:
    """The interval of a value. It may be wider than need be, never narrower."""
    lowest = highest = value.constant
    for term, factor in value.terms:
        width = code_range(term, scope)
        ends = (factor * width.lowest, factor * width.highest)
        lowest, highest = lowest + min(ends), highest + max(ends)
    return Fraction(lowest, value.denominator), Fraction(highest, value.denominator)


def _reduced(terms: tuple[tuple[Code, int], ...], fixed: int, denominator: int) -> Exact:
    common = gcd(denominator, fixed, *(factor for _, factor in terms))
    return Exact(tuple((term, factor // common) for term, factor in terms), fixed // common, denominator // common)


def over_one_denominator(values: list[Exact]) -> tuple[list[Code], int]:
    """The values as code over one common denominator, and that denominator."""
    denominator = lcm(*(value.denominator for value in values))
    return [numerator(value, denominator // value.denominator) for value in values], denominator


def numerator(value: Exact, factor: int = 1) -> Code:
    """The code of the value times its denominator, times `factor`."""
    return _affine(tuple((term, times_ * factor) for term, times_ in value.terms), value.constant * factor)


def _affine(terms: tuple[tuple[Code, int], ...], fixed: int) -> Code:
    if not terms:
        return Number(fixed)
    shared = gcd(fixed, *(factor for _, factor in terms))
    if len(terms) > 1 and shared > 1:
        return Multiply(shared, _affine(tuple((term, factor // shared) for term, factor in terms), fixed // shared))
    added = [_multiplied(factor, term) for term, factor in terms if factor > 0]
    taken = [_multiplied(-factor, term) for term, factor in terms if factor < 0]
    if fixed > 0:
        added.append(Number(fixed))
    if fixed < 0:
        taken.append(Number(-fixed))
    left = _added(added) if added else Number(0)
    return Subtract(left, _added(taken)) if taken else left


def _added(terms: list[Code]) -> Code:
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _multiplied(factor: int, term: Code) -> Code:
    return term if factor == 1 else Multiply(factor, term)


def whole(value: Exact, scope: Scope) -> Code:
    """The code of a value that is known to be whole."""
    return numerator(value) if value.denominator == 1 else _floor(value.terms, value.constant, value.denominator, scope)


def rounded(value: Exact, mode: RoundingMode, unit: int, scope: Scope) -> Exact:
    """The value rounded to a multiple of `unit`, exactly, by floor divisions alone."""
    divisor = value.denominator * unit
    if all(factor % divisor == 0 for factor in (value.constant, *(factor for _, factor in value.terms))):
        return value
    twice = tuple((term, 2 * factor) for term, factor in value.terms)
    halfway = 2 * value.constant + divisor
    match mode:
        case RoundingMode.DOWN:
            steps = [(1, _floor(value.terms, value.constant, divisor, scope))]
        case RoundingMode.UP:
            steps = [(1, _floor(value.terms, value.constant + divisor - 1, divisor, scope))]
        case RoundingMode.HALF_UP:
            steps = [(1, _floor(twice, halfway, 2 * divisor, scope))]
        case RoundingMode.HALF_EVEN:
            steps = [(1, _floor(twice, halfway, 2 * divisor, scope))]
            if _meets(twice, halfway + 2 * divisor, 4 * divisor):
                # With t = 2n + d, half up is floor(t / 2d). It must come down by one where t = 2d mod 4d: a tie whose
                # nearest multiples are an odd one above and an even one below.
                steps.append((-1, _floor(twice, halfway + 2 * divisor, 4 * divisor, scope)))
                steps.append((1, _floor(twice, halfway + 2 * divisor - 1, 4 * divisor, scope)))
        case _:
            assert_never(mode)
    return plus(*(times(Fraction(sign * unit), atom_or_number(code)) for sign, code in steps))


def _meets(terms: tuple[tuple[Code, int], ...], fixed: int, modulus: int) -> bool:
    """Whether `terms + fixed` can be a multiple of `modulus` for some whole terms."""
    return fixed % gcd(modulus, *(factor for _, factor in terms)) == 0


def _floor(terms: tuple[tuple[Code, int], ...], fixed: int, divisor: int, scope: Scope) -> Code:
    """floor((terms + fixed) / divisor) in its smallest form.

    The terms being whole, what factors and divisor share can be divided out first, with the constant rounded down.
    """
    common = gcd(divisor, *(factor for _, factor in terms))
    code = _affine(tuple((term, factor // common) for term, factor in terms), fixed // common)
    if divisor == common:
        return code
    if isinstance(code, Number):
        return Number(code.value // (divisor // common))
    return FloorDivide(code, divisor // common, code_range(code, scope).lowest >= 0)
