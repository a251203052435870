"""The text is the policy: every rejection and every amount, one at a time, for every claim.

An amount is asked about in each cell of the categories that its formula reads. Earlier amounts are cuts on both sides,
within what is proved of them (`compiler.ranges`). That is sound because both the policy and the text compute one amount
after another: where each step is equal for whatever the steps before gave, the first amount that differs cannot be. A
difference in cuts need not be able to happen, so it is asked again with every cut put back; what is shown is a claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

import z3

from compiler.domain import Rejection
from compiler.evaluate import Claim, Ledger, Outcome, Settled, Undefined, ledger_key, settle
from compiler.model import (
    CLAIM_NUMBER,
    Amount,
    CategoryFact,
    CountFact,
    DateFact,
    FactInput,
    IdentifierFact,
    MoneyFact,
    totals_in,
)
from compiler.validate.increments import increments, increments_cut
from compiler.validate.meaning import (
    FIRST_DAY,
    LAST_DAY,
    Formula,
    Sort,
    after,
    always,
    earlier,
    first_broken,
    for_words,
    formula,
    in_cell,
    sort_of,
    totals_opened,
    with_definitions,
    within_totals,
)
from compiler.validate.parts import SMALL, differ, guesses, variables
from compiler.validate.reading import Duty, Reading
from compiler.validate.values import Refusal, both, day_of_number, either, text_of_number
from compiler.verify.contract import category_facts, cells
from compiler.verify.solve import Answer, Impossible, Possible, Undecided, ask
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Differs:
    """A claim for which the text says something else than the policy.

    subject     the amount, or the field of a rejection
    line        of the text; 0 where it is no single line
    claim       the facts of the claim; what is of a wrong type is a text in angle brackets
    totals      the running totals before it, of those that are not 0
    policy      what the policy says, settled by the reference interpreter
    calculator  what the text says
    """

    subject: str
    line: int
    claim: tuple[tuple[str, FactInput | None], ...]
    totals: tuple[tuple[str, int], ...]
    policy: str
    calculator: str
    span: Span


@dataclass(frozen=True, slots=True)
class NotShown:
    """The solver gave up on a question."""

    subject: str
    line: int
    span: Span


@dataclass(frozen=True, slots=True)
class Strange:
    """Something in the text that no calculator has."""

    line: int
    what: str
    span: Span


Flaw = Differs | NotShown | Strange


def flaws(reading: Reading) -> Iterator[Flaw]:
    """What keeps a text from being its policy; nothing where it is proved to be."""
    yield from _rejections(reading)
    yield from _words(reading)
    for amount in reading.model.amounts:
        yield from _amount(reading, amount)
        if amount.name in reading.again:
            again = {**reading.amounts, amount.name: reading.again[amount.name]}
            yield from _amount(replace(reading, amounts=again), amount)
    yield from _refusals(reading)
    yield from _duties(reading)


# Questions ------------------------------------------------------------------------------------------


def _rejections(reading: Reading) -> Iterator[Flaw]:
    """Whatever comes in is rejected for the same reason, or not rejected."""
    meant, said = reading.meant, reading.rejected
    due = first_broken(meant.rules)
    differ = z3.Or(said.field != due.field, said.reason != due.reason)
    match ask((*always(meant), differ)):
        case Possible() as found:
            yield _told_otherwise(reading, found)
        case Undecided():
            yield NotShown("the rejected claims", 0, reading.model.span)
        case Impossible():
            pass


def _words(reading: Reading) -> Iterator[Flaw]:
    """Every day in force has the same word."""
    for name, said in reading.words.items():
        match ask((*reading.meant.valid, *reading.meant.unbroken, said != reading.meant.dated[name])):
            case Possible() as found:
                yield _differs(reading, found, name, 0, reading.model.span)
            case Undecided():
                yield NotShown(name, 0, reading.model.span)
            case Impossible():
                pass


def _amount(reading: Reading, amount: Amount) -> Iterator[Flaw]:
    """An amount is the same in every category cell, and never NULL."""
    meant, computed = reading.meant, reading.amounts[amount.name]
    names = earlier(reading.model, amount.name)
    known = [
        *meant.valid,
        *within_totals(meant, totals_opened(reading.model, amount.name)),
        *(meant.ranges[name] for name in names),
    ]
    found_increments = increments(meant, amount, computed.value)
    for cell in cells(reading.model, category_facts(reading.model, amount.expression)):
        said, null = for_words(computed.value, meant, cell), for_words(computed.null, meant, cell)
        inside = (*known, *in_cell(meant, cell))
        cut = increments_cut(meant, amount, cell, computed.value, found_increments)
        with_cuts = for_words(cut.said, meant, cell)
        if cut.cuts and isinstance(_other(inside, formula(meant, amount, cell, cut.cuts), with_cuts, null), Impossible):
            continue
        due = formula(meant, amount, cell)
        apart = either([null, said != due.value])
        for hint in cut.hints:
            first_claim = _replayed(reading, amount, [*inside, hint])
            if first_claim is not None:
                yield first_claim
                return
        hinted = (ask((*inside, due.has_value, apart, hint), SMALL) for hint in cut.hints)
        likely = next((answer for answer in hinted if isinstance(answer, Possible)), None)
        if likely is None and not cut.cuts and totals_in(amount.expression):
            # The two halves of an increment are not one function: where they differ is found soonest by trying.
            shown = _tried(reading, amount, said, [*inside, due.has_value, apart])
            if isinstance(shown, Differs):
                yield shown
                return
        match likely or _other(inside, due, said, null):
            case Impossible():
                pass
            case Undecided():
                yield _tried(reading, amount, said, [*inside, due.has_value, apart])
            case Possible() as found:
                yield from _shown(reading, amount, found, said, [*inside, due.has_value], apart)


def _shown(
    reading: Reading, amount: Amount, found: Possible, said: z3.ArithRef, inside: list[z3.BoolRef], apart: z3.BoolRef
) -> Iterator[Flaw]:
    """A claim that shows a difference in cuts, if there is one."""
    meant, line = reading.meant, reading.amounts[amount.name].line
    same = [term == found.whole(term) for term in variables(said).values() if z3.is_int(term)]
    alike = ask((*inside, *same), SMALL)
    if isinstance(alike, Possible):
        flaw = _differs(reading, alike, amount.name, line, amount.span)
        if isinstance(flaw, Differs):
            yield flaw
            return
    match ask((*inside, apart, *with_definitions(meant, earlier(reading.model, amount.name), {})), SMALL):
        case Possible() as real:
            yield _differs(reading, real, amount.name, line, amount.span)
        case Undecided():
            yield _tried(reading, amount, said, [*inside, apart])
        case Impossible():
            pass


def _replayed(reading: Reading, amount: Amount, conditions: list[z3.BoolRef]) -> Differs | None:
    """The claim for which these conditions hold, where it shows a difference."""
    found = ask((*conditions, *with_definitions(reading.meant, earlier(reading.model, amount.name), {})), SMALL)
    if isinstance(found, Possible):
        flaw = _differs(reading, found, amount.name, reading.amounts[amount.name].line, amount.span)
        if isinstance(flaw, Differs):
            return flaw
    return None


def _tried(reading: Reading, amount: Amount, said: z3.ArithRef, inside: list[z3.BoolRef]) -> Flaw:
    """A claim that shows a difference, found by trying the amounts at which the formula changes its mind."""
    meant, line = reading.meant, reading.amounts[amount.name].line
    for guess in guesses(
        said, {meant.before[total.name]: after(meant, total) for total in reading.model.running_totals}
    ):
        for more in ((), with_definitions(meant, earlier(reading.model, amount.name), {})):
            found = ask((*inside, *guess, *more), SMALL)
            if not isinstance(found, Possible):
                break
            flaw = _differs(reading, found, amount.name, line, amount.span)
            if isinstance(flaw, Differs):
                return flaw
    return NotShown(amount.name, line, amount.span)


def _other(known: Sequence[z3.BoolRef], due: Formula, said: z3.ArithRef, null: z3.BoolRef) -> Answer:
    """Whether the text can say another value than the one that is due."""
    if not z3.is_false(null):
        answer = ask((*known, due.has_value, null))
        if not isinstance(answer, Impossible):
            return answer
    return differ((*known, due.has_value), said, due.value)


def _refusals(reading: Reading) -> Iterator[Flaw]:
    """A claim that breaks no rule of its own is refused for the same running total, or settled."""
    meant, said = reading.meant, reading.refused
    due = first_broken(reading.rules)
    before = [] if reading.ledger else [term >= 0 for term in meant.before.values()]
    question = (
        *meant.valid,
        *meant.unbroken,
        *reading.known,
        *before,
        z3.Or(said.field != due.field, said.reason != due.reason),
    )
    if isinstance(ask(question), Possible | Undecided):
        names = tuple(amount.name for amount in reading.model.amounts)
        match ask((*question, *with_definitions(meant, names, {}))):
            case Possible() as found:
                yield _refused_otherwise(reading, found, due)
            case Undecided():
                yield NotShown("the running totals", 0, reading.model.span)
            case Impossible():
                pass


def _duties(reading: Reading) -> Iterator[Flaw]:
    """What must never happen does not."""
    for settling in (False, True):
        duties = [duty for duty in reading.duties if duty.settling is settling]
        if duties and not isinstance(_asked(reading, duties), Impossible):
            for duty in duties:
                match _asked(reading, [duty]):
                    case Possible() as found:
                        yield _must_not(reading, found, duty)
                    case Undecided():
                        yield NotShown(duty.what, duty.line, reading.model.span)
                    case Impossible():
                        pass


def _asked(reading: Reading, duties: Sequence[Duty]) -> Answer:
    """Whether one of the duties can fail; of one alone, whether it can for a claim."""
    meant = reading.meant
    if not duties[0].settling:
        return ask((*always(meant), *reading.known, either([duty.fails for duty in duties])))
    failing = [both([duty.fails, *(meant.ranges[name] for name in duty.of)]) for duty in duties]
    known = [
        *meant.valid,
        *meant.unbroken,
        *reading.known,
        *(() if reading.ledger else (term >= 0 for term in meant.before.values())),
    ]
    answer = ask((*known, either(failing)))
    if len(duties) == 1 and isinstance(answer, Possible):
        return ask((*known, *failing, *with_definitions(meant, duties[0].of, {})))
    return answer


# What is shown --------------------------------------------------------------------------------------


def _told_otherwise(reading: Reading, found: Possible) -> Flaw:
    given = _as_given(reading, found)
    due = settle(reading.model, _with_wrong_types(given), {})[0]
    policy = _outcome(due)
    said = _refusal_text(reading.rejected, found)
    field = due.field if isinstance(due, Rejection) else _eval_text(reading.rejected.field, found) or CLAIM_NUMBER
    if policy == said:
        return NotShown("the rejected claims", 0, reading.model.span)
    spans = {fact.name: fact.span for fact in reading.model.facts}
    return Differs(field, 0, tuple(given.items()), (), policy, said, spans.get(field, reading.model.span))


def _differs(reading: Reading, found: Possible, subject: str, line: int, span: Span) -> Flaw:
    """A claim for which an amount is another one, settled by the reference and by the text."""
    claim, ledger = _claim(reading, found), _ledger(reading, found)
    totals = tuple((name, value) for (name, _, _), value in ledger.items())
    outcome = settle(reading.model, claim, ledger)[0]
    said = _by_text(reading, found, subject)
    policy = str(outcome.amounts.get(subject)) if isinstance(outcome, Settled) else _outcome(outcome)
    if policy == said:
        return NotShown(subject, line, span)
    return Differs(subject, line, tuple(claim.items()), totals, policy, said, span)


def _refused_otherwise(reading: Reading, found: Possible, due: Refusal) -> Flaw:
    claim, ledger = _claim(reading, found), _ledger(reading, found)
    totals = tuple((name, value) for (name, _, _), value in ledger.items())
    policy, said = _refusal_text(due, found), _refusal_text(reading.refused, found)
    subject = _eval_text(due.field, found) or _eval_text(reading.refused.field, found) or CLAIM_NUMBER
    return Differs(subject, 0, tuple(claim.items()), totals, policy, said, reading.model.span)


def _must_not(reading: Reading, found: Possible, duty: Duty) -> Flaw:
    if not duty.settling:
        given = _as_given(reading, found)
        return Differs(CLAIM_NUMBER, duty.line, tuple(given.items()), (), "an answer", duty.what, reading.model.span)
    claim, ledger = _claim(reading, found), _ledger(reading, found)
    totals = tuple((name, value) for (name, _, _), value in ledger.items())
    policy = _outcome(settle(reading.model, claim, ledger)[0])
    return Differs(CLAIM_NUMBER, duty.line, tuple(claim.items()), totals, policy, duty.what, reading.model.span)


def _with_wrong_types(claim: Claim) -> Claim:
    """What is only named by its type as a value that is of the wrong type for every fact."""
    wrong: Any = 1.5
    return {name: wrong if isinstance(value, str) and value.startswith("<") else value for name, value in claim.items()}


def _as_given(reading: Reading, found: Possible) -> dict[str, FactInput | None]:
    """A claim as it comes in: facts may be missing, or of a wrong type."""
    return {name: _given_value(reading, name, found) for name in reading.meant.given}


def _given_value(reading: Reading, name: str, found: Possible) -> FactInput | None:
    given, kinds = reading.meant.given[name], reading.meant.kinds
    if _holds(given.null, found):
        return None
    sort = Sort.TEXT if name == CLAIM_NUMBER else sort_of(reading.model.fact(name))
    kind, right = _eval_text(given.kind, found), kinds.of(sort)
    if right is not None and kind not in right:
        return f"<{kind or 'another type'}>"
    if sort is Sort.DAY and kinds.days_are_texts and not _holds(given.is_day, found):
        return "<no day>"
    number = found.whole(given.value)
    match sort:
        case Sort.NUMBER:
            return number
        case Sort.DAY:
            return day_of_number(number) if FIRST_DAY <= number <= LAST_DAY else "<a day out of range>"
        case Sort.TEXT:
            text = text_of_number(number)
            return "another word" if text is None or text.startswith("<") else text
        case _:
            assert_never(sort)


def _claim(reading: Reading, found: Possible) -> Claim:
    """A claim that breaks no rule."""
    values: dict[str, FactInput | None] = {CLAIM_NUMBER: "1"}
    for fact in reading.model.facts:
        number = found.whole(reading.meant.given[fact.name].value)
        match fact:
            case IdentifierFact():
                values[fact.name] = "A"
            case CategoryFact():
                values[fact.name] = text_of_number(number)
            case DateFact():
                values[fact.name] = day_of_number(number)
            case MoneyFact() | CountFact():
                values[fact.name] = number
            case _:
                assert_never(fact)
    return values


def _ledger(reading: Reading, found: Possible) -> Ledger:
    claim = _claim(reading, found)
    before = {total: found.whole(reading.meant.before[total.name]) for total in reading.model.running_totals}
    return {ledger_key(total, claim): value for total, value in before.items() if value}


def _by_text(reading: Reading, found: Possible, subject: str) -> str:
    """What the text makes of a subject: a word, or an amount by way of its own earlier amounts."""
    meant = reading.meant
    known: list[tuple[z3.ExprRef, z3.ExprRef]] = [
        (term, z3.IntVal(found.whole(term)))
        for term in (*(given.value for given in meant.given.values()), *meant.before.values())
    ]
    for name, term in reading.words.items():
        word = z3.simplify(z3.substitute(term, *known))
        if name == subject:
            return text_of_number(word.as_long()) or "none" if z3.is_int_value(word) else "none"
        known.append((meant.words[name], word))
    for amount in reading.model.amounts:
        computed = reading.amounts[amount.name]
        null, value = (z3.simplify(z3.substitute(term, *known)) for term in (computed.null, computed.value))
        if amount.name == subject:
            return "NULL" if z3.is_true(null) else str(value)
        known.append((meant.amounts[amount.name], value))
    raise AssertionError(f"no amount {subject}")


def _outcome(outcome: Outcome) -> str:
    match outcome:
        case Settled():
            return "settled"
        case Rejection(field, reason):
            return f"rejected: {field}: {reason}"
        case Undefined():
            return "no value"
        case _:
            assert_never(outcome)


def _refusal_text(refusal: Refusal, found: Possible) -> str:
    field, reason = _eval_text(refusal.field, found), _eval_text(refusal.reason, found)
    return "settled" if field is None and reason is None else f"rejected: {field}: {reason}"


def _eval_text(term: z3.ArithRef, found: Possible) -> str | None:
    return text_of_number(found.whole(term))


def _holds(term: z3.BoolRef, found: Possible) -> bool:
    there = term.translate(found.values.ctx)
    return bool(z3.is_true(found.values.eval(there, model_completion=True)))
