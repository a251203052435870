"""The parser's raw tree -> the nodes of `dsl/tree.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from lark import Token, Transformer, Tree
from lark.tree import Meta

from dsl import tree
from dsl.money import RoundingMode
from dsl.source import Source, Span
from dsl.tree import OTHERWISE

_ROUNDING = {
    "ROUND_HALF_UP": RoundingMode.HALF_UP,
    "ROUND_HALF_EVEN": RoundingMode.HALF_EVEN,
    "ROUND_UP": RoundingMode.UP,
    "ROUND_DOWN": RoundingMode.DOWN,
}
MOST_DIGITS = 40
"""No amount and no ratio of any policy has as many; Python itself refuses numbers of some thousands."""

_SCALES = {"万": 10_000, "亿": 100_000_000}


@dataclass
class LeafError(Exception):
    """A word that looks right but has no value: a malformed number, a day that does not exist."""

    code: str
    text: str
    span: Span
    variant: str = ""


def build(raw: Tree[Any], source: Source) -> tree.Policy | tree.Standard:
    """The nodes of a whole file. Raises LeafError at the first word without a value."""
    result = _Builder(source).transform(raw)
    assert isinstance(result, tree.Policy | tree.Standard)
    return result


class _Builder(Transformer[Any, Any]):
    """One method for each rule of the grammar, each from parts to node."""

    def __init__(self, source: Source) -> None:
        super().__init__(visit_tokens=False)
        self._source = source
        self._lines = source.text.splitlines(keepends=True)

    def _call_userfunc(self, raw: Tree[Any], new_children: list[Any] | None = None) -> Any:
        children = raw.children if new_children is None else new_children
        parts = [part for child in children if (part := self._leaf(child)) is not _WORD]
        make: Callable[..., Any] = getattr(self, str(raw.data))
        return make(self._span(raw.meta), *parts)

    def _span(self, meta: Meta | Token) -> Span:
        if getattr(meta, "empty", False):
            return Span(self._source.path, 1, 1, 1, 1)
        assert meta.line is not None and meta.column is not None
        assert meta.end_line is not None and meta.end_column is not None
        return Span(self._source.path, meta.line, meta.column, meta.end_line, meta.end_column)

    def _leaf(self, child: Any) -> Any:
        """The value of a token; `_WORD` for a keyword or sign, which says nothing once the rule is known."""
        if not isinstance(child, Token):
            return child
        match child.type:
            case "NAME":
                return tree.Name(str(child), self._span(child))
            case "OWN_SHARE":
                return tree.Name("own_share", self._span(child))
            case "NUMBER":
                return tree.Number(self._number(child), self._span(child))
            case "PERCENT":
                return tree.Ratio(self._number(child) / 100, self._span(child))
            case "OTHERWISE":
                return tree.Name(OTHERWISE, self._span(child))
            case "PER_POLICY_YEAR":
                return self._month_day(child)
            case "DATE":
                return tree.Day(self._day(child), self._span(child))
            case "STRING":
                return tree.Text(self._original(child)[1:-1], self._span(child))
            case kind if kind in _ROUNDING:
                return _ROUNDING[kind]
            case _:
                return _WORD

    def _number(self, token: Token) -> Fraction:
        digits, scale = str(token).rstrip("%").rstrip().removesuffix("元").rstrip(), 1
        if digits and digits[-1] in _SCALES:
            digits, scale = digits[:-1].rstrip(), _SCALES[digits[-1]]
        if len(digits) > MOST_DIGITS:
            raise LeafError("TP008", f"{digits[:10]}...", self._span(token), "long")
        major, _, decimals = digits.partition(".")
        groups = major.split(",")
        if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
            raise LeafError("TP008", str(token), self._span(token))
        return Fraction(int("".join(groups) + decimals), 10 ** len(decimals)) * scale

    def _day(self, token: Token) -> date:
        try:
            return date.fromisoformat(str(token))
        except ValueError:
            raise LeafError("TP023", str(token), self._span(token)) from None

    def _month_day(self, token: Token) -> tuple[int, int]:
        """A day that every year has."""
        try:
            day = date.fromisoformat(f"2023-{token[-5:]}")
        except ValueError:
            raise LeafError("TP023", str(token)[-5:], self._span(token), "month_day") from None
        return (day.month, day.day)

    def _original(self, token: Token) -> str:
        """The text of a token as the drafter typed it, before full-width signs became plain ones."""
        assert token.line is not None and token.column is not None
        return self._lines[token.line - 1][token.column - 1 : token.column - 1 + len(token)]

    # Header and claim

    def policy(self, span: Span, header: tree.Header, *blocks: tree.Block) -> tree.Policy:
        return tree.Policy(header, blocks, span)

    def header(self, span: Span, name: tree.Name, *clauses: tree.HeaderClause | None) -> tree.Header:
        return tree.Header(name, _present(clauses), span)

    def title(self, span: Span, text: tree.Text) -> tree.Title:
        return tree.Title(text, span)

    def source_note(self, span: Span, text: tree.Text) -> tree.SourceNote:
        return tree.SourceNote(text, span)

    def currency(self, span: Span, code: tree.Name) -> tree.CurrencyClause:
        return tree.CurrencyClause(code, span)

    def in_force_between(self, span: Span, first: tree.Day, last: tree.Day, by: tree.Name) -> tree.InForceClause:
        return tree.InForceClause(first, last, by, span)

    def in_force_from(self, span: Span, first: tree.Day, by: tree.Name) -> tree.InForceClause:
        return tree.InForceClause(first, None, by, span)

    def for_clause(self, span: Span, condition: tree.Condition) -> tree.For:
        return tree.For(condition, span)

    def round_clause(self, span: Span, mode: RoundingMode, unit: tree.Number) -> tree.RoundClause:
        return tree.RoundClause(mode, unit, span)

    def status_draft(self, span: Span) -> tree.DraftClause:
        return tree.DraftClause(span)

    def conforms_to(self, span: Span, standard: tree.Name) -> tree.ConformsTo:
        return tree.ConformsTo(standard, span)

    def claim_block(self, span: Span, *facts: tree.FactLine) -> tree.ClaimBlock:
        return tree.ClaimBlock(facts, span)

    def plain_fact(self, span: Span, name: tree.Name, kind: tree.Name, *limits: tree.FactLimit) -> tree.PlainFact:
        return tree.PlainFact(name, kind, limits, span)

    def word_fact(self, span: Span, name: tree.Name, *words: tree.Name) -> tree.WordFact:
        return tree.WordFact(name, words, span)

    def from_limit(self, span: Span, value: tree.Number) -> tree.FromLimit:
        return tree.FromLimit(value, span)

    def up_to_limit(self, span: Span, value: tree.Number) -> tree.UpToLimit:
        return tree.UpToLimit(value, span)

    def at_most_fact(self, span: Span, fact: tree.Name) -> tree.AtMostFact:
        return tree.AtMostFact(fact, span)

    # Parameters

    def plain_parameter(self, span: Span, name: tree.Name, value: tree.Number) -> tree.PlainParameter:
        return tree.PlainParameter(name, value, span)

    def parameter_table(
        self,
        span: Span,
        name: tree.Name,
        by: tuple[tree.Name, ...],
        *rest: tree.SourceNote | tuple[tree.CellKey, ...] | tree.ParameterRow | None,
    ) -> tree.ParameterTable:
        sources = tuple(part for part in rest if isinstance(part, tree.SourceNote))
        columns = next((part for part in rest if isinstance(part, tuple)), ())
        rows = tuple(part for part in rest if isinstance(part, tree.ParameterRow))
        return tree.ParameterTable(name, by, columns, rows, sources, span)

    def row_from(self, span: Span, first: tree.Day, *values: tree.Number) -> tree.ParameterRow:
        return tree.ParameterRow(tree.DayRange(first, None, first.span), values, span)

    def row_between(self, span: Span, first: tree.Day, last: tree.Day, *values: tree.Number) -> tree.ParameterRow:
        days = Span(span.path, first.span.line, first.span.column, last.span.end_line, last.span.end_column)
        return tree.ParameterRow(tree.DayRange(first, last, days), values, span)

    def parameter_list(
        self, span: Span, name: tree.Name, by: tree.Name, *rest: tree.ParameterRow | tree.SourceNote | None
    ) -> tree.ParameterTable:
        rows = tuple(part for part in rest if isinstance(part, tree.ParameterRow))
        sources = tuple(part for part in rest if isinstance(part, tree.SourceNote))
        return tree.ParameterTable(name, (by,), (), rows, sources, span)

    def list_number(self, span: Span, key: tree.CellKey, value: tree.Number) -> tree.ParameterRow:
        return tree.ParameterRow(key, (value,), span)

    def row_of_words(self, span: Span, key: tree.CellKey, *values: tree.Number) -> tree.ParameterRow:
        return tree.ParameterRow(key, values, span)

    # Amounts and benefits

    def amount_block(
        self, span: Span, name: tree.Name, formula: tree.Formula, *clauses: tree.RoundClause | tree.SourceNote | None
    ) -> tree.AmountBlock:
        rounding = [clause for clause in clauses if isinstance(clause, tree.RoundClause)]
        sources = tuple(clause for clause in clauses if isinstance(clause, tree.SourceNote))
        if len(rounding) > 1:
            raise LeafError("TP019", "round", rounding[1].span)
        return tree.AmountBlock(name, formula, rounding[0] if rounding else None, sources, span)

    def benefit_block(self, span: Span, name: tree.Name, *clauses: tree.BenefitClause) -> tree.BenefitBlock:
        return tree.BenefitBlock(name, clauses, span)

    def split_block(self, span: Span, name: tree.Name, *clauses: tree.BenefitClause) -> tree.SplitBlock:
        return tree.SplitBlock(name, clauses, span)

    def of_clause(self, span: Span, formula: tree.Formula, added_up: tree.Period | None) -> tree.OfClause:
        return tree.OfClause(formula, added_up, span)

    def added_up(self, span: Span, period: tree.Period) -> tree.Period:
        return period

    def by_names(self, span: Span, names: tuple[tree.Name, ...]) -> tuple[tree.Name, ...]:
        return names

    def by_name(self, span: Span, name: tree.Name) -> tree.Name:
        return name

    def stack_of(self, span: Span, formula: tree.Formula) -> tree.Formula:
        return formula

    def between(self, span: Span, names: tuple[tree.Name, ...]) -> tuple[tree.Name, ...]:
        return names

    def deductible_before(self, span: Span, period: tree.Period | None, value: tree.Value) -> tree.DeductibleClause:
        return tree.DeductibleClause(value, period, None, span)

    def deductible_after(
        self, span: Span, value: tree.Formula, period: tree.Period, shared: tree.SharedLimit | None
    ) -> tree.DeductibleClause:
        return tree.DeductibleClause(value, period, shared, span)

    def shared_limit(self, span: Span, value: tree.Formula, period: tree.Period) -> tree.SharedLimit:
        return tree.SharedLimit(value, period, span)

    def threshold_clause(self, span: Span, included: bool, value: tree.Value) -> tree.ThresholdClause:
        return tree.ThresholdClause(value, included, span)

    def exceeds(self, span: Span) -> bool:
        return False

    def reached(self, span: Span) -> bool:
        return True

    def cap_before(self, span: Span, period: tree.Period | None, value: tree.Value) -> tree.CapClause:
        return tree.CapClause(value, period, span)

    def cap_after(self, span: Span, value: tree.Formula, period: tree.Period) -> tree.CapClause:
        return tree.CapClause(value, period, span)

    def cap_base(self, span: Span, value: tree.Value) -> tree.CapBaseClause:
        return tree.CapBaseClause(value, span)

    def by_list(self, span: Span, categories: tuple[tree.Name, ...], *entries: tree.Entry) -> tree.ByList:
        return tree.ByList(categories, entries, span)

    def by_rows(self, span: Span, categories: tuple[tree.Name, ...], *rows: tuple[tree.Entry, ...]) -> tree.ByList:
        return tree.ByList(categories, tuple(entry for row in rows for entry in row), span)

    def by_grid(
        self,
        span: Span,
        categories: tuple[tree.Name, ...],
        columns: tuple[tree.CellKey, ...],
        *rows: tuple[tree.Entry, ...],
    ) -> tree.ByList:
        """Rows by the first categories, columns by the last: each value becomes an entry of its own."""
        entries = []
        for row in rows:
            if len(row) != len(columns):
                raise LeafError("TP018", f"{len(row)} values, {len(columns)} columns", row[0].span, "grid")
            for entry, column in zip(row, columns, strict=True):
                key = tree.CellKey((*entry.key.words, *column.words), entry.key.span)
                entries.append(tree.Entry(key, entry.value, entry.value.span))
        return tree.ByList(categories, tuple(entries), span)

    def list_row(self, span: Span, key: tree.CellKey, *values: tree.Number | tree.RatioCell) -> tuple[tree.Entry, ...]:
        return tuple(tree.Entry(key, value, span) for value in values)

    def entry(self, span: Span, key: tree.CellKey, value: tree.Number | tree.RatioCell) -> tree.Entry:
        return tree.Entry(key, value, span)

    def otherwise(self, span: Span, word: tree.Name) -> tree.Name:
        return word

    def unknown(self, span: Span) -> tree.Unknown:
        return tree.Unknown(Fraction(0), Fraction(1), span)

    def unknown_between(self, span: Span, lowest: tree.Ratio, highest: tree.Ratio) -> tree.Unknown:
        return tree.Unknown(lowest.value, highest.value, span)

    def names(self, span: Span, *names: tree.Name) -> tuple[tree.Name, ...]:
        return names

    def cell_key(self, span: Span, *words: tree.Name) -> tree.CellKey:
        return tree.CellKey(words, span)

    def pay_formula(self, span: Span, what: tree.Formula) -> tree.PayClause:
        return tree.PayClause(what, False, span)

    def pay_ratio(self, span: Span, what: tree.RatioCell) -> tree.PayClause:
        return tree.PayClause(what, False, span)

    def pay_by_list(self, span: Span, what: tree.ByList) -> tree.PayClause:
        return tree.PayClause(what, False, span)

    def pay_table(self, span: Span, what: tree.BandTable) -> tree.PayClause:
        return tree.PayClause(what, False, span)

    def band_table(
        self,
        span: Span,
        manner: tuple[bool, bool],
        categories: tuple[tree.Name, ...] | None,
        payers: tuple[tree.Name, ...] | None,
        columns: tuple[tree.CellKey, ...] | None,
        *bands: tree.BandLine,
    ) -> tree.BandTable:
        in_slices, above_the_deductible = manner
        return tree.BandTable(
            in_slices, above_the_deductible, categories or (), payers or (), columns or (), bands, span
        )

    def slices_of_the_amount(self, span: Span) -> tuple[bool, bool]:
        return (True, False)

    def slices_above_the_deductible(self, span: Span) -> tuple[bool, bool]:
        return (True, True)

    def whole_of_the_amount(self, span: Span) -> tuple[bool, bool]:
        return (False, False)

    def whole_above_the_deductible(self, span: Span) -> tuple[bool, bool]:
        return (False, True)

    def columns(self, span: Span, *keys: tree.CellKey) -> tuple[tree.CellKey, ...]:
        return keys

    def band(self, span: Span, lower: tree.BandEnd, *rest: tree.BandEnd | tree.RatioCell) -> tree.BandLine:
        uppers = [part for part in rest if isinstance(part, tree.BandEnd)]
        ratios = tuple(part for part in rest if not isinstance(part, tree.BandEnd))
        return tree.BandLine(lower, uppers[0] if uppers else None, ratios, span)

    def end_included(self, span: Span, value: tree.Formula) -> tree.BandEnd:
        return tree.BandEnd(value, True, span)

    def end_excluded(self, span: Span, value: tree.Formula) -> tree.BandEnd:
        return tree.BandEnd(value, False, span)

    def per_claim(self, span: Span) -> tree.PerClaim:
        return tree.PerClaim(span)

    def per_year(self, span: Span, key: tree.Name, by: tree.Name | None) -> tree.PerYear:
        return tree.PerYear(key, by, span)

    def per_policy_year(
        self, span: Span, key: tree.Name, start: tuple[int, int], by: tree.Name | None
    ) -> tree.PerPolicyYear:
        return tree.PerPolicyYear(key, *start, by, span)

    def per_month(self, span: Span, key: tree.Name, by: tree.Name | None) -> tree.PerMonth:
        return tree.PerMonth(key, by, span)

    def per_lifetime(self, span: Span, key: tree.Name, by: tree.Name | None) -> tree.PerLifetime:
        return tree.PerLifetime(key, by, span)

    def stack_block(self, span: Span, of: tree.Formula | None, *layers: tree.Layer) -> tree.StackBlock:
        return tree.StackBlock(of, layers, span)

    def larger_of(self, span: Span, first: tree.Name, second: tree.Name) -> tree.LargerOf:
        return tree.LargerOf(first, second, span)

    # What must hold

    def require_block(self, span: Span, *lines: tree.RequireLine) -> tree.RequireBlock:
        return tree.RequireBlock(lines, span)

    def ratio_never_falls(self, span: Span, amount: tree.Name, fact: tree.Name | None = None) -> tree.NeverFallsLine:
        return tree.NeverFallsLine(amount, True, fact, span)

    def amount_never_falls(self, span: Span, amount: tree.Name, fact: tree.Name) -> tree.NeverFallsLine:
        return tree.NeverFallsLine(amount, False, fact, span)

    def amount_never_rises(self, span: Span, amount: tree.Name, fact: tree.Name) -> tree.NeverRisesLine:
        return tree.NeverRisesLine(amount, fact, span)

    def ratio_bound(self, span: Span, benefit: tree.Name, at_least: bool, ratio: tree.Ratio) -> tree.RatioBoundLine:
        return tree.RatioBoundLine(benefit, at_least, ratio, span)

    def amount_bound(self, span: Span, amount: tree.Name, at_least: bool, limit: tree.Formula) -> tree.BoundLine:
        return tree.BoundLine(amount, at_least, limit, span)

    def period_bound(
        self, span: Span, amount: tree.Name, at_least: bool, limit: tree.Formula, period: tree.Period
    ) -> tree.PeriodBoundLine:
        return tree.PeriodBoundLine(amount, at_least, limit, period, span)

    def at_least(self, span: Span) -> bool:
        return True

    def at_most(self, span: Span) -> bool:
        return False

    def never_below(self, span: Span, benefit: tree.Name, better: tree.Name, worse: tree.Name) -> tree.NeverBelowLine:
        return tree.NeverBelowLine(benefit, better, worse, span)

    def always(self, span: Span, condition: tree.Condition) -> tree.AlwaysLine:
        return tree.AlwaysLine(condition, span)

    def some_claim_reaches(self, span: Span, condition: tree.Condition) -> tree.ReachesLine:
        return tree.ReachesLine(condition, span)

    def any_order(self, span: Span, first: tree.Name, second: tree.Name) -> tree.AnyOrderLine:
        return tree.AnyOrderLine(first, second, span)

    def allow_line(
        self, span: Span, benefit: tree.Name | None, what: tree.Allowed, reason: tree.Text
    ) -> tree.AllowLine:
        return tree.AllowLine(benefit, what, reason, span)

    def ratio_falls(self, span: Span) -> tree.Allowed:
        return tree.Allowed.RATIO_FALLS

    def own_share_falls(self, span: Span) -> tree.Allowed:
        return tree.Allowed.OWN_SHARE_FALLS

    def payment_depends_on_splitting(self, span: Span) -> tree.Allowed:
        return tree.Allowed.DEPENDS_ON_SPLITTING

    def worse_off(self, span: Span) -> tree.Allowed:
        return tree.Allowed.WORSE_OFF

    def example_block(self, span: Span, title: tree.Text, *cases: tree.CaseLines) -> tree.ExampleBlock:
        return tree.ExampleBlock(title, cases, span)

    def case(self, span: Span, *parts: tree.Given | tuple[tree.Expected, ...]) -> tree.CaseLines:
        given = tuple(part for part in parts if isinstance(part, tree.Given))
        expected = tuple(line for part in parts if isinstance(part, tuple) for line in part)
        return tree.CaseLines(given, expected, span)

    def given(self, span: Span, fact: tree.Name, value: tree.Number | tree.Name | tree.Day | tree.Text) -> tree.Given:
        return tree.Given(fact, value, span)

    def expect_line(self, span: Span, *expected: tree.Expected) -> tuple[tree.Expected, ...]:
        return expected

    def expected(self, span: Span, amount: tree.Name, value: tree.Number) -> tree.Expected:
        return tree.Expected(amount, value, span)

    # Formulas and conditions

    def added(self, span: Span, first: tree.Formula, *rest: tuple[bool, tree.Formula]) -> tree.Added:
        return tree.Added(((False, first), *rest), span)

    def plus_term(self, span: Span, term: tree.Formula) -> tuple[bool, tree.Formula]:
        return (False, term)

    def minus_term(self, span: Span, term: tree.Formula) -> tuple[bool, tree.Formula]:
        return (True, term)

    def share(self, span: Span, ratio: tree.Ratio, of: tree.Formula) -> tree.Share:
        return tree.Share(ratio, of, span)

    def share_after(self, span: Span, of: tree.Formula, ratio: tree.Ratio) -> tree.Share:
        return tree.Share(ratio, of, span)

    def times(self, span: Span, left: tree.Formula, right: tree.Formula) -> tree.Times:
        return tree.Times(left, right, span)

    def fraction(self, span: Span, over: tree.Number, under: tree.Number) -> tree.Ratio:
        if under.value == 0:
            raise LeafError("TP008", "a ratio over 0", span)
        return tree.Ratio(over.value / under.value, span)

    def left(self, span: Span) -> tree.Left:
        return tree.Left(span)

    def smallest(self, span: Span, *terms: tree.Formula) -> tree.Extreme:
        return tree.Extreme(False, terms, span)

    def largest(self, span: Span, *terms: tree.Formula) -> tree.Extreme:
        return tree.Extreme(True, terms, span)

    def conditional(
        self, span: Span, condition: tree.Condition, then: tree.Formula, otherwise: tree.Formula
    ) -> tree.Conditional:
        return tree.Conditional(condition, then, otherwise, span)

    def either(self, span: Span, *conditions: tree.Condition) -> tree.Either:
        return tree.Either(conditions, span)

    def both(self, span: Span, *conditions: tree.Condition) -> tree.Both:
        return tree.Both(conditions, span)

    def negated(self, span: Span, condition: tree.Condition) -> tree.Negated:
        return tree.Negated(condition, span)

    def comparison(self, span: Span, left: tree.Formula, relation: str, right: tree.Formula) -> tree.Comparison:
        return tree.Comparison(left, relation, right, span)

    def one_of(self, span: Span, fact: tree.Name, *words: tree.Name) -> tree.OneOf:
        return tree.OneOf(fact, words, span)

    def at_most_sign(self, span: Span) -> str:
        return "<="

    def at_least_sign(self, span: Span) -> str:
        return ">="

    def over_sign(self, span: Span) -> str:
        return ">"

    def under_sign(self, span: Span) -> str:
        return "<"

    def equal_sign(self, span: Span) -> str:
        return "="

    # A standard

    def standard(
        self, span: Span, name: tree.Name, *rest: tree.Title | tree.SourceNote | tuple[tree.StandardLine, ...] | None
    ) -> tree.Standard:
        clauses = tuple(part for part in rest if isinstance(part, tree.Title | tree.SourceNote))
        lines = next(part for part in rest if isinstance(part, tuple))
        return tree.Standard(name, clauses, lines, span)

    def standard_require(self, span: Span, *lines: tree.StandardLine) -> tuple[tree.StandardLine, ...]:
        return lines

    def standard_ratio_never_falls(self, span: Span) -> tree.StandardRatioNeverFalls:
        return tree.StandardRatioNeverFalls(span)

    def standard_ratio_bound(self, span: Span, at_least: bool, ratio: tree.Ratio) -> tree.StandardRatioBound:
        return tree.StandardRatioBound(at_least, ratio, span)


_WORD = object()


def _present(clauses: tuple[tree.HeaderClause | None, ...]) -> tuple[tree.HeaderClause, ...]:
    return tuple(clause for clause in clauses if clause is not None)
