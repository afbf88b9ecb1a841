"""The columns of the star's tables, as its migrations declare them: the truth that the registry is checked against."""

from __future__ import annotations

import re
from functools import cache

from healthsim.db.history import definitions

_COLUMN = re.compile(
    r"^ {4}\"?(\w+)\"? ([A-Z]+(?:\(\d+,\d+\))?)(?: USING COMPRESSION \w+)?,?\s*(?:-- (.*))?$", re.MULTILINE
)


@cache
def columns_of(table: str) -> dict[str, str]:
    """Column -> SQL type of a table of the schema ``analytics``."""
    return {name: kind for name, kind, _ in described(table)}


@cache
def described(table: str) -> list[tuple[str, str, str]]:
    """(column, SQL type, meaning) of a table of the schema ``analytics``."""
    return _COLUMN.findall(definitions("analytics")[table])
