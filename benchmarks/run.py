"""All figures in one command: `make bench`, or `python -m benchmarks.run [PART...]`.

Prints them and, when all parts were run, writes them to `benchmarks/RESULTS.md` with the machine and the day, and those
that something is wanted of to the README as well. Every part is a process of its own, so that none lends another its
memory or its warm caches. Ends with 1 where a part fails or a figure that is wanted is not reached.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import HERE, REPOSITORY, Figure

PARTS = {
    "start_up": "The command as a process",
    "scalar": "The calculators in Python",
    "databases": "SQL in every engine",
    "peers": "The field: the table of a year's total by every tool",
    "book": "A book of claims",
    "large": "Ten million claims",
    "proofs": "Proofs",
}

BEGIN = "<!-- figures: written by `make bench` -->"
END = "<!-- end of figures -->"


def machine() -> str:
    """The processor, its cores as this process sees them, the memory and the system, in one line."""
    processor, memory = platform.processor() or platform.machine(), ""
    cpuinfo, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = names[0] if names else processor
    if meminfo.exists():
        memory = f", {int(meminfo.read_text().split()[1]) / 1024 / 1024:.0f} GiB"
    return f"{processor}, {os.cpu_count()} cores{memory}, {platform.system()} {platform.machine()}"


def versions() -> str:
    """The interpreter and the libraries that the figures depend on."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("z3-solver", "duckdb", "lark"))
    return f"Python {platform.python_version()}, {libraries}"


def measure(part: str) -> list[Figure]:
    """Run one part. Raises CalledProcessError where it fails; its own words are on standard error."""
    command = [sys.executable, "-m", f"benchmarks.{part}"]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True)
    return [Figure(**figure) for figure in json.loads(done.stdout)]


def table(figures: list[Figure]) -> list[str]:
    """Figures in Markdown, and below them why those that are missed are."""
    verdicts = {None: "", True: "reached", False: "**missed**"}
    rows = [f"| {f.what} | {f.measured} | {f.wanted} | {verdicts[f.reached]} |" for f in figures]
    return ["| what | measured | wanted | |", "|---|---|---|---|", *rows, *reasons(figures)]


def reasons(figures: list[Figure]) -> list[str]:
    """Why figures are missed; a line that sums up others says it for them."""
    missed = [f"- **{f.what}**: {f.why or 'not known'}" for f in figures if f.reached is False and not f.detail]
    return ["", "Missed, and why:", "", *missed] if missed else []


def in_readme(text: str, figures: list[Figure]) -> str:
    """The README with its figures replaced by these."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin
    assert end
    return "\n".join([before + begin, *table(figures), end + after])


def main() -> int:
    """Measure the parts that are named, or all."""
    wrong = [name for name in sys.argv[1:] if name not in PARTS]
    if wrong:
        print(f"no such part: {', '.join(wrong)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    lines = [
        "# Figures",
        "",
        "Made by `make bench`; not edited by hand. Candidates take turns in every round; a time is the median with the",
        "shortest and the longest round, a ratio is the median of the ratios within each round. The machine is shared,",
        "so read the ratios first.",
        "",
        f"- machine: {machine()}",
        f"- with: {versions()}",
        f"- on: {datetime.now().date()}",
    ]
    wanted: list[Figure] = []
    for part in sys.argv[1:] or PARTS:
        print(f"{PARTS[part]} ...", file=sys.stderr)
        figures = measure(part)
        wanted += (figure for figure in figures if figure.reached is not None)
        lines += ["", f"## {PARTS[part]}", "", *table(figures)]
    text = "\n".join(lines) + "\n"
    quoted = [figure for figure in wanted if not figure.detail]
    print(text, end="")
    if not sys.argv[1:]:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
        readme = REPOSITORY / "README.md"
        readme.write_text(in_readme(readme.read_text(encoding="utf-8"), quoted), encoding="utf-8")
    return 0 if all(figure.reached for figure in wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
