"""Mistakes in formulas, conditions and named amounts, and amounts that lean on themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.scope import OWN_SHARE, Scope
from dsl.typecheck.mistakes import missing, money_mistakes, named, one_of, word_mistakes


def amount_mistakes(block: tree.AmountBlock, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes in `amount name = formula`."""
    yield from formula_mistakes(block.formula, scope)
    if block.rounding is not None:
        yield from _unit_mistakes(block.rounding, scope)
    elif has_ratio(block.formula) and scope.rounding is None:
        yield Diagnostic("TP021", (Label(block.formula.span, "here"),), (("name", block.name.text),))


def _unit_mistakes(clause: tree.RoundClause, scope: Scope) -> Iterator[Diagnostic]:
    if clause.unit.value == 0:
        yield Diagnostic("TP023", (Label(clause.unit.span, "here"),), variant="unit")
    yield from money_mistakes(clause.unit, scope)


def readable(scope: Scope, settled: bool) -> list[str]:
    """The amounts that a formula may read; `settled` where it speaks of the whole settled claim."""
    own_share = (OWN_SHARE,) if settled else ()
    return [*scope.money, *scope.parameters, *scope.amounts, *scope.benefits, *own_share]


def is_count(formula: tree.Formula, scope: Scope) -> bool:
    """Whether a formula counts something instead of being an amount of money. A written number is either."""
    match formula:
        case tree.Name(text):
            return text in scope.counts
        case tree.Added(terms):
            return any(is_count(term, scope) for _, term in terms)
        case tree.Extreme(terms=parts):
            return any(is_count(part, scope) for part in parts)
        case tree.Conditional(_, then, otherwise):
            return is_count(then, scope) or is_count(otherwise, scope)
        case tree.Number() | tree.Share() | tree.Times() | tree.Left():
            return False
        case _:
            assert_never(formula)


def _is_fixed(formula: tree.Formula, scope: Scope, within: tuple[str, ...] = ()) -> bool:
    """Whether a formula is one of a few amounts that the policy writes: a number, a parameter, or a choice of them.

    `within` are the amounts whose formulas this one stands in; that they lean on themselves is said elsewhere (TP020).
    """
    match formula:
        case tree.Number():
            return True
        case tree.Name(text):
            if text in scope.amounts and text not in within:
                return _is_fixed(scope.amounts[text].formula, scope, (*within, text))
            return text in scope.parameters or text in within
        case tree.Share(of=of):
            return _is_fixed(of, scope, within)
        case tree.Conditional(_, then, otherwise):
            return _is_fixed(then, scope, within) and _is_fixed(otherwise, scope, within)
        case tree.Added() | tree.Times() | tree.Extreme() | tree.Left():
            return False
        case _:
            assert_never(formula)


def formula_mistakes(
    formula: tree.Formula, scope: Scope, *, settled: bool = False, left: bool = False, count: bool = False
) -> Iterator[Diagnostic]:
    """Mistakes in a formula. `left` says whether `left` may stand in it, `count` that it must be a count."""

    def inside(part: tree.Formula, count: bool = count) -> Iterator[Diagnostic]:
        return formula_mistakes(part, scope, settled=settled, left=left, count=count)

    match formula:
        case tree.Number(value, span):
            if not count:
                yield from money_mistakes(formula, scope)
            elif value.denominator != 1:
                yield Diagnostic("TP012", (Label(span, "here"),), variant="count")
        case tree.Name():
            if count:
                yield from named(formula, "a count", scope.counts, scope)
            elif formula.text in scope.counts:
                yield Diagnostic("TP012", (Label(formula.span, "here"),), (("name", formula.text),), variant="counted")
            else:
                yield from named(formula, "an amount", readable(scope, settled), scope)
        case tree.Added(terms):
            for _, term in terms:
                yield from inside(term)
        case tree.Share(of=of, span=span):
            if count:
                yield Diagnostic("TP012", (Label(span, "here"),), variant="count")
            yield from inside(of, False)
        case tree.Times(one, other, span):
            if isinstance(one, tree.Number) or is_count(other, scope):
                one, other = other, one
            counted = is_count(one, scope)
            fits = _is_fixed(other, scope) if counted else isinstance(other, tree.Number)
            if not fits or isinstance(one, tree.Number) or count:
                yield Diagnostic("TP012", (Label(span, "here"),), variant="times")
            else:
                yield from inside(one, counted)
                if counted:
                    yield from inside(other, False)
        case tree.Extreme(terms=parts):
            for part in parts:
                yield from inside(part)
        case tree.Conditional(condition, then, otherwise):
            yield from condition_mistakes(condition, scope, settled=settled, left=left)
            yield from inside(then)
            yield from inside(otherwise)
        case tree.Left(span):
            if not left or count:
                yield Diagnostic("TP012", (Label(span, "here"),), variant="left")
            elif scope.stack is None:
                yield missing("stack", "policy", span, variant="left")
        case _:
            assert_never(formula)


