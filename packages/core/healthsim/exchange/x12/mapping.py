"""What the transactions of X12 show of which column, from their declarations."""

from __future__ import annotations

from healthsim.exchange.x12.elements import rows_of
from healthsim.exchange.x12.transactions import TRANSACTIONS


def tables() -> dict[str, list[tuple[str, str, str]]]:
    """By transaction: the loop, the element, and the columns that it shows."""
    return {
        f"{known.name} ({known.version})": [
            ("loop " + loop, element, shown) for loop, element, shown in rows_of(known.loops)
        ]
        for known in TRANSACTIONS.values()
    }
