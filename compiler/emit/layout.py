"""Filling a template: templates lay text out and decide nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"


def lay_out(template: str, parts: object) -> str:
    """The text of a template of `compiler/emit/templates`, filled with `parts`; what those lack is an error."""
    return _template(template).render(parts=parts)


@cache
def _template(name: str) -> Template:
    """A template, compiled once: that takes longer than to fill it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(name)
