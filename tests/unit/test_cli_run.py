"""`tierproof run`: claims in, results out, the same from every engine; every bad file and row by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.driver import IN_PROCESS
from tests.command import JIANGNING, NINGXIA, ROOT, SMALL, Capture, tierproof
from tests.runs import GOOD, GOOD_RESULT, HEAD, RESULT_HEAD, run


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=IN_PROCESS)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.mark.parametrize(
    ("claims", "settled"),
    [
        (HEAD + GOOD, RESULT_HEAD + GOOD_RESULT),
        (("\ufeff" + HEAD + GOOD).replace("\n", "\r\n"), RESULT_HEAD + GOOD_RESULT),
        ((HEAD + GOOD).replace("\n", "\r"), RESULT_HEAD + GOOD_RESULT),
        ((HEAD + GOOD).rstrip("\n"), RESULT_HEAD + GOOD_RESULT),
        (f"{HEAD}\n{GOOD}\n\n", RESULT_HEAD + GOOD_RESULT),
        (HEAD.replace("borne", '" borne "') + GOOD, RESULT_HEAD + GOOD_RESULT),
        (HEAD.replace("\n", "\r\n") + GOOD, RESULT_HEAD + GOOD_RESULT),
        (f"{HEAD}{GOOD.strip()},,\n", RESULT_HEAD + GOOD_RESULT),
        (HEAD, RESULT_HEAD),
        (f"{HEAD}1,a, 2013-02-03 , 5.5 , general \n", f"{RESULT_HEAD}1,a, 2013-02-03 , 5.5 , general ,0.00,5.50\n"),
        (f'{HEAD}"1\n2","a""b",2013-02-03,5,general\n', f'{RESULT_HEAD}"1\n2","a""b",2013-02-03,5,general,0.00,5.00\n'),
    ],
)
def test_forms_of_one_file(capsys: Capture, engine: str, claims: str, settled: str) -> None:
    result = run(capsys, engine, claims)
    assert (result.code, result.out) == (0, settled)


def test_a_carriage_return_within_a_value_stays_within_it(capsys: Capture, engine: str) -> None:
    claims = f'{HEAD}"A\r1",p,2013-05-02,5,general\n"A\r2",p,2013-05-02,x,general\n'
    options = ("--rejected", "bad.csv", "--ledger-out", "totals.csv")
    result = run(capsys, engine, claims, *options)
    assert result.code == 0, result.err
    assert result.out == f'{RESULT_HEAD}"A\r1",p,2013-05-02,5,general,0.00,5.00\n'
    assert Path("bad.csv").read_bytes() == b'line,claim,field,reason\n4,"A\r2",borne,wrong type\n'
    assert Path("totals.csv").read_bytes().endswith(b'2013-05-02,"A\r1"\n')
    options = ("--ledger", "totals.csv", "--rejected", "bad.parquet")
    later = run(capsys, engine, claims.replace("05-02", "05-03"), *options)
    assert later.code == 0, later.err


def test_line_breaks_of_two_kinds(capsys: Capture, engine: str) -> None:
    claims = f'{HEAD}1,p,2013-05-02,5,general\r2,p,2013-05-02,5,general\n"3\r",p,2013-05-02,5,general\r\n'
    assert run(capsys, engine, claims).out.count(",5.00") == 3


def test_rows_keep_their_order_and_count_by_date(capsys: Capture, engine: str) -> None:
    rows = ["9,a,2013-12-01,80000,general\n", "2,b,2013-03-01,20000,listed\n", "1,a,2013-01-01,20000,general\n"]
    result = run(capsys, engine, HEAD + "".join(rows))
    assert [line.split(",")[5] for line in result.out.splitlines()[1:]] == ["42600.00", "7140.00", "7000.00"]


def test_columns_that_the_policy_does_not_know_are_handed_on(capsys: Capture, engine: str) -> None:
    head = "Borne,note,borne,person,claim,discharged,illness\n"
    result = run(capsys, engine, f'{head}x,"hi, ""you""",100,a,1,2013-01-01,general\n')
    assert result.out == (
        f"{head.strip()},critical_illness,own_share\n"
        'x,"hi, ""you""",100,a,1,2013-01-01,general,0.00,100.00\n'
    )  # fmt: skip


