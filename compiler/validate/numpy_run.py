"""Expressions over columns as terms: what one element of an array comes to, and what must never happen to it.

Every operation of the grammar works element by element, so one claim is enough to say what it means. In the loops that
numba compiles the same formulas stand row by row, in words of their own (`and`, `if`, `min`). Whole numbers have 64
bits, of which no value that is used may leave any; `//` rounds down. A lookup in a constant table is as many formulas
as the table has rows, each where its row is meant: what is looked up is a constant there, and its place is in range.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import z3

from compiler.validate.bounds import Bounds, bounds_of, narrowed
from compiler.validate.reading import Duty
from compiler.validate.values import Day, Outside, Truth, Whole, both, day_number, either, negation

BITS = 64

MOST_ROWS = 40_000
"""How many rows of a table are looked at."""

NAMES_USED = frozenset({"np", "live", "out", "part", "place", "int", "min", "max", "len", "range"})
"""What no local name may be: it means something here."""

Value = Whole | Truth | Day
"""What an element of an array is."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a calculator in terms of its own parameters, which are between known ends.

    parameters  the term of each, with its least and greatest value
    counted     which of them are counted with, so that they need 64 bits
    """

    name: str
    parameters: tuple[tuple[z3.ArithRef, int, int], ...]
    value: z3.ArithRef
    counted: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    names      local names, and those of the module that are days
    live       what is known of the claim by name, where that may be asked for
    tables     the constant tables of the module
    functions  what may be called from here, by the name that it has here
    rows       the text is about one row, not about columns
    bounds     between which numbers terms lie
    path       when it is come to
    counted    local names that are counted with, noted while expressions are read
    settling   a claim is being settled, which breaks no rule of its own
    of         the amounts that are computed by then
    """

    names: Mapping[str, Value]
    live: Mapping[str, Value]
    tables: Mapping[str, tuple[int, ...]]
    functions: Mapping[str, Function]
    rows: bool
    bounds: Bounds
    path: z3.BoolRef
    duties: list[Duty]
    counted: set[str]
    settling: bool
    of: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)


def on(scope: Scope, holds: z3.BoolRef) -> Scope:
    """Where a test holds."""
    return replace(scope, path=both([scope.path, holds]), bounds=narrowed(scope.bounds, holds))


def named(name: str, line: int) -> str:
    """A name that the text gives to something. Raises Outside for one that means something here already."""
    if name in NAMES_USED or name.startswith("_"):
        raise Outside(line, f"the name {name}, which something else has already")
    return name


# Functions ------------------------------------------------------------------------------------------


def returned(statements: Sequence[ast.stmt], scope: Scope, line: int) -> z3.ArithRef:
    """What the body of a function comes to."""
    match statements:
        case [ast.Return(ast.expr() as value)]:
            return whole(value, scope)
        case [ast.Assign([ast.Name("place")], found), ast.Return(ast.expr() as value)]:
            return _looked_up(found, value, scope)
        case [ast.If(test, body, []), *rest] if scope.rows:
            holds = truth(test, scope)
            then = returned(body, on(scope, holds), test.lineno)
            return _choice(holds, then, returned(rest, on(scope, negation(holds)), test.lineno))
        case _:
            raise Outside(statements[0].lineno if statements else line, "the body of a function")


def _called(function: Function, arguments: Sequence[ast.expr], scope: Scope, line: int) -> z3.ArithRef:
    if len(arguments) != len(function.parameters):
        raise Outside(line, f"{function.name} is called with {len(arguments)} values")
    values: list[z3.ArithRef] = []
    for argument, (_, lowest, highest), counted in zip(arguments, function.parameters, function.counted, strict=True):
        given = _number(argument, scope)
        value = whole(argument, scope) if counted else given.term
        least, most = bounds_of(value, scope.bounds)
        if given.bits < BITS and (lowest, highest) != (0, most):
            raise Outside(line, f"{function.name} is for other words than there are")
        if least < lowest or most > highest:
            leaves = both([scope.path, z3.Or(value < lowest, value > highest)])
            what = f"{function.name} is asked for a value that it is not for"
            scope.duties.append(Duty(leaves, line, what, scope.settling, scope.of))
        values.append(value)
    pairs = [(term, value) for (term, _, _), value in zip(function.parameters, values, strict=True)]
    found: z3.ArithRef = z3.substitute(function.value, *pairs)
    return found


