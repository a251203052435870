"""The folder of the user's own in which the program keeps what it need not work out twice."""

from __future__ import annotations

import os
from pathlib import Path


def private_folder() -> Path | None:
    """`tierproof` in the user's folder of caches: one that only its owner can write to, or None where there is none.

    What is kept there is believed when it is read back, so nobody else may be able to put a file in its place.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(base) if base else Path.home() / ".cache") / "tierproof"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.stat()
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "getuid") and (about.st_uid != os.getuid() or about.st_mode & 0o022):
        return None
    return folder
