"""How each part of a NumPy calculator is checked: every name has its way here, and what has none is refused.

held   it must stand there word for word, whatever the policy is (columns, order, adding up, chunks): the number of its
       text is in KNOWN, or it is one of the statements in FIXED
read   it is proved by what it computes: `_settle`, the functions for everybody, and what these apply and call
named  it is a constant of the policy, which is looked at where it is used: its lists of words, its rules, days, tables

What each function that is held is trusted to do is said in `numpy_settling.py`, where it is called; the engine tests
and those of the generated module are about it. Whoever changes the template changes the number:
`python -m compiler.validate.numpy_library FILE ...` prints those of calculators.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from compiler.model import Model
from compiler.validate.python_text import fields_of, names_given, parts, require_known
from compiler.validate.values import Outside
from dsl.money import DOMAIN_TOP

KNOWN: Mapping[str, str] = {
    "ClaimError": "8b153d5212c67fbe9dfb1aa3c45f3ab948f1ebc09bb82b6c14180371193f1a35",
    "Coded": "9cf722485371e2b62fdd89f257e095e059419693da8c7089f12c026077c2ea88",
    "Settlement.rejected": "f6fa030e7912233e238b0702d16bcb612f5ee45699ff4ec07b1b9beb631e65a2",
    "Settlement.rejections": "e7a813ac32981148dbfd84156649cd8215bcc9caed55d0d2302a29d1778cd234",
    "_Book": "62e7838d48ba88e9e0771c22175efd6ceddfed550db35524fae998cc5b665e5c",
    "_Total": "06db9f71d346aaab8939c85f5306efbc4f3bafbf9d4c8705925b7f880effab00",
    "_Words": "f214566f6affba9c87e5eb5f239ec8e6a68ebc6e18d0dca0015a358847cff380",
    "_applied": "b16ed4022d6594313cdb6dd1b511f24d81863146e6ea01be3ba88106b13c244d",
    "_argument": "472deecda740bb067f046caeaa049793293d33f4a75e986d769ff0128e0db824",
    "_by_day": "87723c26deb593ca0c65345bd186b03860195a93206acc3eb91614eb7ecf2ee9",
    "_carried": "afa62430147d7120e2f1004b1f8bf95aaaedf5d16df30ddff60370283539ac63",
    "_column": "7154440c2dc78e1448cc24a52bd550b11ef03ee882548ad85b8a143c9370125c",
    "_computed": "aae306ce3c58babcdc8ad1faad49d94200f89f30797a21c1a88c6465a2d2c13f",
    "_counted": "d2a47b88a42ed8a5bc549b22fd523f841f5b84277be1c023cafb241e4aa0b467",
    "_dated": "dfe215640549d3c98adbe988dfbf7e681cad8e52f6f8c8af7dcc9542831debd9",
    "_day": "b7652df70446660ee211c36a665273bec86e99264b3f12a76d7c6ba6de682e58",
    "_less": "160fbb69ba069ba788cccd5bce92fe78593033ae51e0b71e3410e7b4d8f955ec",
    "_mark": "553ef74b2774237e1768bd6f516a263919aa63f05a4d68d0ca66a4c531d7e96d",
    "_masked": "fcbfd357ce01eb4285148a0faa638c7d373926ec72776933b91d7686037ff012",
    "_month_name": "2d0a8a3a7f381d5d7c7eb23532da5069f75bb9247befbf720d35074a5cb2cd95",
    "_months": "493e603a37d8aad5cb062ee02576903807294e80e41c1e9f77b16a9cddd9d9d1",
    "_no_name": "22adab3e405a2d2953fc1d94cfd82fb132f4c5d5660a5213b6da2dba7f592516",
    "_no_period": "b32a8e6d96df73a0e18341f18114277e9c70a7c3842037d9009f4c63e14f9f32",
    "_ordered": "fe9ed17429a2a4b2ab86cbccc81aba774e522da7e43f08937441c0bcfd49d07d",
    "_place_in_order": "d06b9ad839b88e160c361379d4d46a5bac4ff717aadb5e11980b17897eff9324",
    "_plain": "7ca274b31bb147da895ce59d1555da5351ad3b40f0b1e91dc83b293d5f5dd8d3",
    "_policy_years": "35cca98c762f0d2aa25d3d36171bd4021583f76acdbba92fc87418c3383b5066",
    "_rows": "03cb1c0f2d8a3be96f44a6660619d14a26b157316954e75fc16758ed164ed309",
    "_sorted": "3bed85501cb5039c9650b63357828a9a5aaa148b07b12d3f5bc60a39a47d02f5",
    "_step": "7c5065bbb6d777200bef9be5f62fc77bf5cf34ec519c548676e027a6c79dda19",
    "_strings": "4c18ba09aa4831ba49e2430c0552accce19ddcd32b29335bd54b5bedc43b0c49",
    "_text": "60acb470306dc60bc1a8fd4d0f0ba8bdfc8e26ac644b96dfe91cf7ef374fff6f",
    "_whole": "6140003cfc07851d5a2bafbb2c32b24875ad06ce0d9c823a041bca9017791c8a",
    "_wide": "d6b316711a6a7dbf4b046747f0348e34022cfd4c2c209b884d34e8e35ae57c52",
    "_word": "a1de75bdc06a8837cc349c9cddb5949357842e1a0c35bc0e1ef32543e4ccadbc",
    "_words_of": "912e64adb9239f14a1612985cc138f8b3ab3ba641dd5e4119d54ed0fb0d5d62b",
    "_year_name": "781510c3225721fb09d842719af89341269be2e5fa6240fbb16ee1a0cf39c71e",
    "_years": "13699f8337d61445e022bcaca7fadc608fc578011219deca358433e16f238dd5",
    "settle": "a4471e1c3258e342089a55344c55bd19e95e531586ede6ad0c60af9dd8a8b4f3",
    "settle_after": "ca24b57cdf26033d3a9a466435522d55046793cba688bf701f0434da9c3f8b18",
}

FIXED = frozenset(
    {
        "from __future__ import annotations",
        "import functools",
        "import importlib",
        "from collections.abc import Callable, Mapping, Sequence",
        "from dataclasses import dataclass",
        "from typing import Any, Final, TypeAlias",
        "import numpy as np",
        "from numpy.typing import NDArray",
        f"TOP: Final = {DOMAIN_TOP}",
        "CHUNK: Final = 16384",
        "_FEW: Final = 32",
        "Whole: TypeAlias = NDArray[np.int64]",
        "Text: TypeAlias = NDArray[Any]",
        "Ledger: TypeAlias = dict[str, int]",
        "Columns: TypeAlias = Mapping[str, 'NDArray[Any] | Coded']",
        "_Live: TypeAlias = dict[str, NDArray[Any]]",
    }
)
"""Statements of the module that compute nothing of the policy's, as Python prints them."""