def test_engines_agree_on_the_claims_that_come_along(capsys: Capture) -> None:
    for policy, name in ((NINGXIA, "ningxia"), (JIANGNING, "jiangning")):
        claims = ROOT / "examples" / "claims" / f"{name}.csv"
        results = [tierproof(capsys, "run", policy, claims, "--engine", engine) for engine in IN_PROCESS]
        assert results[0].code == 0
        assert results[0].out.count("\n") == 201
        assert results == [results[0]] * len(IN_PROCESS)


def test_totals_are_noted_and_the_result_appears_under_its_name(capsys: Capture, engine: str) -> None:
    result = run(capsys, engine, HEAD + GOOD, "-o", "out.csv")
    assert result.out == ""
    assert result.err == "1 claim settled\n  critical_illness   7,000.26 CNY\n  own_share         13,000.24 CNY\n"
    assert Path("out.csv").read_text() == RESULT_HEAD + GOOD_RESULT
    data = json.loads(run(capsys, engine, HEAD + GOOD, "-o", "out.csv", "--format", "json").out)
    assert data["totals"] == {"critical_illness": 700026, "own_share": 1300024}
    assert sorted(path.name for path in Path().iterdir()) == ["claims.csv", "out.csv"]


ROWS = {
    "17,b,2013-05-02,12o,general": 'borne: wrong type "12o"',
    "17,b,2013-05-02,-5,general": 'borne: negative "-5"',
    "17,b,2013-05-02,-0.004,general": 'borne: wrong type "-0.004"',
    "17,b,2013-05-02,5.005,general": 'borne: wrong type "5.005"',
    "17,b,2013-05-02,1e5,general": 'borne: wrong type "1e5"',
    "17,b,2013-05-02,100000000000.01,general": 'borne: out of range "100000000000.01"',
    f"17,b,2013-05-02,{'9' * 40},general": f'borne: out of range "{"9" * 40}"',
    "17,b,2013-05-02,,general": "borne: missing",
    "17,b,2013-02-30,5,general": 'discharged: wrong type "2013-02-30"',
    "17,b,2013-2-3,5,general": 'discharged: wrong type "2013-2-3"',
    "17,b,0000-01-01,5,general": 'discharged: wrong type "0000-01-01"',
    "17,b,2014-02-03,5,general": 'discharged: not in force "2014-02-03"',
    "17,b,2013-02-03,5,rare": 'illness: unknown value "rare"',
    '17,"",2013-02-03,5,general': "person: missing",
    ",b,2013-02-03,5,general": "claim: missing",
    ",b,2013-02-30,x,rare": "claim: missing",
    "17,b,2013-02-30,,rare": 'discharged: wrong type "2013-02-30"',
    "17,b,2013-02-03": "3 values where the first line names 5",
    "17,b,2013-02-03,5,general,x": "6 values where the first line names 5",
}
"""A row that is wrong, and what is said of it."""


def test_wrong_rows_are_named_and_nothing_is_settled(capsys: Capture, engine: str) -> None:
    result = run(capsys, engine, f"{HEAD}{GOOD}\n" + "\n".join(ROWS), "-o", "out.csv")
    assert (result.code, result.out) == (1, "")
    listed, _, verdict = result.err.partition("\n\n")
    assert listed.splitlines() == [f"claims.csv:{line}: {what}" for line, what in enumerate(ROWS.values(), 4)]
    assert verdict.startswith(f"error[TP403]: {len(ROWS)} of {len(ROWS) + 1} rows are rejected, so nothing is settled")
    assert [path.name for path in Path().iterdir()] == ["claims.csv"]


def test_rows_that_are_wrong_beside_others(capsys: Capture, engine: str) -> None:
    top = "100000000000"
    claims = (
        f"{HEAD}1,a,2013-01-01,{top},general\n2,a,2013-01-02,0.01,general\n3,a,2013-01-03,5,general\n"
        "3,b,2013-01-03,5,general\n3,b,2013-01-03,6,general\n3,c,2013-01-03,6,general\n"
    )
    result = run(capsys, engine, claims, "--rejected", "rejected.csv")
    assert result.code == 0
    assert [line.split(",")[0:2] for line in result.out.splitlines()[1:]] == [["1", "a"], ["3", "c"]]
    assert result.err.startswith("4 rows rejected, written to rejected.csv\n2 claims settled\n")
    assert Path("rejected.csv").read_text() == (
        "line,claim,field,reason\n"
        "3,2,critical_illness.base,total out of range\n"
        "4,3,critical_illness.base,total out of range\n"
        "5,3,claim,duplicate\n"
        "6,3,claim,duplicate\n"
    )


