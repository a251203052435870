"""`tierproof calc`: one claim, step by step."""

from __future__ import annotations

import difflib
import sys
from datetime import date
from pathlib import Path
from typing import assert_never

import click

from compiler import driver
from compiler.commands import files, report
from compiler.commands.options import Output, output_options, say_json
from compiler.domain import Rejection
from compiler.driver import Loaded, Verdict
from compiler.evaluate import Settled, Undefined
from compiler.model import CLAIM_NUMBER, CategoryFact, DateFact, Fact, FactInput, IdentifierFact, Model, MoneyFact
from compiler.run.fields import read_fact

USUAL_DAY = date(2024, 1, 1)
"""The day of a claim that gives none, under a policy that does not say when it is in force."""


@click.command()
@click.argument("policy", type=click.Path())
@click.argument("facts", nargs=-1, metavar="FACT=VALUE...")
@output_options
def calc(output: Output, policy: str, facts: tuple[str, ...]) -> int:
    """Settle one claim step by step: which clause decided, what it gave, who pays what.

    Amounts are such as 20000.50 or 20,000.50, dates 2013-05-02. The claim stands alone: nothing was settled before.
    A claim number, an identifier or a date that is not given is made up, since none of them decides an amount.
    The policy is not proved here; a claim that it does not cover is called so.
    """
    file = _one(policy)
    loaded = Loaded(file.source, None, None, file.diagnostics) if file.diagnostics else driver.load(file.source)
    if loaded.model is None:
        for flaw in report.flaws(Verdict(loaded, ()), output.catalogue, output.style(sys.stderr)):
            click.echo(f"{flaw}\n", err=True, color=True)
        return report.WRONG
    model = loaded.model
    given = _given(model, facts)
    claim: dict[str, FactInput | None] = {CLAIM_NUMBER: given.get(CLAIM_NUMBER, "1")}
    for fact in model.facts:
        text = given.get(fact.name)
        claim[fact.name] = _made_up(fact, model) if text is None else read_fact(fact, text, model.currency)

    from compiler.explain.text import render_trace, trace_record
    from compiler.explain.trace import trace

    steps = trace(model, claim)
    if output.json:
        say_json(trace_record(steps, model))
    match steps.outcome:
        case Settled():
            if not output.json:
                click.echo(render_trace(steps, model))
            return report.PASSED
        case Rejection(field, reason):
            click.echo(f'error: {field}: {reason} "{given.get(field, "")}"', err=True)
            return report.WRONG
        case Undefined():
            click.echo(f"error: {render_trace(steps, model)}; `tierproof check` says where it is unclear", err=True)
            return report.WRONG
        case _:
            assert_never(steps.outcome)


def _one(policy: str) -> files.PolicyFile:
    found = files.find_policies([policy])
    if len(found) > 1:
        raise files.WrongUse(f"{files.shown(Path(policy))} holds {len(found)} policies; name one of them")
    return files.read_policy(found[0])


def _given(model: Model, facts: tuple[str, ...]) -> dict[str, str]:
    """The values on the command line by fact. Raises WrongUse for one that is unknown, there twice or not there."""
    known = (CLAIM_NUMBER, *(fact.name for fact in model.facts))
    given: dict[str, str] = {}
    for text in facts:
        name, equals, value = text.partition("=")
        if not equals:
            raise files.WrongUse(f"{text!r} is not FACT=VALUE")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"the facts are {', '.join(known)}"
            raise files.WrongUse(f"the policy has no fact `{name}`; {hint}")
        if name in given:
            raise files.WrongUse(f"`{name}` is given twice")
        given[name] = value
    missing = [
        f"{fact.name}={_kind(fact)}"
        for fact in model.facts
        if isinstance(fact, MoneyFact | CategoryFact) and fact.name not in given
    ]
    if missing:
        raise files.WrongUse(f"the claim needs also {' '.join(missing)}")
    return given


def _kind(fact: Fact) -> str:
    """What a fact's value looks like, for a message."""
    match fact:
        case MoneyFact():
            return "AMOUNT"
        case CategoryFact(values=words):
            return "|".join(words)
        case DateFact():
            return "DATE"
        case IdentifierFact():
            return "TEXT"
        case _:
            assert_never(fact)


def _made_up(fact: Fact, model: Model) -> FactInput | None:
    match fact:
        case IdentifierFact():
            return "1"
        case DateFact():
            return USUAL_DAY if model.in_force is None else model.in_force.first
        case MoneyFact() | CategoryFact():
            return None
        case _:
            assert_never(fact)
