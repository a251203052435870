"""The policy as it is written: one frozen node for each thing a drafter can say.

Numbers are exact fractions in the currency's own units (yuan, not fen), because the tree does not know the currency
yet. Spans stand last and do not count in comparisons.
"""

from __future__ import annotations

from dsl.tree.benefits import (
    AmountBlock as AmountBlock,
)
from dsl.tree.benefits import (
    BandEnd as BandEnd,
)
from dsl.tree.benefits import (
    BandLine as BandLine,
)
from dsl.tree.benefits import (
    BandTable as BandTable,
)
from dsl.tree.benefits import (
    BenefitBlock as BenefitBlock,
)
from dsl.tree.benefits import (
    BenefitClause as BenefitClause,
)
from dsl.tree.benefits import (
    ByList as ByList,
)
from dsl.tree.benefits import (
    CapBaseClause as CapBaseClause,
)
from dsl.tree.benefits import (
    CapClause as CapClause,
)
from dsl.tree.benefits import (
    DeductibleClause as DeductibleClause,
)
from dsl.tree.benefits import (
    Entry as Entry,
)
from dsl.tree.benefits import (
    KeyedPeriod as KeyedPeriod,
)
from dsl.tree.benefits import (
    LargerOf as LargerOf,
)
from dsl.tree.benefits import (
    Layer as Layer,
)
from dsl.tree.benefits import (
    OfClause as OfClause,
)
from dsl.tree.benefits import (
    PayClause as PayClause,
)
from dsl.tree.benefits import (
    PerClaim as PerClaim,
)
from dsl.tree.benefits import (
    Period as Period,
)
from dsl.tree.benefits import (
    PerLifetime as PerLifetime,
)
from dsl.tree.benefits import (
    PerMonth as PerMonth,
)
from dsl.tree.benefits import (
    PerPolicyYear as PerPolicyYear,
)
from dsl.tree.benefits import (
    PerYear as PerYear,
)
from dsl.tree.benefits import (
    SharedLimit as SharedLimit,
)
from dsl.tree.benefits import (
    SplitBlock as SplitBlock,
)
from dsl.tree.benefits import (
    StackBlock as StackBlock,
)
from dsl.tree.benefits import (
    ThresholdClause as ThresholdClause,
)
from dsl.tree.benefits import (
    Value as Value,
)
from dsl.tree.formulas import (
    OTHERWISE as OTHERWISE,
)
from dsl.tree.formulas import (
    Added as Added,
)
from dsl.tree.formulas import (
    Both as Both,
)
from dsl.tree.formulas import (
    Comparison as Comparison,
)
from dsl.tree.formulas import (
    Condition as Condition,
)
from dsl.tree.formulas import (
    Conditional as Conditional,
)
from dsl.tree.formulas import (
    Day as Day,
)
from dsl.tree.formulas import (
    Either as Either,
)
from dsl.tree.formulas import (
    Extreme as Extreme,
)
from dsl.tree.formulas import (
    Formula as Formula,
)
from dsl.tree.formulas import (
    Left as Left,
)
from dsl.tree.formulas import (
    Name as Name,
)
from dsl.tree.formulas import (
    Negated as Negated,
)
from dsl.tree.formulas import (
    Number as Number,
)
from dsl.tree.formulas import (
    OneOf as OneOf,
)
from dsl.tree.formulas import (
    Ratio as Ratio,
)
from dsl.tree.formulas import (
    RatioCell as RatioCell,
)
from dsl.tree.formulas import (
    Share as Share,
)
from dsl.tree.formulas import (
    Text as Text,
)
from dsl.tree.formulas import (
    Times as Times,
)
from dsl.tree.formulas import (
    Unknown as Unknown,
)
from dsl.tree.header import (
    AtMostFact as AtMostFact,
)
from dsl.tree.header import (
    CellKey as CellKey,
)
from dsl.tree.header import (
    ClaimBlock as ClaimBlock,
)
from dsl.tree.header import (
    ConformsTo as ConformsTo,
)
from dsl.tree.header import (
    CurrencyClause as CurrencyClause,
)
from dsl.tree.header import (
    DayRange as DayRange,
)
from dsl.tree.header import (
    DraftClause as DraftClause,
)
from dsl.tree.header import (
    FactLimit as FactLimit,
)
from dsl.tree.header import (
    FactLine as FactLine,
)
from dsl.tree.header import (
    For as For,
)
from dsl.tree.header import (
    FromLimit as FromLimit,
)
from dsl.tree.header import (
    Header as Header,
)
from dsl.tree.header import (
    HeaderClause as HeaderClause,
)
from dsl.tree.header import (
    InForceClause as InForceClause,
)
from dsl.tree.header import (
    ParameterBlock as ParameterBlock,
)
from dsl.tree.header import (
    ParameterRow as ParameterRow,
)
from dsl.tree.header import (
    ParameterTable as ParameterTable,
)
from dsl.tree.header import (
    PlainFact as PlainFact,
)
from dsl.tree.header import (
    PlainParameter as PlainParameter,
)
from dsl.tree.header import (
    RoundClause as RoundClause,
)
from dsl.tree.header import (
    SourceNote as SourceNote,
)
from dsl.tree.header import (
    Title as Title,
)
from dsl.tree.header import (
    UpToLimit as UpToLimit,
)
from dsl.tree.header import (
    WordFact as WordFact,
)
from dsl.tree.policy import (
    Block as Block,
)
from dsl.tree.policy import (
    Policy as Policy,
)
from dsl.tree.policy import (
    Standard as Standard,
)
from dsl.tree.policy import (
    StandardLine as StandardLine,
)
from dsl.tree.policy import (
    StandardRatioBound as StandardRatioBound,
)
from dsl.tree.policy import (
    StandardRatioNeverFalls as StandardRatioNeverFalls,
)
from dsl.tree.properties import (
    Allowed as Allowed,
)
from dsl.tree.properties import (
    AllowLine as AllowLine,
)
from dsl.tree.properties import (
    AlwaysLine as AlwaysLine,
)
from dsl.tree.properties import (
    AnyOrderLine as AnyOrderLine,
)
from dsl.tree.properties import (
    BoundLine as BoundLine,
)
from dsl.tree.properties import (
    CaseLines as CaseLines,
)
from dsl.tree.properties import (
    ExampleBlock as ExampleBlock,
)
from dsl.tree.properties import (
    Expected as Expected,
)
from dsl.tree.properties import (
    Given as Given,
)
from dsl.tree.properties import (
    NeverBelowLine as NeverBelowLine,
)
from dsl.tree.properties import (
    NeverFallsLine as NeverFallsLine,
)
from dsl.tree.properties import (
    NeverRisesLine as NeverRisesLine,
)
from dsl.tree.properties import (
    PeriodBoundLine as PeriodBoundLine,
)
from dsl.tree.properties import (
    RatioBoundLine as RatioBoundLine,
)
from dsl.tree.properties import (
    ReachesLine as ReachesLine,
)
from dsl.tree.properties import (
    RequireBlock as RequireBlock,
)
from dsl.tree.properties import (
    RequireLine as RequireLine,
)
