"""The parts of a module in Python: lists of texts, fields of a class, and the number of a part that is known."""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy

from compiler.validate.values import Outside


def parsed(text: str) -> ast.Module:
    """The tree of a text. Raises Outside for one that is no Python."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise Outside(error.lineno or 0, "no Python") from None
    except (ValueError, RecursionError):
        raise Outside(0, "no Python") from None


def texts_of(items: Sequence[ast.expr], line: int) -> tuple[str, ...]:
    """A list of texts that are written down. Raises Outside for another."""
    found = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    if len(found) != len(items):
        raise Outside(line, "a list that is not one of texts")
    return tuple(found)


def fields_of(found: ast.ClassDef | None, keywords: Mapping[str, str], methods: bool = False) -> list[str]:
    """The fields of a dataclass made with these keywords, none of which has a value of its own.

    `methods` says that it may have functions too, which are not looked at here. Raises Outside for another class.
    """
    if found is None:
        raise Outside(0, "no class of claims or of settlements")
    match found.decorator_list, found.bases, found.keywords:
        case [ast.Call(ast.Name("dataclass"), [], given)], [], [] if keywords == {
            keyword.arg: ast.unparse(keyword.value) for keyword in given
        }:
            pass
        case _:
            raise Outside(found.lineno, f"a class that is no frozen dataclass: {found.name}")
    names: list[str] = []
    for statement in found.body:
        match statement:
            case ast.Expr(ast.Constant(str())):
                pass
            case ast.AnnAssign(ast.Name(name), _, None, 1) if name not in names and not name.startswith("_"):
                names.append(name)
            case ast.FunctionDef() if methods:
                pass
            case _:
                raise Outside(statement.lineno, f"a field of {found.name}")
    return names


def statements_of(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module. Raises Outside for one that gives a name which something else has already."""
    seen: set[str] = set()
    for statement in tree.body:
        for name in names_given(statement):
            if name in seen or hasattr(builtins, name):
                raise Outside(statement.lineno, f"the name {name}, which something else has already")
            seen.add(name)
        yield statement


def names_given(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of the module gives to something."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(ast.Name(name)):
            yield name
        case ast.Assign([ast.Name(name)]):
            yield name
        case ast.Import(names) | ast.ImportFrom(_, names):
            yield from (one.asname or one.name for one in names)
        case _:
            pass


# Names that others use --------------------------------------------------------------------------------


def is_named(name: str, of: str) -> bool:
    """Whether a name of Python is made of a name of the policy, with something behind it where that was taken."""
    plain = unicodedata.normalize("NFKC", of)
    plain = "".join(letter if f"a{letter}".isidentifier() else "_" for letter in plain)
    return re.fullmatch(rf"x?{re.escape(unicodedata.normalize('NFKC', plain))}(_[0-9]*)?", name) is not None


def attributes(names: Sequence[str], fields: Sequence[str]) -> Mapping[str, str]:
    """The field of a class for each fact or amount, under its own name. Raises Outside for other fields."""
    if len(names) != len(fields) or not all(map(is_named, fields, names)):
        raise Outside(0, "a claim or a settlement that has not one field for each fact or amount under its name")
    return dict(zip(names, fields, strict=True))


def are_numbers(text: str) -> bool:
    """Whether a text is one of the numbers that files have, or several of them."""
    return re.fullmatch("[0-9a-f]{64}( [0-9a-f]{64})*", text) is not None


def require_named(
    public: Mapping[str, str], definitions: Mapping[str, ast.FunctionDef], formulas: Mapping[str, ast.expr]
) -> None:
    """Raise Outside where a function for everybody is not named for an amount that comes from it.

    public    each such function, and the one of the `definitions` that formulas call in its place
    formulas  how each amount is computed
    """
    for name, called in public.items():
        ends = ["_of", *(f"#{number}_of" for number in re.findall("_([0-9]+)_of", name))]
        amounts = [amount for amount in formulas if any(is_named(name, f"{amount}{end}") for end in ends)]
        if not any(called in _called_in(formulas[amount], definitions) for amount in amounts):
            raise Outside(definitions[called].lineno, f"{name}, which is not what the amount of that name comes from")


def _called_in(node: ast.AST, definitions: Mapping[str, ast.FunctionDef]) -> set[str]:
    """The functions that a formula calls, and those that these call."""
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in definitions}
    return found.union(*(_called_in(definitions[name], definitions) for name in found))


# Parts that are known ---------------------------------------------------------------------------------


def part_number(text: str, node: ast.stmt) -> str:
    """The number of a part of the text, its docstring left out.

    Raises Outside where something else stands on a line of the docstring.
    """
    lines = re.split("\r\n|\r|\n", text)  # the lines that Python counts; `splitlines` knows others too
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    left_out: set[int] = set()
    match node:
        case (
            ast.FunctionDef(body=[ast.Expr(ast.Constant(str())) as doc, *_])
            | ast.ClassDef(body=[ast.Expr(ast.Constant(str())) as doc, *_])
        ):
            ends = doc.end_lineno or doc.lineno
            left_out = set(range(doc.lineno, ends + 1))
            if doc.lineno == node.lineno or any(one.lineno <= ends for one in node.body[1:]):
                raise Outside(doc.lineno, f"something beside the words about {node.name}")
        case _:
            pass
    kept = [lines[place - 1] for place in range(first, (node.end_lineno or first) + 1) if place not in left_out]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def same_function(found: ast.FunctionDef, wanted: str) -> bool:
    """Whether a function is the one whose text is given, docstring and layout left alone."""
    (made,) = ast.parse(wanted).body
    return isinstance(made, ast.FunctionDef) and _undocumented(found) == _undocumented(made)


def _undocumented(function: ast.FunctionDef) -> str:
    match function.body:
        case [ast.Expr(ast.Constant(str())), *rest]:
            plain = copy(function)
            plain.body = rest
            return ast.dump(plain)
        case _:
            return ast.dump(function)


def require_known(text: str, name: str, node: ast.stmt, numbers: Collection[str]) -> None:
    """Raise Outside where a part of the text has none of the numbers that are known."""
    if part_number(text, node) not in numbers:
        raise Outside(node.lineno, f"another text of {name} than the known one")


def parts(text: str) -> Iterator[tuple[str, str]]:
    """The name and the number of every function, class and `if` of a module, methods named after their class."""
    for statement in ast.parse(text).body:
        match statement:
            case ast.ClassDef(name=name, body=body):
                yield name, part_number(text, statement)
                for inner in body:
                    if isinstance(inner, ast.FunctionDef):
                        yield f"{name}.{inner.name}", part_number(text, inner)
            case ast.FunctionDef(name=name):
                yield name, part_number(text, statement)
            case ast.If():
                yield "if __name__", part_number(text, statement)
            case _:
                pass
