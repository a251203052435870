"""A bill whose two halves are paid otherwise than the whole, found by settling claims.

In a stack the solver would have to look through all layers three times. What layers pay changes its course at the
amounts that their clauses name (a deductible, the end of a band, a cap), so bills around these are settled, whole and
in halves, from the smallest on. The claims were settled and show what they show; that none is found says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from compiler.evaluate import Claim, Settled, settle
from compiler.model import CLAIM_NUMBER, Model
from compiler.verify.plans import amounts_named
from compiler.verify.tried import moved


def differing_halves(
    model: Model, name: str, words: Mapping[str, str], tolerance: int
) -> tuple[Claim, Claim, Claim] | None:
    """Two halves of a bill, and the bill, of which the amount differs by more than the tolerance.

    The smallest that halving finds between two bills that are tried. None where the bill is not one money fact.
    """
    claims = moved(model, name, words)
    if claims is None:
        return None

    def split(size: int) -> tuple[Claim, Claim, Claim]:
        return claims.at(size // 2), {**claims.at(size - size // 2), CLAIM_NUMBER: "2"}, claims.at(size)

    def differs(size: int) -> bool:
        one, other, whole = split(size)
        first, ledger = settle(model, one, {})
        second, _ = settle(model, other, ledger)
        both, _ = settle(model, whole, {})
        if not (isinstance(first, Settled) and isinstance(second, Settled) and isinstance(both, Settled)):
            return False
        return abs(first.amounts[name] + second.amounts[name] - both.amounts[name]) > tolerance

    size = first_size(model, 2 * max(claims.lowest, 1), claims.highest, differs)
    return None if size is None else split(size)


def first_size(model: Model, lowest: int, highest: int, differs: Callable[[int], bool]) -> int | None:
    """The smallest size that halving finds between two of those that are tried; None where none of them differs."""
    before = lowest
    for size in _sizes(model, lowest, highest):
        if differs(size):
            low, high = before, size
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if differs(middle) else (middle + 1, high)
            return high
        before = size
    return None


def _sizes(model: Model, lowest: int, highest: int) -> Iterator[int]:
    """Bills to try: twice to eight times the amounts that clauses name, in rising order."""
    named = amounts_named(amount.expression for amount in model.amounts)
    sizes = {times * amount for amount in named for times in (2, 3, 4, 8)}
    yield from sorted(size for size in sizes if lowest <= size <= highest)
