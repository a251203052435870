"""What is right and what is wrong in the source documents, as `tierproof check` answers it: ten questions."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, Capture, tierproof

POLICIES = ROOT / "policies"
DRAFTS = ROOT / "examples" / "drafts"


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers to everything that was asked of one policy."""

    code: int
    findings: tuple[dict[str, Any], ...]

    def answers(self, code: str) -> set[str]:
        """The kinds of answers to one kind of question."""
        return {finding["answer"] for finding in self.findings if finding["code"] == code}

    def answer(self, code: str, line: int) -> str:
        """The answer to the question that a line of the policy asks."""
        (found,) = {
            finding["answer"] for finding in self.findings if (finding["code"], finding["line"]) == (code, line)
        }
        return str(found)

    def refuted(self, code: str) -> list[dict[str, Any]]:
        """What does not hold."""
        return [finding for finding in self.findings if (finding["code"], finding["answer"]) == (code, "refuted")]


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder to write policies in, beside the standards, and the command."""

    folder: Path
    capsys: Capture

    def check(self, text: str) -> Checked:
        """Check a policy."""
        path = self.folder / "asked.policy"
        path.write_text(text, encoding="utf-8")
        result = tierproof(self.capsys, "check", path, "--format", "json", "--lang", "en")
        (policy,) = json.loads(result.out)["policies"]
        assert policy["diagnostics"] == []
        return Checked(result.code, tuple(policy["findings"]))

    def build(self, text: str) -> str:
        """What `build` says where it refuses."""
        path = self.folder / "asked.policy"
        path.write_text(text, encoding="utf-8")
        result = tierproof(self.capsys, "build", path, "--out", self.folder / "generated", "--lang", "en")
        assert result.code == 1 and not (self.folder / "generated").exists()
        return result.out + result.err


@pytest.fixture
def desk(tmp_path: Path, capsys: Capture) -> Desk:
    shutil.copytree(POLICIES / "standards", tmp_path / "standards")
    return Desk(tmp_path, capsys)


def policy(name: str) -> str:
    return (POLICIES / f"{name}.policy").read_text(encoding="utf-8")


def draft(name: str) -> str:
    return (DRAFTS / f"{name}.policy").read_text(encoding="utf-8")


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def line_of(text: str, part: str) -> int:
    """The line that holds a part, which stands once."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def required(text: str, line: str) -> str:
    """The policy with one more requirement, as its last line."""
    return f"{text.rstrip()}\n\nrequire\n  {line}\n"


def last_line(text: str) -> int:
    return text.count("\n")


def worked(text: str, given: str, expected: str) -> str:
    """The policy with one more example."""
    return f'{text.rstrip()}\n\nexample "asked"\n  {given}\n  expect {expected}\n'


# 1 ---------------------------------------------------------------------------------------------------


def test_ankang_a_deductible_of_11_000_does_not_fit_the_table(desk: Desk) -> None:
    (flaw,) = desk.check(draft("ankang_deductible_11000")).refuted("TP104")
    (claim,) = flaw["witness"]
    assert 10_000_00 < claim["borne"] <= 11_000_00


def test_ankang_the_ratio_above_100_000_is_missing(desk: Desk) -> None:
    plan = changed(policy("ankang/critical_illness_2016"), "  status draft\n", "")
    checked = desk.check(plan)
    assert checked.code == 0
    assert checked.answers("TP201") == {"proved"} and checked.answers("TP104") == {"proved"}
    said = desk.build(plan)
    assert "TP106" in said and "over 100,000" in said


# 2 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "ankang/critical_illness_2016",
        "dengfeng/supplementary_2018",
        "ningxia/critical_illness_2013",
        "guizhou/critical_illness_2013",
        "guizhou/critical_illness_2014",
    ],
)
def test_settled_step_by_step_a_year_comes_to_the_same(desk: Desk, name: str) -> None:
    assert desk.check(policy(name)).answers("TP205") == {"proved"}


def test_a_deductible_for_each_admission_depends_on_how_a_bill_is_split(desk: Desk) -> None:
    """Two stays of 15,000: the year's 30,000 gives 11,000, and twice a deductible leaves 5,000."""
    plan = draft("deductible_each_admission")
    checked = desk.check(plan)
    (split,) = checked.refuted("TP205")
    assert len(split["witness"]) == 2
    (example,) = checked.refuted("TP301")
    assert "2,500.00" in example["diagnostic"]["message"]
    yearly = changed(plan, "  of borne\n", "  of borne, added up per person per calendar year\n")
    checked = desk.check(yearly)
    assert (checked.answers("TP205"), checked.answers("TP301")) == ({"proved"}, {"proved"})


