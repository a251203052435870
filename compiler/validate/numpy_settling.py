"""`_settle` of a NumPy calculator, statement by statement: what is rejected, and what is known of a claim by when.

The functions that it calls are the same in every calculator (`numpy_library.py`). What each of them means is said here:
a column of facts numbers the claims that break a rule of that fact, and the first number that a claim gets stays; then
come the order of claims, the stages, and between them the running totals, of which "before" is anything from 0.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from compiler.domain import DUPLICATE
from compiler.model import (
    CLAIM_NUMBER,
    CategoryFact,
    CountFact,
    DateFact,
    IdentifierFact,
    Model,
    MoneyFact,
    PeriodKind,
    RunningTotal,
)
from compiler.validate.bounds import Bounds
from compiler.validate.meaning import FIRST_DAY, LAST_DAY, Meaning, after, place_of
from compiler.validate.numpy_run import Scope, Value, iso_day, on, truth
from compiler.validate.numpy_stages import (
    Compiled,
    Definitions,
    Functions,
    Stage,
    amounts_of,
    require_arguments,
    stage_in_a_loop,
    stage_over_columns,
)
from compiler.validate.python_text import is_named, texts_of
from compiler.validate.reading import Computed, Duty
from compiler.validate.values import (
    SETTLED,
    TRUE,
    Day,
    Outside,
    Refusal,
    Whole,
    both,
    day_number,
    either,
    negation,
    refusal,
    refused_if,
    text_number,
)
from dsl.money import DOMAIN_TOP

STR = "str"
"""The type of a text among objects."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What `_settle` is made with: the constants, tables and functions of the module.

    days     the constants that are days
    lists    the lists of words, by name
    rules    the field and the reason of every rule, by its number
    columns  the attribute of a settlement for each amount
    bounds   between which numbers facts, amounts and totals lie, of a claim that is settled
    """

    meant: Meaning
    days: Mapping[str, Value]
    lists: Mapping[str, tuple[str, ...]]
    rules: tuple[tuple[str, str], ...]
    columns: Mapping[str, str]
    definitions: Definitions
    functions: Functions
    compiled: Compiled
    bounds: Bounds

    @property
    def model(self) -> Model:
        """The Model that the text is of."""
        return self.meant.model


@dataclass(frozen=True, slots=True)
class Book:
    """What is known after some statements.

    texts    the local names of the columns of text, and their fields
    live     what is known of a claim, by name
    broken   when a claim is numbered, and how it is told; the first one counts
    words    the word of each dated category, in terms of its day
    ordered  by whose claims and which day the claims are in order
    totals   the local names of the running totals, with their numbers and the rules about their range
    counted  which of them are added up
    refused  when a claim takes a total out of its range, and how it is told
    amounts  what is computed; `again` row by row, where that is another term
    path     what is true of the claims that are left
    formulas  how each amount is computed over columns
    read      the functions that stages consist of
    """

    texts: Mapping[str, str]
    live: Mapping[str, Value]
    broken: tuple[tuple[z3.BoolRef, Refusal], ...]
    words: Mapping[str, z3.ArithRef]
    ordered: Mapping[str, str]
    totals: Mapping[str, tuple[RunningTotal, int, Refusal]]
    counted: tuple[str, ...]
    refused: tuple[tuple[z3.BoolRef, Refusal], ...]
    amounts: Mapping[str, Computed]
    again: Mapping[str, Computed]
    path: z3.BoolRef
    formulas: Mapping[str, ast.expr]
    read: tuple[str, ...]


def settled(function: ast.FunctionDef, parts: Parts, duties: list[Duty]) -> Book:
    """What `_settle` does. Raises Outside for a statement that it does not have."""
    body = [(statement, ast.unparse(statement)) for statement in function.body]
    if [text for _, text in body[:2]] != ["rule = np.zeros(_rows(columns), np.uint16)", "live: _Live = {}"]:
        raise Outside(function.lineno, "how `_settle` begins")
    book = Book({}, {}, (), {}, {}, {}, (), (), {}, {}, TRUE, {}, ())
    rest = body[2:]
    while rest and rest[0][1] != "book = _less(_Book(np.arange(len(rule)), live, {}), rule)":
        book, rest = _read(rest[0][0], book, parts, duties), rest[1:]
    if [text for _, text in rest[1:2]] != ["live = book.live"]:
        raise Outside(function.lineno, "no claims that are left")
    rest = rest[2:]
    while rest and rest[0][1].startswith("live["):
        book, rest = _dated(rest[0][0], book, parts), rest[1:]
    while rest and rest[0][1].startswith("book = _ordered("):
        book, rest = _ordered(rest[0][0], book, parts), rest[1:]
    if book.ordered:
        if not rest or rest[0][1] != "book = _less(book, rule)":
            raise Outside(function.lineno, "duplicates that are not left out")
        rest = rest[1:]
    if set(book.ordered.items()) != {(total.key, total.date_fact) for total in parts.model.running_totals}:
        raise Outside(function.lineno, "another order of claims than that of the running totals")
    while len(rest) > 1:
        book, rest = _counted(rest[0][0], book, parts, duties), rest[1:]
    _require_settlement(rest[0][0] if rest else function, parts, book)
    return book


def told(broken: Sequence[tuple[z3.BoolRef, Refusal]]) -> Refusal:
    """How a claim is told: by the first that is true of it."""
    found = SETTLED
    for test, one in reversed(broken):
        found = refused_if(test, one, found)
    return found


def _rule(number: int, parts: Parts, line: int) -> Refusal:
    if not 0 < number < len(parts.rules) or number >= 2**16:
        raise Outside(line, f"the rule number {number}")
    return refusal(*parts.rules[number])


# Columns --------------------------------------------------------------------------------------------


def _read(statement: ast.stmt, book: Book, parts: Parts, duties: list[Duty]) -> Book:
    """A statement that reads a column, or numbers the claims that break a rule."""
    match statement:
        case ast.Assign([ast.Name(local)], ast.Call(ast.Name("_text"), _, []) as call) if (
            local.startswith("text_") and local not in book.texts
        ):
            book = _column(call, book, parts)
            return replace(book, texts={**book.texts, local: _field(call)})
        case ast.Expr(ast.Call(ast.Name("_text"), _, []) as call):
            return _column(call, book, parts)
        case ast.Assign([ast.Subscript(ast.Name("live"), ast.Constant(str(name)))], ast.Call() as call) if (
            name == _field(call) and name not in book.live
        ):
            return _column(call, book, parts)
        case ast.Expr(ast.Call(ast.Name("_mark"), [ast.Name("rule"), test, ast.Constant(int(number))], [])):
            scope = Scope(parts.days, book.live, {}, {}, False, Bounds({}, {}), TRUE, duties, set(), settling=False)
            broken = (truth(test, scope), _rule(number, parts, statement.lineno))
            return replace(book, broken=(*book.broken, broken))
        case _:
            raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")


def _field(call: ast.Call) -> str:
    match call.args:
        case [ast.Name("columns"), ast.Constant(str(field)), *_]:
            return field
        case _:
            raise Outside(call.lineno, f"a column: {ast.unparse(call)}")


def _column(call: ast.Call, book: Book, parts: Parts) -> Book:
    """A column of facts: the values, and the claims that break a rule of the fact, numbered from its first rule on."""
    field = _field(call)
    if field not in parts.meant.given:
        raise Outside(call.lineno, f"the column {field}")
    given = parts.meant.given[field]
    is_text = given.kind == text_number(STR)
    broken: list[tuple[z3.BoolRef, int]]
    value: Value | None = None
    match call.func, call.args[2:], None if field == CLAIM_NUMBER else parts.model.fact(field):
        case ast.Name("_text"), [ast.Name("rule"), ast.Constant(int(first))], None | IdentifierFact():
            broken = [(given.null, first), (negation(is_text), first + 1), (given.value == text_number(""), first)]
        case ast.Name("_word"), [ast.Name(listed), ast.Name("rule"), ast.Constant(int(first))], CategoryFact(
            values=words
        ) if parts.lists.get(listed) == words and is_named(listed, f"{field}_words".upper()):
            known = either([given.value == text_number(word) for word in words])
            broken = [(given.null, first), (negation(is_text), first + 1), (negation(known), first + 2)]
            value = _word(given.value, words)
        case ast.Name("_day"), [ast.Name("rule"), ast.Constant(int(first))], DateFact():
            outside = either([given.value < FIRST_DAY, given.value > LAST_DAY])
            broken, value = [(given.null, first), (outside, first + 1)], Day(given.value)
        case (
            ast.Name("_whole"),
            [ast.Constant(int(lowest)), ast.Constant(int(highest)), ast.Name("rule"), ast.Constant(int(first))],
            MoneyFact() | CountFact(),
        ) if highest <= DOMAIN_TOP:
            # What exceeds 64 bits is more than TOP, and read as one more than that.
            outside = either([given.value < lowest, given.value > highest])
            broken = [(given.null, first), (given.value < 0, first + 1), (outside, first + 2)]
            value = Whole(given.value)
        case _:
            raise Outside(call.lineno, f"a column: {ast.unparse(call)}")
    live = book.live if value is None else {**book.live, field: value}
    more = ((test, _rule(number, parts, call.lineno)) for test, number in broken)
    return replace(book, live=live, broken=(*book.broken, *more))


WORD_BITS = 16
"""How wide the places of words are: they are not counted with as they stand."""


def _word(term: z3.ArithRef, words: Sequence[str]) -> Whole:
    return Whole(place_of(term, words), bits=WORD_BITS)


def _dated(statement: ast.stmt, book: Book, parts: Parts) -> Book:
    """The words of days, each from its first day to the next one's; before the first of them stands the last."""
    match statement:
        case ast.Assign(
            [ast.Subscript(ast.Name("live"), ast.Constant(str(name)))],
            ast.Call(
                ast.Name("_dated"),
                [ast.Subscript(ast.Name("live"), ast.Constant(str(by))), ast.Tuple(begins), ast.Tuple(places)],
                [],
            ),
        ) if name in parts.meant.words and name not in book.live and len(begins) == len(places) > 0:
            day, line = book.live.get(by), statement.lineno
        case _:
            raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")
    if not isinstance(day, Day):
        raise Outside(line, f"{by}, which is no day")
    firsts = [_first_day(one) for one in begins]
    if firsts != sorted(set(firsts)):
        raise Outside(line, "days that do not follow one another")
    words = parts.model.categories[name]
    numbers = [_number_of(one, words) for one in places]
    found: z3.ArithRef = z3.IntVal(numbers[-1])
    for first, number in zip(firsts, numbers, strict=True):
        found = z3.If(day.term >= first, z3.IntVal(number), found)
    live = {**book.live, name: _word(parts.meant.words[name], words)}
    return replace(book, live=live, words={**book.words, name: found})


