"""The words of the diagnostics: complete, strict about placeholders, and in step with the table of codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.catalogue import LANGUAGES, fill, load_catalogue, placeholders, read_catalogue
from dsl.codes import CODES, diagnostics_page, find_code
from dsl.diagnostics import Diagnostic

SMALL = """
[TP101]
message = "a gap: {first} to {last}"
help = "close it"
proved = "every amount lies in a band"
labels.ends = "ends at {last}"

[TP101.single]
message = "a gap: {first}"
labels.begins = "begins here"
"""


def diagnostic(variant: str = "", **params: str) -> Diagnostic:
    return Diagnostic("TP101", (), tuple(params.items()), variant)


def test_the_usual_message_and_a_variant() -> None:
    catalogue = read_catalogue("en", SMALL)
    assert catalogue.message(diagnostic(first="1", last="2")) == "a gap: 1 to 2"
    assert catalogue.help(diagnostic(first="1", last="2")) == "close it"
    assert catalogue.proved("TP101") == "every amount lies in a band"
    assert catalogue.message(diagnostic("single", first="1")) == "a gap: 1"
    assert catalogue.help(diagnostic("single", first="1")) == ""


def test_a_label_falls_back_to_that_of_the_code() -> None:
    catalogue = read_catalogue("en", SMALL)
    assert catalogue.label(diagnostic("single", first="1"), "begins") == "begins here"
    assert catalogue.label(diagnostic("single", last="2"), "ends") == "ends at 2"
    assert catalogue.label(diagnostic(), "") == ""


def test_what_is_missing_is_our_own_mistake() -> None:
    catalogue = read_catalogue("en", SMALL)
    with pytest.raises(AssertionError, match="TP101 wants \\['last'\\]"):
        catalogue.message(diagnostic(first="1"))
    with pytest.raises(AssertionError, match=r"no entry TP101\.other"):
        catalogue.message(diagnostic("other"))
    with pytest.raises(AssertionError, match="no label `middle`"):
        catalogue.label(diagnostic(), "middle")
    with pytest.raises(AssertionError, match="unknown part massage"):
        read_catalogue("en", '[TP101]\nmassage = "x"')


def test_params_are_put_in_as_they_are() -> None:
    assert fill("{name} and {{braces}}", [("name", "{cost}")], "TP011") == "{cost} and {braces}"
    assert placeholders("{a} {b} {{c}}") == {"a", "b"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_and_codes_are_in_step(language: str) -> None:
    catalogue = load_catalogue(language)
    codes = {row.code for row in CODES}
    assert {key.split(".")[0] for key in catalogue.entries} == codes
    for key, entry in catalogue.entries.items():
        assert entry.message or any(other.startswith(f"{key}.") for other in catalogue.entries), f"{key} says nothing"
    for code in codes:
        if "TP101" <= code <= "TP105" or "TP201" <= code <= "TP205" or code in ("TP301", "TP302"):
            assert catalogue.proved(code)


def test_auto_is_a_language_that_exists() -> None:
    assert load_catalogue("auto") == load_catalogue(LANGUAGES[0])


def test_codes_are_unique_ordered_and_complete() -> None:
    assert [row.code for row in CODES] == sorted({row.code for row in CODES})
    for row in CODES:
        assert all((row.title, row.why, row.fix, row.example)), row.code
        assert row.why.endswith(".") and row.fix.endswith("."), row.code
        assert not row.title.endswith("."), row.code


def test_a_code_is_found_however_it_is_written() -> None:
    assert find_code(" tp101") is find_code("TP101")
    assert find_code("TP999") is None


def test_the_page_of_diagnostics_is_fresh() -> None:
    page = Path(__file__).parents[2] / "docs" / "diagnostics.md"
    assert page.read_text(encoding="utf-8") == diagnostics_page(), "run: tierproof explain --all > docs/diagnostics.md"
