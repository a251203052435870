"""What decides about the amounts of two policies: the amounts, counts and words that they read."""

from __future__ import annotations

from dataclasses import replace

from compiler.compare.one_fact import reach
from compiler.model import (
    OWN_SHARE,
    Accumulated,
    AmountValue,
    Expression,
    FactValue,
    Model,
    MoneyFact,
    reads,
    sources,
    walk,
    words_read,
)
from dsl.money import DOMAIN_TOP


def behind_all(model: Model) -> frozenset[str]:
    """The facts and amounts that benefits and cost are computed from, themselves included."""
    return sources(model, frozenset(benefit.name for benefit in model.benefits) | reads(model.cost))


def narrowed(model: Model) -> Model:
    """The policy without named amounts that nothing is paid by."""
    wanted = behind_all(model) | {OWN_SHARE}
    return replace(model, amounts=tuple(amount for amount in model.amounts if amount.name in wanted))


def only_fact(old: Model, new: Model) -> str | None:
    """The one amount or count that everything is computed from; None where there are several."""
    found = facts_read(old, new)
    return next(iter(found)) if len(found) == 1 else None


def facts_read(old: Model, new: Model) -> frozenset[str]:
    """The amounts and counts that something is computed from under either policy."""
    read = behind_all(old) | behind_all(new)
    return frozenset(fact.name for fact in new.facts if fact.name in read)


def words_by(old: Model, new: Model) -> dict[str, tuple[str, ...]]:
    """The category facts that either policy reads, with their words, in the order of the new policy."""
    read: set[str] = set()
    for model in (old, new):
        wanted = behind_all(model)
        formulas = (amount.expression for amount in model.amounts if amount.name in wanted)
        read.update(word for formula in (model.cost, *formulas) for word in words_read(formula))
    return {name: words for name, words in new.categories.items() if name in read}


def adds_up(model: Model, fact: str) -> bool:
    """Whether every benefit is `f(S) - f(P)` of the running total of that fact itself."""
    formulas = {amount.name: amount.expression for amount in model.amounts}

    def is_fact(node: Expression) -> bool:
        return is_fact(formulas[node.name]) if isinstance(node, AmountValue) else node == FactValue(fact, node.span)

    return is_fact(model.cost) and all(
        isinstance(formula, Accumulated)
        and is_fact(formulas[formula.total.amount])
        and not any(isinstance(node, FactValue | AmountValue) for node in walk(formula.body))
        for formula in (formulas[benefit.name] for benefit in model.benefits)
    )


def every_total(model: Model, fact: str) -> bool:
    """Whether claims can come to every total of an amount, from what one of them is at least."""
    lowest, highest = reach(model, fact)
    return isinstance(model.fact(fact), MoneyFact) and 2 * lowest <= highest + 1


def words_of_claims(model: Model, name: str) -> frozenset[str]:
    """The words that an amount over a running total goes by and that can differ between claims of a period.

    Where there are none all claims of a period have the same f.
    """
    dated = {fact.name: fact for fact in model.dated}
    return frozenset(
        word
        for amount in model.amounts
        if amount.name == name and isinstance(amount.expression, Accumulated)
        for word in words_read(amount.expression)
        if word not in dated or not dated[word].same_within(amount.expression.total)
    )


def widened(model: Model, fact: str) -> Model:
    """The policy for claims as large as a whole period's."""
    facts = tuple(
        replace(one, highest=DOMAIN_TOP, at_most=None) if isinstance(one, MoneyFact) and one.name == fact else one
        for one in model.facts
    )
    return replace(model, facts=facts)
