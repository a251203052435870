"""What does not fit together in a policy that is spelt rightly, each with the line it stands on."""

import pytest

from tests.policies import mistakes_in, model_of, one_benefit

BASE = one_benefit("pay 50%")
TABLE = ("pay in slices of the amount, by ward", "       plain  private")


def header(line: str) -> str:
    """The usual policy with one more line in its header."""
    return BASE.replace("currency CNY", f"currency CNY\n  {line}")


def fact(line: str) -> str:
    """The usual policy with one more fact, on on line 9."""
    return BASE.replace("  ward plain", f"  {line}\n  ward plain").replace("\n  ward", "\n  ward")


def block(*lines: str) -> str:
    """The usual policy with one more block, beginning on line 14."""
    return BASE + "\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        # the header
        (BASE.replace("  currency CNY\n", ""), [("TP013", 2)]),
        (BASE.replace("CNY", "CNX"), [("TP011.currency", 3)]),
        (BASE.replace("CNY", "XAU"), [("TP011.currency", 3)]),
        (BASE.replace("CNY", "SGD"), []),
        (BASE.replace("CNY", "VND"), [("TP016", 4)]),
        (BASE.replace("CNY", "VND").replace("to 0.01", "to 1"), []),
        (BASE.replace("CNY", "BHD").replace("to 0.01", "to 0.001"), []),
        (BASE.replace("CNY", "BHD").replace("to 0.01", "to 0.0001"), [("TP016", 4)]),
        (header("currency CNY"), [("TP019.twice", 4)]),
        (header("in force 2024-02-01 to 2024-01-31, by day"), [("TP023.dates", 4)]),
        (header("in force from 2024-02-01, by person"), [("TP012", 4)]),
        (header("for wards is plain"), [("TP011.near", 4)]),
        (BASE.replace("to 0.01", "to 0"), [("TP023.unit", 4)]),
        (BASE.replace("to 0.01", "to 0.005"), [("TP016", 4)]),
        # the claim
        (BASE.replace("  cost money\n", "  cost money\n  cost date\n"), [("TP010", 9)]),
        (BASE.replace("cost money", "cost monny"), [("TP011.near", 8)]),
        (BASE.replace("cost money", "cost money up to 0.001"), [("TP016", 8)]),
        (BASE.replace("cost money", "cost money up to 1,000,000,000,000"), [("TP023.amount", 8)]),
        (BASE.replace("cost money", "cost money from 5 up to 4"), [("TP023.limits", 8)]),
        (BASE.replace("cost money", "cost money at most cost"), [("TP012.none", 8)]),
        (BASE.replace("cost money", "cost money at most day"), [("TP012.none", 8)]),
        (BASE.replace("day date", "day date up to 5"), [("TP012.limit", 7)]),
        (BASE.replace("plain | private", "plain | private | plain"), [("TP010.again", 9)]),
        (BASE.replace("person identifier", "own_share money"), [("TP015", 6)]),
        # a benefit
        (BASE.replace("  pay 50%\n", ""), [("TP013", 10)]),
        (BASE.replace("  of cost\n", ""), [("TP013", 10)]),
        (one_benefit("pay 50%", "pay 60%"), [("TP019.twice", 13)]),
        (one_benefit("pay 150%"), [("TP017", 12)]),
        (one_benefit("deductible 5", "threshold over 5", "pay 50%"), [("TP019.opening", 13)]),
        (one_benefit("deductible 5.001", "pay 50%"), [("TP016", 12)]),
        (one_benefit("deductible by ward plain 5 suite 6", "pay 50%"), [("TP014", 12)]),
        (one_benefit("deductible by ward plain 5 plain 6", "pay 50%"), [("TP010.again", 12)]),
        (one_benefit("deductible by person plain 5", "pay 50%"), [("TP012", 12)]),
        (one_benefit("deductible by ward plain 5%", "pay 50%"), [("TP012.entry_ratio", 12)]),
        (one_benefit("pay by ward plain 5 private 6%"), [("TP012.entry_amount", 12)]),
        (one_benefit("pay in slices above the deductible", "  over 0  50%"), [("TP019.no_deductible", 12)]),
        (one_benefit("pay in slices of the amount", "  over 5 to 5  50%"), [("TP023.band", 13)]),
        (one_benefit(*TABLE, "  over 0  50%"), [("TP018", 14)]),
        (one_benefit(*TABLE, "  over 0  50% 60% 70%"), [("TP018", 14)]),
        (one_benefit("pay in slices of the amount, by ward", "  over 0  50%"), [("TP018.no_heading", 12)]),
        (
            one_benefit("pay in slices of the amount", "    plain private", "  over 0  5% 6%"),
            [("TP018.no_categories", 13)],
        ),
        (
            one_benefit("pay in slices of the amount, by ward", "    plain/a private", "  over 0  5% 6%"),
            [("TP018.key", 13)],
        ),
        (one_benefit("pay 50%", "cap 5", "cap 6"), [("TP019.caps", 14)]),
        (one_benefit("pay 50%", "cap 5 per day per calendar year"), [("TP012", 13)]),
        (one_benefit("pay 50%", "round half up to 1", "cap 5.50 per person per lifetime"), [("TP022", 14)]),
        (one_benefit("pay 50%", "round half up to 1", "cap 5.50"), [("TP022", 14)]),
        (one_benefit("pay 50%", "round half up to 1", "cap 2 * cost"), [("TP022.computed", 14)]),
        (one_benefit("pay 50%", "round half up to 0.01", "cap 2 * cost"), []),
        (one_benefit("pay cost", "deductible 5"), [("TP019.formula_deductible", 12)]),
        (one_benefit("pay 50%").replace("  round half up to 0.01\n", ""), [("TP021", 11)]),
        (one_benefit("pay 50% of cost").replace("  round half up to 0.01\n", ""), [("TP021", 11)]),
        (BASE.replace("of cost", "of left"), [("TP013.left", 11)]),
        (one_benefit("for left > 5", "pay 50%"), [("TP012.left", 12)]),
        (one_benefit("pay min(cost, left)"), [("TP012.left", 12)]),
        (one_benefit("pay 50%", "cap left"), [("TP012.left", 13)]),
        (one_benefit("pay costs"), [("TP011.near", 12)]),
        (one_benefit("pay day"), [("TP012", 12)]),
        (one_benefit("for ward > plain", "pay 50%"), [("TP012.larger", 12)]),
        (one_benefit("for ward is suite", "pay 50%"), [("TP014", 12)]),
        (one_benefit("for ward is one of plain, suite", "pay 50%"), [("TP014", 12)]),
        # amounts, the stack
        (
            block("amount a = 50% of cost").replace("  round half up to 0.01\n", "").replace("pay 50%", "pay cost"),
            [("TP021", 13)],
        ),
        (block("amount a = b + c", "amount c = a"), [("TP020", 15)]),
        (block("benefit c", "  of cost", "  pay 5%"), [("TP013.order", 14)]),
        (block("stack of cost", "  b, then d"), [("TP011", 15)]),
        (block("benefit c", "  of cost", "  pay 5%", "stack", "  b"), [("TP013.layer", 14)]),
        (block("stack of cost", "  b, then b"), [("TP010.again", 15)]),
        (block("stack of 50% of cost", "  b"), [("TP012.cost", 14)]),
        (block("stack", "  b").replace("of cost", "of left"), [("TP013.cost", 11)]),
        # what must hold
        (block("require", "  b ratio at least 50%", "  d ratio at least 5%"), [("TP011", 16)]),
        (block("require", "  b ratio at least 5%").replace("pay 50%", "pay cost"), [("TP012.ratio", 15)]),
        (block("require", "  b never falls as day rises"), [("TP012", 15)]),
        (block("require", "  b for plain never below suite"), [("TP014.pair", 15)]),
        (block("require", "  always own share > x"), [("TP011", 15)]),
        (block('allow c own share falls because "x"'), [("TP011", 14)]),
        (block('example "e"', "  cost 5", "  expect b 2.50"), [("TP013.fact", 15)]),
        (block('example "e"', "  cost plain, ward plain", "  expect b 2.50"), [("TP012.value", 15)]),
        (block('example "e"', "  cost 5, ward suite", "  expect b 2.50"), [("TP014", 15)]),
        (block('example "e"', "  cost 5, ward plain, size 4", "  expect b 2.50"), [("TP011", 15)]),
        (block('example "e"', "  cost 5, ward plain"), [("TP013", 15)]),
        (block('example "e"', "  cost 5, ward plain", "  expect d 2.50"), [("TP011", 16)]),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text: str, mistakes: list[tuple[str, int]]) -> None:
    assert mistakes_in(text) == mistakes


