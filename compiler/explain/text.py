"""A trace as lines of text, for a person, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import assert_never

from compiler.domain import Rejection
from compiler.evaluate import Claim, Settled, Undefined
from compiler.explain.trace import BandNote, CapNote, EarlierNote, Note, OpeningNote, RoundNote, Step, TotalNote, Trace
from compiler.model import CLAIM_NUMBER, Band, Bound, CategoryFact, Constant, CountFact, Model, MoneyFact, Role
from dsl.money import Currency, format_money, format_ratio


def claim_text(claim: Claim, model: Model) -> str:
    """The facts of a claim as one would write them in an example: `borne 20,000.01, illness general`.

    Identifiers and dates, which decide nothing by themselves, are left out.
    """
    parts = []
    for fact in model.facts:
        value = claim.get(fact.name)
        if isinstance(fact, MoneyFact) and isinstance(value, int):
            parts.append(f"{fact.name} {format_money(value, model.currency)}")
        elif isinstance(fact, CountFact | CategoryFact):
            parts.append(f"{fact.name} {value}")
    return ", ".join(parts)


def render_trace(trace: Trace, model: Model) -> str:
    """The steps to what a claim is paid: an amount a paragraph, with the lines of the policy that decided."""
    match trace.outcome:
        case Rejection(field, reason):
            return f"not settled: {field}: {reason}"
        case Undefined(amount, lack):
            return f"not settled: the policy does not say what {amount} is: {lack.value}"
        case Settled():
            pass
        case _:
            assert_never(trace.outcome)
    paragraphs = [f"claim {claim_text(trace.claim, model)}"]
    width = max(len(step.amount.name) for step in trace.steps)
    money = max(len(format_money(step.value, model.currency)) for step in trace.steps)
    for step in trace.steps:
        head = (
            f"{step.amount.name:<{width}}  {format_money(step.value, model.currency):>{money}}  {_gloss(step)}".rstrip()
        )
        paragraphs.append("\n".join([head, *(f"    {line}" for line in _note_lines(step.notes, model.currency))]))
    return "\n".join(paragraphs)


def _gloss(step: Step) -> str:
    match step.amount.role:
        case Role.NAMED | Role.BENEFIT:
            return ""
        case Role.BASE:
            return "what it looks at"
        case Role.DEDUCTED:
            return "taken off as deductible"
        case Role.DUE:
            return "due, if it is the larger"
        case Role.AFTER_DEDUCTIBLE:
            return "above the deductible"
        case Role.BEFORE_CAP:
            return "before the cap"
        case Role.LEFT:
            return "not paid by the layers before"
        case Role.OWN_SHARE:
            return "paid by the person"
        case _:
            assert_never(step.amount.role)


def _note_lines(notes: tuple[Note, ...], currency: Currency) -> Iterator[str]:
    for note in notes:
        line, text = _note_line(note, currency)
        yield f"line {line:<4} {text}"


def _note_line(note: Note, currency: Currency) -> tuple[int, str]:
    def money(value: int | Fraction) -> str:
        return exact_money(Fraction(value), currency)

    match note:
        case TotalNote(total, before, after, span):
            return span.line, f"{total}: {money(before)} before, {money(after)} with this claim"
        case OpeningNote(True, amount, passed, span):
            return span.line, f"deductible {money(amount)}" + ("" if passed else ": not exceeded, nothing is paid")
        case OpeningNote(_, amount, passed, span):
            return span.line, f"threshold {money(amount)}: {'passed' if passed else 'not passed, nothing is paid'}"
        case BandNote(part, lower, upper):
            given = f"{money(part.length)} x {format_ratio(part.ratio)} = {money(part.gives)}"
            ends = _between(part.band, money(lower), "" if upper is None else money(upper))
            return part.band.span.line, f"{ends}: {given}"
        case CapNote(cap, value, cut, span):
            verdict = f"cuts {money(value)} down" if cut else f"not reached by {money(value)}"
            return span.line, f"cap {money(cap)}: {verdict}"
        case RoundNote(value, rounded, mode, unit, span):
            return span.line, f"{money(value)} rounded {mode.value} to {money(unit)} = {money(rounded)}"
        case EarlierNote(gives, span):
            return span.line, f"less {money(gives)}, which the total before this claim had given"
        case _:
            assert_never(note)


def band_text(band: Band, currency: Currency) -> str:
    """A band as the language writes it: `over 6,000.00 to 20,000.00`. Ends that follow from the claim are called so."""
    return _between(band, *(_end_text(bound, currency) for bound in (band.lower, band.upper)))


def _between(band: Band, lower: str, upper: str) -> str:
    begins = f"{'from' if band.lower.included else 'over'} {lower}"
    return begins if band.upper is None else f"{begins} {'to' if band.upper.included else 'to under'} {upper}"


def _end_text(bound: Bound | None, currency: Currency) -> str:
    if bound is None:
        return ""
    return format_money(bound.constant, currency) if isinstance(bound.value, Constant) else "an amount of the claim"


def exact_money(value: Fraction, currency: Currency) -> str:
    """An exact amount of minor units; with further decimals, or as a fraction, where it is no whole number of them."""
    if value.denominator == 1:
        return format_money(value.numerator, currency)
    sign, size = ("-" if value < 0 else ""), abs(value)
    for further in range(1, 7):
        scaled = size * 10**further
        if scaled.denominator == 1:
            whole, rest = divmod(scaled.numerator, 10**further)
            point = "" if currency.digits else "."
            return f"{sign}{format_money(whole, currency)}{point}{rest:0{further}d}"
    whole, rest_of = size.numerator // size.denominator, size - size.numerator // size.denominator
    smallest = format_money(1, currency)
    return f"{sign}{format_money(whole, currency)} + {rest_of.numerator}/{rest_of.denominator} of {smallest}"


def trace_record(trace: Trace, model: Model) -> dict[str, object]:
    """A trace as data: amounts in minor units, fractions as text."""
    facts = {name: value.isoformat() if isinstance(value, date) else value for name, value in trace.claim.items()}
    record: dict[str, object] = {"policy": model.id, "claim": facts, "claim_number": trace.claim.get(CLAIM_NUMBER)}
    match trace.outcome:
        case Rejection(field, reason):
            return {**record, "rejected": {"field": field, "reason": reason}}
        case Undefined(amount, lack):
            return {**record, "undefined": {"amount": amount, "lack": lack.value}}
        case Settled():
            steps = [_step_record(step, model.currency) for step in trace.steps]
            return {**record, "minor_per_major": model.currency.minor_per_major, "steps": steps}
        case _:
            assert_never(trace.outcome)


def _step_record(step: Step, currency: Currency) -> dict[str, object]:
    notes = [{"line": line, "text": text} for line, text in (_note_line(note, currency) for note in step.notes)]
    return {"amount": step.amount.name, "role": step.amount.role.value, "value": step.value, "notes": notes}
