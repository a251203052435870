"""Frozen dataclasses as plain data that JSON can carry, and back, every part checked against its type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


class UnfitDataError(ValueError):
    """The data is not what a value of the type would have been written as."""


def to_data(value: object) -> object:
    """A value of dataclasses, tuples, enumerations, days, texts and numbers as lists, dictionaries, texts and numbers.

    A dataclass is a list of its name and its fields in order; a day is `["date", "2013-01-31"]`.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(to_data(getattr(value, field.name)) for field in fields(value))]
    if isinstance(value, tuple):
        return [to_data(item) for item in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date):
        return ["date", value.isoformat()]
    assert value is None or isinstance(value, str | int), value
    return value


def from_data(data: object, kind: Any) -> Any:
    """The value of a type that was written as this data. Raises UnfitDataError where there is none."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        for one in get_args(kind):
            if _could_be(data, one):
                return from_data(data, one)
        raise UnfitDataError(f"none of {kind}")
    if origin is tuple:
        return _tuple(data, get_args(kind))
    if is_dataclass(kind) and isinstance(kind, type):
        types = _field_types(kind)
        if not _could_be(data, kind) or not isinstance(data, list) or len(data) != len(types) + 1:
            raise UnfitDataError(f"no {kind.__name__}")
        return kind(*(from_data(item, wanted) for item, wanted in zip(data[1:], types, strict=True)))
    if not _could_be(data, kind):
        raise UnfitDataError(f"no {kind}")
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[str(data)]
    if kind is date:
        return _date(data)
    return data


def _could_be(data: object, kind: Any) -> bool:
    """Whether data has the outer form of a type."""
    if is_dataclass(kind) and isinstance(kind, type):
        return isinstance(data, list) and bool(data) and data[0] == kind.__name__
    if kind is date:
        return isinstance(data, list) and len(data) == 2 and data[0] == "date"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return isinstance(data, str) and data in kind.__members__
    if kind in (None, NoneType):
        return data is None
    return type(data) is kind or (get_origin(kind) is tuple and isinstance(data, list))


def _tuple(data: object, inside: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise UnfitDataError("no list")
    kinds: Iterable[Any] = inside
    if len(inside) == 2 and inside[1] is Ellipsis:
        kinds = [inside[0]] * len(data)
    elif len(inside) != len(data):
        raise UnfitDataError(f"{len(data)} and not {len(inside)}")
    return tuple(from_data(item, kind) for item, kind in zip(data, kinds, strict=True))


def _date(data: object) -> date:
    assert isinstance(data, list)
    try:
        return date.fromisoformat(str(data[1]))
    except ValueError as error:
        raise UnfitDataError(str(error)) from error


@cache
def _field_types(kind: type) -> tuple[Any, ...]:
    known = get_type_hints(kind)
    return tuple(known[field.name] for field in fields(kind))
