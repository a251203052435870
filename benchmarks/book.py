"""A million claims through `tierproof run`, a CSV in and a CSV out, as a whole process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import NINGXIA, REPOSITORY, TIERPROOF, Figure, Run, in_words, process, report, timing

ROWS = 1_000_000
ROUNDS = 3

# The floor: the same engine reads the file as text and writes it again, and nothing else.
COPY = """
import duckdb, sys
duckdb.sql(f"COPY (FROM read_csv('{sys.argv[1]}', all_varchar = true)) TO '{sys.argv[2]}'")
"""


def main() -> None:
    """Make the claims, then take turns."""
    with tempfile.TemporaryDirectory() as folder:
        claims, settled = Path(folder) / "claims.csv", Path(folder) / "settled.csv"
        generator = str(REPOSITORY / "examples" / "claims" / "generate.py")
        made = ["--policy", "ningxia", "--rows", str(ROWS), "--seed", "1", "-o", str(claims)]
        subprocess.run([sys.executable, generator, *made], check=True)
        commands = {
            "read and written again by DuckDB, nothing else": [sys.executable, "-c", COPY, str(claims), str(settled)],
            "through `tierproof run`, proof included": [
                TIERPROOF,
                "run",
                "--no-cache",
                str(NINGXIA),
                str(claims),
                "-o",
                str(settled),
            ],
        }
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                settled.unlink(missing_ok=True)
                runs[name].append(process(command))
        megabytes = claims.stat().st_size / 1e6
    figures = []
    for name, measured in runs.items():
        ours = "tierproof" in name
        within = timing(measured).median < 10 and max(run.peak_mib for run in measured) < 1024
        figures.append(
            Figure(
                what=f"{ROWS:,} claims ({megabytes:.0f} MB of CSV) {name}",
                measured=in_words(measured),
                wanted="under 10 s and 1 GiB" if ours else "",
                reached=within if ours else None,
            )
        )
    report(figures)


if __name__ == "__main__":
    main()
