"""One candidate as a process: says `ready`, then for every line that comes in runs one round and says its seconds.

    python -m benchmarks.field.worker MODULE FUNCTION FOLDER COUNT

The claims lie in FOLDER, and what the candidate paid for each is written there before the first round, in fen. It runs
with whatever interpreter has the candidate's packages.
"""

from __future__ import annotations

import gc
import importlib
import math
import sys
import time
from array import array
from pathlib import Path

from benchmarks.field.claims import Candidate, read

LEAST_SECONDS = 0.05
"""A round that would be shorter is run several times over."""


def main() -> None:
    """Settle once for the results, once for the length of a round, then as often as asked."""
    module, function, folder, count = sys.argv[1:]
    claims = read(Path(folder), int(count))
    candidate: Candidate = getattr(importlib.import_module(f"benchmarks.field.{module}"), function)(claims)
    paid = array("q", candidate.in_fen(candidate.run()))
    assert len(paid) == len(claims.totals)
    (Path(folder) / f"{module}.{function}").write_bytes(paid.tobytes())
    times = math.ceil(LEAST_SECONDS / max(seconds(candidate, 1), 1e-6))
    print("ready", flush=True)
    for _ in sys.stdin:
        print(seconds(candidate, times), flush=True)


def seconds(candidate: Candidate, times: int) -> float:
    """How long one run takes."""
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    for _ in range(times):
        candidate.run()
    elapsed = time.perf_counter() - begin
    gc.enable()
    return elapsed / times


if __name__ == "__main__":
    main()
