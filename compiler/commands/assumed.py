"""What the proofs of a policy take for granted: bounds of its facts, ratios that nobody knows, the largest amount."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.driver import unknown_ratios
from compiler.explain.text import band_text
from compiler.model import Band, Constant, CountFact, Model, MoneyFact
from dsl.money import DOMAIN_TOP, Currency, format_money

OF_EVERY_POLICY = f"amounts and running totals up to {DOMAIN_TOP:,} smallest units; larger ones are rejected"
"""What the proofs of every policy take for granted, whatever it says itself."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that is true of every claim that the proofs speak of; others are rejected, or not known yet.

    kind   `bounds`, `at most` or `unknown ratio`
    about  the fact or the benefit
    text   in words
    line   of the policy that says so
    """

    kind: str
    about: str
    text: str
    line: int


def assumptions(model: Model) -> tuple[Assumption, ...]:
    """What a policy lets its proofs assume, besides OF_EVERY_POLICY, in the order of its text."""
    found: list[Assumption] = []
    for fact in model.facts:
        if not isinstance(fact, MoneyFact | CountFact):
            continue

        def written(value: int, money: bool = isinstance(fact, MoneyFact)) -> str:
            return format_money(value, model.currency) if money else f"{value:,}"

        lowest = f" from {written(fact.lowest)}" if fact.lowest else ""
        highest = f" up to {written(fact.highest)}" if fact.highest < DOMAIN_TOP else ""
        if lowest or highest:
            found.append(Assumption("bounds", fact.name, f"{fact.name}{lowest}{highest}", fact.span.line))
        if isinstance(fact, MoneyFact) and fact.at_most is not None:
            found.append(Assumption("at most", fact.name, f"{fact.name} at most {fact.at_most}", fact.span.line))
    for one in unknown_ratios(model):
        lowest, highest = one.limits
        cell = f" {'/'.join(one.cell)}" if one.cell else ""
        words = f"ratio of {one.benefit}{cell}{_band(one.band, model.currency)} between {lowest} and {highest}"
        found.append(Assumption("unknown ratio", one.benefit, words, one.ratio.span.line))
    return tuple(found)


def _band(band: Band, currency: Currency) -> str:
    """Which amounts a band is for; nothing for one that is for all."""
    whole = isinstance(band.lower.value, Constant) and band.lower.value.value == 0 and band.upper is None
    return "" if whole else f" {band_text(band, currency)}"
