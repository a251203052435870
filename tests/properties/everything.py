"""Everything that can be claimed of a small policy: every claim from an empty ledger, and after every other claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from compiler.evaluate import Claim, Ledger, Outcome, Settled, ledger_key, settle
from compiler.model import Amount, CategoryFact, Constant, CountFact, Model, MoneyFact, Role, sources
from compiler.verify.ground import narrowed
from compiler.verify.unknown import assumptions, has_unknown, model_at
from compiler.versions import merged


@dataclass(frozen=True, slots=True)
class Asked:
    """What the verifier is asked about.

    model     the policy, or a version of it as it is among the others
    versions  all of them, the model among them
    """

    model: Model
    versions: tuple[Model, ...]

    @property
    def whole(self) -> Model:
        """The policy with all its versions as one."""
        return self.model if len(self.versions) == 1 else merged(self.versions)

    def speaks_of(self, day: object) -> bool:
        """Whether a claim of this day is one of the version."""
        force = self.model.in_force
        assert isinstance(day, date)
        return force is None or (force.first <= day and (force.last is None or day <= force.last))

    def narrowed(self, *names: str) -> Asked:
        """The same with only these amounts and what they are computed from; other versions have what goes on in it."""
        wanted = sources(self.model, frozenset(names))
        return Asked(narrowed(self.model, wanted), tuple(_some_amount(narrowed(one, wanted)) for one in self.versions))


def _some_amount(model: Model) -> Model:
    """A version that has none of the amounts asked about computes nothing, but is there."""
    nothing = Amount("nothing", Role.NAMED, Constant(0, model.span), None, model.span)
    return model if model.amounts else replace(model, amounts=(nothing,))


@dataclass(frozen=True, slots=True)
class Tried:
    """One claim after one history: its facts, what came of it, and what the same person had received before.

    after   names the history and the value of unknown ratios: claims with the same one can be compared
    mixed   a claim of the history is of another version: the verifier may then say that it does not know
    """

    after: tuple[int, int]
    history: tuple[Claim, ...]
    claim: Claim
    outcome: Outcome
    received: int
    mixed: bool = False


DAYS = (date(2024, 1, 31), date(2024, 2, 1), date(2025, 1, 1))
"""In two months, policy years, calendar years and seasons of the small policies."""

Bill = tuple[int, int, str, date]
"""Cost, fund, kind and day."""


def claim_of(bill: Bill, number: int) -> Claim:
    cost, fund, kind, day = bill
    return {"claim": str(number), "person": "A", "discharged": day, "cost": cost, "fund": fund, "kind": kind}


def bills(model: Model) -> list[Bill]:
    """Everything that a claim can be."""
    kinds = next((fact.values for fact in model.facts if isinstance(fact, CategoryFact)), ("a",))
    days = DAYS if model.dated else (date(2024, 1, 1),)
    return [
        (cost, fund, kind, day)
        for kind in kinds
        for day in days
        for fund in amounts_of(model, "fund")
        for cost in amounts_of(model, "cost")
    ]


def amounts_of(model: Model, name: str) -> Sequence[int]:
    found = next((fact for fact in model.facts if fact.name == name), None)
    return range(found.lowest, found.highest + 1) if isinstance(found, MoneyFact | CountFact) else (0,)


def at_values(model: Model) -> tuple[Model, ...]:
    """The model for some values of its unknown ratios, high and low against one another; itself where it has none."""
    return (*assumptions(model), model_at(model, Fraction(1, 3))) if has_unknown(model) else (model,)


def everything(asked: Asked) -> tuple[Tried, ...]:
    """Every claim from an empty ledger, and every claim after every one of those, for each value of unknown ratios.

    Only claims of the version that is asked about; what is settled before them may be of another one.
    """
    values = enumerate(at_values(asked.whole))
    return tuple(one for number, known in values for one in _tried(known, number, asked.speaks_of))


def _tried(model: Model, number: int, speaks_of: Callable[[object], bool]) -> Iterator[Tried]:
    settle_bill = settling(model)
    claims = bills(model)
    after: list[tuple[Claim, Ledger, int]] = []
    for bill in claims:
        outcome, ledger = settle_bill(bill, {})
        claim = claim_of(bill, 1)
        if speaks_of(bill[3]):
            yield Tried((number, 0), (), claim, outcome, 0)
        if isinstance(outcome, Settled):
            after.append((claim, ledger, outcome.amounts.get("first", 0)))
    seen: dict[tuple[object, ...], None] = {}
    second = [(bill[3], bill, claim_of(bill, 2)) for bill in claims]
    for earlier, ledger, received in after if model.running_totals else ():
        state = (tuple(sorted(ledger.items())), received, earlier["kind"], earlier["discharged"])
        if state in seen:
            continue
        seen[state] = None
        first_day = earlier["discharged"]
        assert isinstance(first_day, date)
        for day, bill, claim in second:
            if first_day <= day and speaks_of(day):
                outcome = settle_bill(bill, ledger)[0]
                yield Tried((number, len(seen)), (earlier,), claim, outcome, received, not speaks_of(first_day))


def settling(model: Model) -> Callable[[Bill, Ledger], tuple[Outcome, Ledger]]:
    """The reference interpreter for one person's bills, asked only once about a bill after the same totals.

    A settlement reads nothing of the ledger but the claim's own totals, so histories that come to the same there give
    the same. The ledger that comes with an outcome is the one after the first of those histories.
    """
    known: dict[tuple[object, ...], tuple[Outcome, Ledger]] = {}
    keys = {
        day: [ledger_key(total, {"person": "A", total.date_fact: day}) for total in model.running_totals]
        for day in {bill[3] for bill in bills(model)}
    }

    def settle_bill(bill: Bill, ledger: Ledger) -> tuple[Outcome, Ledger]:
        state = (bill, *(ledger.get(key, 0) for key in keys[bill[3]]))
        if state not in known:
            known[state] = settle(model, claim_of(bill, 1), ledger)
        return known[state]

    return settle_bill
