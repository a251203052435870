"""The generated Python calculator: the same as the reference, safe against any name, and a program for CSV files."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from compiler.domain import Rejection
from compiler.driver import IN_PROCESS
from compiler.emit.mark import SourceMark
from compiler.emit.python import emit_python
from compiler.emit.python_names import RESERVED, escaped, safe_names
from compiler.evaluate import Settled
from compiler.evaluate import settle_all as reference
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Benefit,
    Capped,
    CategoryFact,
    Constant,
    DateFact,
    FactValue,
    IdentifierFact,
    Model,
    Role,
    RunningTotal,
    TotalSoFar,
)
from dsl.money import CURRENCIES, DOMAIN_TOP
from tests.command import NINGXIA, Capture, tierproof
from tests.generated import MARK, calculator
from tests.models import (
    HOSPITAL,
    ILLNESS,
    LIFELONG,
    YUAN,
    at,
    model,
    money,
    ningxia,
    over_to,
    rounded,
    schedule,
    stack,
    yearly_cap,
)


def written(policy: Model, folder: Path) -> Path:
    path = folder / f"{policy.id}.py"
    path.write_text(emit_python(policy, MARK), encoding="utf-8")
    return path


# The same as the reference --------------------------------------------------------------------------


def random_claims(policy: Model, count: int, seed: int) -> list[dict[str, Any]]:
    """Claims of a few people around the ends of bands, some twice, some wrong in one or two fields."""
    random = Random(seed)
    edges = (0, 80_00, 1_000_00, 6_000_00, 15_000_00, 20_000_00, 50_000_00, 500_000_00, 10**9, DOMAIN_TOP)
    found = []
    for _ in range(count):
        amounts = sorted(
            max(random.choice((*edges, random.randrange(10**8))) + random.randrange(-1, 2), 0) for _ in "ab"
        )
        claim: dict[str, Any] = {
            "claim": f"{random.randrange(count):04d}",
            "person": random.choice("ABC"),
            "discharged": date(2013, random.randrange(1, 13), random.randrange(1, 4)),
            "borne": amounts[1],
            "cost": amounts[1],
            "basic_paid": amounts[0],
            "illness": random.choice(ILLNESS.values),
            "hospital": random.choice(HOSPITAL.values),
        }
        claim = {name: claim[name] for name in ("claim", *(fact.name for fact in policy.facts))}
        for _ in range(random.choice((0, 0, 0, 0, 1, 2))):
            claim[random.choice(list(claim))] = random.choice(
                (None, "", -1, 0, True, "7", 1.5, 10**14, date(1999, 1, 1), datetime(2013, 1, 1), "other", b"A")
            )
        found.append(claim)
    return found


def plain_outcomes(policy: Model, claims: Sequence[Mapping[str, Any]]) -> list[object]:
    found: list[object] = []
    for outcome in reference(policy, claims):
        match outcome:
            case Settled(amounts):
                found.append(dict(amounts))
            case Rejection(field, reason):
                found.append((field, reason))
            case _:
                raise AssertionError(outcome)
    return found


def generated_outcomes(policy: Model, module: Any, claims: Sequence[Mapping[str, Any]]) -> list[object]:
    settled, rejected = module.settle_all([module.Claim(**claim) for claim in claims])
    found: list[object] = [None] * len(claims)
    for one in rejected:
        found[one.row] = (one.field, one.reason)
        assert one.claim == (claims[one.row]["claim"] if isinstance(claims[one.row]["claim"], str) else "")
    rows = [row for row, outcome in enumerate(found) if outcome is None]
    assert len(rows) == len(settled)
    for row, settlement in zip(rows, settled, strict=True):
        assert settlement.claim == claims[row]["claim"]
        found[row] = {amount.name: getattr(settlement, amount.name.replace(".", "_")) for amount in policy.amounts}
    return found


POLICIES = [ningxia(), ningxia(added_up=False), yearly_cap(), stack()]


@pytest.mark.parametrize("policy", POLICIES, ids=["accumulating", "per claim", "yearly cap", "two layers"])
def test_settling_is_that_of_the_reference(policy: Model) -> None:
    module = calculator(policy)
    kinds: set[object] = set()
    for seed in range(30):
        claims = random_claims(policy, 40, seed)
        expected = plain_outcomes(policy, claims)
        assert generated_outcomes(policy, module, claims) == expected
        kinds.update(outcome[1] if isinstance(outcome, tuple) else "settled" for outcome in expected)
    assert {"settled", "missing", "wrong type", "negative", "out of range", "unknown value"} <= kinds


@pytest.mark.parametrize(
    ("word", "payments"),
    [
        ("general", (7_000, 22_600, 49_600, 295_600, 645_600)),
        ("listed", (7_140, 23_040, 50_540, 304_540, 669_540)),
    ],
)
def test_the_worked_values_of_ningxia_as_one_claim_and_as_many(word: str, payments: tuple[int, ...]) -> None:
    module = calculator(ningxia())
    for yuan, paid in zip((20_000, 50_000, 100_000, 500_000, 1_000_000), payments, strict=True):
        assert module.critical_illness_of(yuan * YUAN, word) == paid * YUAN
        for parts in (1, 3, 7):
            share, rest = divmod(yuan * YUAN, parts)
            amounts = [share] * (parts - 1) + [share + rest]
            claims = [module.Claim(f"{n}", "A", date(2013, 5, 1), part, word) for n, part in enumerate(amounts)]
            settled, rejected = module.settle_all(claims)
            assert not rejected
            assert sum(one.critical_illness for one in settled) == paid * YUAN


def test_settling_one_by_one_with_a_ledger_kept_as_json() -> None:
    policy = stack()
    module = calculator(policy)
    random = Random(3)
    claims = [
        module.Claim(
            f"{n:03d}", random.choice("AB"), date(2013 + n // 20, 1, 1 + n % 20), random.randrange(10**7), "county"
        )
        for n in range(40)
    ]
    ledger: dict[str, int] = {}
    one_by_one = []
    for claim in claims:
        before = dict(ledger)
        settlement, after = module.settle(claim, ledger)
        assert ledger == before, "the ledger given does not change"
        one_by_one.append(settlement)
        ledger = json.loads(json.dumps(after))
    assert (tuple(one_by_one), ()) == module.settle_all(claims)
    assert (tuple(reversed(one_by_one)), ()) == module.settle_all(reversed(claims)), "the order given means nothing"
    assert all(key.startswith("critical.base per person per calendar year/201") for key in ledger)


def test_a_total_out_of_range_stays_in_its_ledger() -> None:
    module = calculator(ningxia())
    first = module.Claim("1", "A", date(2013, 1, 1), DOMAIN_TOP, "general")
    second = module.Claim("2", "A", date(2013, 1, 2), 1, "general")
    third = module.Claim("3", "A", date(2013, 1, 3), 0, "general")
    _, ledger = module.settle(first, {})
    with pytest.raises(module.ClaimError) as error:
        module.settle(second, ledger)
    assert (error.value.field, error.value.reason) == ("critical_illness.base", "total out of range")
    assert list(ledger.values()) == [DOMAIN_TOP], "the ledger given does not change"
    with pytest.raises(module.ClaimError):
        module.settle(third, error.value.ledger)
    settled, rejected = module.settle_all([third, second, first])
    assert [one.claim for one in settled] == ["1"]
    assert [(one.row, one.claim) for one in rejected] == [(0, "3"), (1, "2")]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "wrong type"),
        (0.0, "wrong type"),
        (True, "wrong type"),
        ("3", "wrong type"),
        (None, "wrong type"),
        (-1, "negative"),
        (DOMAIN_TOP, "total out of range"),
        (10**30, "total out of range"),
    ],
)
def test_a_value_of_the_ledger_that_is_no_total_is_refused_by_its_name(value: Any, reason: str) -> None:
    module = calculator(ningxia())
    claim = module.Claim("1", "A", date(2013, 1, 2), 1, "general")
    _, ledger = module.settle(claim, {})
    (key,) = ledger
    kept = {key: value, f"{key}'s neighbour": "never read"}
    with pytest.raises(module.ClaimError) as error:
        module.settle(claim, kept)
    total = "critical_illness.base" if reason == "total out of range" else key.partition("/")[0]
    assert (error.value.field, error.value.reason) == (total, reason)
    assert kept == {key: value, f"{key}'s neighbour": "never read"}
    assert (error.value.ledger is None) == (reason != "total out of range"), "no ledger to go on with"


def test_the_largest_total_of_a_ledger_is_one_that_counts() -> None:
    module = calculator(ningxia())
    (key,) = module.settle(module.Claim("1", "A", date(2013, 1, 2), 0, "general"), {})[1]
    _, ledger = module.settle(module.Claim("2", "A", date(2013, 1, 3), 1, "general"), {key: DOMAIN_TOP - 1})
    assert ledger == {key: DOMAIN_TOP}


def test_every_total_of_a_ledger_is_looked_at() -> None:
    policy = stack()
    module = calculator(policy)
    claim = module.Claim("1", "A", date(2013, 1, 2), 1, "county")
    _, ledger = module.settle(claim, {})
    for key in ledger:
        with pytest.raises(module.ClaimError) as error:
            module.settle(claim, {**ledger, key: 2.0})
        assert (error.value.field, error.value.reason) == (key.partition("/")[0], "wrong type")


@pytest.mark.parametrize("ledger", [None, [], "{}", ()])
def test_a_ledger_is_a_dict(ledger: Any) -> None:
    module = calculator(ningxia())
    claim = module.Claim("1", "A", date(2013, 1, 2), 1, "general")
    with pytest.raises(TypeError, match=f"a ledger is a dict, at first {{}}; this is of type {type(ledger).__name__}"):
        module.settle(claim, ledger)


def test_a_lifetime_total_has_no_year_in_its_ledger() -> None:
    base = AmountValue("aid.base", at())
    total = RunningTotal("aid.base per person per lifetime", base.name, "person", LIFELONG, "day", at())
    capped = Accumulated(total, Capped(TotalSoFar(at()), Constant(500, at()), at()), at())
    policy = model(
        (IdentifierFact("person", at()), DateFact("day", at()), money("cost")),
        (
            Amount(base.name, Role.BASE, FactValue("cost", at()), "aid", at()),
            Amount("aid", Role.BENEFIT, capped, "aid", at()),
        ),
        FactValue("cost", at()),
        (Benefit("aid", base.name, False, at()),),
    )
    module = calculator(policy)
    one, ledger = module.settle(module.Claim("1", "A/B", date(2013, 1, 1), 400), {})
    two, ledger = module.settle(module.Claim("2", "A/B", date(2044, 1, 1), 400), ledger)
    assert (one.aid, two.aid) == (400, 100)
    assert ledger == {"aid.base per person per lifetime//A/B": 800}


# The function of a benefit --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "word", "field", "reason"),
    [
        (-1, "general", "total", "negative"),
        (-1, "listed", "total", "negative"),
        (1, "other", "illness", "unknown value"),
    ],
)
def test_the_hot_path_pays_nothing_it_was_not_asked_for(total: int, word: str, field: str, reason: str) -> None:
    module = calculator(ningxia())
    with pytest.raises(module.ClaimError) as error:
        module.critical_illness_of(total, word)
    assert (error.value.field, error.value.reason) == (field, reason)


def test_a_table_that_ends_refuses_what_lies_above() -> None:
    policy = stack()
    limited = replace(policy, facts=tuple(money("cost", 500) if fact.name == "cost" else fact for fact in policy.facts))
    ending = over_to([0, 500], [(70,), (65,)])[:1]
    basic = rounded(schedule(AmountValue("basic.base", at()), ending))
    amounts = tuple(replace(one, expression=basic) if one.name == "basic" else one for one in limited.amounts)
    module = calculator(replace(limited, amounts=amounts))
    assert module.basic_of(500) == 350
    with pytest.raises(module.ClaimError, match="amount: out of range"):
        module.basic_of(501)


def test_the_tree_is_balanced_and_calls_nothing() -> None:
    tree = ast.parse(emit_python(ningxia(), MARK))
    (function,) = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "critical_illness_of"
    ]
    raised = {id(node.exc) for node in ast.walk(function) if isinstance(node, ast.Raise)}
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and id(node) not in raised]
    assert calls == []
    general = function.body[1]
    assert isinstance(general, ast.If)
    depths = list(_depths(general.body, 0))
    assert len(depths) == 9
    assert max(depths) <= 4


def _depths(body: Sequence[ast.stmt], depth: int) -> list[int]:
    """How many comparisons lie before each value that is returned."""
    match body:
        case [ast.If(body=[ast.Raise()]), *rest]:
            return _depths(rest, depth)
        case [ast.If(body=then), *rest]:
            return [*_depths(then, depth + 1), *_depths(rest, depth + 1)]
        case _:
            return [depth]


def test_every_value_names_the_policy_line() -> None:
    text = emit_python(ningxia(), MARK)
    for line in (12, *range(15, 23)):
        assert text.count(f"  # line {line}\n") >= 2


def test_ten_thousand_bands_can_be_compiled() -> None:
    bands = over_to([YUAN * place for place in range(10_000)], [(place % 100, 50) for place in range(10_000)])
    module = calculator(ningxia(bands=bands))
    # 6,000 yuan are deducted; above them 40 times each whole percentage, of one yuan each time.
    assert module.critical_illness_of(9_999 * YUAN, "general") == 40 * sum(range(100)) - 99
    assert module.critical_illness_of(9_999 * YUAN, "listed") == 3_999 * YUAN // 2


# Text that a policy brings --------------------------------------------------------------------------


def renamed(names: Mapping[str, str], words: tuple[str, ...] = ("general", "listed")) -> Model:
    """A per-claim policy with facts and a benefit of any name."""
    person, cost, illness, benefit = (names.get(name, name) for name in ("person", "cost", "illness", "benefit"))
    base = AmountValue(f"{benefit}.base", at())
    paid = rounded(
        schedule(base, over_to([0], [[50, 60]]), categories=(illness,), columns=tuple((word,) for word in words))
    )
    return model(
        (
            IdentifierFact(person, at()),
            DateFact(names.get("day", "day"), at()),
            money(cost),
            CategoryFact(illness, words, at()),
        ),
        (
            Amount(base.name, Role.BASE, FactValue(cost, at()), benefit, at()),
            Amount(benefit, Role.BENEFIT, paid, benefit, at()),
        ),
        FactValue(cost, at()),
        (Benefit(benefit, base.name, False, at()),),
    )


ODD_NAMES = [
    {"person": "settle", "cost": "class", "illness": "total", "benefit": "date"},
    {"person": "ledger", "cost": "int", "illness": "amount", "benefit": "main"},
    {"person": "str", "cost": "Claim", "illness": "Literal", "benefit": "Final"},
    {"person": "person_", "cost": "self", "illness": "mapping", "benefit": "datetime"},
    {"person": "__x", "cost": "_", "illness": "None", "benefit": "import"},
    {"person": "参保人", "cost": "费用", "illness": "病种", "benefit": "大病保险"},
    {"person": "ﬁnance", "cost": "finance", "illness": "ﬁ", "benefit": "ﬁ_"},
    {"person": "x_base_", "cost": "x_base", "illness": "Illness", "benefit": "x"},
    {"person": "before_1", "cost": "key_0", "illness": "after_1", "benefit": "critical_of"},
    {"person": "DIGITS", "cost": "match", "illness": "type", "benefit": "case"},
]


@pytest.mark.parametrize("names", ODD_NAMES, ids=lambda names: " ".join(names.values()))
def test_any_name_is_settled_like_any_other(names: Mapping[str, str]) -> None:
    policy = renamed(names)
    module = calculator(policy)
    cost, illness = names["cost"], names["illness"]
    mapping = {"claim": "1", names["person"]: "A", "day": "2013-01-01", cost: "10.01", illness: "listed"}
    settled, rejected = module.settle_all([module.claim_from_mapping(mapping)])
    assert not rejected
    assert sorted(list(asdict(settled[0]).values())[1:]) == sorted((601, 400, 1001))
    with pytest.raises(module.ClaimError) as error:
        module.claim_from_mapping({**mapping, cost: "-1"})
    assert (error.value.field, error.value.reason) == (cost, "negative")


def test_names_stay_apart_in_pythons_normal_form() -> None:
    found = safe_names(["ﬁ", "fi", "fi_", "a.b", "a_b", "class", "_a", "1"], RESERVED)
    assert len(set(found.values())) == len(found)
    assert found == {
        "ﬁ": "fi",
        "fi": "fi_",
        "fi_": "fi__",
        "a.b": "a_b",
        "a_b": "a_b_",
        "class": "class_",
        "_a": "x_a",
        "1": "x1",
    }


def test_no_name_of_the_template_can_be_taken() -> None:
    policy = yearly_cap()
    text = emit_python(policy, MARK)
    tree = ast.parse(text)
    own = {"supplementary", "cost", "basic_paid", "person", "discharged", "hospital", "Hospital", "own_share"}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    in_scope_of_policy_names = {
        name for name in used if not name.startswith(("_", "supplementary", "key_", "before_", "after_"))
    }
    inside_functions_without_policy_names = {
        *("value", "text", "field", "reason", "name", "row", "book", "broken", "remaining", "settled", "rejected"),
        *("error", "matched", "sign", "major", "minor", "decimals", "rest", "path", "file", "reader", "rows", "line"),
        *(
            "cell",
            "cells",
            "header",
            "writer",
            "arguments",
            "parser",
            "options",
            "lines",
            "claims",
            "refused",
            "number",
            "one",
            "other",
            "count",
        ),
        *("lowest", "highest", "words", "times_1", "total", "amount", "after"),
    }
    assert in_scope_of_policy_names - own - RESERVED <= inside_functions_without_policy_names


HOSTILE = 'a"""\nimport os\\ {braces} {{more}} %s \x00\u202e\u2028 # \'quoted\''


