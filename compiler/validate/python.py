"""A Python calculator as it was written -> its terms.

What is computed is read from the text: the rules of the domain, the functions, the settling of one claim. What no
policy changes (reading a file, writing one, the order of claims) must stand there as `python_library.py` has it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import z3

from compiler.model import CLAIM_NUMBER, CategoryFact, Model, Period, PeriodKind, RunningTotal
from compiler.validate.meaning import (
    Kinds,
    Meaning,
    Sort,
    ledger_entry,
    meaning,
    period_number,
    settling_rules,
    sort_of,
    word_term,
)
from compiler.validate.python_library import Parts, require_library, require_read
from compiler.validate.python_public import formulas_called, public_duties
from compiler.validate.python_run import call, evaluate
from compiler.validate.python_scope import DATE, INT, STR, Book, Entry, Record, Scope
from compiler.validate.python_text import (
    are_numbers,
    attributes,
    fields_of,
    names_given,
    parsed,
    require_named,
    statements_of,
    texts_of,
)
from compiler.validate.reading import Duty, Reading
from compiler.validate.values import (
    SETTLED,
    TRUE,
    Day,
    Given,
    Outside,
    Refusal,
    Row,
    Text,
    Value,
    Whole,
    both,
    day_number,
    negation,
    refused_if,
    text_number,
    text_of_number,
)
from dsl.money import DOMAIN_TOP

FROZEN = {"frozen": "True", "slots": "True"}

KINDS = Kinds(text=frozenset({STR}), day=frozenset({DATE}), number=frozenset({INT}), days_in_range=True)


@dataclass(frozen=True, slots=True)
class _Module:
    """The parts of the text, and the names that stand for a value."""

    parts: Parts
    constants: Mapping[str, Value]

    @property
    def functions(self) -> Mapping[str, ast.FunctionDef]:
        return self.parts.functions

    @property
    def claim(self) -> Mapping[str, str]:
        return self.parts.claim

    @property
    def columns(self) -> Mapping[str, str]:
        """The attribute of a settlement for each amount, the claim number left out."""
        return {name: attribute for name, attribute in self.parts.columns.items() if name != CLAIM_NUMBER}


def read_python(model: Model, text: str) -> Reading:
    """The terms of a Python calculator of a Model. Raises Outside for what no calculator has."""
    meant = meaning(model, KINDS)
    module = _module(parsed(text), text, model)
    left = require_library(module.parts, model)
    book = Book()
    rejected = _rejected(module, meant, book)
    settling = _settling(module, meant, book)
    refused = _settled(module, meant, settling)
    public = {name: function for name, function in left.items() if not name.startswith("_")}
    formulas = formulas_called(public, book)
    require_read(module.parts, left, {*book.read, *public})
    require_named(formulas, module.functions, _formulas(module))
    duties = [*book.duties, *_ledger_duties(book, meant)]
    for name, formula in formulas.items():
        duties += public_duties(public[name], module.functions[formula], book, settling, model)
    missing = [amount.name for amount in model.amounts if amount.name not in book.cut]
    if missing:
        raise Outside(module.functions["_settle"].lineno, f"{missing[0]} is not computed")
    rules = tuple(settling_rules(meant, ledger=True))
    return Reading(meant, rejected, refused, rules, True, book.words, book.cut, tuple(duties))


# The module -----------------------------------------------------------------------------------------


def _module(tree: ast.Module, text: str, model: Model) -> _Module:
    constants: dict[str, Value] = {}
    functions: dict[str, ast.FunctionDef] = {}
    classes: dict[str, ast.ClassDef] = {}
    texts: dict[str, tuple[str, ...]] = {}
    types: dict[str, tuple[str, ...]] = {}
    scope = Scope({}, {}, {}, TRUE, Book())
    for statement in statements_of(tree):
        match statement:
            case ast.FunctionDef(name=name):
                functions[name] = statement
            case ast.ClassDef(name=name):
                classes[name] = statement
            case ast.AnnAssign(ast.Name(name), ast.Name("Final"), ast.Tuple(items) as value_node, 1):
                constants[name], texts[name] = evaluate(value_node, scope), texts_of(items, statement.lineno)
            case ast.AnnAssign(ast.Name(name), ast.Name("Final"), ast.expr() as value_node, 1):
                constants[name] = evaluate(value_node, scope)
            case ast.Assign([ast.Name("Ledger")], value_node) if ast.unparse(value_node) == "dict[str, int]":
                pass
            case ast.Assign([ast.Name(name)], ast.Subscript(ast.Name("Literal"), ast.Tuple(items))):
                types[name] = texts_of(items, statement.lineno)
            case ast.Assign([ast.Name(name)], ast.Subscript(ast.Name("Literal"), item)):
                types[name] = texts_of([item], statement.lineno)
            case ast.Assign() | ast.AnnAssign():
                raise Outside(statement.lineno, f"a statement: {ast.unparse(statement).splitlines()[0]}")
            case _:
                pass  # `require_library` looks at these
    if not any("Ledger" in names_given(statement) for statement in tree.body):
        raise Outside(0, "no type of ledgers")
    facts = (CLAIM_NUMBER, *(fact.name for fact in model.facts))
    claim = attributes(facts, fields_of(classes.get("Claim"), FROZEN))
    amounts = (CLAIM_NUMBER, *(amount.name for amount in model.settlement))
    columns = attributes(amounts, fields_of(classes.get("Settlement"), FROZEN))
    _require_constants(constants, texts, model, claim, columns)
    _require_words(types, model)
    return _Module(Parts(text, tree, functions, classes, types, claim, columns), constants)


def _require_constants(
    constants: Mapping[str, Value],
    texts: Mapping[str, tuple[str, ...]],
    model: Model,
    claim: Mapping[str, str],
    columns: Mapping[str, str],
) -> None:
    """The constants are those of the policy, and there are no others; days are looked at where claims are rejected."""
    wanted: dict[str, Value] = {
        "POLICY": Text(z3.IntVal(text_number(model.id))),
        "DIGITS": Whole(z3.IntVal(model.currency.digits)),
        "TOP": Whole(z3.IntVal(DOMAIN_TOP)),
    }
    lists = {"FIELDS": tuple(claim), "COLUMNS": tuple(columns)}
    lists |= {f"_{claim[fact.name]}_words": fact.values for fact in model.facts if isinstance(fact, CategoryFact)}
    days = {"FIRST_DAY", "LAST_DAY"} if model.in_force is not None else set()
    for name in dict.fromkeys((*wanted, *lists, *sorted(days), "SOURCE_SHA256", *constants)):
        found = constants.get(name)
        match found:
            case Whole(term) | Text(term) if name in wanted:
                right = type(found) is type(wanted[name]) and z3.eq(term, _term(wanted[name]))
            case Text(number):
                right = name == "SOURCE_SHA256" and are_numbers(text_of_number(number.as_long()) or "")
            case Day():
                right = name in days
            case _:
                right = name in lists and texts.get(name) == lists[name]
        if not right:
            raise Outside(0, f"the constant {name} is not that of the policy")


def _require_words(types: Mapping[str, tuple[str, ...]], model: Model) -> None:
    """The types of words are those of the policy's categories; dated ones may name a word several times."""
    known = {tuple(dict.fromkeys(words)) for words in model.categories.values()}
    for name, words in types.items():
        if words not in known:
            raise Outside(0, f"the type {name}, whose words no category has")