def _number(node: ast.expr, scope: Scope) -> Whole:
    """A whole number of any width, as it may be handed over or compared."""
    value = evaluate(node, scope)
    if not isinstance(value, Whole):
        raise Outside(node.lineno, "something else where a number is needed")
    return value


# Tables ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Steps:
    """How many of some ends, which rise, a value lies above."""

    value: z3.ArithRef
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    """So many times the place of a word, which is between known ends."""

    times: int
    word: z3.ArithRef
    lowest: int
    highest: int


def _looked_up(place: ast.expr, value: ast.expr, scope: Scope) -> z3.ArithRef:
    """A value in which `place` is the row of tables."""
    if "place" in scope.names:
        raise Outside(place.lineno, "the name place, which something else has already")
    steps: list[tuple[z3.ArithRef, tuple[int, ...]]] = []
    cells: list[_Cell] = []
    for addend in _addends(place):
        match _counted(addend, scope):
            case _Steps(of, ends):
                steps.append((of, ends))
            case _Cell() as cell:
                cells.append(cell)
    rows = 1 + sum(len(ends) for _, ends in steps)
    for cell in cells:
        rows *= cell.highest - cell.lowest + 1
    if rows > MOST_ROWS or any(not z3.eq(of, steps[0][0]) for of, _ in steps):
        raise Outside(place.lineno, "the place in a table")
    ends = tuple(sorted(end for _, some in steps for end in some))
    of = steps[0][0] if steps else z3.IntVal(0)
    return _in_cells(cells, 0, of, ends, value, scope)


def _addends(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_addends(node.left), node.right]
    return [node]


def _counted(node: ast.expr, scope: Scope) -> _Steps | _Cell:
    """An addend of a place."""
    match node:
        case ast.Call(ast.Name("_step"), [value, ast.Name(ends)], []) if not scope.rows and ends in scope.tables:
            return _Steps(whole(value, scope), _rising(scope.tables[ends], node.lineno))
        case ast.Call(ast.Attribute(ast.Name("np"), "searchsorted"), [ast.Name(ends), value], []) if (
            scope.rows and ends in scope.tables
        ):
            return _Steps(whole(value, scope), _rising(scope.tables[ends], node.lineno))
        case ast.Call(ast.Name("int"), [ast.Compare(value, [ast.Gt()], [end])], []) if scope.rows:
            constant = whole(end, scope)
            if z3.is_int_value(constant):
                return _Steps(whole(value, scope), (int(constant.as_long()),))
        case ast.BinOp(ast.Constant(int(times)), ast.Mult(), word) if type(times) is int:
            return _cell(times, word, scope)
        case _:
            return _cell(1, node, scope)
    raise Outside(node.lineno, f"the place in a table: {ast.unparse(node)}")


def _cell(times: int, node: ast.expr, scope: Scope) -> _Cell:
    inner = node
    if not scope.rows:
        match node:
            case ast.Call(ast.Attribute(ast.Name() as inner, "astype"), [ast.Attribute(ast.Name("np"), "intp")], []):
                pass
            case _:
                raise Outside(node.lineno, f"the place in a table: {ast.unparse(node)}")
    if not isinstance(inner, ast.Name):
        raise Outside(node.lineno, f"the place in a table: {ast.unparse(node)}")
    word = _number(inner, scope).term
    return _Cell(times, word, *bounds_of(word, scope.bounds))


def _rising(ends: tuple[int, ...], line: int) -> tuple[int, ...]:
    """Ends that rise, which a search takes for granted."""
    if list(ends) != sorted(ends):
        raise Outside(line, "a table whose ends do not rise")
    return ends


