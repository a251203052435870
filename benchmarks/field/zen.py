"""GoRules ZEN: a decision table, and an expression compiled once; a claim a call, decimal numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import zen

from benchmarks.field.claims import PERCENT, Candidate, Claims
from benchmarks.field.lines import lines


def _amount(ratio: int, less: int) -> str:
    return "0" if ratio == 0 else f"floor(({ratio} * total - {less} + 50) / 100)"


def _contexts(claims: Claims) -> list[dict[str, Any]]:
    return [{"total": total, "illness": word} for total, word in zip(claims.totals, claims.words, strict=True)]


def expression(claims: Claims) -> Candidate:
    """One nested conditional expression."""
    text = ""
    for word in PERCENT:
        bands = [one for one in lines() if one[0] == word]
        chosen = _amount(*bands[-1][3:])
        for _, _, upper, ratio, less in reversed(bands[:-1]):
            chosen = f"(total <= {upper} ? {_amount(ratio, less)} : {chosen})"
        text = f"illness == '{word}' ? {chosen} : {text}" if text == "" else f"{text}{chosen}"
    compiled = zen.compile_expression(text)
    contexts = _contexts(claims)
    return Candidate(lambda: [compiled.evaluate(context) for context in contexts], _fen)


def table(claims: Claims) -> Candidate:
    """A decision table of first hit, with a row for every band and illness."""
    rules = [
        {
            "_id": str(place),
            "i1": f'"{word}"',
            "i2": f"({lower}..{upper}]",
            "o1": _amount(ratio, less),
        }
        for place, (word, lower, upper, ratio, less) in enumerate(lines())
    ]
    content = {
        "hitPolicy": "first",
        "inputs": [
            {"id": "i1", "name": "illness", "field": "illness"},
            {"id": "i2", "name": "total", "field": "total"},
        ],
        "outputs": [{"id": "o1", "name": "paid", "field": "paid"}],
        "rules": rules,
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "request", "position": {"x": 0, "y": 0}},
            {
                "id": "table",
                "type": "decisionTableNode",
                "name": "table",
                "content": content,
                "position": {"x": 1, "y": 0},
            },
            {"id": "out", "type": "outputNode", "name": "response", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "e1", "type": "edge", "sourceId": "in", "targetId": "table"},
            {"id": "e2", "type": "edge", "sourceId": "table", "targetId": "out"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    contexts = _contexts(claims)
    return Candidate(
        lambda: [decision.evaluate(context) for context in contexts],
        lambda found: _fen([one["result"]["paid"] for one in found]),
    )


def _fen(paid: Sequence[Any]) -> list[int]:
    return [int(value) for value in paid]
