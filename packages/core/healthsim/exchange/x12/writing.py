"""From a scenario to the texts of X12: what its statements read beside the tables of the scenario."""

from __future__ import annotations

from healthsim.db.sql import sql_text

PACKAGE = "healthsim.exchange.x12"
#: how many claims or members a transaction set has at most; the guides recommend no more than 5,000
SET_SIZE = 1_000


def queries() -> dict[str, str]:
    """The names that statements of this package read beside the tables of the scenario."""
    return {f"x12_{name}": sql_text(PACKAGE, name) for name in ("plans", "insured", "subscribers", "parties")}
