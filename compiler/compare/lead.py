"""Claims that others were settled before: how far the new policy can fall behind the old one, clause by clause.

Where a benefit is `f(S) - f(P)` of a running total that is the same under both policies, a claim gains `g(S) - g(P)`:
g is the new f less the old one, S and P are the totals with and without it. How far g falls is how much less a claim
can be paid. If all claims of a period have one f, the period comes to `f(S)`, and it is enough that g is nowhere
below 0. If f depends on words that can change within a period, claims before may have had others, and P may be
anything up to S: there nobody is worse off if no g falls, but for what rounding makes. Where the totals themselves
differ, as those of what a cap counts do, a clause that rises by no more than its total takes a lead of it further.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from compiler.compare.amounts import amount_rows, row_of_total
from compiler.compare.decides import only_fact
from compiler.compare.falls import Lowest, lowest
from compiler.compare.left import by_what_is_left
from compiler.compare.one_fact import reach
from compiler.compare.pair import Pair
from compiler.compare.rows import constant, itself, scaled, sum_of
from compiler.compare.signs import zones
from compiler.compare.stretch import Inexact, Row
from compiler.compare.worded import with_words
from compiler.model import (
    OWN_SHARE,
    Accumulated,
    AmountValue,
    Benefit,
    Constant,
    Expression,
    FactValue,
    Model,
    Rounded,
    RunningTotal,
    names_in,
    sources,
    walk,
    words_read,
)
from compiler.verify.unknown import has_unknown
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class Fall:
    """Where g falls the most: a claim of these words that brings a total from `before` to `after`."""

    pair: Pair
    cell: Mapping[str, str]
    total: RunningTotal
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Lead:
    """How far an amount under the new policy can be behind the same amount under the old one.

    each   at most so many minor units in a single claim, whatever was settled before; None: not known
    slack  at most so many for each claim of a stretch, over all of the stretch; None: not known
    over   the total whose periods are the stretches; None: any stretch of claims
    fall   where `each` is reached
    """

    each: int | None
    slack: int | None
    over: RunningTotal | None = None
    fall: Fall | None = None


NEVER_BEHIND = Lead(0, 0)
NOT_KNOWN = Lead(None, None)


@dataclass(frozen=True, slots=True)
class Rules:
    """All pairs of rules that meet.

    single  the amounts of which all claims of a period have one f, under both policies
    level   the amounts that both policies compute alike, from whatever is behind them
    """

    pairs: tuple[Pair, ...]
    single: frozenset[str]
    level: frozenset[str]

    @property
    def turned(self) -> Rules:
        """The two policies in each other's place."""
        return Rules(tuple(pair.turned for pair in self.pairs), self.single, self.level)


def rules_of(pairs: Sequence[Pair], single: frozenset[str]) -> Rules:
    """The pairs with what is the same in all of them."""
    names = {amount.name for pair in pairs for model in (pair.old, pair.new) for amount in model.amounts}
    level = {name for name in names if all(_alike(pair, name) for pair in pairs)}
    return Rules(tuple(pairs), single, frozenset(level))


def _alike(pair: Pair, name: str) -> bool:
    behind = [sources(model, frozenset({name})) for model in (pair.old, pair.new)]
    formulas = [
        {one.name: one.expression for one in model.amounts if one.name in here}
        for model, here in zip((pair.old, pair.new), behind, strict=True)
    ]
    return formulas[0] == formulas[1]


def lead(rules: Rules) -> Lead:
    """How far all benefits together can be behind under the new policy, whose cost is the same."""
    paid = _worst(_together(_of(rules, pair, names) for names in groups(rules, pair)) for pair in rules.pairs)
    if paid.slack is not None:
        return paid
    # Where benefits are behind so far the own share is ahead, and the other way round.
    left = _by_what_is_left(rules.turned)
    own_share = _worst(_of(left, pair, (OWN_SHARE,)) for pair in left.pairs)
    return replace(paid, slack=own_share.slack, over=own_share.over) if own_share.slack is not None else paid


