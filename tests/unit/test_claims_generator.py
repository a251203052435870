"""The committed claims are what the generator makes, and they are the claims that one would want to try."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from examples.claims.generate import BOOKS, as_text, claims

CLAIMS = Path(__file__).parents[2] / "examples" / "claims"
POLICIES = tuple(BOOKS)


def committed(policy: str) -> list[dict[str, str]]:
    with (CLAIMS / f"{policy}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fen(text: str) -> int:
    yuan, decimals = text.split(".")
    assert len(decimals) == 2
    return int(yuan + decimals)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_committed_file_is_what_the_documented_command_writes(policy: str, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    command = [sys.executable, str(CLAIMS / "generate.py"), "--policy", policy, "--rows", "200", "--seed", "2013"]
    subprocess.run([*command, "-o", str(again)], check=True)
    assert again.read_bytes() == (CLAIMS / f"{policy}.csv").read_bytes()


@pytest.mark.parametrize("policy", POLICIES)
def test_another_seed_gives_another_file(policy: str) -> None:
    assert list(as_text(claims(policy, 50, 1))) != list(as_text(claims(policy, 50, 2)))


@pytest.mark.parametrize("policy", POLICIES)
def test_claim_numbers_are_unique_and_people_have_several_claims(policy: str) -> None:
    rows = committed(policy)
    assert len({row["claim"] for row in rows}) == len(rows) == 200
    assert max(Counter(row["person"] for row in rows).values()) > 3


def test_totals_of_ningxia_meet_every_end_of_a_band_from_both_sides() -> None:
    """Of four thousand claims; the committed two hundred are too few for the high ends."""
    header, *lines = claims("ningxia", 4000, 2013)
    rows = sorted((dict(zip(header, line, strict=True)) for line in lines), key=lambda row: row["discharged"])
    totals: Counter[str] = Counter()
    met = set()
    for row in rows:
        totals[row["person"]] += fen(row["borne"])
        met.add(totals[row["person"]])
    for end in BOOKS["ningxia"].ends_fen:
        assert end in met
        assert any(0 < total - end <= 100 for total in met)
        assert any(0 < end - total <= 100 for total in met)


def test_jiangning_never_owes_more_of_a_claim_than_it_cost() -> None:
    rows = committed("jiangning")
    assert all(0 <= fen(row["basic_due"]) <= fen(row["cost"]) for row in rows)
    assert any(fen(row["basic_due"]) for row in rows)
