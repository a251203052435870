"""The only caller of the solver: one question, one fresh solver, one of three answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import z3

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


def ask(constraints: Sequence[z3.BoolRef | bool], effort: int = EFFORT) -> Answer:
    """Whether the constraints can all hold at once."""
    solver = z3.SimpleSolver()
    solver.set("rlimit", effort)
    solver.add(*constraints)
    verdict = solver.check()
    if verdict == z3.unsat:
        return Impossible()
    if verdict == z3.sat:
        return Possible(solver.model())
    return Undecided("the solver reached its limit of work")