def _term(value: Value) -> z3.ArithRef:
    assert isinstance(value, Whole | Text)
    return value.term


# Settling -------------------------------------------------------------------------------------------


def _rejected(module: _Module, meant: Meaning, book: Book) -> Refusal:
    """How a claim is told, of whatever comes in, that breaks a rule of its own."""
    claim = Record({attribute: meant.given[name] for name, attribute in module.claim.items()})
    scope = Scope({}, module.constants, module.functions, TRUE, book)
    function = _function(module, "_broken_rule")
    outcome = call(function, [claim], scope)
    match outcome.value:
        case Row((Text(field, none), Text(reason, nothing)), null):
            book.duties.append(
                Duty(
                    both([negation(null), negation(both([negation(none), negation(nothing)]))]),
                    function.lineno,
                    "a rejection without a reason",
                )
            )
            return refused_if(null, SETTLED, Refusal(field, reason))
        case _:
            raise Outside(function.lineno, "what `_broken_rule` gives")


def _settling(module: _Module, meant: Meaning, book: Book) -> Scope:
    """Where a claim that breaks no rule of its own is settled, after anything that a ledger may hold."""
    locals_ = _locals(_function(module, "_settle"), module)
    return Scope(
        {},
        module.constants,
        module.functions,
        TRUE,
        book,
        settling=True,
        cuts={local: (name, meant.amounts[name]) for local, name in locals_.items()},
        tellers=_tellers(module, meant),
        entries=tuple(ledger_entry(total) for total in meant.model.running_totals),
        terms={
            **{name: given.value for name, given in meant.given.items()},
            **meant.amounts,
            **{name: word_term(meant, name) for name in meant.model.categories},
        },
    )


