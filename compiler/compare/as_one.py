"""Two policies as one Model with a category for which of them holds: what is known of two words is then known of them.

It is asked as of two people with the same bills, one of whom has the new policy (`compiler/verify/received.py`). This
loads the solver, so it is imported where nothing simpler will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from compiler.compare.decides import words_by
from compiler.compare.pair import Pair, replayed
from compiler.compare.result import History
from compiler.evaluate import Claim
from compiler.model import (
    Amount,
    AmountValue,
    ByCategory,
    CategoryFact,
    Cell,
    Constant,
    Expression,
    FactValue,
    InForce,
    Model,
    Role,
    Rounded,
    Sum,
    rebuilt,
)
from compiler.verify.equal import never_below_zero
from compiler.verify.prove import Holds
from compiler.verify.received import never_behind
from compiler.verify.two_people import Less, People, less_received
from compiler.versions import VERSION, merged, version_mistakes, word_of

RECEIVED = "all.benefits"
WITH_SLACK = "all.benefits.slack"
"""What all benefits come to; and with so much more under the new policy that rounding cannot be why it is less."""

MOST_ROWS = 9
"""With more combinations of words in two claims the solver is asked for all of them at once."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Both policies of a pair as one Model, and the words of the new one and of the old one."""

    model: Model
    people: People


def joined(pair: Pair, slack: int) -> Joined | None:
    """The pair as one Model; None where their amounts follow on one another in no common order."""
    total = next(total for model in (pair.old, pair.new) for total in model.running_totals)
    sides = [
        replace(_plain(model), in_force=InForce(date(year, 1, 1), date(year, 12, 31), total.date_fact, model.span))
        for model, year in ((pair.old, 2000), (pair.new, 2001))
    ]
    if version_mistakes(sides):
        return None
    both = merged(sides)
    old, new = map(word_of, sides)
    span = both.span
    paid: Expression = Sum(tuple(AmountValue(benefit.name, span) for benefit in both.benefits), span)
    more = ByCategory(
        (VERSION,), tuple(Cell((word,), Constant(by, span), span) for word, by in ((old, 0), (new, slack))), span
    )
    totals = (
        Amount(RECEIVED, Role.NAMED, paid, None, span),
        Amount(WITH_SLACK, Role.NAMED, Sum((AmountValue(RECEIVED, span), more), span), None, span),
    )
    facts = (*both.facts, CategoryFact(VERSION, (old, new), span))
    model = replace(both, in_force=None, dated=(), facts=facts, amounts=(*both.amounts, *totals))
    return Joined(model, People(VERSION, new, old))


def _plain(model: Model) -> Model:
    """The policy without roundings of what is whole already, which a period would not add up through."""

    def change(node: Expression) -> Expression:
        match node:
            case Rounded(FactValue() | AmountValue() as value, _, 1):
                return value
            case _:
                return node

    amounts = (replace(amount, expression=rebuilt(amount.expression, change)) for amount in model.amounts)
    return replace(model, amounts=tuple(amounts))


def never_less_over_a_period(one: Joined) -> bool:
    """Whether it is shown that over a period the new policy never pays less in all."""
    if not never_below_zero(one.model, RECEIVED):
        return False
    return isinstance(never_behind(one.model, one.people, RECEIVED), Holds)


def two_claims_for_less(one: Joined, pair: Pair) -> History | None:
    """Two claims for which the new policy pays less in all, by more than rounding makes; None where none were found."""
    facts = words_by(pair.old, pair.new)
    cells = [dict(zip(facts, words, strict=True)) for words in product(*facts.values())]
    rows: Sequence[Sequence[Mapping[str, str]]] = list(product(cells, repeat=2))
    for row in rows if len(rows) <= MOST_ROWS else [({}, {})]:
        found = less_received(one.model, one.people, WITH_SLACK, row)
        if isinstance(found, Less):
            return _shown(pair, found.claims)
    return None


def _shown(pair: Pair, claims: Sequence[Claim]) -> History | None:
    """The claims settled under both policies, on the day of the pair if that shows it too."""
    dates = {total.date_fact for model in (pair.old, pair.new) for total in model.running_totals}
    plain: list[Claim] = [{name: value for name, value in claim.items() if name != VERSION} for claim in claims]
    same_day: list[Claim] = [{**claim, **{fact: pair.date_of(fact) for fact in dates}} for claim in plain]
    for row in (same_day, plain):
        history = replayed(pair, row)
        if history is not None and history.gained < 0:
            return history
    return None
