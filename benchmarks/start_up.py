"""The command as a whole process: its help, the check of one policy, the check of them all, anew and again."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import NINGXIA, REPOSITORY, TIERPROOF, Figure, Run, in_words, process, report, timing

ROUNDS = 9
BUILDS = 3
POLICIES = str(REPOSITORY / "policies")

COMMANDS = {
    "an empty Python process": ([sys.executable, "-c", "pass"], None),
    "`tierproof --help`": ([TIERPROOF, "--help"], 150),
    "`tierproof check` of the Ningxia policy, proved anew": ([TIERPROOF, "check", "--no-cache", str(NINGXIA)], 500),
    "`tierproof check` of all of `policies/`, proved anew": ([TIERPROOF, "check", "--no-cache", POLICIES], 3000),
    "`tierproof check` of all of `policies/`, verdicts kept from before": ([TIERPROOF, "check", POLICIES], 400),
}


def main() -> None:
    """Take turns, a process each."""
    runs: dict[str, list[Run]] = {name: [] for name in COMMANDS}
    for turn in range(ROUNDS + 1):
        for name, (command, _) in COMMANDS.items():
            run = process(command)
            if turn:
                runs[name].append(run)
    figures = []
    for name, (_, limit_ms) in COMMANDS.items():
        wanted = "" if limit_ms is None else f"under {limit_ms} ms"
        reached = None if limit_ms is None else timing(runs[name]).median * 1000 < limit_ms
        figures.append(Figure(name, in_words(runs[name]), wanted, reached))
    report([*figures, *built()])


def built() -> list[Figure]:
    """All calculators of all policies: with nothing kept from before, and again with nothing changed."""
    cold, again = [], []
    for _ in range(BUILDS):
        with tempfile.TemporaryDirectory() as folder:
            command = [TIERPROOF, "build", POLICIES, "--out", str(Path(folder) / "generated")]
            environment = {**os.environ, "XDG_CACHE_HOME": folder}
            cold.append(process(command, environment))
            again.append(process(command, environment))
    return [
        Figure(
            "`tierproof build` of all of `policies/`, proofs included",
            in_words(cold),
            "under 20 s",
            timing(cold).median < 20,
        ),
        Figure("the same again, nothing changed", in_words(again), "under 1 s", timing(again).median < 1),
    ]


if __name__ == "__main__":
    main()