def test_the_usual_policy_has_no_mistake() -> None:
    assert mistakes_in(BASE) == []


def test_a_deductible_of_another_period_wants_bands_above_it() -> None:
    clauses = ("deductible 5 per person per calendar year", "pay in slices of the amount", "  over 5  50%")
    assert mistakes_in(one_benefit(*clauses)) == [("TP019.deductible_period", 12)]


def test_running_totals_follow_one_date() -> None:
    text = one_benefit("pay 50%", "cap 5 per person per calendar year by day", "cap 6 per person per lifetime by other")
    assert mistakes_in(text.replace("day date", "day date\n  other date")) == [("TP019.dates", 15)]


def test_a_period_says_its_date_where_there_are_two() -> None:
    text = one_benefit("pay 50%", "cap 5 per person per calendar year").replace("day date", "day date\n  other date")
    assert mistakes_in(text) == [("TP013.date", 14)]


def test_an_amount_added_up_does_not_go_with_an_amount_for_each_claim() -> None:
    text = BASE.replace("of cost", "of cost, added up per person per calendar year").replace("pay 50%", "pay cost")
    assert mistakes_in(text) == [("TP019.formula_added_up", 12)]


def test_amounts_are_computed_after_what_they_read_wherever_they_stand() -> None:
    text = block("amount twice = once + once", "amount once = b")
    names = [amount.name for amount in model_of(text).amounts]
    assert names.index("b") < names.index("once") < names.index("twice")
