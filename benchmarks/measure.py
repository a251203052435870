"""How things are timed here: candidates take turns in every round, and what counts is the median.

Turns share whatever else the machine is doing, so a ratio of two medians says more than either of them. Only the
standard library is imported, so that measuring a process from here does not lend it this process's memory: Linux counts
the peak of a new process from what its parent held.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
NINGXIA = REPOSITORY / "policies" / "ningxia" / "critical_illness_2013.policy"
TIERPROOF = str(Path(sys.executable).parent / "tierproof")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the results: what was measured, what came out, what is wanted, and whether it is reached.

    detail  another line sums it up, and the README quotes that one
    why     why it is not reached, said where it is not
    """

    what: str
    measured: str
    wanted: str = ""
    reached: bool | None = None
    detail: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of one candidate, one a round, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> str:
        """The shortest and the longest round beside the median, in milliseconds."""
        low, high = min(self.seconds) * 1000, max(self.seconds) * 1000
        return f"{self.median * 1000:,.0f} ms ({low:,.0f} to {high:,.0f})"


def take_turns(candidates: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Time every candidate once a round, after one round that does not count, the order turned about each round."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    names = list(candidates)
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds + 1):
            for name in names if turn % 2 else reversed(names):
                begin = time.perf_counter()
                candidates[name]()
                elapsed = time.perf_counter() - begin
                if turn:
                    times[name].append(elapsed)
    finally:
        gc.enable()
    return {name: Timing(tuple(seconds)) for name, seconds in times.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a process: how long it took, how long it kept a processor busy, and the most memory it held."""

    seconds: float
    busy_seconds: float
    peak_mib: float


def process(command: list[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end without its output, in this environment or another, and measure it from outside.

    Raises RuntimeError where it fails.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        redirections = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1, 2)]
        begin = time.perf_counter()
        child = os.posix_spawn(command[0], command, dict(environment or os.environ), file_actions=redirections)
        _, status, usage = os.wait4(child, 0)
        elapsed = time.perf_counter() - begin
    finally:
        os.close(nowhere)
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    per_mib = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Run(elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / per_mib)


def in_words(runs: Sequence[Run]) -> str:
    """The median time with the extremes, the median of the processor's time, the highest peak."""
    busy_ms = statistics.median(run.busy_seconds for run in runs) * 1000
    peak_mib = max(run.peak_mib for run in runs)
    return f"{timing(runs).spread}, processor {busy_ms:,.0f} ms, peak {peak_mib:.0f} MiB"


def timing(runs: Sequence[Run]) -> Timing:
    """The times of the runs of one command."""
    return Timing(tuple(run.seconds for run in runs))


def ratio(reference: Timing, candidate: Timing) -> float:
    """How fast the candidate is, measured by the reference: 1 is as fast, more is faster.

    The median of the ratios of each round, so that what disturbed one round disturbs both sides of it.
    """
    return statistics.median(a / b for a, b in zip(reference.seconds, candidate.seconds, strict=True))


def per_second(count: int, timing: Timing) -> str:
    """A rate in millions a second."""
    return f"{count / timing.median / 1e6:.2f} M/s"


def report(figures: Sequence[Figure]) -> None:
    """Hand the figures of one part to `run.py`, on standard output."""
    json.dump([asdict(figure) for figure in figures], sys.stdout)
