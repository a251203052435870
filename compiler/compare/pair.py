"""Two policies by the rules of one day, and claims settled under both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from compiler.compare.decides import behind_all, words_by
from compiler.compare.one_fact import raised
from compiler.compare.ratios import at_the, one_way, rises_with_each, same_unknown
from compiler.compare.result import ALL_BENEFITS, Extreme, History
from compiler.compare.worded import with_words
from compiler.evaluate import Claim, Ledger, Settled, broken_rule, settle
from compiler.model import (
    CLAIM_NUMBER,
    OWN_SHARE,
    CategoryFact,
    CountFact,
    DateFact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
    reads,
)
from compiler.verify.unknown import has_unknown

NOT_BETWEEN = ", and what lies between was not asked"


@dataclass(frozen=True, slots=True)
class Pair:
    """The two policies with the rules of one day, every ratio known, and the names of what is compared.

    old, new  with what is asked in mind: a fact may go further than in a claim, where all of a period are one
    policies  the two as they are, of what both allow: they settle every claim that is shown
    day       of the dates that no rules go by
    on        of each date that rules go by
    """

    old: Model
    new: Model
    policies: tuple[Model, Model]
    day: date
    on: Mapping[str, date]
    benefits: tuple[str, ...]

    @property
    def turned(self) -> Pair:
        """The two in each other's place."""
        return replace(self, old=self.new, new=self.old, policies=self.policies[::-1])

    def date_of(self, fact: str) -> date:
        """The day of a date fact."""
        return self.on.get(fact, self.day)

    @property
    def cells(self) -> list[dict[str, str]]:
        """Every combination of words that either policy goes by."""
        facts = words_by(self.old, self.new)
        return [dict(zip(facts, words, strict=True)) for words in product(*facts.values())]

    @property
    def whole(self) -> str:
        """The name of the sum of the benefits."""
        return ALL_BENEFITS if len(self.benefits) > 1 else self.benefits[0]


def same(pair: Pair) -> bool:
    """Both policies compute everything in the same way, so nothing can differ after any history."""
    return same_for(pair, {})


def same_for(pair: Pair, words: Mapping[str, str]) -> bool:
    """Both compute everything in the same way of claims with these words, after the same running totals."""
    return _formulas(pair.old, words) == _formulas(pair.new, words) and pair.old.benefits == pair.new.benefits


def _formulas(model: Model, words: Mapping[str, str]) -> object:
    wanted = behind_all(model)
    formulas = [(one.name, with_words(one.expression, words)) for one in model.amounts if one.name in wanted]
    return with_words(model.cost, words), formulas


def same_cost(pair: Pair, level: frozenset[str]) -> bool:
    """Whether the cost that benefits share is the same: a formula of facts and of amounts that are level."""
    amounts = {amount.name for model in (pair.old, pair.new) for amount in model.amounts}
    return pair.old.cost == pair.new.cost and (reads(pair.old.cost) & amounts) <= level


def remembers(pair: Pair) -> bool:
    """Whether what was settled before can make a difference between the two."""
    return not same(pair) and any(model.running_totals for model in (pair.old, pair.new))


def periods_differ(pair: Pair) -> str:
    """Where the two count over different periods or for different keys: a first claim says nothing of later ones."""
    before, after = (
        {(total.key, total.date_fact, total.period.label) for total in model.running_totals}
        for model in (pair.old, pair.new)
    )
    gone, come = (
        " and ".join(sorted(f"per {key} per {period} by {day}" for key, day, period in one))
        for one in (before - after, after - before)
    )
    return "" if gone == come else f"later claims: what was counted {gone or 'in no period'} is now {come or 'not'}"


