"""The only caller of the solver: one question, one fresh solver, one of three answers.

What the solver finds depends on the terms that it has seen before, so a policy gets a solver's memory of its own: the
answers about it are the same whatever was asked about others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass

import z3

from compiler.verify.record import Asked

EFFORT = 4_000_000
"""How much one question may cost, in the solver's own units of work (a few seconds). Not wall time: an answer must not
depend on how busy the machine is."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """No values satisfy the constraints."""


@dataclass(frozen=True, slots=True)
class Possible:
    """Some values do, and here they are."""

    values: z3.ModelRef

    def whole(self, term: z3.ArithRef) -> int:
        """The value of a whole-number term; one that the constraints leave open is 0."""
        there = term.translate(self.values.ctx)
        return int(self.values.eval(there, model_completion=True).as_long())

    def trying(
        self, terms: Sequence[z3.ArithRef], constraints: Sequence[z3.BoolRef]
    ) -> Callable[[tuple[int, ...]], Possible | None]:
        """What becomes of these values with others for some unknowns, if they satisfy the constraints; else None.

        The constraints are only computed, not solved: no unknown but the `terms` takes another value.
        """
        said = z3.And(*constraints).translate(self.values.ctx)
        unknowns = [term.translate(self.values.ctx) for term in terms]

        def tried(numbers: tuple[int, ...]) -> Possible | None:
            values = copy(self.values)
            for unknown, number in zip(unknowns, numbers, strict=True):
                values.update_value(unknown, z3.IntVal(number, self.values.ctx))
            return Possible(values) if z3.is_true(values.eval(said, model_completion=True)) else None

        return tried


@dataclass(frozen=True, slots=True)
class Undecided:
    """The solver gave up: its effort was used up, or the question is beyond it."""

    reason: str


Answer = Impossible | Possible | Undecided


@dataclass(frozen=True, slots=True)
class _Recording:
    """Questions so far, and a memory to print them from: printing must not change what the solver remembers."""

    asked: list[Asked]
    printing: z3.Context


_RECORD: ContextVar[_Recording | None] = ContextVar("record", default=None)


@contextmanager
def recorded() -> Iterator[list[Asked]]:
    """The questions that are asked and answered within the block, here and in no other thread or task.

    Those of less than the usual effort are left out: they only make a claim smaller that has been found already.
    """
    recording = _Recording([], z3.Context())
    token = _RECORD.set(recording)
    try:
        yield recording.asked
    finally:
        _RECORD.reset(token)


_MEMORY: ContextVar[z3.Context | None] = ContextVar("memory", default=None)


@contextmanager
def remembering_nothing() -> Iterator[None]:
    """Questions within the block share a memory that has seen no other; outside every question has one of its own."""
    token = _MEMORY.set(z3.Context())
    try:
        yield
    finally:
        _MEMORY.reset(token)


def ask(constraints: Sequence[z3.BoolRef | bool], effort: int = EFFORT) -> Answer:
    """Whether the constraints can all hold at once."""
    said = z3.AstVector()
    for constraint in constraints:
        said.push(z3.BoolVal(constraint) if isinstance(constraint, bool) else constraint)
    solver = _solver(said, _MEMORY.get() or z3.Context())
    solver.set("rlimit", effort)
    verdict = solver.check()
    record = _RECORD.get()
    if record is not None and effort == EFFORT and verdict != z3.unknown:
        record.asked.append(Asked(_text(_solver(said, record.printing)), str(verdict)))
    if verdict == z3.unsat:
        return Impossible()
    if verdict == z3.sat:
        return Possible(solver.model())
    return Undecided("the solver reached its limit of work")


def _solver(said: z3.AstVector, memory: z3.Context) -> z3.Solver:
    """A fresh solver that has been told this, and remembers it there."""
    solver = z3.SimpleSolver(ctx=memory)
    solver.add(said.translate(memory))
    return solver


def _text(solver: z3.Solver) -> str:
    """What the solver was told, in its own printing and without what it says about that."""
    lines = solver.to_smt2().splitlines()
    return "\n".join(line for line in lines if not line.startswith((";", "(set-info", "(check-sat)"))).strip()
