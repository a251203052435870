"""Versions of one policy and drafts, as every command takes them; claims of several versions in one file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.commands.project import read_project, with_all_versions
from compiler.driver import DIALECTS, IN_PROCESS
from tests.command import FIRST, ROOT, SECOND, SMALL, Capture, tierproof, write

DRAFT = SECOND.replace("  round half", "  status draft\n  round half")
UNKNOWN = DRAFT.replace("70%      80%", "70%      unknown between 80% and 90%")
HEAD = "claim,person,discharged,cost,illness\n"
MIXED = HEAD + "".join(
    [
        "4,a,2024-07-01,1000,general\n",
        "1,a,2023-05-01,1000,general\n",
        "3,a,2024-06-30,1000,general\n",
        "2,b,2025-05-01,1000,listed\n",
    ]
)
"""Claims of both versions in no order. Two of them are of one year of one person, one under each version."""

PAID = ["700.00", "200.00", "200.00", "260.00"]
"""By hand. Alone, 1,000 pay (1,000 - 600) x 50% = 200. The claim of July comes behind the one of June: under the second
version the year's 2,000 give 400 x 55% + 1,000 x 70% = 920, and 220 of that belong to the first 1,000."""


@pytest.fixture(autouse=True)
def _two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("policies/small/first.policy", FIRST)
    write("policies/small/second.policy", SECOND)


def notices(err: str) -> list[str]:
    """The lines on standard error that speak of drafts."""
    return [line for line in err.splitlines() if ": draft, " in line]


# Versions ---------------------------------------------------------------------------------------------


def test_versions_are_checked_each_and_together(capsys: Capture) -> None:
    result = tierproof(capsys, "check")
    assert result.code == 0
    assert "policies/small/first.policy: " in result.out
    assert "policies/small/second.policy: " in result.out


def test_two_versions_on_one_day_are_an_error_with_both_places(capsys: Capture) -> None:
    write("policies/small/second.policy", SECOND.replace("from 2024-07-01", "from 2024-06-30"))
    result = tierproof(capsys, "check")
    assert result.code == 1
    assert "error[TP207]: two versions are in force on 2024-06-30\n --> policies/small/second.policy:3:" in result.out
    assert " ::: policies/small/first.policy:3:3 before this one has ended\n" in result.out
    assert tierproof(capsys, "check", "policies/small/second.policy").code == 0
    for command in (["build"], ["run", "policies/small", "claims.csv"], ["calc", "policies/small", "cost=1"]):
        write("claims.csv", MIXED)
        refused = tierproof(capsys, *command)
        assert (refused.code, refused.out) == (1, "")
        assert "error[TP207]" in refused.err


def test_days_without_a_version_are_an_error(capsys: Capture) -> None:
    write("policies/small/second.policy", SECOND.replace("from 2024-07-01", "from 2024-08-01"))
    result = tierproof(capsys, "check")
    assert result.code == 1
    assert "error[TP207]: no version is in force from 2024-07-01 to 2024-07-31\n" in result.out


def test_a_version_that_cannot_be_read_leaves_no_hole(capsys: Capture) -> None:
    """Its days are not without a version: the version is there, and what is wrong with it is said."""
    second = SECOND.replace("from 2024-07-01", "2024-07-01 to 2024-12-31")
    write("policies/small/third.policy", SECOND.replace("from 2024-07-01", "from 2025-01-01"))
    for broken in (second.replace("benefit basic", "benefit"), second.replace("of cost", "of costs")):
        write("policies/small/second.policy", broken)
        result = tierproof(capsys, "check")
        assert result.code == 1
        assert " --> policies/small/second.policy:" in result.out
        assert "TP207" not in result.out
    write("policies/small/second.policy", second)
    assert tierproof(capsys, "check").code == 0
    Path("policies/small/second.policy").unlink()
    assert "error[TP207]: no version is in force from 2024-07-01 to 2024-12-31\n" in tierproof(capsys, "check").out


def test_a_claim_that_no_version_covers_is_rejected_for_that_reason(capsys: Capture) -> None:
    write("claims.csv", MIXED + "9,z,2019-12-31,100,general\n")
    settled = tierproof(capsys, "run", "policies/small", "claims.csv", "--rejected", "rejected.csv", "-o", "out.csv")
    assert settled.code == 0
    assert Path("rejected.csv").read_text().splitlines()[1:][-1].endswith(",9,discharged,not in force")


def test_versions_of_one_name_need_dates(capsys: Capture) -> None:
    write("policies/small/second.policy", SMALL)
    result = tierproof(capsys, "check")
    assert result.code == 1
    assert "error[TP207]: there are several versions of this policy, and this one does not say when" in result.out


