"""`tierproof diff`: what it says of two policies, as text and as data, its exit codes, and git revisions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.command import SMALL, Capture, tierproof

LOWER = SMALL.replace("over 1,000          70%", "over 1,000          65%")
HIGHER = SMALL.replace("deductible 600", "deductible 500").replace("over 600", "over 500")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("old", SMALL), ("lower", LOWER), ("higher", HIGHER)):
        Path(f"{name}.policy").write_text(text, encoding="utf-8")


def test_who_gains_how_much_and_where(capsys: Capture) -> None:
    result = tierproof(capsys, "diff", "old.policy", "higher.policy")
    assert result.code == 0
    assert result.err == ""
    *lines, last = result.out.splitlines()
    # 100 more of the first band, at 50% and 60%.
    assert lines == [
        "never less generous: some are paid more, nobody less",
        " --> old.policy",
        "  -> higher.policy",
        "   = compared: one claim that nothing was settled before, or all claims of a period together, "
        "where they agree in illness; `in force` is left aside",
        "   = over a period: nobody is paid less in all",
        "   = a later claim: never paid less; paid more by 60.00 at most",
        "",
        "illness general: never less generous",
        "  by cost",
        "      from      to  basic  at most by      at   was     is",
        "    500.01  no end  more        50.00  599.99  0.00  50.00",
        "",
        "illness listed: never less generous",
        "  by cost",
        "      from      to  basic  at most by      at   was     is",
        "    500.01  no end  more        60.00  600.00  0.00  60.00",
        "",
        "changed clauses",
        "  - old.policy:13: deductible 600",
        "  + higher.policy:13: deductible 500",
        "  - old.policy:16: over 600 to 1,000 50% 60%",
        "  + higher.policy:16: over 500 to 1,000 50% 60%",
        "",
    ]
    assert last.startswith("diff: never less generous, 2 changed clauses in ")


def test_equal_policies(capsys: Capture) -> None:
    Path("same.policy").write_text("# another comment\n" + SMALL, encoding="utf-8")
    result = tierproof(capsys, "diff", "old.policy", "same.policy", "--forbid", "any")
    assert result.code == 0
    assert result.out.startswith("equal: nobody is paid more or less in all\n")
    assert result.out.splitlines()[-1].startswith("diff: equal, 0 changed clauses in ")


@pytest.mark.parametrize(
    ("new", "forbid", "code"),
    [
        ("lower", "worse-off", 1),
        # 65% of a later claim can be a unit more than 70% of it, as each is rounded: that is not being better off.
        ("lower", "better-off", 0),
        ("lower", "any", 1),
        ("higher", "worse-off", 0),
        ("higher", "better-off", 1),
        ("higher", "any", 1),
    ],
)
def test_what_is_forbidden_fails(capsys: Capture, new: str, forbid: str, code: int) -> None:
    result = tierproof(capsys, "diff", "old.policy", f"{new}.policy", "--forbid", forbid)
    assert result.code == code
    assert (f"diff failed: {forbid} is forbidden" in result.out) is (code == 1)


BOUNDED = SMALL.replace("  cost        money\n", "  cost        money up to 1,000\n")
NARROWER = BOUNDED.replace("money up to 1,000", "money up to 100")


@pytest.mark.parametrize(("forbid", "code"), [("worse-off", 1), ("any", 1), ("better-off", 0)])
def test_a_claim_that_is_no_longer_settled_is_no_equal_claim(capsys: Capture, forbid: str, code: int) -> None:
    assert NARROWER != BOUNDED != SMALL
    Path("bounded.policy").write_text(BOUNDED, encoding="utf-8")
    Path("narrower.policy").write_text(NARROWER + WANTED, encoding="utf-8")
    result = tierproof(capsys, "diff", "bounded.policy", "narrower.policy", "--forbid", forbid)
    assert result.code == code
    head, *lines = result.out.splitlines()
    of_both = "nobody is paid more or less in all, of the claims that both settle"
    assert head == f"equal, but some claims are rejected: {of_both}"
    assert "   = rejected: cost from 100.01 to 1,000.00, which the old policy settles" in lines
    assert "equal, but some claims are rejected, " in lines[-1]
    as_data = tierproof(capsys, "diff", "bounded.policy", "narrower.policy", "--forbid", forbid, "--format", "json")
    record = json.loads(as_data.out)
    assert record["rejected"] == [{"fact": "cost", "first": 10_001, "last": 100_000}]
    assert record["forbidden"] == ([forbid] if code else [])
    # Wider bounds take nothing from anybody.
    assert tierproof(capsys, "diff", "narrower.policy", "bounded.policy", "--forbid", "any").code == 0


WANTED = '\nallow worse off because "less is left in the fund"\n'


def test_a_loss_that_the_new_policy_wants_is_shown_and_passes(capsys: Capture) -> None:
    Path("wanted.policy").write_text(LOWER + WANTED, encoding="utf-8")
    result = tierproof(capsys, "diff", "old.policy", "wanted.policy", "--forbid", "worse-off")
    assert result.code == 0
    assert "   = allowed: all worse off: less is left in the fund (line 19)\n" in result.out
    assert tierproof(capsys, "diff", "old.policy", "wanted.policy", "--forbid", "any").code == 1


def test_a_loss_that_was_wanted_before_excuses_no_other(capsys: Capture) -> None:
    Path("wanted.policy").write_text(LOWER + WANTED, encoding="utf-8")
    Path("again.policy").write_text(LOWER.replace("65%", "60%") + WANTED, encoding="utf-8")
    result = tierproof(capsys, "diff", "wanted.policy", "again.policy", "--forbid", "worse-off")
    assert result.code == 1
    assert "allowed" not in result.out


def test_a_loss_is_wanted_of_the_benefit_that_is_named(capsys: Capture) -> None:
    second = "\nbenefit more\n  of left\n  pay {}\n\nstack of cost\n  basic, then more\n"
    Path("two.policy").write_text(SMALL + second.format("50%"), encoding="utf-8")
    for benefit, code in (("more", 0), ("basic", 1)):
        reason = WANTED.replace("worse off", f"{benefit} worse off")
        Path("less.policy").write_text(SMALL + second.format("40%") + reason, encoding="utf-8")
        assert tierproof(capsys, "diff", "two.policy", "less.policy", "--forbid", "worse-off").code == code


def test_as_data(capsys: Capture) -> None:
    result = tierproof(capsys, "diff", "old.policy", "higher.policy", "--forbid", "better-off", "--format", "json")
    assert result.code == 1
    record = json.loads(result.out)
    assert record["verdict"] == "never less generous"
    assert (record["worse_off"], record["better_off"], record["unknown"]) == (False, True, False)
    assert (record["forbidden"], record["allowed"]) == (["better-off"], [])
    assert record["fact"] == "cost"
    general = record["parts"][0]
    assert general["cells"] == [{"illness": "general"}]
    (basic, own) = general["amounts"]
    assert (basic["name"], own["name"]) == ("basic", "own_share")
    (row,) = basic["ranges"]
    # 100 more of the first band, at 50%.
    assert row["first"] == 500_01 and row["last"] == 10**13
    assert row["gain"]["by"] == 50_00 and row["loss"] is None
    assert row["gain"]["claim"]["cost"] == 599_99 and row["gain"]["together"] is None
    assert (row["gain"]["old"], row["gain"]["new"]) == (0, 50_00)
    assert [change["old"]["line"] for change in record["clauses"]] == [13, 16]
    assert record["clauses"][0]["new"] == {"path": "higher.policy", "line": 13, "text": "deductible 500"}


def test_what_only_several_claims_come_to_is_no_claim_in_the_data(capsys: Capture) -> None:
    Path("bounded.policy").write_text(
        HIGHER.replace("cost        money", "cost        money up to 599.98"), encoding="utf-8"
    )
    result = tierproof(capsys, "diff", "old.policy", "bounded.policy", "--format", "json")
    (row,) = json.loads(result.out)["parts"][0]["amounts"][0]["ranges"]
    assert row["gain"]["claim"] is None and row["gain"]["together"]["cost"] == 599_99


def test_a_version_and_the_one_before_it(capsys: Capture) -> None:
    Path("plan").mkdir()
    for year, text in {2023: HIGHER, 2024: SMALL, 2025: HIGHER}.items():
        force = f"  currency  CNY\n  in force  {year}-01-01 to {year}-12-31, by discharged\n"
        assert "  currency  CNY\n" in text
        Path(f"plan/{year}.policy").write_text(text.replace("  currency  CNY\n", force), encoding="utf-8")
    answers = {
        year: tierproof(capsys, "diff", "before", f"plan/{year}.policy", "--forbid", "worse-off")
        for year in (2023, 2024, 2025)
    }
    assert {year: answer.code for year, answer in answers.items()} == {2023: 2, 2024: 1, 2025: 0}
    assert "comes before" in answers[2023].err
    assert " --> plan/2024.policy\n  -> plan/2025.policy\n" in answers[2025].out
    # A file of that name is a file.
    Path("before").write_text(SMALL, encoding="utf-8")
    assert " --> before\n" in tierproof(capsys, "diff", "before", "higher.policy").out


def test_what_is_not_shown_has_an_exit_code_of_its_own(capsys: Capture) -> None:
    Path("gap.policy").write_text(SMALL.replace("over 1,000  ", "from 1,000.02"), encoding="utf-8")
    result = tierproof(capsys, "diff", "old.policy", "gap.policy")
    assert result.code == 3
    assert "basic: unknown: a policy does not say what is paid for some amounts" in result.out


def test_other_claims_cannot_be_compared(capsys: Capture) -> None:
    Path("other.policy").write_text(SMALL.replace("general | listed", "general | rare"), encoding="utf-8")
    result = tierproof(capsys, "diff", "old.policy", "other.policy")
    assert result.code == 1
    assert "TP" in result.err
    fitting = SMALL.replace("general | listed", "general | rare").replace("general  listed", "general  rare")
    Path("other.policy").write_text(fitting, encoding="utf-8")
    result = tierproof(capsys, "diff", "old.policy", "other.policy")
    assert result.code == 2
    assert result.err == (
        "error: old.policy and other.policy are about different claims:\n"
        "  illness has no longer the words listed\n"
        "  illness has the new words rare\n"
    )


# Revisions --------------------------------------------------------------------------------------------


def _git(*arguments: str) -> None:
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository() -> None:
    """The policy `now.policy`, lower than it was in the only commit, and below a folder the same."""
    Path("rules").mkdir()
    for path in (Path("now.policy"), Path("rules/now.policy")):
        path.write_text(SMALL, encoding="utf-8")
    _git("init", "-q")
    _git("add", "now.policy", "rules/now.policy")
    _git("commit", "-q", "-m", "Begin")
    for path in (Path("now.policy"), Path("rules/now.policy")):
        path.write_text(LOWER, encoding="utf-8")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("new", ["now.policy", "rules/now.policy"])
def test_a_revision_of_the_same_file(capsys: Capture, new: str) -> None:
    result = tierproof(capsys, "diff", "git:HEAD", new, "--forbid", "worse-off")
    assert result.code == 1
    assert f" --> git:HEAD:{new}\n  -> {new}\n" in result.out
    assert f"  - git:HEAD:{new}:17: over 1,000 70% 80%\n" in result.out


@pytest.mark.usefixtures("repository")
def test_a_revision_of_a_file_that_is_named(capsys: Capture) -> None:
    result = tierproof(capsys, "diff", "git:HEAD:rules/now.policy", "old.policy")
    assert result.code == 0
    assert result.out.startswith("equal")
    named_in_full = tierproof(capsys, "diff", "git:HEAD", Path("rules/now.policy").resolve())
    assert named_in_full.out.startswith("never more generous: some are paid less, nobody more")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("git:v9", "git knows no revision v9"),
        ("git:HEAD:rules/gone.policy", "there is no file rules/gone.policy in the revision HEAD"),
        ("git:HEAD:rules", "there is no file rules in the revision HEAD"),
        ("git:", "git: names no revision: write git:REV or git:REV:PATH, such as git:HEAD~1"),
        ("git:--output=x", "git:--output=x names no revision: write git:REV or git:REV:PATH, such as git:HEAD~1"),
    ],
)
def test_what_git_does_not_have(capsys: Capture, old: str, message: str) -> None:
    result = tierproof(capsys, "diff", old, "now.policy")
    assert (result.code, result.out, result.err) == (2, "", f"error: {message}\n")


def test_no_repository(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    result = tierproof(capsys, "diff", "git:HEAD", "old.policy")
    assert (result.code, result.err) == (2, "error: the working folder is in no git repository\n")


def test_no_git(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = tierproof(capsys, "diff", "git:HEAD", "old.policy")
    assert (result.code, result.err) == (2, "error: a revision is read with the program git, which is not there\n")


def test_only_the_old_one_is_a_revision(capsys: Capture) -> None:
    result = tierproof(capsys, "diff", "old.policy", "git:HEAD")
    assert (result.code, result.err) == (2, "error: only OLD can be a revision\n")


@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_no_policy(capsys: Capture) -> None:
    Path("note.txt").write_text("not a policy\n", encoding="utf-8")
    _git("add", "note.txt")
    _git("commit", "-q", "-m", "Add a note")
    result = tierproof(capsys, "diff", "git:HEAD:note.txt", "now.policy")
    assert result.code == 1
    assert "git:HEAD:note.txt:1" in result.err


IN_SLICES = """\
policy p
  currency CNY
  in force from 2024-01-01, by discharged
  round half up to 0.01

