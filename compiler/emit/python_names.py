"""Names and literals of generated Python: what a policy calls something, as Python may call it."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from compiler.emit.integer import WholeNumberCode
from compiler.model import Model

MODULE_NAMES = frozenset(
    {
        *("annotations", "argparse", "csv", "datetime", "io", "os", "re", "sys"),
        *("Callable", "Counter", "Final", "Iterable", "Literal", "Mapping", "Sequence", "dataclass", "get_args"),
        *("Claim", "ClaimError", "Ledger", "Rejected", "Settlement"),
        *("POLICY", "SOURCE_SHA256", "FIELDS", "COLUMNS", "DIGITS", "TOP", "FIRST_DAY", "LAST_DAY"),
        *("settle", "settle_all", "claim_from_mapping", "main", "claim", "ledger", "self", "mapping"),
    }
)
"""Every name of the template that a name of the policy could stand in the way of."""

RESERVED = MODULE_NAMES | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))
"""What no name of a policy may become."""


def safe_names(names: Iterable[str], reserved: frozenset[str]) -> Mapping[str, str]:
    """A Python identifier for each name, in order: the name itself where that is possible.

    Python compares identifiers in the normal form NFKC, so two names of a policy may be one name of Python; a name that
    is taken, reserved, or begins with an underline gets another one.
    """
    return _free_names(names, reserved, _identifier)


def _free_names(names: Iterable[str], reserved: frozenset[str], made: Callable[[str], str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    taken = set(reserved)
    for name in names:
        if name not in found:
            found[name] = _free(made(name), taken)
            taken.add(found[name])
    return found


def _free(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    candidate, number = f"{wanted}_", 2
    while candidate in taken:
        candidate, number = f"{wanted}_{number}", number + 1
    return candidate


def _identifier(name: str) -> str:
    normal = unicodedata.normalize("NFKC", name)
    letters = "".join(letter if f"a{letter}".isidentifier() else "_" for letter in normal)
    normal = unicodedata.normalize("NFKC", letters)
    return normal if normal.isidentifier() and not normal.startswith("_") else f"x{normal}"


def _type_name(name: str) -> str:
    """The words of a category as a type: `illness_kind` becomes `IllnessKind`."""
    return "".join(part[:1].upper() + part[1:] for part in _identifier(name).split("_"))


def text_literal(text: str) -> str:
    """A Python string literal; what does not print, quotes and backslashes are escaped."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Text as it may stand between double quotes, in a docstring, and in a comment: one line, nothing that ends it."""
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode("ascii")


def number_literal(value: int) -> str:
    """A whole number with underlines between the thousands."""
    return f"{value:_}"


def words_literal(words: Iterable[str]) -> str:
    """A tuple of string literals."""
    literals = [text_literal(word) for word in words]
    return f"({literals[0]},)" if len(literals) == 1 else f"({', '.join(literals)})"


@dataclass(frozen=True, slots=True)
class Words:
    """The names of a policy in Python; `functions` are those for everybody, `formulas` what these call."""

    facts: Mapping[str, str]
    amounts: Mapping[str, str]
    types: Mapping[str, str]
    functions: Mapping[str, str]
    formulas: Mapping[str, str]


def words_of(model: Model, code: WholeNumberCode) -> Words:
    """The names of a policy, none of which stands in the way of the template or of another."""
    locals_ = {
        f"{word}_{place}"
        for place in range(len(model.running_totals) + 1)
        for word in ("year", "key", "before", "after")
    }
    functions = safe_names((f"{function.name}_of" for function in code.functions), RESERVED)
    # No private name of the template ends so, whatever the amount is called.
    formulas = safe_names((f"{function.name}_formula" for function in code.functions), frozenset())
    taken = RESERVED | locals_ | frozenset(functions.values())
    facts = safe_names((fact.name for fact in (*model.facts, *model.dated)), taken)
    amounts = safe_names((amount.name for amount in model.amounts), taken | frozenset(facts.values()))
    taken |= frozenset(facts.values()) | frozenset(amounts.values())
    # Two categories may be one type but for this: `illness_kind` and `illnessKind`.
    types = _free_names(model.categories, taken, _type_name)
    return Words(
        facts=facts,
        amounts=amounts,
        types=types,
        functions={function.name: functions[f"{function.name}_of"] for function in code.functions},
        formulas={function.name: f"_{formulas[f'{function.name}_formula']}" for function in code.functions},
    )
