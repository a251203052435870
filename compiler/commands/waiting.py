"""A sign of life for a person who waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TextIO

import click

PATIENCE_S = 2.0
"""How long a person waits before wondering whether anything goes on, in seconds."""


@contextmanager
def sign_of_life(stream: TextIO, what: str, patience_s: float = PATIENCE_S) -> Iterator[Callable[[float], None]]:
    """While the body runs longer than `patience_s`, show on one line what goes on and for how many seconds.

    Nothing is written where nobody watches, and nothing is left behind at the end. What it gives can be told, as that
    of `bar`, how much is done; it makes nothing of it.
    """
    if not stream.isatty():
        yield lambda _: None
        return
    started = time.monotonic()
    done = threading.Event()

    def show() -> None:
        line = ""
        while not done.wait(1.0 if line else patience_s):
            line = f"{what} ... {time.monotonic() - started:.0f} s"
            stream.write(f"\r{line}")
            stream.flush()
        if line:
            stream.write(f"\r{' ' * len(line)}\r")
            stream.flush()

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield lambda _: None
    finally:
        done.set()
        thread.join()


_STEPS = 1000


@contextmanager
def bar(stream: TextIO, what: str, patience_s: float = PATIENCE_S) -> Iterator[Callable[[float], None]]:
    """A bar of what is done, moved by calls with a share from 0 to 1, once it has taken longer than `patience_s`.

    Nothing is written where nobody watches.
    """
    if not stream.isatty():
        yield lambda _: None
        return
    started = time.monotonic()
    with ExitStack() as shown:
        bars: list[Any] = []

        def move(share: float) -> None:
            if not bars and time.monotonic() - started < patience_s:
                return
            if not bars:
                bars.append(shown.enter_context(click.progressbar(length=_STEPS, label=what, file=stream)))
            bars[0].update(max(round(share * _STEPS) - bars[0].pos, 0))

        yield move
