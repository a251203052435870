"""Model -> whole-number code: every amount without a fraction, ready to be printed in any language.

What a clause makes of one amount (a benefit's bands, say) becomes a `Function`: a ladder of straight lines with prefix
constants in every category cell. An accumulating clause is the `Increment` of its function. Everything else is
arithmetic over one constant denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import assert_never

from compiler.emit.code import (
    AmountCode,
    And,
    Apply,
    Arm,
    Code,
    Comparison,
    Function,
    Greatest,
    If,
    Increment,
    Ladder,
    Least,
    Match,
    Negation,
    Number,
    Or,
    Step,
    Test,
    Variable,
    WordIn,
    applied_functions,
    categories_read,
    walk_code,
)
from compiler.emit.exact import (
    Exact,
    atom,
    atom_or_number,
    constant,
    line,
    minus,
    numerator,
    over_one_denominator,
    plus,
    rounded,
    times,
    whole,
)
from compiler.emit.moving_bands import moving_bands
from compiler.emit.wanted import Wanted, argument_wanted, facts_read, functions_wanted, is_argument, outer_table
from compiler.emit.width import Scope, Width, code_range, function_ranges, variable_widths
from compiler.model import (
    Accumulated,
    AllOf,
    AmountValue,
    AnyOf,
    ByCategory,
    Capped,
    Choice,
    Compare,
    Condition,
    Constant,
    Difference,
    Expression,
    FactValue,
    IsOneOf,
    Largest,
    Model,
    Not,
    Rounded,
    Scaled,
    Schedule,
    Smallest,
    Sum,
    TotalSoFar,
    walk,
)
from compiler.piecewise import Argument, argument_of, pieces
from compiler.schedule_pieces import Piece


@dataclass(frozen=True, slots=True)
class WholeNumberCode:
    """A Model as whole-number code: the functions, each before the first use of it, and the amounts in order."""

    functions: tuple[Function, ...]
    amounts: tuple[AmountCode, ...]

    @property
    def categories(self) -> frozenset[str]:
        """The categories whose words the code asks for."""
        bodies = (*(function.body for function in self.functions), *(amount.value for amount in self.amounts))
        return frozenset().union(*map(categories_read, bodies))


def functions(model: Model) -> tuple[Function, ...]:
    """The functions of one argument that the amounts of `steps` apply, each before the first use of it."""
    return whole_number_code(model).functions


def steps(model: Model) -> tuple[AmountCode, ...]:
    """How each amount is computed, in the order of the Model."""
    return whole_number_code(model).amounts


def whole_number_code(model: Model) -> WholeNumberCode:
    """The functions and the amounts of a Model.

    The Model must have been proved: where the policy gives no value (a gap, a missing cell), which the checks show no
    claim to reach, the code gives an arbitrary one.
    """
    words = model.categories
    variables = variable_widths(model)
    found: list[Function] = []
    amounts: list[AmountCode] = []
    for amount in model.amounts:
        place = _Place(words, Scope(variables, function_ranges(tuple(found), variables)), (), None, None, "")
        for wanted in functions_wanted(model, amount):
            function = _function(wanted, place)
            if isinstance(wanted.node, Rounded | Capped) and isinstance(function.body, Variable):
                continue
            found.append(function)
            scope = Scope(variables, function_ranges(tuple(found), variables))
            place = replace(place, scope=scope, known=(*place.known, (wanted.node, function)))
        code = whole(_exact(amount.expression, place), place.scope)
        amounts.append(AmountCode(amount.name, code, amount.span.line))
    return WholeNumberCode(_applied(tuple(found), tuple(amounts)), tuple(amounts))


def _applied(found: tuple[Function, ...], amounts: tuple[AmountCode, ...]) -> tuple[Function, ...]:
    """The functions that something applies."""
    needed = {name for amount in amounts for name in applied_functions(amount.value)}
    for function in reversed(found):
        if function.name in needed:
            needed.update(applied_functions(function.body))
    return tuple(function for function in found if function.name in needed)


# Functions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands.

    words          the words of every category, stated or dated
    scope          the widths of the variables and functions
    known          the expressions of this amount that are functions
    cell           the words of the categories that are settled so far; None where the code may still ask for them
    argument       what the argument of the function stands for; None outside
    argument_name  what the function calls it
    """

    words: Mapping[str, tuple[str, ...]]
    scope: Scope
    known: tuple[tuple[Expression, Function], ...]
    cell: Mapping[str, str] | None
    argument: Argument | None
    argument_name: str


class _NoCellError(Exception):
    """The policy has no value for the categories of the cell."""


