"""A name for others says what it holds: fields of claims and settlements, functions, and their parameters.

Each case here is a text in which two such names are exchanged wherever they stand: what it settles is right, but who
asks it by name is told something else.
"""

from __future__ import annotations

import re

import pytest

from compiler.emit.numpy import emit_numpy
from compiler.emit.python import emit_python
from compiler.validate import Strange, first_flaw
from compiler.validate.python_text import is_named
from tests.generated import MARK
from tests.policies import model_of

POLICY = """\
policy names
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
  fund money
  ward plain | private
  level plain | private
benefit basic
  of cost, added up per person per calendar year
  pay in slices of the amount, by ward, level
                        plain/plain  plain/private  private/plain  private/private
    over 0 to 5% of fund   50%          40%            30%            20%
    over 5% of fund        80%          70%            60%            50%
benefit topping
  of left, added up per person per calendar year
  pay in slices of the amount, by ward, level
                        plain/plain  plain/private  private/plain  private/private
    over 0 to 5% of fund   5%           4%             3%             2%
    over 5% of fund        8%           7%             6%             5%
stack of cost
  basic, then topping
"""
"""Two categories of the same words, so that nothing but the names tells one from the other."""

MODEL = model_of(POLICY)
TEXTS = {"python": emit_python(MODEL, MARK), "numpy": emit_numpy(MODEL, MARK)}


def exchanged(text: str, one: str, other: str) -> str:
    """A text with two names in each other's place, those of the policy in quotes left alone."""
    names = {one: other, other: one}
    assert all(re.search(rf"\b{name}\b", text) for name in names), names
    return re.sub(rf'(?<!["\w])({one}|{other})(?!["\w])', lambda found: names[found[0]], text)


@pytest.mark.parametrize("folder", TEXTS)
def test_the_texts_are_proved_as_they_are(folder: str) -> None:
    assert first_flaw(MODEL, folder, TEXTS[folder]) is None


@pytest.mark.parametrize("folder", TEXTS)
def test_two_functions_for_everybody(folder: str) -> None:
    text = TEXTS[folder]
    for before in ("", "_array_", "_one_", "_each_"):
        if f"{before}basic_of" in text:
            text = exchanged(text, f"{before}basic_of", f"{before}topping_of")
    flaw = first_flaw(MODEL, folder, text)
    assert isinstance(flaw, Strange)
    assert "which is not what the amount of that name comes from" in flaw.what


@pytest.mark.parametrize("folder", TEXTS)
def test_two_parameters_of_one(folder: str) -> None:
    text = TEXTS[folder]
    functions = ("basic_of", "topping_of") if folder == "numpy" else ("_basic_formula", "_topping_formula")
    begins, ends = (text.index(f"def {name}(") for name in functions)
    body = exchanged(text[begins:ends], "ward", "level").replace('"ward"', '"X"').replace('"level"', '"ward"')
    flaw = first_flaw(MODEL, folder, text[:begins] + body.replace('"X"', '"level"') + text[ends:])
    assert isinstance(flaw, Strange)
    assert "handed" in flaw.what


@pytest.mark.parametrize("folder", TEXTS)
def test_two_amounts_of_a_settlement(folder: str) -> None:
    flaw = first_flaw(MODEL, folder, exchanged(TEXTS[folder], "basic", "topping"))
    assert isinstance(flaw, Strange)
    assert "under its name" in flaw.what


def test_two_facts_of_a_claim() -> None:
    flaw = first_flaw(MODEL, "python", exchanged(TEXTS["python"], "ward", "level"))
    assert isinstance(flaw, Strange)
    assert "under its name" in flaw.what


def test_two_lists_of_words() -> None:
    assert isinstance(first_flaw(MODEL, "numpy", exchanged(TEXTS["numpy"], "WARD_WORDS", "LEVEL_WORDS")), Strange)


@pytest.mark.parametrize(
    ("name", "of", "right"),
    [
        ("cost", "cost", True),
        ("cost_", "cost", True),
        ("cost_2", "cost", True),
        ("cost_2_of", "cost#2_of", True),
        ("basic_base", "basic.base", True),
        ("x_cost", "_cost", True),
        ("xclass", "class", True),
        ("费用", "费用", True),
        ("fi", "\ufb01", True),
        ("cost_base", "cost", False),
        ("costs", "cost", False),
        ("cost", "cost_2", False),
        ("ward", "cost", False),
    ],
)
def test_what_is_named_for_what(name: str, of: str, right: bool) -> None:
    assert is_named(name, of) is right


@pytest.mark.parametrize("folder", TEXTS)
@pytest.mark.parametrize(
    ("ward", "level", "basic"),
    [("total", "compiled", "live"), ("illness_kind", "illnessKind", "class"), ("ª", "a_", "a"), ("np", "_np", "Final")],
)
def test_names_that_mean_something_to_a_calculator_too(folder: str, ward: str, level: str, basic: str) -> None:
    names = {"ward": ward, "level": level, "basic": basic}
    text = re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[0]], POLICY)
    model = model_of(text)
    emitted = emit_python(model, MARK) if folder == "python" else emit_numpy(model, MARK)
    assert first_flaw(model, folder, emitted) is None
