"""One claim under the Ningxia policy: as facts, put into its table, and what comes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

ONE = """
INSERT INTO "ningxia_critical_illness_claims" ("claim", "person", "discharged", "borne", "illness")
VALUES ('1', 'li', '2013-05-02', 2000000, 'general')
"""
PAID = 'SELECT "critical_illness" FROM "ningxia_critical_illness"'
REJECTED = 'SELECT "field", "reason" FROM "ningxia_critical_illness_rejected"'


def one_claim(**changed: Any) -> dict[str, Any]:
    """The facts of the claim, with changes."""
    usual = {"claim": "1", "person": "li", "discharged": date(2013, 5, 2), "borne": 2_000_000, "illness": "general"}
    return {**usual, **changed}
