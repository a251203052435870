"""`tierproof run` with Parquet: what comes out is what comes out of a CSV, to the last fen and rejected row."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compiler.driver import IN_PROCESS
from compiler.run.parquet import files_of
from tests.command import NINGXIA, Capture, Result, tierproof

COLUMNS = ("claim", "person", "discharged", "borne", "illness", "note")
PLAIN = dict.fromkeys(COLUMNS, "VARCHAR")
TYPED = {**PLAIN, "discharged": "DATE", "borne": "DECIMAL(14,2)"}

ROWS = (
    ("A3", "p1", "2013-11-02", "20000.50", "general", "x"),
    ("A1", "p1", "2013-05-02", "6000.00", "listed", "with, comma"),
    ("B1", "p2", "2013-05-02", "123456.78", "general", "王"),
    ("A2", "p1", "2013-05-02", "0.01", "general", "x"),
)
WRONG = (
    *ROWS,
    ("B2", "p2", "2012-05-02", "5.00", "general", "not in force"),
    ("B3", "p2", "2013-05-02", "-5.00", "general", "negative"),
    ("B4", "p2", "2013-05-02", "5.00", "rare", "no word"),
    ("B5", None, "2013-05-02", "5.00", "general", "nobody"),
    ("B6", "p2", "2013-05-03", None, "general", "no amount"),
    ("B7", "p2", "2013-05-03", "5.00", "general", "twice"),
    ("B7", "p2", "2013-05-03", "5.00", "general", "twice"),
    ("B7", "p3", "2013-05-03", "5.00", "general", "the same number, of another"),
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=IN_PROCESS)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine that runs in this process."""
    return str(request.param)


def write_parquet(path: str, rows: tuple[tuple[str | None, ...], ...], types: dict[str, str]) -> None:
    """A Parquet file with these columns."""
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE t ({', '.join(f'{name} {type_}' for name, type_ in types.items())})")
        if rows:
            database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(types))})", [list(row) for row in rows])
        database.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def write_csv(path: str, rows: tuple[tuple[str | None, ...], ...]) -> None:
    """The same rows as a CSV."""
    write_parquet(f"{path}.parquet", rows, PLAIN)
    duckdb.sql(f"COPY (FROM '{path}.parquet') TO '{path}' (HEADER)")
    Path(f"{path}.parquet").unlink()


