"""The only caller of the solver: one question, one fresh solver, one of three answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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
        return int(self.values.eval(term, model_completion=True).as_long())


@dataclass(frozen=True, slots=True)
class Undecided:
    """The solver gave up: its effort was used up, or the question is beyond it."""

    reason: str


Answer = Impossible | Possible | Undecided


_RECORD: ContextVar[list[Asked] | None] = ContextVar("record", default=None)


@contextmanager
def recorded() -> Iterator[list[Asked]]:
    """The questions that are asked and answered within the block, here and in no other thread or task.

    Those of less than the usual effort are left out: they only make a claim smaller that has been found already.
    """
    asked: list[Asked] = []
    token = _RECORD.set(asked)
    try:
        yield asked
    finally:
        _RECORD.reset(token)


def ask(constraints: Sequence[z3.BoolRef | bool], effort: int = EFFORT) -> Answer:
    """Whether the constraints can all hold at once."""
    solver = z3.SimpleSolver()
    solver.set("rlimit", effort)
    solver.add(*constraints)
    verdict = solver.check()
    record = _RECORD.get()
    if record is not None and effort == EFFORT and verdict != z3.unknown:
        record.append(Asked(_text(solver), str(verdict)))
    if verdict == z3.unsat:
        return Impossible()
    if verdict == z3.sat:
        return Possible(solver.model())
    return Undecided("the solver reached its limit of work")


def _text(solver: z3.Solver) -> str:
    """What the solver was told, in its own printing and without what it says about that."""
    lines = solver.to_smt2().splitlines()
    return "\n".join(line for line in lines if not line.startswith((";", "(set-info", "(check-sat)"))).strip()
