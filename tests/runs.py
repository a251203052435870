"""`tierproof run` on claims of one small scheme, for tests of what it reads, writes and shows."""

from __future__ import annotations

from pathlib import Path

from tests.command import NINGXIA, Capture, Result, tierproof

HEAD = "claim,person,discharged,borne,illness\n"
GOOD = '1,a,2013-05-02,"20,000.50",general\n'
RESULT_HEAD = "claim,person,discharged,borne,illness,critical_illness,own_share\n"
GOOD_RESULT = '1,a,2013-05-02,"20,000.50",general,7000.26,13000.24\n'


def run(capsys: Capture, engine: str, claims: str | bytes, *arguments: str) -> Result:
    """Settle claims as the file `claims.csv` of the folder that the test is in."""
    Path("claims.csv").write_bytes(claims if isinstance(claims, bytes) else claims.encode())
    return tierproof(capsys, "run", NINGXIA, "claims.csv", "--engine", engine, *arguments)
