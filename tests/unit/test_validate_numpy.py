"""A NumPy calculator is read again, and proved to be its policy; what must not pass does not."""

from __future__ import annotations

from datetime import date

import pytest

from compiler.emit import numpy_tables
from compiler.emit.numpy import emit_numpy
from compiler.model import Model
from compiler.validate import Differs, Strange, first_flaw
from tests import models
from tests.engines import constructs
from tests.generated import MARK
from tests.policies import chosen

STACK = chosen("jiangning/ncms_and_critical_illness.policy", "highest")
COUNT = constructs.construct("an amount a day")
BY_WORD = constructs.construct("bands from a dated line")


def flaw_of(old: str, new: str, model: Model = STACK) -> object:
    """The first flaw of a calculator in which one text is replaced, once."""
    text = emit_numpy(model, MARK)
    assert old in text
    return first_flaw(model, "numpy", text.replace(old, new, 1))


@pytest.mark.parametrize("name", [*constructs.BODIES, *constructs.VERSIONS])
def test_a_calculator_of_every_construct_is_proved(name: str) -> None:
    model = constructs.versions(name) if name in constructs.VERSIONS else constructs.construct(name)
    assert first_flaw(model, "numpy", emit_numpy(model, MARK)) is None


@pytest.mark.parametrize("name", ["bands from a dated line", "a yearly cap that several words share"])
def test_a_calculator_without_tables_is_proved_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_tables, "MOST_ROWS", 1)
    model = constructs.construct(name)
    text = emit_numpy(model, MARK)
    assert "[place]" not in text
    assert first_flaw(model, "numpy", text) is None


# Amounts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ("-10_499_996", "-10_499_995", None),
        ("-10_499_996", "-10_499_985", "critical_illness"),
        ("(0, 5, 6, 9, 0,)", "(0, 5, 6, 8, 0,)", "critical_illness"),
        ("(1_500_000, 3_000_000,", "(1_600_000, 3_000_000,", "critical_illness"),
        ("own_share = cost - (basic + critical_illness)", "own_share = cost - basic", "own_share"),
        ("basic_before_cap = basic_due", "basic_before_cap = cost", "basic.before_cap"),
        ("_array_basic_of(after_1) - _array_basic_of(before_1)", "_array_basic_of(after_1)", "basic"),
    ],
)
def test_a_slip_in_an_amount_is_shown_by_a_claim(old: str, new: str, subject: str | None) -> None:
    flaw = flaw_of(old, new)
    if subject is None:
        # Above the next end both lines pay the same, to the smallest unit.
        assert flaw is None
        return
    assert isinstance(flaw, Differs)
    assert flaw.subject == subject
    assert flaw.policy != flaw.calculator


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("            altogether = basic + critical_illness", "            altogether = basic - critical_illness"),
        ("int(total > 1_500_000)", "int(total > 1_600_000)"),
        ("_one_basic_of(after_1)", "_one_critical_illness_of(after_1)"),
    ],
)
def test_a_slip_in_a_compiled_loop_is_shown_too(old: str, new: str) -> None:
    assert isinstance(flaw_of(old, new), Differs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("            _out_1[_row] = basic\n", "            _out_2[_row] = basic\n"),
        (
            '            live["cost"],\n            live["before 1"],',
            '            live["before 1"],\n            live["cost"],',
        ),
        ("_amounts_2, 3 if compiled", "_amounts_2, 2 if compiled"),
        ("_out[_row] = _one_basic_of(total[_row])", "_out[0] = _one_basic_of(total[_row])"),
        (
            "        _each_basic_of,\n        _each_critical",
            "        _each_critical_illness_of,\n        _each_critical",
        ),
        ("range(len(_out_1))", "range(len(_out_1) - 1)"),
    ],
)
def test_loops_that_do_not_belong_to_their_columns_are_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of(old, new), Differs | Strange)


def test_a_word_that_is_taken_for_another_is_shown() -> None:
    flaw = flaw_of("np.where((ward == 0)", "np.where((ward == 1)", constructs.construct("a rate a day"))
    assert isinstance(flaw, Differs)
    assert "ward" in dict(flaw.claim)


def test_the_cell_of_another_category_is_shown() -> None:
    assert isinstance(flaw_of(" * level.astype(np.intp)", " * ward.astype(np.intp)", BY_WORD), Differs)


def test_a_row_that_a_table_does_not_have_is_refused() -> None:
    flaw = flaw_of(" * level.astype(np.intp)", "0 * level.astype(np.intp)", BY_WORD)
    assert isinstance(flaw, Strange)
    assert "a row that _slopes_1_1 does not have" in flaw.what


def test_words_are_not_counted_with_in_sixteen_bits() -> None:
    flaw = flaw_of(" * level.astype(np.intp)", " * level", BY_WORD)
    assert isinstance(flaw, Strange)


def test_a_number_beyond_64_bits_is_shown() -> None:
    flaw = flaw_of("own_share = cost - (basic", "own_share = cost + 0 * (9_000_000 * cost) - (basic")
    assert isinstance(flaw, Differs)
    assert flaw.calculator.startswith("a number beyond 64 bits")


def test_ends_that_do_not_rise_are_refused() -> None:
    assert isinstance(flaw_of("(1_500_000, 3_000_000,", "(3_000_000, 1_500_000,"), Strange)


