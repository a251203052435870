"""A generated file in an empty folder, with nothing of this project beside it, settles claims in its engine's shell.

Where the shell of DuckDB, SQLite or PostgreSQL is not installed, their Python modules take its place: they run the file
in a process that knows nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pymysql
import pytest

from compiler.driver import DIALECTS
from tests.command import ROOT
from tests.engines import mariadb_server, spark_session

POLICY = "ningxia_critical_illness_2013"


def _script(dialect: str) -> str:
    """What somebody who has the file would write behind it: two claims, and a look at both views."""
    day = "'2013-05-02'" if dialect == "sqlite" else "DATE '2013-05-02'"
    return (
        f"INSERT INTO {POLICY}_claims (claim, person, discharged, borne, illness)\n"
        f"VALUES ('c1', 'li', {day}, 2000000, 'general'), ('c2', NULL, {day}, 100, 'listed');\n"
        f"SELECT claim, critical_illness FROM {POLICY};\nSELECT claim, field, reason FROM {POLICY}_rejected;\n"
    )


def _in_a_shell(command: Sequence[str], folder: Path, text: str) -> str:
    # Nothing of this project can be imported from there.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _python(program: str) -> list[str]:
    """A Python that reads the script from its standard input as `sql`."""
    return [sys.executable, "-I", "-c", f"import sys; sql = sys.stdin.read()\n{program}"]


SQLITE = """
import sqlite3
database = sqlite3.connect("claims.db")
*statements, settled, rejected, _ = sql.split(";\\n")
database.executescript(";\\n".join(statements) + ";")
for query in (settled, rejected):
    for row in database.execute(query): print(*row)
"""
DUCKDB = """
import duckdb
database = duckdb.connect("claims.duckdb")
*statements, settled, rejected, _ = sql.split(";\\n")
database.execute(";\\n".join(statements))
for query in (settled, rejected):
    for row in database.execute(query).fetchall(): print(*row)
"""
POSTGRESQL = """
import psycopg
with psycopg.connect(sys.argv[1]) as connection:
    *statements, settled, rejected, _ = sql.split(";\\n")
    connection.execute(";\\n".join(statements))
    for query in (settled, rejected):
        for row in connection.execute(query): print(*row)
"""


def _settled_in(dialect: str, folder: Path, text: str, request: pytest.FixtureRequest) -> str:
    match dialect:
        case "duckdb":
            shell = shutil.which("duckdb")
            command = [shell, "-list", "claims.duckdb"] if shell else _python(DUCKDB)
            return _in_a_shell(command, folder, text)
        case "sqlite":
            shell = shutil.which("sqlite3")
            return _in_a_shell([shell, "claims.db"] if shell else _python(SQLITE), folder, text)
        case "postgresql":
            connection: psycopg.Connection = request.getfixturevalue("postgresql")
            info = connection.info
            address = f"host={info.host} port={info.port} user={info.user} dbname={info.dbname}"
            psql = shutil.which("psql")
            # What the file makes is made in a schema that is dropped with everything in it.
            around = f"CREATE SCHEMA alone;\nSET search_path TO alone;\n{text}"
            command = [psql, "-X", "-v", "ON_ERROR_STOP=1", address] if psql else [*_python(POSTGRESQL), address]
            try:
                return _in_a_shell(command, folder, around)
            finally:
                connection.execute("DROP SCHEMA IF EXISTS alone CASCADE")
                connection.commit()
        case "mariadb":
            server: pymysql.Connection = request.getfixturevalue("mariadb")
            shell = mariadb_server.binary("mariadb")
            assert shell is not None
            command = [shell, "--no-defaults", f"--socket={server.unix_socket}", "--user=root"]
            around = f"CREATE DATABASE alone;\nUSE alone;\n{text}\nDROP DATABASE alone;\n"
            return _in_a_shell(command, folder, around)
        case _:
            if not spark_session.installed() and "CI" not in os.environ:
                pytest.skip(spark_session.HOW_TO_GET_ONE)
            import pyspark

            (folder / "script.sql").write_text(text, encoding="utf-8")
            shell = str(Path(pyspark.__file__).parent / "bin" / "spark-sql")
            options = ["spark.ui.enabled=false", "spark.sql.catalogImplementation=in-memory", "spark.driver.memory=1g"]
            command = [shell, "--master", "local[2]", *(part for one in options for part in ("--conf", one))]
            return _in_a_shell([*command, "-f", "script.sql"], folder, "")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_sql_file_settles_claims_alone(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = ROOT / "generated" / "sql" / dialect / f"{POLICY}.sql"
    said = _settled_in(dialect, tmp_path, file.read_text(encoding="utf-8") + _script(dialect), request)
    assert re.search(r"\bc1\W+700000\b", said), said
    assert re.search(r"\bc2\W+person\W+missing\b", said), said


PYTHON = """
import datetime
import {policy} as policy
day = datetime.date(2013, 5, 2)
claims = [policy.Claim("c1", "li", day, 2_000_000, "general"), policy.Claim("c2", None, day, 100, "listed")]
settled, rejected = policy.settle_all(claims)
print(settled[0].claim, settled[0].critical_illness)
print(rejected[0].claim, rejected[0].field, rejected[0].reason)
"""
NUMPY = """
import numpy as np
import {policy}_numpy as policy
claims = {{
    "claim": np.array(["c1", "c2"]),
    "person": np.array(["li", None], object),
    "discharged": np.array(["2013-05-02"] * 2, "datetime64[D]"),
    "borne": np.array([2_000_000, 100]),
    "illness": np.array(["general", "listed"]),
}}
settled = policy.settle(claims, compiled={compiled})
print(claims["claim"][settled.row[0]], settled.critical_illness[0])
(row, field, reason), = settled.rejections()
print(claims["claim"][row], field, reason)
"""


@pytest.mark.parametrize(
    ("file", "program"),
    [
        (f"python/{POLICY}.py", PYTHON.format(policy=POLICY)),
        (f"numpy/{POLICY}_numpy.py", NUMPY.format(policy=POLICY, compiled=False)),
        (f"numpy/{POLICY}_numpy.py", NUMPY.format(policy=POLICY, compiled=True)),
    ],
    ids=["python", "numpy", "numpy, compiled"],
)
def test_a_python_module_settles_claims_alone(file: str, program: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "generated" / file, tmp_path)
    begin = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    said = _in_a_shell([sys.executable, "-I", "-c", begin + program], tmp_path, "")
    assert said == "c1 700000\nc2 person missing\n"


def test_a_python_file_is_a_program_of_its_own(tmp_path: Path) -> None:
    shutil.copy(ROOT / "generated" / "python" / f"{POLICY}.py", tmp_path)
    claims = "claim,person,discharged,borne,illness\nc1,li,2013-05-02,20000,general\n"
    (tmp_path / "claims.csv").write_text(claims, encoding="utf-8")
    said = _in_a_shell([sys.executable, "-I", f"{POLICY}.py", "claims.csv"], tmp_path, "")
    assert re.search(r"^c1,.*\b7000\.00\b", said, re.MULTILINE), said
