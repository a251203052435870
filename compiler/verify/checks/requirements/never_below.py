"""`<amount> for <better> never below <worse>`: of two people with the same bills, at every moment.

Shown clause by clause, or of all claims of a period as one (`compiler/verify/received.py`). Refuted by one, two or
three bills, settled for both: what was received of them in all is less with the better word.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from compiler.findings import Finding, Property, Refuted, Unknown, Witness
from compiler.model import Model, NeverBelow
from compiler.verify.contract import cells
from compiler.verify.ground import Ground, categories_behind, model_for, narrowed, waits_for
from compiler.verify.plans import LONGEST_HISTORY
from compiler.verify.prove import Holds, Open
from compiler.verify.received import never_behind
from compiler.verify.solve import Undecided
from compiler.verify.two_people import Less, People, less_received
from compiler.verify.witness import frozen
from compiler.verify.words import claim_line, money, said
from dsl.diagnostics import Diagnostic, Label

MOST_ROWS = 16
"""With more combinations of words in a row of claims the solver is asked for all of them at once."""


def check(ground: Ground, requirement: NeverBelow) -> Finding:
    """Proved by what the clauses give either word; refuted by bills that bring the better word less."""
    name = requirement.benefit
    model = model_for(ground, frozenset({name}))
    words = f"{said(name)} for {requirement.better} never below {requirement.worse}"
    asked = Property("TP302", words, "", requirement.span)
    waits = waits_for(ground, frozenset({name}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    people = People(requirement.fact, requirement.better, requirement.worse)
    proof = never_behind(model, people, name, ground.contracts)
    match proof:
        case Holds() as shown:
            return shown.proved(asked)
        case Open(reason):
            found = _bills(model, people, name)
            if isinstance(found, Less):
                return _refuted(model, asked, requirement, found)
            return Unknown(asked, found or reason)


def _bills(model: Model, people: People, name: str) -> Less | str:
    """Bills that show it, as few as will do; otherwise why the solver gave up, if it did."""
    alone = narrowed(model, frozenset({name}))
    others = tuple(fact for fact in categories_behind(alone, frozenset({name})) if fact != people.fact)
    reason = ""
    for length in range(1, LONGEST_HISTORY + 1 if alone.running_totals else 2):
        for words in _rows(cells(alone, others), length):
            found = less_received(alone, people, name, words)
            if isinstance(found, Less):
                return found
            if isinstance(found, Undecided):
                reason = found.reason
    return reason


def _rows(asked: tuple[dict[str, str], ...], length: int) -> Iterator[tuple[dict[str, str], ...]]:
    """The words of so many claims, in every combination; left open where there are too many."""
    if length == 1 or len(asked) ** length <= MOST_ROWS:
        yield from product(asked, repeat=length)
    else:
        yield ({},) * length


def _refuted(model: Model, asked: Property, requirement: NeverBelow, found: Less) -> Finding:
    name = requirement.benefit
    params = (
        ("benefit", said(name)),
        ("better", requirement.better),
        ("worse", requirement.worse),
        ("less", money(model, found.better)),
        ("more", money(model, found.worse)),
    )
    several = len(found.claims) > 1
    together = " in all" if several else ""
    result = f"{said(name)} {money(model, found.better)}{together}; for {requirement.worse} {money(model, found.worse)}"
    labels = (Label(requirement.span, "required"), Label(model.amount(name).span, "amount"))
    line = claim_line(model, found.claims, result, found.note)
    diagnostic = Diagnostic("TP302", labels, params, "never_below_bills" if several else "never_below", line)
    return Refuted(asked, diagnostic, Witness(frozen(found.claims)))
