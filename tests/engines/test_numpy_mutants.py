"""The pen slips in the generated NumPy text: claims near every boundary show it, or it changes nothing.

A mutant is caught where a book of claims by chance comes out otherwise, or a claim that breaks one rule alone, or where
a function gives another value at any argument around the ends of its bands. A constant of a table that is one off pays
another fen for some remainder of its division or for none, and `REACH` arguments on either side of every end have them
all: what is not caught pays the same. `NUMPY_MUTANTS=1000` tries that many of each policy.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from compiler.emit.integer import whole_number_code
from compiler.emit.numpy import emit_numpy
from compiler.model import CountFact, Model, MoneyFact
from tests.engines import constructs
from tests.engines.engines import Row, reference
from tests.engines.numpy_engine import amount_fields, columns_of
from tests.engines.random_claims import boundaries, random_rows
from tests.generated import MARK
from tests.models import ningxia, stack

MUTANTS = int(os.environ.get("NUMPY_MUTANTS", "25"))
REACH = 250

POLICIES = {
    "ningxia": ningxia(),
    "a stack": stack(),
    "payers who share a cost": constructs.construct("payers who share a cost"),
    "a family that shares a deductible": constructs.construct("a family that shares a deductible"),
}

OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMES = {"minimum": "maximum", "maximum": "minimum"}


def places(tree: ast.Module) -> list[ast.AST]:
    """Where the text says what the policy says: its tables, its formulas, the rules that a claim must keep.

    Which of the compiled loops is meant has a test of its own.
    """
    found: list[ast.AST] = []
    for statement in tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) if name.startswith(("_ends_", "_slopes_", "_fixed_")):
                found += ast.walk(statement.value) if statement.value is not None else []
            case ast.FunctionDef(name=name, body=body) if name.startswith(("_array_", "_amounts_", "_settle")):
                found += [node for inner in body for node in ast.walk(inner)]
            case _:
                pass
    loops = {node for one in found if isinstance(one, ast.IfExp) for node in ast.walk(one)}
    return [node for node in found if node not in loops and mutations(node)]


def mutations(node: ast.AST) -> Sequence[str]:
    """In what ways a place can be written wrongly."""
    match node:
        case ast.Constant(value=int()):
            return ("one more", "one less")
        case ast.BinOp(op=op) if type(op) in OTHER:
            return ("another operator",)
        case ast.Compare(ops=[op]) if type(op) in OTHER:
            return ("another relation",)
        case ast.Attribute(attr=name) if name in NAMES:
            return ("the other of two",)
        case ast.Call(func=ast.Name(), args=[_, _, *_]):
            return ("arguments swapped",)
        case ast.Expr(value=ast.Call(func=ast.Name(id="_mark"))):
            return ("left out",)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one slip of the pen; where it is, and what."""

    text: str
    line: int
    what: str


def mutated(text: str, random: Random) -> Mutant:
    """A mutant by chance."""
    tree = ast.parse(text)
    node: Any = random.choice(places(tree))
    before = ast.unparse(deepcopy(node))
    what = random.choice(mutations(node))
    match what:
        case "one more" | "one less":
            node.value += 1 if what == "one more" else -1
        case "another operator":
            node.op = OTHER[type(node.op)]()
        case "another relation":
            node.ops = [OTHER[type(node.ops[0])]()]
        case "the other of two":
            node.attr = NAMES[node.attr]
        case "arguments swapped":
            node.args[:2] = reversed(node.args[:2])
        case _:
            node.value = ast.Constant(None)
    return Mutant(ast.unparse(ast.fix_missing_locations(tree)), node.lineno, f"{what}: {before}")


def wrong_alone(model: Model, row: Row) -> list[Row]:
    """The same claim with one amount or count just out of its bounds, or just within."""
    found = [row]
    for fact in model.facts:
        if isinstance(fact, MoneyFact | CountFact):
            values = (-1, fact.lowest - 1, fact.lowest, fact.highest, fact.highest + 1)
            found += [{**row, fact.name: value} for value in values]
    return found


def outcome(text: str, model: Model, books: Sequence[Any]) -> Iterator[object]:
    """Everything that comes out of a text: of claims, and of its functions around every end."""
    module: Any = ModuleType("mutant")
    sys.modules["mutant"] = module
    exec(compile(text, "mutant", "exec"), module.__dict__)
    for columns in books:
        settled = module.settle(columns)
        yield settled.rejections()
        yield settled.row.tolist()
        for name in amount_fields(model, module):
            yield getattr(settled, name).tolist()
        if model.running_totals:
            yield module.settle_after(columns, {})[1]
    for module.TOP in (2_000_000, 12_000, 300):  # so low that every running total exceeds it for some claim
        yield module.settle(books[0]).rejections()
    near = np.unique([end + step for end in boundaries(model) for step in range(-REACH, REACH)])
    for function in whole_number_code(model).functions:
        if function.given:
            continue
        arguments = near[(near >= function.lowest) & (near <= function.highest)]
        for cell in np.ndindex(*(len(model.categories[fact]) for fact in function.facts)):
            words = [np.full(len(arguments), place) for place in cell]
            yield getattr(module, f"_array_{function.name.replace('.', '_')}_of")(arguments, *words).tolist()


@pytest.mark.parametrize("name", POLICIES)
def test_a_slip_of_the_pen_is_caught_or_changes_nothing(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    model = POLICIES[name]
    text = emit_numpy(model, MARK)
    rows = random_rows(model, Random(name), 1_500, any_type=False)
    good = next(row for row in rows if reference(model, [row]).settled)
    books = [columns_of(model, rows), *(columns_of(model, [row]) for row in wrong_alone(model, good))]
    right = list(outcome(text, model, books))
    assert list(outcome(ast.unparse(ast.parse(text)), model, books)) == right
    settling = next(node.lineno for node in ast.parse(text).body if getattr(node, "name", "") == "_settle")
    random = Random(7)
    survivors = []
    for _ in range(MUTANTS):
        mutant = mutated(text, random)
        try:
            caught = list(outcome(mutant.text, model, books)) != right
        except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
            caught = True
        if not caught:
            survivors.append(mutant)
    record_property("caught", MUTANTS - len(survivors))
    # A rule or a bound that is another one is always seen; only constants next to one another may pay the same.
    assert [(one.line, one.what) for one in survivors if one.line >= settling] == []
    assert len(survivors) <= MUTANTS // 4, [one.what for one in survivors]
