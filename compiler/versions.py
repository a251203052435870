"""Several versions of one policy, each in force on days of its own, as one Model.

The date that puts a claim under a version becomes a category, and every formula that differs a table by it. So running
totals go on from one version to the next, and one calculator settles the claims of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from compiler.caps import has_cap, is_counted, with_steps
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    ByCategory,
    Capped,
    Cell,
    Constant,
    DateArm,
    DatedFact,
    Expression,
    InForce,
    Model,
    PeriodBound,
    Requirement,
    Role,
    RunningTotal,
    children,
    rebuilt,
    walk,
)
from dsl.diagnostics import Diagnostic, Label
from dsl.source import Span

VERSION = "in.force"
"""The name of the dated category that tells versions apart; no name that a drafter chooses has a dot."""


def version_mistakes(models: Sequence[Model]) -> tuple[Diagnostic, ...]:
    """What keeps models of one id from being versions of one policy (TP207): dates that overlap or leave a hole, facts
    that differ, amounts that depend on one another the other way round."""
    undated = [model for model in models if model.in_force is None]
    if undated:
        return (Diagnostic("TP207", (Label(undated[0].span, "begins"),), variant="undated"),)
    ordered = in_order(models)
    found: list[Diagnostic] = []
    for before, after in pairwise(ordered):
        earlier, later = _force(before), _force(after)
        labels = (Label(later.span, "begins"), Label(earlier.span, "ends"))
        if earlier.last is None or later.first <= earlier.last:
            found.append(Diagnostic("TP207", labels, (("day", later.first.isoformat()),), variant="versions"))
        elif later.first > earlier.last + timedelta(days=1):
            hole = (earlier.last + timedelta(days=1)).isoformat()
            until = (later.first - timedelta(days=1)).isoformat()
            params = (("first", hole), ("last", until))
            found.append(Diagnostic("TP207", labels, params, "versions_hole"))
        found += _other_claims(before, after)
    if _names_in_order(ordered) is None:
        found.append(Diagnostic("TP207", (Label(ordered[-1].span, "here"),), variant="order"))
    return tuple(found)


def _other_claims(before: Model, after: Model) -> Iterator[Diagnostic]:
    """Where two versions do not settle the same claims: a fact, the currency, the deciding date."""

    def differs(variant: str, here: Span, other: Span, name: str = "") -> Diagnostic:
        return Diagnostic("TP207", (Label(here, "here"), Label(other, "other")), (("name", name),), variant)

    then, now = {fact.name: fact for fact in before.facts}, {fact.name: fact for fact in after.facts}
    alone = [name for name in (*now, *then) if (name in now) != (name in then)]
    changed = [name for name in now if name in then and now[name] != then[name]]
    if alone:
        here, other = now.get(alone[0], after).span, then.get(alone[0], before).span
        yield differs("fact_alone", here, other, alone[0])
    elif changed:
        yield differs("fact", now[changed[0]].span, then[changed[0]].span, changed[0])
    elif before.facts != after.facts:
        yield differs("fact_order", after.facts[0].span, before.facts[0].span)
    if before.currency != after.currency:
        yield differs("currency", after.span, before.span)
    if _force(before).by != _force(after).by:
        yield differs("by", _force(after).span, _force(before).span)


def in_order(models: Sequence[Model]) -> tuple[Model, ...]:
    """Versions by the day on which they come into force."""
    return tuple(sorted(models, key=lambda model: _force(model).first))


def matched(models: Sequence[Model]) -> tuple[Model, ...]:
    """The versions of one policy, which have no mistakes, each as it is among the others; in the order given.

    A cap that changes, or what it cuts, within a period that two versions share counts payments in all of them. What a
    policy requires of a period is asked of all its versions together. A version whose running totals go on from others
    has all of them as one (`Model.among`): it does not begin its periods with nothing.
    """
    if len(models) == 1:
        return tuple(models)
    found = tuple(with_steps(model, _counted_in_all(models)) for model in models)
    asked = [tuple(_asked_among(found, model, one) for one in model.requirements) for model in found]
    among = tuple(
        replace(model, requirements=of, among=_among(found, model)) for model, of in zip(found, asked, strict=True)
    )
    return tuple(replace(model, capped_on=_capped_later(among, model)) for model in among)


def _capped_later(versions: Sequence[Model], model: Model) -> tuple[str, ...]:
    """The running totals of a version that a later one goes on with and caps."""
    own = {total.name for total in model.running_totals}
    later = [other for other in versions if _force(other).first > _force(model).first]
    capped = [
        (other, node.total)
        for other in later
        for amount in other.amounts
        for node in walk(amount.expression)
        if isinstance(node, Accumulated) and any(isinstance(inner, Capped) for inner in walk(node.body))
    ]
    found = (total.name for other, total in capped if total.name in own and goes_on(other, total))
    return tuple(dict.fromkeys(found))


def goes_on(model: Model, total: RunningTotal) -> bool:
    """Whether claims of other versions may be counted in a running total before a claim of this version.

    They are if the version begins within a period of the total, or if the date that puts a claim under a version is not
    the one that orders claims.
    """
    if model.among is None:
        return False
    version = next(fact for fact in model.among.dated if fact.name == VERSION)
    if version.by != total.date_fact or model.in_force is None:
        return True
    first = model.in_force.first
    if first == version.arms[0].first:
        return False
    return total.period.name_of(first) == total.period.name_of(first - timedelta(days=1))


def word_of(model: Model) -> str:
    """The word of the category VERSION for a version."""
    return _force(model).first.isoformat()


def _asked_among(versions: Sequence[Model], asking: Model, requirement: Requirement) -> Requirement:
    """A requirement of a version, with the versions whose claims can come before one of its own.

    Where the date that sums go by is the one that selects the version, no claim of a later version can.
    """
    if not isinstance(requirement, PeriodBound):
        return requirement
    before = _before(versions, asking, requirement.total)
    return replace(requirement, across=merged(before)) if len(before) > 1 else requirement


def _among(versions: Sequence[Model], model: Model) -> Model | None:
    """The version and those whose claims can come before one of its own, if they are counted in a total of it."""
    before = [one for one in versions if any(one in _before(versions, model, total) for total in model.running_totals)]
    among = replace(model, among=merged(before) if len(before) > 1 else None)
    return among.among if any(goes_on(among, total) for total in model.running_totals) else None


def _before(versions: Sequence[Model], asking: Model, total: RunningTotal) -> tuple[Model, ...]:
    """The versions whose claims can come before one of a version in the order that a total goes by, and itself."""
    force = _force(asking)
    in_turn = total.date_fact == force.by
    return tuple(model for model in versions if not in_turn or _force(model).first <= force.first)


def _counted_in_all(models: Sequence[Model]) -> frozenset[str]:
    """The amounts whose caps are steps of their own in some version, or must be because versions share a period."""
    version = _version(in_order(models))
    found: set[str] = set()
    for name in {amount.name for model in models for amount in model.amounts}:
        formulas = [amount.expression for model in models for amount in model.amounts if amount.name == name]
        totals = [formula.total for formula in formulas if isinstance(formula, Accumulated)]
        changes = any(formula != formulas[0] for formula in formulas)
        shared = any(not version.same_within(total) for total in totals)
        if any(is_counted(model, name) for model in models) or (changes and shared and has_cap(models, name)):
            found.add(name)
    return frozenset(found)


def merged(models: Sequence[Model]) -> Model:
    """One Model of all versions, which have no mistakes; what they ask to be proved is left to each of them."""
    versions = in_order(models)
    if len(versions) == 1:
        return versions[0]
    steps = _counted_in_all(versions)
    versions = tuple(with_steps(model, steps) for model in versions)
    words = [word_of(model) for model in versions]
    last = versions[-1]
    first_force, last_force = _force(versions[0]), _force(last)
    version = _version(versions)
    renamed = [_with_own_dates(model, word) for model, word in zip(versions, words, strict=True)]
    names = _names_in_order(renamed)
    assert names is not None
    by_word = dict(zip(words, renamed, strict=True))
    amounts = tuple(amount for name in names for amount in _merged_amount(name, by_word))
    benefits = {benefit.name: benefit for model in renamed for benefit in model.benefits}
    return replace(
        last,
        in_force=InForce(first_force.first, last_force.last, last_force.by, last_force.span),
        dated=(version, *(fact for model in renamed for fact in model.dated)),
        amounts=amounts,
        cost=_by_version({word: model.cost for word, model in by_word.items()}),
        benefits=tuple(benefits.values()),
        requirements=(),
        conformities=(),
        allowances=(),
        examples=(),
        among=None,
        capped_on=(),
    )


def _version(versions: Sequence[Model]) -> DatedFact:
    """The category that tells versions apart, which are in the order of their days."""
    last = _force(versions[-1])
    arms = tuple(DateArm(word_of(model), _force(model).first, _force(model).last) for model in versions)
    return DatedFact(VERSION, last.by, arms, last.span)


def _force(model: Model) -> InForce:
    assert model.in_force is not None
    return model.in_force


def _names_in_order(versions: Sequence[Model]) -> tuple[str, ...] | None:
    """The amounts of all versions, each behind those that come before it in any version; None where that cannot be."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for model in versions:
        for before, after in pairwise(amount.name for amount in model.amounts):
            sorter.add(after, before)
        sorter.add(model.amounts[0].name)
    try:
        return tuple(sorter.static_order())
    except CycleError:
        return None


