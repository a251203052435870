"""The generated Python calculator: the same as the reference, and the function of a benefit by itself."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import pytest

from compiler.domain import Rejection
from compiler.emit.python import emit_python
from compiler.evaluate import Settled
from compiler.evaluate import settle_all as reference
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Benefit,
    Capped,
    Constant,
    DateFact,
    FactValue,
    IdentifierFact,
    Model,
    Role,
    RunningTotal,
    TotalSoFar,
)
from dsl.money import DOMAIN_TOP
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
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "_critical_illness_formula"
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
