"""A comparison of two policies as people read it, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from compiler.commands.over_time import claim_as_data, over_time, over_time_record
from compiler.compare.clauses import Change, Clause
from compiler.compare.differences import Differences
from compiler.compare.rejected import Rejected
from compiler.compare.result import Comparison, Extreme, Found, Part, Range, Subject, Verdict
from compiler.driver import Loaded
from compiler.explain.text import claim_text
from compiler.model import OWN_SHARE, Allowance, Model, MoneyFact
from compiler.version import VERSION
from dsl.money import DOMAIN_TOP, format_money
from dsl.render import Style, printable

WORSE_OFF = "worse-off"
BETTER_OFF = "better-off"
ANY = "any"
FORBIDDEN = (WORSE_OFF, BETTER_OFF, ANY)
"""What `--forbid` takes."""

CLAIMS = "one claim that nothing was settled before"
REST = ", of the claims that both settle"
"""What the answer is about where the new policy settles fewer claims."""

TOGETHER = f"{CLAIMS}, or all claims of a period together"


def compared(found: Comparison) -> str:
    """What the tables are about, in words."""
    alike = f", where they agree in {' and '.join(found.alike)}" if found.alike else ""
    return f"{TOGETHER if found.together else CLAIMS}{alike}; `in force` is left aside"


def forbidden(answer: Differences, asked: Sequence[str]) -> tuple[str, ...]:
    """What was found of what must not be. Being worse off is no offence where the new policy says why; whose claim is
    rejected is worse off, and no reason excuses it."""
    found = {
        WORSE_OFF: (answer.found.worse_off is Found.SOMEBODY and not answer.wanted) or bool(answer.rejected),
        BETTER_OFF: answer.found.better_off is Found.SOMEBODY,
        ANY: answer.found.differs or bool(answer.rejected),
    }
    return tuple(one for one in FORBIDDEN if one in asked and found[one])


def undecided(answer: Differences, asked: Sequence[str]) -> bool:
    """Whether something is open that matters. Where only being worse off is forbidden, and the new policy says why some
    claims are, it says so of all claims of a period too."""
    found = answer.found
    lost = found.worse_off is Found.SOMEBODY
    excused = set(asked) == {WORSE_OFF} and lost and answer.wanted and not found.of_first.open
    return found.open and not excused


# As text ----------------------------------------------------------------------------------------------


def paragraphs(before: Loaded, after: Loaded, answer: Differences, style: Style) -> Iterator[str]:
    """What differs, part by part, and the clauses that changed."""
    model = after.model
    assert model is not None
    found = answer.found
    lost = found.worse_off is Found.SOMEBODY
    head = [
        f"{style.strong}{verdict(answer)}{style.end}: {_answer(found)}{REST if answer.rejected else ''}",
        f" --> {printable(before.source.path)}",
        f"  -> {printable(after.source.path)}",
        f"   = compared: {compared(found)}",
        *(f"   = rejected: {_rejected(one, model)}, which the old policy settles" for one in answer.rejected),
        *(f"   = note: {note}" for note in found.notes),
        *over_time(found, model),
        *(f"   = allowed: {printable(_allowed(one))}" for one in answer.allowances if lost),
    ]
    yield "\n".join(head)
    for part in found.parts:
        if len(found.parts) > 1 or part.verdict is not Verdict.EQUAL or _shown_subjects(part):
            yield "\n".join(_part_lines(part, found, model, style))
    if answer.clauses:
        yield "\n".join(_clause_lines(answer.clauses, style))


def verdict(answer: Differences) -> str:
    """The answer over all claims, in a few words."""
    return (
        f"{answer.found.verdict.value}, but some claims are rejected" if answer.rejected else answer.found.verdict.value
    )


def _rejected(one: Rejected, model: Model) -> str:
    if isinstance(one.first, int):
        assert isinstance(one.last, int)
        last = "on" if one.last == DOMAIN_TOP else f"to {_value(one.last, one.fact, model)}"
        return f"{one.fact} from {_value(one.first, one.fact, model)} {last}"
    last = "on" if one.last is None else f"to {one.last}"
    return f"{one.fact} from {one.first} {last}"


def _allowed(one: Allowance) -> str:
    return f"{one.benefit or 'all'} worse off: {one.reason} (line {one.span.line})"


def _answer(found: Comparison) -> str:
    if found.verdict is not Verdict.UNKNOWN or found.of_first.verdict is Verdict.UNKNOWN:
        return _sentence(found.verdict)
    first = _sentence(found.of_first.verdict)
    return f"of first claims: {first}; of all claims of a period not everything could be shown"


def _sentence(verdict: Verdict) -> str:
    match verdict:
        case Verdict.EQUAL:
            return "nobody is paid more or less in all"
        case Verdict.NEVER_LESS:
            return "some are paid more, nobody less"
        case Verdict.NEVER_MORE:
            return "some are paid less, nobody more"
        case Verdict.MIXED:
            return "some are paid more and some less"
        case Verdict.UNKNOWN:
            return "not everything could be shown"


def _part_lines(part: Part, found: Comparison, model: Model, style: Style) -> Iterator[str]:
    cells = "; ".join(", ".join(f"{fact} {word}" for fact, word in cell.items()) for cell in part.cells)
    where = [cells] if cells else []
    if found.several:
        where.append(f"by the rules of {_days(part)}")
    if part.ratio:
        where.append(part.ratio)
    title = ", ".join(where) or "every claim"
    yield f"{style.strong}{printable(title)}{style.end}: {part.verdict.value}"
    for subject in _shown_subjects(part):
        yield from _subject_lines(subject, found.fact, model)


def _days(part: Part) -> str:
    if len(set(part.on.values())) < 2:
        return part.day.isoformat()
    return " and ".join(f"{fact} {day.isoformat()}" for fact, day in part.on.items())


def _shown_subjects(part: Part) -> tuple[Subject, ...]:
    """The amounts that differ; the own share only where it is not the other side of what is paid."""
    paid, own = part.whole
    mirror = _numbers(paid) == _numbers(own)
    return tuple(
        one for one in part.subjects if (one.gain or one.loss or one.open) and not (one.name == OWN_SHARE and mirror)
    )


def _numbers(one: Subject) -> object:
    ranges = None
    if one.ranges is not None:
        ranges = [(each.first, each.last, _by(each.gain), _by(each.loss)) for each in one.ranges]
    return ranges, _by(one.gain), _by(one.loss), one.open


def _by(extreme: Extreme | None) -> int:
    return 0 if extreme is None else extreme.by


def _subject_lines(subject: Subject, fact: str | None, model: Model) -> Iterator[str]:
    name = subject.name.replace("_", " ") if subject.name == OWN_SHARE else subject.name
    if subject.open:
        yield f"  {name}: unknown: {subject.open}"
    ways = ("less", "more") if subject.name == OWN_SHARE else ("more", "less")
    if subject.ranges is None or fact is None:
        for way, extreme in zip(ways, (subject.gain, subject.loss), strict=True):
            if extreme is not None:
                was, now = (format_money(value, model.currency) for value in (extreme.old, extreme.new))
                whole = "" if extreme.single else "claims that come together to "
                claim = f"{whole}{claim_text(extreme.claim, model)}"
                by = format_money(extreme.by, model.currency)
                yield f"  {name}: {way}, by {by} at most: {claim}: was {was}, is {now}"
        for one in subject.along:
            given = ", ".join(f"{other} {_value(value, other, model)}" for other, value in one.given)
            yield from _table(one.ranges, name, ways, one.fact, f"{one.fact}, with {given}", model)
        return
    if subject.ranges:
        yield from _table(subject.ranges, name, ways, fact, fact, model)


def _table(
    ranges: Sequence[Range], name: str, ways: tuple[str, str], fact: str, title: str, model: Model
) -> Iterator[str]:
    rows = [("from", "to", name, "at most by", "at", "was", "is")]
    for one in ranges:
        rows += _rows(one, ways, fact, model)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    yield f"  by {title}"
    for row in rows:
        cells = [
            cell.ljust(width) if column == 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"    {'  '.join(cells)}".rstrip()


def _rows(
    one: Range, ways: tuple[str, str], fact: str, model: Model
) -> Iterator[tuple[str, str, str, str, str, str, str]]:
    for way, extreme in zip(ways, (one.gain, one.loss), strict=True):
        if extreme is not None:
            some = one.gain is not None and one.loss is not None
            word = f"some {way}" if some else way if one.every else f"{way} or the same"
            at = extreme.claim[fact]
            assert isinstance(at, int)
            figures = (format_money(value, model.currency) for value in (extreme.by, extreme.old, extreme.new))
            by, was, now = figures
            last = "no end" if one.last == DOMAIN_TOP else _value(one.last, fact, model)
            yield _value(one.first, fact, model), last, word, by, _value(at, fact, model), was, now


def _value(value: int, fact: str, model: Model) -> str:
    return format_money(value, model.currency) if isinstance(model.fact(fact), MoneyFact) else f"{value:,}"


def _clause_lines(changes: Sequence[Change], style: Style) -> Iterator[str]:
    yield f"{style.strong}changed clauses{style.end}"
    for change in changes:
        for sign, clause in (("-", change.old), ("+", change.new)):
            if clause is not None:
                yield f"  {sign} {printable(clause.path)}:{clause.line}: {printable(clause.text)}"


def summary(answer: Differences, broken: Sequence[str], elapsed_ms: int) -> str:
    """The last line."""
    changed = len(answer.clauses)
    clauses = f"{changed} changed {'clause' if changed == 1 else 'clauses'}"
    what = f"diff failed: {' and '.join(broken)} is forbidden; " if broken else "diff: "
    return f"{what}{verdict(answer)}, {clauses} in {elapsed_ms / 1000:.1f} s"


# As data ----------------------------------------------------------------------------------------------


def record(
    before: Loaded, after: Loaded, answer: Differences, broken: Sequence[str], elapsed_ms: int
) -> dict[str, object]:
    """A comparison as one document. Money is whole minor units, dates are ISO 8601."""
    model, found = after.model, answer.found
    assert model is not None
    return {
        "tierproof": VERSION,
        "old": before.source.path,
        "new": after.source.path,
        "currency": model.currency.code,
        "minor_units": model.currency.minor_per_major,
        "verdict": found.verdict.value,
        "worse_off": found.worse_off is Found.SOMEBODY,
        "better_off": found.better_off is Found.SOMEBODY,
        "differs": found.differs,
        "unknown": found.open,
        "rejected": [_rejected_record(one) for one in answer.rejected],
        "allowed": [{"benefit": one.benefit, "reason": one.reason, "line": one.span.line} for one in answer.allowances],
        "forbidden": list(broken),
        "compared": compared(found),
        "notes": list(found.notes),
        **over_time_record(found),
        "fact": found.fact,
        "parts": [_part(part) for part in found.parts],
        "clauses": [{"old": _clause(change.old), "new": _clause(change.new)} for change in answer.clauses],
        "elapsed_ms": elapsed_ms,
    }


def _rejected_record(one: Rejected) -> dict[str, object]:
    first, last = (end.isoformat() if isinstance(end, date) else end for end in (one.first, one.last))
    return {"fact": one.fact, "first": first, "last": last}


def _part(part: Part) -> dict[str, object]:
    return {
        "cells": [dict(cell) for cell in part.cells],
        "day": part.day.isoformat(),
        "days": {fact: day.isoformat() for fact, day in part.on.items()},
        "ratio": part.ratio or None,
        "verdict": part.verdict.value,
        "amounts": [_subject(one) for one in part.subjects],
    }


def _subject(one: Subject) -> dict[str, object]:
    return {
        "name": one.name,
        "verdict": one.verdict.value,
        "ranges": None if one.ranges is None else list(map(_range, one.ranges)),
        "along": [
            {"fact": each.fact, "given": dict(each.given), "ranges": list(map(_range, each.ranges))}
            for each in one.along
        ],
        "gain": _extreme(one.gain),
        "loss": _extreme(one.loss),
        "unknown": one.open or None,
    }


def _range(one: Range) -> dict[str, object]:
    return {
        "first": one.first,
        "last": one.last,
        "every": one.every,
        "gain": _extreme(one.gain),
        "loss": _extreme(one.loss),
    }


def _extreme(one: Extreme | None) -> dict[str, object] | None:
    if one is None:
        return None
    claim = claim_as_data(one.claim)
    shown = {"claim": claim, "together": None} if one.single else {"claim": None, "together": claim}
    return {"by": one.by, "old": one.old, "new": one.new, **shown}


def _clause(one: Clause | None) -> dict[str, object] | None:
    return None if one is None else {"path": one.path, "line": one.line, "text": one.text}
