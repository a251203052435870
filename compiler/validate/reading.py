"""What was found in a text, in the terms that the proof asks for; every target comes down to this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import z3

from compiler.model import Model
from compiler.validate.meaning import Meaning, Rule
from compiler.validate.values import Refusal


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that must not happen to any claim: when it would, on which line of the text, and in words.

    settling  the claim breaks no rule of its own
    of        the amounts that are computed before it
    """

    fails: z3.BoolRef
    line: int
    what: str
    settling: bool = False
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """An amount as the text computes it, in facts, running totals before the claim, and cuts; and on which line.

    null  when it is NULL instead
    """

    value: z3.ArithRef
    null: z3.BoolRef
    line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as terms.

    rejected  how the text tells a claim that breaks a rule of its own, of whatever comes in
    refused   how it tells one that breaks none, but cannot be settled; in cuts
    rules     when a claim that breaks no rule of its own is not settled, in the order in which it is told
    ledger    whether running totals before the claim come from a ledger, which may hold anything
    words     what the cut of each dated category is in the text, of those that the text asks for
    amounts   every amount of the Model
    duties    what must never happen, of what comes in
    known     what is true of variables that are the text's own
    again     amounts that the text computes a second time, by another formula
    """

    meant: Meaning
    rejected: Refusal
    refused: Refusal
    rules: tuple[Rule, ...]
    ledger: bool
    words: Mapping[str, z3.ArithRef]
    amounts: Mapping[str, Computed]
    duties: tuple[Duty, ...]
    known: tuple[z3.BoolRef, ...] = ()
    again: Mapping[str, Computed] = field(default_factory=dict)

    @property
    def model(self) -> Model:
        """The Model that the text is of."""
        return self.meant.model