def test_many_wrong_rows_are_counted(capsys: Capture, engine: str) -> None:
    rows = "".join(f"{number},a,2013-01-01,x,general\n" for number in range(50))
    result = run(capsys, engine, HEAD + rows)
    lines = result.err.splitlines()
    assert lines[:2] == ['claims.csv:2: borne: wrong type "x"', 'claims.csv:3: borne: wrong type "x"']
    assert lines[20] == "and 30 more"
    assert "error[TP403]: 50 of 50 rows are rejected" in lines[22]
    data = json.loads(run(capsys, engine, HEAD + rows, "--format", "json").out)
    assert (data["result"], data["settled"], data["rejected"], len(data["first_rejected"])) == ("failed", 0, 50, 20)
    assert data["first_rejected"][0] == {
        "line": 2, "claim": "0", "field": "borne", "reason": "wrong type", "value": "x",
    }  # fmt: skip


FILES: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "error[TP404]: the file of claims is empty", "claims.csv\n"),
    "blank": (b"\n \n", "error[TP404]: the file of claims is empty", "claims.csv\n"),
    "binary": (b"PK\x03\x04\x00\x00", "error[TP404]: this is not a text file", "claims.csv\n"),
    "latin": ((HEAD + GOOD).encode() + b"2,\xe9,2013-01-01,5,general\n", "not text in UTF-8", "claims.csv:3:1\n"),
    "unclosed": (
        (HEAD + GOOD + '2,"b,2013-01-01,5,general\n').encode(), "begins here and never ends", "claims.csv:3:1\n",
    ),
    "quote": ((HEAD + '2,"b"x,2013-01-01,5,general\n').encode(), "text follows a closing", "claims.csv:2:1\n"),
    "missing": (b"claim,person,discharged,illness\n", "no column `borne`, which the policy reads", "claims.csv:1:1\n"),
    "near": (HEAD.replace("borne", "Borne").encode(), "rename `Borne` to `borne`", "claims.csv:1:25\n"),
    "twice": (HEAD.replace("borne", "borne,borne").encode(), "the column `borne` twice", "claims.csv:1:31\n"),
    "unnamed": (HEAD.replace("\n", ",\n").encode(), "column 6 of the claims has no name", "claims.csv:1:39\n"),
    "result": (HEAD.replace("\n", ",own_share\n").encode(), "and so has the result", "claims.csv:1:39\n"),
    "semicolons": (HEAD.replace(",", ";").encode(), "separated by semicolons", "claims.csv:1:1\n"),
}  # fmt: skip
"""A file that is no file of claims, what is said about it, and where."""


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none(capsys: Capture, engine: str, name: str) -> None:
    data, message, place = FILES[name]
    result = run(capsys, engine, data, "-o", "out.csv")
    assert (result.code, result.out) == (1, "")
    assert message in result.err
    assert f" --> {place}" in result.err
    assert result.err.count("error[") == 1
    assert [path.name for path in Path().iterdir()] == ["claims.csv"]