def _first_day(node: ast.expr) -> int:
    match node:
        case ast.Constant(str(written)):
            return day_number(iso_day(written, node.lineno))
        case _:
            raise Outside(node.lineno, f"the day {ast.unparse(node)}")


def _number_of(node: ast.expr, words: Sequence[str]) -> int:
    match node:
        case ast.Constant(int(place)) if 0 <= place < len(words):
            return text_number(words[place])
        case _:
            raise Outside(node.lineno, f"the place of a word: {ast.unparse(node)}")


# Order, stages and running totals -------------------------------------------------------------------


def _ordered(statement: ast.stmt, book: Book, parts: Parts) -> Book:
    """The claims in order: whose, by which day, then by claim number; those that agree in all are duplicates."""
    match statement:
        case ast.Assign(
            [ast.Name("book")],
            ast.Call(
                ast.Name("_ordered"),
                [
                    ast.Name("book"),
                    ast.Constant(str(whose)),
                    ast.Name(text),
                    ast.Constant(str(day)),
                    ast.Name(number),
                    ast.Name("rule"),
                    ast.Constant(int(rule)),
                ],
                [],
            ),
        ) if (
            whose not in book.ordered
            and book.texts.get(text) == whose
            and book.texts.get(number) == CLAIM_NUMBER
            and isinstance(book.live.get(day), Day)
            and 0 < rule < len(parts.rules)
            and parts.rules[rule] == (CLAIM_NUMBER, DUPLICATE)
        ):
            return replace(book, ordered={**book.ordered, whose: day})
        case _:
            raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")


