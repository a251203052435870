"""Slips in generated texts: every one is refused by the proof, or settles every claim as the right text does.

A sample in every run; all of them, with their numbers, with `make mutants-of-output`.
"""

from __future__ import annotations

import ast
import os
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from compiler.emit.python import emit_python
from compiler.model import Model
from compiler.validate import Differs, first_flaw
from tests.engines import constructs
from tests.engines.engines import MARK, python_results
from tests.engines.random_claims import random_rows
from tests.mutants import Mutant, mutants
from tests.policies import chosen

WHOLE = os.environ.get("MUTANTS_OF_OUTPUT") == "all"
SAMPLE = 12

POLICIES: dict[str, Model] = {
    "a stack": chosen("jiangning/ncms_and_critical_illness.policy", "highest"),
    "a table by category": chosen("ningxia/critical_illness_2013.policy", "highest"),
    "versions and dated rows": constructs.versions(next(iter(constructs.VERSIONS))),
    "ends that follow from the claim": constructs.construct("ends in percent of a fact, claim after claim"),
    "a count": constructs.construct("an amount a day"),
}


def _read_for_meaning(text: str) -> Iterator[tuple[int, int]]:
    """The lines of the functions of a Python calculator that are read for what they compute."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and (
            (node.name.endswith(("_of", "_on", "_reason")) and node.name != "_same_file")
            or node.name in ("_settle", "_broken_rule")
        ):
            begins = node.body[1] if isinstance(node.body[0], ast.Expr) else node.body[0]
            yield begins.lineno, node.end_lineno or node.lineno


def _sampled(found: list[Mutant], name: str) -> list[Mutant]:
    return found if WHOLE else Random(name).sample(found, min(SAMPLE, len(found)))


@pytest.mark.parametrize("name", POLICIES)
def test_a_slip_in_python_is_refused_or_without_effect(name: str) -> None:
    model = POLICIES[name]
    text = emit_python(model, MARK)
    assert first_flaw(model, "python", text) is None
    rows = random_rows(model, Random(name), 1_000, any_type=True)
    due = python_results(model, text, rows)
    ends: Counter[str] = Counter()
    every = [one for first, last in _read_for_meaning(text) for one in mutants(text, first, last)]
    for mutant in _sampled(every, name):
        flaw = first_flaw(model, "python", mutant.text)
        ends[type(flaw).__name__] += 1
        if flaw is None:
            found = python_results(model, mutant.text, rows)
            assert found == due, f"line {mutant.line}: {mutant.slip}"
    if WHOLE:
        sys.stderr.write(f"\npython, {name}: {len(every)} slips, {dict(ends)}\n")
    assert ends[Differs.__name__] > 0
    assert ends["NoneType"] < ends.total() / 2
