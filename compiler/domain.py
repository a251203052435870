"""Why a claim is rejected: one vocabulary for the reference interpreter and every calculator.

`docs/semantics.md`, "Values that are missing or wrong", says when each reason applies and which comes first. Beside it
stands what may go along with claims in SQL, because those who write a calculator and those who prove it must both know.
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


LEDGER_COLUMNS = ("total", "key", "period", "amount", "last")
"""The columns of the table `<id>_ledger` and the view `<id>_ledger_after` in SQL: the name of the total, whose it is,
the period's name (2013, 2013-05 for a month, empty for a lifetime), the total in minor units, and date and number of
the last claim."""


ROWS_ALIKE = "rows alike"
"""The column that shows how many rows agree with one."""


@dataclass(frozen=True, slots=True)
class Riders:
    """What goes along with the claims in a SQL calculator that is run here, besides the policy.

    row     a column of the claims table that the settled and the rejected claims have as well, untouched; or None
    ledger  go on from the totals of an earlier run
    alike   leave no duplicates out, but show in a column `ROWS_ALIKE` how many rows agree with each in key, date and
            claim number; it is the policy where that is 1 for all of them, and costs less
    """

    row: str | None = None
    ledger: bool = False
    alike: bool = False


NO_RIDERS = Riders()
"""A calculator that somebody takes away has none."""
