"""Drafts with one flaw each: what `check` says of them stands beside each, and so does `build` where it alone refuses.

`make accept` rewrites the `.expected` texts; read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.command import ROOT, Capture, tierproof

DRAFTS = Path("examples") / "drafts"

CODES = {
    "ankang_deductible_11000": {"TP104"},
    "cliff": {"TP202", "TP203"},
    "deductible_each_admission": {"TP205", "TP301"},
    "dengfeng_no_ratio": {"TP106"},
    "guizhou_plus_ten_points": {"TP302"},
    "hole_between_versions": {"TP207"},
    "jiangning_cap_on_cost": {"TP302"},
    "jiangning_pool": {"TP302"},
    "ningxia_overspend_whole_amount": {"TP302"},
    "ningxia_whole_yuan_bands": {"TP101"},
    "overlapping_versions": {"TP207"},
    "ratio_falls": {"TP201"},
    "shaanxi_seventy_for_everyone": {"TP302"},
    "urumqi_90000": {"TP302"},
    "urumqi_90000_with_ceiling": set[str](),
}
"""Every draft, and the codes of what is wrong with it. With the unstated premise the last one has no flaw."""

REFUSED_BY_BUILD = "dengfeng_no_ratio"
"""What may be proved but not built."""

ACCEPT = os.environ.get("TIERPROOF_ACCEPT") == "1"


def drafts() -> set[str]:
    return {path.stem for path in (ROOT / DRAFTS).iterdir() if path.suffix != ".expected"}


def target(name: str) -> Path:
    """The file or folder that the command is called with."""
    return DRAFTS / name if (ROOT / DRAFTS / name).is_dir() else DRAFTS / f"{name}.policy"


def said(capsys: Capture, command: str, path: Path, *options: str | Path) -> str:
    """The command and what it answered, without the time it took."""
    result = tierproof(capsys, command, path, *options, "--lang", "en", "--color", "never")
    text = re.sub(r" in [0-9.]+ s(?=$|;)", "", result.out + result.err, flags=re.MULTILINE)
    return f"$ tierproof {command} {path.as_posix()}\n{text}"


def test_every_draft_is_here() -> None:
    assert drafts() == set(CODES)
    assert {path.stem for path in (ROOT / DRAFTS).glob("*.expected")} == set(CODES)


@pytest.mark.parametrize("name", sorted(CODES))
def test_what_is_said_of_a_draft(name: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    text = said(capsys, "check", target(name))
    if name == REFUSED_BY_BUILD:
        assert "error[" not in text
        text += "\n" + said(capsys, "build", target(name), "--out", tmp_path / "generated")
        assert not (tmp_path / "generated").exists()
    beside = ROOT / DRAFTS / f"{name}.expected"
    if ACCEPT:
        beside.write_text(text, encoding="utf-8")
    assert set(re.findall(r"^(?:error|warning|unknown)\[(\w+)\]", text, re.MULTILINE)) == CODES[name]
    assert text == beside.read_text(encoding="utf-8")
