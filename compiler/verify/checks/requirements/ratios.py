"""`<benefit> ratio never falls as <fact> rises`, `<benefit> ratio at least 50%`: every band, every column."""

from __future__ import annotations

from compiler.findings import Finding, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Band, RatioBound, RatioNeverFalls, Schedule, Side
from compiler.verify.bands import in_order
from compiler.verify.checks.ratio import COMPARED, fall, falls, ratio_of, to_band
from compiler.verify.checks.requirements.never_falls import falling
from compiler.verify.claims import sources
from compiler.verify.ground import Clause, Ground, schedules, waits_for
from compiler.verify.prove import Fails, Holds, Open
from compiler.verify.witness import frozen
from compiler.verify.words import cell_text, claims_text, lower_end
from dsl.diagnostics import Diagnostic, Label
from dsl.money import format_ratio


def never_falls(ground: Ground, requirement: RatioNeverFalls) -> list[Finding]:
    """The ratio of each further band is at least that of the one before, and the bands' amount rises with the fact."""
    words = f"{requirement.benefit} ratio never falls as {requirement.as_rises} rises"
    asked = Property("TP302", words, "", requirement.span)
    found: list[Finding] = []
    for clause, schedule, column, cell in _columns(ground, requirement.benefit):
        for low, high in falls(schedule, column):
            said = fall(ground.model, "TP302", clause, cell, column, low, high)
            labels = (Label(requirement.span, "required"), *said.labels)
            diagnostic = Diagnostic("TP302", labels, said.params, "ratio_falls")
            found += _reached(ground, asked, clause, cell, high, diagnostic)
    return found or [_with_the_fact(ground, asked, requirement)]


def _with_the_fact(ground: Ground, asked: Property, requirement: RatioNeverFalls) -> Finding:
    """A ratio that rises from band to band rises with the fact only where the bands' amount does."""
    base = next(benefit.base for benefit in ground.model.benefits if benefit.name == requirement.benefit)
    if requirement.as_rises not in sources(ground.model, frozenset({base})):
        return Proved(asked, f"{requirement.benefit} does not depend on {requirement.as_rises}")
    waits = waits_for(ground, frozenset({base}))
    if waits is not None:
        return Unknown(asked, f"waits for {waits}")
    match falling(ground, base, requirement.as_rises):
        case Holds():
            return Proved(asked, COMPARED)
        case Fails():
            return Unknown(asked, f"the amount of {requirement.benefit} falls as {requirement.as_rises} rises")
        case Open(reason):
            return Unknown(asked, reason)


def bound(ground: Ground, requirement: RatioBound) -> list[Finding]:
    """The ratio of every band in every column is on the right side of the one required."""
    side, limit = requirement.side, requirement.ratio
    asked = Property("TP302", f"{requirement.benefit} ratio {side.value} {format_ratio(limit)}", "", requirement.span)
    found: list[Finding] = []
    for clause, schedule, column, cell in _columns(ground, requirement.benefit):
        for band in in_order(schedule):
            given = band.ratios[column].ratio
            if given is None or (given >= limit if side is Side.AT_LEAST else given <= limit):
                continue
            labels = (Label(requirement.span, "required"), Label(band.ratios[column].span, "ratio"))
            params = (
                ("subject", requirement.benefit),
                ("ratio", format_ratio(ratio_of(band, column))),
                ("cell", f" for {cell_text(cell)}" if cell else ""),
                ("begins", lower_end(ground.model, band.lower)),
                ("side", side.value),
                ("limit", format_ratio(limit)),
            )
            diagnostic = Diagnostic("TP302", labels, params, "ratio")
            found += _reached(ground, asked, clause, cell, band, diagnostic)
    return found or [Proved(asked, COMPARED)]


def _columns(ground: Ground, benefit: str) -> list[tuple[Clause, Schedule, int, dict[str, str]]]:
    return [
        (clause, schedule, column, dict(zip(schedule.categories, key, strict=True)))
        for clause, schedule in schedules(ground.model)
        if clause.subject == benefit
        for column, key in enumerate(schedule.columns)
    ]


def _reached(
    ground: Ground, asked: Property, clause: Clause, cell: dict[str, str], band: Band, diagnostic: Diagnostic
) -> list[Finding]:
    """The finding with the smallest claim in the band; none where no claim comes to it, which TP103 says."""
    match to_band(ground.model, clause, band, cell):
        case Holds():
            return []
        case Open(reason):
            return [Unknown(asked, reason)]
        case Fails(shown):
            line = f"{claims_text(ground.model, shown.claims)} lies in this band"
            said = Diagnostic(diagnostic.code, diagnostic.labels, diagnostic.params, diagnostic.variant, line)
            return [Refuted(asked, said, Witness(frozen(shown.claims)))]