def _counted(statement: ast.stmt, book: Book, parts: Parts, duties: list[Duty]) -> Book:
    """A stage, a running total, or that one is added up."""
    line = statement.lineno
    match statement:
        case ast.Assign([ast.Name("book")], ast.Call(ast.Name("_computed"), [ast.Name("book"), *arguments], [])):
            return _computed(arguments, book, parts, duties, line)
        case ast.Assign([ast.Name(local)], ast.Call(ast.Name("_Total"), arguments, [])) if (
            local.startswith("total_") and local not in book.totals
        ):
            total, number, rule = _total(arguments, book, parts, line)
            return replace(book, totals={**book.totals, local: (total, number, rule)})
        case ast.Assign(
            [ast.Name("book")],
            ast.Call(
                ast.Name("_counted"),
                [ast.Name("book"), ast.Name("rule"), ast.Name("ledger"), ast.Name(local), period],
                [],
            ),
        ) if local in book.totals and ast.unparse(period) == _period(book.totals[local][0]):
            return _added_up(book, *book.totals[local], parts, duties, line)
        case _:
            raise Outside(line, f"a statement: {ast.unparse(statement).splitlines()[0]}")


def _computed(arguments: Sequence[ast.expr], book: Book, parts: Parts, duties: list[Duty], line: int) -> Book:
    match arguments:
        case [
            ast.Tuple(names),
            ast.Name(stage),
            ast.IfExp(ast.Name("compiled"), ast.Constant(int(number)), ast.UnaryOp(ast.USub(), ast.Constant(1))),
        ] if stage in parts.definitions:
            over_columns = stage_over_columns(parts.definitions[stage])
            in_a_loop = stage_in_a_loop(parts.compiled.of_number(number, line), parts.compiled)
        case _:
            raise Outside(line, "a stage")
    made = texts_of(names, line)
    if not sorted(made) == sorted(over_columns.writes) == sorted(in_a_loop.writes):
        raise Outside(line, "a stage that does not compute what it is to")
    if any(name in book.live for name in made):
        raise Outside(line, "an amount that is computed twice")
    of = tuple(book.amounts)
    scope = Scope({}, book.live, {}, {}, False, parts.bounds, TRUE, duties, set(), settling=True, of=of)
    scope = on(scope, book.path)
    found = dict(amounts_of(over_columns, parts.meant, replace(scope, functions=parts.functions.over_columns)))
    again = dict(amounts_of(in_a_loop, parts.meant, replace(scope, functions=parts.functions.in_loops)))
    other = {
        name: one for name, one in again.items() if not z3.eq(z3.simplify(one.value), z3.simplify(found[name].value))
    }
    formulas = _formulas(over_columns, parts)
    live = {**book.live, **{name: Whole(parts.meant.amounts[name]) for name in made}}
    return replace(
        book,
        live=live,
        amounts={**book.amounts, **found},
        again={**book.again, **other},
        formulas={**book.formulas, **formulas},
        read=(*book.read, *over_columns.functions, *in_a_loop.functions),
    )


