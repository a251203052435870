"""`tierproof run --engine spark` as a process: what DuckDB gives, from a folder, on one machine and on a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.command import NINGXIA, ROOT
from tests.engines.spark_session import CLUSTER, HOW_TO_GET_ONE, LOCAL, installed

SETTINGS = """\
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.sql.shuffle.partitions 2
spark.sql.adaptive.enabled false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
"""
"""Small claims are settled in small pieces; it also shows that what a user has set counts."""

ROWS = 600


@pytest.fixture(autouse=True)
def _with_java() -> None:
    if not installed():
        if "CI" in os.environ:
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)


def write_claims(folder: Path, borne: str, discharged: str) -> None:
    """Two months of claims in three files each; some rows are wrong in each way, some only beside others."""
    with duckdb.connect() as database:
        database.execute(
            f"""CREATE TABLE claims AS SELECT
                CASE WHEN i % 97 = 0 THEN NULL WHEN i IN (22, 23) THEN 'twice' WHEN i % 41 = 0 THEN 'c000'
                    ELSE printf('c%03d', i) END AS claim,
                CASE WHEN i IN (22, 23) THEN 'p0' ELSE 'p' || (i % 60) END AS person,
                CAST(DATE '2013-04-01' + CAST(i // 10 AS INTEGER) AS {discharged}) AS discharged,
                CAST(CASE WHEN i % 53 = 0 THEN -1 WHEN i % 59 = 0 THEN NULL WHEN i = 7 THEN 99999999999.99
                    ELSE (i * 7919) % 90000 + (i % 100) / 100 END AS DECIMAL(15, 2))::{borne} AS borne,
                CASE WHEN i % 43 = 0 THEN 'rare' WHEN i % 3 = 0 THEN 'listed' ELSE 'general' END AS illness,
                'it''s "' || i AS note
            FROM range({ROWS}) AS t(i)"""
        )
        for month, where in (("april", "i < 300"), ("may", "i >= 300")):
            (folder / month).mkdir()
            for part in range(3):
                database.execute(
                    f"COPY (SELECT c.* FROM (SELECT *, rowid AS i FROM claims) AS n JOIN claims AS c ON n.i = c.rowid "
                    f"WHERE {where} AND i % 3 = {part}) "
                    f"TO '{folder}/{month}/né+{2 - part}[%20].parquet' (FORMAT parquet)"
                )


def run(folder: Path, engine: str, month: str, *options: str) -> str:
    """Settle a month; gives what was said of it."""
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "spark-defaults.conf").write_text(SETTINGS, encoding="utf-8")
    paths = ("-o", f"{engine} {month} é.parquet", "--rejected", f"{engine}_{month}_rejected.csv")
    command = [sys.executable, "-m", "compiler.cli", "run", str(NINGXIA), month, "--engine", engine, *paths, *options]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr[done.stderr.index("claims settled") :]


def rows(path: str) -> list[tuple[object, ...]]:
    """The rows of a result, in no order."""
    with duckdb.connect() as database:
        return sorted(database.execute(f"SELECT * FROM '{path}'").fetchall(), key=repr)


@pytest.mark.parametrize(
    ("master", "borne", "discharged", "months"),
    [(LOCAL, "DECIMAL(15,2)", "DATE", ("april", "may")), (CLUSTER, "VARCHAR", "VARCHAR", ("april",))],
    ids=["one machine", "a cluster"],
)
def test_spark_settles_as_duckdb_does(
    tmp_path: Path, master: str, borne: str, discharged: str, months: tuple[str, ...]
) -> None:
    """One month, and the next from its ledger."""
    write_claims(tmp_path, borne, discharged)
    said = {}
    for engine, options in (("duckdb", ()), ("spark", ("--master", master))):
        before: tuple[str, ...] = ()
        for month in months:
            after = f"{engine}_{month}_ledger.csv"
            said[engine, month] = run(tmp_path, engine, month, *before, "--ledger-out", after, *options)
            before = ("--ledger", after)
    for month in months:
        assert said["spark", month] == said["duckdb", month]
        settled = rows(f"{tmp_path}/spark {month} é.parquet/*.parquet")
        assert settled == rows(f"{tmp_path}/duckdb {month} é.parquet")
        assert len(settled) > 200
        for kind in ("rejected", "ledger"):
            texts = [(tmp_path / f"{engine}_{month}_{kind}.csv").read_text() for engine in ("spark", "duckdb")]
            assert texts[0] == texts[1]
    reasons = {line.rsplit(",", 1)[1] for line in (tmp_path / "spark_april_rejected.csv").read_text().splitlines()[1:]}
    assert reasons == {"missing", "negative", "unknown value", "duplicate", "total out of range"}
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("april", "-o", "out.csv"), "Spark reads Parquet and writes a folder of it"),
        (("april",), "Spark reads Parquet and writes a folder of it"),
        (("april", "-o", "there.parquet"), "there.parquet is there already"),
        (("april", "-o", "out.parquet", "--threads", "2"), "the threads of Spark are those of its master"),
    ],
)
def test_what_spark_is_not_asked_for(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    write_claims(tmp_path, "VARCHAR", "VARCHAR")
    (tmp_path / "there.parquet").write_bytes(b"")
    command = [sys.executable, "-m", "compiler.cli", "run", str(NINGXIA), *arguments, "--engine", "spark"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert message in done.stderr