def condition_mistakes(
    condition: tree.Condition, scope: Scope, *, settled: bool = False, left: bool = False
) -> Iterator[Diagnostic]:
    """Mistakes in a condition."""
    match condition:
        case tree.Comparison(tree.Name(text=category), relation, tree.Name() as word) if category in scope.categories:
            if relation == "=":
                yield from word_mistakes(word, category, scope)
            else:
                params = (("name", category), ("word", word.text))
                yield Diagnostic("TP012", (Label(condition.span, "here"),), params, variant="larger")
        case tree.Comparison(tree.Name() as fact, "=", tree.Name(text=word)) if scope.kind(fact.text) is None and any(
            word in scope.words(category) for category in scope.categories
        ):
            yield from named(fact, "a category", scope.categories, scope)
        case tree.Comparison(left=tree.Name(text=fact)) if fact in scope.unclear:
            pass
        case tree.Comparison(tree.Name(text=category), _, other) if category in scope.categories:
            params = (("name", category), ("known", one_of(scope.words(category))))
            yield Diagnostic("TP012", (Label(other.span, "here"),), params, variant="word")
        case tree.Comparison(left=tree.Name(text=fact, span=span)) if fact in scope.dates or fact in scope.identifiers:
            params = (("name", fact), ("kind", scope.kind(fact) or ""))
            yield Diagnostic("TP012", (Label(span, "here"),), params, variant="compared")
        case tree.Comparison(left=one, right=other):
            count = is_count(one, scope) or is_count(other, scope)
            yield from formula_mistakes(one, scope, settled=settled, left=left, count=count)
            yield from formula_mistakes(other, scope, settled=settled, left=left, count=count)
        case tree.OneOf(fact=name, words=words):
            yield from named(name, "a category", scope.categories, scope)
            if name.text in scope.categories:
                for word in words:
                    yield from word_mistakes(word, name.text, scope)
        case tree.Both(conditions) | tree.Either(conditions):
            for inner in conditions:
                yield from condition_mistakes(inner, scope, settled=settled, left=left)
        case tree.Negated(inner):
            yield from condition_mistakes(inner, scope, settled=settled, left=left)
        case _:
            assert_never(condition)


def names_in(formula: tree.Formula) -> Iterator[tree.Name]:
    """Every name that a formula reads, its conditions included."""
    match formula:
        case tree.Number() | tree.Left():
            pass
        case tree.Name():
            yield formula
        case tree.Added(terms):
            for _, term in terms:
                yield from names_in(term)
        case tree.Share(of=of):
            yield from names_in(of)
        case tree.Times(one, other):
            yield from names_in(one)
            yield from names_in(other)
        case tree.Extreme(terms=terms):
            for term in terms:
                yield from names_in(term)
        case tree.Conditional(condition, then, otherwise):
            yield from names_in_condition(condition)
            yield from names_in(then)
            yield from names_in(otherwise)
        case _:
            assert_never(formula)


def names_in_condition(condition: tree.Condition) -> Iterator[tree.Name]:
    """Every name that a condition compares."""
    match condition:
        case tree.Comparison(left, _, right):
            yield from names_in(left)
            yield from names_in(right)
        case tree.OneOf():
            pass
        case tree.Both(conditions) | tree.Either(conditions):
            for inner in conditions:
                yield from names_in_condition(inner)
        case tree.Negated(inner):
            yield from names_in_condition(inner)
        case _:
            assert_never(condition)


def has_ratio(formula: tree.Formula) -> bool:
    """Whether a formula could give a part of the smallest unit."""
    match formula:
        case tree.Number() | tree.Name() | tree.Left():
            return False
        case tree.Added(terms):
            return any(has_ratio(term) for _, term in terms)
        case tree.Share():
            return True
        case tree.Times(one, other):
            factors = [part.value for part in (one, other) if isinstance(part, tree.Number)]
            return any(factor.denominator != 1 for factor in factors) or has_ratio(one) or has_ratio(other)
        case tree.Extreme(terms=terms):
            return any(has_ratio(term) for term in terms)
        case tree.Conditional(_, then, otherwise):
            return has_ratio(then) or has_ratio(otherwise)
        case _:
            assert_never(formula)


def reads_left(formula: tree.Formula) -> bool:
    """Whether `left` stands in a formula, its conditions included."""
    match formula:
        case tree.Number() | tree.Name():
            return False
        case tree.Left():
            return True
        case tree.Added(terms):
            return any(reads_left(term) for _, term in terms)
        case tree.Share(of=of):
            return reads_left(of)
        case tree.Times(one, other):
            return reads_left(one) or reads_left(other)
        case tree.Extreme(terms=terms):
            return any(reads_left(term) for term in terms)
        case tree.Conditional(condition, then, otherwise):
            return _condition_reads_left(condition) or reads_left(then) or reads_left(otherwise)
        case _:
            assert_never(formula)


