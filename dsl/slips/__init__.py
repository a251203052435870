"""The slips that people make most, where a file cannot be read: what each is known by, and what to write instead.

Each function looks at the place where reading stopped, and gives the mistake or None. The first that knows the place
speaks, so the order counts: what is certain comes before what is likely.
"""

from __future__ import annotations

from collections.abc import Callable

from dsl.diagnostics import Diagnostic
from dsl.place import Place
from dsl.slips import clauses, formulas, layout, values


def at_a_word(place: Place) -> Diagnostic | None:
    """The slip by which something stands where it cannot."""
    return _first(_AT_A_WORD, place)


def at_last(place: Place) -> Diagnostic | None:
    """The slip where no word of the language looks alike either."""
    return _first(_AT_LAST, place)


def at_a_sign(place: Place) -> Diagnostic | None:
    """The slip by which a sign stands there that the language does not have."""
    return _first(_AT_A_SIGN, place)


def _first(slips: tuple[Callable[[Place], Diagnostic | None], ...], place: Place) -> Diagnostic | None:
    return next((found for slip in slips if (found := slip(place)) is not None), None)


_AT_A_WORD = (
    layout.not_closed,
    layout.remark,
    values.negative,
    clauses.other_word,
    layout.unknown_amount,
    layout.name_that_is_taken,
    layout.category_behind_period,
    clauses.period_behind_a_list,
    formulas.not_equal,
    layout.block_inside,
    layout.clause_at_the_margin,
    layout.without_a_beginning,
    values.day,
    values.number,
    values.ratio,
    formulas.equal,
    clauses.sign_for_a_word,
    clauses.no_period,
    formulas.day_in_a_formula,
    formulas.half_a_condition,
    formulas.word_alone,
    layout.goes_on_below,
    clauses.in_a_band,
    clauses.cap_behind_pay,
    formulas.comparison,
    formulas.function,
    formulas.no_condition,
    formulas.divided,
    formulas.ratio_of_nothing,
    formulas.in_quotes,
    clauses.whose_ratio,
    clauses.in_force_by_what,
    clauses.in_force_from_to,
    clauses.as_what_rises,
    clauses.always,
    clauses.words_of_a_category,
    clauses.comma,
    values.name_with_digits,
)

_AT_LAST = (
    clauses.rounding,
    clauses.manner,
    clauses.layers,
    values.in_figures,
    values.unit,
    clauses.nothing_more,
    clauses.superfluous,
)

_AT_A_SIGN = (
    formulas.not_equal,
    values.number,
    values.day,
    values.currency_sign,
    clauses.layers,
    clauses.sign_for_a_word,
    layout.invisible,
)
