"""The worked figures of the source documents: printed in them, or following from them by a sum that anybody can do.

They stand here apart from the examples of the policies, so that a policy whose figure is changed together with its
example is still found out. Every entry names a change of a clause that must move its figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from compiler.model import CLAIM_NUMBER, CountFact, DateFact, FactInput, IdentifierFact, Model
from tests.policies import FEN, chosen

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Worked:
    """Figures of one policy. A year is one person's claims in their order: `fact value, ... -> amount value, ...`."""

    says: str
    file: str
    years: tuple[tuple[str, ...], ...]
    change: tuple[str, str]


ANKANG = "policies/ankang/critical_illness_2016.policy"
NINGXIA = "policies/ningxia/critical_illness_2013.policy"
JIANGNING = "policies/jiangning/ncms_and_critical_illness.policy"
URUMQI = "policies/urumqi/supplementary_2010.policy"

WORKED = (
    Worked(
        "Ankang: a year with the deductible of 10,000",
        ANKANG,
        (
            ("borne 20,000 -> critical_illness 5,000",),
            ("borne 30,000 -> critical_illness 11,000",),
            ("borne 50,000 -> critical_illness 25,000",),
            ("borne 100,000 -> critical_illness 65,000",),
        ),
        ("80%\n", "81%\n"),
    ),
    Worked(
        "Ankang: the same with the garbled deductible read as 11,000",
        "examples/drafts/ankang_deductible_11000.policy",
        (
            ("borne 20,000 -> critical_illness 4,500",),
            ("borne 30,000 -> critical_illness 10,500",),
            ("borne 50,000 -> critical_illness 24,500",),
            ("borne 100,000 -> critical_illness 64,500",),
        ),
        ("deductible 11,000", "deductible 10,000"),
    ),
    Worked(
        "Ankang: two stays of 15,000, and two of 8,000; the deductible counts once",
        ANKANG,
        (
            ("borne 15,000 -> critical_illness 2,500", "borne 15,000 -> critical_illness 8,500"),
            ("borne 8,000 -> critical_illness 0", "borne 8,000 -> critical_illness 3,000"),
        ),
        (", added up per person per calendar year", ""),
    ),
    Worked(
        "Ankang: two stays of 15,000 with a deductible each would have 5,000 instead of 11,000",
        "examples/drafts/deductible_each_admission.policy",
        (("borne 15,000 -> critical_illness 2,500", "borne 15,000 -> critical_illness 2,500"),),
        ("of borne\n", "of borne, added up per person per calendar year\n"),
    ),
    Worked(
        "The press: 100,000 for an illness, 78% of it paid",
        "policies/national/press_example_2012.policy",
        (
            (
                "cost 100,000, listed 80,000, income 21,810 -> basic 56,000, critical_illness.base 44,000, "
                "critical_illness 22,000, paid 78,000, own_share 22,000",
            ),
        ),
        ("threshold from income", "deductible income"),
    ),
    Worked(
        "Ningxia: a year, of the general column",
        NINGXIA,
        (
            ("borne 20,000, illness general -> critical_illness 7,000",),
            ("borne 50,000, illness general -> critical_illness 22,600",),
            ("borne 100,000, illness general -> critical_illness 49,600",),
            ("borne 200,000, illness general -> critical_illness 106,600",),
            ("borne 300,000, illness general -> critical_illness 166,600",),
            ("borne 400,000, illness general -> critical_illness 229,600",),
            ("borne 500,000, illness general -> critical_illness 295,600",),
            ("borne 1,000,000, illness general -> critical_illness 645,600",),
        ),
        ("70%", "71%"),
    ),
    Worked(
        "Ningxia: a year, of the 20 diseases",
        NINGXIA,
        (
            ("borne 20,000, illness listed -> critical_illness 7,140",),
            ("borne 50,000, illness listed -> critical_illness 23,040",),
            ("borne 100,000, illness listed -> critical_illness 50,540",),
            ("borne 200,000, illness listed -> critical_illness 109,540",),
            ("borne 300,000, illness listed -> critical_illness 171,540",),
            ("borne 400,000, illness listed -> critical_illness 236,540",),
            ("borne 500,000, illness listed -> critical_illness 304,540",),
            ("borne 1,000,000, illness listed -> critical_illness 669,540",),
        ),
        ("51%", "50%"),
    ),
    Worked(
        "Ningxia: an overspend of 5%, 10% and 20% of the fund; the agency's share stays at 4%",
        "policies/ningxia/overspend_sharing.policy",
        (
            ("fund 1,000,000, overspend 50,000 -> insurer 25,000, agency 25,000",),
            ("fund 1,000,000, overspend 100,000 -> insurer 60,000, agency 40,000",),
            ("fund 1,000,000, overspend 200,000 -> insurer 160,000, agency 40,000",),
        ),
        ("70%       30%", "60%       40%"),
    ),
    Worked(
        "Ningxia: read on the whole amount the agency's share falls from 3% of the fund to nothing",
        "examples/drafts/ningxia_overspend_whole_amount.policy",
        (
            ("fund 1,000,000, overspend 100,000 -> insurer 70,000, agency 30,000",),
            ("fund 1,000,000, overspend 100,000.01 -> insurer 100,000.01, agency 0",),
        ),
        ("pay on the whole amount", "pay in slices of the amount"),
    ),
    Worked(
        "Urumqi: the year's limit is reached at 16,746.67, 22,422.22 and 33,833.33, by level of hospital",
        URUMQI,
        (
            ("cost 16,746.67, ncms_due 0, hospital township -> supplementary 10,000",),
            ("cost 16,746.65, ncms_due 0, hospital township -> supplementary 9,999.99",),
            ("cost 22,422.22, ncms_due 0, hospital county -> supplementary 10,000",),
            ("cost 22,422.20, ncms_due 0, hospital county -> supplementary 9,999.99",),
            ("cost 33,833.33, ncms_due 0, hospital above_county -> supplementary 10,000",),
            ("cost 33,833.30, ncms_due 0, hospital above_county -> supplementary 9,999.99",),
            (
                "cost 20,000, ncms_due 0, hospital township -> supplementary 10,000",
                "cost 20,000, ncms_due 0, hospital township -> supplementary 0",
            ),
        ),
        ("above_county 500", "above_county 501"),
    ),
    Worked(
        "Urumqi: 50,000 a year of the large-sum insurance takes two admissions; 60,000 of both, 90,000 with the scheme",
        "examples/assumed/urumqi_2010.policy",
        (
            (
                "cost 130,000, ncms_due 65,000, ncms_year 30,000, hospital township -> ncms 30,000, "
                "supplementary 10,000, large_sum 30,000, altogether 70,000",
                "cost 130,000, ncms_due 65,000, ncms_year 30,000, hospital township -> ncms 0, "
                "supplementary 0, large_sum 20,000, altogether 20,000",
                "cost 130,000, ncms_due 65,000, ncms_year 30,000, hospital township -> altogether 0",
            ),
        ),
        ("cap 50,000", "cap 60,000"),
    ),
    Worked(
        "Urumqi: the printed limits make 60,000",
        "examples/drafts/urumqi_90000.policy",
        (
            ("cost 100,000, ncms_due 30,000 -> supplementary 10,000, large_sum 50,000, from_both 60,000",),
            ("cost 1,000,000, ncms_due 500,000 -> from_both 60,000, altogether 560,000",),
        ),
        ("cap 50,000", "cap 60,000"),
    ),
    Worked(
        "Urumqi: 90,000 where the scheme pays at most 30,000",
        "examples/drafts/urumqi_90000_with_ceiling.policy",
        (
            ("cost 100,000, ncms_due 30,000 -> ncms 30,000, from_both 60,000, altogether 90,000",),
            ("cost 100,000, ncms_due 29,999.99 -> from_both 10,000, altogether 39,999.99",),
        ),
        ("ncms_due at least 30,000", "ncms_due at least 20,000"),
    ),
    Worked(
        "Jiangning: the ends of the bands, and 1,000,000 from 1,142,777.78 on",
        JIANGNING,
        (
            ("cost 30,000, basic_due 0 -> critical_illness 7,500",),
            ("cost 60,000, basic_due 0 -> critical_illness 25,500",),
            ("cost 1,142,777.78, basic_due 0 -> critical_illness 1,000,000",),
            ("cost 1,142,777.77, basic_due 0 -> critical_illness 999,999.99",),
        ),
        ("90%", "91%"),
    ),
    Worked(
        "Jiangning: 250,000 and 1,000,000 are 1,250,000",
        JIANGNING,
        (
            ("cost 1,392,777.78, basic_due 250,000 -> basic 250,000, critical_illness 1,000,000",),
            ("cost 5,000,000, basic_due 4,000,000 -> basic 250,000, critical_illness 1,000,000, own_share 3,750,000",),
        ),
        ("cap 250,000", "cap 260,000"),
    ),
    Worked(
        "Jiangning: a limit on the cost would give 871,500, and 1,121,500 with the scheme",
        "examples/drafts/jiangning_cap_on_cost.policy",
        (
            ("cost 1,250,000, basic_due 250,000 -> critical_illness 871,500, altogether 1,121,500",),
            ("cost 9,000,000, basic_due 250,000 -> critical_illness 871,500, altogether 1,121,500",),
        ),
        ("cap base 1,000,000", "cap 1,000,000"),
    ),
    Worked(
        "Jiangning: the patient of the report, 140,800, and the year before, 70,000",
        JIANGNING,
        (
            ("cost 140,800, basic_due 91,000 -> basic 91,000, critical_illness 19,380, own_share 30,420",),
            ("cost 70,000, basic_due 30,000 -> critical_illness 13,500, own_share 26,500",),
        ),
        ("in slices of the amount", "on the whole amount"),
    ),
    Worked(
        "Wendeng: above the payment standard of a disease the hospital bears everything",
        "policies/wendeng/per_disease_standard.policy",
        (
            ("cost 4,000, limit 5,000, ncms_due 2,400 -> hospital 0, ncms 2,400, own_share 1,600",),
            ("cost 5,000, limit 5,000, ncms_due 3,000 -> hospital 0, ncms 3,000, own_share 2,000",),
            ("cost 9,000, limit 5,000, ncms_due 3,000 -> hospital 4,000, ncms 3,000, own_share 2,000",),
        ),
        ("amount within = min(cost, limit)", "amount within = min(cost, 1,000)"),
    ),
    Worked(
        "Ningxia: 25 yuan a head, a surplus first",
        "policies/ningxia/financing.policy",
        (("insured 100,000, surplus 700,000 -> fund 2,500,000, from_surplus 700,000, from_financing 1,800,000",),),
        ("25 * insured              #", "26 * insured              #"),
    ),
)
"""A draft is settled with its least ratio in the place of an unknown one, which none of these figures reaches."""


