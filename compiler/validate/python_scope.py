"""Where a statement of a Python calculator stands, and what is noted while its functions are read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import z3

from compiler.validate.reading import Computed, Duty
from compiler.validate.values import Given, Refusal, Text, Value, both

DATE, INT, STR = "date", "int", "str"
"""The types of Python that facts have, as kinds of what is given."""


@dataclass(frozen=True, slots=True)
class Key:
    """A formatted text: constants, whole numbers with their format, and texts, in a row."""

    parts: tuple[str | tuple[z3.ArithRef, str] | Text, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """An object by its fields."""

    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger that is asked for or set: on which line, of which key, to what, and when it is come to."""

    line: int
    key: Key
    value: z3.ArithRef
    path: z3.BoolRef


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function where a claim is settled: with which values, and when it is come to; `of` names the amounts
    that are computed before it."""

    line: int
    values: tuple[Value, ...]
    path: z3.BoolRef
    of: tuple[str, ...]


@dataclass(slots=True)
class Book:
    """What is noted while a function is read: duties, entries of the ledger, and amounts that became cuts.

    asked   the entries of the ledger that are read
    set_to  the entries that are written
    cut     the value of each amount, by its local name, as it was computed
    words   the value of each dated category whose word is asked for
    calls   the calls of each function where a claim is settled
    read    every function that was called
    """

    duties: list[Duty] = field(default_factory=list)
    asked: list[Entry] = field(default_factory=list)
    set_to: list[Entry] = field(default_factory=list)
    cut: dict[str, Computed] = field(default_factory=dict)
    words: dict[str, z3.ArithRef] = field(default_factory=dict)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a statement stands.

    names      local names
    constants  names of the module
    functions  the functions that may be called from here
    path       when it is come to
    settling   a claim is being settled, which breaks no rule of its own
    cuts       local names that stand for an amount's cut as soon as they have a value: the amount, and the cut
    tellers    functions of a day whose value stands for a word's cut: the category, and the cut
    entries    the entries of the ledger, in the order in which they are asked for
    terms      what each fact, amount and category is, by its name in the policy
    """

    names: Mapping[str, Value | Key | Record]
    constants: Mapping[str, Value]
    functions: Mapping[str, ast.FunctionDef]
    path: z3.BoolRef
    book: Book
    settling: bool = False
    cuts: Mapping[str, tuple[str, z3.ArithRef]] = field(default_factory=dict)
    tellers: Mapping[str, tuple[str, z3.ArithRef]] = field(default_factory=dict)
    entries: tuple[Given, ...] = ()
    terms: Mapping[str, z3.ArithRef] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a function ends: with a value, or, where `raised`, with a rejection."""

    value: Value | Record
    raised: z3.BoolRef
    error: Refusal


def on(scope: Scope, holds: z3.BoolRef) -> Scope:
    """Where a test holds."""
    return replace(scope, path=both([scope.path, holds]))


def duty(scope: Scope, fails: z3.BoolRef, line: int, what: str) -> None:
    """Note that something must never happen here."""
    if not z3.is_false(fails):
        scope.book.duties.append(Duty(both([scope.path, fails]), line, what, scope.settling, tuple(scope.book.cut)))
