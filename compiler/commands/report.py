"""Verdicts as people read them and as data: the words of `check`, and of `build` and `run` when they refuse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import assert_never

from compiler.commands.assumed import OF_EVERY_POLICY, assumptions
from compiler.commands.pasted import example_block
from compiler.driver import Loaded, Verdict
from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Model
from compiler.version import VERSION
from dsl.catalogue import Catalogue
from dsl.diagnostics import Severity
from dsl.render import Style, printable, render_record, render_text

PASSED = 0
WRONG = 1
UNDECIDED = 3


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """0 all proved, 1 something is wrong, 3 something stayed unknown."""
    if any(verdict.errors for verdict in verdicts):
        return WRONG
    return PASSED if all(verdict.passed for verdict in verdicts) else UNDECIDED


def waits(finding: Unknown) -> bool:
    """Whether a question was not asked because another flaw must go first; then that flaw says enough."""
    return finding.reason.startswith("waits for ")


# As text ----------------------------------------------------------------------------------------------


def flaws(
    verdict: Verdict, catalogue: Catalogue, style: Style, brief: bool = False, examples: bool = False
) -> Iterator[str]:
    """Everything about a policy that is not as it should be, one text each: wrong, unknown, allowed.

    What the policy allows is shown without the clauses and the claim where it is to be `brief`.
    With `examples` the claims of a flaw stand behind it as a block to paste.
    """
    source = verdict.loaded.source
    for diagnostic in verdict.loaded.diagnostics:
        yield render_text(diagnostic, source, catalogue, style)
    for finding in verdict.findings:
        match finding:
            case Proved():
                pass
            case Refuted(diagnostic=diagnostic, allowance=None):
                text = render_text(diagnostic, source, catalogue, style)
                yield text + (_to_paste(finding, verdict, catalogue, style) if examples else "")
            case Refuted(diagnostic=diagnostic, allowance=allowance):
                assert allowance is not None
                remark = ("allowed", f"{allowance.reason} (line {allowance.span.line})")
                note = replace(diagnostic, severity=Severity.NOTE)
                lines = render_text(note, source, catalogue, style, [remark]).splitlines()
                text = "\n".join([*lines[:2], lines[-1]] if brief else lines)
                yield text + (_to_paste(finding, verdict, catalogue, style) if examples else "")
            case Unknown(property=asked, reason=reason) if not waits(finding):
                place = f"{asked.span.path}:{asked.span.line}:{asked.span.column}"
                title = f"{style.warning}unknown[{asked.code}]{style.end}: {style.strong}not shown{style.end}"
                yield f"{title}: {statement(asked, catalogue)}\n --> {place}\n   = reason: {reason}"
            case Unknown() | NotAsked():
                pass
            case _:
                assert_never(finding)


def _to_paste(finding: Refuted, verdict: Verdict, catalogue: Catalogue, style: Style) -> str:
    """The claims of a flaw as a block, from the first column on; nothing where there are none."""
    block = _example(finding, verdict, catalogue)
    if block is None:
        return ""
    head = f"   {style.frame}={style.end} {style.strong}to paste{style.end}:"
    return f"\n{head}\n{''.join(printable(line) + chr(10) for line in block.splitlines())}".rstrip("\n")


def _example(finding: Refuted, verdict: Verdict, catalogue: Catalogue) -> str | None:
    model = verdict.loaded.model
    assert model is not None
    return example_block(model, finding, catalogue)


def proofs(verdict: Verdict, catalogue: Catalogue, style: Style) -> Iterator[str]:
    """Every property that was proved, with the method that showed it; then those that were not asked, and why."""
    for finding in verdict.findings:
        if isinstance(finding, Proved):
            kind = f"{style.note}proved[{finding.property.code}]{style.end}"
            yield f"{kind}: {statement(finding.property, catalogue)} ({finding.method})"
    for finding in verdict.findings:
        if isinstance(finding, NotAsked):
            kind = f"{style.note}not asked[{finding.property.code}]{style.end}"
            yield f"{kind}: {statement(finding.property, catalogue)} ({finding.reason})"


def statement(asked: Property, catalogue: Catalogue) -> str:
    """A property in words: of what, in which column, and what."""
    of = ", ".join(part for part in (asked.subject, asked.column) if part)
    what = catalogue.proved(asked.code, asked.variant)
    return f"{of}: {what}" if of else what


def policy_line(verdict: Verdict, conforming: Sequence[str] = ()) -> str:
    """One policy on one line, or one standard with the policies that conform to it."""
    loaded = verdict.loaded
    if loaded.standard is None:
        return f"{loaded.source.path}: {_counts([verdict])}"
    number = len(loaded.standard.lines)
    by = f"conformed to by {', '.join(conforming)}" if conforming else "no policy here says that it conforms"
    errors = f"; {_counts([verdict])}" if verdict.errors else ""
    return f"{loaded.source.path}: standard: {number} {_plural(number, 'requirement', 'requirements')}, {by}{errors}"


def conforming(standard: Loaded, among: Sequence[Loaded]) -> tuple[str, ...]:
    """The policies among some files that say they conform to a standard, once each; none for what is no standard."""
    if standard.standard is None:
        return ()
    name = standard.standard.name.text
    models = (one.model for one in among if one.model is not None)
    return tuple(dict.fromkeys(model.id for model in models if any(one.standard == name for one in model.conformities)))


def notes(verdict: Verdict) -> tuple[str, ...]:
    """What to know about a policy that is right: whether it is a draft, and what its proofs take for granted."""
    model = verdict.loaded.model
    if model is None or verdict.errors:
        return ()
    draft = ("draft: no calculator is built of it",) if model.draft else ()
    assumed = "; ".join(one.text for one in assumptions(model))
    return (*draft, f"assumed: {assumed}") if assumed else draft


def summary(command: str, verdicts: Sequence[Verdict], elapsed_ms: int, verbose: bool = False) -> str:
    """The last line: `check passed: 28 properties proved in 0.3 s`; what was not asked is counted if `verbose`."""
    outcome = {PASSED: "passed", WRONG: "failed", UNDECIDED: "undecided"}[exit_code(verdicts)]
    return f"{command} {outcome}: {_counts(verdicts, verbose)} in {elapsed_ms / 1000:.1f} s"


def _counts(verdicts: Sequence[Verdict], verbose: bool = False) -> str:
    errors = sum(verdict.errors for verdict in verdicts)
    waiting = sum(isinstance(one, Unknown) and waits(one) for verdict in verdicts for one in verdict.findings)
    unknown = sum(verdict.unknown for verdict in verdicts) - waiting
    allowed = sum(verdict.allowed for verdict in verdicts)
    proved = sum(verdict.proved for verdict in verdicts)
    asked = sum(verdict.asked for verdict in verdicts)
    not_asked = sum(verdict.not_asked for verdict in verdicts)
    properties = f"{proved} {_plural(proved, 'property', 'properties')} proved"
    if proved != asked:
        properties = f"{proved} of {asked} {_plural(asked, 'property', 'properties')} proved"
    if errors and not asked:
        return f"{errors} {_plural(errors, 'error', 'errors')}"
    parts = [
        f"{errors} {_plural(errors, 'error', 'errors')}" if errors else "",
        properties,
        f"{allowed} allowed by the policy" if allowed else "",
        f"{unknown} unknown" if unknown else "",
        f"{waiting} not asked before that is put right" if waiting else "",
        f"{not_asked} not asked" if verbose and not_asked else "",
    ]
    return "; ".join(part for part in parts if part)


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


# As data ----------------------------------------------------------------------------------------------


def report_record(verdicts: Sequence[Verdict], catalogue: Catalogue, elapsed_ms: int) -> dict[str, object]:
    """All verdicts as one document. Money is whole minor units, dates are ISO 8601."""
    return {
        "tierproof": VERSION,
        "result": {PASSED: "passed", WRONG: "failed", UNDECIDED: "unknown"}[exit_code(verdicts)],
        "errors": sum(verdict.errors for verdict in verdicts),
        "properties": sum(verdict.asked for verdict in verdicts),
        "proved": sum(verdict.proved for verdict in verdicts),
        "allowed": sum(verdict.allowed for verdict in verdicts),
        "unknown": sum(verdict.unknown for verdict in verdicts),
        "not_asked": sum(verdict.not_asked for verdict in verdicts),
        "elapsed_ms": elapsed_ms,
        "assumed": OF_EVERY_POLICY,
        "policies": [policy_record(verdict, catalogue) for verdict in verdicts if verdict.loaded.standard is None],
        "standards": [_standard(verdict, verdicts, catalogue) for verdict in verdicts if verdict.loaded.standard],
    }


def _standard(verdict: Verdict, among: Sequence[Verdict], catalogue: Catalogue) -> dict[str, object]:
    loaded = verdict.loaded
    assert loaded.standard is not None
    return {
        "path": loaded.source.path,
        "name": loaded.standard.name.text,
        "requirements": len(loaded.standard.lines),
        "conformed_to_by": list(conforming(loaded, [one.loaded for one in among])),
        "diagnostics": [render_record(diagnostic, loaded.source, catalogue) for diagnostic in loaded.diagnostics],
    }


def policy_record(verdict: Verdict, catalogue: Catalogue) -> dict[str, object]:
    """One policy: what is wrong with its text, and the answer to every question."""
    loaded = verdict.loaded
    return {
        "path": loaded.source.path,
        **_names(loaded.model),
        "diagnostics": [render_record(diagnostic, loaded.source, catalogue) for diagnostic in loaded.diagnostics],
        "findings": [_finding(finding, verdict, catalogue) for finding in verdict.findings],
    }


def _names(model: Model | None) -> dict[str, object]:
    if model is None:
        return {"id": None, "title": None, "currency": None, "minor_units": None}
    force = model.in_force
    last = None if force is None or force.last is None else force.last.isoformat()
    return {
        "id": model.id,
        "title": model.title,
        "currency": model.currency.code,
        "minor_units": model.currency.minor_per_major,
        "draft": model.draft,
        "in_force": None if force is None else {"first": force.first.isoformat(), "last": last, "by": force.by},
        "conforms_to": [{"standard": one.standard, "benefit": one.benefit} for one in model.conformities],
        "assumed": [
            {"kind": one.kind, "about": one.about, "text": one.text, "line": one.line} for one in assumptions(model)
        ],
    }


def _finding(finding: Finding, verdict: Verdict, catalogue: Catalogue) -> dict[str, object]:
    asked = finding.property
    record: dict[str, object] = {
        "code": asked.code,
        "subject": asked.subject,
        "column": asked.column or None,
        "property": catalogue.proved(asked.code, asked.variant),
        "line": asked.span.line,
    }
    match finding:
        case Proved(method=method):
            return {"answer": "proved", **record, "method": method}
        case Refuted(diagnostic=diagnostic, witness=witness, allowance=allowance):
            return {
                "answer": "refuted" if allowance is None else "allowed",
                **record,
                "diagnostic": render_record(diagnostic, verdict.loaded.source, catalogue),
                "witness": witness_record(witness),
                "example": _example(finding, verdict, catalogue),
                "allowed_because": allowance.reason if allowance is not None else None,
            }
        case Unknown(reason=reason):
            return {"answer": "unknown", **record, "reason": reason}
        case NotAsked(reason=reason):
            return {"answer": "not asked", **record, "reason": reason}
        case _:
            assert_never(finding)


def witness_record(witness: Witness) -> list[dict[str, object]]:
    """The claims of a witness: amounts in minor units, days as text."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in claim}
        for claim in witness.claims
    ]
