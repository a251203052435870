"""`tierproof run --ledger`: a year in several runs, and every ledger that cannot be gone on from, by name.

That two runs are one, on every engine, is tested in tests/properties/test_ledger.py.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from compiler.driver import IN_PROCESS
from tests.command import SMALL, Capture, Result, tierproof

HEAD = "claim,person,discharged,cost,illness\n"
APRIL = f"{HEAD}A1,P7,2013-04-02,1000.00,general\nA2,P7,2013-04-30,500.50,listed\nB1,P8,2013-04-01,100.00,general\n"
MAY = f"{HEAD}A4,P7,2013-05-03,200.00,general\nA3,P7,2013-05-02,1000.00,listed\n"
TOTAL = "basic.base per person per calendar year"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.policy").write_text(SMALL, encoding="utf-8")
    Path("april.csv").write_text(APRIL, encoding="utf-8")
    Path("may.csv").write_text(MAY, encoding="utf-8")


@pytest.fixture(params=IN_PROCESS)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine that runs in this process."""
    return str(request.param)


def run(capsys: Capture, *arguments: str) -> Result:
    """`tierproof run` of the small policy."""
    return tierproof(capsys, "run", "small.policy", *arguments)


def april(capsys: Capture, ledger: str = "april_ledger.csv") -> list[str]:
    """Settle April; gives the lines of its ledger."""
    assert run(capsys, "april.csv", "-o", "april_out.csv", "--ledger-out", ledger).code == 0
    return Path(ledger).read_text(encoding="utf-8").splitlines() if ledger.endswith("csv") else []


