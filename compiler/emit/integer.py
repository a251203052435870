"""Model -> whole-number code: every amount without a fraction, ready to be printed in any language."""

from __future__ import annotations

from compiler.emit.code import AmountCode, Function
from compiler.model import Model


def functions(model: Model) -> tuple[Function, ...]:
    """The functions of one argument that the amounts of `steps` apply, in the order of the amounts."""
    raise NotImplementedError


def steps(model: Model) -> tuple[AmountCode, ...]:
    """How each amount is computed, in the order of the Model."""
    raise NotImplementedError
