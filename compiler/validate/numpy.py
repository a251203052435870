"""A NumPy calculator as it was written -> its terms.

What is computed is read from the text: the rules of the domain, the tables, the functions, the stages of a settlement
over columns and row by row, and where between them each running total is added up. What no policy changes (reading a
column, sorting, adding up) must stand there as `numpy_library.py` has it, and means what `numpy_settling.py` says.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

import z3

from compiler.model import CLAIM_NUMBER, CategoryFact, Model
from compiler.ranges import value_ranges
from compiler.validate.bounds import bounds_when_settled
from compiler.validate.meaning import Kinds, meaning, settling_rules
from compiler.validate.numpy_library import FIXED, SETTLEMENT, require_library, require_read
from compiler.validate.numpy_run import iso_day
from compiler.validate.numpy_settling import STR, Parts, settled, told
from compiler.validate.numpy_stages import compiled_of, functions_of, parameters_of
from compiler.validate.python_text import (
    are_numbers,
    attributes,
    fields_of,
    parsed,
    require_named,
    statements_of,
    texts_of,
)
from compiler.validate.reading import Reading
from compiler.validate.values import Day, Outside, day_number

KINDS = Kinds(text=frozenset({STR}), day=None, number=None)
"""A column of numbers or days is refused as a whole where it is one of something else; objects may be of any type."""


@dataclass(frozen=True, slots=True)
class _Module:
    """The parts of the text: its constants by what they are, its functions and classes, and the other statements."""

    texts: Mapping[str, tuple[str, ...]]
    rules: tuple[tuple[str, str], ...]
    days: Mapping[str, Day]
    tables: Mapping[str, tuple[int, ...]]
    functions: Mapping[str, ast.FunctionDef]
    classes: Mapping[str, ast.ClassDef]

    def function(self, name: str) -> ast.FunctionDef:
        """A function that every calculator has. Raises Outside where this one does not."""
        if name not in self.functions:
            raise Outside(0, f"no function {name}")
        return self.functions[name]


def read_numpy(model: Model, text: str) -> Reading:
    """The terms of a NumPy calculator of a Model. Raises Outside for what no calculator has."""
    tree = parsed(text)
    module = _module(tree)
    left = require_library(text, tree, module.functions, module.classes, model)
    columns = _columns(module, model)
    meant = meaning(model, KINDS)
    compiled = compiled_of(module.function("_compiled"))
    public = [function for name, function in left.items() if not name.startswith("_")]
    limits = {name: (int(found.lowest), int(found.highest)) for name, found in value_ranges(model).items()}
    limits |= {name: (0, len(words) - 1) for name, words in model.categories.items()}
    functions = functions_of(public, module.functions, compiled, module.tables, limits)
    settle = module.function("_settle")
    if parameters_of(settle) != ["columns", "ledger", "compiled"]:
        raise Outside(settle.lineno, "the parameters of _settle")
    duties = [*functions.duties]
    parts = Parts(
        meant,
        module.days,
        module.texts,
        module.rules,
        columns,
        module.functions,
        functions,
        compiled,
        bounds_when_settled(model),
    )
    book = settled(settle, parts, duties)
    require_read(tree, left, compiled.functions, {"_settle", "_compiled", *functions.read, *book.read})
    require_named({one.name: f"_array_{one.name}" for one in public}, module.functions, book.formulas)
    return Reading(
        meant,
        told(book.broken),
        told(book.refused),
        tuple(settling_rules(meant, ledger=False)),
        False,
        book.words,
        book.amounts,
        tuple(duties),
        again=book.again,
    )


# The module -----------------------------------------------------------------------------------------


def _module(tree: ast.Module) -> _Module:
    texts: dict[str, tuple[str, ...]] = {}
    rules: tuple[tuple[str, str], ...] = ()
    days: dict[str, Day] = {}
    tables: dict[str, tuple[int, ...]] = {}
    functions: dict[str, ast.FunctionDef] = {}
    classes: dict[str, ast.ClassDef] = {}
    for statement in statements_of(tree):
        match statement:
            case ast.FunctionDef(name=name):
                functions[name] = statement
            case ast.ClassDef(name=name):
                classes[name] = statement
            case ast.AnnAssign(ast.Name("RULES"), ast.Name("Final"), ast.Tuple(items), 1):
                rules = tuple(_rule(item) for item in items)
            case ast.AnnAssign(ast.Name(name), ast.Name("Final"), ast.Tuple(items), 1):
                texts[name] = texts_of(items, statement.lineno)
            case ast.AnnAssign(
                ast.Name(("POLICY" | "SOURCE_SHA256") as name), ast.Name("Final"), ast.Constant(str(one)), 1
            ):
                texts[name] = (one,)
            case ast.AnnAssign(ast.Name(("FIRST_DAY" | "LAST_DAY") as name), ast.Name("Final"), ast.expr() as value, 1):
                days[name] = _day(value)
            case ast.AnnAssign(ast.Name(name), ast.Name("Final"), ast.Call() as value, 1) if name.startswith("_"):
                tables[name] = _table(value)
            case ast.Expr(ast.Constant(str())):
                pass
            case _ if ast.unparse(statement) in FIXED:
                pass
            case _:
                raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")
    return _Module(texts, rules, days, tables, functions, classes)


def _rule(node: ast.expr) -> tuple[str, str]:
    match node:
        case ast.Tuple([ast.Constant(str(field)), ast.Constant(str(reason))]):
            return field, reason
        case _:
            raise Outside(node.lineno, "a rule that is no field and reason")


def _day(node: ast.expr) -> Day:
    match node:
        case ast.Call(ast.Attribute(ast.Name("np"), "datetime64"), [ast.Constant(str(written))], []):
            return Day(z3.IntVal(day_number(iso_day(written, node.lineno))))
        case _:
            raise Outside(node.lineno, f"the day {ast.unparse(node)}")


def _table(node: ast.Call) -> tuple[int, ...]:
    """A constant array of whole numbers of 64 bits."""
    match node:
        case ast.Call(
            ast.Attribute(ast.Name("np"), "array"), [ast.Tuple(items), ast.Attribute(ast.Name("np"), "int64")], []
        ):
            return tuple(_constant(item) for item in items)
        case _:
            raise Outside(node.lineno, "a table that is not one of whole numbers")


def _constant(node: ast.expr) -> int:
    match node:
        case ast.Constant(int(value)) if value < 2**63:
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int(value))) if value <= 2**63:
            return -value
        case _:
            raise Outside(node.lineno, f"the constant {ast.unparse(node)}")


def _columns(module: _Module, model: Model) -> Mapping[str, str]:
    """The attribute of a settlement for each amount, in a module whose constants are those of the policy."""
    amounts = tuple(amount.name for amount in model.settlement)
    wanted = {
        "POLICY": (model.id,),
        "FIELDS": (CLAIM_NUMBER, *(fact.name for fact in model.facts)),
        "COLUMNS": amounts,
    }
    lists = {fact.values for fact in model.facts if isinstance(fact, CategoryFact)}
    for name in (*wanted, *module.texts):
        found = module.texts.get(name)
        if name == "SOURCE_SHA256":
            right = found is not None and len(found) == 1 and are_numbers(found[0])
        else:
            right = found == wanted[name] if name in wanted else found in lists
        if not right:
            raise Outside(0, f"the constant {name} is not that of the policy")
    if module.rules[:1] != (("", ""),):
        raise Outside(0, "a rule number 0, which is none")
    if bool(module.days) != (model.in_force is not None):
        raise Outside(0, "days in force that are not those of the policy")
    _, _, *fields = fields_of(module.classes["Settlement"], SETTLEMENT, methods=True)
    return attributes(amounts, fields)
