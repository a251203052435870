"""Claims settled by Spark: Parquet files that outgrow one machine, by the same SQL, on a cluster or on this machine.

Each row goes through the calculator whole, as a structure in the column that is carried along, so that nothing is
joined. The result is a folder of Parquet files, in no order. Rejected rows and the ledger come to this machine, which
judges and writes them as it does those of other engines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.model import CLAIM_NUMBER, Fact, Model
from compiler.run import ledger
from compiler.run.columns import SPARK, as_fact, in_decimals, is_read
from compiler.run.duckdb_write import OF_OTHERS, said, write_rejected_rows
from compiler.run.fields import as_row
from compiler.run.job import Job
from compiler.run.ledger import Entry
from compiler.run.outcome import FIRST_REJECTED, ROW_NAME, Outcome, RejectedRow, RunError, results
from compiler.run.table import Unreadable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

_PIECE = re.compile(r"""--[^\n]*|'(?:\\.|[^\\'])*'|`[^`]*`|"[^"]*"|[^-'`";]+|.""", re.DOTALL)
"""A comment, a text, a name, or what is none of them."""


def settle_file(model: Model, sql: str, job: Job) -> Outcome | Unreadable:
    """Settle Parquet claims with the Spark calculator `sql`, which carries the row through; `job.out` becomes a folder.

    Raises RunError where Spark is not there or cannot work.
    """
    assert job.claims.parquet is not None
    before = ledger.entries(model, job.ledger) if job.counts_on else None
    if isinstance(before, Unreadable):
        return before
    try:
        from pyspark.errors import PySparkException
    except ImportError as error:
        raise RunError("Spark is not installed: pip install 'tierproof[spark]'") from error
    try:
        with session(job) as spark:
            return _settle(spark, model, sql, job, before)
    except PySparkException as error:
        raise RunError(f"Spark: {str(error).splitlines()[0]}") from error


@contextmanager
def session(job: Job) -> Iterator[SparkSession]:
    """A session on the cluster of the job; what a user has set in `spark-defaults.conf` counts. Raises RunError."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(job.master).appName("tierproof run")
    settings = {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.caseSensitive": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if job.limits.memory_bytes is not None:
        settings["spark.driver.memory"] = f"{job.limits.memory_bytes >> 20}m"
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkRuntimeError, FileNotFoundError) as error:
        raise RunError("Spark does not start; it needs Java 17 or later, and its master must be there") from error
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        spark.stop()


def _settle(
    spark: SparkSession, model: Model, sql: str, job: Job, before: tuple[Entry, ...] | None
) -> Outcome | Unreadable:
    parquet = job.claims.parquet
    assert parquet is not None
    _read(spark, model, job)
    if before is not None:
        columns = "total STRING, key STRING, period STRING, amount BIGINT, last STRING"
        spark.createDataFrame(list(before), columns).createOrReplaceTempView(quoted(f"{model.id}_ledger"))
    for statement in statements(sql):
        if not statement.startswith("CREATE TABLE"):
            spark.sql(statement)
    job.progress(0.1)
    kept = [f"{quoted(ROW_NAME)}.{_column(place)} AS {quoted(name)}" for place, name in enumerate(job.claims.columns)]
    amounts = [f"{in_decimals(quoted(name), model.currency)} AS {quoted(name)}" for name in results(model)]
    settled = spark.sql(f"SELECT {', '.join([*kept, *amounts])} FROM {quoted(model.id)}")
    # What waits there is an empty file, to become a folder.
    job.out.path.unlink()
    settled.write.parquet(_uri(job.out.path))
    job.progress(0.8)
    count, totals = _counted(spark.read.parquet(_pattern(job.out.path)), model)
    rejected = 0
    first: tuple[RejectedRow, ...] = ()
    if count < sum(parquet.rows):
        rejected, first = _reject(spark, model, job)
    if not rejected or job.rejected is not None:
        _leave(spark, model, job)
    job.progress(1.0)
    return Outcome(count, rejected, tuple(zip(results(model), totals, strict=True)), first)


def _counted(written: DataFrame, model: Model) -> tuple[int, tuple[int, ...]]:
    """How many rows were written, and the sum of each result in minor units."""
    factor = model.currency.minor_per_major
    sums = (f"CAST(coalesce(sum(CAST({quoted(name)} * {factor} AS BIGINT)), 0) AS BIGINT)" for name in results(model))
    count, *totals = written.selectExpr("count(*)", *sums).collect()[0]
    return int(count), tuple(map(int, totals))


def _read(spark: SparkSession, model: Model, job: Job) -> None:
    """Make the calculator's claims: a view of all rows in which every value that is there can be read as its fact."""
    claims = job.claims
    assert claims.parquet is not None
    files = claims.parquet.files
    begins = [sum(claims.parquet.rows[:place]) for place in range(len(files))]
    before = ", ".join(f"{literal(file.name)}, {begin}L" for file, begin in zip(files, begins, strict=True))
    # Spark gives the name as a part of a URI, in which a `+` stands for itself.
    name = "url_decode(replace(_metadata.file_name, '+', '%2B'))"
    place = f"element_at(map({before}), {name}) + _metadata.row_index"
    texts = ", ".join(f"'column {number}', {quoted(name)}" for number, name in enumerate(claims.columns))
    whole = f"named_struct('place', {place}, {texts}) AS {quoted(ROW_NAME)}"
    values, readable = [], []
    facts: list[tuple[str, Fact | None]] = [(CLAIM_NUMBER, None), *((fact.name, fact) for fact in model.facts)]
    for name, fact in facts:
        raw, type_ = quoted(name), claims.types[claims.columns.index(name)]
        value = as_fact(fact, raw, type_, model.currency, SPARK)
        values.append(f"{value} AS {quoted(name)}")
        if (test := is_read(fact, value, raw, type_, SPARK)) is not None:
            readable.append(test)
    source = spark.read.parquet(*map(_pattern, files))
    typed = source.selectExpr(whole, *values, f"{' AND '.join(readable) or 'true'} AS `is read`")
    typed.createOrReplaceTempView(quoted(TYPED))
    chosen = ", ".join(quoted(name) for name in (ROW_NAME, *(name for name, _ in facts)))
    query = f"SELECT {chosen} FROM {quoted(TYPED)} WHERE `is read`"
    spark.sql(query).createOrReplaceTempView(quoted(f"{model.id}_claims"))


TYPED = "rows typed"


def _reject(spark: SparkSession, model: Model, job: Job) -> tuple[int, tuple[RejectedRow, ...]]:
    """Count the rejected rows, write them where they are asked for, and give the first of them."""
    import tempfile

    import duckdb

    row = quoted(ROW_NAME)
    rejected = (
        f"SELECT {row}, field, reason FROM {quoted(f'{model.id}_rejected')} "
        f"UNION ALL SELECT {row}, NULL, NULL FROM {quoted(TYPED)} WHERE NOT `is read`"
    )
    texts = [f"CAST({row}.{_column(place)} AS STRING)" for place in range(len(job.claims.columns))]
    query = f"SELECT {', '.join([f'{row}.place', 'field', 'reason', *texts])} FROM ({rejected})"
    # One after the other on this machine, so each partition must not be asked for anew.
    found = spark.sql(query).orderBy("place").cache()
    count = found.count()
    if job.rejected is None:
        return count, tuple(_rejected(found.limit(FIRST_REJECTED).collect(), model, job))
    with tempfile.TemporaryDirectory(prefix="tierproof-") as folder, duckdb.connect(":memory:") as database:
        rows = _rejected(found.toLocalIterator(), model, job)
        return count, write_rejected_rows(database, job.rejected, rows, Path(folder))


def _rejected(rows: Iterable[Row], model: Model, job: Job) -> Iterator[RejectedRow]:
    for place, field, reason, *values in rows:
        row = as_row(job.claims.columns, ["" if value is None else str(value) for value in values])
        yield said(model, place + 1, row, field, reason if reason in OF_OTHERS else None)


def _leave(spark: SparkSession, model: Model, job: Job) -> None:
    """Write the running totals after the claims, where they are asked for."""
    if job.ledger_out is not None:
        query = f"SELECT total, key, period, amount, last FROM {quoted(f'{model.id}_ledger_after')}"
        ledger.write_entries(model, job, (tuple(row) for row in spark.sql(query).toLocalIterator()))


# Small parts of its SQL ---------------------------------------------------------------------------------


def quoted(identifier: str) -> str:
    """An identifier, as Spark writes it."""
    return "`" + identifier.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text constant, as Spark writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("{", "\\{") + "'"


def statements(sql: str) -> list[str]:
    """The statements of a Spark calculator, without its comments: Spark takes one at a time."""
    found = [""]
    for piece in _PIECE.findall(sql):
        if piece == ";":
            found.append("")
        elif not piece.startswith("--"):
            found[-1] += piece
    return [statement.strip() for statement in found if statement.strip()]


def _column(place: int) -> str:
    return quoted(f"column {place}")


def _uri(path: Path) -> str:
    """A path of this machine. Spark takes it as it stands: a `%20` would be looked for by that name."""
    return f"file:{path.absolute()}"


def _pattern(path: Path) -> str:
    """The same, where Spark reads a pattern of names."""
    return re.sub(r"[\\*?\[\]{}]", r"\\\g<0>", _uri(path))
