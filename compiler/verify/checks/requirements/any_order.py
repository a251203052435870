"""`order of <a>, <b> makes no difference`: every claim leaves the same own share, whichever of two layers pays first.

Shown where nothing that is paid differs at all; where no total and no own share differs after equal totals, which goes
from claim to claim; or of all claims of a period as one. Refuted by up to three claims settled under both orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.evaluate import Claim, Settled, settle_all
from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import OWN_SHARE, Amount, AnyOrder, Expression, Model, Schedule, Sum, rebuilt, walk
from compiler.verify.claims import (
    SymbolicClaim,
    empty_history,
    facts_of,
    free_history,
    has_value,
    not_before,
    place_of,
    settled,
    slopes_of,
    told_history,
)
from compiler.verify.contract import cells
from compiler.verify.ground import Ground, categories_behind, narrowed, waits_for
from compiler.verify.halves import first_size
from compiler.verify.plans import LONGEST_HISTORY
from compiler.verify.prove import DIRECT, SLOPES, Holds, Open
from compiler.verify.received import ONE_CLAIM
from compiler.verify.slope import limits
from compiler.verify.solve import Impossible, Possible, Undecided, ask
from compiler.verify.telescope import as_one_claim, period_of
from compiler.verify.tried import moved
from compiler.verify.unknown import distinct_ratios, has_unknown, tried_shares, with_shares
from compiler.verify.witness import Scene, WitnessDoesNotReplay, concrete, frozen, smallest
from compiler.verify.words import claim_line, money, ratio_note
from dsl.diagnostics import Diagnostic, Label

MANY = 3
"""In a stack of so many layers claims are settled before the solver is asked to look through all of them twice."""
MOST_TRIED = 4
SAME = "the same formulas in either order"
NOT_FOUND = "it could make a difference after some history, but no claims were found that show it"


@dataclass(frozen=True, slots=True)
class _Orders:
    """The policy as it is written, and with the two layers in each other's place."""

    written: Model
    exchanged: Model


@dataclass(frozen=True, slots=True)
class _Differs:
    """Claims of which the last leaves another own share, settled under both; None where it has no value there."""

    claims: tuple[Claim, ...]
    own: int
    other: int | None
    note: str = ""


def check(ground: Ground, requirement: AnyOrder) -> Finding:
    """No claim after any history leaves another own share with the two layers exchanged."""
    asked = Property(
        "TP302", f"order of {requirement.first}, {requirement.second} makes no difference", "", requirement.span
    )
    names = frozenset({OWN_SHARE})
    waits = waits_for(ground, names)
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    other = replace(ground.model, amounts=_with_the_same_ratios(ground.model, requirement.exchanged))
    orders = _Orders(*(narrowed(model, names | _counted_in_others(ground.model)) for model in (ground.model, other)))
    match _decide(orders):
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            return Unknown(asked, reason)
        case found:
            return _refuted(ground.model, asked, requirement, found)


def _decide(orders: _Orders) -> Holds | Open | _Differs:
    if _formulas(orders.written) == _formulas(orders.exchanged):
        return Holds(SAME)
    asked = cells(orders.written, categories_behind(orders.written, frozenset({OWN_SHARE})))
    if all(_same_after_equal_totals(orders, cell) for cell in asked):
        return Holds(SLOPES if has_unknown(orders.written) else DIRECT)
    if _same_as_one_claim(orders):
        return Holds(ONE_CLAIM)
    tried = _tried(orders, asked)
    if tried is not None:
        return tried
    reason = NOT_FOUND
    for length in range(1, LONGEST_HISTORY + 1 if orders.written.running_totals else 2):
        for known in _known(orders):
            for cell in asked if length == 1 else ({},):
                found = _shown(known, cell, length)
                if isinstance(found, _Differs):
                    return found
                if isinstance(found, Undecided):
                    reason = found.reason
    return Open(reason)


