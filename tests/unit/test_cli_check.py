"""`tierproof check`: what it says of good, flawed and unreadable policies, as text and as data, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from compiler.commands import report
from compiler.driver import Loaded, Verdict, load
from compiler.findings import NotAsked, Property, Unknown
from dsl.catalogue import load_catalogue
from dsl.render import PLAIN
from dsl.source import Source, Span
from tests.command import DRAFT, JIANGNING, NINGXIA, ROOT, SMALL, Capture, tierproof

ALLOWED = SMALL.replace("70%      80%", "40%      80%") + '\nallow ratio falls because "the budget is small"\n'


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_one_policy_gives_one_line(capsys: Capture) -> None:
    result = tierproof(capsys, "check", NINGXIA)
    assert result.code == 0
    assert result.err == ""
    assert re.fullmatch(r"check passed: \d+ properties proved in \d\.\d s\n", result.out)


def test_several_policies_give_a_line_each_and_a_sum(capsys: Capture) -> None:
    result = tierproof(capsys, "check", NINGXIA, JIANGNING)
    ningxia, jiangning, assumed, general, total = result.out.splitlines()
    proved = [int(line.split(" properties proved")[0].split()[-1]) for line in (ningxia, jiangning, total)]
    assert proved[0] + proved[1] == proved[2]
    assert ningxia.endswith(f"critical_illness_2013.policy: {proved[0]} properties proved")
    assert jiangning.endswith(f"ncms_and_critical_illness.policy: {proved[1]} properties proved")
    assert assumed == "    assumed: basic_due at most cost"
    assert general == (
        "assumed of every policy: amounts and running totals up to 10,000,000,000,000 smallest units; "
        "larger ones are rejected"
    )


def test_the_table_as_printed_has_seven_gaps(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = tierproof(capsys, "check", DRAFT.relative_to(ROOT))
    assert result.code == 1
    assert result.out.count("error[TP101]") == result.out.count("error[") == 7
    assert result.out.startswith(
        "error[TP101]: bands leave a gap: amounts 20,000.01 to 20,000.99 are in no band\n"
        " --> examples/drafts/ningxia_whole_yuan_bands.policy:22:18\n"
        "22 |     from   6,000 to  20,000      50%       51%\n"
        "   |                  ^^^^^^^^^^ this band ends here\n"
        "23 |     from  20,001 to  50,000      52%       53%\n"
        "   |     ^^^^^^^^^^^^ the next one begins here\n"
        "   = claim: borne 20,000.01, illness general  ->  no ratio is defined (99 amounts)\n"
        "   = help: if no gap is meant, write `over 20,000` on line 23\n"
    )
    assert "check failed: 7 errors; " in result.out.splitlines()[-1]


def test_the_same_as_data(capsys: Capture) -> None:
    result = tierproof(capsys, "check", DRAFT, "--format", "json")
    report_ = json.loads(result.out)
    assert (result.code, report_["result"], report_["errors"]) == (1, "failed", 7)
    (policy,) = report_["policies"]
    assert (policy["currency"], policy["minor_units"]) == ("CNY", 100)
    gap = next(finding for finding in policy["findings"] if finding["answer"] == "refuted")
    assert gap["witness"][0]["borne"] == 20_000_01
    assert gap["diagnostic"]["labels"][1]["message"] == "the next one begins here"
    assert {finding["answer"] for finding in policy["findings"]} == {"proved", "refuted", "unknown"}


def test_what_a_policy_allows_is_shown_with_its_reason(capsys: Capture) -> None:
    Path("allowed.policy").write_text(ALLOWED, encoding="utf-8")
    result = tierproof(capsys, "check", "allowed.policy")
    assert result.code == 0
    assert result.out.startswith("note[TP201]: ")
    assert result.out.splitlines()[1:3] == [" --> allowed.policy:17:25", "   = allowed: the budget is small (line 19)"]
    assert "   = claim: " in tierproof(capsys, "check", "allowed.policy", "--verbose").out
    assert "1 allowed by the policy" in result.out
    data = json.loads(tierproof(capsys, "check", "allowed.policy", "--format", "json").out)
    assert (data["result"], data["allowed"]) == ("passed", 1)
    Path("refused.policy").write_text(ALLOWED.partition("\nallow")[0], encoding="utf-8")
    assert tierproof(capsys, "check", "refused.policy").code == 1


def test_what_is_proved_is_listed_when_asked_for(capsys: Capture) -> None:
    lines = tierproof(capsys, "check", NINGXIA, "--verbose").out.splitlines()
    assert f"check passed: {sum(line.startswith('proved[TP') for line in lines)} properties proved in" in lines[-1]
    assert any(line.startswith("proved[TP101]: critical_illness: every amount that can be paid") for line in lines)


def test_unknown_never_counts_as_proved() -> None:
    loaded = load(Source("small.policy", SMALL))
    asked = Property("TP202", "own_share", "", Span("small.policy", 3, 5, 3, 9))
    verdict = Verdict(loaded, (Unknown(asked, "the solver reached its limit"),))
    assert not verdict.passed
    assert report.exit_code([verdict]) == 3
    assert report.summary("check", [verdict], 1234) == ("check undecided: 0 of 1 property proved; 1 unknown in 1.2 s")
    (text,) = report.flaws(verdict, load_catalogue(), PLAIN)
    assert text.startswith("unknown[TP202]: not shown: own_share: ")
    assert text.endswith(" --> small.policy:3:5\n   = reason: the solver reached its limit")
    wrong = Verdict(Loaded(loaded.source, None, None, load(Source("x", "policy")).diagnostics), ())
    assert report.exit_code([verdict, wrong]) == 1


def test_what_was_not_asked_counts_neither_as_proved_nor_as_unknown() -> None:
    loaded = load(Source("small.policy", SMALL))
    asked = Property("TP205", "main", "", Span("small.policy", 3, 5, 3, 9))
    verdict = Verdict(loaded, (NotAsked(asked, "pays an amount that the claim states"),))
    assert (verdict.proved, verdict.unknown, verdict.errors, verdict.not_asked) == (0, 0, 0, 1)
    assert verdict.passed
    assert report.summary("check", [verdict], 0) == "check passed: 0 properties proved in 0.0 s"
    assert report.summary("check", [verdict], 0, verbose=True) == (
        "check passed: 0 properties proved; 1 not asked in 0.0 s"
    )
    assert list(report.flaws(verdict, load_catalogue(), PLAIN)) == []
    (line,) = report.proofs(verdict, load_catalogue(), PLAIN)
    assert line.startswith("not asked[TP205]: main: ") and line.endswith("(pays an amount that the claim states)")
    record = report.report_record([verdict], load_catalogue(), 0)
    assert (record["properties"], record["proved"], record["unknown"], record["not_asked"]) == (0, 0, 0, 1)
    assert report.policy_record(verdict, load_catalogue())["findings"] == [
        {
            "answer": "not asked",
            "code": "TP205",
            "subject": "main",
            "column": None,
            "property": load_catalogue().proved("TP205"),
            "line": 3,
            "reason": "pays an amount that the claim states",
        }
    ]


def test_several_mistakes_are_shown_in_one_run(capsys: Capture) -> None:
    text = SMALL.replace("of cost,", "of costs,").replace("by illness\n", "by illnes\n")
    Path("two.policy").write_text(text, encoding="utf-8")
    result = tierproof(capsys, "check", "two.policy")
    assert result.code == 1
    assert result.out.count("error[TP011]") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.policy"], "error: there is no file or folder nowhere.policy\n"),
        (["empty"], "error: there is no policy (*.policy) in the folder empty\n"),
        ([], "error: there is no folder policies/ here; give the path of a policy\n"),
    ],
)
def test_paths_that_hold_nothing(capsys: Capture, arguments: list[str], message: str) -> None:
    Path("empty").mkdir()
    result = tierproof(capsys, "check", *arguments)
    assert (result.code, result.out, result.err) == (2, "", message)


def test_a_folder_is_searched_to_the_bottom_and_the_default_is_policies(capsys: Capture) -> None:
    Path("policies/a/b").mkdir(parents=True)
    Path("policies/a/b/small.policy").write_text(SMALL, encoding="utf-8")
    assert tierproof(capsys, "check").code == 0
    assert tierproof(capsys, "check", "policies/a").code == 0


def test_colour_only_when_asked_for(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in tierproof(capsys, "check", DRAFT).out
    assert "\x1b[1;31merror[TP101]\x1b[0m" in tierproof(capsys, "--color", "always", "check", DRAFT).out
    assert "\x1b[" not in tierproof(capsys, "--color", "always", "check", DRAFT, "--color", "never").out
    monkeypatch.setenv("TIERPROOF_COLOR", "always")
    assert "\x1b[" in tierproof(capsys, "check", DRAFT).out


def test_an_option_may_come_from_a_variable(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERPROOF_FORMAT", "json")
    assert json.loads(tierproof(capsys, "check", NINGXIA).out)["result"] == "passed"
    assert tierproof(capsys, "check", NINGXIA, "--format", "text").out.startswith("check passed")