def _function(wanted: Wanted, place: _Place) -> Function:
    variables = {**place.scope.variables, wanted.argument_name: wanted.bounds}
    inside = replace(
        place,
        scope=Scope(variables, place.scope.functions),
        cell={},
        argument=wanted.argument,
        argument_name=wanted.argument_name,
    )
    value = _by_cell(wanted.body, inside)
    body = numerator(value)
    read = dict.fromkeys(node.name for node in walk_code(body) if isinstance(node, Variable))
    return Function(
        name=wanted.name,
        argument=wanted.argument_name,
        lowest=wanted.bounds.lowest,
        highest=wanted.bounds.highest,
        facts=_facts_of(body, place),
        body=body,
        denominator=value.denominator,
        given=tuple(name for name in read if name != wanted.argument_name),
    )


def _facts_of(body: Code, place: _Place) -> tuple[str, ...]:
    """The categories that code reads, those of the functions that it applies included, in the order of the policy."""
    applied = applied_functions(body)
    found = categories_read(body).union(*(known.facts for _, known in place.known if known.name in applied))
    return tuple(name for name in place.words if name in found)


def _by_cell(expression: Expression, place: _Place) -> Exact:
    """The code of an expression in every cell of the categories that it reads.

    A cell for which the policy has no value shares the code of another.
    """
    cell = {} if place.cell is None else place.cell
    facts = tuple(fact for fact in facts_read(expression, place.words) if fact not in cell)
    table = outer_table(expression, facts)
    if table is not None:
        facts = tuple(fact for fact in facts if fact in table.facts)
    values: dict[tuple[str, ...], Exact] = {}
    keys = list(product(*(place.words[fact] for fact in facts)))
    for key in keys:
        inside = replace(place, cell={**cell, **dict(zip(facts, key, strict=True))})
        try:
            if table is None:
                values[key] = _exact(expression, inside)
            else:
                values[key] = _by_cell(_entry(table, inside), inside)
        except _NoCellError:
            continue
    if not values:
        return constant(0)
    codes, denominator = over_one_denominator(list(values.values()))
    coded = dict(zip(values, codes, strict=True))
    return atom_or_number(_matched(facts, {key: coded.get(key, codes[0]) for key in keys}), denominator)


def _entry(table: ByCategory, place: _Place) -> Expression:
    assert place.cell is not None
    key = tuple(place.cell[fact] for fact in table.facts)
    found = [cell.value for cell in table.cells if cell.key == key]
    if not found:
        raise _NoCellError
    return found[0]


def _matched(facts: tuple[str, ...], cells: Mapping[tuple[str, ...], Code]) -> Code:
    """One `Match` over the facts that make a difference, with equal cells in one arm."""
    for place in range(len(facts)):
        narrowed: dict[tuple[str, ...], Code] = {}
        for key, code in cells.items():
            narrowed.setdefault(key[:place] + key[place + 1 :], code)
        if all(narrowed[key[:place] + key[place + 1 :]] == code for key, code in cells.items()):
            return _matched(facts[:place] + facts[place + 1 :], narrowed)
    arms: dict[Code, list[tuple[str, ...]]] = {}
    for key, code in cells.items():
        arms.setdefault(code, []).append(key)
    if len(arms) == 1:
        return next(iter(arms))
    return Match(facts, tuple(Arm(tuple(keys), code) for code, keys in arms.items()))


# Ladders --------------------------------------------------------------------------------------------


def _ladder(expression: Expression, place: _Place) -> Exact | None:
    """An expression of one argument as a ladder of lines; None where it is no row of lines, or reads several."""
    if place.cell is None or not isinstance(
        expression, Rounded | Schedule | Capped | Smallest | Largest | Choice | ByCategory
    ):
        return None
    argument = argument_of(expression)
    if argument is None or any(isinstance(node, Accumulated) for node in walk(expression)):
        return None
    variable = _variable(argument, place)
    bounds = place.scope.variables[variable.name]
    row = pieces(expression, place.cell, bounds.highest)
    if row is None:
        return None
    if not row:
        raise _NoCellError
    covering = _covering(row, bounds)
    values = [_of_piece(piece, variable, place.scope) for piece in covering]
    if len(values) == 1:
        return values[0]
    codes, denominator = over_one_denominator(values)
    steps_ = tuple(
        Step(piece.last, code, piece.span.line) for piece, code in zip(covering[:-1], codes[:-1], strict=True)
    )
    return atom(Ladder(variable, steps_, codes[-1], covering[-1].span.line), denominator)


def _covering(row: tuple[Piece, ...], bounds: Width) -> list[Piece]:
    """The pieces that matter between the bounds, each made to reach the next one."""
    kept = [piece for piece in row if piece.last >= bounds.lowest and piece.first <= bounds.highest] or [row[-1]]
    ends = [*(following.first - 1 for following in kept[1:]), bounds.highest]
    firsts = [bounds.lowest, *(piece.first for piece in kept[1:])]
    return [
        replace(piece, first=min(first, last), last=last) for piece, first, last in zip(kept, firsts, ends, strict=True)
    ]