def _condition_reads_left(condition: tree.Condition) -> bool:
    match condition:
        case tree.Comparison(left, _, right):
            return reads_left(left) or reads_left(right)
        case tree.OneOf():
            return False
        case tree.Both(conditions) | tree.Either(conditions):
            return any(_condition_reads_left(inner) for inner in conditions)
        case tree.Negated(inner):
            return _condition_reads_left(inner)
        case _:
            assert_never(condition)


# The order in which amounts and benefits are computed ----------------------------------------------


def needs(name: str, scope: Scope) -> Iterator[tree.Name]:
    """The names that an amount or a benefit reads, and the layers that a benefit comes after."""
    if name in scope.amounts:
        yield from names_in(scope.amounts[name].formula)
        return
    block = scope.benefits[name]
    if scope.eligibility is not None:
        yield from names_in_condition(scope.eligibility.condition)
    for clause in block.clauses:
        yield from names_in_clause(clause)
    for layer in scope.layers_before(name):
        yield tree.Name(layer, block.name.span)
    if scope.stack is not None and scope.stack.of is not None:
        yield from names_in(scope.stack.of)


def names_in_clause(clause: tree.BenefitClause) -> Iterator[tree.Name]:
    """Every name of an amount that a clause of a benefit reads."""
    match clause:
        case tree.OfClause(formula):
            yield from names_in(formula)
        case tree.For(condition):
            yield from names_in_condition(condition)
        case tree.DeductibleClause(value, _, shared):
            yield from _names_in_value(value)
            if shared is not None:
                yield from names_in(shared.value)
        case tree.ThresholdClause(value) | tree.CapClause(value) | tree.CapBaseClause(value):
            yield from _names_in_value(value)
        case tree.PayClause(tree.BandTable(bands=bands)):
            for band in bands:
                yield from names_in(band.lower.value)
                if band.upper is not None:
                    yield from names_in(band.upper.value)
        case tree.PayClause(tree.Ratio() | tree.Unknown() | tree.ByList()):
            pass
        case tree.PayClause(what=formula):
            assert not isinstance(formula, tree.BandTable | tree.Ratio | tree.Unknown | tree.ByList)
            yield from names_in(formula)
        case tree.SourceNote() | tree.RoundClause() | tree.ConformsTo():
            pass
        case _:
            assert_never(clause)


def _names_in_value(value: tree.Value) -> Iterator[tree.Name]:
    if not isinstance(value, tree.ByList):
        yield from names_in(value)


def computing_order(scope: Scope) -> tuple[str, ...]:
    """Amounts and benefits so that each comes after what it reads; raises CycleError where one leans on itself.

    Of two benefits of which only the larger is paid neither is known before both are computed.
    """
    order: list[str] = []
    open_names: list[str] = []

    def visit(name: str, span_from: tree.Name | None) -> None:
        if name in order or (name not in scope.amounts and name not in scope.benefits):
            return
        if name in open_names:
            assert span_from is not None
            raise CycleError(span_from, tuple(open_names[open_names.index(name) :]))
        open_names.append(name)
        for needed in needs(name, scope):
            visit(needed.text, needed)
            rival = scope.rival(needed.text)
            if rival is not None and rival != name:
                visit(rival, needed)
        open_names.pop()
        order.append(name)

    for name in [*scope.amounts, *scope.layers()]:
        visit(name, None)
    return tuple(order)


class CycleError(Exception):
    """Amounts that lean on themselves: the use that closes the circle, and the names in it."""

    def __init__(self, use: tree.Name, circle: tuple[str, ...]) -> None:
        self.use = use
        self.circle = circle


def order_mistakes(scope: Scope) -> Iterator[Diagnostic]:
    """Amounts and benefits that lean on themselves."""
    try:
        computing_order(scope)
    except CycleError as error:
        circle = " -> ".join([*error.circle, error.circle[0]])
        yield Diagnostic("TP020", (Label(error.use.span, "here"),), (("circle", circle),))
    except RecursionError:
        yield Diagnostic("TP007", (Label(next(iter(scope.amounts.values())).span, "here"),), variant="amounts")


def exchange_mistakes(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """Layers that are to make no difference in any order, and that read one another by name."""
    for block in policy.blocks:
        for line in block.lines if isinstance(block, tree.RequireBlock) else ():
            if isinstance(line, tree.AnyOrderLine):
                try:
                    computing_order(scope.exchanged(line.first.text, line.second.text))
                except CycleError as error:
                    circle = " -> ".join([*error.circle, error.circle[0]])
                    labels = (Label(line.span, "exchanged"), Label(error.use.span, "here"))
                    yield Diagnostic("TP020", labels, (("circle", circle),), variant="exchanged")
