"""Whether two policies speak of the same claims, and on which days their rules can be laid side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import assert_never

from compiler.compare.worded import with_words
from compiler.model import (
    CategoryFact,
    CountFact,
    DateFact,
    Fact,
    IdentifierFact,
    Model,
    MoneyFact,
)

USUAL_DAY = date(2024, 1, 1)
"""The day of a claim where nothing depends on it."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and the words that follow from it under each of two policies.

    day  of the dates that no rules go by
    on   of each date that rules go by
    """

    day: date
    on: Mapping[str, date]
    old: Mapping[str, str]
    new: Mapping[str, str]


def mistakes(old: Model, new: Model) -> tuple[str, ...]:
    """What keeps a claim of one policy from being a claim of the other, a sentence each."""
    found: list[str] = []
    if old.currency != new.currency:
        found.append(f"the currency was {old.currency.code} and is {new.currency.code}")
    before, after = ({fact.name: fact for fact in model.facts} for model in (old, new))
    found += [f"the fact {name} is in the old policy only" for name in before if name not in after]
    found += [f"the fact {name} is in the new policy only" for name in after if name not in before]
    for name in before:
        if name in after:
            found += _different(before[name], after[name])
    return tuple(found)


def _different(old: Fact, new: Fact) -> Iterator[str]:
    if type(old) is not type(new):
        yield f"the fact {old.name} was {_kind(old)} and is {_kind(new)}"
    elif isinstance(old, CategoryFact) and isinstance(new, CategoryFact):
        gone = [word for word in old.values if word not in new.values]
        added = [word for word in new.values if word not in old.values]
        if gone:
            yield f"{old.name} has no longer the words {', '.join(gone)}"
        if added:
            yield f"{old.name} has the new words {', '.join(added)}"
    elif isinstance(old, MoneyFact) and isinstance(new, MoneyFact) and old.at_most != new.at_most:
        yield f"{old.name} was at most {old.at_most or 'anything'} and is at most {new.at_most or 'anything'}"
    if isinstance(old, MoneyFact | CountFact) and isinstance(new, MoneyFact | CountFact):
        if max(old.lowest, new.lowest) > min(old.highest, new.highest):
            yield f"no amount of {old.name} is within the bounds of both policies"


def _kind(fact: Fact) -> str:
    match fact:
        case IdentifierFact():
            return "an identifier"
        case DateFact():
            return "a date"
        case MoneyFact():
            return "an amount"
        case CountFact():
            return "a count"
        case CategoryFact():
            return "a category"
        case _:
            assert_never(fact)


def bounds_differ(old: Model, new: Model) -> tuple[str, ...]:
    """The amounts and counts whose bounds differ; what both allow is compared."""
    after = {fact.name: fact for fact in new.facts}
    return tuple(
        fact.name
        for fact in old.facts
        if isinstance(fact, MoneyFact | CountFact) and _bounds(fact) != _bounds(after[fact.name])
    )


def _bounds(fact: Fact) -> tuple[int, int] | None:
    return (fact.lowest, fact.highest) if isinstance(fact, MoneyFact | CountFact) else None


def days(old: Model, new: Model) -> tuple[Day, ...]:
    """One day for each pair of rules that can meet: on which both policies have a word for all that follows from dates.

    Days on which the new policy is in force come first; where it has none of them, those of the old one; then any.
    """
    if not old.dated and not new.dated:
        force = new.in_force or old.in_force
        return (Day(USUAL_DAY if force is None else force.first, {}, {}, {}),)
    places: dict[str, set[date]] = {}
    for model in (old, new):
        for fact in model.dated:
            places.setdefault(fact.by, set()).update(arm.first for arm in fact.arms)
        if model.in_force is not None:
            places.setdefault(model.in_force.by, set()).add(model.in_force.first)
    found = []
    # One date of a claim may lie in other rows than another.
    for row in product(*map(sorted, places.values())):
        on = dict(zip(places, row, strict=True))
        words = _words(old, on), _words(new, on)
        if words[0] is not None and words[1] is not None:
            found.append(Day(max(row), on, words[0], words[1]))
    for model in (new, old):
        within = [one for one in found if _in_force(model, one.on)]
        if within:
            found = within
            break
    different: dict[tuple[tuple[str, ...], tuple[str, ...]], Day] = {}
    for one in found:
        different.setdefault((tuple(one.old.values()), tuple(one.new.values())), one)
    return tuple(different.values())


def _words(model: Model, on: Mapping[str, date]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for fact in model.dated:
        word = fact.word(on[fact.by])
        if word is None:
            return None
        found[fact.name] = word
    return found


def _in_force(model: Model, on: Mapping[str, date]) -> bool:
    force = model.in_force
    return force is None or (force.first <= on[force.by] and (force.last is None or on[force.by] <= force.last))


def ruled(model: Model, words: Mapping[str, str]) -> Model:
    """The policy with the rules of one day: nothing follows from dates, and it is in force on every day."""

    amounts = tuple(replace(amount, expression=with_words(amount.expression, words)) for amount in model.amounts)
    return replace(
        model,
        in_force=None,
        dated=(),
        amounts=amounts,
        cost=with_words(model.cost, words),
        requirements=(),
        conformities=(),
        allowances=(),
        examples=(),
    )


def within_both(model: Model, other: Model) -> Model:
    """The policy with facts only as far as both policies allow them."""
    after = {fact.name: fact for fact in other.facts}

    def narrowed(fact: Fact) -> Fact:
        partner = after[fact.name]
        if isinstance(fact, MoneyFact | CountFact) and isinstance(partner, MoneyFact | CountFact):
            lowest, highest = max(fact.lowest, partner.lowest), min(fact.highest, partner.highest)
            return replace(fact, lowest=lowest, highest=highest)
        return fact

    return replace(model, facts=tuple(narrowed(fact) for fact in model.facts))
