"""`tierproof calc`: one claim, step by step."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import assert_never

import click

from compiler import driver
from compiler.commands import files, report
from compiler.commands.options import Output, output_options, say_json
from compiler.commands.project import one_policy, read_project
from compiler.domain import Rejection
from compiler.driver import Loaded, Verdict
from compiler.evaluate import Claim, Settled, Undefined
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateArm,
    DatedFact,
    DateFact,
    Fact,
    FactInput,
    IdentifierFact,
    Model,
    MoneyFact,
)
from compiler.run.fields import read_fact
from compiler.versions import VERSION as BY_VERSION
from dsl.money import format_money

USUAL_DAY = date(2024, 1, 1)
"""The day of a claim that gives none, under a policy that does not say when it is in force."""


@click.command()
@click.argument("policy", type=click.Path())
@click.argument("facts", nargs=-1, metavar="FACT=VALUE...")
@output_options
def calc(output: Output, policy: str, facts: tuple[str, ...]) -> int:
    """Settle one claim step by step: which clause decided, what it gave, who pays what.

    POLICY is a file, or several files or a folder that hold the versions of one policy: then the day of the claim says
    which of them counts. Amounts are such as 20000.50 or 20,000.50, dates 2013-05-02. The claim stands alone: nothing
    was settled before. A claim number, an identifier or a date that is not given is made up where it decides no amount.
    The policy is not proved here; a claim that it does not cover is called so.
    """
    policies = [policy, *(text for text in facts if _is_policy(text))]
    shown = ", ".join(files.shown(Path(one)) for one in policies)
    project = read_project(policies)
    if project.broken:
        for loaded in project.broken:
            for flaw in report.flaws(Verdict(loaded, ()), output.catalogue, output.style(sys.stderr)):
                click.echo(f"{flaw}\n", err=True, color=True)
        return report.WRONG
    versions = one_policy(project, shown)
    model = driver.merge(versions)
    given = _given(model, [text for text in facts if text not in policies])
    claim: dict[str, FactInput | None] = {CLAIM_NUMBER: given.get(CLAIM_NUMBER, "1")}
    for fact in model.facts:
        text = given.get(fact.name)
        claim[fact.name] = _made_up(fact, model) if text is None else read_fact(fact, text, model.currency)

    from compiler.explain.text import render_trace, trace_record
    from compiler.explain.trace import trace

    steps = trace(model, claim)
    dated = _in_force_on(model, claim, versions)
    if output.json:
        say_json({**trace_record(steps, model), "by_date": [record for record, _ in dated]})
    match steps.outcome:
        case Settled():
            if not output.json:
                for _, line in dated:
                    click.echo(line)
                click.echo(render_trace(steps, model))
            return report.PASSED
        case Rejection(field, reason):
            click.echo(f'error: {field}: {reason} "{given.get(field, "")}"{_allowed(field, model)}', err=True)
            return report.WRONG
        case Undefined():
            click.echo(f"error: {render_trace(steps, model)}; `tierproof check` says where it is unclear", err=True)
            return report.WRONG
        case _:
            assert_never(steps.outcome)


def _is_policy(text: str) -> bool:
    return "=" not in text and (text.endswith(files.SUFFIX) or Path(text).is_dir())


def _in_force_on(model: Model, claim: Claim, versions: Sequence[Loaded]) -> list[tuple[Mapping[str, object], str]]:
    """What follows from the claim's dates, as data and in words: the version, and the row of each dated parameter."""
    files_by_day = {one.model.in_force.first: one.source.path for one in versions if one.model and one.model.in_force}
    prefix = ""
    found: list[tuple[Mapping[str, object], str]] = []
    for fact in model.dated:
        day = claim[fact.by]
        arm = _arm(fact, day) if isinstance(day, date) else None
        if arm is None:
            return found
        name = fact.name.removeprefix(prefix).removesuffix(".dates")
        record = {"by": fact.by, "first": arm.first.isoformat(), "last": arm.last and arm.last.isoformat()}
        if fact.name == BY_VERSION:
            prefix, path = f"{arm.word}.", files_by_day[arm.first]
            found.append(({"version": path, **record}, f"version {_days(arm)}, by {fact.by} {day}: {path}"))
        elif fact.name.startswith(prefix):
            found.append(({"parameter": name, **record}, f"{name} {_days(arm)}, by {fact.by} {day}"))
    return found


