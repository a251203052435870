"""The three answers of the solver, and that running out is none of the other two."""

from __future__ import annotations

import z3

from compiler.verify.solve import Impossible, Possible, Undecided, ask

X, Y, Z = z3.Ints("x y z")


def test_impossible() -> None:
    assert isinstance(ask((X > 1, X < 2)), Impossible)


def test_possible_with_values() -> None:
    answer = ask((X > 1, X < 3))
    assert isinstance(answer, Possible)
    assert answer.whole(X) == 2
    assert answer.whole(X + 1) == 3


def test_a_question_that_is_too_hard_is_undecided() -> None:
    cubes = X * X * X + Y * Y * Y + Z * Z * Z == 42
    assert isinstance(ask((cubes, X * Y * Z != 0), effort=10_000), Undecided)
    assert isinstance(ask((X > 1, X < 3, X * X * X == Y * Y + 17 * Z), effort=1), Undecided)
