"""One policy for each larger construct of the language, for tests that settle claims on every engine."""

from __future__ import annotations

from compiler.model import Model
from compiler.versions import merged
from tests.policies import model_of

HEADER = """\
policy constructs
  currency CNY
  {in_force}
  round half up to 0.01
claim
  person identifier
  family identifier
  day date
  cost money up to 1,000,000
  fund money up to 1,000,000
  income money from 10 up to 200,000
  days count from 1 up to 366
  total money up to 1,000
  level township | county | city
  text a | b
  number c | d
  ward plain | private
"""

LINE = """\
parameter line, by day
  2012-01-01 to 2013-06-30   100
  from 2013-07-01   150
"""

SHARE_LINE = """\
parameter share_line, by day, level
                            township county city
  2012-01-01 to 2013-03-31     50     60    70
  from 2013-04-01              55     65    75
"""

YEARS = "in force 2012-01-01 to 2014-12-31, by day"

IN_PERCENT = """\
  pay in slices of the amount
    over 0 to 5% of fund                50%
    over 5% of fund to 10% of fund      70%
    over 10% of fund to 10.5% of fund   90%
    over 10.5% of fund                  20%
"""

BODIES = {
    "a rate a day": """\
amount daily = if ward is plain then 1/3 of line else 70.55
benefit b
  of cost
  pay min(cost, daily * max(0, days - 3))
  cap line * days per claim
""",
    "an amount a day": "benefit b\n  of cost\n  pay min(cost, 50 * max(0, days - 3))\n  cap 200 * days per claim\n",
    "a dated deductible": "benefit b\n  of cost, added up per person per calendar year\n  deductible line\n  pay 1/3\n",
    "bands from a dated line": """\
benefit b
  of cost, added up per person per policy year from 04-01
  deductible line
  pay in slices of the amount, by level, ward
    township/plain township/private otherwise/otherwise
    over line to 1,000   60% 50% 40%
    over 1,000   90% 80% 70%
""",
    "a deductible by date and level": """\
benefit b
  of cost, added up per person per month
  deductible share_line
  pay 50%
  cap line per claim
""",
    "ends in percent of a fact": "benefit b\n  of cost\n" + IN_PERCENT,
    "ends in percent of a fact, claim after claim": (
        "benefit b\n  of cost, added up per family per lifetime\n" + IN_PERCENT
    ),
    "ends in percent of a fact above a deductible": """\
benefit b
  of cost
  deductible 5% of income
  pay in slices above the deductible
    from 0 to under 5% of fund           1/3
    from 5% of fund to under 1/7 of fund  70%
    from 1/7 of fund                      20%
""",
    "a deductible among the ends": """\
benefit b
  of cost, added up per person per calendar year
  deductible 7% of fund
  pay in slices of the amount, by ward
    plain private
    over 0 to 5% of fund               50%  40%
    over 5% of fund to 1/9 of fund     70%  60%
    over 1/9 of fund                   80%  90%
""",
    "the whole amount, by ends that follow from the claim": """\
benefit b
  of cost
  threshold from 5% of fund
  pay on the whole amount
    from 0 to under 5% of fund           10%
    from 5% of fund to under 1/7 of fund  70%
    from 1/7 of fund                      20%
""",
    "a threshold that follows from the claim": """\
benefit b
  of cost
  threshold over income
  pay 50%
""",
    "an end that is an amount": """\
amount half = 50% of (fund + income)
  round half even to 0.1
benefit b
  of max(0, cost - income), added up per person per calendar year
  deductible 10% of half
  pay in slices of the amount
    over 0 to half   50%
    over half        80%
""",
    "payers who share a cost": """\
split overspend
  of cost
  pay in slices of the amount, between insurer, agency
    insurer agency
    over 0 to 5% of fund             50%  50%
    over 5% of fund to 10% of fund   70%  30%
    over 10% of fund                100%   0%
""",
    "the larger of two, then the rest": """\
benefit flat
  of left
  pay 30%
benefit above
  of left
  deductible line
  pay 80%
benefit rest
  of left, added up per family per calendar year
  deductible 500
  pay 50%
stack of cost
  the larger of flat or above, then rest
""",
    "a family that shares a deductible": """\
benefit b
  of cost
  deductible 100 per person per calendar year, at most 150 per family per calendar year
  pay in slices above the deductible
    over 0 to 1,000  50%
    over 1,000       100%
  cap 2,000 per person per policy year from 09-15
  cap 300 per claim
""",
    "facts whose names calculators use themselves": """\
benefit b
  of cost, added up per person per month
  deductible 5% of total
  pay in slices of the amount, by text, number
    a/c a/d otherwise/otherwise
    over 0 to 10% of total  10% 20% 30%
    over 10% of total       20% 30% 40%
  cap 50 * days per claim
""",
    "a yearly cap that several words share": """\
benefit b
  of cost, added up per person per calendar year
  pay in slices of the amount, by level, ward
    township/plain township/private otherwise/otherwise
    over 0 to 1,000   60% 50% 40%
    over 1,000        90% 80% 70%
  cap by ward plain 900, private 600
  cap 400 per person per month
""",
    "a yearly cap in percent of a fact": """\
benefit b
  of cost, added up per person per calendar year
  deductible 10
  pay 1/3
  cap 10% of income
""",
    "an amount of what is left": """\
benefit plan
  of cost
  pay 60%
benefit voucher
  of left
  for ward is plain
  pay if left > 50 then min(total, left) else left
stack of cost
  plan, then voucher
""",
    "an out-of-pocket maximum": """\
benefit plan
  of cost, added up per person per calendar year
  deductible 500
  pay 80%
benefit maximum
  of left, added up per family per calendar year
  deductible 1,000
  pay 100%
stack of cost
  plan, then maximum
""",
}


def construct(name: str, in_force: str = YEARS) -> Model:
    """The policy of that name."""
    return model_of(text_of(name, in_force))


def text_of(name: str, in_force: str = YEARS) -> str:
    """The same as it is written."""
    body = BODIES[name]
    parameters = {" line": LINE, " share_line": SHARE_LINE}
    used = [parameter for name, parameter in parameters.items() if name in body]
    return "".join([HEADER.format(in_force=in_force), *used, body])


VERSIONS = {
    "versions with other figures": ("a dated deductible", "bands from a dated line", "a deductible by date and level"),
    "versions with other benefits": ("payers who share a cost", "the larger of two, then the rest"),
    "versions with other ends": (
        "ends in percent of a fact, claim after claim",
        "a deductible among the ends",
        "ends in percent of a fact",
    ),
    "versions that share a yearly cap": (
        "a yearly cap that several words share",
        "a yearly cap in percent of a fact",
        "a dated deductible",
        "a yearly cap that several words share",
    ),
    "versions that count otherwise": (
        "a family that shares a deductible",
        "a threshold that follows from the claim",
        "a family that shares a deductible",
        "an amount a day",
    ),
}


def versions(name: str) -> Model:
    """The versions of that name as one policy: each for 200 days, with a day between them that none covers."""
    days = (
        "2012-01-01 to 2012-07-18",
        "2012-07-20 to 2013-02-04",
        "2013-02-06 to 2013-08-23",
        "2013-08-25 to 2014-06-30",
    )
    bodies = zip(VERSIONS[name], days, strict=False)
    return merged([construct(body, f"in force {days}, by day") for body, days in bodies])