# 3 ---------------------------------------------------------------------------------------------------


def test_ningxia_the_table_as_printed_has_seven_gaps_of_a_yuan(desk: Desk) -> None:
    gaps = desk.check(draft("ningxia_whole_yuan_bands")).refuted("TP101")
    ends = {20_000, 50_000, 100_000, 200_000, 300_000, 400_000, 500_000}
    assert {gap["witness"][0]["borne"] for gap in gaps} == {end * 100 + 1 for end in ends}


def test_ningxia_half_holds_of_every_band_but_not_of_what_is_left(desk: Desk) -> None:
    """The slices give just less than half of 105,714.28, which rounding makes up; one fen less is not made up."""
    text = policy("ningxia/critical_illness_2013")
    checked = desk.check(text)
    assert checked.code == 0
    assert checked.answer("TP302", line_of(text, "critical_illness ratio at least 50%")) == "proved"
    assert checked.answer("TP302", line_of(text, "critical_illness ratio never falls")) == "proved"
    for illness, other, last in (("general", "listed", "105,714.27"), ("listed", "general", "89,199.99")):
        asked = required(text, f"always illness is {other} or critical_illness at least 50% of borne")
        (flaw,) = desk.check(asked).refuted("TP302")
        (claim,) = flaw["witness"]
        assert (claim["borne"], claim["illness"]) == (1, illness)
        assert last in json.dumps(flaw["diagnostic"])


# 4 ---------------------------------------------------------------------------------------------------


def test_ningxia_only_slices_keep_the_agencys_share_from_falling(desk: Desk) -> None:
    slices, whole = policy("ningxia/overspend_sharing"), draft("ningxia_overspend_whole_amount")
    assert desk.check(slices).answer("TP302", line_of(slices, "agency never falls")) == "proved"
    assert desk.check(whole).answer("TP302", line_of(whole, "agency never falls")) == "refuted"


# 5 ---------------------------------------------------------------------------------------------------


def test_urumqi_90_000_needs_a_ceiling_that_is_not_printed(desk: Desk) -> None:
    printed, ceiling = draft("urumqi_90000"), draft("urumqi_90000_with_ceiling")
    checked = desk.check(printed)
    assert checked.answer("TP302", line_of(printed, "from_both at most 60,000")) == "proved"
    assert checked.answer("TP302", line_of(printed, "some claim reaches from_both")) == "proved"
    assert checked.answer("TP302", line_of(printed, "at most 90,000 ")) == "refuted"
    checked = desk.check(ceiling)
    assert checked.answer("TP302", line_of(ceiling, "at most 90,000 ")) == "proved"
    assert checked.answer("TP302", line_of(ceiling, "altogether is 90,000")) == "proved"
    assert checked.answer("TP302", line_of(ceiling, "or ncms_due is 30,000")) == "proved"


# 6 ---------------------------------------------------------------------------------------------------


def test_jiangning_slices_give_the_printed_case_and_the_whole_amount_does_not(desk: Desk) -> None:
    """19,380, printed as 1.93 ten thousand; 60% of all above the deductible would be 20,880."""
    slices = policy("jiangning/ncms_and_critical_illness")
    checked = desk.check(slices)
    assert checked.code == 0 and checked.answers("TP301") == {"proved"}
    whole = changed(slices, "in slices of the amount", "on the whole amount")
    assert any("20,880.00" in flaw["diagnostic"]["message"] for flaw in desk.check(whole).refuted("TP301"))


def test_jiangning_1_250_000_is_a_bound_and_reached_from_1_142_777_78(desk: Desk) -> None:
    text = policy("jiangning/ncms_and_critical_illness")
    checked = desk.check(text)
    assert checked.answer("TP302", line_of(text, "at most 1,250,000")) == "proved"
    assert checked.answer("TP302", line_of(text, "altogether = 1,250,000")) == "proved"
    below = worked(text, "cost 1,392,777.77, basic_due 250,000", "critical_illness 999,999.99")
    assert desk.check(below).answers("TP301") == {"proved"}


