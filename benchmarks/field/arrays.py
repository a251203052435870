"""Whole arrays: NumPy by hand and generated, numba by hand and generated, and C as the limit."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.field.claims import ENDS, WORDS, Candidate, Claims

CHUNK = 16_384
GENERATED = Path(__file__).parents[2] / "generated" / "numpy" / "ningxia_critical_illness_2013_numpy.py"
ENDS_FEN = np.array([end * 100 for end in ENDS])
SLOPES = np.array([0, 50, 52, 54, 57, 60, 63, 66, 70, 0, 51, 53, 55, 59, 62, 65, 68, 73])
FIXED = np.array(
    (
        *(
            0,
            -29_999_950,
            -33_999_950,
            -43_999_950,
            -73_999_950,
            -133_999_950,
            -223_999_950,
            -343_999_950,
            -543_999_950,
        ),
        *(
            0,
            -30_599_950,
            -34_599_950,
            -44_599_950,
            -84_599_950,
            -144_599_950,
            -234_599_950,
            -354_599_950,
            -604_599_950,
        ),
    )
)
"""Hundred times the fen that a band pays is its slope times the total, plus what is fixed, the rounding in it."""

Whole = NDArray[np.int64]


def _candidate(claims: Claims, run: Callable[[Whole, Whole], Whole]) -> Candidate:
    totals = np.array(claims.totals, np.int64)
    illness = np.frombuffer(claims.illness, np.uint8).astype(np.int64)
    return Candidate(lambda: run(totals, illness), lambda paid: [int(fen) for fen in paid])


def searchsorted(claims: Claims) -> Candidate:
    """`searchsorted` and a table, in chunks that stay in the cache: the best form that is in common use."""

    def run(totals: Whole, illness: Whole) -> Whole:
        paid = np.empty(len(totals), np.int64)
        for first in range(0, len(totals), CHUNK):
            total = totals[first : first + CHUNK]
            place = np.searchsorted(ENDS_FEN, total)
            place += illness[first : first + CHUNK] * 9
            paid[first : first + CHUNK] = (SLOPES[place] * total + FIXED[place]) // 100
        return paid

    return _candidate(claims, run)


def select(claims: Claims) -> Candidate:
    """`numpy.select`, one condition for each band and illness."""

    def run(totals: Whole, illness: Whole) -> Whole:
        conditions, values = [], []
        for place in range(18):
            band, word = place % 9, place // 9
            below = totals <= ENDS_FEN[band] if band < 8 else np.ones(len(totals), np.bool_)
            conditions.append((illness == word) & below)
            values.append((SLOPES[place] * totals + FIXED[place]) // 100)
        return np.select(conditions, values)

    return _candidate(claims, run)


def _generated() -> Any:
    spec = importlib.util.spec_from_file_location(GENERATED.stem, GENERATED)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[GENERATED.stem] = module
    spec.loader.exec_module(module)
    assert module.ILLNESS_WORDS == WORDS
    return module


def generated(claims: Claims) -> Candidate:
    """The function of the generated file, its checks of both arguments included."""
    return _candidate(claims, _generated().critical_illness_of)


def generated_compiled(claims: Claims) -> Candidate:
    """The same in the loop that numba compiles, the checks included."""
    module = _generated()
    return _candidate(claims, lambda totals, illness: module.critical_illness_of(totals, illness, compiled=True))


def numba_by_hand(claims: Claims) -> Candidate:
    """A loop by hand that numba compiles: ends counted, a table of lines."""
    njit: Any = importlib.import_module("numba").njit

    def each(paid: Whole, totals: Whole, illness: Whole) -> None:
        for row in range(len(paid)):
            total = totals[row]
            place = 9 * illness[row]
            for end in ENDS_FEN:
                place += int(total > end)
            paid[row] = (SLOPES[place] * total + FIXED[place]) // 100

    compiled = njit(each)

    def run(totals: Whole, illness: Whole) -> Whole:
        paid = np.empty(len(totals), np.int64)
        compiled(paid, totals, illness)
        return paid

    return _candidate(claims, run)


def in_c(claims: Claims) -> Candidate:
    """A loop in C for the processor at hand. Raises CalledProcessError or OSError where there is no compiler."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "kernel.so"
        source = Path(__file__).parent / "kernel.c"
        compiler = [os.environ.get("CC", "cc"), "-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run([*compiler, "-o", str(library), str(source)], check=True)
        kernel = ctypes.CDLL(str(library)).critical_illness
    pointer = ctypes.c_void_p
    kernel.argtypes = (pointer, pointer, pointer, ctypes.c_long)
    kernel.restype = None

    def run(totals: Whole, illness: Whole) -> Whole:
        paid = np.empty(len(totals), np.int64)
        kernel(totals.ctypes.data, illness.ctypes.data, paid.ctypes.data, len(totals))
        return paid

    return _candidate(claims, run)


def copy(claims: Claims) -> Candidate:
    """Not a calculator: the totals copied, which is what memory allows."""
    return _candidate(claims, lambda totals, illness: totals.copy())
