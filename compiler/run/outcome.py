"""What came of a file of claims."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.model import CLAIM_NUMBER, OWN_SHARE, Model


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not settled.

    line    of the file, from 1; the first line of the row where a value runs over several
    claim   the claim number as it stands in the row, empty where there is none
    field   the fact that is wrong; empty where the row as a whole is
    reason  in the words of `docs/semantics.md`
    value   what stands in the field
    """

    line: int
    claim: str
    field: str
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file of claims that was settled.

    settled   how many rows
    rejected  how many rows
    totals    each benefit and the own share, summed over the settled rows, in minor units
    first     the first rejected rows, in the order of the file
    """

    settled: int
    rejected: int
    totals: tuple[tuple[str, int], ...]
    first: tuple[RejectedRow, ...]


class RunError(Exception):
    """The claims could not be settled for a reason outside of them, such as a full disk. The message says which."""


ROW_NAME = "row read"
"""The column of a row's place in the file, from 0. No fact can have this name, because of the space."""

ROW = f'"{ROW_NAME}"'
"""The same as SQL writes it."""

REJECTED_COLUMNS = ("line", "claim", "field", "reason")
"""The columns of a file of rejected rows."""

FIRST_REJECTED = 20
"""How many rejected rows an Outcome holds."""


def results(model: Model) -> tuple[str, ...]:
    """The amounts that a settled row has behind the columns of the file: each benefit, and the own share."""
    return (*(benefit.name for benefit in model.benefits), OWN_SHARE)


def inputs(model: Model) -> tuple[str, ...]:
    """The columns that a file of claims must have: the claim number and the facts."""
    return (CLAIM_NUMBER, *(fact.name for fact in model.facts))
