"""`tierproof`: the command, its exit codes, and what happens when it fails.

    0  all proved, done
    1  something is wrong with the policy or the claims
    2  wrong use, or a file that is not there
    3  something stayed unknown
   70  our own crash
  130  interrupted
  141  nobody reads the output any more
  143  asked to end

A command is imported when it is asked for, so that `--help` answers at once.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from compiler.commands.options import output_options
from compiler.version import VERSION

WRONG_USE = 2
CRASH = 70
INTERRUPTED = 130
BROKEN_PIPE = 141

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Why a device does not take what is written to it."""

COMMANDS: tuple[tuple[str, str], ...] = (
    ("check", "Prove a policy right, or show the claim for which it is wrong."),
    ("build", "Prove policies and write their calculators."),
    ("calc", "Settle one claim step by step."),
    ("run", "Settle a file of claims."),
    ("diff", "Compare two policies: who gains, who loses, how much at most."),
    ("explain", "Explain the code of a finding, such as TP101."),
    ("demo", "Show all of it on the policies that come along."),
)
"""The commands in the order of `--help`; `compiler/commands/<name>.py` has the function of that name."""


class _NobodyReadsError(Exception):
    """A stream was closed by its reader. click ends with code 1 where it sees a BrokenPipeError itself."""


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _NobodyReadsError from error


class Commands(click.Group):
    """A group whose commands are imported when they are used."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the command line; this is also where `--help` is printed."""
        with _told_apart():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _told_apart():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of COMMANDS."""
        return [name for name, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None where there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = getattr(import_module(f"compiler.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in `--help`, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS))


@click.group(
    cls=Commands,
    context_settings={
        "auto_envvar_prefix": "TIERPROOF",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="Exit codes: 0 proved, 1 wrong, 2 wrong use, 3 unknown, 70 our own crash. Every option can also be set by a "
    "variable, such as TIERPROOF_FORMAT or TIERPROOF_BUILD_OUT.",
)
@output_options
@click.version_option(VERSION, prog_name="tierproof")
def group() -> None:
    """Benefit policies as text: proved consistent to the smallest unit, compiled to exact calculators.

    A policy says who is paid how much of a bill. `check` proves it for every claim or shows one for which it is
    wrong; `build` writes calculators in Python and SQL; `run` settles a file of claims.
    """


def main() -> NoReturn:
    """Run the command line and exit. Nothing that a user does ends in a traceback."""
    # A stream that was closed beforehand is None, and the next file to be opened would take its number.
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (open as long as the process)
    if sys.stdout is None:
        click.echo("error: standard output is closed", err=True)
        sys.exit(WRONG_USE)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # What a run makes mostly lives to its end: looking through it every 700 objects costs more than it frees.
    gc.set_threshold(50_000)
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Run the command line; gives the exit code and leaves what went wrong on standard error."""
    try:
        return _exit_code(arguments)
    except (_NobodyReadsError, BrokenPipeError):
        # Whoever reads has seen enough.
        _drop_output()
        return BROKEN_PIPE
    except OSError as error:
        with suppress(OSError):
            click.echo(f"error: the output cannot be written: {error.strerror}", err=True)
        _drop_output()
        return WRONG_USE


def _exit_code(arguments: list[str]) -> int:
    """Raises OSError only where a stream takes no more."""
    try:
        result = group.main(arguments, prog_name="tierproof", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as wrong_use:
        wrong_use.show()
        return wrong_use.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (_NobodyReadsError, BrokenPipeError):
        raise
    except Exception as crash:
        if os.environ.get("TIERPROOF_DEBUG") or (isinstance(crash, OSError) and crash.errno in NO_ROOM):
            raise
        kind = type(crash).__name__
        click.echo(
            f"tierproof crashed, and that is our mistake, not yours: {kind}: {' '.join(str(crash).split())[:300]}\n"
            "Set TIERPROOF_DEBUG=1 to see where, and please report it.",
            err=True,
        )
        return CRASH
    return result if isinstance(result, int) else 0


def _drop_output() -> None:
    """Send what is still held back nowhere, or the interpreter complains while it closes the streams."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        # A stream in memory has no number.
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
