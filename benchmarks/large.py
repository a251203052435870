"""Ten million claims through `tierproof run`, Parquet in and Parquet out, as a whole process under a limit of memory.

Held against the least that any exact yearly calculator has to do: read the rows, add them up person by person in a
window, and write all of it again. The floor neither checks a row nor keeps the order of the file.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import NINGXIA, TIERPROOF, Figure, Run, in_words, process, report, timing

ROWS = 10_000_000
ROUNDS = 3
MOST_TIMES = 1.5
MOST_MIB = 2048

# Three claims a person and a year, in no order.
MAKE = f"""
import duckdb, sys
duckdb.connect().execute(f'''COPY (
    SELECT printf('c%08d', (i * 7919) % {ROWS}) AS claim, printf('p%07d', hash(i) % {ROWS // 3}) AS person,
        DATE '2013-01-01' + CAST(hash(i + 1) % 365 AS INTEGER) AS discharged,
        CAST(CAST(hash(i + 2) % 20000000 AS BIGINT) * CAST('0.01' AS DECIMAL(3, 2)) AS DECIMAL(14, 2)) AS borne,
        CASE WHEN hash(i + 3) % 5 = 0 THEN 'listed' ELSE 'general' END AS illness
    FROM range({ROWS}) AS t(i)
) TO '{{sys.argv[1]}}' (FORMAT parquet)''')
"""

TOTAL = "sum(borne) OVER (PARTITION BY person, year(discharged) ORDER BY discharged, claim ROWS UNBOUNDED PRECEDING)"


def copying(query: str) -> str:
    """A program that writes what a query makes of the file it is given, within the memory that `run` leaves DuckDB."""
    return f"""
import duckdb, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    database = duckdb.connect(config={{'memory_limit': '1400MB', 'temp_directory': folder}})
    database.sql(f"COPY ({query}) TO '{{sys.argv[2]}}' (FORMAT parquet)")
"""


FLOOR = copying(f"SELECT *, {TOTAL} AS total FROM '{{sys.argv[1]}}'")
# As `run` writes its results: of what it does besides, this costs most.
IN_ORDER = copying(
    f"SELECT * EXCLUDE (file_row_number) FROM (SELECT *, {TOTAL} AS total "
    "FROM read_parquet('{sys.argv[1]}', file_row_number = true)) ORDER BY file_row_number"
)


def main() -> None:
    """Make the claims, then take turns."""
    with tempfile.TemporaryDirectory() as folder:
        claims, settled = str(Path(folder) / "claims.parquet"), Path(folder) / "settled.parquet"
        subprocess.run([sys.executable, "-c", MAKE, claims], check=True, stdout=subprocess.DEVNULL)
        floor, in_order = ([sys.executable, "-c", code, claims, str(settled)] for code in (FLOOR, IN_ORDER))
        ours = [TIERPROOF, "run", "--no-cache", str(NINGXIA), claims, "-o", str(settled), "--memory", "2GiB"]
        runs: dict[str, list[Run]] = {"floor": [], "in order": [], "ours": []}
        for turn in range(ROUNDS):
            turns = list(zip(runs, (floor, in_order, ours), strict=True))
            for name, command in turns[:: 1 if turn % 2 else -1]:
                settled.unlink(missing_ok=True)
                runs[name].append(process(command))
        megabytes = Path(claims).stat().st_size / 1e6
    times, busy = against(runs["floor"], runs["ours"])
    order_times, order_busy = against(runs["floor"], runs["in order"])
    peak_mib = max(run.peak_mib for run in runs["ours"])
    what = f"{ROWS:,} claims ({megabytes:.0f} MB of Parquet)"
    rate = ROWS / timing(runs["ours"]).median / 1e6
    report(
        (
            Figure(f"{what} copied by DuckDB with the window of the running total", in_words(runs["floor"])),
            Figure(f"{what} likewise, and in the order of the file", in_words(runs["in order"])),
            Figure(f"{what} through `tierproof run`, proof included", f"{in_words(runs['ours'])}, {rate:.2f} M/s"),
            Figure(
                "ten million claims, Parquet to Parquet: peak of memory",
                f"{peak_mib:,.0f} MiB",
                f"under {MOST_MIB:,} MiB",
                peak_mib < MOST_MIB,
            ),
            Figure(
                "ten million claims, Parquet to Parquet: time against a plain copy plus the window",
                f"{times:.2f} times (processor {busy:.2f} times)",
                f"at most {MOST_TIMES} times",
                times <= MOST_TIMES,
                why=f"to keep the order of the file alone takes {order_times:.2f} times (processor {order_busy:.2f} "
                "times); rows are checked, those that are there twice are left out, benefits worked out, and the "
                "calculator is proved first",
            ),
        )
    )


def against(floor: Sequence[Run], candidate: Sequence[Run]) -> tuple[float, float]:
    """How many times as long a command takes, and as long a processor is busy: medians of the ratios of the rounds."""
    pairs = list(zip(floor, candidate, strict=True))
    return (
        statistics.median(own.seconds / least.seconds for least, own in pairs),
        statistics.median(own.busy_seconds / least.busy_seconds for least, own in pairs),
    )


if __name__ == "__main__":
    main()
