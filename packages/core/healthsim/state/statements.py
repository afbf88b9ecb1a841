"""The statements of this package: ``sql/*.sql``, with their placeholders filled in."""

from __future__ import annotations

from healthsim.db import sql
from healthsim.state.tables import HERE, in_scenario

_CONDITIONS = {"here": HERE, "in_source": in_scenario("source"), "in_target": in_scenario("target")}


def filled(statement: str, **names: str) -> str:
    """The text of ``sql/<statement>.sql``; each ``{placeholder}`` becomes a quoted name or a piece of SQL.

    ``{here}`` is the condition on rows of the scenario ``$scenario``, ``{in_source}`` and ``{in_target}`` are those of two.
    """
    return sql.filled(sql.sql_text("healthsim.state", statement), {**_CONDITIONS, **names})
