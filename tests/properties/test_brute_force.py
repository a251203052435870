"""The verifier against trying everything: random small policies, every claim after every other claim.

Where the verifier says `proved`, no claim may show the flaw; where some claim shows it, the verifier must have found
one. TIERPROOF_BRUTE_FORCE sets how many policies are tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compiler.caps import uncapped
from compiler.evaluate import Claim, Ledger, LedgerKey, Outcome, Settled, Undefined, holds, ledger_key, settle, value_of
from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from compiler.model import (
    OWN_SHARE,
    Always,
    AmountBound,
    Band,
    BandRatio,
    Capped,
    Choice,
    Constant,
    Expression,
    Manner,
    Model,
    MoneyFact,
    NeverBelow,
    NeverFalls,
    PeriodBound,
    Reaches,
    Requirement,
    Rounded,
    Scaled,
    Schedule,
    Side,
    TotalSoFar,
    rebuilt,
    sources,
    walk,
)
from compiler.schedule import NoValueError, paid_parts
from compiler.verify import verify
from compiler.verify.ground import LACKING
from compiler.verify.unknown import at_value, has_unknown
from tests.properties.everything import DAYS, Asked, Bill, Tried, at_values, bills, claim_of, everything, settling
from tests.properties.small_policies import Small, TwoVersions, policies, versions

POLICIES = int(os.environ.get("TIERPROOF_BRUTE_FORCE", "150"))


# A failing policy is small to begin with, and each try is slow: it is shown as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=POLICIES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(policies())
def test_verifier_agrees_with_trying_everything(small: Small) -> None:
    compare(Asked(small.model, (small.model,)))


@settings(max_examples=max(POLICIES // 10, 1), deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(versions(), st.integers(0, 3))
def test_verifier_agrees_with_trying_everything_of_two_versions(two: TwoVersions, seldom: int) -> None:
    both = (two.earlier, two.later)
    compare(Asked(two.earlier if seldom == 0 else two.later, both))


def compare(about: Asked) -> None:
    """Every answer of the verifier, both ways."""
    model = about.model
    findings = verify(model)
    unsure = has_unknown(about.whole)
    lacking = [finding for finding in findings if finding.property.code in LACKING]
    tried = everything(about)
    no_value = [one for one in tried if isinstance(one.outcome, Undefined)]
    # A deductible inside the first band promises too much, and yet every amount has a value.
    inside = ("TP104.inside", "TP104.moving_inside")
    flawed = [finding for finding in lacking if isinstance(finding, Refuted) and finding.diagnostic.key not in inside]
    # A flaw that takes three claims to show is beyond what is tried here; its witness was replayed.
    within_reach = [finding for finding in flawed if len(finding.witness.claims) < 3]
    if no_value:
        # What is asked of totals from 0 on says nothing of claims after others, and then says so.
        below_zero = any(isinstance(one, Unknown) and one.reason == "waits for TP203" for one in lacking)
        beyond = all(one.mixed or (below_zero and one.history) for one in no_value)
        open_too = beyond and any(isinstance(one, Unknown) for one in lacking)
        assert flawed or open_too, no_value[0]
    else:
        assert not within_reach

    in_doubt = [one for one in findings if one.property.code in (*LACKING, "TP203") and not isinstance(one, Proved)]
    assert in_doubt or all(map(asked, ([one] for one in findings if not _waits_for_another_version(one))))

    @cache
    def tried_with(names: frozenset[str]) -> tuple[Tried, ...]:
        return everything(about.narrowed(*names))

    def tried_for(*names: str) -> tuple[Tried, ...]:
        """Claims of which these amounts have a value, whether or not others have one."""
        return tried_with(sources(model, frozenset(names))) if no_value else tried

    for name in [amount.name for amount in model.amounts]:
        base = [benefit.base for benefit in model.benefits if benefit.name == name]
        found = of(findings, "TP203", name)
        if asked(found):
            agree(found, [one for one in tried_for(name, *base) if out_of_range(model, name, one)], unsure)
    found = of(findings, "TP202")
    if asked(found):
        agree(found, pairs_that_fall(tried_for(OWN_SHARE), OWN_SHARE), unsure)
    for benefit in model.benefits:
        found = of(findings, "TP205", benefit.name)
        if asked(found):
            agree(found, splits_that_matter(about.narrowed(benefit.name), benefit.name), unsure)
    for requirement in model.requirements:
        if isinstance(requirement, NeverBelow):
            continue  # test_two_people.py
        found = [finding for finding in findings if finding.property.span == requirement.span]
        amount = requirement.amount if isinstance(requirement, NeverFalls) else "first"
        if not asked(found):
            continue
        if isinstance(requirement, PeriodBound):
            agree(found, over_in_a_period(about, requirement), unsure)
        elif isinstance(requirement, Reaches):
            reached(found, requirement, tried_for(amount), unsure)
        else:
            shown = counterexamples(model, requirement, tried_for(amount))
            agree(found, shown, unsure or isinstance(requirement, NeverBelow))
    if len(about.versions) == 1 and not flawed and not any(isinstance(one, Unknown) for one in lacking):
        compare_bands(model, findings, tried)
    compare_dead_clauses(about, findings)


def compare_bands(model: Model, findings: tuple[Finding, ...], tried: tuple[Tried, ...]) -> None:
    """A band of constant ends is dead exactly where changing its ratio changes no payment."""
    names = ("first.before_cap", "first")
    steps = (*(uncapped(name) for name in names), *names)
    amount = next(model.amount(name) for name in steps if any(one.name == name for one in model.amounts))
    tables = [node for node in walk(amount.expression) if isinstance(node, Schedule)]
    if len(tables) != 1 or not tables[0].constant or model.dated:
        return
    (table,) = tables
    if any(isinstance(one, Unknown) and one.property.span == table.span for one in of(findings, "TP103", "first")):
        return  # it waits for TP203
    arguments = arguments_of(table, tried)
    dead = {
        finding.property.span
        for finding in findings
        if isinstance(finding, Refuted)
        and finding.diagnostic.key.startswith("TP103")
        and finding.property.subject == "first"
    }
    for band in table.bands:
        seen = any(matters(table, band, kind, x) for kind, x in arguments)
        if band.span in dead:
            assert not seen, band
        elif not seen:
            assert any(matters(table, band, kind, x) for kind in ("a", "b") for x in range(200)), band


def compare_dead_clauses(about: Asked, findings: tuple[Finding, ...]) -> None:
    """What is said to be dead changes no payment: a band by its ratio, a cap or a condition by not being there.

    Not of tables by season, which say alike where their clauses stand.
    """
    dead = {
        (finding.property.code, finding.property.subject, finding.property.span): finding.diagnostic.variant
        for finding in findings
        if isinstance(finding, Refuted) and finding.property.code in ("TP103", "TP204")
    }

    def without(subject: str, ratio: Fraction) -> Callable[[Expression], Expression]:
        def change(node: Expression) -> Expression:
            match node:
                case Schedule(bands=bands):
                    return replace(node, bands=tuple(with_ratio(band) for band in bands))
                case Capped(value, cap) if ("TP204", subject, cap.span) in dead:
                    return value
                case Choice(condition, then, otherwise) if ("TP103", subject, condition.span) in dead:
                    return then if dead["TP103", subject, condition.span] == "always" else otherwise
                case _:
                    return node

        def with_ratio(band: Band) -> Band:
            if ("TP103", subject, band.span) not in dead:
                return band
            return replace(band, ratios=tuple(BandRatio(ratio, None, one.span) for one in band.ratios))

        return change

    def paying(ratio: Fraction) -> list[dict[str, int] | str]:
        amounts = (
            replace(one, expression=rebuilt(one.expression, without(one.benefit or one.name, ratio)))
            for one in about.model.amounts
        )
        changed = replace(about.model, amounts=tuple(amounts))
        versions = tuple(changed if one is about.model else one for one in about.versions)
        return paid(Asked(changed, versions))

    def paid(asked: Asked) -> list[dict[str, int] | str]:
        """What every claim is paid, if it is; of two versions, one without its cap has other amounts on the way."""
        names = (*(benefit.name for benefit in asked.model.benefits), OWN_SHARE)
        return [
            {name: one.outcome.amounts[name] for name in names}
            if isinstance(one.outcome, Settled)
            else type(one.outcome).__name__
            for one in everything(asked)
        ]

    if dead and not about.model.dated:
        nothing, all_of_it = paying(Fraction(0)), paying(Fraction(1))
        assert nothing == all_of_it, dead
        if not any(code == "TP103" for code, *_ in dead):
            assert nothing == paid(about), dead


def arguments_of(table: Schedule, tried: tuple[Tried, ...]) -> set[tuple[str, int]]:
    """What the bands look at in the claims tried that are paid for it, with the kind of the claim: what is added up is
    paid `f(S) - f(S)` by a claim that adds nothing.
    """
    bases = {
        repr({**one.claim, "claim": "1"}): one.outcome.amounts["first.base"]
        for one in tried
        if isinstance(one.outcome, Settled)
    }
    added_up = any(isinstance(node, TotalSoFar) for node in walk(table.argument))
    found: set[tuple[str, int]] = set()
    for one in tried:
        earlier = sum(bases[repr(claim)] for claim in one.history) if added_up else 0
        base = bases.get(repr({**one.claim, "claim": "1"}))
        if base is None or (added_up and base == 0):
            continue
        # On the whole amount the total before is looked at too, as far as this claim's kind looks.
        totals = (earlier, earlier + base) if added_up and table.manner is Manner.ON_THE_WHOLE else (earlier + base,)
        for total in totals:
            x = value_of(table.argument, one.claim, {"first.base": base}, {}, total)
            found.add((str(one.claim["kind"]), int(x)))
    return found


def matters(table: Schedule, band: Band, kind: str, x: int) -> bool:
    """Whether the payment for an amount depends on the ratio of a band."""

    def paid(share: Fraction) -> Fraction | None:
        given = tuple(replace(ratio, ratio=share, unknown=None) for ratio in band.ratios)
        bands = tuple(replace(one, ratios=given) if one is band else one for one in table.bands)
        changed = at_value(replace(table, argument=Constant(x, table.span), bands=bands), Fraction(1, 2))
        assert isinstance(changed, Schedule)
        column = (kind,) if table.categories else ()
        try:
            parts = paid_parts(changed, column, lambda node: value_of(node, {"kind": kind}, {}, {}))
        except NoValueError:
            return None
        return sum((part.gives for part in parts), Fraction(0))

    return paid(Fraction(0)) != paid(Fraction(1))


def of(findings: tuple[Finding, ...], code: str, subject: str = "") -> list[Finding]:
    return [
        finding for finding in findings if finding.property.code == code and subject in ("", finding.property.subject)
    ]


def asked(found: list[Finding]) -> bool:
    """Whether something was asked; it was not where it waits for another check."""
    assert found
    return not any(isinstance(finding, Unknown) and finding.reason.startswith("waits") for finding in found)


def _waits_for_another_version(finding: Finding) -> bool:
    return isinstance(finding, Unknown) and finding.reason.endswith(" of another version")


def agree(found: list[Finding], shown: list[Tried], may_be_open: bool = False) -> None:
    """Refuted exactly where a claim shows it; what only claims after those of another version show may stay open.

    `may_be_open`: a method that is known not to decide everything may answer that it does not know.
    """
    unknown = [finding for finding in found if isinstance(finding, Unknown)]
    mixed = all(one.mixed for one in shown)
    assert may_be_open or mixed or not unknown, (unknown, shown[0])
    if unknown:
        return
    refuted = any(isinstance(finding, Refuted) for finding in found)
    if shown:
        assert refuted, shown[0]
    else:
        # A flaw that takes three claims to show is beyond what is tried here; its witness was replayed.
        assert not refuted or all(
            isinstance(finding, Proved) or len(finding.witness.claims) >= 3
            for finding in found
            if not isinstance(finding, Unknown | NotAsked)
        )


def reached(found: list[Finding], requirement: Reaches, tried: tuple[Tried, ...], unsure: bool) -> None:
    """What a claim reaches is proved. What none of these reaches may take three claims, so it need not be refuted.

    `unsure`: it may be reached with one value of an unknown ratio and not with another; it is never refuted then.
    """
    (finding,) = found
    if unsure and isinstance(finding, Unknown):
        return
    for one in tried:
        if isinstance(one.outcome, Settled) and holds(requirement.condition, one.claim, one.outcome.amounts):
            assert isinstance(finding, Proved) or (one.mixed and isinstance(finding, Unknown)), one


def out_of_range(model: Model, name: str, one: Tried) -> bool:
    if not isinstance(one.outcome, Settled):
        return False
    value = one.outcome.amounts[name]
    base = next((one.outcome.amounts[benefit.base] for benefit in model.benefits if benefit.name == name), value)
    return value < 0 or value > base


def pairs_that_fall(tried: tuple[Tried, ...], name: str) -> list[Tried]:
    """Claims of which the same, one unit dearer, has less of an amount."""
    settled = [(one, one.outcome.amounts[name]) for one in tried if isinstance(one.outcome, Settled)]
    values = {same_but_for_cost(one, 0): value for one, value in settled}
    return [one for one, value in settled if values.get(same_but_for_cost(one, 1), value) < value]


def same_but_for_cost(one: Tried, dearer: int) -> tuple[object, ...]:
    claim = one.claim
    cost = claim["cost"]
    assert isinstance(cost, int)
    return (one.after, claim["kind"], claim["fund"], claim["discharged"], cost + dearer)


def counterexamples(model: Model, requirement: Requirement, tried: tuple[Tried, ...]) -> list[Tried]:
    settled = [(one, one.outcome.amounts) for one in tried if isinstance(one.outcome, Settled)]
    match requirement:
        case NeverFalls(amount):
            return pairs_that_fall(tried, amount)
        case AmountBound(amount, side, limit):
            found = [(one, amounts[amount], value_of(limit, one.claim, amounts, {})) for one, amounts in settled]
            return [one for one, value, end in found if (value < end if side is Side.AT_LEAST else value > end)]
        case Always(condition):
            return [one for one, amounts in settled if not holds(condition, one.claim, amounts)]
        case NeverBelow(benefit, _, better, worse):
            return less_received(settled, benefit, better, worse)
        case _:
            raise AssertionError(requirement)


def over_in_a_period(about: Asked, requirement: PeriodBound) -> list[Tried]:
    """Claims with which a person's claims of one period come to more of an amount than the limit; none if none do.

    Two claims after one another are tried, in a small policy three. Those of one version alone come first.
    """
    bound = requirement.total
    found: list[Tried] = []
    for number, known in enumerate(at_values(about.narrowed(bound.amount).whole)):
        totals = [total for total in known.running_totals if total.name != bound.name] + [bound]
        claims = bills(known)
        if len({total.period for total in totals}) > 1:
            # The days of both seasons, and a second month within the later one.
            days = (*DAYS, date(2024, 3, 1))
            claims = list(dict.fromkeys((*bill[:3], day) for bill in claims for day in days))
        keys = {day: [ledger_key(one, {"person": "A", "discharged": day}) for one in totals] for *_, day in claims}
        settled: dict[tuple[object, ...], Outcome] = {}
        reached: dict[object, tuple[dict[LedgerKey, int], tuple[Claim, ...]]] = {(): ({}, ())}
        for length in range(1, 4 if len(claims) <= 9 else 3):
            before, reached = reached, {}
            for (ledger, history), bill in product(before.values(), claims):
                if history and str(history[-1]["discharged"]) > str(bill[3]):
                    continue
                state = (bill, *(ledger.get(key, 0) for key in keys[bill[3]]))
                if state not in settled:
                    settled[state] = settle(known, claim_of(bill, 1), ledger)[0]
                outcome, after = settled[state], dict(ledger)
                if isinstance(outcome, Settled):
                    for total, key in zip(totals, keys[bill[3]], strict=True):
                        after[key] = ledger.get(key, 0) + outcome.amounts[total.amount]
                    claim = claim_of(bill, length)
                    mixed = not all(about.speaks_of(one["discharged"]) for one in history)
                    if about.speaks_of(bill[3]) and after[ledger_key(bound, claim)] > requirement.limit:
                        found.append(Tried((number, length), history, claim, outcome, 0, mixed))
                        if not mixed:
                            return found[-1:]
                    state = (tuple(sorted(after.items())), bill[3], mixed or not about.speaks_of(bill[3]))
                    reached.setdefault(state, (after, (*history, claim)))
    return found


def splits_that_matter(about: Asked, name: str) -> list[Tried]:
    """Bills of which two parts, settled after one another, are paid something else than the whole: but for rounding.

    Kind, day and fund are the same; the cost of the parts adds up, and so does the fund where it is a part of the cost.
    """
    found: list[Tried] = []
    for known in at_values(about.whole):
        settle_bill = settling(known)
        found += _splits(about, name, settle_bill, {}, False)
        for bill in bills(known):
            outcome, ledger = settle_bill(bill, {})
            if isinstance(outcome, Settled) and not about.speaks_of(bill[3]):
                found += _splits(about, name, settle_bill, ledger, True)
    return found


def _splits(
    about: Asked, name: str, settle_bill: Callable[[Bill, Ledger], tuple[Outcome, Ledger]], before: Ledger, mixed: bool
) -> Iterator[Tried]:
    tolerance = sum(rounding_units(amount.expression) for amount in about.model.amounts)
    fund = next((fact for fact in about.model.facts if fact.name == "fund"), None)
    of_the_bill = isinstance(fund, MoneyFact) and fund.at_most == "cost"
    claims = [bill for bill in bills(about.whole) if about.speaks_of(bill[3])]
    alone = {bill: settle_bill(bill, before) for bill in claims}
    settled = {bill: (one, ledger) for bill, (one, ledger) in alone.items() if isinstance(one, Settled)}
    for (cost, part_of_fund, kind, day), (first, ledger) in settled.items():
        for whole, (outcome, _) in settled.items():
            other = (whole[0] - cost, whole[1] - part_of_fund if of_the_bill else whole[1], kind, day)
            alike = whole[2:] == (kind, day) and (of_the_bill or whole[1] == part_of_fund)
            if not alike or other not in settled or min(cost, other[0]) < 1:
                continue
            second = settle_bill(other, ledger)[0]
            if isinstance(second, Settled):
                together = first.amounts[name] + second.amounts[name]
                if abs(together - outcome.amounts[name]) > tolerance:
                    yield Tried((0, 0), (), claim_of(whole, 1), outcome, 0, mixed)


def rounding_units(formula: Expression) -> int:
    """A unit for each rounding, but for those of whole numbers to one."""
    found = 0
    for node in walk(formula):
        if isinstance(node, Rounded):
            fractions = any(gives_fractions(inner) for inner in walk(node.value))
            found += node.unit if fractions or node.unit > 1 else 0
    return found


def gives_fractions(node: Expression) -> bool:
    return isinstance(node, Schedule) or (isinstance(node, Scaled) and node.ratio.denominator > 1)


def less_received(settled: Sequence[tuple[Tried, object]], benefit: str, better: str, worse: str) -> list[Tried]:
    """Of two people with the same bills, one of each kind: where the better kind has received less so far."""
    so_far: dict[tuple[str, tuple[object, ...]], tuple[Tried, int]] = {}
    for one, _ in settled:
        kinds = {claim["kind"] for claim in (*one.history, one.claim)}
        if len(kinds) == 1:
            assert isinstance(one.outcome, Settled)
            bills = ((claim["cost"], claim["discharged"]) for claim in (*one.history, one.claim))
            so_far[(str(one.claim["kind"]), (one.after[0], *bills))] = (
                one,
                one.received + one.outcome.amounts[benefit],
            )
    return [
        one
        for (kind, bills), (one, received) in so_far.items()
        if kind == better and (worse, bills) in so_far and received < so_far[(worse, bills)][1]
    ]
