"""Policies by chance, settled on every engine: what a drafter may combine, the engines must agree on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.model import Model
from compiler.versions import merged, version_mistakes
from tests.engines.engines import Engine, reference
from tests.engines.random_claims import random_rows
from tests.policies import model_of

EXAMPLES = int(os.environ.get("POLICIES_BY_CHANCE", "25"))
ROWS = 60
SPARK_TAKES_ONE_IN = 5
"""Spark plans a query for seconds, whatever it reads."""

HEADER = """\
policy p
  currency {currency}
  in force {in_force}, by day
claim
  person identifier
  family identifier
  day date
  cost money up to 3,000
  due money at most cost
  fund money up to 3,000
  days count from 1 up to 40
  ward plain | private | open_air
"""

LINE = """\
parameter line, by day
  2023-07-01 to 2023-12-14   100
  from 2023-12-15   150
"""

WHOLE = ("2023-07-01 to 2024-06-30",)
PARTED = ("2023-07-01 to 2023-10-31", "2023-11-01 to 2024-01-31", "2024-02-02 to 2024-06-30")

PERIODS = ("calendar year", "lifetime", "month", "policy year from 10-02")
CAPS = (
    "cap {} per claim",
    "cap {} per person per calendar year",
    "cap {} per family per lifetime",
    "cap {} per family per month",
    "cap 20 * days per claim",
)
PERCENTS = ["0%", "1/3", "50%", "62.5%", "100%"]
FINE_PERCENTS = [*PERCENTS, "0.01%", "99.99%"]
"""Of a total of 10^13, and above ends that are parts of a minor unit themselves, such parts would need over 64 bits."""


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, ...]:
    """A policy, or the versions of one."""
    currency = draw(st.sampled_from(["CNY", "JPY", "KWD"]))
    stretches = draw(st.sampled_from([WHOLE, WHOLE, PARTED[:2], PARTED]))
    # Versions must compute in one order, and which of two is larger is known only after both.
    best = draw(st.booleans())
    return tuple(draw(versions(currency, in_force, best)) for in_force in stretches)


@st.composite
def versions(draw: st.DrawFn, currency: str, in_force: str, best: bool) -> str:
    """A policy of one layer, or of a stack, without a gap and without a benefit above its base."""
    smallest = {"CNY": "0.01", "JPY": "1", "KWD": "0.001"}[currency]
    layers = [draw(benefits("first", "cost", draw(st.booleans())))]
    if draw(st.booleans()):
        # What a second layer looks at must never be negative, so both pay in slices.
        layers = [draw(benefits("first", "left" if best else "due", False)), draw(benefits("second", "left", False))]
        if best:
            layers += [
                draw(benefits("third", "left", False)),
                "stack of cost\n  the larger of first or second, then third\n",
            ]
        else:
            layers.append("stack of cost\n  first, then second\n")
    text = "".join(layers)
    return (HEADER + (LINE if " line" in text else "") + text).format(
        currency=currency, smallest=smallest, in_force=in_force
    )


@st.composite
def bands(draw: st.DrawFn, deductible: str) -> list[tuple[str, str]]:
    """Where bands begin, each with the end of the one before; without a gap above the deductible."""
    if deductible.endswith("fund") or draw(st.integers(0, 3)) == 0:
        shares = sorted(draw(st.sets(st.sampled_from([1, 5, 6, 10, 33, 100]), min_size=1, max_size=3)))
        ends = ["0", *(f"{share}% of fund" for share in shares)]
    else:
        over = sorted(draw(st.sets(st.integers(201, 2_000), max_size=3)))
        ends = [deductible, *(str(end) for end in over)]
    under = draw(st.booleans()) and ends[0] == "0"
    uppers = [*(f" to {'under ' if under else ''}{end}" for end in ends[1:]), ""]
    return [(f"{'from' if under else 'over'} {end}", upper) for end, upper in zip(ends, uppers, strict=True)]


@st.composite
def benefits(draw: st.DrawFn, name: str, base: str, on_the_whole: bool) -> str:
    """A benefit in whole amounts of the currency, but for its rounding."""
    added_up = not on_the_whole and draw(st.booleans())
    counted = f", added up per {draw(st.sampled_from(['person', 'family']))} per {draw(st.sampled_from(PERIODS))}"
    lines = [f"of {base}{counted if added_up else ''}"]
    deductible = draw(st.sampled_from(["0", "0", "1", "200", "line", "7% of fund"]))
    if draw(st.booleans()) and base != "left":
        lines.append("for ward is one of plain, open_air")
    if deductible != "0":
        lines.append(f"deductible {deductible}")
    elif on_the_whole and draw(st.booleans()):
        end = draw(st.sampled_from(["100", "line", "2 * fund"]))
        lines.append(f"threshold {draw(st.sampled_from(['from', 'over']))} {end}")
    columns = draw(st.booleans())
    lines.append(f"pay {'on the whole amount' if on_the_whole else 'in slices of the amount'}{', by ward' * columns}")
    if columns:
        lines.append("  " * 8 + "plain private open_air")
    table = draw(bands(deductible))
    percents = st.sampled_from(PERCENTS if "fund" in table[-1][0] else FINE_PERCENTS)
    for lower, upper in table:
        ratios = " ".join(draw(percents) for _ in range(3 if columns else 1))
        lines.append(f"  {lower}{upper}   {ratios}")
    # No other rounding, and no jumps where claims are added up: a claim could be paid more than it cost.
    roundings = ["half up to {smallest}", "up to {smallest}", "down to {smallest}"]
    if not added_up:
        roundings += ["half even to {smallest}", "down to 10"]
    rounding = draw(st.sampled_from(roundings))
    lines.append(f"round {rounding}")
    # A cap that is computed is taken only where payments are rounded to the smallest unit (TP022).
    caps = CAPS if "{smallest}" in rounding else CAPS[:-1]
    for cap in sorted(
        {cap.partition(" per ")[2]: cap for cap in draw(st.lists(st.sampled_from(caps), max_size=2))}.values()
    ):
        lines.append(cap.format(draw(st.sampled_from([10, 500, 1_000]))))
    return f"benefit {name}\n" + "".join(f"  {line}\n" for line in lines)


def _one(texts: Sequence[str]) -> Model:
    """The policy whose versions these are. Days that none covers are wrong, but engines must agree on them."""
    models = [model_of(text) for text in texts]
    mistakes = [mistake for mistake in version_mistakes(models) if mistake.variant != "versions_hole"]
    assert len(models) == 1 or not mistakes
    return merged(models)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(policies(), st.integers(0, 2**32))
def test_every_engine_agrees_with_the_reference(engines: dict[str, Engine], policy: Sequence[str], seed: int) -> None:
    model = _one(policy)
    rows = random_rows(model, Random(seed), ROWS, any_type=False)
    expected = reference(model, rows)
    for name, settle in engines.items():
        if name == "spark" and seed % SPARK_TAKES_ONE_IN:
            continue
        assert settle(model, rows) == expected, name
