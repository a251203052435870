"""A Python calculator is read again, and proved to be its policy; what must not pass does not."""

from __future__ import annotations

import re
from datetime import date

import pytest

from compiler.emit.python import emit_python
from compiler.model import Model
from compiler.validate import Differs, Strange, first_flaw
from compiler.versions import merged
from tests import models
from tests.engines import constructs
from tests.generated import MARK
from tests.policies import chosen, model_of

STACK = chosen("jiangning/ncms_and_critical_illness.policy", "highest")
COUNT = constructs.construct("an amount a day")


def flaw_of(model: Model, old: str, new: str) -> object:
    """The first flaw of a calculator in which one text is replaced, once."""
    text = emit_python(model, MARK)
    assert text.count(old) >= 1
    return first_flaw(model, "python", text.replace(old, new, 1))


@pytest.mark.parametrize("name", constructs.BODIES)
def test_a_calculator_of_every_construct_is_proved(name: str) -> None:
    model = constructs.construct(name)
    assert first_flaw(model, "python", emit_python(model, MARK)) is None


@pytest.mark.parametrize("name", constructs.VERSIONS)
def test_a_calculator_of_all_versions_is_proved(name: str) -> None:
    model = constructs.versions(name)
    assert first_flaw(model, "python", emit_python(model, MARK)) is None


YEARLY = """\
policy nat
  currency CNY
  in force {year}-01-01 to {year}-12-31, by day
  round half up to 0.01
claim
  person identifier
  day date
  cost money up to 100,000
benefit x
  of cost, added up per person per calendar year by day
  pay 50%
"""


def test_versions_that_pay_alike_are_proved_where_the_claim_has_no_words() -> None:
    model = merged([model_of(YEARLY.format(year=year)) for year in (2023, 2024)])
    text = emit_python(model, MARK)
    assert first_flaw(model, "python", text) is None
    assert first_flaw(model, "python", text.replace("import Final\n", "import Final, Literal\n")) is not None


@pytest.mark.parametrize("model", [models.ningxia(), models.ningxia(added_up=False), models.yearly_cap()])
def test_a_calculator_of_a_table_is_proved(model: Model) -> None:
    assert first_flaw(model, "python", emit_python(model, MARK)) is None


def test_a_constant_that_is_off_by_one_is_shown_by_a_claim() -> None:
    flaw = flaw_of(STACK, "(3 * total - 5_249_998) // 5", "(3 * total - 5_249_997) // 5")
    assert isinstance(flaw, Differs)
    assert flaw.subject == "critical_illness"
    assert int(flaw.calculator) != int(flaw.policy)


def test_a_limit_that_leaves_its_own_amount_out_is_no_difference_where_both_lines_agree() -> None:
    assert flaw_of(STACK, "if total <= 25_000_000:", "if total < 25_000_000:") is None


def test_a_dropped_cap_is_shown() -> None:
    flaw = flaw_of(STACK, "return 25_000_000  #", "return total  #")
    assert isinstance(flaw, Differs)
    assert flaw.subject == "basic"


def test_swapped_amounts_are_shown() -> None:
    flaw = flaw_of(STACK, "own_share = claim.cost - (basic + critical_illness)", "own_share = claim.cost - basic")
    assert isinstance(flaw, Differs)
    assert flaw.subject == "own_share"


def test_a_check_that_is_left_out_is_shown_by_what_it_lets_pass() -> None:
    rule = '    if claim.basic_due > claim.cost:\n        return "basic_due", "more than cost"\n'
    flaw = flaw_of(STACK, rule, "")
    assert isinstance(flaw, Differs)
    assert (flaw.policy, flaw.calculator) == ("rejected: basic_due: more than cost", "settled")


def test_a_missing_value_is_never_an_amount() -> None:
    flaw = flaw_of(
        STACK,
        '    if value is None:\n        return "missing"\n    if type(value) is not int:',
        "    if type(value) is not int:",
    )
    assert isinstance(flaw, Differs)
    assert flaw.calculator.endswith("wrong type")


def test_rules_in_another_order_name_another_reason() -> None:
    one = '    if value < 0:\n        return "negative"\n'
    text = emit_python(STACK, MARK)
    changed = text.replace(one, "", 1).replace(
        'return None if lowest <= value <= highest else "out of range"',
        'return None if lowest <= value <= highest else "negative"',
    )
    assert isinstance(first_flaw(STACK, "python", changed), Differs)


def test_a_total_of_another_period_is_shown() -> None:
    flaw = flaw_of(STACK, "{claim.discharged.year:04d}", "{claim.discharged.month:04d}")
    assert isinstance(flaw, Differs)
    assert flaw.calculator == "another period than the one of the claim"


def test_a_total_that_is_not_written_is_refused() -> None:
    assert isinstance(flaw_of(STACK, "    ledger[key_1] = after_1\n", ""), Strange)


def test_a_ledger_that_is_not_looked_at_closely_is_refused() -> None:
    checked = "    if type(before_1) is not int:\n"
    flaw = flaw_of(STACK, checked, "    if type(before_1) is int:\n")
    assert isinstance(flaw, Differs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(3 * total - 5_249_998) // 5", "(3 * total - 5_249_998) / 5"),
        ("(3 * total - 5_249_998) // 5", "int(0.6 * total)"),
        ("return total  #", "return round(total, 2)  #"),
        ("claims.csv", 'claims.csv\n"""\nimport os as _os\n"""'),
        ("remaining.sort(", "remaining.reverse() or remaining.sort("),
        ('_text_of(mapping, "person")', '_text_of(mapping, "claim")'),
        ("TOP: Final = 10_000_000_000_000", "TOP: Final = 10_000_000_000_001"),
        ("    return _settle(claim, after), after", "    return _settle(claim, ledger), after"),
        ('    "basic",\n    "critical_illness",', '    "critical_illness",\n    "basic",'),
    ],
)
def test_what_no_calculator_has_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of(STACK, old, new), Strange)


def test_columns_under_other_names_are_refused() -> None:
    text = emit_python(STACK, MARK)
    changed = re.sub(
        r"    basic: int(.*\n)    critical_illness: int", r"    critical_illness: int\1    basic: int", text
    )
    assert changed != text
    assert isinstance(first_flaw(STACK, "python", changed), Differs | Strange)


def test_a_word_that_is_taken_for_another_is_shown() -> None:
    model = models.ningxia()
    flaw = flaw_of(model, 'if illness == "general":', 'if illness == "listed":')
    assert isinstance(flaw, Differs)


def test_a_day_that_begins_a_version_late_is_shown() -> None:
    model = constructs.construct("a dated deductible")
    flaw = flaw_of(model, "datetime.date(2013, 7, 1)", "datetime.date(2013, 7, 2)")
    assert isinstance(flaw, Differs)
    assert dict(flaw.claim)["day"] == date(2013, 7, 1)


def test_what_is_no_python_is_refused() -> None:
    assert isinstance(first_flaw(STACK, "python", "def"), Strange)
    assert isinstance(first_flaw(STACK, "python", ""), Strange)


def test_a_count_is_looked_at_like_an_amount() -> None:
    flaw = flaw_of(COUNT, "_number_reason(claim.days, 1, 366)", "_number_reason(claim.days, 0, 366)")
    assert isinstance(flaw, Differs)
    assert dict(flaw.claim)["days"] == 0


def test_no_solver_is_needed_to_know_that_a_policy_is_another_one() -> None:
    other = model_of("policy p\n  currency CNY\nclaim\n  cost money\nbenefit b\n  of cost\n  pay cost\n")
    assert isinstance(first_flaw(other, "python", emit_python(STACK, MARK)), Strange)