def _merged_amount(name: str, versions: Mapping[str, Model]) -> list[Amount]:
    """The amount under every version; where it is accumulated in different ways, one step for each way before it.

    Such a step counts claims of every version, but gives those of others nothing: they need no value in it.
    """
    found = {word: amount for word, model in versions.items() for amount in model.amounts if amount.name == name}
    shown = list(found.values())[-1]
    nothing = Constant(0, shown.span)
    formulas = {word: found[word].expression if word in found else nothing for word in versions}
    kinds = {formula.total if isinstance(formula, Accumulated) else None for formula in formulas.values()}
    if len(kinds) == 1 or all(not isinstance(formula, Accumulated) for formula in formulas.values()):
        return [replace(shown, expression=_by_version(formulas))]
    # Such a step is not what a benefit pays, but on the way to it.
    role = Role.NAMED if shown.role is Role.BENEFIT else shown.role
    steps = [
        replace(shown, name=f"{name}.{word}", role=role, expression=_of_version(formula, word, tuple(versions)))
        for word, formula in formulas.items()
        if formula is not nothing
    ]
    values = {
        word: nothing if formula is nothing else AmountValue(f"{name}.{word}", shown.span)
        for word, formula in formulas.items()
    }
    return [*steps, replace(shown, expression=_by_version(values))]