def _settled(module: _Module, meant: Meaning, scope: Scope) -> Refusal:
    """How such a claim is settled."""
    function = _function(module, "_settle")
    plain = {attribute: _valid(meant.given[name], meant.model) for name, attribute in module.claim.items()}
    outcome = call(function, [Record(plain), Record({})], scope)
    if not isinstance(outcome.value, Record) or list(outcome.value.fields) != [CLAIM_NUMBER, *module.columns.values()]:
        raise Outside(function.lineno, "what `_settle` gives")
    if outcome.value.fields[CLAIM_NUMBER] != plain[module.claim[CLAIM_NUMBER]]:
        raise Outside(function.lineno, "a settlement with another claim number")
    for name, attribute in module.columns.items():
        if outcome.value.fields[attribute] != Whole(meant.amounts[name]):
            raise Outside(function.lineno, f"a settlement with something else than {name}")
    return refused_if(outcome.raised, outcome.error, SETTLED)


def _function(module: _Module, name: str) -> ast.FunctionDef:
    if name not in module.functions:
        raise Outside(0, f"no function {name}")
    return module.functions[name]


def _valid(given: Given, model: Model) -> Value:
    """A fact of a claim that breaks no rule: it is there, and of the right type."""
    if given.name == CLAIM_NUMBER:
        return Text(given.value)
    match sort_of(model.fact(given.name)):
        case Sort.TEXT:
            return Text(given.value)
        case Sort.DAY:
            return Day(given.value)
        case Sort.NUMBER:
            return Whole(given.value)


def _locals(function: ast.FunctionDef, module: _Module) -> dict[str, str]:
    """The local name of each amount, by what the settlement that is returned is made of."""
    names = {attribute: name for name, attribute in module.columns.items()}
    match function.body[-1]:
        case ast.Return(ast.Call(ast.Name("Settlement"), [], keywords)):
            found = {
                keyword.value.id: names[keyword.arg]
                for keyword in keywords
                if isinstance(keyword.value, ast.Name) and keyword.arg in names
            }
            if len(found) == len(names):
                return found
        case _:
            pass
    raise Outside(function.body[-1].lineno, "a settlement that is not made of one local name for each amount")


def _formulas(module: _Module) -> Mapping[str, ast.expr]:
    """How each amount is computed, by its name."""
    function = _function(module, "_settle")
    amounts = _locals(function, module)
    return {
        amounts[node.targets[0].id]: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in amounts
    }