def test_text_of_the_policy_stays_text() -> None:
    words = ('"', "\\")
    policy = replace(renamed({}, words), title=HOSTILE, source=HOSTILE + "\\", id="odd")
    mark = SourceMark(f"policies/{HOSTILE}.policy", "ab" * 32, HOSTILE)
    text = emit_python(policy, mark)
    tree = ast.parse(text)
    assert [node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)] == [
        *("argparse", "csv", "datetime", "io", "os", "re", "sys"),
    ]
    assert "\n" not in escaped(HOSTILE)
    assert "\u202e" not in text
    module = calculator(policy)
    assert module.benefit_of(100, "\\") == 60
    assert module.benefit_of(100, '"') == 50


def test_a_total_whose_name_has_braces() -> None:
    policy = ningxia()
    odd = HOSTILE.replace("\x00", "")
    accumulated = policy.amount("critical_illness").expression
    assert isinstance(accumulated, Accumulated)
    named = replace(accumulated, total=replace(accumulated.total, name=odd))
    amounts = tuple(replace(one, expression=named) if one.name == "critical_illness" else one for one in policy.amounts)
    module = calculator(replace(policy, amounts=amounts))
    _, ledger = module.settle(module.Claim("1", "{A}", date(2013, 1, 1), 5, "general"), {})
    assert ledger == {f"{odd}/2013/{{A}}": 5}


