"""The columns of the star's tables, as the heads of their statements declare them: what the registry is checked against."""

from __future__ import annotations

from functools import cache

from healthsim.analytics.star import declared


@cache
def columns_of(table: str) -> dict[str, str]:
    """Column -> SQL type of a table of the schema ``analytics``."""
    return {column.name: column.type for column in declared.columns_of(table)}
