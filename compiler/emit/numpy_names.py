"""What the names of a policy are in its NumPy calculator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compiler.emit.code import Function
from compiler.emit.integer import WholeNumberCode
from compiler.emit.python_code import Names
from compiler.emit.python_names import RESERVED, safe_names
from compiler.model import CategoryFact, Model

TAKEN = RESERVED | {
    *("np", "live", "out", "part", "place", "rule", "book", "columns", "ledger", "compiled", "njit"),
    *("functools", "importlib", "dataclass", "replace", "Any", "TypeAlias", "NDArray", "Whole", "Text", "Coded"),
    *("Columns", "CHUNK", "RULES", "settle_after", "row", "rejected", "rejections"),
}
"""What no name of a policy may become: the names of the template too."""


@dataclass(frozen=True, slots=True)
class Words:
    """The names of a policy in Python.

    values     facts, what follows from dates, and amounts
    functions  functions, by what they compute
    lists      the words of each category that a claim states
    """

    values: Mapping[str, str]
    functions: Mapping[str, str]
    lists: Mapping[str, str]


def words_of(model: Model, code: WholeNumberCode) -> Words:
    """The names of a policy, none of which stands in the way of the template or of another."""
    totals = {f"{word}_{place}" for place in range(len(model.running_totals) + 1) for word in ("before", "after")}
    functions = safe_names((f"{function.name}_of" for function in code.functions), TAKEN)
    taken = TAKEN | totals | frozenset(functions.values())
    names = [fact.name for fact in (*model.facts, *model.dated)] + [amount.name for amount in model.amounts]
    values = safe_names(names, taken)
    stated = [fact.name for fact in model.facts if isinstance(fact, CategoryFact)]
    lists = safe_names((f"{name}_words".upper() for name in stated), taken | frozenset(values.values()))
    return Words(
        values=values,
        functions={function.name: functions[f"{function.name}_of"] for function in code.functions},
        lists={name: lists[f"{name}_words".upper()] for name in stated},
    )


def names_for(words: Words, code_functions: Sequence[Function], prefix: str, renamed: Mapping[str, str]) -> Names:
    """The names as code asks for them, where functions begin with `prefix` and some values are `renamed`."""
    values = {**words.values, **renamed}
    functions = {one.name: (f"{prefix}{words.functions[one.name]}", one.facts) for one in code_functions}
    return Names(values, values, functions, {})
