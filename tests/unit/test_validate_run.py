"""What `run` settles with is proved as it is run: with the place of each row, and the ledger of an earlier run."""

from __future__ import annotations

import pytest

from compiler.domain import NO_RIDERS, Riders
from compiler.emit.sql import emit_sql
from compiler.model import Model, PeriodKind
from compiler.validate import Strange, first_flaw
from tests import models
from tests.engines import constructs
from tests.generated import MARK
from tests.policies import chosen

NAMES = ("duckdb", "spark", "sqlite")
"""The dialects of the engines that settle files of claims."""

STACK = chosen("jiangning/ncms_and_critical_illness.policy", "highest")
NINGXIA = models.ningxia()
OF_A_PERIOD = {
    PeriodKind.CALENDAR_YEAR: "a dated deductible",
    PeriodKind.POLICY_YEAR: "bands from a dated line",
    PeriodKind.MONTH: "a deductible by date and level",
    PeriodKind.LIFETIME: "ends in percent of a fact, claim after claim",
}
ROW = Riders(row="row read")
LEDGER = Riders(row="row read", ledger=True)
UNLIKE = Riders(row="row read", ledger=True, alike=True)


def text_of(model: Model, dialect: str, riders: Riders = LEDGER) -> str:
    """A calculator with names in straight quotes."""
    return emit_sql(model, dialect, MARK, riders)


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("riders", [ROW, LEDGER, UNLIKE])
def test_what_is_run_is_proved(dialect: str, riders: Riders) -> None:
    for model in (STACK, NINGXIA):
        assert first_flaw(model, f"sql/{dialect}", text_of(model, dialect, riders), riders) is None


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("period", PeriodKind)
def test_a_ledger_is_read_and_left_for_every_period(dialect: str, period: PeriodKind) -> None:
    model = constructs.construct(OF_A_PERIOD[period])
    assert period in {total.period.kind for total in model.running_totals}
    assert first_flaw(model, f"sql/{dialect}", text_of(model, dialect), LEDGER) is None


def test_every_construct_that_adds_something_up_is_proved_as_it_is_run() -> None:
    """Each in one dialect: all of all take minutes."""
    names = [*constructs.BODIES, *constructs.VERSIONS]
    for name in names:
        model = constructs.versions(name) if name in constructs.VERSIONS else constructs.construct(name)
        if model.running_totals:
            dialect = NAMES[sum(map(ord, name)) % len(NAMES)]
            assert first_flaw(model, f"sql/{dialect}", text_of(model, dialect), LEDGER) is None, name


@pytest.mark.parametrize("dialect", NAMES)
def test_what_goes_along_must_be_what_was_asked_for(dialect: str) -> None:
    every = (NO_RIDERS, ROW, LEDGER, UNLIKE, Riders(ledger=True))
    for written in every:
        for asked in every:
            flaw = first_flaw(NINGXIA, f"sql/{dialect}", text_of(NINGXIA, dialect, written), asked)
            assert (flaw is None) == (written == asked), (written, asked)


SLIPS = {
    "another total": ("l.\"total\" = 'basic.before_cap", "l.\"total\" = 'critical_illness.base"),
    "another one's total": ('l."key" = v."person"', 'l."key" = v."claim"'),
    "a total of any key": ('l."key" = s."person" AND ', ""),
    "a total of a month": (", 1, 4)", ", 1, 7)"),
    "a name that the ledger has too": ('= v."person"', '= "person"'),
    "the last claim once more": ('l."last" >= ', 'l."last" > '),
    "day and number without a space": ("|| ' ' ||", "|| '' ||"),
    "claims before the ledger": ('NOT EXISTS (\n    SELECT 1 FROM "{ledger}', 'EXISTS (\n    SELECT 1 FROM "{ledger}'),
    "too early for another reason": ("'before the ledger'", "'duplicate'"),
    "nothing to go on from": (' + "total 1 opening"', ""),
    "the total of another": (' + "total 2 opening"', ' + "total 1 opening"'),
    "twice the total": (' + "total 1 opening"', ' + 2 * "total 1 opening"'),
    "the least that the ledger has": ('max(l."amount")', 'min(l."amount")'),
    "one where the ledger has none": ('1, 4)), 0) AS "total 1 opening"', '1, 4)), 1) AS "total 1 opening"'),
    "the least total after the claims": ('max(t."amount")', 'min(t."amount")'),
    "the first claim as the last": ('max(t."last")', 'min(t."last")'),
    "one for whoever has a claim": ('0 AS "amount"', '1 AS "amount"'),
    "a ledger that forgets": ("\n    WHERE l.\"total\" = 'critical_illness.", "\n    WHERE l.\"total\" = 'basic."),
    "the last claim among all": ('FROM "s1_in_order" AS v\n    UNION ALL', 'FROM "s1_valid" AS v\n    UNION ALL'),
    "totals in one place": ('t."key", t."period"', 't."key"'),
    "a total without its last claims": ("    UNION ALL\n    SELECT v.", "    UNION\n    SELECT v."),
    "the amount for the total": ('v."total 1", \'\'', 'v."basic", \'\''),
    "no place of the row": ('c."row read" AS "row read"', 'c."claim" AS "row read"'),
    "another place of the row": ('"row read"\nFROM "s', '"claim" AS "row read"\nFROM "s'),
    "a place that is reckoned with": ('c."row read" AS "row read"', 'c."row read" + 1 AS "row read"'),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_what_goes_along_is_refused(slip: str) -> None:
    # Each in one dialect: what goes along is written nearly alike in all of them.
    dialect = NAMES[sum(map(ord, slip)) % len(NAMES)]
    quote = "`" if dialect == "spark" else '"'
    old, new = (one.replace('"', quote).replace("{ledger}", f"{STACK.id}_ledger") for one in SLIPS[slip])
    text = text_of(STACK, dialect)
    assert old in text
    assert first_flaw(STACK, f"sql/{dialect}", text.replace(old, new), LEDGER) is not None


OF_UNLIKE_CLAIMS = {
    "claims that nobody sees are alike": (' OR "rows alike" > 1', ""),
    "only those that are three": ('"rows alike" > 1', '"rows alike" > 2'),
    "alike without their number": ('ORDER BY "discharged", "claim"\n      RANGE', 'ORDER BY "discharged"\n      RANGE'),
    "every claim once": ("RANGE BETWEEN CURRENT ROW", "ROWS BETWEEN CURRENT ROW"),
    "another number": ('"rows alike"\nFROM "s', '"total 1" AS "rows alike"\nFROM "s'),
    "among some": ('count(*) OVER (\n      PARTITION BY "person"', 'count(*) OVER (\n      PARTITION BY "claim"'),
}


@pytest.mark.parametrize("slip", OF_UNLIKE_CLAIMS)
def test_a_slip_in_how_alike_claims_are_seen_is_refused(slip: str) -> None:
    old, new = OF_UNLIKE_CLAIMS[slip]
    text = text_of(STACK, "duckdb", UNLIKE)
    assert old in text
    assert first_flaw(STACK, "sql/duckdb", text.replace(old, new), UNLIKE) is not None


def test_a_view_that_is_dropped_after_it_was_made_is_refused() -> None:
    lines = text_of(NINGXIA, "sqlite").splitlines()
    (drop,) = [line for line in lines if line.startswith("DROP VIEW") and "_ledger_after" in line]
    lines.remove(drop)
    assert isinstance(first_flaw(NINGXIA, "sql/sqlite", "\n".join([*lines, drop]), LEDGER), Strange)
