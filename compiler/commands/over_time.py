"""What a comparison says of people with several claims in a period, as people read it and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from compiler.compare.result import Comparison, Found, History, Later
from compiler.evaluate import Claim
from compiler.explain.text import claim_text
from compiler.model import DateFact, IdentifierFact, Model
from dsl.money import format_money
from dsl.render import printable


def over_time(found: Comparison, model: Model) -> Iterator[str]:
    """Whether anybody is worse or better off over a period, and how much less or more one later claim is paid."""
    ways = _ways(found)
    nobody = [way for one, way, seen in ways if one is not None and one.slack is not None and not seen]
    by = max((one.slack or 0 for one, way, _ in ways if one is not None and way in nobody), default=0)
    if nobody:
        rounding = f", but for rounding: {format_money(by, model.currency)} at most for each claim" if by else ""
        yield f"   = over a period: nobody is paid {' or '.join(nobody)} in all{rounding}"
    for one, way, seen in ways:
        if one is not None and not seen and one.period is not None:
            amount = format_money(abs(one.period.gained), model.currency)
            whose = "" if one.period.of is None else '{} "{}" '.format(*one.period.of)
            yield f"   = over a period: some are paid {way} in all, {printable(whose)}by {amount} with these claims:"
            yield from _history(one.period, model)
        elif one is not None and not seen and one.slack is None:
            yield f"   = unknown: whether somebody is paid {way} in all over a period"
    known = [(one, way) for one, way, _ in ways if one is not None and one.each is not None]
    if known:
        yield f"   = a later claim: {'; '.join(_each(one, way, model) for one, way in known)}"
    for one, way in known:
        if one.single is not None:
            yield f"   = a later claim: {way} by that much as the last of these:"
            yield from _history(one.single, model)


def _ways(found: Comparison) -> Sequence[tuple[Later | None, str, bool]]:
    """What is known of later claims that are paid less, and more; and whether a first claim is already."""
    first = found.of_first
    return (
        (found.less, "less", first.worse_off is Found.SOMEBODY),
        (found.more, "more", first.better_off is Found.SOMEBODY),
    )


def _each(one: Later, way: str, model: Model) -> str:
    assert one.each is not None
    if not one.each:
        return f"never paid {way}"
    rounding = "by rounding " if one.slack is not None and one.each <= one.slack else ""
    return f"{rounding}paid {way} by {format_money(one.each, model.currency)} at most"


def _history(history: History, model: Model) -> Iterator[str]:
    aside = [fact.name for fact in model.facts if isinstance(fact, IdentifierFact | DateFact)]
    differing = [name for name in aside if len({claim[name] for claim in history.claims}) > 1]
    for claim, old, new in zip(history.claims, history.old, history.new, strict=True):
        was, now = format_money(old, model.currency), format_money(new, model.currency)
        facts = ", ".join([*(f"{name} {_aside(claim[name])}" for name in differing), claim_text(claim, model)])
        yield f"       {printable(facts)}: was {was}, is {now}"


def _aside(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else f'"{value}"'


# As data ----------------------------------------------------------------------------------------------


def over_time_record(found: Comparison) -> dict[str, object]:
    """The same as data; nothing where a later claim cannot differ from a first one."""
    ways = {way: (one, seen) for one, way, seen in _ways(found)}
    return {
        "over_a_period": {way: None if one is None else _period(one, seen) for way, (one, seen) in ways.items()},
        "later_claims": {way: None if one is None else _single(one) for way, (one, _) in ways.items()},
    }


def _period(one: Later, seen: bool) -> dict[str, object]:
    some = True if seen or one.period is not None else None if one.slack is None else False
    return {"some": some, "rounding": one.slack, "of": _whose(one.period), "claims": _claims(one.period)}


def _whose(history: History | None) -> dict[str, str] | None:
    return None if history is None or history.of is None else dict([history.of])


def _single(one: Later) -> dict[str, object]:
    return {"by": one.each, "claims": _claims(one.single)}


def _claims(history: History | None) -> list[dict[str, object]] | None:
    if history is None:
        return None
    rows = zip(history.claims, history.old, history.new, strict=True)
    return [{"claim": claim_as_data(claim), "old": old, "new": new} for claim, old, new in rows]


def claim_as_data(claim: Claim) -> dict[str, object]:
    """The facts of a claim; dates are ISO 8601."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in claim.items()}