def with_known_ratios(pair: Pair) -> Iterator[tuple[str, Pair]]:
    """The pair with every ratio known: both ends of what is not known, the worse one for the new policy first."""
    unknown = [has_unknown(model) for model in (pair.old, pair.new)]
    if not any(unknown) or same(pair):
        yield "", pair
        return
    surely = all(rises_with_each(model) for model in (pair.old, pair.new))
    if same_unknown(pair.old, pair.new):
        # One ratio, the same before and after: it is at the same end in both.
        rest = "" if surely and one_way(pair.old, pair.new) else NOT_BETWEEN
        for most in (True, False):
            words = f"the ratio that both policies leave unknown is the {'most' if most else 'least'} it can be"
            yield f"{words}{rest}", replace(pair, old=at_the(pair.old, most), new=at_the(pair.new, most))
        return
    for better in (False, True):
        old, new = at_the(pair.old, not better), at_the(pair.new, better)
        ends = [
            f"the unknown ratio of the {name} policy is the {'most' if most else 'least'} it can be"
            for name, here, most in (("old", unknown[0], not better), ("new", unknown[1], better))
            if here
        ]
        yield " and ".join(ends) + ("" if surely else NOT_BETWEEN), replace(pair, old=old, new=new)


# Replay -----------------------------------------------------------------------------------------------


def shown(pair: Pair, cell: Mapping[str, str], facts: Mapping[str, object], name: str, by: int, way: int) -> Extreme:
    """A claim settled under both policies by the reference interpreter; it must show what was found.

    One that is rejected by itself must be what all claims of a period are together.
    """
    given = {key: value for key, value in facts.items() if isinstance(value, int | str)}
    claim = claim_of(pair, cell, given)
    alone = raised(pair.policies[0], dict(claim))
    single = all(broken_rule(policy, alone) is None for policy in pair.policies)
    assert single or pair.old.facts != pair.policies[0].facts, f"{claim} is rejected"
    old, new = (_amount(model, alone if single else claim, name) for model in (pair.old, pair.new))
    gained = (new - old) * (-1 if name == OWN_SHARE else 1)
    assert gained == by * way, f"{name}: {claim} gives {gained}, not {by * way}"
    return Extreme(by, alone, old, new, single)


def _amount(model: Model, claim: Claim, name: str) -> int:
    outcome, _ = settle(model, claim, {})
    assert isinstance(outcome, Settled), f"{model.id}: {claim} is not settled: {outcome}"
    match name:
        case "own_share":
            return outcome.amounts[OWN_SHARE]
        case "all benefits":
            return all_benefits(model, outcome.amounts)
        case _:
            return outcome.amounts.get(name, 0)


def all_benefits(model: Model, amounts: Mapping[str, int]) -> int:
    """What all benefits come to."""
    return sum(amounts[benefit.name] for benefit in model.benefits)


def replayed(pair: Pair, claims: Sequence[Claim]) -> History | None:
    """Claims settled one after another under both policies, each by the rules of its own days.

    None where either rejects one of them, or has no value for it: such claims show nothing.
    """
    rows: list[tuple[int, ...]] = []
    for model in pair.policies:
        ledger: Ledger = {}
        row: list[int] = []
        for claim in claims:
            outcome, ledger = settle(model, claim, ledger)
            if not isinstance(outcome, Settled):
                return None
            row.append(all_benefits(model, outcome.amounts))
        rows.append(tuple(row))
    old_row, new_row = rows
    return History(tuple(claims), old_row, new_row)


def claim_of(pair: Pair, cell: Mapping[str, str], given: Mapping[str, FactInput], number: str = "1") -> Claim:
    """A claim with the facts given; amounts that do not matter are as small as they can be."""
    claim: dict[str, FactInput | None] = {CLAIM_NUMBER: number}
    for fact in pair.old.facts:
        match fact:
            case IdentifierFact(name):
                claim[name] = "A"
            case DateFact(name):
                claim[name] = pair.date_of(name)
            case CategoryFact(name, words):
                claim[name] = cell.get(name, given.get(name, words[0]))
            case MoneyFact(name, lowest) | CountFact(name, lowest):
                claim[name] = given.get(name, lowest)
    return raised(pair.old, claim)
