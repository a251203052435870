"""Policies by chance, settled on every engine: what a drafter may combine, the engines must agree on."""

from __future__ import annotations

import os
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines.engines import Engine, reference
from tests.engines.random_claims import random_rows
from tests.policies import model_of

EXAMPLES = int(os.environ.get("POLICIES_BY_CHANCE", "25"))
ROWS = 60

HEADER = """\
policy p
  currency {currency}
  in force 2023-07-01 to 2024-06-30, by day
claim
  person identifier
  family identifier
  day date
  cost money up to 3,000
  due money at most cost
  ward plain | private | open_air
"""

PERIODS = ("calendar year", "lifetime")
CAPS = ("per claim", "per person per calendar year", "per family per lifetime")
PERCENTS = st.sampled_from(["0%", "0.01%", "1/3", "50%", "62.5%", "99.99%", "100%"])


@st.composite
def policies(draw: st.DrawFn) -> str:
    """A policy of one layer, or of a stack of two, without a gap and without a benefit above its base."""
    currency = draw(st.sampled_from(["CNY", "JPY", "KWD"]))
    smallest = {"CNY": "0.01", "JPY": "1", "KWD": "0.001"}[currency]
    layers = [draw(benefits("first", "cost", draw(st.booleans())))]
    if draw(st.booleans()):
        # What a second layer looks at must never be negative, so both pay in slices.
        layers = [draw(benefits("first", "due", False)), draw(benefits("second", "left", False))]
        layers.append("stack of cost\n  first, then second\n")
    return (HEADER + "".join(layers)).format(currency=currency, smallest=smallest)


@st.composite
def benefits(draw: st.DrawFn, name: str, base: str, on_the_whole: bool) -> str:
    """A benefit in whole amounts of the currency, but for its rounding."""
    added_up = not on_the_whole and draw(st.booleans())
    counted = f", added up per {draw(st.sampled_from(['person', 'family']))} per {draw(st.sampled_from(PERIODS))}"
    lines = [f"of {base}{counted if added_up else ''}"]
    deductible = draw(st.sampled_from([0, 0, 1, 200]))
    if draw(st.booleans()) and base != "left":
        lines.append("for ward is one of plain, open_air")
    if deductible:
        lines.append(f"deductible {deductible}")
    elif on_the_whole and draw(st.booleans()):
        lines.append(f"threshold {draw(st.sampled_from(['from', 'over']))} 100")
    ends = sorted({deductible, *draw(st.lists(st.integers(deductible + 1, 2_000), max_size=3))})
    columns = draw(st.booleans())
    lines.append(f"pay {'on the whole amount' if on_the_whole else 'in slices of the amount'}{', by ward' * columns}")
    if columns:
        lines.append("  " * 8 + "plain private open_air")
    for end, after in zip(ends, [*ends[1:], None], strict=True):
        ratios = " ".join(draw(PERCENTS) for _ in range(3 if columns else 1))
        lines.append(f"  over {end}{'' if after is None else f' to {after}'}   {ratios}")
    # No other rounding, and no jumps where claims are added up: a claim could be paid more than it cost.
    roundings = ["half up to {smallest}", "up to {smallest}", "down to {smallest}"]
    if not added_up:
        roundings += ["half even to {smallest}", "down to 10"]
    lines.append(f"round {draw(st.sampled_from(roundings))}")
    for claims in sorted(draw(st.sets(st.sampled_from(CAPS), max_size=2))):
        lines.append(f"cap {draw(st.sampled_from([10, 500, 1_000]))} {claims}")
    return f"benefit {name}\n" + "".join(f"  {line}\n" for line in lines)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(policies(), st.integers(0, 2**32))
def test_every_engine_agrees_with_the_reference(engines: dict[str, Engine], policy: str, seed: int) -> None:
    model = model_of(policy)
    rows = random_rows(model, Random(seed), ROWS, any_type=False)
    expected = reference(model, rows)
    for name, settle in engines.items():
        assert settle(model, rows) == expected, name