def _in_cells(
    cells: Sequence[_Cell], row: int, of: z3.ArithRef, ends: tuple[int, ...], value: ast.expr, scope: Scope
) -> z3.ArithRef:
    """The value from a row on, cell by cell."""
    if not cells:
        return _in_steps(row, of, ends, value, scope)
    first, *others = cells
    found: z3.ArithRef | None = None
    for word in reversed(range(first.lowest, first.highest + 1)):
        holds = first.word == word
        inside = _in_cells(others, row + first.times * word, of, ends, value, on(scope, holds))
        found = inside if found is None else _choice(holds, inside, found)
    assert found is not None
    return found


def _in_steps(row: int, of: z3.ArithRef, ends: tuple[int, ...], value: ast.expr, scope: Scope) -> z3.ArithRef:
    """The value from a row on, step by step: a balanced tree."""
    if not ends:
        return whole(value, replace(scope, places={"place": row}))
    middle = (len(ends) - 1) // 2
    holds = of <= ends[middle]
    below = _in_steps(row, of, ends[:middle], value, on(scope, holds))
    above = _in_steps(row + middle + 1, of, ends[middle + 1 :], value, on(scope, negation(holds)))
    return _choice(holds, below, above)


def _row_of(table: str, place: str, scope: Scope, line: int) -> z3.ArithRef:
    if table not in scope.tables or place not in scope.places:
        raise Outside(line, f"the row {place} of {table}")
    values, row = scope.tables[table], scope.places[place]
    if not 0 <= row < len(values):
        raise Outside(line, f"a row that {table} does not have")
    return z3.IntVal(values[row])


# Expressions ----------------------------------------------------------------------------------------


def whole(node: ast.expr, scope: Scope) -> z3.ArithRef:
    """A whole number that may be counted with: of 64 bits, or one that Python writes down."""
    value = evaluate(node, scope)
    if not isinstance(value, Whole) or (value.bits < BITS and not scope.rows):
        raise Outside(node.lineno, "something else where a number of 64 bits is needed")
    if isinstance(node, ast.Name):
        scope.counted.add(node.id)
    return value.term


def evaluate(node: ast.expr, scope: Scope) -> Value:
    """What an expression comes to, for one claim."""
    line = node.lineno
    match node:
        case ast.Constant(int(value)) if type(value) is int:
            return _wide(z3.IntVal(value), scope, node)
        case ast.UnaryOp(ast.USub(), ast.Constant(int(value))) if type(value) is int:
            return _wide(z3.IntVal(-value), scope, node)
        case ast.Name(name) if name in scope.names:
            return scope.names[name]
        case ast.Subscript(ast.Name("live"), ast.Constant(str(name))) if name in scope.live and not scope.rows:
            return scope.live[name]
        case ast.Subscript(ast.Name(table), ast.Name(place)):
            return Whole(_row_of(table, place, scope, line))
        case ast.BinOp(left, ast.BitAnd() | ast.BitOr(), right):
            return Truth(truth(node, scope))
        case ast.BinOp(left, operator, right):
            return _arithmetic(operator, left, right, scope, node)
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
            return Truth(truth(node, scope))
        case ast.IfExp(test, body, orelse) if scope.rows:
            return _chosen(test, body, orelse, scope)
        case ast.Call(ast.Attribute(ast.Name("np"), name), arguments, []) if not scope.rows:
            return _of_numpy(name, arguments, scope, node)
        case ast.Call(ast.Name(("min" | "max") as name), [_, _, *_] as arguments, []) if scope.rows:
            return _extreme(arguments, name == "max", scope)
        case ast.Call(ast.Name(name), arguments, []) if name in scope.functions:
            return Whole(_called(scope.functions[name], arguments, scope, line))
        case _:
            raise Outside(line, f"an expression: {ast.unparse(node)}")


def _of_numpy(name: str, arguments: Sequence[ast.expr], scope: Scope, node: ast.expr) -> Value:
    match name, arguments:
        case "where", [test, one, other]:
            return _chosen(test, one, other, scope)
        case (("minimum" | "maximum"), [_, _]):
            return _extreme(arguments, name == "maximum", scope)
        case "logical_not", [_]:
            return Truth(truth(node, scope))
        case "datetime64", [ast.Constant(str(written))]:
            return Day(z3.IntVal(day_number(iso_day(written, node.lineno))))
        case _:
            raise Outside(node.lineno, f"an expression: {ast.unparse(node)}")


