"""The Model: what a policy means, as a row of named amounts of one claim.

    facts --> amount 1 --> amount 2 --> ... --> benefit A --> left after A --> benefit B --> ... --> own share

Every amount is a whole number of minor units and is computed from facts and earlier amounts; between
roundings the value of an expression is an exact fraction. Only a `RunningTotal` reaches outside the claim.
Band schedules and running totals stay whole, because the verifier, the calculators and the explanation each
want their own best form of them. `docs/semantics.md` is the meaning of every node in words;
`compiler/evaluate.py` is that meaning as a program.

Spans stand last in every node and do not count in comparisons.
"""

from __future__ import annotations

from compiler.model.amounts import (
    OWN_SHARE as OWN_SHARE,
)
from compiler.model.amounts import (
    Amount as Amount,
)
from compiler.model.amounts import (
    Role as Role,
)
from compiler.model.expressions import (
    Accumulated as Accumulated,
)
from compiler.model.expressions import (
    AllOf as AllOf,
)
from compiler.model.expressions import (
    AmountValue as AmountValue,
)
from compiler.model.expressions import (
    AnyOf as AnyOf,
)
from compiler.model.expressions import (
    Band as Band,
)
from compiler.model.expressions import (
    BandRatio as BandRatio,
)
from compiler.model.expressions import (
    Bound as Bound,
)
from compiler.model.expressions import (
    ByCategory as ByCategory,
)
from compiler.model.expressions import (
    Capped as Capped,
)
from compiler.model.expressions import (
    Cell as Cell,
)
from compiler.model.expressions import (
    Choice as Choice,
)
from compiler.model.expressions import (
    Compare as Compare,
)
from compiler.model.expressions import (
    Condition as Condition,
)
from compiler.model.expressions import (
    Constant as Constant,
)
from compiler.model.expressions import (
    Deductible as Deductible,
)
from compiler.model.expressions import (
    Difference as Difference,
)
from compiler.model.expressions import (
    Expression as Expression,
)
from compiler.model.expressions import (
    FactValue as FactValue,
)
from compiler.model.expressions import (
    IsOneOf as IsOneOf,
)
from compiler.model.expressions import (
    Largest as Largest,
)
from compiler.model.expressions import (
    Manner as Manner,
)
from compiler.model.expressions import (
    Measured as Measured,
)
from compiler.model.expressions import (
    Not as Not,
)
from compiler.model.expressions import (
    Opening as Opening,
)
from compiler.model.expressions import (
    Relation as Relation,
)
from compiler.model.expressions import (
    Rounded as Rounded,
)
from compiler.model.expressions import (
    Scaled as Scaled,
)
from compiler.model.expressions import (
    Schedule as Schedule,
)
from compiler.model.expressions import (
    Smallest as Smallest,
)
from compiler.model.expressions import (
    Sum as Sum,
)
from compiler.model.expressions import (
    Threshold as Threshold,
)
from compiler.model.expressions import (
    TotalSoFar as TotalSoFar,
)
from compiler.model.facts import (
    CLAIM_NUMBER as CLAIM_NUMBER,
)
from compiler.model.facts import (
    CategoryFact as CategoryFact,
)
from compiler.model.facts import (
    CountFact as CountFact,
)
from compiler.model.facts import (
    DateArm as DateArm,
)
from compiler.model.facts import (
    DatedFact as DatedFact,
)
from compiler.model.facts import (
    DateFact as DateFact,
)
from compiler.model.facts import (
    Fact as Fact,
)
from compiler.model.facts import (
    IdentifierFact as IdentifierFact,
)
from compiler.model.facts import (
    InForce as InForce,
)
from compiler.model.facts import (
    MoneyFact as MoneyFact,
)
from compiler.model.facts import (
    Period as Period,
)
from compiler.model.facts import (
    PeriodKind as PeriodKind,
)
from compiler.model.facts import (
    RunningTotal as RunningTotal,
)
from compiler.model.policy import (
    Benefit as Benefit,
)
from compiler.model.policy import (
    Model as Model,
)
from compiler.model.policy import (
    sources as sources,
)
from compiler.model.properties import (
    Allowance as Allowance,
)
from compiler.model.properties import (
    Allowed as Allowed,
)
from compiler.model.properties import (
    Always as Always,
)
from compiler.model.properties import (
    AmountBound as AmountBound,
)
from compiler.model.properties import (
    AnyOrder as AnyOrder,
)
from compiler.model.properties import (
    Conformity as Conformity,
)
from compiler.model.properties import (
    Example as Example,
)
from compiler.model.properties import (
    ExampleClaim as ExampleClaim,
)
from compiler.model.properties import (
    Expectation as Expectation,
)
from compiler.model.properties import (
    FactInput as FactInput,
)
from compiler.model.properties import (
    NeverBelow as NeverBelow,
)
from compiler.model.properties import (
    NeverFalls as NeverFalls,
)
from compiler.model.properties import (
    NeverRises as NeverRises,
)
from compiler.model.properties import (
    PeriodBound as PeriodBound,
)
from compiler.model.properties import (
    RatioBound as RatioBound,
)
from compiler.model.properties import (
    RatioNeverFalls as RatioNeverFalls,
)
from compiler.model.properties import (
    Reaches as Reaches,
)
from compiler.model.properties import (
    Requirement as Requirement,
)
from compiler.model.properties import (
    Side as Side,
)
from compiler.model.walking import (
    children as children,
)
from compiler.model.walking import (
    condition_expressions as condition_expressions,
)
from compiler.model.walking import (
    condition_facts as condition_facts,
)
from compiler.model.walking import (
    names_in as names_in,
)
from compiler.model.walking import (
    reads as reads,
)
from compiler.model.walking import (
    rebuilt as rebuilt,
)
from compiler.model.walking import (
    rebuilt_condition as rebuilt_condition,
)
from compiler.model.walking import (
    totals_in as totals_in,
)
from compiler.model.walking import (
    walk as walk,
)
from compiler.model.walking import (
    words_read as words_read,
)
