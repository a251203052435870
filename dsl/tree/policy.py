"""A whole file: a policy, or a standard."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.source import Span
from dsl.tree.benefits import AmountBlock, BenefitBlock, SplitBlock, StackBlock
from dsl.tree.formulas import Name, Ratio
from dsl.tree.header import ClaimBlock, Header, ParameterTable, PlainParameter, SourceNote, Title
from dsl.tree.properties import AllowLine, ExampleBlock, RequireBlock

Block = (
    ClaimBlock
    | PlainParameter
    | ParameterTable
    | AmountBlock
    | BenefitBlock
    | SplitBlock
    | StackBlock
    | RequireBlock
    | AllowLine
    | ExampleBlock
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole file: the header and the blocks under it, in the order written."""

    header: Header
    blocks: tuple[Block, ...]
    span: Span = field(compare=False, repr=False)


# A standard -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StandardRatioNeverFalls:
    """`benefit ratio never falls`."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StandardRatioBound:
    """`benefit ratio at least 50%`."""

    at_least: bool
    ratio: Ratio
    span: Span = field(compare=False, repr=False)


StandardLine = StandardRatioNeverFalls | StandardRatioBound


@dataclass(frozen=True, slots=True)
class Standard:
    """A file that holds only requirements, which benefits of other files conform to."""

    name: Name
    clauses: tuple[Title | SourceNote, ...]
    lines: tuple[StandardLine, ...]
    span: Span = field(compare=False, repr=False)
