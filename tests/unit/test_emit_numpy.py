"""The generated NumPy calculator: the same as the reference, exact in 64 bits, and strict about its columns."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from benchmarks.tables import table
from compiler.emit import numpy_tables
from compiler.emit.integer import whole_number_code
from compiler.emit.numpy import emit_numpy
from compiler.emit.width import TooWide
from compiler.model import Model, PeriodKind
from compiler.versions import merged
from dsl.money import DOMAIN_TOP, RoundingMode
from tests.engines import constructs
from tests.engines.engines import reference
from tests.engines.numpy_engine import amount_fields, columns_of, settle_in_numba, settle_in_numpy
from tests.engines.random_claims import random_rows
from tests.generated import MARK, calculator, numpy_calculator
from tests.models import YUAN, ningxia, over_to, stack, yearly_cap
from tests.policies import model_of
from tests.unit.test_emit_python_text import ODD_NAMES, renamed

NINGXIA = ningxia()


def claims(count: int, **columns: object) -> dict[str, Any]:
    """That many claims of one person of Ningxia on one day, with some columns of their own."""
    usual = {
        "claim": np.array([f"{place:04d}" for place in range(count)], np.str_),
        "person": np.full(count, "P"),
        "discharged": np.full(count, np.datetime64("2013-03-01")),
        "borne": np.full(count, 10_000 * YUAN),
        "illness": np.full(count, "general"),
    }
    return {**usual, **columns}


def broken(columns: dict[str, Any], module: Any = None) -> list[tuple[int, str, str]]:
    """What Ningxia's calculator rejects."""
    found: list[tuple[int, str, str]] = (module or numpy_calculator(NINGXIA)).settle(columns).rejections()
    return found


# The same as the reference --------------------------------------------------------------------------


def test_the_worked_values_of_ningxia_as_arrays() -> None:
    module = numpy_calculator(NINGXIA)
    totals = np.array([0, 6_000, 20_000, 50_000, 100_000, 500_000, 1_000_000]) * YUAN
    paid = np.array([0, 0, 7_000, 22_600, 49_600, 295_600, 645_600]) * YUAN
    general = np.full(len(totals), module.ILLNESS_WORDS.index("general"))
    assert module.critical_illness_of(totals, general).tolist() == paid.tolist()
    assert module.critical_illness_of(totals, general, compiled=True).tolist() == paid.tolist()


COMPILED = {
    "ningxia": NINGXIA,
    "half even to the yuan": ningxia(mode=RoundingMode.HALF_EVEN, unit=100),
    "a stack": stack(),
    **{
        name: constructs.construct(name)
        for name in (
            "bands from a dated line",
            "payers who share a cost",
            "a family that shares a deductible",
            "facts whose names calculators use themselves",
        )
    },
}


@pytest.mark.parametrize("model", COMPILED.values(), ids=COMPILED)
def test_compiled_loops_agree_with_the_reference(model: Model) -> None:
    rows = random_rows(model, Random(model.id), 1_000, any_type=False)
    assert settle_in_numba(model, rows) == reference(model, rows)


def test_the_order_of_claims_is_that_of_code_points_and_ties_are_duplicates() -> None:
    random = Random(5)
    numbers = ["10", "9", "é", "Z", "a", "王", "😀", "a" * 40, "a" * 40 + "b", "", "\U0010ffff" * 4]
    rows = [
        {
            "claim": random.choice(numbers) + random.choice("xyz王"),
            "person": random.choice(["p", "P", "é"]) * random.randint(1, 3),
            "discharged": date(2013, 1, 1 + random.randrange(3)),
            "borne": random.randrange(30_000 * YUAN),
            "illness": "listed",
        }
        for _ in range(800)
    ]
    expected = reference(NINGXIA, rows)
    assert len(expected.settled) > 300 and sum(expected.rejected.values()) > 100
    assert settle_in_numpy(NINGXIA, rows) == expected


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 100])
def test_chunks_of_any_size_give_the_same(rows: int) -> None:
    module = numpy_calculator(NINGXIA)
    columns = claims(rows, borne=np.arange(rows) * 7_777)
    whole = module.settle(columns).critical_illness.tolist()
    module.CHUNK = 7
    assert module.settle(columns).critical_illness.tolist() == whole
    assert len(whole) == rows


