"""Why a claim is rejected: one vocabulary for the reference interpreter and every calculator.

`docs/semantics.md`, "Values that are missing or wrong", says when each reason applies and which comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

MISSING = "missing"
WRONG_TYPE = "wrong type"
NEGATIVE = "negative"
OUT_OF_RANGE = "out of range"
UNKNOWN_VALUE = "unknown value"
NOT_IN_FORCE = "not in force"
BEFORE_THE_LEDGER = "before the ledger"
DUPLICATE = "duplicate"
TOTAL_OUT_OF_RANGE = "total out of range"


def more_than(fact: str) -> str:
    """The reason for an amount that exceeds the fact it may be at most."""
    return f"more than {fact}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A claim that is not settled: the field that is wrong, and the reason in one of the words above."""

    field: str
    reason: str
