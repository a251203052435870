"""The parser's raw tree -> the nodes of `dsl/tree/`, rule by rule of the grammar.

Where the parts of a rule are the fields of its node, the rule stands in `dsl/rules/nodes.py`; for any other there is a
function from parts to node in the files beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from lark import Token, Transformer, Tree

from dsl import tree
from dsl.rules import benefits, formulas, header, properties
from dsl.rules.leaves import KEYWORD, leaf, span_of
from dsl.rules.nodes import NODES
from dsl.source import Source

RULES: Mapping[str, Callable[..., Any]] = {
    name: part
    for module in (header, benefits, properties, formulas)
    for name, part in vars(module).items()
    if isinstance(part, FunctionType) and part.__module__ == module.__name__ and not name.startswith("_")
}
"""Any other rule -> what makes its node, from where it stands and the values of its parts."""


def build(raw: Tree[Any], source: Source) -> tree.Policy | tree.Standard:
    """The nodes of a whole file. Raises LeafError at the first word without a value."""
    result = _Builder(source).transform(raw)
    assert isinstance(result, tree.Policy | tree.Standard)
    return result


class _Builder(Transformer[Any, Any]):
    """Goes through a raw tree from its leaves up; keywords and signs are left out of the parts."""

    def __init__(self, source: Source) -> None:
        super().__init__(visit_tokens=False)
        self._path = source.path
        self._lines = source.text.split("\n")

    def _call_userfunc(self, raw: Tree[Any], new_children: list[Any] | None = None) -> Any:
        children = raw.children if new_children is None else new_children
        parts = [value for child in children if (value := self._value(child)) is not KEYWORD]
        rule, span = str(raw.data), span_of(raw.meta, self._path)
        return NODES[rule](*parts, span) if rule in NODES else RULES[rule](span, *parts)

    def _value(self, child: Any) -> Any:
        return leaf(child, span_of(child, self._path), self._lines) if isinstance(child, Token) else child