# What is settled and rejected -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('_whole(columns, "cost", 0, 10_000_000_000_000', '_whole(columns, "cost", 1, 10_000_000_000_000'),
        ('_whole(columns, "cost", 0, 10_000_000_000_000', '_whole(columns, "cost", 0, 9_999_999_999_999'),
        ('    _mark(rule, live["basic_due"] > live["cost"], 13)\n', ""),
        ('live["basic_due"] > live["cost"]', 'live["basic_due"] >= live["cost"]'),
        ('live["basic_due"] > live["cost"], 13', 'live["basic_due"] > live["cost"], 12'),
        ('("cost", "negative")', '("cost", "out of range")'),
        ('"person", rule, 3', '"person", rule, 4'),
        ('"person", text_1, _year_name, 15', '"person", text_1, _year_name, 16'),
    ],
)
def test_a_slip_in_what_is_rejected_is_shown_by_a_claim(old: str, new: str) -> None:
    flaw = flaw_of(old, new)
    assert isinstance(flaw, Differs)
    assert flaw.policy != flaw.calculator


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('_years(book.live["discharged"])', '_months(book.live["discharged"])'),
        ("text_1, _year_name", "text_1, _month_name"),
        ('"person", text_1, "discharged", text_0, rule', '"person", text_0, "discharged", text_0, rule'),
        ("text_0, rule, 14)\n    book = _less(book, rule)\n", "text_0, rule, 14)\n"),
        ("text_0, rule, 14)", "text_0, rule, 13)"),
        ('1, "basic.before_cap per person per calendar year", "basic.before_cap"', '1, "basic.base", "basic.base"'),
        ("    book = _counted(book, rule, ledger, total_1", "    book = _counted(book, rule, None, total_1"),
        ('_whole(columns, "cost"', '_day(columns, "cost"'),
        ('_text(columns, "claim", rule, 1)', '_text(columns, "person", rule, 1)'),
        ('        basic=book.live["basic"],\n', '        basic=book.live["altogether"],\n'),
        ("    basic: Whole", "    another: Whole"),
        ('    "basic",\n    "critical_illness",', '    "critical_illness",\n    "basic",'),
    ],
)
def test_a_slip_in_the_order_of_things_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of(old, new), Strange)


def test_a_day_that_begins_a_word_late_is_shown() -> None:
    flaw = flaw_of('"2013-07-01"', '"2013-07-02"', constructs.construct("a dated deductible"))
    assert isinstance(flaw, Differs)
    assert dict(flaw.claim)["day"] == date(2013, 7, 1)


def test_a_day_in_force_that_is_left_out_is_shown() -> None:
    flaw = flaw_of(
        'LAST_DAY: Final = np.datetime64("2014-12-31")', 'LAST_DAY: Final = np.datetime64("2014-12-30")', COUNT
    )
    assert isinstance(flaw, Differs)
    assert dict(flaw.claim)["day"] == date(2014, 12, 31)


# What is known word for word --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kept = rule[book.row] == 0", "kept = rule[book.row] >= 0"),
        ("over = (summed > TOP)", "over = (summed >= TOP)"),
        ("return days.astype", "return 1 + days.astype"),
        ("TOP: Final = 10_000_000_000_000", "TOP: Final = 10_000_000_000_001"),
        ("CHUNK: Final = 16_384", "CHUNK: Final = 0"),
        ("import numpy as np", "import jax.numpy as np"),
        ("np.array((1_500_000,", "np.array((1_500_000.5,"),
        ("np.array((1_500_000,", "np.array(range(1_500_000,"),
        ("    return self.rule > 0", "    return self.rule >= 0"),
        ("_carried(ledger, name, total.name)", "_carried(ledger, name, name)"),
        ("altogether = basic + critical_illness", "altogether = round(1.0 * basic) + critical_illness"),
        ("altogether = basic + critical_illness", "altogether = np.add(basic, critical_illness)"),
        ('live["cost"][part]', 'live["cost"]'),
        ('(total, "total", 0, ', '(total, "total", -1, '),
        ("@functools.cache\n", ""),
    ],
)
def test_what_no_calculator_has_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of(old, new), Strange)


def test_a_function_for_everybody_computes_what_its_name_says() -> None:
    text = emit_numpy(STACK, MARK)
    one, other = (
        "_compiled()[0] if compiled else _array_basic_of",
        "_compiled()[1] if compiled else _array_critical_illness_of",
    )
    assert one in text and other in text
    swapped = text.replace(one, "the first").replace(other, one).replace("the first", other, 1)
    assert isinstance(first_flaw(STACK, "numpy", swapped), Strange)


def test_a_loop_takes_its_columns_under_names_of_their_own() -> None:
    text = emit_numpy(STACK, MARK)
    assert "def _each_amounts_1(_out_1, _out_2, _in_1, _in_2):" in text
    changed = text.replace("_out_1, _out_2, _in_1, _in_2)", "_out_1, _out_2, cost, _in_2)")
    changed = changed.replace("cost = _in_1[_row]\n            basic_due", "cost = cost[_row]\n            basic_due")
    assert isinstance(first_flaw(STACK, "numpy", changed), Strange)


def test_a_part_of_the_library_that_is_missing_is_named() -> None:
    text = emit_numpy(STACK, MARK)
    begins, ends = text.index("def _carried("), text.index("def _months(")
    flaw = first_flaw(STACK, "numpy", text[:begins] + text[ends:])
    assert isinstance(flaw, Strange)
    assert flaw.what == "_carried, which is not there"


def test_a_calculator_of_another_policy_is_refused() -> None:
    assert isinstance(first_flaw(models.ningxia(), "numpy", emit_numpy(STACK, MARK)), Strange)
    assert isinstance(first_flaw(STACK, "numpy", "def"), Strange)
    assert isinstance(first_flaw(STACK, "numpy", ""), Strange)
