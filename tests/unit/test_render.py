"""How a diagnostic looks: carets stand under what they mean in any script, and nothing in a file can break it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dsl.catalogue import Catalogue, read_catalogue
from dsl.diagnostics import Diagnostic, Label, Severity
from dsl.render import COLOURED, PLAIN, display_width, render_record, render_text
from dsl.source import Source, Span

CATALOGUE: Catalogue = read_catalogue(
    "en",
    """
    [TP101]
    message = "bands leave a gap: amounts {first} to {last} are in no band"
    help = "if no gap is meant, write `over {end}` on line {line}"
    labels.ends = "this band ends here"
    labels.begins = "the next one begins here"

    [TP002]
    message = "the file is empty"
    """,
)

DRAFT = Source(
    "draft.policy",
    "policy draft\n"
    "    from  6,000 to 20,000      50%   51%\n"
    "    from 20,001 to 50,000      52%   53%\n"
    "\n"
    "    在职\t人员 to 20,000   50%\n",
)


def span(line: int, column: int, end_column: int, path: str = "draft.policy", end_line: int = 0) -> Span:
    return Span(path, line, column, end_line or line, end_column)


GAP = Diagnostic(
    "TP101",
    (Label(span(2, 20, 26), "ends"), Label(span(3, 5, 16), "begins")),
    (("first", "20,000.01"), ("last", "20,000.99"), ("end", "20,000"), ("line", "3")),
    claim="borne 20,000.01, illness general  ->  no ratio is defined (99 amounts)",
)


def shown(diagnostic: Diagnostic, source: Source = DRAFT) -> str:
    return render_text(diagnostic, source, CATALOGUE) + "\n"


def at(*spans: Span) -> Diagnostic:
    """A diagnostic without words at its labels."""
    return Diagnostic("TP002", tuple(Label(one, "") for one in spans))


def test_both_clauses_the_claim_and_the_help_are_shown() -> None:
    assert shown(GAP) == dedent(
        """\
        error[TP101]: bands leave a gap: amounts 20,000.01 to 20,000.99 are in no band
         --> draft.policy:2:20
        2 |     from  6,000 to 20,000      50%   51%
          |                    ^^^^^^ this band ends here
        3 |     from 20,001 to 50,000      52%   53%
          |     ^^^^^^^^^^^ the next one begins here
          = claim: borne 20,000.01, illness general  ->  no ratio is defined (99 amounts)
          = help: if no gap is meant, write `over 20,000` on line 3
        """
    )


def test_lines_left_out_are_marked_and_two_labels_can_share_a_line() -> None:
    assert shown(at(span(3, 5, 9), span(1, 1, 7), span(3, 32, 35))) == dedent(
        """\
        error[TP002]: the file is empty
         --> draft.policy:3:5
        1 | policy draft
          | ^^^^^^
        ...
        3 |     from 20,001 to 50,000      52%   53%
          |     ^^^^
          |                                ^^^
        """
    )


def test_carets_follow_wide_characters_and_tabs() -> None:
    assert shown(at(span(5, 8, 10), span(5, 14, 20))) == dedent(
        """\
        error[TP002]: the file is empty
         --> draft.policy:5:8
        5 |     在职    人员 to 20,000   50%
          |             ^^^^
          |                     ^^^^^^
        """
    )


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("在职", 4), ("，％", 4), ("e\u0301", 1), ("\t", 4), ("½", 1)])
def test_width_in_columns_of_a_terminal(text: str, width: int) -> None:
    assert display_width(text) == width


def test_a_place_without_characters_still_gets_a_caret() -> None:
    assert shown(at(span(4, 1, 1))).endswith("4 |\n  | ^\n")
    assert shown(at(span(99, 3, 3))).endswith("99 |\n   | ^\n")


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    assert "1 | policy draft\n  | ^^^^^^^^^^^^\n" in shown(at(span(1, 1, 5, end_line=3)))


def test_a_clause_in_another_file_is_named() -> None:
    far = Diagnostic("TP101", (GAP.labels[0], Label(span(7, 3, 9, "standard.policy"), "begins")), GAP.params)
    assert "  ::: standard.policy:7:3 the next one begins here\n" in shown(far)


def test_no_label_at_all_names_the_file() -> None:
    assert shown(Diagnostic("TP002", ())) == "error[TP002]: the file is empty\n --> draft.policy\n"


def test_a_long_line_is_shown_around_the_label() -> None:
    source = Source("long.policy", "a" * 5_000 + "HERE" + "b" * 5_000)
    lines = shown(at(span(1, 5_001, 5_005, "long.policy")), source).splitlines()
    assert lines[2].startswith("1 | ... aaa") and lines[2].endswith("bbb ...")
    assert len(lines[2]) < 200
    column = lines[3].index("^^^^")
    assert lines[2][column : column + 4] == "HERE"


def test_a_second_label_beyond_the_shown_piece_does_not_run_away() -> None:
    source = Source("long.policy", "a" * 10_000)
    for line in shown(at(span(1, 1, 5, "long.policy"), span(1, 9_000, 9_500, "long.policy")), source).splitlines():
        assert len(line) < 200


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    source = Source("bad.policy", "policy \x1b[2J\u202egnp.exe\n")
    text = shown(at(span(1, 8, 9, "bad.policy")), source)
    assert "1 | policy ?[2J?gnp.exe\n" in text


def test_colour_only_adds_escape_sequences() -> None:
    plain = render_text(GAP, DRAFT, CATALOGUE, PLAIN)
    coloured = render_text(GAP, DRAFT, CATALOGUE, COLOURED)
    for sequence in (COLOURED.error, COLOURED.frame, COLOURED.strong, COLOURED.end):
        assert sequence in coloured
        coloured = coloured.replace(sequence, "")
    assert coloured == plain


def test_a_note_is_called_a_note() -> None:
    assert shown(Diagnostic("TP002", (), severity=Severity.NOTE)).startswith("note[TP002]: ")


def test_as_data() -> None:
    record = render_record(GAP, DRAFT, CATALOGUE)
    assert list(record) == [
        "code", "severity", "message", "path", "line", "column", "end_line", "end_column", "labels", "claim", "help",
    ]  # fmt: skip
    assert record["labels"] == [
        {
            "path": "draft.policy",
            "line": 2,
            "column": 20,
            "end_line": 2,
            "end_column": 26,
            "message": "this band ends here",
        },
        {
            "path": "draft.policy",
            "line": 3,
            "column": 5,
            "end_line": 3,
            "end_column": 16,
            "message": "the next one begins here",
        },
    ]
    assert (record["path"], record["line"], record["column"]) == ("draft.policy", 2, 20)
    assert render_record(Diagnostic("TP002", ()), DRAFT, CATALOGUE)["line"] is None


def test_only_a_line_feed_ends_a_line() -> None:
    source = Source("feeds.policy", "one\ttwo\x0cthree\u2028four\r\nfive\r\n")
    assert source.line(1) == "one\ttwo\x0cthree\u2028four"
    assert source.line(2) == "five"
    assert source.line(0) == source.line(3) == source.line(9) == ""
