"""Bands whose every amount lies in others too, and what is said of a band that no claim reaches."""

from __future__ import annotations

import pytest

from compiler.findings import Refuted
from compiler.verify.checks import unreachable
from compiler.verify.ground import Ground
from tests.policies import model_of, one_benefit


def dead(*clauses: str, highest: str = "100") -> list[tuple[str, str]]:
    """Every band that is called dead, as it is written, and in which words."""
    text = one_benefit(*clauses).replace("cost money", f"cost money up to {highest}")
    lines = text.splitlines()
    found = [one for batch in unreachable.check(Ground(model_of(text), {}, {})) for one in batch]
    return [
        (lines[one.property.span.line - 1].split("%")[0].strip(), one.diagnostic.key)
        for one in found
        if isinstance(one, Refuted)
    ]


WHOLE = "pay on the whole amount"
BY_OTHERS, BY_ONE, UNDER = "TP103.hidden", "TP103.hidden_by_one", "TP103.under"
BEYOND, BETWEEN = "TP103", "TP103.between"


@pytest.mark.parametrize(
    ("bands", "hidden"),
    [
        # Others that begin where it begins, end where it ends, and meet in between.
        (("from 5 to 10 50%", "from 5 to 7 50%", "over 7 to 10 50%"), "from 5 to 10 50"),
        (("from 5 to 10 50%", "from 4 to 7 50%", "over 7 to 11 50%"), "from 5 to 10 50"),
        # The first of the others has a single amount of it.
        (("from 5 to 10 50%", "from 5 to 5 50%", "over 5 to 10 50%"), "from 5 to 10 50"),
        (("from 5 to 10 50%", "from 4 to 5 50%", "over 5 to 10 50%"), "from 5 to 10 50"),
        # The last of the others has a single amount of it.
        (("from 5 to 10 50%", "from 5 to under 10 50%", "from 10 to 20 50%"), "from 5 to 10 50"),
    ],
)
def test_a_band_is_hidden_where_others_have_every_amount_of_it(bands: tuple[str, ...], hidden: str) -> None:
    assert (hidden, BY_OTHERS) in dead(WHOLE, *(f"  {band}" for band in bands))


@pytest.mark.parametrize(
    "bands",
    [
        ("from 5 to 10 50%", "over 5 to 7 50%", "over 7 to 10 50%"),
        ("from 5 to 10 50%", "from 5 to 7 50%", "over 7 to under 10 50%"),
        ("from 5 to 10 50%", "from 5 to under 7 50%", "over 7 to 10 50%"),
        ("from 5 50%", "from 5 to 7 50%", "over 7 to 10 50%"),
    ],
)
def test_a_band_with_one_amount_of_its_own_is_not_hidden(bands: tuple[str, ...]) -> None:
    assert bands[0].split("%")[0] not in [band for band, _ in dead(WHOLE, *(f"  {band}" for band in bands))]


def test_a_band_of_a_single_amount_is_hidden_by_one_that_has_it() -> None:
    assert dead(WHOLE, "  from 5 to 5 50%", "  from 4 to 6 50%") == [("from 5 to 5 50", BY_ONE)]
    assert dead(WHOLE, "  from 5 to 5 50%", "  over 5 to 6 50%") == []


def test_a_band_that_has_its_own_amounts_for_one_word_is_not_hidden() -> None:
    """Above a deductible of 8 another band has them all; above one of 4 it has those up to 8 by itself."""
    above, below = "from 5 to 10 50", "over 8 to 20 50"
    bands = (WHOLE, f"  {above}%", f"  {below}%")
    assert dead("deductible by ward plain 8, private 4", *bands) == []
    assert dead("deductible by ward plain 8, private 9", *bands) == [(above, BY_ONE)]


def test_a_band_without_end_is_hidden_by_one_without_end_only() -> None:
    assert ("from 10 50", BY_ONE) in dead(WHOLE, "  from 5 50%", "  from 10 50%")
    assert ("from 10 to 20 50", BY_ONE) in dead(WHOLE, "  from 5 50%", "  from 10 to 20 50%")


