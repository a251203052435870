"""Mistakes in benefits and in the stack that orders them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.money import CURRENCIES
from dsl.scope import Scope
from dsl.source import Span
from dsl.typecheck.amounts import condition_mistakes, formula_mistakes, has_ratio, reads_left
from dsl.typecheck.header import rounding_mistakes
from dsl.typecheck.mistakes import (
    missing,
    money_mistakes,
    named,
    ratio_mistakes,
    repeated,
    smallest_unit,
    twice,
    unknown,
    word_mistakes,
)


def benefit_mistakes(block: tree.BenefitBlock, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes under `benefit name`."""
    yield from repeated([(word, clause.span) for clause in block.clauses if (word := _word(clause)) is not None])
    for part, kind in (("of", tree.OfClause), ("pay", tree.PayClause)):
        if not any(isinstance(clause, kind) for clause in block.clauses):
            yield missing(part, f"benefit {block.name.text}", block.name.span)
    for clause in block.clauses:
        match clause:
            case tree.SourceNote():
                pass
            case tree.OfClause(formula, added_up):
                yield from formula_mistakes(formula, scope, left=True)
                yield from _period_mistakes(added_up, scope)
                if has_ratio(formula) and rounding_of(block, scope) is None:
                    yield Diagnostic("TP021", (Label(formula.span, "here"),), (("name", block.name.text),))
            case tree.For(condition):
                yield from condition_mistakes(condition, scope)
            case tree.DeductibleClause(value, period):
                yield from _value_mistakes(value, scope)
                yield from _period_mistakes(period, scope)
            case tree.ThresholdClause(value) | tree.CapBaseClause(value):
                yield from _value_mistakes(value, scope)
            case tree.CapClause(value, period):
                yield from _value_mistakes(value, scope)
                yield from _period_mistakes(period, scope)
            case tree.PayClause(what):
                yield from _pay_mistakes(what, block, scope)
            case tree.RoundClause():
                yield from rounding_mistakes(clause, scope)
            case _:
                assert_never(clause)
    yield from _contradictions(block, scope)


def _word(clause: tree.BenefitClause) -> str | None:
    """What a clause that may stand only once is called; None where it may stand again."""
    match clause:
        case tree.SourceNote() | tree.CapClause():
            return None
        case tree.OfClause():
            return "of"
        case tree.For():
            return "for"
        case tree.DeductibleClause():
            return "deductible"
        case tree.ThresholdClause():
            return "threshold"
        case tree.PayClause():
            return "pay"
        case tree.CapBaseClause():
            return "cap base"
        case tree.RoundClause():
            return "round"
        case _:
            assert_never(clause)


def rounding_of(block: tree.BenefitBlock, scope: Scope) -> tree.RoundClause | None:
    """The rounding of a benefit: its own, or the policy's."""
    own = (clause for clause in block.clauses if isinstance(clause, tree.RoundClause))
    return next(own, scope.rounding)


def own_period(block: tree.BenefitBlock) -> tree.Period | None:
    """The period over which a benefit adds its base up; None where each claim is settled by itself."""
    added_up = next((clause.added_up for clause in block.clauses if isinstance(clause, tree.OfClause)), None)
    return None if isinstance(added_up, tree.PerClaim) else added_up


def counts_apart(period: tree.Period | None, block: tree.BenefitBlock, scope: Scope) -> bool:
    """Whether a clause counts over other claims than the benefit's bands do."""
    own = own_period(block)
    if period is None:
        return False
    match period, own:
        case tree.PerClaim(), None:
            return False
        case (tree.PerYear(key, by), tree.PerYear(own_key, own_by)) | (
            tree.PerLifetime(key, by),
            tree.PerLifetime(own_key, own_by),
        ):
            return (key.text, scope.deciding_date(by)) != (own_key.text, scope.deciding_date(own_by))
        case _:
            return True


def _period_mistakes(period: tree.Period | None, scope: Scope) -> Iterator[Diagnostic]:
    match period:
        case None | tree.PerClaim():
            return
        case tree.PerYear(key, by, span) | tree.PerLifetime(key, by, span):
            yield from named(key, "an identifier", scope.identifiers, scope)
            if by is not None:
                yield from named(by, "a date of the claim", scope.dates, scope)
            elif scope.deciding_date(None) is None:
                yield missing("by", "period", span, variant="date")
        case _:
            assert_never(period)


