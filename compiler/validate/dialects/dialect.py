"""What a dialect of SQL means, as data: the places where engines differ in what the same words mean.

Common to all of them: comparisons with NULL are NULL, AND and OR have three values, `WHERE` keeps rows for which its
condition is true, `CASE` takes the first branch whose test is true, LEAST and GREATEST are only asked of what is there.

A further dialect is a file beside this one, and a line in `__init__.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.validate.meaning import Kinds, Sort


@dataclass(frozen=True, slots=True)
class TypeTest:
    """A test that asks for the type of a value, as text around a column `{}`, and the answer for each kind of value.

    holds     the kinds for which it is true
    unknown   the kinds for which it is NULL, or not true at any rate
    of_null   whether it has an answer for NULL too: the same as for another value
    anything  the kinds for which it may be true or false
    but       the only value of a kind for which it is false, where it holds; true, where it does not
    """

    text: str
    holds: frozenset[str]
    unknown: frozenset[str] = frozenset()
    of_null: bool = False
    anything: frozenset[str] = frozenset()
    but: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect.

    name           as in `sql/<name>/`
    reader         the name that sqlglot has for it
    kinds          the types that are right for facts
    null_kind      what `typeof` says of NULL, where it says so of NULL and not of the column
    truncates      the operator of whole numbers that drops the fraction, towards zero: `Div` or `IntDiv`
    constant_bits  how wide a constant of at most 32 bits is; a product or sum is as wide as its widest part
    bare           the facts that may be taken over as they are: their type was asked for, or holds them fast
    collations     the collations that compare and order text by code point
    text_casts     the types to which a text can be cast and stay what it is
    exact_casts    of these, the ones that make text compare by code point
    cast_collated  whether types of text compare in ways of their own in any collation, and what takes a collation is a
                   text: a column is read by both, first a collation and then an exact cast
    day_casts      the types to which a day can be cast and becomes the text of ten characters that it is written as
    whole_types    the types of whole numbers, and how many bits they have
    type_tests     see there
    words_apart    whether no value of another type is equal to a text, but to one that looks like a number
    functions      whether a file may make functions of its own
    groups_of_one  whether a GROUP BY may show any column of a group, which of a group of one row is that row's
    columns        the types of the columns of the claims table: text, days, whole numbers
    before         the statements, as text, before and between the table and the views
    drop           how a view is dropped before it is made, around its name
    view           how the statement begins that makes a view, around its name
    fences         what may end a subquery to keep it apart
    backslashes    whether a backslash in a text stands for what follows it
    read_anywhere  what the engine reads wherever it stands, in texts and remarks too
    """

    name: str
    reader: str
    kinds: Kinds
    truncates: str
    constant_bits: int
    bare: frozenset[Sort]
    collations: frozenset[str]
    text_casts: frozenset[str]
    exact_casts: frozenset[str]
    whole_types: dict[str, int]
    columns: dict[Sort, str]
    view: str
    null_kind: str | None = None
    type_tests: tuple[TypeTest, ...] = ()
    words_apart: bool = False
    groups_of_one: bool = False
    functions: bool = False
    before: tuple[str, ...] = ()
    drop: str = ""
    fences: frozenset[str] = frozenset()
    day_casts: frozenset[str] = frozenset()
    cast_collated: bool = False
    backslashes: bool = False
    read_anywhere: frozenset[str] = frozenset()