def test_only_what_is_above_the_deductible_must_be_its_own() -> None:
    above, below = "from 3 to 8 50", "over 5 to 8 50"
    of_both = dead("deductible 5", WHOLE, f"  {above}%", f"  {below}%", "  over 8 50%")
    assert of_both == [(above, BY_ONE), (below, BY_ONE)]
    own = dead("deductible 4.99", WHOLE, f"  {above}%", f"  {below}%", "  over 8 50%")
    assert own == [(below, BY_ONE)]
    assert ("from 3 to 5 50", UNDER) in dead("deductible 5", WHOLE, "  from 3 to 5 50%", "  from 3 50%")


def beyond(*clauses: str) -> list[tuple[str, dict[str, str]]]:
    """What is said of the bands that no claim reaches, of claims up to 100."""
    model = model_of(one_benefit(*clauses).replace("cost money", "cost money up to 100"))
    found = [one for batch in unreachable.check(Ground(model, {}, {})) for one in batch if isinstance(one, Refuted)]
    return [(one.diagnostic.key, dict(one.diagnostic.params)) for one in found]


def test_the_smallest_amount_that_no_claim_comes_to_is_one_that_the_band_pays_on() -> None:
    """In slices a band from 100 on pays on what lies above 100; a claim of 100 does come to its beginning."""
    bands = ("  from 0 to under 100 50%", "  from 100 60%")
    assert beyond("pay in slices of the amount", *bands) == [(BEYOND, {"first": "100.01"})]
    assert beyond("pay on the whole amount", *bands) == []
    for within in ("over 99.99 to 100", "over 100 to 200"):
        answer = beyond("deductible by ward plain 50, private 100", WHOLE, "  from 0 to 99.99 50%", f"  {within} 60%")
        assert answer == ([] if within.startswith("over 99") else [(BETWEEN, {"first": "100.01", "last": "200.00"})])


def test_of_several_deductibles_the_smallest_amount_is_said() -> None:
    bands = ("pay in slices of the amount", "  over 90 50%")
    least = [(BEYOND, {"first": "150.01"})]
    assert beyond("deductible by ward plain 150, private 200", *bands) == least
    assert beyond("deductible by ward plain 200, private 150", *bands) == least


@pytest.mark.parametrize(
    ("base", "bands", "is_dead"),
    [
        # The largest amount is 100, and the second band begins to pay with 100 or 100.01.
        ("min(cost, 100)", ("pay in slices of the amount", "  from 0 to 99.99 50%", "  over 99.99 60%"), False),
        ("min(cost, 100)", ("pay in slices of the amount", "  from 0 to 100 50%", "  over 100 60%"), True),
        # The only amount above 50 is 70, which is the last or the first of a band, or lies right beside it.
        ("if cost < 50 then cost else 70", (WHOLE, "  from 0 to 60 50%", "  over 60 to 70 60%"), False),
        ("if cost < 50 then cost else 70", (WHOLE, "  from 0 to under 70 50%", "  from 70 to 80 60%"), False),
        (
            "if cost < 50 then cost else 70",
            (WHOLE, "  from 0 to 60 50%", "  over 60 to under 70 60%", "  from 70 50%"),
            True,
        ),
        ("if cost < 50 then cost else 70", (WHOLE, "  from 0 to 70 50%", "  over 70 to 80 60%"), True),
    ],
)
def test_a_band_that_one_amount_reaches_is_alive(base: str, bands: tuple[str, ...], is_dead: bool) -> None:
    text = one_benefit(*bands).replace("of cost", f"of {base}")
    found = [one for batch in unreachable.check(Ground(model_of(text), {}, {})) for one in batch]
    assert any(isinstance(one, Refuted) for one in found) == is_dead


def test_of_a_band_with_an_end_it_is_not_said_that_no_claim_comes_to_more() -> None:
    """Half of every claim is paid for, or 1,000: nothing lies between 60 and 70, and 1,000 lies above it."""
    clauses = (WHOLE, "  from 0 to under 60 50%", "  from 60 to 70 60%", "  over 70 50%")
    text = one_benefit(*clauses).replace("of cost", "of if cost < 50 then cost else 1,000")
    found = [one for batch in unreachable.check(Ground(model_of(text), {}, {})) for one in batch]
    assert [one.diagnostic.key for one in found if isinstance(one, Refuted)] == [BETWEEN]
