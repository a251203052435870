"""The clauses of two policies that are not the same, by the lines that amounts are written on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from compiler.model import ByCategory, Expression, Model, Schedule, walk
from dsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Clause:
    """A line of a policy that an amount follows from."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A clause in the place of another; None where it is new, or where nothing took its place."""

    old: Clause | None
    new: Clause | None


def changed_clauses(old: Model, old_text: Source, new: Model, new_text: Source) -> tuple[Change, ...]:
    """The lines that differ in more than blanks and comments, among those that facts and amounts are written on."""
    before, after = _clauses(old, old_text), _clauses(new, new_text)
    found: list[Change] = []
    matcher = SequenceMatcher(None, [one.text for one in before], [one.text for one in after], autojunk=False)
    for kind, old_first, old_end, new_first, new_end in matcher.get_opcodes():
        if kind != "equal":
            gone, come = before[old_first:old_end], after[new_first:new_end]
            for place in range(max(len(gone), len(come))):
                found.append(
                    Change(
                        gone[place] if place < len(gone) else None,
                        come[place] if place < len(come) else None,
                    )
                )
    return tuple(found)


def _clauses(model: Model, source: Source) -> list[Clause]:
    spans = [amount.span for amount in model.amounts]
    spans += [fact.span for fact in model.facts]
    for formula in (model.cost, *(amount.expression for amount in model.amounts)):
        for node in walk(formula):
            spans += _spans(node)
    lines = sorted({span.line for span in spans if span.path == source.path})
    return [Clause(source.path, line, text) for line in lines if (text := _bare(source.line(line)))]


def _spans(node: Expression) -> Iterator[Span]:
    yield node.span
    match node:
        case ByCategory(cells=cells):
            yield from (cell.span for cell in cells)
        case Schedule(opening=opening, bands=bands):
            if opening is not None:
                yield opening.span
            for band in bands:
                yield band.span
                yield from (ratio.span for ratio in band.ratios)
        case _:
            pass


def _bare(line: str) -> str:
    """A line without its comment, and with single blanks."""
    inside, end = False, len(line)
    for place, character in enumerate(line):
        if character == '"':
            inside = not inside
        elif character == "#" and not inside:
            end = place
            break
    return " ".join(line[:end].split())
