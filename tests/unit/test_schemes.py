"""Every scheme of the source documents and every flaw in them: where it stands here, and what must hold of it.

The two tables are to be read. A line that stands under `require` must be proved; any other must stand in the policy.
`policies/README.md` tells the same to a reader, and must name every file.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from compiler.driver import load, prove
from compiler.findings import Finding, Proved
from dsl.source import Source
from tests.command import ROOT, Capture, tierproof
from tests.policies import standards

POLICIES = ROOT / "policies"
DRAFTS = ROOT / "examples" / "drafts"

SCHEMES: dict[str, dict[str, tuple[str, ...]]] = {
    "Ankang critical illness": {
        "ankang/critical_illness_2016": (
            "status draft",
            "of borne, added up per person per calendar year",
            "deductible 10,000",
            "over 100,000               unknown between 80% and 100%",
            "critical_illness ratio never falls",
            "critical_illness at most borne",
            "TP205",
        ),
        "ankang/critical_illness_2019": ("in force from 2019-01-01", "over 100,000               80%", "TP205"),
    },
    "Dengfeng supplementary": {
        "dengfeng/supplementary_2018": (
            "status draft",
            "in force  2018-12-01 to 2020-11-30",
            "of left, added up per person per policy year from 12-01",
            "for member_of is this_scheme",
            "deductible 2,500",
            "pay unknown",
            "cap 200,000",
            "basic, then critical, then supplementary",
            "supplementary at most 200,000 per person per policy year from 12-01",
            "always member_of is this_scheme or supplementary is 0",
            "TP205",
        ),
    },
    "National guideline": {
        "standards/national_critical_illness": ("benefit ratio at least 50%", "benefit ratio never falls"),
        "national/press_example_2012": (
            "threshold from income",
            "pay 50%",
            "conforms to national_critical_illness",
            "expect basic 56,000, critical_illness 22,000, paid 78,000, own share 22,000",
            "always paid <= cost",
        ),
    },
    "Shaanxi plan": {
        "shaanxi/pilot_2013": (
            "status draft",
            "parameter income_line, by settled, residence",
            "threshold over income_line",
            "pay unknown between 50% and 100%",
            "critical_illness ratio at least 50%",
            "always critical_illness is 0 or basic + critical_illness at least 50% of cost",
        ),
        "shaanxi/province_2014": (
            "from 2014-01-01",
            "from 2015-01-01",
            "critical_illness ratio at least 50%",
            "always critical_illness is 0 or basic + critical_illness at least 50% of cost",
        ),
        "shaanxi/province_2016": (
            "critical_illness ratio at least 50%",
            "always critical_illness is 0 or basic under 40% of cost or basic + critical_illness + 0.01 at least 70%",
        ),
    },
    "Ningxia critical illness": {
        "ningxia/critical_illness_2013": (
            "parameter year_deductible, by discharged",
            "conforms to national_critical_illness",
            "critical_illness ratio never falls",
            "critical_illness ratio at least 50%",
            "critical_illness for listed never below general",
            "TP101",
            "TP205",
        ),
    },
    "Ningxia overspend sharing": {
        "ningxia/overspend_sharing": (
            "over  5% of fund to 10% of fund        70%       30%",
            "always insurer + agency = overspend",
            "agency never falls as overspend rises",
        ),
        "ningxia/fund_transfer": (
            "always in_quarters + assurance = fund",
            "in_quarters at most 85% of fund",
            "assurance at least 15% of fund",
        ),
    },
    "Urumqi supplementary and large sum": {
        "urumqi/supplementary_2010": (
            "deductible by hospital   township 80, county 200, above_county 500",
            "pay by hospital          township 60%, county 45%, above_county 30%",
            "cap 10,000 per person per calendar year",
            "supplementary at most 10,000 per person per calendar year",
            "supplementary for township never below county",
            "supplementary for county never below above_county",
            "some claim reaches supplementary is 10,000",
        ),
        "urumqi/large_sum_2010": (
            "status draft",
            "for ncms_due at least 30,000",
            "pay unknown",
            "cap 30,000 per claim",
            "cap 50,000 per person per calendar year",
            "large_sum at most 30,000",
            "large_sum at most 50,000 per person per calendar year",
            "from_both at most 60,000 per person per calendar year",
            "always ncms_due at least 30,000 or large_sum is 0",
        ),
    },
    "Guizhou": {
        "guizhou/critical_illness_2013": (
            "in force  2013-09-01 to 2013-12-31, by discharged",
            "of left, added up per person per calendar year",
            "TP205",
        ),
        "guizhou/critical_illness_2014": (
            "in force  2014-01-01 to 2014-12-31, by discharged",
            "of left, added up per person per calendar year",
            "TP205",
        ),
    },
    "Jiangning": {
        "jiangning/ncms_and_critical_illness": (
            "cap 250,000 per person per calendar year",
            "cap 1,000,000",
            "basic at most 250,000 per person per calendar year",
            "critical_illness at most 1,000,000 per person per calendar year",
            "altogether at most 1,250,000 per person per calendar year",
            "some claim reaches altogether = 1,250,000",
            "expect basic 91,000, critical_illness 19,380.00, own share 30,420.00",
            "expect critical_illness 13,500.00",
        ),
    },
    "Wendeng per-disease standard": {
        "wendeng/per_disease_standard": (
            "amount within = min(cost, limit)",
            "always own share + ncms is within",
            "own share at most limit",
            "ncms at most limit",
        ),
        "wendeng/quota": ("fund at most quota", "always fund + hospital is spent"),
        "wendeng/statistics": ("some claim reaches (",),
    },
    "The fund side": {
        "ankang/financing": ("amount premium = 25 * insured", "own share at most 0"),
        "dengfeng/premium": ("amount premium = 100 * insured",),
        "urumqi/premium": ("amount premium = 70 * insured",),
        "ningxia/financing": ("amount fund = 25 * insured", "own share at most 0", "always from_surplus"),
        "shaanxi/financing": (
            "resident_funds at most 40 * insured",
            "always resident_funds is 0 or resident_funds at least 20 * insured",
        ),
        "ankang/margin": ("treasury at most 3% of paid",),
        "guizhou/financing": ("set_aside at least 5% of per_head",),
        "jiangning/financing": ("pool at least 232,000,000", "own share at most 0"),
    },
}
"""Scheme, file, and what must hold: lines that stand in it, and codes of which every question must be proved."""

FLAWS = {
    "ankang_deductible_11000": ("error[TP104]", "it takes amounts 10,000.01 to 11,000.00"),
    "ningxia_whole_yuan_bands": ("error[TP101]",) * 7,
    "ningxia_overspend_whole_amount": ("error[TP302]: agency falls as overspend rises",),
    "dengfeng_no_ratio": ("check passed", "error[TP106]: supplementary pays a ratio that is not known", "build failed"),
    "urumqi_90000": ("error[TP302]: altogether comes to 90,000.01",),
    "urumqi_90000_with_ceiling": ("check passed",),
    "jiangning_cap_on_cost": ("error[TP302]: no claim reaches this: the most is 1,121,500.00", "is 1,250,000"),
    "jiangning_pool": ("error[TP302]: no claim reaches this", "pool under 215,000,000"),
    "deductible_each_admission": ("error[TP205]", "error[TP301]", "comes to 2,500.00, not 8,500.00"),
    "guizhou_plus_ten_points": ("error[TP302]", "it fails for cost 0.01 to 26,666.66"),
    "shaanxi_seventy_for_everyone": ("error[TP302]", "at least 70% of cost"),
    "overlapping_versions": ("error[TP207]: two versions are in force on 2024-01-01",),
    "hole_between_versions": ("error[TP207]: no version is in force from 2024-01-01 to 2024-01-31",),
    "ratio_falls": ("error[TP201]", "falls from 90% to 60%"),
    "cliff": ("error[TP202]", "error[TP203]"),
}
"""Flawed draft, and what is said of it, in this order."""

CODE = re.compile(r"TP\d{3}")


def text_of(file: str) -> str:
    return (POLICIES / f"{file}.policy").read_text(encoding="utf-8")


@cache
def answers(file: str) -> tuple[Finding, ...]:
    """All that is answered of a policy."""
    return prove(load(Source(file, text_of(file)), standards())).findings


def holds(file: str, statement: str) -> bool:
    """Whether a statement of the table holds of a policy."""
    if CODE.fullmatch(statement):
        asked = [answer for answer in answers(file) if answer.property.code == statement]
        return bool(asked) and all(isinstance(answer, Proved) for answer in asked)
    lines = text_of(file).splitlines()
    places = [place for place, line in enumerate(lines, 1) if line.strip().startswith(statement)]
    if "standards/" in file or not any(block_of(lines, place) == "require" for place in places):
        return bool(places)
    asked = [one for one in answers(file) if one.property.code == "TP302" and one.property.span.line in places]
    return bool(asked) and all(isinstance(answer, Proved) for answer in asked)


def block_of(lines: list[str], place: int) -> str:
    """The first line of the block that a line stands in."""
    return next(line for line in reversed(lines[:place]) if line and not line[0].isspace())


@pytest.mark.parametrize(
    ("scheme", "file", "statement"),
    [
        (scheme, file, statement)
        for scheme, files in SCHEMES.items()
        for file, statements in files.items()
        for statement in statements
    ],
)
def test_what_must_hold_of_a_scheme(scheme: str, file: str, statement: str) -> None:
    assert holds(file, statement), (
        f"{scheme}: {file}.policy has to say, and where it is a promise to prove: {statement}"
    )


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("ningxia/critical_illness_2013", "critical_illness ratio at least 51%"),
        ("ningxia/critical_illness_2013", "TP207"),
        ("shaanxi/pilot_2013", "TP205"),  # allowed, and so not proved
        ("dengfeng/supplementary_2018", "deductible 2,000"),
    ],
)
def test_what_a_policy_does_not_say_does_not_hold_of_it(file: str, statement: str) -> None:
    assert not holds(file, statement)


@pytest.mark.parametrize("draft", FLAWS)
def test_what_is_said_of_a_flaw(draft: str) -> None:
    """`tests/unit/test_drafts.py` compares these texts with what the command prints."""
    said = (DRAFTS / f"{draft}.expected").read_text(encoding="utf-8")
    parts = "(.|\n)*?".join(map(re.escape, FLAWS[draft]))
    assert re.search(parts, said), FLAWS[draft]
    assert len(re.findall(r"^error\[", said, re.MULTILINE)) == sum("error[" in part for part in FLAWS[draft])


def test_check_lists_what_is_proved_and_assumed_of_each_policy_and_which_are_drafts(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = tierproof(capsys, "check", "policies", "--lang", "en")
    assert result.code == 0
    parts = re.split(r"^policies/([\w/]+)\.policy: ", result.out, flags=re.MULTILINE)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(told) == {file for files in SCHEMES.values() for file in files}
    for file, text in told.items():
        if not file.startswith("standards/"):
            assert "properties proved" in text.partition("\n")[0]
            assert ("draft: no calculator is built of it" in text) == ("status draft" in text_of(file))
            assert not re.search(r"^[^#]*\bunknown\b", text_of(file), re.MULTILINE) or "assumed: " in text
    ankang = told["ankang/critical_illness_2016"]
    assert "assumed: ratio of critical_illness over 100,000.00 between 80% and 100%" in ankang


def test_every_policy_and_every_draft_is_in_a_table() -> None:
    files = {path.relative_to(POLICIES).with_suffix("").as_posix() for path in POLICIES.rglob("*.policy")}
    assert files == {file for scheme in SCHEMES.values() for file in scheme}
    assert {path.stem for path in DRAFTS.glob("*.expected")} == set(FLAWS)


def test_the_list_for_readers_names_every_scheme_and_every_file() -> None:
    listed = (POLICIES / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!\.\.)([\w/]+)\.policy\)", listed)
    assert sorted(links) == sorted(file for scheme in SCHEMES.values() for file in scheme)
    assert [scheme for scheme in SCHEMES if f"| {scheme} |" not in listed] == []
    assert [draft for draft in FLAWS if f"`{draft}`" not in listed] == []
