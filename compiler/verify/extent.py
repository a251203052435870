"""For which amounts a requirement fails, where one fact decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from compiler.evaluate import Claim, with_dated_words
from compiler.model import CountFact, Model, MoneyFact, sources
from compiler.verify.claims import has_value
from compiler.verify.contract import cells
from compiler.verify.prove import told_scene
from compiler.verify.solve import Impossible, Possible, ask
from compiler.verify.unknown import has_unknown
from compiler.verify.witness import Scene
from compiler.verify.words import cell_text, money

MOST_CELLS = 6
"""With more category cells the list would hide what it says."""


def extent(
    model: Model, names: frozenset[str], words: tuple[str, ...], flaw: Callable[[Scene], z3.BoolRef], shown: Claim
) -> str | None:
    """The amounts of a first claim with the flaw, cell by cell: `borne 0.01 to 105,714.28 for illness general`.

    Words that follow from a date are those of the claim that shows the flaw. None where more than one fact decides,
    or where the solver gives up.
    """
    behind = sources(model, names)
    facts = [fact for fact in model.facts if isinstance(fact, MoneyFact | CountFact) and fact.name in behind]
    dated = {fact.name: str(with_dated_words(model, shown)[fact.name]) for fact in model.dated if fact.name in words}
    stated = tuple(word for word in words if word not in dated)
    found = cells(model, stated)
    if len(facts) != 1 or has_unknown(model) or len(found) > MOST_CELLS or (stated and found == ({},)):
        return None
    (fact,) = facts
    parts: list[str] = []
    for cell in found:
        scene = told_scene(model, {**cell, **dated}, None, 1)
        amount = scene.last.setting.amounts[fact.name]
        claim = (*scene.constraints, has_value(scene.last))
        stretch = _stretch(claim, flaw(scene), amount, fact.lowest, fact.highest)
        if stretch is None:
            return None
        if stretch.first <= stretch.last:
            begins, until, ends = (
                money(model, end) if isinstance(fact, MoneyFact) else str(end)
                for end in (stretch.first, stretch.until, stretch.last)
            )
            amounts = f"from {begins} on" if stretch.until == fact.highest else f"{begins} to {until}"
            some = "" if stretch.until == stretch.last else f" and some up to {ends}"
            parts.append(f"{fact.name} {amounts}{some}{f' for {cell_text(cell)}' if cell else ''}")
    return "; ".join(parts) or None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Amounts with a flaw: all from `first` to `until`, and the last of all; first above last where there are none."""

    first: int
    until: int
    last: int


def _stretch(
    claim: tuple[z3.BoolRef, ...], flaw: z3.BoolRef, amount: z3.ArithRef, lowest: int, highest: int
) -> _Stretch | None:
    answer = ask((*claim, flaw))
    if isinstance(answer, Impossible):
        return _Stretch(1, 0, 0)
    if not isinstance(answer, Possible):
        return None
    inside = answer.whole(amount)
    first = _end(claim, flaw, amount, inside, lowest, -1)
    last = _end(claim, flaw, amount, inside, highest, 1)
    between = (*claim, amount >= first, amount <= last)
    spared = ask((*between, z3.Not(flaw)))
    if isinstance(spared, Possible):
        return _Stretch(first, _end(between, z3.Not(flaw), amount, spared.whole(amount), first, -1) - 1, last)
    return _Stretch(first, last, last) if isinstance(spared, Impossible) else None


def _end(
    claim: tuple[z3.BoolRef, ...], flaw: z3.BoolRef, amount: z3.ArithRef, inside: int, bound: int, way: int
) -> int:
    """The amount with the flaw that lies furthest from `inside` on the way to a bound."""
    reached, beyond = inside, bound + way
    while (beyond - reached) * way > 1:
        middle = bound if beyond == bound + way and reached == inside else (reached + beyond) // 2
        there = amount >= middle if way > 0 else amount <= middle
        answer = ask((*claim, flaw, there))
        if isinstance(answer, Possible):
            reached = answer.whole(amount)
        else:
            beyond = middle
    return reached