def test_the_files_are_strictly_typed_and_stand_alone(tmp_path: Path) -> None:
    policies = [replace(policy, id=f"policy_{place}") for place, policy in enumerate(POLICIES)]
    policies += [replace(renamed(names), id=f"odd_{place}") for place, names in enumerate(ODD_NAMES)]
    paths = [str(written(policy, tmp_path)) for policy in policies]
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\n")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        str(config),
        "--cache-dir",
        str(tmp_path),
        *paths,
    ]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    for path in paths:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        assert {str(module).partition(".")[0] for module in modules} <= sys.stdlib_module_names


def test_no_number_is_a_float() -> None:
    for policy in POLICIES:
        constants = [
            node.value for node in ast.walk(ast.parse(emit_python(policy, MARK))) if isinstance(node, ast.Constant)
        ]
        assert not any(isinstance(value, float) for value in constants)


def test_the_header_says_where_the_file_comes_from() -> None:
    text = emit_python(ningxia(), MARK)
    assert "# Generated by tierproof 0.1.0. Do not edit" in text
    assert "# policy: policies/test.policy" in text
    assert f"# sha256: {'ab' * 32}" in text
    assert text == emit_python(ningxia(), MARK), "the same policy gives the same bytes"


def test_an_error_can_be_sent_to_another_process() -> None:
    module = calculator(ningxia())
    error = pickle.loads(pickle.dumps(module.ClaimError("borne", "negative")))
    assert (error.field, error.reason, str(error)) == ("borne", "negative", "borne: negative")


