"""Claims settled by a Spark cluster: a master and two workers, each a process of its own, on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from random import Random

import pytest

from compiler.model import Model
from tests import models
from tests.command import ROOT
from tests.engines import constructs, spark_session
from tests.engines.engines import reference, settle_in_spark
from tests.engines.random_claims import random_rows

ROWS = 3_000


def _models() -> dict[str, Model]:
    return {"a stack": models.stack(), "versions": constructs.versions("versions with other ends")}


def settle_in_the_cluster() -> None:
    """Settle claims of each policy and compare with the reference. A process can have one Spark, so it runs alone."""
    with spark_session.running_session(spark_session.CLUSTER) as session:
        for name, model in _models().items():
            rows = random_rows(model, Random(name), ROWS, any_type=False)
            assert settle_in_spark(session, model, rows) == reference(model, rows), name
        executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
        sys.stdout.write(f"{len(_models())} policies settled by {executors} executors\n")


def test_a_cluster_settles_as_the_reference_does() -> None:
    if not spark_session.installed() and "CI" not in os.environ:
        pytest.skip(spark_session.HOW_TO_GET_ONE)
    program = f"from {__name__} import settle_in_the_cluster as settle; settle()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "2 policies settled by 2 executors\n"
