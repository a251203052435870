"""The policy as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.model.amounts import Amount, Role
from compiler.model.expressions import Accumulated, Expression
from compiler.model.facts import CategoryFact, DatedFact, Fact, InForce, RunningTotal
from compiler.model.properties import Allowance, Conformity, Example, Requirement
from compiler.model.walking import reads, walk
from dsl.money import Currency
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Benefit:
    """One layer: the names of the amounts that are its base and its payment, and whose cost it looks at.

    of_left  the base is what the layers before have not paid, not the whole cost
    rest     the last payer of a split, who bears what rounding does to the others
    """

    name: str
    base: str
    of_left: bool
    span: Span = field(compare=False, repr=False)
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A whole policy, resolved and typed.

    draft     not final: calculators are not built of it
    facts     in the order of the policy; the claim number is not among them
    dated     the categories that follow from a date
    amounts   in the order of computation; each reads only facts and amounts before it
    cost      the amount that benefits and own share add up to
    benefits  in the order in which they pay
    among     the version and those before it as one, where claims of others count in totals of this one; see `goes_on`
    capped_on the running totals, by name, that a later version goes on with and caps
    """

    id: str
    title: str
    source: str
    currency: Currency
    draft: bool
    in_force: InForce | None
    facts: tuple[Fact, ...]
    dated: tuple[DatedFact, ...]
    amounts: tuple[Amount, ...]
    cost: Expression
    benefits: tuple[Benefit, ...]
    requirements: tuple[Requirement, ...]
    conformities: tuple[Conformity, ...]
    allowances: tuple[Allowance, ...]
    examples: tuple[Example, ...]
    span: Span = field(compare=False, repr=False)
    among: Model | None = None
    capped_on: tuple[str, ...] = ()

    def amount(self, name: str) -> Amount:
        """The amount of that name. Raises KeyError where there is none."""
        for amount in self.amounts:
            if amount.name == name:
                return amount
        raise KeyError(name)

    def fact(self, name: str) -> Fact:
        """The fact of that name. Raises KeyError where there is none."""
        for fact in self.facts:
            if fact.name == name:
                return fact
        raise KeyError(name)

    @property
    def categories(self) -> dict[str, tuple[str, ...]]:
        """The words of every category, stated and dated, in the order of the policy."""
        stated = {fact.name: fact.values for fact in self.facts if isinstance(fact, CategoryFact)}
        return stated | {fact.name: tuple(arm.word for arm in fact.arms) for fact in self.dated}

    @property
    def settlement(self) -> tuple[Amount, ...]:
        """The amounts as a settlement has them: the benefits, the own share, then those on the way to them."""
        last = {Role.BENEFIT: 0, Role.OWN_SHARE: 1}
        return tuple(sorted(self.amounts, key=lambda amount: last.get(amount.role, 2)))

    @property
    def running_totals(self) -> tuple[RunningTotal, ...]:
        """Every running total, once each, in the order of the amounts that read them."""
        found = (
            node.total for amount in self.amounts for node in walk(amount.expression) if isinstance(node, Accumulated)
        )
        return tuple({total.name: total for total in found}.values())


def sources(model: Model, names: frozenset[str]) -> frozenset[str]:
    """The names themselves and everything that they are computed from, money facts and amounts."""
    found = set(names)
    for amount in reversed(model.amounts):
        if amount.name in found:
            found |= reads(amount.expression)
    return frozenset(found)
