"""A SQL calculator is read again, and proved to be its policy; what must not pass does not, in any dialect."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from compiler.emit.sql import emit_sql
from compiler.model import CategoryFact, Model
from compiler.validate import Differs, Strange, first_flaw
from compiler.validate.dialects import DIALECTS
from tests import models
from tests.engines import constructs
from tests.generated import MARK
from tests.policies import chosen

NAMES = tuple(dialect.name for dialect in DIALECTS)
STACK = chosen("jiangning/ncms_and_critical_illness.policy", "highest")
COUNT = constructs.construct("an amount a day")


def text_of(model: Model, dialect: str) -> str:
    """A calculator with names in straight quotes only, so that one pattern fits all dialects."""
    return emit_sql(model, dialect, MARK)


def flaw_of(dialect: str, old: str, new: str, model: Model = STACK, *, everywhere: bool = True) -> object:
    """The first flaw of a calculator in which a text is replaced: in both views, or in the first of them only."""
    quote = '"' if '"claim"' in text_of(model, dialect) else "`"
    old, new = (one.replace('"', quote) for one in (old, new))
    text = text_of(model, dialect)
    assert old in text
    return first_flaw(model, f"sql/{dialect}", text.replace(old, new, -1 if everywhere else 1))


@pytest.mark.parametrize("name", [*constructs.BODIES, *constructs.VERSIONS])
def test_a_calculator_of_every_construct_is_proved(name: str) -> None:
    # Each construct in one dialect, and every dialect with some of them: all of all take minutes.
    dialect = NAMES[sum(map(ord, name)) % len(NAMES)]
    model = constructs.versions(name) if name in constructs.VERSIONS else constructs.construct(name)
    assert first_flaw(model, f"sql/{dialect}", text_of(model, dialect)) is None


@pytest.mark.parametrize("dialect", NAMES)
def test_a_calculator_of_a_stack_is_proved(dialect: str) -> None:
    assert first_flaw(STACK, f"sql/{dialect}", text_of(STACK, dialect)) is None


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ('(3 * "total 2" - 5249998)', '(3 * "total 2" - 5249997)', "critical_illness"),
        ('3 * "total 2 before"', '2 * "total 2 before"', "critical_illness"),
        ("ELSE 25000000 -- line", 'ELSE "total 1" -- line', "basic"),
        ('"cost" - ("basic" + "critical_illness")', '"cost" - ("basic" - "critical_illness")', "own_share"),
        ('"basic_due" AS "basic.before_cap"', '"cost" AS "basic.before_cap"', "basic.before_cap"),
    ],
)
def test_a_slip_in_an_amount_is_shown_by_a_claim(dialect: str, old: str, new: str, subject: str) -> None:
    if dialect == "postgresql":
        # There the formula is that of a function, whose parameter has a name of its own.
        old, new = (re.sub(r'"total \d( before)?"', '"total"', one) for one in (old, new))
    flaw = flaw_of(dialect, old, new)
    assert isinstance(flaw, Differs)
    assert flaw.subject == subject
    assert flaw.policy != flaw.calculator


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" 10000000000000\n    AND", " 10000000000001\n    AND"),
        ('c."cost" < 0 THEN', 'c."cost" <= 0 THEN'),
        ('\n    AND c."basic_due" <= c."cost"', ""),
        ("'negative'", "'out of range'"),
        ('"total 1" > 10000000000000', '"total 1" >= 10000000000000'),
        ('WHERE "total 2" <= 10000000000000', 'WHERE "total 2" < 10000000000000'),
        ('ORDER BY "discharged", "claim"', 'ORDER BY "claim", "discharged"'),
        ("ROWS UNBOUNDED PRECEDING", "RANGE UNBOUNDED PRECEDING"),
        ('sum("basic.before_cap")', 'sum("basic.base")'),
        ('PARTITION BY "person", ', "PARTITION BY "),
        ("UNION ALL", "UNION"),
        ('END AS "reason"', 'END AS "why"'),
        ('END AS "field"', 'END AS "claim"'),
        ('"critical_illness",\n', '"basic" AS "critical_illness",\n'),
        ("CREATE TABLE IF NOT EXISTS", "CREATE TABLE"),
        ('  "cost" ', '  "cost" TEXT -- '),
        ("IS NOT TRUE", "IS TRUE"),
    ],
)
def test_a_slip_in_what_is_settled_or_rejected_is_refused(dialect: str, old: str, new: str) -> None:
    assert isinstance(flaw_of(dialect, old, new), Differs | Strange)


@pytest.mark.parametrize("dialect", NAMES)
def test_a_slip_that_changes_nothing_is_none(dialect: str) -> None:
    # A row that keeps every rule is not looked at there at all.
    assert flaw_of(dialect, 'c."basic_due" > c."cost"', 'c."basic_due" >= c."cost"') is None


@pytest.mark.parametrize("dialect", NAMES)
def test_the_two_views_must_compute_alike(dialect: str) -> None:
    flaw = flaw_of(dialect, '"cost" - "basic" AS', '"cost" - "basic" + 0 AS', everywhere=False)
    assert isinstance(flaw, Strange)
    assert "is another one in the view of rejected claims" in flaw.what


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "mariadb"])
def test_a_division_with_a_fraction_has_no_place(dialect: str) -> None:
    text = text_of(STACK, dialect)
    changed = re.sub(r"(//|DIV) 5", "/ 5", text)
    assert changed != text
    assert isinstance(first_flaw(STACK, f"sql/{dialect}", changed), Strange)


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql", "spark"])
def test_a_product_of_32_bits_is_shown_where_it_leaves_them(dialect: str) -> None:
    flaw = flaw_of(dialect, "ELSE 25000000 -- line", "ELSE 2000000000 * 5 -- line")
    assert isinstance(flaw, Differs)


@pytest.mark.parametrize("dialect", NAMES)
def test_a_number_beyond_64_bits_is_shown_by_a_claim(dialect: str) -> None:
    old, new = '"cost" - "basic" AS', '"cost" * 1000000 - "cost" * 999999 - "basic" AS'
    flaw = flaw_of(dialect, old, new)
    assert isinstance(flaw, Differs)
    assert "beyond 64 bits" in flaw.calculator


@pytest.mark.parametrize("dialect", NAMES)
def test_a_missing_value_is_never_an_amount(dialect: str) -> None:
    flaw = flaw_of(dialect, 'WHEN c."cost" IS NULL THEN', 'WHEN c."cost" IS NULL AND c."cost" < 0 THEN')
    assert isinstance(flaw, Differs)
    assert dict(flaw.claim)["cost"] is None
    assert flaw.policy == "rejected: cost: missing"
    assert flaw.calculator != flaw.policy


@pytest.mark.parametrize("dialect", NAMES)
def test_a_word_that_is_taken_for_another_is_shown(dialect: str) -> None:
    model = models.ningxia()
    text = text_of(model, dialect)
    changed = re.sub(r"(WHEN [`\"]illness[`\"] = .*)'general'", r"\1'listed'", text)
    assert changed != text
    flaw = first_flaw(model, f"sql/{dialect}", changed)
    assert isinstance(flaw, Differs)


@pytest.mark.parametrize("dialect", NAMES)
def test_what_is_no_sql_is_refused(dialect: str) -> None:
    assert isinstance(first_flaw(STACK, f"sql/{dialect}", "SELECT ((("), Strange)
    assert isinstance(first_flaw(STACK, f"sql/{dialect}", ""), Strange)
    text = text_of(STACK, dialect)
    assert isinstance(first_flaw(STACK, f"sql/{dialect}", f"{text}\nDELETE FROM t;"), Strange)
    assert isinstance(first_flaw(COUNT, f"sql/{dialect}", text), Strange)


def test_a_dialect_that_nothing_is_known_of_is_our_own_mistake() -> None:
    with pytest.raises(KeyError):
        first_flaw(STACK, "sql/oracle", text_of(STACK, "duckdb"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c.\"claim\" COLLATE BINARY > '' AND ", ""),
        (" AND c.\"person\" < x''", ""),
        ("c.\"person\" COLLATE BINARY > ''", "c.\"person\" COLLATE NOCASE > ''"),
        ("c.\"cost\" < '' AND ", ""),
        (' AND (c."cost" + 1) / 9223372036854775807 = 0', ""),
        ('(c."cost" + 1) / 9223372036854775807', '(c."cost" + 2) / 9223372036854775807'),
        ('c."discharged" COLLATE BINARY = date(c."discharged", \'+0 days\')', "c.\"discharged\" > '0001-01-01'"),
        ("HAVING count(*) = 1", "HAVING count(*) > 1"),
        ("HAVING count(*) = 1", ""),
        ('\n  GROUP BY "person", substr("discharged", 1, 4), "discharged", "claim" HAVING count(*) = 1', ""),
        ('GROUP BY "person", substr("discharged", 1, 4), "discharged", "claim" HAVING', 'GROUP BY "person" HAVING'),
        ('FROM "duplicated" AS d', 'FROM "s1_valid" AS d'),
        ('EXISTS (\n  SELECT 1 FROM "duplicated"', 'NOT EXISTS (\n  SELECT 1 FROM "duplicated"'),
        ('"s1_valid" AS v\nWHERE EXISTS', '"duplicated" AS v\nWHERE EXISTS'),
    ],
)
def test_a_slip_in_how_sqlite_knows_types_and_duplicates_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of("sqlite", old, new), Differs | Strange)


def test_a_word_that_looks_like_a_number_needs_its_type_asked_for_in_sqlite() -> None:
    ward = CategoryFact("discharged_from", ("ward", "1"), models.at())
    model = replace(models.ningxia(), facts=(*models.ningxia().facts, ward))
    text = text_of(model, "sqlite")
    assert first_flaw(model, "sql/sqlite", text) is None
    changed = text.replace("typeof(c.\"discharged_from\") = 'text'\n    AND ", "")
    assert changed != text
    assert isinstance(first_flaw(model, "sql/sqlite", changed), Differs)


def test_only_sqlite_shows_every_column_of_a_group() -> None:
    """Engines that refuse it, or take any row of the group, must not be handed such a text."""
    text = text_of(STACK, "duckdb").replace(
        'FROM "s4_amounts"', 'FROM "s4_amounts"\n  GROUP BY "person", "discharged", "claim" HAVING count(*) = 1'
    )
    assert text != text_of(STACK, "duckdb")
    assert isinstance(first_flaw(STACK, "sql/duckdb", text), Strange)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('(3 * "total" - 5249998)', '(3 * "total" - 5249997)'),
        ("IMMUTABLE", "VOLATILE"),
        ("PARALLEL SAFE", "PARALLEL SAFE STRICT"),
        ("RETURNS bigint", "RETURNS integer"),
        ('"total" BETWEEN 0 AND 10000000000000', '"total" <= 10000000000000'),
        ('"total" BETWEEN 0 AND 10000000000000', '"total" BETWEEN 1 AND 10000000000000'),
        ('"total" BETWEEN 0 AND 10000000000000', '"total" BETWEEN 0 AND 10000000000001'),
        ('"total" BETWEEN 0 AND 10000000000000', '("total" BETWEEN 0 AND 10000000000000) IS NOT FALSE'),
        ("\nEND;\n\nCREATE OR REPLACE VIEW", "\n  ELSE 0\nEND;\n\nCREATE OR REPLACE VIEW"),
        ('.basic raw"("total 1', '.critical_illness raw"("total 1'),
        (
            'THEN "jiangning_ncms_and_critical_illness.basic raw"',
            'THEN "jiangning_ncms_and_critical_illness.critical_illness raw"',
        ),
        ('THEN "jiangning_ncms_and_critical_illness.basic raw"("total")', "THEN 0"),
        ('raw"("total 2 before")', 'raw"("total 1 before")'),
        (
            'FUNCTION "jiangning_ncms_and_critical_illness.basic"',
            'FUNCTION "jiangning_ncms_and_critical_illness.own_share"',
        ),
        ('FUNCTION "jiangning_ncms_and_critical_illness.basic"', 'FUNCTION "basic"'),
        ('c."cost" | 0::bigint', 'c."cost"'),
        ('c."discharged" + 0', 'c."discharged"'),
    ],
)
def test_a_slip_in_a_function_of_postgresql_is_refused(old: str, new: str) -> None:
    assert isinstance(flaw_of("postgresql", old, new), Differs | Strange)


def test_a_function_for_others_compares_texts_by_code_point() -> None:
    model, word = models.ningxia(), 'CAST("illness" COLLATE "C" AS text)'
    text = text_of(model, "postgresql")
    assert first_flaw(model, "sql/postgresql", text) is None
    for changed in (
        text.replace(f"({word} = ", '("illness" = '),
        text.replace(f'raw"("total", {word})', 'raw"("total", "illness")'),
        text.replace(f'raw"("total", {word})', f'raw"("total", {word.replace("text", "varchar(3)")})'),
        text.replace(f'raw"("total", {word})', f'raw"("total" + 1, {word})'),
        text.replace(f" OR {word} = 'listed')", ")"),
        text.replace(f"{word} = 'listed')", f"{word} <> 'general')"),
    ):
        assert changed != text
        assert isinstance(first_flaw(model, "sql/postgresql", changed), Differs | Strange)


@pytest.mark.parametrize(
    ("dialect", "old", "new"),
    [
        ("postgresql", 'CAST(c."illness" COLLATE "C" AS text)', 'c."illness" COLLATE "C"'),
        ("postgresql", 'CAST(c."illness" COLLATE "C" AS text)', 'CAST(c."illness" AS text)'),
        ("postgresql", 'CAST(c."illness" COLLATE "C" AS text)', 'CAST(c."illness" AS text) COLLATE "C"'),
        ("postgresql", 'CAST(c."illness" COLLATE "C" AS text)', 'CAST(c."illness" COLLATE "C" AS varchar(3))'),
        ("postgresql", 'CAST(c."illness" COLLATE "C" AS text)', 'CAST(c."illness" COLLATE "D" AS text)'),
        ("postgresql", """c."person" COLLATE "C" || '')""", """c."person" COLLATE "C" || ' ')"""),
        ("postgresql", """(c."person" COLLATE "C" || '')""", 'CAST(c."person" COLLATE "C" AS text)'),
        ("mariadb", "AS BINARY)", "AS BINARY(3))"),
        ("mariadb", "USING utf8mb4) AS BINARY", "USING latin1) AS BINARY"),
        ("spark", "AS BIGINT)", "AS DECIMAL(9, 0))"),
    ],
)
def test_a_text_is_read_whole_and_compares_by_code_point(dialect: str, old: str, new: str) -> None:
    """What compares without case or without blanks, cuts a word, or has no sign for all of its letters, takes a word
    for another one."""
    model = models.ningxia()
    assert isinstance(flaw_of(dialect, old, new, model), Strange)
    assert isinstance(flaw_of(dialect, old, new, model, everywhere=False), Strange)
