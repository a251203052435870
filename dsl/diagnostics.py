"""What the tool has to say about a policy, kept apart from how it is worded and printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dsl.source import Span


class Severity(Enum):
    """How much a diagnostic weighs: an error makes the command fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A clause that a diagnostic points at, with the key of the words beside it (`labels.<key>` in the messages)."""

    span: Span
    key: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, or worth knowing.

    code      permanent, explained by `tierproof explain CODE`; a row of `dsl/codes.py`
    variant   which of the code's messages this is; empty for the only or the usual one
    params    what the message's `{placeholders}` stand for, already in the policy's units
    labels    every clause involved, the one to look at first in front
    claim     the claim that shows it, in the policy's units, and what comes of it; empty where none is meant
    severity  an error unless said otherwise
    """

    code: str
    labels: tuple[Label, ...]
    params: tuple[tuple[str, str], ...] = ()
    variant: str = ""
    claim: str = ""
    severity: Severity = Severity.ERROR

    @property
    def key(self) -> str:
        """The key of the message in the catalogue: `TP203` or `TP203.above_base`."""
        return f"{self.code}.{self.variant}" if self.variant else self.code
