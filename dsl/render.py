"""Diagnostics as people read them, and as data.

error[TP101]: bands leave a gap: amounts 20,000.01 to 20,000.99 are in no band
 --> policies/ningxia/draft.policy:18:20
18 |     from  6,000 to 20,000      50%   51%
   |                    ^^^^^^ this band ends here
19 |     from 20,001 to 50,000      52%   53%
   |     ^^^^^^^^^^^ the next one begins here
   = claim: borne 20,000.01, illness general  ->  no ratio is defined (99 amounts)
   = help: if no gap is meant, write `over 20,000` on line 19
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.catalogue import Catalogue
from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.source import Source, Span

TAB_WIDTH = 4
"""How many columns a tab is shown as; the carets under it follow."""

WINDOW = 160
"""The longest piece of a source line that is shown, in characters."""


@dataclass(frozen=True, slots=True)
class Style:
    """Escape sequences around the parts of a diagnostic; all empty for plain text."""

    error: str = ""
    warning: str = ""
    note: str = ""
    frame: str = ""
    strong: str = ""
    end: str = ""

    def severity(self, severity: Severity) -> str:
        """The sequence for a severity."""
        return {Severity.ERROR: self.error, Severity.WARNING: self.warning, Severity.NOTE: self.note}[severity]


PLAIN = Style()
COLOURED = Style("\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m")


def render_text(
    diagnostic: Diagnostic,
    source: Source,
    catalogue: Catalogue,
    style: Style = PLAIN,
    remarks: Sequence[tuple[str, str]] = (),
) -> str:
    """A diagnostic as lines of text, without a line break at the end.

    Labels in the source are shown with the line they stand on, unless the source has no text; one in another file is
    only named. Remarks are a name and a text each, and stand at the end.
    """
    first = diagnostic.labels[0].span if diagnostic.labels else None
    here = [label for label in diagnostic.labels if label.span.path == source.path and source.text]
    elsewhere = [label for label in diagnostic.labels if label.span.path != source.path]
    width = max((len(str(label.span.line)) for label in here), default=1)
    colour = style.severity(diagnostic.severity)
    kind = f"{colour}{diagnostic.severity.value}[{diagnostic.code}]{style.end}"
    lines = [f"{kind}: {style.strong}{printable(catalogue.message(diagnostic))}{style.end}"]
    lines.append(f"{' ' * max(1, width - 1)}{style.frame}-->{style.end} {printable(_place(first, source))}")
    lines.extend(_excerpt(here, width, diagnostic, source, catalogue, style))
    for label in elsewhere:
        words = catalogue.label(diagnostic, label.key)
        lines.append(
            f"{' ' * width} {style.frame}:::{style.end} {printable(_place(label.span, source))} {words}".rstrip()
        )
    for name, text in (("claim", diagnostic.claim), ("help", catalogue.help(diagnostic)), *remarks):
        if text:
            lines.append(f"{' ' * width} {style.frame}={style.end} {style.strong}{name}{style.end}: {printable(text)}")
    return "\n".join(lines)


def render_record(diagnostic: Diagnostic, source: Source, catalogue: Catalogue) -> dict[str, object]:
    """A diagnostic as data, with keys that stay: lines and columns from 1, ends just behind the last character."""
    first = diagnostic.labels[0].span if diagnostic.labels else None
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": catalogue.message(diagnostic),
        **_position(first, source.path),
        "labels": [
            {**_position(label.span, source.path), "message": catalogue.label(diagnostic, label.key)}
            for label in diagnostic.labels
        ],
        "claim": diagnostic.claim or None,
        "help": catalogue.help(diagnostic) or None,
    }


def display_width(text: str) -> int:
    """How many columns of a terminal the text takes: two for an East Asian wide character, none for a combining one."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if character == "\t":
        return TAB_WIDTH
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _position(span: Span | None, path: str) -> dict[str, object]:
    if span is None:
        return {"path": path, "line": None, "column": None, "end_line": None, "end_column": None}
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _place(span: Span | None, source: Source) -> str:
    return source.path if span is None else f"{span.path}:{span.line}:{span.column}"


def printable(text: str) -> str:
    """Without control characters: a policy cannot send commands to the terminal, nor end a line."""
    return "".join(
        "?" if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character != "\t" else character
        for character in text
    )


def _excerpt(
    labels: list[Label], width: int, diagnostic: Diagnostic, source: Source, catalogue: Catalogue, style: Style
) -> Iterable[str]:
    """The lines that labels point at, in order, each followed by its carets; `...` where lines are left out."""
    blank = f"{' ' * width} {style.frame}|{style.end}"
    colour = style.severity(diagnostic.severity)
    before: int | None = None
    for number in sorted({label.span.line for label in labels}):
        if before is not None and number > before + 1:
            yield f"{style.frame}...{style.end}"
        before = number
        on_line = sorted((label for label in labels if label.span.line == number), key=lambda label: label.span.column)
        line = printable(source.line(number))
        start = _window_start(line, on_line[0].span.column)
        shown = line[start : start + WINDOW]
        lead = "... " if start else ""
        tail = " ..." if start + WINDOW < len(line) else ""
        yield f"{style.frame}{number:>{width}} |{style.end} {lead}{_expanded(shown)}{tail}".rstrip()
        for label in on_line:
            indent = display_width(lead) + display_width(line[start : min(label.span.column - 1, start + WINDOW)])
            room = max(0, start + WINDOW - label.span.column + 1)
            carets = "^" * max(1, display_width(_spanned(line, label.span)[:room]))
            words = catalogue.label(diagnostic, label.key)
            yield f"{blank} {' ' * indent}{colour}{carets}{style.end} {words}".rstrip()


def _window_start(line: str, column: int) -> int:
    """Where to begin showing a line that is too long: a little before the label."""
    return 0 if len(line) <= WINDOW else max(0, min(column - 41, len(line) - WINDOW))


def _spanned(line: str, span: Span) -> str:
    """The characters of its first line that a span covers; to the end of the line where it runs on."""
    if span.end_line != span.line:
        return line[span.column - 1 :].rstrip()
    return line[span.column - 1 : span.end_column - 1]


def _expanded(text: str) -> str:
    return text.replace("\t", " " * TAB_WIDTH)
