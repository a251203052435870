"""The functions of a database that a SQL calculator makes: the formulas that its views call, and what others call.

A call means the formula, with the arguments in it. A function for others must be `CASE WHEN ... THEN f(...) END` around
one that the views call, with its own parameters: it must answer for every claim that is settled, and for no arguments
that no claim can have. There must be one for whatever the views call, unless they divide what it comes to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot
import z3
from sqlglot import expressions as exp
from sqlglot.tokenizer_core import Token, TokenType

from compiler.ranges import value_ranges
from compiler.validate.bounds import bounds_of_handed
from compiler.validate.dialects.dialect import Dialect
from compiler.validate.grammar import require_grammar
from compiler.validate.meaning import Meaning
from compiler.validate.reading import Duty
from compiler.validate.sql_compare import is_true
from compiler.validate.sql_place import Place
from compiler.validate.sql_run import evaluate, no_subqueries, truth
from compiler.validate.sql_scope import Call, Function, Scope
from compiler.validate.sql_spelt import require_spelt_out
from compiler.validate.values import TRUE, Outside, Text, Value, Whole, both, either, negation, text_number

KINDS = frozenset({"TABLE", "FUNCTION", "VIEW"})
"""What a statement may make."""

HEAD = "CREATE OR REPLACE FUNCTION {}({}) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN"


# Statements -----------------------------------------------------------------------------------------


def without_functions(text: str, dialect: Dialect) -> tuple[str, Mapping[str, Function]]:
    """A text with blanks in the place of the functions that it makes, and these functions."""
    if not dialect.functions:
        return text, {}
    found: dict[str, Function] = {}
    rest = text
    kind = ""
    for statement in _statements(text, dialect):
        before, kind = kind, next((one.text.upper() for one in statement[:4] if one.text.upper() in KINDS), "")
        if kind == "FUNCTION":
            if before not in ("TABLE", "FUNCTION"):
                raise Outside(
                    statement[0].line, "a function that is made elsewhere than between the table and the views"
                )
            first, last = statement[0].start, statement[-1].end + 1
            function = _function(statement, text, found, dialect)
            if function.name in found:
                raise Outside(0, f"two functions {function.name}")
            found[function.name] = function
            blank = "".join(char if char == "\n" else " " for char in text[first:last])
            rest = rest[:first] + blank + rest[last:]
    return rest, found


def _statements(text: str, dialect: Dialect) -> Iterator[list[Token]]:
    statement: list[Token] = []
    try:
        tokens = sqlglot.tokenize(text, read=dialect.reader)
    except sqlglot.errors.SqlglotError as error:
        raise Outside(0, f"no SQL: {str(error).splitlines()[0]}") from None
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            yield statement
            statement = []
        else:
            statement.append(token)
    yield statement


def _function(statement: Sequence[Token], text: str, earlier: Mapping[str, Function], dialect: Dialect) -> Function:
    line = statement[0].line
    places = [place for place, token in enumerate(statement) if token.text == "RETURN"]
    if not places:
        raise Outside(line, "a function without a formula")
    head, formula = statement[: places[0] + 1], text[statement[places[0]].end + 1 : statement[-1].end + 1]
    names = [place for place, token in enumerate(head) if token.token_type is TokenType.IDENTIFIER]
    parameters = tuple((head[place].text, head[place + 1].text.lower()) for place in names[1:])
    listed = ", ".join(f"{_quoted(name, dialect)} {kind}" for name, kind in parameters)
    name = head[names[0]].text if names else ""
    wanted = sqlglot.tokenize(HEAD.format(_quoted(name, dialect), listed), read=dialect.reader)
    same = [(one.token_type, one.text) for one in head] == [(one.token_type, one.text) for one in wanted]
    if not same or not {kind for _, kind in parameters} <= {"bigint", "text"} or len(set(parameters)) < len(parameters):
        raise Outside(line, f"how the function {name} is made")
    try:
        query = sqlglot.parse_one(f"SELECT {formula}", read=dialect.reader)
    except sqlglot.errors.SqlglotError as error:
        raise Outside(line, f"no formula: {str(error).splitlines()[0]}") from None
    require_grammar(query, dialect)
    require_spelt_out(formula, [query], dialect)
    if not isinstance(query, exp.Select) or set(_said(query)) != {"expressions"} or len(query.expressions) != 1:
        raise Outside(line, f"the formula of the function {name}")
    return Function(name, parameters, query.expressions[0], dict(earlier))


def _quoted(name: str, dialect: Dialect) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect.reader)


def _said(node: exp.Expr) -> Iterator[str]:
    return (name for name, value in node.args.items() if value not in (None, [], False))


# What others call -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A function for others: its test, and the function that the views call."""

    function: Function
    test: exp.Expr
    call: exp.Anonymous

    @property
    def raw(self) -> str:
        """The name of the function that the views call."""
        return self.call.name