def _tellers(module: _Module, meant: Meaning) -> dict[str, tuple[str, z3.ArithRef]]:
    """The functions that tell the word of a dated category, as they do on the first and last day of every word.

    Whether they do on all days is for the proof.
    """
    found: dict[str, tuple[str, z3.ArithRef]] = {}
    for name, function in module.functions.items():
        if [ast.unparse(one) for one in function.args.args] != ["day: datetime.date"]:
            continue
        for dated in meant.model.dated:
            days = [day for arm in dated.arms for day in (arm.first, arm.last) if day is not None]
            says = [_word_on(function, Day(z3.IntVal(day_number(day))), module) for day in days]
            if says == [text_number(dated.word(day) or "") for day in days]:
                found.setdefault(name, (dated.name, meant.words[dated.name]))
    return found


def _word_on(function: ast.FunctionDef, day: Day, module: _Module) -> int | None:
    outcome = call(function, [day], Scope({}, module.constants, module.functions, TRUE, Book()))
    if not isinstance(outcome.value, Text):
        return None
    term = z3.simplify(outcome.value.term)
    return int(term.as_long()) if z3.is_int_value(term) else None


# The ledger -----------------------------------------------------------------------------------------


def _ledger_duties(book: Book, meant: Meaning) -> Iterator[Duty]:
    """Every running total is read from its own entry, and written to it with this claim as soon as it was read."""
    totals = meant.model.running_totals
    if len(book.asked) != len(totals) or len(book.set_to) != len(totals):
        raise Outside(0, "not one entry of the ledger for each running total")
    for total, read, written in zip(totals, book.asked, book.set_to, strict=True):
        yield from _key_duties(read, total, meant)
        yield from _key_duties(written, total, meant)
        entry = ledger_entry(total)
        sound = [read.path, entry.kind == text_number(INT), entry.value >= 0]
        of = tuple(name for name in meant.amounts if name in book.cut)
        yield Duty(both([*sound, negation(written.path)]), written.line, "a total that is not written", True, of)
        wrong = written.value != entry.value + meant.amounts[total.amount]
        yield Duty(both([written.path, wrong]), written.line, "another total than the one with this claim", True, of)


def _key_duties(entry: Entry, total: RunningTotal, meant: Meaning) -> Iterator[Duty]:
    """The key has the name of the total, the period, and whose it is, so that no two totals share one."""
    day, whose = meant.given[total.date_fact].value, meant.given[total.key].value
    *parts, ends = entry.key.parts
    if not isinstance(ends, Text) or not z3.eq(ends.term, whose):
        raise Outside(entry.line, f"a key that is not that of {total.name}")
    yield from _same_parts(parts, [f"{total.name}/", *_period_parts(total.period, day)], entry.line)


def _period_parts(period: Period, day: z3.ArithRef) -> list[str | tuple[z3.ArithRef, str]]:
    """What stands for the period in a key, with the dash that follows it."""
    match period.kind:
        case PeriodKind.LIFETIME:
            return ["/"]
        case PeriodKind.MONTH:
            return [(day / 10_000, "04d"), "-", (day / 100 % 100, "02d"), "/"]
        case PeriodKind.CALENDAR_YEAR | PeriodKind.POLICY_YEAR:
            return [(period_number(period, day), "04d"), "/"]


def _same_parts(
    found: Sequence[str | tuple[z3.ArithRef, str] | Text],
    wanted: Sequence[str | tuple[z3.ArithRef, str]],
    line: int,
) -> Iterator[Duty]:
    joined_found, joined_wanted = _joined(found), _joined(wanted)
    if len(joined_found) == len(joined_wanted):
        for one, other in zip(joined_found, joined_wanted, strict=True):
            match one, other:
                case str(), str() if one == other:
                    pass
                case (left, form), (right, same) if form == same:
                    yield Duty(left != right, line, "another period than the one of the claim", True)
                case _:
                    break
        else:
            return
    raise Outside(line, "a key that is not that of its running total")


def _joined(
    parts: Sequence[str | tuple[z3.ArithRef, str] | Text],
) -> list[str | tuple[z3.ArithRef, str] | Text]:
    """The parts with constants that stand side by side made one."""
    found: list[str | tuple[z3.ArithRef, str] | Text] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found
