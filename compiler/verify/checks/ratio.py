"""TP201: the ratio of a higher band is never below that of a lower one."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import z3

from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Allowance, Allowed, Band, Model, Schedule
from compiler.verify.bands import in_order
from compiler.verify.encode import Visit
from compiler.verify.ground import Clause, Ground, schedules
from compiler.verify.prove import Fails, Holds, Open, Verdict
from compiler.verify.reach import can_happen, is_seen
from compiler.verify.witness import frozen
from compiler.verify.words import cell_text, claims_text, short
from dsl.diagnostics import Diagnostic, Label
from dsl.money import format_ratio

CODE = "TP201"
COMPARED = "exact ratios compared, neighbour by neighbour"


def check(ground: Ground) -> tuple[Finding, ...]:
    """A finding for every column of every schedule, or for each place in it where the ratio falls."""
    return tuple(
        finding
        for clause, schedule in schedules(ground.model)
        for column, key in enumerate(schedule.columns)
        for finding in _column(ground.model, clause, schedule, column, dict(zip(schedule.categories, key, strict=True)))
    )


def _column(model: Model, clause: Clause, schedule: Schedule, column: int, cell: dict[str, str]) -> list[Finding]:
    asked = Property(CODE, clause.subject, cell_text(cell), schedule.span)
    found: list[Finding] = []
    for low, high in falls(schedule, column):
        diagnostic = fall(model, CODE, clause, cell, column, low, high)
        match to_band(model, clause, high, cell):
            case Fails(shown):
                line = f"{claims_text(model, shown.claims)} reaches the lower ratio"
                witness = Witness(frozen(shown.claims))
                shown_there = Diagnostic(CODE, diagnostic.labels, diagnostic.params, "", line)
                found.append(Refuted(asked, shown_there, witness, _allowance(model, clause)))
            case Holds():
                pass  # no claim reaches the higher band, which TP103 says
            case Open(reason):
                found.append(Unknown(asked, reason))
    return found or [Proved(asked, COMPARED)]


def falls(schedule: Schedule, column: int) -> list[tuple[Band, Band]]:
    """The neighbouring bands whose ratio falls in a column; bands without a ratio there are passed over."""
    bands = [band for band in in_order(schedule) if band.ratios[column].ratio is not None]
    return [(low, high) for low, high in pairwise(bands) if ratio_of(high, column) < ratio_of(low, column)]


def ratio_of(band: Band, column: int) -> Fraction:
    """The ratio of a band in a column where it has one."""
    ratio = band.ratios[column].ratio
    assert ratio is not None
    return ratio


def fall(
    model: Model, code: str, clause: Clause, cell: dict[str, str], column: int, low: Band, high: Band
) -> Diagnostic:
    """What there is to say of a ratio that falls from one band to the next."""
    labels = (Label(high.ratios[column].span, "falls"), Label(low.ratios[column].span, "from"))
    params = (
        ("subject", clause.subject),
        ("cell", f" for {cell_text(cell)}" if cell else ""),
        ("low", format_ratio(ratio_of(high, column))),
        ("high", format_ratio(ratio_of(low, column))),
        ("at", short(model, high.lower.value)),
    )
    return Diagnostic(code, labels, params)


def to_band(model: Model, clause: Clause, band: Band, cell: dict[str, str]) -> Verdict:
    """The smallest claim whose amount lies in a band."""

    def here(visit: Visit) -> z3.BoolRef:
        assert visit.argument is not None
        return visit.argument >= band.first

    return can_happen(model, clause, here, is_seen, where=cell, least=band.first)


def _allowance(model: Model, clause: Clause) -> Allowance | None:
    return next(
        (one for one in model.allowances if one.what is Allowed.RATIO_FALLS and one.benefit in (None, clause.subject)),
        None,
    )
