"""The worked figures in the reference interpreter; and that each is found out where a clause is changed."""

from __future__ import annotations

import pytest

from compiler.evaluate import settle_all
from compiler.model import Model
from tests.policies import amount_of
from tests.worked_figures import WORKED, Worked, model_of_worked, years_of


def differences(worked: Worked, model: Model) -> list[tuple[str, int, int]]:
    """The amounts that do not come to what they must: their name, what they must be, and what they are."""
    return [
        (name, due, amount_of(outcome, name))
        for year in years_of(worked, model)
        for outcome, wanted in zip(settle_all(model, year.claims), year.wanted, strict=True)
        for name, due in wanted.items()
        if amount_of(outcome, name) != due
    ]


@pytest.mark.parametrize("worked", WORKED, ids=lambda worked: worked.says)
def test_a_worked_figure_comes_out(worked: Worked) -> None:
    assert differences(worked, model_of_worked(worked)) == []


@pytest.mark.parametrize("worked", WORKED, ids=lambda worked: worked.says)
def test_with_a_clause_changed_it_does_not(worked: Worked) -> None:
    assert differences(worked, model_of_worked(worked, changed=True)) != []
