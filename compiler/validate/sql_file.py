"""The statements of a SQL calculator: one table of claims, two views, and nothing else."""

from __future__ import annotations

import sqlglot
from sqlglot import expressions as exp

from compiler.model import CLAIM_NUMBER, Model
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.grammar import require_grammar
from compiler.validate.meaning import (
    Sort,
    sort_of,
)
from compiler.validate.values import (
    Outside,
)


def views_of(text: str, model: Model, dialect: Dialect) -> tuple[exp.Query, exp.Query]:
    """The queries of the two views; everything else in the file must be what stands in every file."""
    try:
        statements = [one for one in sqlglot.parse(text, read=dialect.reader) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise Outside(0, f"no SQL: {str(error).splitlines()[0]}") from None
    names = {"view": quoted(model.id, dialect), "rejected": quoted(f"{model.id}_rejected", dialect)}
    before = [statement_of(one.format(**names), dialect) for one in dialect.before]
    queries: dict[str, exp.Query] = {}
    tables = 0
    for statement in statements:
        if any(statement == one for one in before):
            before = [one for one in before if one != statement]
            continue
        require_grammar(statement, dialect)
        match statement:
            case exp.Create(kind="TABLE", this=exp.Schema()):
                _require_table(statement, model, dialect)
                tables += 1
            case exp.Create(kind="VIEW", expression=exp.Query() as query, this=exp.Table() as view):
                head = dialect.view.format(quoted(view.name, dialect))
                if not _same_head(statement, head, dialect) or view.name in queries:
                    raise Outside(0, f"the statement that makes the view {view.name}")
                queries[view.name] = query
            case _:
                raise Outside(0, f"a statement: {statement.sql(dialect=dialect.reader, comments=False)[:80]}")
    if before or tables != 1 or set(queries) != {model.id, f"{model.id}_rejected"}:
        raise Outside(0, "a file that does not make one table and two views")
    return queries[model.id], queries[f"{model.id}_rejected"]


def quoted(name: str, dialect: Dialect) -> str:
    """A name as the dialect writes it."""
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect.reader)


def statement_of(text: str, dialect: Dialect) -> exp.Expr:
    """A statement as the dialect reads it."""
    return sqlglot.parse_one(text, read=dialect.reader)


def _same_head(statement: exp.Create, head: str, dialect: Dialect) -> bool:
    """Whether a view is made in the way of the dialect, whatever its query is."""
    bare_ = statement.copy()
    bare_.set("expression", exp.select("1"))
    return bare_ == statement_of(f"{head} SELECT 1", dialect)


def _require_table(statement: exp.Create, model: Model, dialect: Dialect) -> None:
    sorts = {CLAIM_NUMBER: Sort.TEXT, **{fact.name: sort_of(fact) for fact in model.facts}}
    columns = ", ".join(f"{quoted(name, dialect)} {dialect.columns[sort]}" for name, sort in sorts.items())
    wanted = f"CREATE TABLE IF NOT EXISTS {quoted(f'{model.id}_claims', dialect)} ({columns})"
    if statement != statement_of(wanted, dialect):
        raise Outside(0, "another table of claims than the one for this policy")


def line_of(text: str, column: str, dialect: Dialect) -> int:
    """The line of a text that ends what a column comes to; 0 where it cannot be told."""
    place = text.find(f" AS {quoted(column, dialect)}")
    return 0 if place < 0 else text.count("\n", 0, place) + 1


def ctes_of(query: exp.Query) -> list[exp.CTE]:
    """The named subqueries of a query."""
    with_ = query.args.get("with_")
    return [] if with_ is None else list(with_.expressions)
