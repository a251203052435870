"""The functions of a Python calculator that anybody may call: they answer for what a claim can have, and nothing else.

Each must be tests that raise, one after another, and then the call of a formula that `_settle` calls, with its own
parameters. So what it answers is what the formula gives; what is asked here is which arguments get so far.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import z3

from compiler.domain import NEGATIVE, OUT_OF_RANGE, UNKNOWN_VALUE, WRONG_TYPE
from compiler.model import Model
from compiler.validate.bounds import bounds_of_handed, bounds_when_settled
from compiler.validate.python_run import call, parameters_of
from compiler.validate.python_scope import INT, STR, Book, Call, Scope
from compiler.validate.python_text import is_named
from compiler.validate.reading import Duty
from compiler.validate.values import (
    FALSE,
    TRUE,
    Given,
    Outside,
    Text,
    Value,
    Whole,
    both,
    either,
    negation,
    text_number,
)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One parameter: what comes in for it, the names it may be told by, and what a claim can have for it.

    kind    the type that is right
    can_be  whether a value of that type is one that a claim can have
    other   how it is told that it is none, beside being below 0
    """

    given: Given
    fields: Sequence[str]
    kind: str
    can_be: z3.BoolRef
    other: str

    def allowed(self) -> z3.BoolRef:
        return both([negation(self.given.null), self.given.kind == text_number(self.kind), self.can_be])

    def told(self, field: z3.ArithRef, reason: z3.ArithRef) -> z3.BoolRef:
        """Whether a rejection says of this parameter what is true of it."""
        right = both([negation(self.given.null), self.given.kind == text_number(self.kind)])
        below = both([right, self.given.value < 0]) if self.kind == INT else FALSE
        reasons = {WRONG_TYPE: negation(right), NEGATIVE: below, self.other: both([right, negation(below)])}
        said = [both([reason == text_number(one), holds]) for one, holds in reasons.items()]
        return both([either([field == text_number(one) for one in self.fields]), either(said)])


def formulas_called(public: Mapping[str, ast.FunctionDef], book: Book) -> Mapping[str, str]:
    """The formula behind each function for everybody.

    Raises Outside for a function that is no checks and then such a call, and where a formula has no such function.
    """
    found = {name: _formula(function) for name, function in public.items()}
    called = {name for name, calls in book.calls.items() if isinstance(calls[0].values[0], Whole)}
    for name, formula in found.items():
        if formula not in called:
            raise Outside(public[name].lineno, f"{name}, which calls no formula that settles claims")
    for formula in sorted(called):
        if list(found.values()).count(formula) != 1:
            raise Outside(book.calls[formula][0].line, f"not one function for everybody that calls {formula}")
    return found


def _formula(function: ast.FunctionDef) -> str:
    """What is called once nothing was raised. No test may give a parameter another value than the one it looks at."""
    match function.body:
        case [ast.Expr(ast.Constant(str())), *checks, ast.Return(ast.Call(ast.Name(formula), arguments, []))] if (
            all(isinstance(check, ast.If) and not check.orelse and _raises(check.body) for check in checks)
            and not any(isinstance(node, ast.NamedExpr) for node in ast.walk(function))
            and [ast.unparse(one) for one in arguments] == parameters_of(function)
        ):
            return formula
        case _:
            raise Outside(function.lineno, f"what {function.name} checks and calls")


def _raises(body: Sequence[ast.stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def public_duties(
    function: ast.FunctionDef, formula: ast.FunctionDef, book: Book, settling: Scope, model: Model
) -> Iterator[Duty]:
    """What must never happen where somebody calls a function; `settling` is where claims are settled."""
    name, line, calls = function.name, function.lineno, book.calls[formula.name]
    if ast.unparse(function.args) != ast.unparse(formula.args):
        raise Outside(line, f"other parameters of {name} than those of {formula.name}")
    parameters = list(_parameters(function, calls, settling.terms, model))
    checks = copy(function)
    nought = ast.copy_location(ast.Constant(0), function)
    checks.body = [*function.body[:-1], ast.copy_location(ast.Return(nought), function)]
    noted = Book()
    scope = Scope({}, settling.constants, settling.functions, TRUE, noted)
    outcome = call(checks, [one.given for one in parameters], scope)
    yield from noted.duties
    answered = negation(outcome.raised)
    other = negation(both([one.allowed() for one in parameters]))
    yield Duty(both([answered, other]), line, f"an answer from {name} to what no claim can have")
    rightly = either([one.told(outcome.error.field, outcome.error.reason) for one in parameters])
    yield Duty(both([outcome.raised, negation(rightly)]), line, f"another reason from {name} than is true")
    for handed in calls:
        refused = z3.substitute(outcome.raised, *_in_place(parameters, handed.values))
        yield Duty(both([handed.path, refused]), line, f"no answer from {name} to what a claim has", True, handed.of)


def _parameters(
    function: ast.FunctionDef, calls: Sequence[Call], terms: Mapping[str, z3.ArithRef], model: Model
) -> Iterator[_Parameter]:
    """What each parameter stands for, by what the formula is handed for it; the first one for whatever that is."""
    known = bounds_when_settled(model)
    for place, name in enumerate(parameters_of(function)):
        handed = [one.values[place] for one in calls]
        fields = [name] if place == 0 else [of for of in terms if is_named(name, of) and _is(handed, terms[of])]
        if not fields:
            raise Outside(function.lineno, f"the parameter {name} of {function.name}, which is handed something else")
        given = _given(f"{function.name}: {name}")
        numbers = [(one.term, known) for one in handed if isinstance(one, Whole)]
        words = model.categories.get(fields[0], ())
        if len(numbers) == len(handed):
            lowest, highest = bounds_of_handed(numbers)
            within = both([given.value >= lowest, given.value <= highest])
            yield _Parameter(given, fields, INT, within, OUT_OF_RANGE)
        elif words and all(isinstance(one, Text) for one in handed):
            one_of = either([given.value == text_number(word) for word in words])
            yield _Parameter(given, fields, STR, one_of, UNKNOWN_VALUE)
        else:
            raise Outside(function.lineno, f"the parameter {name} of {function.name}")


def _is(handed: Sequence[Value], term: z3.ArithRef) -> bool:
    return all(isinstance(one, Whole | Text) and z3.eq(one.term, term) for one in handed)


def _given(name: str) -> Given:
    return Given(name, z3.Bool(f"no {name}"), z3.Int(f"type of {name}"), z3.Int(name), FALSE)


def _in_place(parameters: Sequence[_Parameter], values: Sequence[Value]) -> Iterator[tuple[z3.ExprRef, z3.ExprRef]]:
    """What a claim hands over in the place of what comes in."""
    for parameter, value in zip(parameters, values, strict=True):
        assert isinstance(value, Whole | Text)
        yield parameter.given.null, FALSE
        yield parameter.given.kind, z3.IntVal(text_number(parameter.kind))
        yield parameter.given.value, value.term
