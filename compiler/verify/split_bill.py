"""Bills in two parts and whole, settled by the reference interpreter: what TP205 shows, and what it finds by trying.

No solver. The second part is settled after the first, the whole in their place; both after what was settled before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from compiler.evaluate import Claim, Ledger, Settled, settle, value_of
from compiler.model import CLAIM_NUMBER, Benefit, CountFact, Model, MoneyFact
from compiler.verify.contract import cells
from compiler.verify.ground import stacked
from compiler.verify.halves import differing_halves
from compiler.verify.lowered import fewest, lowered
from compiler.verify.tried import lowest_claim
from compiler.verify.unknown import assumptions, has_unknown
from compiler.verify.witness import WitnessDoesNotReplay
from compiler.verify.words import ratio_note

MOST_TRIED = 4
"""In how many cells of a stack bills are settled before the solver is asked."""
MOST_UNITS, MOST_SPLITS = 12, 4_096
"""How many values of a fact, and how many splits, are tried where the solver gives up."""
MOST_LOWERED = 50
"""So many claims before a bill at most have their amounts lowered, all of them alike."""


@dataclass(frozen=True, slots=True)
class Question:
    """A benefit of a policy that has only what the benefit and the cost are computed from.

    bill       the facts that the parts of a bill add up to
    apart      amounts that add up, and how far they can be off, in minor units
    words      the categories that matter
    tolerance  what rounding may make of the payment, in minor units
    """

    model: Model
    benefit: Benefit
    bill: frozenset[str]
    apart: Mapping[str, Fraction]
    words: tuple[str, ...]
    tolerance: int


@dataclass(frozen=True, slots=True)
class Bill:
    """Two claims, the one that has what they have together, and the claims that were settled before."""

    first: Claim
    second: Claim
    whole: Claim
    before: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """A bill, with the cost of each part in minor units and what each way pays."""

    bill: Bill
    costs: tuple[int, int]
    paid: tuple[int, int]
    paid_whole: int
    note: str


def shown(question: Question, bill: Bill) -> Split:
    """The bill, settled, and as small as it goes. Raises `WitnessDoesNotReplay` where its parts make no difference."""
    if not _is_split(question, bill) or replay(question, bill) is None:
        raise WitnessDoesNotReplay(f"{question.model.id}: {bill}")
    found = replay(question, _smaller(question, _after_less(question, bill)))
    assert found is not None
    return found


def replay(question: Question, bill: Bill) -> Split | None:
    """The bill, settled; None where a claim is not, a part costs nothing, or the parts make no difference."""
    ledger = _ledger_after(question.model, bill.before)
    return None if ledger is None else _settled(question, bill, ledger)


def _ledger_after(model: Model, claims: Sequence[Claim]) -> Ledger | None:
    """The running totals after these claims; None where one of them is not settled."""
    ledger: Ledger = {}
    for claim in claims:
        outcome, ledger = settle(model, claim, ledger)
        if not isinstance(outcome, Settled):
            return None
    return ledger


def _settled(question: Question, bill: Bill, before: Ledger) -> Split | None:
    model, name = question.model, question.benefit.name
    first, ledger = settle(model, bill.first, before)
    claims = (bill.first, bill.second, bill.whole)
    outcomes = (first, settle(model, bill.second, ledger)[0], settle(model, bill.whole, before)[0])
    amounts = [outcome.amounts for outcome in outcomes if isinstance(outcome, Settled)]
    if len(amounts) < len(claims):
        return None
    paid = [each[name] for each in amounts]
    costs = [int(value_of(model.cost, claim, each, {})) for claim, each in zip(claims, amounts, strict=True)]
    if abs(paid[0] + paid[1] - paid[2]) <= question.tolerance or min(costs[:2]) <= 0:
        return None
    return Split(bill, (costs[0], costs[1]), (paid[0], paid[1]), paid[2], ratio_note(model))


def _is_split(question: Question, bill: Bill) -> bool:
    """Every fact of the bill adds up, and every other one but the claim number is the same."""
    for fact in question.model.facts:
        one, other, both = (claim.get(fact.name) for claim in (bill.first, bill.second, bill.whole))
        if fact.name in question.bill:
            if not (isinstance(one, int) and isinstance(other, int) and one + other == both):
                return False
        elif not one == other == both:
            return False
    return True


# As small as it goes --------------------------------------------------------------------------------


def _after_less(question: Question, bill: Bill) -> Bill:
    """The bill after as few claims as show it; if they are few and alike, after as small ones."""

    def shows(before: tuple[Claim, ...]) -> bool:
        return replay(question, replace(bill, before=before)) is not None

    before = fewest(bill.before, shows)
    numbers = [fact for fact in question.model.facts if isinstance(fact, MoneyFact | CountFact)]

    def with_amounts(amounts: tuple[int, ...]) -> tuple[Claim, ...]:
        same = dict(zip((fact.name for fact in numbers), amounts, strict=True))
        return tuple({**claim, **same} for claim in before)

    if 0 < len(before) <= MOST_LOWERED:
        amounts = [_amount(before[0], fact.name) for fact in numbers]
        before = with_amounts(lowered(amounts, [fact.lowest for fact in numbers], lambda one: shows(with_amounts(one))))
    return replace(bill, before=before)


def _smaller(question: Question, bill: Bill) -> Bill:
    """Parts that still show it, of which none can have a unit less of any fact; the halves of that bill if they do."""
    facts = [fact for fact in question.model.facts if isinstance(fact, MoneyFact | CountFact)]
    stated = [fact for fact in facts if fact.name in question.bill]
    rest = [fact for fact in facts if fact.name not in question.bill]
    ledger = _ledger_after(question.model, bill.before)
    assert ledger is not None

    def bill_of(numbers: tuple[int, ...]) -> Bill:
        count = len(stated)
        parts = [dict(zip((fact.name for fact in stated), numbers[at:], strict=False)) for at in (0, count)]
        same = dict(zip((fact.name for fact in rest), numbers[2 * count :], strict=True))
        whole = {name: parts[0][name] + parts[1][name] for name in parts[0]}
        first, second = (
            {**claim, **part, **same} for claim, part in zip((bill.first, bill.second), parts, strict=True)
        )
        return replace(bill, first=first, second=second, whole={**bill.whole, **whole, **same})

    def shows(numbers: tuple[int, ...]) -> bool:
        return _settled(question, bill_of(numbers), ledger) is not None

    numbers = [_amount(claim, fact.name) for claim in (bill.first, bill.second) for fact in stated]
    numbers += [_amount(bill.whole, fact.name) for fact in rest]
    found = lowered(numbers, [fact.lowest for fact in (*stated, *stated, *rest)], shows)
    sizes = [_amount(bill_of(found).whole, fact.name) for fact in stated]
    halves = (*(size // 2 for size in sizes), *(size - size // 2 for size in sizes), *found[2 * len(stated) :])
    return bill_of(halves if shows(halves) else found)


def _amount(claim: Claim, name: str) -> int:
    value = claim[name]
    assert isinstance(value, int)
    return value


# Found by trying ------------------------------------------------------------------------------------


def by_halves(question: Question) -> Split | None:
    """In a stack: a bill of one fact that its halves show to depend on a split, found by settling claims."""
    model, name = question.model, question.benefit.name
    if not stacked(model) or len(question.bill) > 1 or has_unknown(model):
        return None
    for cell in cells(model, question.words)[:MOST_TRIED]:
        claims = differing_halves(model, name, cell, question.tolerance)
        if claims is not None and _is_split(question, Bill(*claims)) and replay(question, Bill(*claims)) is not None:
            return shown(question, Bill(*claims))
    return None


def by_trying(question: Question) -> Split | None:
    """A bill of few units, settled in two parts and whole: a split that the solver did not find in its time."""
    model = question.model
    for known in assumptions(model) if has_unknown(model) else (model,):
        about = replace(question, model=known)
        for cell in cells(known, question.words)[:MOST_TRIED]:
            claim = lowest_claim(known, cell)
            for bill in () if claim is None else _small_bills(about, claim):
                if replay(about, bill) is not None:
                    return shown(about, bill)
    return None


def _small_bills(question: Question, claim: Claim) -> Iterator[Bill]:
    """Two parts and the whole, every fact of theirs a few units above its lowest; the smallest first."""
    facts = [fact for fact in question.model.facts if isinstance(fact, MoneyFact | CountFact)]
    stated = [fact for fact in facts if fact.name in question.bill]
    lowest = [fact.lowest for fact in (*stated, *stated)]
    rest = [fact for fact in facts if fact.name not in question.bill]
    count = len(lowest) + len(rest)
    few = next(size for size in range(MOST_UNITS, 0, -1) if size**count <= MOST_SPLITS or size == 1)
    for above in sorted(product(range(few), repeat=count), key=sum):
        values = [low + more for low, more in zip((*lowest, *(fact.lowest for fact in rest)), above, strict=True)]
        one, other = (dict(zip((fact.name for fact in stated), values[at:], strict=False)) for at in (0, len(stated)))
        same = dict(zip((fact.name for fact in rest), values[len(lowest) :], strict=True))
        whole = {name: one[name] + other[name] for name in one}
        yield Bill({**claim, **same, **one}, {**claim, **same, **other, CLAIM_NUMBER: "2"}, {**claim, **same, **whole})
