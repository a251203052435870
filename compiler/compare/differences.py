"""Everything that there is to say about two policies side by side."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.compare.clauses import Change, changed_clauses
from compiler.compare.compare import compare
from compiler.compare.rejected import Rejected, rejected
from compiler.compare.result import ALL_BENEFITS, Comparison, Part
from compiler.model import OWN_SHARE, Allowance, Allowed, Model
from dsl.source import Source


@dataclass(frozen=True, slots=True)
class Differences:
    """What two policies pay differently, and the clauses that are not the same.

    allowances  the losses that the new policy says it wants, which the old one did not say yet
    benefits    the benefits of the new policy
    rejected    what the old policy settles and the new one does not
    """

    found: Comparison
    clauses: tuple[Change, ...]
    allowances: tuple[Allowance, ...]
    benefits: frozenset[str]
    rejected: tuple[Rejected, ...]

    @property
    def wanted(self) -> bool:
        """Whether the policy says of every loss why it is wanted."""
        return all(self._wanted(part) for part in self.found.parts) and self._wanted_over_a_period

    @property
    def _wanted_over_a_period(self) -> bool:
        """Claims that are paid less only together: the whole policy may be worse off, or every benefit."""
        if self.found.less is None or self.found.less.period is None:
            return True
        named = {one.benefit for one in self.allowances}
        return None in named or self.benefits <= named

    def _wanted(self, part: Part) -> bool:
        """The whole policy may be worse off, or each benefit that pays less for some of these claims."""
        if not any(one.loss is not None for one in part.whole) or any(one.benefit is None for one in self.allowances):
            return True
        named = {one.benefit for one in self.allowances}
        losing = {one.name for one in part.subjects if one.loss is not None} - {ALL_BENEFITS, OWN_SHARE}
        return bool(losing) and losing <= named


def differences(old: Model, old_text: Source, new: Model, new_text: Source) -> Differences:
    """Compare two policies and their texts. Raises `DifferentDomain` where they are about different claims."""
    before = [(one.benefit, one.reason) for one in old.allowances if one.what is Allowed.WORSE_OFF]
    allowances = tuple(
        one for one in new.allowances if one.what is Allowed.WORSE_OFF and (one.benefit, one.reason) not in before
    )
    benefits = frozenset(benefit.name for benefit in new.benefits)
    found, clauses = compare(old, new), changed_clauses(old, old_text, new, new_text)
    return Differences(found, clauses, allowances, benefits, rejected(old, new))