def _of_piece(piece: Piece, variable: Variable, scope: Scope) -> Exact:
    exact = line(variable, piece.slope, piece.intercept)
    if piece.rounding is None:
        return exact
    within = {**scope.variables, variable.name: Width(piece.first, piece.last)}
    return rounded(exact, piece.rounding.mode, piece.rounding.unit, Scope(within, scope.functions))


# Expressions ----------------------------------------------------------------------------------------


def _variable(argument: Argument, place: _Place) -> Variable:
    if argument == place.argument:
        return Variable(place.argument_name)
    assert not isinstance(argument, TotalSoFar), "a running total outside its clause"
    return Variable(argument.name)


def _exact(expression: Expression, place: _Place) -> Exact:
    """An expression as whole numbers over one denominator. Raises _NoCellError where the cell has no value."""
    for node, function in place.known:
        if expression == node:
            return _of_function(expression, function, place)
    laddered = _ladder(expression, place)
    if laddered is not None:
        return laddered

    def of(inner: Expression) -> Exact:
        return _exact(inner, place)

    match expression:
        case Constant(value):
            return constant(value)
        case FactValue() | AmountValue() | TotalSoFar():
            return atom(_variable(expression, place))
        case Sum(terms):
            return plus(*(of(term) for term in terms))
        case Difference(left, right):
            return minus(of(left), of(right))
        case Scaled(ratio, value):
            return times(ratio, of(value))
        case Smallest(terms):
            return _least([of(term) for term in terms])
        case Capped(value, cap):
            return _least([of(value), of(cap)])
        case Largest(terms):
            codes, denominator = over_one_denominator([of(term) for term in terms])
            return atom(Greatest(tuple(codes)), denominator)
        case Choice(condition, then, otherwise):
            test = _test(condition, place)
            if isinstance(test, bool):
                return of(then if test else otherwise)
            codes, denominator = over_one_denominator([of(then), of(otherwise)])
            return atom(If(test, codes[0], codes[1]), denominator)
        case Rounded(value, mode, unit):
            return rounded(of(value), mode, unit, place.scope)
        case ByCategory() if place.cell is not None:
            return of(_entry(expression, place))
        case Schedule(categories=categories, columns=columns) if place.cell is not None:
            assert not expression.constant, "a schedule with constant ends is a ladder"
            key = tuple(place.cell[fact] for fact in categories)
            if key not in columns:
                raise _NoCellError
            return moving_bands(expression, columns.index(key), of, place.scope)
        case ByCategory() | Schedule():
            return _by_cell(expression, place)
        case Accumulated():
            raise AssertionError("an accumulating clause is a function by now")
        case _:
            assert_never(expression)


def _of_function(expression: Expression, function: Function, place: _Place) -> Exact:
    given = tuple(Variable(name) for name in function.given)
    match expression:
        case Accumulated(total=total):
            return atom(Increment(function.name, total.name, given), function.denominator)
        case Schedule(argument=inner) if not is_argument(inner):
            argument = whole(_exact(inner, place), place.scope)
            if code_range(argument, place.scope).lowest < 0:
                argument = Greatest((argument, Number(0)))
            return atom(Apply(function.name, argument, given), function.denominator)
        case _:
            found = argument_wanted(expression)
            assert found is not None
            return atom(Apply(function.name, _variable(found, place), given), function.denominator)


def _least(values: list[Exact]) -> Exact:
    codes, denominator = over_one_denominator(values)
    return atom(Least(tuple(codes)), denominator)


def _test(condition: Condition, place: _Place) -> Test | bool:
    """A condition as a test; True or False where the cell decides it."""
    match condition:
        case Compare(left, relation, right):
            codes, _ = over_one_denominator([_exact(left, place), _exact(right, place)])
            return Comparison(codes[0], relation, codes[1])
        case IsOneOf(fact, values):
            return WordIn(fact, values) if place.cell is None else place.cell[fact] in values
        case AllOf(conditions):
            return _joined([_test(inner, place) for inner in conditions], every=True)
        case AnyOf(conditions):
            return _joined([_test(inner, place) for inner in conditions], every=False)
        case Not(inner):
            test = _test(inner, place)
            return not test if isinstance(test, bool) else Negation(test)
        case _:
            assert_never(condition)


def _joined(tests: list[Test | bool], *, every: bool) -> Test | bool:
    undecided = [test for test in tests if not isinstance(test, bool)]
    if any(test is not every for test in tests if isinstance(test, bool)):
        return not every
    if not undecided:
        return every
    if len(undecided) == 1:
        return undecided[0]
    return And(tuple(undecided)) if every else Or(tuple(undecided))
