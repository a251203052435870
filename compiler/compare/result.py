"""What a comparison of two policies finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


class Found(Enum):
    """Whether somebody was found who is better off, or worse off."""

    SOMEBODY = "somebody"
    NOBODY = "nobody"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Extreme:
    """The claim for which the two policies differ most in one direction; both have been settled by the interpreter.

    by      minor units, above 0
    old     what the old policy gives, in minor units
    new     what the new one gives
    single  both policies take the claim; else it is what all claims of a period are together, and more than one can be
    """

    by: int
    claim: Claim
    old: int
    new: int
    single: bool = True


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
        return verdict_of(_better((self,)), _worse((self,)))


@dataclass(frozen=True, slots=True)
class Part:
    """Claims of some categories, on some days, for one end of what is not known; all `cells` compare alike.

    day    a day on which the rules that are compared both hold
    on     the day of each date that they go by
    ratio  what is assumed of ratios that are not known; empty where all are
    """

    cells: tuple[Mapping[str, str], ...]
    day: date
    on: Mapping[str, date]
    ratio: str
    subjects: tuple[Subject, ...]

    @property
    def verdict(self) -> Verdict:
        """How the two policies compare for these claims: by all benefits together and by the own share."""
        return verdict_of(_better(self.whole), _worse(self.whole))

    @property
    def whole(self) -> tuple[Subject, ...]:
        """The sum of the benefits, and the own share."""
        return self.subjects[-2:]


@dataclass(frozen=True, slots=True)
class History:
    """Claims of one period, settled one after another under both policies by the interpreter.

    old  what the old policy pays for each of them, all benefits together, in minor units
    new  what the new one pays
    of   an identifier and its value: what is said of these claims is said of those that have it; None: of all
    """

    claims: tuple[Claim, ...]
    old: tuple[int, ...]
    new: tuple[int, ...]
    of: tuple[str, str] | None = None

    @property
    def gained(self) -> int:
        """What the new policy pays more for the claims that it is said of, in minor units; below 0 if it is less."""
        return sum(new - old for _, old, new in self._said_of)

    @property
    def many(self) -> int:
        """The number of claims that it is said of."""
        return len(self._said_of)

    @property
    def _said_of(self) -> list[tuple[Claim, int, int]]:
        rows = zip(self.claims, self.old, self.new, strict=True)
        return [row for row in rows if self.of is None or row[0][self.of[0]] == self.of[1]]


@dataclass(frozen=True, slots=True)
class Later:
    """What is known, in one direction, of claims that others of their period were settled before: of all benefits.

    slack   over a period nobody is worse off (or better off) by more than so much for each claim, in minor units: what
            rounding makes; None where that is not shown
    each    no such claim is paid less (or more) by more than so much; None where that is not known
    period  claims that come to less (or more) in all, by more than rounding makes
    single  claims the last of which is paid less (or more) by `each`; None where `each` is what a first claim shows,
            what rounding makes, or where no claims were found that show it
    """

    slack: int | None
    each: int | None
    period: History | None = None
    single: History | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies compared.

    A person is better or worse off by what a claim is paid that nothing was settled before, or by what the claims of
    a period are paid together. That a later claim is paid more or less by itself is said beside it, and counts for
    nothing.

    fact      the one fact that decides about all amounts; None where several do
    together  what is said of one claim holds of the sum of all claims of a period too, if they agree in `alike`
    alike     what can differ between claims of a period, and decides what is paid
    several   the rules of more than one day were compared
    notes     what else must be known to read it
    less      what is known of later claims that are paid less; None where none can differ from a first one
    more      what is known of later claims that are paid more
    """

    fact: str | None
    together: bool
    alike: tuple[str, ...]
    several: bool
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    less: Later | None
    more: Later | None

    @property
    def worse_off(self) -> Found:
        """Whether some person is paid less in all, or left with more: for a first claim, or over a period."""
        return _worse(self._whole, self.less)

    @property
    def better_off(self) -> Found:
        """Whether some person is paid more in all, or left with less."""
        return _better(self._whole, self.more)

    @property
    def verdict(self) -> Verdict:
        """The answer over all parts."""
        return verdict_of(self.better_off, self.worse_off)

    @property
    def of_first(self) -> Comparison:
        """The same of claims that nothing was settled before, and of no others."""
        return replace(self, less=None, more=None)

    @property
    def differs(self) -> bool:
        """Whether any amount differs, a single benefit included."""
        return Found.SOMEBODY in (self.better_off, self.worse_off) or any(
            one.gain or one.loss for part in self.parts for one in part.subjects
        )

    @property
    def open(self) -> bool:
        """Whether something could not be shown, of a single benefit included."""
        return Found.OPEN in (self.better_off, self.worse_off) or any(
            one.open for part in self.parts for one in part.subjects
        )

    @property
    def _whole(self) -> list[Subject]:
        return [one for part in self.parts for one in part.whole]


def _better(found: Iterable[Subject], more: Later | None = None) -> Found:
    return _found([(one.gain, one.open) for one in found], more)


def _worse(found: Iterable[Subject], less: Later | None = None) -> Found:
    return _found([(one.loss, one.open) for one in found], less)


def _found(first: Sequence[tuple[Extreme | None, str]], later: Later | None) -> Found:
    """Somebody who was found settles it; that nobody was counts only where nothing is open."""
    if any(extreme for extreme, _ in first) or (later is not None and later.period is not None):
        return Found.SOMEBODY
    if any(open_ for _, open_ in first) or (later is not None and later.slack is None):
        return Found.OPEN
    return Found.NOBODY


def verdict_of(better: Found, worse: Found) -> Verdict:
    """The answer in both directions as one."""
    match better, worse:
        case Found.SOMEBODY, Found.SOMEBODY:
            return Verdict.MIXED
        case (Found.OPEN, _) | (_, Found.OPEN):
            return Verdict.UNKNOWN
        case Found.SOMEBODY, _:
            return Verdict.NEVER_LESS
        case _, Found.SOMEBODY:
            return Verdict.NEVER_MORE
        case _:
            return Verdict.EQUAL