def _by_what_is_left(rules: Rules) -> Rules:
    """The same policies by what their layers leave; what that is goes by the words that the layers' payments go by."""
    words: dict[str, set[str]] = {}
    pairs: list[Pair] = []
    for pair in rules.pairs:
        sides = [by_what_is_left(model) for model in (pair.old, pair.new)]
        pairs.append(replace(pair, old=sides[0][0], new=sides[1][0]))
        for _, behind in sides:
            for name, layer in behind.items():
                words.setdefault(name, set()).add(layer)
    single = frozenset(name for name in rules.single if rules.single.issuperset(words.get(name, ())))
    return rules_of(pairs, single)


def groups(rules: Rules, pair: Pair) -> tuple[tuple[str, ...], ...]:
    """The benefits that are not computed alike, those together that count the same total."""
    found: dict[object, list[str]] = {}
    for name in pair.benefits:
        if name not in rules.level:
            total = total_of(pair, (name,))
            where = None if total is None or total.amount not in rules.level else (total.amount, counts(total))
            found.setdefault(where or name, []).append(name)
    return tuple(map(tuple, found.values()))


def counts(total: RunningTotal) -> object:
    """The claims that a running total counts."""
    return total.key, total.date_fact, total.period


def total_of(pair: Pair, names: Sequence[str]) -> RunningTotal | None:
    """The one total that amounts are `f(S) - f(P)` of, f reading nothing else; None where they are not that."""
    found: dict[object, RunningTotal] = {}
    for node in _formulas(pair.old, names) + _formulas(pair.new, names):
        if node == Constant(0, node.span):
            continue
        if not isinstance(node, Accumulated) or any(
            isinstance(one, FactValue | AmountValue) for one in walk(node.body)
        ):
            return None
        found[node.total.amount, counts(node.total)] = node.total
    return next(iter(found.values())) if len(found) == 1 else None


def gains(pair: Pair, names: Sequence[str]) -> tuple[tuple[Mapping[str, str], Row, Row], ...]:
    """Of amounts over one total, by cell: f of the old policy and of the new one, all amounts together.

    Raises Inexact where one is no row of stairs over the whole domain.
    """
    return tuple((cell, _row(pair.old, names, cell), _row(pair.new, names, cell)) for cell in _cells_of(pair, names))


def changes(pair: Pair, names: Sequence[str]) -> tuple[tuple[Mapping[str, str], Row], ...]:
    """Of amounts over one total, by cell: f of the new policy less f of the old one, all amounts together.

    Cells where both have the same formulas are one, the first of them: from the same totals their claims gain nothing.
    Raises Inexact where f of another cell is no row of stairs over the whole domain.
    """
    still: list[tuple[Mapping[str, str], Row]] = []
    changed: list[tuple[Mapping[str, str], Row]] = []
    for cell in _cells_of(pair, names):
        old, new = ([with_words(node, cell) for node in _formulas(model, names)] for model in (pair.old, pair.new))
        if old == new:
            still = still or [(cell, constant(0, 0, DOMAIN_TOP))]
        else:
            changed.append((cell, sum_of(_row(pair.new, names, cell), _row(pair.old, names, cell), -1)))
    return (*still, *changed)


def _cells_of(pair: Pair, names: Sequence[str]) -> list[dict[str, str]]:
    """Every combination of the words that the formulas of amounts read under either policy."""
    read = {word for model in (pair.old, pair.new) for node in _formulas(model, names) for word in words_read(node)}
    return _cells(pair.new, read)


def _cells(model: Model, read: Collection[str]) -> list[dict[str, str]]:
    facts = {name: words for name, words in model.categories.items() if name in read}
    return [dict(zip(facts, words, strict=True)) for words in product(*facts.values())]


