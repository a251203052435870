"""The rules of the grammar whose parts are the fields of their node, in that order; where it stands comes last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl import tree

NODES: Mapping[str, Callable[..., Any]] = {
    # The header, the claim, parameters and standards
    "title": tree.Title,
    "source_note": tree.SourceNote,
    "currency": tree.CurrencyClause,
    "in_force_between": tree.InForceClause,
    "for_clause": tree.For,
    "round_clause": tree.RoundClause,
    "status_draft": tree.DraftClause,
    "conforms_to": tree.ConformsTo,
    "from_limit": tree.FromLimit,
    "up_to_limit": tree.UpToLimit,
    "at_most_fact": tree.AtMostFact,
    "plain_parameter": tree.PlainParameter,
    "standard_ratio_never_falls": tree.StandardRatioNeverFalls,
    "standard_ratio_bound": tree.StandardRatioBound,
    # Benefits
    "of_clause": tree.OfClause,
    "deductible_after": tree.DeductibleClause,
    "shared_limit": tree.SharedLimit,
    "cap_after": tree.CapClause,
    "cap_base": tree.CapBaseClause,
    "entry": tree.Entry,
    "per_claim": tree.PerClaim,
    "per_year": tree.PerYear,
    "per_month": tree.PerMonth,
    "per_lifetime": tree.PerLifetime,
    "larger_of": tree.LargerOf,
    # What must hold, what is allowed, and examples
    "amount_never_rises": tree.NeverRisesLine,
    "ratio_bound": tree.RatioBoundLine,
    "amount_bound": tree.BoundLine,
    "period_bound": tree.PeriodBoundLine,
    "never_below": tree.NeverBelowLine,
    "always": tree.AlwaysLine,
    "some_claim_reaches": tree.ReachesLine,
    "any_order": tree.AnyOrderLine,
    "allow_line": tree.AllowLine,
    "given": tree.Given,
    "expected": tree.Expected,
    # Formulas and conditions
    "share": tree.Share,
    "times": tree.Times,
    "left": tree.Left,
    "conditional": tree.Conditional,
    "negated": tree.Negated,
    "comparison": tree.Comparison,
}
"""Rule of the grammar -> the class of its node."""
