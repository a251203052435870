"""The generated Python calculator as a program: files of claims, and what it says of those it cannot settle."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.driver import IN_PROCESS
from compiler.model import (
    Model,
)
from dsl.money import CURRENCIES
from tests.command import NINGXIA, Capture, tierproof
from tests.generated import written
from tests.models import (
    ningxia,
)

HEADER = "claim,person,discharged,borne,illness"


def run(policy: Model, folder: Path, claims: bytes | str | None, *options: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of the program, run with nothing but Python."""
    if claims is not None:
        (folder / "claims.csv").write_bytes(claims.encode() if isinstance(claims, str) else claims)
    command = [sys.executable, "-I", str(written(policy, folder)), "claims.csv", *options]
    done = subprocess.run(command, capture_output=True, cwd=folder, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_file_of_claims_as_people_write_them(tmp_path: Path) -> None:
    rows = [
        '2,A,2013-05-02,"30,000.00",general',
        "1,A,2013-05-01, 20000.5 ,general",
        "",
        "3,参保人,2013-05-01,0,listed",
    ]
    claims = "\ufeffclaim,person,discharged,borne,illness,note\r\n" + "\r\n".join(
        f"{row},x" if row else "" for row in rows
    )
    code, out, err = run(ningxia(), tmp_path, claims)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "claim,critical_illness,own_share,critical_illness.base",
        "2,15600.01,14399.99,30000.00",
        "1,7000.26,13000.24,20000.50",
        "3,0.00,0.00,0.00",
    ]


def test_a_value_stays_whole_whatever_it_holds(tmp_path: Path) -> None:
    claims = f'{HEADER}\n"A,""1\r2\n",A,2013-05-01,5,general\n"B\r",A,2013-05-01,x,general\n'
    code, out, _ = run(ningxia(), tmp_path, claims, "--rejected", "rejected.csv")
    assert code == 0
    assert out == 'claim,critical_illness,own_share,critical_illness.base\n"A,""1\r2\n",0.00,5.00,5.00\n'
    assert (tmp_path / "rejected.csv").read_bytes() == b'claim,field,reason\n"B\r",borne,wrong type\n'


BAD_ROWS = f"""{HEADER}
1,A,2013-05-01,100,general
2,A,2013-05-01,abc,general
3,A,2014-05-01,100,general
4,"A
B",2013-05-01,100,other
5,A,2013-05-01,-1
6,A,2013-05-02,100,general
6,A,2013-05-02,200,general
"""


def test_rejected_rows_are_named_and_nothing_is_settled(tmp_path: Path) -> None:
    code, out, err = run(ningxia(), tmp_path, BAD_ROWS)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "line 3: borne: wrong type",
        "line 4: discharged: not in force",
        "line 5: illness: unknown value",
        "line 7: 4 values where the first line names 5",
        "line 8: claim: duplicate",
        "line 9: claim: duplicate",
    ]


def test_rejected_rows_go_to_a_file_and_the_rest_is_settled(tmp_path: Path) -> None:
    code, out, err = run(ningxia(), tmp_path, BAD_ROWS, "--rejected", "rejected.csv")
    assert (code, err) == (0, "6 rows rejected, written to rejected.csv\n")
    assert out.splitlines()[1:] == ["1,0.00,100.00,100.00"]
    assert (tmp_path / "rejected.csv").read_text().splitlines() == [
        "claim,field,reason",
        "2,borne,wrong type",
        "3,discharged,not in force",
        "4,illness,unknown value",
        "5,,4 values where the first line names 5",
        "6,claim,duplicate",
        "6,claim,duplicate",
    ]


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (None, "claims.csv: No such file or directory"),
        ("", "claims.csv: the file is empty"),
        ("claim,person,discharged,illness\n", "claims.csv: column missing: borne"),
        (HEADER + ",borne\n", "claims.csv: column given twice: borne"),
        (HEADER.encode() + b"\n1,\xff\xfe,2013-01-01,5,general\n", "claims.csv: not UTF-8 text"),
        (HEADER + '\n1,"A,2013-01-01,5,general\n', "claims.csv: not CSV: unexpected end of data"),
        (
            HEADER + "\n1,A,2013-01-01,5,general\n2,B\0,2013-01-01,5,general\n",
            "claims.csv: line 3: not text, it contains zero bytes",
        ),
    ],
    ids=["no file", "empty", "column missing", "column twice", "not text", "open quote", "zero bytes"],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, claims: bytes | str | None, message: str) -> None:
    assert run(ningxia(), tmp_path, claims) == (2, "", message + "\n")


