"""PolicyEngine: the same as a variable of its own core, whose scales come from parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from policyengine_core.entities import build_entity
from policyengine_core.periods import YEAR
from policyengine_core.simulations import SimulationBuilder
from policyengine_core.taxbenefitsystems import TaxBenefitSystem
from policyengine_core.taxscales import MarginalRateTaxScale
from policyengine_core.variables import Variable

from benchmarks.field.claims import ENDS, PERCENT, Candidate, Claims, half_up

Person = build_entity(key="person", plural="persons", label="", is_person=True)


def _scale(percent: tuple[int, ...]) -> Any:
    scale = MarginalRateTaxScale()
    scale.add_bracket(0, 0)
    for end, ratio in zip(ENDS, percent, strict=True):
        scale.add_bracket(end, ratio / 100)
    return scale


GENERAL, LISTED = (_scale(percent) for percent in PERCENT.values())


class borne(Variable):  # type: ignore[misc]  # noqa: N801
    """A year's cost, in yuan."""

    value_type = float
    label = "as its name says"
    entity = Person
    definition_period = YEAR


class is_listed(Variable):  # type: ignore[misc]  # noqa: N801
    """Whether the illness is listed."""

    value_type = bool
    label = "as its name says"
    entity = Person
    definition_period = YEAR


class critical_illness(Variable):  # type: ignore[misc]  # noqa: N801
    """What is paid, in yuan."""

    value_type = float
    label = "as its name says"
    entity = Person
    definition_period = YEAR

    def formula(person: Any, period: Any) -> Any:  # noqa: N805
        cost = person("borne", period)
        return np.where(person("is_listed", period), LISTED.calc(cost), GENERAL.calc(cost))


def whole_arrays(claims: Claims) -> Candidate:
    """One simulation whose persons are the claims."""
    system = TaxBenefitSystem([Person])
    for variable in (borne, is_listed, critical_illness):
        system.add_variable(variable)
    simulation = SimulationBuilder().build_default_simulation(system, count=len(claims.totals))
    simulation.set_input("borne", "2013", np.array(claims.totals) / 100)
    simulation.set_input("is_listed", "2013", np.frombuffer(claims.illness, np.uint8).astype(bool))

    def run() -> Any:
        simulation.delete_arrays("critical_illness", "2013")
        return simulation.calculate("critical_illness", "2013")

    return Candidate(run, lambda paid: half_up(paid.astype(np.float64).tolist()))