def _value_mistakes(value: tree.Number | tree.ByList, scope: Scope) -> Iterator[Diagnostic]:
    match value:
        case tree.Number():
            yield from money_mistakes(value, scope)
        case tree.ByList(entries=entries):
            yield from _list_mistakes(value, scope)
            for entry in entries:
                match entry.value:
                    case tree.Number():
                        yield from money_mistakes(entry.value, scope)
                    case tree.Ratio():
                        params = (("name", "this"), ("kind", "a ratio"), ("what", "an amount of money"))
                        yield Diagnostic("TP012", (Label(entry.value.span, "here"),), params)


def _list_mistakes(value: tree.ByList, scope: Scope) -> Iterator[Diagnostic]:
    yield from _key_mistakes(value.categories, tuple(entry.key for entry in value.entries), scope)


def _key_mistakes(
    categories: tuple[tree.Name, ...], keys: tuple[tree.CellKey, ...], scope: Scope
) -> Iterator[Diagnostic]:
    yield from twice(categories)
    for category in categories:
        yield from named(category, "a category", scope.categories, scope)
    yield from twice(tree.Name("/".join(word.text for word in key.words), key.span) for key in keys)
    for key in keys:
        if len(key.words) != len(categories):
            params = (("words", str(len(key.words))), ("categories", ", ".join(name.text for name in categories)))
            yield Diagnostic("TP018", (Label(key.span, "here"),), params, variant="key")
            continue
        for word, category in zip(key.words, categories, strict=True):
            if category.text in scope.categories:
                yield from word_mistakes(word, category.text, scope)


def _pay_mistakes(
    what: tree.Ratio | tree.ByList | tree.BandTable | tree.Formula, block: tree.BenefitBlock, scope: Scope
) -> Iterator[Diagnostic]:
    rounded = rounding_of(block, scope) is not None
    match what:
        case tree.Ratio():
            yield from ratio_mistakes(what)
        case tree.ByList(entries=entries):
            yield from _list_mistakes(what, scope)
            for entry in entries:
                match entry.value:
                    case tree.Ratio():
                        yield from ratio_mistakes(entry.value)
                    case tree.Number():
                        params = (("name", "this"), ("kind", "an amount of money"), ("what", "a ratio"))
                        yield Diagnostic("TP012", (Label(entry.value.span, "here"),), params)
        case tree.BandTable():
            yield from _table_mistakes(what, scope)
        case tree.Number() | tree.Name() | tree.Added() | tree.Share() | tree.Extreme() | tree.Conditional():
            yield from formula_mistakes(what, scope)
            rounded = rounded or not has_ratio(what)
        case tree.Left():
            yield from formula_mistakes(what, scope)
        case _:
            assert_never(what)
    if not rounded:
        yield Diagnostic("TP021", (Label(what.span, "here"),), (("name", block.name.text),))


def _table_mistakes(table: tree.BandTable, scope: Scope) -> Iterator[Diagnostic]:
    if table.categories and not table.columns:
        yield Diagnostic("TP018", (Label(table.span, "here"),), variant="no_heading")
        return
    if table.columns and not table.categories:
        yield Diagnostic("TP018", (Label(table.columns[0].span, "here"),), variant="no_categories")
        return
    yield from _key_mistakes(table.categories, table.columns, scope)
    columns = len(table.columns) or 1
    for band in table.bands:
        yield from money_mistakes(band.lower.value, scope)
        if band.upper is not None:
            yield from money_mistakes(band.upper.value, scope)
            if _empty(band.lower, band.upper):
                yield Diagnostic("TP023", (Label(band.lower.span, "here"),), variant="band")
        for ratio in band.ratios:
            yield from ratio_mistakes(ratio)
        if len(band.ratios) not in (0, columns):
            params = (("ratios", str(len(band.ratios))), ("columns", str(columns)))
            yield Diagnostic("TP018", (Label(band.span, "here"),), params)


def _empty(lower: tree.BandEnd, upper: tree.BandEnd) -> bool:
    if lower.included and upper.included:
        return upper.value.value < lower.value.value
    return upper.value.value <= lower.value.value


