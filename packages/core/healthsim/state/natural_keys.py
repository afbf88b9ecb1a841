"""Entities by what people call them: an MRN, an NPI."""

from __future__ import annotations

from healthsim.db.sql import quoted
from healthsim.model import EntityType
from healthsim.state.tables import HERE


def natural_key_map(target: EntityType) -> str:
    """The SQL of (natural_key, id) of a type in one scenario ($scenario), without values that are ids themselves."""
    table, key = quoted(target.plural), quoted(target.key)
    parts = " UNION ALL ".join(
        f"SELECT {quoted(name)} AS natural_key, {key} AS id FROM here WHERE {quoted(name)} IS NOT NULL"
        for name in target.model.natural_keys
    )
    return (
        f"WITH here AS (SELECT * FROM main.{table} WHERE {HERE})"
        f" SELECT natural_key, min(id) AS id FROM ({parts})"
        f" WHERE natural_key NOT IN (SELECT {key} FROM here) GROUP BY natural_key"
    )
