"""Mistakes in what a policy says it conforms to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from dsl import tree
from dsl.diagnostics import Diagnostic
from dsl.scope import Scope
from dsl.typecheck.mistakes import missing, unknown


def conformity_mistakes(policy: tree.Policy, scope: Scope, standards: Collection[str]) -> Iterator[Diagnostic]:
    """Standards that are not there, and a header that does not say which benefit it means."""
    for clause, _ in conformities(policy, scope):
        if clause.standard.text not in standards:
            mistake = unknown(clause.standard, "a standard", standards)
            yield mistake if mistake.variant == "near" else replace(mistake, variant="standard")
    in_header = [clause for clause in policy.header.clauses if isinstance(clause, tree.ConformsTo)]
    if in_header and len(scope.benefits) > 1:
        yield missing("conforms to", "benefit", in_header[0].span, variant="conforms")


def conformities(policy: tree.Policy, scope: Scope) -> Iterator[tuple[tree.ConformsTo, tree.BenefitBlock]]:
    """Every `conforms to`, with the benefit that it speaks of: in the header, the first one."""
    for clause in policy.header.clauses:
        if isinstance(clause, tree.ConformsTo) and scope.benefits:
            yield clause, next(iter(scope.benefits.values()))
    for block in scope.benefits.values():
        yield from ((clause, block) for clause in block.clauses if isinstance(clause, tree.ConformsTo))
