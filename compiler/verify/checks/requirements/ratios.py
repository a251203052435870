"""`<benefit> ratio never falls`, `<benefit> ratio at least 50%`: every band, every column."""

from __future__ import annotations

from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Band, Conformity, RatioBound, RatioNeverFalls, Schedule, Side
from compiler.verify.bands import in_order, is_missing
from compiler.verify.checks.ratio import COMPARED, compared, fall, falls, least, most, to_band
from compiler.verify.ground import Clause, Ground, schedules
from compiler.verify.prove import Fails, Holds, Open
from compiler.verify.witness import frozen
from compiler.verify.words import cell_text, claims_text, lower_end, with_note
from dsl.diagnostics import Diagnostic, Label
from dsl.money import format_ratio


def never_falls(ground: Ground, requirement: RatioNeverFalls, conformity: Conformity | None = None) -> list[Finding]:
    """The ratio of each further band is at least that of the one before."""
    asked = _asked(requirement, "ratio never falls", conformity)
    found: list[Finding] = []
    for clause, schedule, column, cell in _columns(ground, requirement.benefit):
        for low, high in falls(schedule, column):
            said = fall(ground.model, "TP302", clause, cell, column, low, high)
            labels = (*_required(requirement, conformity), *said.labels)
            diagnostic = Diagnostic("TP302", labels, said.params, "ratio_falls")
            found += _reached(ground, asked, clause, schedule, cell, low, high, diagnostic)
    return found or [Proved(asked, _compared(ground, requirement.benefit))]


def _asked(requirement: RatioNeverFalls | RatioBound, words: str, conformity: Conformity | None) -> Property:
    """What is asked; of a standard, with its name and at the clause that says the benefit conforms to it."""
    if conformity is None:
        return Property("TP302", f"{requirement.benefit} {words}", "", requirement.span)
    subject = f"{requirement.benefit} conforms to {conformity.standard} ({words})"
    return Property("TP302", subject, "", conformity.span)


def _required(requirement: RatioNeverFalls | RatioBound, conformity: Conformity | None) -> tuple[Label, ...]:
    required = Label(requirement.span, "required")
    return (required,) if conformity is None else (Label(conformity.span, "conforms"), required)


def _compared(ground: Ground, benefit: str) -> str:
    methods = {compared(schedule) for clause, schedule in schedules(ground.model) if clause.subject == benefit}
    return max(methods, default=COMPARED)


def bound(ground: Ground, requirement: RatioBound, conformity: Conformity | None = None) -> list[Finding]:
    """The ratio of every band in every column is on the right side of the one required."""
    side, limit = requirement.side, requirement.ratio
    asked = _asked(requirement, f"ratio {side.value} {format_ratio(limit)}", conformity)
    found: list[Finding] = []
    for clause, schedule, column, cell in _columns(ground, requirement.benefit):
        for band in in_order(schedule) if schedule.constant else schedule.bands:
            if is_missing(band.ratios[column]):
                continue
            given = least(band, column) if side is Side.AT_LEAST else most(band, column)
            if given >= limit if side is Side.AT_LEAST else given <= limit:
                continue
            labels = (*_required(requirement, conformity), Label(band.ratios[column].span, "ratio"))
            params = (
                ("subject", requirement.benefit),
                ("ratio", format_ratio(given)),
                ("cell", f" for {cell_text(cell)}" if cell else ""),
                ("begins", lower_end(ground.model, band.lower)),
                ("side", side.value),
                ("limit", format_ratio(limit)),
            )
            diagnostic = Diagnostic("TP302", labels, params, "ratio")
            found += _reached(ground, asked, clause, schedule, cell, None, band, diagnostic)
    return found or [Proved(asked, _compared(ground, requirement.benefit))]


def _columns(ground: Ground, benefit: str) -> list[tuple[Clause, Schedule, int, dict[str, str]]]:
    return [
        (clause, schedule, column, dict(zip(schedule.categories, key, strict=True)))
        for clause, schedule in schedules(ground.model)
        if clause.subject == benefit
        for column, key in enumerate(schedule.columns)
    ]


def _reached(
    ground: Ground,
    asked: Property,
    clause: Clause,
    schedule: Schedule,
    cell: dict[str, str],
    low: Band | None,
    band: Band,
    diagnostic: Diagnostic,
) -> list[Finding]:
    """The finding with the smallest claim in the band; none where no claim comes to it, which TP103 says."""
    match to_band(ground, clause, schedule, low, band, cell):
        case Holds():
            return []
        case Open(reason):
            return [Unknown(asked, reason)]
        case Fails(shown):
            line = with_note(f"{claims_text(ground.model, shown.claims)} lies in this band", shown.note)
            said = Diagnostic(diagnostic.code, diagnostic.labels, diagnostic.params, diagnostic.variant, line)
            return [Refuted(asked, said, Witness(frozen(shown.claims)))]