# A claim from named values --------------------------------------------------------------------------


GOOD: Mapping[str, object] = {
    "claim": "1",
    "person": "A",
    "discharged": "2013-06-30",
    "borne": "20,000.50",
    "illness": "listed",
}


def test_a_claim_is_read_from_text_or_from_values() -> None:
    module = calculator(ningxia())
    read = module.claim_from_mapping(GOOD)
    assert read == module.Claim("1", "A", date(2013, 6, 30), 20_000_50, "listed")
    assert read == module.claim_from_mapping({**GOOD, "discharged": date(2013, 6, 30), "borne": 20_000_50})
    assert read == module.claim_from_mapping(
        {**GOOD, "borne": " 20000.5 ", "illness": "listed ", "discharged": " 2013-06-30"}
    )


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("claim", "", "missing"),
        ("claim", 7, "wrong type"),
        ("person", None, "missing"),
        ("discharged", "", "missing"),
        ("discharged", "2013-02-30", "wrong type"),
        ("discharged", "20130630", "wrong type"),
        ("discharged", "２０１３-06-30", "wrong type"),
        ("discharged", datetime(2013, 6, 30), "wrong type"),
        ("borne", "", "missing"),
        ("borne", "  ", "missing"),
        ("borne", "abc", "wrong type"),
        ("borne", "1e3", "wrong type"),
        ("borne", "1,00", "wrong type"),
        ("borne", "0.005", "wrong type"),
        ("borne", "1_000", "wrong type"),
        ("borne", 1.0, "wrong type"),
        ("borne", True, "wrong type"),
        ("borne", "-0.01", "negative"),
        ("borne", "-" + "9" * 5000, "negative"),
        ("borne", "9" * 5000, "out of range"),
        ("borne", "100,000,000,000.01", "out of range"),
        ("illness", "", "missing"),
        ("illness", "LISTED", "unknown value"),
        ("illness", 3, "wrong type"),
        ("colour", "red", "unknown field"),
    ],
)
def test_what_is_wrong_names_its_field(field: str, value: object, reason: str) -> None:
    module = calculator(ningxia())
    with pytest.raises(module.ClaimError) as error:
        module.claim_from_mapping({**GOOD, field: value})
    assert (error.value.field, error.value.reason) == (field, reason)


