"""The statements of a SQL calculator: one table of claims, two views, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlglot
from sqlglot import expressions as exp

from compiler.model import CLAIM_NUMBER, Model
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.grammar import require_grammar
from compiler.validate.meaning import Sort, sort_of
from compiler.validate.sql_spelt import require_spelt_out
from compiler.validate.values import Outside


def views_of(text: str, model: Model, dialect: Dialect, ledger: bool) -> tuple[exp.Query, ...]:
    """The queries of the views, of settled and of rejected claims and, with a ledger, of the totals after them.

    Everything else in the file must be what stands in every file, and all of it in this order: what is set first, the
    table of claims, each view just after it is dropped.
    """
    try:
        statements = [one for one in sqlglot.parse(text, read=dialect.reader) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise Outside(0, f"no SQL: {str(error).splitlines()[0]}") from None
    views = (model.id, f"{model.id}_rejected", *((f"{ledger_name(model)}_after",) if ledger else ()))
    opening, dropping = len(dialect.before), 1 if dialect.drop else 0
    if len(statements) != opening + 1 + len(views) * (dropping + 1):
        raise Outside(0, f"a file that does not make one table and {len(views)} views")
    require_spelt_out(text, statements, dialect)
    _require_all(statements[:opening], dialect.before, dialect)
    _require_table(statements[opening], model, dialect)
    queries: list[exp.Query] = []
    for place, view in enumerate(views):
        first = opening + 1 + place * (dropping + 1)
        _require_all(statements[first : first + dropping], [dialect.drop.format(quoted(view, dialect))], dialect)
        queries.append(_query_of(statements[first + dropping], view, dialect))
    return tuple(queries)


def _require_all(found: Sequence[exp.Expr], wanted: Sequence[str], dialect: Dialect) -> None:
    for statement, due in zip(found, wanted, strict=False):
        if statement != statement_of(due, dialect):
            raise _strange(statement, dialect)


def _query_of(statement: exp.Expr, view: str, dialect: Dialect) -> exp.Query:
    """The query of the statement that makes a view."""
    require_grammar(statement, dialect)
    match statement:
        case exp.Create(kind="VIEW", expression=exp.Query() as query):
            if not _same_head(statement, dialect.view.format(quoted(view, dialect)), dialect):
                raise Outside(0, f"the statement that makes the view {view}")
            return query
        case _:
            raise _strange(statement, dialect)


def _strange(statement: exp.Expr, dialect: Dialect) -> Outside:
    return Outside(0, f"a statement: {statement.sql(dialect=dialect.reader, comments=False)[:80]}")


def ledger_name(model: Model) -> str:
    """The name of the table with the totals to go on from."""
    return f"{model.id}_ledger"


def quoted(name: str, dialect: Dialect) -> str:
    """A name as the dialect writes it."""
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect.reader)


def literal(text: str, dialect: Dialect) -> str:
    """A text constant as the dialect writes it."""
    return exp.Literal.string(text).sql(dialect=dialect.reader)


def statement_of(text: str, dialect: Dialect) -> exp.Expr:
    """A statement as the dialect reads it."""
    return sqlglot.parse_one(text, read=dialect.reader)


def _same_head(statement: exp.Create, head: str, dialect: Dialect) -> bool:
    """Whether a view is made in the way of the dialect, whatever its query is."""
    bare_ = statement.copy()
    bare_.set("expression", exp.select("1"))
    return bare_ == statement_of(f"{head} SELECT 1", dialect)


def _require_table(statement: exp.Expr, model: Model, dialect: Dialect) -> None:
    require_grammar(statement, dialect)
    sorts = {CLAIM_NUMBER: Sort.TEXT, **{fact.name: sort_of(fact) for fact in model.facts}}
    columns = ", ".join(f"{quoted(name, dialect)} {dialect.columns[sort]}" for name, sort in sorts.items())
    wanted = f"CREATE TABLE IF NOT EXISTS {quoted(f'{model.id}_claims', dialect)} ({columns})"
    if statement != statement_of(wanted, dialect):
        raise Outside(0, "another table of claims than the one for this policy")


def line_of(text: str, column: str, dialect: Dialect) -> int:
    """The line of a text that ends what a column comes to; 0 where it cannot be told."""
    place = text.find(f" AS {quoted(column, dialect)}")
    return 0 if place < 0 else text.count("\n", 0, place) + 1


def columns_of(query: exp.Query) -> list[tuple[str, exp.Expr]]:
    """The columns of a query and of its named subqueries, each by its name."""
    selects = [query, *(cte.this for cte in ctes_of(query))]
    return [(column.alias_or_name, column) for select in selects for column in select.expressions]


def ctes_of(query: exp.Query) -> list[exp.CTE]:
    """The named subqueries of a query."""
    with_ = query.args.get("with_")
    return [] if with_ is None else list(with_.expressions)


def require_known(query: exp.Query, known: Mapping[str, exp.Expr], view: str) -> list[exp.CTE]:
    """The named subqueries of a view that are none of those `known` from another one; the others must be the same, and
    stand in this view too, each before it is named."""
    new = [cte for cte in ctes_of(query) if cte.alias not in known]
    missing = set(known)
    for part in (*ctes_of(query), query):
        for table in part.find_all(exp.Table):
            if table.name in missing:
                raise Outside(0, f"the view {view} has no subquery {table.name}")
        missing.discard(part.alias_or_name)
    for cte in ctes_of(query):
        if cte not in new and cte.this != known[cte.alias]:
            raise Outside(0, f"the subquery {cte.alias} is another one in the view {view}")
    return new


def branches_of(query: exp.Expr) -> Iterator[exp.Select]:
    """The queries that UNION ALL joins."""
    match query:
        case exp.Union(this=left, expression=right) if not query.args.get("distinct"):
            yield from branches_of(left)
            yield from branches_of(right)
        case exp.Select():
            yield query
        case _:
            raise Outside(0, "several queries that become one otherwise than by UNION ALL")
