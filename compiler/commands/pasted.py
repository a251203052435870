"""The claims that refute something, as an `example` block that can be pasted into the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compiler.domain import NOT_IN_FORCE, Rejection
from compiler.evaluate import Claim, Outcome, Settled, Undefined, settle_all
from compiler.findings import Refuted
from compiler.model import OWN_SHARE, CategoryFact, CountFact, DateFact, IdentifierFact, Model, MoneyFact
from dsl.catalogue import Catalogue
from dsl.money import format_money

MOST_CLAIMS = 20
"""With more claims nobody would paste it."""

LONGEST_TITLE = 100


def example_block(model: Model, finding: Refuted, catalogue: Catalogue) -> str | None:
    """The block: every claim with what the policy makes of it now, the last of them showing the flaw.

    What cannot be expected is put in a comment: that there is no value, for which 0 stands until somebody has said
    what is meant, or an amount below 0. None where no claim shows the flaw, too many do, or
    some are settled under another version: an example speaks of one.
    """
    claims = [dict(claim) for claim in finding.witness.claims]
    if not 0 < len(claims) <= MOST_CLAIMS:
        return None
    outcomes = settle_all(model, claims)
    if any(isinstance(outcome, Rejection) and outcome.reason == NOT_IN_FORCE for outcome in outcomes):
        return None
    lines = [f'example "{_title(finding, catalogue)}"']
    for claim, outcome in zip(claims, outcomes, strict=True):
        lines += [f"  {', '.join(_given(model, claim))}", f"  {_expected(model, outcome)}"]
    return "\n".join(lines) + "\n"


def _title(finding: Refuted, catalogue: Catalogue) -> str:
    """Code and message, without the signs that would end the text."""
    text = f"{finding.property.code}: {catalogue.message(finding.diagnostic)}"
    plain = "".join("'" if sign in '"“”＂' else sign for sign in " ".join(text.split()))
    return plain if len(plain) <= LONGEST_TITLE else f"{plain[: LONGEST_TITLE - 3]}..."


def _given(model: Model, claim: Claim) -> Iterator[str]:
    for fact in model.facts:
        value = claim.get(fact.name)
        match fact:
            case MoneyFact() if isinstance(value, int):
                yield f"{fact.name} {format_money(value, model.currency)}"
            case CountFact() | CategoryFact() if value is not None:
                yield f"{fact.name} {value}"
            case DateFact() if isinstance(value, date):
                yield f"{fact.name} {value.isoformat()}"
            case IdentifierFact() if value is not None:
                yield f'{fact.name} "{value}"'
            case _:
                pass


def _expected(model: Model, outcome: Outcome) -> str:
    names = [*(benefit.name for benefit in model.benefits), OWN_SHARE]
    if not isinstance(outcome, Settled):
        why = "no value is defined for this claim" if isinstance(outcome, Undefined) else "this claim is rejected"
        return f"expect {_said(names[0])} 0    # {why}: write what must be paid"
    settled = {name: outcome.amounts[name] for name in names}
    shown = {name: format_money(value, model.currency) for name, value in settled.items()}
    expected = [f"{_said(name)} {shown[name]}" for name in names if settled[name] >= 0]
    below = [f"{_said(name)} is {shown[name]}" for name in names if settled[name] < 0]
    remark = f"    # {', '.join(below)}: write what must be paid" if below else ""
    return f"expect {', '.join(expected or [f'{_said(names[0])} 0'])}{remark}"


def _said(name: str) -> str:
    return "own share" if name == OWN_SHARE else name
