"""The columns of the star's tables, as its migration declares them: the truth that the registry is checked against."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_COLUMN = re.compile(r"^ {4}\"?(\w+)\"? ([A-Z]+(?:\(\d+,\d+\))?),?\s*(?:--.*)?$", re.MULTILINE)


@cache
def columns_of(table: str) -> dict[str, str]:
    """Column -> SQL type of a table of the schema ``analytics``."""
    folder = files("healthsim.db").joinpath("versions", "0003_analytics")
    text = folder.joinpath(f"{table}.sql").read_text(encoding="utf-8")
    return dict(_COLUMN.findall(text))
