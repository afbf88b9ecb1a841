"""The statements of this package: ``sql/*.sql``, with their placeholders filled in."""

from __future__ import annotations

from healthsim.db import sql
from healthsim.state.tables import HERE


def filled(statement: str, **names: str) -> str:
    """The text of ``sql/<statement>.sql``; each ``{placeholder}`` becomes a quoted name or a piece of SQL.

    ``{here}`` is the condition on rows of the scenario ``$scenario``.
    """
    return sql.filled(sql.sql_text("healthsim.state", statement), {"here": HERE, **names})
