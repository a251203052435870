"""What every Python calculator has word for word, whatever its policy is: reading, writing, and the order of claims.

It is not proved but known: the text must be the one whose number stands here, or the one that the policy's names make
it. The engine tests and those of the generated module are about this text. Whoever changes the template changes the
number: `python -m compiler.validate.python_library FILE` prints those of a calculator.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from compiler.model import CLAIM_NUMBER, CategoryFact, CountFact, IdentifierFact, Model, MoneyFact
from compiler.validate.python_text import parts, require_known
from compiler.validate.values import Outside

KNOWN: Mapping[str, frozenset[str]] = {
    "ClaimError": frozenset(
        {
            "f279721d31c8f75e737facb8b3a01387f5c59a4e704176cd3a05002eccf6a680",
        }
    ),
    "Rejected": frozenset(
        {
            "e18c8616daa416a7a5ed9ac045e3c938dcd05632f5e72d7be5d61a567e3e5600",
        }
    ),
    "_UnreadableError": frozenset(
        {
            "be924e994492fe47c27782b1122174ae7a12fcac4cd60f28a00017b03b915c2d",
        }
    ),
    "settle": frozenset(
        {
            "e0ed2f09187746523ebd5cdc48e329d10e9ca7e6e6902fd9fd90bd037b27d783",
            "f9215a03f9a78faae9561c92ab6145ca34506bba653d95cacf9ceb0817e97e2b",
        }
    ),
    "main": frozenset(
        {
            "3c9d78cd9236d57f3e92ab0d8f4bfe0b824e7e5dc577aa89d8b81febcfb3ab5a",
        }
    ),
    "if __name__": frozenset(
        {
            "60ab3cd9e714b2f40877692a2a267bc8c1030c8cd6947b1071dc8b1054b91829",
        }
    ),
    "_number": frozenset(
        {
            "2f3e19a4d1817619e0473410d3f6cd9674ddd754d486d5f88803ee7b1674223b",
        }
    ),
    "_text_of": frozenset(
        {
            "980652e59d6601b3ebbee6a3b6d5ac62637aab94d6b5613acf9df319fd3600d1",
        }
    ),
    "_date_of": frozenset(
        {
            "bb83df9d358abd4cd5d95d2f4e8d1b01033565a5889cfa8a17c63e111775975b",
        }
    ),
    "_count_of": frozenset(
        {
            "e392744cd31c7165f15daac8b6db406051c88822eb3bb7a930fd186398bcc11f",
        }
    ),
    "_whole_number": frozenset(
        {
            "c0bc8b6e23d9e7f8498e0b8d86b48fa2384cf0d9d90642a6c3a593e809439e40",
        }
    ),
    "_money_of": frozenset(
        {
            "9d624553c0dce03654d26450f52e8b188245514fb4f97b097b7aea2e301ec811",
        }
    ),
    "_minor_units": frozenset(
        {
            "5a0ac6e093f9f6812cd7f75158638593deb605f4f0b26dee3142c981638e7513",
        }
    ),
    "_major_units": frozenset(
        {
            "dfeeec687691609b586a467dd78345c0d1ecd01c1ffa5c3b1616f1c8a7bec42e",
        }
    ),
    "_table": frozenset(
        {
            "83c0b10c3ffc1596ec8584fee14dbcf9494bb09d5e7bc513e7e4537d12526bd8",
        }
    ),
    "_claim_of_row": frozenset(
        {
            "f20b7bcf16360159f60d80cef2c49a7e96c8b9cfd6728243617ff01dbc119903",
        }
    ),
    "_same_file": frozenset(
        {
            "8091f815b1af981c0fe2b14694e84ad46beb93d02ccff5938db34165f651632c",
        }
    ),
    "_as_csv": frozenset(
        {
            "caeaa2d3c6e3229a12fa33d40ae35e26a9d4e96760eb497529f0019eed2a0e77",
        }
    ),
}

FREE = frozenset({"_broken_rule", "_settle", "_text_reason", "_date_reason", "_number_reason", "_word_reason"})
"""Functions that are read for what they compute; so are those named `..._of` and `..._on`."""


def require_library(
    text: str,
    rest: Sequence[ast.stmt],
    functions: Mapping[str, ast.FunctionDef],
    classes: Mapping[str, ast.ClassDef],
    model: Model,
    claim: Mapping[str, str],
    columns: Mapping[str, str],
) -> None:
    """Raise Outside where a part that is not read for what it computes is not the known one.

    `claim` and `columns` are the attributes of a claim and of a settlement, by what they hold.
    """
    made = {
        "settle_all": settle_all_text(model, claim),
        "claim_from_mapping": _claim_from_mapping_text(functions, model, claim),
        "_row_of": _row_of_text(columns),
    }
    for name, function in functions.items():
        if name in made:
            _require_same(function, made[name])
        elif not (name in FREE or name.endswith(("_of", "_on")) or name in _readers(functions, model)):
            require_known(text, name, function, KNOWN.get(name, ()))
    for name, found in classes.items():
        if name not in ("Claim", "Settlement"):
            require_known(text, name, found, KNOWN.get(name, ()))
    for needed in (
        *made,
        "settle",
        "main",
        "_number",
        "_text_of",
        "_major_units",
        "_as_csv",
        "_table",
        "_claim_of_row",
    ):
        if needed not in functions:
            raise Outside(0, f"no function {needed}")
    for needed in ("ClaimError", "Rejected"):
        if needed not in classes:
            raise Outside(0, f"no class {needed}")
    for statement in rest:
        match statement:
            case ast.Expr(ast.Constant(str())):
                pass
            case ast.Import([ast.alias(name, None)]) if name in MODULES:
                pass
            case ast.ImportFrom(str(name), names, 0) if all(
                one.asname is None and one.name in FROM_MODULES.get(name, ()) for one in names
            ):
                pass
            case ast.If():
                require_known(text, "if __name__", statement, KNOWN.get("if __name__", ()))
            case _:
                raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")


MODULES = frozenset({"argparse", "csv", "datetime", "io", "os", "re", "sys"})
FROM_MODULES: Mapping[str, frozenset[str]] = {
    "__future__": frozenset({"annotations"}),
    "collections": frozenset({"Counter"}),
    "collections.abc": frozenset({"Iterable", "Mapping", "Sequence"}),
    "dataclasses": frozenset({"dataclass"}),
    "typing": frozenset({"Final", "Literal"}),
}


def _require_same(found: ast.FunctionDef, wanted: str) -> None:
    (made,) = ast.parse(wanted).body
    assert isinstance(made, ast.FunctionDef)
    if _bare(found) != _bare(made):
        raise Outside(found.lineno, f"another text of {found.name} than the one for this policy")


def _bare(function: ast.FunctionDef) -> tuple[str, list[str]]:
    """A function without its docstring and annotations, in a form to compare."""
    body = function.body
    match body:
        case [ast.Expr(ast.Constant(str())), *rest]:
            body = list(rest)
        case _:
            pass
    plain = [ast.arg(one.arg) for one in function.args.args]
    parameters = ast.arguments(
        posonlyargs=function.args.posonlyargs,
        args=plain,
        vararg=function.args.vararg,
        kwonlyargs=function.args.kwonlyargs,
        kw_defaults=function.args.kw_defaults,
        kwarg=function.args.kwarg,
        defaults=function.args.defaults,
    )
    return ast.dump(parameters), [ast.dump(statement) for statement in (*body, *function.decorator_list)]


# What a policy's names make ------------------------------------------------------------------------------


def settle_all_text(model: Model, claim: Mapping[str, str]) -> str:
    """`settle_all`: the claims in the order that running totals count them, duplicates left out."""
    totals = model.running_totals
    by_key = [(total.key, total.date_fact, CLAIM_NUMBER) for total in totals]
    same = list(dict.fromkeys(", ".join(f"claim.{claim[name]}" for name in names) for names in by_key))
    order = ", ".join(
        f"book[row].{claim[name]}" for name in (*dict.fromkeys(one.date_fact for one in totals), CLAIM_NUMBER)
    )
    lines = [
        "def settle_all(claims):",
        "    book = tuple(claims)",
        "    broken = {row: reason for row, claim in enumerate(book) if (reason := _broken_rule(claim)) is not None}",
        "    remaining = [row for row in range(len(book)) if row not in broken]",
    ]
    if totals:
        for place, names in enumerate(same, 1):
            lines.append(f"    times_{place} = Counter(({names}) for claim in (book[row] for row in remaining))")
        lines += ["    for row in tuple(remaining):", "        claim = book[row]"]
        for place, names in enumerate(same, 1):
            lines += [f"        if times_{place}[{names}] > 1:", '            broken[row] = ("claim", "duplicate")']
        lines += [
            "    remaining = [row for row in remaining if row not in broken]",
            f"    remaining.sort(key=lambda row: ({order}))",
        ]
    lines += [
        "    ledger: Ledger = {}",
        "    settled: dict[int, Settlement] = {}",
        "    for row in remaining:",
        "        try:",
        "            settled[row] = _settle(book[row], ledger)",
        "        except ClaimError as error:",
        "            broken[row] = (error.field, error.reason)",
        "    return (",
        "        tuple(settled[row] for row in sorted(settled)),",
        "        tuple(Rejected(row, _number(book[row].claim), *broken[row]) for row in sorted(broken)),",
        "    )",
    ]
    return "\n".join(lines)


def _row_of_text(columns: Mapping[str, str]) -> str:
    cells = [
        f"settled.{attribute}" if name == CLAIM_NUMBER else f"_major_units(settled.{attribute})"
        for name, attribute in columns.items()
    ]
    return f"def _row_of(settled):\n    return ({', '.join(cells)},)"


def _claim_from_mapping_text(functions: Mapping[str, ast.FunctionDef], model: Model, claim: Mapping[str, str]) -> str:
    fields = [f"{claim[CLAIM_NUMBER]}=_text_of(mapping, {CLAIM_NUMBER!r})"]
    for fact in model.facts:
        match fact:
            case IdentifierFact(name):
                read = f"_text_of(mapping, {name!r})"
            case MoneyFact(name, lowest, highest):
                read = f"_money_of(mapping, {name!r}, {lowest}, {highest})"
            case CountFact(name, lowest, highest):
                read = f"_count_of(mapping, {name!r}, {lowest}, {highest})"
            case CategoryFact(name):
                read = f"_{claim[name]}_word(mapping, {name!r})"
                _require_reader(functions, f"_{claim[name]}_word", f"_{claim[name]}_words", fact)
            case _:
                read = f"_date_of(mapping, {fact.name!r})"
        fields.append(f"{claim[fact.name]}={read}")
    return (
        "def claim_from_mapping(mapping):\n    for name in mapping:\n        if name not in FIELDS:\n"
        f'            raise ClaimError(str(name), "unknown field")\n    return Claim({", ".join(fields)})'
    )


def _readers(functions: Mapping[str, ast.FunctionDef], model: Model) -> frozenset[str]:
    """The functions that read a word; `_require_reader` has seen them."""
    words = [fact for fact in model.facts if isinstance(fact, CategoryFact)]
    return frozenset(name for name in functions if name.endswith("_word")) if words else frozenset()


def _require_reader(functions: Mapping[str, ast.FunctionDef], name: str, words: str, fact: CategoryFact) -> None:
    if name not in functions:
        raise Outside(0, f"no function {name}")
    tests = "".join(f"    if value == {word!r}:\n        return {word!r}\n" for word in fact.values)
    _require_same(
        functions[name],
        f"def {name}(mapping, field):\n    value = mapping.get(field)\n    if isinstance(value, str):\n"
        f'        value = value.strip(" ")\n{tests}'
        f'    raise ClaimError(field, "missing" if value == "" else _word_reason(value, {words}) or "wrong type")\n',
    )


# The numbers of a calculator's parts ---------------------------------------------------------------------


def known_parts(texts: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The numbers of each part that these calculators have, of those whose number is asked for."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for name, number in parts(text):
            if name in ASKED:
                found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


ASKED = (
    *("ClaimError", "Rejected", "_UnreadableError", "settle", "main", "if __name__", "_number", "_text_of", "_date_of"),
    *("_count_of", "_whole_number", "_money_of", "_minor_units", "_major_units", "_table", "_claim_of_row"),
    *("_same_file", "_as_csv"),
)
"""The parts that are known by their number."""
