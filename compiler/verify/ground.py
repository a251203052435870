"""What the checks build on: the model, what earlier checks have found, and the contracts of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.findings import Finding, NotAsked, Proved, Unknown
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    ByCategory,
    Choice,
    Expression,
    FactValue,
    Model,
    MoneyFact,
    Schedule,
    TotalSoFar,
    children,
    reads,
    sources,
    walk,
)
from compiler.verify.contract import Contract, category_facts, contract, cut_nodes
from dsl.money import DOMAIN_TOP

LACKING = ("TP101", "TP102", "TP104", "TP105")
"""The checks without which an amount may have no value. What is then said of the amount would be said of nothing."""

SWEEP = "integer sweep, neighbours certified"
"""The name of the method: ends sorted and compared as whole numbers, then confirmed by the solver in one question."""

ENDS = "integer sweep"
"""The name of the method: ends compared as whole numbers, exact by itself; the solver is not asked."""

ENUMERATED = "every combination of words looked up"
"""The name of the method: whatever words a claim has, there is a value for them."""

OF_NO_CLAIM = (SWEEP, ENDS, ENUMERATED)
"""The methods that ask nothing of claims, and so nothing of what was settled before them."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The model and what is known of it so far.

    waiting    amounts of which nothing more can be asked yet, with the code of the check that must hold first
    contracts  what each clause of one argument promises; empty until the clauses are known to have values
    """

    model: Model
    waiting: Mapping[str, str]
    contracts: Mapping[Expression, Contract]


def with_findings(ground: Ground, findings: tuple[Finding, ...]) -> Ground:
    """The ground after a check: amounts whose value is in doubt wait, and so does everything computed from them."""
    waiting = dict(ground.waiting)
    totalled = {total.amount for total in ground.model.running_totals}
    for finding in findings:
        code, subject = finding.property.code, finding.property.subject
        if isinstance(finding, Proved | NotAsked):
            continue
        for amount in ground.model.amounts:
            in_doubt = code in LACKING and subject in (amount.benefit, amount.name)
            # Totals are taken to be at least 0, which holds as long as nothing below 0 is ever added up.
            below_zero = code == "TP203" and amount.name in totalled and subject == amount.name
            if (in_doubt and has_clause(amount)) or below_zero:
                waiting.setdefault(amount.name, code)
    for amount in ground.model.amounts:
        for name in reads(amount.expression):
            if name in waiting:
                waiting.setdefault(amount.name, waiting[name])
    return replace(ground, waiting=waiting)


def with_contracts(ground: Ground) -> Ground:
    """The ground with the contracts of every layer that has values."""
    found: dict[Expression, Contract] = {}
    for amount in ground.model.amounts:
        if amount.name not in ground.waiting:
            for node in cut_nodes(amount):
                if node not in found:
                    found[node] = contract(ground.model, node)
    return replace(ground, contracts=found)


def without_doubt(model: Model, answers: Sequence[Finding], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """These findings, once all `answers` are known: whether clauses have values is asked of claims after totals from 0
    on, before TP203 shows that there are no others. Where it does not, what was proved of such claims waits for it.
    """
    shown = tuple(finding for finding in answers if finding.property.code == "TP203")
    ground = with_findings(Ground(model, {}, {}), shown)
    doubtful = [
        amount
        for amount in model.amounts
        if has_clause(amount) and waits_for(ground, reads(amount.expression)) is not None
    ]
    subjects = {subject for amount in doubtful for subject in (amount.benefit, amount.name)}
    return tuple(
        Unknown(finding.property, "waits for TP203")
        if finding.property.code in LACKING
        and finding.property.subject in subjects
        and isinstance(finding, Proved)
        and finding.method not in OF_NO_CLAIM
        else finding
        for finding in found
    )


def has_clause(amount: Amount) -> bool:
    """Whether the formula has a clause that may have no value."""
    return any(isinstance(node, Schedule | ByCategory) for node in walk(amount.expression))


def categories_behind(model: Model, names: frozenset[str]) -> tuple[str, ...]:
    """The category facts that decide about the amounts of these names, in the order of the policy."""
    behind = sources(model, names)
    read = {
        fact for amount in model.amounts if amount.name in behind for fact in category_facts(model, amount.expression)
    }
    return tuple(name for name in model.categories if name in read)


def waits_for(ground: Ground, names: frozenset[str]) -> str | None:
    """The code of the check that these amounts wait for; None where they have values."""
    for name in sorted(sources(ground.model, names)):
        if name in ground.waiting:
            return ground.waiting[name]
    return None


def narrowed(model: Model, names: frozenset[str]) -> Model:
    """The same policy with only the amounts of these names and what they are computed from."""
    behind = sources(model, names)
    return replace(model, amounts=tuple(amount for amount in model.amounts if amount.name in behind))


def stacked(model: Model) -> bool:
    """Whether several benefits follow on one another, so that the solver would have to look through all of them."""
    return len({amount.benefit for amount in model.amounts if amount.benefit is not None}) > 1


def model_for(ground: Ground, names: frozenset[str]) -> Model:
    """The model to ask about these amounts: a flaw of others must not make every statement about them true."""
    return narrowed(ground.model, names) if ground.waiting else ground.model


# Clauses --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause and the amount in whose formula it stands.

    words   those of the cells of tables that it stands in; claims with other words do not come to it
    always  every claim with these words comes to it
    """

    amount: Amount
    node: Expression
    always: bool
    words: Mapping[str, str]

    @property
    def subject(self) -> str:
        """What the drafter calls the place."""
        return self.amount.benefit or self.amount.name


