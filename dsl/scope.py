"""What a policy declares: every name, and the one thing that each stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from dsl import tree
from dsl.money import CURRENCIES, Currency

OWN_SHARE = "own_share"
"""The name of the own share: declared by the language, readable where the settled claim is spoken of."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The declarations of one policy, by name.

    Where a name is declared twice the first one stands; `dsl/typecheck/` reports the other. `unclear` are facts whose
    kind is not known: what they may be used for is not known either.
    """

    currency: Currency | None
    identifiers: dict[str, tree.PlainFact]
    dates: dict[str, tree.PlainFact]
    money: dict[str, tree.PlainFact]
    counts: dict[str, tree.PlainFact]
    categories: dict[str, tree.WordFact]
    unclear: frozenset[str]
    parameters: dict[str, tree.ParameterBlock]
    amounts: dict[str, tree.AmountBlock]
    benefits: dict[str, tree.BenefitBlock]
    stack: tree.StackBlock | None
    in_force: tree.InForceClause | None
    eligibility: tree.For | None
    rounding: tree.RoundClause | None

    def kind(self, name: str) -> str | None:
        """What a name stands for, in the drafter's words; None where nothing has that name."""
        if name == OWN_SHARE:
            return "what is left to pay"
        kinds: dict[str, Mapping[str, object]] = {
            "an identifier": self.identifiers,
            "a date": self.dates,
            "an amount of money": self.money,
            "a count": self.counts,
            "a category": self.categories,
            "a parameter": self.parameters,
            "an amount": self.amounts,
            "a benefit": self.benefits,
        }
        return next((kind for kind, declared in kinds.items() if name in declared), None)

    def words(self, category: str) -> tuple[str, ...]:
        """The words of a category."""
        return tuple(word.text for word in self.categories[category].words)

    def layers(self) -> tuple[str, ...]:
        """The benefits in the order in which they pay."""
        if self.stack is None:
            return tuple(self.benefits)
        return tuple(name.text for layer in self.stack.layers for name in names_of(layer))

    def layers_before(self, name: str) -> tuple[str, ...]:
        """The benefits that pay before one: not those beside it in `the larger of`."""
        before: list[str] = []
        for layer in self.stack.layers if self.stack is not None else ():
            names = [each.text for each in names_of(layer)]
            if name in names:
                break
            before += names
        return tuple(before)

    def rival(self, name: str) -> str | None:
        """The other benefit of `the larger of`, of which only one is paid."""
        for layer in self.stack.layers if self.stack is not None else ():
            match layer:
                case tree.LargerOf(first, second) if name in (first.text, second.text):
                    return second.text if name == first.text else first.text
                case _:
                    pass
        return None

    def exchanged(self, first: str, second: str) -> Scope:
        """The same policy with two benefits of the stack in each other's place."""
        assert self.stack is not None
        places = {first: second, second: first}

        def other(name: tree.Name) -> tree.Name:
            return replace(name, text=places.get(name.text, name.text))

        def moved(layer: tree.Layer) -> tree.Layer:
            match layer:
                case tree.Name():
                    return other(layer)
                case tree.LargerOf(one, two):
                    return replace(layer, first=other(one), second=other(two))
                case _:
                    assert_never(layer)

        return replace(self, stack=replace(self.stack, layers=tuple(map(moved, self.stack.layers))))

    def deciding_date(self, by: tree.Name | None) -> str | None:
        """The date that decides a period: the one named, that of `in force`, or the only one there is."""
        if by is not None:
            return by.text
        if self.in_force is not None:
            return self.in_force.by.text
        return next(iter(self.dates)) if len(self.dates) == 1 else None


def names_of(layer: tree.Layer) -> tuple[tree.Name, ...]:
    """The benefits of one layer of a stack."""
    match layer:
        case tree.Name():
            return (layer,)
        case tree.LargerOf(first, second):
            return (first, second)
        case _:
            assert_never(layer)


def declarations(policy: tree.Policy) -> Iterator[tree.Name]:
    """Every name that the policy declares for facts, amounts and benefits, in the order written."""
    for block in policy.blocks:
        match block:
            case tree.ClaimBlock(facts):
                yield from (fact.name for fact in facts)
            case (
                tree.AmountBlock(name) | tree.BenefitBlock(name) | tree.PlainParameter(name) | tree.ParameterTable(name)
            ):
                yield name
            case _:
                pass


def scope_of(policy: tree.Policy) -> Scope:
    """Collect the declarations of a policy."""
    plain: dict[str, dict[str, tree.PlainFact]] = {"identifier": {}, "date": {}, "money": {}, "count": {}}
    categories: dict[str, tree.WordFact] = {}
    unclear: set[str] = set()
    parameters: dict[str, tree.ParameterBlock] = {}
    amounts: dict[str, tree.AmountBlock] = {}
    benefits: dict[str, tree.BenefitBlock] = {}
    stack = None
    for block in policy.blocks:
        match block:
            case tree.ClaimBlock(facts):
                for fact in facts:
                    match fact:
                        case tree.PlainFact(name, kind) if kind.text in plain:
                            plain[kind.text].setdefault(name.text, fact)
                        case tree.PlainFact(name):
                            unclear.add(name.text)
                        case tree.WordFact(name):
                            categories.setdefault(name.text, fact)
            case tree.PlainParameter(name) | tree.ParameterTable(name):
                parameters.setdefault(name.text, block)
            case tree.AmountBlock(name):
                amounts.setdefault(name.text, block)
            case tree.BenefitBlock(name):
                benefits.setdefault(name.text, block)
            case tree.StackBlock():
                stack = stack or block
            case _:
                pass
    clauses = policy.header.clauses
    code = next((clause.code.text for clause in clauses if isinstance(clause, tree.CurrencyClause)), "")
    return Scope(
        CURRENCIES.get(code),
        plain["identifier"],
        plain["date"],
        plain["money"],
        plain["count"],
        categories,
        frozenset(unclear),
        parameters,
        amounts,
        benefits,
        stack,
        next((clause for clause in clauses if isinstance(clause, tree.InForceClause)), None),
        next((clause for clause in clauses if isinstance(clause, tree.For)), None),
        next((clause for clause in clauses if isinstance(clause, tree.RoundClause)), None),
    )
