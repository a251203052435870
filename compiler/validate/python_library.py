"""How each part of a Python calculator is checked: every name has its way here, and what has none is refused.

held   it must stand there word for word: the number of its text is in KNOWN
made   it must be the text that the policy's names make it (`python_made.py`)
read   it is proved by what it computes: `_settle`, `_broken_rule` and whatever these call, under the signature here;
       and what anybody may call (`python_public.py`)

The engine tests and those of the generated module are about what is held. Whoever changes the template changes the
number: `python -m compiler.validate.python_library FILE ...` prints those of calculators.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compiler.model import CLAIM_NUMBER, CategoryFact, CountFact, DateFact, Fact, IdentifierFact, Model, MoneyFact
from compiler.validate.python_made import made_functions
from compiler.validate.python_text import names_given, parts, require_known, same_function
from compiler.validate.values import Outside

KNOWN: Mapping[str, str] = {
    "ClaimError": "f279721d31c8f75e737facb8b3a01387f5c59a4e704176cd3a05002eccf6a680",
    "Rejected": "e18c8616daa416a7a5ed9ac045e3c938dcd05632f5e72d7be5d61a567e3e5600",
    "_UnreadableError": "be924e994492fe47c27782b1122174ae7a12fcac4cd60f28a00017b03b915c2d",
    "_as_csv": "77fa066fec508f280166257057a3c1f6694e4a1e76e53500a95a49ec84cb98c3",
    "_claim_of_row": "f20b7bcf16360159f60d80cef2c49a7e96c8b9cfd6728243617ff01dbc119903",
    "_count_of": "e392744cd31c7165f15daac8b6db406051c88822eb3bb7a930fd186398bcc11f",
    "_date_of": "bb83df9d358abd4cd5d95d2f4e8d1b01033565a5889cfa8a17c63e111775975b",
    "_major_units": "dfeeec687691609b586a467dd78345c0d1ecd01c1ffa5c3b1616f1c8a7bec42e",
    "_minor_units": "5a0ac6e093f9f6812cd7f75158638593deb605f4f0b26dee3142c981638e7513",
    "_money_of": "9d624553c0dce03654d26450f52e8b188245514fb4f97b097b7aea2e301ec811",
    "_number": "2f3e19a4d1817619e0473410d3f6cd9674ddd754d486d5f88803ee7b1674223b",
    "_same_file": "8091f815b1af981c0fe2b14694e84ad46beb93d02ccff5938db34165f651632c",
    "_table": "83c0b10c3ffc1596ec8584fee14dbcf9494bb09d5e7bc513e7e4537d12526bd8",
    "_text_of": "980652e59d6601b3ebbee6a3b6d5ac62637aab94d6b5613acf9df319fd3600d1",
    "_whole_number": "c0bc8b6e23d9e7f8498e0b8d86b48fa2384cf0d9d90642a6c3a593e809439e40",
    "if __name__": "60ab3cd9e714b2f40877692a2a267bc8c1030c8cd6947b1071dc8b1054b91829",
    "main": "3c9d78cd9236d57f3e92ab0d8f4bfe0b824e7e5dc577aa89d8b81febcfb3ab5a",
    "settle": "e0ed2f09187746523ebd5cdc48e329d10e9ca7e6e6902fd9fd90bd037b27d783",
    "settle without totals": "f9215a03f9a78faae9561c92ab6145ca34506bba653d95cacf9ceb0817e97e2b",
}

SIGNATURES: Mapping[str, str] = {
    "_settle": "(claim: Claim, ledger: Ledger) -> Settlement",
    "_broken_rule": "(claim: Claim) -> tuple[str, str] | None",
    "_text_reason": "(value: object) -> str | None",
    "_date_reason": "(value: object) -> str | None",
    "_number_reason": "(value: object, lowest: int, highest: int) -> str | None",
    "_word_reason": "(value: object, words: tuple[str, ...]) -> str | None",
}
"""Functions that are read for what they compute; so are those of the policy (`_require_signature`)."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A calculator by its parts.

    functions  by name
    classes    by name
    types      the words of each category that is a type, by the type's name
    claim      the attribute of a claim for each fact, the claim number included
    columns    the attribute of a settlement for each amount, the claim number included
    """

    text: str
    tree: ast.Module
    functions: Mapping[str, ast.FunctionDef]
    classes: Mapping[str, ast.ClassDef]
    types: Mapping[str, tuple[str, ...]]
    claim: Mapping[str, str]
    columns: Mapping[str, str]


def require_library(found: Parts, model: Model) -> Mapping[str, ast.FunctionDef]:
    """The functions that are left to be read for what they compute.

    Raises Outside where anything else is not what a calculator of this policy has, or missing.
    """
    _require_layout(found.tree.body, model)
    for name, attribute in (("Claim", found.claim), ("Settlement", found.columns)):
        if attribute[CLAIM_NUMBER] != CLAIM_NUMBER:
            raise Outside(found.classes[name].lineno, f"the claim number of {name}")
    types = _types_of_claim(found, model)
    _require_types(found.classes["Settlement"], {**dict.fromkeys(found.columns, "int"), CLAIM_NUMBER: "str"})
    held, made = _held(model), made_functions(model, found.claim, types, found.columns)
    for name in sorted(held):
        _require_held(found, name, model)
    for name, wanted in made.items():
        if name not in found.functions:
            raise Outside(0, f"no function {name}")
        if not same_function(found.functions[name], wanted):
            raise Outside(found.functions[name].lineno, f"another text of {name} than the one for this policy")
    for name, node in found.classes.items():
        if name not in held and name not in ("Claim", "Settlement"):
            raise Outside(node.lineno, f"the class {name}, which nothing is known of")
    return {name: node for name, node in found.functions.items() if name not in held and name not in made}


def require_read(found: Parts, left: Mapping[str, ast.FunctionDef], read: Collection[str]) -> None:
    """Raise Outside where one of the functions that are left was not read, or is not what it was read as.

    `read` names the functions that were read. Each may be called with what it says only, and no name in it stands for
    something else than it seems to.
    """
    given = {name for statement in found.tree.body for name in names_given(statement)}
    for name, function in left.items():
        if name not in read:
            raise Outside(function.lineno, f"the function {name}, which nothing is known of")
        _require_signature(function, found.types)
        for local in _locals(function):
            if local in given or hasattr(builtins, local):
                raise Outside(function.lineno, f"{local}, which is something else outside {name}")


# The statements of the module -----------------------------------------------------------------------------


def _require_layout(body: Sequence[ast.stmt], model: Model) -> None:
    """A text that says what the calculator is, the imports, and at the end what is done where the file is run.

    The first line is of that text, so that no comment can say that the file is written in other letters.
    """
    imports = [one for one in body if isinstance(one, ast.Import | ast.ImportFrom)]
    match body:
        case [ast.Expr(ast.Constant(str()), lineno=1), *rest, ast.If()] if rest[: len(imports)] == imports:
            pass
        case _:
            raise Outside(0, "a module that is laid out in another way")
    found = [ast.unparse(one) for one in imports]
    # Words that follow from a date are a type only where a formula reads them.
    words = any(
        isinstance(node, ast.Name) and node.id == "Literal" for statement in body for node in ast.walk(statement)
    )
    wanted = _imports(model, words)
    if found != wanted:
        strange = next((one for one in imports if ast.unparse(one) not in wanted), body[0])
        raise Outside(strange.lineno, "other imports than those of this policy")
    for statement in body[len(imports) : -1]:
        match statement:
            case ast.Expr(ast.Constant(str())) | ast.FunctionDef() | ast.ClassDef() | ast.AnnAssign() | ast.Assign():
                pass
            case ast.Import() | ast.ImportFrom():
                pass
            case _:
                raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")


def _imports(model: Model, words: bool) -> list[str]:
    return [
        "from __future__ import annotations",
        "import argparse",
        "import csv",
        *(["import datetime"] if _has(model, DateFact) else []),
        "import os",
        "import re",
        "import sys",
        *(["from collections import Counter"] if model.running_totals else []),
        "from collections.abc import Iterable, Mapping, Sequence",
        "from dataclasses import dataclass",
        f"from typing import Final{', Literal' if words else ''}",
    ]


def _has(model: Model, kind: type[Fact]) -> bool:
    return any(isinstance(fact, kind) for fact in model.facts)


# Parts that are held --------------------------------------------------------------------------------------


def _held(model: Model) -> frozenset[str]:
    """The parts that a calculator of this policy has word for word."""
    found = {"ClaimError", "Rejected", "_UnreadableError", "settle", "main", "if __name__", "_number", "_text_of"}
    found |= {"_major_units", "_table", "_claim_of_row", "_same_file", "_as_csv"}
    if _has(model, DateFact):
        found |= {"_date_of"}
    if _has(model, CountFact):
        found |= {"_count_of", "_whole_number"}
    if _has(model, MoneyFact):
        found |= {"_money_of", "_minor_units"}
    return frozenset(found)


def _require_held(found: Parts, name: str, model: Model) -> None:
    number = KNOWN["settle without totals" if name == "settle" and not model.running_totals else name]
    node = found.tree.body[-1] if name == "if __name__" else found.functions.get(name) or found.classes.get(name)
    if node is None:
        raise Outside(0, f"no {name}")
    require_known(found.text, name, node, (number,))


# Types ----------------------------------------------------------------------------------------------------


def _types_of_claim(found: Parts, model: Model) -> Mapping[str, str]:
    """The type of each fact in a claim, by the fact's name."""
    node = found.classes["Claim"]
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    said = dict(zip(found.claim, [ast.unparse(one.annotation) for one in fields], strict=True))
    wanted = {CLAIM_NUMBER: "str"}
    for fact in model.facts:
        match fact:
            case IdentifierFact():
                wanted[fact.name] = "str"
            case DateFact():
                wanted[fact.name] = "datetime.date"
            case MoneyFact() | CountFact():
                wanted[fact.name] = "int"
            case CategoryFact(name, values):
                # Which of the types with these words it is called, the text says.
                wanted[name] = said[name] if found.types.get(said[name]) == values else "another type"
    _require_types(node, wanted)
    return wanted


