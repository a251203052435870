"""Whole-number code: run node by node here, it gives what the reference gives, and stays inside 64 bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from random import Random
from typing import assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.emit.code import (
    Add,
    And,
    Apply,
    Code,
    Comparison,
    FloorDivide,
    Function,
    Greatest,
    If,
    Increment,
    Ladder,
    Least,
    Match,
    Multiply,
    Negation,
    Number,
    Or,
    Subtract,
    Test,
    Variable,
    WordIn,
    walk_code,
)
from compiler.emit.exact import line, rounded, whole
from compiler.emit.integer import functions, steps, whole_number_code
from compiler.emit.width import Scope, TooWide, Width, code_range, fits_int64, require_int64
from compiler.evaluate import Settled, compare, ledger_key, settle
from compiler.model import (
    Accumulated,
    AllOf,
    Amount,
    AmountValue,
    AnyOf,
    Benefit,
    Capped,
    Choice,
    Compare,
    Condition,
    Constant,
    Difference,
    Expression,
    FactInput,
    FactValue,
    IsOneOf,
    Largest,
    Model,
    Not,
    Relation,
    Role,
    Rounded,
    Scaled,
    Smallest,
    Sum,
    TotalSoFar,
)
from dsl.money import DOMAIN_TOP, RoundingMode, round_to_unit
from tests.models import (
    DISCHARGED,
    HOSPITAL,
    ILLNESS,
    LIFELONG,
    NINGXIA_PERCENT,
    PERSON,
    YUAN,
    at,
    deductible,
    model,
    money,
    ningxia,
    over_to,
    schedule,
    stack,
    total_of,
    yearly_cap,
)

# A machine for the code -----------------------------------------------------------------------------


def run(
    code: Code,
    variables: Mapping[str, int],
    words: Mapping[str, str],
    known: Mapping[str, Function],
    totals: Mapping[str, tuple[int, int]],
) -> int:
    """The value of whole-number code; `totals` holds each running total with this claim and before it."""

    def of(inner: Code) -> int:
        return run(inner, variables, words, known, totals)

    def call(name: str, argument: int) -> int:
        function = known[name]
        assert function.lowest <= argument <= function.highest
        return run(function.body, {function.argument: argument}, words, known, {})

    match code:
        case Number(value):
            return value
        case Variable(name):
            return variables[name]
        case Add(terms):
            return sum(of(term) for term in terms)
        case Subtract(left, right):
            return of(left) - of(right)
        case Multiply(factor, inner):
            return factor * of(inner)
        case FloorDivide(inner, divisor, never_negative):
            value = of(inner)
            assert value >= 0 or not never_negative, "said to be never negative"
            return value // divisor
        case Least(terms):
            return min(of(term) for term in terms)
        case Greatest(terms):
            return max(of(term) for term in terms)
        case If(test, then, otherwise):
            return of(then) if holds(test, variables, words, known, totals) else of(otherwise)
        case Ladder(argument, ladder_steps, top):
            lasts = [step.last for step in ladder_steps]
            assert lasts == sorted(set(lasts)), "steps rise"
            return of(next((step.value for step in ladder_steps if of(argument) <= step.last), top))
        case Match(facts, arms):
            key = tuple(words[fact] for fact in facts)
            (value_,) = [arm.value for arm in arms if key in arm.keys]
            return of(value_)
        case Apply(function, argument):
            return call(function, of(argument))
        case Increment(function, total):
            after, before = totals[total]
            return call(function, after) - call(function, before)
        case _:
            assert_never(code)


def holds(
    test: Test,
    variables: Mapping[str, int],
    words: Mapping[str, str],
    known: Mapping[str, Function],
    totals: Mapping[str, tuple[int, int]],
) -> bool:
    match test:
        case Comparison(left, relation, right):
            sides = [Fraction(run(side, variables, words, known, totals)) for side in (left, right)]
            return compare(sides[0], relation, sides[1])
        case WordIn(fact, allowed):
            return words[fact] in allowed
        case And(tests):
            return all(holds(inner, variables, words, known, totals) for inner in tests)
        case Or(tests):
            return any(holds(inner, variables, words, known, totals) for inner in tests)
        case Negation(inner):
            return not holds(inner, variables, words, known, totals)
        case _:
            assert_never(test)


def assert_like_the_reference(policy: Model, claims: list[dict[str, FactInput]]) -> None:
    """Settle the claims by the reference, and compare every amount of each with what the code makes of it."""
    code = whole_number_code(policy)
    known = {function.name: function for function in code.functions}
    ledger: Mapping[tuple[str, str, str], int] = {}
    for claim in claims:
        outcome, following = settle(policy, claim, ledger)
        assert isinstance(outcome, Settled), outcome
        words = {name: value for name, value in claim.items() if isinstance(value, str)}
        totals = {}
        for total in policy.running_totals:
            before = ledger.get(ledger_key(total, claim), 0)
            totals[total.name] = (before + outcome.amounts[total.amount], before)
        variables = {name: value for name, value in claim.items() if isinstance(value, int)}
        for amount in code.amounts:
            assert run(amount.value, variables, words, known, totals) == outcome.amounts[amount.name], (amount, claim)
            variables[amount.name] = outcome.amounts[amount.name]
        ledger = following


EDGES = (0, 1, 10_000, 80_00, 200_00, 500_00, 15_000_00, 30_000_00, 6_000_00, 20_000_00, 50_000_00, 500_000_00)


def money_near_edges(random: Random) -> int:
    return max(random.choice((*EDGES, random.randrange(10**8))) + random.randrange(-2, 3), 0)


def claims_of(policy: Model, count: int, seed: int) -> list[dict[str, FactInput]]:
    """Claims of one person, at and around the ends of the bands."""
    random = Random(seed)
    found: list[dict[str, FactInput]] = []
    for number in range(count):
        larger, smaller = sorted((money_near_edges(random), money_near_edges(random)), reverse=True)
        claim: dict[str, FactInput] = {
            "claim": f"{number:04d}",
            "person": "A",
            "discharged": date(2013, 1 + number * 11 // count, 1),
            "borne": larger,
            "cost": larger,
            "basic_paid": smaller,
            "illness": random.choice(ILLNESS.values),
            "hospital": random.choice(HOSPITAL.values),
        }
        names = {"claim", *(fact.name for fact in policy.facts)}
        found.append({name: value for name, value in claim.items() if name in names})
    return found


# The same as the reference --------------------------------------------------------------------------


@pytest.mark.parametrize("mode", RoundingMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("unit", [1, 5, 100])
def test_an_accumulating_benefit_in_every_rounding(mode: RoundingMode, unit: int) -> None:
    policy = ningxia(mode=mode, unit=unit)
    for seed in range(4):
        assert_like_the_reference(policy, claims_of(policy, 12, seed))


@pytest.mark.parametrize("policy", [yearly_cap(), stack(), ningxia(added_up=False)], ids=lambda policy: policy.id)
def test_caps_and_layers(policy: Model) -> None:
    for seed in range(40):
        assert_like_the_reference(policy, claims_of(policy, 8, seed))


def amount_of(expression: Expression) -> Model:
    """A policy whose one benefit is the given formula of cost, basic_paid, illness and hospital."""
    base = Amount("layer.base", Role.BASE, FactValue("cost", at()), "layer", at(8))
    benefit = Amount("layer", Role.BENEFIT, expression, "layer", at(9))
    facts = (PERSON, DISCHARGED, money("cost", 10**9), money("basic_paid", 10**9, "cost"), ILLNESS, HOSPITAL)
    return model(facts, (base, benefit), FactValue("cost", at()), (Benefit("layer", "layer.base", False, at()),))


COST = FactValue("cost", at())
PAID = FactValue("basic_paid", at())
BASE = AmountValue("layer.base", at())
REST = Difference(COST, PAID, at())


def some(value: int) -> Constant:
    return Constant(value, at())


def cents(value: Expression) -> Rounded:
    return Rounded(value, RoundingMode.HALF_UP, 1, at())


def over(amount: int) -> Condition:
    return Compare(COST, Relation.MORE, some(amount), at())


FORMULAS: Mapping[str, Expression] = {
    "a share of two amounts": cents(Scaled(Fraction(1, 3), Sum((COST, PAID), at()), at())),
    "rounded half even, two amounts": Rounded(
        Sum((Scaled(Fraction(1, 4), COST, at()), Scaled(Fraction(1, 6), PAID, at())), at()),
        RoundingMode.HALF_EVEN,
        10,
        at(),
    ),
    "less than nothing, rounded up": Rounded(
        Difference(Scaled(Fraction(1, 7), COST, at()), Scaled(Fraction(6, 7), PAID, at()), at()),
        RoundingMode.UP,
        3,
        at(),
    ),
    "the larger and the smaller": cents(
        Largest((some(0), Smallest((Scaled(Fraction(2, 3), COST, at()), Difference(PAID, some(77), at())), at())), at())
    ),
    "by hospital and illness": cents(
        Choice(
            AnyOf((IsOneOf("hospital", ("county",), at()), IsOneOf("illness", ("listed",), at())), at()),
            Scaled(Fraction(1, 2), COST, at()),
            Scaled(Fraction(1, 3), PAID, at()),
            at(),
        )
    ),
    "by amounts": cents(
        Choice(
            AllOf(
                (over(6_000_00), Not(Compare(COST, Relation.AT_LEAST, Scaled(Fraction(5, 2), PAID, at()), at()), at())),
                at(),
            ),
            Scaled(Fraction(1, 2), COST, at()),
            PAID,
            at(),
        )
    ),
    "one amount, chosen by hospital, not below a floor": cents(
        Largest(
            (
                some(12),
                Choice(
                    IsOneOf("hospital", ("county",), at()),
                    Scaled(Fraction(1, 9), COST, at()),
                    Capped(Scaled(Fraction(1, 8), COST, at()), some(40_000), at()),
                    at(),
                ),
            ),
            at(),
        )
    ),
    "bands of a difference": cents(schedule(REST, over_to([0, 20_000_00], [(50,), (90,)]), opening=deductible(80_00))),
    "bands of a difference, capped by another amount": Capped(
        cents(schedule(REST, over_to([0, 20_000_00], [(50,), (90,)]), opening=deductible(80_00))),
        Scaled(Fraction(1), PAID, at()),
        at(),
    ),
    "bands of what may be negative": cents(
        schedule(Difference(PAID, some(500_00), at()), over_to([0, 20_000_00], [(50,), (90,)]))
    ),
    "bands by illness beside another amount": cents(
        Smallest(
            (
                schedule(
                    BASE,
                    over_to([0, 20_000_00], NINGXIA_PERCENT[:2]),
                    categories=("illness",),
                    columns=(("general",), ("listed",)),
                ),
                PAID,
            ),
            at(),
        )
    ),
    "what each claim adds to an unrounded total, rounded by itself": cents(
        Accumulated(
            total_of("layer.base", LIFELONG),
            schedule(TotalSoFar(at()), over_to([0, 20_000_00], [(37,), (59,)])),
            at(),
        )
    ),
    "two totals of one amount": Sum(
        (
            Accumulated(total_of("layer.base", LIFELONG), Capped(TotalSoFar(at()), some(700_00), at()), at()),
            Accumulated(total_of("layer.base"), Capped(TotalSoFar(at()), some(600_00), at()), at()),
        ),
        at(),
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_of_other_kinds(name: str) -> None:
    policy = amount_of(FORMULAS[name])
    for seed in range(30):
        assert_like_the_reference(policy, claims_of(policy, 4, seed))


# Rounding -------------------------------------------------------------------------------------------


@given(
    slope=st.fractions(-3, 3, max_denominator=30),
    intercept=st.fractions(-50, 50, max_denominator=30),
    mode=st.sampled_from(RoundingMode),
    unit=st.integers(1, 12),
)
def test_rounding_by_floor_divisions_is_rounding(
    slope: Fraction, intercept: Fraction, mode: RoundingMode, unit: int
) -> None:
    scope = Scope({"x": Width(0, 80)}, {})
    code = whole(rounded(line(Variable("x"), slope, intercept), mode, unit, scope), scope)
    width = code_range(code, scope)
    for argument in range(81):
        value = run(code, {"x": argument}, {}, {}, {})
        assert value == round_to_unit(slope * argument + intercept, mode, unit)
        assert width.lowest <= value <= width.highest


def test_half_even_costs_nothing_more_where_no_tie_can_be() -> None:
    scope = Scope({"x": Width(0, 80)}, {})
    thirds = rounded(line(Variable("x"), Fraction(1, 3), Fraction(0)), RoundingMode.HALF_EVEN, 1, scope)
    halves = rounded(line(Variable("x"), Fraction(1, 2), Fraction(0)), RoundingMode.HALF_EVEN, 1, scope)
    assert divisions(whole(thirds, scope)) == 1
    assert divisions(whole(halves, scope)) == 3


def divisions(code: Code) -> int:
    return sum(isinstance(node, FloorDivide) for node in walk_code(code))


def divided(code: Code) -> Iterator[FloorDivide]:
    return (node for node in walk_code(code) if isinstance(node, FloorDivide))


# The form of the code -------------------------------------------------------------------------------


def test_the_steps_of_ningxia() -> None:
    policy = ningxia()
    (function,) = functions(policy)
    assert (function.name, function.argument, function.facts) == ("critical_illness", "total", ("illness",))
    assert (function.lowest, function.highest) == (0, DOMAIN_TOP)
    assert isinstance(function.body, Match)
    general, listed = function.body.arms
    assert (general.keys, listed.keys) == ((("general",),), (("listed",),))
    assert isinstance(general.value, Ladder)
    assert [step.line for step in general.value.steps] == [12, 15, 16, 17, 18, 19, 20, 21]
    assert [step.last for step in general.value.steps][:2] == [6_000 * YUAN, 20_000 * YUAN]
    assert general.value.steps[2].value == FloorDivide(
        Subtract(Multiply(13, Variable("total")), Number(8_499_988)), 25, never_negative=True
    )
    total = policy.running_totals[0].name
    assert [step.value for step in steps(policy)] == [
        Variable("borne"),
        Increment("critical_illness", total),
        Subtract(Variable("borne"), Variable("critical_illness")),
    ]


def test_every_division_of_the_tables_is_shown_to_be_of_what_is_never_negative() -> None:
    for policy in (ningxia(), yearly_cap(), stack()):
        for function in functions(policy):
            assert all(node.never_negative for node in divided(function.body))


def test_equal_cells_share_an_arm_and_facts_that_make_no_difference_are_dropped() -> None:
    by_both = schedule(
        BASE,
        over_to([0], [[50, 40, 40, 50, 40, 40]]),
        categories=("illness", "hospital"),
        columns=tuple((illness, hospital) for illness in ILLNESS.values for hospital in HOSPITAL.values),
    )
    (function,) = functions(amount_of(cents(by_both)))
    assert function.facts == ("hospital",)
    assert isinstance(function.body, Match)
    assert [arm.keys for arm in function.body.arms] == [(("township",),), (("county",), ("above_county",))]


def test_ten_thousand_bands_become_one_ladder() -> None:
    bands = over_to([YUAN * place for place in range(10_000)], [[place % 100] * 2 for place in range(10_000)])
    (function,) = functions(ningxia(bands=bands))
    assert isinstance(function.body, Ladder), "both columns are equal"
    assert len(function.body.steps) == 3_999, "the deductible of 6,000 hides the bands below it"


# Width ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [ningxia(), yearly_cap(), stack()], ids=lambda policy: policy.id)
def test_real_tables_fit_64_bits(policy: Model) -> None:
    code = whole_number_code(policy)
    require_int64(policy, code.functions, code.amounts)


def test_what_leaves_64_bits_is_refused_by_name() -> None:
    def weighing(times: int) -> Model:
        both = Sum((COST, Scaled(Fraction(times), PAID, at())), at())
        return amount_of(cents(Scaled(Fraction(1, 3), both, at())))

    fine, too_wide = weighing(10**9), weighing(10**10)
    require_int64(fine, functions(fine), steps(fine))
    with pytest.raises(TooWide) as refusal:
        require_int64(too_wide, functions(too_wide), steps(too_wide))
    assert refusal.value.amount == "layer"
    assert refusal.value.span.line == 9


def test_a_function_that_leaves_64_bits_is_refused_by_the_amount_it_computes() -> None:
    fine = Scaled(Fraction(1, 10**5), BASE, at())
    long = Scaled(Fraction(123_456_789_012, 10**12), BASE, at())
    for value, refused in ((fine, False), (long, True)):
        policy = amount_of(cents(value))
        if refused:
            with pytest.raises(TooWide, match="layer"):
                require_int64(policy, functions(policy), steps(policy))
        else:
            require_int64(policy, functions(policy), steps(policy))


def test_the_edge_of_64_bits() -> None:
    scope = Scope({"x": Width(0, 2**62)}, {})
    assert fits_int64(Add((Variable("x"), Number(2**62 - 1))), scope)
    assert not fits_int64(Add((Variable("x"), Number(2**62))), scope)
    assert not fits_int64(Subtract(Add((Variable("x"), Variable("x"))), Variable("x")), scope)
    assert not fits_int64(FloorDivide(Subtract(Number(0), Multiply(2, Variable("x"))), 9, never_negative=False), scope)
    assert fits_int64(FloorDivide(Multiply(1, Variable("x")), 9, never_negative=True), scope)
