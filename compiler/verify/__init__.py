"""The verifier: questions about every claim of a policy, answered by Z3 in whole minor units.

The solver is imported when the first policy is verified, not before. Where to begin reading:

    what is asked          verifier, ground, checks/, checks/requirements/
    how it is answered     prove (the ladder), contract (promises of layers), telescope and adding_up (sums), received
    who is asked           solve, record
    a policy as terms      claims and days; encode, slices, moving, slope (formulas)
    without the solver     bands, stairs, unknown
    how it is shown        witness, lowered, words, extent
    found by settling      tried, halves, split_bill, cap_cuts; plans and long_history (histories)
    two of something       two_people, equal
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