def test_every_missing_column_is_named_at_once(capsys: Capture) -> None:
    result = run(capsys, "duckdb", "person,illness\n")
    assert result.err.count("error[TP401]") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "error: there is no file nowhere.csv\n"),
        (["."], "error: . is a folder without Parquet files, not a file of claims\n"),
        (["claims.csv", "-o", "claims.csv"], "must all be different files\n"),
        (["claims.csv", "-o", "x", "--rejected", "x"], "must all be different files\n"),
        (
            ["claims.csv", "-o", "no/where.csv"],
            "error: no/where.csv cannot be written: it is a folder, or lies in one that is not there\n",
        ),
        (["claims.csv", "-o", "."], "error: . cannot be written: it is a folder, or lies in one that is not there\n"),
    ],
)
def test_wrong_use(capsys: Capture, arguments: list[str], message: str) -> None:
    Path("claims.csv").write_text(HEAD + GOOD, encoding="utf-8")
    result = tierproof(capsys, "run", NINGXIA, *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert Path("claims.csv").read_text(encoding="utf-8") == HEAD + GOOD


def test_names_that_a_database_could_take_for_a_pattern(capsys: Capture, engine: str) -> None:
    Path("a[1]*?'.csv").write_text(HEAD + GOOD, encoding="utf-8")
    result = tierproof(capsys, "run", NINGXIA, "a[1]*?'.csv", "--engine", engine, "-o", "o'*.csv")
    assert result.code == 0
    assert Path("o'*.csv").read_text(encoding="utf-8") == RESULT_HEAD + GOOD_RESULT


def test_no_claim_is_settled_by_a_policy_that_is_not_proved(capsys: Capture, engine: str) -> None:
    Path("flawed.policy").write_text(SMALL.replace("over 1,000 ", "over 2,000 "), encoding="utf-8")
    Path("claims.csv").write_text("claim,person,discharged,cost,illness\n", encoding="utf-8")
    result = tierproof(capsys, "run", "flawed.policy", "claims.csv", "--engine", engine)
    assert (result.code, result.out) == (1, "")
    assert "error[TP101]" in result.err
    assert result.err.endswith("flawed.policy is not proved, so no claim is settled by it\n")
    data = json.loads(tierproof(capsys, "run", "flawed.policy", "claims.csv", "--format", "json").out)
    assert (data["result"], data["policies"][0]["id"]) == ("failed", "small")


def test_where_nothing_is_added_up_equal_claims_are_paid_alike(capsys: Capture, engine: str) -> None:
    alone = SMALL.replace(", added up per person per calendar year", "")
    allowed = '\nallow basic payment depends on splitting because "each stay counts by itself"\n'
    Path("alone.policy").write_text(alone + allowed, encoding="utf-8")
    rows = "1,a,2013-01-01,1000,listed\n1,a,2013-01-01,1000,listed\n1,b,2013-01-01,700,general\n"
    Path("claims.csv").write_text(f"claim,person,discharged,cost,illness\n{rows}", encoding="utf-8")
    result = tierproof(capsys, "run", "alone.policy", "claims.csv", "--engine", engine)
    assert [line.split(",")[-2] for line in result.out.splitlines()] == ["basic", "240.00", "240.00", "50.00"]


COUNTED = """\
policy counted
  currency CNY
claim
  days  count up to 366
  cost  money
benefit daily
  of cost
  pay min(cost, 50 * max(0, days - 3))
allow daily payment depends on splitting because "a stay is one claim"
"""


def test_counts_are_plain_whole_numbers(capsys: Capture, engine: str) -> None:
    Path("counted.policy").write_text(COUNTED, encoding="utf-8")
    good = "1,10,1000\n2, 007 ,1000\n3,0,1000\n"
    wrong = ["-1", "3.5", "367", "1e2", '"1,000"', "", "9" * 40, "\uff11"]
    bad = "".join(f"{place},{days},1000\n" for place, days in enumerate(wrong, 4))
    Path("claims.csv").write_text(f"claim,days,cost\n{good}{bad}", encoding="utf-8")
    arguments = ("--engine", engine, "--rejected", "rejected.csv")
    result = tierproof(capsys, "run", "counted.policy", "claims.csv", *arguments)
    assert result.code == 0
    assert [line.split(",")[3] for line in result.out.splitlines()] == ["daily", "350.00", "200.00", "0.00"]
    assert [line.split(",", 2)[2] for line in Path("rejected.csv").read_text(encoding="utf-8").splitlines()[1:]] == [
        "days,negative",
        "days,wrong type",
        "days,out of range",
        "days,wrong type",
        "days,wrong type",
        "days,missing",
        "days,out of range",
        "days,wrong type",
    ]
    assert tierproof(capsys, "calc", "counted.policy", "days=10", "cost=1000").code == 0
    assert tierproof(capsys, "calc", "counted.policy", "cost=1").err == "error: the claim needs also days=NUMBER\n"


def test_quiet_says_only_what_is_wrong(capsys: Capture, engine: str) -> None:
    assert run(capsys, engine, HEAD + GOOD, "--quiet", "-o", "out.csv").err == ""
    assert "borne: wrong type" in run(capsys, engine, f"{HEAD}17,b,2013-05-02,12o,general\n", "-q").err


def test_limits_are_for_engines_that_can_keep_them(capsys: Capture) -> None:
    assert run(capsys, "duckdb", HEAD + GOOD, "--memory", "1GiB", "--threads", "1").code == 0
    result = run(capsys, "python", HEAD + GOOD, "--memory", "1GiB")
    assert (result.code, "python holds all in memory" in result.err) == (2, True)
