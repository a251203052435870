"""The options that every command has, before its name or behind it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from dsl.catalogue import LANGUAGES, Catalogue, load_catalogue
from dsl.render import COLOURED, PLAIN, Style

FORMATS = ("text", "json")
COLOURS = ("auto", "always", "never")

_Function = Callable[..., Any]

_OPTIONS: tuple[Callable[[_Function], _Function], ...] = (
    click.option("--format", type=click.Choice(FORMATS), help="Text for people, or JSON.  [default: text]"),
    click.option("--lang", type=click.Choice(("auto", *LANGUAGES)), help="Language of the messages.  [default: auto]"),
    click.option("--color", type=click.Choice(COLOURS), help="Colour in the text.  [default: auto]"),
)


@dataclass(frozen=True, slots=True)
class Output:
    """How a command speaks.

    format     one of FORMATS
    language   one of `dsl.catalogue.LANGUAGES`, or `auto`
    colour     one of COLOURS; `auto` is colour for a person who watches, unless NO_COLOR is set
    """

    format: str
    language: str
    colour: str

    @property
    def json(self) -> bool:
        """Whether the result is wanted as data."""
        return self.format == "json"

    @property
    def catalogue(self) -> Catalogue:
        """The words of the diagnostics."""
        return load_catalogue(self.language)

    def style(self, stream: object) -> Style:
        """The escape sequences for a stream."""
        if self.colour != "auto":
            return COLOURED if self.colour == "always" else PLAIN
        watched = getattr(stream, "isatty", lambda: False)()
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return COLOURED if watched and not plain else PLAIN


def say_json(record: object, err: bool = False) -> None:
    """Print data as JSON, in plain ASCII where the stream could not carry anything else."""
    stream = sys.stderr if err else sys.stdout
    unicode = (stream.encoding or "").lower().replace("-", "") == "utf8"
    click.echo(json.dumps(record, ensure_ascii=not unicode, indent=2), err=err)


def output_options(function: _Function) -> _Function:
    """Give a command `--format`, `--lang` and `--color`. One given behind the command's name wins over one before it.

    A command that wants to know takes an `output: Output`; the group itself takes nothing.
    """

    def with_output(
        context: click.Context, format: str | None, lang: str | None, color: str | None, **others: Any
    ) -> Any:
        before = context.parent.obj if context.parent is not None else None
        base = before if isinstance(before, Output) else Output("text", "auto", "auto")
        output = Output(format or base.format, lang or base.language, color or base.colour)
        if context.parent is None:
            context.obj = output
            return function(**others)
        return function(output=output, **others)

    # The options that stand under this decorator are kept in the function's own dictionary, which `wraps` carries over.
    command: _Function = click.pass_context(with_output)
    command = wraps(function)(command)
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