def function_duties(place: Place, queries: Sequence[tuple[str, exp.Expr]]) -> Iterator[Duty]:
    """What must never happen where somebody calls a function. `queries` are the columns of the view of settled claims
    and of its subqueries, each with its name."""
    missing = {call for _, column in queries for call in _amounts_called(column, place.functions)}
    for name, function in place.functions.items():
        if name in place.book.calls:
            continue
        guarded = _guarded(function)
        missing.discard(guarded.raw)
        calls = place.book.calls.get(guarded.raw, [])
        if not calls:
            raise Outside(0, f"a function that nothing calls: {guarded.raw}")
        _require_name(guarded, place, queries)
        yield _answers_nothing_else(guarded, calls, place)
        for call in calls:
            test = truth(guarded.test, _inside(guarded.function, call.arguments, call.scope))
            fails = both([call.scope.path, negation(is_true(test))])
            yield Duty(fails, 0, f"no answer from the function {name}", call.scope.settling, call.scope.of)
    if missing:
        raise Outside(0, f"no function for others that calls {min(missing)}")


def _amounts_called(formula: exp.Expr, functions: Mapping[str, Function]) -> Iterator[str]:
    """The functions whose values a formula takes for amounts, and those that these call: it does not divide them."""
    for node in formula.walk(prune=lambda node: isinstance(node, exp.Div | exp.IntDiv)):
        if isinstance(node, exp.Anonymous) and node.name in functions:
            yield node.name
            yield from _amounts_called(functions[node.name].body, functions)


def _guarded(function: Function) -> _Guarded:
    match function.body:
        case exp.Case(args={"ifs": [exp.If(this=test, args={"true": exp.Anonymous() as call})]} as said) if (
            said.get("default") is None and said.get("this") is None
        ):
            texts = {name for name, kind in function.parameters if kind == "text"}
            columns = [column for part in (test, call) for column in part.find_all(exp.Column)]
            # A text of another collation could be equal to more than itself.
            if call.name in function.earlier and all(
                isinstance(one.parent, exp.Collate) for one in columns if one.name in texts
            ):
                return _Guarded(function, test, call)
        case _:
            pass
    raise Outside(0, f"a function that no view calls: {function.name}")


def _require_name(guarded: _Guarded, place: Place, columns: Sequence[tuple[str, exp.Expr]]) -> None:
    """A function that is named for an amount must be the one that its column calls."""
    head, _, amount = guarded.function.name.partition(".")
    amount = amount.partition("#")[0]
    if head != place.meant.model.id or amount.isdecimal():
        if head != place.meant.model.id:
            raise Outside(0, f"the name of the function {guarded.function.name}")
        return
    for name, column in columns:
        called = {call.name for call in column.find_all(exp.Anonymous)}
        if name == amount and guarded.raw in _with_called(called, place.functions):
            return
    raise Outside(0, f"the function {guarded.function.name}, which {amount} does not call")


def _with_called(names: set[str], functions: Mapping[str, Function]) -> set[str]:
    """The functions of these names, and those that they call."""
    inner = {call.name for name in names & set(functions) for call in functions[name].body.find_all(exp.Anonymous)}
    return names | (_with_called(inner, functions) if inner - names else set())


def _answers_nothing_else(guarded: _Guarded, calls: Sequence[Call], place: Place) -> Duty:
    """There is no answer for arguments that no claim can have, nor for more than any total may be."""
    function = guarded.function
    firsts = [(call.arguments[0], call.scope) for call in calls]
    handed = [(one.term, scope.bounds) for one, scope in firsts if isinstance(one, Whole)]
    if len(handed) < len(calls):
        raise Outside(0, f"the first parameter of the function {function.name}")
    first = bounds_of_handed(handed)
    given: list[Value] = []
    allowed: list[z3.BoolRef] = []
    for place_, (name, kind) in enumerate(function.parameters):
        term, null = z3.Int(f"{function.name}: {name}"), z3.Bool(f"{function.name}: no {name}")
        given.append(Whole(term, null) if kind == "bigint" else Text(term, null))
        allowed += [negation(null), _can_be(name, term, kind, place.meant, None if place_ else first)]
    scope = Scope(place.dialect, {}, "", {}, place.bounds, TRUE, place.book.duties, no_subqueries, False)
    inside = _inside(function, given, scope)
    if [evaluate(one, inside) for one in guarded.call.expressions] != given:
        raise Outside(0, f"what the function {function.name} hands on")
    answered = is_true(truth(guarded.test, inside))
    what = f"an answer from the function {function.name} to what no claim can have"
    return Duty(both([answered, negation(both(allowed))]), 0, what, False)


def _can_be(name: str, term: z3.ArithRef, kind: str, meant: Meaning, bounds: tuple[int, int] | None) -> z3.BoolRef:
    """Whether a claim can have a value for a parameter: a category, a fact or an amount, or what has these bounds."""
    model = meant.model
    if kind == "text":
        dated = {f"dated {place}": fact.name for place, fact in enumerate(model.dated, start=1)}
        words = model.categories.get(dated.get(name, name), ())
        return either([term == text_number(word) for word in words])
    if bounds is None:
        known = value_ranges(model)
        if name not in known:
            raise Outside(0, f"the parameter {name} of a function")
        found = known[name]
        bounds = int(found.lowest), int(found.highest)
    return both([term >= bounds[0], term <= bounds[1]])


def _inside(function: Function, arguments: Sequence[Value], scope: Scope) -> Scope:
    columns = {name: value for (name, _), value in zip(function.parameters, arguments, strict=True)}
    return replace(scope, columns=columns, table="", functions=function.earlier, special=no_subqueries)
