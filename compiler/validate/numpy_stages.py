"""The functions and stages of a NumPy calculator as terms, over columns and row by row.

A stage computes some amounts from what is known of the claims by then. The loops that numba compiles hold the same
formulas once more; a function in them must have the value of the one over columns, and then stands for it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.validate.bounds import Bounds
from compiler.validate.meaning import Meaning
from compiler.validate.numpy_run import Function, Scope, Value, named, returned, whole
from compiler.validate.python_text import is_named
from compiler.validate.reading import Computed, Duty
from compiler.validate.values import FALSE, Outside, Whole, both
from dsl.money import DOMAIN_TOP

Definitions = Mapping[str, ast.FunctionDef]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as it is written.

    functions  those that it consists of
    reads      what it reads, by local name
    steps      what it computes, by local name
    writes     the local name of each amount
    """

    functions: tuple[str, ...]
    line: int
    rows: bool
    reads: Mapping[str, str]
    steps: tuple[tuple[str, ast.expr], ...]
    writes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The loops that numba compiles: by name, and in the order in which they are numbered."""

    functions: Definitions
    numbered: tuple[str, ...]
    line: int

    def of_number(self, number: int, line: int) -> ast.FunctionDef:
        """The loop of a number. Raises Outside where there is none."""
        if not 0 <= number < len(self.numbered):
            raise Outside(line, f"the loop number {number}")
        return self.functions[self.numbered[number]]


def compiled_of(function: ast.FunctionDef) -> Compiled:
    """What `_compiled` gives: the same formulas row by row."""
    match function.body:
        case [ast.Expr(ast.Constant(str())), first, *inner, ast.Return(ast.Tuple(items))] if ast.unparse(
            first
        ) == "njit: Any = importlib.import_module('numba').njit" and [
            ast.unparse(one) for one in function.decorator_list
        ] == ["functools.cache"]:
            found = {one.name: one for one in inner if isinstance(one, ast.FunctionDef)}
            names = tuple(item.id for item in items if isinstance(item, ast.Name))
            if len(found) == len(inner) and len(names) == len(items) and found.keys() >= set(names):
                return Compiled(found, names, function.lineno)
        case _:
            pass
    raise Outside(function.lineno, "what `_compiled` gives")


def parameters_of(function: ast.FunctionDef, decorators: Sequence[str] = ()) -> list[str]:
    """The names of a function's parameters. Raises Outside where it has more than that, or other decorators."""
    given = function.args
    others = (given.posonlyargs, given.kwonlyargs, given.defaults, given.kw_defaults)
    found = [ast.unparse(one) for one in function.decorator_list]
    if any(others) or given.vararg or given.kwarg or found != list(decorators):
        raise Outside(function.lineno, f"the parameters or decorators of {function.name}")
    return [one.arg for one in given.args]


NJIT = ("njit",)


