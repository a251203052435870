"""The SQL calculator of a policy: a claims table, a view of settled claims and a view of rejected ones.

sql_checks.py     which rows are settled, and which rule the others break
sql_stages.py     the subqueries: duplicates, running totals, amounts; sql_ledger.py to go on from an earlier run
sql_effort.py     what a formula costs, and which subqueries are kept apart for it
sql_functions.py  formulas as functions of the database
sql_code.py       an expression; sql_names.py for names, words and remarks
dialects/         where engines differ
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from compiler.domain import NO_RIDERS, ROWS_ALIKE, Riders
from compiler.emit.dialects import dialect_named
from compiler.emit.dialects.dialect import Dialect, Fence
from compiler.emit.final import require_final
from compiler.emit.integer import whole_number_code
from compiler.emit.layout import lay_out
from compiler.emit.mark import SourceMark
from compiler.emit.sql_checks import Read, claims_table, conditions, read_columns, rules
from compiler.emit.sql_effort import Stage
from compiler.emit.sql_ledger import ledger_view, totals_after
from compiler.emit.sql_names import literal, quoted, remark, require_names
from compiler.emit.sql_stages import Leaving, Pipeline, pipeline, total_columns
from compiler.emit.width import require_int64
from compiler.model import CLAIM_NUMBER, OWN_SHARE, CategoryFact, IdentifierFact, Model


def emit_sql(model: Model, dialect: str, mark: SourceMark, riders: Riders = NO_RIDERS) -> str:
    """The SQL file of a Model that has been proved, in the dialect of that name.

    It creates a table `<id>_claims` unless there is a table or view of that name, a view `<id>` with every amount of
    the settled claims in minor units, and a view `<id>_rejected` with field and reason of the others; where the engine
    has them, functions of the formulas before. Running it again changes nothing.

    With `riders` a column goes through, or it goes on from a ledger.

    Raises UnfitName for a name that the engine cannot have, TooWide where 64 bits are not enough, KeyError for a
    dialect that there is not.
    """
    chosen = dialect_named(dialect)
    require_final(model)
    code = whole_number_code(model)
    require_int64(model, code.functions, code.amounts)
    _require_names(model, chosen)
    stages = pipeline(model, code.functions, code.amounts, chosen, riders)
    reads = read_columns(model, chosen)
    settled, rejected = _settled(model, stages, chosen, riders), _rejected(model, stages, chosen, riders)
    text = lay_out(
        "calculator.sql.j2",
        {
            "mark": mark,
            "path": remark(", ".join(file.path for file in mark.files)),
            "sha256s": _hashes(mark),
            "dialect": chosen,
            "title": remark(model.title),
            "source": remark(model.source),
            "currency": model.currency,
            "reads": [_described(read) for read in reads],
            "writes": [_padded(output.name, output.meaning) for output in _outputs(model)],
            "table": quoted(claims_table(model), chosen),
            "view": chosen.view.format(quoted(model.id, chosen)),
            "view_name": quoted(model.id, chosen),
            "rejected_view": chosen.view.format(quoted(_rejected_view(model), chosen)),
            "rejected_name": quoted(_rejected_view(model), chosen),
            "columns": [f"{quoted(read.name, chosen)} {read.type}" for read in reads],
            "functions": [function.text for function in stages.functions],
            "calls": [remark(function.call) for function in stages.functions if function.call],
            "settled": settled,
            "rejected": rejected,
            "unusual": [said for written, said in chosen.unusual if written in settled],
        },
    )
    return text + _ledger_after(model, stages, chosen) if riders.ledger else text


def _rejected_view(model: Model) -> str:
    return f"{model.id}_rejected"


def _require_names(model: Model, dialect: Dialect) -> None:
    table = [read.name for read in read_columns(model, dialect)]
    require_names(
        dialect,
        relations=(model.id, claims_table(model), _rejected_view(model)),
        table=table,
        columns=[output.name for output in _outputs(model)],
    )


# Columns that come out ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    meaning: str


def _outputs(model: Model) -> tuple[_Output, ...]:
    """The columns of the settled claims: facts, benefits, own share, then what they were made from."""
    facts = [_Output(name, "as in the claim") for name in (CLAIM_NUMBER, *(fact.name for fact in model.facts))]
    benefits = [_Output(benefit.name, "minor units, paid by this benefit") for benefit in model.benefits]
    first = {output.name for output in (*facts, *benefits)} | {OWN_SHARE}
    own_share = [
        _Output(amount.name, "minor units, not paid by any benefit")
        for amount in model.amounts
        if amount.name == OWN_SHARE
    ]
    steps = [
        _Output(amount.name, f"minor units, {amount.role.value}")
        for amount in model.amounts
        if amount.name not in first
    ]
    totals = [
        _Output(columns.after, f"minor units, {name}, this claim included")
        for name, columns in total_columns(model).items()
    ]
    return (*facts, *benefits, *own_share, *steps, *totals)


def _hashes(mark: SourceMark) -> list[str]:
    """The hash of every source; with one source it needs no name."""
    if not mark.earlier:
        return [f"the policy: {mark.sha256}"]
    return [remark(f"{file.path}: {file.sha256}") for file in mark.files]


def _described(read: Read) -> str:
    return _padded(read.name, read.meaning)


def _padded(name: str, meaning: str) -> str:
    return remark(f"{name:<28} {meaning}")


# Views ----------------------------------------------------------------------------------------------


def _settled(model: Model, stages: Pipeline, dialect: Dialect, riders: Riders) -> str:
    texts = _texts(model)
    alike = [ROWS_ALIKE] if riders.alike else []
    names = [*(output.name for output in _outputs(model)), *_carried(riders), *alike]
    shown = ",\n".join(f"  {_shown(name, name in texts, dialect)}" for name in names)
    return f"{_with(_ctes(stages.stages, dialect))}\nSELECT\n{shown}\nFROM {quoted(stages.stages[-1].name, dialect)}"


def _texts(model: Model) -> set[str]:
    facts = (fact.name for fact in model.facts if isinstance(fact, IdentifierFact | CategoryFact))
    return {CLAIM_NUMBER, *facts}


def _shown(name: str, text: bool, dialect: Dialect) -> str:
    column = quoted(name, dialect)
    if not text or dialect.show_text == "{}":
        return column
    return f"{dialect.show_text.format(column)} AS {column}"


def _carried(riders: Riders) -> tuple[str, ...]:
    return () if riders.row is None else (riders.row,)


def _rejected(model: Model, stages: Pipeline, dialect: Dialect, riders: Riders) -> str:
    carried = [quoted(name, dialect) for name in _carried(riders)]
    listed = rules(model, dialect)
    claim, rule, broken = (quoted(name, dialect) for name in (CLAIM_NUMBER, "rule", "broken"))
    number = next(read.expression for read in read_columns(model, dialect) if read.name == CLAIM_NUMBER)
    tests = "\n".join(f"    WHEN {rule.broken} THEN {n}" for n, rule in enumerate(listed, start=1))
    kept = "\n    AND ".join(conditions(model, dialect))
    shown = ", ".join([*(f"c.{name}" for name in carried), f"{number} AS {claim}"])
    cte = (
        f"{broken} AS (\n  SELECT {shown}, CASE\n{tests}\n  END AS {rule}\n"
        f"  FROM {quoted(claims_table(model), dialect)} AS c\n  WHERE (\n    {kept}\n  ) IS NOT TRUE\n)"
    )
    fields = _by_rule(tuple(one.field for one in listed), rule, dialect)
    reasons = _by_rule(tuple(one.reason for one in listed), rule, dialect)
    columns = [
        _shown(CLAIM_NUMBER, True, dialect),
        f"{fields} AS {quoted('field', dialect)}",
        f"{reasons} AS {quoted('reason', dialect)}",
        *carried,
    ]
    parts = [
        "SELECT\n" + ",\n".join(f"  {column}" for column in columns) + f"\nFROM {broken}",
        *(_left(leaving, carried, dialect) for leaving in stages.leaving),
    ]
    asked = [stage for leaving in stages.leaving for stage in leaving.asked]
    ctes = [cte, *_ctes((*stages.until_the_last_leave(), *asked), dialect)]
    return _with(ctes) + "\n" + "\nUNION ALL\n".join(parts)


def _by_rule(texts: Sequence[str], rule: str, dialect: Dialect) -> str:
    """What each rule says, by the number of the rule."""
    tests = []
    for text in dict.fromkeys(texts):
        numbers = [str(n) for n, one in enumerate(texts, start=1) if one == text]
        among = f"= {numbers[0]}" if len(numbers) == 1 else f"IN ({', '.join(numbers)})"
        tests.append(f"    WHEN {rule} {among} THEN {literal(text, dialect)}")
    return "\n".join(["CASE", *tests, "  END"])


def _left(leaving: Leaving, carried: Sequence[str], dialect: Dialect) -> str:
    said = (literal(leaving.field, dialect), literal(leaving.reason, dialect))
    shown = ", ".join([_shown(CLAIM_NUMBER, True, dialect), *said, *carried])
    return f"SELECT {shown}\nFROM {leaving.source}\nWHERE {leaving.where}"


def _ledger_after(model: Model, stages: Pipeline, dialect: Dialect) -> str:
    names = [stage.name for stage in stages.stages]
    ends = max(names.index(counted.stage) + 1 for counted in stages.counted)
    parts = [totals_after(counted, stages.entered, model, dialect) for counted in stages.counted]
    view = dialect.view.format(quoted(ledger_view(model), dialect))
    query = _with(_ctes(stages.stages[:ends], dialect)) + "\n" + "\nUNION ALL\n".join(parts)
    return f"\n{view}\n{query};\n"


def _with(ctes: Sequence[str]) -> str:
    return "WITH\n" + ",\n".join(ctes)


def _ctes(stages: Sequence[Stage], dialect: Dialect) -> list[str]:
    return [_cte(stage, dialect) for stage in stages]


def _cte(stage: Stage, dialect: Dialect) -> str:
    materialized = "MATERIALIZED " if stage.fenced and dialect.fence is Fence.MATERIALIZED else ""
    columns = [] if stage.only_these else ["*"]
    lines = []
    for column in stage.columns:
        said = f" -- line {column.line}" if column.line is not None else ""
        lines.append((f"{column.expression} AS {quoted(column.name, dialect)}", said))
    listed = [(text, "") for text in columns] + lines
    selected = "\n".join(
        f"{text}{'' if place == len(listed) else ','}{said}" for place, (text, said) in enumerate(listed, start=1)
    )
    parts = [f"-- {remark(stage.remark)}"] if stage.remark else []
    parts += ["SELECT", indent(selected, "  "), f"FROM {stage.source}"]
    if stage.where:
        parts.append("WHERE " + "\n  AND ".join(stage.where))
    if stage.group_by:
        parts.append(f"GROUP BY {stage.group_by}")
    if stage.fenced and dialect.fence is Fence.OFFSET_ZERO:
        parts.append("OFFSET 0")
    if stage.fenced and dialect.fence is Fence.LIMIT_ALL:
        parts.append(f"LIMIT {2**64 - 1}")
    body = indent("\n".join(parts), "  ")
    return f"{quoted(stage.name, dialect)} AS {materialized}(\n{body}\n)"
