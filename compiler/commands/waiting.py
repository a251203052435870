"""A sign of life for a person who waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

PATIENCE_S = 2.0
"""How long a person waits before wondering whether anything goes on, in seconds."""


@contextmanager
def sign_of_life(stream: TextIO, what: str, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """While the body runs longer than `patience_s`, show on one line what goes on and for how many seconds.

    Nothing is written where nobody watches, and nothing is left behind at the end.
    """
    if not stream.isatty():
        yield
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
        yield
    finally:
        done.set()
        thread.join()