claim
  person      identifier
  discharged  date
  cost        money up to 1,000
  kind        a | b

benefit plan
  of cost, added up per person per calendar year
  pay in slices of the amount, by kind
                       a     b
    over 0 to 100    50%   {}
    over 100 to 200  50%   {}
    over 200         50%   40%
"""


def test_what_rounding_makes_of_later_claims_is_named(capsys: Capture) -> None:
    result = tierproof(capsys, "diff", "old.policy", "lower.policy", "--forbid", "better-off")
    assert result.code == 0
    assert (
        "   = over a period: nobody is paid more in all, but for rounding: 0.01 at most for each claim\n" in result.out
    )
    assert "; by rounding paid more by 0.01 at most\n" in result.out
    record = json.loads(tierproof(capsys, "diff", "old.policy", "lower.policy", "--format", "json").out)
    assert record["over_a_period"] == {
        "less": {"some": True, "rounding": None, "of": None, "claims": None},
        "more": {"some": False, "rounding": 1, "of": None, "claims": None},
    }
    assert record["later_claims"]["more"] == {"by": 1, "claims": None}


def test_claims_of_another_word_before_are_shown_where_they_take_something_away(capsys: Capture) -> None:
    """100 of kind a, then 100 of kind b: b pays 20% of what lies above 100, and 40% before the change."""
    Path("old.policy").write_text(IN_SLICES.format("40%", "40%"), encoding="utf-8")
    Path("new.policy").write_text(IN_SLICES.format("60%", "20%"), encoding="utf-8")
    result = tierproof(capsys, "diff", "old.policy", "new.policy", "--forbid", "worse-off")
    assert result.code == 1
    assert result.out.startswith("mixed: some are paid more and some less\n")
    assert (
        "   = over a period: some are paid less in all, by 20.00 with these claims:\n"
        "       cost 99.96, kind a: was 49.98, is 49.98\n"
        "       cost 100.01, kind b: was 40.01, is 20.01\n"
    ) in result.out
    record = json.loads(tierproof(capsys, "diff", "old.policy", "new.policy", "--format", "json").out)
    assert (record["verdict"], record["unknown"], record["worse_off"]) == ("mixed", False, True)
    first, last = record["over_a_period"]["less"]["claims"]
    assert (first["claim"]["kind"], first["old"], first["new"]) == ("a", 49_98, 49_98)
    assert (last["claim"]["kind"], last["old"] - last["new"]) == ("b", 20_00)


def test_claims_that_lose_only_together_must_be_wanted(capsys: Capture) -> None:
    second = """
