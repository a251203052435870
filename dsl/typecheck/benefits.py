"""Mistakes in benefits and in the stack that orders them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from dsl import tree
from dsl.diagnostics import Diagnostic, Label
from dsl.money import CURRENCIES
from dsl.scope import Scope, names_of
from dsl.source import Span
from dsl.typecheck.amounts import condition_mistakes, formula_mistakes, has_ratio, reads_left
from dsl.typecheck.header import rounding_mistakes
from dsl.typecheck.mistakes import (
    RATIOS,
    missing,
    money_mistakes,
    named,
    ratio_mistakes,
    repeated,
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
                yield from period_mistakes(added_up, scope)
                if has_ratio(formula) and rounding_of(block, scope) is None:
                    yield Diagnostic("TP021", (Label(formula.span, "here"),), (("name", block.name.text),))
            case tree.For(condition):
                yield from condition_mistakes(condition, scope)
            case tree.DeductibleClause(value, period, shared):
                yield from _value_mistakes(value, scope)
                yield from period_mistakes(period, scope)
                if shared is not None:
                    yield from _value_mistakes(shared.value, scope)
                    yield from period_mistakes(shared.period, scope)
                if _is_fraction(value) and rounding_of(block, scope) is None:
                    yield Diagnostic("TP021", (Label(clause.span, "here"),), (("name", block.name.text),))
            case tree.ThresholdClause(value):
                yield from _value_mistakes(value, scope)
                if _is_fraction(value) and rounding_of(block, scope) is None:
                    yield Diagnostic("TP021", (Label(clause.span, "here"),), (("name", block.name.text),))
            case tree.CapBaseClause(value):
                yield from _value_mistakes(value, scope)
                if _is_fraction(value) and rounding_of(block, scope) is None:
                    yield Diagnostic("TP021", (Label(clause.span, "here"),), (("name", block.name.text),))
            case tree.CapClause(value, period):
                yield from _value_mistakes(value, scope)
                yield from period_mistakes(period, scope)
            case tree.PayClause(what):
                yield from _pay_mistakes(what, block, scope)
            case tree.ConformsTo():
                yield from _ratio_wanted(clause, block)
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
        case tree.ConformsTo(standard):
            return f"conforms to {standard.text}"
        case tree.RoundClause():
            return "round"
        case _:
            assert_never(clause)


def rounding_of(block: tree.BenefitBlock, scope: Scope) -> tree.RoundClause | None:
    """The rounding of a benefit: its own, or the policy's."""
    own = (clause for clause in block.clauses if isinstance(clause, tree.RoundClause))
    return next(own, scope.rounding)


def of_clause(block: tree.BenefitBlock) -> tree.OfClause:
    """What a benefit is of; every benefit that has passed the checks says it."""
    return next(clause for clause in block.clauses if isinstance(clause, tree.OfClause))


def own_period(block: tree.BenefitBlock) -> tree.Period | None:
    """The period over which a benefit adds its base up; None where each claim is settled by itself."""
    added_up = next((clause.added_up for clause in block.clauses if isinstance(clause, tree.OfClause)), None)
    return None if isinstance(added_up, tree.PerClaim) else added_up


def counts_apart(period: tree.Period | None, block: tree.BenefitBlock, scope: Scope) -> bool:
    """Whether a clause counts over other claims than the benefit's bands do."""
    own = own_period(block)
    if period is None:
        return False
    return period_identity(period, scope) != period_identity(own or tree.PerClaim(period.span), scope)


def period_identity(period: tree.Period, scope: Scope) -> tuple[str, ...]:
    """What makes two periods the same: whose claims, and from when to when they count."""
    match period:
        case tree.PerClaim():
            return ("claim",)
        case tree.PerYear(key, by):
            return ("year", key.text, scope.deciding_date(by) or "")
        case tree.PerPolicyYear(key, month, day, by):
            return (f"policy year {month}-{day}", key.text, scope.deciding_date(by) or "")
        case tree.PerMonth(key, by):
            return ("month", key.text, scope.deciding_date(by) or "")
        case tree.PerLifetime(key, by):
            return ("lifetime", key.text, scope.deciding_date(by) or "")
        case _:
            assert_never(period)


def deducted_apart(clause: tree.DeductibleClause, block: tree.BenefitBlock, scope: Scope) -> bool:
    """Whether a deductible is a step of its own before the bands."""
    return clause.shared is not None or counts_apart(clause.period, block, scope)


