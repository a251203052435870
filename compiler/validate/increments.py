"""`f(S) - f(P)` in a text: proved by one question about f, of one argument, instead of one about two.

Where the text has a difference `A - B`, and A is what B becomes when the total with this claim is put in the place of
the total before it, then both are one function g of the total. If g is the policy's f for every total there can be, the
difference is the policy's increment, and may stand for a value of its own on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.model import Accumulated, Amount, Expression, walk
from compiler.validate.meaning import Meaning, after, earlier, for_words, in_cell, setting
from compiler.validate.parts import differ
from compiler.validate.values import either, negation
from compiler.verify.encode import encode
from compiler.verify.solve import Answer, Impossible, Possible, Undecided
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class Cut:
    """A formula of a text in which increments stand for values, and the clauses of the Model with the same values.

    hints  where an increment is none: a first claim of its period for which the two functions differ
    """

    said: z3.ArithRef
    cuts: Mapping[Expression, z3.ArithRef]
    hints: tuple[z3.BoolRef, ...]


@dataclass(frozen=True, slots=True)
class Increment:
    """A difference of one function at the total with this claim and before it, and what the function is before it."""

    node: Accumulated
    difference: z3.ExprRef
    below: z3.ExprRef


def increments(meant: Meaning, amount: Amount, said: z3.ArithRef) -> tuple[Increment, ...]:
    """What in the formula of an amount could be an increment of its policy."""
    nodes = dict.fromkeys(node for node in walk(amount.expression) if isinstance(node, Accumulated))
    return tuple(one for node in nodes for one in _differences(said, meant, node))


def increments_cut(
    meant: Meaning, amount: Amount, cell: Mapping[str, str], said: z3.ArithRef, found: Sequence[Increment]
) -> Cut:
    """The formula with those increments cut that are proved in a category cell."""
    cuts: dict[Expression, z3.ArithRef] = {}
    hints: list[z3.BoolRef] = []
    for one in found:
        if one.node not in cuts:
            total = z3.Int("total")
            match _not_body(meant, amount, one, cell, total):
                case Impossible():
                    cuts[one.node] = z3.Int(f"increment {len(cuts)} {amount.name}")
                    said = z3.substitute(said, (one.difference, cuts[one.node]))
                case Possible() as differs:
                    first = meant.before[one.node.total.name] == 0
                    hints.append(z3.And(first, after(meant, one.node.total) == differs.whole(total)))
                case Undecided():
                    pass
    return Cut(said, cuts, tuple(hints))


def _differences(term: z3.ExprRef, meant: Meaning, node: Accumulated) -> Iterator[Increment]:
    before, total = meant.before[node.total.name], after(meant, node.total)
    waiting, seen = [term], set()
    while waiting:
        inner = waiting.pop()
        if inner.get_id() in seen:
            continue
        seen.add(inner.get_id())
        if z3.is_sub(inner) and inner.num_args() == 2:
            above, below = inner.children()
            if z3.eq(_plain(z3.substitute(below, (before, total))), _plain(above)):
                yield Increment(node, inner, below)
        waiting += inner.children()


def _plain(term: z3.ExprRef) -> z3.ExprRef:
    return z3.simplify(term)


def _not_body(meant: Meaning, amount: Amount, one: Increment, cell: Mapping[str, str], total: z3.ArithRef) -> Answer:
    """Whether the function can be another one than the policy's, whatever the earlier amounts of the claim are."""
    due = encode(one.node.body, replace(setting(meant, cell), total=total))
    lacking = either([z3.And(visit.guard, visit.lacking) for visit in due.visits if visit.lacking is not None])
    said = z3.substitute(for_words(one.below, meant, cell), (meant.before[one.node.total.name], total))
    # The value may be a part of a minor unit inside the clause: both are compared over the denominator of the policy.
    known = [meant.ranges[name] for name in earlier(meant.model, amount.name)]
    known += [*meant.valid, *in_cell(meant, cell), total >= 0, total <= DOMAIN_TOP, negation(lacking)]
    return differ(known, said, due.numerator, due.denominator)
