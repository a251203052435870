"""What is to be done with a file of claims, and what one waits for meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from compiler.run.table import Claims

Progress = Callable[[float], None]
"""Is told from time to time how much is done: from 0 to 1, never less than before."""


def unwatched(_: float) -> None:
    """Nobody waits."""


class Form(Enum):
    """How a table is kept in a file."""

    CSV = "CSV"
    PARQUET = "Parquet"


def form_of(path: Path | None) -> Form:
    """The form that the end of a file's name says; CSV where it says nothing."""
    return Form.PARQUET if path is not None and path.suffix.lower() in (".parquet", ".pq") else Form.CSV


@dataclass(frozen=True, slots=True)
class Target:
    """A file to be written: where it waits until all is well, and its form."""

    path: Path
    form: Form = Form.CSV


@dataclass(frozen=True, slots=True)
class Earlier:
    """The ledger of an earlier run: where it is, and its path as the user wrote it."""

    path: Path
    shown: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may take of the machine: bytes of memory, threads; None for as much as it takes by itself."""

    memory_bytes: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Claims to be settled and everything that goes with it.

    out         the settled rows
    rejected    the rejected rows; without it nothing is written where there are any
    ledger      the running totals to go on from
    ledger_out  takes the running totals after these claims
    policy      the SHA-256 of the policy's text, for the head of `ledger_out`
    master      the cluster that a Spark engine works on
    """

    claims: Claims
    out: Target
    rejected: Target | None = None
    ledger: Earlier | None = None
    ledger_out: Target | None = None
    policy: str = ""
    limits: Limits = Limits()
    master: str = "local[*]"
    progress: Progress = unwatched

    @property
    def counts_on(self) -> bool:
        """Whether running totals come from another run or go to one."""
        return self.ledger is not None or self.ledger_out is not None
