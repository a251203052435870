"""The policy as a whole: its facts, its row of amounts, and what it asks to be proved."""

from __future__ import annotations

from datetime import date

from compiler.caps import counted
from compiler.lower.benefit import benefit_steps, is_rest, larger_of_two
from compiler.lower.formula import formula, named_amount, rounded
from compiler.lower.parameter import dated_facts, minor_units
from compiler.lower.properties import allowance, conformity, example, requirement
from compiler.model import (
    OWN_SHARE,
    Amount,
    AmountValue,
    Benefit,
    CategoryFact,
    CountFact,
    DateFact,
    Difference,
    Expression,
    Fact,
    IdentifierFact,
    InForce,
    Model,
    MoneyFact,
    Role,
    Sum,
)
from dsl import tree
from dsl.money import DOMAIN_TOP, Currency
from dsl.scope import Scope
from dsl.typecheck import CheckedPolicy
from dsl.typecheck.amounts import computing_order, has_ratio, reads_left
from dsl.typecheck.benefits import of_clause, rounding_of
from dsl.typecheck.standards import conformities


def lower(checked: CheckedPolicy) -> Model:
    """The Model of a policy that has passed `dsl.typecheck.check`."""
    policy, scope = checked.tree, checked.scope
    assert scope.currency is not None
    header = policy.header
    titles = [clause.text.value for clause in header.clauses if isinstance(clause, tree.Title)]
    sources = [clause.text.value for clause in header.clauses if isinstance(clause, tree.SourceNote)]
    cost = _cost(scope)
    facts = tuple(fact for block in policy.blocks if isinstance(block, tree.ClaimBlock) for fact in block.facts)

    def exchanged(first: str, second: str) -> tuple[Amount, ...]:
        return _amounts(cost, header, scope.exchanged(first, second))

    model = Model(
        id=header.name.text,
        title=titles[0] if titles else header.name.text,
        source="; ".join(sources),
        currency=scope.currency,
        draft=any(isinstance(clause, tree.DraftClause) for clause in header.clauses),
        in_force=_in_force(scope),
        facts=tuple(_fact(fact, scope.currency) for fact in facts),
        dated=dated_facts(scope),
        amounts=_amounts(cost, header, scope),
        cost=cost,
        benefits=tuple(_benefit(scope.benefits[name]) for name in scope.layers()),
        requirements=tuple(
            requirement(line, scope, exchanged)
            for block in policy.blocks
            if isinstance(block, tree.RequireBlock)
            for line in block.lines
        ),
        conformities=tuple(
            conformity(checked.standards[clause.standard.text], block.name.text, clause.span)
            for clause, block in conformities(policy, scope)
        ),
        allowances=tuple(allowance(block) for block in policy.blocks if isinstance(block, tree.AllowLine)),
        examples=tuple(
            example(block, scope, _usual_day(scope)) for block in policy.blocks if isinstance(block, tree.ExampleBlock)
        ),
        span=header.span,
    )
    return counted(model)


def _in_force(scope: Scope) -> InForce | None:
    clause = scope.in_force
    if clause is None:
        return None
    return InForce(clause.first.value, None if clause.last is None else clause.last.value, clause.by.text, clause.span)


def _usual_day(scope: Scope) -> date:
    """The day of an example's claim that names none."""
    return date(2024, 1, 1) if scope.in_force is None else scope.in_force.first.value


def _fact(fact: tree.FactLine, currency: Currency) -> Fact:
    match fact:
        case tree.WordFact(name, words, span):
            return CategoryFact(name.text, tuple(word.text for word in words), span)
        case tree.PlainFact(name, tree.Name("identifier"), _, span):
            return IdentifierFact(name.text, span)
        case tree.PlainFact(name, tree.Name("date"), _, span):
            return DateFact(name.text, span)
        case tree.PlainFact(name, kind, limits, span):
            count = kind.text == "count"
            lowest, highest, at_most = 0, DOMAIN_TOP, None
            for limit in limits:
                match limit:
                    case tree.FromLimit(value):
                        lowest = value.value.numerator if count else minor_units(value, currency)
                    case tree.UpToLimit(value):
                        highest = value.value.numerator if count else minor_units(value, currency)
                    case tree.AtMostFact(other):
                        at_most = other.text
            if count:
                return CountFact(name.text, lowest, highest, span)
            return MoneyFact(name.text, lowest, highest, at_most, span)


def _benefit(block: tree.BenefitBlock) -> Benefit:
    name = block.name.text
    of_left = reads_left(of_clause(block).formula)
    return Benefit(name, f"{name}.base", of_left, block.name.span, is_rest(block))


def _cost(scope: Scope) -> Expression:
    """What the benefits and the own share add up to: `stack of`, or what the first layer is of."""
    if scope.stack is not None and scope.stack.of is not None:
        return formula(scope.stack.of, scope)
    first = scope.benefits[scope.layers()[0]]
    of = of_clause(first).formula
    return rounded(formula(of, scope), rounding_of(first, scope) if has_ratio(of) else None, scope)


def _amounts(cost: Expression, header: tree.Header, scope: Scope) -> tuple[Amount, ...]:
    """The row of amounts, each behind what it reads, and the own share at the end."""
    amounts: list[Amount] = []
    computed: set[str] = set()
    for name in computing_order(scope):
        computed.add(name)
        if name in scope.amounts:
            amounts.append(_named_amount(scope.amounts[name], scope))
            continue
        amounts += benefit_steps(scope.benefits[name], cost, scope)
        rival = scope.rival(name)
        if rival in computed:
            amounts += larger_of_two(name, rival, scope)
    paid = Sum(tuple(AmountValue(name, header.span) for name in scope.layers()), header.span)
    own_share = Difference(cost, paid, cost.span)
    return (*amounts, Amount(OWN_SHARE, Role.OWN_SHARE, own_share, None, cost.span))


def _named_amount(block: tree.AmountBlock, scope: Scope) -> Amount:
    return Amount(block.name.text, Role.NAMED, named_amount(block, scope), None, block.name.span)
