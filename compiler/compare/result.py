"""What a comparison of two policies finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from compiler.evaluate import Claim

ALL_BENEFITS = "all benefits"
"""What stands for the sum of the benefits."""


class Verdict(Enum):
    """How the new policy compares with the old one, over every claim that was asked about."""

    EQUAL = "equal"
    NEVER_LESS = "never less generous"
    NEVER_MORE = "never more generous"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Extreme:
    """The claim for which the two policies differ most in one direction; both have been settled by the interpreter.

    by   minor units, above 0
    old  what the old policy gives, in minor units
    new  what the new one gives
    """

    by: int
    claim: Claim
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Range:
    """Amounts `first` to `last` of the fact that decides, for which something differs.

    every  for each of them; else some in between are the same, or some gain and some lose
    gain   the largest gain, at the smallest amount that has it; None where nobody gains
    loss   the largest loss, likewise
    """

    first: int
    last: int
    every: bool
    gain: Extreme | None
    loss: Extreme | None


@dataclass(frozen=True, slots=True)
class Along:
    """Ranges of one fact where several decide, with the others as they are in one claim.

    given   the other amounts and counts, in the order of the policy
    ranges  where the amount differs, all of them, in rising order
    """

    fact: str
    given: tuple[tuple[str, int], ...]
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One amount under both policies. A gain is one for the person who claims: a higher benefit, a lower own share.

    name    a benefit, ALL_BENEFITS or OWN_SHARE
    ranges  where it differs, by the fact that decides, in rising order; None where several facts decide
    gain    the largest gain; None where nobody gains
    loss    the largest loss; None where nobody loses
    open    what could not be shown; empty where everything was
    along   where several facts decide: the ranges through the largest gain and through the largest loss
    """

    name: str
    ranges: tuple[Range, ...] | None
    gain: Extreme | None
    loss: Extreme | None
    open: str = ""
    along: tuple[Along, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """How the two policies compare in this amount."""
        return verdict_of(self.gain is not None, self.loss is not None, bool(self.open))


@dataclass(frozen=True, slots=True)
class Part:
    """Claims of some categories, on some days, for one end of what is not known; all `cells` compare alike.

    day    a day on which the rules that are compared both hold
    ratio  what is assumed of ratios that are not known; empty where all are
    """

    cells: tuple[Mapping[str, str], ...]
    day: date
    ratio: str
    subjects: tuple[Subject, ...]

    @property
    def verdict(self) -> Verdict:
        """How the two policies compare for these claims: by all benefits together and by the own share."""
        whole = self.whole
        return verdict_of(
            any(one.gain is not None for one in whole),
            any(one.loss is not None for one in whole),
            any(bool(one.open) for one in whole),
        )

    @property
    def whole(self) -> tuple[Subject, ...]:
        """The sum of the benefits, and the own share."""
        return self.subjects[-2:]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies compared.

    fact      the one fact that decides about all amounts; None where several do
    together  what is said of one claim holds of the sum of all claims of a period too
    several   the rules of more than one day were compared
    notes     what else must be known to read it
    later     what is open of claims that others of their period were settled before; empty where nothing is
    """

    fact: str | None
    together: bool
    several: bool
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    later: str

    @property
    def gains(self) -> bool:
        """Whether some claim is better off: more paid in all, or less left to the person."""
        return any(one.gain is not None for part in self.parts for one in part.whole)

    @property
    def losses(self) -> bool:
        """Whether some claim is worse off: less paid in all, or more left to the person."""
        return any(one.loss is not None for part in self.parts for one in part.whole)

    @property
    def differs(self) -> bool:
        """Whether any amount differs, a single benefit included."""
        return any(one.gain or one.loss for part in self.parts for one in part.subjects)

    @property
    def open(self) -> bool:
        """Whether something could not be shown."""
        return bool(self.later) or self.open_in_parts

    @property
    def open_in_parts(self) -> bool:
        """Whether something could not be shown of what was compared: of first claims."""
        return any(one.open for part in self.parts for one in part.subjects)

    @property
    def verdict(self) -> Verdict:
        """The answer over all parts."""
        return Verdict.UNKNOWN if self.later else self.of_first

    @property
    def of_first(self) -> Verdict:
        """The answer over all parts, for what was compared: later claims of a period are left aside."""
        return verdict_of(self.gains, self.losses, any(bool(one.open) for part in self.parts for one in part.whole))


def verdict_of(gains: bool, losses: bool, open_: bool) -> Verdict:
    """A gain and a loss that were found settle it; what was not found counts only where nothing is open."""
    if gains and losses:
        return Verdict.MIXED
    if open_:
        return Verdict.UNKNOWN
    if gains:
        return Verdict.NEVER_LESS
    return Verdict.NEVER_MORE if losses else Verdict.EQUAL
