"""What the queries of a SQL calculator are read with: their subqueries so far, and what is noted on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import z3
from sqlglot import expressions as exp

from compiler.domain import BEFORE_THE_LEDGER, DUPLICATE, Riders
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
    within_totals,
)
from compiler.validate.reading import Computed, Duty
from compiler.validate.sql_scope import Call, Function
from compiler.validate.values import (
    TRUE,
    Carried,
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
    calls: dict[str, list[Call]]
    held: set[str]


@dataclass(frozen=True, slots=True)
class Place:
    """What a subquery is read with.

    riders   what goes along with the claims
    alike    how many rows agree with a claim in key, day and claim number
    opening  the total that a ledger has for a claim, of each running total; of none where there is no ledger
    early    that the ledger has seen a claim which comes not before it
    valid    a claim breaks no rule of its own
    functions  of the database, by name
    """

    meant: Meaning
    dialect: Dialect
    riders: Riders
    sorts: Mapping[str, Sort]
    bounds: Bounds
    book: Book
    alike: Mapping[tuple[str, str], z3.ArithRef]
    opening: Mapping[str, z3.ArithRef]
    early: Mapping[str, z3.BoolRef]
    valid: z3.BoolRef
    functions: Mapping[str, Function]

    @property
    def entered(self) -> z3.BoolRef:
        """A claim breaks no rule of its own, and comes after what the ledger has seen."""
        return both([self.valid, *(negation(early) for early in self.early.values())])


def place_of(meant: Meaning, dialect: Dialect, riders: Riders, functions: Mapping[str, Function]) -> Place:
    """What a text in this dialect is read with, before anything of it is read."""
    model = meant.model
    found = value_ranges(model)
    numbers = [fact for fact in model.facts if isinstance(fact, MoneyFact | CountFact)]
    ranges = {f"fact {fact.name}": (fact.lowest, fact.highest) for fact in numbers}
    ranges |= {f"amount {name}": (int(found[name].lowest), int(found[name].highest)) for name in meant.amounts}
    ranges |= {f"before {total.name}": (0, DOMAIN_TOP) for total in model.running_totals}
    carried = model.running_totals if riders.ledger else ()
    opening = {total.name: z3.Int(f"opening {total.name}") for total in carried}
    ranges |= {f"opening {name}": (0, DOMAIN_TOP + 1) for name in opening}
    sorts = {CLAIM_NUMBER: Sort.TEXT, **{fact.name: sort_of(fact) for fact in model.facts}}
    alike = {
        (total.key, total.date_fact): z3.Int(f"alike {total.key} {total.date_fact}") for total in model.running_totals
    }
    early = {total.name: z3.Bool(f"early {total.name}") for total in carried}
    valid = both([negation(rule.broken) for rule in meant.rules])
    bounds, book = Bounds(ranges, {}), Book([], {}, {}, {}, set())
    return Place(meant, dialect, riders, sorts, bounds, book, alike, opening, early, valid, functions)


def require_held(place: Place) -> None:
    """Raise Outside for a column whose type is neither asked for nor held fast, where a view is tied to its columns."""
    # A word of a category is the very word, which nothing of another type is.
    words, dialect = place.meant.model.categories, place.dialect
    for name, sort in place.sorts.items():
        tied = dialect.cast_collated and name not in words if sort is Sort.TEXT else place.meant.kinds.of(sort) is None
        if tied and name not in place.book.held:
            raise Outside(0, f"the column {name}, whose type nothing holds fast")


def known_of(place: Place) -> tuple[z3.BoolRef, ...]:
    """Every claim is there once at least, once exactly where the text is for no others, and every total to go on from
    is a part of the one before the claim."""
    counts = (count == 1 if place.riders.alike else count >= 1 for count in place.alike.values())
    openings = ((found >= 0, found <= place.meant.before[name]) for name, found in place.opening.items())
    return (*counts, *(test for tests in openings for test in tests))


def refusal_rules(place: Place) -> Iterator[Rule]:
    """What may be wrong with a claim that breaks no rule of its own: it comes too early for the ledger, it is there
    twice, or a total leaves its range."""
    if place.early:
        day = place.meant.model.running_totals[0].date_fact
        yield Rule(either(list(place.early.values())), day, BEFORE_THE_LEDGER)
    if place.alike:
        yield Rule(either([count > 1 for count in place.alike.values()]), CLAIM_NUMBER, DUPLICATE)
    yield from settling_rules(place.meant, ledger=False)


def rows_counted(opened: Sequence[RunningTotal], place: Place) -> tuple[z3.BoolRef, z3.BoolRef]:
    """The claims over which a running total counts that comes after these: of those for which the first term is true,
    the ones for which the second is."""
    rules = list(refusal_rules(place))
    broken = rules[: len(rules) - len(place.meant.model.running_totals) + len(opened)]
    rows = both([place.valid, *(negation(rule.broken) for rule in broken)])
    return both([*within_totals(place.meant, opened), *place.meant.valid]), rows


def claims_table(meant: Meaning, riders: Riders) -> Relation:
    """The table of claims: every fact as it comes in, and what goes along."""
    carried = {} if riders.row is None else {riders.row: Carried(riders.row)}
    return Relation({**meant.given, **carried}, TRUE, {})


def source_of(query: exp.Select, relations: Mapping[str, Relation], name: str) -> tuple[Relation, str]:
    """What a query reads, and the name that its columns may be named with."""
    from_ = query.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Table) or from_.this.name not in relations:
        raise Outside(0, f"what the subquery {name} reads")
    return relations[from_.this.name], from_.this.alias or from_.this.name


def args_of(node: exp.Expr) -> Iterator[str]:
    """The names of the parts that a node has."""
    return (name for name, value in node.args.items() if value not in (None, [], False))


def conjuncts_of(node: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that AND joins."""
    if isinstance(node, exp.And):
        yield from conjuncts_of(node.this)
        yield from conjuncts_of(node.expression)
    else:
        yield node
