"""The Ningxia table by every tool of the field and by hand, on the same claims in one run.

    python -m benchmarks.peers install    each tool in an environment of its own, below .venv/peers
    python -m benchmarks.peers            measure those that are installed

Every candidate is a process (`benchmarks/field/worker.py`), and in every round each of them runs once. What a candidate
paid is held against the whole-number form, claim by claim; a tool that is slow settles the first claims only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.by_hand import critical_illness
from benchmarks.field.claims import ENDS, PERCENT, Claims, drawn, write
from benchmarks.measure import REPOSITORY, Figure, Timing, ratio, report

HOME = REPOSITORY / ".venv" / "peers"
PACKAGES = {
    "openfisca-core": "46.0.1",
    "policyengine-core": "3.33.12",
    "zen-engine": "2.1.3",
    "pydmnrules": "1.4.5",
    "publicodes": "1.10.3",
}
"""The tools of others, in the versions measured; publicodes comes from npm."""

ROUNDS = 7
CLAIMS = 1_000_000


@dataclass(frozen=True, slots=True)
class Peer:
    """A candidate: what it is, its function in `benchmarks/field`, how many claims it settles, the package it needs."""

    what: str
    module: str
    function: str
    claims: int = CLAIMS
    package: str = ""
    calculator: bool = True


PEERS = (
    Peer("memory: the totals copied, nothing computed", "arrays", "copy", calculator=False),
    Peer("C, a loop that vectorises: the limit", "arrays", "in_c"),
    Peer("numba, ends counted and a table, by hand", "arrays", "numba_by_hand"),
    Peer("**generated NumPy, with numba**", "arrays", "generated_compiled"),
    Peer("**generated NumPy**", "arrays", "generated"),
    Peer("NumPy, chunked `searchsorted` and a table, by hand", "arrays", "searchsorted"),
    Peer("NumPy, `select`, by hand", "arrays", "select"),
    Peer("OpenFisca, whole arrays", "openfisca", "whole_arrays", package="openfisca-core"),
    Peer("PolicyEngine, whole arrays", "policyengine", "whole_arrays", package="policyengine-core"),
    Peer("GoRules ZEN, a compiled expression, a claim a call", "zen", "expression", 50_000, "zen-engine"),
    Peer("GoRules ZEN, a decision table, a claim a call", "zen", "table", 5_000, "zen-engine"),
    Peer("publicodes, a claim a call", "publicodes", "node", 2_000, "publicodes"),
    Peer("pyDMNrules, a claim a call", "dmn", "table", 500, "pydmnrules"),
)


# Installing -----------------------------------------------------------------------------------------


def install() -> None:
    """Install what is not there yet. What cannot be installed is said, and becomes a row that says so."""
    for package, version in PACKAGES.items():
        home = HOME / package
        if (home / f"has-{version}").exists():
            continue
        print(f"{package} {version} ...", file=sys.stderr)
        home.mkdir(parents=True, exist_ok=True)
        try:
            if package == "publicodes":
                _run(["npm", "install", "--silent", "--no-fund", "--prefix", str(home), f"{package}@{version}"])
            else:
                venv.create(home, with_pip=True)
                _run([str(_python(package)), "-m", "pip", "install", "--quiet", f"{package}=={version}"])
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"{package} {version} cannot be installed: {problem}", file=sys.stderr)
        else:
            (home / f"has-{version}").touch()


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)


def _python(package: str) -> Path:
    return HOME / package / "bin" / "python"


def installed(package: str) -> bool:
    """Whether a peer's package is there, in the version that is measured."""
    return not package or (HOME / package / f"has-{PACKAGES[package]}").exists()


# Measuring ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Worker:
    """A candidate that runs: the process, and the seconds of its rounds so far."""

    peer: Peer
    process: subprocess.Popen[str]
    seconds: list[float]

    def answer(self) -> str:
        """The next line that it says; empty where it has ended."""
        return _of(self.process.stdout).readline().strip()

    def round(self) -> None:
        """Let it run once."""
        pipe = _of(self.process.stdin)
        pipe.write("\n")
        pipe.flush()
        self.seconds.append(float(self.answer()))


