"""Slips in generated texts: every one is refused by the proof, or settles every claim as the right text does.

A sample in every run; `make mutants-of-output` takes many more, and prints their numbers.
"""

from __future__ import annotations

import ast
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, product
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest

from compiler import driver
from compiler.driver import DIALECTS
from compiler.emit.numpy import emit_numpy
from compiler.emit.python import emit_python
from compiler.model import Model
from compiler.validate import Flaw, first_flaw
from compiler.validate.numpy_library import KNOWN as NUMPY_KNOWN
from compiler.validate.python_library import KNOWN
from dsl.money import DOMAIN_TOP
from tests import ledger_runs
from tests.engines import constructs, engines
from tests.engines.conftest import Engines
from tests.engines.engines import MARK, emitted, python_results
from tests.engines.numpy_engine import numpy_results
from tests.engines.random_claims import random_rows
from tests.generated import module_of
from tests.mutants import Mutant, mutants
from tests.policies import chosen

SAMPLE = int(os.environ.get("MUTANTS_OF_OUTPUT", "0"))
"""How many slips of each policy and target; 0 for the few of a usual run."""

FEW_IN_PYTHON, FEW_IN_NUMPY, FEW_IN_SQL = 10, 10, 4

POLICIES: dict[str, Model] = {
    "a stack": chosen("jiangning/ncms_and_critical_illness.policy", "highest"),
    "a table by category": chosen("ningxia/critical_illness_2013.policy", "highest"),
    "a count": constructs.construct("an amount a day"),
}


def _read_for_meaning(text: str) -> Iterator[tuple[int, int]]:
    """The lines of the functions of a Python calculator that are read for what they compute."""
    return (lines for node, lines in _parts_of(text) if isinstance(node, ast.FunctionDef) and node.name not in HELD)


def _held(text: str) -> Iterator[tuple[int, int]]:
    """The lines of all else in a Python calculator: what no policy changes, types, constants, imports."""
    return (lines for node, lines in _parts_of(text) if not isinstance(node, ast.FunctionDef) or node.name in HELD)


HELD = (*KNOWN, "settle_all", "claim_from_mapping", "_row_of", "_ward_word", "_illness_word")


def _parts_of(text: str) -> Iterator[tuple[ast.stmt, tuple[int, int]]]:
    """The statements of a module, each with its lines; what is said of it in words is left out."""
    for node in ast.parse(text).body:
        match node:
            case ast.Expr(ast.Constant(str())):
                pass
            case ast.FunctionDef(body=[ast.Expr(), first, *_]) | ast.ClassDef(body=[ast.Expr(), first, *_]):
                yield node, (node.lineno, node.body[0].lineno - 1)
                yield node, (first.lineno, node.end_lineno or node.lineno)
            case _:
                yield node, (node.lineno, node.end_lineno or node.lineno)


TABLES = ("_ends_", "_slopes_", "_fixed_", "FIRST_DAY", "LAST_DAY")


def _of_arrays(text: str) -> Iterator[tuple[int, int]]:
    """The lines of a NumPy calculator that depend on its policy."""
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name, body=[first, second, *_]) if name not in NUMPY_KNOWN:
                begins = second if isinstance(first, ast.Expr) else first
                yield begins.lineno, node.end_lineno or node.lineno
            case ast.FunctionDef(name=name, body=[only]) if name not in NUMPY_KNOWN:
                yield only.lineno, node.end_lineno or node.lineno
            case ast.AnnAssign(ast.Name(name), value=value) if isinstance(value, ast.Tuple) or name.startswith(TABLES):
                yield node.lineno, node.end_lineno or node.lineno
            case _:
                pass


def _of_views(text: str) -> list[Mutant]:
    """Slips in the two views of a SQL calculator, and in the functions before them, remarks left alone."""
    lines = text.splitlines()
    first = next(
        place for place, line in enumerate(lines, 1) if line.startswith(("WITH", "CREATE OR REPLACE FUNCTION"))
    )
    found = mutants(text, first, len(lines))
    return [one for one in found if not one.slip.startswith("without --")]


def _sampled(found: list[Mutant], name: str, few: int) -> list[Mutant]:
    return Random(name).sample(found, min(SAMPLE or few, len(found)))


def _tried(sample: list[Mutant], flaw_of: Callable[[str], Flaw | None], same: Callable[[Mutant], bool]) -> Counter[str]:
    """How each slip ends: with a flaw, or with none, and then every claim must be settled as by the right text."""
    ends: Counter[str] = Counter()
    for mutant in sample:
        flaw = flaw_of(mutant.text)
        ends[type(flaw).__name__] += 1
        assert flaw is not None or same(mutant), f"line {mutant.line}: {mutant.slip}"
    return ends


def _said(target: str, name: str, every: int, ends: Counter[str]) -> None:
    if SAMPLE:
        sys.stderr.write(f"\n{target}, {name}: {ends.total()} of {every} slips: {dict(ends)}\n")
    # One slip in five changes nothing: a limit at which two lines meet, a rule behind another one.
    assert ends["NoneType"] <= ends.total() / 3


