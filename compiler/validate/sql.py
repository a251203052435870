"""A SQL calculator as it was written -> its terms.

The text is parsed, never rewritten: sqlglot reads it in its own dialect, and from there on a node means what the
dialect's file says. Every subquery is a row of columns, and the condition under which a claim has a row in it.

sql_file.py     its statements, sql_remarks.py what the parser does not show of them, sql_spelt.py what it forgives
sql_functions.py  the functions that it makes
sql_select.py   a subquery: its columns, and which rows it keeps
sql_totals.py   windows, and the search for duplicates
sql_views.py    the two views, which come out
sql_ledger.py   totals to go on from, and sql_ledger_after.py those that are left
sql_place.py    what queries are read with, and what is noted meanwhile
sql_run.py      an expression: sql_compare.py for truths, sql_numbers.py for numbers, sql_scope.py for names
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import expressions as exp

from compiler.domain import Riders
from compiler.model import Model
from compiler.validate.dialects import dialect_named
from compiler.validate.meaning import (
    meaning,
)
from compiler.validate.reading import Duty, Reading
from compiler.validate.sql_file import columns_of, ctes_of, line_of, views_of
from compiler.validate.sql_functions import function_duties, without_functions
from compiler.validate.sql_ledger_after import ledger_after
from compiler.validate.sql_place import Relation, claims_table, known_of, place_of, refusal_rules, require_held
from compiler.validate.sql_remarks import require_visible
from compiler.validate.sql_select import select
from compiler.validate.sql_views import rejected_view, settled_view
from compiler.validate.values import (
    Outside,
    both,
    negation,
)


def read_sql(model: Model, dialect_name: str, text: str, riders: Riders) -> Reading:
    """The terms of a SQL calculator of a Model, with what goes along with the claims. Raises Outside for what no
    calculator has, KeyError for a dialect that nothing is known of."""
    dialect = dialect_named(dialect_name)
    require_visible(text, dialect)
    rest, functions = without_functions(text, dialect)
    settled, rejected, *after = views_of(rest, model, dialect, riders.ledger)
    meant = meaning(model, dialect.kinds)
    place = place_of(meant, dialect, riders, functions)
    relations: dict[str, Relation] = {model.id + "_claims": claims_table(meant, riders)}
    known: dict[str, exp.Expr] = {}
    for cte in ctes_of(settled):
        if cte.alias in relations:
            raise Outside(0, f"two subqueries {cte.alias}")
        known[cte.alias] = cte.this
        relations[cte.alias] = select(cte.this, relations, place, cte.alias)
    shown = settled_view(settled, relations, place)
    require_held(place)
    told, refused, exactly = rejected_view(rejected, relations, known, place)
    for query in after:
        ledger_after(query, relations, known, place)
    rules = tuple(refusal_rules(place))
    of = tuple(place.book.amounts)
    settles = both([negation(rule.broken) for rule in rules])
    duties = [
        *place.book.duties,
        *function_duties(place, columns_of(settled)),
        Duty(negation(exactly), 0, "a claim that is rejected twice, or not at all", False),
        Duty(both([shown.where, negation(place.valid)]), 0, "a claim that is settled and breaks a rule", False),
        Duty(shown.where != settles, 0, "a claim that is settled though it is refused, or neither", True, of),
    ]
    missing = [amount.name for amount in model.amounts if amount.name not in place.book.amounts]
    if missing:
        raise Outside(0, f"{missing[0]} is not computed")
    book = place.book
    for name, computed in book.amounts.items():
        book.amounts[name] = replace(computed, line=line_of(text, name, dialect))
    return Reading(meant, told, refused, rules, False, book.words, book.amounts, tuple(duties), known_of(place))
