"""Tree -> checked tree, or everything that does not fit together.

Each part is a generator of diagnostics over a tree and its scope, so that one run shows them all. What passes here
`compiler/lower.py` takes for granted.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl import tree
from dsl.diagnostics import Diagnostic
from dsl.scope import Scope, scope_of
from dsl.typecheck.amounts import amount_mistakes, order_mistakes
from dsl.typecheck.benefits import benefit_mistakes, stack_mistakes
from dsl.typecheck.header import claim_mistakes, header_mistakes, name_mistakes
from dsl.typecheck.properties import property_mistakes


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """A policy whose names and types fit, and what they stand for."""

    tree: tree.Policy
    scope: Scope


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking: the checked policy, or None and at least one diagnostic."""

    policy: CheckedPolicy | None
    diagnostics: tuple[Diagnostic, ...]


def check(policy: tree.Policy) -> Checked:
    """Check names, types and shapes of a policy."""
    scope = scope_of(policy)
    mistakes = [*header_mistakes(policy, scope), *name_mistakes(policy), *claim_mistakes(policy, scope)]
    for block in policy.blocks:
        match block:
            case tree.AmountBlock():
                mistakes += amount_mistakes(block, scope)
            case tree.BenefitBlock():
                mistakes += benefit_mistakes(block, scope)
            case _:
                pass
    mistakes += stack_mistakes(policy, scope)
    mistakes += property_mistakes(policy, scope)
    mistakes = mistakes or list(order_mistakes(scope))
    if mistakes:
        ordered = sorted(mistakes, key=lambda mistake: (mistake.labels[0].span.line, mistake.labels[0].span.column))
        return Checked(None, tuple(dict.fromkeys(ordered)))
    return Checked(CheckedPolicy(policy, scope), ())