SETTLEMENT = {"frozen": "True", "slots": "True", "eq": "False"}

METHODS = tuple(name for name in KNOWN if name.startswith("Settlement."))


def require_library(
    text: str,
    tree: ast.Module,
    functions: Mapping[str, ast.FunctionDef],
    classes: Mapping[str, ast.ClassDef],
    model: Model,
) -> Mapping[str, ast.FunctionDef]:
    """The functions that are left to be read for what they compute.

    Raises Outside where a part that is held is not the known one, or one is missing.
    """
    _require_layout(tree)
    given = {name for statement in tree.body for name in names_given(statement)}
    nodes = {**functions, **classes}
    for name, node in nodes.items():
        if name in KNOWN:
            require_known(text, name, node, (KNOWN[name],))
    for name, found in classes.items():
        if name not in KNOWN and name != "Settlement":
            raise Outside(found.lineno, f"the class {name}, which nothing is known of")
    _require_methods(text, classes.get("Settlement"))
    public = {"settle", "settle_after"} if model.running_totals else {"settle"}
    for name in sorted(public | {name for name in given if name in KNOWN}):
        if name not in nodes:
            raise Outside(0, f"no {name}")
    for node in nodes.values():
        for name in sorted(_asked(node) - given):
            if not hasattr(builtins, name):
                raise Outside(node.lineno, f"{name}, which is not there")
    return {name: node for name, node in functions.items() if name not in KNOWN}


def require_read(
    tree: ast.Module,
    left: Mapping[str, ast.FunctionDef],
    inner: Mapping[str, ast.FunctionDef],
    read: Collection[str],
) -> None:
    """Raise Outside where one of the functions that are left, or of the `inner` ones that numba compiles, is not among
    those that were read, or one within has the name of something outside."""
    given = {name for statement in tree.body for name in names_given(statement)}
    for name, function in (*left.items(), *inner.items()):
        if name not in read:
            raise Outside(function.lineno, f"the function {name}, which nothing is known of")
    for name, function in inner.items():
        if name in given or hasattr(builtins, name):
            raise Outside(function.lineno, f"{name}, which is something else outside the loops")


def _require_layout(tree: ast.Module) -> None:
    """A text that says what the calculator is, and every statement that no policy changes.

    The first line is of that text, so that no comment can say that the file is written in other letters.
    """
    match tree.body:
        case [ast.Expr(ast.Constant(str()), lineno=1), ast.ImportFrom("__future__"), *_]:
            pass
        case _:
            raise Outside(0, "a module that is laid out in another way")
    missing = FIXED - {ast.unparse(statement) for statement in tree.body}
    if missing:
        raise Outside(0, f"a module without {min(missing)}")


def _require_methods(text: str, settlement: ast.ClassDef | None) -> None:
    """A settlement has its methods word for word, and the types of its fields."""
    names = fields_of(settlement, SETTLEMENT, methods=True)
    assert settlement is not None
    methods = [one for one in settlement.body if isinstance(one, ast.FunctionDef)]
    if sorted(f"Settlement.{one.name}" for one in methods) != sorted(METHODS):
        raise Outside(settlement.lineno, "the methods of Settlement")
    for node in methods:
        name = f"Settlement.{node.name}"
        require_known(text, name, node, (KNOWN[name],))
    types = [ast.unparse(one.annotation) for one in settlement.body if isinstance(one, ast.AnnAssign)]
    if names[:2] != ["row", "rule"] or types != [*ROW_TYPES, *("Whole" for _ in names[2:])]:
        raise Outside(settlement.lineno, "the fields of Settlement")


ROW_TYPES = ("NDArray[np.intp]", "NDArray[np.uint16]")


def _asked(function: ast.stmt) -> set[str]:
    """The names that a function asks for and does not give to something itself."""
    nodes = list(ast.walk(function))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return {node.id for node in names} - own


if __name__ == "__main__":
    for found_part in sorted({one for path in sys.argv[1:] for one in parts(Path(path).read_text("utf-8"))}):
        if found_part[0] in KNOWN:
            sys.stdout.write('    "{}": "{}",\n'.format(*found_part))
