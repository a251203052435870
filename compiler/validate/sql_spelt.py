"""What the parser of SQL forgives and an engine does not: a THEN, an AND, an AS or a parenthesis that is not there.

Where it misses one the parser makes the same tree as if it were there. So the words of a text are counted, and there
must be as many of each as the tree says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot import expressions as exp
from sqlglot.tokenizer_core import TokenType

from compiler.validate.dialects.dialect import Dialect
from compiler.validate.values import Outside

_QUOTED = frozenset({TokenType.IDENTIFIER, TokenType.STRING})


def require_spelt_out(text: str, trees: Sequence[exp.Expr], dialect: Dialect) -> None:
    """Raise Outside where a text lacks a word of what was read in it. The text is one that the parser takes."""
    tokens = sqlglot.tokenize(text, read=dialect.reader)
    found = Counter(token.text.upper() for token in tokens if token.token_type not in _QUOTED)
    due = Counter(word for tree in trees for node in tree.walk() for word in _words_of(node))
    due["AS"] += found["CAST"] + found["TRY_CAST"]
    due[")"] = found["("]
    for word in ("CASE", "WHEN", "THEN", "END", "BETWEEN", "AND", "AS", ")"):
        if found[word] != due[word]:
            raise Outside(0, f"{word} is there {found[word]} times, and is read {due[word]} times")


def _words_of(node: exp.Expr) -> Iterator[str]:
    """The words that a node is written with, of those that the parser may miss; `CAST` has its own `AS`."""
    match node:
        case exp.Case():
            yield from ("CASE", "END")
        case exp.If():
            yield from ("WHEN", "THEN")
        case exp.And():
            yield "AND"
        case exp.Between():
            yield from ("BETWEEN", "AND")
        case exp.WindowSpec() if node.args.get("end") is not None:
            yield from ("BETWEEN", "AND")
        case exp.Alias() | exp.CTE() | exp.Create(kind="VIEW"):
            yield "AS"
        case exp.Table() | exp.Subquery() if node.alias:
            yield "AS"
        case _:
            pass
