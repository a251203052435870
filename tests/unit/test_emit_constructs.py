"""What the calculators make of counts, dates, periods, versions and ends that follow from the claim."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compiler.emit.dialects import DIALECTS
from compiler.emit.python import emit_python
from compiler.emit.python_lines import LINE_LENGTH, fitted
from compiler.emit.sql import emit_sql
from compiler.model import Model, Period, PeriodKind
from compiler.versions import merged
from tests.engines import constructs
from tests.generated import MARK, calculator
from tests.policies import model_of, one_benefit

NAMES = [dialect.name for dialect in DIALECTS]
LINE = "\nparameter line, by day\n  2023-01-01 to 2023-12-31  100\n  from 2024-01-01  200\n"


# Counts ---------------------------------------------------------------------------------------------


def with_days() -> Model:
    return model_of(one_benefit("pay min(cost, 50 * days)").replace("cost money", "cost money\n  days count up to 366"))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "missing"),
        (" ", "missing"),
        ("1,000", "wrong type"),
        ("7.0", "wrong type"),
        ("７", "wrong type"),
        (7.0, "wrong type"),
        (True, "wrong type"),
        ("-1", "negative"),
        (-1, "negative"),
        ("367", "out of range"),
        ("9" * 5000, "out of range"),
        ("-" + "9" * 5000, "negative"),
    ],
)
def test_a_count_that_is_wrong_names_its_field(value: object, reason: str) -> None:
    module = calculator(with_days())
    with pytest.raises(module.ClaimError) as error:
        module.claim_from_mapping(
            {"claim": "1", "person": "a", "day": "2024-01-01", "cost": "1", "ward": "plain", "days": value}
        )
    assert (error.value.field, error.value.reason) == ("days", reason)


def test_a_count_in_a_file_is_a_plain_whole_number() -> None:
    module = calculator(with_days())
    row = {"claim": "1", "person": "a", "day": "2024-01-01", "cost": "1,000", "ward": "plain", "days": " 007 "}
    settled, _ = module.settle(module.claim_from_mapping(row), {})
    assert settled.b == 350_00


# Words that follow from a date ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "word"),
    [(date(2022, 12, 31), None), (date(2023, 1, 1), "2023-01-01"), (date(2024, 1, 1), "2024-01-01")],
)
def test_the_word_of_a_day(day: date, word: str | None) -> None:
    module = calculator(model_of(one_benefit("deductible line", "pay 50%") + LINE))
    assert module._line_dates_on(day) == word


def test_a_day_without_a_word_is_rejected_after_the_days_in_force() -> None:
    model = model_of(one_benefit("deductible line", "pay 50%") + LINE)
    module = calculator(model)
    _, rejected = module.settle_all([module.Claim("1", "a", date(2022, 12, 31), 1, "plain")])
    assert [(one.field, one.reason) for one in rejected] == [("day", "not in force")]


def test_a_date_that_decides_nothing_is_not_looked_at() -> None:
    one_row = "\nparameter line, by day\n  from 0001-01-01  100\n"
    model = model_of(one_benefit("deductible line", "pay 50%") + one_row)
    assert "_line_dates_on" not in emit_python(model, MARK)
    for dialect in NAMES:
        assert "dated" not in emit_sql(model, dialect, MARK)


@pytest.mark.parametrize("dialect", NAMES)
def test_sql_has_a_column_for_the_word_and_asks_for_it_in_the_function(dialect: str) -> None:
    text = emit_sql(model_of(one_benefit("deductible line", "pay 50%") + LINE), dialect, MARK)
    words = r"CASE WHEN c\..day. < .*2024-01-01. THEN .2023-01-01. ELSE .2024-01-01. END( AS BINARY\))? AS .dated 1."
    assert re.search(words, text)
    assert re.search("WHEN .dated 1. = '2023-01-01'", text)


# Periods --------------------------------------------------------------------------------------------

PERIODS = {
    "calendar year": Period(PeriodKind.CALENDAR_YEAR),
    "policy year from 12-01": Period(PeriodKind.POLICY_YEAR, 12, 1),
    "policy year from 03-31": Period(PeriodKind.POLICY_YEAR, 3, 31),
    "month": Period(PeriodKind.MONTH),
    "lifetime": Period(PeriodKind.LIFETIME),
}


DAYS = (date(2023, 11, 30), date(2023, 12, 1), date(2024, 2, 29), date(987, 3, 31), date(1, 1, 1))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("period", PERIODS)
def test_a_ledger_names_a_period_as_the_model_does(period: str, day: date) -> None:
    text = one_benefit("deductible 1", "pay 50%").replace("of cost", f"of cost, added up per person per {period}")
    module = calculator(model_of(text))
    _, ledger = module.settle(module.Claim("1", "li", day, 500, "plain"), {})
    assert ledger == {f"b.base per person per {period}/{PERIODS[period].name_of(day)}/li": 500}


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize(
    ("period", "days", "parted"),
    [
        ("policy year from 12-01", "2023-12-01 to 2024-11-30", False),
        ("policy year from 12-01", "2023-11-30 to 2024-11-29", True),
        ("month", "2023-02-01 to 2023-02-28", False),
        ("calendar year", "2023-02-01 to 2024-01-01", True),
        ("lifetime", "2023-02-01 to 2024-01-01", False),
    ],
)
def test_claims_of_one_period_are_not_parted(period: str, days: str, parted: bool, dialect: str) -> None:
    text = one_benefit("deductible 1", "pay 50%").replace("of cost", f"of cost, added up per person per {period}")
    text = text.replace("currency CNY", f"currency CNY\n  in force {days}, by day")
    (partition,) = set(re.findall(r"^ +PARTITION BY (.*)\n", emit_sql(model_of(text), dialect, MARK), re.MULTILINE))
    assert ("," in partition) is parted


# Versions -------------------------------------------------------------------------------------------


def test_versions_that_count_otherwise_keep_their_own_steps() -> None:
    module = calculator(constructs.versions("versions that count otherwise"))
    assert {"b_2012_07_20", "b_2013_02_06"} <= {name.replace(".", "_").replace("-", "_") for name in module.COLUMNS}


def test_a_function_asks_for_the_version_and_only_then_for_what_that_one_reads() -> None:
    names = ("a dated deductible", "bands from a dated line")
    days = ("2012-01-01 to 2012-12-31", "2013-01-01 to 2014-12-31")
    texts = [
        constructs.text_of(name, f"in force {stretch}, by day").replace("policy year from 04-01", "calendar year")
        for name, stretch in zip(names, days, strict=True)
    ]
    module = calculator(merged([model_of(text) for text in texts]))
    old = {"in_force": "2012-01-01", "x2013_01_01_line_dates": "2012-01-01", "level": "city", "ward": "private"}
    new = {"in_force": "2013-01-01", "x2012_01_01_line_dates": "2012-01-01", "level": "county", "ward": "plain"}
    assert module.b_of(1_150_00, x2012_01_01_line_dates="2013-07-01", **old) == 333_33
    assert module.b_of(1_150_00, x2013_01_01_line_dates="2013-07-01", **new) == 445_00
    with pytest.raises(module.ClaimError, match=r"in\.force: unknown value"):
        module.b_of(0, x2012_01_01_line_dates="2012-01-01", **{**old, "in_force": "2011-01-01"})


# Text -----------------------------------------------------------------------------------------------

EVERYTHING = [*constructs.BODIES, *constructs.VERSIONS]


def everything(name: str) -> Model:
    return constructs.construct(name) if name in constructs.BODIES else constructs.versions(name)


@pytest.mark.parametrize("name", EVERYTHING)
def test_no_line_is_too_long_to_read(name: str) -> None:
    assert [line for line in emit_python(everything(name), MARK).splitlines() if len(line) > LINE_LENGTH] == []


def test_every_construct_is_strictly_typed(tmp_path: Path) -> None:
    for place, name in enumerate(EVERYTHING):
        text = emit_python(replace(everything(name), id=f"policy_{place}"), MARK)
        (tmp_path / f"policy_{place}.py").write_text(text, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "mypy.ini", "--cache-dir", ".mypy_cache", "."]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_long_statements_are_broken_at_operators_and_never_inside_a_text() -> None:
    words = '"a + (b, c] if \\" d"'
    line = f"return max({'x' * 60} + 1, {'y' * 60} if word == {words} else 0) // 100  # line 3"
    assert fitted([line], 4) == [
        "return (",
        "    max(",
        f"        {'x' * 60} + 1,",
        f"        {'y' * 60} if word == {words} else 0,",
        "    )",
        "    // 100",
        ")  # line 3",
    ]


# What is never printed ------------------------------------------------------------------------------

UNKNOWN = one_benefit("pay in slices of the amount", "  over 0 to 100  50%", "  over 100  unknown between 80% and 100%")


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (model_of(UNKNOWN), "unknown ratio"),
        (model_of(one_benefit("pay 50%").replace("currency CNY", "currency CNY\n  status draft")), "draft"),
    ],
)
def test_drafts_and_unknown_ratios_are_never_printed(model: Model, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        emit_python(model, MARK)
    for dialect in NAMES:
        with pytest.raises(AssertionError, match=why):
            emit_sql(model, dialect, MARK)


@pytest.mark.parametrize(
    ("name", "arguments", "field", "reason"),
    [
        ("ends in percent of a fact", (100, -1), "fund", "negative"),
        ("ends in percent of a fact", (100, 100_000_001), "fund", "out of range"),
        ("ends in percent of a fact", (-1, 100), "amount", "negative"),
    ],
)
def test_a_function_is_not_asked_about_a_claim_that_there_is_not(
    name: str, arguments: tuple[int, int], field: str, reason: str
) -> None:
    module = calculator(constructs.construct(name))
    # 50% of 5, 70% of 5 and 20% of the rest; between 10 and 10.5 lies no whole amount.
    assert module.b_of(100, 100) == 24
    with pytest.raises(module.ClaimError) as error:
        module.b_of(*arguments)
    assert (error.value.field, error.value.reason) == (field, reason)
