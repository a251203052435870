"""A Spark of our own, for as long as the tests run: in one process, or as a cluster of processes on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOW_TO_GET_ONE = "Spark needs Java 17 or later: `apt install openjdk-17-jre-headless`"

LOCAL = "local[2]"
CLUSTER = "local-cluster[2,1,1024]"
"""A master, and two workers with a core and a gibibyte each, every one a process."""


def installed() -> bool:
    """Whether there is a Java that Spark runs on."""
    java = shutil.which("java")
    if java is None:
        return False
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr.partition('version "')[2]
    return said.split(".")[0].isdigit() and int(said.split(".")[0]) >= 17


@contextmanager
def running_session(master: str) -> Iterator[SparkSession]:
    """A session with an empty catalog. Raises RuntimeError where Java is missing."""
    if not installed():
        raise RuntimeError(HOW_TO_GET_ONE)
    import pyspark
    from pyspark.sql import SparkSession

    folder = Path(tempfile.mkdtemp(prefix="tierproof-spark-"))
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        # Many short queries: less is gained by compiling them well, or by planning them twice, than it costs.
        "spark.driver.extraJavaOptions": f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Djava.io.tmpdir={folder}",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
    }
    # What the processes of a cluster find the program by, and where they write.
    there = {"SPARK_HOME": str(Path(pyspark.__file__).parent), "SPARK_WORKER_DIR": str(folder / "work")}
    with mock.patch.dict(os.environ, {**there, "SPARK_LOCAL_IP": "127.0.0.1"}):
        builder = SparkSession.builder.master(master).appName("tierproof tests")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        try:
            yield session
        finally:
            session.stop()
            shutil.rmtree(folder, ignore_errors=True)