def _with_the_same_ratios(model: Model, amounts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """The amounts with the very tables of bands that the model has: an unknown ratio is the same one in both."""
    tables = {
        node.span: node.bands
        for amount in model.amounts
        for node in walk(amount.expression)
        if isinstance(node, Schedule)
    }

    def change(node: Expression) -> Expression:
        if isinstance(node, Schedule) and tables.get(node.span) == node.bands:
            return replace(node, bands=tables[node.span])
        return node

    return tuple(replace(amount, expression=rebuilt(amount.expression, change)) for amount in amounts)


def _counted_in_others(model: Model) -> frozenset[str]:
    """The amounts that are counted in a running total of any version: they decide about claims of others, and so about
    later claims of this one."""
    totals = () if model.among is None else model.among.running_totals
    return frozenset(total.amount for total in totals) & {amount.name for amount in model.amounts}


def _known(orders: _Orders) -> Iterator[_Orders]:
    """Both with every ratio known."""
    ratios = distinct_ratios(orders.written)
    if not ratios:
        yield orders
        return
    for shares in tried_shares(len(ratios)):
        yield _Orders(with_shares(orders.written, ratios, shares), with_shares(orders.exchanged, ratios, shares))


def _formulas(model: Model) -> dict[str, Expression]:
    """Every amount by name, whatever the order in which they are computed and added."""

    def sorted_sum(node: Expression) -> Expression:
        return replace(node, terms=tuple(sorted(node.terms, key=repr))) if isinstance(node, Sum) else node

    return {amount.name: rebuilt(amount.expression, sorted_sum) for amount in model.amounts}


# Every claim ------------------------------------------------------------------------------------------


def _same_after_equal_totals(orders: _Orders, cell: Mapping[str, str]) -> bool:
    """Of a claim after any totals, the same in both: neither what it adds to them nor its own share differs."""
    if {total.name for total in orders.written.running_totals} != {
        total.name for total in orders.exchanged.running_totals
    }:
        return False
    before, bounds = free_history(orders.written)
    facts = facts_of(orders.written, "claim", cell)
    one, other = (
        settled(model, tag, facts.setting, facts.constraints, before, {}, facts.days)
        for model, tag in ((orders.written, "claim"), (orders.exchanged, "other"))
    )
    counted = {total.amount for total in orders.written.running_totals} | {OWN_SHARE}
    counted |= _counted_in_others(orders.written)
    if not all(counted <= {amount.name for amount in model.amounts} for model in (orders.written, orders.exchanged)):
        return False
    differs = [one.setting.amounts[name] != other.setting.amounts[name] for name in sorted(counted)]
    known = (*bounds, *one.constraints, *other.constraints, *limits(slopes_of([one, other])))
    return isinstance(ask((*known, has_value(one), z3.Or(z3.Not(has_value(other)), *differs))), Impossible)


def _same_as_one_claim(orders: _Orders) -> bool:
    """Where the claims of a period come to what one claim of all of them does, under both: that claim."""
    periods = [period_of(model, OWN_SHARE, frozenset()) for model in (orders.written, orders.exchanged)]
    if None in periods or len({(one.key, one.date_fact, one.period) for one in periods if one is not None}) != 1:
        return False
    whole = _Orders(as_one_claim(orders.written), as_one_claim(orders.exchanged))
    scene, differs = _scene(whole, {}, 1)
    return isinstance(ask((*scene.constraints, differs)), Impossible)


# Claims that show it ----------------------------------------------------------------------------------


def _scene(orders: _Orders, cell: Mapping[str, str], length: int) -> tuple[Scene, z3.BoolRef]:
    """`length` claims from an empty ledger under both, and that the last of them leaves another own share."""
    written: list[SymbolicClaim] = []
    exchanged: list[SymbolicClaim] = []
    constraints: list[z3.BoolRef] = []
    for index in range(length):
        tag = f"claim{index + 1}"
        facts = facts_of(orders.written, tag, cell if index == length - 1 else {})
        place, bounds = place_of(orders.written, tag, index, facts.days)
        constraints += [*facts.constraints, *bounds]
        for model, claims, side in (
            (orders.written, written, tag),
            (orders.exchanged, exchanged, f"{tag}.other"),
        ):
            before = told_history(model, claims, place) if claims else empty_history(model)
            claims.append(settled(model, side, facts.setting, (), before, {}, place))
            constraints += claims[-1].constraints
        if index > 0:
            constraints += not_before(orders.written, written[-1], written[-2])
    constraints += limits(slopes_of([*written, *exchanged]))
    has_values = [has_value(claim) for claim in (*written, *exchanged[:-1])]
    own, other = (claims[-1].setting.amounts[OWN_SHARE] for claims in (written, exchanged))
    differs = z3.And(*has_values, z3.Or(z3.Not(has_value(exchanged[-1])), own != other))
    return Scene(tuple(written[:-1]), written[-1], None, tuple(constraints)), differs


def _tried(orders: _Orders, cells_of: Sequence[Mapping[str, str]]) -> _Differs | None:
    """In a stack: a claim found by settling some under both, around the amounts that clauses name."""
    if len(orders.written.benefits) < MANY or has_unknown(orders.written):
        return None
    for cell in cells_of[:MOST_TRIED]:
        claims = moved(orders.written, OWN_SHARE, cell)
        if claims is None:
            continue

        def differs(size: int, at: Callable[[int], Claim] = claims.at) -> bool:
            own, other = (settle_all(model, [at(size)])[0] for model in (orders.written, orders.exchanged))
            if not isinstance(own, Settled):
                return False
            return not isinstance(other, Settled) or own.amounts[OWN_SHARE] != other.amounts[OWN_SHARE]

        size = first_size(orders.written, claims.lowest, claims.highest, differs)
        if size is not None:
            found = _settled(orders, (claims.at(size),))
            if found is not None:
                return found
    return None


def _settled(orders: _Orders, claims: tuple[Claim, ...]) -> _Differs | None:
    """What the last of these claims leaves under both; None where that is the same."""
    own, other = (settle_all(model, claims)[-1] for model in (orders.written, orders.exchanged))
    left = other.amounts[OWN_SHARE] if isinstance(other, Settled) else None
    if not isinstance(own, Settled) or own.amounts[OWN_SHARE] == left:
        return None
    return _Differs(claims, own.amounts[OWN_SHARE], left, ratio_note(orders.written))


def _shown(orders: _Orders, cell: Mapping[str, str], length: int) -> _Differs | Impossible | Undecided:
    scene, differs = _scene(orders, cell, length)
    answer = ask((*scene.constraints, differs))
    if not isinstance(answer, Possible):
        return answer
    values = smallest(scene, differs, answer)
    row = (*scene.history, scene.last)
    claims = tuple(concrete(orders.written, claim, values, str(number)) for number, claim in enumerate(row, start=1))
    found = _settled(orders, claims)
    if found is None:
        raise WitnessDoesNotReplay(f"{orders.written.id}: {claims}")
    return found


def _refuted(model: Model, asked: Property, requirement: AnyOrder, found: _Differs) -> Finding:
    layers = [benefit for benefit in model.benefits if benefit.name in (requirement.first, requirement.second)]
    before, after = layers
    other = "none" if found.other is None else money(model, found.other)
    params = (("before", before.name), ("after", after.name), ("own", money(model, found.own)), ("other", other))
    result = f"own share {money(model, found.own)}; if {after.name} pays first, {other}"
    labels = (Label(requirement.span, "required"), Label(before.span, "amount"), Label(after.span, "amount"))
    line = claim_line(model, found.claims, result, found.note)
    return Refuted(asked, Diagnostic("TP302", labels, params, "order", line), Witness(frozen(found.claims)))