def _row(model: Model, names: Sequence[str], cell: Mapping[str, str]) -> Row:
    found = constant(0, 0, DOMAIN_TOP)
    for node in _formulas(model, names):
        if isinstance(node, Accumulated):
            row = row_of_total(node.body, cell, DOMAIN_TOP)
            start = sum_of(row, constant(at_nothing(row), 0, DOMAIN_TOP), -1)
            found = sum_of(found, start)
    return found


def at_nothing(row: Row) -> int:
    """The value at 0. Raises Inexact where there is none."""
    if not row or row[0].first != 0 or row[0].denominator != 1:
        raise Inexact
    return row[0].at(0)


def _formulas(model: Model, names: Sequence[str]) -> list[Expression]:
    """The formula of each amount; nothing where the policy has none of that name."""
    found = {amount.name: amount.expression for amount in model.amounts}
    return [found.get(name, Constant(0, model.span)) for name in names]


def rounding(pair: Pair, names: Sequence[str]) -> int:
    """By how much rounding can move what a claim is paid of these amounts, in minor units: a unit of each."""
    return sum(
        max((one.unit for node in both for one in walk(node) if isinstance(one, Rounded)), default=0)
        for both in zip(_formulas(pair.old, names), _formulas(pair.new, names), strict=True)
    )


def rounding_behind(rules: Rules, pair: Pair) -> int:
    """By how much rounding can move what a claim is paid in all: a unit of each amount that is not computed alike."""
    names = {amount.name for model in (pair.old, pair.new) for amount in model.amounts}
    return rounding(pair, sorted(names - rules.level))


# Clause by clause -------------------------------------------------------------------------------------


def _of(rules: Rules, pair: Pair, names: Sequence[str]) -> Lead:
    if any(has_unknown(model) for model in (pair.old, pair.new)):
        return NOT_KNOWN
    total = total_of(pair, names)
    try:
        if total is not None:
            return _of_total(rules, pair, names, total)
        if len(names) == 1 and not any(_adds_up(model, names[0]) for model in (pair.old, pair.new)):
            return _of_single_claims(pair, names[0])
    except Inexact:
        pass
    return NOT_KNOWN


def _of_total(rules: Rules, pair: Pair, names: Sequence[str], total: RunningTotal) -> Lead:
    counting = [model for model in (pair.old, pair.new) if any(one.name == total.amount for one in model.amounts)]
    if not all(_never_below_zero(model, total.amount) for model in counting):
        return NOT_KNOWN
    # Where only one of the two policies counts at all, it does not matter what the other one would.
    sides = [any(isinstance(node, Accumulated) for node in _formulas(model, names)) for model in (pair.old, pair.new)]
    same = total.amount in rules.level or not all(sides)
    rows = changes(pair, names)
    single = rules.single.issuperset(names)
    nowhere_behind = single and all(_lowest_of(gain).value >= 0 for _, gain in rows)
    if same:
        falls = [(cell, _fall(gain)) for cell, gain in rows]
        cell, worst = max(falls, key=lambda one: -one[1].value)
        each = -worst.value
        fall = Fall(pair, cell, total, worst.before, worst.after) if each else None
        if each <= rounding(pair, names):
            return Lead(each, each, None, fall)
        return Lead(each, 0 if nowhere_behind else None, total, fall)
    below = _worst(_of(rules, one, (total.amount,)) for one in rules.pairs)
    kept = below.over is None or counts(below.over) == counts(total)
    if nowhere_behind and below.slack is not None and kept:
        if all(_follows(new, below.slack) or _follows(old, below.slack) for _, old, new in gains(pair, names)):
            return Lead(None, below.slack, total)
    return NOT_KNOWN


def _fall(row: Row) -> Lowest:
    return lowest(scaled(row, -1, 1), row)


def _lowest_of(row: Row) -> Lowest:
    return lowest(constant(0, 0, DOMAIN_TOP), row)