def fetch(sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with duckdb.connect() as database:
        return database.execute(sql).fetchall()


def run(capsys: Capture, *arguments: str) -> Result:
    """`tierproof run` of the Ningxia policy."""
    return tierproof(capsys, "run", NINGXIA, *arguments)


def table(path: str) -> list[tuple[str, ...]]:
    """The rows of a result in Parquet, as texts, in the order of the file."""
    return [tuple(map(str, row)) for row in fetch(f"FROM '{path}'")]


def csv_rows(text: str) -> list[tuple[str, ...]]:
    """The rows of a result in CSV."""
    Path("shown.csv").write_text(text, encoding="utf-8")
    return [tuple(map(str, row)) for row in fetch("FROM read_csv('shown.csv', all_varchar = true)")]


@pytest.mark.parametrize(
    "types",
    [
        PLAIN,
        TYPED,
        {**TYPED, "borne": "DECIMAL(38,4)"},
        {**TYPED, "illness": "ENUM('general', 'listed', 'rare')"},
    ],
    ids=["all text", "typed", "wide decimals", "an enumeration"],
)
def test_parquet_is_settled_as_a_csv_is(capsys: Capture, engine: str, types: dict[str, str]) -> None:
    write_csv("claims.csv", ROWS)
    write_parquet("claims.parquet", ROWS, types)
    wanted = run(capsys, "claims.csv")
    got = run(capsys, "claims.parquet", "--engine", engine)
    assert (got.code, got.err) == (0, wanted.err)
    assert [row[-2:] for row in csv_rows(got.out)] == [row[-2:] for row in csv_rows(wanted.out)]
    assert [row[:3] for row in csv_rows(got.out)] == [row[:3] for row in ROWS]
    assert run(capsys, "claims.parquet", "--engine", engine, "-o", "out.parquet").code == 0
    assert [row[-2:] for row in table("out.parquet")] == [row[-2:] for row in csv_rows(wanted.out)]
    described = fetch("DESCRIBE FROM 'out.parquet'")
    assert [row[0] for row in described] == [*COLUMNS, "critical_illness", "own_share"]
    assert [row[1] for row in described][-2:] == ["DECIMAL(18,2)"] * 2
    if not types["illness"].startswith("ENUM"):
        assert {row[0]: row[1] for row in described if row[0] in types} == types


def test_a_csv_becomes_parquet_with_the_types_of_the_facts(capsys: Capture, engine: str) -> None:
    rows = (("A1", "p1", " 2013-05-02 ", "20,000.50", " general ", "kept as it is "),)
    write_csv("claims.csv", rows)
    assert run(capsys, "claims.csv", "--engine", engine, "-o", "out.parquet").code == 0
    described = {row[0]: row[1] for row in fetch("DESCRIBE FROM 'out.parquet'")}
    amounts = dict.fromkeys(("borne", "critical_illness", "own_share"), "DECIMAL(18,2)")
    assert described == {**TYPED, **amounts}
    assert table("out.parquet") == [
        ("A1", "p1", "2013-05-02", "20000.50", "general", "kept as it is ", "7000.26", "13000.24")
    ]


def test_whole_numbers_are_whole_yuan(capsys: Capture, engine: str) -> None:
    write_parquet(
        "claims.parquet", (("A1", "p1", "2013-05-02", "20000", "general", "x"),), {**TYPED, "borne": "UINTEGER"}
    )
    result = run(capsys, "claims.parquet", "--engine", engine)
    assert result.out.splitlines()[1] == "A1,p1,2013-05-02,20000,general,x,7000.00,13000.00"


def test_rejected_rows_are_those_of_the_csv(capsys: Capture, engine: str) -> None:
    write_csv("claims.csv", WRONG)
    write_parquet("claims.parquet", WRONG, TYPED)
    assert run(capsys, "claims.csv", "--rejected", "csv.csv", "-o", "csv_out.csv").code == 0
    both = ("--engine", engine, "--rejected", "rejected.parquet", "-o", "out.parquet")
    assert run(capsys, "claims.parquet", *both).code == 0
    wanted = [tuple(map(str, row)) for row in fetch("SELECT line - 1, * EXCLUDE (line) FROM 'csv.csv'")]
    assert len(wanted) == 7
    assert table("rejected.parquet") == wanted
    assert [row[0] for row in table("out.parquet")] == ["A3", "A1", "B1", "A2", "B7"]
    refused = run(capsys, "claims.parquet", "--engine", engine, "-o", "none.parquet")
    assert refused.code == 1
    assert 'claims.parquet:5: discharged: not in force "2012-05-02"' in refused.err
    assert not Path("none.parquet").exists()


def test_a_folder_is_all_its_files_in_the_order_of_their_names(capsys: Capture, engine: str) -> None:
    Path("parts").mkdir()
    for place, name in enumerate(("part-2.parquet", "part-0.parquet", "part-1.parquet")):
        write_parquet(f"parts/{name}", WRONG[place * 4 : place * 4 + 4], TYPED)
    for other in ("_SUCCESS", "part-9.crc", ".part-3.parquet", "_part.parquet"):
        Path("parts", other).write_text("no claims", encoding="utf-8")
    assert [path.name for path in files_of(Path("parts"))] == ["part-0.parquet", "part-1.parquet", "part-2.parquet"]
    write_parquet("whole.parquet", (*WRONG[4:], *WRONG[:4]), TYPED)
    results = []
    for claims in ("parts", "whole.parquet"):
        done = run(capsys, claims, "--engine", engine, "--rejected", "rejected.csv", "-o", "out.csv")
        assert done.code == 0
        results.append((done.err, Path("rejected.csv").read_text(), Path("out.csv").read_text()))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("name", "type_", "said", "wanted"),
    [
        ("borne", "DOUBLE", "is DOUBLE, a floating-point number", "DECIMAL(18,2) in CNY"),
        ("borne", "FLOAT", "is FLOAT, a floating-point number", "text"),
        ("borne", "BOOLEAN", "is BOOLEAN, and cannot be taken", "whole numbers of CNY"),
        ("discharged", "TIMESTAMP", "is TIMESTAMP, and cannot be taken", "make it DATE"),
        ("person", "DOUBLE", "is DOUBLE, a floating-point number", "text, or whole numbers"),
        ("illness", "INTEGER", "is INTEGER, and cannot be taken", "make it text"),
    ],
)
def test_a_type_that_is_not_exact_is_refused_by_name(
    capsys: Capture, engine: str, name: str, type_: str, said: str, wanted: str
) -> None:
    write_parquet("claims.parquet", (), {**TYPED, name: type_})
    result = run(capsys, "claims.parquet", "--engine", engine, "-o", "out.parquet")
    assert (result.code, result.out) == (1, "")
    assert f"error[TP405]: the column `{name}` of the claims {said}" in result.err
    assert wanted in result.err
    assert [path.name for path in Path().iterdir()] == ["claims.parquet"]


def test_a_number_of_more_digits_than_the_engine_has_is_named_as_the_file_has_it(capsys: Capture, engine: str) -> None:
    write_parquet("plain.parquet", ROWS[:1], TYPED)
    wide = pq.read_table("plain.parquet")
    place = wide.schema.get_field_index("borne")
    pq.write_table(wide.set_column(place, "borne", pa.array([Decimal(5)], pa.decimal256(50, 0))), "claims.parquet")
    result = run(capsys, "claims.parquet", "--engine", engine)
    assert result.code == 1
    assert "the column `borne` of the claims is DECIMAL(50,0), and cannot be taken" in result.err