def _days(arm: DateArm) -> str:
    """A stretch of days in words."""
    if arm.first == date.min:
        return "of all days" if arm.last is None else f"to {arm.last}"
    return f"from {arm.first}" if arm.last is None else f"{arm.first} to {arm.last}"


def _arm(fact: DatedFact, day: date) -> DateArm | None:
    word = fact.word(day)
    return next((arm for arm in fact.arms if arm.word == word), None)


def _given(model: Model, facts: Sequence[str]) -> dict[str, str]:
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
    missing = [f"{fact.name}={_kind(fact)}" for fact in model.facts if fact.name not in given and _decides(fact, model)]
    if missing:
        raise files.WrongUse(f"the claim needs also {' '.join(missing)}")
    return given


def _decides(fact: Fact, model: Model) -> bool:
    """Whether a fact can decide an amount, so that none can be made up: a date does where words follow from it."""
    match fact:
        case MoneyFact() | CountFact() | CategoryFact():
            return True
        case DateFact():
            return any(len(_possible(dated, model)) > 1 for dated in model.dated if dated.by == fact.name)
        case IdentifierFact():
            return False
        case _:
            assert_never(fact)


def _possible(fact: DatedFact, model: Model) -> list[DateArm]:
    """The words of a dated category that a day on which the policy is in force can have."""
    force = model.in_force
    if force is None or force.by != fact.by:
        return list(fact.arms)
    last = force.last or date.max
    return [arm for arm in fact.arms if arm.first <= last and (arm.last is None or arm.last >= force.first)]


def _kind(fact: Fact) -> str:
    """What a fact's value looks like, for a message."""
    match fact:
        case MoneyFact():
            return "AMOUNT"
        case CountFact():
            return "NUMBER"
        case CategoryFact(values=words):
            return "|".join(words)
        case DateFact():
            return "DATE"
        case IdentifierFact():
            return "TEXT"
        case _:
            assert_never(fact)


def _allowed(field: str, model: Model) -> str:
    """What the value of a field may be, for a message."""
    match next((fact for fact in model.facts if fact.name == field), None):
        case MoneyFact(lowest=lowest, highest=highest, at_most=at_most):
            bounds = [format_money(bound, model.currency) for bound in (lowest, highest)]
            limit = "" if at_most is None else f", at most {at_most}"
            return f"; an amount from {bounds[0]} to {bounds[1]}{limit}, written such as 20000.50"
        case CountFact(lowest=low, highest=high):
            return f"; a whole number from {low} to {high}"
        case CategoryFact(values=words):
            return f"; one of {', '.join(words)}"
        case DateFact():
            stretches = [(fact.arms[0].first, fact.arms[-1].last) for fact in model.dated if fact.by == field]
            if model.in_force is not None and model.in_force.by == field:
                stretches.append((model.in_force.first, model.in_force.last))
            last = min((last for _, last in stretches if last is not None), default=None)
            days = f", {_days(DateArm('', max(first for first, _ in stretches), last))}" if stretches else ""
            return f"; a day{days}, written such as 2013-05-02"
        case _:
            return ""


def _made_up(fact: Fact, model: Model) -> FactInput | None:
    match fact:
        case IdentifierFact():
            return "1"
        case DateFact():
            if model.in_force is not None and model.in_force.by == fact.name:
                return model.in_force.first
            return max([USUAL_DAY, *(dated.arms[0].first for dated in model.dated if dated.by == fact.name)])
        case MoneyFact() | CountFact() | CategoryFact():
            return None
        case _:
            assert_never(fact)