@dataclass(frozen=True, slots=True)
class Year:
    """Claims of one person, and what each must come to, in the smallest unit."""

    claims: tuple[dict[str, FactInput], ...]
    wanted: tuple[dict[str, int], ...]


def model_of_worked(worked: Worked, changed: bool = False) -> Model:
    """The policy of an entry; or with its change made."""
    text = (ROOT / worked.file).read_text(encoding="utf-8")
    if changed:
        old, new = worked.change
        assert text.count(old) == 1, (worked.says, old, text.count(old))
        text = text.replace(old, new)
    return chosen(worked.file, "lowest", text)


def years_of(worked: Worked, model: Model) -> Iterator[Year]:
    """The years of an entry, each with a person and claim numbers of its own, on days that the policy is in force."""
    first = date(2016, 1, 1) if model.in_force is None else model.in_force.first
    for place, lines in enumerate(worked.years):
        name = f"{worked.says} {place:02d}"
        claims: list[dict[str, FactInput]] = []
        wanted: list[dict[str, int]] = []
        for number, line in enumerate(lines):
            given, _, expected = line.partition(" -> ")
            usual: dict[str, FactInput] = {CLAIM_NUMBER: f"{name}.{number}"}
            for fact in model.facts:
                if isinstance(fact, IdentifierFact):
                    usual[fact.name] = name
                elif isinstance(fact, DateFact):
                    usual[fact.name] = first + timedelta(days=number)
            counts = {fact.name for fact in model.facts if isinstance(fact, CountFact)}
            claims.append(usual | {name: _value(text, name in counts) for name, text in _pairs(given)})
            wanted.append({name: _fen(text) for name, text in _pairs(expected)})
        yield Year(tuple(claims), tuple(wanted))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(", "):
        name, value = pair.split(" ")
        yield name, value


def _value(text: str, is_count: bool) -> int | str:
    if not text[0].isdigit():
        return text
    return int(text.replace(",", "")) if is_count else _fen(text)


def _fen(text: str) -> int:
    fen = Fraction(text.replace(",", "")) * FEN
    assert fen.denominator == 1
    return int(fen)
