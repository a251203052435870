"""Standards that policies conform to, as every command finds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import FIRST, SECOND, Capture, tierproof, write

STANDARD = """\
standard half
  title  "At least a half"
require
  benefit ratio never falls
  benefit ratio at least 50%
"""


@pytest.fixture(autouse=True)
def _two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("policies/small/first.policy", FIRST)
    write("policies/small/second.policy", SECOND)


def conforming(text: str) -> str:
    return text.replace("  of cost,", "  conforms to half\n  of cost,")


@pytest.mark.parametrize("place", ["policies/small/standards", "policies/standards", "standards"])
def test_a_standard_is_found_beside_a_policy_and_above_it(capsys: Capture, place: str) -> None:
    write("policies/small/first.policy", conforming(FIRST))
    missing = tierproof(capsys, "check", "policies/small/first.policy")
    assert missing.code == 1
    assert "error[TP011]: `half` is not a standard that could be found" in missing.out
    assert "a folder `standards`, beside the policy or beside a folder above it" in missing.out
    write(f"{place}/half.policy", STANDARD)
    assert tierproof(capsys, "check", "policies/small/first.policy").code == 0
    assert tierproof(capsys, "build", "policies/small/first.policy").code == 0


@pytest.mark.parametrize("mark", [".git/HEAD", "pyproject.toml"])
def test_a_standard_is_found_from_any_folder_but_not_above_the_project(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mark: str
) -> None:
    write("project/policies/small/mine.policy", conforming(FIRST))
    write("project/policies/standards/half.policy", STANDARD)
    for folder in ("project/policies/small", "project/policies", "project", "."):
        monkeypatch.chdir(tmp_path / folder)
        (policy,) = Path().rglob("mine.policy")
        assert tierproof(capsys, "check", policy).code == 0
    Path("project/policies/standards").rename("standards")
    assert tierproof(capsys, "check", policy).code == 0
    write(f"project/{mark}", "")
    assert tierproof(capsys, "check", policy).code == 1
    Path("standards").rename("project/standards")
    assert tierproof(capsys, "check", policy).code == 0


def test_a_standard_is_no_policy_and_says_who_conforms_to_it(capsys: Capture) -> None:
    write("policies/small/first.policy", conforming(FIRST))
    write("policies/standards/half.policy", STANDARD)
    result = tierproof(capsys, "check")
    assert result.code == 0
    assert "policies/standards/half.policy: standard: 2 requirements, conformed to by small\n" in result.out
    data = json.loads(tierproof(capsys, "check", "--format", "json").out)
    assert len(data["policies"]) == 2
    assert data["standards"] == [
        {
            "path": "policies/standards/half.policy",
            "name": "half",
            "requirements": 2,
            "conformed_to_by": ["small"],
            "diagnostics": [],
        }
    ]
    alone = tierproof(capsys, "check", "policies/standards")
    assert "standard: 2 requirements, no policy here says that it conforms\n" in alone.out
    assert tierproof(capsys, "build").code == 0
    assert tierproof(capsys, "calc", "policies/standards", "cost=1").err == (
        "error: policies/standards holds a standard and no policy\n"
    )


def test_the_nearest_standard_counts_and_one_that_is_given_before_it(capsys: Capture) -> None:
    write("policies/small/first.policy", conforming(FIRST))
    write("standards/half.policy", STANDARD.replace("50%", "99%"))
    assert tierproof(capsys, "check", "policies").code == 1
    write("policies/small/standards/half.policy", STANDARD)
    assert tierproof(capsys, "check", "policies/small/first.policy").code == 0
    assert tierproof(capsys, "check", "policies/small/first.policy", "standards/half.policy").code == 1


def test_two_standards_of_one_name_are_a_mistake(capsys: Capture) -> None:
    for name in ("a", "b"):
        write(f"policies/standards/{name}.policy", STANDARD)
    result = tierproof(capsys, "check")
    assert result.code == 1
    assert "error[TP010]: `half` stands for two things\n --> policies/standards/b.policy:1:10\n" in result.out


def test_a_broken_standard_is_shown_where_it_is_missed(capsys: Capture) -> None:
    write("standards/half.policy", STANDARD.replace("at least 50%", "at least half"))
    assert tierproof(capsys, "check", "policies/small/first.policy").code == 0
    write("policies/small/first.policy", conforming(FIRST))
    result = tierproof(capsys, "check", "policies/small/first.policy")
    assert result.code == 1
    assert " --> standards/half.policy:5:" in result.out