def test_a_file_of_rejected_rows_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    code, out, err = run(ningxia(), tmp_path, BAD_ROWS, "--rejected", "no/such/folder.csv")
    assert (code, out, err) == (2, "", "no/such/folder.csv: No such file or directory\n")


def test_no_row_is_rejected_into_a_file_without_a_note(tmp_path: Path) -> None:
    claims = f"{HEADER}\n1,A,2013-05-01,100,general\n"
    code, out, err = run(ningxia(), tmp_path, claims, "--rejected", "rejected.csv")
    assert (code, out.splitlines()[1:], err) == (0, ["1,0.00,100.00,100.00"], "")
    assert (tmp_path / "rejected.csv").read_text() == "claim,field,reason\n"


@pytest.mark.parametrize("path", ["claims.csv", "./claims.csv", "hard.csv", "soft.csv"])
def test_the_claims_are_not_written_over(tmp_path: Path, path: str) -> None:
    (tmp_path / "claims.csv").touch()
    (tmp_path / "hard.csv").hardlink_to(tmp_path / "claims.csv")
    (tmp_path / "soft.csv").symlink_to("claims.csv")
    message = f"{path}: the claims and the rejected ones must be two different files\n"
    assert run(ningxia(), tmp_path, BAD_ROWS, "--rejected", path) == (2, "", message)
    assert (tmp_path / "claims.csv").read_text() == BAD_ROWS


LONG_AMOUNTS = {
    "9" * 6000: "out of range",
    "-" + "9" * 6000: "negative",
    "1" + ",000" * 2000: "out of range",
    "9" * 6000 + ".005": "wrong type",
    "9" * 6000 + "x": "wrong type",
    "0" * 6000 + "5": None,
    "5." + "0" * 6000: None,
}
"""Amounts of thousands of digits, and why they are none; None where they are one."""


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_amounts_of_thousands_of_digits_are_judged_alike_everywhere(
    capsys: Capture, tmp_path: Path, engine: str
) -> None:
    rows = (f'{place},A,2013-05-01,"{amount}",general\n' for place, amount in enumerate(LONG_AMOUNTS))
    claims = f"{HEADER}\n" + "".join(rows)
    expected = [f"{place},borne,{reason}" for place, reason in enumerate(LONG_AMOUNTS.values()) if reason]
    code, out, _ = run(ningxia(), tmp_path, claims, "--rejected", "rejected.csv")
    assert (code, out.splitlines()[1:]) == (0, ["5,0.00,5.00,5.00", "6,0.00,5.00,5.00"])
    assert (tmp_path / "rejected.csv").read_text().splitlines()[1:] == expected
    paths = [NINGXIA, tmp_path / "claims.csv", "-o", tmp_path / "out.csv", "--rejected", tmp_path / "run.csv"]
    done = tierproof(capsys, "run", *map(str, paths), "--engine", engine)
    assert done.code == 0, done.err
    assert [row.partition(",")[2] for row in (tmp_path / "run.csv").read_text().splitlines()[1:]] == expected


@pytest.mark.parametrize("engine", IN_PROCESS)
@pytest.mark.parametrize("number", ["x", '"x"'], ids=["plain", "behind a quotation mark"])
def test_zero_bytes_far_below_the_first_line_are_refused_everywhere(
    capsys: Capture, tmp_path: Path, engine: str, number: str
) -> None:
    # More rows than are looked at before a file is settled.
    rows = "".join(f"{place},A,2013-05-01,100,general\n" for place in range(4000))
    claims = f"{HEADER}\n{rows}{number},B\0,2013-05-01,100,general\n"
    assert run(ningxia(), tmp_path, claims) == (2, "", "claims.csv: line 4002: not text, it contains zero bytes\n")
    done = tierproof(capsys, "run", NINGXIA, tmp_path / "claims.csv", "-o", tmp_path / "out.csv", "--engine", engine)
    assert (done.code, (tmp_path / "out.csv").exists()) == (1, False)
    assert "it contains zero bytes" in done.err
    assert "claims.csv:4002:1\n" in done.err


def test_a_currency_without_decimals(tmp_path: Path) -> None:
    policy = replace(ningxia(), currency=CURRENCIES["JPY"])
    code, out, _ = run(policy, tmp_path, f'{HEADER}\n1,A,2013-05-01,"2,000,000",general\n')
    assert (code, out.splitlines()[1]) == (0, "1,700000,1300000,2000000")
    code, _, err = run(policy, tmp_path, f"{HEADER}\n1,A,2013-05-01,2.5,general\n")
    assert (code, err) == (1, "line 2: borne: wrong type\n")
