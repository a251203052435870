"""What proving costs: stacks of many layers and two versions as processes, tables of many bands."""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from math import log
from pathlib import Path

from benchmarks.measure import NINGXIA, TIERPROOF, Figure, Run, in_words, process, report, timing
from benchmarks.tables import stack, table
from compiler.driver import load, prove
from dsl.source import Source

ROUNDS = 5
BANDS = (10, 100, 1_000, 10_000)
NOISE = 1.3
"""How much above n log n a single measurement may lie."""

PROCESSES: dict[str, tuple[str, int, int | None]] = {
    "check of a stack of four layers, 5 bands each, with deductibles, caps, rounding": (stack(4, 5), 1_000, None),
    "check of a stack of eight layers, 20 bands each, tables by 3 categories of 4 words": (
        stack(8, 20, 3, 4),
        10_000,
        1_024,
    ),
}
"""The policy's text, the most milliseconds, the most MiB. It must pass, so nothing in it is wrong or unknown."""


DIFFERENCE = "diff of two versions of 8 bands and 2 columns"
MOST_DIFFERENCE_MS = 1_000


def main() -> None:
    """The processes first, then the tables, in this process."""
    report([*processes(), *tables()])


def processes() -> list[Figure]:
    """Whole processes without the cache of verdicts, in turn."""
    runs: dict[str, list[Run]] = {name: [] for name in (*PROCESSES, DIFFERENCE)}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{number}.policy" for number, name in enumerate(PROCESSES)}
        for name, (policy, _, _) in PROCESSES.items():
            paths[name].write_text(policy, "utf-8")
        shutil.copytree(NINGXIA.parents[1] / "standards", Path(folder) / "standards")
        earlier, later = Path(folder) / "earlier.policy", Path(folder) / "later.policy"
        later.write_text(NINGXIA.read_text("utf-8"), "utf-8")
        earlier.write_text(_earlier(later.read_text("utf-8")), "utf-8")
        for _ in range(ROUNDS):
            runs[DIFFERENCE].append(process([TIERPROOF, "diff", str(earlier), str(later)]))
            for name, path in paths.items():
                runs[name].append(process([TIERPROOF, "check", "--no-cache", str(path)]))
    found = [_figure(name, runs[name], most_ms, most_mib) for name, (_, most_ms, most_mib) in PROCESSES.items()]
    return [*found, _figure(DIFFERENCE, runs[DIFFERENCE], MOST_DIFFERENCE_MS, None)]


def _earlier(text: str) -> str:
    """The policy with another ratio in a band in the middle, and another end of one at the top."""
    for now, before in (("57%", "58%"), ("400,000", "390,000")):
        assert now in text
        text = text.replace(now, before)
    return text


def _figure(name: str, runs: list[Run], most_ms: int, most_mib: int | None) -> Figure:
    wanted = f"under {most_ms:,} ms" + (f" and {most_mib:,} MiB" if most_mib is not None else "")
    fits = most_mib is None or max(run.peak_mib for run in runs) < most_mib
    return Figure(f"{name}, a process", in_words(runs), wanted, fits and timing(runs).median * 1000 < most_ms)


def tables() -> list[Figure]:
    """All properties of one table, from its Model on."""
    seconds = {bands: _seconds(_proof(bands)) for bands in BANDS}
    figures = [
        Figure(
            f"all properties of a table of {bands:,} bands",
            f"{seconds[bands] * 1000:,.0f} ms",
            "under 1,000 ms" if bands == 1_000 else "",
            seconds[bands] < 1 if bands == 1_000 else None,
        )
        for bands in BANDS
    ]
    few, many = BANDS[-2:]
    growth, allowed = seconds[many] / seconds[few], many * log(many) / (few * log(few))
    wanted = f"n log n: {allowed:.1f} times"
    what = f"from {few:,} to {many:,} bands"
    return [*figures, Figure(what, f"{growth:.1f} times as long", wanted, growth < NOISE * allowed)]


def _proof(bands: int) -> Callable[[], object]:
    loaded = load(Source("table.policy", table(bands)))

    def proof() -> None:
        verdict = prove(loaded)
        assert verdict.passed
        assert verdict.proved == verdict.asked

    return proof


def _seconds(work: Callable[[], object]) -> float:
    """The median, after one round that does not count."""
    work()
    times: list[float] = []
    for _ in range(ROUNDS):
        gc.collect()
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


if __name__ == "__main__":
    main()