def _formulas(stage: Stage, parts: Parts) -> Mapping[str, ast.expr]:
    """How a stage computes each amount, where functions are handed what the names of their parameters say."""
    amounts = {local: name for name, local in stage.writes.items()}
    for _, formula in stage.steps:
        require_arguments(formula, {**stage.reads, **amounts}, parts.functions.fields)
    return {amounts[local]: formula for local, formula in stage.steps}


def _total(arguments: Sequence[ast.expr], book: Book, parts: Parts, line: int) -> tuple[RunningTotal, int, Refusal]:
    """A running total of the policy: its name, what it adds up, whose it is, and the name of a period of its kind."""
    match arguments:
        case [
            ast.Constant(int(number)),
            ast.Constant(str(name)),
            ast.Constant(str(amount)),
            ast.Constant(str(whose)),
            ast.Name(text),
            ast.Name(period),
            ast.Constant(int(rule)),
        ]:
            found = next((one for one in parts.model.running_totals if one.name == name), None)
        case _:
            raise Outside(line, "a running total")
    if (
        found is None
        or (found.amount, found.key, book.texts.get(text)) != (amount, whose, whose)
        or period != _PERIOD_NAMES[found.period.kind]
        or f"before {number}" in book.live
    ):
        raise Outside(line, f"another running total than {name}")
    return found, number, _rule(rule, parts, line)


