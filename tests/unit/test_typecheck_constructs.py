"""What does not fit together in the larger constructs of the language, each with the line it stands on."""

import pytest

from compiler.driver import load
from dsl.parser import parse
from dsl.source import Source
from dsl.tree import Standard
from tests.policies import mistakes_in, one_benefit

BASE = one_benefit("pay 50%")
WITH_DAYS = one_benefit("pay 50 * days").replace("cost money", "cost money\n  days count up to 366")


def block(*lines: str) -> str:
    """The usual policy with one more block, beginning on line 14."""
    return BASE + "\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        # counts
        (WITH_DAYS, []),
        (WITH_DAYS.replace("50 * days", "days * 50"), []),
        (one_benefit("deductible if cost over 500 then 100 else 50 per claim", "pay 50%"), []),
        (one_benefit("threshold over if ward is plain then 100 else 50", "pay 50%"), []),
        (WITH_DAYS.replace("50 * days", "days * cost"), [("TP012.times", 13)]),
        (WITH_DAYS.replace("50 * days", "rate * days") + "\nparameter rate = 50\n", []),
        (WITH_DAYS.replace("50 * days", "rate * days") + "\namount rate = 0.5 * cost\n", [("TP012.times", 13)]),
        (WITH_DAYS.replace("50 * days", "rate * days") + "\namount rate = rate\n", [("TP020", 15)]),
        (WITH_DAYS.replace("50 * days", "rate * cost") + "\nparameter rate = 50\n", [("TP012.times", 13)]),
        (WITH_DAYS.replace("50 * days", "days * days"), [("TP012.times", 13)]),
        (WITH_DAYS.replace("50 * days", "(if ward is plain then 50 else cost) * days"), [("TP012.times", 13)]),
        (WITH_DAYS.replace("50 * days", "(if ward is plain then 50 else 0.005) * days"), [("TP016", 13)]),
        (WITH_DAYS.replace("50 * days", "50 * 3"), [("TP012.times", 13)]),
        (WITH_DAYS.replace("50 * days", "cost + days"), [("TP012.counted", 13)]),
        (WITH_DAYS.replace("50 * days", "50 * max(0, days - 1.5)"), [("TP012.count", 13)]),
        (WITH_DAYS.replace("50 * days", "0.005 * days"), [("TP016", 13)]),
        (WITH_DAYS.replace("up to 366", "up to 36.6"), [("TP012.count", 9)]),
        (WITH_DAYS.replace("up to 366", "at most cost"), [("TP012.limit", 9)]),
        (WITH_DAYS.replace("  of cost", "  of cost\n  for days > 3 and days at most 10"), []),
        (WITH_DAYS.replace("  of cost", "  of cost\n  for days > cost"), [("TP012", 13)]),
        # parameters on one line
        (block("parameter line by ward  plain 10, private 20"), []),
        (block("parameter line, by ward: plain 10 otherwise 20", '  source "article 2"'), []),
        (block("parameter line by ward  plain 10, public 20"), [("TP014", 14)]),
        (block("parameter line by ward  plain 10, plain 20"), [("TP010.again", 14)]),
        (block("parameter line by ward  plain/private 10"), [("TP018.key", 14)]),
        (block("parameter line by day  plain 10"), [("TP018.no_days", 14)]),
        (block("parameter line by cost  plain 10"), [("TP012", 14)]),
        # unknown ratios
        (one_benefit("pay unknown"), []),
        (one_benefit("pay unknown between 60% and 50%"), [("TP023.limits", 12)]),
        (one_benefit("pay unknown between 60% and 150%"), [("TP017", 12)]),
        # the larger of two, shared deductibles
        (block("stack of cost", "  the larger of b or c"), [("TP011", 15)]),
        (block("stack of cost", "  the larger of b or b"), [("TP010.again", 15)]),
        (
            one_benefit("deductible 5 per person per calendar year, at most 9 per ward per calendar year", "pay 50%"),
            [("TP012", 12)],
        ),
        (
            one_benefit(
                "deductible 5 per person per calendar year, at most 9 per person per lifetime",
                "pay in slices of the amount",
                "  over 5  50%",
            ),
            [("TP019.deductible_period", 12)],
        ),
        # computed deductibles
        (one_benefit("deductible 10% of cost", "pay 50%"), []),
        (
            one_benefit("deductible 10% of cost", "pay cost").replace("  round half up to 0.01\n", ""),
            [("TP021", 11), ("TP019.formula_deductible", 12)],
        ),
        (
            one_benefit("deductible incme", "pay 50%").replace("cost money", "cost money\n  income money"),
            [("TP011.near", 13)],
        ),
        # amounts that lean on themselves through a deductible or the end of a band
        (one_benefit("deductible a", "pay 50%") + "\namount a = b\n", [("TP020", 12)]),
        (
            one_benefit("pay in slices of the amount", "  over 0 to a  5%", "  over a  6%") + "\namount a = b\n",
            [("TP020", 13)],
        ),
        # parameters
        (block("parameter x = 5", "parameter x = 6"), [("TP010", 15)]),
        (block("parameter x, by ward", "  plain 5", "  private 6"), []),
        (block("parameter x, by ward", "  plain 5", "  suite 6"), [("TP014", 16)]),
        (block("parameter x, by ward", "  plain 5", "  plain 6"), [("TP010.again", 16)]),
        (block("parameter x, by ward", "  from 2024-01-01 5"), [("TP018.days", 15)]),
        (block("parameter x, by cost", "  plain 5"), [("TP012", 14)]),
        (block("parameter x, by day, ward", "  from 2024-01-01 5"), [("TP018.no_heading", 14)]),
        # grids
        (
            one_benefit("pay by ward, ward2", "      a b", "  plain 5%", "  private 5% 6%").replace(
                "  ward plain", "  ward2 a | b\n  ward plain"
            ),
            [("TP018.grid", 15)],
        ),
        # policy years
        (one_benefit("pay 50%", "cap 5 per person per policy year from 02-29"), [("TP023.month_day", 13)]),
        # a split
        (block("split s", "  of cost", "  pay 50%"), [("TP013.shares", 14)]),
        (
            one_benefit("pay in slices of the amount, between b, c", "    b c", "  over 0 50% 50%"),
            [("TP107.between", 12)],
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text: str, mistakes: list[tuple[str, int]]) -> None:
    assert mistakes_in(text) == mistakes