def clauses(model: Model) -> Iterator[Clause]:
    """Every clause of every amount, once each."""
    for amount in model.amounts:
        found: dict[int, Clause] = {}
        for node, always, words in _nodes(amount.expression, True, {}):
            before = found.get(id(node))
            # A node that stands in two cells of a table is in neither of them alone.
            elsewhere = before is not None and before.words != words
            found[id(node)] = Clause(amount, node, False, {}) if elsewhere else Clause(amount, node, always, words)
        yield from found.values()


def _nodes(
    node: Expression, always: bool, words: Mapping[str, str]
) -> Iterator[tuple[Expression, bool, Mapping[str, str]]]:
    yield node, always, words
    if isinstance(node, ByCategory):
        for cell in node.cells:
            here = dict(zip(node.facts, cell.key, strict=True))
            never = any(words.get(fact, word) != word for fact, word in here.items())
            yield from _nodes(cell.value, always and not never, {**words, **here})
        return
    for child in children(node):
        yield from _nodes(child, always and not isinstance(node, Choice), words)


def schedules(model: Model) -> Iterator[tuple[Clause, Schedule]]:
    """Every band schedule with its place."""
    for clause in clauses(model):
        if isinstance(clause.node, Schedule):
            yield clause, clause.node


def range_of(model: Model, argument: Expression, amount: Amount) -> tuple[int, int] | None:
    """The whole amounts that an argument can have, every one of them, where that is plain to see; else None.

    Plain is a money fact, under whatever name it is handed on, and the running total of one.
    """
    match argument:
        case FactValue(name):
            fact = model.fact(name)
            others = [other for other in model.facts if isinstance(other, MoneyFact) and other.at_most == name]
            if isinstance(fact, MoneyFact) and fact.at_most is None and all(other.lowest == 0 for other in others):
                return fact.lowest, fact.highest
            return None
        case AmountValue(name):
            source = model.amount(name)
            return range_of(model, source.expression, source)
        case _:
            found = [node for node in walk(amount.expression) if isinstance(node, Accumulated)]
            if len(found) != 1 or not isinstance(argument, TotalSoFar):
                return None
            added = range_of(model, AmountValue(found[0].total.amount, amount.span), amount)
            if added is None or added[0] > 0:
                return None
            return (0, DOMAIN_TOP) if added[1] > 0 else (0, 0)
