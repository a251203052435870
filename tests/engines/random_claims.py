"""Claims by chance, close to where a policy changes its mind, some of them wrong in every way that claims are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import floor
from random import Random
from typing import Any

from compiler.emit.code import Ladder, walk_code
from compiler.emit.integer import whole_number_code
from compiler.evaluate import value_of, with_dated_words
from compiler.model import (
    CLAIM_NUMBER,
    AmountValue,
    CategoryFact,
    Constant,
    CountFact,
    DateFact,
    Expression,
    Fact,
    IdentifierFact,
    Model,
    MoneyFact,
    Schedule,
    children,
    walk,
)

ODD_TEXTS = ("é", "Z", "a", "王", "￥", "😀", "10", "9", "O'Hara", 'q"q', "a\\b", "--", "%s", " ")
"""Texts whose order by code point differs from most other orders, and texts that badly printed SQL trips over."""


def random_rows(model: Model, random: Random, count: int, *, any_type: bool) -> list[dict[str, Any]]:
    """Rows of claims in no order; about one in eight is wrong. `any_type`: some values are of another type."""
    ends = boundaries(model)
    people = [f"p{n:04d}" for n in range(max(count // 4, 1))] + list(ODD_TEXTS)
    rows = [_row(model, random, ends, people, f"c{n:06d}") for n in range(count)]
    for row, text in zip(rows, ODD_TEXTS, strict=False):
        row[CLAIM_NUMBER] = text
    keys = {total.key for total in model.running_totals}
    for row in random.sample(rows, count // 30):
        # A duplicate agrees in key, date and claim number; half of these agree in two of the three only.
        other = random.choice(rows)
        row[CLAIM_NUMBER] = other[CLAIM_NUMBER]
        for fact in model.facts:
            if isinstance(fact, DateFact) or (fact.name in keys and random.random() < 0.5):
                row[fact.name] = other[fact.name]
    for row in random.sample(rows, count // 8):
        name = random.choice([CLAIM_NUMBER, *(fact.name for fact in model.facts)])
        row[name] = _wrong(next((fact for fact in model.facts if fact.name == name), None), random, any_type)
    return rows


def boundaries(model: Model) -> list[int]:
    """The amounts at which some ladder of the policy takes its next step, 0 among them."""
    code = whole_number_code(model)
    bodies = [*(function.body for function in code.functions), *(amount.value for amount in code.amounts)]
    ladders = [node for body in bodies for node in walk_code(body) if isinstance(node, Ladder)]
    return sorted({0, *(step.last for ladder in ladders for step in ladder.steps)})


def moving_values(model: Model) -> list[Expression]:
    """The ends of bands, and deductibles or thresholds, that follow from the facts of a claim."""
    schedules = [node for amount in model.amounts for node in walk(amount.expression) if isinstance(node, Schedule)]
    found = [inner for schedule in schedules for inner in children(schedule)[1:] if not isinstance(inner, Constant)]
    return [inner for inner in dict.fromkeys(found) if not any(isinstance(node, AmountValue) for node in walk(inner))]


def _row(model: Model, random: Random, ends: Sequence[int], people: Sequence[str], number: str) -> dict[str, Any]:
    row: dict[str, Any] = {CLAIM_NUMBER: number}
    for fact in model.facts:
        row[fact.name] = _value(fact, model, random, ends, people)
    money = [fact for fact in model.facts if isinstance(fact, MoneyFact)]
    moving = moving_values(model)
    if moving and random.random() < 0.6:
        # Where the ends of bands follow from the claim, it is close to one of them.
        end = floor(value_of(random.choice(moving), with_dated_words(model, row), {}, {}))
        fact = random.choice(money)
        row[fact.name] = min(max(end + random.randint(-2, 2), fact.lowest), fact.highest)
    for fact in model.facts:
        if isinstance(fact, MoneyFact) and fact.at_most is not None and random.random() < 0.9:
            row[fact.name] = random.choice([row[fact.at_most], row[fact.name] % (row[fact.at_most] + 1)])
    return row


def _value(fact: Fact, model: Model, random: Random, ends: Sequence[int], people: Sequence[str]) -> Any:
    match fact:
        case IdentifierFact():
            return random.choice(people[: len(people) // 3] if random.random() < 0.5 else people)
        case CategoryFact(values=words):
            return random.choice(words)
        case DateFact():
            return random.choice(days_of_note(model, fact.name, random))
        case MoneyFact(lowest=lowest, highest=highest):
            return min(max(_amount(random, ends, highest), lowest), highest)
        case CountFact(lowest=lowest, highest=highest):
            return random.choice([lowest, highest, random.randint(lowest, min(highest, lowest + 20))])


def days_of_note(model: Model, fact: str, random: Random) -> list[date]:
    """Days by chance of about a year, and those on which something changes: versions, parameters, the policy year."""
    days = [] if model.in_force is None or model.in_force.by != fact else [model.in_force.first, model.in_force.last]
    for dated in model.dated:
        days += [day for arm in dated.arms if dated.by == fact for day in (arm.first, arm.last)]
    known = sorted({day for day in days if day is not None and day.year > 1}) or [date(2013, 1, 1)]
    first, last = known[0], max(known[-1], known[0] + timedelta(days=364))
    between = [first + timedelta(days=random.randrange((last - first).days + 1)) for _ in range(len(known) + 2)]
    begins = [
        date(first.year + 1, total.period.month, total.period.day) + timedelta(days=random.choice([-1, 0]))
        for total in model.running_totals
    ]
    return [*known, *between, *(day for day in begins if first <= day <= last)]


def _amount(random: Random, ends: Sequence[int], highest: int) -> int:
    near = random.choice(ends) + random.randint(-2, 2)
    match random.randrange(30):
        case 0:
            return random.choice([highest, highest - 1, random.randint(0, highest)])
        case 1 | 2 | 3:
            return random.randint(0, 300)
        case 4 | 5 | 6:
            return random.randint(0, max(ends) * 2 + 1000)
        case choice if choice < 20:
            # From one step to another, so that a running total comes out right at the second.
            return abs(near - random.choice(ends))
        case _:
            return near


def _wrong(fact: Fact | None, random: Random, any_type: bool) -> Any:
    """A value that breaks a rule, or rarely does not."""
    wrong: list[Any]
    other_types: list[Any]
    match fact:
        case None | IdentifierFact():
            wrong, other_types = [None, ""], [7, 1.5, b"x"]
        case CategoryFact(values=words):
            wrong, other_types = [None, "", words[0].upper(), f"{words[0]} ", "nothing"], [0, b"general"]
        case DateFact():
            wrong = [None, date(1, 1, 1), date(9999, 12, 31), date(2012, 12, 31), date(2014, 1, 1)]
            other_types = [
                "",
                "2013-02-30",
                "2013-2-1",
                "2013-05-01 10:00",
                "0000-01-01",
                "-0001-01-01",
                "now",
                2456293,
            ]
        case MoneyFact(highest=highest) | CountFact(highest=highest):
            wrong, other_types = [None, -1, -(2**63), highest + 1, 2**63 - 1], ["", "100", "12o", 100.0, 0.5, b"5"]
    return random.choice([*wrong, *(other_types if any_type else [])])
