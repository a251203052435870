"""Whole-number code: what a calculator computes, before it is printed in some language.

Every node is a whole number; there are no fractions left, only floor divisions by constants. Printers decide nothing
about meaning: they know how their language writes each node.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.model import Relation


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A value by its name in the Model: a money fact, an earlier amount, or the argument of a `Function`."""

    name: str


@dataclass(frozen=True, slots=True)
class Add:
    """All terms added."""

    terms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Subtract:
    """`left - right`."""

    left: Code
    right: Code


@dataclass(frozen=True, slots=True)
class Multiply:
    """A constant times a value."""

    factor: int
    value: Code


@dataclass(frozen=True, slots=True)
class FloorDivide:
    """The largest whole number not above `value / divisor`; `divisor > 0`.

    never_negative says that `value >= 0` has been shown, so that languages whose division truncates may use it as it is.
    """

    value: Code
    divisor: int
    never_negative: bool


@dataclass(frozen=True, slots=True)
class Least:
    """The smallest of the terms."""

    terms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Greatest:
    """The largest of the terms."""

    terms: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`then` where the test holds, else `otherwise`."""

    test: Test
    then: Code
    otherwise: Code


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: the value for arguments up to and including `last`, and the policy line it comes from."""

    last: int
    value: Code
    line: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The value of the first step whose `last` is not below the argument; `top` above the last step.

    Steps are in rising order of `last`. Python prints a balanced tree of comparisons, SQL one CASE.
    """

    argument: Variable
    steps: tuple[Step, ...]
    top: Code
    top_line: int


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of a `Match`: the words of the facts, and the value."""

    words: tuple[str, ...]
    value: Code


@dataclass(frozen=True, slots=True)
class Match:
    """The value of the arm whose words are the claim's values of the category facts. The arms cover every combination."""

    facts: tuple[str, ...]
    arms: tuple[Arm, ...]


Code = Number | Variable | Add | Subtract | Multiply | FloorDivide | Least | Greatest | If | Ladder | Match


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left relation right`."""

    left: Code
    relation: Relation
    right: Code


@dataclass(frozen=True, slots=True)
class WordIn:
    """The category fact has one of the words."""

    fact: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Every test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The test does not hold."""

    test: Test


Test = Comparison | WordIn | And | Or | Negation


@dataclass(frozen=True, slots=True)
class Function:
    """A whole number from one whole number and some category facts: `f` of a benefit, the hot path of a calculator.

    name        the amount that it computes
    argument    the name of its argument
    facts       the category facts that it reads
    body        reads no other variable than the argument
    """

    name: str
    argument: str
    facts: tuple[str, ...]
    body: Code
