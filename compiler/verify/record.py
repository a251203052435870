"""What the verdict on a policy rests on: the questions that the solver was asked, and what it answered."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.findings import Finding


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered.

    text      its declarations and assertions in SMT-LIB 2
    expected  `unsat` where no values satisfy them, `sat` where some do
    """

    text: str
    expected: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Findings, and the questions that were asked for all of them together; none where no solver was needed."""

    findings: tuple[Finding, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A verdict with its questions.

    domain     that the policy's own bounds leave a claim at all
    contracts  what each layer promises; proofs by contracts take it for granted
    answered   in the order of their codes
    """

    domain: tuple[Asked, ...]
    contracts: tuple[Asked, ...]
    answered: tuple[Answered, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, as `verify` gives them."""
        return tuple(finding for each in self.answered for finding in each.findings)