def test_one_name_in_two_folders_is_wrong_for_build_alone(capsys: Capture) -> None:
    write("policies/other/small.policy", SMALL)
    assert tierproof(capsys, "check").code == 0
    result = tierproof(capsys, "build")
    assert (result.code, result.out) == (2, "")
    assert "put versions of one policy in one folder, or rename one of the two policies\n" in result.err


def test_versions_become_one_calculator_that_names_every_file(capsys: Capture) -> None:
    result = tierproof(capsys, "build")
    assert result.code == 0
    assert len(result.out.splitlines()) == 2 + len(DIALECTS)
    for path in ("python/small.py", "numpy/small_numpy.py", "sql/duckdb/small.sql"):
        text = Path("generated", path).read_text(encoding="utf-8")
        assert "policies/small/first.policy" in text
        assert "policies/small/second.policy" in text
    assert tierproof(capsys, "build", "--check").code == 0


def test_naming_one_version_builds_the_policy_with_all_of_them(capsys: Capture) -> None:
    tierproof(capsys, "build")
    assert tierproof(capsys, "build", "--check", "policies/small/first.policy").code == 0
    write("policies/small/second.policy", SECOND.replace("70% ", "20% "))
    result = tierproof(capsys, "build", "policies/small/first.policy", "--out", "out")
    assert (result.code, result.out) == (1, "")
    assert "policies/small/second.policy" in result.err


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_claims_of_several_versions_and_years_are_settled_together(capsys: Capture, engine: str) -> None:
    write("claims.csv", MIXED)
    result = tierproof(capsys, "run", "policies/small", "claims.csv", "--engine", engine)
    assert result.code == 0
    assert [line.split(",")[5] for line in result.out.splitlines()[1:]] == PAID
    files = ("policies/small/second.policy", "policies/small/first.policy")
    assert tierproof(capsys, "run", *files, "claims.csv", "--engine", engine).out == result.out


BOUND = "\nrequire\n  basic at most {limit} per person per calendar year\n"


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_the_cap_of_a_year_holds_across_its_versions(capsys: Capture, engine: str) -> None:
    for name, text in (("first", FIRST), ("second", SECOND)):
        write(f"policies/small/{name}.policy", f"{text}  cap 300\n{BOUND.format(limit=300)}")
    assert tierproof(capsys, "check", "policies/small").code == 0
    write("claims.csv", MIXED)
    result = tierproof(capsys, "run", "policies/small", "claims.csv", "--engine", engine)
    # Person a had 200 in June, so 100 are left in July; the other two claims are of other years.
    assert [line.split(",")[5] for line in result.out.splitlines()[1:]] == ["100.00", "200.00", "200.00", "260.00"]


def test_a_bound_of_a_year_is_asked_of_all_versions_together(capsys: Capture) -> None:
    write("policies/small/first.policy", FIRST)
    write("policies/small/second.policy", f"{SECOND}  cap 300\n{BOUND.format(limit=300)}")
    result = tierproof(capsys, "check", "--verbose", "policies/small")
    assert result.code == 1
    assert "basic comes to 300.01 per person per calendar year, and it must be at most 300.00" in result.out
    assert "discharged 2024-06-30, cost " in result.out or "discharged 2024-01-01, cost " in result.out
    # What belongs to two versions is no example of one.
    assert "TP302: basic comes to" not in result.out


def test_a_bound_of_a_year_is_asked_of_all_versions_where_one_file_is_named(capsys: Capture) -> None:
    write("policies/small/first.policy", FIRST)
    write("policies/small/second.policy", f"{SECOND}  cap 300\n{BOUND.format(limit=300)}")
    result = tierproof(capsys, "check", "policies/small/second.policy")
    assert result.code == 1
    assert "basic comes to 300.01 per person per calendar year, and it must be at most 300.00" in result.out
    # The other file is read and named, and not reported on, unless it cannot be read.
    (named,) = (line for line in result.out.splitlines() if "first.policy" in line)
    assert named == "read with it, versions whose claims count in the same periods: policies/small/first.policy"
    write("policies/small/first.policy", FIRST.replace("of cost", "of costs"))
    result = tierproof(capsys, "check", "policies/small/second.policy")
    assert result.code == 1
    assert "policies/small/first.policy:" in result.out
    assert "read with it" not in result.out


def test_a_version_that_asks_of_no_period_is_checked_alone(capsys: Capture) -> None:
    write("policies/small/first.policy", FIRST)
    write("policies/small/second.policy", SECOND)
    assert "read with it" not in tierproof(capsys, "check", "policies/small/second.policy").out


def test_files_are_read_again_only_where_versions_are_missing() -> None:
    whole = read_project(("policies",))
    assert with_all_versions(whole, ("policies",)) is whole
    both = ("policies/small/first.policy", "policies/small/second.policy")
    assert with_all_versions(read_project(both), both).loaded == read_project(both).loaded
    alone = read_project(both[1:])
    assert len(alone.loaded) == 1
    assert {one.source.path for one in with_all_versions(alone, both[1:]).loaded} == set(both)


