"""An end that leaves nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 143
"""The exit code of a command that was asked to end (SIGTERM), as a shell gives it."""


@contextmanager
def orderly_end() -> Iterator[None]:
    """While the body runs, SIGTERM raises SystemExit, so that temporary files are removed on the way out.

    Elsewhere it ends the process at once, also in the middle of a long proof.
    """
    asked: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt as interruption:
        # A database calls every signal that stops it an interruption.
        if asked:
            raise SystemExit(TERMINATED) from interruption
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