_PERIOD_NAMES = {
    PeriodKind.CALENDAR_YEAR: "_year_name",
    PeriodKind.POLICY_YEAR: "_year_name",
    PeriodKind.MONTH: "_month_name",
    PeriodKind.LIFETIME: "_no_name",
}


def _period(total: RunningTotal) -> str:
    """What must stand where the period of each claim is computed."""
    day = f"book.live[{total.date_fact!r}]"
    return {
        PeriodKind.CALENDAR_YEAR: f"_years({day})",
        PeriodKind.POLICY_YEAR: f"_policy_years({day}, {total.period.month}, {total.period.day})",
        PeriodKind.MONTH: f"_months({day})",
        PeriodKind.LIFETIME: f"_no_period({day})",
    }[total.period.kind]


def _added_up(
    book: Book, total: RunningTotal, number: int, rule: Refusal, parts: Parts, duties: list[Duty], line: int
) -> Book:
    """The total before a claim and with it; who takes it out of its range is left out."""
    if total.name in book.counted or total.amount not in book.amounts:
        raise Outside(line, f"{total.name}, added up at another place")
    before, with_this = parts.meant.before[total.name], after(parts.meant, total)
    falls = parts.meant.amounts[total.amount] < 0
    duties.append(Duty(falls, line, "an amount below 0 that is added up", True, tuple(book.amounts)))
    live = {**book.live, f"before {number}": Whole(before), f"after {number}": Whole(with_this)}
    return replace(
        book,
        live=live,
        counted=(*book.counted, total.name),
        refused=(*book.refused, (with_this > DOMAIN_TOP, rule)),
        path=both([book.path, with_this <= DOMAIN_TOP]),
    )


def _require_settlement(statement: ast.stmt, parts: Parts, book: Book) -> None:
    """What is returned has every amount under its own name."""
    match statement:
        case ast.Return(ast.Call(ast.Name("Settlement"), [], keywords)):
            found = {keyword.arg: ast.unparse(keyword.value) for keyword in keywords}
        case _:
            raise Outside(statement.lineno, "what `_settle` gives")
    wanted = {attribute: f"book.live[{name!r}]" for name, attribute in parts.columns.items()}
    if len(found) != len(keywords) or found != {"row": "book.row", "rule": "rule", **wanted}:
        raise Outside(statement.lineno, "a settlement that does not have each amount under its own name")
    missing = [name for name in parts.columns if name not in book.amounts]
    missing += [total.name for total in parts.model.running_totals if total.name not in book.counted]
    if missing:
        raise Outside(statement.lineno, f"{missing[0]} is not computed")