# Functions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions by the names that they have over columns and in the loops, and what must never happen in them.

    fields  the names that the policy has for the parameters of each function over columns, the first one left out
    read    every function of the text that was read for this
    """

    over_columns: Mapping[str, Function]
    in_loops: Mapping[str, Function]
    fields: Mapping[str, Sequence[str]]
    duties: tuple[Duty, ...]
    read: frozenset[str]


def functions_of(
    public: Sequence[ast.FunctionDef],
    definitions: Definitions,
    compiled: Compiled,
    tables: Mapping[str, tuple[int, ...]],
    limits: Mapping[str, tuple[int, int]],
) -> Functions:
    """The functions for everybody: each is one over columns and one in a loop, for the values that it names.

    limits  between which numbers each fact, amount and place of a word lies
    """
    most = max(DOMAIN_TOP, *(high for _, high in limits.values()))
    over_columns: dict[str, Function] = {}
    in_loops: dict[str, Function] = {}
    fields: dict[str, Sequence[str]] = {}
    duties: list[Duty] = []
    read: set[str] = set()
    for function in public:
        name, number, arguments = _applied(function)
        # The first one stands for whatever is handed over, which may be a total.
        for place, (field, lowest, highest) in enumerate(arguments):
            least, greatest = limits.get(field, (0, -1)) if place else (0, most)
            if not max(0, least) <= lowest <= highest <= greatest:
                raise Outside(function.lineno, f"the ends of {field}")
        ends = [(lowest, highest) for _, lowest, highest in arguments]
        loop = compiled.of_number(number, function.lineno)
        one = _looped(loop, len(ends))
        if (name, one) != (f"_array_{function.name}", f"_one_{function.name}"):
            raise Outside(function.lineno, f"what {function.name} applies")
        if name not in definitions or one not in compiled.functions:
            raise Outside(function.lineno, f"what {function.name} applies")
        terms = tuple(
            (z3.Int(f"argument {place} of {function.name}"), lowest, highest)
            for place, (lowest, highest) in enumerate(ends, 1)
        )
        found = _function(definitions[name], terms, over_columns, tables, duties, rows=False)
        again = _function(compiled.functions[one], terms, in_loops, tables, duties, rows=True)
        if not z3.eq(z3.simplify(found.value), z3.simplify(again.value)):
            what = f"another value of {function.name} row by row than over columns"
            within = both([both([term >= lowest, term <= highest]) for term, lowest, highest in terms])
            duties.append(Duty(both([within, found.value != again.value]), compiled.functions[one].lineno, what))
        own = dict(zip(parameters_of(definitions[name]), (field for field, _, _ in arguments), strict=True))
        require_arguments(definitions[name], own, fields)
        over_columns[name] = found
        fields[name] = list(own.values())[1:]
        read |= {function.name, name, loop.name, one}
        # The value over columns, which it was shown to have.
        in_loops[one] = replace(again, value=found.value)
    return Functions(over_columns, in_loops, fields, tuple(duties), frozenset(read))


def require_arguments(node: ast.AST, known: Mapping[str, str], fields: Mapping[str, Sequence[str]]) -> None:
    """Raise Outside where a function is handed something else than the name of its parameter says.

    known   what local names stand for
    fields  what the parameters of a function are called, the first one left out: it stands for whatever is handed over
    """
    for call in ast.walk(node):
        match call:
            case ast.Call(ast.Name(name), [_, *others]) if name in fields:
                handed = [known.get(one.id) if isinstance(one, ast.Name) else None for one in others]
                if handed != list(fields[name]):
                    raise Outside(call.lineno, f"what {name} is handed under another name")
            case _:
                pass


def _applied(function: ast.FunctionDef) -> tuple[str, int, list[tuple[str, int, int]]]:
    """Which function over columns and which loop a public one applies; the field and the ends of each argument."""
    match function.args, function.body:
        case (
            ast.arguments([], [*given], None, [ast.arg("compiled")], [ast.Constant(False)], None, []),
            [
                ast.Expr(ast.Constant(str())),
                ast.Return(
                    ast.Call(
                        ast.Name("_applied"),
                        [
                            ast.IfExp(
                                ast.Name("compiled"),
                                ast.Subscript(ast.Call(ast.Name("_compiled"), [], []), ast.Constant(int(number))),
                                ast.Name(name),
                            ),
                            ast.Name("compiled"),
                            *arguments,
                        ],
                        [],
                    )
                ),
            ],
        ) if given and not function.decorator_list and len(arguments) == len(given):
            names = [one.arg for one in given]
            return name, number, [_ends(one, argument) for one, argument in zip(names, arguments, strict=True)]
        case _:
            raise Outside(function.lineno, f"what {function.name} applies")


def _ends(name: str, argument: ast.expr) -> tuple[str, int, int]:
    """The field, the least and the greatest value of an argument."""
    match argument:
        case ast.Tuple([ast.Name(same), ast.Constant(str(field)), ast.Constant(int(low)), ast.Constant(int(high))]) if (
            same == name and is_named(name, field)
        ):
            return field, low, high
        case _:
            raise Outside(argument.lineno, f"the ends of {name}")


def _function(
    function: ast.FunctionDef,
    terms: tuple[tuple[z3.ArithRef, int, int], ...],
    others: Mapping[str, Function],
    tables: Mapping[str, tuple[int, ...]],
    duties: list[Duty],
    *,
    rows: bool,
) -> Function:
    names = [named(name, function.lineno) for name in parameters_of(function, NJIT if rows else ())]
    if len(names) != len(terms) or len(set(names)) < len(names):
        raise Outside(function.lineno, f"the parameters of {function.name}")
    values: dict[str, Value] = {name: Whole(term) for name, (term, _, _) in zip(names, terms, strict=True)}
    within = both([both([term >= lowest, term <= highest]) for term, lowest, highest in terms])
    bounds = Bounds({str(term): (lowest, highest) for term, lowest, highest in terms}, {})
    counted: set[str] = set()
    scope = Scope(values, {}, tables, others, rows, bounds, within, duties, counted, settling=False)
    value = returned(function.body, scope, function.lineno)
    return Function(function.name, terms, value, tuple(name in counted for name in names))


def _looped(loop: ast.FunctionDef, arguments: int) -> str:
    """The function that a loop applies row by row to all of its arguments, in their order."""
    out, *names = parameters_of(loop, NJIT)
    match loop.body:
        case [
            ast.For(
                ast.Name("_row"),
                over,
                [ast.Assign([ast.Subscript(ast.Name(target), ast.Name("_row"))], ast.Call(ast.Name(one), given, []))],
                [],
            )
        ] if (
            target == out
            and ast.unparse(over) == f"range(len({out}))"
            and [ast.unparse(each) for each in given] == [f"{name}[_row]" for name in names]
            and len(names) == arguments
            and len({out, *names}) == len(names) + 1
        ):
            return one
        case _:
            raise Outside(loop.lineno, f"what {loop.name} does")


# Stages ---------------------------------------------------------------------------------------------


def stage_over_columns(function: ast.FunctionDef) -> Stage:
    """A stage as a function of a part of the columns."""
    if parameters_of(function) != ["live", "out", "part"]:
        raise Outside(function.lineno, f"the parameters of {function.name}")
    return _stage((function,), function.body, False, _column_read, _column_written)


def stage_in_a_loop(function: ast.FunctionDef, compiled: Compiled) -> Stage:
    """A stage as a compiled loop: the function that hands over the columns, and the loop."""
    match function.body:
        case [ast.Expr(ast.Call(ast.Name(name), handed, []))] if (
            parameters_of(function) == ["live", "out"] and name in compiled.functions
        ):
            loop = compiled.functions[name]
        case _:
            raise Outside(function.lineno, f"what {function.name} does")
    columns = dict(zip(parameters_of(loop, NJIT), [_handed(one) for one in handed], strict=False))
    first = next(iter(columns), "")
    match loop.body:
        case [ast.For(ast.Name("_row"), over, body, [])] if (
            len(columns) == len(handed) == len(loop.args.args)
            and all(name.startswith("_") for name in columns)
            and ast.unparse(over) == f"range(len({first}))"
        ):
            pass
        case _:
            raise Outside(loop.lineno, f"what {loop.name} does")

    def read(node: ast.expr) -> str | None:
        return _in_row(node, columns, "live")

    def written(node: ast.expr) -> str | None:
        return _in_row(node, columns, "out")

    return _stage((loop, function), body, True, read, written)


def _handed(node: ast.expr) -> tuple[str, str]:
    match node:
        case ast.Subscript(ast.Name(("live" | "out") as owner), ast.Constant(str(name))):
            return owner, name
        case _:
            raise Outside(node.lineno, f"a column: {ast.unparse(node)}")


def _in_row(node: ast.expr, columns: Mapping[str, tuple[str, str]], owner: str) -> str | None:
    match node:
        case ast.Subscript(ast.Name(column), ast.Name("_row")) if columns.get(column, ("", ""))[0] == owner:
            return columns[column][1]
        case _:
            return None


def _column_read(node: ast.expr) -> str | None:
    return _in_part(node, "live")


def _column_written(node: ast.expr) -> str | None:
    return _in_part(node, "out")


def _in_part(node: ast.expr, owner: str) -> str | None:
    match node:
        case ast.Subscript(ast.Subscript(ast.Name(same), ast.Constant(str(name))), ast.Name("part")) if same == owner:
            return name
        case _:
            return None


def _stage(
    functions: Sequence[ast.FunctionDef],
    body: Sequence[ast.stmt],
    rows: bool,
    read: Callable[[ast.expr], str | None],
    written: Callable[[ast.expr], str | None],
) -> Stage:
    reads: dict[str, str] = {}
    steps: dict[str, ast.expr] = {}
    writes: dict[str, str] = {}
    for statement in body:
        match statement:
            case ast.Assign([ast.Name(local)], value) if local not in reads and local not in steps:
                name = read(value)
                if name is None:
                    steps[named(local, statement.lineno)] = value
                else:
                    reads[named(local, statement.lineno)] = name
            case ast.Assign([target], ast.Name(local)) if local in steps and local not in writes.values():
                name = written(target)
                if name is None or name in writes:
                    raise Outside(statement.lineno, f"a statement: {ast.unparse(statement)}")
                writes[name] = local
            case _:
                raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")
    names = tuple(one.name for one in functions)
    return Stage(names, functions[0].lineno, rows, reads, tuple(steps.items()), writes)


def amounts_of(stage: Stage, meant: Meaning, scope: Scope) -> Iterator[tuple[str, Computed]]:
    """The amounts that a stage computes, each from what is live and from the cuts of those before it."""
    amounts = {local: name for name, local in stage.writes.items()}
    values: dict[str, Value] = {}
    for local, name in stage.reads.items():
        if name not in scope.live:
            raise Outside(stage.line, f"{name}, which is not known by then")
        values[local] = scope.live[name]
    of = scope.of
    for local, node in stage.steps:
        inside = replace(scope, names=values, live={}, rows=stage.rows, of=of)
        if local not in amounts:
            raise Outside(node.lineno, f"{local}, which is no amount")
        name = amounts[local]
        if name not in meant.amounts:
            raise Outside(node.lineno, f"{name}, which the policy does not have")
        yield name, Computed(whole(node, inside), FALSE, node.lineno)
        of = (*of, name)
        values = {**values, local: Whole(meant.amounts[name])}