def test_a_row_that_is_never_in_force_makes_no_band_dead(capsys: Capture) -> None:
    text = """\
policy one_file
  currency CNY
  in force 2024-01-01 to 2024-06-30, by day
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money up to 10,000

parameter line, by day
  from 2024-01-01   200
  from 2024-07-01   300

benefit plan
  of cost, added up per person per calendar year
  deductible 100
  pay in slices of the amount
    over 100 to line   50%
    over line          60%
"""
    write("alone.policy", text)
    result = tierproof(capsys, "check", "alone.policy", "--verbose")
    assert result.code == 0
    assert "not asked[TP103]: plan: every band and every clause can matter (no day in force has this row)" in result.out
    # A band that no claim of any row reaches is dead still.
    write(
        "alone.policy",
        text.replace("of cost, added up per person per calendar year", "of small").replace(
            "benefit plan", "amount small = min(cost, 150)\n\nbenefit plan"
        ),
    )
    assert tierproof(capsys, "check", "alone.policy").out.count("error[TP103]: no claim reaches this band") == 1


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_a_claim_that_no_version_covers_is_rejected(capsys: Capture, engine: str) -> None:
    write("claims.csv", MIXED.replace("2025-05-01", "2022-12-31"))
    result = tierproof(capsys, "run", "policies/small", "claims.csv", "--engine", engine)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith('claims.csv:5: discharged: not in force "2022-12-31"\n')


def test_one_version_alone_settles_only_its_own_days(capsys: Capture) -> None:
    write("claims.csv", MIXED)
    result = tierproof(capsys, "run", "policies/small/first.policy", "claims.csv")
    assert (result.code, result.out) == (1, "")
    assert 'claims.csv:2: discharged: not in force "2024-07-01"' in result.err


def test_calc_says_which_version_counts(capsys: Capture) -> None:
    facts = ("cost=1000", "illness=general")
    result = tierproof(capsys, "calc", "policies/small", *facts, "discharged=2024-06-30")
    assert result.out.startswith(
        "version 2023-01-01 to 2024-06-30, by discharged 2024-06-30: policies/small/first.policy\n"
    )
    assert result.out.splitlines()[-1].split()[:2] == ["own_share", "800.00"]
    later = tierproof(capsys, "calc", "policies/small", *facts, "discharged=2024-07-01", "--format", "json")
    assert json.loads(later.out)["by_date"] == [
        {"version": "policies/small/second.policy", "by": "discharged", "first": "2024-07-01", "last": None}
    ]
    for path in ("policies/small/first.policy", "policies/small/second.policy"):
        assert tierproof(capsys, "calc", path, *facts).code == 0


def test_a_date_that_decides_must_be_given(capsys: Capture) -> None:
    result = tierproof(capsys, "calc", "policies/small", "cost=1000", "illness=general")
    assert (result.code, result.err) == (2, "error: the claim needs also discharged=DATE\n")


def test_a_dated_parameter_is_shown_with_its_row(capsys: Capture) -> None:
    rows = "\nparameter line, by discharged\n  from 2023-01-01  600\n  from 2024-01-01  700\n"
    write("dated.policy", SMALL.replace("deductible 600", "deductible line").replace("over 600", "over line") + rows)
    facts = ("dated.policy", "cost=1000", "illness=general")
    assert "needs also discharged=DATE" in tierproof(capsys, "calc", *facts).err
    result = tierproof(capsys, "calc", *facts, "discharged=2023-02-03")
    assert result.out.startswith("line 2023-01-01 to 2023-12-31, by discharged 2023-02-03\n")
    rejected = tierproof(capsys, "calc", *facts, "discharged=2022-02-03")
    assert (rejected.code, rejected.err.split("; ")) == (
        1,
        ['error: discharged: not in force "2022-02-03"', "a day, from 2023-01-01, written such as 2013-05-02\n"],
    )


# Drafts -----------------------------------------------------------------------------------------------


def test_a_draft_is_checked_and_called_so(capsys: Capture) -> None:
    write("policies/small/second.policy", UNKNOWN)
    result = tierproof(capsys, "check")
    assert result.code == 0
    lines = result.out.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("policies/small/second.policy: "))
    assert lines[place + 1 : place + 3] == [
        "    draft: no calculator is built of it",
        "    assumed: ratio of basic listed over 1,000.00 between 80% and 90%",
    ]
    data = json.loads(tierproof(capsys, "check", "--format", "json").out)
    assert [policy["draft"] for policy in data["policies"]] == [False, True]
    assert data["policies"][1]["assumed"] == [
        {
            "kind": "unknown ratio",
            "about": "basic",
            "text": "ratio of basic listed over 1,000.00 between 80% and 90%",
            "line": 19,
        }
    ]