STANDARD = """
standard floor
  title "At least half"
  source "a document"

require
  benefit ratio never falls
  benefit ratio at least 50%
"""


def test_a_standard_is_read_and_its_requirements_are_those_of_the_benefit_that_conforms() -> None:
    standard = parse(Source("floor.policy", STANDARD)).tree
    assert isinstance(standard, Standard)
    text = BASE.replace("currency CNY", "currency CNY\n  conforms to floor")
    loaded = load(Source("test.policy", text), {"floor": standard})
    assert loaded.model is not None
    (conformity,) = loaded.model.conformities
    assert (conformity.standard, conformity.benefit, len(conformity.requirements)) == ("floor", "b", 2)


def test_a_standard_that_is_not_there_is_named() -> None:
    text = BASE.replace("currency CNY", "currency CNY\n  conforms to floor")
    assert mistakes_in(text) == [("TP011.standard", 4)]


def test_a_header_conforms_only_where_there_is_one_benefit() -> None:
    standard = parse(Source("floor.policy", STANDARD)).tree
    assert isinstance(standard, Standard)
    two = BASE + "benefit c\n  of left\n  pay 5%\nstack of cost\n  b, then c\n"
    loaded = load(Source("t", two.replace("currency CNY", "currency CNY\n  conforms to floor")), {"floor": standard})
    assert [diagnostic.key for diagnostic in loaded.diagnostics] == ["TP013.conforms"]
    inside = two.replace("  pay 5%", "  pay 5%\n  conforms to floor")
    loaded = load(Source("t", inside), {"floor": standard})
    assert loaded.model is not None and loaded.model.conformities[0].benefit == "c"
