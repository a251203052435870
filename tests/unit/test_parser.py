"""How a policy may be written, and what is said where it is misspelt."""

from fractions import Fraction
from pathlib import Path

import pytest

from compiler.model import Constant, Deductible, Schedule, walk
from dsl.build import RULES
from dsl.parser import _grammar, parse
from dsl.rules.nodes import NODES
from dsl.source import Source
from tests.policies import diagnostics_of, mistakes_in, model_of, one_benefit


def the_deductible(text: str) -> int:
    """The deductible of benefit `b` in fen."""
    schedules = [node for node in walk(model_of(text).amount("b").expression) if isinstance(node, Schedule)]
    opening = schedules[0].opening
    assert isinstance(opening, Deductible) and isinstance(opening.amount, Constant)
    return opening.amount.value


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("6000", 6_000_00),
        ("6,000", 6_000_00),
        ("6,000.5", 6_000_50),
        ("6,000.50", 6_000_50),
        ("２０，０００", 20_000_00),
        ("2万", 20_000_00),
        ("2万元", 20_000_00),
        ("1.5 万元", 15_000_00),
        ("6,000元", 6_000_00),
    ],
)
def test_amounts_as_people_write_them(written: str, fen: int) -> None:
    assert the_deductible(one_benefit(f"deductible {written}", "pay 50%")) == fen


def test_full_width_signs_and_names_in_any_script_are_read() -> None:
    text = one_benefit("of 费用".replace("of 费用", "deductible 100"), "pay ５０％").replace("cost", "费用")
    assert "费用" in [fact.name for fact in model_of(text).facts]


def test_full_width_signs_in_a_text_stay_as_they_were_typed() -> None:
    text = one_benefit("pay 50%").replace("currency CNY", "currency CNY\n  title “大病保险（试行），第1条”")
    assert model_of(text).title == "大病保险（试行），第1条"


def test_comments_blank_lines_and_a_missing_last_line_break_mean_nothing() -> None:
    plain = one_benefit("pay 50%")
    commented = (
        "# first\n\n" + plain.replace("  of cost", "  of cost   # remark\n\n      # another").rstrip() + "  # end"
    )
    assert model_of(commented) == model_of(plain)


@pytest.mark.parametrize("sign", ["\f", "\v", "\x85", "\u2028"])
def test_only_a_line_end_ends_a_line(sign: str) -> None:
    text = one_benefit("pay 50%").replace("currency CNY", f'currency CNY  # one{sign}two\n  title "Cover"')
    assert model_of(text).title == "Cover"


def test_windows_line_ends_are_line_ends() -> None:
    assert model_of(one_benefit("pay 50%").replace("\n", "\r\n")) == model_of(one_benefit("pay 50%"))


def test_a_line_break_inside_parentheses_means_nothing() -> None:
    text = one_benefit("pay 50%").replace("of cost", "of min(cost,\n100)")
    assert model_of(text) == model_of(text.replace(",\n", ", "))


def test_the_heading_of_a_table_may_stand_further_in_than_its_rows() -> None:
    model_of(one_benefit("pay in slices of the amount, by ward", "             plain  private", "  over 0   50%   60%"))


def test_minus_binds_to_the_term_behind_it() -> None:
    text = one_benefit("pay 50%").replace("of cost", "of cost - 10 + 5 - 2")
    from compiler.evaluate import settle_all
    from tests.policies import amount_of, claims

    (outcome,) = settle_all(model_of(text), claims([{"cost": 100_00}]))
    assert amount_of(outcome, "b.base") == 93_00


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", ("TP002", 1)),
        ("\n# nothing\n", ("TP002", 1)),
        (one_benefit("pay 50%").replace("policy p", "polcy p"), ("TP006.meant", 2)),
        (one_benefit("deductable 100", "pay 50%"), ("TP006.meant", 12)),
        (one_benefit("pay in slice of the amount", "  over 0  50%"), ("TP006.meant", 12)),
        (one_benefit("pay 50% of"), ("TP006.end", 12)),
        (one_benefit("pay 50%", "cap per person per month by ward plain 5, private 6"), ("TP006.category", 13)),
        (
            one_benefit("pay 50%", "cap per person per month by ward", "  plain 5", "  private 6"),
            ("TP006.category", 13),
        ),
        (one_benefit("deductible per person per month by ward: plain 5, private 6", "pay 50%"), ("TP006.category", 12)),
        (one_benefit("pay 50%", "cap per person per month by day plain 5, private 6"), ("TP006", 13)),
        (one_benefit("pay 50% ; 3"), ("TP006.sign", 12)),
        (one_benefit("pay 50%").replace("currency CNY", 'currency CNY\n  title "open'), ("TP005", 4)),
        (one_benefit("\tpay 50%"), ("TP004.tabs", 12)),
        (one_benefit("pay 50%", "   cap 5"), ("TP004.deeper", 13)),
        (
            one_benefit("pay in slices of the amount", "    over 0 to 5 50%", "  over 5 to 6 5%", " over 6 6%"),
            ("TP004", 15),
        ),
        (one_benefit("pay " + "(" * 50 + "cost" + ")" * 50), ("TP007", 12)),
        (one_benefit("deductible 6,00", "pay 50%"), ("TP008", 12)),
        (one_benefit("pay 1/0"), ("TP008.nought", 12)),
        (one_benefit(f"deductible {'9' * 5000}", "pay 50%"), ("TP008.long", 12)),
        (one_benefit(f"pay 50.{'1' * 5000}%"), ("TP008.long", 12)),
        (one_benefit("pay 50%") + "require\n  b ratio at least 3\n", ("TP006.ratio", 14)),
        (one_benefit("pay 50%") + "benefit c\n  off cost\n", ("TP006.meant", 14)),
        (
            one_benefit("pay 50%").replace("currency CNY", "currency CNY\n  in force from 99999-01-01, by day"),
            ("TP006", 4),
        ),
        (
            one_benefit("pay 50%").replace("currency CNY", "currency CNY\n  in force from 2013-02-30, by day"),
            ("TP023", 4),
        ),
        (one_benefit("pay 50%").replace("benefit b", "benefit cap"), ("TP015", 10)),
        ("policy p\nbenefit b\nclaim\n  cost money\n", ("TP013.block", 2)),
    ],
)
def test_a_misspelt_line_is_named_with_its_place(text: str, mistake: tuple[str, int]) -> None:
    assert mistakes_in(text) == [mistake]


