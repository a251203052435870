"""The functions of a Python calculator that anybody may call: what they refuse, and the proof that they do.

A number that no claim can have is never paid for: no float, no truth, nothing below 0 or beyond all amounts.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from compiler.emit.numpy import emit_numpy
from compiler.emit.python import emit_python
from compiler.emit.sql import emit_sql
from compiler.model import Model
from compiler.validate import Differs, Strange, first_flaw
from dsl.money import DOMAIN_TOP
from tests import models
from tests.generated import MARK, calculator
from tests.policies import model_of

NINGXIA = models.ningxia()
INCOME = model_of(
    """\
policy two_numbers
  currency CNY
  round half up to 0.01
claim
  person identifier
  cost money up to 500
  income money up to 300
  ward plain | private
benefit help
  of cost
  pay in slices of the amount, by ward
                             plain  private
    over 0 to 10% of income   10%    0%
    over 10% of income        50%    30%
"""
)

SUM = """\
policy sum_of_two
  currency CNY
  round half up to 0.01
claim
  person identifier
  day date
  cost money
  extra money
  ward plain | private
amount both = cost + extra
benefit help
  of BASE
  pay in slices of the amount, by ward
                           plain  private
    over 0 to 10% of both   10%    0%
    over 10% of both        50%    30%
"""
"""Each of two facts may be as large as a fact can be, so their sum is beyond all facts."""


class Illness(StrEnum):
    """Words as a program may have them."""

    GENERAL = "general"
    OTHER = "other"


def refusal_of(module: Any, *arguments: object) -> tuple[str, str] | None:
    """The field and the reason of what is refused; None where there is an answer."""
    try:
        answer = module.critical_illness_of(*arguments)
    except module.ClaimError as error:
        return error.field, error.reason
    assert type(answer) is int
    return None


@pytest.mark.parametrize(
    ("total", "reason"),
    [
        (0, None),
        (DOMAIN_TOP, None),
        (DOMAIN_TOP + 1, "out of range"),
        (10**30, "out of range"),
        (-1, "negative"),
        (100_000.5, "wrong type"),
        (100_000.0, "wrong type"),
        (float("nan"), "wrong type"),
        (float("inf"), "wrong type"),
        (Decimal(100), "wrong type"),
        (True, "wrong type"),
        ("100", "wrong type"),
        (None, "wrong type"),
    ],
)
def test_only_an_amount_that_a_claim_can_have_is_paid_for(total: object, reason: str | None) -> None:
    module = calculator(NINGXIA)
    for word in ("general", "listed"):
        assert refusal_of(module, total, word) == (None if reason is None else ("total", reason))


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (Illness.GENERAL, None),
        (Illness.OTHER, "unknown value"),
        ("", "unknown value"),
        ("General", "unknown value"),
        (" general", "unknown value"),
        (0, "wrong type"),
        (None, "wrong type"),
        (b"general", "wrong type"),
    ],
)
def test_only_a_word_of_the_policy_is_paid_for(word: object, reason: str | None) -> None:
    assert refusal_of(calculator(NINGXIA), 1, word) == (None if reason is None else ("illness", reason))


def test_every_number_that_a_formula_reads_is_looked_at() -> None:
    module = calculator(INCOME)
    assert module.help_of(100_00, 300_00, "plain") == 38_00
    for arguments, said in (
        ((500_01, 0, "plain"), "amount: out of range"),
        ((500_00, 300_01, "plain"), "income: out of range"),
        ((500_00, -1, "plain"), "income: negative"),
        ((500_00, 1.5, "plain"), "income: wrong type"),
        ((500_00, 0, "other"), "ward: unknown value"),
        ((-1, -1, "other"), "amount: negative"),
    ):
        with pytest.raises(module.ClaimError) as error:
            module.help_of(*arguments)
        assert str(error.value) == said


def test_a_sum_of_facts_may_be_beyond_all_facts() -> None:
    module = calculator(model_of(SUM.replace("BASE", "both")))
    most = 2 * DOMAIN_TOP
    assert module.help_of(most, most, "plain") == most * 46 // 100
    for arguments in ((most + 1, most, "plain"), (most, most + 1, "plain")):
        with pytest.raises(module.ClaimError, match="out of range"):
            module.help_of(*arguments)


# The proof ------------------------------------------------------------------------------------------


def flaw_of(model: Model, old: str, new: str) -> object:
    """The first flaw of a calculator in which one text is replaced, once."""
    text = emit_python(model, MARK)
    assert text.count(old) == 1
    return first_flaw(model, "python", text.replace(old, new))


WHOLE = '    if type(total) is not int:\n        raise ClaimError("total", "wrong type")\n'
BELOW = '    if total < 0:\n        raise ClaimError("total", "negative")\n'
BEYOND = '    if total > 10_000_000_000_000:\n        raise ClaimError("total", "out of range")\n'
TEXT = '    if not isinstance(illness, str):\n        raise ClaimError("illness", "wrong type")\n'
WORD = '    if illness not in _illness_words:\n        raise ClaimError("illness", "unknown value")\n'
FORMULA = "_critical_illness_formula(total, illness)"
CALLED = f"    return {FORMULA}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (WHOLE, ""),
        (BELOW, ""),
        (BEYOND, ""),
        (TEXT, ""),
        (WORD, ""),
        (WHOLE + BELOW, BELOW + WHOLE),
        (TEXT + WORD, WORD + TEXT.replace("not isinstance", "isinstance")),
        ("total < 0", "total <= 0"),
        ("total < 0", "total < -1"),
        ("total > 10_000_000_000_000", "total > 10_000_000_000_001"),
        ("total > 10_000_000_000_000", "total >= 10_000_000_000_000"),
        ("illness not in _illness_words", "illness in _illness_words"),
        ("illness not in _illness_words", 'illness not in ("general",)'),
        ("illness not in _illness_words", 'illness not in ("general", "listed", "other")'),
    ],
)
def test_an_argument_that_is_not_looked_at_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of(NINGXIA, old, new), Differs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BELOW, BELOW.replace('"total"', '"cost"')),
        (BELOW, BELOW.replace("negative", "out of range")),
        (BEYOND, BEYOND.replace("out of range", "negative")),
        (WHOLE, WHOLE.replace('"total"', '"illness"')),
        (TEXT, TEXT.replace("wrong type", "missing")),
        (WORD, WORD.replace('"illness"', '"person"')),
        (WORD, WORD.replace("unknown value", "wrong type")),
    ],
)
def test_another_reason_than_is_true_is_refused(old: str, new: str) -> None:
    flaw = flaw_of(NINGXIA, old, new)
    assert isinstance(flaw, Differs)
    assert flaw.calculator.startswith("another reason from critical_illness_of")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CALLED, "    return 0\n"),
        (CALLED, "    return _critical_illness_formula(total, illness) + 1\n"),
        (CALLED, "    return _critical_illness_formula(illness, total)\n"),
        (CALLED, "    return critical_illness_of(total, illness)\n"),
        (BELOW, BELOW + "    if total == 5:\n        return 7\n"),
        (BELOW, BELOW + "    total = total + 1\n"),
        (BELOW, BELOW + f"    if (total := {FORMULA}) is None:\n        raise ClaimError('total', 'negative')\n"),
        (BELOW, BELOW.replace("        raise", "        total = 1\n        raise")),
        (CALLED, f"{CALLED}\n\ndef again_of(total: int, illness: Illness) -> int:\n    \n{CALLED}"),
        ("def critical_illness_of(", "def _critical_illness_of("),
    ],
)
def test_another_answer_than_that_of_the_formula_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of(NINGXIA, old, new), Strange)


def test_a_formula_that_nobody_else_can_call_is_refused() -> None:
    text = emit_python(NINGXIA, MARK)
    begins, ends = text.index("def critical_illness_of"), text.index("def settle(")
    flaw = first_flaw(NINGXIA, "python", text[:begins] + text[ends:])
    assert isinstance(flaw, Strange)
    assert "not one function for everybody" in flaw.what


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("income > 30_000", "income > 30_001"),
        ("amount > 50_000", "amount > 50_001"),
        ('raise ClaimError("income", "negative")', 'raise ClaimError("amount", "negative")'),
        ('    if type(income) is not int:\n        raise ClaimError("income", "wrong type")\n', ""),
    ],
)
def test_other_numbers_are_looked_at_as_closely(old: str, new: str) -> None:
    assert isinstance(flaw_of(INCOME, old, new), Differs)


@pytest.mark.parametrize("base", ["both", "cost, added up per person per calendar year"])
@pytest.mark.parametrize("folder", ["python", "numpy", "sql/postgresql"])
def test_what_is_beyond_all_facts_is_proved_up_to_the_most_that_it_can_be(folder: str, base: str) -> None:
    model = model_of(SUM.replace("BASE", base))
    text = text_of(model, folder)
    assert first_flaw(model, folder, text) is None
    most = "20_000_000_000_000" if "_000" in text else "20000000000000"
    assert most in text
    for place in (text.index(most), text.rindex(most)):
        changed = f"{text[:place]}{most[:-1]}1{text[place + len(most) :]}"
        assert first_flaw(model, folder, changed) is not None


@pytest.mark.parametrize(("old", "new"), [("0, 30_000)", "0, 30_001)"), ('"ward", 0, 1)', '"ward", 0, 2)')])
def test_a_function_of_arrays_ends_where_facts_and_words_do(old: str, new: str) -> None:
    text = text_of(INCOME, "numpy")
    assert text.count(old) == 1
    assert first_flaw(INCOME, "numpy", text) is None
    assert isinstance(first_flaw(INCOME, "numpy", text.replace(old, new)), Strange)


def text_of(model: Model, folder: str) -> str:
    """The calculator of a model that goes to a folder."""
    match folder:
        case "python":
            return emit_python(model, MARK)
        case "numpy":
            return emit_numpy(model, MARK)
        case _:
            return emit_sql(model, folder.removeprefix("sql/"), MARK)