def test_a_key_that_is_not_there_is_missing() -> None:
    module = calculator(ningxia())
    with pytest.raises(module.ClaimError, match="borne: missing"):
        module.claim_from_mapping({name: value for name, value in GOOD.items() if name != "borne"})


# The program ----------------------------------------------------------------------------------------


HEADER = "claim,person,discharged,borne,illness"


def run(policy: Model, folder: Path, claims: bytes | str | None, *options: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of the program, run with nothing but Python."""
    if claims is not None:
        (folder / "claims.csv").write_bytes(claims.encode() if isinstance(claims, str) else claims)
    command = [sys.executable, "-I", str(written(policy, folder)), "claims.csv", *options]
    done = subprocess.run(command, capture_output=True, cwd=folder, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_file_of_claims_as_people_write_them(tmp_path: Path) -> None:
    rows = [
        '2,A,2013-05-02,"30,000.00",general',
        "1,A,2013-05-01, 20000.5 ,general",
        "",
        "3,参保人,2013-05-01,0,listed",
    ]
    claims = "\ufeffclaim,person,discharged,borne,illness,note\r\n" + "\r\n".join(
        f"{row},x" if row else "" for row in rows
    )
    code, out, err = run(ningxia(), tmp_path, claims)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "claim,critical_illness,own_share,critical_illness.base",
        "2,15600.01,14399.99,30000.00",
        "1,7000.26,13000.24,20000.50",
        "3,0.00,0.00,0.00",
    ]


BAD_ROWS = f"""{HEADER}
1,A,2013-05-01,100,general
2,A,2013-05-01,abc,general
3,A,2014-05-01,100,general
4,"A
B",2013-05-01,100,other
5,A,2013-05-01,-1
6,A,2013-05-02,100,general
6,A,2013-05-02,200,general
"""


def test_rejected_rows_are_named_and_nothing_is_settled(tmp_path: Path) -> None:
    code, out, err = run(ningxia(), tmp_path, BAD_ROWS)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "line 3: borne: wrong type",
        "line 4: discharged: not in force",
        "line 5: illness: unknown value",
        "line 7: 4 values where the first line names 5",
        "line 8: claim: duplicate",
        "line 9: claim: duplicate",
    ]


def test_rejected_rows_go_to_a_file_and_the_rest_is_settled(tmp_path: Path) -> None:
    code, out, err = run(ningxia(), tmp_path, BAD_ROWS, "--rejected", "rejected.csv")
    assert (code, err) == (0, "6 rows rejected, written to rejected.csv\n")
    assert out.splitlines()[1:] == ["1,0.00,100.00,100.00"]
    assert (tmp_path / "rejected.csv").read_text().splitlines() == [
        "claim,field,reason",
        "2,borne,wrong type",
        "3,discharged,not in force",
        "4,illness,unknown value",
        "5,,4 values where the first line names 5",
        "6,claim,duplicate",
        "6,claim,duplicate",
    ]


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (None, "claims.csv: No such file or directory"),
        ("", "claims.csv: the file is empty"),
        ("claim,person,discharged,illness\n", "claims.csv: column missing: borne"),
        (HEADER + ",borne\n", "claims.csv: column given twice: borne"),
        (HEADER.encode() + b"\n1,\xff\xfe,2013-01-01,5,general\n", "claims.csv: not UTF-8 text"),
        (HEADER + '\n1,"A,2013-01-01,5,general\n', "claims.csv: not CSV: unexpected end of data"),
        (
            HEADER + "\n1,A,2013-01-01,5,general\n2,B\0,2013-01-01,5,general\n",
            "claims.csv: line 3: not text, it contains zero bytes",
        ),
    ],
    ids=["no file", "empty", "column missing", "column twice", "not text", "open quote", "zero bytes"],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, claims: bytes | str | None, message: str) -> None:
    assert run(ningxia(), tmp_path, claims) == (2, "", message + "\n")


def test_a_file_of_rejected_rows_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    code, out, err = run(ningxia(), tmp_path, BAD_ROWS, "--rejected", "no/such/folder.csv")
    assert (code, out, err) == (2, "", "no/such/folder.csv: No such file or directory\n")


def test_no_row_is_rejected_into_a_file_without_a_note(tmp_path: Path) -> None:
    claims = f"{HEADER}\n1,A,2013-05-01,100,general\n"
    code, out, err = run(ningxia(), tmp_path, claims, "--rejected", "rejected.csv")
    assert (code, out.splitlines()[1:], err) == (0, ["1,0.00,100.00,100.00"], "")
    assert (tmp_path / "rejected.csv").read_text() == "claim,field,reason\n"


@pytest.mark.parametrize("path", ["claims.csv", "./claims.csv", "hard.csv", "soft.csv"])
def test_the_claims_are_not_written_over(tmp_path: Path, path: str) -> None:
    (tmp_path / "claims.csv").touch()
    (tmp_path / "hard.csv").hardlink_to(tmp_path / "claims.csv")
    (tmp_path / "soft.csv").symlink_to("claims.csv")
    message = f"{path}: the claims and the rejected ones must be two different files\n"
    assert run(ningxia(), tmp_path, BAD_ROWS, "--rejected", path) == (2, "", message)
    assert (tmp_path / "claims.csv").read_text() == BAD_ROWS


LONG_AMOUNTS = {
    "9" * 6000: "out of range",
    "-" + "9" * 6000: "negative",
    "1" + ",000" * 2000: "out of range",
    "9" * 6000 + ".005": "wrong type",
    "9" * 6000 + "x": "wrong type",
    "0" * 6000 + "5": None,
    "5." + "0" * 6000: None,
}
"""Amounts of thousands of digits, and why they are none; None where they are one."""


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_amounts_of_thousands_of_digits_are_judged_alike_everywhere(
    capsys: Capture, tmp_path: Path, engine: str
) -> None:
    rows = (f'{place},A,2013-05-01,"{amount}",general\n' for place, amount in enumerate(LONG_AMOUNTS))
    claims = f"{HEADER}\n" + "".join(rows)
    expected = [f"{place},borne,{reason}" for place, reason in enumerate(LONG_AMOUNTS.values()) if reason]
    code, out, _ = run(ningxia(), tmp_path, claims, "--rejected", "rejected.csv")
    assert (code, out.splitlines()[1:]) == (0, ["5,0.00,5.00,5.00", "6,0.00,5.00,5.00"])
    assert (tmp_path / "rejected.csv").read_text().splitlines()[1:] == expected
    paths = [NINGXIA, tmp_path / "claims.csv", "-o", tmp_path / "out.csv", "--rejected", tmp_path / "run.csv"]
    done = tierproof(capsys, "run", *map(str, paths), "--engine", engine)
    assert done.code == 0, done.err
    assert [row.partition(",")[2] for row in (tmp_path / "run.csv").read_text().splitlines()[1:]] == expected


@pytest.mark.parametrize("engine", IN_PROCESS)
@pytest.mark.parametrize("number", ["x", '"x"'], ids=["plain", "behind a quotation mark"])
def test_zero_bytes_far_below_the_first_line_are_refused_everywhere(
    capsys: Capture, tmp_path: Path, engine: str, number: str
) -> None:
    # More rows than are looked at before a file is settled.
    rows = "".join(f"{place},A,2013-05-01,100,general\n" for place in range(4000))
    claims = f"{HEADER}\n{rows}{number},B\0,2013-05-01,100,general\n"
    assert run(ningxia(), tmp_path, claims) == (2, "", "claims.csv: line 4002: not text, it contains zero bytes\n")
    done = tierproof(capsys, "run", NINGXIA, tmp_path / "claims.csv", "-o", tmp_path / "out.csv", "--engine", engine)
    assert (done.code, (tmp_path / "out.csv").exists()) == (1, False)
    assert "it contains zero bytes" in done.err
    assert "claims.csv:4002:1\n" in done.err


def test_a_currency_without_decimals(tmp_path: Path) -> None:
    policy = replace(ningxia(), currency=CURRENCIES["JPY"])
    code, out, _ = run(policy, tmp_path, f'{HEADER}\n1,A,2013-05-01,"2,000,000",general\n')
    assert (code, out.splitlines()[1]) == (0, "1,700000,1300000,2000000")
    code, _, err = run(policy, tmp_path, f"{HEADER}\n1,A,2013-05-01,2.5,general\n")
    assert (code, err) == (1, "line 2: borne: wrong type\n")
