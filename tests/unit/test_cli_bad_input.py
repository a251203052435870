"""Bad input through the real command: its own message with a place, exit 1 or 2, no traceback, nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.commands.files import LARGEST_POLICY
from tests.command import SMALL, Capture, Result, tierproof

DEEP = f"\namount deep = {'(' * 100_000}cost{')' * 100_000}\n"

POLICIES: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "error[TP002]: the file is empty", ":1:1"),
    "comment": (b"# nothing yet\n", "error[TP002]: the file is empty", ":1:1"),
    "binary": (b"PK\x03\x04\x00\x00policy", "error[TP001]: this is not a text file: it contains zero bytes", ""),
    "not_utf8": (SMALL.encode().replace(b"small", b"sm\xe4ll"), "byte 0xe4 is not UTF-8", ":1:10"),
    "large": (b"#" * 10_000_000, "error[TP003]: the file is too large to be a policy: 10.0 MB, the most is 1.0 MB", ""),
    "unclosed": (SMALL.replace("\n  round", '\n  title "x\n  round').encode(), "error[TP005]", ":3:9"),
    "tabs": (SMALL.replace("  of cost", "\tof cost").encode(), "error[TP004]: this line begins with a tab", ":12:1"),
    "indented": (SMALL.replace("  deductible", "   deductible").encode(), "error[TP004]", ":13:1"),
    "deep": ((SMALL + DEEP).encode(), "error[TP007]", ":19:"),
    "word": (SMALL.replace("deductible", "deductable").encode(), "did you mean `deductible`?", ":13:3"),
    "name": (SMALL.replace("of cost", "of bourne").encode(), "error[TP011]", ":12:6"),
    "duplicate": (SMALL.replace("  illness  ", "  cost  money\n  illness  ", 1).encode(), "error[TP010]", ":9:3"),
}
"""A file that cannot be right, what is said about it, and where."""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _refused(result: Result, message: str, place: str) -> None:
    said = result.out + result.err
    assert result.code == 1
    assert message in said
    assert f" --> bad.policy{place}" in said
    assert said.count("error[") == 1


@pytest.mark.parametrize("name", POLICIES)
def test_a_bad_policy_is_refused_by_check(capsys: Capture, name: str) -> None:
    data, message, place = POLICIES[name]
    Path("bad.policy").write_bytes(data)
    _refused(tierproof(capsys, "check", "bad.policy"), message, place)


@pytest.mark.parametrize("name", POLICIES)
def test_a_bad_policy_builds_and_settles_nothing(capsys: Capture, name: str) -> None:
    data, message, place = POLICIES[name]
    Path("bad.policy").write_bytes(data)
    Path("claims.csv").write_text("claim,person,discharged,cost,illness\n", encoding="utf-8")
    _refused(tierproof(capsys, "build", "bad.policy"), message, place)
    _refused(tierproof(capsys, "run", "bad.policy", "claims.csv", "-o", "out.csv"), message, place)
    _refused(tierproof(capsys, "calc", "bad.policy", "cost=1", "illness=general"), message, place)
    assert sorted(path.name for path in Path().iterdir()) == ["bad.policy", "claims.csv"]


def test_the_largest_file_is_still_read(capsys: Capture) -> None:
    padding = "#" * (LARGEST_POLICY - len(SMALL) - 1) + "\n"
    Path("largest.policy").write_text(SMALL + padding, encoding="utf-8")
    assert tierproof(capsys, "check", "largest.policy").code == 0


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_other_line_breaks_are_no_mistake(capsys: Capture, line_break: str) -> None:
    Path("bom.policy").write_bytes(("\ufeff" + SMALL.replace("\n", line_break)).encode())
    assert tierproof(capsys, "check", "bom.policy").code == 0


@pytest.mark.parametrize("command", ["check", "build", "calc", "run"])
def test_a_policy_that_is_not_there(capsys: Capture, command: str) -> None:
    Path("claims.csv").write_text("claim\n", encoding="utf-8")
    more = ["claims.csv"] if command == "run" else []
    result = tierproof(capsys, command, "nowhere.policy", *more)
    assert (result.code, result.out, result.err) == (2, "", "error: there is no file or folder nowhere.policy\n")


def test_claims_that_are_not_named(capsys: Capture) -> None:
    Path("small.policy").write_text(SMALL, encoding="utf-8")
    result = tierproof(capsys, "run", "small.policy")
    assert (result.code, result.out) == (2, "")
    assert "Missing argument 'CLAIMS': small.policy is the policy" in result.err


def test_a_folder_of_several_policies_is_not_one(capsys: Capture) -> None:
    for name in ("a", "b"):
        Path(f"{name}.policy").write_text(SMALL.replace("policy small", f"policy {name}"), encoding="utf-8")
    result = tierproof(capsys, "calc", ".", "cost=1")
    assert (result.code, result.err) == (2, "error: . holds 2 policies; name one of them: a.policy, b.policy\n")
