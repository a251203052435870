"""What the queries of a SQL calculator are read with: their subqueries so far, and what is noted on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import z3
from sqlglot import expressions as exp

from compiler.domain import DUPLICATE
from compiler.model import CLAIM_NUMBER, CountFact, MoneyFact, RunningTotal
from compiler.ranges import value_ranges
from compiler.validate.bounds import Bounds
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.meaning import (
    Meaning,
    Rule,
    Sort,
    settling_rules,
    sort_of,
)
from compiler.validate.reading import Computed, Duty
from compiler.validate.values import (
    TRUE,
    Outside,
    Value,
    both,
    either,
    negation,
)
from dsl.money import DOMAIN_TOP


@dataclass(frozen=True, slots=True)
class Relation:
    """A subquery.

    columns  its columns
    where    when a claim has a row in it
    sums     of columns that hold a running total: which one
    grouped  what its rows have in common, where it is what more than one claim has in common
    """

    columns: Mapping[str, Value]
    where: z3.BoolRef
    sums: Mapping[str, RunningTotal]
    grouped: tuple[str, ...] = ()


@dataclass(slots=True)
class Book:
    """What is noted while a text is read."""

    duties: list[Duty]
    amounts: dict[str, Computed]
    words: dict[str, z3.ArithRef]


@dataclass(frozen=True, slots=True)
class Place:
    """What a subquery is read with."""

    meant: Meaning
    dialect: Dialect
    sorts: Mapping[str, Sort]
    bounds: Bounds
    book: Book
    alike: Mapping[tuple[str, str], z3.ArithRef]
    valid: z3.BoolRef


def place_of(meant: Meaning, dialect: Dialect) -> Place:
    """What a text in this dialect is read with, before anything of it is read."""
    model = meant.model
    found = value_ranges(model)
    numbers = [fact for fact in model.facts if isinstance(fact, MoneyFact | CountFact)]
    ranges = {f"fact {fact.name}": (fact.lowest, fact.highest) for fact in numbers}
    ranges |= {f"amount {name}": (int(found[name].lowest), int(found[name].highest)) for name in meant.amounts}
    ranges |= {f"before {total.name}": (0, DOMAIN_TOP) for total in model.running_totals}
    sorts = {CLAIM_NUMBER: Sort.TEXT, **{fact.name: sort_of(fact) for fact in model.facts}}
    alike = {
        (total.key, total.date_fact): z3.Int(f"alike {total.key} {total.date_fact}") for total in model.running_totals
    }
    valid = both([negation(rule.broken) for rule in meant.rules])
    return Place(meant, dialect, sorts, Bounds(ranges, {}), Book([], {}, {}), alike, valid)


def counts_of(place: Place) -> tuple[z3.BoolRef, ...]:
    """Every claim is there once at least."""
    return tuple(count >= 1 for count in place.alike.values())


def refusal_rules(place: Place) -> Iterator[Rule]:
    """What may be wrong with a claim that breaks no rule of its own: it is there twice, or a total leaves its range."""
    if place.alike:
        yield Rule(either([count > 1 for count in place.alike.values()]), CLAIM_NUMBER, DUPLICATE)
    yield from settling_rules(place.meant, ledger=False)


def claims_table(meant: Meaning) -> Relation:
    """The table of claims: every fact as it comes in."""
    return Relation(dict(meant.given), TRUE, {})


def source_of(query: exp.Select, relations: Mapping[str, Relation], name: str) -> tuple[Relation, str]:
    """What a query reads, and the name that its columns may be named with."""
    from_ = query.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Table) or from_.this.name not in relations:
        raise Outside(0, f"what the subquery {name} reads")
    return relations[from_.this.name], from_.this.alias or from_.this.name


def args_of(node: exp.Expr) -> Iterator[str]:
    """The names of the parts that a node has."""
    return (name for name, value in node.args.items() if value not in (None, [], False))
