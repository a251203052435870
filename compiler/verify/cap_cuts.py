"""Whether a cap ever cuts, shown by claims that were settled: one by itself, or many after one another.

A yearly or lifetime cap may need more claims, years or members of a family than the solver can be asked about at once.
That it cuts is shown by any history after which a claim is paid otherwise with a higher cap. What a cap looks at is
added up on the way, so only what stands behind it is settled, once for each state; in the end the claims that were
found are settled one after another, under both caps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from compiler.evaluate import (
    Claim,
    Ledger,
    LedgerKey,
    Settled,
    broken_rule,
    ledger_key,
    settle,
    value_of,
    with_dated_words,
)
from compiler.model import (
    CLAIM_NUMBER,
    Amount,
    Capped,
    Constant,
    Expression,
    FactInput,
    Model,
    PeriodKind,
    Sum,
    reads,
    rebuilt,
    totals_in,
)
from compiler.schedule import NoValueError
from compiler.verify.days import days_of
from compiler.verify.ground import narrowed
from compiler.verify.long_history import settled_in_turn
from compiler.verify.plans import MOST_SETTLED, best_first, plain_claims, plans
from dsl.money import DOMAIN_TOP

AT_ONCE = "a claim that it cuts, settled"
HIGHER = 1_000_000
MOST_ALONE = 8
"""How many claims are tried each by itself."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A cap of a policy, and what it takes to see whether it cuts a claim.

    amount  the amount in whose formula it stands
    policy  that amount and what it is computed from
    higher  the same with a cap more than twice as high
    whole   the same of all versions whose claims may be counted before; of a policy without versions `policy` itself
    behind  of `whole`, what comes before the amount: what its formula and its running totals read
    """

    amount: Amount
    policy: Model
    higher: Model
    whole: Model
    behind: Model


def cut_of(model: Model, name: str, cap: Capped) -> Cut:
    """What is asked of a cap in the formula of an amount."""
    policy = narrowed(model, frozenset({name}))
    whole = policy if model.among is None else narrowed(model.among, frozenset({name}))
    read = reads(policy.amount(name).expression) | reads(whole.amount(name).expression)
    return Cut(policy.amount(name), policy, _with_higher(policy, cap), whole, narrowed(whole, read))


def lasts(cut: Cut) -> bool:
    """Whether the cap looks at what is added up over a lifetime."""
    return any(total.period.kind is PeriodKind.LIFETIME for total in totals_in(cut.amount.expression))


def is_reached_at_once(cut: Cut) -> bool:
    """Whether one of a few claims, each by itself, is paid otherwise with a higher cap."""
    first = {name: days[0] for name, days in days_of(cut.policy).items()}
    alone = ({**facts, **first, CLAIM_NUMBER: "1"} for facts in islice(plain_claims(cut.policy), MOST_ALONE))
    return any(_differs(cut, claim, {}) for claim in alone)


def is_ever_reached(cut: Cut) -> bool:
    """Whether after some plain history a claim is paid otherwise with a higher cap."""
    totals = totals_in(cut.amount.expression)
    first = {name: days[0] for name, days in days_of(cut.policy).items()}

    def pays(facts: Mapping[str, FactInput]) -> int:
        outcome, _ = settle(cut.higher, {**facts, **first, CLAIM_NUMBER: "1"}, {})
        return outcome.amounts[cut.amount.name] if isinstance(outcome, Settled) else 0

    tried = best_first(cut.policy, pays)
    effort = iter(range(MOST_SETTLED))
    return any(_is_reached(cut, plan.claims(facts), effort) for facts in tried for plan in plans(cut.whole, totals))


def _is_reached(cut: Cut, history: Iterable[Claim], effort: Iterator[int]) -> bool:
    """Whether a claim of this history is cut: of those that add something, ever fewer, and the last of every period."""
    totals = totals_in(cut.amount.expression)
    added = tuple(total.amount for total in totals)
    sums: dict[LedgerKey, int] = {}
    claims: list[Claim] = []
    adding: list[Claim] = []
    last: tuple[Claim, Mapping[str, int], Ledger] | None = None
    keys: tuple[LedgerKey, ...] = ()
    count = 0

    def is_cut() -> bool:
        if last is None or not _seems_cut(cut, *last):
            return False
        until = claims[: claims.index(last[0]) + 1]
        return any(_is_shown(cut, before, last[0]) for before in (adding, until))

    for step in settled_in_turn(cut.behind, history, added, effort):
        claim, amounts = step.claim, step.amounts
        claims.append(claim)
        if totals and not any(amounts[name] for name in added):
            continue
        here = tuple(ledger_key(total, claim) for total in totals)
        if here != keys and is_cut():
            return True
        count = count + 1 if here == keys else 1
        keys = here
        before = {key: sums.get(key, 0) for key in here}
        sums.update((key, before[key] + amounts[total.amount]) for total, key in zip(totals, here, strict=True))
        if any(sums[key] > DOMAIN_TOP for key in here):
            return False
        adding.append(claim)
        last = (claim, amounts, before)
        if count & (count - 1) == 0 and is_cut():
            return True
    return is_cut()


def _seems_cut(cut: Cut, claim: Claim, amounts: Mapping[str, int], before: Ledger) -> bool:
    """Whether the formula with the cap comes to something else with a higher one, after these totals."""
    if broken_rule(cut.policy, claim) is not None:
        return False
    worded = with_dated_words(cut.policy, claim)
    formulas = (cut.amount.expression, cut.higher.amount(cut.amount.name).expression)
    try:
        as_it_is, higher = (value_of(formula, worded, amounts, before) for formula in formulas)
    except NoValueError:
        return False
    return as_it_is != higher


def _is_shown(cut: Cut, claims: Iterable[Claim], last: Claim) -> bool:
    """Whether the last claim is paid otherwise with a higher cap, after all of these but itself have been settled."""
    ledger: Ledger = {}
    for claim in claims:
        if claim is not last:
            outcome, ledger = settle(cut.whole, claim, ledger)
            if not isinstance(outcome, Settled):
                return False
    return _differs(cut, last, ledger)


def _differs(cut: Cut, claim: Claim, ledger: Ledger) -> bool:
    outcome, other = settle(cut.policy, claim, ledger)[0], settle(cut.higher, claim, ledger)[0]
    return isinstance(outcome, Settled) and isinstance(other, Settled) and outcome.amounts != other.amounts


def _with_higher(model: Model, cap: Capped) -> Model:
    higher = replace(cap, cap=Sum((cap.cap, cap.cap, Constant(HIGHER, cap.span)), cap.span))

    def change(node: Expression) -> Expression:
        return higher if node == cap and node.span == cap.span else node

    amounts = tuple(replace(amount, expression=rebuilt(amount.expression, change)) for amount in model.amounts)
    return replace(model, amounts=amounts)
