"""Frozen dataclasses as plain data that JSON can carry, and back, every part checked against its type."""

from __future__ import annotations

from collections.abc import Callable
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
    return _reader(kind)(data)


@cache
def _reader(kind: Any) -> Callable[[object], Any]:
    """What reads data as a value of a type, and raises UnfitDataError where it is none: a type is looked at once."""
    if get_origin(kind) in (Union, UnionType):
        return _one_of(kind)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind))
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    fits = _could_be(kind)

    def read(data: object) -> Any:
        if not fits(data):
            raise UnfitDataError(f"no {kind}")
        return value(data)

    value = _value(kind)
    return read


@cache
def _could_be(kind: Any) -> Callable[[object], bool]:
    """Whether data has the outer form of a type."""
    if is_dataclass(kind) and isinstance(kind, type):
        name = kind.__name__
        return lambda data: isinstance(data, list) and bool(data) and data[0] == name
    if kind is date:
        return lambda data: isinstance(data, list) and len(data) == 2 and data[0] == "date"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda data: isinstance(data, str) and data in kind.__members__
    if get_origin(kind) is tuple:
        return lambda data: isinstance(data, list)
    exact = NoneType if kind is None else kind
    return lambda data: type(data) is exact


def _value(kind: Any) -> Callable[[object], Any]:
    """The value of plain data that has the form of its type."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda data: kind[str(data)]
    return _date if kind is date else lambda data: data


def _one_of(kind: Any) -> Callable[[object], Any]:
    choices = [(_could_be(one), _reader(one)) for one in get_args(kind)]

    def read(data: object) -> Any:
        for fits, reader in choices:
            if fits(data):
                return reader(data)
        raise UnfitDataError(f"none of {kind}")

    return read


def _dataclass(kind: type) -> Callable[[object], Any]:
    types = get_type_hints(kind)
    readers = [_reader(types[field.name]) for field in fields(kind)]
    fits, length = _could_be(kind), len(readers) + 1

    def read(data: object) -> Any:
        if not fits(data) or not isinstance(data, list) or len(data) != length:
            raise UnfitDataError(f"no {kind.__name__}")
        return kind(*[reader(item) for reader, item in zip(readers, data[1:], strict=True)])

    return read


def _tuple(inside: tuple[Any, ...]) -> Callable[[object], tuple[Any, ...]]:
    repeated = len(inside) == 2 and inside[1] is Ellipsis
    readers = [_reader(one) for one in (inside[:1] if repeated else inside)]

    def read(data: object) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise UnfitDataError("no list")
        if repeated:
            return tuple([readers[0](item) for item in data])
        if len(readers) != len(data):
            raise UnfitDataError(f"{len(data)} and not {len(readers)}")
        return tuple([reader(item) for reader, item in zip(readers, data, strict=True)])

    return read


def _date(data: object) -> date:
    assert isinstance(data, list)
    try:
        return date.fromisoformat(str(data[1]))
    except ValueError as error:
        raise UnfitDataError(str(error)) from error
