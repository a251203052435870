"""The file of a SQL calculator: its statements in their order, and nothing in it that the parser does not see."""

from __future__ import annotations

import re

import pytest

from compiler.driver import DIALECTS
from compiler.validate import Differs, Strange, first_flaw
from compiler.validate.dialects import dialect_named
from compiler.validate.sql_remarks import require_visible
from compiler.validate.values import Outside
from tests import models
from tests.engines.engines import emitted

MODEL = models.ningxia()
TEXTS = {name: emitted(MODEL, name) for name in DIALECTS}


def is_refused(dialect: str, text: str) -> bool:
    """Whether a text is one that no calculator has, or differs from the policy."""
    assert text != TEXTS[dialect]
    return isinstance(first_flaw(MODEL, f"sql/{dialect}", text), Strange | Differs)


def statements(text: str) -> list[str]:
    """The statements of a file; no name or text in it has a semicolon."""
    plain = re.sub(r"--[^\n]*", "", text)
    return [one.strip() for one in plain.split(";") if one.strip()]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_statement_in_another_place_is_refused(dialect: str) -> None:
    found = statements(TEXTS[dialect])
    for place in range(len(found) - 1):
        if all(" FUNCTION " in one.splitlines()[0] for one in found[place : place + 2]):
            continue  # a function may stand anywhere after those that it calls
        other = [*found[:place], found[place + 1], found[place], *found[place + 2 :]]
        assert is_refused(dialect, ";\n".join(other) + ";\n"), found[place][:60]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_statement_too_few_or_too_many_is_refused(dialect: str) -> None:
    found = statements(TEXTS[dialect])
    for place, statement in enumerate(found):
        assert is_refused(dialect, ";\n".join([*found[:place], *found[place + 1 :]]) + ";\n"), statement[:60]
        assert is_refused(dialect, ";\n".join([*found, statement]) + ";\n"), statement[:60]


def test_a_view_that_is_dropped_at_the_end_is_refused() -> None:
    found = statements(TEXTS["sqlite"])
    drops = [one for one in found if one.startswith("DROP")]
    assert len(drops) == 2
    assert is_refused("sqlite", ";\n".join([*(one for one in found if one not in drops), *drops]) + ";\n")


HIDDEN = {
    "run by the engine": "/*! + 7 */",
    "run by a later version": "/*!50000 + 7 */",
    "run by MariaDB": "/*M! + 7 */",
    "a hint": "/*+ NO_INDEX */",
    "a remark": "/* + 7 */",
    "a remark of templates": "{# + 7 #}",
    "a remark of MariaDB": "# + 7\n",
    "no remark to MariaDB": "--7\n",
    "a carriage return": "-- a\r + 7\n",
    "a line of Unicode": "-- a\u2028 + 7\n",
    "a backslash": "-- a\\\n",
    "a form feed": "\f",
    "a blank of Unicode": "\u00a0",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=list(HIDDEN))
def test_what_an_engine_may_read_otherwise_is_refused(dialect: str, hidden: str) -> None:
    flaw = first_flaw(MODEL, f"sql/{dialect}", TEXTS[dialect].replace("ELSE", f"{hidden} ELSE", 1))
    assert isinstance(flaw, Strange)
    assert "signs that no calculator has" in flaw.what
    assert flaw.line > 20


def test_what_spark_fills_in_is_refused_wherever_it_stands() -> None:
    text = TEXTS["spark"].replace("-- Lines", "-- ${secret} Lines", 1)
    assert is_refused("spark", text)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_texts_and_names_may_hold_what_is_no_remark_there(dialect: str) -> None:
    known = dialect_named(dialect)
    quote = "`" if known.reader in ("mysql", "spark") else '"'
    require_visible(f"SELECT '/* a -- #' AS {quote}b -- /*! c{quote}, 'it''s' -- {{# done /* it's\n", known)
    for wrong in ("SELECT E'a'", "SELECT 'a", f"SELECT {quote}a", "SELECT x'41'", "SELECT 'a' #"):
        with pytest.raises(Outside):
            require_visible(wrong, known)
    escaped = "SELECT 'a\\' -- b'"  # where a backslash counts, the text goes on
    if known.backslashes:
        require_visible(escaped, known)
    else:
        require_visible("SELECT 'a\\' -- b", known)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_of_other_columns_is_refused(dialect: str) -> None:
    found = statements(TEXTS[dialect])
    (table,) = [one for one in found if one.startswith("CREATE TABLE")]
    lines = table.splitlines()
    for place in range(1, len(lines) - 1):
        without = "\n".join([*lines[:place], *lines[place + 1 :]])
        other = table.replace(lines[place], lines[place].rstrip(",") + " NOT NULL" + "," * lines[place].endswith(","))
        for changed in (without, other):
            if not changed.splitlines()[-2].endswith(","):
                assert is_refused(dialect, ";\n".join(changed if one == table else one for one in found) + ";\n")


FORGIVEN = {
    "THEN": " THEN ",
    "AND of BETWEEN": r"(?<=BETWEEN 0) AND ",
    "AS of a column": r" AS (?=[`\"]field)",
    "AS of a type": r" AS (?=BIGINT\)|SIGNED\)|bigint\)|INTEGER\))",
    "a parenthesis": r"(?<=BIGINT|bigint|SIGNED|BINARY)\)(?= AS )",
    "BETWEEN of a window": r"(?<=RANGE )BETWEEN ",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("missing", FORGIVEN)
def test_a_word_that_the_parser_does_not_miss_is_missed(dialect: str, missing: str) -> None:
    """Such a text is no SQL to its engine, though the parser makes the same tree of it."""
    text = TEXTS[dialect]
    places = list(re.finditer(FORGIVEN[missing], text))
    for found in (places[0], places[-1]) if places else ():
        assert is_refused(dialect, f"{text[: found.start()]} {text[found.end() :]}"), text[found.start() - 60 :][:90]
    # SQLite has no casts here, and not every dialect finds claims that are alike by a window of peers.
    assert places or (dialect, missing) in ABSENT


ABSENT = {
    ("sqlite", "AS of a type"),
    ("sqlite", "a parenthesis"),
    ("duckdb", "BETWEEN of a window"),
    ("postgresql", "BETWEEN of a window"),
    ("sqlite", "BETWEEN of a window"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_view_has_subqueries_of_its_own(dialect: str) -> None:
    """What the other view has under a name is none of this one: to its engine there is no such table."""
    text = TEXTS[dialect]
    begins = text.rindex("CREATE ")
    names = re.findall(r'^([`"]s\d_\w+[`"]) AS', text[begins:], re.MULTILINE)
    for name in names:
        place = text.index(f"{name} AS", begins)
        renamed = f"{text[:place]}{name[0]}another{name[0]}{text[place + len(name) :]}"
        assert is_refused(dialect, renamed), name
    assert names
