"""`calc`, `explain`, `demo`, and how the command itself behaves: help, crashes, interruptions, closed pipes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import compiler.commands.explain as explain_module
from compiler.cli import COMMANDS
from compiler.driver import DIALECTS
from compiler.version import VERSION
from dsl.codes import CODES, diagnostics_page
from tests.command import JIANGNING, NINGXIA, ROOT, SMALL, Capture, tierproof


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _process(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    code = text or "from compiler.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )


# calc -------------------------------------------------------------------------------------------------


def test_one_claim_step_by_step(capsys: Capture) -> None:
    result = tierproof(capsys, "calc", NINGXIA, "borne=20,000.01", "illness=general")
    assert result.code == 0
    assert re.search(r"line \d+ +deductible 6,000\.00\n", result.out)
    assert re.search(r"line \d+ +over 6,000\.00 to 20,000\.00: 14,000\.00 x 50% = 7,000\.00\n", result.out)
    assert re.search(r"line \d+ +over 20,000\.00 to 50,000\.00: 0\.01 x 52% = 0\.0052\n", result.out)
    assert result.out.splitlines()[-1].split() == ["own_share", "13,000.00", "paid", "by", "the", "person"]


def test_ends_of_bands_that_follow_from_the_claim_are_shown_as_amounts(capsys: Capture) -> None:
    sharing = ROOT / "policies" / "ningxia" / "overspend_sharing.policy"
    result = tierproof(capsys, "calc", sharing, "fund=333,333.33", "overspend=50,000")
    assert re.search(r"over 16,666\.6665 to 33,333\.333: 16,666\.6665 x 70% = 11,666\.66655\n", result.out)
    assert re.search(r"over 33,333\.333: 16,666\.667 x 100% = 16,666\.667\n", result.out)


def test_each_step_names_its_line(capsys: Capture) -> None:
    Path("small.policy").write_text(SMALL, encoding="utf-8")
    result = tierproof(capsys, "calc", "small.policy", "cost=1500", "illness=general")
    assert result.code == 0
    assert "line 13   deductible 600.00\n" in result.out
    assert "line 17   over 1,000.00: 500.00 x 70% = 350.00\n" in result.out


def test_the_worked_case_of_jiangning(capsys: Capture) -> None:
    result = tierproof(capsys, "calc", JIANGNING, "cost=140800", "basic_due=91000", "--format", "json")
    steps = {step["amount"]: step["value"] for step in json.loads(result.out)["steps"]}
    assert (steps["critical_illness"], steps["own_share"]) == (19_380_00, 30_420_00)


AN_AMOUNT = "an amount from 0.00 to 100,000,000,000.00, written such as 20000.50"
A_DAY = "a day, 2013-01-01 to 2013-12-31, written such as 2013-05-02"


@pytest.mark.parametrize(
    ("facts", "code", "message"),
    [
        ([], 2, "error: the claim needs also borne=AMOUNT illness=general|listed\n"),
        (["borne=5"], 2, "error: the claim needs also illness=general|listed\n"),
        (["bourne=5"], 2, "error: the policy has no fact `bourne`; did you mean `borne`?\n"),
        (["xyz=5"], 2, "the facts are claim, person, discharged, borne, illness\n"),
        (["borne=5", "borne=6"], 2, "error: `borne` is given twice\n"),
        (["borne"], 2, "error: 'borne' is not FACT=VALUE\n"),
        (["borne=12o", "illness=general"], 1, f'error: borne: wrong type "12o"; {AN_AMOUNT}\n'),
        (["borne=-1", "illness=general"], 1, f'error: borne: negative "-1"; {AN_AMOUNT}\n'),
        (["borne=1", "illness=rare"], 1, 'error: illness: unknown value "rare"; one of general, listed\n'),
        (
            ["borne=1", "illness=general", "discharged=2014-01-01"],
            1,
            f'error: discharged: not in force "2014-01-01"; {A_DAY}\n',
        ),
        (["borne=1", "illness=general", "person="], 1, 'error: person: missing ""\n'),
    ],
)
def test_facts_that_are_not_right(capsys: Capture, facts: list[str], code: int, message: str) -> None:
    result = tierproof(capsys, "calc", NINGXIA, *facts)
    assert (result.code, result.out) == (code, "")
    assert message in result.err


def test_a_claim_that_the_policy_does_not_cover(capsys: Capture) -> None:
    Path("gap.policy").write_text(SMALL.replace("over 1,000 ", "over 2,000 "), encoding="utf-8")
    result = tierproof(capsys, "calc", "gap.policy", "cost=1500", "illness=general")
    assert (result.code, result.out) == (1, "")
    assert "the policy does not say what basic is" in result.err


# explain ----------------------------------------------------------------------------------------------


def test_a_code_is_explained(capsys: Capture) -> None:
    result = tierproof(capsys, "explain", "tp101")
    assert result.code == 0
    assert result.out.startswith("TP101: Bands leave a gap\n\n")
    assert "    from 20,001 to 50,000    52%\n" in result.out
    assert json.loads(tierproof(capsys, "explain", "TP101", "--format", "json").out)["code"] == "TP101"


def test_a_code_that_does_not_exist(capsys: Capture) -> None:
    result = tierproof(capsys, "explain", "TP110")
    assert (result.code, result.out) == (2, "")
    assert "There is no code 'TP110'. Did you mean TP" in result.err


def test_all_codes(capsys: Capture) -> None:
    assert len(tierproof(capsys, "explain").out.splitlines()) == len(CODES)
    assert tierproof(capsys, "explain", "--all").out == diagnostics_page()


# demo -------------------------------------------------------------------------------------------------


def test_the_demonstration_shows_everything(capsys: Capture) -> None:
    result = tierproof(capsys, "demo")
    assert (result.code, result.err) == (0, "")
    heads = [line for line in result.out.splitlines() if line[:2] in ("1.", "2.", "3.", "4.", "5.")]
    assert [head[:2] for head in heads] == ["1.", "2.", "3.", "4.", "5."]
    assert re.search(r"check passed: \d\d properties proved", result.out)
    assert result.out.count("error[TP101]") == 7
    assert "borne 20,000.01, illness general  ->  no ratio is defined (99 amounts)" in result.out
    assert all(f"sql/{dialect}/ningxia_critical_illness_2013.sql" in result.out for dialect in DIALECTS)
    assert "200 claims settled" in result.out
    assert "deductible 6,000.00" in result.out
    assert list(Path().iterdir()) == []


# The command itself -----------------------------------------------------------------------------------


def test_help_names_every_command_and_loads_none_of_their_parts() -> None:
    script = (
        "import sys\nfrom compiler.cli import exit_code\ncode = exit_code(['--help'])\n"
        "heavy = {'z3', 'duckdb', 'lark', 'jinja2', 'compiler.model'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    result = _process(text=script)
    assert (result.returncode, result.stderr) == (0, "")
    for name, what in COMMANDS:
        assert name in result.stdout
        assert what.split()[0] in result.stdout


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_has_help(capsys: Capture, name: str) -> None:
    result = tierproof(capsys, name, "--help")
    assert result.code == 0
    assert result.out.startswith(f"Usage: tierproof {name} ")


def test_version(capsys: Capture) -> None:
    assert tierproof(capsys, "--version").out == f"tierproof, version {VERSION}\n"


@pytest.mark.parametrize("arguments", [["chek"], ["check", "--fromat"], ["--lang", "fr", "check"], ["run"]])
def test_wrong_use_is_said_on_standard_error(capsys: Capture, arguments: list[str]) -> None:
    result = tierproof(capsys, *arguments)
    assert (result.code, result.out) == (2, "")
    assert "Error: " in result.err


def test_our_own_crash_says_so(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(code: str) -> None:
        raise AssertionError(f"no such\nthing as {code}")

    monkeypatch.delenv("TIERPROOF_DEBUG", raising=False)
    monkeypatch.setattr(explain_module, "find_code", broken)
    result = tierproof(capsys, "explain", "TP101")
    assert (result.code, result.out) == (70, "")
    assert result.err.startswith(
        "tierproof crashed, and that is our mistake, not yours: AssertionError: no such thing as TP101\n"
    )
    assert "TIERPROOF_DEBUG=1" in result.err
    monkeypatch.setenv("TIERPROOF_DEBUG", "1")
    with pytest.raises(AssertionError, match="no such"):
        tierproof(capsys, "explain", "TP101")


def test_an_interruption_is_quiet(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(code: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain_module, "find_code", interrupted)
    result = tierproof(capsys, "explain", "TP101")
    assert (result.code, result.out, result.err.strip()) == (130, "", "")


ANY_COMMAND = pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "--all"],
        ["--help"],
        ["check", "--help"],
        ["check", str(NINGXIA), "-v"],
        ["calc", str(NINGXIA), "borne=20000", "illness=general"],
        ["run", str(NINGXIA), str(ROOT / "examples" / "claims" / "ningxia.csv")],
    ],
    ids=lambda arguments: " ".join(arguments[:2:2]),
)


@ANY_COMMAND
def test_a_closed_pipe_is_quiet(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    code = "from compiler.cli import main; main()"
    process = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert process.returncode == 141
    assert b"rror" not in process.stderr


@ANY_COMMAND
def test_a_full_disk_is_wrong_use(arguments: list[str]) -> None:
    code, out, err = _in_a_shell(arguments, "> /dev/full")
    assert (code, out) == (2, "")
    assert re.search(r"^error: the [a-z ]+ cannot be [a-z]+: No space left on device\n\Z", err, re.MULTILINE)


@ANY_COMMAND
def test_closed_streams_are_no_crash(arguments: list[str]) -> None:
    assert _in_a_shell(arguments, ">&-") == (2, "", "error: standard output is closed\n")
    code, out, _ = _in_a_shell(arguments, "2>&-")
    assert code == 0
    assert out


def test_wrong_use_that_cannot_be_said_is_still_wrong_use() -> None:
    assert _in_a_shell(["check", "nowhere.policy"], "2> /dev/full") == (2, "", "")


def _in_a_shell(arguments: list[str], streams: str) -> tuple[int, str, str]:
    """Exit code, output and notes of the command with its streams redirected."""
    call = shlex.join([sys.executable, "-c", "from compiler.cli import main; main()", *arguments])
    result = subprocess.run(
        ["sh", "-c", f"exec {call} {streams}"], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )
    return result.returncode, result.stdout, result.stderr


def test_a_terminal_that_cannot_print_a_sign_does_not_crash(tmp_path: Path) -> None:
    policy = tmp_path / "chinese.policy"
    policy.write_text(SMALL.replace("basic", "基本医疗").replace("over 1,000 ", "over 2,000 "), encoding="utf-8")
    for encoding in ("ascii", "gbk", "utf-8"):
        result = subprocess.run(
            [sys.executable, "-c", "from compiler.cli import main; main()", "check", str(policy), "-v"],
            capture_output=True,
            cwd=ROOT,
            check=False,
            env={"PYTHONIOENCODING": encoding, "PATH": ""},
            timeout=60,
        )
        assert (result.returncode, result.stderr) == (1, b"")
        assert b"error[TP101]" in result.stdout