def test_a_table_of_more_ends_than_are_counted_is_searched() -> None:
    policy = model_of(table(100))
    arguments = [end + step for end in range(0, 600_000_00, 4_000_00) for step in (-1, 0, 1) if end + step >= 0]
    (name,) = [function.name for function in whole_number_code(policy).functions]
    scalar = getattr(calculator(policy), f"{name}_of")
    expected = [scalar(argument) for argument in arguments]
    function = getattr(numpy_calculator(policy), f"{name}_of")
    assert function(np.array(arguments)).tolist() == expected
    assert function(np.array(arguments), compiled=True).tolist() == expected


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize("unit", [1, 10, 100])
def test_a_table_and_the_same_without_one(mode: RoundingMode, unit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = ningxia(mode=mode, unit=unit)
    assert "_slopes_1_1[place]" in emit_numpy(model, MARK)
    rows = random_rows(model, Random(unit), 500, any_type=False)
    as_table = settle_in_numpy(model, rows)
    monkeypatch.setattr(numpy_tables, "MOST_ROWS", 1)
    assert "_slopes_1_1[place]" not in emit_numpy(model, MARK)
    assert settle_in_numpy(model, rows) == as_table == reference(model, rows)


def test_bands_with_other_ends_in_every_column_become_one_table() -> None:
    text = """\
policy p
  currency CNY
  round half even to 0.01
claim
  day date
  cost money up to 1,000
  ward plain | private
parameter line, by day, ward
                    plain private
  from 2013-01-01    10      25
benefit b
  of cost
  deductible line
  pay in slices of the amount
    over 10 to 100   33.33%
    over 100         1/7
"""
    model = model_of(text)
    (function,) = whole_number_code(model).functions
    found = numpy_tables.table_of(function, model.categories)
    assert found is not None
    assert (found.facts, found.ends) == (("ward",), (1_000, 2_500, 10_000))
    assert [len(lines.slopes) for lines in found.lines] == [8] * len(found.lines)
    row = {"claim": "1", "day": date(2013, 1, 1)}
    rows = [{**row, "cost": cost, "ward": ward} for cost in range(12_000) for ward in ("plain", "private")]
    assert settle_in_numpy(model, rows) == reference(model, rows)


# Ledgers and totals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a family that shares a deductible", "an out-of-pocket maximum"])
def test_two_runs_with_a_ledger_are_one_run_and_the_ledger_that_of_the_scalar_calculator(name: str) -> None:
    model = constructs.construct(name)
    module, scalar = numpy_calculator(model), calculator(model)
    rows = [row for row in random_rows(model, Random(1), 600, any_type=False) if _settles(model, row)]
    rows = [{**row, "claim": f"{place:03d}"} for place, row in enumerate(rows)]
    rows.sort(key=lambda row: (row["day"], row["claim"]))
    halves = rows[:250], rows[250:]
    ledger: dict[str, int] = {}
    found: list[int] = []
    for half in halves:
        settled, ledger = module.settle_after(columns_of(model, half), ledger)
        found += settled.own_share.tolist()
    assert found == module.settle(columns_of(model, rows)).own_share.tolist()

    by_hand: dict[str, int] = {}
    for row in rows:
        _, by_hand = scalar.settle(scalar.Claim(*row.values()), by_hand)
    assert ledger == by_hand and len(ledger) > 100


def _settles(model: Model, row: dict[str, Any]) -> bool:
    return not reference(model, [row]).rejected


@pytest.mark.parametrize(
    ("value", "reason"), [(1.5, "wrong type"), (True, "wrong type"), (-1, "negative"), (-(2**70), "negative")]
)
def test_a_total_of_the_ledger_that_is_none_is_refused_by_its_name(value: object, reason: str) -> None:
    module = numpy_calculator(NINGXIA)
    total = "critical_illness.base per person per calendar year"
    with pytest.raises(module.ClaimError) as error:
        module.settle_after(claims(1), {f"{total}/2013/P": value})
    assert (error.value.field, error.value.reason) == (total, reason)


@pytest.mark.parametrize("value", [DOMAIN_TOP, DOMAIN_TOP + 1, 2**62 + 1, 2**64])
def test_a_total_of_the_ledger_beyond_the_top_rejects_its_claims_only(value: int) -> None:
    module, scalar = numpy_calculator(NINGXIA), calculator(NINGXIA)
    before = {"critical_illness.base per person per calendar year/2013/P": value}
    columns = claims(3, person=np.array(["P", "Q", "P"]))
    settled, after = module.settle_after(columns, before)
    assert settled.row.tolist() == [1]
    assert settled.rejections() == [(row, "critical_illness.base", "total out of range") for row in (0, 2)]
    by_hand = dict(before)
    for row in range(3):
        claim = scalar.Claim(*(column[row].item() for column in columns.values()))
        try:
            _, by_hand = scalar.settle(claim, by_hand)
        except scalar.ClaimError as error:
            by_hand = error.ledger
    assert after == by_hand


def test_a_total_far_out_of_64_bits_rejects_every_claim_after_it() -> None:
    module = numpy_calculator(NINGXIA)
    rows = 2**64 // DOMAIN_TOP + 1  # so many that the sum wraps to one that is in range again
    assert 0 < rows * DOMAIN_TOP - 2**64 < DOMAIN_TOP
    columns = claims(
        rows,
        claim=np.arange(rows).astype("U7"),
        discharged=np.datetime64("2013-01-01") + np.sort(np.arange(rows) % 365),
        borne=np.full(rows, DOMAIN_TOP),
    )
    settled, ledger = module.settle_after(columns, {})
    assert settled.row.tolist() == [0]
    assert settled.rejections()[-1] == (rows - 1, "critical_illness.base", "total out of range")
    assert ledger == {"critical_illness.base per person per calendar year/2013/P": rows * DOMAIN_TOP}


@pytest.mark.parametrize("kind", PeriodKind)
def test_a_ledger_names_every_kind_of_period_alike(kind: PeriodKind) -> None:
    text = constructs.text_of("an out-of-pocket maximum").replace(
        "per family per calendar year",
        f"per family per {'policy year from 02-28' if kind is PeriodKind.POLICY_YEAR else kind.value}",
    )
    model = model_of(text)
    days = ["2012-02-28", "2012-02-29", "2012-03-01", "2013-02-28", "2013-03-01", "2012-12-31", "2013-01-01"]
    row = {"family": "f/é", "cost": 90_000, "fund": 5, "income": 2_000, "days": 3, "total": 1}
    words = {"level": "city", "text": "a", "number": "d", "ward": "plain"}
    rows = [{"claim": day, "person": "p", "day": date.fromisoformat(day)} | row | words for day in sorted(days)]
    rows = [{fact: one[fact] for fact in ("claim", *(fact.name for fact in model.facts))} for one in rows]
    scalar, by_hand = calculator(model), dict[str, int]()
    for one in rows:
        _, by_hand = scalar.settle(scalar.Claim(*one.values()), by_hand)
    _, ledger = numpy_calculator(model).settle_after(columns_of(model, rows), {})
    assert ledger == by_hand


# The text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", ODD_NAMES, ids=lambda names: " ".join(names.values()))
def test_any_name_is_settled_like_any_other(names: dict[str, str]) -> None:
    _settles_ten_yuan(names)


@pytest.mark.parametrize(
    "names",
    [
        {"person": "np", "cost": "live", "illness": "out", "benefit": "part"},
        {"person": "place", "cost": "row", "illness": "rule", "benefit": "rejected"},
        {"person": "book", "cost": "Coded", "illness": "Any", "benefit": "RULES"},
        {"person": "columns", "cost": "ILLNESS_WORDS", "illness": "illness", "benefit": "np"},
    ],
    ids=lambda names: " ".join(names.values()),
)
def test_names_of_the_template_are_settled_like_any_other(names: dict[str, str]) -> None:
    _settles_ten_yuan(names)


def _settles_ten_yuan(names: dict[str, str]) -> None:
    policy = renamed(names)
    row = {"claim": "1", names["person"]: "A", "day": date(2013, 1, 1), names["cost"]: 1001, names["illness"]: "listed"}
    expected = reference(policy, [row])
    assert sum(expected.settled.values()) == 1
    assert settle_in_numpy(policy, [row]) == expected
    assert settle_in_numba(policy, [row]) == expected


def test_the_files_are_strictly_typed_and_stand_alone(tmp_path: Path) -> None:
    policies: Sequence[Model] = [
        NINGXIA,
        stack(),
        yearly_cap(),
        merged([constructs.construct("ends in percent of a fact")]),
    ]
    files = []
    for place, policy in enumerate(policies):
        files.append(tmp_path / f"policy{place}_numpy.py")
        files[-1].write_text(emit_numpy(replace(policy, id=f"policy{place}"), MARK), encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "mypy.ini", "--cache-dir", "cache"]
    checked = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for file in files:
        alone = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); import {file.stem}"]
        loaded = subprocess.run(
            [*alone[:-1], alone[-1] + "; print('numba' in sys.modules, 'compiler' in sys.modules)"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert loaded.stdout == "False False\n", loaded.stderr


def test_no_number_is_a_float_and_nothing_is_divided_into_one() -> None:
    tree = ast.parse(emit_numpy(stack(), MARK))
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not isinstance(node, ast.Div)


def test_every_amount_comes_out_in_64_bits() -> None:
    model = stack()
    module = numpy_calculator(model)
    rows = random_rows(model, Random(2), 50, any_type=False)
    settled = module.settle(columns_of(model, rows))
    assert {getattr(settled, name).dtype for name in amount_fields(model, module)} == {np.dtype(np.int64)}


def test_what_needs_more_than_64_bits_is_refused() -> None:
    (band,) = over_to([0], [(50, 50)])
    fine = tuple(replace(one, ratio=Fraction(10**12 - 1, 10**12)) for one in band.ratios)
    with pytest.raises(TooWide):
        emit_numpy(ningxia(bands=(replace(band, ratios=fine),)), MARK)