def test_jiangning_with_a_cap_on_the_cost_only_1_121_500_is_reached(desk: Desk) -> None:
    text = draft("jiangning_cap_on_cost")
    checked = desk.check(text)
    assert checked.answer("TP302", line_of(text, "altogether at most 1,121,500")) == "proved"
    assert checked.answer("TP302", line_of(text, "is 1,121,500")) == "proved"
    assert checked.answer("TP302", line_of(text, "is 1,250,000")) == "refuted"


def test_jiangning_400_000_farmers_do_not_make_210_million(desk: Desk) -> None:
    assert desk.check(draft("jiangning_pool")).answers("TP302") == {"refuted"}
    assert desk.check(policy("jiangning/financing")).answers("TP302") == {"proved"}


# 7 ---------------------------------------------------------------------------------------------------


def test_the_press_example_has_a_threshold_that_is_not_subtracted(desk: Desk) -> None:
    """22,000 of 44,000; every local plan subtracts its deductible: of 21,810 that would leave 11,095."""
    text = policy("national/press_example_2012")
    checked = desk.check(text)
    assert checked.code == 0 and checked.answers("TP301") == {"proved"}
    subtracted = changed(text, "  threshold from income\n", "  deductible income\n")
    subtracted = worked(subtracted, "cost 100,000, listed 80,000, income 21,810", "critical_illness 11,095")
    checked = desk.check(subtracted)
    asked = last_line(subtracted) - 2
    assert checked.answer("TP301", asked) == "proved"
    assert any("11,095" not in flaw["diagnostic"]["message"] for flaw in checked.refuted("TP301"))


# 8 ---------------------------------------------------------------------------------------------------


def test_dengfeng_has_no_ratio_and_its_cap_no_place(desk: Desk) -> None:
    text = policy("dengfeng/supplementary_2018")
    checked = desk.check(text)
    assert checked.code == 0
    assert checked.answer("TP302", line_of(text, "supplementary at most 200,000")) == "proved"
    final = changed(text, "  status draft\n", "")
    assert "TP106" in desk.build(final)


@pytest.mark.parametrize(
    ("ratio", "reached", "before"),
    [("50%", "402,500", "402,499.98"), ("60%", "335,833.33", "335,833.31"), ("100%", "202,500", "202,499.99")],
)
def test_dengfeng_once_a_ratio_is_chosen_the_cap_has_a_place(desk: Desk, ratio: str, reached: str, before: str) -> None:
    text = changed(policy("dengfeng/supplementary_2018"), "  pay unknown\n", f"  pay {ratio}\n")
    for left, due in ((reached, "200,000"), (before, "199,999.99")):
        facts = f"discharged 2019-03-01, cost {left}, after_basic {left}, after_critical {left}, member_of this_scheme"
        text = worked(text, facts, f"supplementary {due}")
    checked = desk.check(text)
    assert checked.code == 0 and checked.answers("TP301") == {"proved"}


# 9 ---------------------------------------------------------------------------------------------------


def test_wendeng_the_patient_never_pays_above_the_standard(desk: Desk) -> None:
    text = policy("wendeng/per_disease_standard")
    checked = desk.check(text)
    assert checked.code == 0
    assert checked.answer("TP302", line_of(text, "always own share + ncms is within")) == "proved"
    assert checked.answer("TP302", line_of(text, "own share at most limit")) == "proved"


def test_wendeng_the_printed_statistics_fit_together(desk: Desk) -> None:
    text = policy("wendeng/statistics")
    assert desk.check(text).answers("TP302") == {"proved"}
    other = changed(text, "71.75 * admissions_before", "72.75 * admissions_before")
    other = changed(other, "71.85 * admissions_before", "72.85 * admissions_before")  # one point less
    assert desk.check(other).answers("TP302") == {"refuted"}


# 10 --------------------------------------------------------------------------------------------------


def test_guizhou_ten_points_more_is_false_of_every_case_under_the_deductible(desk: Desk) -> None:
    """A bill of 20,000 leaves 8,000, the deductible; the promise fails up to 26,666.66 and holds above it."""
    text = draft("guizhou_plus_ten_points")
    checked = desk.check(text)
    assert checked.answer("TP302", line_of(text, "\n  critical_illness at least 10%") + 1) == "refuted"
    (flaw,) = checked.refuted("TP302")
    assert flaw["witness"][0]["cost"] <= 20_000_00
    assert "26,666.6" in json.dumps(flaw["diagnostic"])
    assert checked.answer("TP302", line_of(text, "always cost at most")) == "proved"
