"""The generated NumPy calculator as an engine: rows of claims in as columns, what is settled and rejected out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from compiler.emit.numpy import emit_numpy
from compiler.model import CLAIM_NUMBER, CountFact, DateFact, Model, MoneyFact
from tests.engines.engines import Engine, Results, Row
from tests.generated import MARK, module_of


def settle_in_numpy(model: Model, rows: Sequence[Row], *, compiled: bool = False) -> Results:
    """Through the calculator for arrays: an amount is a whole number of 64 bits or None, a date a day or None."""
    return numpy_results(model, emit_numpy(model, MARK), rows, compiled=compiled)


def numpy_results(model: Model, text: str, rows: Sequence[Row], *, compiled: bool = False) -> Results:
    """Through the text of a calculator for arrays."""
    module = module_of(text, f"{model.id}_numpy.py", "numpy_calculator")
    settled = module.settle(columns_of(model, rows), compiled=compiled)
    numbers = [rows[row][CLAIM_NUMBER] for row in settled.row.tolist()]
    amounts = [getattr(settled, name).tolist() for name in amount_fields(model, module)]
    return Results(
        Counter(zip(numbers, *amounts, strict=True)),
        Counter((rows[row][CLAIM_NUMBER], field, reason) for row, field, reason in settled.rejections()),
    )


settle_in_numba: Engine = partial(settle_in_numpy, compiled=True)
"""The same, the amounts computed by loops that numba compiles."""


def columns_of(model: Model, rows: Sequence[Row]) -> dict[str, Any]:
    """The rows as one array for each fact, what is None in them masked."""
    found: dict[str, Any] = {CLAIM_NUMBER: _text([row[CLAIM_NUMBER] for row in rows])}
    for fact in model.facts:
        values = [row[fact.name] for row in rows]
        match fact:
            case MoneyFact() | CountFact():
                plain = np.array([0 if value is None else value for value in values], np.int64)
                found[fact.name] = np.ma.masked_array(plain, [value is None for value in values])
            case DateFact():
                found[fact.name] = np.array(values, "datetime64[D]")
            case _:
                found[fact.name] = _text(values)
    return found


def _text(values: Sequence[str | None]) -> Any:
    plain = np.array([value or "" for value in values], np.str_)
    return np.ma.masked_array(plain, [value is None for value in values])


def amount_fields(model: Model, module: Any) -> list[str]:
    """The fields of a settlement that hold the amounts, in the order of the policy."""
    fields = list(module.Settlement.__dataclass_fields__)[2:]
    by_name = dict(zip(module.COLUMNS, fields, strict=True))
    return [by_name[amount.name] for amount in model.amounts]
