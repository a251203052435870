"""The committed calculators are what their policies give, byte for byte."""

import pytest

from tests.command import ROOT, Capture, tierproof


def test_the_committed_calculators_are_up_to_date(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = tierproof(capsys, "build", "policies", "--check")
    assert result.code == 0, f"run `tierproof build policies`: {result.out}{result.err}"