def _of(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def command(peer: Peer, folder: Path) -> list[str]:
    """What starts a candidate's process."""
    if peer.module == "publicodes":
        script = str(REPOSITORY / "benchmarks" / "field" / "publicodes.mjs")
        package = str(HOME / "publicodes" / "node_modules" / "publicodes" / "dist" / "index.js")
        return ["node", script, str(folder), str(peer.claims), package, json.dumps({"ends": ENDS, "percent": PERCENT})]
    python = str(_python(peer.package)) if peer.package else sys.executable
    return [python, "-m", "benchmarks.field.worker", peer.module, peer.function, str(folder), str(peer.claims)]


def start(peer: Peer, folder: Path) -> Worker | None:
    """A candidate that is ready for its rounds; None where it cannot be started."""
    if not installed(peer.package):
        return None
    try:
        process = subprocess.Popen(
            command(peer, folder),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if peer.package else None,
            text=True,
        )
    except OSError:
        return None
    worker = Worker(peer, process, [])
    if worker.answer() == "ready":
        return worker
    stop(worker)
    return None


def stop(worker: Worker) -> None:
    """End a candidate's process."""
    with worker.process:
        _of(worker.process.stdin).close()


def wrong(paid: Sequence[int], claims: Claims) -> tuple[int, int]:
    """How many of the first claims were paid wrongly, and by how many fen at most."""
    off = [
        abs(fen - critical_illness(total, word))
        for fen, total, word in zip(paid, claims.totals, claims.words, strict=False)
    ]
    return sum(map(bool, off)), max(off)


def main() -> None:
    """Start all, let them take turns, and hold what they paid against the whole-number form."""
    if sys.argv[1:] == ["install"]:
        install()
        return
    claims = drawn(CLAIMS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(claims, folder)
        workers = {peer: start(peer, folder) for peer in PEERS}
        running = [worker for worker in workers.values() if worker is not None]
        for turn in range(ROUNDS):
            for worker in running if turn % 2 else reversed(running):
                worker.round()
        for worker in running:
            stop(worker)
        figures = [_figure(peer, worker, folder, claims) for peer, worker in workers.items()]
    timings = {
        f"{one.peer.module}.{one.peer.function}": Timing(tuple(each / one.peer.claims for each in one.seconds))
        for one in running
    }
    report([*figures, *ratios(timings)])


AGAINST_C = "generated NumPy with numba against the C loop"


def _figure(peer: Peer, worker: Worker | None, folder: Path, claims: Claims) -> Figure:
    if worker is None:
        return Figure(peer.what, f"not here: {peer.package or peer.function} could not be installed or started")
    speed = peer.claims / Timing(tuple(worker.seconds)).median / 1e6
    measured = f"{speed:.4f} M/s" if speed < 0.1 else f"{speed:.1f} M/s"
    if not peer.calculator:
        return Figure(peer.what, measured)
    paid = array("q")
    paid.frombytes((folder / f"{peer.module}.{peer.function}").read_bytes())
    many, most = wrong(paid, claims)
    exact = "all exact" if not many else f"**{many:,} wrong ({many / peer.claims:.1%}), by up to {most} fen**"
    return Figure(peer.what, f"{measured}; {peer.claims:,} claims, {exact}")


def ratios(timings: Mapping[str, Timing]) -> list[Figure]:
    """What is wanted of the generated calculator, missed where a side has not run; seconds a claim by candidate."""
    found = []
    for what, reference, candidate, least in (
        ("generated NumPy against chunked `searchsorted` by hand", "arrays.searchsorted", "arrays.generated", 0.95),
        ("generated NumPy against OpenFisca", "openfisca.whole_arrays", "arrays.generated", 10.0),
        (AGAINST_C, "arrays.in_c", "arrays.generated_compiled", 0.4),
    ):
        wanted = f"at least {least}" if least != 0.4 else "at least 0.40: within 2.5 times"
        if reference in timings and candidate in timings:
            speed = ratio(timings[reference], timings[candidate])
            why = _why_not_c(timings) if what == AGAINST_C else ""
            found.append(Figure(f"{what}: speed", f"{speed:.2f}", wanted, speed >= least, why=why))
        else:
            absent = " and ".join(name for name in (reference, candidate) if name not in timings)
            why = f"{absent} could not be installed or started"
            found.append(Figure(f"{what}: speed", "not measured", wanted, False, why=why))
    return found


def _why_not_c(timings: Mapping[str, Timing]) -> str:
    """What keeps the compiled loop from the one in C, as far as the same run shows it."""
    by_hand = timings.get("arrays.numba_by_hand")
    if by_hand is None:
        return ""
    speed = ratio(timings["arrays.in_c"], by_hand)
    return f"a loop by hand that numba compiles comes to {speed:.2f}; the generated one checks both arguments besides"


if __name__ == "__main__":
    main()