def test_one_run_shows_several_misspelt_lines_and_no_consequences() -> None:
    text = one_benefit("deductable 100", "pay in slice of the amount", "  over 0 50%", "round half upp to 0.01")
    assert mistakes_in(text.replace("currency", "curency")) == [
        ("TP006.meant", 3),
        ("TP006.meant", 12),
        ("TP006.meant", 13),
        ("TP006.meant", 15),
    ]


def test_a_standard_is_told_its_own_mistakes_and_no_consequences() -> None:
    assert mistakes_in("standard half\nrequire\n  b ratio at least 50%\n") == [("TP006.whose_ratio", 3)]
    assert mistakes_in('standard half\n  title "Half"\n') == [("TP006.end", 2)]


def test_a_meant_word_is_offered() -> None:
    (mistake,) = diagnostics_of(one_benefit("deductable 100", "pay 50%"))
    assert dict(mistake.params) == {"found": "deductable", "meant": "deductible"}


def test_every_node_of_a_real_policy_has_its_place() -> None:
    path = Path("policies/ningxia/critical_illness_2013.policy")
    policy = parse(Source(str(path), path.read_text("utf-8"))).tree
    assert policy is not None
    lines = path.read_text("utf-8").splitlines()
    from dataclasses import fields, is_dataclass

    def visit(node: object) -> int:
        if isinstance(node, tuple):
            return sum(visit(part) for part in node)
        if not is_dataclass(node) or not hasattr(node, "span"):
            return 0
        span = node.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert lines[span.line - 1][span.column - 1 : span.column].strip(), node
        return 1 + sum(visit(getattr(node, field.name)) for field in fields(node) if field.name != "span")

    assert visit(policy) > 100


def test_ratios_are_exact() -> None:
    text = one_benefit("pay 1/3")
    (band,) = [node.bands[0] for node in walk(model_of(text).amount("b").expression) if isinstance(node, Schedule)]
    assert band.ratios[0].ratio == Fraction(1, 3)


@pytest.mark.parametrize("heading", ["  plain private", "                  plain   private"])
def test_a_parameter_with_a_source_may_set_its_heading_further_in(heading: str) -> None:
    table = f'\nparameter line, by day, ward\n  source "article 2"\n{heading}\n  from 2023-01-01   100   300\n'
    assert mistakes_in(one_benefit("deductible line", "pay 50%") + table) == []


def test_a_word_of_the_language_as_a_name_is_shown_once_and_hides_nothing() -> None:
    text = one_benefit("deductible standard", "pay 50%").replace("cost money", "cost money\n  standard money")
    assert mistakes_in(text + '\nexample "e"\n  cost 1, standard 1\n  expect b 0\n') == [("TP015", 9)]
    assert mistakes_in(text.replace("pay 50%", "pay 50% 60%")) == [("TP015", 9), ("TP006.superfluous", 14)]


def test_every_rule_of_the_grammar_has_one_way_to_its_node() -> None:
    lark = _grammar()
    inlined = {name for name in (str(rule.origin.name) for rule in lark.rules) if name.startswith("_")}
    rules = {rule.alias or str(rule.origin.name) for rule in lark.rules if not rule.options.expand1 or rule.alias}
    assert rules - inlined == {*NODES, *RULES}
    assert not {*NODES} & {*RULES}
