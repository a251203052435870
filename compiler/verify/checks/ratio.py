"""TP201: the ratio of a higher band is never below that of a lower one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations

import z3

from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Allowance, Allowed, Band, Model, Schedule, reads
from compiler.verify.bands import in_order, is_missing
from compiler.verify.encode import Visit
from compiler.verify.ground import Clause, Ground, schedules, waits_for
from compiler.verify.prove import Fails, Holds, Open, Verdict
from compiler.verify.reach import can_matter, comes_before
from compiler.verify.unknown import bounds_of, is_unknown
from compiler.verify.witness import frozen
from compiler.verify.words import cell_text, claims_text, formula_text, with_note
from dsl.diagnostics import Diagnostic, Label
from dsl.money import format_ratio

CODE = "TP201"
COMPARED = "exact ratios compared, neighbour by neighbour"


def check(ground: Ground) -> Iterator[tuple[Finding, ...]]:
    """A finding for every column of every schedule, or for each place in it where the ratio falls."""
    for clause, schedule in schedules(ground.model):
        for column, key in enumerate(schedule.columns):
            cell = dict(zip(schedule.categories, key, strict=True))
            yield tuple(_column(ground, clause, schedule, column, cell))


def _column(ground: Ground, clause: Clause, schedule: Schedule, column: int, cell: dict[str, str]) -> list[Finding]:
    asked = Property(CODE, clause.subject, cell_text(cell), schedule.span)
    model = ground.model
    found: list[Finding] = []
    for low, high in falls(schedule, column):
        diagnostic = fall(model, CODE, clause, cell, column, low, high)
        match to_band(ground, clause, schedule, low, high, cell):
            case Fails(shown):
                line = with_note(f"{claims_text(model, shown.claims)} reaches the lower ratio", shown.note)
                witness = Witness(frozen(shown.claims))
                shown_there = Diagnostic(CODE, diagnostic.labels, diagnostic.params, diagnostic.variant, line)
                found.append(Refuted(asked, shown_there, witness, _allowance(model, clause)))
            case Holds():
                pass  # no claim reaches the higher band, which TP103 says
            case Open(reason):
                found.append(Unknown(asked, reason))
    return found or [Proved(asked, compared(schedule))]


def compared(schedule: Schedule) -> str:
    """How ratios are compared, in words."""
    unknown = any(is_unknown(ratio) for band in schedule.bands for ratio in band.ratios)
    return f"{COMPARED}, for every value of the unknown ratio" if unknown else COMPARED


def falls(schedule: Schedule, column: int) -> list[tuple[Band, Band]]:
    """The neighbouring bands whose ratio falls, or could fall, in a column; bands without a ratio are passed over.

    Where ends follow from the claim there is no one order: then every two bands in which it falls, whichever is higher.
    """
    bands = in_order(schedule) if schedule.constant else schedule.bands
    given = [band for band in bands if not is_missing(band.ratios[column])]
    pairs = pairwise(given) if schedule.constant else permutations(given, 2)
    return [(low, high) for low, high in pairs if least(high, column) < most(low, column)]


def least(band: Band, column: int) -> Fraction:
    """The ratio of a band in a column where it has one; the least that it can be where it is unknown."""
    return bounds_of(band.ratios[column])[0]


def most(band: Band, column: int) -> Fraction:
    """The ratio of a band in a column where it has one; the most that it can be where it is unknown."""
    return bounds_of(band.ratios[column])[1]


def fall(
    model: Model, code: str, clause: Clause, cell: dict[str, str], column: int, low: Band, high: Band
) -> Diagnostic:
    """What there is to say of a ratio that falls from one band to the next."""
    labels = (Label(high.ratios[column].span, "falls"), Label(low.ratios[column].span, "from"))
    params = (
        ("subject", clause.subject),
        ("cell", f" for {cell_text(cell)}" if cell else ""),
        ("low", format_ratio(least(high, column))),
        ("high", format_ratio(most(low, column))),
        ("at", formula_text(model, high.lower.value)),
    )
    unknown = is_unknown(high.ratios[column]) or is_unknown(low.ratios[column])
    return Diagnostic(code, labels, params, "unknown" if unknown else "")


def to_band(
    ground: Ground, clause: Clause, schedule: Schedule, low: Band | None, band: Band, cell: dict[str, str]
) -> Verdict:
    """The smallest claim that is paid for an amount in a band, or above it; the band above `low`, where ends can move.

    That no claim comes to it is said only where what its amount is computed from waits for nothing.
    """

    def here(visit: Visit) -> z3.BoolRef:
        assert visit.argument is not None
        if visit.layout is None:
            return visit.argument >= band.first
        place = schedule.bands.index(band)
        if low is None:
            return visit.layout.applies(place)
        one, other = visit.layout.bands[schedule.bands.index(low)], visit.layout.bands[place]
        return z3.And(visit.layout.applies(place), one.some, one.first < other.first)

    least = band.first if schedule.constant else 0
    # Of a band with constant ends the total after a claim lies in it or above it wherever the total before does.
    before = not schedule.constant and comes_before(ground.model, clause, schedule)
    found = can_matter(ground, clause, here, minimal=True, where=cell, least=least, before=before)
    waits = waits_for(ground, reads(clause.amount.expression))
    return Open(f"waits for {waits}") if isinstance(found, Holds) and waits is not None else found


def _allowance(model: Model, clause: Clause) -> Allowance | None:
    return next(
        (one for one in model.allowances if one.what is Allowed.RATIO_FALLS and one.benefit in (None, clause.subject)),
        None,
    )
