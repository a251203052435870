"""Tree -> checked tree, or everything that does not fit together.

Each part is a generator of diagnostics over a tree and its scope, so that one run shows them all. What passes here
`compiler/lower.py` takes for granted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl import tree
from dsl.diagnostics import Diagnostic
from dsl.expand import expand_splits
from dsl.scope import Scope, scope_of
from dsl.tree import Standard
from dsl.typecheck.amounts import amount_mistakes, exchange_mistakes, order_mistakes
from dsl.typecheck.benefits import benefit_mistakes, stack_mistakes
from dsl.typecheck.header import claim_mistakes, header_mistakes, name_mistakes
from dsl.typecheck.parameters import parameter_mistakes
from dsl.typecheck.properties import property_mistakes
from dsl.typecheck.splits import split_mistakes
from dsl.typecheck.standards import conformities, conformity_mistakes


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """A policy whose names and types fit, and what they stand for; splits are expanded.

    standards  those that it conforms to, by name
    """

    tree: tree.Policy
    scope: Scope
    standards: Mapping[str, Standard]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking: the checked policy, or None and at least one diagnostic."""

    policy: CheckedPolicy | None
    diagnostics: tuple[Diagnostic, ...]


def check(written: tree.Policy, standards: Mapping[str, Standard]) -> Checked:
    """Check names, types and shapes of a policy; `standards` are all that it could conform to, by name."""
    policy = expand_splits(written)
    scope = scope_of(policy)
    if not any(isinstance(block, tree.ClaimBlock) for block in policy.blocks):
        return Checked(None, tuple(claim_mistakes(policy, scope)))  # whatever else is wrong may follow from that
    mistakes = [*split_mistakes(written), *header_mistakes(policy, scope), *name_mistakes(policy)]
    mistakes += [*claim_mistakes(policy, scope), *conformity_mistakes(policy, scope, standards)]
    for block in policy.blocks:
        match block:
            case tree.PlainParameter() | tree.ParameterTable():
                mistakes += parameter_mistakes(block, scope)
            case tree.AmountBlock():
                mistakes += amount_mistakes(block, scope)
            case tree.BenefitBlock():
                mistakes += benefit_mistakes(block, scope)
            case _:
                pass
    mistakes += stack_mistakes(policy, scope)
    mistakes += property_mistakes(policy, scope)
    mistakes = mistakes or list(order_mistakes(scope)) or list(exchange_mistakes(policy, scope))
    if mistakes:
        ordered = sorted(mistakes, key=lambda mistake: (mistake.labels[0].span.line, mistake.labels[0].span.column))
        return Checked(None, tuple(dict.fromkeys(ordered)))
    named = {clause.standard.text for clause, _ in conformities(policy, scope)}
    return Checked(CheckedPolicy(policy, scope, {name: standards[name] for name in named}), ())