def _contradictions(block: tree.BenefitBlock, scope: Scope) -> Iterator[Diagnostic]:
    """Clauses that are right one by one, but not together."""
    deductible = next((clause for clause in block.clauses if isinstance(clause, tree.DeductibleClause)), None)
    threshold = next((clause for clause in block.clauses if isinstance(clause, tree.ThresholdClause)), None)
    pay = next((clause for clause in block.clauses if isinstance(clause, tree.PayClause)), None)
    of = next((clause for clause in block.clauses if isinstance(clause, tree.OfClause)), None)
    if deductible is not None and threshold is not None:
        yield _clash("opening", threshold.span, deductible.span)
    if pay is not None and isinstance(pay.what, tree.BandTable):
        table = pay.what
        if table.above_the_deductible and deductible is None:
            yield Diagnostic("TP019", (Label(table.span, "here"),), variant="no_deductible")
        if deductible is not None and not table.above_the_deductible and counts_apart(deductible.period, block, scope):
            yield _clash("deductible_period", deductible.span, table.span)
    if pay is not None and not isinstance(pay.what, tree.BandTable | tree.Ratio | tree.ByList):
        if deductible is not None:
            yield _clash("formula_deductible", pay.span, deductible.span)
        if of is not None and own_period(block) is not None:
            yield _clash("formula_added_up", pay.span, of.span)
    yield from _cap_contradictions(block, scope)


def _cap_contradictions(block: tree.BenefitBlock, scope: Scope) -> Iterator[Diagnostic]:
    caps = [clause for clause in block.clauses if isinstance(clause, tree.CapClause)]
    seen: dict[str, tree.CapClause] = {}
    rounding = rounding_of(block, scope)
    for cap in caps:
        first = seen.setdefault(_period_name(cap.period, block, scope), cap)
        if first is not cap:
            yield _clash("caps", cap.span, first.span)
        if rounding is None or not counts_apart(cap.period, block, scope):
            continue
        amounts = [cap.value] if isinstance(cap.value, tree.Number) else [entry.value for entry in cap.value.entries]
        for amount in amounts:
            if rounding.unit.value and isinstance(amount, tree.Number) and amount.value % rounding.unit.value:
                currency = scope.currency or CURRENCIES["CNY"]
                params = (("smallest", smallest_unit(currency)),)
                yield Diagnostic("TP022", (Label(amount.span, "here"), Label(rounding.span, "rounding")), params)


def _period_name(period: tree.Period | None, block: tree.BenefitBlock, scope: Scope) -> str:
    if not counts_apart(period, block, scope):
        return ""
    match period:
        case None | tree.PerClaim():
            return "claim"
        case tree.PerYear(key, by):
            return f"year {key.text} {scope.deciding_date(by)}"
        case tree.PerLifetime(key):
            return f"lifetime {key.text}"
        case _:
            assert_never(period)


def _clash(variant: str, here: Span, other: Span) -> Diagnostic:
    return Diagnostic("TP019", (Label(here, "here"), Label(other, "other")), variant=variant)


def stack_mistakes(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes in the stack, and benefits without one."""
    stacks = [block for block in policy.blocks if isinstance(block, tree.StackBlock)]
    yield from repeated([("stack", block.span) for block in stacks])
    if not stacks and len(scope.benefits) > 1:
        second = list(scope.benefits.values())[1]
        yield missing("stack", "policy", second.name.span, variant="order")
    for block in stacks:
        yield from twice(block.layers)
        for layer in block.layers:
            if layer.text not in scope.benefits:
                yield unknown(layer, "a benefit", scope.benefits)
        if block.of is not None:
            yield from formula_mistakes(block.of, scope)
            if has_ratio(block.of):
                yield Diagnostic("TP012", (Label(block.of.span, "here"),), variant="cost")
        elif (first := _first_of_left(block, scope)) is not None:
            yield missing("of", "stack", first, variant="cost")
        layers = {layer.text for layer in block.layers}
        for name, benefit in scope.benefits.items():
            if name not in layers:
                yield missing(name, "stack", benefit.name.span, variant="layer")
    yield from _one_date(policy, scope)


def _first_of_left(stack: tree.StackBlock, scope: Scope) -> Span | None:
    """Where the first layer says `of left` though the stack does not say of what cost."""
    block = scope.benefits.get(stack.layers[0].text)
    of = [] if block is None else [clause for clause in block.clauses if isinstance(clause, tree.OfClause)]
    return of[0].span if of and reads_left(of[0].formula) else None


def _one_date(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """All running totals of a policy follow one date: claims have one order."""
    dates: dict[str, Span] = {}
    for block in scope.benefits.values():
        for clause in block.clauses:
            period = clause.added_up if isinstance(clause, tree.OfClause) else getattr(clause, "period", None)
            if isinstance(period, tree.PerYear | tree.PerLifetime):
                date = scope.deciding_date(period.by)
                if date is not None:
                    dates.setdefault(date, period.span)
    if len(dates) > 1:
        first, second, *_ = dates.values()
        yield _clash("dates", second, first)
