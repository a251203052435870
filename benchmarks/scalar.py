"""The generated Python formula of a year's total against forms written by hand, and whole claims a second."""

from __future__ import annotations

import importlib.util
import sys
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.by_hand import (
    critical_illness,
    critical_illness_by_bisect,
    critical_illness_checked,
    critical_illness_in_decimals,
    nothing,
    one_line,
)
from benchmarks.measure import REPOSITORY, Figure, Timing, per_second, ratio, report, take_turns
from examples.claims.generate import claims

CALLS = 50_000
IN_DECIMALS = 5_000
"""So many of the calls in Decimal, which are slow."""
ROUNDS = 41
ROWS = 100_000
SETTLE_ROUNDS = 5
IN_NUMPY = REPOSITORY / "generated" / "numpy" / "ningxia_critical_illness_2013_numpy.py"
GENERATED = REPOSITORY / "generated" / "python" / "ningxia_critical_illness_2013.py"
ENDS_FEN = tuple(
    yuan * 100 for yuan in (0, 6_000, 20_000, 50_000, 100_000, 200_000, 300_000, 400_000, 500_000, 1_000_000)
)

Benefit = Callable[[Any, str], object]


def load(path: Path) -> ModuleType:
    """A generated calculator as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def year_totals(random: Random, count: int) -> list[tuple[int, str]]:
    """Totals in fen and words of illness: every band as likely as the next, so that no order of tests is favoured."""
    totals = []
    for _ in range(count):
        band = random.randrange(len(ENDS_FEN) - 1)
        totals.append((random.randrange(ENDS_FEN[band], ENDS_FEN[band + 1]), random.choice(("general", "listed"))))
    return totals


def calling(function: Benefit, totals: Sequence[tuple[Any, str]]) -> Callable[[], None]:
    """One round: the function called for every total, in a plain loop.

    Every candidate has a loop of its own: CPython specialises a call for the function that it has seen there, and in a
    shared loop it would be chance which of the candidates that is.
    """

    def loop() -> None:
        for total, illness in totals:
            function(total, illness)

    return FunctionType(loop.__code__.replace(), loop.__globals__, closure=loop.__closure__)


def as_columns(rows: Sequence[Sequence[str]]) -> dict[str, NDArray[Any]]:
    """Generated claims as arrays, costs in fen."""
    claim, person, discharged, borne, illness = zip(*rows, strict=True)
    return {
        "claim": np.array(claim),
        "person": np.array(person),
        "discharged": np.array(discharged, "datetime64[D]"),
        "borne": np.array([int(yuan.replace(".", "")) for yuan in borne]),
        "illness": np.array(illness),
    }


def from_c(function: Benefit, costs: Sequence[object], words: Sequence[str]) -> Callable[[], object]:
    """One round of calls made from C by `map`; in a loop of Python an empty function costs next to nothing."""
    return lambda: deque(map(function, costs, words), maxlen=0)


def main() -> None:
    """Check that both pay the same, then time them."""
    module = load(GENERATED)
    generated: Benefit = module._critical_illness_formula
    totals = year_totals(Random(2013), CALLS)
    for total, illness in totals:
        if generated(total, illness) != critical_illness(total, illness):
            raise AssertionError(f"the generated function and the one written by hand differ at {total} {illness}")

    functions: dict[str, Benefit] = {
        "generated": generated,
        "hand": critical_illness,
        "public": module.critical_illness_of,
        "checked by hand": critical_illness_checked,
        "bisect": critical_illness_by_bisect,
        "one line": one_line,
        "empty": nothing,
    }
    loops: dict[str, Callable[[], object]] = {name: calling(function, totals) for name, function in functions.items()}
    some = [(Decimal(total) / 100, illness) for total, illness in totals[:: CALLS // IN_DECIMALS]]
    loops["decimals"] = calling(critical_illness_in_decimals, some)
    costs, words = zip(*totals, strict=True)
    for name in ("generated", "hand", "one line", "empty"):
        loops[f"{name} from C"] = from_c(functions[name], costs, words)
    timings = take_turns(loops, ROUNDS)
    timings["decimals"] = Timing(tuple(CALLS / IN_DECIMALS * each for each in timings["decimals"].seconds))
    speed = ratio(timings["hand"], timings["generated"])
    checked = ratio(timings["checked by hand"], timings["public"])
    checks = 1 / ratio(timings["generated"], timings["public"])
    inlined = 1 / ratio(timings["empty"], timings["generated"])
    calls, by_hand, in_one_line = (
        1 / ratio(timings["empty from C"], timings[f"{name} from C"]) for name in ("generated", "hand", "one line")
    )
    decimals = ratio(timings["decimals"], timings["generated"])

    _, *rows = claims("ningxia", ROWS, 1)
    names = ("claim", "person", "discharged", "borne", "illness")
    book = [module.claim_from_mapping(dict(zip(names, row, strict=True))) for row in rows]
    arrays, columns = load(IN_NUMPY), as_columns(rows)
    if sum(one.critical_illness for one in module.settle_all(book)[0]) != arrays.settle(columns).critical_illness.sum():
        raise AssertionError("the calculator for arrays and the one for single claims pay different sums")
    wholes = {
        "settle_all": lambda: module.settle_all(book),
        "arrays": lambda: arrays.settle(columns),
        "compiled": lambda: arrays.settle(columns, compiled=True),
    }
    settling = take_turns(wholes, SETTLE_ROUNDS)
    report(
        (
            Figure("an empty call", per_second(CALLS, timings["empty"])),
            Figure("a year's total by the hand-written if-tree", per_second(CALLS, timings["hand"])),
            Figure("a year's total by bisect and a table", per_second(CALLS, timings["bisect"])),
            Figure("a year's total by a loop in Decimal", per_second(CALLS, timings["decimals"])),
            Figure("a year's total by the generated formula", per_second(CALLS, timings["generated"])),
            Figure("the same by the function for everybody, which checks first", per_second(CALLS, timings["public"])),
            Figure("the function for everybody against one by hand that checks alike: speed", f"{checked:.3f}"),
            Figure("the function for everybody against the formula that it calls: time", f"{checks:.2f}"),
            Figure(
                "generated formula in Python against the best hand-written if-tree: speed, the call included",
                f"{speed:.3f}",
                "at least 0.95",
                speed >= 0.95,
            ),
            Figure(
                "generated formula in Python against an empty call, both made by `map`: time",
                f"{calls:.2f}",
                "at most 2.3",
                calls <= 2.3,
                why=f"the best tree by hand takes {by_hand:.2f}, and the arithmetic of one band alone, with nothing "
                f"compared, {in_one_line:.2f}",
            ),
            Figure("the best hand-written if-tree against an empty call, likewise: time", f"{by_hand:.2f}"),
            Figure("the arithmetic of one band, nothing compared, likewise: time", f"{in_one_line:.2f}"),
            Figure("the same in a loop of Python, which makes an empty call part of itself: time", f"{inlined:.2f}"),
            Figure(
                "generated formula in Python against Decimal: speed", f"{decimals:.1f}", "at least 8", decimals >= 8
            ),
            Figure(
                f"whole claims through `settle_all`, checked and accumulated ({ROWS:,})",
                per_second(ROWS, settling["settle_all"]),
            ),
            Figure("the same claims as columns through the NumPy calculator", per_second(ROWS, settling["arrays"])),
            Figure("the same with loops compiled by numba", per_second(ROWS, settling["compiled"])),
        )
    )


if __name__ == "__main__":
    main()
