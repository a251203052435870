"""Every part of a Python calculator is checked in some way: held word for word, made by the policy's names, or read.

Each case here is a text that would settle claims wrongly, or do something else than settle them.
"""

from __future__ import annotations

import ast

import pytest

from compiler.emit.python import emit_python
from compiler.validate import Flaw, first_flaw
from compiler.validate.python_library import KNOWN, SIGNATURES
from tests import models
from tests.engines import constructs
from tests.generated import MARK

MODEL = models.ningxia()
TEXT = emit_python(MODEL, MARK)


def flaw_of(*changes: tuple[str, str]) -> Flaw | None:
    """The first flaw of a calculator in which texts are replaced, each once."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return first_flaw(MODEL, "python", text)


def within(function: str, old: str, new: str) -> tuple[str, str]:
    """A change in one function only."""
    (node,) = [one for one in ast.parse(TEXT).body if isinstance(one, ast.FunctionDef) and one.name == function]
    whole = "\n".join(TEXT.splitlines()[node.lineno - 1 : node.end_lineno])
    assert old in whole
    return whole, whole.replace(old, new, 1)


def test_the_text_is_proved_as_it_is() -> None:
    assert flaw_of() is None


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        ("_money_of", "return value", "return value * 2"),
        ("_money_of", "reason = _number_reason(value, lowest, highest)", "reason = None"),
        ("_money_of", 'value.strip(" "))', 'value.strip(" ")) or 5'),
        ("_text_of", 'not isinstance(value, str) or value == ""', 'value == ""'),
        ("_date_of", "re.fullmatch", "re.match"),
        ("_minor_units", "[0-9]{3}", "[0-9]{2}"),
        ("_illness_word", 'return "listed"', 'return "general"'),
        ("_as_csv", "(header, *rows)", "rows"),
        ("_table", "strict=True", "strict=False"),
        ("main", "return 1", "return 0"),
    ],
)
def test_reading_and_writing_in_another_way_is_refused(function: str, old: str, new: str) -> None:
    assert flaw_of(within(function, old, new)) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ledger = dict[str, int]", 'Ledger = dict[print("hi"), int]'),
        ('Literal["general", "listed"]', 'Literal["general", print("hi")]'),
        ('Literal["general", "listed"]', 'Literal["general"]'),
        ('_illness_words: Final = ("general", "listed")', '_illness_words: Final = ("general",)'),
        ("DIGITS: Final = 2", "DIGITS: Final = 3"),
        ("DIGITS: Final = 2", "DIGITS: Final = 2\nMORE: Final = 3"),
        ("DIGITS: Final = 2", "DIGITS: Final = 2\ncsv: Final = 3"),
        ("DIGITS: Final = 2", "DIGITS: Final = 2\nClaimError = Literal['general', 'listed']"),
        ("import csv\n", ""),
        ("import csv\n", "import csv\nimport csv\n"),
        ("from __future__ import annotations\n", ""),
        ("from typing import Final, Literal", "from typing import Final, Literal\nprint()"),
        ("    borne: int", "    borne: float"),
        ("    illness: Illness", "    illness: str"),
        ("    own_share: int", "    own_share: int\n    another: int"),
        ("    own_share: int", "    own_share: int = 0"),
        ("frozen=True", "frozen=False"),
        ("\n\nif __name__", "\n\ndef _more() -> None:\n    return None\n\n\nif __name__"),
        ("\n\nif __name__", "\n\ndef more_of(total: int) -> int:\n    return total\n\n\nif __name__"),
        ("\n\nif __name__", "\n\ndef _more_on(total: int) -> int:\n    return print(total)\n\n\nif __name__"),
        ("\n\nif __name__", "\n\nclass More:\n    pass\n\n\nif __name__"),
    ],
)
def test_another_module_is_refused(old: str, new: str) -> None:
    assert flaw_of((old, new)) is not None


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        ("critical_illness_of", "total: int", "total: float"),
        ("_critical_illness_formula", "total: int", "total: float"),
        ("critical_illness_of", ") -> int:", ") -> float:"),
        ("critical_illness_of", "total: int", "total: int = 0"),
        ("_settle", "ledger: Ledger", "book: Ledger"),
        ("_settle", "def _settle", "@print\ndef _settle"),
        ("_settle", '"total out of range", ledger)', '"total out of range")'),
        ("_broken_rule", "claim: Claim", "claim: Claim, *more: int"),
        ("_number_reason", "value: object, lowest: int", "lowest: int, value: object"),
        ("settle_all", "claims: Iterable[Claim]", "claims: Iterable[Claim] = ()"),
        ("settle", "ledger: Ledger)", "ledger: Ledger = {})"),
    ],
)
def test_other_parameters_are_refused(function: str, old: str, new: str) -> None:
    assert flaw_of(within(function, old, new)) is not None


def test_what_stands_on_the_line_of_a_docstring_is_seen() -> None:
    assert '"""Whether two paths lead to one file, links followed."""\n' in TEXT
    assert flaw_of(('links followed."""\n', 'links followed."""; return False\n')) is not None


def test_lines_are_those_that_python_counts() -> None:
    # A known function in a remark, and another one where the lines that only `splitlines` sees end.
    hidden = "\u2028".join(
        ("# x", "def _number(value: object) -> str:", '    return value if isinstance(value, str) else ""')
    )
    number = 'def _number(value: object) -> str:\n    return value if isinstance(value, str) else ""\n'
    other = "def _number(value: object) -> str:\n    return str(value)\n"
    assert flaw_of((number, f"{hidden}\n{other}")) is not None


def test_a_file_that_says_it_is_written_in_other_letters_is_refused() -> None:
    assert first_flaw(MODEL, "python", f"# coding: utf-7\n{TEXT}") is not None
    assert first_flaw(MODEL, "python", TEXT.replace("Money", "\0", 1)) is not None


def test_a_local_name_does_not_stand_for_something_else() -> None:
    own = "    own_share = claim.borne - critical_illness"
    assert flaw_of((own, f"    TOP = claim.borne\n{own}")) is not None
    assert flaw_of((own, f"    type = claim.borne\n{own}")) is not None


def test_an_amount_that_is_changed_after_it_was_computed_is_refused() -> None:
    returned = "    return Settlement(\n"
    given = "own_share := _critical_illness_formula(0, claim.illness)"
    again = f"    if ({given}) is None:\n        raise ClaimError('a', 'b')\n"
    assert flaw_of((returned, again + returned)) is not None


def test_a_name_that_a_condition_gives_is_known_after_it() -> None:
    old = "    if before_1 < 0:"
    assert (
        flaw_of((old, "    if before_1 < 0 and (before_1 := _critical_illness_formula(0, claim.illness)) is not None:"))
        is not None
    )


def test_every_part_that_is_held_is_in_some_calculator() -> None:
    texts = [TEXT, *(emit_python(constructs.construct(name), MARK) for name in constructs.BODIES)]
    found = {getattr(node, "name", "if __name__") for text in texts for node in ast.parse(text).body}
    assert {*KNOWN} - {"settle without totals"} <= found
    assert {*SIGNATURES} <= found


FUND = constructs.construct("ends in percent of a fact")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("if fund < 0:", "if fund < -1:"),
        ('raise ClaimError("fund", "negative")', 'raise ClaimError("cost", "negative")'),
        ('raise ClaimError("fund", "negative")', 'raise ClaimError("fund", "out of range")'),
        ("if fund > 100_000_000:", "if fund > 99_999_999:"),
    ],
)
def test_a_function_for_everybody_refuses_every_number_that_no_claim_has(old: str, new: str) -> None:
    text = emit_python(FUND, MARK)
    assert first_flaw(FUND, "python", text) is None
    assert old in text
    assert first_flaw(FUND, "python", text.replace(old, new, 1)) is not None