def period_mistakes(period: tree.Period | None, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes in a period: its key is no identifier, or nothing says which date decides."""
    match period:
        case None | tree.PerClaim():
            return
        case (
            tree.PerYear(key=key, by=by, span=span)
            | tree.PerPolicyYear(key=key, by=by, span=span)
            | tree.PerMonth(key=key, by=by, span=span)
            | tree.PerLifetime(key=key, by=by, span=span)
        ):
            yield from named(key, "an identifier", scope.identifiers, scope)
            if by is not None:
                yield from named(by, "a date of the claim", scope.dates, scope)
            elif scope.deciding_date(None) is None:
                yield missing("by", "period", span, variant="date")
        case _:
            assert_never(period)


def _is_fraction(value: tree.Value) -> bool:
    return not isinstance(value, tree.ByList) and has_ratio(value)


def _ratio_wanted(clause: tree.ConformsTo, block: tree.BenefitBlock) -> Iterator[Diagnostic]:
    """A standard speaks of ratios, so a benefit that pays an amount of its own cannot conform to one."""
    for other in block.clauses:
        if isinstance(other, tree.PayClause) and not isinstance(other.what, RATIOS):
            labels = (Label(clause.span, "here"), Label(other.span, "pays"))
            yield Diagnostic("TP012", labels, (("name", block.name.text),), variant="ratio")


def _value_mistakes(value: tree.Value, scope: Scope) -> Iterator[Diagnostic]:
    match value:
        case tree.ByList(entries=entries):
            yield from _list_mistakes(value, scope)
            for entry in entries:
                match entry.value:
                    case tree.Number():
                        yield from money_mistakes(entry.value, scope)
                    case tree.Ratio() | tree.Unknown():
                        yield Diagnostic("TP012", (Label(entry.value.span, "here"),), variant="entry_ratio")
        case _:
            yield from formula_mistakes(value, scope)


def _list_mistakes(value: tree.ByList, scope: Scope) -> Iterator[Diagnostic]:
    yield from key_mistakes(value.categories, tuple(entry.key for entry in value.entries), scope)


def key_mistakes(
    categories: tuple[tree.Name, ...], keys: tuple[tree.CellKey, ...], scope: Scope
) -> Iterator[Diagnostic]:
    """Mistakes in the headings or entries of a table by category."""
    yield from twice(categories, "again")
    for category in categories:
        yield from named(category, "a category", scope.categories, scope)
    yield from twice((tree.Name("/".join(word.text for word in key.words), key.span) for key in keys), "again")
    for key in keys:
        if len(key.words) != len(categories):
            params = (("words", str(len(key.words))), ("categories", ", ".join(name.text for name in categories)))
            yield Diagnostic("TP018", (Label(key.span, "here"),), params, variant="key")
            continue
        for word, category in zip(key.words, categories, strict=True):
            if category.text in scope.categories and word.text != tree.OTHERWISE:
                yield from word_mistakes(word, category.text, scope)


def _pay_mistakes(
    what: tree.RatioCell | tree.ByList | tree.BandTable | tree.Formula, block: tree.BenefitBlock, scope: Scope
) -> Iterator[Diagnostic]:
    rounded = rounding_of(block, scope) is not None
    match what:
        case tree.Ratio() | tree.Unknown():
            yield from ratio_mistakes(what)
        case tree.ByList(entries=entries):
            yield from _list_mistakes(what, scope)
            for entry in entries:
                match entry.value:
                    case tree.Ratio() | tree.Unknown():
                        yield from ratio_mistakes(entry.value)
                    case tree.Number():
                        yield Diagnostic("TP012", (Label(entry.value.span, "here"),), variant="entry_amount")
        case tree.BandTable():
            yield from _table_mistakes(what, scope)
        case _:
            yield from formula_mistakes(what, scope, left=_is_of_left(block))
            rounded = rounded or not has_ratio(what)
    if not rounded:
        yield Diagnostic("TP021", (Label(what.span, "here"),), (("name", block.name.text),))


def _table_mistakes(table: tree.BandTable, scope: Scope) -> Iterator[Diagnostic]:
    if table.payers:
        return
    if table.categories and not table.columns:
        yield Diagnostic("TP018", (Label(table.span, "here"),), variant="no_heading")
        return
    if table.columns and not table.categories:
        yield Diagnostic("TP018", (Label(table.columns[0].span, "here"),), variant="no_categories")
        return
    yield from key_mistakes(table.categories, table.columns, scope)
    columns = len(table.columns) or 1
    most = max(table.bands, key=lambda band: len(band.ratios))
    if not table.columns and len(most.ratios) > 1:
        too_many = (("ratios", str(len(most.ratios))),)
        yield Diagnostic("TP018", (Label(most.span, "here"),), too_many, variant="no_columns")
        columns = len(most.ratios)
    for band in table.bands:
        yield from formula_mistakes(band.lower.value, scope)
        if band.upper is not None:
            yield from formula_mistakes(band.upper.value, scope)
            if _empty(band.lower, band.upper):
                yield Diagnostic("TP023", (Label(band.lower.span, "here"),), variant="band")
        for ratio in band.ratios:
            yield from ratio_mistakes(ratio)
        if len(band.ratios) not in (0, columns):
            params = (("ratios", str(len(band.ratios))), ("columns", str(columns)))
            yield Diagnostic("TP018", (Label(band.span, "here"),), params)


def _empty(lower: tree.BandEnd, upper: tree.BandEnd) -> bool:
    if not isinstance(lower.value, tree.Number) or not isinstance(upper.value, tree.Number):
        return False
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
        if deductible is not None and not table.above_the_deductible and deducted_apart(deductible, block, scope):
            yield _clash("deductible_period", deductible.span, table.span)
    if pay is not None and not isinstance(pay.what, RATIOS):
        if deductible is not None:
            yield _clash("formula_deductible", pay.span, deductible.span)
        if of is not None and own_period(block) is not None:
            yield _clash("formula_added_up", pay.span, of.span)
    yield from _cap_contradictions(block, scope)


def _cap_contradictions(block: tree.BenefitBlock, scope: Scope) -> Iterator[Diagnostic]:
    caps = [clause for clause in block.clauses if isinstance(clause, tree.CapClause)]
    seen: dict[tuple[str, ...], tree.CapClause] = {}
    rounding, currency = rounding_of(block, scope), scope.currency or CURRENCIES["CNY"]
    for cap in caps:
        own = own_period(block) or tree.PerClaim(cap.span)
        first = seen.setdefault(period_identity(cap.period or own, scope), cap)
        if first is not cap:
            yield _clash("caps", cap.span, first.span)
        if rounding is None:
            continue
        amounts = [entry.value for entry in cap.value.entries] if isinstance(cap.value, tree.ByList) else [cap.value]
        for amount in amounts:
            labels = (Label(amount.span, "here"), Label(rounding.span, "rounding"))
            if not isinstance(amount, tree.Number):
                if rounding.unit.value * currency.minor_per_major != 1:
                    yield Diagnostic("TP022", labels, (), "computed")
            elif any(True for _ in money_mistakes(amount, scope)):
                continue
            elif rounding.unit.value and amount.value % rounding.unit.value:
                yield Diagnostic("TP022", labels, ())


def _clash(variant: str, here: Span, other: Span) -> Diagnostic:
    return Diagnostic("TP019", (Label(here, "here"), Label(other, "other")), variant=variant)


def _is_of_left(block: tree.BenefitBlock) -> bool:
    return any(isinstance(clause, tree.OfClause) and reads_left(clause.formula) for clause in block.clauses)


def stack_mistakes(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """Mistakes in the stack, and benefits without one."""
    stacks = [block for block in policy.blocks if isinstance(block, tree.StackBlock)]
    yield from repeated([("stack", block.span) for block in stacks])
    if not stacks and len(scope.benefits) > 1:
        second = list(scope.benefits.values())[1]
        yield missing("stack", "policy", second.name.span, variant="order")
    for block in stacks:
        yield from twice((name for layer in block.layers for name in names_of(layer)), "again")
        for name in (name for layer in block.layers for name in names_of(layer)):
            if name.text not in scope.benefits:
                yield unknown(name, "a benefit", scope.benefits)
        if block.of is not None:
            yield from formula_mistakes(block.of, scope)
            if has_ratio(block.of):
                yield Diagnostic("TP012", (Label(block.of.span, "here"),), variant="cost")
        elif (first := _first_of_left(block, scope)) is not None:
            yield missing("of", "stack", first, variant="cost")
        layers = {name.text for layer in block.layers for name in names_of(layer)}
        for benefit in scope.benefits.values():
            if benefit.name.text not in layers:
                yield missing(benefit.name.text, "stack", benefit.name.span, variant="layer")
    yield from _one_date(policy, scope)


def _first_of_left(stack: tree.StackBlock, scope: Scope) -> Span | None:
    """Where the first layer says `of left` though the stack does not say of what cost."""
    block = scope.benefits.get(names_of(stack.layers[0])[0].text)
    return of_clause(block).span if block is not None and _is_of_left(block) else None


def _one_date(policy: tree.Policy, scope: Scope) -> Iterator[Diagnostic]:
    """All running totals of a policy follow one date: claims have one order."""
    dates: dict[str, Span] = {}
    for block in scope.benefits.values():
        for clause in block.clauses:
            for period in _periods(clause):
                date = scope.deciding_date(period.by)
                if date is not None:
                    dates.setdefault(date, period.span)
    for line in (line for block in policy.blocks if isinstance(block, tree.RequireBlock) for line in block.lines):
        if isinstance(line, tree.PeriodBoundLine) and isinstance(line.period, tree.KeyedPeriod):
            date = scope.deciding_date(line.period.by)
            if date is not None:
                dates.setdefault(date, line.period.span)
    if len(dates) > 1:
        first, second, *_ = dates.values()
        yield _clash("dates", second, first)


def _periods(clause: tree.BenefitClause) -> Iterator[tree.KeyedPeriod]:
    match clause:
        case tree.OfClause(added_up=period) | tree.CapClause(period=period):
            found = [period]
        case tree.DeductibleClause(period=period, shared=shared):
            found = [period, None if shared is None else shared.period]
        case _:
            found = []
    yield from (period for period in found if isinstance(period, tree.KeyedPeriod))