@pytest.mark.parametrize("value", ["[1, 2]", "{'a': 1, 'b': 2}"])
def test_a_column_with_parts_is_named(capsys: Capture, engine: str, value: str) -> None:
    write_parquet("plain.parquet", ROWS[:1], TYPED)
    duckdb.sql(f"COPY (SELECT *, {value} AS several FROM 'plain.parquet') TO 'claims.parquet'")
    result = run(capsys, "claims.parquet", "--engine", engine)
    assert result.code == 1
    assert 'the column "several" of claims.parquet has parts' in result.err


def test_a_floating_column_that_the_policy_does_not_read_is_handed_on(capsys: Capture, engine: str) -> None:
    write_parquet("claims.parquet", ROWS[:1], {**TYPED, "note": "VARCHAR"})
    duckdb.sql("COPY (SELECT *, 0.5::DOUBLE AS score FROM 'claims.parquet') TO 'scored.parquet'")
    assert run(capsys, "scored.parquet", "--engine", engine, "-o", "out.parquet").code == 0
    assert fetch("SELECT score, critical_illness::VARCHAR FROM 'out.parquet'") == [(0.5, "7000.26")]


def test_missing_columns_are_named_as_those_of_a_csv(capsys: Capture) -> None:
    write_parquet("claims.parquet", (), {"claim": "VARCHAR", "Borne": "DECIMAL(14,2)"})
    result = run(capsys, "claims.parquet")
    assert result.err.count("error[TP401]") == 4
    assert "rename `Borne` to `borne`" in result.err


@pytest.mark.parametrize("harm", ["cut", "overwritten", "text", "empty"])
def test_a_file_that_is_harmed_settles_nothing(capsys: Capture, engine: str, harm: str) -> None:
    rows = tuple((f"A{n}", f"p{n % 50}", "2013-05-02", f"{n}.50", "general", f"note {n * n}") for n in range(3000))
    write_parquet("claims.parquet", rows, TYPED)
    data = bytearray(Path("claims.parquet").read_bytes())
    if harm == "overwritten":
        data[100:4000] = bytes(3900)
    harmed = {"cut": bytes(data[:-20]), "overwritten": bytes(data), "text": b"claim,person\n", "empty": b""}
    Path("claims.parquet").write_bytes(harmed[harm])
    result = run(capsys, "claims.parquet", "--engine", engine, "-o", "out.parquet")
    assert result.code in (1, 2)
    assert result.out == ""
    assert "error" in result.err
    assert [path.name for path in Path().iterdir()] == ["claims.parquet"]


def test_columns_that_differ_only_in_case_are_kept_in_csv_and_refused_in_parquet(capsys: Capture, engine: str) -> None:
    Path("claims.csv").write_text(
        "claim,person,discharged,borne,Borne,illness\n1,a,2013-05-02,5,x,general\n", encoding="utf-8"
    )
    assert run(capsys, "claims.csv", "--engine", engine, "-o", "out.csv").code == 0
    result = run(capsys, "claims.csv", "--engine", engine, "-o", "out.parquet")
    assert result.code == 2
    assert "`borne` and `Borne` would be one column in Parquet" in result.err
    assert not Path("out.parquet").exists()


def test_results_do_not_fall_among_the_claims(capsys: Capture) -> None:
    Path("parts").mkdir()
    assert "a folder without Parquet files" in run(capsys, "parts").err
    write_parquet("parts/a.parquet", ROWS, TYPED)
    result = run(capsys, "parts", "-o", "parts/out.parquet")
    assert (result.code, "lies among the claims" in result.err) == (2, True)


def test_totals_are_the_same_as_data(capsys: Capture) -> None:
    write_parquet("claims.parquet", ROWS, TYPED)
    data = json.loads(run(capsys, "claims.parquet", "-o", "out.parquet", "--format", "json").out)
    assert (data["settled"], data["rejected"]) == (4, 0)
    assert sum(data["totals"].values()) == 2_000_050 + 600_000 + 12_345_678 + 1


@pytest.mark.parametrize(
    ("column", "type_", "value"),
    [
        ("borne", "DOUBLE", "20000.005"),
        ("borne", "DECIMAL(18,3)", "20000.009"),
        ("borne", "VARCHAR", "1,000.001"),
        ("discharged", "TIMESTAMP", "2013-03-01 23:59:59"),
        ("note", "BIGINT", "1"),
    ],
)
def test_files_of_a_folder_have_one_type_for_each_column(
    capsys: Capture, engine: str, column: str, type_: str, value: str
) -> None:
    Path("claims").mkdir()
    write_parquet("claims/a.parquet", ROWS[:1], TYPED)
    row = tuple(value if name == column else old for name, old in zip(COLUMNS, ROWS[1], strict=True))
    write_parquet("claims/b.parquet", (row,), {**TYPED, column: type_})
    result = run(capsys, "claims", "--engine", engine)
    assert result.code == 1
    assert f"the column `{column}` is {type_} in b.parquet, but {TYPED[column]} in a.parquet" in result.err
