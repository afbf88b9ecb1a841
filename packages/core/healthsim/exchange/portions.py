"""Statements whose rows are read in portions, in an order that is laid out before, so that memory stays flat.

The order is a statement that makes the temporary table ``written_order`` with a ``position``, from 1; the rows are a statement
over the positions after ``$after`` until ``$until``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from healthsim.db.sql import filled, sql_text

if TYPE_CHECKING:
    from healthsim.state.tables import ScenarioTables

#: how many things (claims, members) one portion holds
PORTION = 50_000
#: rows that are fetched at a time
_FETCHED = 1_000

Row = tuple[Any, ...]


def portions(
    tables: ScenarioTables, package: str, order: str, rows: str, names: Mapping[str, str], **values: Any
) -> Iterator[Row]:
    """The rows of a statement, in the order that another one lays out.

    Args:
        package: whose ``sql`` folder has both.
        order, rows: the two.
        names: what they leave open.
        values: what they ask for beside the positions.
    """
    tables.execute(filled(sql_text(package, order), names), values)
    last = tables.one("SELECT coalesce(max(position), 0) FROM written_order")
    statement = filled(sql_text(package, rows), names)
    for after in range(0, last, PORTION):
        found = tables.execute(statement, {"after": after, "until": after + PORTION, **values})
        while fetched := found.fetchmany(_FETCHED):
            yield from fetched
