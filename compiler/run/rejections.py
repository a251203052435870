"""Why a row was not settled that breaks no rule by itself: the calculator says it, because of other rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compiler.domain import DUPLICATE, TOTAL_OUT_OF_RANGE, Rejection
from compiler.model import CLAIM_NUMBER, FactInput, Model
from compiler.run.outcome import identity

Query = Callable[[str, Sequence[FactInput | None]], list[tuple[Any, ...]]]
"""Runs a statement with its parameters and gives all rows."""

AmongOthers = Mapping[str, Sequence[Rejection]]
"""What the calculator says of claims that are wrong only beside others, by claim number."""


def quoted(identifier: str) -> str:
    """An identifier as all engines write it."""
    return '"' + identifier.replace('"', '""') + '"'


def among_others(query: Query, model: Model) -> AmongOthers:
    """The claims that the calculator rejected because of other claims."""
    select = f"SELECT DISTINCT claim, field, reason FROM {quoted(f'{model.id}_rejected')} WHERE reason IN (?, ?)"
    found: dict[str, list[Rejection]] = {}
    for claim, field, reason in sorted(query(select, [DUPLICATE, TOTAL_OUT_OF_RANGE])):
        found.setdefault(claim, []).append(Rejection(field, reason))
    return found


def rejection(query: Query, model: Model, claim: Mapping[str, FactInput | None], others: AmongOthers) -> Rejection:
    """Why a claim was rejected that breaks no rule by itself.

    Claims of different persons may have one number; where the calculator has two reasons for it, the claim is a
    duplicate if its person and date are there twice as well.
    """
    said = others[str(claim[CLAIM_NUMBER])]
    if len(said) == 1:
        return said[0]
    columns = identity(model)
    same = " AND ".join(f"{quoted(column)} = ?" for column in columns)
    count = f"SELECT count(*) FROM {quoted(f'{model.id}_claims')} WHERE {same}"
    twice = query(count, [claim[column] for column in columns])[0][0] > 1
    return next((one for one in said if (one.reason == DUPLICATE) == twice), said[0])
