"""Two formulas are compared branch by branch: large tables too, and one that differs in a single place is found."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import z3

from benchmarks.tables import table
from compiler.emit.mark import SourceMark
from compiler.emit.numpy import emit_numpy
from compiler.emit.python import emit_python
from compiler.model import Model
from compiler.validate import Differs, first_flaw
from compiler.validate.bounds import Bounds, decided, limit_of, narrowed
from compiler.validate.parts import differ
from compiler.verify.solve import Impossible, Possible
from tests.generated import MARK
from tests.policies import model_of

Emit = Callable[[Model, SourceMark], str]

X = z3.Int("x")

BANDS = 150
"""More than the solver compares at once."""


def in_a_row(values: list[int]) -> z3.ArithRef:
    """A ladder of floors, one test after another."""
    found = X
    for place, value in reversed(list(enumerate(values))):
        found = z3.If(10 * (place + 1) >= X, (value * X + 3) / 7, found)
    return found


def as_a_tree(values: list[int], first: int = 0) -> z3.ArithRef:
    """The same ladder by halves, as other tests and shortened."""
    if len(values) == 1:
        below = z3.And(10 * first < X, z3.Not(10 * (first + 1) < X))
        return z3.If(z3.Or(below, X <= 0), (2 * values[0] * X + 6) / 14, X)
    middle = len(values) // 2
    return z3.If(
        10 * (first + middle) >= X, as_a_tree(values[:middle], first), as_a_tree(values[middle:], first + middle)
    )


def test_two_ladders_of_many_steps_are_one_function() -> None:
    values = list(range(1, BANDS + 1))
    assert isinstance(differ([X >= 0], in_a_row(values), as_a_tree(values)), Impossible)


@pytest.mark.parametrize("place", [0, 77, BANDS - 1])
def test_a_step_that_differs_is_found(place: int) -> None:
    values = list(range(1, BANDS + 1))
    others = [value + (row == place) for row, value in enumerate(values)]
    found = differ([X >= 0], in_a_row(values), as_a_tree(others))
    assert isinstance(found, Possible)
    assert 10 * place < found.whole(X) <= 10 * (place + 1)


def test_what_is_said_of_a_test_is_so_for_every_value() -> None:
    limits = [X <= 5, X < 5, X >= 5, X > 5, z3.IntVal(5) >= X, z3.IntVal(5) < X]
    tests = [*limits, *map(z3.Not, limits)]
    tests += [join(one, other) for join in (z3.And, z3.Or) for one, other in product(limits, limits)]
    for known, test in product(limits, tests):
        said = decided(test, narrowed(Bounds({"x": (3, 7)}, {}), known))
        holds = {holds_for(test, value) for value in range(3, 8) if holds_for(known, value)}
        assert said is None or not holds or holds == {said}, (known, test)


def holds_for(test: z3.BoolRef, value: int) -> bool:
    return bool(z3.is_true(z3.simplify(z3.substitute(test, (X, z3.IntVal(value))))))


def test_a_limit_is_told_whichever_side_it_stands_on() -> None:
    assert limit_of(z3.IntVal(5) >= X) == limit_of(X <= 5) == limit_of(z3.Not(X > 5))
    assert limit_of(X == 5) is None
    assert decided(X == 5, Bounds({"x": (5, 5)}, {})) is None


@pytest.mark.parametrize(("folder", "emit"), [("python", emit_python), ("numpy", emit_numpy)])
def test_a_calculator_of_a_table_of_many_bands_is_proved_and_a_slip_in_it_shown(folder: str, emit: Emit) -> None:
    model = model_of(table(BANDS))
    text = emit(model, MARK)
    assert first_flaw(model, folder, text) is None
    slip = text.replace("7_450_000", "7_460_000", 1)
    assert slip != text
    assert isinstance(first_flaw(model, folder, slip), Differs)
