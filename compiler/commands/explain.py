"""`tierproof explain CODE`: what a code means, why it matters, how to put it right."""

from __future__ import annotations

import difflib
from dataclasses import asdict

import click

from compiler.commands.options import Output, output_options, say_json
from dsl.codes import CODES, Code, diagnostics_page, find_code


@click.command()
@click.argument("code", required=False)
@click.option("--all", is_flag=True, help="All codes, as the page docs/diagnostics.md.")
@output_options
def explain(output: Output, code: str | None, all: bool) -> int:
    """Explain the code of a finding, such as TP101. Without a code, list them."""
    if all and code is None:
        if output.json:
            say_json([asdict(row) for row in CODES])
        else:
            click.echo(diagnostics_page(), nl=False)
        return 0
    if code is None:
        for row in CODES:
            click.echo(f"{row.code}  {row.title}")
        return 0
    found = find_code(code)
    if found is None:
        near = difflib.get_close_matches(code.strip().upper(), [row.code for row in CODES], 3, 0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise click.UsageError(f"There is no code {code!r}.{hint} `tierproof explain` lists all of them.")
    if output.json:
        say_json(asdict(found))
    else:
        click.echo(explanation(found))
    return 0


def explanation(code: Code) -> str:
    """A code explained as text."""
    example = "\n".join(f"    {line}" for line in code.example.splitlines())
    return f"{code.code}: {code.title}\n\n{_wrapped(code.why)}\n\n{_wrapped(code.fix)}\n\nFor example:\n\n{example}"


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=88)
