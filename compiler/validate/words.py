"""What keeps a calculator from being its policy, as a drafter's diagnostic (TP501)."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from compiler.model import CLAIM_NUMBER, FactInput, Model, MoneyFact
from compiler.validate.proof import Differs, Flaw, NotShown, Strange
from compiler.verify.words import ARROW, money
from dsl.diagnostics import Diagnostic, Label

CODE = "TP501"


def diagnostic(model: Model, path: str, flaw: Flaw) -> Diagnostic:
    """A flaw in the calculator that would be written to `path`."""
    place = ("place", f"{path}, line {flaw.line}" if flaw.line else path)
    labels = (Label(flaw.span, "here"),)
    match flaw:
        case Differs(subject=subject, policy=policy, calculator=calculator):
            says, gives = _value(model, policy), _value(model, calculator)
            claim = f"{_claim(model, flaw)}{ARROW}policy: {says}, calculator: {gives}"
            params = (place, ("subject", subject), ("policy", says), ("calculator", gives))
            return Diagnostic(CODE, labels, params, claim=claim)
        case NotShown(subject=subject):
            return Diagnostic(CODE, labels, (place, ("subject", subject)), "unknown")
        case Strange(what=what):
            return Diagnostic(CODE, labels, (place, ("what", what)), "strange")
        case _:
            assert_never(flaw)


def _value(model: Model, said: str) -> str:
    """An amount in the units of the policy; what is no amount as it is."""
    return money(model, int(said)) if said.removeprefix("-").isdecimal() else said


def _claim(model: Model, flaw: Differs) -> str:
    amounts = {fact.name for fact in model.facts if isinstance(fact, MoneyFact)}
    facts = [f"{name} {_fact(model, value, name in amounts)}" for name, value in flaw.claim if name != CLAIM_NUMBER]
    totals = [f"after {name} {money(model, value)}" for name, value in flaw.totals]
    return ", ".join([*facts, *totals])


def _fact(model: Model, value: FactInput | None, is_money: bool) -> str:
    match value:
        case None:
            return "missing"
        case int():
            return money(model, value) if is_money else str(value)
        case date():
            return value.isoformat()
        case str():
            return value or "empty"
        case _:
            assert_never(value)
