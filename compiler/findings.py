"""The answers to a question about a policy: proved, refuted with a claim, unknown, not asked."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.model import Allowance, FactInput
from dsl.diagnostics import Diagnostic
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Property:
    """What was asked.

    code     of the check, such as TP101; its statement in words is `<code>.proved` in the messages
    subject  the benefit, amount, example or requirement that it was asked of, as the drafter wrote it
    column   the category cell it was asked in, such as `illness general`; empty for all at once
    variant  which of several statements of the check: `<code>.<variant>.proved`; empty for its first
    """

    code: str
    subject: str
    column: str
    span: Span
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Proved:
    """It holds for every claim of the domain.

    method        names how that was shown
    by_contracts  it also rests on what layers were shown to promise
    """

    property: Property
    method: str
    by_contracts: bool = False


@dataclass(frozen=True, slots=True)
class Witness:
    """Claims, settled after one another from an empty ledger, the last of which shows the flaw.

    Every witness has been replayed in the reference interpreter before it stands here.
    """

    claims: tuple[tuple[tuple[str, FactInput], ...], ...]


@dataclass(frozen=True, slots=True)
class Refuted:
    """It does not hold, and here is the claim. `allowance` is the policy's own reason to want it so, if any."""

    property: Property
    diagnostic: Diagnostic
    witness: Witness
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither shown nor refuted; never counts as proved. `reason` says where the methods ended."""

    property: Property
    reason: str


@dataclass(frozen=True, slots=True)
class NotAsked:
    """The question has no sense for its subject, and `reason` says why; it is neither proved nor left open."""

    property: Property
    reason: str


Finding = Proved | Refuted | Unknown | NotAsked
