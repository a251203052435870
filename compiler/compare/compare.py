"""Two policies compared, claim by claim of everything that both are for.

A claim that nothing was settled before is put under both (`cell.py`). Where a benefit counts over a period, a person
has several claims, and is worse off if these are paid less in all: that is what is asked of later claims
(`later.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.compare.aligned import aligned
from compiler.compare.cell import BETWEEN, left_open, part_of
from compiler.compare.decides import adds_up, every_total, narrowed, only_fact, widened, words_of_claims
from compiler.compare.domain import bounds_differ, days, mistakes, ruled, within_both
from compiler.compare.later import Reach, later, turned
from compiler.compare.lead import Rules, counts, rules_of
from compiler.compare.one_fact import reach
from compiler.compare.pair import Pair, periods_differ, remembers, same_cost, with_known_ratios
from compiler.compare.ratios import same_unknown
from compiler.compare.result import Comparison, Extreme, Found, Later, Part, Range, Subject, Verdict
from compiler.model import Model

THEIR_RULES = "the rules of their day"
"""What claims agree in that fall in the same rows of dates."""


class DifferentDomain(Exception):
    """The two policies are not about the same claims: a sentence for each reason."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def compare(old: Model, new: Model) -> Comparison:
    """Compare the rules of two policies, whatever the days on which they are in force.

    Raises DifferentDomain where a claim of one is no claim of the other.
    """
    wrong = mistakes(old, new)
    if wrong:
        raise DifferentDomain(wrong)
    found = days(old, new)
    if not found:
        raise DifferentDomain(("no day lies in a row of every dated parameter of both policies",))
    notes = tuple(f"{name} has other bounds; what both allow is compared" for name in bounds_differ(old, new))
    old, new = aligned(narrowed(within_both(old, new)), narrowed(within_both(new, old)))
    names = tuple(dict.fromkeys(benefit.name for model in (new, old) for benefit in model.benefits))
    fact = only_fact(old, new)
    periods = {counts(total) for model in (old, new) for total in model.running_totals}
    together = (
        fact is not None and len(periods) == 1 and every_total(old, fact) and adds_up(old, fact) and adds_up(new, fact)
    )
    differing = {
        amount.name: words_of_claims(old, amount.name) | words_of_claims(new, amount.name)
        for model in (old, new)
        for amount in model.amounts
    }
    single = frozenset(name for name, words in differing.items() if not words)
    bounds = None if fact is None else Reach(fact, *reach(old, fact))
    policies = replace(old, in_force=None), replace(new, in_force=None)
    pairs = [Pair(ruled(old, one.old), ruled(new, one.new), policies, one.day, one.on, names) for one in found]
    one_for_all = together and single.issuperset(names)
    alike = _alike(new, frozenset().union(*(differing[name] for name in names))) if together else ()
    parts: list[Part] = []
    for pair in pairs:
        ends: list[Part] = []
        for ratio, known in with_known_ratios(_of_a_period(pair, fact) if fact is not None and together else pair):
            ends += _grouped([part_of(known, cell, fact, ratio) for cell in pair.cells])
        parts += _with_what_lies_between(pair, ends)
    of_first = Comparison(fact, together, alike, len(found) > 1, tuple(parts), notes, None, None)
    if not any(remembers(pair) for pair in pairs):
        return of_first
    return _over_a_period(of_first, rules_of(pairs, single), bounds, one_for_all)


def _of_a_period(pair: Pair, fact: str) -> Pair:
    """The pair for a claim that stands for all of a period: not one that somebody has."""
    return replace(pair, old=widened(pair.old, fact), new=widened(pair.new, fact))


def _over_a_period(of_first: Comparison, rules: Rules, bounds: Reach | None, one_for_all: bool) -> Comparison:
    """With what is known of people who have several claims in a period.

    one_for_all  the claims of a period come to together what one claim of all of them does
    """
    if any(periods_differ(pair) or not same_cost(pair, rules.level) for pair in rules.pairs):
        return replace(of_first, less=Later(None, None), more=Later(None, None))
    open_ = of_first.open
    lost, gained = (way is Found.SOMEBODY for way in (of_first.worse_off, of_first.better_off))
    less = later(rules, bounds, lost or open_ or one_for_all)
    more = turned(later(rules.turned, bounds, gained or open_ or one_for_all))
    if one_for_all and not open_:
        less = less if lost else replace(less, slack=0)
        more = more if gained else replace(more, slack=0)
    return replace(of_first, less=less, more=more)


def _with_what_lies_between(pair: Pair, ends: Sequence[Part]) -> Sequence[Part]:
    """The parts of both ends of a ratio that both policies leave unknown.

    What it makes differ goes one way, and that is known once an end shows it. Where neither does, a ratio between them
    may still: what both of them round away, for one.
    """
    of_one = any(part.ratio for part in ends) and same_unknown(pair.old, pair.new)
    if of_one and all(part.verdict is Verdict.EQUAL for part in ends):
        return [left_open(part, BETWEEN) for part in ends]
    return ends


def _alike(model: Model, words: frozenset[str]) -> tuple[str, ...]:
    """What claims of a period must agree in to have one f: categories, and what follows from their days."""
    facts = tuple(fact.name for fact in model.facts if fact.name in words)
    return facts if words.issubset(facts) else (*facts, THEIR_RULES)


def _grouped(parts: Sequence[Part]) -> list[Part]:
    """Cells in which the two policies compare alike are one part."""
    found: list[Part] = []
    for part in parts:
        for place, other in enumerate(found):
            if list(map(_numbers, part.subjects)) == list(map(_numbers, other.subjects)):
                found[place] = replace(other, cells=(*other.cells, *part.cells))
                break
        else:
            found.append(part)
    return found


def _numbers(one: Subject) -> tuple[object, ...]:
    """What makes two cells alike: everything but the claims."""
    ranges = None if one.ranges is None else list(map(_range, one.ranges))
    along = [(each.fact, each.given, list(map(_range, each.ranges))) for each in one.along]
    return one.name, ranges, one.open, _by(one.gain), _by(one.loss), along


def _range(one: Range) -> tuple[object, ...]:
    return one.first, one.last, one.every, _by(one.gain), _by(one.loss)


def _by(extreme: Extreme | None) -> tuple[int, int, int] | None:
    return None if extreme is None else (extreme.by, extreme.old, extreme.new)
