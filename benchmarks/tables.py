"""Policies as large as one likes, as text: a table of many bands, and stacks of layers with tables by category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from benchmarks.field.claims import ENDS, PERCENT

HEAD = """policy {name}
  currency CNY
  round half up to 0.01

claim
  person  identifier
  day     date
  cost    money up to 100,000,000
"""


def table(bands: int) -> str:
    """One benefit over a calendar year in slices of so many bands, its ratios rising from 40% to 90%."""
    lines = [HEAD.format(name=f"table_of_{bands}"), "benefit main"]
    lines += ["  of cost, added up per person per calendar year", "  deductible 500", "  pay in slices of the amount"]
    return "\n".join([*lines, *(f"    {line}" for line in _bands(bands, 500, 1000, [0]))]) + "\n"


def claim_by_claim() -> str:
    """The Ningxia table of 2013 for a year's total that each claim states: nothing is added up."""
    lines = ["policy by_claim", "  currency CNY", "  round half up to 0.01", "", "claim", "  total money"]
    lines += ["  illness general | listed", "", "benefit critical_illness", "  of total", "  deductible 6,000"]
    lines += ["  pay in slices of the amount, by illness", f"    {' '.join(PERCENT)}"]
    for place, (lower, *ratios) in enumerate(zip(ENDS, *PERCENT.values(), strict=True), 1):
        upper = f" to {ENDS[place]:,}" if place < len(ENDS) else ""
        lines.append(f"    over {lower:,}{upper}  {'  '.join(f'{ratio}%' for ratio in ratios)}")
    return "\n".join([*lines, ""])


def stack(layers: int, bands: int, categories: int = 0, words: int = 0) -> str:
    """So many layers, each of what the one before leaves, with a deductible, bands in slices, a cap and rounding.

    With categories every layer's table has a column for each combination of their words. Every second layer is settled
    claim by claim, which the policy allows.
    """
    lines = [HEAD.format(name=f"stack_of_{layers}").rstrip("\n")]
    names = [f"sort{number}" for number in range(1, categories + 1)]
    lines += [f"  {name} {' | '.join(_words(name, words))}" for name in names]
    combinations = list(product(*(_words(name, words) for name in names)))
    for layer in range(layers):
        deductible = 100 * (layer + 1)
        period = ", added up per person per calendar year" if layer % 2 == 0 else ""
        lines += ["", f"benefit layer{layer + 1}", f"  of {'left' if layer else 'cost'}{period}"]
        lines += [f"  deductible {deductible}"]
        columns = [(7 * layer + 3 * number) % 11 for number in range(len(combinations))]
        by = f", by {', '.join(names)}" if names else ""
        lines += [f"  pay in slices of the amount{by}"]
        lines += [f"    {' '.join('/'.join(one) for one in combinations)}"] if names else []
        lines += [f"    {line}" for line in _bands(bands, deductible, 5_000, columns or [layer])]
        lines += [f"  cap {200_000 + 10_000 * layer:,}"]
    lines += ["", "stack of cost", f"  {', then '.join(f'layer{layer + 1}' for layer in range(layers))}"]
    lines += ["", 'allow payment depends on splitting because "every second layer is settled claim by claim"', ""]
    return "\n".join(lines)


def _words(name: str, count: int) -> list[str]:
    return [f"{name}_{chr(ord('a') + number)}" for number in range(count)]


def _bands(count: int, first: int, width: int, columns: Sequence[int]) -> Iterator[str]:
    for number in range(count):
        lowest = first + number * width
        end = "" if number == count - 1 else f" to {lowest + width:,}"
        ratios = (f"{4000 + 10 * column + number * 4000 // count}" for column in columns)
        yield f"over {lowest:,}{end}  {'  '.join(f'{ratio[:2]}.{ratio[2:]}%' for ratio in ratios)}"