def _require_types(node: ast.ClassDef, wanted: Mapping[str, str]) -> None:
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    for field, (name, type_) in zip(fields, wanted.items(), strict=True):
        if ast.unparse(field.annotation) != type_:
            raise Outside(field.lineno, f"the type of {name}")


def _require_signature(function: ast.FunctionDef, types: Mapping[str, tuple[str, ...]]) -> None:
    """What is read has the parameters that it is called with, no defaults and no decorators; the same types are said
    of it as it has."""
    said = f"({ast.unparse(function.args)}) -> {ast.unparse(function.returns) if function.returns else 'nothing'}"
    match function.name, said.split(", "):
        case name, _ if name in SIGNATURES:
            right = said == SIGNATURES[name]
        case _ if said in [f"(day: datetime.date) -> {type_} | None" for type_ in types]:
            right = function.name.startswith("_")
        case _:
            ends = [one.annotation for one in function.args.args]
            right = all(one is not None and ast.unparse(one) in ("int", *types) for one in ends) and said.endswith(
                ") -> int"
            )
    if not right or function.decorator_list:
        raise Outside(function.lineno, f"the parameters or decorators of {function.name}")


def _locals(function: ast.FunctionDef) -> set[str]:
    """The names that a function gives to something of its own."""
    nodes = list(ast.walk(function))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


if __name__ == "__main__":
    for found_part in sorted({one for path in sys.argv[1:] for one in parts(Path(path).read_text("utf-8"))}):
        if found_part[0] in KNOWN:
            sys.stdout.write('    "{}": "{}",\n'.format(*found_part))
