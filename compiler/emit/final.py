"""What calculators are made of: policies that are no drafts, all of whose ratios are known."""

from __future__ import annotations

from compiler.model import Model, Schedule, walk


def require_final(model: Model) -> None:
    """Assert that the driver has refused drafts and unknown ratios (TP106) before it asks for a calculator."""
    assert not model.draft, f"{model.id} is a draft"
    for amount in model.amounts:
        for node in walk(amount.expression):
            cells = [] if not isinstance(node, Schedule) else [cell for band in node.bands for cell in band.ratios]
            assert all(cell.unknown is None for cell in cells), f"{amount.name} has an unknown ratio"
