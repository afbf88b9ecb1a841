"""The statements of this package: ``sql/*.sql``, with their placeholders filled in."""

from __future__ import annotations

from healthsim.db.sql import sql_text


def filled(statement: str, **names: str) -> str:
    """The text of ``sql/<statement>.sql``; each ``{placeholder}`` becomes a quoted name or a piece of SQL."""
    text = sql_text("healthsim.state", statement)
    for placeholder, value in names.items():
        text = text.replace("{" + placeholder + "}", value)
    return text
