"""The verifier: questions about every claim of a policy, answered by Z3 in whole minor units.

The solver is imported when the first policy is verified, not before.
"""

from __future__ import annotations

from compiler.findings import Finding
from compiler.model import Model
from compiler.verify.record import Record


def verify(model: Model) -> tuple[Finding, ...]:
    """Ask everything that is always asked of a policy, and what it requires of itself.

    Every flaw found has been replayed in the reference interpreter. Raises `WitnessDoesNotReplay` where the solver and
    the interpreter disagree, which is a mistake of ours.
    """
    from compiler.verify.verifier import findings

    return findings(model)


def verify_on_record(model: Model) -> Record:
    """As `verify`, with the questions that the solver was asked: what a stranger needs to ask them again."""
    from compiler.verify.verifier import on_record

    return on_record(model)
