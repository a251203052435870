"""What a dialect of SQL is, as data: the few places where engines differ in writing or in meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Fence(Enum):
    """How an engine is kept from copying the formula of a column into every place that mentions it."""

    NONE = "none needed"
    OFFSET_ZERO = "OFFSET 0"
    MATERIALIZED = "AS MATERIALIZED"
    LIMIT_ALL = "LIMIT, of as many rows as there can be"


class Duplicates(Enum):
    """The cheapest way to find claims that agree in key, date and claim number."""

    GROUPED = "GROUP BY, and an anti-join"
    WITH_TOTAL = "GROUP BY in the query of the running total, which needs the same order"
    COUNTED = "a count over the partition, whose sorting the running total uses again"
    PEERS = "a count of the peers in the very window of the running total"


class Ladders(Enum):
    """The faster way to find a step of a ladder."""

    IN_A_ROW = "one CASE, step after step"
    HALVED = "a CASE inside a CASE, halving the steps"


class WordTests(Enum):
    """The faster way to ask whether a text is one of a few words."""

    LISTED = "IN"
    COMPARED = "= or =, of no more than eight words"
    DICTIONARY = "= or =, made never NULL where rows are tested"


class NamesAlike(Enum):
    """Which quoted names an engine takes for one."""

    SAME = "the same characters"
    ASCII_CASE = "those that differ in the case of ASCII letters only"
    ANY_CASE = "those that differ in the case of any letters only"


DOUBLED: Mapping[str, str] = {"'": "''"}
"""What standard SQL writes for characters of a text constant that do not stand for themselves."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect. A pattern has `{}` for what it is written around, which is quoted already.

    name                short name, as in `sql/<name>/`
    title               the engine as its makers write it
    note                what a user of the file must know of this engine, in a line; or empty
    unusual             what reads oddly in the views: how it is written there, and a line that says what it is for
    opening             statements before all others, each on a line; they change nothing that is kept
    quote               what stands around a name, and twice inside it
    escapes             what is written for characters of a text constant that do not stand for themselves
    text_type           column types of the claims table: text, days, and whole numbers of 64 bits
    date_type
    whole_type
    read_text           patterns that read a column of the claims table: text so that it compares and orders by code
    read_date           point whatever the column's collation, days, whole numbers of 64 bits; where `is_...` is None
    read_whole          these accept no other type, so that the view cannot even be made
    show_text           pattern of a text as it comes out, around what `read_text` has made
    word                pattern of a text constant where it becomes a column that is compared
    whole               pattern that makes a constant, or a sum of them, a whole number of 64 bits
    is_text             patterns that test the type of a value that is there, used before anything is asked of the
    is_date             value; None where the type of the column says it all
    is_whole
    sure_text           patterns that are true of a value of the type and of no other, nor of NULL, where the engine has
    sure_date           some that cost less than `is_...`: of a text that is not empty, of a day, of a whole number that
    sure_whole          is not negative. None where it has not
    hold_text           patterns that no other type has a form for, around a column where its range is tested (of a
    hold_date           text, that it is not empty): they hold its type fast. None where a type is asked for
    hold_whole
    words_apart         whether no value of another type is equal to a word that does not look like a number
    date_literal        pattern of a day, around its ISO form
    year                patterns of the calendar year of a date, and of its month, that of other years being another one
    month
    month_and_day       pattern of what orders the days of a year alike, and what such a value looks like, around month
    month_and_day_form  and day as numbers
    year_number         pattern of the calendar year of a date as a number
    total               pattern that makes a sum of whole numbers, of whatever type the engine gives it, at most `{1}`
                        and then a whole number of 64 bits
    divide              the operator that divides whole numbers and drops the fraction, towards zero
    least               functions of the smallest and the largest of several values
    greatest
    view                pattern of the beginning of a view that replaces the one before
    function            pattern of a function that is made or takes the place of the one before, around its name, its
                        parameters, and its formula, which the engine puts in the place of a call; None without such
    fence               see there
    duplicates          see there
    ladders             see there
    word_tests          see there
    longest_name_bytes  of an identifier, in UTF-8; longer ones are cut in silence. None without such a limit
    longest_name        of an identifier, in characters. None without such a limit
    basic_names         whether names have characters of the Basic Multilingual Plane only
    names_alike         see there
    taken_columns       names that no column of a table may have
    date_text           pattern of a day as its ISO form
    """

    name: str
    title: str
    note: str
    text_type: str
    date_type: str
    whole_type: str
    read_text: str
    read_date: str
    read_whole: str
    is_text: str | None
    is_date: str | None
    is_whole: str | None
    calendar: str | None
    date_literal: str
    year: str
    month: str
    month_and_day: str
    month_and_day_form: str
    year_number: str
    total: str
    divide: str
    least: str
    greatest: str
    view: str
    fence: Fence
    duplicates: Duplicates
    ladders: Ladders
    word_tests: WordTests
    longest_name_bytes: int | None
    names_alike: NamesAlike
    taken_columns: frozenset[str]
    date_text: str = "CAST({} AS VARCHAR)"
    longest_name: int | None = None
    basic_names: bool = False
    unusual: tuple[tuple[str, str], ...] = ()
    opening: str = ""
    quote: str = '"'
    escapes: Mapping[str, str] = field(default_factory=lambda: DOUBLED)
    show_text: str = "{}"
    word: str = "{}"
    whole: str = "CAST({} AS BIGINT)"
    hold_text: str | None = None
    hold_date: str | None = None
    hold_whole: str | None = None
    function: str | None = None
    sure_text: str | None = None
    sure_date: str | None = None
    sure_whole: str | None = None
    words_apart: bool = False
