"""Statements of the star, asked of one scenario's canonical rows: who is who and what a status means is said once."""

from __future__ import annotations

import re
from functools import cache

from healthsim.analytics.star import declared
from healthsim.db.sql import quoted, sql_text

_BORROWED = re.compile(r"\{star\.(\w+)\}")


@cache
def with_star(package: str, name: str) -> str:
    """The text of ``<package>/sql/<name>.sql``, with ``{star.STATEMENT}`` as a subquery over the rows of ``$scenario``."""
    return _BORROWED.sub(lambda found: f"({_of_scenario(found.group(1))})", sql_text(package, name))


def _of_scenario(name: str) -> str:
    # the statement reads tables by bare names; it gets the rows of the scenario under those that it mentions
    statement = declared.statement(name)
    rows = ",\n".join(
        f"{quoted(table)} AS (SELECT * FROM main.{quoted(table)} WHERE scenario_id = $scenario)"
        for table in ("scenarios", *declared.SOURCES)
        if re.search(rf"\b{table}\b", statement)
    )
    return f"WITH {rows}\nSELECT * FROM (\n{statement}\n)"