def test_a_draft_is_left_out_of_what_is_built(capsys: Capture) -> None:
    write("policies/small/second.policy", DRAFT)
    result = tierproof(capsys, "build")
    assert result.code == 0
    assert notices(result.err) == ["policies/small/second.policy: draft, not built"]
    assert "second.policy" not in Path("generated/python/small.py").read_text(encoding="utf-8")
    write("claims.csv", MIXED)
    settled = tierproof(capsys, "run", "policies/small", "claims.csv", "--rejected", "rejected.csv")
    assert settled.code == 0
    assert notices(settled.err) == ["policies/small/second.policy: draft, left out"]
    assert len(Path("rejected.csv").read_text().splitlines()) == 3


def test_a_draft_that_is_asked_for_is_refused(capsys: Capture) -> None:
    write("policies/small/second.policy", DRAFT)
    write("claims.csv", MIXED)
    for command in (["build", "policies/small/second.policy"], ["run", "policies/small/second.policy", "claims.csv"]):
        result = tierproof(capsys, *command)
        assert (result.code, result.out) == (1, "")
        assert "error[TP106]: this policy is a draft" in result.err
        assert " --> policies/small/second.policy:1:1\n" in result.err
    assert not Path("generated").exists()


def test_a_folder_of_drafts_gives_no_calculator(capsys: Capture) -> None:
    write("drafts/second.policy", DRAFT)
    write("claims.csv", MIXED)
    result = tierproof(capsys, "build", "drafts")
    assert (result.code, result.out) == (0, "")
    assert "0 files written" in result.err
    assert tierproof(capsys, "run", "drafts", "claims.csv").code == 2


@pytest.mark.parametrize("draft", [True, False])
def test_an_unknown_ratio_is_refused_where_it_stands(capsys: Capture, draft: bool) -> None:
    write("policies/small/second.policy", UNKNOWN if draft else UNKNOWN.replace("  status draft\n", ""))
    assert tierproof(capsys, "check").code == 0
    result = tierproof(capsys, "build", "policies/small/second.policy")
    assert (result.code, result.out) == (1, "")
    line = 19 if draft else 18
    assert "error[TP106]: basic pays a ratio that is not known, between 80% and 90%" in result.err
    assert f" --> policies/small/second.policy:{line}:34\n" in result.err
    assert not Path("generated").exists()


def test_calc_shows_what_a_draft_gives_as_far_as_it_is_known(capsys: Capture) -> None:
    write("policies/small/second.policy", UNKNOWN)
    one = tierproof(capsys, "calc", "policies/small/second.policy", "cost=1000", "illness=listed")
    assert one.code == 0
    beyond = tierproof(capsys, "calc", "policies/small/second.policy", "cost=1001", "illness=listed")
    assert (beyond.code, beyond.out) == (1, "")
    assert "the policy does not say what basic is: unknown ratio" in beyond.err


# What is shipped --------------------------------------------------------------------------------------


def test_the_policies_that_come_along_are_checked_with_their_drafts_and_standards(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = tierproof(capsys, "check", "policies")
    assert result.code == 0
    assert "    draft: no calculator is built of it\n" in result.out
    assert ": standard: 2 requirements, conformed to by ankang_critical_illness" in result.out


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_ankang_settles_the_years_of_its_final_version(capsys: Capture, engine: str) -> None:
    """FACTS rows 8 and 11: the version of 2016 is a draft, because its last ratio is lost."""
    folder = ROOT / "policies" / "ankang"
    book = "claim,person,discharged,borne\n1,a,2019-03-01,30000\n2,a,2019-04-01,20000\n3,b,2020-01-01,100000\n"
    write("claims.csv", f"{book}4,a,2018-12-31,50000\n")
    versions = (folder / "critical_illness_2016.policy", folder / "critical_illness_2019.policy")
    refused = tierproof(capsys, "run", *versions, "claims.csv", "--engine", engine)
    assert refused.code == 1
    assert "error[TP106]: critical_illness pays a ratio that is not known, between 80% and 100%" in refused.err
    write("ankang/2016.policy", versions[0].read_text(encoding="utf-8").replace("  conforms to", "  # conforms to"))
    write("ankang/2019.policy", versions[1].read_text(encoding="utf-8").replace("  conforms to", "  # conforms to"))
    result = tierproof(
        capsys, "run", "ankang", "claims.csv", "--engine", engine, "--rejected", "rejected.csv", "-o", "out.csv"
    )
    assert result.code == 0
    assert notices(result.err) == ["ankang/2016.policy: draft, left out"]
    paid = [line.split(",")[4] for line in Path("out.csv").read_text().splitlines()[1:]]
    assert paid == ["12000.00", "12000.00", "59000.00"]
    assert Path("rejected.csv").read_text().splitlines()[1:] == ["5,4,discharged,not in force"]
