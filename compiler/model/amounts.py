"""The row of amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from compiler.model.expressions import Expression
from dsl.source import Span

OWN_SHARE = "own_share"
"""The name of the amount that nobody has paid when all benefits are settled."""


class Role(Enum):
    """What an amount is for."""

    NAMED = "named amount"
    BASE = "base"
    DEDUCTED = "deducted"
    AFTER_DEDUCTIBLE = "after deductible"
    BEFORE_CAP = "before cap"
    DUE = "due"
    BENEFIT = "benefit"
    LEFT = "left"
    OWN_SHARE = "own share"


@dataclass(frozen=True, slots=True)
class Amount:
    """One whole number of minor units of a claim, computed from facts and earlier amounts.

    name     as the drafter wrote it, or `<benefit>.<part>` for the steps inside a benefit and `own_share`
    benefit  the benefit that the amount is a step of, or None
    """

    name: str
    role: Role
    expression: Expression
    benefit: str | None
    span: Span = field(compare=False, repr=False)