def _follows(row: Row, slack: int) -> bool:
    """Whether f never falls, and (where its total can be behind) never rises faster than that."""
    return _fall(row).value == 0 and (not slack or _fall(sum_of(itself(0, DOMAIN_TOP), row, -1)).value == 0)


def _adds_up(model: Model, name: str) -> bool:
    behind = sources(model, frozenset({name}))
    formulas = (amount.expression for amount in model.amounts if amount.name in behind)
    return any(isinstance(node, Accumulated) for formula in formulas for node in walk(formula))


def _of_single_claims(pair: Pair, name: str) -> Lead:
    """Of an amount that no running total stands behind: what holds of first claims holds of all."""
    apart = replace(pair, old=_only(pair.old, name), new=_only(pair.new, name), benefits=(name,))
    return NEVER_BEHIND if all(_never_less(apart, name, cell) for cell in pair.cells) else NOT_KNOWN


def _only(model: Model, name: str) -> Model:
    behind = sources(model, frozenset({name}))
    amounts = tuple(amount for amount in model.amounts if amount.name in behind)
    benefits = (Benefit(name, name, False, model.span),)
    return replace(model, amounts=amounts, benefits=benefits, cost=Constant(0, model.span))


def _never_less(pair: Pair, name: str, cell: Mapping[str, str]) -> bool:
    fact = only_fact(pair.old, pair.new)
    if fact is not None:
        first, last = reach(pair.old, fact)
        nothing = constant(0, first, last)
        old, new = (
            amount_rows(model, sources(model, frozenset({name})), cell, first, last).get(name, nothing)
            for model in (pair.old, pair.new)
        )
        return not any(zone.loses for zone in zones(sum_of(new, old, -1)))
    from compiler.verify.equal import Nowhere, furthest

    formulas = [
        AmountValue(name, model.span) if model.amounts else Constant(0, model.span) for model in (pair.old, pair.new)
    ]
    return isinstance(furthest(pair.new, pair.old, cell, formulas[1], formulas[0]), Nowhere)


def _never_below_zero(model: Model, name: str) -> bool:
    expression = next(amount.expression for amount in model.amounts if amount.name == name)
    match expression:
        case FactValue():
            return True
        case AmountValue(inner):
            return _never_below_zero(model, inner)
        case Accumulated(total, body) if not names_in(body):
            # f(S) - f(P) with S not below P: f must not fall in any cell.
            rows = (_row(model, (name,), cell) for cell in _cells(model, words_read(body)))
            return _never_below_zero(model, total.amount) and all(_fall(row).value == 0 for row in rows)
        case _:
            from compiler.verify.equal import never_below_zero

            return never_below_zero(model, name)


# Together ---------------------------------------------------------------------------------------------


def _together(parts: Iterable[Lead]) -> Lead:
    """The lead of a sum, over stretches that are those of all its terms."""
    found = [part for part in parts if part != NEVER_BEHIND]
    if len(found) < 2:
        return found[0] if found else NEVER_BEHIND
    periods = {counts(part.over) for part in found if part.over is not None}
    over = next((part.over for part in found if part.over is not None), None)
    each = _sum(part.each for part in found)
    return Lead(each, _sum(part.slack for part in found) if len(periods) < 2 else None, over)


def _sum(parts: Iterable[int | None]) -> int | None:
    known = list(parts)
    return None if None in known else sum(part for part in known if part is not None)


def _worst(parts: Iterable[Lead]) -> Lead:
    """What holds under the rules of every pair."""
    found = list(parts)
    each = [part.each for part in found if part.each is not None]
    slack = [part.slack for part in found if part.slack is not None]
    over = [part.over for part in found if part.over is not None]
    alike = len(slack) == len(found) and len({counts(total) for total in over}) < 2
    falls = [part.fall for part in found if part.each == max(each, default=None) and part.fall is not None]
    return Lead(
        max(each, default=0) if len(each) == len(found) else None,
        max(slack, default=0) if alike else None,
        over[0] if over else None,
        falls[0] if falls and len(each) == len(found) else None,
    )
