"""The text of a Python calculator: safe against any name and any text of a policy, typed, and without floats."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest

from compiler.emit.mark import SourceMark
from compiler.emit.python import emit_python
from compiler.emit.python_names import RESERVED, escaped, safe_names
from compiler.model import (
    Accumulated,
    Amount,
    AmountValue,
    Benefit,
    CategoryFact,
    DateFact,
    FactValue,
    IdentifierFact,
    Model,
    Role,
)
from tests.generated import MARK, calculator, written
from tests.models import (
    at,
    model,
    money,
    ningxia,
    over_to,
    rounded,
    schedule,
    yearly_cap,
)
from tests.unit.test_emit_python import POLICIES


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
        *("argparse", "csv", "datetime", "os", "re", "sys"),
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
