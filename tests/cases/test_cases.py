"""Every check on a policy that has the property and on one that has not, with what a drafter sees beside it.

`tests/cases/<check>/good/*.policy` must pass; `bad/*.policy` must fail with the check's own code. The text beside each
(`.txt`) is what comes out. `make accept` rewrites the texts; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from compiler.commands.report import PASSED, WRONG, exit_code, flaws, policy_line, proofs
from compiler.driver import Verdict, load, prove
from compiler.findings import Proved, Refuted
from dsl.catalogue import load_catalogue
from dsl.render import PLAIN
from dsl.source import Source

HERE = Path(__file__).parent

CODES = {
    "gap": "TP101",
    "overlap": "TP102",
    "unreachable": "TP103",
    "opening": "TP104",
    "category": "TP105",
    "ratio": "TP201",
    "own_share": "TP202",
    "benefit_range": "TP203",
    "cap": "TP204",
    "splitting": "TP205",
    "allowance": "TP209",
    "example": "TP301",
    "requirement": "TP302",
}
"""The checks by the name of their file, and the code of each."""

ACCEPT = os.environ.get("TIERPROOF_ACCEPT") == "1"


def policies(kind: str) -> list[Path]:
    return sorted(HERE.glob(f"*/{kind}/*.policy"))


def name(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def verdict_of(path: Path) -> Verdict:
    return prove(load(Source(name(path), path.read_text(encoding="utf-8"))))


def shown(verdict: Verdict, code: str) -> str:
    """What is wrong, what was proved under the code, and the line that sums it up."""
    catalogue, style = load_catalogue("en"), PLAIN
    proved = [line for line in proofs(verdict, catalogue, style) if line.startswith(f"proved[{code}]")]
    return "\n\n".join(
        [*flaws(verdict, catalogue, style), *(["\n".join(proved)] if proved else []), policy_line(verdict)]
    )


def compare(path: Path, text: str) -> None:
    beside = path.with_suffix(".txt")
    if ACCEPT:
        beside.write_text(text + "\n", encoding="utf-8")
    assert beside.read_text(encoding="utf-8") == text + "\n"


@pytest.mark.parametrize("path", policies("good"), ids=name)
def test_a_good_policy_passes(path: Path) -> None:
    code, verdict = CODES[path.parts[-3]], verdict_of(path)
    assert exit_code([verdict]) == PASSED, shown(verdict, code)
    asked = [finding for finding in verdict.findings if finding.property.code == code]
    assert any(isinstance(finding, Proved) or (isinstance(finding, Refuted) and finding.allowance) for finding in asked)
    compare(path, shown(verdict, code))


@pytest.mark.parametrize("path", policies("bad"), ids=name)
def test_a_bad_policy_fails_with_the_code_of_the_check(path: Path) -> None:
    code, verdict = CODES[path.parts[-3]], verdict_of(path)
    assert verdict.loaded.model is not None, verdict.loaded.diagnostics
    assert exit_code([verdict]) == WRONG, shown(verdict, code)
    refuted = {finding.property.code for finding in verdict.findings if isinstance(finding, Refuted)}
    assert code in refuted, shown(verdict, code)
    compare(path, shown(verdict, code))


@pytest.mark.parametrize("check", CODES)
def test_every_check_can_pass_and_can_fail(check: str) -> None:
    assert list((HERE / check / "good").glob("*.policy"))
    assert list((HERE / check / "bad").glob("*.policy"))


def test_no_expectation_is_left_without_its_policy() -> None:
    assert [name(path) for path in HERE.glob("*/*/*.txt") if not path.with_suffix(".policy").exists()] == []


def test_every_folder_is_a_check() -> None:
    assert {path.parts[-3] for path in HERE.glob("*/*/*.policy")} == set(CODES)