def test_a_ledger_is_a_table_that_anyone_can_read(capsys: Capture, engine: str) -> None:
    result = run(capsys, "april.csv", "--engine", engine, "-o", "out.csv", "--ledger-out", "ledger.csv")
    assert result.code == 0
    head, columns, *rows = Path("ledger.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("# tierproof ledger of small, currency CNY, policy sha256 ")
    assert head.endswith(", rows 2")
    assert columns == "total,key,period,amount,last_date,last_claim"
    assert rows == [f"{TOTAL},P7,2013,1500.50,2013-04-30,A2", f"{TOTAL},P8,2013,100.00,2013-04-01,B1"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_next_run_goes_on_from_it(capsys: Capture, engine: str, suffix: str) -> None:
    april(capsys, f"ledger.{suffix}")
    Path("both.csv").write_text(APRIL + MAY.removeprefix(HEAD), encoding="utf-8")
    wanted = run(capsys, "both.csv").out.splitlines()[4:]
    arguments = ("--ledger", f"ledger.{suffix}", "--ledger-out", f"next.{suffix}")
    result = run(capsys, "may.csv", "--engine", engine, *arguments)
    assert (result.code, result.out.splitlines()[1:]) == (0, wanted)
    assert "note:" not in result.err
    assert run(capsys, "may.csv").out.splitlines()[1:] != wanted


def test_claims_that_come_too_late_are_rejected_by_name(capsys: Capture, engine: str) -> None:
    april(capsys)
    late = f"{HEAD}A0,P7,2013-04-30,5,general\nA2,P7,2013-04-30,500.50,listed\nC1,P9,2013-01-01,5,general\n"
    Path("late.csv").write_text(late, encoding="utf-8")
    result = run(capsys, "late.csv", "--engine", engine, "--ledger", "april_ledger.csv", "--rejected", "rejected.csv")
    assert result.code == 0
    assert [line.split(",")[0] for line in result.out.splitlines()[1:]] == ["C1"]
    assert Path("rejected.csv").read_text(encoding="utf-8") == (
        "line,claim,field,reason\n2,A0,discharged,before the ledger\n3,A2,discharged,before the ledger\n"
    )
    refused = run(capsys, "late.csv", "--engine", engine, "--ledger", "april_ledger.csv")
    assert refused.code == 1
    assert 'late.csv:2: discharged: before the ledger "2013-04-30"' in refused.err


def test_another_text_of_the_policy_is_noted(capsys: Capture) -> None:
    april(capsys)
    Path("small.policy").write_text(f"{SMALL}\n# a remark\n", encoding="utf-8")
    result = run(capsys, "may.csv", "--ledger", "april_ledger.csv")
    assert result.code == 0
    assert "note: april_ledger.csv was written by another text of the policy\n" in result.err


P7 = f"{TOTAL},P7,2013,1500.50,2013-04-30,A2"
HARM: dict[str, tuple[tuple[str, str], str]] = {
    "of another policy": (("ledger of small", "ledger of large"), "it is of the policy `large`, not of `small`"),
    "of another currency": (("currency CNY", "currency JPY"), "its amounts are in JPY, not in CNY"),
    "no head": (("# tierproof", "tierproofs"), "it is no ledger, or its first line is not whole"),
    "no columns": (("total,key", "key,total"), "its second line must be total,key,period,amount,last_date,last_claim"),
    "a row lost": ((f"{P7}\n", ""), "it is torn: it has 1 rows, and should have 2"),
    "a row cut": (("2013-04-01,B1\n", "2013-04-01\n"), "it is torn"),
    "an end cut": (("2013-04-01,B1\n", "2013-04-01,B"), "it is torn: its last line is not whole"),
    "twice": (("rows 2\n", "rows 3\n"), "it is torn: it has 2 rows, and should have 3"),
    "another total": ((f"{TOTAL},P7", "other,P7"), "the policy has no running total `other`"),
    "nobody's": ((",P7,", ",,"), "it does not say whose total it is"),
    "negative": (("1500.50", "-1500.50"), "the total `-1500.50` is negative"),
    "too fine": (("1500.50", "1500.505"), "`1500.505` is no total"),
    "too large": (("1500.50", "100000000000.02"), "`100000000000.02` is no total"),
    "a float": (("1500.50", "1.5e3"), "`1.5e3` is no total"),
    "no date": (("2013-04-30", "2013-02-30"), "`2013-02-30` is no date of a claim"),
    "another period": ((",P7,2013,", ",P7,2012,"), "2013-04-30 does not lie in the period `2012`"),
    "no claim": (("2013-04-30,A2", "2013-04-30,"), "it does not name the last claim"),
    "one key twice": ((",P8,", ",P7,"), "`P7` is there twice for one period"),
}
"""What was done to a ledger, and what is said of it."""


@pytest.mark.parametrize("harm", HARM)
def test_a_ledger_that_cannot_be_gone_on_from_settles_nothing(capsys: Capture, engine: str, harm: str) -> None:
    text = "\n".join([*april(capsys), ""])
    (old, new), said = HARM[harm]
    assert old in text
    Path("harmed.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    arguments = ("--engine", engine, "--ledger", "harmed.csv", "--ledger-out", "next.csv", "-o", "out.csv")
    result = run(capsys, "may.csv", *arguments)
    assert (result.code, result.out) == (1, "")
    assert f"error[TP406]: the ledger cannot be gone on from: {said}" in result.err
    assert not Path("next.csv").exists()
    assert not Path("out.csv").exists()


def test_a_flaw_has_its_line(capsys: Capture) -> None:
    text = "\n".join([*april(capsys), ""])
    Path("harmed.csv").write_text(text.replace("100.00", "-100.00"), encoding="utf-8")
    assert " --> harmed.csv:4:1\n" in run(capsys, "may.csv", "--ledger", "harmed.csv").err


def test_a_ledger_in_parquet_is_held_to_the_same(capsys: Capture) -> None:
    april(capsys, "ledger.parquet")
    duckdb.sql("COPY (FROM 'ledger.parquet') TO 'bare.parquet'")
    assert "it is no ledger" in run(capsys, "may.csv", "--ledger", "bare.parquet").err
    Path("cut.parquet").write_bytes(Path("ledger.parquet").read_bytes()[:-9])
    assert "it is no ledger" in run(capsys, "may.csv", "--ledger", "cut.parquet").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--ledger", "nowhere.csv"), "there is no file nowhere.csv"),
        (("--ledger", "."), ". is no file, so no ledger"),
        (("--ledger", "small.policy", "--ledger-out", "small.policy"), "must all be different files"),
        (("--ledger-out", "/dev/null"), "/dev/null is no plain file, so no ledger can be kept there"),
        (("-o", "out.csv", "--ledger-out", "out.csv"), "must all be different files"),
    ],
)
def test_wrong_use(capsys: Capture, arguments: tuple[str, ...], message: str) -> None:
    result = run(capsys, "may.csv", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_a_policy_that_adds_nothing_up_has_no_ledger(capsys: Capture) -> None:
    alone = SMALL.replace(", added up per person per calendar year", "")
    allowed = '\nallow basic payment depends on splitting because "each stay counts by itself"\n'
    Path("small.policy").write_text(alone + allowed, encoding="utf-8")
    result = run(capsys, "may.csv", "--ledger-out", "ledger.csv")
    assert (result.code, "adds nothing up over claims, so it has no ledger" in result.err) == (2, True)
