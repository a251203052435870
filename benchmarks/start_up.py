"""The command as a whole process: its help, the check of one policy, the check of them all, anew and again."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import REPOSITORY, Figure, Run, in_words, process, report, timing

ROUNDS = 9
POLICIES = str(REPOSITORY / "policies")
NINGXIA = str(REPOSITORY / "policies" / "ningxia" / "critical_illness_2013.policy")
TIERPROOF = str(Path(sys.executable).parent / "tierproof")

COMMANDS = {
    "an empty Python process": ([sys.executable, "-c", "pass"], None),
    "`tierproof --help`": ([TIERPROOF, "--help"], 150),
    "`tierproof check` of the Ningxia policy, proved anew": ([TIERPROOF, "check", "--no-cache", NINGXIA], 500),
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
    report(figures)


if __name__ == "__main__":
    main()