benefit more
  of left
  pay {}

stack of cost
  plan, then more
"""
    old = IN_SLICES.format("40%", "40%") + second.format("10%")
    new = IN_SLICES.format("60%", "20%") + second.format("10%")
    Path("old.policy").write_text(old, encoding="utf-8")
    for benefit, code in (("", 0), ("plan ", 1)):
        Path("new.policy").write_text(new + WANTED.replace("worse off", f"{benefit}worse off"), encoding="utf-8")
        result = tierproof(capsys, "diff", "old.policy", "new.policy", "--forbid", "worse-off")
        assert "some are paid less in all" in result.out
        assert result.code == code


def test_rows_of_dates_within_a_year_are_not_one_function(capsys: Capture) -> None:
    dated = """\
policy p
  currency CNY
  in force from 2024-01-01, by day
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money up to 1,000

parameter line, by day
  from 2024-01-01  100
  from {}  {}

benefit plan
  of cost, added up per person per calendar year
  deductible line
  pay 100%
"""
    for name, first, line in (("old", "2025-01-01", 300), ("new", "2025-01-01", 200), ("within", "2024-07-01", 200)):
        Path(f"{name}.policy").write_text(dated.format(first, line), encoding="utf-8")
    whole = tierproof(capsys, "diff", "old.policy", "new.policy", "--forbid", "worse-off")
    assert whole.code == 0
    assert "or all claims of a period together" in whole.out
    assert "agree in" not in whole.out
    mixed = tierproof(capsys, "diff", "old.policy", "within.policy")
    assert "or all claims of a period together, where they agree in the rules of their day;" in mixed.out


def test_a_member_of_a_family_is_named_who_gains(capsys: Capture) -> None:
    for name, line in (("family", "10,000"), ("later", "12,000")):
        Path(f"{name}.policy").write_text(FAMILY.replace("@", line), encoding="utf-8")
    lines = tierproof(capsys, "diff", "family.policy", "later.policy").out.splitlines()
    place = lines.index('   = over a period: some are paid more in all, person "B" by 1,000.00 with these claims:')
    assert [line.split(",")[0].strip() for line in lines[place + 1 : place + 3]] == ['person "A"', 'person "B"']
    record = json.loads(tierproof(capsys, "diff", "family.policy", "later.policy", "--format", "json").out)
    more = record["over_a_period"]["more"]
    assert more["of"] == {"person": "B"} and more["some"] is True
    assert [one["claim"]["person"] for one in more["claims"]] == ["A", "B"]


FAMILY = """\
policy family
  currency EUR
  in force from 2024-01-01, by day
  round half up to 0.01

claim
  person  identifier
  family  identifier
  day     date
  cost    money

benefit x
  of cost, added up per person per calendar year
  pay 50%
  cap 1,000

benefit y
  of left, added up per family per calendar year
  deductible @
  pay 50%
  cap 3,000

stack of cost
  x, then y
"""
