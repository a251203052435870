"""The stages of a NumPy calculator: amounts that are computed together, between one running total and the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.emit.code import AmountCode, Code, Variable, totals_read, walk_code
from compiler.emit.integer import WholeNumberCode
from compiler.emit.numpy_code import array_expression, numbered
from compiler.emit.numpy_names import Words, names_for
from compiler.emit.python_code import Names, expression
from compiler.emit.python_lines import INDENT, fitted
from compiler.emit.python_names import text_literal
from compiler.model import Model


@dataclass(frozen=True, slots=True)
class StageText:
    """Amounts computed together: over a chunk of arrays, and row by row with the arrays that this reads and writes."""

    amounts: tuple[str, ...]
    array: tuple[str, ...]
    one: tuple[str, ...]
    untyped: str
    first: str
    arguments: tuple[str, ...]


def stages_of(model: Model, code: WholeNumberCode) -> Iterator[tuple[AmountCode, ...]]:
    """The amounts in order, parted where a running total is needed that was not summed up yet."""
    counted: set[str] = set()
    waiting: list[AmountCode] = []
    for amount in code.amounts:
        new = set(totals_read(amount.value)) - counted
        if new and waiting:
            yield tuple(waiting)
            waiting = []
        counted |= new
        waiting.append(amount)
    yield tuple(waiting)


def stage_text(stage: tuple[AmountCode, ...], model: Model, code: WholeNumberCode, words: Words) -> StageText:
    """A stage as lines: what is live is read, amounts are computed one after another, and handed out."""
    places = {total.name: place for place, total in enumerate(model.running_totals, 1)}
    bodies = [numbered(amount.value, model.categories) for amount in stage]
    own = {amount.name for amount in stage}
    read = [name for name in _read(bodies, code) if name not in own]
    totals = dict.fromkeys(total for amount in stage for total in totals_read(amount.value))
    inputs = [(text_literal(name), words.values[name]) for name in read]
    inputs += [(f'"{word} {places[t]}"', f"{word}_{places[t]}") for t in totals for word in ("before", "after")]
    outputs = [(text_literal(amount.name), words.values[amount.name]) for amount in stage]
    with_totals = {total: (f"after_{place}", f"before_{place}") for total, place in places.items()}
    array, one = (
        Names(names.variables, names.words, names.functions, with_totals)
        for names in (names_for(words, code.functions, prefix, {}) for prefix in ("_array_", "_one_"))
    )
    lines, loop = [f"{name} = live[{key}][part]" for key, name in inputs], []
    loop += [f"{name} = _in_{place}[_row]" for place, (_, name) in enumerate(inputs, 1)]
    for amount, body in zip(stage, bodies, strict=True):
        name = words.values[amount.name]
        lines.append(f"{name} = {array_expression(body, array)}  # line {amount.line}")
        loop.append(f"{name} = {expression(body, one)}  # line {amount.line}")
    lines += [f"out[{key}][part] = {name}" for key, name in outputs]
    loop += [f"_out_{place}[_row] = {name}" for place, (_, name) in enumerate(outputs, 1)]
    columns = [*(f"_out_{place}" for place in range(1, len(outputs) + 1))]
    columns += [f"_in_{place}" for place in range(1, len(inputs) + 1)]
    return StageText(
        amounts=tuple(key for key, _ in outputs),
        array=tuple(fitted(lines, len(INDENT))),
        one=tuple(fitted(loop, 3 * len(INDENT))),
        untyped=", ".join(columns),
        first="_out_1",
        arguments=tuple([f"out[{key}]" for key, _ in outputs] + [f"live[{key}]" for key, _ in inputs]),
    )


def _read(bodies: Sequence[Code], code: WholeNumberCode) -> list[str]:
    """The facts, categories and earlier amounts that code reads, once each; those of functions applied included."""
    found: dict[str, None] = {}
    facts = {function.name: function.facts for function in code.functions}
    for body in bodies:
        for node in walk_code(body):
            if isinstance(node, Variable):
                found[node.name] = None
            name = getattr(node, "function", None)
            if name is not None:
                found.update(dict.fromkeys(facts[name]))
    return list(found)