def _of_version(formula: Expression, word: str, words: Sequence[str]) -> Expression:
    """The formula for claims of one version, 0 for those of others; a running total counts the claims of all."""
    return _by_version(
        {
            other: formula
            if other == word
            else replace(formula, body=Constant(0, formula.span))
            if isinstance(formula, Accumulated)
            else Constant(0, formula.span)
            for other in words
        }
    )


def _by_version(formulas: Mapping[str, Expression]) -> Expression:
    """One formula where all are equal, else a table by version; a running total that all share stays outside of it."""
    first, *others = formulas.values()
    if all(other == first for other in others):
        return first
    if all(isinstance(formula, Accumulated) for formula in formulas.values()):
        bodies = {word: children(formula)[0] for word, formula in formulas.items()}
        assert isinstance(first, Accumulated)
        return replace(first, body=_by_version(bodies))
    cells = tuple(Cell((word,), formula, formula.span) for word, formula in formulas.items())
    return ByCategory((VERSION,), cells, first.span)


def _with_own_dates(model: Model, word: str) -> Model:
    """The model with dated categories that no other version shares, and that have a word on every day."""
    names = {fact.name: f"{word}.{fact.name}" for fact in model.dated}
    dated = tuple(replace(fact, name=names[fact.name], arms=_without_ends(fact.arms)) for fact in model.dated)
    amounts = tuple(replace(amount, expression=_renamed(amount.expression, names)) for amount in model.amounts)
    return replace(model, dated=dated, amounts=amounts, cost=_renamed(model.cost, names))


def _without_ends(arms: tuple[DateArm, ...]) -> tuple[DateArm, ...]:
    """Arms that reach to the first and last day there is: days of other versions never come to them."""
    first, *rest = arms
    widened = [replace(first, first=date.min), *rest]
    return (*widened[:-1], replace(widened[-1], last=None))


def _renamed(expression: Expression, names: Mapping[str, str]) -> Expression:
    def change(node: Expression) -> Expression:
        if isinstance(node, ByCategory):
            return replace(node, facts=tuple(names.get(fact, fact) for fact in node.facts))
        return node

    return rebuilt(expression, change) if names else expression