def iso_day(written: str, line: int) -> date:
    """A day as `2013-07-01`. Raises Outside for anything else."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Outside(line, f"the day {written}") from None
    if day.isoformat() != written:
        raise Outside(line, f"the day {written}")
    return day


def _chosen(test: ast.expr, one: ast.expr, other: ast.expr, scope: Scope) -> Whole:
    # Both sides are computed, but what is not chosen is thrown away: it may wrap.
    holds = truth(test, scope)
    return Whole(_choice(holds, whole(one, on(scope, holds)), whole(other, on(scope, negation(holds)))))


def _choice(holds: z3.BoolRef, one: z3.ArithRef, other: z3.ArithRef) -> z3.ArithRef:
    found: z3.ArithRef = z3.If(holds, one, other)
    return found


def _extreme(arguments: Sequence[ast.expr], largest: bool, scope: Scope) -> Whole:
    found, *others = (whole(one, scope) for one in arguments)
    for term in others:
        found = z3.If(term > found if largest else term < found, term, found)
    return Whole(found)


def _arithmetic(operator: ast.operator, left: ast.expr, right: ast.expr, scope: Scope, node: ast.expr) -> Whole:
    one, other = whole(left, scope), whole(right, scope)
    match operator:
        case ast.Add():
            return _wide(one + other, scope, node)
        case ast.Sub():
            return _wide(one - other, scope, node)
        case ast.Mult() if z3.is_int_value(one) or z3.is_int_value(other):
            return _wide(one * other, scope, node)
        case ast.FloorDiv() if z3.is_int_value(other) and other.as_long() > 0:
            return Whole(one / other)
        case _:
            raise Outside(node.lineno, f"the operator {type(operator).__name__} with these operands")


def _wide(term: z3.ArithRef, scope: Scope, node: ast.expr) -> Whole:
    """A number that must fit 64 bits."""
    lowest, highest = bounds_of(term, scope.bounds)
    if lowest < -(2 ** (BITS - 1)) or highest >= 2 ** (BITS - 1):
        if z3.is_int_value(term):
            raise Outside(node.lineno, "a constant beyond 64 bits")
        leaves = z3.Or(term < -(2 ** (BITS - 1)), term >= 2 ** (BITS - 1))
        what = f"a number beyond {BITS} bits: {ast.unparse(node)[:120]}"
        scope.duties.append(Duty(both([scope.path, leaves]), node.lineno, what, scope.settling, scope.of))
    return Whole(term)


# Truths ---------------------------------------------------------------------------------------------


def truth(node: ast.expr, scope: Scope) -> z3.BoolRef:
    """When a test holds."""
    match node:
        case ast.BinOp(left, ast.BitAnd(), right) if not scope.rows:
            return both([truth(left, scope), truth(right, scope)])
        case ast.BinOp(left, ast.BitOr(), right) if not scope.rows:
            return either([truth(left, scope), truth(right, scope)])
        case ast.BoolOp(operator, tests) if scope.rows:
            found = [truth(test, scope) for test in tests]
            return both(found) if isinstance(operator, ast.And) else either(found)
        case ast.UnaryOp(ast.Not(), inner) if scope.rows:
            return negation(truth(inner, scope))
        case ast.Call(ast.Attribute(ast.Name("np"), "logical_not"), [inner], []) if not scope.rows:
            return negation(truth(inner, scope))
        case ast.Compare(left, [operator], [right]):
            return _compared(evaluate(left, scope), operator, evaluate(right, scope), node.lineno)
        case _:
            raise Outside(node.lineno, f"a test: {ast.unparse(node)}")


def _compared(left: Value, operator: ast.cmpop, right: Value, line: int) -> z3.BoolRef:
    match left, right:
        case (Whole(one), Whole(other)) | (Day(one), Day(other)):
            pass
        case _:
            raise Outside(line, "a comparison of these values")
    match operator:
        case ast.Lt():
            return one < other
        case ast.LtE():
            return one <= other
        case ast.Gt():
            return one > other
        case ast.GtE():
            return one >= other
        case ast.Eq():
            return one == other
        case _:
            raise Outside(line, f"the comparison {type(operator).__name__}")