@pytest.mark.parametrize("name", POLICIES)
def test_a_slip_in_python_is_refused_or_without_effect(name: str) -> None:
    model = POLICIES[name]
    text = emit_python(model, MARK)
    assert first_flaw(model, "python", text) is None
    rows = random_rows(model, Random(name), 1_000, any_type=True)
    due, answers = python_results(model, text, rows), _answers(text, text)

    def same(mutant: Mutant) -> bool:
        return python_results(model, mutant.text, rows) == due and _answers(mutant.text, text) == answers

    every = [one for first, last in _read_for_meaning(text) for one in mutants(text, first, last)]
    sample = _sampled(every, name, FEW_IN_PYTHON)
    ends = _tried(sample, lambda changed: first_flaw(model, "python", changed), same)
    _said("python", name, len(every), ends)


WRONG: tuple[object, ...] = (None, True, 1.5, "1", -1, DOMAIN_TOP + 1)
"""What no claim has for a number, nor for a word."""


def _answers(text: str, right: str) -> list[object]:
    """What the functions for everybody say: at and around each number of the right text, for every word, and for what
    is neither."""
    module = module_of(text, "calculator.py", "calculator")
    numbers = {node.value for node in ast.walk(ast.parse(right)) if isinstance(node, ast.Constant)}
    around = sorted({one + more for one in numbers if type(one) is int for more in (-1, 0, 1)})
    found: list[object] = []
    for node in ast.parse(right).body:
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_of") and not node.name.startswith("_"):
            types = [ast.unparse(one.annotation) for one in node.args.args if one.annotation is not None]
            values = [around if one == "int" else get_args(getattr(module, one)) for one in types]
            found += [_answer(module, node.name, given) for given in product(*((*some, *WRONG) for some in values))]
    return found


def _answer(module: Any, name: str, arguments: tuple[object, ...]) -> object:
    try:
        return getattr(module, name)(*arguments)
    except module.ClaimError as error:
        return error.field, error.reason


@pytest.mark.parametrize("name", POLICIES)
def test_a_slip_in_what_no_policy_changes_is_refused(name: str) -> None:
    model = POLICIES[name]
    text = emit_python(model, MARK)
    right = ast.dump(ast.parse(text))
    every = [one for first, last in _held(text) for one in mutants(text, first, last) if _says_other(one.text, right)]
    for mutant in _sampled(every, f"held {name}", FEW_IN_PYTHON):
        assert first_flaw(model, "python", mutant.text) is not None, f"line {mutant.line}: {mutant.slip}"
    assert len(every) > 400


def _says_other(changed: str, right: str) -> bool:
    """Whether a slip changes more than remarks and line breaks of the text whose tree this is."""
    try:
        return ast.dump(ast.parse(changed)) != right
    except SyntaxError:
        return True


@pytest.mark.parametrize("name", POLICIES)
def test_a_slip_in_numpy_is_refused_or_without_effect(name: str) -> None:
    model = POLICIES[name]
    text = emit_numpy(model, MARK)
    assert first_flaw(model, "numpy", text) is None
    rows = random_rows(model, Random(name), 1_000, any_type=False)
    due = numpy_results(model, text, rows)
    loops = next(node for node in ast.parse(text).body if getattr(node, "name", "") == "_compiled")

    def same(mutant: Mutant) -> bool:
        compiled = loops.lineno <= mutant.line <= (loops.end_lineno or 0)
        return numpy_results(model, mutant.text, rows, compiled=compiled) == due

    every = [one for first, last in _of_arrays(text) for one in mutants(text, first, last)]
    sample = _sampled(every, name, FEW_IN_NUMPY)
    ends = _tried(sample, lambda changed: first_flaw(model, "numpy", changed), same)
    _said("numpy", name, len(every), ends)


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_slip_in_sql_is_refused_or_without_effect(
    name: str, dialect: str, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = POLICIES[name]
    text = emitted(model, dialect)
    rows = random_rows(model, Random(name), 300, any_type=dialect == "sqlite")
    due = engines[dialect](model, rows)

    def same(mutant: Mutant) -> bool:
        monkeypatch.setattr(SETTLING, "emitted", lambda *_: mutant.text)
        return engines[dialect](model, rows) == due

    every = _of_views(text)
    sample = _sampled(every, f"{name} {dialect}", FEW_IN_SQL)
    ends = _tried(sample, lambda changed: first_flaw(model, f"sql/{dialect}", changed), same)
    _said(dialect, name, len(every), ends)


@pytest.mark.parametrize("name", ["a stack", "a table by category"])
@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_slip_in_what_is_run_is_refused_or_without_effect(name: str, engine: str, tmp_path: Path) -> None:
    """With the place of each row, from one ledger to the next; the claims once more are too early for the third run."""
    model, target = POLICIES[name], driver.settling(engine, counts_on=True)
    text = ledger_runs.text_of(engine, model)
    rows = random_rows(model, Random(name), 200, any_type=False)

    def runs(text: str, folder: Path) -> list[bytes]:
        folder.mkdir()
        found: list[bytes] = []
        ledger = None
        for number, some in enumerate((rows[:100], rows, rows)):
            files = ledger_runs.settled(engine, model, text, some, folder / str(number), ledger)
            found += [path.read_bytes() for path in files.values()]
            ledger = files["ledger"]
        return found

    due = runs(text, tmp_path / "right")
    folders = (tmp_path / str(number) for number in count())
    every = _of_views(text)
    sample = _sampled(every, f"{name} {engine} run", FEW_IN_SQL)
    ends = _tried(
        sample,
        lambda changed: first_flaw(model, target.folder, changed, target.riders),
        lambda mutant: runs(mutant.text, next(folders)) == due,
    )
    _said(f"run with {engine}", name, len(every), ends)


SETTLING = engines
"""The module that settles claims with what `emitted` gives; a fixture has its name."""
