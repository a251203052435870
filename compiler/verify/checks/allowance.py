"""TP209: what a policy allows is needed. An allowance that nothing needs would hide the flaw when it comes.

Asked last, of the other answers and of no solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.findings import Finding, NotAsked, Property, Proved, Refuted, Unknown, Witness
from compiler.model import Allowance, Allowed, Model
from dsl.diagnostics import Diagnostic, Label

CODE = "TP209"
SHOWN = "a claim that it allows is shown"
OTHERS = "the claim that is shown is not one of this benefit"

SPEAKS_OF = {
    Allowed.RATIO_FALLS: "TP201",
    Allowed.OWN_SHARE_FALLS: "TP202",
    Allowed.DEPENDS_ON_SPLITTING: "TP205",
}
"""The check that an allowance speaks to. `worse off` speaks to the policy of before, which is not here."""


def needed(model: Model, findings: Sequence[Finding]) -> Iterator[Finding]:
    """A finding for every allowance of a flaw, from the findings of all other checks."""
    for allowance in model.allowances:
        if allowance.what in SPEAKS_OF:
            yield _finding(allowance, SPEAKS_OF[allowance.what], findings)


def _finding(allowance: Allowance, code: str, findings: Sequence[Finding]) -> Finding:
    said = allowance.what.value if allowance.benefit is None else f"{allowance.benefit} {allowance.what.value}"
    asked = Property(CODE, said, "", allowance.span)
    # Of TP202 the subject is the own share of the whole policy: one claim shows the leap of one benefit only.
    whole = allowance.benefit is None or allowance.what is Allowed.OWN_SHARE_FALLS
    answers = [
        one for one in findings if one.property.code == code and (whole or one.property.subject == allowance.benefit)
    ]
    if any(isinstance(one, Refuted) and one.allowance is allowance for one in answers):
        return Proved(asked, SHOWN)
    if all(isinstance(one, Proved | NotAsked) for one in answers):
        diagnostic = Diagnostic(CODE, (Label(allowance.span, "here"),), (("allowed", allowance.what.value),))
        return Refuted(asked, diagnostic, Witness(()))
    if any(isinstance(one, Unknown) for one in answers):
        return Unknown(asked, f"waits for {code}")
    return NotAsked(asked, OTHERS)
