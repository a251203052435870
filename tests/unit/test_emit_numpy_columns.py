"""What comes into the NumPy calculator: a column is read exactly as it is, or refused by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest

from dsl.money import DOMAIN_TOP
from tests.generated import calculator, numpy_calculator
from tests.policies import model_of
from tests.unit.test_emit_numpy import NINGXIA, broken, claims

WRONG_COLUMNS: list[tuple[str, object, str]] = [
    ("borne", np.array([1.0, 2.0]), "values of type float64, not whole numbers"),
    ("borne", np.array([True, False]), "values of type bool, not whole numbers"),
    ("borne", np.array([1, 2], object), "values of type object, not whole numbers"),
    ("borne", np.array(["1", "2"]), "values of type <U1, not whole numbers"),
    ("borne", [1, 2], "not an array of one dimension"),
    ("borne", np.array([[1, 2]]), "not an array of one dimension"),
    ("borne", np.array([1]), "1 values where there are 2 claim numbers"),
    ("discharged", np.array(["2013-01-01"] * 2), "values of type <U10, not datetime64[D]"),
    ("discharged", np.array(["2013-01-01"] * 2, "datetime64[ns]"), "values of type datetime64[ns], not datetime64[D]"),
    ("discharged", np.array([15706, 15707]), "values of type int64, not datetime64[D]"),
    ("person", np.array([1, 2]), "values of type int64, not text"),
    ("person", np.array([b"1", b"2"]), "values of type |S1, not text"),
    ("illness", np.array([0, 1]), "values of type int64, not text"),
    ("claim", np.array(["a\0", "a"], object), "text with a zero character, which NumPy cuts off"),
]


@pytest.mark.parametrize(("field", "column", "reason"), WRONG_COLUMNS)
def test_a_column_of_another_kind_is_refused_by_its_name(field: str, column: object, reason: str) -> None:
    module = numpy_calculator(NINGXIA)
    with pytest.raises(module.ClaimError) as error:
        module.settle(claims(2, **{field: column}))
    assert (error.value.field, error.value.reason) == (field, reason)


def test_a_column_that_is_not_there_is_refused_by_its_name() -> None:
    module = numpy_calculator(NINGXIA)
    columns = claims(2)
    del columns["illness"]
    with pytest.raises(module.ClaimError, match="illness: missing column"):
        module.settle(columns)


def test_the_arguments_of_a_function_are_refused_by_their_names() -> None:
    module = numpy_calculator(NINGXIA)
    good = np.array([0, 1])
    for total, illness, field, reason in [
        (np.array([1.0, 2.0]), good, "total", "wrong type"),
        (np.array([-1, 0]), good, "total", "negative"),
        (np.array([DOMAIN_TOP + 1, 0]), good, "total", "out of range"),
        (good, np.array([0, 2]), "illness", "out of range"),
        (good, np.array([0]), "illness", "1 values where there should be 2"),
    ]:
        with pytest.raises(module.ClaimError) as error:
            module.critical_illness_of(total, illness)
        assert (error.value.field, error.value.reason) == (field, reason)


def test_whole_numbers_of_any_width_are_read_as_they_are() -> None:
    settle = numpy_calculator(NINGXIA).settle
    for kind in ("int8", "uint8", ">i4", "int64", "uint64"):
        assert settle(claims(1, borne=np.array([99], kind))).own_share.tolist() == [99]
    assert broken(claims(1, borne=np.array([2**64 - 1], np.uint64))) == [(0, "borne", "out of range")]
    assert broken(claims(1, borne=np.array([-(2**63)]))) == [(0, "borne", "negative")]
    assert broken(claims(1, borne=np.array([DOMAIN_TOP + 1]))) == [(0, "borne", "out of range")]


def test_what_is_missing_or_wrong_is_rejected_and_has_no_amount() -> None:
    masked = [False, True]
    for field, column, reason in [
        ("claim", np.array(["1", ""]), "missing"),
        ("claim", np.ma.masked_array(["1", "2"], masked), "missing"),
        ("claim", np.array(["1", None], object), "missing"),
        ("claim", np.array(["1", 2], object), "wrong type"),
        ("person", np.array(["1", ""]), "missing"),
        ("borne", np.ma.masked_array([1, 2], masked), "missing"),
        ("discharged", np.array(["2013-01-01", "NaT"], "datetime64[D]"), "missing"),
        ("discharged", np.array(["2013-01-01", "10000-01-01"], "datetime64[D]"), "wrong type"),
        ("discharged", np.array(["2013-01-01", "0000-12-31"], "datetime64[D]"), "wrong type"),
        ("discharged", np.array(["2013-01-01", "2014-01-01"], "datetime64[D]"), "not in force"),
        ("illness", np.array(["general", ""]), "unknown value"),
        ("illness", np.array(["general", None], object), "missing"),
        ("illness", np.array(["general", 7.5], object), "wrong type"),
        ("illness", np.array(["general", "General"]), "unknown value"),
    ]:
        settled = numpy_calculator(NINGXIA).settle(claims(2, **{field: column}))
        assert settled.rejections() == [(1, field, reason)]
        assert settled.rejected.tolist() == masked
        assert settled.row.tolist() == [0]
        assert len(settled.critical_illness) == len(settled.own_share) == 1


def _as_objects(values: Any, _: Any) -> Any:
    return values.astype(object)


def _as_strings(values: Any, _: Any) -> Any:
    return values.astype(np.dtypes.StringDType())


def _as_codes(values: Any, module: Any) -> Any:
    words = ["not used", *sorted(set(values.tolist()), reverse=True)]
    return module.Coded(np.array([words.index(value) for value in values], np.int32), words)


def _in_other_order(values: Any, _: Any) -> Any:
    return values.astype(values.dtype.newbyteorder(">"))


def _with_steps(values: Any, _: Any) -> Any:
    return np.repeat(values, 2)[::2]


@pytest.mark.parametrize("form", [_as_objects, _as_strings, _as_codes, _in_other_order, _with_steps])
def test_text_counts_alike_in_whatever_form_it_comes(form: Callable[[Any, Any], Any]) -> None:
    module = numpy_calculator(NINGXIA)
    random = Random(3)
    plain = claims(
        300,
        claim=np.array([random.choice(["10", "9", "é", "王x", "b" * 30]) + str(n) for n in range(300)]),
        person=np.array([random.choice(["", "A", "a", "Ω", "李"]) for _ in range(300)]),
        illness=np.array([random.choice(["general", "listed", "other"]) for _ in range(300)]),
    )
    other = {
        name: form(plain[name], module) if name in ("claim", "person", "illness") else plain[name] for name in plain
    }
    expected, found = module.settle(plain), module.settle(other)
    assert found.rejections() == expected.rejections() and len(expected.rejections()) > 50
    assert found.critical_illness.tolist() == expected.critical_illness.tolist()


def test_a_code_below_zero_is_missing_and_one_without_a_word_is_refused() -> None:
    module = numpy_calculator(NINGXIA)
    words = ("listed", "general")
    assert broken(claims(2, illness=module.Coded(np.array([1, -1]), words)), module) == [(1, "illness", "missing")]
    with pytest.raises(module.ClaimError, match="illness: a code without a word"):
        module.settle(claims(2, illness=module.Coded(np.array([1, 2]), words)))
    with pytest.raises(module.ClaimError, match="illness: codes of type float64"):
        module.settle(claims(2, illness=module.Coded(np.array([1.0, 0.0]), words)))


class Word(str):
    """A text that says another one of itself, as those of enumerations do."""

    __slots__ = ()

    def __str__(self) -> str:
        return "another"


LONG_AGO, LATE = date(2013, 1, 1), date(2013, 12, 31)

READ: list[tuple[str, Any, list[object]]] = [
    # The field, a column of two, and what its values are to the scalar calculator.
    ("illness", np.array([Word("general"), Word("listed")], object), ["general", "listed"]),
    ("illness", np.array(["general", "listed"], object), ["general", "listed"]),
    ("illness", np.array([b"general", "listed"], object), [b"general", "listed"]),
    ("illness", np.array(["general ", "listed"]), ["general ", "listed"]),
    ("illness", np.char.array(["general ", "listed"]), ["general ", "listed"]),
    ("illness", np.array([None, float("nan")], object), [None, float("nan")]),
    ("illness", np.ma.masked_array(np.array(["general", "a\0"], object), [False, True]), ["general", None]),
    ("illness", np.ma.masked_array(["general", "listed"], [True, False]), [None, "listed"]),
    ("illness", np.zeros(2, "U"), ["", ""]),
    ("claim", np.array(["A", "\ud800"], object), ["A", "\ud800"]),
    ("person", np.asfortranarray(["A", "B"]), ["A", "B"]),
    ("person", np.array(["A", "B", "C"])[::-2], ["C", "A"]),
    ("discharged", np.array(["2013-01-01", "2013-12-31"], ">M8[D]"), [LONG_AGO, LATE]),
    ("discharged", np.array(["NaT", "2013-12-31"], "M8[D]"), [None, LATE]),
    ("discharged", np.ma.masked_array(np.array(["2013-01-01"] * 2, "M8[D]"), [True, False]), [None, LONG_AGO]),
    ("borne", np.array([-1, 127], np.int8), [-1, 127]),
    ("borne", np.array([0, 2**64 - 1], np.uint64), [0, 2**64 - 1]),
    ("borne", np.array([1, 2], ">u2"), [1, 2]),
    ("borne", np.ma.masked_array(np.array([7, 2**64 - 1], np.uint64), [False, True]), [7, None]),
    ("borne", np.ma.masked_array(np.array([7, -1], np.int8), [False, True]), [7, None]),
    ("borne", np.arange(8)[::-4], [7, 3]),
]


@pytest.mark.parametrize(("field", "column", "values"), READ)
def test_a_column_is_read_as_the_scalar_calculator_reads_its_values(
    field: str, column: Any, values: list[object]
) -> None:
    _read_alike(claims(2, **{field: column}), field, values)


@pytest.mark.parametrize(
    ("field", "codes", "words", "values"),
    [
        ("illness", [0, 1], ["general", "listed"], ["general", "listed"]),
        ("illness", [0, 1], ["general", None], ["general", None]),
        ("illness", [0, 1], ["general", 2], ["general", 2]),
        ("illness", [0, 1], ["general", b"listed"], ["general", b"listed"]),
        ("illness", [0, 1], ["general", ""], ["general", ""]),
        ("illness", [0, 1], [Word("general"), Word("listed")], ["general", "listed"]),
        ("illness", [-1, -128], [], [None, None]),
        ("illness", np.ma.masked_array([0, 99], [False, True]), ["general"], ["general", None]),
        ("claim", [0, 1], ["A", None], ["A", None]),
        ("claim", [0, 1], [1, 2], [1, 2]),
        ("claim", [0, 1], ["A", ""], ["A", ""]),
        ("claim", [0, 1], ["A", "A"], ["A", "A"]),
    ],
)
def test_codes_are_read_as_their_words(field: str, codes: Any, words: list[Any], values: list[object]) -> None:
    module = numpy_calculator(NINGXIA)
    for kind in ("int8", "int64", ">i4", *([] if np.min(codes) < 0 else ["uint64"])):
        column = module.Coded(np.ma.asarray(codes).astype(kind), words)
        _read_alike(claims(2, **{field: column}), field, values, module)


def _read_alike(columns: dict[str, Any], field: str, values: Sequence[object], module: Any = None) -> None:
    """What is settled and rejected is what the scalar calculator settles and rejects of these values."""
    module, scalar = module or numpy_calculator(NINGXIA), calculator(NINGXIA)
    rows = [{name: column[row].item() for name, column in columns.items() if name != field} for row in range(2)]
    given = [scalar.Claim(**row, **{field: value}) for row, value in zip(rows, values, strict=True)]
    expected, rejected = scalar.settle_all(given)
    settled = module.settle(columns)
    assert settled.own_share.tolist() == [one.own_share for one in expected]
    assert settled.critical_illness.tolist() == [one.critical_illness for one in expected]
    assert settled.rejections() == [(one.row, one.field, one.reason) for one in rejected]


@pytest.mark.parametrize(
    ("field", "column", "reason"),
    [
        ("claim", np.array("A"), "not an array of one dimension"),
        ("claim", np.array([["A"], ["B"]]), "not an array of one dimension"),
        ("borne", np.ma.masked_array([1.0, 2.0], [True, True]), "values of type float64, not whole numbers"),
        ("borne", np.array([1, 2], "timedelta64[D]"), "values of type timedelta64[D], not whole numbers"),
        ("borne", np.array([1, 2], complex), "values of type complex128, not whole numbers"),
        ("discharged", np.array(["2013-01-01"] * 2, "M8[7D]"), "values of type datetime64[7D], not datetime64[D]"),
        ("discharged", np.array([date(2013, 1, 1)] * 2, object), "values of type object, not datetime64[D]"),
        ("illness", np.array(["general", "general\0"], object), "text with a zero character, which NumPy cuts off"),
    ],
)
def test_more_columns_of_another_kind_are_refused_by_their_names(field: str, column: Any, reason: str) -> None:
    module = numpy_calculator(NINGXIA)
    with pytest.raises(module.ClaimError) as error:
        module.settle(claims(2, **{field: column}))
    assert (error.value.field, error.value.reason) == (field, reason)


@pytest.mark.parametrize(
    ("codes", "words", "reason"),
    [
        ([0, 0], ["general\0"], "text with a zero character, which NumPy cuts off"),
        ([0, 1], ["A", "A\0"], "text with a zero character, which NumPy cuts off"),
        (np.array([0, 2**64 - 1], np.uint64), ["general"], "a code without a word"),
        ([0, 0], [], "a code without a word"),
        ([True, False], ["general", "listed"], "codes of type bool, not whole numbers"),
    ],
)
def test_codes_that_stand_for_no_text_are_refused(codes: Any, words: list[str], reason: str) -> None:
    module = numpy_calculator(NINGXIA)
    with pytest.raises(module.ClaimError) as error:
        module.settle(claims(2, illness=module.Coded(np.asarray(codes), words)))
    assert (error.value.field, error.value.reason) == ("illness", reason)


@pytest.mark.parametrize("compiled", [False, True])
def test_columns_that_may_not_be_written_to_are_left_as_they_are(compiled: bool) -> None:
    columns = claims(4, borne=np.arange(8)[::2], person=np.array(["P", "Q", "", "P"]))
    kept = {name: column.copy() for name, column in columns.items()}
    for column in columns.values():
        column.flags.writeable = False
    settled = numpy_calculator(NINGXIA).settle(columns, compiled=compiled)
    assert settled.row.tolist() == [0, 1, 3]
    assert all((columns[name] == kept[name]).all() for name in columns)


def test_no_claims_at_all_are_settled_in_every_form() -> None:
    module = numpy_calculator(NINGXIA)
    coded = module.Coded(np.array([], np.int8), [])
    for text in (np.array([], "U3"), np.array([], object), np.ma.masked_array([], [], dtype="U1"), coded):
        columns = {**claims(0), "claim": text, "person": text, "illness": text}
        assert module.settle(columns).row.tolist() == []


def test_a_masked_argument_has_no_amount() -> None:
    module = numpy_calculator(NINGXIA)
    masked, good = np.ma.masked_array([1_000_000, 2_000_000], [False, True]), np.array([0, 1])
    for total, illness, field in [(masked, good, "total"), (good, masked, "illness")]:
        with pytest.raises(module.ClaimError, match=f"{field}: missing"):
            module.critical_illness_of(total, illness)
    unmasked = np.ma.masked_array([1_000_000, 2_000_000])
    assert type(module.critical_illness_of(unmasked, good)) is np.ndarray
    with pytest.raises(module.ClaimError, match="total: out of range"):
        module.critical_illness_of(np.array([1, 2**64 - 1], np.uint64), good)


def test_a_masked_number_is_missing_where_the_least_is_more_than_its_column_holds() -> None:
    model = model_of(LEAST)
    columns = {"claim": np.array(["1", "2"]), "cost": np.ma.masked_array(np.array([1, 2], np.int8), [True, False])}
    assert numpy_calculator(model).settle(columns).rejections() == [
        (0, "cost", "missing"),
        (1, "cost", "out of range"),
    ]


LEAST = """policy p
  currency CNY
claim
  cost money from 500 up to 1,000
benefit b
  of cost
  pay cost
"""
